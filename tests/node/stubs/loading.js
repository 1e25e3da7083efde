// Where a model is found, how it is asked for, and what is told meanwhile.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { origin, serve, shards, site, web } from "./site.js";
import { X, Y, failure, file, folder, leftBy, loadDense, loadDynamic, stub, values } from "./world.js";

test("a model is found by path, by file address and over http", async () => {
  const absolute = path.join(folder, "models", "dense", "model.json");
  for (const url of [absolute, path.relative(process.cwd(), absolute), file("dense").href, web("dense")]) {
    const dense = await loadDense({ url });
    assert.deepEqual(values(dense.predict(new Float32Array(X))), { y: Y });
    dense.dispose();
  }
});

test("a Node that is too old to give its modules is told", async () => {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    const error = await failure(() => loadDense({ url: file("dense") }));
    assert.equal(error.reason, "is a file: serve it over http (Node reads it from 20.16 on)");
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});

test("in a page, the address is where the build published to", async () => {
  globalThis.location = { href: `${origin}/shop/page.html#top`, origin };
  try {
    (await loadDense()).dispose();
    assert.ok(site.requests.every((url) => url.startsWith("/models/dense/")));
    globalThis.location = { href: `blob:${origin}/1234`, origin }; // a worker
    (await loadDense()).dispose();
    globalThis.location = { href: `${origin}/models/sub/page.html`, origin };
    (await loadDense({ url: "../dense/model.json" })).dispose();
  } finally {
    delete globalThis.location;
  }
});

/**
 * A page or worker at `href`, with `<base href>` and `scripts` where there are some, and with what the bundler says of its
 * base: `bundler` in Vite's way, `webpack` in webpack's.
 */
async function at(href, { base, bundler, scripts, webpack, worker = false }, body) {
  globalThis.location = { href, origin };
  if (!worker) {
    const document = { baseURI: new URL(base ?? href, href).href };
    globalThis.document = { ...document, querySelector: () => (base === undefined ? null : {}) };
    if (scripts !== undefined) globalThis.document.scripts = scripts.map((src) => ({ src: src && new URL(src, href).href }));
  }
  if (webpack !== undefined) globalThis.__webpack_public_path__ = webpack;
  try {
    await body(bundler === undefined ? loadDense : (await bundled(bundler)).loadDense);
  } finally {
    delete globalThis.location;
    delete globalThis.document;
    delete globalThis.__webpack_public_path__;
  }
}

/** The stub as a bundler leaves it that replaces `import.meta.env`. */
async function bundled(base) {
  const target = path.join(folder, "stubs", `base-${encodeURIComponent(base).replaceAll("%", "_")}`);
  await mkdir(target, { recursive: true });
  for (const name of ["dense.js", "_runtime.js"]) {
    const text = await readFile(path.join(folder, "stubs", name), "utf8");
    await writeFile(path.join(target, name), text.replaceAll("import.meta.env", JSON.stringify({ BASE_URL: base })));
  }
  return import(pathToFileURL(path.join(target, "dense.js")).href);
}

for (const [where, href, options] of [
  ["below a `<base>`", "/shop/deep/page.html", { base: "/sub/" }],
  ["below a base without a slash at its end", "/shop/page.html", { bundler: "/sub" }],
  ["below a base with one", "/shop/page.html", { bundler: "/sub/" }],
  ["below a relative base", "/sub/page.html", { bundler: "./" }],
  ["in a folder of its own, without a bundler", "/sub/page.html", {}],
  ["in a worker below a relative base", "/sub/assets/worker.js", { bundler: "./", worker: true }],
  ["in a worker below an empty base", "/sub/assets/worker.js", { bundler: "", worker: true }],
  ["in a worker without a bundler", "/sub/js/worker.js", { worker: true }],
]) {
  test(`a model is found in a site ${where}`, async () => {
    site.answers = [[/^/, serveBelow]];
    await at(`${origin}${href}`, options, async (load) => (await load()).dispose());
    const asked = site.requests.filter((url) => url.startsWith("/sub/models/dense/"));
    assert.equal(asked.length, 3); // model.json, and the weights where it was found
  });
}

