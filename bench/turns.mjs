// Times models of one network against each other, in turns in this one process: `node turns.mjs JOB`.
//
// JOB is JSON: {backend, input, contenders: [{label, kind, path}], runtime, turns, seconds, patience, profiles}. The backend
// is "cpu" or "wasm"; a contender is of the kind "tfjs" (a folder with model.json) or "onnx" (a file, for the ONNX Runtime Web
// in the folder `runtime`, with one thread). There are `turns` turns, and more until as many `seconds` have passed for each
// contender; fewer only where `patience` seconds are over. Then `profiles` predictions of each graph have their kernels timed.
//
// stdout has one JSON: for each label {error} or {synchronous, first, times, outputs, profile}, in milliseconds of this
// process. `profile` is of the prediction at the lower quartile: {milliseconds, kernels: [{kernel, shapes, calls,
// milliseconds}, …]}.

import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { described, Graph, values, wallClock, watchKernels } from "./graphs.mjs";

// The TensorFlow.js of the tests.
const require = createRequire(new URL("../tests/node/package.json", import.meta.url));
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");

const WARM_UPS = 3;
/** A model that takes longer, in milliseconds, is not warmed up. */
const SLOW = 3000;
/** A turn of a quick model is as many predictions as fit in these milliseconds. */
const TURN = 20;

console.log = console.info = console.warn = console.error; // stdout is for results alone

let rejectStray = (error) => {
  throw error;
};
process.on("uncaughtException", (error) => rejectStray(error));

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const results = {};
await startBackend();
let models = await opened(job.contenders);
if (Object.values(results).some(({ error }) => error)) {
  // What has failed may have ruined the backend's memory.
  await startBackend();
  models = await opened(job.contenders.filter(({ label }) => !results[label].error));
}
await takeTurns(models);
if (job.profiles) {
  for (const { label, model } of models) if (model instanceof Graph) results[label].profile = await profiled(model);
}
writeSync(1, JSON.stringify(results));
process.exit(0);

/** Makes the backend the current one, with new memory. */
async function startBackend() {
  const engine = tf.engine();
  const factory = engine.findBackendFactory(job.backend);
  const old = engine.registry[job.backend];
  if (old) old.dispose = () => {};
  engine.removeBackend(job.backend);
  engine.registerBackend(job.backend, factory);
  if (!(await tf.setBackend(job.backend))) throw new Error(`TensorFlow.js has no backend ${job.backend} here`);
  await tf.ready();
}

/** Those of the contenders that predict, {label, model}; of the others, `results` says why not. */
async function opened(contenders) {
  const models = [];
  for (const { label, kind, path } of contenders) {
    try {
      const model = await (kind === "onnx" ? openOnnx(path) : openGraph(path));
      const { milliseconds, outputs } = await Promise.race([model.run(clock), strayError()]);
      const { synchronous } = model;
      results[label] = { synchronous, first: milliseconds, times: [], outputs: described(outputs) };
      models.push({ label, model });
    } catch (error) {
      results[label] = { error: error instanceof Error ? error.message : String(error) };
    }
  }
  return models;
}

async function openGraph(folder) {
  const document = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const paths = document.weightsManifest.flatMap(({ paths }) => paths);
  const weightData = new Uint8Array(Buffer.concat(paths.map((path) => readFileSync(join(folder, path))))).buffer;
  const weightSpecs = document.weightsManifest.flatMap(({ weights }) => weights);
  const model = await tf.loadGraphModel({ load: async () => ({ ...document, weightSpecs, weightData }) });
  return new Graph(tf, model, job.input);
}

async function openOnnx(file) {
  const { exports } = JSON.parse(readFileSync(join(job.runtime, "package.json"), "utf8"));
  const ort = await import(pathToFileURL(join(job.runtime, exports["."].node.import)).href);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(file), { executionProviders: ["wasm"] });
  const { dtype, shape, data } = job.input;
  const inputs = { [session.inputNames[0]]: new ort.Tensor(dtype, values(dtype, data), shape) };
  const run = async (clock = wallClock) => {
    const passed = clock();
    const found = await session.run(inputs);
    const milliseconds = passed();
    return { milliseconds, outputs: Object.entries(found).map(([name, { data }]) => [name, data]) };
  };
  return { synchronous: true, run };
}

/** Starts a clock that does not run while other processes have the core: that of this process, which some work in the
 *  background adds to, or that on the wall, whichever is behind. */
function clock() {
  const passed = wallClock();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(passed(), (user + system) / 1000);
  };
}

async function takeTurns(models) {
  for (const { label, model } of models) {
    for (let i = 0; i < WARM_UPS && results[label].first < SLOW; i++) await model.run();
  }
  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1000;
  let turns = 0;
  while ((turns < job.turns || passed() < job.seconds * models.length) && !(turns && passed() > job.patience)) {
    for (const each of models) await turn(each);
    // Who comes first finds another cache and another heap than who comes second.
    if (++turns % 2) models.reverse();
    else models.push(models.shift());
  }
}

async function turn({ label, model }) {
  const begun = performance.now();
  do results[label].times.push((await model.run(clock)).milliseconds);
  while (performance.now() - begun < TURN);
}

async function profiled(graph) {
  const runs = [];
  for (let i = 0; i < job.profiles; i++) {
    const kernels = new Map();
    let passed;
    const end = (kernel, inputs) => {
      const took = passed();
      const shapes = Object.values(inputs).flat().map((each) => `[${each?.shape ?? ""}]`).join(" ");
      const key = `${kernel} ${shapes}`;
      const found = kernels.get(key) ?? { kernel, shapes, calls: 0, milliseconds: 0 };
      kernels.set(key, { ...found, calls: found.calls + 1, milliseconds: found.milliseconds + took });
    };
    const unwatch = watchKernels(tf, () => (passed = clock()), end);
    const { milliseconds } = await graph.run(clock);
    unwatch();
    runs.push({ milliseconds, kernels: [...kernels.values()] });
  }
  runs.sort((a, b) => a.milliseconds - b.milliseconds);
  return runs[runs.length >> 2];
}

/** Rejects with an error that is thrown where nobody waits for it (a kernel inside a loop), of which else the prediction
 *  would never end. */
function strayError() {
  return new Promise((_, reject) => {
    rejectStray = reject;
  });
}
