// What stubs import that load a model in a worker: none of it needs TensorFlow.js. `build.mjs` makes one module of it, the
// templates `_worker.js.j2` and `_worker.d.ts.j2`.
import type {
  Classification,
  ClassifyOptions,
  Hot,
  LoadOptions,
  Memory,
  Meta,
  WarmedUp,
  WebpackHot,
  WithFiles,
} from "./index.js";
import { locate } from "./addresses.js";
import { face } from "./face.js";
import { serverOf } from "./hot.js";
import { link, type Link } from "./linking.js";
import type { Packed, PublishedData, Results, State, WasmPaths } from "./messages.js";
import { pack } from "./packing.js";
import { PROTOTYPE } from "./prototype.js";
import { messageOf } from "./words.js";

export { ModelLoadError } from "./errors.js";
export type { Meta, PublishedData };

export interface WorkerOptions extends LoadOptions {
  /** The backend of TensorFlow.js that the worker is to use: "webgpu", "webgl", "wasm" or "cpu"; by default its best. */
  readonly backend?: string | undefined;
  /** Where the `.wasm` files of TensorFlow.js are, for the backend of that name: a folder, or each by its name. */
  readonly wasmPaths?: WasmPaths | undefined;
  /** Starts the worker in the place of the stub, where its script is not to be found as a bundler finds it. */
  readonly worker?: (() => Worker) | undefined;
}

export interface GiveOptions {
  /**
   * Give buffers and pictures away to the worker, which saves a copy: the page has them no more. By default, it keeps all
   * that it gives.
   */
  readonly transfer?: boolean | undefined;
}

/** What tensors alone have. */
interface Tensor {
  readonly isDisposed: boolean;
}

/** What a worker takes in the place of `I`: no tensors, for it shares none with the page; but files of pictures. */
export type Inputs<I> = WithFiles<{ [K in keyof I]: Exclude<I[K], Tensor> }>;

/** A model in a worker of its own: `I` goes in, its values `V` come out. */
export interface Model<I, V> {
  /** Runs the model: typed arrays by name, and nothing to dispose. */
  readonly predict: (inputs: I, options?: GiveOptions) => Promise<V>;
  /** The same, as the model has it that is loaded in the page. */
  readonly run: (inputs: I, options?: GiveOptions) => Promise<V>;
  /** Ends the worker, as soon as no prediction is under way. */
  readonly dispose: () => void;
  /** The version that is loaded, as in `model.json`. */
  readonly version: string;
  /** How long `warmUp` took; undefined where the model is not warmed up. */
  readonly warmedUp: WarmedUp | undefined;
  /** What the model takes, and all that TensorFlow.js has in the worker. */
  readonly memory: () => Promise<Memory>;
  /** Calls `callback` whenever a development server has put a new version in place; returns how to stop that. */
  readonly onReload: (callback: (version: string) => void) => () => void;
}

/** What a model can do besides, of which an output has a score for each label. */
export interface Classifier<I, L> {
  /** Runs the model on one example; the likeliest classes come first. */
  readonly classify: (inputs: I, options?: ClassifyOptions & GiveOptions) => Promise<Classification<L>[]>;
}

/** Loads a model in a worker; rejected with a `ModelLoadError` if that cannot be done. */
export type Load<H> = (options?: WorkerOptions) => Promise<H>;

/** The newest version that the page knows of, and the workers that are to follow it. */
interface Latest {
  published: PublishedData;
  /** Starts a worker as the newest version of the stub does: Turbopack warns where a former one imports its script. */
  start?: () => Worker;
  /** Told of new versions. */
  readonly followers: Set<() => void>;
}

/** How a loader loads under a development server: the newest version of its model. */
export type Reloading = (published: PublishedData) => Latest;

/** With `hot`, the next version of the stub takes over the workers that this one has started. */
export function reloading(hot: Hot | WebpackHot | undefined): Reloading {
  const server = hot && serverOf(hot);
  return (published) => {
    const data = server?.data; // where a test runner simulates a server, it may be missing
    let latest = data?.["latest"] as Latest | undefined;
    if (latest && face(latest.published) !== face(published)) {
      server?.invalidate(`model "${published.name}" has other inputs, outputs or labels`);
      latest = undefined;
    }
    const changed = latest && latest.published.version !== published.version;
    latest ??= { published, followers: new Set() };
    latest.published = { ...published, isFollowed: data !== undefined };
    if (data) data["latest"] = latest;
    if (changed) for (const follow of latest.followers) follow();
    return latest;
  };
}

