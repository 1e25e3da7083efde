"""`tfjs-build verify`: what it lets pass, what it catches, and what it says that it could not try."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.keras_files import write_layers
from tests.support.project import Project, Result
from tests.verify.models import (
    INPUTS,
    change,
    change_weight,
    divide_otherwise,
    forge_weight,
    pair,
    project,
    save_samples,
    swap,
    write_pair,
)

ALL = ("cpu", "wasm", "webgl", "webgpu")


def edited(edit: Callable[[dict[str, Any]], None]) -> Callable[[Path, str], None]:
    return lambda root, model: change(root, model, edit)


CASES: dict[str, tuple[dict[str, object], Callable[[Path, str], None] | None, dict[str, str]]] = {
    "right": ({}, None, {}),
    "layers": ({"format": "layers"}, None, {}),
    "small": ({"quantize": "uint8"}, None, {}),
    "sampled": ({"verify": {"inputs": "samples.npz"}}, None, {}),
    "smoke": ({"verify": "smoke"}, None, {}),
    "changed": ({}, change_weight, dict.fromkeys(ALL, "is not what was published")),
    "forged": ({}, forge_weight, dict.fromkeys(ALL, "a: off by ")),
    "swapped": ({}, edited(swap), dict.fromkeys(ALL, "a: off by ")),
    "swapped-layers": ({"format": "layers"}, edited(swap), dict.fromkeys(ALL, "a: off by ")),
    "renamed": (
        {"rename": {"a": "b", "b": "a"}, "verify": {"mode": "none", "inputs": "samples.npz"}},
        None,
        dict.fromkeys(ALL, "b: off by "),
    ),
    "webgl": ({}, edited(divide_otherwise), {"webgl": "a: off by "}),
    "small-webgl": ({"quantize": "uint8"}, edited(divide_otherwise), {"webgl": "than on cpu"}),
}
"""Models: their keys, what is done to them once they are published, and what is said of them, by backend."""


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    """All cases verified at once."""
    made = project(tmp_path_factory.mktemp("verify") / "site", {name: keys for name, (keys, _, _) in CASES.items()})
    x = np.random.default_rng(5).normal(size=(3, INPUTS)).astype(np.float32)
    save_samples(made.root / "samples.npz", x=x, **pair(made.root / "pair.keras", x))
    built = made.run("build", "--json")
    assert built.code == 0, built.out
    for name, (_, spoil, _) in CASES.items():
        if spoil is not None:
            spoil(made.root, name)
    yield made.run("verify", "--json")
    assert list((made.root / ".tfjs-build").glob("verify-*")) == []


@pytest.mark.parametrize("name", CASES)
def test_it_finds_what_is_wrong_and_nothing_else(verified: Result, name: str) -> None:
    _, _, wrong = CASES[name]
    found = {event["backend"]: event for event in verified.of("verified") if event["model"] == name}
    assert tuple(found) == ALL
    for backend, event in found.items():
        if backend in wrong:
            assert not event["ok"]
            assert wrong[backend] in " ".join(event["problems"])
        else:
            assert event["problems"] == []
            assert event["ok"]
            assert event["first_ms"] > 0


def test_what_it_tells(verified: Result) -> None:
    assert verified.code == 1
    assert verified.of("failed") == verified.of("untried") == []
    events = {(event["model"], event["backend"]): event for event in verified.of("verified")}
    right = events["right", "webgl"]
    assert (right["mode"], right["samples"], right["tfjs"]) == ("parity", 2, "4.22.0")
    assert right["reference"] == "its graph before quantization and optimization, on cpu"
    assert [each["output"] for each in right["outputs"]] == ["a", "b"]
    assert all(each["relative"] <= 1e-4 and each["argmax"] == [3, 3] for each in right["outputs"])
    assert "quantization" not in right
    assert not right["half_floats"]
    assert "SwiftShader" in right["renderer"]
    assert events["right", "cpu"]["device"].startswith("Node v")
    assert events["sampled", "cpu"]["reference"] == "samples.npz"
    assert events["sampled", "cpu"]["samples"] == 1
    smoke = events["smoke", "wasm"]
    assert (smoke["mode"], smoke["outputs"], "reference" in smoke) == ("smoke", [], False)


def test_what_quantizing_costs_is_apart_from_the_conversion(verified: Result) -> None:
    for event in verified.of("verified"):
        if event["model"] == "small":
            conversion, cost = event["outputs"][0], event["quantization"][0]
            assert conversion["relative"] < 1e-5 < 1e-3 < cost["relative"]


def test_the_edited_are_said_to_be(verified: Result) -> None:
    stale = {note["model"] for note in verified.of("note") if note["message"].startswith("it is stale: ")}
    assert stale == {name for name, (_, spoil, _) in CASES.items() if spoil is not None}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose models are published."""
    made = project(tmp_path_factory.mktemp("site") / "site", {"one": {}, "two": {}}, backends=["cpu", "webgl"])
    assert made.run("build").code == 0
    return made


