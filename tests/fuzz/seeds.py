"""What is changed: small sources of every kind.

`python -m tests.fuzz.seeds` takes those that TensorFlow and Keras wrote from the oracle's files anew; they are kept in
`seeds.zip`, as a run needs neither.
"""

from __future__ import annotations

import functools
import gzip
import io
import itertools
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from tests.support.keras_files import write_archive, write_dense
from tests.support.project import REPOSITORY

ARCHIVE = Path(__file__).with_name("seeds.zip")
ORACLE = REPOSITORY / ".cache" / "oracle"
_MOST_BYTES = 40_000
"""A larger source takes too long to change and to read."""

_IDLE = ("fingerprint.pb", "keras_metadata.pb")
"""Files of a SavedModel that are not read."""

_WANTED_BYTES = 2_000
_EACH = {"frozen": 4}
"""How many of a family are kept, where it is more than one."""

_HEAD = {"version": 1, "output": "public/models", "stubs": "src"}


class Seed(NamedTuple):
    """A project's files by their paths in it, tfjs.yaml among them."""

    name: str
    files: Mapping[str, bytes]


def project(name: str, entry: Mapping[str, Any], files: Mapping[str, bytes]) -> Seed:
    """Return a project with one model, `net`."""
    manifest = json.dumps({**_HEAD, "models": {"net": dict(entry)}}).encode()
    return Seed(name, {"tfjs.yaml": manifest, **files})


@functools.cache
def dense() -> bytes:
    """Return a `.keras` file of one dense layer."""
    return _written(write_dense)


def _written(write: Callable[[Path], object]) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.keras"
        write(path)
        return path.read_bytes()


@functools.cache
def kept(kind: str) -> tuple[Seed, ...]:
    """Return the seeds of a kind that `seeds.zip` holds."""
    found: dict[str, dict[str, bytes]] = {}
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in archive.namelist():
            of, seed, path = name.split("/", 2)
            if of == kind:
                found.setdefault(seed, {})[path] = archive.read(name)
    return tuple(Seed(name, files) for name, files in found.items())


@functools.cache
def of_oracle(kind: str) -> tuple[tuple[str, Path], ...]:
    """Return the small sources of a kind that the oracle has written on this machine, by name."""
    return tuple((f"{path.relative_to(ORACLE)}", path) for path in _sources(kind))


def _sources(kind: str) -> Iterator[Path]:
    pattern = {"keras": "*.keras", "h5": "*.h5", "frozen": "*.pb", "saved_model": "saved_model.pb"}[kind]
    for path in sorted(ORACLE.glob(f"*/*/*/sources/**/{pattern}")):
        if kind == "frozen" and path.parent.name != "sources":  # beside a SavedModel
            continue
        source = path.parent if kind == "saved_model" else path
        if sum(each.stat().st_size for each in _files(source)) < _MOST_BYTES:
            yield source


def _files(source: Path) -> list[Path]:
    """Return the files of a source that are read."""
    if source.is_file():
        return [source]
    return [each for each in sorted(source.rglob("*")) if each.is_file() and each.name not in _IDLE]


def read(kind: str, name: str, source: Path) -> Seed:
    """Return a source of the oracle as a project."""
    if kind == "saved_model":
        files = {f"net/{each.relative_to(source)}": each.read_bytes() for each in _files(source)}
        return project(name, {"source": "net"}, files)
    content = source.read_bytes()
    if kind == "frozen":
        return project(name, {"source": "net.pb", "outputs": _outputs(content)}, {"net.pb": content})
    return project(name, {"source": f"net{source.suffix}"}, {f"net{source.suffix}": content})


def _outputs(data: bytes) -> list[str]:
    """Return the nodes of a graph that no other takes."""
    from tfjs_build.convert.saved_model.messages import message_class

    graph = message_class("GraphDef").FromString(data)
    used = {reference.lstrip("^").split(":")[0] for node in graph.node for reference in node.input}
    return [node.name for node in graph.node if node.name not in used and node.op != "NoOp"] or ["x"]


