// The generated loaders under test, and what tests ask of a load.
// `STUBS` is the folder in which the test in Python has published its models and rendered their stubs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";

export const folder = process.env.STUBS;
export const stub = (name) => import(pathToFileURL(path.join(folder, "stubs", `${name}.js`)).href);
export const file = (name) => pathToFileURL(path.join(folder, "models", name, "model.json"));
export const json = async (name) => JSON.parse(await readFile(file(name), "utf8"));

export const runtime = await stub("_runtime");
export const { loadDense } = await stub("dense");
export const { loadSum } = await stub("sum");
export const { loadLater } = await stub("later");
export const { loadDynamic } = await stub("dynamic");
export const { ModelLoadError } = runtime;

export const X = [1, 2, 3, 4];
export const Y = [19, 32, 45, 29, 46, 63]; // of the dense model, for X

/** Tensors that `body` leaves behind. */
export async function leftBy(body) {
  const start = tf.memory().numTensors;
  await body();
  return tf.memory().numTensors - start;
}

/** The error of a load, which must be a ModelLoadError and leave no tensor. */
export async function failure(load) {
  let error;
  const left = await leftBy(async () => {
    error = await load().catch((caught) => caught);
  });
  assert.ok(error instanceof ModelLoadError, String(error));
  assert.equal(error.message, `Model "${error.model}" cannot be loaded: ${error.url} ${error.reason}`);
  assert.equal(left, 0);
  return error;
}

export function values(outputs) {
  const read = Object.entries(outputs).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]);
  tf.dispose(Object.values(outputs));
  return Object.fromEntries(read);
}