def path_with(tmp_path: Path, *programs: str) -> dict[str, str]:
    """Return an environment in which these programs are found, and no others of ours."""
    for name in (*programs, "sh", "dirname", "readlink", "grep", "cat", "uname", "basename", "expr", "sed", "ls"):
        found = shutil.which(name)
        if found is not None:
            (tmp_path / name).symlink_to(found)
    return {"PATH": str(tmp_path)}


def test_without_node_the_browser_runs_all(site: Project, tmp_path: Path) -> None:
    result = site.run("verify", "--json", env=path_with(tmp_path, "chromium"))
    assert [(event["backend"], event["ok"]) for event in result.of("verified")] == [("cpu", True), ("webgl", True)] * 2
    assert {event["device"] for event in result.of("verified")} == {result.of("verified")[0]["device"]}
    assert result.of("verified")[0]["device"].startswith("Chrome")
    assert result.code == 0


def test_without_a_browser_the_rest_counts(site: Project, tmp_path: Path) -> None:
    result = site.run("verify", "--json", env=path_with(tmp_path, "node"))
    assert [(event["model"], event["backend"], event["ok"]) for event in result.of("verified")] == [
        ("one", "cpu", True),
        ("two", "cpu", True),
    ]
    missing = result.of("untried")
    assert [(event["model"], event["backend"]) for event in missing] == [("one", "webgl"), ("two", "webgl")]
    assert missing[0]["message"] == "there is no Chrome, Chromium, Edge or Firefox on this machine"
    assert "--serve" in missing[0]["hint"]
    assert result.code == 4


def test_without_either(site: Project, tmp_path: Path) -> None:
    result = site.run("verify", env=path_with(tmp_path))
    assert result.code == 4
    assert "not tried on cpu: there is neither Node nor a browser on this machine" in result.err
    assert "0 right, 4 not tried" in result.err


def test_a_browser_that_is_none(site: Project, tmp_path: Path) -> None:
    result = site.run("verify", "--backend", "webgl", "--browser", "/none/such", "one", "--json")
    [missing] = result.of("untried")
    assert missing["message"] == "there is no browser /none/such"
    assert result.code == 4
    other = tmp_path / "chromium"
    other.write_text("#!/bin/sh\necho 'Error: it has no display' >&2; exit 3\n")
    other.chmod(0o755)
    result = site.run("verify", "--backend", "webgl", "--browser", str(other), "--json")
    assert [missing["message"] for missing in result.of("untried")] == [
        "chromium does not load the page of tfjs-build: Error: it has no display"
    ] * 2
    assert result.code == 4


def test_without_tensorflow_js(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"one": {}})
    assert made.run("build").code == 0
    (made.root / "node_modules").unlink()
    result = made.run("verify")
    assert result.code == 2
    assert "the project does not have @tensorflow/tfjs" in result.err
    assert "npm install @tensorflow/tfjs" in result.err


def test_a_backend_that_the_project_does_not_have(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"one": {}})
    assert made.run("build").code == 0
    modules = made.root / "node_modules"
    target = modules.resolve() / "@tensorflow" / "tfjs"
    modules.unlink()
    (modules / "@tensorflow").mkdir(parents=True)
    (modules / "@tensorflow" / "tfjs").symlink_to(target)
    result = made.run("verify", "--json", "--backend", "wasm", "--backend", "cpu")
    [missing] = result.of("untried")
    assert missing["message"] == "the project does not have @tensorflow/tfjs-backend-wasm"
    assert missing["hint"] == "npm install @tensorflow/tfjs-backend-wasm"
    assert [event["backend"] for event in result.of("verified")] == ["cpu"]
    assert result.code == 4


