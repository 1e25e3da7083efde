// What the tests have a page do with models in workers.

import { drawn, image, kinds } from "/pictures/kinds.js";

/** A model in a worker of its own, by its name. */
async function load(name, options = {}) {
  const module = await import(`/site/stubs/${name}.in-worker.js`);
  const loader = Object.keys(module).find((key) => key.endsWith("InWorker"));
  return module[loader]({ url: `/site/public/${name}/model.json`, ...options });
}

const message = (error) => `${error.name}: ${error.message}`;
const refused = (promise) => promise.then(() => null, message);

/** What models make of pictures, as [shape, values]: [model, kind, address] each. */
export async function results(backend, jobs) {
  const found = [];
  const models = new Map();
  for (const [name, kind, address] of jobs) {
    if (!models.has(name)) models.set(name, await load(name, { backend }));
    const given = await kinds[kind](address);
    const [result] = Object.values(await models.get(name).run(given));
    found.push([result.shape, Array.from(result)]);
    given.close?.(); // what the page gives stays the page's
  }
  for (const model of models.values()) model.dispose();
  return found;
}

/** Labels of `count` pictures, and what the worker held after the first three and in the end. */
export async function many(backend, count) {
  const model = await load("colours", { backend });
  const canvas = drawn({ width: 64, height: 48 });
  const context = canvas.getContext("2d");
  const labels = [];
  let before;
  for (let n = 0; n < count; n++) {
    context.fillStyle = ["red", "lime", "blue"][n % 3];
    context.fillRect(0, 0, 64, 48);
    const given = n % 2 ? canvas : await createImageBitmap(canvas);
    const [best] = await model.classify(given, { topK: 1, transfer: n % 4 === 0 });
    given.close?.();
    labels.push(best.label);
    if (n === 2) before = await model.memory();
  }
  const after = await model.memory();
  model.dispose();
  return { labels, before, after };
}

/** How often the page had its turn while a model in a worker, and one in the page, predicted. */
export async function turns() {
  const values = new Float32Array(192 * 192 * 3).fill(1);
  const counted = async (predict) => {
    let count = 0;
    let going = true;
    const turn = ({ data }) => {
      count += 1;
      if (going) channel.port1.postMessage(data);
    };
    const channel = new MessageChannel();
    channel.port2.onmessage = turn;
    channel.port1.postMessage(null);
    await predict();
    going = false;
    return count;
  };
  const there = await load("heavy", { backend: "cpu" });
  await there.run(values);
  const inWorker = await counted(() => there.run(values));
  there.dispose();
  const tf = await import("/site/tensorflow.js");
  await tf.setBackend("cpu");
  const { loadHeavy } = await import("/site/stubs/heavy.js");
  const here = await loadHeavy({ url: "/site/public/heavy/model.json" });
  await here.run(values);
  const inPage = await counted(() => here.run(values));
  here.dispose();
  return { inWorker, inPage };
}

/** What the page has of values that it has given, and what comes of them. */
export async function values() {
  const model = await load("free", { backend: "cpu" });
  const kept = Object.assign(Float32Array.of(1, 2, 3, 4, 5, 6), { shape: [1, 1, 2, 3] });
  const first = model.run(kept);
  kept.fill(0); // the call has taken what was there
  const { y } = await first;
  const given = Object.assign(Float32Array.of(1, 2, 3), { shape: [1, 1, 1, 3] });
  const again = await model.run({ image: given }, { transfer: true });
  const sized = await model.predict(y); // which has its sizes
  const data = new ImageData(Uint8ClampedArray.of(255, 0, 0, 255), 1, 1);
  const colours = await load("colours", { backend: "cpu" });
  const [best] = await colours.classify(data, { transfer: true });
  colours.dispose();
  const found = {
    kind: y.constructor.name,
    shape: y.shape,
    values: [...y],
    kept: kept.length,
    gone: [given.length, data.data.length],
    label: best.label,
    again: [...again.y],
    sized: [...sized.y],
    transferred: (await refused(model.run({ image: kept.buffer.slice(0) }))) ?? "",
  };
  model.dispose();
  return found;
}

