// Runs generated loader stubs with the real TensorFlow.js, all in this one process: `node run.mjs JOBS`.
//
// JOBS holds one job a line, as JSON: {id, stub, url, backend, inputs, outputs} — the stub's module, the address of its
// model.json, "cpu" or "wasm", a tensor file with one group a sample, and where the outputs shall go. After each job one line
// goes to stdout: {id, error, failures, leaked: {predict, dispose}, kernels}. `error` is null or text; `failures` has the texts of the
// samples that failed, by index (their groups of outputs are empty); `leaked` counts the tensors that the predictions after
// the first leave (the first may fill tables), and those that are left after `dispose`, but for what failures leave. What a
// model does wrong ends its own job only. Where WebAssembly has trapped, its memory cannot be trusted any longer: the
// backend is started anew, and the model is loaded again for its next sample; nobody counts tensors then. `kernels` are those
// that were called.

import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";

import { readGroups, writeGroups } from "./tensors.mjs";

const [jobsFile] = process.argv.slice(2);
console.log = console.info = console.error; // stdout is for results alone

const called = new Set();
const { runKernel } = tf.engine();
tf.engine().runKernel = function (name, ...rest) {
  called.add(name);
  return runKernel.call(this, name, ...rest);
};

let rejectStray = (error) => {
  throw error;
};
process.on("uncaughtException", (error) => rejectStray(error));

for (const line of readFileSync(jobsFile, "utf8").split("\n").filter(Boolean)) {
  const job = JSON.parse(line);
  const result = { id: job.id, error: null, failures: {}, leaked: null, kernels: [] };
  called.clear();
  try {
    await useBackend(job.backend);
    result.leaked = await run(job, result.failures);
  } catch (error) {
    result.error = textOf(error);
    tf.disposeVariables();
  }
  result.kernels = [...called].sort();
  writeSync(1, `${JSON.stringify(result)}\n`);
}

/** Rejects with an error that TensorFlow.js throws where nobody waits for it (a kernel inside a loop), of which else Node
 *  would die, and the prediction never end. */
function strayError() {
  return new Promise((_, reject) => {
    rejectStray = reject;
  });
}

/** Makes a backend the current one. wasm is started anew: a kernel that writes out of bounds ruins its own job alone. */
async function useBackend(name) {
  if (name === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    // Where it is bundled, it does not find its files by itself.
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
    const engine = tf.engine();
    const start = engine.findBackendFactory(name);
    const old = engine.registry[name];
    if (old) old.dispose = () => {}; // its memory may be ruined, and goes with it
    engine.removeBackend(name);
    engine.registerBackend(name, start);
  }
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js has no backend ${name} here`);
  await tf.ready();
}

/** Loads a model and predicts each sample, noting what goes wrong with one in `failures`. */
async function run({ stub, url, backend, inputs, outputs }, failures) {
  const module = await import(pathToFileURL(stub).href);
  const loaders = Object.keys(module).filter((name) => /^load[A-Z]/.test(name));
  if (loaders.length !== 1) throw new Error(`${stub} exports [${loaders}] instead of one loader`);
  const load = () => module[loaders[0]]({ url });
  const before = tf.memory().numTensors;
  let model = await load();
  const groups = [];
  const held = [];
  let lost = 0;
  let trapped = false;
  for (const [index, sample] of readGroups(inputs).entries()) {
    const tensors = tf.memory().numTensors;
    try {
      groups.push(await Promise.race([predict(model, sample), strayError()]));
      held.push(tf.memory().numTensors - lost);
    } catch (error) {
      failures[index] = textOf(error);
      groups.push([]);
      lost += tf.memory().numTensors - tensors;
      if (error instanceof WebAssembly.RuntimeError) {
        trapped = true;
        await useBackend(backend);
        model = await load();
      }
    }
  }
  writeGroups(outputs, groups);
  if (trapped) return null;
  model.dispose();
  return { predict: held.length ? held.at(-1) - held[0] : 0, dispose: tf.memory().numTensors - lost - before };
}

function textOf(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function predict(model, sample) {
  const tensors = Object.fromEntries(
    Object.entries(sample).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, shape, dtype)]),
  );
  try {
    const results = Object.entries(await model.predict(tensors));
    const group = [];
    for (const [name, tensor] of results) {
      const values = await tensor.data();
      if (values.length !== tensor.size) throw new Error(`${name} has ${values.length} values for [${tensor.shape}]`);
      group.push([name, { dtype: tensor.dtype, shape: tensor.shape, values }]);
    }
    for (const tensor of new Set(results.map(([, tensor]) => tensor))) tensor.dispose();
    return group;
  } finally {
    tf.dispose(tensors);
  }
}
