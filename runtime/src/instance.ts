// One loaded version of a model.
import * as tf from "@tensorflow/tfjs";
import type { Runner } from "./engines.js";
import { toTensors, withoutFiles } from "./inputs.js";
import type { Published } from "./types.js";
import { quote } from "./words.js";

/** What warming up takes for a free size that is not the batch's: enough for a network's strides and windows. */
const WARM_UP_SIZE = 32;

/** A result's values, with its sizes. */
type Values = ArrayLike<unknown> & { readonly shape: readonly number[] };

/** A version that is loaded. */
export class Instance<M> {
  readonly published: Published<M>;
  readonly model: M;
  readonly predict: (inputs: unknown) => unknown;
  readonly #runner: Runner<M>;
  #running = 0;
  #retired = false;

  constructor(published: Published<M>, runner: Runner<M>) {
    this.published = published;
    this.model = runner.model;
    this.predict = published.engine.kind === "async graph" ? this.#predictLater : this.#predictNow;
    this.#runner = runner;
  }

  /** Disposes the model once no prediction is under way. */
  retire(): void {
    if (!this.#retired) {
      this.#retired = true;
      this.#disposeIfIdle();
    }
  }

  /** Runs the model on zeros, to the end of the computation. */
  async warmUp(): Promise<void> {
    const inputs: tf.Tensor[] = [];
    try {
      for (const { name, shape, dtype } of this.published.inputs) {
        if (shape === null) throw new Error(`the rank of input ${quote(name)} is not known`);
        const sizes = shape.map((size, axis) => size ?? (axis === 0 ? 1 : WARM_UP_SIZE));
        const count = sizes.reduce((product, size) => product * size, 1);
        // Within `tidy`, because TensorFlow.js leaves the parts of complex zeros behind.
        const zeros = () => tf.zeros(sizes, dtype);
        inputs.push(dtype === "string" ? tf.tensor(Array(count).fill(""), sizes, dtype) : tf.tidy(zeros));
      }
      const outputs = await this.#runner.run(inputs);
      try {
        await Promise.all(outputs.map((output) => output.data()));
      } finally {
        tf.dispose(outputs);
      }
    } finally {
      tf.dispose(inputs);
    }
  }

  /** Runs the model and reads what it gives. */
  async run(inputs: unknown): Promise<Record<string, Values>> {
    const pictures: ImageBitmap[] = [];
    this.#running += 1; // a file may take a while
    let outputs: Record<string, tf.Tensor> = {};
    try {
      const given = withoutFiles(this.published, inputs, pictures);
      outputs = (await this.predict(given instanceof Promise ? await given : given)) as Record<string, tf.Tensor>;
      const values = Object.create(null) as Record<string, Values>;
      for (const [name, tensor] of Object.entries(outputs)) {
        const { shape } = tensor;
        // A copy: what TensorFlow.js gives may be the tensor's own values, and those of others that share them.
        values[name] = Object.assign((await tensor.data()).slice(), { shape });
      }
      return values;
    } finally {
      for (const picture of pictures) picture.close();
      tf.dispose(Object.values(outputs));
      this.#running -= 1;
      this.#disposeIfIdle();
    }
  }

  readonly #predictNow = (inputs: unknown): unknown => {
    const made: tf.Tensor[] = [];
    try {
      return this.#named(this.#runner.run(toTensors(this.published, inputs, made)) as tf.Tensor[]);
    } finally {
      tf.dispose(made);
    }
  };

  readonly #predictLater = async (inputs: unknown): Promise<unknown> => {
    const made: tf.Tensor[] = [];
    this.#running += 1;
    try {
      return this.#named(await this.#runner.run(toTensors(this.published, inputs, made)));
    } finally {
      tf.dispose(made);
      this.#running -= 1;
      this.#disposeIfIdle();
    }
  };

  /** The outputs by name, in an object that inherits no name. */
  #named(results: readonly tf.Tensor[]): unknown {
    const outputs = Object.create(null) as Record<string, tf.Tensor>;
    this.published.outputs.forEach((spec, i) => (outputs[spec.name] = results[i]!));
    return outputs;
  }

  #disposeIfIdle(): void {
    if (this.#retired && this.#running === 0) this.#runner.dispose();
  }
}
