// What loaders do before the first prediction: programs that are compiled, memory that is taken, files that are kept.

import * as tf from "@tensorflow/tfjs";

/** Loads the model of a stub. */
export async function load(stub, options) {
  const module = await import(stub);
  const loader = Object.keys(module).find((name) => /^load[A-Z]/.test(name));
  return module[loader](options);
}

/** The same input at every call. */
function sample(size) {
  return Float32Array.from({ length: size }, (_, i) => (i * 7) % 16);
}

async function results(model) {
  const [{ shape }] = model.model.inputs;
  const size = shape.reduce((product, each) => product * Math.max(each, 1), 1); // the batch's is free
  return Object.values(await model.run(sample(size))).map((values) => [...values]);
}

const cache = () => tf.backend().binaryCache ?? tf.backend().pipelineCache ?? {};
const programs = () => Object.keys(cache()).length;

function held() {
  const { numTensors, numDataBuffers, numBytes, numBytesInGPU } = tf.memory();
  return { numTensors, numDataBuffers, numBytes, numBytesInGPU };
}

/** Forgets all programs, as a page that has just been opened, and what the last test has put in the place of functions. */
function anew() {
  const { gpgpu, device } = tf.backend();
  const compiled = cache();
  for (const key of Object.keys(compiled)) delete compiled[key];
  for (const name of ["linkProgram", "getProgramParameter"]) delete gpgpu?.gl[name];
  for (const name of ["createComputePipeline", "createComputePipelineAsync"]) delete device?.[name];
}

/** Watches programs being compiled: `most` is how many were at once before anybody asked whether one of them is ready,
 *  `single` how many were compiled with somebody waiting. `asked(program)` is called at each such question, and may answer
 *  it; `begun()` when the first of them is under way. */
function watch({ asked = () => undefined, begun = () => undefined } = {}) {
  const seen = { most: 0, single: 0 };
  const { gpgpu, device } = tf.backend();
  let count = 0;
  const begin = () => {
    if (!count++) begun();
    seen.most = Math.max(seen.most, count);
  };
  if (gpgpu) {
    const { gl } = gpgpu;
    const { linkProgram, getProgramParameter } = gl;
    const aside = new Set();
    const ready = gpgpu.parallelCompilationExtension?.COMPLETION_STATUS_KHR;
    gl.linkProgram = (program) => {
      if (!tf.env().get("ENGINE_COMPILE_ONLY")) seen.single++;
      else begin(aside.add(program));
      linkProgram.call(gl, program);
    };
    gl.getProgramParameter = (program, name) => {
      count = 0;
      return (aside.has(program) ? asked(program, name === ready) : undefined) ?? getProgramParameter.call(gl, program, name);
    };
  }
  if (device) {
    const { createComputePipeline, createComputePipelineAsync } = device;
    device.createComputePipeline = (given) => (seen.single++, createComputePipeline.call(device, given));
    device.createComputePipelineAsync = async (given) => {
      begin();
      try {
        const answer = await asked(given);
        if (answer === false) throw new Error("refused");
        return await createComputePipelineAsync.call(device, given);
      } finally {
        count--;
      }
    };
  }
  return seen;
}

/** A first prediction, and how many programs it takes. */
export async function first(stub, url, options, extended = true) {
  anew();
  const { gpgpu } = tf.backend();
  const extension = gpgpu?.parallelCompilationExtension;
  if (!extended) gpgpu.parallelCompilationExtension = null; // as in some browsers
  const seen = watch();
  const model = await load(stub, { url, ...options });
  const { warmedUp } = model;
  const [ready, singleBefore] = [programs(), seen.single];
  const values = await results(model);
  const counted = model.memory().programs;
  model.dispose();
  if (!extended) gpgpu.parallelCompilationExtension = extension;
  return { values, warmedUp, ready, ...seen, singleBefore, programs: programs(), counted };
}

/** Another model predicts while one is warmed up; `ready` of the programs are not before it has begun. */
export async function meanwhile(stub, url, other, otherUrl) {
  anew();
  const there = await load(other, { url: otherUrl });
  let values;
  const done = new Promise((resolve, reject) => {
    // A microtask comes when what compiles the programs waits for them.
    const begun = () => queueMicrotask(() => (values = results(there)).then(resolve, reject));
    watch({ begun, asked: (_, ready) => (ready && !values ? false : undefined) });
  });
  const model = await load(stub, { url, warmUp: true });
  await done;
  const found = { other: await values, own: await results(model), again: await results(there) };
  for (const each of [there, model]) each.dispose();
  return found;
}

