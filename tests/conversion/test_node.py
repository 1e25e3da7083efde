"""Running stubs in Node: a model that throws, hangs or takes the process down loses its own job only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from tests.conversion.build import published_content
from tests.conversion.node import WORK, Job, run_jobs
from tests.oracle.tensors import Group, read_groups, write_groups

DOUBLE = """
import * as tf from "@tensorflow/tfjs";
export async function loadDouble({ url }) {
  return { predict: ({ x, s, b }) => tf.tidy(() => ({ y: x.mul(2), s: s.clone(), b: b.clone() })), dispose() {} };
}
"""
LEAKS = """
import * as tf from "@tensorflow/tfjs";
export async function loadLeaky() {
  const weight = tf.scalar(1);
  return { predict: ({ x }) => ({ y: x.mul(2).add(weight) }), dispose() {} };
}
"""
FAILS_ON_NOTHING = """
import * as tf from "@tensorflow/tfjs";
export async function loadDouble({ url }) {
  return {
    predict({ x }) {
      const y = x.mul(2);
      if (x.size) return { y };
      throw new %s("nothing in it");
    },
    dispose() {},
  };
}
"""
THROWS = "export async function loadNothing({ url }) { throw new RangeError(`nothing at ${url}`); }"
EXITS = "export async function loadNothing() { process.exit(7); }"
TRAPS = "export async function loadNothing() { throw new WebAssembly.RuntimeError('unreachable'); }"
HANGS = "export async function loadNothing() { for (;;); }"
NO_LOADER = "export const value = 1;"

SAMPLES: list[Group] = [
    {
        "x": np.array([[1.5, -2.0]], np.float32),
        "s": np.array(["a", "ü"], dtype=object),
        "b": np.array([True, False, True]),
    },
    {"x": np.zeros((0, 2), np.float32), "s": np.array(["b"], dtype=object), "b": np.array([False])},
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in which Node finds TensorFlow.js, with inputs in it."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        write_groups(Path(name) / "inputs", SAMPLES)
        yield Path(name)


def _job(folder: Path, name: str, code: str) -> Job:
    stub = folder / f"{name}.mjs"
    stub.write_text(code, encoding="utf-8")
    return Job(name, stub, "file:///model.json", "cpu", folder / "inputs", folder / name)


def test_outputs_come_back_by_name(folder: Path) -> None:
    runs = run_jobs([_job(folder, "double", DOUBLE)], folder / "node")
    assert runs["double"].error is None
    assert runs["double"].leaked == {"predict": 0, "dispose": 0}
    first, second = read_groups(folder / "double")
    assert list(first) == ["y", "s", "b"]
    assert first["y"].tolist() == [[3.0, -4.0]]
    assert first["s"].tolist() == ["a", "ü"]
    assert (first["b"].dtype, first["b"].tolist()) == (np.dtype(bool), [True, False, True])
    assert second["y"].shape == (0, 2)


def test_tensors_that_are_left_are_counted(folder: Path) -> None:
    runs = run_jobs([_job(folder, "leaks", LEAKS)], folder / "node")
    assert runs["leaks"].leaked == {"predict": 1, "dispose": 3}  # an x·2 for each sample, and the weight


def test_a_model_that_fails_loses_its_own_job_only(folder: Path) -> None:
    codes = {"throws": THROWS, "first": DOUBLE, "exits": EXITS, "no_loader": NO_LOADER, "last": DOUBLE}
    runs = run_jobs([_job(folder, name, code) for name, code in codes.items()], folder / "node")
    assert list(runs) == list(codes)
    assert runs["throws"].error == "RangeError: nothing at file:///model.json"
    assert (runs["exits"].error or "").startswith("Node ended with code 7")
    assert (runs["no_loader"].error or "").endswith("exports [] instead of one loader")
    assert [name for name, run in runs.items() if run.error is None] == ["first", "last"]


def test_a_sample_that_fails_leaves_the_others(folder: Path) -> None:
    write_groups(folder / "inputs", [SAMPLES[0], SAMPLES[1], SAMPLES[0]])
    runs = run_jobs([_job(folder, "fails", FAILS_ON_NOTHING % "RangeError")], folder / "node")
    assert (runs["fails"].error, runs["fails"].failures) == (None, {1: "RangeError: nothing in it"})
    assert runs["fails"].leaked == {"predict": 0, "dispose": 0}
    first, second, third = read_groups(folder / "fails")
    assert (first["y"].tolist(), second, third["y"].tolist()) == ([[3.0, -4.0]], {}, [[3.0, -4.0]])


def test_after_a_sample_on_which_webassembly_trapped_all_starts_anew(folder: Path) -> None:
    write_groups(folder / "inputs", [SAMPLES[0], SAMPLES[1], SAMPLES[0]])
    codes = {"traps": FAILS_ON_NOTHING % "WebAssembly.RuntimeError", "next": DOUBLE}
    jobs = [replace(_job(folder, name, code), backend="wasm") for name, code in codes.items()]
    runs = run_jobs(jobs, folder / "node")
    assert (runs["traps"].error, runs["next"].error) == (None, None)
    assert (runs["traps"].failures, runs["next"].failures) == ({1: "RuntimeError: nothing in it"}, {})
    assert (runs["traps"].leaked, runs["next"].leaked) == ({}, {"predict": 0, "dispose": 0})
    first, second, third = read_groups(folder / "traps")
    assert (first["y"].tolist(), second, third["y"].tolist()) == ([[3.0, -4.0]], {}, [[3.0, -4.0]])


def test_a_model_on_which_webassembly_traps_loses_its_own_job_only(folder: Path) -> None:
    codes = {"first": DOUBLE, "traps": TRAPS, "next": DOUBLE, "traps_too": TRAPS}
    runs = run_jobs([_job(folder, name, code) for name, code in codes.items()], folder / "node")
    assert {name: run.error for name, run in runs.items()} == {
        "first": None,
        "traps": "RuntimeError: unreachable",
        "next": None,
        "traps_too": "RuntimeError: unreachable",
    }


def test_a_model_that_hangs_is_given_up(folder: Path) -> None:
    runs = run_jobs([_job(folder, "hangs", HANGS)], folder / "node", patience=1)
    assert runs["hangs"].error == "no result after 1 s"


def test_of_jobs_that_do_the_same_one_is_run(folder: Path) -> None:
    jobs = [replace(_job(folder, name, DOUBLE), content="double") for name in ("first", "second")]
    other = replace(_job(folder, "other", LEAKS), content="leaks")
    runs = run_jobs([*jobs, other], folder / "node")
    assert [(name, run.outputs.name) for name, run in runs.items()] == [
        ("first", "first"),
        ("second", "first"),
        ("other", "other"),
    ]
    assert not (folder / "second.json").exists()
    assert runs["first"].leaked != runs["other"].leaked


def test_models_are_the_same_by_graph_weights_signature_and_inputs(folder: Path) -> None:
    ours = {"signature": {"inputs": ["x"]}, "fingerprint": "one"}
    document = {"modelTopology": {"node": []}, "weightsManifest": [], "userDefinedMetadata": {"tfjs-build": ours}}

    def content(**changed: object) -> str:
        (folder / "model.json").write_text(json.dumps({**document, **changed}), encoding="utf-8")
        return published_content(folder, folder / "inputs")

    same = content()
    assert content(userDefinedMetadata={"tfjs-build": {**ours, "fingerprint": "two"}}, generatedBy="Keras") == same
    assert content(modelTopology={"node": [1]}) != same
    assert content(weightsManifest=[{"paths": ["weights.bin"]}]) != same
    assert content(userDefinedMetadata={"tfjs-build": {"signature": {"inputs": ["y"]}}}) != same
    write_groups(folder / "inputs", SAMPLES[:1])
    assert content() != same
