// What a loader takes and gives, and what a stub knows of its model.
import type { Classify } from "./classify.js";
import type { Engine } from "./engines.js";
import type { Hot, WebpackHot } from "./hot.js";
import type { Pixels } from "./pixels.js";
import type { Given } from "./tensors.js";
import type * as tf from "@tensorflow/tfjs";

/** How much of the weights is there, in bytes; it grows by whole files. */
export interface Progress {
  readonly loaded: number;
  readonly total: number;
}

/** What `fetch` is asked with. */
export interface FetchInit {
  readonly signal?: AbortSignal;
  readonly integrity?: string;
  readonly cache?: "reload";
}

/** Gets a file; the platform's own `fetch` is one. */
export type Fetch = (
  url: string,
  init: FetchInit,
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/** How a model was made ready for its first prediction. */
export interface WarmedUp {
  /** How long that took, in milliseconds. */
  readonly milliseconds: number;
  /** How many programs (shaders) were compiled: those of webgl and webgpu side by side, where that can be. */
  readonly programs: number;
}

/** What a loaded model takes; sizes are in bytes. */
export interface Memory {
  /** The tensors that it keeps: its weights, and its tables of words. */
  readonly tensors: number;
  readonly bytes: number;
  /** The programs (shaders) that its predictions had to have compiled. TensorFlow.js keeps them for all models. */
  readonly programs: number;
  /** What `tf.memory()` says: what TensorFlow.js has altogether, of this model and all else. */
  readonly total: tf.MemoryInfo & { readonly numBytesInGPU?: number };
}

export interface LoadOptions {
  /** Where `model.json` is, if not where it was published to. In Node: a path, or a `file:` or `http(s):` address. */
  readonly url?: string | URL | undefined;
  /** Called before the first weights come in, and after each file of them. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Gives up loading when it is aborted; the loader's promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Run the model once on zeros (texts: empty ones), so that its first real prediction is as fast as those that follow;
   * shaders are compiled side by side. Where it cannot run on them, the console is told why, and the model is loaded all
   * the same.
   */
  readonly warmUp?: boolean | undefined;
  /**
   * Keep the model's files in the browser (Cache API), so that the next visit needs no network for them. They are checked
   * as those from the network are, and files of earlier versions are dropped.
   */
  readonly cache?: boolean | undefined;
  /** Called in the place of the platform's `fetch`: for headers, signed addresses, or files that are no server's. */
  readonly fetch?: Fetch | undefined;
}

/**
 * A loaded model: `I` goes in, `O` comes out, or its values `V`; `M` is TensorFlow.js's own model. `R` goes in where there
 * is time to decode.
 */
export interface Model<I, O, M, V, R = I> {
  /** Runs the model. Tensors that come back are yours to dispose; those that you give stay yours. */
  readonly predict: <Rank extends tf.Rank = never>(inputs: Given<I, Rank>) => O;
  /** Runs the model and reads the results: typed arrays by name, and nothing to dispose. */
  readonly run: <Rank extends tf.Rank = never>(inputs: Given<R, Rank>) => Promise<V>;
  /** Frees the model's memory, as soon as no prediction is under way. */
  readonly dispose: () => void;
  /** The version that is loaded, as in `model.json`. */
  readonly version: string;
  /** How long `warmUp` took; undefined where the model is not warmed up. */
  readonly warmedUp: WarmedUp | undefined;
  /** What the model takes. */
  readonly memory: () => Memory;
  /** Calls `callback` whenever a development server has put a new version in place; returns how to stop that. */
  readonly onReload: (callback: (version: string) => void) => () => void;
  /** The model as TensorFlow.js knows it, for whatever this module does not do. */
  readonly model: M;
}

/** One of a model's classes, and how sure the model is of it. */
export interface Classification<L> {
  readonly label: L;
  readonly score: number;
  /** Its place among the labels. */
  readonly index: number;
}

export interface ClassifyOptions {
  /** How many of the likeliest classes are given; 5 by default. */
  readonly topK?: number | undefined;
  /** The least score of those that are given; all by default. */
  readonly threshold?: number | undefined;
}

/** What a model can do besides, of which an output has a score for each label. */
export interface Classifier<I, L> {
  /** Runs the model on one example; the likeliest classes come first. */
  readonly classify: <Rank extends tf.Rank = never>(
    inputs: Given<I, Rank>,
    options?: ClassifyOptions,
  ) => Promise<Classification<L>[]>;
}

/** Loads a model; rejected with a `ModelLoadError` if that cannot be done. */
export type Load<H> = (options?: LoadOptions) => Promise<H>;

/** One input or output; `node` is what TensorFlow.js calls it. Free sizes are null, and so is a shape of free rank. */
export interface TensorSpec {
  readonly name: string;
  readonly node: string;
  readonly shape: readonly (number | null)[] | null;
  readonly dtype: tf.DataType;
  /** What makes the input of pictures, where tfjs.yaml says how. */
  readonly pixels?: Pixels;
}

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** What code that uses a model relies on. */
export interface Face extends Omit<Signature, "inputs"> {
  readonly engine: { readonly kind: Engine<unknown>["kind"] };
  readonly inputs: readonly object[];
  readonly labels?: readonly string[];
  readonly classify?: { readonly output: string; readonly softmax: boolean };
}

/** The version of a model that a stub was generated for. */
export interface Published<M> extends Signature {
  readonly name: string;
  readonly version: string;
  /** Where `model.json` is: an address, or relative to the bundler's base. */
  readonly url: string;
  /** In a worker: where it may be, as the page knows. */
  readonly candidates?: readonly string[];
  readonly labels?: readonly string[];
  /** What makes classes of the model's results; where an output has a score for each label. */
  readonly classify?: Classify;
  readonly engine: Engine<M>;
}

/** `import.meta`, with what bundlers add to it. */
export type Meta = ImportMeta & {
  readonly hot?: Hot;
  readonly webpackHot?: WebpackHot;
  readonly turbopackHot?: WebpackHot;
  readonly env?: { readonly BASE_URL?: string; readonly PROD?: boolean };
};