for (const [where, href, options] of [
  ["of esbuild", "/sub/", { scripts: ["/sub/main.js"] }],
  ["of Parcel, on a deep page", "/sub/a/b/", { scripts: ["/sub/index.4f3c.js"] }],
  ["of Next.js, by webpack", "/sub/a/b/", { scripts: ["/sub/_next/static/chunks/main.js"], webpack: "/sub/_next/" }],
  ["whose page has others' scripts", "/sub/a/", { scripts: ["https://cdn.example/sub/a/x.js", "/x.js", "/sub/js/y.js"] }],
  ["whose page has scripts in it", "/sub/page.html", { scripts: ["", "blob:x", "/sub/y.js"] }],
  ["of webpack", "/sub/a/", { scripts: ["/x.js"], webpack: "/sub/" }],
]) {
  test(`a model is found at once in a site ${where}`, async () => {
    site.answers = [[/^/, serveBelow]];
    await at(`${origin}${href}`, options, async (load) => (await load()).dispose());
    assert.deepEqual(site.requests.filter((url) => !url.startsWith("/sub/models/dense/")), []);
    assert.equal(site.requests.length, 3);
  });
}

/** A site that lies at `/sub/`. */
function serveBelow(response, { url }) {
  const { pathname } = new URL(url, origin);
  if (pathname.startsWith("/sub/")) return serve(response, pathname.slice("/sub".length));
  response.writeHead(404).end();
}

test("a web page in the place of a model is one of the places where it is not", async () => {
  site.answers = [[/^\/models\//, (response) => response.setHeader("content-type", "text/html").end("<p>")]];
  site.answers.push([/^/, serveBelow]);
  await at(`${origin}/sub/page.html`, {}, async (load) => (await load()).dispose());
});

for (const [what, answer] of [
  ["a refusal", (response) => response.writeHead(403).end()],
  ["no answer", (response) => response.destroy()],
  ["another version", (response) => serve(response, "/models/dense2/model.json")],
]) {
  test(`so is ${what}`, async () => {
    site.answers = [[/^\/models\//, answer], [/^/, serveBelow]];
    await at(`${origin}/sub/page.html`, {}, async (load) => (await load()).dispose());
  });
}

test("a model that is nowhere is told with all places", async () => {
  site.answers = [[/^/, (response) => response.writeHead(404).end()]];
  await at(`${origin}/a/b/page.html`, {}, async (load) => {
    const error = await failure(() => load());
    assert.match(error.url, new RegExp(`^${origin}/models/dense/model\\.json\\?v=`));
    const places = `${origin}/a/b/models/dense/model.json; nor is it at ${origin}/a/models/dense/model.json`;
    assert.equal(error.reason, `was answered with status 404; nor is it at ${places}: give the loader its \`url\``);
  });
});

test("an address with a query, which may be a signature, is taken as it is, for the weights too", async () => {
  const dense = await loadDense({ url: `${web("dense")}?signature=abc` });
  const paths = (await shards("dense")).map((name) => `/models/dense/${name}?signature=abc`);
  assert.deepEqual(site.requests, ["/models/dense/model.json?signature=abc", ...paths]);
  dense.dispose();
});

test("outside a page, a loader without `url` says what to do", async () => {
  const error = await failure(() => loadDense());
  assert.equal(error.url, "models/dense/model.json");
  assert.match(error.reason, /^is relative to a page, and there is none: give the loader its `url`$/);
});

test("model.json is asked for once, by version, and each shard once, without a query", async () => {
  const dense = await loadDense({ url: web("dense") });
  const paths = (await shards("dense")).map((name) => `/models/dense/${name}`);
  assert.equal(paths.length, 2);
  assert.deepEqual(site.requests, [`/models/dense/model.json?v=${dense.version}`, ...paths]);
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
  const told = mock.calls.map(({ arguments: [text, error] }) => [text, error?.message]);
  const warnings = told.filter(([text]) => text.includes("warmed up"));
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
      assert.deepEqual(warnings, [['Model "mystery" is not warmed up:', "zeros are no use."]]);
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
    assert.deepEqual(warnings, [['Model "dynamic" is not warmed up:', "there is nothing"]]);
    const { places, ...others } = await model.predict(new Uint8Array([0, 1, 1]));
    assert.deepEqual(values({ places }), { places: [1, 2] });
    tf.dispose(Object.values(others));
    model.dispose();
  } finally {
    tf.deregisterOp("CountedIdentity");
  }
});

test("an input whose rank is not known is warmed up as a vector", async (context) => {
  const { loadUnranked } = await stub("unranked");
  const load = () => loadUnranked({ url: file("unranked"), warmUp: true });
  const { model, warnings } = await warningsOf(context, load);
  assert.deepEqual(warnings, []);
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
