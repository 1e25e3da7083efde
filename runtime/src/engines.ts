// Engines: layers models and graph models, opened and run.
import * as tf from "@tensorflow/tfjs";
import type { Signature, TensorSpec } from "./types.js";

/** What opens models of one format. */
export interface Engine<M> {
  readonly kind: "layers" | "graph" | "async graph";
  open(artifacts: tf.io.ModelArtifacts, signature: Signature): Promise<Runner<M>>;
}

/** An opened model. */
export interface Runner<M> {
  readonly model: M;
  readonly predict: Predict;
  /** The tensors that it keeps. */
  tensors(): tf.Tensor[];
  dispose(): void;
}

/**
 * Runs a model: `prepare` gives its inputs in the signature's order, and adds what it makes to `made`; `finish` is given
 * its outputs, which are the caller's alone. Where that takes time, `hold` keeps the model until what it returns is called.
 */
type Predict = <T extends tf.TensorContainer>(
  prepare: (made: tf.Tensor[]) => tf.Tensor[],
  finish: (outputs: tf.Tensor[]) => T,
  hold: () => () => void,
) => T | Promise<T>;

/** `tf.loadLayersModel` or `tf.loadGraphModel`. */
type Loader<M> = (handler: tf.io.IOHandler, options?: tf.io.LoadOptions, io?: typeof tf.io) => Promise<M>;

