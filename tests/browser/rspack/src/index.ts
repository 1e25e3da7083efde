// A page that keeps a model, in the page and in a worker, for as long as it is open.
import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./models/tiny";
import { loadTinyInWorker } from "./models/tiny.in-worker";

const numbers = Float32Array.of(1, 2, 3);

async function main(): Promise<void> {
  await tf.setBackend("cpu");
  const tiny = await loadTiny();
  const inWorker = await loadTinyInWorker({ backend: "cpu" });
  const look = async () => ({
    versions: [tiny.version, inWorker.version],
    predictions: [Array.from((await tiny.run(numbers)).y), Array.from((await inWorker.run(numbers)).y)],
    tensors: [tf.memory().numTensors, (await inWorker.memory()).total.numTensors],
  });
  Object.assign(globalThis, { look });
}

void main();
