// What the options `cache` and `fetch` do, and what a model says that it takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { cacheApi, withCaches } from "./caches.js";
import { drop, origin, serve, shards, site, web } from "./site.js";
import { X, Y, failure, leftBy, loadDense, loadLater, values, file } from "./world.js";

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
    const { kept } = caches;
    for (const [url, { body, headers }] of [...kept]) {
      for (const damage of [new ArrayBuffer(0), flipped(body), new TextEncoder().encode("{}")]) {
        for (const told of [headers, new Headers(), new Headers({ sha256: await digest(damage) })]) {
          if (url.includes("model.json") && told.has("sha256") && told !== headers) continue; // that is what came
          kept.set(url, { body: damage, headers: told });
          site.requests = [];
          await predicts({ url: web("dense"), cache: true });
          assert.equal(site.requests.length, 1, url);
          assert.deepEqual(Buffer.from(kept.get(url).body), Buffer.from(body));
        }
      }
    }
  });
});

test("what was kept and is damaged is an error where it cannot be fetched again", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    await predicts({ url: web("dense"), cache: true });
    site.answers = [[/./, drop]];
    for (const [url, { body, headers }] of [...caches.kept]) {
      caches.kept.set(url, { body: flipped(body), headers });
      const error = await failure(() => loadDense({ url: web("dense"), cache: true }));
      assert.match(error.reason, /^cannot be fetched/);
      assert.equal(new URL(error.url).pathname, new URL(url).pathname);
      caches.kept.set(url, { body, headers });
    }
    await predicts({ url: web("dense"), cache: true });
  });
});

test("only what was published is kept", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    const [shard] = await shards("dense");
    const wrong = [(response) => response.end("wrong"), (response) => response.writeHead(404).end()];
    wrong.push((response) => serve(response, "/models/dense2/model.json"));
    for (const pattern of [/model\.json$/, new RegExp(shard)]) {
      for (const answer of wrong) {
        caches.kept.clear();
        site.answers = [[pattern, answer]];
        await failure(() => loadDense({ url: web("dense"), cache: true }));
        for (const url of caches.kept.keys()) assert.doesNotMatch(new URL(url).pathname, pattern);
      }
    }
  });
});

test("a load that is given up leaves what it has for the next one", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    const controller = new AbortController();
    const onProgress = ({ loaded }) => loaded > 0 && controller.abort();
    await assert.rejects(loadDense({ url: web("dense"), cache: true, signal: controller.signal, onProgress }));
    assert.ok(caches.kept.size >= 2); // model.json and a shard at least
    await predicts({ url: web("dense"), cache: true });
    const { signal } = controller;
    const left = await leftBy(() => assert.rejects(loadDense({ url: web("dense"), cache: true, signal }), signal.reason));
    assert.equal(left, 0);
  });
});

/** The same with one bit changed: of JSON, in a number of the network's options. */
function flipped(body) {
  const bytes = new Uint8Array(body.slice(0));
  bytes[bytes.length >> 1] ^= 1;
  return bytes.buffer;
}

/** What the store writes beside a file. */
async function digest(bytes) {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64");
}

test("the files of older versions are dropped, and nobody else's", async () => {
  const caches = cacheApi();
  await withCaches(caches, async () => {
    const folder = `${origin}/models/dense/`;
    const old = [`${folder}weights.0123456789abcdef.bin`, `${folder}weights.fedcba9876543210.bin`];
    const others = [`${origin}/models/dense2/model.json`, `${folder}inner/model.json`, "https://cdn.example/models/dense/weights.1.bin"];
    for (const url of [...old, ...others]) caches.kept.set(url, { body: new ArrayBuffer(1), headers: new Headers() });
    await predicts({ url: web("dense"), cache: true });
    for (const url of old) assert.ok(!caches.kept.has(url), url);
    for (const url of others) assert.ok(caches.kept.has(url), url);
  });
});

test("where nothing can be kept, a model loads all the same", async () => {
  const full = cacheApi();
  const cache = await full.open();
  cache.put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  const lost = await cacheApi().open();
  lost.match = lost.put = lost.keys = () => Promise.reject(new DOMException("internal error", "UnknownError"));
  const denied = { open: () => Promise.reject(new DOMException("denied", "SecurityError")) };
  for (const caches of [full, denied, { open: async () => lost }]) {
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

test("where the platform tells no hash, a `fetch` of the page's own is trusted", async () => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true, writable: true }); // as in React Native
  try {
    let count = 0;
    const own = (url, init) => (count++ === 1 ? Promise.reject(new TypeError("no network")) : fetch(url, { signal: init.signal }));
    await predicts({ url: web("dense"), fetch: own });
    assert.equal(count, 4); // the first shard twice
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true, writable: true });
  }
});

test("a model says what it takes", async () => {
  const before = tf.memory();
  const dense = await loadDense({ url: web("dense"), warmUp: true });
  const { tensors, bytes, programs, total } = dense.memory();
  assert.equal(tensors, tf.memory().numTensors - before.numTensors);
  assert.equal(bytes, tf.memory().numBytes - before.numBytes);
  assert.equal(programs, 0); // cpu has none
  assert.deepEqual(total, tf.memory());
  assert.ok(dense.warmedUp.milliseconds > 0);
  dense.dispose();
  assert.throws(() => dense.memory(), /has been disposed/);
  const later = await loadLater({ url: web("later") });
  assert.equal(later.warmedUp, undefined);
  assert.ok(later.memory().tensors >= 0);
  later.dispose();
});
