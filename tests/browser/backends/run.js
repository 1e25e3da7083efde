// Runs models on one backend of TensorFlow.js in a page: `start(backend, flags)` once, then `runAll(jobs)` or `runStub(job)`.
//
// A tensor crosses the border as {dtype, shape, data}: data is base64 of little-endian float32, int32 or bytes, or a list
// of strings. A job of `runAll` is a graph model in memory, {id, topology, specs, weights, inputs, outputs, asynchronous};
// a job of `runStub` is a published model with its loader, {stub, url, samples}. What a model does wrong is its own error.

import * as tf from "@tensorflow/tfjs";

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array };

const called = new Set();
let lost = false;
let rejectStray = () => {};
addEventListener("unhandledrejection", (event) => rejectStray(event.reason));
addEventListener("error", (event) => rejectStray(event.error));

/** Makes `backend` the current one; throws where this browser does not have it. */
async function start(backend, flags) {
  if (backend === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/");
  }
  if (backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  for (const [name, value] of Object.entries(flags)) tf.env().set(name, value);
  if (!(await tf.setBackend(backend))) throw new Error(`this browser has no ${backend}`);
  await tf.ready();
  const run = tf.engine().runKernel;
  tf.engine().runKernel = function (name, ...rest) {
    called.add(name);
    return run.call(this, name, ...rest);
  };
  const { device, gpgpu } = tf.backend();
  device?.lost.then(() => (lost = true));
  gpgpu?.gl.canvas.addEventListener("webglcontextlost", () => (lost = true));
  return tf.getBackend();
}

/** Runs jobs one after the other; returns, for each, {id, outputs} or {id, error}. */
async function runAll(jobs) {
  const results = [];
  for (const job of jobs) {
    if (tf.getBackend() === "wasm") await startAnew("wasm");
    results.push(await guarded(job.id, () => runModel(job)));
  }
  return results;
}

/** Gives a backend new memory: a kernel of wasm that writes out of bounds ruins its own job alone. */
async function startAnew(name) {
  const factory = tf.findBackendFactory(name);
  tf.engine().registry[name].dispose = () => {}; // its memory may be ruined, and goes with it
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
  await tf.setBackend(name);
}

async function guarded(id, run) {
  try {
    return { id, outputs: await run() };
  } catch (error) {
    tf.disposeVariables();
    return { id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

async function runModel({ topology, specs, weights, inputs, outputs, asynchronous }) {
  const weightData = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)).buffer;
  const model = await tf.loadGraphModel(tf.io.fromMemory({ modelTopology: topology, weightSpecs: specs, weightData }));
  const fed = tensors(inputs);
  try {
    const results = asynchronous ? await model.executeAsync(fed, outputs) : model.execute(fed, outputs);
    return await described(outputs.map((name, i) => [name, Array.isArray(results) ? results[i] : results]));
  } finally {
    tf.dispose(fed);
    model.dispose();
  }
}

/** Loads a published model through its stub and predicts each sample; returns {id, outputs: [[[name, tensor], …], …]} or
 *  {id, error}; the `kernels` that were called; what webgpu `refused` (its output stays zeros then, and only the console is told); and whether the device
 *  was `lost`, without which nothing more can run in this page. */
async function runStub({ id, stub, url, samples }) {
  const { device } = tf.backend();
  device?.pushErrorScope("validation");
  called.clear();
  const result = await guarded(id, () => Promise.race([predictAll(stub, url, samples), strayError()]));
  const refused = lost ? null : await device?.popErrorScope();
  return { ...result, refused: refused?.message ?? null, lost, kernels: [...called].sort() };
}

/** Rejects with an error that TensorFlow.js throws where nobody waits for it (a kernel inside a loop), of which the
 *  prediction would never end. */
function strayError() {
  return new Promise((_, reject) => {
    rejectStray = reject;
  });
}

async function predictAll(stub, url, samples) {
  const module = await import(stub);
  const loader = Object.keys(module).find((name) => /^load[A-Z]/.test(name));
  const model = await module[loader]({ url });
  try {
    const groups = [];
    for (const sample of samples) {
      const fed = tensors(sample);
      try {
        groups.push(await described(Object.entries(await model.predict(fed))));
      } finally {
        tf.dispose(fed);
      }
    }
    return groups;
  } finally {
    model.dispose();
  }
}

function tensors(described) {
  return Object.fromEntries(
    Object.entries(described).map(([name, { dtype, shape, data }]) => {
      if (dtype === "string") return [name, tf.tensor(data, shape, dtype)];
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const values = new arrayTypes[dtype](bytes.buffer);
      if (dtype !== "complex64") return [name, tf.tensor(values, shape, dtype)];
      const part = (offset) => tf.tensor(values.filter((_, i) => i % 2 === offset), shape);
      return [name, tf.tidy(() => tf.complex(part(0), part(1)))];
    }),
  );
}

async function described(named) {
  const entries = [];
  for (const [name, tensor] of named) {
    const { dtype, shape } = tensor;
    const values = await tensor.data();
    if (dtype === "string") entries.push([name, { dtype, shape, data: values }]);
    else {
      const bytes = new Uint8Array(arrayTypes[dtype].from(values).buffer);
      let text = "";
      for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      entries.push([name, { dtype, shape, data: btoa(text) }]);
    }
  }
  for (const tensor of new Set(named.map(([, each]) => each))) tensor.dispose();
  return entries;
}

Object.assign(globalThis, { tensorflow: tf, start, runAll, runStub });
