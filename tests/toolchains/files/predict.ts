import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./models/tiny";

/** What the model makes of three numbers, as JSON: the text that the page shows. */
export async function predict(): Promise<string> {
  await tf.setBackend("cpu");
  const tiny = await loadTiny();
  const { y } = await tiny.run(Float32Array.of(1, 2, 3));
  tiny.dispose();
  return JSON.stringify(Array.from(y));
}
