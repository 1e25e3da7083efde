// Generated loaders with the real TensorFlow.js: from files and over http, with all that can go wrong on the way.
// `STUBS` is the folder in which the test in Python has published its models and rendered their stubs.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";

const folder = process.env.STUBS;
const stub = (name) => import(pathToFileURL(path.join(folder, "stubs", `${name}.js`)).href);
const file = (name) => pathToFileURL(path.join(folder, "models", name, "model.json"));
const json = async (name) => JSON.parse(await readFile(file(name), "utf8"));

const runtime = await stub("_runtime");
const { loadDense } = await stub("dense");
const { loadSum } = await stub("sum");
const { loadLater } = await stub("later");
const { loadDynamic } = await stub("dynamic");
const { ModelLoadError } = runtime;

const X = [1, 2, 3, 4];
const Y = [19, 32, 45, 29, 46, 63]; // of the dense model, for X

/** Tensors that `body` leaves behind. */
async function leftBy(body) {
  const start = tf.memory().numTensors;
  await body();
  return tf.memory().numTensors - start;
}

/** The error of a load, which must be a ModelLoadError and leave no tensor. */
async function failure(load) {
  let error;
  const left = await leftBy(async () => {
    error = await load().catch((caught) => caught);
  });
  assert.ok(error instanceof ModelLoadError, String(error));
  assert.equal(error.message, `Model "${error.model}" cannot be loaded: ${error.url} ${error.reason}`);
  assert.equal(left, 0);
  return error;
}

function values(outputs) {
  const read = Object.entries(outputs).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]);
  tf.dispose(Object.values(outputs));
  return Object.fromEntries(read);
}

// ---- A server that misbehaves as it is told to ----------------------------------------------------------------------

let requests = [];
let answers = [];

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, origin);
  requests.push(request.url);
  const answer = answers.find(([pattern]) => pattern.test(pathname));
  if (answer !== undefined) return answer[1](response, request);
  await serve(response, pathname);
});
server.on("connection", (socket) => socket.unref());
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
server.unref();
const origin = `http://127.0.0.1:${server.address().port}`;

beforeEach(() => {
  requests = [];
  answers = [];
});

async function serve(response, pathname, change = (bytes) => bytes) {
  try {
    response.end(change(await readFile(path.join(folder, pathname))));
  } catch {
    response.writeHead(404).end();
  }
}

const drop = (response) => response.destroy();
const web = (name) => `${origin}/models/${name}/model.json`;
const shards = async (name) => (await json(name)).weightsManifest[0].paths;

// ---- Predicting -----------------------------------------------------------------------------------------------------

test("a layers model takes values and tensors, by name and bare", async () => {
  const left = await leftBy(async () => {
    const dense = await loadDense({ url: file("dense") });
    assert.deepEqual(dense.model.inputs[0].shape, [null, 2]);
    assert.equal(dense.version, (await json("dense")).userDefinedMetadata["tfjs-build"].version);
    const x = tf.tensor2d(X, [2, 2]);
    for (const inputs of [{ x }, x, { x: new Float32Array(X) }, new Float32Array(X)]) {
      const { y } = dense.predict(inputs);
      assert.deepEqual([y.shape, y.dtype], [[2, 3], "float32"]);
      assert.deepEqual(values({ y }), { y: Y });
    }
    assert.equal(x.isDisposed, false);
    x.dispose();
    const { predict } = dense;
    assert.deepEqual(values(predict(new Float32Array(X))), { y: Y });
    dense.dispose();
    dense.dispose();
  });
  assert.equal(left, 0);
});

test("inputs of a layers model go by its own order, whatever their ranks", async () => {
  const { loadPair } = await stub("pair");
  const left = await leftBy(async () => {
    const pair = await loadPair({ url: file("pair"), warmUp: true });
    const inputs = { first: new Float32Array([1, 2, 3, 4]), second: new Float32Array([5, 6]) };
    assert.deepEqual(values(pair.predict(inputs)), { sum: [51, 52, 63, 64] });
    assert.throws(() => pair.predict({ ...inputs, first: new Float32Array(6) }), {
      name: "TypeError",
      message: 'All inputs take the same number of examples, but "second" has 2, "first" has 3',
    });
    pair.dispose();
  });
  assert.equal(left, 0);
});

