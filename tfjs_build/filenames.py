"""What is called by a fixed name: the manifest, and the folder of our own beside it."""

MANIFEST = "tfjs.yaml"

STATE_FOLDER = ".tfjs-build"
"""Where tfjs-build keeps its state, beside the manifest."""
