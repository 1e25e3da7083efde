"""The rules that build the ops of Keras layers and operations: each module enters its own into the registry."""

from tfjs_build.modules import import_all

import_all(__name__, __path__)
