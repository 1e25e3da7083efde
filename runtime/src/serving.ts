// A worker's half: loads one model for the page that started it, and answers what the page asks of it.
import * as tf from "@tensorflow/tfjs";
import type { Classify } from "./classify.js";
import type { Engine } from "./engines.js";
import { handle, type Living } from "./handle.js";
import {
  errorOf,
  faultOf,
  type Fetched,
  type Packed,
  type PublishedData,
  type Results,
  type Settings,
  type ToPage,
  type ToWorker,
  type WasmPaths,
} from "./messages.js";
import type { Pixels, Preparation } from "./pixels.js";
import { Source } from "./reloading.js";
import type { Fetch, Published } from "./types.js";

/** What a worker has of this module and of TensorFlow.js, as far as its model needs it. */
export interface Parts {
  readonly pixels?: (preparation: Preparation) => Pixels;
  readonly classifier?: (output: string, softmax: boolean) => Classify;
  readonly setWasmPaths?: (paths: never) => void;
}

/** A worker, as far as it is needed here. */
interface Scope {
  onmessage: (event: { readonly data: ToWorker }) => void;
  postMessage(message: ToPage, transfer: readonly Transferable[]): void;
}

/** Serves the page that started this worker: it says which model is to be loaded. */
export function serve<M>(engine: Engine<M>, parts: Parts = {}): void {
  const scope = globalThis as unknown as Scope;
  const post = (message: ToPage, transfer: readonly Transferable[] = []) => scope.postMessage(message, transfer);
  const fetches = new Map<number, { resolve(answer: Fetched): void; reject(reason: unknown): void }>();
  let count = 0;
  let source: Source<M> | undefined;
  let model: ReturnType<typeof handle<M>>;

  const published = ({ inputs, classify, ...rest }: PublishedData): Published<M> => ({
    ...rest,
    engine,
    inputs: inputs.map(({ pixels, ...spec }) => (pixels ? { ...spec, pixels: parts.pixels!(pixels) } : spec)),
    ...(classify && { classify: parts.classifier!(classify.output, classify.softmax) }),
  });

  /** The page's `fetch`. */
  const ask: Fetch = async (url, { signal, ...init }) => {
    const id = ++count;
    const stop = () => {
      post({ stop: id });
      fetches.get(id)?.reject(signal!.reason);
    };
    signal?.addEventListener("abort", stop);
    try {
      const { ok, status, type, buffer } = await new Promise<Fetched>((resolve, reject) => {
        fetches.set(id, { resolve, reject });
        post({ fetch: id, url, init });
      });
      return { ok, status, headers: { get: () => type }, arrayBuffer: async () => buffer };
    } finally {
      signal?.removeEventListener("abort", stop);
      fetches.delete(id);
    }
  };

  const load = async (data: PublishedData, { backend, wasmPaths, asked, ...options }: Settings) => {
    source = new Source(published(data), data.isFollowed);
    if (wasmPaths) useWasm(parts.setWasmPaths, wasmPaths);
    if (backend && !(await tf.setBackend(backend))) throw new Error(`TensorFlow.js cannot use the backend "${backend}" here`);
    const living: Living<M> = await source.load({
      ...options,
      fetch: asked.fetch ? ask : undefined,
      onProgress: asked.onProgress ? (progress) => post({ progress }) : undefined,
    });
    model = handle(living);
    model.onReload(() => post({ reloaded: state() }));
    return state();
  };
  const state = () => ({ version: model.version, warmedUp: model.warmedUp });

  const run = async (packed: Packed): Promise<Results> => {
    const results = await using(packed, (inputs) => model.run(inputs as never));
    return Object.entries(results as { [name: string]: ArrayLike<unknown> & { shape: number[] } }).map(
      ([name, values]) => [name, values, values.shape],
    );
  };

  const answer = async (id: number, work: () => unknown) => {
    try {
      const value = await work();
      post({ id, value }, buffersOf(value));
    } catch (error) {
      post({ id, error: faultOf(error) });
    }
  };

  scope.onmessage = ({ data }) => {
    if ("fetch" in data) {
      const { resolve, reject } = fetches.get(data.fetch) ?? {};
      if (data.error) reject?.(errorOf(data.error));
      else resolve?.(data.answer!);
    } else if ("replace" in data) source?.replace(published(data.replace));
    else if ("load" in data) void answer(data.id, () => load(data.load, data.settings));
    else if ("run" in data) void answer(data.id, () => run(data.run));
    else if ("memory" in data) void answer(data.id, () => model.memory());
    else void answer(data.id, () => using(data.classify, (inputs) => model.classify(inputs as never, data.options)));
  };
  post({ ready: true });
}

/** Uses inputs that have come from the page; pictures are this worker's, and closed then. */
async function using<T>({ bare, inputs }: Packed, use: (inputs: unknown) => Promise<T>): Promise<T> {
  const given = Object.create(null) as Record<string, unknown>;
  for (const [name, value, shape] of inputs) given[name] = shape ? Object.assign(value as object, { shape }) : value;
  try {
    return await use(bare ? given[""] : given);
  } finally {
    for (const value of Object.values(given)) (Object(value) as { close?(): void }).close?.();
  }
}

/** The buffers of results, which are nobody else's. */
function buffersOf(value: unknown): Transferable[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const values = Array.isArray(entry) && (entry[1] as unknown);
    return ArrayBuffer.isView(values) ? [values.buffer as ArrayBuffer] : [];
  });
}

function useWasm(set: Parts["setWasmPaths"], paths: WasmPaths): void {
  if (!set) throw new Error("`wasmPaths` are for the backend wasm, which is not among the `backends` of tfjs.yaml");
  set(paths as never);
}