/** A model is warmed up in a page that has no frames, as one that nobody sees. */
export async function withoutFrames(stub, url) {
  anew();
  const { requestAnimationFrame } = globalThis;
  globalThis.requestAnimationFrame = () => 0;
  let waited = 0;
  watch({ asked: (_, ready) => (ready && waited++ < 2 ? false : undefined) });
  const never = new Promise((_, reject) => setTimeout(() => reject(new Error("it waits for a frame")), 20_000));
  const model = await Promise.race([load(stub, { url, warmUp: true }), never]);
  globalThis.requestAnimationFrame = requestAnimationFrame;
  const found = { warmedUp: model.warmedUp, values: await results(model), waited };
  model.dispose();
  return found;
}

/** A model is warmed up where some program is refused; what nobody has caught is counted. */
export async function refused(stub, url) {
  anew();
  let stray = 0;
  const told = [];
  addEventListener("unhandledrejection", () => stray++);
  const { warn } = console;
  console.warn = (...given) => told.push(given.join(" "));
  const [all, refusals] = [new Set(), new Set()];
  const seen = watch({
    asked(program, ready) {
      all.add(program);
      const wrong = !ready && [...all].indexOf(program) % 2;
      if (wrong) refusals.add(program);
      return wrong ? false : undefined;
    },
  });
  const model = await load(stub, { url, warmUp: true });
  console.warn = warn;
  const found = { warmedUp: model.warmedUp, single: seen.single, values: await results(model), stray, told };
  Object.assign(found, { refusals: refusals.size });
  model.dispose();
  return found;
}

/** Models that are warmed up at the same time. */
export async function atOnce(models) {
  anew();
  const loaded = await Promise.all(models.map(([stub, url]) => load(stub, { url, warmUp: true })));
  const found = [];
  for (const model of loaded) {
    found.push({ values: await results(model), warmedUp: model.warmedUp });
    model.dispose();
  }
  return found;
}

/** The memory before and after models are loaded, warmed up and disposed, over and over. */
export async function memories(stub, url, times) {
  const found = [];
  for (let n = 0; n < times; n++) {
    const model = await load(stub, { url, warmUp: true });
    await results(model);
    model.dispose();
    found.push({ ...held(), programs: programs() });
  }
  return found;
}

/** What a model says that it takes, beside what TensorFlow.js has more than before. */
export async function accounted(stub, url) {
  anew();
  const before = held();
  const model = await load(stub, { url });
  const loaded = { ...model.memory(), held: held(), all: tf.memory() };
  await results(model);
  const used = { ...model.memory(), compiled: programs() };
  model.dispose();
  const after = held();
  let error;
  try {
    model.memory();
  } catch (caught) {
    error = caught.message;
  }
  return { before, loaded, used, after, error };
}

/** What a model predicts that is loaded with `options`; or why it is not. `signed`: through a `fetch` of the page's own. */
export async function predicted(stub, { signed, size, ...options }) {
  let number = Math.random();
  const sign = (url, init) => fetch(`${url.split("?")[0]}?sig=${number++}`, { ...init, headers: { authorization: signed } });
  try {
    const model = await load(stub, { ...options, ...(signed && { fetch: sign }) });
    const found = Object.values(await model.run(sample(size))).map((values) => [...values]);
    const { version } = model;
    model.dispose();
    return { values: found, version };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

/** What TensorFlow.js by itself predicts with a graph. */
export async function bare(url, size) {
  const model = await tf.loadGraphModel(url);
  const output = model.predict(tf.tensor2d(sample(size), [1, size]));
  const found = [...output.dataSync()];
  model.dispose();
  return [found];
}

/** The addresses of what is kept. */
export async function kept() {
  return (await (await caches.open("tfjs-build")).keys()).map(({ url }) => url).sort();
}

/** Puts something else in the place of a file that is kept, or beside those that are. */
export async function tamper(url, text) {
  const store = await caches.open("tfjs-build");
  const before = await store.match(url);
  await store.put(url, new Response(text, { headers: before?.headers }));
}

/** The text of a file that is kept. */
export async function textOf(url) {
  return (await (await caches.open("tfjs-build")).match(url)).text();
}

export const secure = () => isSecureContext && "caches" in globalThis;