def manifests() -> list[Seed]:
    """Return projects whose manifests say a great deal."""
    files = {"net.keras": dense(), "labels.txt": b"cat\ndog\n", "templates/x.txt": b""}
    entries: list[dict[str, Any]] = [
        {"source": "net.keras"},
        {"source": "net.keras", "quantize": {"uint8": ["*/kernel"], "float16": True}, "labels": ["a", "b"]},
        {"source": "net.keras", "quantize": {"auto": {"error": 0.01}}, "labels": "labels.txt", "shard_size": "1KB"},
        {"source": "net.keras", "quantize": "float16", "rename": {"x": "image", "y": "probs"}, "max_size": "5MB"},
        {"source": "net.keras", "format": "layers", "metadata": {"a": [1, {"b": None}]}, "compress": "none"},
        {"source": "net.keras", "classify": {"output": "y", "softmax": True}, "labels": "labels.txt"},
        {"source": "net.keras", "inputs": {"x": {"pixels": {"range": [0, 1], "channels": "rgb"}}}},
        {"source": "net.keras", "verify": {"mode": "smoke"}, "engine": "native", "input_format": "keras"},
    ]
    seeds = [project(f"entry-{at}", entry, files) for at, entry in enumerate(entries)]
    texts = {
        "several": "version: 1\noutput: public/models\nstubs: src/models\nlanguage: javascript\npublic_url: /models\n"
        "backends: [webgl, wasm]\ndefaults: {quantize: none}\nmodels:\n  digits: {source: net.keras}\n"
        "  my-net:\n    source: net.keras # a comment\n    labels: labels.txt\n  other: {source: nowhere/net.h5}\n",
        "anchors": "version: 1\noutput: public/models\nmodels:\n  a: &a {source: net.keras, labels: [one, two]}\n"
        '  b: *a\n  c:\n    <<: *a\n    quantize: { uint8: ["*/kernel"] }\n',
        "references": "version: 1\noutput: static\nimports: [a.b]\nmodels:\n"
        "  a: {source: 'python:a:b', allow_code: true}\n"
        "  b: {source: net, input_format: tf_saved_model, signature: serving_default, tags: [serve]}\n",
    }
    return seeds + [Seed(name, {"tfjs.yaml": text.encode(), **files}) for name, text in texts.items()]


def labels() -> list[Seed]:
    """Return projects with files of labels."""
    texts = {
        "two": b"cat\ndog\n",
        "windows": b"\xef\xbb\xbfcat\r\ndog\r\n",
        "many": b"\n".join(b"%d" % n for n in range(99)),
    }
    entry = {"source": "net.keras", "labels": "labels.txt"}
    return [project(name, entry, {"net.keras": dense(), "labels.txt": text}) for name, text in texts.items()]


def tfjs() -> list[Seed]:
    """Return TensorFlow.js models: of layers, as Teachable Machine saves them, and of graphs."""
    shard = np.zeros(8, "<f4").tobytes()
    weights = [
        {"name": "y/kernel", "shape": [3, 2], "dtype": "float32"},
        {"name": "y/bias", "shape": [2], "dtype": "float32"},
    ]
    topologies = {
        "layers-model": {
            "keras_version": "2.15.0",
            "model_config": {"class_name": "Sequential", "config": {"layers": []}},
        },
        "graph-model": {
            "node": [{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}],
            "versions": {},
        },
    }
    seeds = []
    for name, topology in topologies.items():
        model = {
            "format": name,
            "generatedBy": "keras v2.15.0",
            "convertedBy": "TensorFlow.js Converter v4.22.0",
            "modelTopology": topology,
            "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}],
        }
        files = {"net/model.json": json.dumps(model).encode(), "net/group1-shard1of1.bin": shard}
        seeds += [project(name, {"source": "net"}, files), project(f"{name}-file", {"source": "net/model.json"}, files)]
    return [
        *seeds,
        project("teachable", {"source": "net"}, _teachable()),
        project("quantized", {"source": "net"}, _fused()),
    ]


def _teachable() -> dict[str, bytes]:
    """Return a layers model that `LayersModel.save` has written, and the labels beside it."""
    dense = {"name": "dense_Dense1", "units": 2, "activation": "softmax", "use_bias": True}
    layers = [{"class_name": "Dense", "config": {**dense, "batch_input_shape": [None, 3], "dtype": "float32"}}]
    model = {
        "modelTopology": {
            "class_name": "Sequential",
            "config": {"name": "sequential_1", "layers": layers},
            "keras_version": "tfjs-layers 1.7.4",
            "backend": "tensor_flow.js",
        },
        "weightsManifest": [
            {
                "paths": ["weights.bin"],
                "weights": [
                    {"name": "dense_Dense1/kernel", "shape": [3, 2], "dtype": "float32"},
                    {"name": "dense_Dense1/bias", "shape": [2], "dtype": "float32"},
                ],
            }
        ],
    }
    metadata = {"tfjsVersion": "1.7.4", "userMetadata": {}, "labels": ["cat", "dog"], "imageSize": 224}
    return {
        "net/model.json": json.dumps(model).encode(),
        "net/weights.bin": np.linspace(-1, 1, 8).astype("<f4").tobytes(),
        "net/metadata.json": json.dumps(metadata).encode(),
    }