/** The loader of a published model, whose worker is what `start` gives. */
export function createLoader<H extends Model<never, unknown>>(
  published: PublishedData,
  start: () => Worker,
  reloading?: Reloading,
): Load<H> {
  const latest: Latest = reloading?.(published) ?? { published, followers: new Set() };
  latest.start = start;
  return async (options = {}) => {
    const { signal, url, warmUp, cache, backend, worker = latest.start!, wasmPaths, onProgress, fetch } = options;
    if (signal?.aborted) throw signal.reason;
    // A worker knows its script's address alone, not the page's.
    const addressed = () => ({ ...latest.published, candidates: locate(latest.published, url) });
    const load = addressed();
    const settings = {
      ...{ warmUp, cache, backend },
      wasmPaths: absolute(wasmPaths),
      asked: { fetch: !!fetch, onProgress: !!onProgress },
    };
    const to = link(published.name, worker, { onProgress, fetch });
    const follow = () => to.send({ replace: addressed() });
    const end = (reason: unknown) => {
      latest.followers.delete(follow);
      to.end(reason);
    };
    const abort = () => end(signal!.reason);
    signal?.addEventListener("abort", abort);
    latest.followers.add(follow);
    try {
      const state = (await to.call({ load, settings })) as State;
      return handle(published.name, to, state, end) as unknown as H;
    } catch (error) {
      end(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };
}

/** A worker's model as the page has it. */
function handle(name: string, to: Link, state: State, end: (reason: unknown) => void) {
  const disposed = () => new Error(`Model "${name}" has been disposed: load it anew`);
  const callbacks = new Set<(version: string) => void>();
  let users = 1; // calls that are under way, and whoever has not disposed the model
  let gone = false;
  const release = () => {
    if (!--users) end(disposed());
  };
  to.onReload = (reloaded) => {
    if (gone) return;
    state = reloaded;
    for (const callback of [...callbacks]) {
      try {
        callback(state.version);
      } catch (error) {
        console.error(error);
      }
    }
  };

  const call = async (work: () => Promise<unknown>) => {
    if (gone) throw disposed();
    users++;
    try {
      return await work();
    } finally {
      release();
    }
  };
  const give = async (inputs: unknown, transfer: boolean, message: (packed: Packed) => object) => {
    const parcel = await pack(name, inputs, transfer);
    return to.call(message(parcel.packed), parcel.transfer).catch((error: unknown) => {
      if ((error as Error | null)?.name !== "DataCloneError") throw error;
      const hint = "pictures of another site must be loaded with `crossOrigin`, which that site must allow";
      throw new TypeError(`The inputs of model "${name}" cannot be sent to a worker; ${hint}: ${messageOf(error)}`);
    });
  };
  const run = (inputs: unknown, { transfer = false }: GiveOptions = {}) =>
    call(async () => {
      const results = (await give(inputs, transfer, (run) => ({ run }))) as Results;
      const values = Object.create(null) as Record<string, object>;
      for (const [output, given, shape] of results) values[output] = Object.assign(given, { shape });
      return values;
    });

  const page: Model<unknown, unknown> & Classifier<unknown, string> = {
    predict: run,
    run,
    classify: (inputs, { transfer = false, ...options } = {}) =>
      call(() => give(inputs, transfer, (classify) => ({ classify, options }))) as Promise<Classification<string>[]>,
    memory: () => call(() => to.call({ memory: true })) as Promise<Memory>,
    dispose() {
      if (!gone) release();
      gone = true;
    },
    onReload(callback) {
      const entry = (version: string) => callback(version);
      callbacks.add(entry);
      return () => void callbacks.delete(entry);
    },
    get version() {
      return state.version;
    },
    get warmedUp() {
      return gone ? undefined : state.warmedUp;
    },
  };
  return Object.setPrototypeOf(page, PROTOTYPE) as typeof page;
}

/** Addresses that count from the page, as they are for a worker, too. */
function absolute(paths: WasmPaths | undefined): WasmPaths | undefined {
  const of = (path: string) => new URL(path, globalThis.document?.baseURI ?? globalThis.location?.href).href;
  if (typeof paths !== "object") return paths && of(paths);
  return Object.fromEntries(Object.entries(paths).map(([file, path]) => [file, of(path)]));
}