test("outputs that repeat each other or an input are tensors of their own", async () => {
  const { loadOutputs } = await stub("outputs");
  const left = await leftBy(async () => {
    const model = await loadOutputs({ url: file("outputs") });
    const x = tf.tensor2d(X, [2, 2]);
    for (let round = 0; round < 2; round++) {
      const outputs = model.predict({ x });
      outputs.a.dispose();
      outputs.b.dispose();
      const twice = [2, 4, 6, 8];
      assert.deepEqual(values({ c: outputs.c, d: outputs.d }), { c: twice, d: X });
    }
    x.dispose();
    model.dispose();
  });
  assert.equal(left, 0);
});

for (const [name, load] of [["sum", loadSum], ["later", loadLater]]) {
  test(`graph nodes go by name, and each output is a tensor of its own (${name})`, async () => {
    const left = await leftBy(async () => {
      const model = await load({ url: file(name), warmUp: true });
      const a = tf.tensor2d(X, [2, 2]);
      for (let round = 0; round < 2; round++) {
        const outputs = await model.predict({ a, b: new Float32Array([5, 6]) });
        assert.deepEqual(Object.keys(outputs), ["sum", "same", "constructor", "__proto__"]);
        outputs.sum.dispose();
        const same = [501, 6002, 503, 6004];
        assert.deepEqual(Array.from(outputs.same.dataSync()), same);
        assert.deepEqual(Array.from(outputs.constructor.dataSync()), X);
        assert.deepEqual(Array.from(outputs["__proto__"].dataSync()), [100, 1000]);
        for (const key of ["same", "constructor", "__proto__"]) outputs[key].dispose();
      }
      a.dispose();
      model.dispose();
    });
    assert.equal(left, 0);
  });
}

test("a name of the signature is never taken for a node", async () => {
  const { loadCrossed } = await stub("crossed");
  const model = await loadCrossed({ url: file("crossed") });
  const inputs = { p: new Float32Array([1]), q: new Float32Array([5]) };
  assert.deepEqual(values(model.predict(inputs)), { p: [4], difference: [1] });
  model.dispose();
});

test("values of every dtype become tensors of it", async () => {
  const { loadDtypes } = await stub("dtypes");
  const left = await leftBy(async () => {
    const model = await loadDtypes({ url: file("dtypes"), warmUp: true });
    const complex64 = tf.tidy(() => tf.complex(tf.tensor2d(X, [2, 2]), tf.zeros([2, 2])));
    const inputs = {
      float32: new Float32Array([0.5, 1, 1.5, 2]),
      int32: new Int32Array(X),
      bool: new Uint8Array([1, 0, 0, 1]),
      string: ["a", "b", "数", ""],
      complex64,
    };
    const outputs = model.predict(inputs);
    for (const [dtype, tensor] of Object.entries(outputs)) {
      assert.deepEqual([tensor.dtype, tensor.shape], [dtype, [2, 2]]);
      if (dtype !== "complex64") assert.deepEqual(Array.from(tensor.dataSync()), Array.from(inputs[dtype]));
      tensor.dispose();
    }
    complex64.dispose();
    model.dispose();
  });
  assert.equal(left, 0);
});

test("graphs with operations of their own time are promises, and are freed when the last is kept", async () => {
  const dynamic = await stub("dynamic");
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  tf.registerOp("CountedIdentity", async ({ inputs: [x] }) => (await gate, x.clone()));
  try {
    const left = await leftBy(async () => {
      const model = await dynamic.loadDynamic({ url: file("dynamic") });
      const first = model.predict(new Uint8Array([0, 1, 1]));
      const x = tf.tensor1d([true, false], "bool");
      const second = model.predict({ x });
      assert.ok(first instanceof Promise);
      model.dispose();
      open();
      assert.deepEqual(values(await first), { places: [1, 2], again: [1, 2], given: [0, 1, 1], weight: [7] });
      assert.deepEqual(values(await second), { places: [0], again: [0], given: [1, 0], weight: [7] });
      x.dispose();
      await assert.rejects(async () => model.predict({ x }), /Model "dynamic" has been disposed/);
    });
    assert.equal(left, 0);
  } finally {
    tf.deregisterOp("CountedIdentity");
  }
});

