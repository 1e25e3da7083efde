"""From the text of a good manifest to its typed form, and finding the file."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tfjs_build.errors import Location, ManifestError
from tfjs_build.manifest import Manifest, Model, find, load, parse
from tfjs_build.manifest.fields import MODEL_FIELDS
from tfjs_build.model import Auto, InputOptions, Pixels, Quantize, Verify

PATH = Path("/project/web/tfjs.yaml")
HEAD = "version: 1\noutput: public/models\n"

DESIGN = """\
version: 1
output: public/models            # static assets directory: one folder per model
stubs: src/models                # generated loaders; leave out for none
language: typescript             # or javascript (ES module + .d.ts)
public_url: /models              # where a browser finds `output`; derived from it by default
backends: [webgl, wasm]          # where the site runs its models; all four by default
tfjs: "@tensorflow/tfjs"         # module that stubs import
templates: stub-templates        # a folder whose files override templates/; optional
defaults: { quantize: none }     # any per-model key
models:
  digits:
    source: ../training/digits.keras
  toxicity:
    source: exported/toxicity          # SavedModel folder
    signature: serving_default
    quantize: { uint8: ["*/dense*/*"], float16: true }
    rename: { output_0: probabilities } # names of inputs and outputs as the stub shows them
    labels: labels.txt                 # or a list
    max_size: 5MB                      # a larger download fails the build
  mobile: { source: nets/mobilenet.h5, format: graph, shard_size: 1MB }
"""


def manifest(text: str) -> Manifest:
    return parse(HEAD + text, PATH)


def model(keys: str) -> Model:
    """The one model of a manifest, without the places of its keys."""
    (only,) = manifest(f"models:\n  net: {{ {keys} }}\n").models
    return replace(only, locations={})


def test_the_manifest_of_the_design() -> None:
    found = parse(DESIGN, PATH)
    web = Path("/project/web")
    digits, toxicity, mobile = found.models
    assert replace(found, models=()) == Manifest(
        path=PATH,
        output=web / "public/models",
        models=(),
        stubs=web / "src/models",
        public_url="/models",
        backends=("webgl", "wasm"),
        templates=web / "stub-templates",
    )
    assert digits == Model(
        name="digits",
        source="/project/training/digits.keras",
        location=Location(PATH, 11, 3),
        locations={
            "backends": Location(PATH, 6, 1),
            "quantize": Location(PATH, 9, 13),
            "source": Location(PATH, 12, 5),
        },
    )
    assert replace(toxicity, locations={}) == Model(
        name="toxicity",
        source="/project/web/exported/toxicity",
        location=Location(PATH, 13, 3),
        signature="serving_default",
        quantize=Quantize({"uint8": ("*/dense*/*",), "float16": True}),
        rename={"output_0": "probabilities"},
        labels=web / "labels.txt",
        max_size=5 * 1024 * 1024,
    )
    assert replace(mobile, locations={}) == Model(
        name="mobile",
        source="/project/web/nets/mobilenet.h5",
        location=Location(PATH, 20, 3),
        format="graph",
        shard_size=1024 * 1024,
    )
    assert found.root == web
    assert pickle.loads(pickle.dumps(found)) == found


def test_the_least_manifest() -> None:
    assert manifest("models: {}") == Manifest(
        path=PATH, output=PATH.parent / "public/models", models=(), public_url="/models"
    )


def test_every_key_of_the_manifest() -> None:
    found = manifest("""\
