"""One reported case written: by the writers of graphs or as a Keras file, then edited, and run as it was before."""

from __future__ import annotations

import importlib
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle.cases import output_names
from tests.oracle.graphs.given import SAMPLES
from tests.oracle.reported.suite import ReportedCase
from tests.oracle.tensors import Group, write_groups
from tests.oracle.variables import randomize


def write(case: ReportedCase, folder: Path) -> list[dict[str, Any]]:
    """Write a case below `folder` and return its entry in the index."""
    from tests.oracle.graphs.writers import WRITERS, inputs

    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "tensors").mkdir(exist_ok=True)
    source, run = {**WRITERS, **KERAS_FILES}[case.writer](case, folder / "sources" / case.name)
    if case.edit is not None:
        case.edit(source)
    samples = [inputs(case, index) for index in range(SAMPLES)]
    outputs = [{} if case.refused else {k: np.asarray(v) for k, v in run(sample).items()} for sample in samples]
    tensors = Path("tensors") / case.name
    write_groups(folder / f"{tensors}.inputs", samples)
    write_groups(folder / f"{tensors}.outputs", outputs)
    return [
        {
            "case": case.name,
            "source": source.relative_to(folder).as_posix(),
            "inputs": f"{tensors.as_posix()}.inputs",
            "outputs": f"{tensors.as_posix()}.outputs",
        }
    ]


def _keras_file(generation: str, extension: str) -> Callable[[ReportedCase, Path], Any]:
    def write_file(case: ReportedCase, path: Path) -> Any:
        keras = importlib.import_module(generation)
        keras.backend.clear_session()
        keras.utils.set_random_seed(zlib.crc32(case.name.encode()))
        model = case.build(keras)
        randomize(model, case.name)
        source = path.with_suffix(f".{extension}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(str(source))

        def run(sample: Group) -> dict[str, np.ndarray]:
            if case.reloads:
                model.load_weights(str(source))
            values = list(sample.values())
            result = model(values if len(values) > 1 else values[0], training=False)
            each = result if isinstance(result, (list, tuple)) else [result]
            return dict(zip(output_names(model, result), map(np.asarray, each), strict=True))

        return source, run

    return write_file


KERAS_FILES = {
    "keras3-file": _keras_file("keras", "keras"),
    "keras2-file": _keras_file("tf_keras", "keras"),
    "keras3-h5": _keras_file("keras", "h5"),
    "keras2-h5": _keras_file("tf_keras", "h5"),
}
