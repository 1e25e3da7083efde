"""Stubs of every kind pass the compiler at its strictest; a wrong name, rank or dtype does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import REPOSITORY
from tfjs_build.model import Language
from tfjs_build.stubs.describe import StubModel, describe
from tfjs_build.stubs.render import render_runtime, render_stub, render_worker, render_worker_runtime

from .publish import PIXELS, Spec, metadata

TFJS = "@tensorflow/tfjs"
LANGUAGES: tuple[Language, ...] = ("typescript", "javascript")

HOSTILE_NAMES = [
    "two words",
    "a.b/c:0",
    "quote\" ' ` ${x}",
    "*/ } evil(); /*",
    "line\n\u2028feed",
    "class",
    "constructor",
    "__proto__",
    "toString",
    "数字",
    "1st",
    "",
]

STRICT = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "erasableSyntaxOnly": True,
    "skipLibCheck": True,
    "noEmit": True,
    "allowUnreachableCode": False,
    "forceConsistentCasingInFileNames": True,
    "noFallthroughCasesInSwitch": True,
    "noImplicitOverride": True,
    "noImplicitReturns": True,
    "noPropertyAccessFromIndexSignature": True,
    "noUncheckedSideEffectImports": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "types": [],
}

SETTINGS: dict[str, dict[str, Any]] = {
    "node": {"module": "nodenext", "target": "es2022", "lib": ["es2022", "dom"]},
    "bundler": {"module": "esnext", "moduleResolution": "bundler", "target": "es2020", "lib": ["es2020", "dom"]},
    "library": {"module": "nodenext", "target": "es2022", "declaration": True, "isolatedDeclarations": True},
    "worker": {"module": "esnext", "moduleResolution": "bundler", "target": "esnext", "lib": ["esnext", "webworker"]},
    "vite": {"module": "esnext", "moduleResolution": "bundler", "target": "es2023", "lib": ["es2023", "dom"]},
}

# What vite/client declares, as far as stubs are concerned.
VITE = """
interface ImportMeta { readonly env: ImportMetaEnv; readonly hot?: ViteHotContext }
interface ImportMetaEnv { [key: string]: any; BASE_URL: string; MODE: string; DEV: boolean; PROD: boolean }
interface ViteHotContext {
  readonly data: any;
  accept(): void;
  accept(cb: (mod: Record<string, any> | undefined) => void): void;
  dispose(cb: (data: any) => void): void;
  invalidate(message?: string): void;
}
"""

# Where TypeScript knows no page. What decodes files has more than a picture needs.
NODE = """
import { loadPictures } from "./pictures.js";
class Decoded {
  data: Uint8Array = new Uint8Array(4);
  width = 1;
  height = 1;
  gamma = 0;
}
const model = await loadPictures();
model.predict(new Decoded());
await model.run({ image: new Decoded() });
const [best] = await model.classify({ data: new Uint8ClampedArray(4), width: 1, height: 1 });
export const label: "cat" | "dog" | undefined = best?.label;
// @ts-expect-error nothing decodes files here
await model.run({ image: { size: 1, type: "image/png", arrayBuffer: async () => new ArrayBuffer(1) } });
"""


def _named(shapes: dict[str, list[int | None] | None], dtype: str = "float32") -> list[Spec]:
    return [(name, f"node_{index}", shape, dtype) for index, (name, shape) in enumerate(shapes.items())]


def _models() -> list[StubModel]:
    ranks: dict[str, list[int | None] | None] = {
        **{f"r{rank}": [None, *range(1, rank)][:rank] for rank in range(8)},
        "any": None,
    }
    dtypes: list[Spec] = [
        (dtype[0], f"in_{dtype}", [None], dtype) for dtype in ("float32", "int32", "bool", "string", "complex64")
    ]
    hostile = _named({name: [None] for name in HOSTILE_NAMES})
    image: Spec = ("image", "image", [None, 8, 8, 1], "float32")
    digits = metadata(
        [image],
        _named({"probs": [None, 10], "features": [None, None, 16]}),
        labels=["zero", "one", 'a "quoted" \\ label', "数字"],
        classify={"output": "probs", "softmax": True},
    )
    detector = metadata(
        [("image", "image", [1, None, None, 3], "int32"), ("threshold", "t", [], "float32")],
        [("boxes", "nms:0", [None, 4], "float32"), ("count", "nms:1", [], "int32")],
        asynchronous=True,
    )
    many = metadata([image], _named({"y": [None]}), labels=[f'label {index} */ " ` </script>' for index in range(300)])
    pictures = metadata(
        [("image", "image", [None, None, None, 3], "float32")],
        _named({"probs": [None, 2]}),
        labels=["cat", "dog"],
        classify={"output": "probs", "softmax": False},
        pixels={"image": PIXELS},
    )
    masked = metadata(
        [("image", "image", [None, 8, 8, 3], "float32"), ("mask", "mask", [None, 8, 8, 1], "float32")],
        _named({"y": [None]}),
        pixels={"image": PIXELS | {"scale": [0.1, 0.2, 0.3]}},
    )
    picked = {name: shape for name, shape in ranks.items() if name in ("r0", "r1", "r6", "r7", "any")}
    return [
        describe("digits", "layers", digits, public_url="/models"),
        describe("detector", "graph", detector, public_url="https://cdn.example"),
        describe("dtypes", "graph", metadata(dtypes, dtypes), public_url=""),
        describe("ranks", "graph", metadata(_named(picked), _named(ranks)), public_url=""),
        describe("pictures", "graph", pictures, public_url=""),
        describe("masked", "layers", masked, public_url=""),
        describe("hostile", "layers", metadata(hostile, hostile, labels=HOSTILE_NAMES), public_url=""),
        describe("nothing.in", "graph", metadata([], [("y", "y", [2], "float32")]), public_url=""),
        describe("my-VGG16_net.v2", "graph", many, public_url='/it"s a *//\n'),
        describe("outputs", "layers", metadata([image], [image]), public_url=""),
        describe("runtime", "layers", metadata([image], [image]), public_url=""),
        describe("tf", "layers", metadata([image], [image]), public_url=""),
    ]


def compiled(node: Path, work: Path, settings: str, folders: Sequence[str]) -> str:
    """Return what the compiler says of the TypeScript in folders of `work`."""
    options = {"compilerOptions": STRICT | SETTINGS[settings], "include": [f"{folder}/**/*" for folder in folders]}
    (work / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    command = [str(node / "node_modules/.bin/tsc"), "--project", str(work), "--pretty", "false"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def write_stubs(folder: Path, language: Language) -> None:
    """Make a folder with the stubs of models of every kind, and their runtime."""
    folder.mkdir()
    files = render_runtime(tfjs=TFJS) | render_worker_runtime(tfjs=TFJS)
    for model in _models():
        files |= render_stub(model, language=language, tfjs=TFJS)
        files |= render_worker(model, language=language, tfjs=TFJS)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("settings", SETTINGS)
def test_stubs_compile_and_wrong_uses_do_not(node: Path, work: Path, settings: str) -> None:
    for language in LANGUAGES:
        write_stubs(work / language, language)
        for name in ("types_test.ts", "workers_test.ts"):
            shutil.copy(Path(__file__).with_name(name), work / language)
    if settings == "vite":
        (work / "typescript" / "vite.d.ts").write_text(VITE, encoding="utf-8")
    assert compiled(node, work, settings, ["typescript", "javascript"]) == ""


def test_pixels_are_pictures_where_there_is_no_page(node: Path, work: Path) -> None:
    write_stubs(work / "javascript", "javascript")
    (work / "javascript" / "test.ts").write_text(NODE, encoding="utf-8")
    options = {"compilerOptions": STRICT | SETTINGS["node"] | {"lib": ["es2022"]}, "files": ["javascript/test.ts"]}
    (work / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    command = [str(node / "node_modules/.bin/tsc"), "--project", str(work), "--pretty", "false"]
    assert subprocess.run(command, check=False, capture_output=True, text=True).stdout == ""


def test_graph_models_need_no_more_than_core_and_converter(node: Path, work: Path) -> None:
    files = render_runtime(tfjs="./slim.js")
    files["slim.ts"] = 'export * from "@tensorflow/tfjs-core";\nexport * from "@tensorflow/tfjs-converter";\n'
    for model in _models():
        if model.format == "graph":
            files |= render_stub(model, language="typescript", tfjs="./slim.js")
    (work / "slim").mkdir()
    for name, text in files.items():
        (work / "slim" / name).write_text(text, encoding="utf-8")
    assert compiled(node, work, "bundler", ["slim"]) == ""


def test_models_fit_into_vue(node: Path, work: Path) -> None:
    stubs = work / "src" / "models"
    stubs.parent.mkdir()
    write_stubs(stubs, "typescript")
    shutil.copy(Path(__file__).with_name("vue_test.ts"), stubs)
    # Without a word to Vue, the class behind `.model` is spoilt wherever a model is in a `ref` or in `reactive`.
    untold = compiled(node, work, "vite", ["src"])
    assert {Path(found).name for found in re.findall(r"^(\w.*?)\(", untold, re.MULTILINE)} == {"vue_test.ts"}
    assert "'model' are incompatible" in untold
    page = (REPOSITORY / "docs" / "loaders.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^```ts\n((?:(?!```).*\n)*.*RefUnwrapBailTypes(?:.*\n)*?)```$", page, re.MULTILINE)
    (work / "src" / "vue-models.d.ts").write_text(told, encoding="utf-8")
    assert compiled(node, work, "vite", ["src"]) == ""