test("wrong inputs are named", async () => {
  const [dense, sum] = [await loadDense({ url: file("dense") }), await loadSum({ url: file("sum") })];
  const cube = tf.zeros([2, 2, 1]);
  const ints = tf.zeros([2, 2], "int32");
  const wide = tf.zeros([2, 3]);
  const start = tf.memory().numTensors;
  const float = new Float32Array(2);
  for (const [predict, message] of [
    [() => dense.predict({ z: float }), 'Model "dense" has no input "z"; it takes "x"'],
    [() => dense.predict({}), 'Input "x" of model "dense" is missing'],
    [() => dense.predict(), 'Model "dense" takes an object with its inputs ("x"), not undefined'],
    [() => dense.predict("x"), 'Model "dense" takes an object with its inputs ("x"), not String'],
    [() => sum.predict(float), 'Model "sum" takes an object with its inputs ("b", "a"), not Float32Array'],
    [() => sum.predict({ a: float, b: null }), 'Input "b" of model "sum" is missing'],
    [() => sum.predict({ b: float, a: cube }), 'Input "a" of model "sum" takes float32 [?, 2], not float32 [2, 2, 1]'],
    [() => sum.predict({ b: float, a: ints }), 'Input "a" of model "sum" takes float32 [?, 2], not int32 [2, 2]'],
    [() => dense.predict(wide), 'Input "x" of model "dense" takes float32 [?, 2], not float32 [2, 3]'],
    [() => dense.predict([1, 2]), 'Input "x" of model "dense" takes a tensor or a Float32Array, not Array'],
    [() => dense.predict(new Int32Array(2)), 'Input "x" of model "dense" takes a tensor or a Float32Array, not Int32Array'],
    [
      () => dense.predict(new Float32Array(3)),
      'Input "x" of model "dense" takes float32 [?, 2]: a multiple of 2 values, not 3',
    ],
    [
      () => sum.predict({ a: float, b: new Float32Array(4) }),
      'Input "b" of model "sum" takes float32 [2]: 2 values, not 4',
    ],
  ]) {
    assert.throws(predict, { name: "TypeError", message });
  }
  assert.equal(tf.memory().numTensors, start);
  tf.dispose([cube, ints, wide]);
  dense.dispose();
  sum.dispose();
  assert.throws(() => dense.predict(float), { message: 'Model "dense" has been disposed' });
  assert.throws(() => dense.model, { message: 'Model "dense" has been disposed' });
});

test("values cannot tell several free sizes", async () => {
  const { loadFree } = await stub("free");
  const model = await loadFree({ url: file("free") });
  const message =
    'Input "x" of model "free" takes float32 [?, ?], of which values alone do not tell the 2 free sizes: give a tensor';
  assert.throws(() => model.predict(new Float32Array(2)), { name: "TypeError", message });
  model.dispose();
});

// ---- Loading --------------------------------------------------------------------------------------------------------

test("a model is found by path, by file address and over http", async () => {
  const absolute = path.join(folder, "models", "dense", "model.json");
  for (const url of [absolute, path.relative(process.cwd(), absolute), file("dense").href, web("dense")]) {
    const dense = await loadDense({ url });
    assert.deepEqual(values(dense.predict(new Float32Array(X))), { y: Y });
    dense.dispose();
  }
});

test("where Node has no getBuiltinModule, files are read all the same", async () => {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    const dense = await loadDense({ url: path.join(folder, "models", "dense", "model.json") });
    dense.dispose();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});

test("in a page, the address is where the build published to", async () => {
  globalThis.location = { href: `${origin}/shop/page.html#top`, origin };
  try {
    (await loadDense()).dispose();
    assert.ok(requests.every((url) => url.startsWith("/models/dense/")));
    globalThis.location = { href: `blob:${origin}/1234`, origin }; // a worker
    (await loadDense()).dispose();
    globalThis.location = { href: `${origin}/models/sub/page.html`, origin };
    (await loadDense({ url: "../dense/model.json" })).dispose();
  } finally {
    delete globalThis.location;
  }
});

test("outside a page, a loader without `url` says what to do", async () => {
  const error = await failure(() => loadDense());
  assert.equal(error.url, "models/dense/model.json");
  assert.match(error.reason, /^is relative to a page, and there is none here: give the loader a `url`/);
});

