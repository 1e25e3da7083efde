// Graph models, in Node as in a page: what they are fed, how they run, and what is counted meanwhile. The functions take the
// TensorFlow.js to do it with. A tensor is described as {dtype, shape, data}, its data in base64.

/** A loaded model with its only input. */
export class Graph {
  /** Whether `execute` runs it: what has loops, branches or outputs of unknown size needs `executeAsync`. Known once it
   *  has run. */
  synchronous = null;

  constructor(tf, model, { dtype, shape, data }) {
    if (model.inputs.length !== 1) throw new Error(`it has ${model.inputs.length} inputs`);
    this.model = model;
    this.inputs = { [model.inputs[0].name]: tf.tensor(values(dtype, data), shape, dtype) };
    const outputs = Object.entries(model.signature?.outputs ?? {});
    this.names = outputs.length ? outputs.map(([name]) => name) : model.outputNodes;
    this.nodes = outputs.length ? outputs.map(([, { name }]) => name) : model.outputNodes;
  }

  /** Predicts, and waits for the numbers: {milliseconds, outputs: [[name, values], …]}. A clock, once started, tells the
   *  milliseconds that have passed. */
  async run(clock = wallClock) {
    const passed = clock();
    const tensors = [await this.#predict()].flat();
    const found = await Promise.all(tensors.map((tensor) => tensor.data()));
    const milliseconds = passed();
    for (const tensor of new Set(tensors)) tensor.dispose();
    return { milliseconds, outputs: this.names.map((name, i) => [name, found[i]]) };
  }

  close() {
    for (const tensor of Object.values(this.inputs)) tensor.dispose();
    this.model.dispose();
  }

  #predict() {
    if (this.synchronous === false) return this.model.executeAsync(this.inputs, this.nodes);
    try {
      const given = this.model.execute(this.inputs, this.nodes);
      this.synchronous = true;
      return given;
    } catch (error) {
      // It says so before it computes anything.
      if (this.synchronous || !/executeAsync/.test(error.message)) throw error;
      this.synchronous = false;
      return this.model.executeAsync(this.inputs, this.nodes);
    }
  }
}

/** Starts a clock like that on the wall. */
export function wallClock() {
  const begun = performance.now();
  return () => performance.now() - begun;
}

/** Calls `begin(kernel)` and `end(kernel, inputs, attrs)` around each kernel that the executor, or an op of it, calls on the
 *  current backend; kernels that are called by kernels count as theirs. Returns what ends that. */
export function watchKernels(tf, begin, end) {
  const before = new Map();
  let depth = 0;
  for (const kernel of tf.getKernelsForBackend(tf.getBackend())) {
    const run = kernel.kernelFunc;
    before.set(kernel, run);
    kernel.kernelFunc = (given) => {
      if (depth++ === 0) begin(kernel.kernelName);
      try {
        return run(given);
      } finally {
        if (--depth === 0) end(kernel.kernelName, given.inputs, given.attrs);
      }
    };
  }
  return () => before.forEach((run, kernel) => (kernel.kernelFunc = run));
}

/** The numbers of outputs, described. */
export function described(outputs) {
  return outputs.map(([name, values]) => [name, base64(Float32Array.from(values))]);
}

/** The values of a described tensor. */
export function values(dtype, data) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer;
  return dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes);
}

function base64(values) {
  const bytes = new Uint8Array(values.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
