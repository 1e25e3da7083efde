import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./models/tiny";
import { loadTinyInWorker } from "./models/tiny.in-worker";

const numbers = Float32Array.of(1, 2, 3);

/** What the model makes of three numbers, in the page and in a worker, as JSON: the text that the page shows. */
export async function predict(): Promise<string> {
  await tf.setBackend("cpu");
  const tiny = await loadTiny();
  const { y } = await tiny.run(numbers);
  tiny.dispose();

  const inWorker = await loadTinyInWorker({ backend: "cpu" });
  const again = await inWorker.run(numbers);
  inWorker.dispose();
  return JSON.stringify([Array.from(y), Array.from(again.y)]);
}
