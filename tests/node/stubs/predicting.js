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
  assert.throws(() => dense.model, { message: 'Model "dense" has been disposed: load it anew' });
});
