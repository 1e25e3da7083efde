// Wrong uses of a loader, and what each is told: what was expected, what came, and where it is known, what to do.
// What the types of TypeScript say of such uses is in tests/unit/stubs/test_misuses.py.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { drop, origin, site, web } from "./site.js";
import { X, Y, file, folder, leftBy, loadDense, loadDynamic, loadLater, loadSum, stub, values } from "./world.js";

let dense, sum, dynamic, free, dtypes, classes, gone, tensors, pending;

/** What the uses below are of. */
async function load() {
  dense = await loadDense({ url: file("dense") });
  sum = await loadSum({ url: file("sum") });
  dynamic = await loadDynamic({ url: file("dynamic") });
  free = await (await stub("free")).loadFree({ url: file("free") });
  dtypes = await (await stub("dtypes")).loadDtypes({ url: file("dtypes") });
  classes = await (await stub("classes")).loadClasses({ url: file("classes") });
  gone = await loadDense({ url: file("dense") });
  gone.dispose();
  tensors = {
    cube: tf.zeros([2, 2, 1]),
    wide: tf.zeros([2, 3]),
    one: tf.zeros([2]),
    int: tf.zeros([2, 2], "int32"),
    disposed: tf.zeros([2, 2]),
  };
  tensors.disposed.dispose();
  const later = await loadLater({ url: file("later") });
  pending = later.predict({ a: float, b: float });
  await pending;
  later.dispose();
}

async function unload() {
  tf.dispose([tensors, await pending]);
  for (const model of [dense, sum, dynamic, free, dtypes, classes]) model.dispose();
}

const float = new Float32Array(2);
const ints = new Int32Array(2);
const each = { float32: float, int32: ints, bool: new Uint8Array(2), string: ["", ""] };

/** What JavaScript calls `kind`; Node has none of those that a page has. */
const made = (kind) => ({ [Symbol.toStringTag]: kind, width: 2, height: 1 });

const x = 'Input "x" of model "dense" takes float32 [?, 2] as tensor or Float32Array, not';
const pixels = "say `inputs: { x: { pixels: [0, 1] } }` in tfjs.yaml";

