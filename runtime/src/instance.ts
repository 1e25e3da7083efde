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
  warmedUp: WarmedUp | undefined;
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

  const predict = (inputs: unknown) => {
    const before = programs();
    const outputs = runner.predict((made) => toTensors(published, inputs, made), named, hold);
    const count = <T>(result: T) => ((compiled += programs() - before), result);
    return outputs instanceof Promise ? outputs.then(count) : count(outputs);
  };

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

  const memory = (): Memory => {
    const { numTensors, numBytes, numBytesInGPU } = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
    const kept = runner.tensors();
    const data = new Map(kept.map(({ dataId }) => [dataId, tf.engine().state.tensorInfo.get(dataId)!.bytes]));
    return {
      tensors: kept.length,
      bytes: [...data.values()].reduce((sum, bytes) => sum + bytes, 0),
      programs: compiled,
      total: { tensors: numTensors, bytes: numBytes, gpuBytes: numBytesInGPU ?? 0 },
    };
  };

  return { published, model: runner.model, warmedUp: undefined, predict, run, memory, retire: release };
}
