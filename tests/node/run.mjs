// Runs generated loader stubs with the real TensorFlow.js, all in this one process: `node run.mjs JOBS`.
//
// JOBS holds one job a line, as JSON: {id, stub, url, backend, inputs, outputs} — the stub's module, the address of its
// model.json, "cpu" or "wasm", a tensor file with one group a sample, and where the outputs shall go. After each job one line
// goes to stdout: {id, error, leaked: {predict, dispose}}. `error` is null or text; `leaked` counts the tensors that the
// predictions after the first leave (the first may fill tables), and those that are left after `dispose`. What a model
// does wrong ends its own job only; where WebAssembly has trapped, this process ends with the code 75, as no later model on
// wasm could be trusted, and wants to be started again for the rest.

import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";

import { readGroups, writeGroups } from "./tensors.mjs";

const EX_TEMPFAIL = 75;
const [jobsFile] = process.argv.slice(2);
console.log = console.info = console.error; // stdout is for results alone

for (const line of readFileSync(jobsFile, "utf8").split("\n").filter(Boolean)) {
  const job = JSON.parse(line);
  const result = { id: job.id, error: null, leaked: null };
  let trapped = false;
  try {
    await useBackend(job.backend);
    result.leaked = await run(job);
  } catch (error) {
    result.error = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    tf.disposeVariables();
    trapped = error instanceof WebAssembly.RuntimeError;
  }
  writeSync(1, `${JSON.stringify(result)}\n`);
  if (trapped) process.exit(EX_TEMPFAIL);
}

/** Makes a backend the current one. wasm is started anew: a kernel that writes out of bounds ruins its own job alone. */
async function useBackend(name) {
  if (name === "wasm") {
    await import("@tensorflow/tfjs-backend-wasm");
    const start = tf.findBackendFactory(name);
    tf.removeBackend(name);
    tf.registerBackend(name, start);
  }
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js has no backend ${name} here`);
  await tf.ready();
}

async function run({ stub, url, inputs, outputs }) {
  const module = await import(pathToFileURL(stub).href);
  const loaders = Object.keys(module).filter((name) => /^load[A-Z]/.test(name));
  if (loaders.length !== 1) throw new Error(`${stub} exports [${loaders}] instead of one loader`);
  const before = tf.memory().numTensors;
  const model = await module[loaders[0]]({ url });
  const groups = [];
  const held = [];
  for (const sample of readGroups(inputs)) {
    groups.push(await predict(model, sample));
    held.push(tf.memory().numTensors);
  }
  model.dispose();
  writeGroups(outputs, groups);
  return { predict: held.at(-1) - held[0], dispose: tf.memory().numTensors - before };
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