const INPUTS = [
  ["nothing", () => dense.predict(), `${x} undefined`],
  ["no input", () => dense.predict({}), `${x} undefined`],
  ["null", () => dense.predict({ x: null }), `${x} null`],
  ["another name", () => dense.predict({ image: float }), 'Model "dense" has no input "image"; it takes "x"'],
  [
    "a name in other letters",
    () => sum.predict({ A: float, b: float }),
    'Model "sum" has no input "A"; it takes "b", "a"',
  ],
  ["one input too many", () => dense.predict({ x: float, y: float }), 'Model "dense" has no input "y"; it takes "x"'],
  [
    "one input of two",
    () => sum.predict({ a: float }),
    'Input "b" of model "sum" takes float32 [2] as tensor or Float32Array, not undefined',
  ],
  [
    "a bare value for one of two",
    () => sum.predict(float),
    'Model "sum" takes an object with its inputs ("b", "a"), not Float32Array',
  ],
  [
    "a list for two",
    () => sum.predict([float, float]),
    'Model "sum" takes an object with its inputs ("b", "a"), not Array',
  ],
  ["a text", () => dense.predict("x"), `${x} String`],
  ["a number", () => dense.predict({ x: 1 }), `${x} Number`],
  ["an object in the place of a value", () => dense.predict({ x: { x: float } }), `${x} Object`],
  ["numbers", () => dense.predict([1, 2]), `${x} Array: use \`new Float32Array(value.flat(Infinity))\``],
  ["nested numbers", () => dense.predict([[1, 2]]), `${x} Array: use \`new Float32Array(value.flat(Infinity))\``],
  ["Float64Array", () => dense.predict(new Float64Array(2)), `${x} Float64Array: use \`new Float32Array(value)\``],
  ["Int32Array", () => dense.predict(ints), `${x} Int32Array: use \`new Float32Array(value)\``],
  ["Uint8Array", () => dense.predict(new Uint8Array(2)), `${x} Uint8Array: use \`new Float32Array(value)\``],
  [
    "Uint8ClampedArray",
    () => dense.predict(new Uint8ClampedArray(2)),
    `${x} Uint8ClampedArray: use \`new Float32Array(value)\``,
  ],
  ["ArrayBuffer", () => dense.predict(new ArrayBuffer(8)), `${x} ArrayBuffer: use \`new Float32Array(value)\``],
  ["DataView", () => dense.predict(new DataView(new ArrayBuffer(8))), `${x} DataView`],
  [
    "floats for ints",
    () => dtypes.predict({ ...each, int32: float }),
    'Input "int32" of model "dtypes" takes int32 [?, 2] as tensor or Int32Array, not Float32Array: use `new Int32Array(value)`',
  ],
  [
    "one text for texts",
    () => dtypes.predict({ ...each, string: "a" }),
    'Input "string" of model "dtypes" takes string [?, 2] as tensor or Array, not String',
  ],
  [
    "numbers for texts",
    () => dtypes.predict({ ...each, string: float }),
    'Input "string" of model "dtypes" takes string [?, 2] as tensor or Array, not Float32Array',
  ],
  [
    "values for complex numbers",
    () => dtypes.predict({ ...each, complex64: float }),
    'Input "complex64" of model "dtypes" takes complex64 [?, 2] as tensor, not Float32Array',
  ],
  [
    "values, of which two sizes are free",
    () => free.predict(float),
    'Input "x" of model "free" takes float32 [?, ?] as tensor or Float32Array with its `shape`, not Float32Array',
  ],
  ["too few values", () => dense.predict(new Float32Array(3)), `${x} 3 values: a multiple of 2 fill it`],
  [
    "too many values",
    () => sum.predict({ a: float, b: new Float32Array(4) }),
    'Input "b" of model "sum" takes float32 [2] as tensor or Float32Array, not 4 values: 2 fill it',
  ],
  ["a tensor of another rank", () => dense.predict(tensors.cube), `${x} float32 [2, 2, 1]`],
  ["a tensor without a batch", () => dense.predict(tensors.one), `${x} float32 [2]: use \`tensor.expandDims(0)\``],
  ["a tensor of other sizes", () => dense.predict({ x: tensors.wide }), `${x} float32 [2, 3]`],
  ["a tensor of another dtype", () => dense.predict(tensors.int), `${x} int32 [2, 2]: use \`tensor.cast("float32")\``],
  ["a disposed tensor", () => dense.predict(tensors.disposed), `${x} a disposed one`],
  ["a promise", () => dense.predict(Promise.resolve(float)), `${x} Promise: await it first`],
  [
    "a promise of all inputs",
    () => sum.predict(Promise.resolve({})),
    'Model "sum" takes an object with its inputs ("b", "a"), not Promise: await it first',
  ],
  [
    "what an asynchronous model gives, not awaited",
    () => dense.predict({ x: pending }),
    `${x} Promise: await it first`,
  ],
  ...["Image", "Canvas", "Video"].map((kind) => [
    `<${kind}>`,
    () => dense.predict(made(`HTML${kind}Element`)),
    `${x} HTML${kind}Element: ${pixels}`,
  ]),
  ...["ImageData", "ImageBitmap", "OffscreenCanvas", "VideoFrame", "Blob", "File"].map((kind) => [
    kind,
    () => dense.predict({ x: made(kind) }),
    `${x} ${kind}: ${pixels}`,
  ]),
];

/** The stub as it is where TensorFlow.js is something else: a module of this text. */
async function stubWith(name, module) {
  const target = path.join(folder, "stubs", `with-${name}`);
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, "tf.js"), module);
  for (const each of ["dense.js", "_runtime.js"]) {
    const text = await readFile(path.join(folder, "stubs", each), "utf8");
    await writeFile(path.join(target, each), text.replaceAll('"@tensorflow/tfjs"', '"./tf.js"'));
  }
  return import(pathToFileURL(path.join(target, "dense.js")).href);
}

/** What `body` gives in a page at `href`, where there is no Node. */
async function inPage(href, body) {
  const { process } = globalThis;
  globalThis.location = { href };
  globalThis.process = undefined;
  try {
    return await body();
  } finally {
    globalThis.process = process;
    delete globalThis.location;
  }
}

const html = (response) => response.setHeader("content-type", "text/html").end("<div id=app>");
const answered = (pattern, answer, load) => () => ((site.answers = [[pattern, answer]]), load());
const lost = new Error("the user went away");

