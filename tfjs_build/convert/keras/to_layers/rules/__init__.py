"""The rules that build layers of TensorFlow.js from those of Keras: each module enters its own into the registry."""
