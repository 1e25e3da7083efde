"""Wrong uses of a stub in TypeScript, and what the compiler says of each: it names what is wrong.

What they are told at run time is in `tests/node/stubs/misusing.js`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_types import compiled, write_stubs

HEAD = """\
import * as tf from "@tensorflow/tfjs";
import { digitsLabels, loadDigits, type Digits } from "./digits.js";
import { loadDetector, type Detector } from "./detector.js";
import { type Dtypes } from "./dtypes.js";
declare const digits: Digits, detector: Detector, dtypes: Dtypes;
declare const canvas: HTMLCanvasElement, photo: HTMLImageElement, blob: Blob, file: File, pixels: ImageData;
declare const image: tf.Tensor4D, cube: tf.Tensor3D, values: Float32Array, one: Float32Array;
declare const options: import("./_runtime.js").LoadOptions;
void [digitsLabels, dtypes, canvas, photo, blob, file, pixels, image, cube, values, one, options];
export async function misuse() {
"""

MISUSES = [  # a statement in TypeScript, the code of the diagnostic, and what its text has
    ("new loadDigits();", 7009, "'new' expression, whose target lacks a construct signature"),
    ("loadDigits().predict(image);", 2339, "Property 'predict' does not exist on type 'Promise<Digits>'"),
    ("(loadDetector()).version;", 2339, "Property 'version' does not exist on type 'Promise<Detector>'"),
    (
        "detector.predict({ image: image.toInt(), threshold: one }).boxes;",
        2339,
        "'boxes' does not exist on type 'Promise",
    ),
    ("digits.run(values).probs;", 2339, "'probs' does not exist on type 'Promise<DigitsValues>'"),
    ("digits.classify(values)[0];", 7053, "Promise<Classification"),
    ("digits.predict(loadDigits());", 2345, "'Promise<Digits>' is not assignable"),
    ("digits.predict(detector.run({ image: image.toInt(), threshold: one }));", 2345, "'Promise<DetectorValues>'"),
    ("digits.predict();", 2554, "Expected 1 arguments, but got 0"),
    ("digits.predict({});", 2345, "'{}' is not assignable to parameter of type '{ image: "),
    ("digits.predict({ imagee: image });", 2353, "'imagee' does not exist in type '{ image: "),
    ("digits.predict({ image, mask: image });", 2353, "'mask' does not exist in type '{ image: "),
    ("digits.predict(image, image);", 2554, "Expected 1 arguments, but got 2"),
    ("detector.predict({ image: image.toInt() });", 2741, "Property 'threshold' is missing"),
    ("detector.predict({ image, treshold: one });", 2561, "Did you mean to write 'threshold'?"),
    ("detector.predict(image);", 2345, "missing the following properties from type '{ image: "),
    ("digits.predict(cube);", 2345, "'Rank.R3' is not assignable to type 'Rank.R4'"),
    (
        "digits.predict({ image: cube });",
        2322,
        "'Tensor3D' is not assignable to type 'Input<\"float32\", [number, 8, 8, 1]>'",
    ),
    ("digits.predict(image.squeeze() as tf.Tensor2D);", 2345, "'Rank.R2' is not assignable to type 'Rank.R4'"),
    (
        "digits.predict({ image: new Int32Array(64) });",
        2322,
        "'Int32Array<ArrayBuffer>' is not assignable to type 'Input<",
    ),
    ("digits.predict(new Uint8Array(64));", 2345, "'Uint8Array<ArrayBuffer>' is not assignable"),
    ("digits.predict(pixels.data);", 2345, "'ImageDataArray' is not assignable"),
    ("digits.predict(new Float64Array(64));", 2345, "'Float64Array<ArrayBuffer>' is not assignable"),
    ("digits.predict(new ArrayBuffer(256));", 2345, "'ArrayBuffer' is not assignable"),
    ("digits.predict([1, 2, 3]);", 2345, "'number[]' is not assignable"),
    (
        "const rows = [[1, 2], [3, 4]]; digits.predict({ image: rows });",
        2322,
        "'number[][]' is not assignable to type 'Input<",
    ),
    ('digits.predict("image.png");', 2345, "'string' is not assignable"),
    ("digits.predict({ image: null });", 2322, "'null' is not assignable to type 'Input<"),
    ("digits.predict(canvas);", 2345, "'HTMLCanvasElement' is not assignable"),
    ("digits.predict({ image: photo });", 2322, "'HTMLImageElement' is not assignable to type 'Input<"),
    ("digits.predict(pixels);", 2345, "'ImageData' is not assignable"),
    ("digits.predict(blob);", 2345, "'Blob' is not assignable"),
    ("digits.predict({ image: file });", 2322, "'File' is not assignable to type 'Input<"),
    (
        "dtypes.predict({ f: dtypes.predict(null!).i, i: dtypes.predict(null!).i, b: null!, s: null!, c: null! });",
        2322,
        "'\"int32\"' is not assignable to type '\"float32\"'",
    ),
    (
        "detector.predict({ image: new Int32Array(3), threshold: one });",
        2322,
        "'Int32Array<ArrayBuffer>' is not assignable",
    ),
    ("digits.predict(image).prob;", 2551, "Did you mean 'probs'?"),
    (
        "const vector: tf.Tensor1D = digits.predict(image).probs; vector;",
        2375,
        "Type '2' is not assignable to type '1'",
    ),
    ("const ints: Int32Array = digits.predict(image).probs.dataSync(); ints;", 2322, "'Float32Array<ArrayBufferLike>'"),
    (
        "const eleven: 11 = digits.predict(image).probs.shape[1]; eleven;",
        2322,
        "Type '10' is not assignable to type '11'",
    ),
    ("dtypes.classify;", 2339, "Property 'classify' does not exist on type 'Dtypes'"),
    ("await digits.classify(values, { top: 3 });", 2561, "Did you mean to write 'topK'?"),
    ('await digits.classify(values, { topK: "3" });', 2322, "'string' is not assignable to type 'number'"),
    ('(await digits.classify(values))[0]!.label === "eight";', 2367, "have no overlap"),
    ("digitsLabels[4];", 2493, "has no element at index '4'"),
    ('digitsLabels[0] = "zero";', 2540, "it is a read-only property"),
    ('await loadDigits("model.json");', 2559, "has no properties in common with type 'LoadOptions'"),
    ('await loadDigits({ urll: "model.json" });', 2561, "Did you mean to write 'url'?"),
    ("await loadDigits({ url: 3 });", 2322, "'number' is not assignable to type 'string | URL"),
    (
        'await loadDigits({ onProgress: "log" });',
        2322,
        "'string' is not assignable to type '(progress: Progress) => void'",
    ),
    ('await loadDigits({ signal: "stop" });', 2322, "'string' is not assignable to type 'AbortSignal'"),
    ("await loadDigits({ signal: new AbortController() });", 2740, "from type 'AbortSignal'"),
    ('await loadDigits({ warmUp: "true" });', 2322, "'string' is not assignable to type 'boolean"),
    ('options.url = "elsewhere";', 2540, "Cannot assign to 'url' because it is a read-only property"),
    ('digits.version = "";', 2540, "Cannot assign to 'version' because it is a read-only property"),
    ("digits.model.executeAsync(image);", 2339, "'executeAsync' does not exist on type 'LayersModel'"),
    ("digits.fit(image, image);", 2339, "Property 'fit' does not exist on type"),
]


@pytest.fixture(scope="module")
def diagnostics(node: Path, work_of_module: Path) -> dict[str, list[str]]:
    """What the compiler says of each statement: texts that start with the code."""
    work = work_of_module
    write_stubs(work / "stubs", "typescript")
    first = HEAD.count("\n") + 1
    (work / "stubs" / "misuses.ts").write_text(
        HEAD + "\n".join(use for use, _, _ in MISUSES) + "\n}\n", encoding="utf-8"
    )
    found: dict[str, list[str]] = {use: [] for use, _, _ in MISUSES}
    said = re.split(
        r"^\S*?(\w+)\.ts\((\d+),\d+\): error TS", compiled(node, work, "bundler", ["stubs"]), flags=re.MULTILINE
    )
    for file, line, text in zip(said[1::3], said[2::3], said[3::3], strict=True):
        assert file == "misuses", text
        found[MISUSES[int(line) - first][0]].append(text)
    return found


@pytest.mark.parametrize(("use", "code", "text"), MISUSES)
def test_the_compiler_names_what_is_wrong(use: str, code: int, text: str, diagnostics: dict[str, list[str]]) -> None:
    (said,) = diagnostics[use]
    assert said.startswith(f"{code}: "), said
    assert text in said
