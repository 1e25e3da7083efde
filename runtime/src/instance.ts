// One loaded version of a model.
import * as tf from "@tensorflow/tfjs";
import { programs } from "./backends.js";
import type { Runner } from "./engines.js";
import { toTensors } from "./inputs.js";
import type { Memory, Published, WarmedUp } from "./types.js";

/** A result's values, with its sizes. */
type Values = ArrayLike<unknown> & { readonly shape: readonly number[] };

/** A version that is loaded. */
export interface Instance<M> {
  readonly published: Published<M>;
  readonly model: M;
  warmedUp?: WarmedUp;
  predict(inputs: unknown): unknown;
  /** Runs the model and reads what it gives. */
  run(inputs: unknown): Promise<Record<string, Values>>;
  memory(): Memory;
  /** Disposes the model once no prediction is under way; to be called once. */
  retire(): void;
}

export function createInstance<M>(published: Published<M>, runner: Runner<M>): Instance<M> {
  let compiled = 0; // programs, while this model predicted
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

  /** To be called with what may have programs compiled from now on, to count them. */
  const counting = () => {
    const before = programs();
    return <T>(result: T) => ((compiled += programs() - before), result);
  };

  const predict = (inputs: unknown) => {
    const count = counting();
    const outputs = runner.predict((made) => toTensors(published, inputs, made), named, hold);
    return outputs instanceof Promise ? outputs.then(count) : count(outputs);
  };

  const read = async (inputs: unknown) => {
    const outputs = await predict(inputs);
    try {
      const values = Object.create(null) as Record<string, Values>;
      for (const [name, tensor] of Object.entries(outputs)) {
        // A copy: what TensorFlow.js gives may be the tensor's own values, and those of others that share them.
        values[name] = Object.assign((await counting()(tensor.data())).slice(), { shape: tensor.shape });
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

  const memory = (): Memory => {
    const kept = runner.tensors();
    const { tensorInfo } = tf.engine().state;
    return {
      tensors: kept.length,
      bytes: kept.reduce((sum, { dataId }) => sum + tensorInfo.get(dataId)!.bytes, 0),
      programs: compiled,
      total: tf.memory(),
    };
  };

  return { published, model: runner.model, predict, run, memory, retire: release };
}