stubs: ../site/src
language: javascript
public_url: https://cdn.example.com/models/
tfjs: ./tf.js
imports: [my_package.layers, other]
defaults: { allow_code: true }
models: { net: { source: net.keras } }
""")
    assert found.stubs == Path("/project/site/src")
    assert found.language == "javascript"
    assert found.public_url == "https://cdn.example.com/models"
    assert found.tfjs == "./tf.js"
    assert found.imports == ("my_package.layers", "other")
    assert found.models[0].allow_code


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("format: layers", {"format": "layers"}),
        ("engine: native", {"engine": "native"}),
        ("shard_size: 1000", {"shard_size": 1000}),
        ("shard_size: 512KB", {"shard_size": 524288}),
        ("shard_size: 1.5 mb", {"shard_size": 1572864}),
        ("shard_size: 100B", {"shard_size": 100}),
        ("compress: gzip", {"compress": "gzip"}),
        ("max_size: 1GB", {"max_size": 1024**3}),
        ("max_size: none", {"max_size": None}),
        ("quantize: none", {"quantize": Quantize()}),
        ("quantize: {}", {"quantize": Quantize()}),
        ("quantize: uint16", {"quantize": Quantize({"uint16": True})}),
        ("quantize: auto", {"quantize": Quantize(auto=Auto(0.01))}),
        ("quantize: { auto: true }", {"quantize": Quantize(auto=Auto(0.01))}),
        ("quantize: { auto: { error: 0.05 } }", {"quantize": Quantize(auto=Auto(0.05))}),
        (
            'quantize: { auto: { size: 2MB }, float16: "head/*" }',
            {"quantize": Quantize({"float16": ("head/*",)}, Auto(size=2 << 20))},
        ),
        ("warn_error: 0.2", {"warn_error": 0.2}),
        ('quantize: { uint8: "*/kernel" }', {"quantize": Quantize({"uint8": ("*/kernel",)})}),
        (
            'quantize: { uint8: ["a", "b"], float16: true }',
            {"quantize": Quantize({"uint8": ("a", "b"), "float16": True})},
        ),
        ("rename: { a: b, b: a, 1: no }", {"rename": {"a": "b", "b": "a", "1": "no"}}),
        (
            "labels: [cat, no, 1, 1.50, 0x1F, yes, '', true]",
            {"labels": ("cat", "no", "1", "1.50", "0x1F", "yes", "", "true")},
        ),
        ("labels: []", {"labels": None}),
        ("labels: names/labels.txt", {"labels": Path("/project/web/names/labels.txt")}),
        ("verify: smoke", {"verify": Verify("smoke")}),
        ("verify: { samples: 4, tolerance: 1e-3 }", {"verify": Verify("parity", 4, 0.001)}),
        ("verify: { mode: smoke, inputs: in.npz }", {"verify": Verify("smoke", inputs=Path("/project/web/in.npz"))}),
        ("inputs: { image: {} }", {"inputs": {"image": InputOptions()}}),
        (
            "inputs: { image: { pixels: [-1, 1] } }",
            {"inputs": {"image": InputOptions(Pixels(range=(-1.0, 1.0)))}},
        ),
        (
            "inputs: { image: { pixels: { mean: 103.9, std: [0.2, 0.3, 0.4], channels: bgr, fit: cover } } }",
            {"inputs": {"image": InputOptions(Pixels(None, (103.9,), (0.2, 0.3, 0.4), "bgr", "cover"))}},
        ),
        (
            "metadata: { n: [1, 0.5, true, ~, x], day: 2024-01-01, at: 12:30, ok: yes }",
            {"metadata": {"n": [1, 0.5, True, None, "x"], "day": "2024-01-01", "at": "12:30", "ok": "yes"}},
        ),
    ],
)
def test_values(keys: str, expected: dict[str, object]) -> None:
    plain = model("source: net.keras")
    assert model(f"source: net.keras, {keys}") == replace(plain, **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("net.keras", "/project/web/net.keras"),
        ("../training/./net.h5", "/project/training/net.h5"),
        ("/data/net.keras", "/data/net.keras"),
        ("a folder/with spaces", "/project/web/a folder/with spaces"),
        ("https://tfhub.dev/google/imagenet/1?tf-hub-format=compressed", None),
        ("http://localhost:8000/net.tar.gz", None),
        ("http://127.0.0.1/net.tar.gz", None),
        ("'http://[::1]:80/net.tar.gz'", "http://[::1]:80/net.tar.gz"),
        ("python:my_package.models:make, allow_code: true", "python:my_package.models:make"),
        ("'python: my_package.models:Nets.make', allow_code: true", "python:my_package.models:Nets.make"),
        ("{ python: models:make }, allow_code: true", "python:models:make"),
        ("python:models:make, input_format: python, allow_code: true", "python:models:make"),
    ],
)
def test_sources(source: str, expected: str | None) -> None:
    assert model(f"source: {source}").source == (expected or source)


@pytest.mark.parametrize(
    ("output", "url"),
    [
        ("public/models", "/models"),
        ("static/models", "/models"),
        ("src/assets/models", "/models"),
        ("./public//models/", "/models"),
        ("public", ""),
        ("dist/models", "/dist/models"),
        ("src/models", "/src/models"),
        ("web/public/models", "/web/public/models"),
        ("publicity", "/publicity"),
        ("public/my models/ü", "/my%20models/%C3%BC"),
        ("../site/public/models", "/models"),
        ("../site/src/assets/nets", "/nets"),
        ("/srv/static/public/x", "/x"),
        ("../dist", ""),
    ],
)
def test_public_url_from_output(output: str, url: str) -> None:
    assert parse(f"version: 1\noutput: {output}\nmodels: {{}}\n", PATH).public_url == url


@pytest.mark.parametrize(
    ("given", "url"), [("/", ""), ("/a/b/", "/a/b"), ("https://cdn.example.com", "https://cdn.example.com")]
)
def test_public_url_as_given(given: str, url: str) -> None:
    assert manifest(f"public_url: {given}\nmodels: {{}}\n").public_url == url


def test_a_given_public_url_makes_any_output_fit() -> None:
    text = "version: 1\noutput: ../dist\nstubs: src\npublic_url: /m\nmodels: {}\n"
    assert parse(text, PATH).public_url == "/m"


def test_a_model_s_own_value_replaces_the_default_whole() -> None:
    first, second = manifest("""\
