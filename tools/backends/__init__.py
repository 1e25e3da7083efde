"""Measures what each backend of TensorFlow.js can do: single ops in Chromium beside TensorFlow's numbers."""
