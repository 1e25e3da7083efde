// Times models against each other with TensorFlow.js, in this one process: `node inference.mjs PAIRS`.
//
// PAIRS is JSON: [{name, backend, beside, shape, models: {ours, other}}] — "cpu" or "wasm", what the other is, the
// input's shape, and the folders of two conversions of one model. The two run in turns on the same input, so that
// whatever else the machine does meets both. After each pair one line goes to stdout: {name, backend, beside, runs, ours,
// other, error}, the medians in milliseconds; where the backend cannot run the other model, `other` is null and `error`
// says why.

import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The TensorFlow.js of the tests.
const require = createRequire(new URL("../tests/node/package.json", import.meta.url));
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");

const WARM_UPS = 3;
const LEAST_RUNS = 15;
const LEAST_SECONDS = 6;

/** How far the two may differ, as a part of the greatest number: models that do not agree are not compared. */
const TOLERANCE = 1e-3;

/** Ops of loops and branches, of TensorFlow 2 and of TensorFlow 1. */
const CONTROL_FLOW = /^((Stateless)?(If|While)|Switch|Merge|Enter|Exit|NextIteration|LoopCond)$/;

console.log = console.info = console.warn = console.error; // stdout is for results alone

for (const pair of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  if (!(await tf.setBackend(pair.backend))) throw new Error(`TensorFlow.js has no backend ${pair.backend} here`);
  writeSync(1, `${JSON.stringify({ ...labels(pair), ...(await compare(pair)) })}\n`);
}

function labels({ name, backend, beside }) {
  return { name, backend, beside };
}

async function compare({ name, backend, shape, models }) {
  const [ours, other] = [await open(models.ours), await open(models.other)];
  const input = tf.randomUniform(shape, -1, 1, "float32", 1);
  let turns = [["ours", ours], ["other", other]];
  const times = { ours: [], other: [] };
  let error = null;
  const expected = await run(ours, input);
  const found = await run(other, input).catch((thrown) => void (error = thrown.message));
  if (found) agree(expected, found, `${name}, ${backend}`);
  else turns = turns.slice(0, 1);
  for (let i = 0; i < WARM_UPS; i++) for (const [, model] of turns) await run(model, input);

  const begun = performance.now();
  while (times.ours.length < LEAST_RUNS || performance.now() - begun < LEAST_SECONDS * 1000) {
    for (const [which, model] of turns) times[which].push((await run(model, input)).milliseconds);
    // Who comes first finds another cache and another heap than who comes second.
    turns.reverse();
  }

  for (const model of [ours, other]) model.dispose();
  input.dispose();
  return { runs: times.ours.length, ours: median(times.ours), other: error === null ? median(times.other) : null, error };
}

/** Loads the model in the folder. */
async function open(folder) {
  const json = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const files = json.weightsManifest.flatMap(({ paths }) => paths).map((path) => readFileSync(join(folder, path)));
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const weightData = new Uint8Array(Buffer.concat(files)).buffer;
  const handler = { load: async () => ({ ...json, weightSpecs, weightData }) };
  return await (json.format === "layers-model" ? tf.loadLayersModel(handler) : tf.loadGraphModel(handler));
}

/** Runs a model with one input and one output, and waits for its numbers. */
async function run(model, input) {
  const begun = performance.now();
  const result = await predict(model, input);
  const values = await result.data();
  const milliseconds = performance.now() - begun;
  result.dispose();
  return { values, milliseconds };
}

/** A graph that has loops or branches runs asynchronously, any other model at once. */
function predict(model, input) {
  if (!(model instanceof tf.GraphModel)) return model.predict(input);
  const inputs = { [model.inputs[0].name]: input };
  return dynamic(model) ? model.executeAsync(inputs) : model.execute(inputs);
}

/** Whether only `executeAsync` runs the graph. */
function dynamic(model) {
  return model.artifacts.modelTopology.node.some(({ op }) => CONTROL_FLOW.test(op));
}

function agree({ values: ours }, { values: other }, what) {
  const greatest = other.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
  if (!(ours.length === other.length && difference <= TOLERANCE * greatest)) {
    throw new Error(`${what}: the two models differ by ${difference}, of ${greatest}`);
  }
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
