"""Manifests, labels and answers of any shape, by Hypothesis: they are taken, or refused with a message that can be
shown."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import pkgutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tfjs_build
from tfjs_build.answers import DamagedAnswerError, receive, send
from tfjs_build.bugs import InternalError
from tfjs_build.convert.artifacts import Signature, TensorSpec
from tfjs_build.convert.model_json import Metadata
from tfjs_build.convert.shards import Shard
from tfjs_build.errors import Location, ManifestError, ModelError, SourceError, TfjsBuildError
from tfjs_build.labels import read_labels
from tfjs_build.manifest import parse
from tfjs_build.manifest.fields import MANIFEST_FIELDS, MODEL_FIELDS
from tfjs_build.model import Model
from tfjs_build.staged import Staged

ALIKE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TEXT = st.text(max_size=20) | st.sampled_from(["keras", "graph", "uint8", "float16", "auto", "*", "1MB", "../x", "/x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
MODELS = st.dictionaries(st.sampled_from([field.key for field in MODEL_FIELDS]) | TEXT, VALUES, max_size=5)
MANIFESTS = st.fixed_dictionaries(
    {"version": st.just(1) | VALUES, "output": st.just("public") | VALUES},
    optional={field.key: VALUES for field in MANIFEST_FIELDS if field.key not in ("version", "output", "models")}
    | {"models": st.dictionaries(TEXT, MODELS.map(lambda keys: {"source": "a.keras"} | keys), max_size=3) | VALUES},
)


PIECES = (
    "a: ",
    "- ",
    "? ",
    "[",
    "{",
    "]",
    "}",
    ",",
    "&x ",
    "*x",
    "!t ",
    '"',
    "'",
    "\n",
    "  ",
    "#",
    "---\n",
    "<<: ",
    ">\n",
    "%",
)


def _refused_in_words(text: str) -> None:
    try:
        parse(text, Path("tfjs.yaml"))
    except ManifestError as error:
        assert str(error).strip()
        assert error.faults
        for fault in error.faults:
            assert fault.message
            assert fault.location.line >= 1
            assert fault.location.column >= 1


@given(MANIFESTS)
@ALIKE
def test_a_manifest_of_any_values_is_taken_or_refused(tree: Any) -> None:
    _refused_in_words(json.dumps(tree))
    _refused_in_words(yaml.safe_dump(tree, allow_unicode=True))


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@ALIKE
@example('a: "\\ud83d\\ude00"')
@example("a: \ud83d")
@example("\x00")
def test_any_text_is_a_manifest_or_refused(text: str) -> None:
    _refused_in_words(text)


@given(st.lists(st.sampled_from(PIECES), max_size=30))
@ALIKE
def test_any_marks_of_yaml_are_a_manifest_or_refused(pieces: list[str]) -> None:
    _refused_in_words("".join(pieces))


@given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
@ALIKE
def test_any_bytes_are_labels_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(data)
    try:
        labels = read_labels(Model(name="net", source="a.keras", location=Location(path, 1, 1), labels=path))
    except SourceError as error:
        assert str(path) in error.message
    else:
        assert labels
        assert all("\n" not in label for label in labels)


SPECS = st.builds(TensorSpec, TEXT, TEXT, st.none() | st.lists(st.none() | st.integers()).map(tuple), TEXT)
SIGNATURES = st.builds(Signature, st.lists(SPECS, max_size=2).map(tuple), st.lists(SPECS, max_size=2).map(tuple))
SHARDS = st.builds(Shard, TEXT, st.just(Path("/staging/shard-0")), TEXT, st.integers(0))
METADATA = st.builds(
    Metadata,
    TEXT,
    SIGNATURES,
    st.booleans(),
    st.none() | st.lists(TEXT).map(tuple),
    TEXT,
    TEXT,
    st.dictionaries(TEXT, TEXT),
    st.dictionaries(TEXT, VALUES),
)
ANSWERS = (
    st.tuples(st.just("progress"), TEXT, st.floats(0, 1))
    | st.tuples(st.just("done"), st.builds(Staged, METADATA, st.lists(SHARDS), st.binary(), st.lists(TEXT)))
    | st.tuples(st.just("done"), st.builds(ModelError, TEXT, hint=TEXT, key=TEXT) | st.builds(InternalError, TEXT))
    | st.tuples(st.just("done"), st.just(Path("/a")))
)


@given(ANSWERS)
@ALIKE
def test_an_answer_arrives_as_it_was_sent(answer: Any) -> None:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        send(theirs, answer)
        received = receive(ours)
    if isinstance(answer[1], Exception):
        assert type(received[1]) is type(answer[1])
        assert repr(received[1].__dict__) == repr(answer[1].__dict__)
    else:
        assert repr(received) == repr(answer)  # NaN is not equal to itself


@given(st.binary(max_size=100))
@ALIKE
def test_any_bytes_are_no_answer(data: bytes) -> None:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        theirs.send_bytes(data)
        with pytest.raises(DamagedAnswerError):
            receive(ours)


@given(VALUES)
@ALIKE
def test_any_value_is_no_answer(value: Any) -> None:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        send(theirs, ("done", value))
        with pytest.raises(DamagedAnswerError):
            receive(ours)


def test_errors_of_every_class_arrive() -> None:
    for module in pkgutil.walk_packages(tfjs_build.__path__, "tfjs_build."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = [TfjsBuildError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {"StateError", "NotDownloadedError"} <= {kind.__name__ for kind in kinds}
    for kind in kinds:
        error = kind.__new__(kind)
        error.__dict__.update(message="it is damaged", hint="", key="", faults=())
        ours, theirs = multiprocessing.Pipe()
        with ours, theirs:
            send(theirs, ("done", error))
            assert type(receive(ours)[1]) is kind


@pytest.mark.parametrize(
    ("kind", "lacking"), [(ManifestError, "faults"), (ModelError, "key"), (TfjsBuildError, "hint")]
)
def test_errors_that_lack_what_they_have_do_not(kind: type[TfjsBuildError], lacking: str) -> None:
    error = kind("it is damaged")
    del error.__dict__[lacking]
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        send(theirs, ("done", error))
        with pytest.raises(DamagedAnswerError):
            receive(ours)
