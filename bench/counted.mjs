// Counts, in a page with TensorFlow.js on webgl or webgpu, what a model asks of the device: `count(url, input, runs)`.

import * as tf from "@tensorflow/tfjs";

import { described, Graph, watchKernels } from "./graphs.mjs";

/** For each backend that has a device: what dispatches, and what keeps the programs that were compiled. */
const DEVICES = {
  webgl: { dispatch: "runWebGLProgram", programs: "binaryCache" },
  webgpu: { dispatch: "runWebGPUProgram", programs: "pipelineCache" },
};

let rejectStray = () => {};
addEventListener("unhandledrejection", (event) => rejectStray(event.reason));
addEventListener("error", (event) => rejectStray(event.error));

/** Predicts once in a page that has compiled nothing before, and then `runs` times; gives {error} or {synchronous, first,
 *  times, outputs, programs, dispatches, kernels}: milliseconds, the programs that were compiled, and what was dispatched in
 *  one later prediction, for which the input is on the device already. `kernels` has both by the kernel that the executor
 *  called. */
export async function count(url, input, runs) {
  const { device } = tf.backend();
  device?.pushErrorScope("validation");
  try {
    const stray = new Promise((_, reject) => (rejectStray = reject));
    const found = await Promise.race([counted(url, input, runs), stray]);
    const refused = await device?.popErrorScope();
    return refused ? { error: refused.message } : found;
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function counted(url, input, runs) {
  const graph = new Graph(tf, await tf.loadGraphModel(url), input);
  const compiled = watchDevice();
  const { milliseconds, outputs } = await graph.run();
  compiled.end();
  const times = [];
  for (let i = 0; i < runs; i++) times.push((await graph.run()).milliseconds);
  const later = watchDevice();
  await graph.run();
  later.end();
  graph.close();
  const kernels = {};
  for (const [kernel, { programs }] of Object.entries(compiled.kernels)) {
    kernels[kernel] = { programs, dispatches: later.kernels[kernel]?.dispatches ?? 0 };
  }
  return {
    synchronous: graph.synchronous,
    first: milliseconds,
    times,
    outputs: described(outputs),
    programs: compiled.total("programs"),
    dispatches: later.total("dispatches"),
    kernels,
  };
}

/** Counts {programs, dispatches} by kernel until `end()`; what is dispatched while numbers are read is of no kernel: "". */
function watchDevice() {
  const backend = tf.backend();
  const { dispatch, programs } = DEVICES[tf.getBackend()];
  const kernels = {};
  let current = "";
  const unwatch = watchKernels(tf, (kernel) => (current = kernel), () => (current = ""));
  const run = backend[dispatch];
  const known = () => Object.keys(backend[programs]).length;
  let before = known();
  backend[dispatch] = function (...given) {
    const found = (kernels[current] ??= { programs: 0, dispatches: 0 });
    found.dispatches++;
    const result = run.apply(this, given);
    // A program that this one called for has been counted.
    const now = known();
    found.programs += now - before;
    before = now;
    return result;
  };
  return {
    kernels,
    total: (what) => Object.values(kernels).reduce((sum, each) => sum + each[what], 0),
    end: () => {
      unwatch();
      backend[dispatch] = run;
    },
  };
}