interface LayersModel {
  readonly weights: readonly { read(): tf.Tensor }[];
  predictOnBatch(inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[];
  dispose(): unknown;
}

interface GraphModel {
  readonly weights: { [name: string]: tf.Tensor[] };
  execute(inputs: tf.NamedTensorMap, outputs: string[]): tf.Tensor | tf.Tensor[];
  executeAsync(inputs: tf.NamedTensorMap, outputs: string[]): Promise<tf.Tensor | tf.Tensor[]>;
  dispose(): unknown;
}

/** What TensorFlow.js tells of it, but not in its types. */
type WithTables = GraphModel & {
  readonly resourceManager?: {
    readonly hashTableMap: { [id: string]: { readonly handle: tf.Tensor; readonly tensorMap: Map<unknown, tf.Tensor> } };
  };
};

/** Models of `tf.loadLayersModel`; their inputs and outputs go by order. */
export function layers<M extends LayersModel>(load: Loader<M>): Engine<M> {
  return {
    kind: "layers",
    async open(artifacts, signature) {
      const { topology, order } = withoutRepeatedOutputs(artifacts.modelTopology as Topology);
      const handler: tf.io.IOHandler = { load: async () => ({ ...artifacts, modelTopology: topology }) };
      const model = await inTurn(() => withoutVariablesOfFailure(() => load(handler)));
      return {
        model,
        predict: now((inputs) => {
          checkBatches(signature, inputs);
          const results = list(model.predictOnBatch(inputs));
          return (order ?? results.map((_, i) => i)).map((i) => results[i]!.clone());
        }),
        tensors: () => model.weights.map((weight) => weight.read()),
        dispose() {
          const weights = model.weights.map((weight) => weight.read());
          model.dispose();
          // TensorFlow.js keeps the weights of a layer that stands in several places, as if one were still in use.
          for (const weight of weights) if (!weight.isDisposed) weight.dispose();
        },
      };
    },
  };
}

/** Models of `tf.loadGraphModel`; their inputs and outputs go by the names of graph nodes. */
export function graph<M extends GraphModel>(load: Loader<M>): Engine<M> {
  return {
    kind: "graph",
    async open(artifacts, signature) {
      const model = await openGraph(load, artifacts);
      const outputs = signature.outputs.map(address);
      return {
        model,
        // A result may be an input, a weight, or another result: clones, which share the values, can be disposed alone.
        predict: now((inputs) => list(model.execute(feeds(signature, inputs), outputs)).map((result) => result.clone())),
        tensors: () => tensorsOf(model),
        dispose: () => void model.dispose(),
      };
    },
  };
}

/** The same, for graphs whose operations take time of their own (control flow, non-maximum suppression …). */
export function asyncGraph<M extends GraphModel>(load: Loader<M>): Engine<M> {
  return {
    kind: "async graph",
    async open(artifacts, signature) {
      const model = await openGraph(load, artifacts);
      const outputs = signature.outputs.map(address);
      const weights = ids(tensorsOf(model));
      return {
        model,
        async predict(prepare, finish, hold) {
          const made: tf.Tensor[] = [];
          const release = hold();
          try {
            const inputs = prepare(made);
            const results = list(await model.executeAsync(feeds(signature, inputs), outputs));
            const given = ids(inputs);
            const own = results.map((result) => result.clone());
            for (const result of results) if (!given.has(result.id) && !weights.has(result.id)) result.dispose();
            return finish(own);
          } finally {
            tf.dispose(made);
            release();
          }
        },
        tensors: () => tensorsOf(model),
        dispose: () => void model.dispose(),
      };
    },
  };
}

/** What runs a model to its end at once. */
function now(run: (inputs: tf.Tensor[]) => tf.Tensor[]): Predict {
  return (prepare, finish) => tf.tidy(() => finish(run(prepare([]))));
}

/** Opens a graph model; where TensorFlow.js refuses it, the weights that are decoded by then are disposed. */
async function openGraph<M>(load: Loader<M>, artifacts: tf.io.ModelArtifacts): Promise<M> {
  let weights: tf.NamedTensorMap = {};
  const decodeWeights: typeof tf.io.decodeWeights = (data, specs) => (weights = tf.io.decodeWeights(data, specs));
  try {
    return await load({ load: async () => artifacts }, {}, { ...tf.io, decodeWeights });
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
}

/** The same for layers models, whose weights are variables by then. */
async function withoutVariablesOfFailure<T>(work: () => Promise<T>): Promise<T> {
  const before = new Set(Object.keys(tf.engine().registeredVariables));
  try {
    return await work();
  } catch (error) {
    const variables = Object.entries(tf.engine().registeredVariables);
    for (const [name, variable] of variables) if (!before.has(name)) variable.dispose();
    throw error;
  }
}

let turn: Promise<unknown> | undefined;

/** Does one thing after the other, so that what it leaves behind is known to be its own. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = (turn ?? Promise.resolve()).then(work);
  turn = result.catch(() => undefined);
  return result;
}

function list(results: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(results) ? results : [results];
}

/** Its weights, and its tables of words, once they are filled. */
function tensorsOf(model: GraphModel): tf.Tensor[] {
  const tables = Object.values((model as WithTables).resourceManager?.hashTableMap ?? {});
  return [...Object.values(model.weights).flat(), ...tables.flatMap(({ handle, tensorMap }) => [handle, ...tensorMap.values()])];
}

function ids(tensors: readonly tf.Tensor[]): Set<number> {
  return new Set(tensors.map((tensor) => tensor.id));
}

function feeds(signature: Signature, inputs: readonly tf.Tensor[]): tf.NamedTensorMap {
  return Object.fromEntries(signature.inputs.map((spec, i) => [address(spec), inputs[i]!]));
}

/** A node's output as a graph model knows it. With its index it cannot be taken for a name of the signature. */
function address(spec: TensorSpec): string {
  return spec.node.includes(":") ? spec.node : `${spec.node}:0`;
}

/** TensorFlow.js would leave out, without a word, what one input has more than the first. */
function checkBatches(signature: Signature, inputs: readonly tf.Tensor[]): void {
  const sizes = inputs.map((input) => input.shape[0]);
  if (sizes.some((size) => size !== sizes[0])) {
    const batches = signature.inputs.map((spec, i) => `"${spec.name}" has ${sizes[i]}`).join(", ");
    throw new TypeError(`All inputs take the same number of examples, but ${batches}`);
  }
}

interface Topology {
  readonly model_config?: Topology;
  readonly config?: { readonly output_layers?: readonly unknown[] };
}

/** TensorFlow.js cannot predict an output twice: name each once, and say which stands where (null: as they come). */
function withoutRepeatedOutputs(topology: Topology): { topology: Topology; order: number[] | null } {
  if (topology.model_config !== undefined) {
    const inner = withoutRepeatedOutputs(topology.model_config);
    return { topology: { ...topology, model_config: inner.topology }, order: inner.order };
  }
  const outputs = topology.config?.output_layers;
  const keys = (Array.isArray(outputs) ? outputs : []).map((output) => JSON.stringify(output));
  const unique = [...new Set(keys)];
  if (unique.length === keys.length) return { topology, order: null };
  const output_layers = unique.map((key): unknown => JSON.parse(key));
  return {
    topology: { ...topology, config: { ...topology.config, output_layers } },
    order: keys.map((key) => unique.indexOf(key)),
  };
}
