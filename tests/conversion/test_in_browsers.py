"""Running stubs in Chromium on webgl and webgpu: who survives what, what is remembered, and what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pytest

from tests.conversion import in_browsers, otherwise, seen
from tests.conversion.in_browsers import BACKENDS, InBrowsers, Published, announced, chromium, distinct, run_in_browsers
from tests.conversion.node import WORK, Job, run_jobs
from tests.conversion.oracle import Files
from tests.conversion.suite import Verdict
from tests.oracle.tensors import Group, read_groups, write_groups

DOUBLE = """
import * as tf from "@tensorflow/tfjs";
export async function loadDouble({ url }) {
  return { predict: ({ x, s, b }) => tf.tidy(() => ({ y: x.mul(2), s: s.clone(), b: b.clone() })), dispose() {} };
}
"""
THROWS = "export async function loadNothing({ url }) { throw new RangeError(`nothing at ${url}`); }"
STRAY = """
export async function loadNothing() {
  return { predict() { Promise.reject(new Error("in a loop")); return new Promise(() => {}); }, dispose() {} };
}
"""
HANGS = "export async function loadNothing() { for (;;); }"
LOSES = """
import * as tf from "@tensorflow/tfjs";
export async function loadNothing() {
  const { device, gpgpu } = tf.backend();
  device?.destroy();
  gpgpu?.gl.getExtension("WEBGL_lose_context").loseContext();
  await new Promise((done) => setTimeout(done));
  throw new Error("and now");
}
"""
REFUSED = """
import * as tf from "@tensorflow/tfjs";
export async function loadNothing() {
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  return { predict: () => ({ y: tf.add(tf.ones([1, 2, 3, 2, 3]), tf.ones([3])) }), dispose() {} };
}
"""

SAMPLES: list[Group] = [
    {
        "x": np.array([[1.5, -2.0]], np.float32),
        "s": np.array(["a", "ü"], dtype=object),
        "b": np.array([True, False, True]),
    },
    {"x": np.zeros((0, 2), np.float32), "s": np.array(["b"], dtype=object), "b": np.array([False])},
]
ODD: Group = {"x": np.array([[np.nan, 0.0]], np.float32), "s": SAMPLES[1]["s"], "b": SAMPLES[1]["b"]}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in which Node finds TensorFlow.js, with inputs in it, an odd sample among them."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        write_groups(Path(name) / "inputs", [*SAMPLES, ODD])
        yield Path(name)


def _job(folder: Path, name: str, code: str) -> Job:
    stub = folder / f"{name}.js"
    stub.write_text(code, encoding="utf-8")
    return Job(name, stub, (folder / "model.json").as_uri(), "", folder / "inputs", folder / name)


@pytest.mark.full
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_model_that_fails_loses_its_own_job_only(backend: str, folder: Path) -> None:
    codes = {"throws": THROWS, "first": DOUBLE, "stray": STRAY, "loses": LOSES, "second": DOUBLE, "hangs": HANGS}
    jobs = [_job(folder, name, code) for name, code in {**codes, "last": DOUBLE}.items()]
    runs = run_jobs(jobs, folder / "jobs", runner=chromium(backend, folder), patience=60)
    assert {name: run.error for name, run in runs.items()} == {
        "throws": "RangeError: nothing at /jobs/model.json",
        "first": None,
        "stray": "Error: in a loop",
        "loses": "the device was lost: Error: and now",
        "second": None,
        "hangs": "no result after 60 s",
        "last": None,
    }
    for name in ("first", "second", "last"):
        first, second = read_groups(folder / name)  # none for the odd sample
        assert (first["y"].tolist(), first["s"].tolist()) == ([[3.0, -4.0]], ["a", "ü"])
        assert (first["b"].dtype, first["b"].tolist()) == (np.dtype(bool), [True, False, True])
        assert second["y"].shape == (0, 2)


@pytest.mark.full
def test_a_shader_that_webgpu_refuses_is_an_error(folder: Path) -> None:
    """TensorFlow.js itself has a warning on the console, and zeros."""
    runs = run_jobs([_job(folder, "refused", REFUSED)], folder / "jobs", runner=chromium("webgpu", folder))
    assert (runs["refused"].error, set(runs["refused"].failures)) == (None, {0})
    assert "shader" in runs["refused"].failures[0].lower()
    assert not read_groups(folder / "refused")[0]["y"].any()


def _published(folder: Path, name: str, *, notes: tuple[str, ...] = (), weight: bytes = b"1234") -> Published:
    model = folder / name
    model.mkdir()
    (model / "w.bin").write_bytes(weight)
    (model / "model.json").write_text(
        '{"modelTopology": {"node": [{"op": "Mul"}]}, "weightsManifest": [{"paths": ["w.bin"], "weights": []}]}',
        encoding="utf-8",
    )
    for what in ("inputs", "outputs"):
        write_groups(folder / f"{name}.{what}", SAMPLES)
    return Published(
        model, folder / f"{name}.js", Files(model, folder / f"{name}.inputs", folder / f"{name}.outputs", 1), notes
    )


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The backends and models that were run, without a browser; all are right."""
    found: list[tuple[str, str]] = []

    def run(
        folder: Path, backend: str, models: Mapping[str, Published], chosen: Mapping[str, str]
    ) -> dict[str, Verdict]:
        found.extend((backend, name) for name in chosen.values())
        return {graph: Verdict("matching") for graph in chosen}

    monkeypatch.setattr(in_browsers, "_run", run)
    monkeypatch.setattr(seen, "in_sample", lambda graph: False)
    return found