/** What is said of wrong inputs, options and places. */
export async function refusals() {
  const model = await load("colours", { backend: "cpu" });
  const tainted = document.createElement("canvas").getContext("2d");
  tainted.drawImage(await image(`http://localhost:${location.port}/files/tall.png`), 0, 0);
  const tensor = { isDisposed: false, dtype: "float32", shape: [1] };
  const said = {
    name: await refused(model.run({ picture: drawn({ width: 1, height: 1 }) })),
    rank: await refused(model.run(new Float32Array(5))),
    tensor: await refused(model.run(tensor)),
    code: await refused(model.run({ image: () => 1 })),
    promise: await refused(model.run({ image: createImageBitmap(drawn({ width: 1, height: 1 })) })),
    loading: await refused(model.run(new Image())),
    foreign: await refused(model.run(tainted.canvas)),
    file: await refused(model.run(new Blob(["no picture"]))),
    classes: await refused(model.classify(new ImageData(1, 1), { topK: 0 })),
  };
  model.dispose();
  said.disposed = await refused(model.run(new ImageData(1, 1)));
  return {
    ...said,
    place: await refused(load("colours", { url: "/nowhere/model.json", backend: "cpu" })),
    backend: await refused(load("colours", { backend: "abacus" })),
    wasmPaths: await refused(load("colours", { wasmPaths: "/wasm/" })),
    script: await refused(load("colours", { worker: () => new Worker("/nowhere.js", { type: "module" }) })),
    broken: await refused(load("colours", { worker: () => script("throw new RangeError('not today')") })),
    bare: await refused(load("colours", { worker: () => script("import 'tensorflow'") })),
    started: await refused(
      load("colours", {
        worker: () => {
          throw new Error("no workers today");
        },
      }),
    ),
  };
}

function script(text) {
  return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { type: "module" });
}

/** An error of the model's class, as the page has it. */
export async function loadError() {
  const { ModelLoadError } = await import("/site/stubs/_worker.js");
  const error = await load("colours", { url: "/nowhere/model.json", backend: "cpu" }).catch((error) => error);
  const { name, model, url, reason } = error;
  return { known: error instanceof ModelLoadError, name, model, url: new URL(url).pathname, reason };
}

/** What becomes of calls while something in the worker, or the worker, fails. */
export async function failures() {
  const stub = new URL("/site/stubs/heavy.worker.js", location).href;
  const text = `import ${JSON.stringify(stub)};
    const served = onmessage;
    onmessage = (event) => {
      if ("memory" in event.data) throw new RangeError("what a day");
      served(event);
    };`;
  const model = await load("heavy", { backend: "cpu", worker: () => script(text) });
  const values = new Float32Array(192 * 192 * 3);
  const [predicted, failed] = await Promise.all([refused(model.run(values)), refused(model.memory())]);
  const { y } = await model.run(values);
  model.dispose();
  return { predicted, failed, afterwards: y.length };
}

/** What becomes of loading that is given up. */
export async function aborted() {
  const early = new AbortController();
  early.abort("too late");
  const late = new AbortController();
  const loading = load("colours", { backend: "cpu", signal: late.signal, onProgress: () => late.abort("enough") });
  const fetching = new AbortController();
  let stopped = false;
  const fetch = (_, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        stopped = true;
        reject(signal.reason);
      });
      fetching.abort("not now");
    });
  const reason = (promise) => promise.catch((reason) => reason);
  return {
    early: await reason(load("colours", { signal: early.signal })),
    late: await reason(loading),
    fetching: await reason(load("colours", { backend: "cpu", fetch, signal: fetching.signal })),
    stopped,
  };
}

/** A model that is disposed while it predicts. */
export async function disposed() {
  const model = await load("heavy", { backend: "cpu" });
  const pending = model.run(new Float32Array(192 * 192 * 3));
  model.dispose();
  model.dispose();
  const { y } = await pending;
  return { values: y.length, then: await refused(model.memory()) };
}

