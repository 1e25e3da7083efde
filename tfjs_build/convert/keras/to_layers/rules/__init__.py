"""The rules that build layers of TensorFlow.js from those of Keras: each module enters its own into the registry."""

from tfjs_build.modules import import_all

import_all(__name__, __path__)