def _fused() -> dict[str, bytes]:
    """Return a graph of the stock converter, with fused ops, quantized weights, and attributes left out."""
    fused = {"fused_ops": {"list": {"s": ["Qmlhc0FkZA==", "UmVsdQ=="]}}, "num_args": {"i": "1"}}
    shape = {"shape": {"dim": [{"size": "-1"}, {"size": "2"}]}}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": shape}},
        *({"name": name, "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}} for name in ("w", "b")),
        *({"name": name, "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}}} for name in ("sizes", "axis")),
        {"name": "product", "op": "_FusedMatMul", "input": ["x", "w", "b"], "attr": fused},
        {"name": "rows", "op": "Unpack", "input": ["product"], "attr": {"axis": {"i": "1"}}},
        {"name": "parts", "op": "SplitV", "input": ["product", "sizes", "axis"]},
        {"name": "joined", "op": "ConcatV2", "input": ["parts", "parts:1", "axis"]},
        {"name": "y", "op": "Sum", "input": ["joined", "axis"], "attr": {"keep_dims": {"b": False}}},
        {"name": "sum", "op": "AddN", "input": ["rows", "rows:1", "y"]},
    ]
    affine = {"dtype": "uint8", "scale": 0.5, "min": -1.0}
    weights = [
        {"name": "w", "shape": [2, 2], "dtype": "float32", "quantization": affine},
        {"name": "b", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {"name": "sizes", "shape": [2], "dtype": "int32"},
        {"name": "axis", "shape": [], "dtype": "int32"},
    ]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {"producer": 27}},
        "weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": weights}],
        "signature": {"inputs": {"x": {"name": "x:0"}}, "outputs": {"total": {"name": "sum:0"}}},
    }
    data = bytes((1, 2, 3, 4)) + np.array([1, -1], "<f2").tobytes() + np.array([1, 1, 1], "<i4").tobytes()
    return {"net/model.json": json.dumps(model).encode(), "net/one.bin": data[:7], "net/two.bin": data[7:]}


def tflite() -> list[Seed]:
    """Return TensorFlow Lite models: of floats, quantized, with other graphs inside."""
    folder = REPOSITORY / "tests" / "fixtures" / "tflite"
    names = ("arrays-float", "attention-float", "image-dynamic", "image-int8-io", "loop-float", "lstm-float")
    return [
        project(name, {"source": "net.tflite"}, {"net.tflite": (folder / f"{name}.tflite").read_bytes()})
        for name in names
    ]


def archives() -> list[Seed]:
    """Return TF Hub modules as archives, and zip archives of other kinds."""
    seeds: list[Seed] = []
    for seed in kept("saved_model"):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path, data in seed.files.items():
                if path.startswith("net/"):
                    info = tarfile.TarInfo(path if len(seeds) % 2 else path.removeprefix("net/"))
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        packed = gzip.compress(content.getvalue(), mtime=0)
        seeds.append(project(f"module-{seed.name}", {"source": "net.tar.gz"}, {"net.tar.gz": packed}))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a/net.keras", dense())
    seeds.append(project("zip", {"source": "net.zip"}, {"net.zip": content.getvalue()}))
    seeds.append(project("keras", {"source": "net.keras"}, {"net.keras": dense()}))
    return seeds


def by_hand() -> list[Seed]:
    """Return Keras files that no writer of the oracle gives: weights in chunks, half floats, strings."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.create_dataset("0", data=np.ones((3, 2), "f2"), chunks=True, compression="gzip", fletcher32=True)
        group.create_dataset("1", data=np.ones(2, ">f8"))
    from tests.support.keras_files import dense_config

    data = _written(lambda path: write_archive(path, dense_config(), weights.getvalue()))
    return [
        project("dense", {"source": "net.keras"}, {"net.keras": dense()}),
        project("dense-layers", {"source": "net.keras", "format": "layers"}, {"net.keras": dense()}),
        project("chunks", {"source": "net.keras"}, {"net.keras": data}),
    ]


def main() -> None:
    """Write `seeds.zip`: of each family of the oracle its smallest sources, as they are."""
    suites = {
        "keras": ("keras_matrix",),
        "h5": ("keras_matrix/a", "keras_matrix/m", "keras_matrix/s", "keras_matrix/r", "keras_matrix/d", "reported"),
        "saved_model": ("graphs.models", *(f"graphs.ops/{each}" for each in ("c", "d", "h", "r", "s"))),
        "frozen": ("graphs.models", "reported"),
    }
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_LZMA) as archive:
        for kind, wanted in suites.items():
            found = [each for each in of_oracle(kind) if each[0].startswith(wanted)]
            for (suite, family), group in itertools.groupby(found, key=lambda each: each[0].split("/")[:2]):
                chosen = sorted((read(kind, *each) for each in group), key=_distance)
                for at, seed in enumerate(chosen[: _EACH.get(kind, 1)]):
                    for path, data in sorted(seed.files.items()):
                        archive.writestr(
                            zipfile.ZipInfo(f"{kind}/{suite}.{family}.{at}/{path}"), data, zipfile.ZIP_LZMA
                        )


def _distance(seed: Seed) -> tuple[int, str]:
    """Order sources by how far they are, packed, from the size of one that is small and yet has something in it."""
    size = sum(len(gzip.compress(data, mtime=0)) for data in seed.files.values())
    return abs(size - _WANTED_BYTES), seed.name


if __name__ == "__main__":
    main()
