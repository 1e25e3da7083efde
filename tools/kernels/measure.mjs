// Runs published graphs in Node and writes down which kernels each op called: `node measure.mjs MODULES JOBS…`.
//
// MODULES is a folder with @tensorflow/… and esbuild; a file of JOBS has a job a line, {model, inputs}: the folder of a
// published graph, and the stem of a tensor file. An op is known to its kernels even where it waits: the executor runs each
// in a context of its own. Prints {op: [kernels]}; "" has what runs outside of all ops, as weights are decoded.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2).map((path) => resolve(path));
const { build } = createRequire(join(modules, "x.js"))("esbuild");
const { readGroups } = await import(pathToFileURL(join(modules, "..", "tensors.mjs")).href);

const ops = new AsyncLocalStorage();
globalThis.runAsOp = (name, run) => ops.run(name, run);

const tf = await load();
const called = new Map();
const { runKernel } = tf.engine();
tf.engine().runKernel = function (name, ...rest) {
  const op = ops.getStore() ?? "";
  called.set(op, (called.get(op) ?? new Set()).add(name));
  return runKernel.call(this, name, ...rest);
};
process.on("unhandledRejection", () => {});

await tf.setBackend("cpu");
let failed = 0;
for (const file of files) {
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const { model, inputs } = JSON.parse(line);
    try {
      await run(model, inputs);
    } catch (error) {
      failed++;
      if (process.env.VERBOSE) console.error(model, String(error).slice(0, 200));
    }
  }
}
console.error(`${failed} of the models did not run here`);
const entries = [...called].map(([op, kernels]) => [op, [...kernels].sort()]).sort(([a], [b]) => (a < b ? -1 : 1));
console.log(JSON.stringify(Object.fromEntries(entries)));

/** TensorFlow.js with an executor that says which op it executes. */
async function load() {
  const name = (path) => `@tensorflow/${path}`;
  const outfile = join(modules, "..", ".work", `measure-${process.pid}.mjs`);
  const patch = {
    name: "ops",
    setup(each) {
      each.onLoad({ filter: /operation_executor\.js$/ }, ({ path }) => ({
        contents: `${readFileSync(path, "utf8").replace("export function executeOp(", "function executeOne(")}
          export const executeOp = (node, ...rest) => globalThis.runAsOp(node.op, () => executeOne(node, ...rest));`,
      }));
    },
  };
  await build({
    stdin: {
      contents: ["tfjs-core", "tfjs-converter", "tfjs-backend-cpu"].map((each) => `export * from "${name(each)}";`).join("\n"),
      resolveDir: modules,
    },
    bundle: true,
    platform: "node",
    mainFields: ["module", "main"],
    format: "esm",
    outfile,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    plugins: [patch],
    logLevel: "error",
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

async function run(folder, inputs) {
  const json = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const { signature, async: asynchronous } = json.userDefinedMetadata["tfjs-build"];
  const { weightsManifest, ...artifacts } = json;
  const buffers = weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path))));
  const weightData = Uint8Array.from(Buffer.concat(buffers)).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = await tf.loadGraphModel({ load: async () => ({ ...artifacts, weightSpecs, weightData }) });
  const address = ({ node }) => (node.includes(":") ? node : `${node}:0`);
  for (const sample of readGroups(inputs)) {
    const fed = Object.fromEntries(
      signature.inputs.map((spec) => {
        const { values, shape, dtype } = sample[spec.name];
        return [address(spec), tf.tensor(values, shape, dtype)];
      }),
    );
    const outputs = signature.outputs.map(address);
    try {
      await (asynchronous ? model.executeAsync(fed, outputs) : model.execute(fed, outputs));
    } catch (error) {
      if (process.env.VERBOSE) console.error(folder, String(error).slice(0, 200));
    }
  }
  model.dispose();
}