test("model.json is asked for once, by version, and each shard once, without a query", async () => {
  const dense = await loadDense({ url: web("dense") });
  const paths = (await shards("dense")).map((name) => `/models/dense/${name}`);
  assert.equal(paths.length, 2);
  assert.deepEqual(requests, [`/models/dense/model.json?v=${dense.version}`, ...paths]);
  dense.dispose();
});

test("progress is counted in bytes and ends with all of them", async () => {
  for (const url of [file("dense"), web("dense")]) {
    const seen = [];
    const dense = await loadDense({ url, onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen[0], { loaded: 0, total: 36 });
    assert.ok([8, 28].includes(seen[1].loaded));
    assert.deepEqual(seen[2], { loaded: 36, total: 36 });
    assert.equal(seen.length, 3);
    dense.dispose();
  }
});

test("an error of onProgress is not hidden", async () => {
  const onProgress = () => {
    throw new Error("mine");
  };
  await assert.rejects(loadDense({ url: file("dense"), onProgress }), { message: "mine" });
});

test("warming up runs the model once and leaves nothing", async () => {
  let runs = 0;
  tf.registerOp("CountedIdentity", ({ inputs: [x] }) => (runs++, x.clone()));
  try {
    const plain = await loadDynamic({ url: file("dynamic") });
    assert.equal(runs, 0);
    const cold = tf.memory().numTensors;
    const left = await leftBy(async () => {
      const warm = await loadDynamic({ url: file("dynamic"), warmUp: true });
      assert.equal(runs, 1);
      assert.equal(tf.memory().numTensors, cold + 1); // its weight
      warm.dispose();
    });
    assert.equal(left, 0);
    plain.dispose();
  } finally {
    tf.deregisterOp("CountedIdentity");
  }
});

/** What a load says on the console about warming up. */
async function warningsOf(context, load) {
  const { mock } = context.mock.method(console, "warn", () => {});
  const model = await load();
  const warnings = mock.calls.map(({ arguments: [text] }) => text).filter((text) => text.includes("warmed up"));
  mock.restore();
  return { model, warnings };
}

test("a model that cannot run on zeros is loaded all the same, and the console is told", async (context) => {
  const { loadMystery } = await stub("mystery");
  tf.registerOp("Mystery", ({ inputs: [x] }) => {
    const result = tf.add(x, 1);
    if (x.dataSync()[0] === 0) throw new Error("zeros are no use.");
    return result;
  });
  try {
    const left = await leftBy(async () => {
      const load = () => loadMystery({ url: file("mystery"), warmUp: true });
      const start = tf.memory().numTensors;
      const { model, warnings } = await warningsOf(context, load);
      const said = 'Model "mystery" is not warmed up: zeros are no use. Its first prediction may take longer.';
      assert.deepEqual(warnings, [said]);
      assert.equal(tf.memory().numTensors, start + 1); // its weight
      assert.deepEqual(values(model.predict(new Float32Array([2]))), { y: [3] });
      model.dispose();
    });
    assert.equal(left, 0);
  } finally {
    tf.deregisterOp("Mystery");
  }
});

test("so is one whose operations take time of their own", async (context) => {
  tf.registerOp("CountedIdentity", async ({ inputs: [x] }) => {
    if (x.size === 0) throw new Error("there is nothing");
    return x.clone();
  });
  try {
    const load = () => loadDynamic({ url: file("dynamic"), warmUp: true });
    const { model, warnings } = await warningsOf(context, load);
    const said = 'Model "dynamic" is not warmed up: there is nothing. Its first prediction may take longer.';
    assert.deepEqual(warnings, [said]);
    const { places, ...others } = await model.predict(new Uint8Array([0, 1, 1]));
    assert.deepEqual(values({ places }), { places: [1, 2] });
    tf.dispose(Object.values(others));
    model.dispose();
  } finally {
    tf.deregisterOp("CountedIdentity");
  }
});

test("so is one whose input has a rank that is not known", async (context) => {
  const { loadUnranked } = await stub("unranked");
  const load = () => loadUnranked({ url: file("unranked"), warmUp: true });
  const { model, warnings } = await warningsOf(context, load);
  const reason = 'the rank of input "x" is not known';
  assert.deepEqual(warnings, [`Model "unranked" is not warmed up: ${reason}. Its first prediction may take longer.`]);
  model.dispose();
});

test("a load that is aborted while the model warms up is rejected with the reason", async () => {
  const stop = new AbortController();
  tf.registerOp("CountedIdentity", async () => {
    stop.abort(new Error("enough"));
    throw new Error("there is nothing");
  });
  try {
    const options = { url: file("dynamic"), warmUp: true, signal: stop.signal };
    await assert.rejects(loadDynamic(options), { message: "enough" });
  } finally {
    tf.deregisterOp("CountedIdentity");
  }
});

// ---- What can go wrong ----------------------------------------------------------------------------------------------

test("statuses are told", async () => {
  for (const [status, text] of [[404, "404 Not Found"], [500, "500 Internal Server Error"]]) {
    for (const pattern of [/model\.json$/, /\.bin$/]) {
      answers = [[pattern, (response) => response.writeHead(status).end("<html>".repeat(100))]];
      const error = await failure(() => loadDense({ url: web("dense") }));
      assert.equal(error.reason, `was answered with ${text}`);
      assert.match(new URL(error.url).pathname, pattern);
      assert.equal(error.model, "dense");
    }
  }
});

test("a web page is no model", async () => {
  for (const pattern of [/model\.json$/, /\.bin$/]) {
    const page = (response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>");
    answers = [[pattern, page]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.equal(error.reason, "was answered with a web page: there is no such file on the server");
  }
});

test("a model.json that lacks a part says which", async () => {
  const change = (edit) => (bytes) => {
    const model = JSON.parse(bytes);
    edit(model, model.userDefinedMetadata["tfjs-build"]);
    return JSON.stringify(model);
  };
  for (const [part, edit] of [
    ["`modelTopology`", (model) => delete model.modelTopology],
    ["`weightsManifest`", (model) => delete model.weightsManifest],
    ["`weightsManifest`", (model) => (model.weightsManifest = "weights.bin")],
    ["`paths` and `weights` in its `weightsManifest`", (model) => (model.weightsManifest = [null])],
    ["`paths` and `weights` in its `weightsManifest`", (model) => delete model.weightsManifest[0].weights],
    ["`shards` in its `userDefinedMetadata`", (model, metadata) => delete metadata.shards],
  ]) {
    answers = [[/model\.json$/, (response) => serve(response, "models/dense/model.json", change(edit))]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.equal(error.reason, `is not whole, it has no ${part}: put the model's folder there anew`);
    assert.equal(new URL(error.url).pathname, "/models/dense/model.json");
  }
});

test("a shard of another content is told by its hashes", async () => {
  const [name] = await shards("dense");
  const { userDefinedMetadata } = await json("dense");
  const expected = userDefinedMetadata["tfjs-build"].shards[name];
  const corrupt = (bytes) => ((bytes[0] ^= 1), bytes);
  answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, corrupt)]];
  const error = await failure(() => loadDense({ url: web("dense") }));
  assert.equal(error.url, `${origin}/models/dense/${name}`);
  assert.match(error.reason, /^is not the file that was published: it has the SHA-256 [0-9a-f]{64}, not /);
  assert.ok(error.reason.endsWith(`, not ${expected}; put the model's folder there anew`));
  answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, (bytes) => bytes.subarray(1))]];
  assert.match((await failure(() => loadDense({ url: web("dense") }))).reason, /^is not the file that was published/);
});

