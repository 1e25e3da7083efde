// New versions under a development server.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { origin, serve, site, web } from "./site.js";
import { ModelLoadError, X, Y, failure, file, json, leftBy, runtime, values } from "./world.js";

/** What `import.meta.hot` is to one module through all its versions. */
function development() {
  const hot = { data: {}, accept() {}, invalidated: [], invalidate: (message) => hot.invalidated.push(message) };
  return hot;
}

/** What webpack's runtime is to one module: `hot` of each version in turn, which `next` disposes of. */
function webpack() {
  const server = { status: "idle", invalidated: 0 };
  const load = (data) => {
    const handlers = [];
    const hot = {
      accepted: false,
      data,
      accept: () => (hot.accepted = true),
      dispose: (handler) => handlers.push(handler),
      invalidate: () => server.invalidated++,
      status: () => server.status,
    };
    server.hot = hot;
    server.next = () => {
      assert.ok(hot.accepted, "a module that does not accept itself reloads the page");
      const left = {};
      for (const handler of handlers) handler(left);
      return load(left);
    };
    return hot;
  };
  load(undefined); // and not an object, the first time
  return server;
}

async function published(name, changes = {}) {
  const { signature, version } = (await json(name)).userDefinedMetadata["tfjs-build"];
  return { name, version, url: "", ...signature, engine: runtime.layers(tf.loadLayersModel), ...changes };
}

test("a test runner may have `import.meta.hot` without data", async () => {
  const { accept, invalidate } = development();
  const load = runtime.createLoader(await published("dense"), runtime.reloading({ accept, invalidate }));
  (await load({ url: web("dense") })).dispose();
});

test("a version that is told of twice is swapped in all the same", async () => {
  const hot = development();
  const left = await leftBy(async () => {
    const [former, next] = [await published("dense"), await published("dense2")];
    site.answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", "dense").split("?")[0])]];
    const load = runtime.createLoader(former, runtime.reloading(hot));
    const handle = await load({ url: `${origin}/models/current/model.json` });
    site.answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", "dense2").split("?")[0])]];
    const swapped = new Promise((resolve) => handle.onReload(resolve));
    runtime.createLoader(next, runtime.reloading(hot));
    runtime.createLoader({ ...next }, runtime.reloading(hot)); // while the first is on its way
    assert.equal(await swapped, next.version);
    assert.equal(handle.version, next.version);
    handle.dispose();
  });
  assert.equal(left, 0);
});

