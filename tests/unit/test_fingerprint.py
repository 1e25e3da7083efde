"""Every key of the manifest is in the fingerprint, or is left out for a reason: a key that is added to the model and
forgotten would publish nothing new when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tfjs_build.errors import Location
from tfjs_build.fingerprint import fingerprint
from tfjs_build.model import Auto, Classify, Code, InputOptions, Manifest, Minimal, Model, Pixels, Quantize, Verify

PLACE = Location(Path("/tfjs.yaml"), 1, 1)
MODEL = Model("digits", "/models/digits.keras", PLACE)
MANIFEST = Manifest(Path("/tfjs.yaml"), Path("/public"), (MODEL,), stubs=Path("/src"))

CHANGED_OF_MODEL: Mapping[str, Any] = {
    "format": "layers",
    "signature": "serving_default",
    "tags": ("serve",),
    "outputs": ("probabilities",),
    "quantize": Quantize({"uint8": True}),
    "shard_size": 1024,
    "compress": "gzip",
    "rename": {"input_1": "image"},
    "inputs": {"image": InputOptions(pixels=Pixels(range=(0.0, 1.0)))},
    "classify": Classify("probs", softmax=True),
    "metadata": {"version": 2},
    "engine": "tensorflow",
    "code": Code(Path("/project"), ("layers",)),
}
LEFT_OUT_OF_MODEL: Mapping[str, str] = {
    "name": "it names the folder and the stub: another name is another model",
    "source": "the hash of its content stands for it, but for a callable",
    "location": "only messages have it",
    "input_format": "the kind that is given, or was found out, stands for it",
    "max_size": "it is asked about what was made",
    "warn_error": "a message hangs on it, and nothing that is published",
    "labels": "the labels as read stand for them",
    "verify": "it is about what is published; the samples that rounding is fitted to stand for themselves",
    "allow_code": "it permits, and changes nothing",
    "limits": "what is over them is not published, and what is within them is the same",
    "locations": "only messages have them",
}
CHANGED_OF_MANIFEST: Mapping[str, Any] = {
    "language": "javascript",
    "public_url": "https://cdn.example.org",
    "backends": ("webgl",),
    "tfjs": "@tensorflow/tfjs-core",
    "worker": True,
}
LEFT_OUT_OF_MANIFEST: Mapping[str, str] = {
    "path": "where it is does not count",
    "output": "where files go does not count",
    "models": "each has a fingerprint of its own",
    "templates": "the content of the templates stands for the folder",
    "cache": "it says where to look for what was converted, not what that is",
    "text_sha256": "the values that the text gives count, each on its own",
    "imports": "they are counted for the models that may run code",
}


def digest(manifest: Manifest = MANIFEST, model: Model = MODEL) -> str:
    return fingerprint(
        manifest, model, kind="keras", source={"": "ab"}, labels=None, templates={"stub.ts.jinja": "cd"}
    ).digest


def test_every_key_is_accounted_for() -> None:
    assert sorted(field.name for field in fields(Model)) == sorted([*CHANGED_OF_MODEL, *LEFT_OUT_OF_MODEL])
    in_parts = [*CHANGED_OF_MANIFEST, *LEFT_OUT_OF_MANIFEST, "stubs"]
    assert sorted(field.name for field in fields(Manifest)) == sorted(in_parts)


@pytest.mark.parametrize("key", CHANGED_OF_MODEL)
def test_a_key_of_a_model_counts(key: str) -> None:
    changed: Any = {key: CHANGED_OF_MODEL[key]}
    assert digest(model=replace(MODEL, **changed)) != digest()


@pytest.mark.parametrize("key", CHANGED_OF_MANIFEST)
def test_a_key_of_the_manifest_counts(key: str) -> None:
    changed: Any = {key: CHANGED_OF_MANIFEST[key]}
    assert digest(replace(MANIFEST, **changed)) != digest()


def test_callables_of_one_file_are_different_models() -> None:
    def of(source: str) -> str:
        model = replace(MODEL, source=source)
        return fingerprint(
            MANIFEST, model, kind="python", source={"python:nets.py": "ab"}, labels=None, templates={}
        ).digest

    assert len({of("python:nets:made"), of("python:nets:Module"), of("python:nets:Module.inner")}) == 3


def test_what_is_chosen_counts() -> None:
    autos = [None, Auto(), Auto(error=0.02), Auto(size=1 << 20)]
    assert len({digest(model=replace(MODEL, quantize=Quantize(auto=auto))) for auto in autos}) == len(autos)


def test_samples_count_where_rounding_is_fitted_to_them() -> None:
    def of(samples: str | None) -> str:
        return fingerprint(
            MANIFEST, MODEL, kind="keras", source={"": "ab"}, labels=None, templates={}, samples=samples
        ).digest

    assert len({of(None), of("12"), of("34")}) == 3
    verify = Verify(inputs=Path("/samples.npz"))
    assert replace(MODEL, verify=verify).samples is None
    assert replace(MODEL, verify=verify, quantize=Quantize(auto=Auto())).samples == Path("/samples.npz")


def test_kernels_that_are_added_count() -> None:
    digests = {digest(replace(MANIFEST, tfjs=tfjs)) for tfjs in (Minimal(), Minimal(("TopK",)), "minimal")}
    assert len(digests) == 2


def test_stubs_count_by_being_there_and_not_by_their_folder() -> None:
    assert digest(replace(MANIFEST, stubs=None)) != digest()
    assert digest(replace(MANIFEST, stubs=Path("/elsewhere"))) == digest()


def test_names_of_files_need_not_be_utf_8() -> None:
    def of(name: str) -> str:
        return fingerprint(MANIFEST, MODEL, kind="keras", source={name: "ab"}, labels=None, templates={}).digest

    assert of("assets/v\udcff.txt") != of("assets/v\udcfe.txt")
