"""Imports all that a conversion needs: what the server of forks has done before the first save."""

import gc
import os

# Conversions run side by side; none of them is to take all cores for a product of small matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tfjs_build.job
from tfjs_build import collector
from tfjs_build.sources.opening import import_converters
from tfjs_build.sources.registry import KINDS

assert tfjs_build.job
import_converters(KINDS)

collector.seldom()
gc.collect()
gc.freeze()  # what all forks share stays shared
