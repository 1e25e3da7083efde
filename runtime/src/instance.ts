// One loaded version of a model.
import * as tf from "@tensorflow/tfjs";
import type { Runner } from "./engines.js";
import { toTensors } from "./inputs.js";
import type { Published } from "./types.js";

/** A result's values, with its sizes. */
type Values = ArrayLike<unknown> & { readonly shape: readonly number[] };

/** A version that is loaded. */
export interface Instance<M> {
  readonly published: Published<M>;
  readonly model: M;
  predict(inputs: unknown): unknown;
  /** Runs the model and reads what it gives. */
  run(inputs: unknown): Promise<Record<string, Values>>;
  /** Runs the model on zeros, to the end of the computation. */
  warmUp(): Promise<void>;
  /** Disposes the model once no prediction is under way; to be called once. */
  retire(): void;
}

export function createInstance<M>(published: Published<M>, runner: Runner<M>): Instance<M> {
  let users = 1; // predictions that are under way, and whoever has not retired the model

  const release = () => {
    if (!--users) runner.dispose();
  };

  /** The outputs by name, in an object that inherits no name. */
  const named = (results: readonly tf.Tensor[]) => {
    const outputs = Object.create(null) as Record<string, tf.Tensor>;
    published.outputs.forEach((spec, i) => (outputs[spec.name] = results[i]!));
    return outputs;
  };

  const hold = () => {
    users++;
    return release;
  };

  const predict = (inputs: unknown) => runner.predict((made) => toTensors(published, inputs, made), named, hold);

  const read = async (inputs: unknown) => {
    const outputs = await predict(inputs);
    try {
      const values = Object.create(null) as Record<string, Values>;
      for (const [name, tensor] of Object.entries(outputs)) {
        // A copy: what TensorFlow.js gives may be the tensor's own values, and those of others that share them.
        values[name] = Object.assign((await tensor.data()).slice(), { shape: tensor.shape });
      }
      return values;
    } finally {
      tf.dispose(outputs);
    }
  };

  const run = async (inputs: unknown) => {
    hold(); // to decode files may take a while
    try {
      const pixels = published.inputs.find((spec) => spec.pixels)?.pixels;
      return await (pixels?.decoded(published, inputs, read) ?? read(inputs));
    } finally {
      release();
    }
  };

  const warmUp = async () => {
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
      await run(zeros);
    } finally {
      tf.dispose(zeros);
    }
  };

  return { published, model: runner.model, predict, run, warmUp, retire: release };
}
