"""Conversions proved by numbers: written by TensorFlow, built without it, run by TensorFlow.js in Node, compared."""
