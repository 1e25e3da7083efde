"""Models that need the user's own TensorFlow: it writes a SavedModel of them, which our own converter reads.

The parent has a `Service`, which starts TensorFlow when a conversion first asks for it; a conversion gets its `Place`
and asks with `opened`. Nothing here imports TensorFlow but the scripts in `worker`, which run in the user's Python.
"""
