// Runs generated loader stubs with the real TensorFlow.js, all in this one process: `node run.mjs JOBS`.
//
// JOBS holds one job a line, as JSON: {id, stub, url, backend, inputs, outputs} — the stub's module, the address of its
// model.json, "cpu" or "wasm", a tensor file with one group a sample, and where the outputs shall go. After each job one line
// goes to stdout: {id, error, leaked: {predict, dispose}}. `error` is null or text; `leaked` counts the tensors that are
// left after the predictions and after `dispose`. What a model does wrong ends its own job only.

import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";

import { readGroups, writeGroups } from "./tensors.mjs";

const [jobsFile] = process.argv.slice(2);
console.log = console.info = console.error; // stdout is for results alone

for (const line of readFileSync(jobsFile, "utf8").split("\n").filter(Boolean)) {
  const job = JSON.parse(line);
  const result = { id: job.id, error: null, leaked: null };
  try {
    await useBackend(job.backend);
    result.leaked = await run(job);
  } catch (error) {
    result.error = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    tf.disposeVariables();
  }
  writeSync(1, `${JSON.stringify(result)}\n`);
}

async function useBackend(name) {
  if (tf.getBackend() === name) return;
  if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js has no backend ${name} here`);
  await tf.ready();
}

async function run({ stub, url, inputs, outputs }) {
  const module = await import(pathToFileURL(stub).href);
  const loaders = Object.keys(module).filter((name) => /^load[A-Z]/.test(name));
  if (loaders.length !== 1) throw new Error(`${stub} exports [${loaders}] instead of one loader`);
  const before = tf.memory().numTensors;
  const model = await module[loaders[0]]({ url });
  const loaded = tf.memory().numTensors;
  const groups = [];
  for (const sample of readGroups(inputs)) groups.push(await predict(model, sample));
  const predicted = tf.memory().numTensors;
  model.dispose();
  writeGroups(outputs, groups);
  return { predict: predicted - loaded, dispose: tf.memory().numTensors - before };
}

async function predict(model, sample) {
  const tensors = Object.fromEntries(
    Object.entries(sample).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, shape, dtype)]),
  );
  try {
    const results = Object.entries(await model.predict(tensors));
    const group = [];
    for (const [name, tensor] of results) {
      group.push([name, { dtype: tensor.dtype, shape: tensor.shape, values: await tensor.data() }]);
    }
    for (const tensor of new Set(results.map(([, tensor]) => tensor))) tensor.dispose();
    return group;
  } finally {
    tf.dispose(tensors);
  }
}
