"""The rules that build the ops of Keras layers and operations: each module enters its own into the registry."""
