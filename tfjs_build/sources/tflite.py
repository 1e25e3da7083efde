"""TensorFlow Lite models: one file with the graph and its numbers, as Teachable Machine and Model Maker hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.sources.kind import Kind

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model


class TensorFlowLite(Kind):
    """Files of TensorFlow Lite, which is called LiteRT now."""

    input_format = "tflite"
    called = "a TensorFlow Lite model"
    endings = file_names = listed_files = (".tflite",)
    begins = (b"TFL3",)
    begins_at = 4
    keys = ("signature",)
    packages = ("tfjs_build.convert.tflite", "tfjs_build.convert.saved_model")
    in_zip = True
    in_tensorflow = False

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert the model's signature, or its graph where it has none."""
        from tfjs_build.convert.tflite import open_tflite_model

        return open_tflite_model(path, model.signature)


KIND = TensorFlowLite()
