"""Frozen graphs: a GraphDef in a file of its own, whose outputs the manifest names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.sources.kind import Kind

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model


class FrozenGraph(Kind):
    """Frozen graphs."""

    input_format = "tf_frozen_model"
    called = "a frozen graph"
    endings = file_names = (".pb",)
    keys = ("outputs",)
    packages = ("tfjs_build.convert.saved_model",)
    in_zip = True

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert the graph up to the model's `outputs`."""
        from tfjs_build.convert.saved_model import open_frozen_graph

        return open_frozen_graph(path, outputs=model.outputs)


KIND = FrozenGraph()
