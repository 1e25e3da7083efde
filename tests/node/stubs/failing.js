// What can go wrong while a model is loaded, and what is said of it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { drop, origin, serve, shards, site, web } from "./site.js";
import { X, Y, failure, file, folder, json, leftBy, loadDense, runtime, stub, values } from "./world.js";

test("statuses are told", async () => {
  for (const status of [404, 500]) {
    for (const pattern of [/model\.json$/, /\.bin$/]) {
      site.answers = [[pattern, (response) => response.writeHead(status).end("<html>".repeat(100))]];
      const error = await failure(() => loadDense({ url: web("dense") }));
      assert.equal(error.reason, `was answered with status ${status}`);
      assert.match(new URL(error.url).pathname, pattern);
      assert.equal(error.model, "dense");
    }
  }
});

test("a web page is no model", async () => {
  for (const pattern of [/model\.json$/, /\.bin$/]) {
    const page = (response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>");
    site.answers = [[pattern, page]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.equal(error.reason, "was answered with a web page: it is not there");
  }
});

test("a model.json that lacks a part is told", async () => {
  const change = (edit) => (bytes) => {
    const model = JSON.parse(bytes);
    edit(model, model.userDefinedMetadata["tfjs-build"]);
    return JSON.stringify(model);
  };
  for (const edit of [
    (model) => delete model.modelTopology,
    (model) => delete model.weightsManifest,
    (model) => (model.weightsManifest = "weights.bin"),
    (model) => (model.weightsManifest = [null]),
    (model) => delete model.weightsManifest[0].paths,
    (model) => delete model.weightsManifest[0].weights,
    (model, metadata) => delete metadata.shards,
    (model, metadata) => (metadata.shards = {}),
  ]) {
    site.answers = [[/model\.json$/, (response) => serve(response, "models/dense/model.json", change(edit))]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.equal(error.reason, "is not whole: put the model's folder there anew");
    assert.equal(new URL(error.url).pathname, "/models/dense/model.json");
  }
});

test("a shard of another content is told by its hashes", async () => {
  const [name] = await shards("dense");
  const { userDefinedMetadata } = await json("dense");
  const expected = userDefinedMetadata["tfjs-build"].shards[name];
  const corrupt = (bytes) => ((bytes[0] ^= 1), bytes);
  site.answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, corrupt)]];
  const error = await failure(() => loadDense({ url: web("dense") }));
  assert.equal(error.url, `${origin}/models/dense/${name}`);
  const reason = `is not what was published: put the model's folder there anew`;
  assert.equal(error.reason, reason);
  site.answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, (bytes) => bytes.subarray(1))]];
  assert.equal((await failure(() => loadDense({ url: web("dense") }))).reason, reason);
});

test("so it is in a file", async () => {
  const { loadCorrupt } = await stub("corrupt");
  const error = await failure(() => loadCorrupt({ url: file("corrupt") }));
  assert.match(error.url, /^file:.*\/weights\.[0-9a-f]{16}\.bin$/);
  assert.match(error.reason, /^is not what was published: /);
});

test("where the platform cannot hash, a mismatch is told all the same", async () => {
  const [name] = await shards("dense");
  const crypto = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    site.answers = [[new RegExp(name), (response) => serve(response, `models/dense/${name}`, () => "garbage")]];
    const error = await failure(() => loadDense({ url: web("dense") }));
    assert.match(error.reason, /^is not what was published: /);
  } finally {
    Object.defineProperty(globalThis, "crypto", crypto);
  }
});

test("a lost network is told from a mismatch by asking once more", async () => {
  const [name] = await shards("dense");
  let count = 0;
  site.answers = [[new RegExp(name), (response) => (count++, drop(response))]];
  const error = await failure(() => loadDense({ url: web("dense") }));
  assert.match(error.reason, /^cannot be fetched: fetch failed$/);
  assert.equal(count, 2);
  site.answers = [[/model\.json$/, drop]];
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
  site.answers = [[new RegExp(name), flaky]];
  const dense = await loadDense({ url: web("dense") });
  assert.deepEqual(values(dense.predict(new Float32Array(X))), { y: Y });
  assert.equal(count, 2);
  dense.dispose();
});

test("model.json must be one of ours, and of the stub's version", async () => {
  const answer = (body) => (site.answers = [[/model\.json$/, (response) => response.end(body)]]);
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
    `is version ffffffffffffffff, not ${version}: build and deploy both together`,
  );
});

test("a file that is not there", async () => {
  const error = await failure(() => loadDense({ url: file("nowhere") }));
  assert.match(error.reason, /^cannot be read: ENOENT/);
});

test("what TensorFlow.js refuses leaves nothing behind", async () => {
  const { loadUnknown } = await stub("unknown");
  const { loadBroken } = await stub("broken");
  const unknown = await failure(() => loadUnknown({ url: file("unknown") }));
  assert.match(unknown.reason, /^was refused by TensorFlow\.js: Unknown layer: Mystery/);
  const broken = await failure(() => loadBroken({ url: file("broken") }));
  assert.match(broken.reason, /^was refused by TensorFlow\.js: /);
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
      const [y] = runner.predict(() => [x], (outputs) => outputs);
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
