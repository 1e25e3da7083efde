"""The oracle: networks written by TensorFlow and Keras themselves, with the numbers that they give.

`python -m tests.oracle SUITE FOLDER`, run by a Python that has TensorFlow and both Keras generations, writes one suite.
Everything else here is imported by that one process, but for `tensors` (the file format), which the tests read with.
"""