test("so it is in a file", async () => {
  const { loadCorrupt } = await stub("corrupt");
  const error = await failure(() => loadCorrupt({ url: file("corrupt") }));
  assert.match(error.url, /^file:.*\/weights\.[0-9a-f]{16}\.bin$/);
  assert.match(error.reason, /^is not the file that was published: it has the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}; /);
});

test("where the platform cannot hash, a mismatch is told all the same", async () => {
  const [name] = await shards("dense");
  const crypto = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, () => "garbage")]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.match(error.reason, /^is not the file that was published: it has another content, not [0-9a-f]{64}; /);
  } finally {
    Object.defineProperty(globalThis, "crypto", crypto);
  }
});

test("a lost network is told from a mismatch by asking once more", async () => {
  const [name] = await shards("dense");
  let count = 0;
  answers = [[new RegExp(name), (response) => (count++, drop(response))]];
  const error = await failure(() => loadDense({ url: web("dense") }));
  assert.match(error.reason, /^cannot be fetched: fetch failed \(.+\)$/);
  assert.equal(count, 2);
  answers = [[/model\.json$/, drop]];
  assert.match((await failure(() => loadDense({ url: web("dense") }))).reason, /^cannot be fetched: fetch failed/);
  assert.match((await failure(() => loadDense({ url: "http://127.0.0.1:9/m.json" }))).reason, /^cannot be fetched/);
});

