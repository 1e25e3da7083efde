import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./models/tiny";
import { loadTinyInWorker } from "./models/tiny.in-worker";

const numbers = Float32Array.of(1, 2, 3);

/**
 * What the model makes of three numbers, in the page and in a worker, as JSON: `show` is given it, and again when a
 * development server has swapped a new version in.
 */
export async function predict(show: (prediction: string) => void): Promise<void> {
  await tf.setBackend("cpu");
  const tiny = await loadTiny();
  const inWorker = await loadTinyInWorker({ backend: "cpu" });
  const both = async () => {
    const { y } = await tiny.run(numbers);
    const again = await inWorker.run(numbers);
    show(JSON.stringify([Array.from(y), Array.from(again.y)]));
  };
  for (const model of [tiny, inWorker]) model.onReload(() => void both());
  await both();
}