const LOADS = [
  [
    "a signal of another kind",
    () => loadDense({ url: file("dense"), signal: "stop" }),
    /signal.*addEventListener is not a function/,
  ],
  [
    "a controller for its signal",
    () => loadDense({ url: web("dense"), signal: new AbortController() }),
    /cannot be fetched: .*[Ss]ignal .*AbortSignal/,
  ],
  [
    "onProgress that is none",
    () => loadDense({ url: file("dense"), onProgress: "log" }),
    /options\.onProgress is not a function/,
  ],
  [
    "an aborted signal",
    () => loadDense({ url: web("dense"), signal: AbortSignal.abort(lost) }),
    /^the user went away$/,
  ],
  [
    "no address in Node",
    () => loadDense(),
    /models\/dense\/model\.json is relative to a page, .*: give the loader its `url`$/,
  ],
  [
    "a path that leads nowhere",
    () => loadDense({ url: "nowhere/model.json" }),
    new RegExp(`${pathToFileURL(path.resolve("nowhere/model.json")).href} cannot be read: ENOENT: no such file`),
  ],
  [
    "a folder",
    () => loadDense({ url: path.join(folder, "models", "dense") }),
    /dense cannot be read: EISDIR: .* directory/,
  ],
  [
    "a folder of a server",
    () => loadDense({ url: `${origin}/models/dense/` }),
    /dense\/\?v=\w+ was answered with status 404$/,
  ],
  [
    "a page of an application",
    answered(/^/, html, () => loadDense({ url: `${origin}/somewhere` })),
    /somewhere\?v=\w+ was answered with a web page: it is not there$/,
  ],
  [
    "a file that is not there",
    () => loadDense({ url: `${origin}/no.json` }),
    /no\.json\?v=\w+ was answered with status 404$/,
  ],
  ["a server that is down", () => loadDense({ url: "http://127.0.0.1:9/model.json" }), /cannot be fetched: .+/],
  [
    "a server that hangs up",
    answered(/^/, drop, () => loadDense({ url: web("dense") })),
    /cannot be fetched: .+/,
  ],
  [
    "another model's, or an older version",
    () => loadDense({ url: file("dense2") }),
    /dense2\/model\.json is version 2222222222222222, not 00112233445566ff: build and deploy both together$/,
  ],
  [
    "a model of another tool",
    answered(
      /^/,
      (response) => response.end('{"modelTopology": {}}'),
      () => loadDense({ url: web("dense") }),
    ),
    /was not published by tfjs-build$/,
  ],
  [
    "what is not JSON",
    answered(
      /^/,
      (response) => response.end("PK"),
      () => loadDense({ url: web("dense") }),
    ),
    /is not JSON: /,
  ],
  [
    "weights that were not deployed",
    answered(
      /\.bin$/,
      (response) => response.writeHead(404).end(),
      () => loadDense({ url: web("dense") }),
    ),
    /\.bin was answered with status 404$/,
  ],
  [
    "weights of another version",
    answered(
      /\.bin$/,
      (response) => response.end("other"),
      () => loadDense({ url: web("dense") }),
    ),
    /is not what was published: put the model's folder there anew$/,
  ],
  [
    "a page that was opened as a file",
    () => inPage("file:///home/me/index.html", () => loadDense()),
    /file:\/\/\/models\/dense\/model\.json is a file: serve it over http \(Node reads it from 20\.16 on\); nor is it /,
  ],
  [
    "a model that is nowhere in the site",
    answered(/^/, html, () => inPage(`${origin}/a/page.html`, () => loadDense())),
    /was answered with a web page: .*; nor is it at .*\/a\/models\/dense\/model\.json: give the loader its `url`$/,
  ],
  [
    "TensorFlow.js without a backend",
    async () => {
      const { loadDense } = await stubWith(
        "no-backend",
        `export * from "@tensorflow/tfjs";
        export const ready = () => Promise.reject(new Error("No backend found in registry."));`,
      );
      return loadDense({ url: file("dense") });
    },
    /was refused by TensorFlow\.js: No backend found in registry\.$/,
  ],
  [
    "an old TensorFlow.js",
    async () => {
      const { loadDense } = await stubWith(
        "old",
        'export * from "@tensorflow/tfjs"; export const io = {};',
      );
      return loadDense({ url: file("dense") });
    },
    /was refused by TensorFlow\.js: 4\.6 or newer is needed$/,
  ],
  [
    "no TensorFlow.js",
    () => stubWith("none", 'export * from "@tensorflow/tfjs-that-is-not-installed";'),
    /Cannot find package '@tensorflow\/tfjs-that-is-not-installed'/,
  ],
];