test("to ask once more goes past caches and makes no demand on the content", async () => {
  const [name] = await shards("dense");
  const { fetch } = globalThis;
  const asked = [];
  globalThis.fetch = async (url, { integrity, cache }) => {
    asked.push([path.basename(String(url)).split("?")[0], integrity?.slice(0, 7), cache]);
    return String(url).endsWith(name) && integrity ? Promise.reject(new TypeError("integrity")) : fetch(url);
  };
  try {
    (await loadDense({ url: web("dense") })).dispose();
  } finally {
    globalThis.fetch = fetch;
  }
  const [, second] = await shards("dense");
  assert.deepEqual(asked, [
    ["model.json", undefined, undefined],
    [name, "sha256-", undefined],
    [second, "sha256-", undefined],
    [name, undefined, "reload"],
  ]);
});

test("a connection that broke once does not fail the load", async () => {
  const [name] = await shards("dense");
  let count = 0;
  const flaky = (response) => (count++ === 0 ? drop(response) : serve(response, `models/dense/${name}`));
  answers = [[new RegExp(name), flaky]];
  const dense = await loadDense({ url: web("dense") });
  assert.deepEqual(values(dense.predict(new Float32Array(X))), { y: Y });
  assert.equal(count, 2);
  dense.dispose();
});

test("model.json must be one of ours, and of the stub's version", async () => {
  const answer = (body) => (answers = [[/model\.json$/, (response) => response.end(body)]]);
  answer("{");
  assert.match((await failure(() => loadDense({ url: web("dense") }))).reason, /^is not JSON: /);
  for (const body of ["null", "{}", '{"userDefinedMetadata": {}}']) {
    answer(body);
    assert.equal((await failure(() => loadDense({ url: web("dense") }))).reason, "was not published by tfjs-build");
  }
  const other = await json("dense");
  const { version } = other.userDefinedMetadata["tfjs-build"];
  other.userDefinedMetadata["tfjs-build"].version = "ffffffffffffffff";
  answer(JSON.stringify(other));
  assert.equal(
    (await failure(() => loadDense({ url: web("dense") }))).reason,
    `is version ffffffffffffffff of the model, but this loader was generated for version ${version}: ` +
      "build and deploy both together",
  );
  const unhashed = await json("dense");
  unhashed.userDefinedMetadata["tfjs-build"].shards = {};
  answer(JSON.stringify(unhashed));
  assert.match((await failure(() => loadDense({ url: web("dense") }))).reason, /^does not tell the SHA-256 of weights\./);
});

test("a file that is not there", async () => {
  const error = await failure(() => loadDense({ url: file("nowhere") }));
  assert.match(error.reason, /^cannot be read: ENOENT/);
});

test("what TensorFlow.js refuses leaves nothing behind", async () => {
  const { loadUnknown } = await stub("unknown");
  const { loadBroken } = await stub("broken");
  const unknown = await failure(() => loadUnknown({ url: file("unknown") }));
  assert.match(unknown.reason, /^\(version [0-9a-f]{16}\) was refused by TensorFlow\.js: Unknown layer: Mystery/);
  const broken = await failure(() => loadBroken({ url: file("broken") }));
  assert.match(broken.reason, /^\(version [0-9a-f]{16}\) was refused by TensorFlow\.js: /);
});

