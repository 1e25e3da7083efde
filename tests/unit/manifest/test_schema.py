"""The JSON Schema accepts what the loader accepts, and refuses what it refuses, value by value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tfjs_build.errors import ManifestError
from tfjs_build.manifest import parse, schema
from tfjs_build.manifest.faults import Faults
from tfjs_build.manifest.fields import MANIFEST_FIELDS, MODEL_FIELDS, VERIFY_FIELDS
from tfjs_build.manifest.read import read
from tfjs_build.manifest.tree import plain

GOLDEN = Path(__file__).parents[2] / "golden" / "manifest"

# Bad manifests in which every single value is sound: only what they say together is wrong.
BEYOND = {
    "folders", "name-clashes", "no-templates", "output-above-root", "output-in-state", "output-is-root",
    "public-url", "stubs-in-source", "wrong-kind-of-source", "code", "tfjs-layers", "tfjs-kernels",
    "tfjs-kernels-of-none",
}  # fmt: skip

# Those of which nothing is left to check, or too little: YAML itself is wrong, or a key is there twice.
NO_DATA = {"duplicate-keys", "control-character", "latin-1", "utf-16", "alias-to-itself", "two-documents"}

GOOD = {
    "source": ["net.keras", "../a b/net", "https://a.b/c?d", "http://localhost:1/x", "python:a.b:c", "{ python: a:b }"],
    "input_format": ["keras", "tf_saved_model", "tf_hub", "tf_frozen_model", "tfjs", "tflite"],
    "format": ["auto", "layers", "graph"],
    "signature": ["serving_default", "'1'"],
    "tags": ["[serve]", "[]"],
    "outputs": ["[a, 'b:0']", "[]"],
    "quantize": [
        *("none", "auto", "float16", "{}", "{ uint8: true }", "{ uint8: a, uint16: [b, c] }", "{ auto: true }"),
        *("{ auto: {}, float16: a }", "{ auto: { error: 0.02 } }", "{ auto: { size: 2MB } }"),
    ],
    "shard_size": ["1", "4MB", "1.5 gb", "100b", "1e6"],
    "compress": ["none", "gzip"],
    "max_size": ["none", "5KB"],
    "warn_error": ["0.05", "1"],
    "rename": ["{}", "{ a: b, c: 'd e' }"],
    "inputs": [
        "{}",
        "{ a: {} }",
        "{ a: { pixels: [-1, 1] } }",
        "{ a: { pixels: {} } }",
        "{ a: { pixels: { range: [0, 255], channels: gray, fit: contain, resize: nearest } } }",
        "{ a: { pixels: { mean: 0.5, std: [0.1, 0.2, 0.3] } }, b: { pixels: { std: [255] } } }",
    ],
    "labels": ["labels.txt", "[]", "[a, 1, true, 1.5, '']"],
    "classify": ["{}", "{ output: probs }", "{ softmax: true }", "{ output: probs, softmax: false }"],
    "metadata": ["{}", "{ a: [1, ~, { b: x }] }"],
    "engine": ["auto", "native", "tensorflow"],
    "verify": ["none", "smoke", "parity", "{}", "{ mode: smoke, samples: 1, tolerance: 0.1, inputs: x.npz }"],
    "allow_code": ["true", "false"],
    "limits": ["{}", "{ time: 10min, download: 1.5h, memory: 16GB }", "{ time: 30 s, disk: 1GB, output: 4096 }"],
}
BAD = {
    "source": ["~", "''", "1", "[a]", "{}", "{ python: a }", "{ python: a:b, c: d }", "gs://a", "http://a.b/c", "a\\b",
               "https://", "http://localhost.evil.com/x", "https://me@a.b/c", "~/a", "python:a", "file:/a", '"a\\nb"'],
    "input_format": ["auto", "1", "~", "Keras"],
    "format": ["Auto", "true", "[graph]"],
    "signature": ["''", "1", "true", "[a]", "~"],
    "tags": ["serve", "{}", "[1]", "['']", "~"],
    "outputs": ["a", "[[a]]"],
    "quantize": [
        *("true", "~", "uint4", "[uint8]", "{ uint8: false }", "{ uint8: 1 }", "{ uint8: [] }", "{ uint8: '' }"),
        *("{ int8: true }", "{ uint8: { a: true } }", "{ auto: false }", "{ auto: { error: 0 } }", "{ auto: 0.01 }"),
        *("{ auto: { error: 0.1, size: 2MB } }", "{ auto: { bits: 4 } }"),
    ],
    "shard_size": ["0", "-1", "none", "4.5", "0MB", "0.5MB", "MB", "4TB", "4MBB", "' 4MB'", "true", "~", "[1]", "0B"],
    "compress": ["true", "brotli", "~", "[gzip]"],
    "max_size": ["0", "no", "~"],
    "warn_error": ["0", "-1", "none", "5 %"],
    "rename": ["[]", "{ a: 1 }", "{ a: '' }", "{ a: __proto__ }", "{ '': a }", "~"],
    "inputs": [
        "{ a: b }",
        "[a]",
        "{ a: ~ }",
        "{ a: { b: 1 } }",
        "{ a: { pixels: true } }",
        "{ a: { pixels: [1] } }",
        "{ a: { pixels: [a, b] } }",
        "{ a: { pixels: { range: 1 } } }",
        "{ a: { pixels: { mean: [1, 2] } } }",
        "{ a: { pixels: { std: 0 } } }",
        "{ a: { pixels: { range: [0, 1], mean: 0.5 } } }",
        "{ a: { pixels: { channels: rgba } } }",
    ],
    "labels": ["1", "~", "{ a: b }", "[~]", "[[a]]", "''"],
    "classify": ["[]", "probs", "~", "{ output: 1 }", "{ output: '' }", "{ softmax: 1 }", "{ top: 3 }"],
    "metadata": ["[]", "a", "{ signature: 1 }", "{ structuredOutputKeys: [] }", "{ tfjs-build: {} }"],
    "engine": ["tf", "~"],
    "verify": ["true", "[]", "{ mode: all }", "{ samples: 0 }", "{ samples: 1.5 }", "{ tolerance: 0 }", "{ a: 1 }"],
    "allow_code": ["1", "yes", "'true'", "~"],
    "limits": ["1h", "{ time: 10 }", "{ time: 0s }", "{ time: 1d }", "{ memory: lots }", "{ cpu: 2 }", "~"],
    "sauce": ["1"],
}  # fmt: skip

TOP_GOOD = {
    "stubs": ["src/models", "../src", "/srv/src"],
    "language": ["typescript", "javascript"],
    "public_url": ["/", "/a/b", "https://a.b", "http://a.b/c/", "//cdn/x"],
    "backends": ["[webgl]", "[webgpu, webgl, wasm, cpu]"],
    "tfjs": ["'@tensorflow/tfjs'", "./tf.js", "https://esm.sh/@tensorflow/tfjs"],
    "worker": ["true", "false"],
    "templates": ["stub-templates"],
    "imports": ["[]", "[a.b, _c1]"],
    "cache": [
        "/mnt/cache",
        "../cache",
        "s3://bucket",
        "gs://a/b/c",
        "{ url: s3://a/b, read_only: true }",
        "{ url: a }",
    ],
    "defaults": ["{}", "{ quantize: none, engine: native }"],
}
TOP_BAD = {
    "stubs": ["''", "1", "~", "[a]", "a\\b", "~/a", "https://a.b/c"],
    "worker": ["~", "1", "digits"],
    "language": ["ts", "~"],
    "public_url": ["a/b", "''", "/a?b", "/a b", "https://", "ftp://a.b", '"/a\\"b"'],
    "backends": ["[]", "webgl", "~", "[gpu]", "[1]", "{ webgl: true }"],
    "tfjs": ["a b", "''", '"a\'b"', "1"],
    "templates": ["[]"],
    "imports": ["a.b", "[a-b]", "[1]", "[a.]", "{}"],
    "cache": [
        "''",
        "1",
        "~",
        "[a]",
        "s3://",
        "file:///a",
        "s3://k:secret@b",
        "s3:/b",
        "s3://a::b",
        "{}",
        "{ read_only: true }",
    ],
    "defaults": ["[]", "~", "{ source: a }", "{ quantize: int4 }", "{ output: a }"],
    "models2": ["{}"],
}

VALIDATOR = jsonschema.Draft7Validator(schema())


def data(text: str) -> Any:
    """The document as an editor sees it."""
    root = read(text.removeprefix("\ufeff"), Faults(text, Path("f")))
    return None if root is None else plain(root)


def loads(text: str) -> bool:
    try:
        parse(text, Path("/web/tfjs.yaml"))
    except ManifestError:
        return False
    return True


def with_model(key: str, value: str) -> str:
    keys = {"source": "exported", "allow_code": "true", key: value}
    entries = "\n".join(f"    {name}: {value}" for name, value in keys.items())
    return f"version: 1\noutput: public/models\nmodels:\n  net:\n{entries}\n"


def with_top(key: str, value: str) -> str:
    return f"version: 1\noutput: public/models\nmodels: {{ net: {{ source: n, allow_code: true }} }}\n{key}: {value}\n"


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(key, value) for key, values in table.items() for value in values]


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()


@pytest.mark.parametrize("make", [with_model, with_top])
def test_good_values(make: Any) -> None:
    for key, value in pairs(GOOD if make is with_model else TOP_GOOD):
        text = make(key, value)
        assert loads(text), text
        assert VALIDATOR.is_valid(data(text)), text


@pytest.mark.parametrize("make", [with_model, with_top])
def test_bad_values(make: Any) -> None:
    for key, value in pairs(BAD if make is with_model else TOP_BAD):
        text = make(key, value)
        assert not loads(text), text
        assert not VALIDATOR.is_valid(data(text)), text


def test_every_key_is_tried() -> None:
    assert set(GOOD) == {field.key for field in MODEL_FIELDS}
    assert set(GOOD) | {"sauce"} == set(BAD)
    assert set(TOP_GOOD) | {"version", "output", "models"} == {field.key for field in MANIFEST_FIELDS}


@pytest.mark.parametrize(
    "text",
    [
        "version: 1.0\noutput: o\nmodels: {}",
        "version: 1\noutput: o\nmodels: {}",
    ],
)
def test_good_manifests(text: str) -> None:
    assert loads(text)
    assert VALIDATOR.is_valid(data(text))


@pytest.mark.parametrize(
    "text",
    [
        "output: o\nmodels: {}",
        "version: 1\nmodels: {}",
        "version: 1\noutput: o",
        "version: '1'\noutput: o\nmodels: {}",
        "version: true\noutput: o\nmodels: {}",
        "version: 1\noutput: o\nmodels: []",
        "version: 1\noutput: o\nmodels: { a: b }",
        "version: 1\noutput: o\nmodels: { a: ~ }",
        "version: 1\noutput: o\nmodels: { a: {} }",
        "version: 1\noutput: o\nmodels: { a/b: { source: c } }",
        "version: 1\noutput: o\nmodels: { 3d: { source: c } }",
        f"version: 1\noutput: o\nmodels: {{ {'a' * 101}: {{ source: c }} }}",
    ],
)
def test_bad_manifests(text: str) -> None:
    assert not loads(text)
    assert not VALIDATOR.is_valid(data(text))


def golden() -> list[Path]:
    paths = sorted(GOLDEN.glob("*.yaml"))
    return [path for path in paths if not path.stem.startswith("syntax-") and path.stem not in NO_DATA]


@pytest.mark.parametrize("path", golden(), ids=lambda path: path.stem)
def test_golden_manifests(path: Path) -> None:
    found = data(path.read_text(encoding="utf-8"))
    assert VALIDATOR.is_valid(found) == (path.stem in BEYOND)


def test_every_key_is_described() -> None:
    model = schema()["definitions"]["model"]
    assert list(model["properties"]) == [field.key for field in MODEL_FIELDS]
    assert model["required"] == ["source"]
    assert schema()["required"] == ["version", "output", "models"]
    assert model["properties"]["shard_size"]["default"] == "4MB"
    for field in (*MODEL_FIELDS, *MANIFEST_FIELDS, *VERIFY_FIELDS):
        assert field.doc.endswith(".")
        assert field.default is None or not field.default_words


def test_defaults_are_values_of_their_keys() -> None:
    for properties in (schema()["properties"], schema()["definitions"]["model"]["properties"]):
        for described in properties.values():
            if "default" in described:
                inner = {key: value for key, value in described.items() if key not in ("default", "description")}
                jsonschema.Draft7Validator(inner).validate(described["default"])