test("a new version is swapped in under the living handle", async () => {
  const hot = development();
  const left = await leftBy(async () => {
    // Both versions are at one address, as they are when a build replaces the first.
    const [former, next] = [await published("dense"), await published("dense2")];
    site.answers = [[/current\/model\.json$/, (response) => serve(response, "models/dense/model.json")]];
    site.answers.push([/current\//, (response, { url }) => serve(response, url.replace("current", "dense"))]);
    const load = runtime.createLoader(former, runtime.reloading(hot));
    const url = `${origin}/models/current/model.json`;
    const handle = await load({ url });
    const other = await load({ url });
    const disposed = await load({ url });
    disposed.dispose();
    const { predict } = handle;
    const { model } = handle;
    const loaded = tf.memory().numTensors;

    site.answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", "dense2").split("?")[0])]];
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
    const reloaded = runtime.createLoader(next, runtime.reloading(hot));
    assert.deepEqual(await Promise.all(swapped), [next.version, next.version]);
    console.error = error;
    assert.match(String(errors), /one callback's fault/);

    assert.deepEqual(seen, []);
    assert.equal(handle.version, next.version);
    assert.notEqual(handle.model, model);
    assert.equal(tf.memory().numTensors, loaded);
    assert.deepEqual(values(predict(new Float32Array(X))), { y: Y.map((y) => y + 1) });
    const fresh = [await load({ url }), await reloaded({ url })]; // whoever imported the first module keeps its loader
    for (const one of fresh) assert.equal(one.version, next.version);
    for (const one of [handle, other, ...fresh]) one.dispose();
    assert.deepEqual(hot.invalidated, []);
  });
  assert.equal(left, 0);
});

test("a version that does not come, however often it is asked for, leaves the last", async () => {
  const hot = development();
  const load = runtime.createLoader(await published("dense"), runtime.reloading(hot));
  const handle = await load({ url: file("dense") });
  const { error } = console;
  const { setTimeout } = globalThis;
  const pauses = [];
  globalThis.setTimeout = (callback, pause) => (pauses.push(pause), setImmediate(callback));
  const told = new Promise((resolve) => (console.error = (...all) => resolve(all)));
  runtime.createLoader(await published("dense", { version: "ffffffffffffffff" }), runtime.reloading(hot));
  const [message, cause] = await told;
  console.error = error;
  globalThis.setTimeout = setTimeout;
  assert.equal(message, `Model "dense" stays at version ${handle.version}.`);
  assert.ok(cause instanceof ModelLoadError);
  assert.deepEqual(pauses, [50, 100, 200, 400, 800, 1600]);
  assert.deepEqual(values(handle.predict(new Float32Array(X))), { y: Y });
  handle.dispose();
});

/** Has pauses end at once; `paused` is told of each. Returns how to have them last again. */
function hurry(paused) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (callback, pause) => (paused(pause), setImmediate(callback));
  return () => (globalThis.setTimeout = setTimeout);
}

for (const candidates of [[file("dense2")], [file("nowhere"), file("dense2")]]) {
  test(`a load that finds the next version waits for its loader, where ${candidates.length} may have it`, async () => {
    const hot = development();
    const left = await leftBy(async () => {
      const [former, next] = [await published("dense", { candidates }), await published("dense2", { candidates })];
      const load = runtime.createLoader(former, runtime.reloading(hot));
      const pauses = [];
      const stop = hurry((pause) => {
        if (pauses.push(pause) === 3) runtime.createLoader(next, runtime.reloading(hot));
      });
      const handle = await load().finally(stop);
      assert.deepEqual(pauses, [100, 100, 100]);
      assert.equal(handle.version, next.version);
      handle.dispose();
    });
    assert.equal(left, 0);
  });
}

test("a loader that does not come is not waited for without end, nor where none can come", async () => {
  const pauses = [];
  const stop = hurry((pause) => pauses.push(pause));
  const loadOf = async (reloading) => {
    const load = runtime.createLoader(await published("dense"), reloading);
    return (options) => load({ url: file("dense2"), ...options });
  };
  const followed = await loadOf(runtime.reloading(development()));
  const { accept, invalidate } = development();
  try {
    assert.match((await failure(followed)).reason, /is version \w+, not \w+/);
    assert.deepEqual(pauses.splice(0), Array(100).fill(100));
    await failure(await loadOf(undefined));
    await failure(await loadOf(runtime.reloading({ accept, invalidate })));
    assert.deepEqual(pauses, []);
  } finally {
    stop();
  }
});

test("a load that a new version overtakes gives the new one", async () => {
  const hot = development();
  const left = await leftBy(async () => {
    const load = runtime.createLoader(await published("dense"), runtime.reloading(hot));
    site.answers = [
      [
        /model\.json$/,
        async (response) => {
          site.answers = [];
          runtime.createLoader(await published("dense2"), runtime.reloading(hot));
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
    site.answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", name).split("?")[0])]];
  };
  const next = await published("dense2");
  const left = await leftBy(async () => {
    serveFrom("dense");
    const load = runtime.createLoader(await published("dense"), runtime.reloading(hot));
    const onProgress = ({ loaded, total }) => {
      if (loaded < total) return;
      serveFrom("dense2");
      runtime.createLoader(next, runtime.reloading(hot));
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
    const load = runtime.createLoader(await published("dense"), runtime.reloading(hot));
    runtime.createLoader(await published("dense2", change), runtime.reloading(hot));
    assert.deepEqual(hot.invalidated, ['model "dense2" has other inputs, outputs or labels']);
    (await load({ url: file("dense") })).dispose(); // and not the new one, until then
  }
});

test("webpack's next versions are swapped in as Vite's are, one after the other", async () => {
  const server = webpack();
  const left = await leftBy(async () => {
    const versions = [await published("dense"), await published("dense2")];
    const serveFrom = (name) => {
      site.answers = [[/current\//, (response, { url }) => serve(response, url.replace("current", name).split("?")[0])]];
    };
    serveFrom("dense");
    const load = runtime.createLoader(versions[0], runtime.reloading(server.hot));
    const handle = await load({ url: `${origin}/models/current/model.json` });
    const loaded = tf.memory().numTensors;
    for (const round of [1, 2, 3, 4]) {
      const next = versions[round % 2];
      serveFrom(next.name);
      const swapped = new Promise((resolve) => handle.onReload(resolve));
      server.next();
      runtime.createLoader(next, runtime.reloading(server.hot));
      assert.equal(await swapped, next.version);
      assert.deepEqual(values(handle.predict(new Float32Array(X))), { y: Y.map((y) => y + (round % 2)) });
      assert.equal(tf.memory().numTensors, loaded);
    }
    const fresh = await load({ url: web("dense") }); // by the loader of whoever imported the first module
    for (const one of [handle, fresh]) one.dispose();
  });
  assert.equal(left, 0);
  assert.equal(server.invalidated, 0);
});

test("what others keep in webpack's data is theirs, and not carried on", async () => {
  const server = webpack();
  runtime.createLoader(await published("dense"), runtime.reloading(server.hot));
  server.hot.dispose((data) => (data.prevSignature = ["theirs"]));
  const { data } = server.next();
  assert.deepEqual(data.prevSignature, ["theirs"]);
  runtime.createLoader(await published("dense"), runtime.reloading(server.hot));
  assert.equal("prevSignature" in server.next().data, false);
});

test("webpack's page is told why it is loaded anew", async () => {
  const server = webpack();
  const { warn } = console;
  const seen = [];
  console.warn = (text) => seen.push(text);
  globalThis.document = {};
  globalThis.location = { reload: () => seen.push("reload") };
  try {
    runtime.createLoader(await published("dense"), runtime.reloading(server.hot));
    server.next();
    runtime.createLoader(await published("dense2", { labels: ["a"] }), runtime.reloading(server.hot));
  } finally {
    console.warn = warn;
    delete globalThis.document;
    delete globalThis.location;
  }
  assert.deepEqual(seen, ['The page is loaded anew: model "dense2" has other inputs, outputs or labels', "reload"]);
  assert.equal(server.invalidated, 0);
});

test("where there is no page, webpack is left to find whoever imports the module", async () => {
  const server = webpack();
  runtime.createLoader(await published("dense"), runtime.reloading(server.hot));
  server.next();
  const load = runtime.createLoader(await published("dense2", { labels: ["a"] }), runtime.reloading(server.hot));
  assert.equal(server.invalidated, 1);
  (await load({ url: file("dense2") })).dispose();
});
