"""What TensorFlow Lite's operators mean, in TensorFlow's; importing the package enters them all.

The kernels in tensorflow/lite/kernels are what they are held against: the schema says little of their meaning.
"""

from tfjs_build.modules import import_all

import_all(__name__, __path__)
