"""A model by way of TensorFlow: it writes a SavedModel to a folder of ours, which is converted like any other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build.convert.tensorflow.client import CodeError, ask
from tfjs_build.convert.tensorflow.worker.names import INPUT, KEY, OUTPUT
from tfjs_build.errors import ModelError, NoTensorFlowError
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model

_LEGACY: Final = "TF_USE_LEGACY_KERAS"
"""What TensorFlow itself is told by where `tf.keras` is to be Keras 2."""


@contextmanager
def opened(
    place: Place, model: Model, input_format: str, source: str, *, generation: int | None = None
) -> Iterator[ModelArtifacts]:
    """Convert a model that TensorFlow makes or loads; its weights can be read while the context lasts.

    `input_format` and `source` are what is opened, `generation` that of the Keras which wrote a file. Raises what
    `ask` raises, and what our own converter does.
    """
    from tfjs_build.convert.saved_model.reader import read_saved_model
    from tfjs_build.convert.saved_model.signatures import Names

    with tempfile.TemporaryDirectory(prefix="exported-") as folder:
        into = Path(folder, "model")
        done = _first_that_can(place, _request(model, input_format, source, into), _kerases(generation), model)
        names = Names(
            {f"{INPUT}{index}": name for index, name in enumerate(done["inputs"])},
            {f"{OUTPUT}{index}": name for index, name in enumerate(done["outputs"])},
        )
        artifacts = read_saved_model(into, None, KEY, names)
        writers = dict.fromkeys([str(done["written_by"]), artifacts.generated_by])
        yield replace(artifacts, generated_by=" by ".join(writers))


@record(frozen=True)
class Task:
    """What a source is to be run on: `samples` is an `.npz` whose arrays are called `<sample>.<input>`, by number;
    `results` is the one to write, `<sample>.<output>`. `inputs` and `outputs` are their names in the source."""

    samples: Path
    results: Path
    inputs: Sequence[str]
    outputs: Sequence[str]


def run(
    place: Place, model: Model, input_format: str, source: str, task: Task, *, generation: int | None = None
) -> str:
    """Have TensorFlow load or make a model and run it on samples; return who did. Raises as `opened` does."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        wanted = {
            "samples": str(task.samples),
            "results": str(task.results),
            "inputs": list(task.inputs),
            "outputs": list(task.outputs),
        }
        request = _request(model, input_format, source, Path(folder, "model")) | {"run": wanted}
        return str(_first_that_can(place, request, _kerases(generation), model)["written_by"])


def _request(model: Model, input_format: str, source: str, into: Path) -> dict[str, object]:
    return {
        "kind": input_format,
        "source": source,
        "imports": list(model.code.imports) if model.code else [],
        "path": [str(each) for each in model.code.path] if model.code else [],
        "allow_code": model.allow_code,
        "signature": model.signature,
        "tags": None if model.tags is None else list(model.tags),
        "outputs": list(model.outputs),
        "into": str(into),
    }


def _kerases(generation: int | None) -> Sequence[str]:
    """Return which Keras to try: a file's own generation before the other, what the user's TensorFlow has for code."""
    if os.environ.get(_LEGACY, "").lower() in ("1", "true"):
        return ("tf_keras",)
    return ("tf_keras", "keras") if generation == 2 else ("keras",)


def _first_that_can(
    place: Place, request: dict[str, object], kerases: Sequence[str], model: Model
) -> dict[str, list[str]]:
    """Return what the first Keras has done that can; where none can, what is wrong is what the first says that is
    there."""
    failure: ModelError | None = None
    for keras in kerases:
        try:
            return dict(ask(place, {**request, "keras": keras}, model.limits))
        except (CodeError, NoTensorFlowError) as error:
            if failure is None or isinstance(failure, NoTensorFlowError):
                failure = error
    assert failure is not None
    raise failure