test("what a refused model leaves behind is told from another that is opened at the same time", async () => {
  const { open } = runtime.layers(tf.loadLayersModel);
  const left = await leftBy(async () => {
    const names = ["unknown", "dense", "unknown", "dense"];
    const all = await Promise.all(names.map(artifacts));
    const opened = await Promise.allSettled(all.map((one) => open(one, { inputs: [{ name: "x" }] })));
    assert.deepEqual(opened.map(({ status }) => status), ["rejected", "fulfilled", "rejected", "fulfilled"]);
    const x = tf.tensor2d(X, [2, 2]);
    for (const { value: runner } of opened.filter(({ status }) => status === "fulfilled")) {
      const [y] = runner.run([x]);
      assert.deepEqual(values({ y }), { y: Y });
      runner.dispose();
    }
    x.dispose();
  });
  assert.equal(left, 0);
});

async function artifacts(name) {
  const { weightsManifest, ...rest } = await json(name);
  const [{ weights, paths }] = weightsManifest;
  const buffers = await Promise.all(paths.map((shard) => readFile(new URL(shard, file(name)))));
  return { ...rest, weightSpecs: weights, weightData: new Uint8Array(Buffer.concat(buffers)).buffer };
}

// ---- Giving up ------------------------------------------------------------------------------------------------------

test("an aborted load is rejected with the signal's reason, whenever it comes", async () => {
  const reason = new Error("changed my mind");
  const already = AbortSignal.abort(reason);
  await assert.rejects(loadDense({ url: web("dense"), signal: already }), reason);
  assert.deepEqual(requests, []);

  for (const pattern of [/model\.json$/, /\.bin$/]) {
    const controller = new AbortController();
    const closed = new Promise((resolve) => {
      answers = [[pattern, (response) => (response.on("close", resolve), controller.abort(reason))]]; // never answered
    });
    const left = await leftBy(() =>
      assert.rejects(loadDense({ url: web("dense"), signal: controller.signal }), reason),
    );
    assert.equal(left, 0);
    await closed;
  }

  answers = [];
  const late = new AbortController();
  const onProgress = ({ loaded, total }) => loaded === total && late.abort(reason);
  for (const url of [web("dense"), file("dense")]) {
    const load = () => assert.rejects(loadDense({ url, signal: late.signal, onProgress }), reason);
    assert.equal(await leftBy(load), 0);
  }
});

test("a signal that outlives the load is let go of", async () => {
  const { signal } = new AbortController();
  const listeners = new Set();
  signal.addEventListener = (_, listener) => listeners.add(listener);
  signal.removeEventListener = (_, listener) => listeners.delete(listener);
  (await loadDense({ url: file("dense"), signal })).dispose();
  assert.equal(listeners.size, 0);
});

test("the first shard that fails stops the others", async () => {
  const [first, second] = await shards("dense");
  const closed = new Promise((resolve) => {
    answers = [
      [new RegExp(first), (response) => response.on("close", resolve)], // never answered
      [new RegExp(second), (response) => response.writeHead(404).end()],
    ];
  });
  await assert.rejects(loadDense({ url: web("dense") }), /404 Not Found/);
  await closed;
});

// ---- New versions under a development server ------------------------------------------------------------------------

/** What `import.meta.hot` is to one module through all its versions. */
function development() {
  const hot = { data: {}, accept() {}, invalidated: [], invalidate: (message) => hot.invalidated.push(message) };
  return hot;
}

async function published(name, changes = {}) {
  const { signature, version } = (await json(name)).userDefinedMetadata["tfjs-build"];
  return { name, version, url: "", ...signature, engine: runtime.layers(tf.loadLayersModel), ...changes };
}

