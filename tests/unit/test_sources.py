"""What a source is, and what is said of what is none."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build import manifest
from tfjs_build.errors import SourceError
from tfjs_build.sources.resolve import Source
from tfjs_build.sources.resolve import resolve as resolved


def resolve(folder: Path, source: str, options: str = "") -> Source:
    text = f"version: 1\noutput: models\nmodels:\n  net: {{source: {json.dumps(source)}{options}}}\n"
    (model,) = manifest.parse(text, folder / "tfjs.yaml").models
    return resolved(model)


def refusal(folder: Path, source: str) -> str:
    with pytest.raises(SourceError) as caught:
        resolve(folder, source)
    return str(caught.value).replace(str(folder), "…")


def _socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()


@pytest.mark.parametrize(("make", "what"), [(os.mkfifo, "a named pipe"), (_socket, "a socket")])
def test_what_is_neither_a_file_nor_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], what: str
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    for name in ("net.keras", "net", "folder/saved_model.pb", "folder/model.json"):
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        make(path)
        source = path.parent.name or name
        assert refusal(tmp_path, source) == (
            f"…/{name} is {what}, not a regular file\nWrite the content to a file, and name that."
        )
        path.unlink()


def test_a_device(tmp_path: Path) -> None:
    assert refusal(tmp_path, "/dev/null").startswith("/dev/null is a device, not a regular file")


def test_a_pipe_among_the_shards(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"weightsManifest": [{"paths": ["a.bin"]}]}))
    os.mkfifo(tmp_path / "a.bin")
    assert refusal(tmp_path, "model.json").startswith("…/a.bin is a named pipe, not a regular file")


@pytest.mark.parametrize(
    "text",
    [
        '{"weightsManifest": [{"paths": ["a\\u0000b"]}]}',
        '{"weightsManifest": [{"paths": ["\\ud800"]}]}',
        '{"weightsManifest": ' + "[" * 200_000,
        "[]",
        "",
    ],
    ids=["NUL", "half a character", "deep", "a list", "empty"],
)
def test_a_model_json_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text)
    assert refusal(tmp_path, "model.json") == "not a TensorFlow.js model: …/model.json"


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "net.keras").symlink_to("gone.keras")
    assert refusal(tmp_path, "net.keras") == (
        "source not found: …/net.keras is a link to gone.keras, where there is nothing"
    )


def test_a_file_inside_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported/saved_model.pb").write_bytes(b"")
    assert refusal(tmp_path, "exported/saved_model.pb") == (
        "…/exported/saved_model.pb is a part of a SavedModel, which is a folder\n"
        "Name the folder: …/exported. (For a frozen graph of this name: `input_format: tf_frozen_model`.)"
    )
    assert resolve(tmp_path, "exported").kind == "tf_saved_model"
    assert resolve(tmp_path, "exported/saved_model.pb", ", input_format: tf_frozen_model").kind == "tf_frozen_model"


def test_a_frozen_graph_under_the_name_of_a_saved_models_file(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\n\x05")
    assert refusal(tmp_path, "saved_model.pb") == (
        "…/saved_model.pb is a frozen graph under the name of a SavedModel's file\n"
        "Say `input_format: tf_frozen_model` and its `outputs`, or give the file another name."
    )


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        (["1/saved_model.pb"], "There is a SavedModel in a folder inside: name 1 as well (…/net/1)."),
        (
            ["1/saved_model.pb", "2/saved_model.pb"],
            "There is a SavedModel in a folder inside: name one of 1, 2 as well (…/net/2).",
        ),
        (["variables/x"], "It holds a SavedModel's variables, but not its graph: copy saved_model.pb as well."),
        (
            ["variables/x", "net.pb", "fingerprint.pb"],
            "It holds a SavedModel's variables, but not its graph: copy saved_model.pb as well (net.pb may be it, under"
            " another name).",
        ),
        (["frozen.pb"], "A frozen graph is a file: name it (…/net/frozen.pb), with its `outputs`."),
        (
            ["checkpoint", "model.ckpt-10.index"],
            "It holds a checkpoint: numbers without a model. Export the model as a SavedModel, and list its folder.",
        ),
        (["x.txt"], "A SavedModel is the folder that holds saved_model.pb; one file is a .keras, .h5 or .pb."),
    ],
)
def test_folders_that_are_no_models(tmp_path: Path, files: list[str], hint: str) -> None:
    for name in files:
        path = tmp_path / "net" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert refusal(tmp_path, "net") == f"not a model: …/net is a folder without saved_model.pb\n{hint}"


BROKEN_ADDRESSES = ["https://[::1/x", "https://a..b/x", "https://ü..x/x", f"https://{'a' * 300}/x"]


def test_one_models_fault_leaves_the_others_alone(tmp_path: Path) -> None:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras")
    (project.root / "model.json").write_text("[" * 200_000)
    os.mkfifo(project.root / "pipe.keras")
    wrong = [*BROKEN_ADDRESSES, "model.json", "pipe.keras"]
    models = "".join(f"  wrong{at}: {{source: {json.dumps(text)}}}\n" for at, text in enumerate(wrong))
    project.manifest(f"version: 1\noutput: models\nmodels:\n{models}  net: {{source: net.keras}}\n")
    result = project.run("build", "--json", env={"no_proxy": "*", "TFJS_BUILD_HUB": str(tmp_path / "cache")})
    assert result.code == 1, result.err
    assert [event["model"] for event in result.of("failed")] == [f"wrong{at}" for at in range(len(wrong))]
    assert [event["model"] for event in result.of("written")] == ["net"]
    for event, address in zip(result.of("failed"), BROKEN_ADDRESSES, strict=False):
        assert event["message"].startswith(f"{address} is not an address, or leads to something that is not one (")
