"""Hints of refusals: none sends to a SavedModel where that is refused as well, or away from it where it converts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.conversion.keras_cases import SUITES
from tests.conversion.keras_refusals import REFUSALS, refusal_of
from tests.conversion.oracle import Case, Files, cases, files
from tests.oracle.exported import SUITE, UNEXPORTED
from tests.oracle.registry import KERAS_3, TF_KERAS
from tfjs_build.convert.keras import open_model
from tfjs_build.convert.keras.hints import NOWHERE
from tfjs_build.convert.keras.to_graph import to_graph
from tfjs_build.convert.saved_model import open_saved_model
from tfjs_build.errors import ModelError, RefusedError

REFUSED = {str(case): case for suite in SUITES for case in cases(suite) if refusal_of(case)}
EXPORTED = {name: case for name, case in REFUSED.items() if case.network.name in SUITE}


@pytest.fixture(scope="module")
def keras_files() -> dict[str, Files]:
    """The files of both Keras suites."""
    return {name: each for suite in SUITES for name, each in files(suite).items()}


@pytest.fixture(scope="module")
def exported() -> dict[str, Files]:
    """The SavedModels of refused networks."""
    return files("exported")


def test_all_refused_networks_are_exported() -> None:
    networks = {case.network.name for case in REFUSED.values()}
    assert networks == {*SUITE, *UNEXPORTED}
    assert not SUITE.keys() & UNEXPORTED.keys()
    assert networks <= {name.removeprefix("k3-keras-") for name in REFUSALS}


@pytest.mark.parametrize("name", EXPORTED)
def test_what_is_said_of_a_saved_model_is_true(
    name: str, keras_files: dict[str, Files], exported: dict[str, Files]
) -> None:
    hint = _hint(keras_files[name].source)
    converts = _converts(exported[f"{_generation(EXPORTED[name])}-{EXPORTED[name].network.name}"].source)
    if hint == NOWHERE:
        assert not converts
    elif "SavedModel" in hint:
        assert converts


def _generation(case: Case) -> str:
    return KERAS_3 if case.writer.startswith("k3") else TF_KERAS


def _hint(source: Path) -> str:
    with pytest.raises(RefusedError) as caught, open_model(source) as model:
        to_graph(model)
    assert caught.value.hint
    return caught.value.hint


def _converts(folder: Path) -> bool:
    with suppress(ModelError), open_saved_model(folder):
        return True
    return False
