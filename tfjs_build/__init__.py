"""tfjs-build: TensorFlow models as part of a web build, converted without TensorFlow."""

__version__ = "0.1.0"
