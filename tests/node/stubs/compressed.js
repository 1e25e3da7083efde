// Files of weights that are there compressed as well: which are asked for, and what happens where they are of no use.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { cacheApi, withCaches } from "./caches.js";
import { drop, serve, shards, site, web } from "./site.js";
import { X, Y, failure, file, json, leftBy, stub, values } from "./world.js";

const { loadCompressed } = await stub("compressed");
const plain = await shards("compressed");
const both = plain.flatMap((shard) => [`${shard}.gz`, shard]);

/** Loads the model and predicts with it; returns the files of weights that the server was asked for. */
async function asked(options) {
  site.requests = [];
  const left = await leftBy(async () => {
    const model = await loadCompressed({ url: web("compressed"), ...options });
    assert.deepEqual(values(model.predict(new Float32Array(X))), { y: Y });
    model.dispose();
  });
  assert.equal(left, 0);
  return site.requests.map((url) => path.posix.basename(url.split("?")[0])).filter((name) => name !== "model.json").sort();
}

/** Does `body` where the platform has something else, or nothing, by a name. */
async function without(name, body, value = undefined) {
  const found = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await body();
  } finally {
    Object.defineProperty(globalThis, name, found);
  }
}

test("the compressed files are taken, and what comes out of them is counted", async () => {
  const progress = [];
  assert.deepEqual(await asked({ onProgress: (each) => progress.push(each) }), plain.map((shard) => `${shard}.gz`).sort());
  assert.deepEqual(progress[0], { loaded: 0, total: 36 });
  assert.deepEqual(progress.at(-1), { loaded: 36, total: 36 });
});

test("a server that says that they are encoded has the platform unpack them", async () => {
  const encoded = async (response, { url }) => {
    response.setHeader("content-encoding", "gzip");
    await serve(response, url.split("?")[0]);
  };
  site.answers = [[/\.gz$/, encoded]];
  assert.deepEqual(await asked(), plain.map((shard) => `${shard}.gz`).sort());
});

test("a server that encodes them once more does no harm", async () => {
  const encoded = async (response, { url }) => {
    response.setHeader("content-encoding", "gzip");
    await serve(response, url, gzipSync);
  };
  site.answers = [[/\.gz$/, encoded]];
  assert.deepEqual(await asked(), plain.map((shard) => `${shard}.gz`).sort());
});

test("what cannot be had compressed is had as it is", async () => {
  const changed = (change) => (response, { url }) => serve(response, url, change);
  for (const answer of [
    drop,
    (response) => response.writeHead(404).end(),
    (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    changed(() => ""),
    changed(() => "no gzip"),
    changed((bytes) => bytes.subarray(0, -9)),
    changed((bytes) => bytes.subarray(0, 1)),
    changed((bytes) => Buffer.concat([bytes, Buffer.from("more")])),
    changed(() => gzipSync("another content")),
    (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("it says so, and is none"),
  ]) {
    site.answers = [[/\.gz$/, answer]];
    assert.deepEqual(await asked(), both.toSorted());
  }
});

test("what is wrong with the files themselves is told of them", async () => {
  site.answers = [[/\.bin(\.gz)?$/, (response) => response.writeHead(404).end()]];
  const error = await failure(() => loadCompressed({ url: web("compressed") }));
  assert.match(error.url, /\.bin$/);
  assert.equal(error.reason, "was answered with status 404");
});

test("a platform that cannot unpack asks for the files as they are", async () => {
  await without("DecompressionStream", async () => assert.deepEqual(await asked(), plain.toSorted()));
});

test("so does one that tells no hash, as what comes out could not be held against it", async () => {
  await without("crypto", async () => assert.deepEqual(await asked(), plain.toSorted()));
});

test("so does Node where they are files", async () => {
  const model = await loadCompressed({ url: file("compressed") });
  assert.deepEqual(values(model.predict(new Float32Array(X))), { y: Y });
  model.dispose();
  assert.deepEqual(site.requests, []);
});

test("so it is with a list that names none of them", async () => {
  const edit = (compressed) => (bytes) => {
    const model = JSON.parse(bytes);
    model.userDefinedMetadata["tfjs-build"].compressed = compressed;
    return JSON.stringify(model);
  };
  for (const [list, expected] of [[[], plain], [plain.slice(1), [plain[0], ...plain.slice(1).map((name) => `${name}.gz`)]]]) {
    site.answers = [[/model\.json$/, (response) => serve(response, "models/compressed/model.json", edit(list))]];
    assert.deepEqual(await asked(), expected.toSorted());
  }
  site.answers = [[/model\.json$/, (response) => serve(response, "models/compressed/model.json", edit(1))]];
  assert.match((await failure(() => loadCompressed({ url: web("compressed") }))).reason, /^is not whole/);
});

test("a `fetch` of the page's own is asked for them, without a demand on their content", async () => {
  const inits = [];
  const own = (url, init) => (inits.push([url.endsWith(".gz"), init.integrity]), fetch(url, init));
  assert.deepEqual(await asked({ fetch: own }), plain.map((shard) => `${shard}.gz`).sort());
  assert.deepEqual(inits.slice(1), plain.map(() => [true, undefined]));
  const denied = (url, init) => (url.endsWith(".gz") ? Promise.reject(new Error("denied")) : fetch(url, init));
  assert.deepEqual(await asked({ fetch: denied }), plain.toSorted());
});

test("what is kept is what came out of them, under the names of the files themselves", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    await asked({ cache: true });
    const kept = [...caches.kept.keys()].map((url) => path.posix.basename(url));
    assert.deepEqual(kept.sort(), ["model.json", ...plain].sort());
    site.answers = [[/./, drop]];
    assert.deepEqual(await asked({ cache: true }), []);
    await without("DecompressionStream", async () => assert.deepEqual(await asked({ cache: true }), []));
  });
});

test("a load that is given up while it waits for one asks for nothing more", async () => {
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const closed = new Promise((resolve) => {
    site.answers = [[/\.gz$/, (response) => (response.on("close", resolve), controller.abort(reason))]]; // never answered
  });
  const left = await leftBy(() =>
    assert.rejects(loadCompressed({ url: web("compressed"), signal: controller.signal }), reason),
  );
  assert.equal(left, 0);
  await closed;
  assert.ok(!site.requests.some((url) => url.endsWith(".bin")));
});

test("model.json names each of them", async () => {
  const { userDefinedMetadata } = await json("compressed");
  assert.deepEqual(userDefinedMetadata["tfjs-build"].compressed, plain);
});