def test_without_the_source_it_still_runs(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"one": {}})
    assert made.run("build").code == 0
    (made.root / "pair.keras").unlink()
    result = made.run("verify", "--json", "--backend", "cpu")
    [event] = result.of("verified")
    assert (event["ok"], event["mode"]) == (True, "smoke")
    [missing] = result.of("untried")
    assert (missing["model"], missing.get("backend")) == ("one", None)
    assert missing["message"].startswith("its numbers are not compared with those of its source: ")
    assert result.code == 4


def test_a_quantized_model_without_its_source_is_held_against_the_samples(tmp_path: Path) -> None:
    keys: dict[str, object] = {"quantize": "uint8", "verify": {"mode": "none", "inputs": "samples.npz"}}
    made = project(tmp_path / "site", {"one": keys})
    x = np.random.default_rng(5).normal(size=(3, INPUTS)).astype(np.float32)
    save_samples(made.root / "samples.npz", x=x, **pair(made.root / "pair.keras", x))
    assert made.run("build").code == 0
    (made.root / "pair.keras").write_bytes(b"no model any more")  # which is another reason than its absence
    for missing in (False, True):
        if missing:
            (made.root / "pair.keras").unlink()
        (made.root / "public/models/one/notes").mkdir(exist_ok=True)  # what else lies there is nobody's business
        result = made.run("verify", "--json", "--backend", "cpu")
        [event] = result.of("verified")
        assert (event["ok"], event["mode"], event["reference"]) == (True, "parity", "samples.npz")
        assert 1e-3 < event["outputs"][0]["relative"] < 0.2
        assert "quantization" not in event
        assert len(result.of("untried")) == 1
        assert result.code == 4


def test_what_is_not_published_or_does_not_fit(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"one": {}, "two": {"verify": {"inputs": "samples.npz"}}})
    save_samples(made.root / "samples.npz", y=np.zeros(3))
    assert made.run("build", "two").code == 1  # which is to be verified
    assert made.run("build", "one").code == 0
    shutil.copytree(made.root / "public/models/one", made.root / "public/models/two")
    shutil.rmtree(made.root / "public/models/one")
    result = made.run("verify", "--json", "--backend", "cpu")
    one, two = result.of("failed")
    assert (one["message"], one["hint"]) == ("it is not published", "`tfjs-build build` publishes it.")
    assert "'y' is neither an input nor an output" in two["message"]
    assert result.code == 1


def test_a_device_that_dies_fails_its_model_alone(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"bad": {}, "good": {}})
    assert made.run("build").code == 0
    # What the loader runs is rendered from the project's own templates: one that ends the process.
    (made.root / "stub-templates").mkdir()
    template = '{% if model.name == "bad" %}process.abort();{% endif %}\n{% include "stub.js.j2" %}'
    ours = Path(__file__).parent.parent.parent / "templates"
    (made.root / "stub-templates" / "stub.js.j2").write_text(
        template.replace('{% include "stub.js.j2" %}', (ours / "stub.js.j2").read_text(encoding="utf-8"))
    )
    document = json.loads((made.root / "tfjs.yaml").read_text())
    made.manifest(json.dumps(document | {"templates": "stub-templates"}))
    result = made.run("verify", "--json", "--backend", "cpu")
    bad, good = result.of("verified")
    assert (bad["model"], bad["ok"]) == ("bad", False)
    assert bad["problems"][0].startswith("Node ended while it ran the model: ")
    assert (good["model"], good["ok"]) == ("good", True)
    assert result.code == 1


def test_a_model_that_hangs_fails_alone(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"bad": {}, "good": {}})
    assert made.run("build").code == 0
    (made.root / "stub-templates").mkdir()
    ours = Path(__file__).parent.parent.parent / "templates"
    (made.root / "stub-templates" / "stub.js.j2").write_text(
        '{% if model.name == "bad" %}for (;;);{% endif %}\n' + (ours / "stub.js.j2").read_text(encoding="utf-8")
    )
    document = json.loads((made.root / "tfjs.yaml").read_text())
    made.manifest(json.dumps(document | {"templates": "stub-templates"}))
    code = (
        "import sys\nfrom tfjs_build import cli\nfrom tfjs_build.verify import devices\n"
        "devices.RUN_SECONDS = 30.0\nsys.exit(cli.main(sys.argv[1:]))"
    )
    result = made.run("verify", "--json", "--backend", "cpu", code=code)
    bad, good = result.of("verified")
    assert (bad["problems"], good["ok"]) == (["no answer in 30 s"], True)


