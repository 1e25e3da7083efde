"""Labels: read from a file, and held against what the outputs can be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.convert.artifacts import Shape, Signature, TensorSpec
from tfjs_build.errors import Location, ModelError, SourceError
from tfjs_build.labels import check_labels, classified, label_notes, read_labels, unfit
from tfjs_build.model import Classify, Model

MANIFEST = "version: 1\noutput: public\nmodels:\n  net:\n    source: net.keras\n    labels: {}\n"
HINT = (
    "Give one label for each class, in the order of the model's classes. "
    "Labels of something else than classes can be `metadata`."
)


def signature(*shapes: Shape | None, dtype: str = "float32") -> Signature:
    outputs = [TensorSpec(name, name, shape, dtype) for name, shape in zip("abcd", shapes, strict=False)]
    return Signature((), tuple(outputs))


def labels(count: int) -> tuple[str, ...]:
    return tuple(f"label {index}" for index in range(count))


@pytest.mark.parametrize(
    ("count", "shapes"),
    [
        (3, [(None, 3)]),
        (1, [(None, 1)]),
        (2, [(None, 1)]),  # one score, for the second of two classes
        (21, [(1, 33, 33, 21)]),
        (21, [(None, None, None, 21)]),
        (2, [(None, 64, 64, 1)]),
        (21, [(None, 21, 33, 33)]),  # channels first
        (5, [(None, 7, 7, 8), (None, 5)]),
        (90, [(1, 100, 4), (1, 100), (1, 90)]),
        (9, [(None, 128, 9)]),
        (9, [(9,)]),
    ],
)
def test_labels_that_fit(count: int, shapes: list[Shape]) -> None:
    assert not unfit(signature(*shapes), labels(count))
    assert label_notes(signature(*shapes), labels(count)) == []


@pytest.mark.parametrize(
    ("count", "shapes"),
    [
        (2, [(None, 3)]),
        (3, [(None, 2)]),
        (3, [(None, 1)]),
        (1, [(None, 2)]),
        (1000, [(1, 1001)]),
        (1000, [(None, 1, 1, 1001)]),
        (20, [(1, 33, 33, 21)]),
        (22, [(None, None, None, 21)]),
        (4, [(None, 3), (None, 5)]),
    ],
)
def test_labels_that_cannot_be_those_of_any_output(count: int, shapes: list[Shape]) -> None:
    assert unfit(signature(*shapes), labels(count))


@pytest.mark.parametrize(
    ("count", "shapes", "told"),
    [
        (3, [(None, None)], False),
        (3, [None], False),
        (3, [()], False),
        (3, [(8,)], True),
        (80, [(1, 84, 8400)], True),  # YOLO 8: boxes beside the classes
        (80, [(1, 116, 8400), (1, 160, 160, 32)], True),
        (80, [(None, 13, 13, 425)], True),  # YOLO 2
        (90, [(1, 100, 4), (1, 100), (1, 100), (1,)], True),  # a detector that numbers its classes
        (4, [(None, 3), (None, None)], False),
    ],
)
def test_labels_that_may_be_right(count: int, shapes: list[Shape | None], told: bool) -> None:
    assert not unfit(signature(*shapes), labels(count))
    assert bool(label_notes(signature(*shapes), labels(count))) is told


@pytest.mark.parametrize("dtype", ["int32", "string", "bool"])
def test_what_is_no_score_is_the_class_itself(dtype: str) -> None:
    classes = signature((1, 513, 513), (1, 5), dtype=dtype)
    assert not unfit(classes, labels(21))
    assert label_notes(classes, labels(21)) == []


def test_the_note_shows_what_there_is() -> None:
    assert label_notes(signature((None, 84, 8400), (2,)), labels(80)) == [
        "there are 80 labels, and no output with as many values: `a` [?, 84, 8400], `b` [2]"
    ]


@pytest.mark.parametrize(
    ("given", "shapes", "message", "hint"),
    [
        (("cat", "dog"), [(None, 4)], "there are 2 labels (cat, dog), but the output `a` has 4 classes", HINT),
        (("cat",), [(None, 4)], "there is 1 label (cat), but the output `a` has 4 classes", HINT),
        (
            labels(5),
            [(None, 1)],
            "there are 5 labels (label 0, label 1, label 2, label 3, …), but the output `a` has one value only",
            HINT,
        ),
        (
            ("cat", "dog"),
            [(None, 3)],
            "there are 2 labels (cat, dog), but the output `a` has 3 classes",
            "Give one label for each class, in the order of the model's classes. The model's extra class may be the "
            "background, or everything else: mostly it is the first. "
            "Labels of something else than classes can be `metadata`.",
        ),
        (
            ("cat", "dog"),
            [(None, 5), (None, 4)],
            "there are 2 labels (cat, dog), but the outputs have other numbers of classes: `a` has 5 classes, "
            "`b` has 4 classes",
            HINT,
        ),
    ],
)
def test_what_is_said(given: tuple[str, ...], shapes: list[Shape], message: str, hint: str) -> None:
    model = Model("net", "net.keras", Location(Path("tfjs.yaml"), 1, 1), labels=given)
    with pytest.raises(ModelError) as caught:
        check_labels(model, signature(*shapes), given)
    assert (caught.value.message, caught.value.hint, caught.value.key) == (message, hint, "labels")


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("a\nb\n", ("a", "b")),
        ("a\nb", ("a", "b")),
        ("a\r\nb\r\n", ("a", "b")),
        ("\ufeffa\rb\r", ("a", "b")),
        ("a\n\nb\n\n  \n", ("a", "", "b")),
        ("\na\n", ("", "a")),
        ("a\u2028b\x0cc\n", ("a\u2028b\x0cc",)),  # one line to every editor
    ],
)
def test_lines_of_a_file(content: str, read: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content.encode())
    assert read_labels(Model("net", "net.keras", Location(path, 1, 1), labels=path)) == read


@pytest.mark.parametrize("content", ["", "\n\n", " \r\n"])
def test_a_file_without_labels(content: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content.encode())
    with pytest.raises(SourceError) as caught:
        read_labels(Model("net", "net.keras", Location(path, 1, 1), labels=path))
    assert (str(caught.value), caught.value.key) == (f"{path} has no labels: it is empty", "labels")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras", units=3)
    return project


def test_a_build_fails_at_the_key(project: Project) -> None:
    project.manifest(MANIFEST.format("[cat, dog]"))
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert failed["message"] == "there are 2 labels (cat, dog), but the output `y` has 3 classes"
    assert (failed["line"], failed["column"]) == (6, 5)
    assert not (project.root / "public").exists()


def test_an_edited_file_of_labels_fails_and_keeps_what_was_good(project: Project) -> None:
    path = project.root / "labels.txt"
    path.write_text("cat\ndog\nfox\n\n", encoding="utf-8")
    project.manifest(MANIFEST.format("labels.txt"))
    assert project.run("build").code == 0
    published = (project.root / "public/net/model.json").read_bytes()
    path.write_text("cat\ndog\n", encoding="utf-8")
    assert project.run("build", "--check").code == 1
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert failed["message"] == f"{path} has 2 labels, but the output `y` has 3 classes"
    assert (project.root / "public/net/model.json").read_bytes() == published


_UNCHECKED = """
import sys
from tfjs_build import cli, plan, session
session.check_labels = plan.unfit = lambda *_: None
sys.exit(cli.main())
"""


def test_a_conversion_that_is_kept_or_published_fails_as_well(project: Project) -> None:
    """As one does that an earlier tfjs-build has let through."""
    project.manifest(MANIFEST.format("[cat, dog]"))
    assert project.run("build", code=_UNCHECKED).code == 0
    result = project.run("build", "--check", "--json")
    assert result.code == 1
    assert result.of("stale")[0]["reasons"] == ["its labels do not fit its classes"]
    result = project.run("build", "--json")
    assert result.code == 1
    assert result.steps == ["started", "failed", "stopped"]
    (project.root / "public/net/model.json").unlink()
    (failed,) = project.run("build", "--json").of("failed")
    assert failed["message"] == "there are 2 labels (cat, dog), but the output `y` has 3 classes"


def model(classify: Classify | None) -> Model:
    return Model("net", "net.keras", Location(Path("tfjs.yaml"), 1, 1), classify=classify)


@pytest.mark.parametrize(
    ("count", "shapes", "asked", "output", "softmax"),
    [
        (3, [(None, 3)], None, "a", False),
        (3, [(3,)], None, "a", False),
        (3, [(1, 3), (None, 4)], Classify(softmax=True), "a", True),
        (2, [(None, 1)], Classify(softmax=True), "a", True),
        (3, [(None, 3), (None, 3)], Classify("b"), "b", False),
    ],
)
def test_the_output_that_the_labels_name(
    count: int, shapes: list[Shape], asked: Classify | None, output: str, softmax: bool
) -> None:
    found = classified(model(asked), signature(*shapes), labels(count))
    assert found == {"output": output, "softmax": softmax}


@pytest.mark.parametrize(
    ("count", "shapes"),
    [
        (3, [(None, 3), (None, 3)]),  # which of them is not known
        (3, [(None, 8, 8, 3)]),  # a class for each pixel
        (3, [(4, 3)]),  # always several examples
        (3, [None]),
        (3, [(None, None)]),
        (2, [(None, 5)]),
    ],
)
def test_where_no_single_output_has_the_scores_there_are_no_classes(count: int, shapes: list[Shape | None]) -> None:
    assert classified(model(None), signature(*shapes), labels(count)) is None
    assert classified(model(None), signature(*shapes), None) is None


@pytest.mark.parametrize(
    ("count", "shapes", "asked", "message", "hint"),
    [
        (None, [(None, 3)], Classify(), "`classify` needs `labels`", "Name the classes by `labels`."),
        (3, [(None, 3)], Classify("y"), "classify: the model has no output 'y'", "It has 'a'."),
        (
            3,
            [(None, 4)],
            Classify("a"),
            "classify: the output 'a' (float32 [?, 4]) has no score for each of 3 labels",
            "Scores are float32, [batch, labels].",
        ),
        (
            3,
            [(None, 3), (None, 3)],
            Classify(softmax=True),
            "classify: several outputs have a score for each of 3 labels",
            "Name one of them, as in { output: a }.",
        ),
        (
            3,
            [(None, 4)],
            Classify(softmax=True),
            "classify: no output has a score for each of 3 labels",
            "Leave `classify` out.",
        ),
    ],
)
def test_what_cannot_be_classified_is_refused(
    count: int | None, shapes: list[Shape], asked: Classify, message: str, hint: str
) -> None:
    with pytest.raises(ModelError) as caught:
        classified(model(asked), signature(*shapes), None if count is None else labels(count))
    assert (caught.value.message, caught.value.hint, caught.value.key) == (message, hint, "classify")


def test_classify_of_the_manifest_is_published(project: Project) -> None:
    write_dense(project.root / "net.keras")
    project.manifest(MANIFEST.format("[no, yes]") + "    classify: { softmax: true }\n")
    assert project.run("build").code == 0
    ours = json.loads((project.root / "public/net/model.json").read_bytes())["userDefinedMetadata"]["tfjs-build"]
    assert ours["classify"] == {"output": ours["signature"]["outputs"][0]["name"], "softmax": True}