/** The options of a loader. */
export async function options() {
  const asked = [];
  const progress = [];
  const fetched = (url, { signal, ...init }) => {
    asked.push([new URL(url).pathname.split("/").at(-1).replace(/\.[0-9a-f]+\./, "."), signal instanceof AbortSignal]);
    return fetch(url, init);
  };
  const model = await load("small", {
    backend: "cpu",
    warmUp: true,
    cache: true,
    fetch: fetched,
    onProgress: (each) => progress.push(each),
  });
  const { version, warmedUp } = model;
  model.dispose();
  const again = await load("small", { backend: "cpu", cache: true, fetch: () => Promise.reject(new Error("offline")) });
  const { y } = await again.run(Float32Array.of(1, 2, 3));
  again.dispose();
  const last = { version, warm: warmedUp.milliseconds > 0, offline: [...y] };
  return { asked, progress, ...last, proxied: Object.getPrototypeOf(Object.getPrototypeOf(again)) === Object.prototype };
}

/** A development server that has new versions, the last of which takes other inputs. */
export async function reloaded(versions, script) {
  const { createLoader, reloading } = await import("/site/stubs/_worker.js");
  const told = [];
  const hot = { data: {}, accept() {}, invalidate: (message) => told.push(message) };
  const started = []; // by which version's module
  const loader = (published) => {
    const start = () => {
      started.push(versions.indexOf(published));
      return new Worker(script, { type: "module" });
    };
    return createLoader(published, start, reloading(hot));
  };
  const [first, second, third] = versions;
  const load = loader(first);
  const model = await load({ backend: "cpu" });
  const values = [...(await model.run(Float32Array.of(1, 2, 3))).y];
  const reload = new Promise((resolve) => model.onReload(resolve));
  loader(second);
  const version = await reload;
  const others = [...(await model.run(Float32Array.of(1, 2, 3))).y];
  const { total } = await model.memory();
  (await load({ backend: "cpu" })).dispose(); // by whoever imported the first module
  loader(third);
  model.dispose();
  return { first: values, second: others, version, shown: model.version, told, tensors: total.numTensors, started };
}

/** A loader that is behind what it finds: with a development server, the next one comes once it is asked for again. */
export async function overtaken(behind, next, script) {
  const { createLoader, reloading } = await import("/site/stubs/_worker.js");
  const start = () => new Worker(script, { type: "module" });
  const hot = { data: {}, accept() {}, invalidate() {} };
  const loader = (published) => createLoader(published, start, reloading(hot));
  let asked = 0;
  const own = (url, init) => {
    if (/model\.json/.test(url) && ++asked === 2) loader(next);
    return fetch(url, init);
  };
  const model = await loader(behind)({ backend: "cpu", fetch: own });
  model.dispose();
  asked = -Infinity;
  const { reason } = await createLoader(behind, start)({ backend: "cpu", fetch: own }).catch((error) => error);
  return { version: model.version, reason };
}

/** The longest task of the page, in milliseconds, while it predicts `count` times: `where` is "page" or "worker". What
 *  takes less than 50 is told as 0, for browsers tell no more. */
export async function longestTask(name, backend, where, count, size) {
  const values = new Float32Array(size);
  let model;
  if (where === "worker") {
    model = await load(name, { backend, warmUp: true });
  } else {
    const tf = await import("/site/tensorflow.js");
    await tf.setBackend(backend);
    const module = await import(`/site/stubs/${name}.js`);
    const loader = Object.keys(module).find((key) => key.startsWith("load"));
    model = await module[loader]({ url: `/site/public/${name}/model.json`, warmUp: true });
  }
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  await new Promise((resolve) => setTimeout(resolve, 500)); // what came before is not meant
  observer.observe({ type: "longtask" });
  const begun = performance.now();
  for (let n = 0; n < count; n++) await model.run(values);
  const milliseconds = (performance.now() - begun) / count;
  await new Promise((resolve) => setTimeout(resolve, 500)); // browsers tell of a task when it is over
  observer.disconnect();
  model.dispose();
  return { longest, milliseconds };
}
