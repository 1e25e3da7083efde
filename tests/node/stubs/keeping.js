// What the options `cache` and `fetch` do, and what a model says that it takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { drop, origin, serve, shards, site, web } from "./site.js";
import { X, Y, failure, leftBy, loadDense, loadLater, values, file } from "./world.js";

/** The Cache API of a browser, as far as it is used: `kept` has the bodies by address. */
function cacheApi() {
  const kept = new Map();
  const cache = {
    match: async (url) => kept.has(url) && new Response(kept.get(url)),
    put: async (url, response) => void kept.set(url, await response.arrayBuffer()),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
    delete: async ({ url }) => kept.delete(url),
  };
  return { kept, open: async () => cache };
}

/** Does `body` where the platform has `caches`. */
async function withCaches(caches, body) {
  globalThis.caches = caches;
  try {
    return await body();
  } finally {
    delete globalThis.caches;
  }
}

const predicts = async (options) => {
  const dense = await loadDense(options);
  assert.deepEqual(Object.values(values(dense.predict(new Float32Array(X))))[0], Y);
  dense.dispose();
};

test("what was kept needs no network", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    assert.equal(await leftBy(() => predicts({ url: web("dense"), cache: true })), 0);
    const files = [...caches.kept.keys()].map((url) => new URL(url).pathname.split("/").at(-1)).sort();
    assert.deepEqual(files, ["model.json", ...(await shards("dense"))].sort());
    site.answers = [[/./, drop]];
    const asked = site.requests.length;
    const progress = [];
    await predicts({ url: web("dense"), cache: true, onProgress: ({ loaded, total }) => progress.push(loaded / total) });
    assert.equal(site.requests.length, asked);
    assert.equal(progress.at(-1), 1);
    await failure(() => loadDense({ url: web("dense") })); // without the option, the network is asked
  });
});

test("a signed address finds what was kept under another signature", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    await predicts({ url: `${web("dense")}?sig=1`, cache: true });
    site.answers = [[/./, drop]];
    await predicts({ url: `${web("dense")}?sig=2`, cache: true });
  });
});

test("what was kept and is not what was published is fetched again, and mended", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    await predicts({ url: web("dense"), cache: true });
    const sound = new Map(caches.kept);
    for (const [url, body] of sound) {
      for (const damage of [() => new ArrayBuffer(0), () => flipped(body), () => new TextEncoder().encode("{}").buffer]) {
        caches.kept.set(url, damage());
        site.requests = [];
        await predicts({ url: web("dense"), cache: true });
        assert.equal(site.requests.length, 1, url);
        assert.deepEqual(Buffer.from(caches.kept.get(url)), Buffer.from(body));
      }
    }
  });
});

/** The same with one bit changed: of JSON, in a number of the network's options. */
function flipped(body) {
  const bytes = new Uint8Array(body.slice(0));
  bytes[bytes.length >> 1] ^= 1;
  return bytes.buffer;
}

test("the files of older versions are dropped, and nobody else's", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    const folder = `${origin}/models/dense/`;
    const old = [`${folder}weights.0123456789abcdef.bin`, `${folder}model.json?v=0123456789abcdef`];
    const others = [`${origin}/models/dense2/model.json?v=1`, "https://cdn.example/models/dense/weights.1.bin"];
    for (const url of [...old, ...others]) caches.kept.set(url, new ArrayBuffer(1));
    await predicts({ url: web("dense"), cache: true });
    for (const url of old) assert.ok(!caches.kept.has(url), url);
    for (const url of others) assert.ok(caches.kept.has(url), url);
  });
});

test("where nothing can be kept, a model loads all the same", async () => {
  const full = cacheApi();
  const cache = await full.open();
  cache.put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  const denied = { open: () => Promise.reject(new DOMException("denied", "SecurityError")) };
  for (const caches of [full, denied]) {
    await withCaches(caches, () => predicts({ url: web("dense"), cache: true }));
  }
  await predicts({ url: web("dense"), cache: true }); // there are none
});

test("`fetch` is asked in the place of the platform's", async () => {
  const asked = [];
  const own = (url, init) => (asked.push([url, init]), fetch(url, { ...init, headers: { authorization: "Bearer 1" } }));
  let seen = 0;
  site.answers = [[/./, (response, { headers, url }) => {
    seen += headers.authorization === "Bearer 1" ? 1 : 0;
    return serve(response, new URL(url, origin).pathname);
  }]];
  await predicts({ url: web("dense"), fetch: own });
  assert.equal(seen, 3);
  assert.ok(asked.every(([url]) => typeof url === "string"));
  assert.ok(asked.slice(1).every(([, { integrity }]) => /^sha256-/.test(integrity)));
});

test("`fetch` may read what is no server's, and is held to the hashes", async () => {
  const { readFile } = await import("node:fs/promises");
  const own = async (url) => new Response(await readFile(new URL(url)));
  await predicts({ url: file("dense"), fetch: own });
  let count = 0;
  const wrong = async (url) => (url.endsWith(".bin") ? (count++, new Response("wrong")) : own(url));
  const error = await failure(() => loadDense({ url: file("dense"), fetch: wrong }));
  assert.match(error.reason, /^is not what was published/);
  assert.ok(count >= 2); // it was asked once more, past caches
});

test("a model says what it takes", async () => {
  const before = tf.memory();
  const dense = await loadDense({ url: web("dense"), warmUp: true });
  const { tensors, bytes, programs, total } = dense.memory();
  assert.equal(tensors, tf.memory().numTensors - before.numTensors);
  assert.equal(bytes, tf.memory().numBytes - before.numBytes);
  assert.equal(programs, 0); // cpu has none
  assert.deepEqual(total, { tensors: tf.memory().numTensors, bytes: tf.memory().numBytes, gpuBytes: 0 });
  assert.ok(dense.warmedUp.milliseconds > 0);
  dense.dispose();
  assert.throws(() => dense.memory(), /has been disposed/);
  const later = await loadLater({ url: web("later") });
  assert.equal(later.warmedUp, undefined);
  assert.ok(later.memory().tensors >= 0);
  later.dispose();
});