def test_in_words(site: Project) -> None:
    result = site.run("verify", "one", "--backend", "cpu", env={"PATH": os.environ["PATH"]})
    assert result.out == ""
    heading, first, second, device, last = result.err.splitlines()
    assert heading == "one  beside its graph before quantization and optimization, on cpu, 2 samples"
    assert first.startswith(("  ✓ cpu    a off by ", "  ✓ cpu    a equal"))
    assert second.strip().startswith("b ")
    assert device.strip().startswith("Node v")
    assert last.startswith("1 right (")


@pytest.mark.skipif(sys.platform != "linux", reason="Chromium is found by its name on PATH")
def test_a_build_publishes_only_what_is_right(tmp_path: Path) -> None:
    keys: dict[str, object] = {"verify": {"inputs": "samples.npz"}}
    made = project(tmp_path / "site", {"one": keys, "two": {"verify": "smoke"}}, backends=["cpu", "webgl"])
    x = np.ones((1, INPUTS), np.float32)
    save_samples(made.root / "samples.npz", x=x, **pair(made.root / "pair.keras", x))
    first = made.run("build", "--json", "-j", "1")
    assert first.code == 0, first.out
    assert sorted(event["model"] for event in first.of("written")) == ["one", "two"]
    notes = {note["model"]: note["message"] for note in first.of("note")}
    assert notes["one"].startswith("verified on cpu, webgl: off by at most ")
    assert notes["one"].endswith(", beside samples.npz")
    assert notes["two"] == "verified on cpu, webgl: it runs"
    before = made.files()
    write_pair(made.root / "pair.keras", seed=1)  # to which the samples do not belong
    second = made.run("build", "--json", "-j", "1")
    assert second.code == 1
    [failed] = second.of("failed")
    assert failed["model"] == "one"
    assert failed["message"].startswith("it is wrong on cpu: a: off by ")
    assert (failed["line"], failed["column"]) != (1, 1)
    assert {name: made.files()[name] for name in before if "one" in name} == {
        name: data for name, data in before.items() if "one" in name
    }
    assert [event["model"] for event in second.of("written")] == ["two"]
    third = made.run("build", "--json", "--check")
    assert [event["model"] for event in third.of("stale")] == ["one"]


def test_a_build_that_could_try_nothing_publishes_nothing(tmp_path: Path) -> None:
    made = project(tmp_path / "site", {"one": {"verify": "smoke"}}, backends=["webgl"])
    folder = tmp_path / "bin"
    folder.mkdir()
    result = made.run("build", "--json", env=path_with(folder, "node"))
    [failed] = result.of("failed")
    assert failed["message"].startswith("`verify` could try nothing: not verified on webgl: there is no Chrome")
    assert not (made.root / "public").exists()


def test_pictures_show_a_wrong_range_of_pixels(tmp_path: Path) -> None:
    """The samples are pictures, which the loader scales: what is expected of them is the network's, in NumPy."""
    inputs = {"image": {"pixels": [0, 16]}}
    wrong = {"image": {"pixels": [0, 1]}}
    keys: dict[str, object] = {"source": "mean.keras", "verify": {"mode": "none", "inputs": "samples.npz"}}
    made = project(tmp_path / "site", {"right": {**keys, "inputs": inputs}, "wrong": {**keys, "inputs": wrong}})
    layer = {"class_name": "GlobalAveragePooling2D", "name": "mean", "data_format": "channels_last"}
    write_layers(made.root / "mean.keras", (None, 8, 8, 1), layer)
    pictures = np.random.default_rng(3).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    gray = pictures.astype(np.float32) @ np.array([0.2989, 0.587, 0.114], np.float32)
    save_samples(made.root / "samples.npz", image=pictures, mean=(gray / 255 * 16).mean((1, 2))[:, None])
    assert made.run("build").code == 0
    result = made.run("verify", "--json", "--backend", "cpu")
    assert [(event["model"], event["ok"], event["samples"]) for event in result.of("verified")] == [
        ("right", True, 3),
        ("wrong", False, 3),
    ]
    assert result.of("verified")[1]["problems"][0].startswith("mean: off by ")