const CALLS = [
  ["new", () => new loadDense(), "TypeError", /not a constructor/],
  [
    "a loader that is not awaited",
    async () => {
      const loading = loadDense({ url: file("dense") });
      try {
        loading.predict(float);
      } finally {
        (await loading).dispose();
      }
    },
    "TypeError",
    /predict is not a function/,
  ],
  ["predict of a disposed model", () => gone.predict(float), "Error", 'Model "dense" has been disposed: load it anew'],
  ["run of a disposed model", () => gone.run(float), "Error", 'Model "dense" has been disposed: load it anew'],
  [
    "classify of a disposed model",
    () => gone.classify(float),
    "Error",
    'Model "dense" has been disposed: load it anew',
  ],
  ["model of a disposed model", () => gone.model, "Error", 'Model "dense" has been disposed: load it anew'],
  [
    "classify without labels",
    () => dense.classify(float),
    "TypeError",
    'Model "dense" has no `labels` in tfjs.yaml',
  ],
  [
    "classify of a batch",
    () => classes.classify(new Float32Array(4)),
    "RangeError",
    '`classify` of model "classes" takes one example, not 2: use `run` for several',
  ],
  [
    "no classes at all",
    () => classes.classify(float, { topK: 0 }),
    "RangeError",
    "`topK` is how many classes are given: 1 or more, not 0",
  ],
  ["a topK that is no number", () => classes.classify(float, { topK: "all" }), "RangeError", /1 or more, not all$/],
  [
    "a threshold of NaN",
    () => classes.classify(float, { threshold: NaN }),
    "RangeError",
    "`threshold` is the least score: a number, not NaN",
  ],
  [
    "scores that are no numbers",
    () => classes.classify(new Float32Array([NaN, 0])),
    "RangeError",
    'Model "classes" gives scores ("y") that are no numbers',
  ],
  ["a new version", () => (dense.version = ""), "TypeError", /Cannot set property version/],
];

/** Another instance of a package, as bundles have it that resolve it twice. */
function anotherCopy(name) {
  const require = createRequire(import.meta.url);
  const { ...loaded } = require.cache;
  const { warn } = console;
  for (const key of Object.keys(loaded)) if (key.includes("@tensorflow")) delete require.cache[key];
  console.warn = () => {}; // that its kernels are there already
  try {
    return require(name);
  } finally {
    console.warn = warn;
    Object.assign(require.cache, loaded);
  }
}

const HARMLESS = [
  ["a second dispose", () => gone.dispose()],
  [
    "options of a listener",
    async () => (await loadDense({ url: file("dense"), isTrusted: true, detail: 1 })).dispose(),
  ],
  [
    "options that are undefined",
    async () => (await loadDense({ url: file("dense"), signal: undefined, warmUp: undefined })).dispose(),
  ],
  ["warmUp as a text", async () => (await loadDense({ url: file("dense"), warmUp: "true" })).dispose()],
  [
    "options that change after the load began",
    async () => {
      const options = { url: file("dense") };
      const load = loadDense(options);
      options.url = file("nowhere");
      (await load).dispose();
    },
  ],
  ["topK as a text", async () => assert.equal((await classes.classify(float, { topK: "2" })).length, 2)],
  [
    "a tensor of another copy of TensorFlow.js",
    () => {
      const copy = anotherCopy("@tensorflow/tfjs");
      assert.notEqual(copy.Tensor, tf.Tensor);
      const tensor = copy.tensor2d(X, [2, 2]);
      assert.deepEqual(values(dense.predict(tensor)), { y: Y });
      tensor.dispose();
    },
  ],
];

describe("wrong uses are told what to do", () => {
  before(load);
  after(unload);

  for (const [what, use, message] of INPUTS) {
    test(`wrong input: ${what}`, async () => {
      assert.equal(await leftBy(() => assert.throws(use, { name: "TypeError", message })), 0);
    });
  }

  test("what a model with operations of their own time is given wrongly rejects its promise", async () => {
    const message =
      'Input "x" of model "dynamic" takes bool [?] as tensor or Uint8Array, not Float32Array: use `new Uint8Array(value)`';
    await assert.rejects(dynamic.predict(float), { name: "TypeError", message });
  });

  for (const [what, load, message] of LOADS) {
    test(`a load that cannot be: ${what}`, async () => {
      assert.equal(await leftBy(() => assert.rejects(load, { message })), 0);
    });
  }

  for (const [what, call, name, message] of CALLS) {
    test(`a call that cannot be: ${what}`, async () => {
      await assert.rejects(async () => call(), { name, message });
    });
  }

  for (const [what, use] of HARMLESS) {
    test(`harmless: ${what}`, async () => {
      assert.equal(await leftBy(async () => use()), 0);
    });
  }
});