test("a new version is swapped in under the living handle", async () => {
  const hot = development();
  const left = await leftBy(async () => {
    // Both versions are at one address, as they are when a build replaces the first.
    const [former, next] = [await published("dense"), await published("dense2")];
    answers = [[/current\/model\.json$/, (response) => serve(response, "models/dense/model.json")]];
    answers.push([/current\//, (response, { url }) => serve(response, url.replace("current", "dense"))]);
    const load = runtime.createLoader(former, hot);
    const url = `${origin}/models/current/model.json`;
    const handle = await load({ url });
    const other = await load({ url });
    const disposed = await load({ url });
    disposed.dispose();
    const { predict } = handle;
    const { model } = handle;
    const loaded = tf.memory().numTensors;

    answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", "dense2").split("?")[0])]];
    const seen = [];
    const stop = handle.onReload((version) => seen.push(`stopped ${version}`));
    stop();
    handle.onReload(() => {
      throw new Error("one callback's fault");
    });
    const { error } = console;
    const errors = [];
    console.error = (...all) => errors.push(all);
    const swapped = [handle, other].map((one) => new Promise((resolve) => one.onReload(resolve)));
    const reloaded = runtime.createLoader(next, hot);
    assert.deepEqual(await Promise.all(swapped), [next.version, next.version]);
    console.error = error;
    assert.match(String(errors), /one callback's fault/);

    assert.equal(reloaded, load);
    assert.deepEqual(seen, []);
    assert.equal(handle.version, next.version);
    assert.notEqual(handle.model, model);
    assert.equal(tf.memory().numTensors, loaded);
    assert.deepEqual(values(predict(new Float32Array(X))), { y: Y.map((y) => y + 1) });
    const fresh = await load({ url });
    assert.equal(fresh.version, next.version);
    for (const one of [handle, other, fresh]) one.dispose();
    assert.deepEqual(hot.invalidated, []);
  });
  assert.equal(left, 0);
});

test("a version that does not come, however often it is asked for, leaves the last", async () => {
  const hot = development();
  const load = runtime.createLoader(await published("dense"), hot);
  const handle = await load({ url: file("dense") });
  const { error } = console;
  const { setTimeout } = globalThis;
  const pauses = [];
  globalThis.setTimeout = (callback, pause) => (pauses.push(pause), setImmediate(callback));
  const told = new Promise((resolve) => (console.error = (...all) => resolve(all)));
  runtime.createLoader(await published("dense", { version: "ffffffffffffffff" }), hot);
  const [message, cause] = await told;
  console.error = error;
  globalThis.setTimeout = setTimeout;
  assert.equal(message, `Model "dense" stays at version ${handle.version}.`);
  assert.ok(cause instanceof ModelLoadError);
  assert.deepEqual(pauses, [50, 100, 200, 400, 800, 1600]);
  assert.deepEqual(values(handle.predict(new Float32Array(X))), { y: Y });
  handle.dispose();
});

test("a load that a new version overtakes gives the new one", async () => {
  const hot = development();
  const left = await leftBy(async () => {
    const load = runtime.createLoader(await published("dense"), hot);
    answers = [
      [
        /model\.json$/,
        async (response) => {
          answers = [];
          runtime.createLoader(await published("dense2"), hot);
          await serve(response, "models/dense2/model.json");
        },
      ],
    ];
    const handle = await load({ url: web("dense2") });
    assert.deepEqual(values(handle.predict(new Float32Array(X))), { y: Y.map((y) => y + 1) });
    handle.dispose();
  });
  assert.equal(left, 0);
});

test("a load that a new version overtakes at its very end is followed by it", async () => {
  const hot = development();
  const serveFrom = (name) => {
    answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", name).split("?")[0])]];
  };
  const next = await published("dense2");
  const left = await leftBy(async () => {
    serveFrom("dense");
    const load = runtime.createLoader(await published("dense"), hot);
    const onProgress = ({ loaded, total }) => {
      if (loaded < total) return;
      serveFrom("dense2");
      runtime.createLoader(next, hot);
    };
    const handle = await load({ url: `${origin}/models/current/model.json`, onProgress });
    assert.notEqual(handle.version, next.version);
    assert.equal(await new Promise((resolve) => handle.onReload(resolve)), next.version);
    assert.deepEqual(values(handle.predict(new Float32Array(X))), { y: Y.map((y) => y + 1) });
    handle.dispose();
  });
  assert.equal(left, 0);
});

test("other inputs, outputs, labels or formats reload the page", async () => {
  const changes = [
    { inputs: [{ name: "x", node: "in", shape: [null, 3], dtype: "float32" }] },
    { outputs: [{ name: "z", node: "out", shape: [null, 3], dtype: "float32" }] },
    { labels: ["a"] },
    { engine: runtime.graph(tf.loadGraphModel) },
  ];
  for (const change of changes) {
    const hot = development();
    const load = runtime.createLoader(await published("dense"), hot);
    const next = runtime.createLoader(await published("dense2", change), hot);
    assert.deepEqual(hot.invalidated, ['model "dense2" has other inputs, outputs or labels']);
    assert.notEqual(load, next);
  }
});