NOTHING: Mapping[str, frozenset[str]] = {backend: frozenset() for backend in BACKENDS}


def test_what_is_the_same_is_run_once(tmp_path: Path, ran: list[tuple[str, str]]) -> None:
    models = {name: _published(tmp_path, name) for name in ("one", "same")}
    models["other"] = _published(tmp_path, "other", weight=b"5678")
    found = run_in_browsers(tmp_path, models, NOTHING)
    assert sorted(ran) == [(backend, name) for backend in BACKENDS for name in ("one", "other")]
    assert found["one"] == found["same"]
    assert found["one"].graph != found["other"].graph
    assert {backend: {**count} for backend, count in distinct(found.values()).items()} == {
        backend: {"matching": 2} for backend in BACKENDS
    }


def test_what_is_remembered_is_not_run_but_for_a_sample(
    tmp_path: Path, ran: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = {"one": _published(tmp_path, "one")}
    graph = seen.graph_of(tmp_path / "one", tmp_path / "one.inputs")
    memory = {**NOTHING, "webgl": frozenset({graph})}
    found = run_in_browsers(tmp_path, models, memory)["one"]
    assert ran == [("webgpu", "one")]
    assert (found.remembered, set(found.verdicts), found.silent) == (("webgl",), {"webgpu"}, {})
    monkeypatch.setattr(seen, "in_sample", lambda graph: True)
    run_in_browsers(tmp_path, models, memory)
    assert ran[1:] == [("webgl", "one"), ("webgpu", "one")]


@pytest.mark.parametrize(
    ("verdict", "silent"), [("silent", {}), ("matching", {"webgl": "right, though listed as deviating"})]
)
def test_what_is_listed_deviates(verdict: Literal["silent", "matching"], silent: dict[str, str]) -> None:
    verdicts = {"webgl": Verdict(verdict, "off by 1"), "webgpu": Verdict("matching")}
    found = InBrowsers("0a", verdicts=verdicts, listed={"webgl": "log(0)"})
    assert found.silent == silent
    assert found.kind("webgl") == ("silent" if silent else "listed")


@pytest.mark.parametrize(("verdict", "kind"), [("silent", "noted"), ("matching", "matching")])
def test_what_a_note_tells_of_some_numbers_may_deviate(verdict: Literal["silent", "matching"], kind: str) -> None:
    found = InBrowsers("0a", verdicts={"webgl": Verdict(verdict, "off by 1")}, cautioned={"webgl": otherwise.LARGE})
    assert (found.silent, found.kind("webgl")) == ({}, kind)
    other = InBrowsers("0a", verdicts={"webgl": Verdict(verdict, "off by 1")}, cautioned={"webgpu": otherwise.LARGE})
    assert other.kind("webgl") == verdict


def test_a_note_counts_where_the_samples_have_what_it_is_about(tmp_path: Path) -> None:
    large = "On webgl and webgpu, whole numbers beyond 16,777,216 lose their last digits in AddV2 (add)."
    nothing = "On webgl, MatMul (x) cannot run where there is nothing along an axis of free size."

    def files(x: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Files:
        for what in ("inputs", "outputs"):
            write_groups(tmp_path / what, [{"x": x}, {"x": x}])
        return Files(tmp_path, tmp_path / "inputs", tmp_path / "outputs", 1)

    both = {"webgl": otherwise.LARGE, "webgpu": otherwise.LARGE}
    none = np.zeros((2, 0), np.float32)
    assert otherwise.cautioned([large, nothing], "case", files(np.array([1 << 25], np.int32))) == both
    assert otherwise.cautioned([large, nothing], "case", files(np.array([3], np.int32))) == {}
    assert otherwise.cautioned([large, nothing], "case", files(none)) == {"webgl": otherwise.NOTHING}
    assert otherwise.cautioned(["of another kind"], "case", files(none)) == {}


def test_what_a_note_tells_is_not_run(tmp_path: Path, ran: list[tuple[str, str]]) -> None:
    notes = ("The webgpu backend of TensorFlow.js has no kernel for LRN: use another backend.",)
    found = run_in_browsers(tmp_path, {"one": _published(tmp_path, "one", notes=notes)}, NOTHING)
    assert ran == [("webgl", "one")]
    assert {backend: found["one"].kind(backend) for backend in BACKENDS} == {"webgl": "matching", "webgpu": "noted"}
    assert announced(notes, ("webgl", "webgpu", "wasm")) == ("webgpu",)


def test_a_hash_stands_for_weights_samples_and_topology(tmp_path: Path) -> None:
    one = _published(tmp_path, "one")
    graphs = [seen.graph_of(one.model, one.files.inputs)]
    write_groups(one.files.inputs, [*SAMPLES, ODD])
    assert seen.graph_of(one.model, one.files.inputs) == graphs[0]  # odd samples are not run there
    write_groups(one.files.inputs, [SAMPLES[0], {**SAMPLES[1], "b": np.array([True])}])
    graphs.append(seen.graph_of(one.model, one.files.inputs))
    write_groups(one.files.inputs, [SAMPLES[0], {**SAMPLES[1], "s": np.array(["c"], dtype=object)}])
    graphs.append(seen.graph_of(one.model, one.files.inputs))
    (one.model / "w.bin").write_bytes(b"other")
    graphs.append(seen.graph_of(one.model, one.files.inputs))
    text = (one.model / "model.json").read_text(encoding="utf-8")
    (one.model / "model.json").write_text(text.replace("Mul", "Add"), encoding="utf-8")
    graphs.append(seen.graph_of(one.model, one.files.inputs))
    assert len(set(graphs)) == 5


def test_a_large_network_is_known_by_its_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = _published(tmp_path, "one")
    monkeypatch.setattr(seen, "LARGE", 0)
    before = seen.graph_of(one.model, one.files.inputs)
    (one.model / "w.bin").write_bytes(b"other")
    assert seen.graph_of(one.model, one.files.inputs) == before
    text = (one.model / "model.json").read_text(encoding="utf-8")
    (one.model / "model.json").write_text(text.replace("Mul", "Add"), encoding="utf-8")
    assert seen.graph_of(one.model, one.files.inputs) != before


def test_the_memory_is_sorted_and_read_back(tmp_path: Path) -> None:
    seen.write("webgl", {"b0", "a1"}, tmp_path / "seen")
    assert (tmp_path / "seen" / "webgl.txt").read_text(encoding="ascii") == "a1\nb0\n"
    assert seen.read("webgl", tmp_path / "seen") == {"a1", "b0"}
    assert seen.read("webgpu", tmp_path / "seen") == frozenset()


def test_a_sample_of_what_is_remembered_is_run() -> None:
    for backend in BACKENDS:
        memory = seen.read(backend)
        assert 0 < sum(map(seen.in_sample, memory)) < 2 * len(memory) / seen.SHARE


def test_an_outcome_holds_while_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "read", lambda backend: {"webgl": frozenset({"a"})}.get(backend, frozenset()))
    assert InBrowsers("a", (), ("webgl",), {"webgpu": Verdict("matching")}).holds
    assert not InBrowsers("b", (), ("webgl",), {"webgpu": Verdict("matching")}).holds
    assert InBrowsers("b", ("webgl",), (), {"webgpu": Verdict("matching")}).holds
