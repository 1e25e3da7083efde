// A first prediction, on zeros, before the first real one: all of its programs (shaders) are compiled side by side.
import * as tf from "@tensorflow/tfjs";
import { compileFor } from "./backends.js";
import type { Instance } from "./instance.js";

/** Warms a model up. Where it cannot run on zeros, the console is told why: that says nothing of real inputs. */
export async function warmUp(instance: Instance<unknown>): Promise<void> {
  const start = performance.now();
  const { published, predict, run } = instance;
  const zeros = Object.create(null) as tf.NamedTensorMap;
  try {
    for (const { name, shape, dtype } of published.inputs) {
      // A free size that is not the batch's is enough for a network's strides and windows.
      const sizes = (shape ?? [1]).map((size, axis) => size ?? (axis ? 32 : 1));
      // Within `tidy`, because TensorFlow.js leaves the parts of complex zeros behind.
      zeros[name] = tf.tidy(() =>
        dtype === "string" ? tf.tensor(Array(tf.util.sizeFromShape(sizes)).fill(""), sizes, dtype) : tf.zeros(sizes, dtype),
      );
    }
    // Loops wait for results, which nobody has before programs are compiled.
    if (published.engine.kind !== "async graph") {
      await compileFor(() => tf.dispose(predict(zeros) as tf.NamedTensorMap)).catch(() => undefined);
    }
    await run(zeros);
    instance.warmedUp = { milliseconds: performance.now() - start, programs: instance.memory().programs };
  } catch (error) {
    console.warn(`Model "${published.name}" is not warmed up:`, error);
  } finally {
    tf.dispose(zeros);
  }
}
