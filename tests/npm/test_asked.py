"""What an import asks for, and what is declared of it: functions of the npm package, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def run(package: Path, code: str) -> Any:
    """Return what `code` gives, as JSON; it has the functions of the modules."""
    modules = ["asked", "declarations", "direct", "failure"]
    imports = "".join(
        f"import * as {name} from {json.dumps(str(package / 'dist' / f'{name}.js'))};\n" for name in modules
    )
    done = subprocess.run(
        [shutil.which("node") or "node", "--input-type=module", "-e", f"{imports}console.log(JSON.stringify({code}))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() != "undefined" else None


def asked(package: Path, text: str, root: Path = Path("/site")) -> Any:
    arguments = ", ".join(map(json.dumps, (text, f"{root}/src/main.ts", str(root))))
    return run(package, f"asked.asked({arguments})")


@pytest.mark.parametrize(
    ("text", "name", "worker"),
    [("tfjs:digits", "digits", False), ("tfjs:my-net.v2", "my-net.v2", False), ("tfjs:a/in-worker", "a", True)],
)
def test_models_of_the_manifest(package: Path, text: str, name: str, worker: bool) -> None:
    assert asked(package, text) == {"kind": "listed", "name": name, "worker": worker}


@pytest.mark.parametrize(
    "text", ["./digits.keras", "./digits.keras?url", "./a.ts?tfjsx", "tfjs", "tfjs:a/b", "x?a&tfjs"]
)
def test_imports_of_something_else(package: Path, text: str) -> None:
    assert asked(package, text) is None


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("?tfjs", {}),
        ("?tfjs=", {}),
        ("?tfjs&quantize=uint8&allow_code", {"quantize": "uint8", "allow_code": True}),
        ('?tfjs&quantize={"uint8":["%2Adense%2A"]}', {"quantize": {"uint8": ["*dense*"]}}),
        ("?tfjs&labels=labels.txt", {"labels": "/site/nets/labels.txt"}),
        ('?tfjs&labels=["a","b"]', {"labels": ["a", "b"]}),
    ],
)
def test_queries_are_keys_of_the_manifest(package: Path, query: str, keys: dict[str, object]) -> None:
    text = f"../nets/digits.keras{query}"
    source = "/site/nets/digits.keras"
    assert asked(package, text) == {"kind": "imported", "text": text, "source": source, "query": query, "keys": keys}


def test_paths_that_begin_with_a_slash(package: Path, tmp_path: Path) -> None:
    (tmp_path / "net.keras").touch()
    for text in ("/net.keras?tfjs", f"{tmp_path}/net.keras?tfjs"):
        assert asked(package, text, tmp_path)["source"] == str(tmp_path / "net.keras")


def test_names_are_the_same_in_every_build_and_differ(package: Path) -> None:
    def name(text: str, root: str = "/site") -> str:
        given = json.dumps({"source": f"{root}/{text.split('?')[0]}", "query": f"?{text.split('?')[1]}"})
        found: str = run(package, f"asked.nameOf({given}, {json.dumps(root)})")
        return found

    assert name("a/digits.keras?tfjs") == name("a/digits.keras?tfjs", "/elsewhere")
    names = [name(text) for text in ("a/digits.keras?tfjs", "b/digits.keras?tfjs", "a/digits.keras?tfjs&format=layers")]
    assert len(set(names)) == 3
    assert all(each.rpartition("-")[0] == "digits" and each[-6:].isdigit() for each in names)
    assert name("1. my net!.h5?tfjs").startswith("my-net-")
    assert name("数字.keras?tfjs").startswith("model-")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("./digits.keras?tfjs", "*/digits.keras?tfjs"),
        ("../../nets/digits.keras?tfjs&a=1", "*/nets/digits.keras?tfjs&a=1"),
        ("/site/nets/digits.keras?tfjs", "*/digits.keras?tfjs"),
        ("./digits.keras?tfjs&quantize=*", None),
    ],
)
def test_patterns(package: Path, text: str, pattern: str | None) -> None:
    given = json.dumps({"text": text, "query": text[text.index("?") :]})
    assert run(package, f"declarations.patternOf({given})") == pattern


def test_declarations_are_added_renewed_and_taken_away(package: Path, tmp_path: Path) -> None:
    file = tmp_path / "src" / "tfjs-models.d.ts"

    def declare(name: str, source: str | None, target: str, gone: str = "") -> list[str]:
        exported = {"constants": ["loadNet"], "loader": "loadNet", "types": ["Net"]}
        each = json.dumps({"name": name, "target": str(tmp_path / target), "exported": exported})
        settings = f"{{ ...{each}, source: {json.dumps(source) if source else 'undefined'} }}"
        gone = json.dumps(gone)
        code = f"declarations.declare({json.dumps(str(file))}, {settings}, (...all) => all.includes({gone}))"
        found: list[str] = run(package, code)
        return found

    def names() -> list[str]:
        lines = file.read_text().splitlines()
        return [line.split('"')[1] for line in lines if line.startswith("declare module")]

    declare("tfjs:net", None, "loaders/net.js")
    assert file.read_text().split("\n\n", 1)[1] == (
        "// prettier-ignore\n"
        'declare module "tfjs:net" {\n'
        '  export type Net = import("../loaders/net.js").Net;\n'
        '  export const loadNet: typeof import("../loaders/net.js").loadNet;\n'
        "  export default loadNet;\n"
        "}\n"
    )
    assert declare("*/net.keras?tfjs", "a/net.keras", "x.js") == []
    assert declare("*/z/net.keras?tfjs", "b/net.keras", "y.js") == []
    assert names() == ["*/z/net.keras?tfjs", "*/net.keras?tfjs", "tfjs:net"]  # the most exact one first
    before = file.read_text()
    declare("tfjs:net", None, "loaders/net.js")
    assert file.read_text() == before
    declare("tfjs:net", None, "src/models/net.ts")
    assert 'import("./models/net").Net' in file.read_text()

    assert declare("*/net.keras?tfjs", "c/net.keras", "z.js") == ["a/net.keras"]
    assert '// a/net.keras | c/net.keras\n// prettier-ignore\ndeclare module "*/net.keras?tfjs";\n' in file.read_text()
    assert declare("*/net.keras?tfjs", "c/net.keras", "z.js", gone="a/net.keras") == []
    assert "a/net.keras" not in file.read_text()
    declare("*/net.keras?tfjs", "c/net.keras", "z.js", gone="b/net.keras")
    declare("*/net.keras?tfjs", "c/net.keras", "z.js", gone="tfjs:net")
    assert names() == ["*/net.keras?tfjs"]


def test_modules_export_what_a_stub_exports_without_the_number(package: Path, tmp_path: Path) -> None:
    name = "load-it-123456"
    (tmp_path / f"{name}.d.ts").write_text(
        "export type LoadIt123456 = runtime.Model<never>;\n"
        "export declare const loadIt123456Labels: readonly [];\n"
        "export declare const loadLoadIt123456: runtime.Load<LoadIt123456>;\n"
    )
    direct = {
        "file": str(tmp_path / "direct" / "it.js"),
        "stub": str(tmp_path / f"{name}.js"),
        "imported": {"source": "it.keras", "name": name},
    }
    run(package, f"direct.writeModule({json.dumps(direct)})")
    names = "loadIt123456Labels as loadItLabels, loadLoadIt123456 as loadLoadIt"
    default = 'loadLoadIt123456 as default } from "../load-it-123456.js";'
    assert f"export {{ {names}, {default}" in (tmp_path / "direct" / "it.js").read_text()
    types = "LoadIt123456 as LoadIt"
    assert f"export {{ {names}, {types}, {default}" in (tmp_path / "direct" / "it.d.ts").read_text()


def test_the_place_of_an_import(package: Path, tmp_path: Path) -> None:
    file = tmp_path / "main.ts"
    file.write_text('import "./style.css";\nimport digits from "./digits.keras?tfjs";\n')
    found = run(package, f"failure.atText({json.dumps(str(file))}, './digits.keras?tfjs')")
    assert (found["file"], found["line"], found["column"]) == (str(file), 2, 21)
    assert found["excerpt"].splitlines() == [
        '2 | import digits from "./digits.keras?tfjs";',
        "  |                     ^^^^^^^^^^^^^^^^^^^",
    ]
    for path in (file, tmp_path / "gone.ts"):
        assert run(package, f"failure.atText({json.dumps(str(path))}, 'else').line ?? null") is None
