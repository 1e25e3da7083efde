"""Imports all that a conversion needs: what the server of forks has done before the first save."""

import gc
import importlib
import os
import pkgutil

# Conversions run side by side; none of them is to take all cores for a product of small matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tfjs_build.convert
import tfjs_build.job

for _module in pkgutil.walk_packages(tfjs_build.convert.__path__, "tfjs_build.convert."):
    importlib.import_module(_module.name)

gc.collect()
gc.freeze()  # what all forks share stays shared
