// What a loaded model makes of its inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { X, Y, file, json, leftBy, loadDense, loadLater, loadSum, stub, values } from "./world.js";

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
  const [wide, one, gone] = [tf.zeros([2, 3]), tf.zeros([2]), tf.zeros([2, 2])];
  gone.dispose();
  const start = tf.memory().numTensors;
  const float = new Float32Array(2);
  const takes = 'Input "x" of model "dense" takes a tensor or a Float32Array';
  for (const [predict, message] of [
    [() => dense.predict({ z: float }), 'Model "dense" has no input "z"; it takes "x"'],
    [() => dense.predict({}), 'Input "x" of model "dense" is missing'],
    [() => dense.predict(), 'Model "dense" takes an object with its inputs ("x"), not undefined'],
    [() => dense.predict("x"), 'Model "dense" takes an object with its inputs ("x"), not a String'],
    [() => sum.predict(float), 'Model "sum" takes an object with its inputs ("b", "a"), not a Float32Array'],
    [() => sum.predict({ a: float, b: null }), 'Input "b" of model "sum" is missing'],
    [() => sum.predict({ b: float, a: cube }), 'Input "a" of model "sum" takes float32 [?, 2], not float32 [2, 2, 1]'],
    [() => dense.predict(wide), 'Input "x" of model "dense" takes float32 [?, 2], not float32 [2, 3]'],
    [() => dense.predict([1, 2]), `${takes}, not an Array: \`Float32Array.from(…)\` makes one`],
    [() => dense.predict([[1, 2]]), `${takes}, not an Array: \`tf.tensor(…)\` makes a tensor of nested ones`],
    [() => dense.predict(new Int32Array(2)), `${takes}, not an Int32Array: \`Float32Array.from(…)\` makes one`],
    [() => dense.predict(new Uint8Array(2)), `${takes}, not a Uint8Array: \`Float32Array.from(…)\` makes one`],
    [() => dense.predict(new DataView(new ArrayBuffer(8))), `${takes}, not a DataView`],
    [() => dense.predict(Promise.resolve(float)), `${takes}, not a Promise: await it first`],
    [() => dense.predict({ x: Promise.resolve(float) }), `${takes}, not a Promise: await it first`],
    ...["HTMLCanvasElement", "HTMLImageElement", "ImageData", "VideoFrame"].map((kind) => [
      () => dense.predict({ [Symbol.toStringTag]: kind, width: 2, height: 1 }),
      `${takes}, not ${kind === "VideoFrame" ? "a" : "an"} ${kind}: \`tf.browser.fromPixels(…)\` makes a tensor of its pixels`,
    ]),
    [() => dense.predict(gone), 'Input "x" of model "dense" is a tensor that has been disposed: give it to the model before'],
    [
      () => dense.predict(one),
      'Input "x" of model "dense" takes float32 [?, 2], not float32 [2]: `tensor.expandDims(0)` makes a batch of one',
    ],
    [
      () => sum.predict({ b: float, a: ints }),
      'Input "a" of model "sum" takes float32 [?, 2], not int32 [2, 2]: `tensor.cast("float32")` makes one',
    ],
    [
      () => sum.predict(Promise.resolve({})),
      'Model "sum" takes an object with its inputs ("b", "a"), not a Promise: await it first',
    ],
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
  tf.dispose([cube, ints, wide, one]);
  dense.dispose();
  sum.dispose();
  assert.throws(() => dense.predict(float), { message: 'Model "dense" has been disposed' });
  assert.throws(() => dense.model, { message: 'Model "dense" has been disposed' });
});

/** What Vue's `reactive` and others put in front of an object: its getters run with the proxy as `this`. */
const proxied = (target) => new Proxy(target, { get: (target, key, receiver) => Reflect.get(target, key, receiver) });

test("a model works behind a proxy, and asks Vue for none", async () => {
  const dense = await loadDense({ url: file("dense") });
  const behind = proxied(dense);
  assert.equal(behind.version, dense.version);
  assert.equal(behind.model, dense.model);
  assert.deepEqual(values(behind.predict(new Float32Array(X))), { y: Y });
  assert.equal(behind.onReload(() => {})(), undefined);
  assert.equal(behind["__v_skip"], true);
  assert.ok(!Object.keys(dense).includes("__v_skip"));
  behind.dispose();
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
