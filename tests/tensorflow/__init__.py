"""Models that need the user's own TensorFlow and code: what they become, what is refused, and what goes wrong."""
