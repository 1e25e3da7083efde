// Loading: every answer and every file of weights is checked.
import * as tf from "@tensorflow/tfjs";
import { GIVE_URL, locate } from "./addresses.js";
import { createStore, type Store } from "./caching.js";
import { ModelLoadError, OtherVersion } from "./errors.js";
import { ANEW, type Files, read, readSound, throwIfAborted } from "./fetching.js";
import { createInstance, type Instance } from "./instance.js";
import type { LoadOptions, Published } from "./types.js";
import { warmUp } from "./warming.js";

type ModelJson = Omit<tf.io.ModelArtifacts, "weightSpecs" | "weightData"> & {
  readonly weightsManifest: tf.io.WeightsManifestConfig;
};

/** What tfjs-build writes into `userDefinedMetadata` of model.json, as far as it is needed here. */
interface Metadata {
  readonly version: string;
  readonly shards: { readonly [file: string]: string };
  readonly compressed?: readonly string[];
}

/** Files of weights, the SHA-256 that each has, and whether it is there as a `.gz`, too. */
type Shards = readonly (readonly [path: string, sha256: string, compressed: boolean])[];

/** A model.json that was read, from `url`. */
interface Found {
  readonly url: URL;
  readonly artifacts: Omit<tf.io.ModelArtifacts, "weightData"> & { readonly weightSpecs: tf.io.WeightsManifestEntry[] };
  readonly shards: Shards;
}

/** Loads a version of a model. */
export async function open<M>(published: Published<M>, options: LoadOptions): Promise<Instance<M>> {
  const { name, engine } = published;
  const { signal } = options;
  const files: Files = { ...options, model: name, store: options.cache ? createStore() : undefined };
  const { url, artifacts, shards } = await find(published, locate(published, options.url), files);
  const weightData = await downloadWeights(files, url, artifacts.weightSpecs, shards, options);
  await files.store?.tidy(url);
  const runner = await tf
    .ready()
    .then(() => {
      // Without this, it would take several files of weights for none, and predict NaN without a word.
      if (!tf.io.CompositeArrayBuffer) throw new Error("4.6 or newer is needed");
      return engine.open({ ...artifacts, weightData }, published);
    })
    .catch((error: unknown) => {
      throw new ModelLoadError(name, url, "was refused by TensorFlow.js", error);
    });
  const instance = createInstance(published, runner);
  if (options.warmUp && !signal?.aborted) await warmUp(instance);
  if (signal?.aborted) instance.retire();
  throwIfAborted(signal);
  return instance;
}

/** Reads model.json where it is: at the first of `candidates` that has it, in the version that is asked for. */
async function find(published: Published<unknown>, candidates: readonly string[], files: Files): Promise<Found> {
  let first: ModelLoadError | undefined;
  let kind = ModelLoadError;
  // What was kept comes before every server.
  for (const from of new Set([files.store, undefined])) {
    for (const address of candidates) {
      try {
        return await readModelJson(published, address, files, from);
      } catch (error) {
        if (from) continue;
        // Servers say in many ways that there is no such file, or have another model's there.
        if (!(error instanceof ModelLoadError)) throw error;
        if (error instanceof OtherVersion) kind = OtherVersion;
        first ??= error;
      }
    }
  }
  if (candidates.length < 2) throw first;
  const reason = [first!.reason, ...candidates.slice(1)].join("; nor is it at ");
  throw new kind(published.name, first!.url, `${reason}: ${GIVE_URL}`);
}

/** Reads model.json; with `from`, what was kept of it there. */
async function readModelJson(
  { name, version }: Published<unknown>,
  address: string,
  files: Files,
  from?: Store,
): Promise<Found> {
  const url = new URL(address);
  const asked = new URL(url);
  // A signed address is taken as it is: one more parameter would spoil its signature.
  if (/^http/.test(address) && !url.search) asked.search = `v=${version}`;
  const wrong = (problem: string, cause?: unknown) => new ModelLoadError(name, asked, problem, cause);
  const bytes = await (from ? from.get(asked) : read(files, asked));
  const json = (await new Response(bytes).json().catch((error: unknown) => {
    throw wrong("is not JSON", error);
  })) as ModelJson;
  const metadata = json?.userDefinedMetadata?.["tfjs-build"] as Metadata | undefined;
  if (!metadata) throw wrong("was not published by tfjs-build");
  if (metadata.version !== version) {
    const problem = `is version ${metadata.version}, not ${version}: build and deploy both together`;
    throw new OtherVersion(name, asked, problem);
  }
  const { weightsManifest, ...artifacts } = json;
  try {
    const weightSpecs = weightsManifest.flatMap(({ weights }) => [...weights]);
    const { shards: hashes, compressed = [] } = metadata;
    const shards = weightsManifest.flatMap(({ paths }) =>
      paths.map((path) => [path, hashes[path]!, compressed.includes(path)] as const),
    );
    if (artifacts.modelTopology && shards.every(([, sha256]) => sha256)) {
      if (!from) await files.store?.put(asked, bytes!);
      return { url, artifacts: { ...artifacts, weightSpecs }, shards };
    }
  } catch {
    // It has something else where these should be.
  }
  throw wrong(`is not whole: ${ANEW}`);
}

async function downloadWeights(
  files: Files,
  url: URL,
  specs: readonly tf.io.WeightsManifestEntry[],
  shards: Shards,
  options: LoadOptions,
): Promise<ArrayBuffer[]> {
  const { signal } = files;
  const expected = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  let loaded = 0;
  options.onProgress?.({ loaded, total: expected });

  // The first file that fails stops the others.
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", forward);
  try {
    const buffers = await Promise.all(
      shards.map(async ([path, sha256, compressed]) => {
        const file = new URL(path, url);
        file.search = url.search; // which signs or names the whole folder
        const buffer = await readSound({ ...files, signal: stop.signal }, file, sha256, compressed);
        loaded += buffer.byteLength;
        if (!stop.signal.aborted) options.onProgress?.({ loaded, total: Math.max(expected, loaded) });
        return buffer;
      }),
    );
    // TensorFlow.js takes all buffers to be of one size if all but the last are, and would then read a larger last one
    // as zeros. An empty one at the end keeps it from that.
    return [...buffers, new ArrayBuffer(0)];
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", forward);
  }
}

/** Bytes that a weight takes in its file; strings are not counted, since their lengths are in the file only. */
function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  const stored = quantization?.dtype ?? dtype;
  const bits = stored === "bool" ? 8 : Number(/\d*$/.exec(stored)); // the number at the end of a dtype's name
  return (tf.util.sizeFromShape(shape) * bits) / 8;
}
