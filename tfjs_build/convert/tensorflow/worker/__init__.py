"""What runs in the Python that has the user's TensorFlow: models come in as code or files, SavedModels go out.

That Python need not have tfjs-build, nor be of its version (3.9 is enough), so nothing here imports anything of it:
`convert/tensorflow/service.py` loads this folder as a package of its own, by its path. `supervisor.py` stays alive,
with TensorFlow imported, and never runs the user's code; each request has a process of its own, which does.
"""