defaults: { quantize: { uint8: true }, labels: [a], metadata: { by: me }, signature: x, outputs: [y], max_size: 1MB }
models:
  first: { source: a.keras }
  second: { source: b, quantize: { float16: "*" }, labels: [], metadata: { of: b }, max_size: none }
""").models
    assert first.quantize == Quantize({"uint8": True})
    assert (first.labels, first.metadata, first.signature, first.outputs) == (("a",), {"by": "me"}, "x", ("y",))
    assert second.quantize == Quantize({"float16": ("*",)})
    assert (second.labels, second.metadata, second.max_size) == (None, {"of": "b"}, None)
    assert first.locations["quantize"] == Location(PATH, 3, 13)
    assert second.locations["quantize"] == Location(PATH, 6, 24)
    assert "quantize" in second.locations
    assert "format" not in second.locations


@pytest.mark.parametrize("field", [field for field in MODEL_FIELDS if field.default is not None], ids=lambda f: f.key)
def test_the_table_s_defaults_are_the_model_s(field: object) -> None:
    key, default = field.key, field.default  # type: ignore[attr-defined]
    written = str(default).lower() if isinstance(default, bool) else default
    assert model(f"source: net.keras, {key}: {written}") == model("source: net.keras")


def test_aliases_and_merge_keys() -> None:
    first, second = manifest("""\
models:
  first: &first { source: a.keras, quantize: uint8, shard_size: &size 1MB }
  second: { <<: *first, source: b.keras, max_size: *size }
