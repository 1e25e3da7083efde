// Results as typed arrays, and as classes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { X, Y, file, json, leftBy, loadDense, loadLater, runtime, stub } from "./world.js";

test("a model runs from values to values, and leaves no tensor", async () => {
  const dense = await loadDense({ url: file("dense") });
  const left = await leftBy(async () => {
    const { y } = await dense.run(new Float32Array(X));
    assert.ok(y instanceof Float32Array);
    assert.deepEqual([...y], Y);
    assert.deepEqual(y.shape, [2, 3]);
  });
  assert.equal(left, 0);
  await assert.rejects(dense.run(new Float32Array(3)), { name: "TypeError" });
  dense.dispose();
  await assert.rejects(dense.run(new Float32Array(2)), { message: 'Model "dense" has been disposed: load it anew' });
});

test("what it gives is a copy", async () => {
  const { loadFree } = await stub("free"); // it gives its input
  const model = await loadFree({ url: file("free") });
  const x = tf.tensor2d([1, 2], [1, 2]);
  const { y } = await model.run(x);
  y[0] = 9;
  assert.deepEqual([...x.dataSync()], [1, 2]);
  assert.deepEqual([...(await model.run(x)).y], [1, 2]);
  x.dispose();
  model.dispose();
});

test("so does one whose operations take time of their own", async () => {
  const later = await loadLater({ url: file("later") });
  const left = await leftBy(async () => {
    const values = Object.values(await later.run({ b: new Float32Array(2), a: new Float32Array(2) }));
    assert.ok(values.every((each) => each instanceof Float32Array && Array.isArray(each.shape)));
  });
  assert.equal(left, 0);
  later.dispose();
});

test("texts, bools and integers come as what holds them", async () => {
  const { loadDtypes } = await stub("dtypes");
  const model = await loadDtypes({ url: file("dtypes") });
  const { inputs } = (await json("dtypes")).userDefinedMetadata["tfjs-build"].signature;
  const holders = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, string: Array };
  const given = inputs.map(({ name, dtype, shape }) => {
    const size = shape.reduce((product, each) => product * (each ?? 1), 1);
    if (dtype === "complex64") return [name, tf.complex(tf.zeros(shape.map((each) => each ?? 1)), tf.zeros(shape.map((each) => each ?? 1)))];
    return [name, dtype === "string" ? Array(size).fill("a") : new holders[dtype](size)];
  });
  const results = await model.run(Object.fromEntries(given));
  const { outputs } = (await json("dtypes")).userDefinedMetadata["tfjs-build"].signature;
  for (const { name, dtype } of outputs) {
    assert.ok(results[name] instanceof (holders[dtype] ?? Float32Array), name);
    assert.ok(Array.isArray(results[name].shape), name);
  }
  model.dispose();
});

const softmax = (logits) => {
  const powers = logits.map((each) => Math.exp(each - Math.max(...logits)));
  return powers.map((power) => power / powers.reduce((sum, each) => sum + each, 0));
};

test("the likeliest classes come first, with a softmax of logits", async () => {
  const { loadClasses, classesLabels } = await stub("classes");
  const model = await loadClasses({ url: file("classes") });
  const x = new Float32Array([0.1, 0.2]);
  const left = await leftBy(async () => {
    const logits = [10.9, 21.2, 31.5];
    const found = await model.classify(x);
    assert.deepEqual(
      found.map(({ label, index }) => [label, index]),
      [["high", 2], ["middle", 1], ["low", 0]],
    );
    assert.deepEqual(classesLabels, ["low", "middle", "high"]);
    const expected = softmax(logits);
    for (const { score, index } of found) assert.ok(Math.abs(score - expected[index]) < 1e-6);
    assert.deepEqual((await model.classify(x, { topK: 1 })).map(({ label }) => label), ["high"]);
    assert.deepEqual((await model.classify({ x }, { threshold: 0.5 })).map(({ label }) => label), ["high"]);
    assert.deepEqual(await model.classify(x, { threshold: 1.1 }), []);
    await assert.rejects(model.classify(x, { topK: 0 }), {
      name: "RangeError",
      message: "`topK` is how many classes are given: 1 or more, not 0",
    });
    await assert.rejects(model.classify(x, { threshold: "much" }), {
      message: "`threshold` is the least score: a number, not much",
    });
    await assert.rejects(model.classify(new Float32Array(4)), {
      message: '`classify` of model "classes" takes one example, not 2: use `run` for several',
    });
    await assert.rejects(model.classify(new Float32Array([NaN, 0])), {
      message: 'Model "classes" gives scores ("y") that are no numbers',
    });
  });
  assert.equal(left, 0);
  model.dispose();
});

test("a model without labels says what names its classes", async () => {
  const dense = await loadDense({ url: file("dense") });
  await assert.rejects(dense.classify(new Float32Array(2)), {
    message: 'Model "dense" has no `labels` in tfjs.yaml',
  });
  dense.dispose();
});

test("one score is that of the second of two classes", () => {
  const scores = (values, softmax) =>
    runtime
      .classifier("y", softmax)("net", ["no", "yes"], { y: Object.assign(values, { shape: [1, values.length] }) }, {})
      .map(({ label, score }) => [label, score]);
  assert.deepEqual(scores([0.75], false), [["yes", 0.75], ["no", 0.25]]);
  assert.deepEqual(scores([0], true), [["no", 0.5], ["yes", 0.5]]);
  assert.deepEqual(scores([-1000], true), [["no", 1], ["yes", 0]]);
  assert.deepEqual(scores([1000, 0], true), [["no", 1], ["yes", 0]]);
  const several = (values, shape) => () =>
    runtime.classifier("y", false)("net", ["no", "yes"], { y: Object.assign(values, { shape }) }, {});
  assert.throws(several([0.9, 0.8], [2, 1]), { message: /takes one example, not 2/ });
  assert.throws(several([0.9, 0.8, 0.7], [3, 1]), { message: /takes one example, not 3/ });
  assert.throws(several([], [0, 2]), { message: /takes one example, not 0/ });
});
