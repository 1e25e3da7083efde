"""`tfjs-build verify` beside TensorFlow: every kind of source that it runs is run, under its own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conversion.build import Build
from tests.tensorflow.conftest import project_with_code
from tests.tensorflow.test_models import CODE, ENGINE, FILES, build

NATIVE = {
    f"native_{name}": {key: value for key, value in keys.items() if key != "engine"} for name, keys in ENGINE.items()
}
"""The same files, read by tfjs-build itself."""

RENAMED = {"renamed": {**NATIVE["native_plain"], "rename": {"features": "x"}}}
QUANTIZED = {"quantized": {**NATIVE["native_saved"], "quantize": "uint8"}}


@pytest.mark.full
def test_all_kinds_of_sources(written: Path, with_tensorflow: dict[str, str]) -> None:
    models = {
        name: keys | {"allow_code": True}
        for name, keys in {**FILES, **CODE, **ENGINE, **NATIVE, **RENAMED, **QUANTIZED}.items()
    }
    with project_with_code() as folder:
        built: Build = build(folder, written, models, with_tensorflow, imports=["layers", "old_layers", "nets"])
        assert not built.failed, built.failed
        result = built.project.run("verify", "--json", "--backend", "cpu", env=with_tensorflow)
    events = {event["model"]: event for event in result.of("verified")}
    assert {name: event["problems"] for name, event in events.items()} == {name: [] for name in models}
    assert result.code == 0
    random = {name for name, event in events.items() if not event["reference"].startswith(("Keras ", "TensorFlow "))}
    assert random == set()
    assert events["native_plain"]["reference"].startswith("Keras 3.")
    assert events["old"]["reference"].startswith("Keras 2.")
    assert events["frozen"]["reference"].startswith("TensorFlow 2.")


@pytest.mark.full
def test_a_source_that_tensorflow_cannot_run_is_compared_otherwise(
    written: Path, with_tensorflow: dict[str, str], tmp_path: Path
) -> None:
    with project_with_code() as folder:
        built = build(folder, written, {"saved": NATIVE["native_saved"]}, with_tensorflow)
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\necho 'Error: no library' >&2; exit 1\n")
        broken.chmod(0o755)
        result = built.project.run("verify", "--json", "--backend", "cpu", env={"TFJS_BUILD_WORKER": str(broken)})
    [event] = result.of("verified")
    assert event["reference"] == "its graph before quantization and optimization, on cpu"
    assert event["ok"]
    [note] = result.of("note")
    assert note["message"].startswith("TensorFlow does not run the source: ")