""").models
    assert (second.quantize, second.shard_size, second.max_size) == (first.quantize, 1024**2, 1024**2)
    assert second.source == "/project/web/b.keras"
    assert second.locations["quantize"] == first.locations["quantize"]


def test_words_of_yaml_1_1_are_names() -> None:
    assert [
        found.name for found in manifest("models: { no: { source: a }, on: { source: b }, y: { source: c } }").models
    ] == [
        "no",
        "on",
        "y",
    ]


def test_json_is_yaml() -> None:
    text = '{"version": 1, "output": "public/models", "models": {"net": {"source": "net.keras", "max_size": 1e6}}}'
    assert parse(text, PATH).models[0].max_size == 1_000_000


# The disk


def test_find_walks_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tfjs.yaml").touch()
    inner = tmp_path / "src" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "src" / "tfjs.yaml").mkdir()
    assert find(inner) == tmp_path / "tfjs.yaml"
    monkeypatch.chdir(inner)
    assert find(Path()) == Path("../../tfjs.yaml")
    monkeypatch.chdir(tmp_path)
    assert find(Path()) == Path("tfjs.yaml")


def test_find_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as raised:
        find(tmp_path)
    assert str(raised.value) == (
        f"there is no tfjs.yaml in {tmp_path} or above it\n`tfjs-build init` writes one; `-c FILE` names another."
    )
    (tmp_path / "tfjs.yml").touch()
    with pytest.raises(ManifestError) as raised:
        find(tmp_path)
    assert str(raised.value) == f"there is no tfjs.yaml in {tmp_path}, only tfjs.yml\nRename it to tfjs.yaml."


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as raised:
        load(tmp_path / "none.yaml")
    assert str(raised.value) == f"there is no manifest {tmp_path / 'none.yaml'}\n`tfjs-build init` writes one."
    with pytest.raises(ManifestError, match=re.escape(f"cannot read {tmp_path}: Is a directory")):
        load(tmp_path)


def test_load_resolves_the_folder_s_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "web").mkdir(parents=True)
    (tmp_path / "real" / "web" / "tfjs.yaml").write_text(f"{HEAD}models: {{ net: {{ source: ../net.keras }} }}\n")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "web")
    monkeypatch.chdir(tmp_path)
    found = load(Path("link/tfjs.yaml"))
    assert found.path == tmp_path / "real" / "web" / "tfjs.yaml"
    assert found.models[0].source == str(tmp_path / "real" / "net.keras")
    assert found.models[0].location.file == Path("link/tfjs.yaml")


def test_folders_that_overlap_through_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    path = tmp_path / "tfjs.yaml"
    path.write_text("version: 1\noutput: link/models\nstubs: real/models\nmodels: {}\n")
    with pytest.raises(ManifestError) as raised:
        load(path)
    (fault,) = raised.value.faults
    assert (fault.location.line, fault.message[:20]) == (3, "`stubs` is `output`,")
    (tmp_path / "self").symlink_to(tmp_path)
    path.write_text("version: 1\noutput: self\nmodels: {}\n")
    with pytest.raises(ManifestError, match="`output` holds the manifest itself"):
        load(path)


@pytest.mark.parametrize(
    "folders",
    [
        "output: ../site/public/models\nstubs: ../site/src/models",
        "output: src/models/public\nstubs: src/models",
        "output: public/models\nstubs: .",
        "output: modelsets\nstubs: models",
    ],
)
def test_folders_that_do_not_hurt_each_other(folders: str) -> None:
    parse(f"version: 1\n{folders}\nmodels: {{ net: {{ source: models/net.keras }} }}\n", PATH)


def test_templates_that_exist(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "tfjs.yaml").write_text(f"{HEAD}templates: mine\nmodels: {{}}\n")
    assert load(tmp_path / "tfjs.yaml").templates == tmp_path / "mine"


def test_the_summary_of_an_error() -> None:
    with pytest.raises(ManifestError) as raised:
        manifest("models: { net: { source: net.keras, format: x } }")
    assert raised.value.message == f"{PATH} has a fault"
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (str(copy), copy.faults) == (str(raised.value), raised.value.faults)


def test_loading_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "tfjs.yaml").write_text(DESIGN.replace("templates: stub-templates", ""))
    code = (
        "import sys; from pathlib import Path; from tfjs_build.manifest import load\n"
        f"load(Path({str(tmp_path / 'tfjs.yaml')!r}))\n"
        "print(*sorted(m for m in sys.modules if m in "
        "('numpy', 'h5py', 'jinja2', 'google.protobuf', 'jsonschema', 'difflib', 'watchdog')))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n"
