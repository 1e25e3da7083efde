// Loading: every answer and every file of weights is checked.
import * as tf from "@tensorflow/tfjs";
import { locate } from "./addresses.js";
import type { Runner } from "./engines.js";
import { ModelLoadError } from "./errors.js";
import { isWeb, read, throwIfAborted } from "./fetching.js";
import { Instance } from "./instance.js";
import type { LoadOptions, Published } from "./types.js";
import { messageOf } from "./words.js";

type ModelJson = Omit<tf.io.ModelArtifacts, "weightSpecs" | "weightData"> & {
  readonly weightsManifest: tf.io.WeightsManifestConfig;
};

/** What tfjs-build writes into `userDefinedMetadata` of model.json, as far as it is needed here. */
interface Metadata {
  readonly version: string;
  readonly shards: { readonly [file: string]: string };
}

/** A model.json that was read, from `url`. */
interface Found {
  readonly url: URL;
  readonly json: ModelJson;
  readonly metadata: Metadata;
}

/** Loads a version of a model. */
export async function open<M>(published: Published<M>, options: LoadOptions): Promise<Instance<M>> {
  const { name, version, engine } = published;
  const { signal } = options;
  throwIfAborted(signal);
  const found = await find(published, await locate(published, options.url), signal);
  const artifacts = await download(name, found, options);
  await tf.ready();
  throwIfAborted(signal);
  let runner: Runner<M>;
  try {
    runner = await engine.open(artifacts, published);
  } catch (error) {
    const reason = `(version ${version}) was refused by TensorFlow.js: ${messageOf(error)}`;
    throw new ModelLoadError(name, found.url, reason, error);
  }
  const instance = new Instance(published, runner);
  try {
    throwIfAborted(signal);
    if (options.warmUp === true) {
      // What the model does with zeros says nothing about what it does with real inputs.
      await instance.warmUp().catch((error: unknown) => {
        const reason = messageOf(error).replace(/\.?$/, "");
        console.warn(`Model "${name}" is not warmed up: ${reason}. Its first prediction may take longer.`);
      });
    }
    throwIfAborted(signal);
  } catch (error) {
    instance.retire();
    throw error;
  }
  return instance;
}

/** Reads model.json where it is: at the first of `candidates` that has it, in the version that is asked for. */
async function find(
  published: Published<unknown>,
  candidates: readonly URL[],
  signal: AbortSignal | undefined,
): Promise<Found> {
  let first: ModelLoadError | undefined;
  for (const url of candidates) {
    try {
      return await readModelJson(published, url, signal);
    } catch (error) {
      // Servers say in many ways that there is no such file, or have another model's there.
      if (!(error instanceof ModelLoadError)) throw error;
      first ??= error;
    }
  }
  if (candidates.length === 1) throw first;
  const others = candidates.slice(1).join(", nor at ");
  const reason = `${first!.reason}; nor is it at ${others}. Give the loader its \`url\``;
  throw new ModelLoadError(published.name, first!.url, reason, first);
}

async function readModelJson(
  { name, version }: Published<unknown>,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const address = new URL(url);
  // A signed address is taken as it is: one more parameter would spoil its signature.
  if (isWeb(url) && url.search === "") address.searchParams.set("v", version);
  const text = new TextDecoder().decode(await read(name, address, signal));
  let json: ModelJson;
  try {
    json = JSON.parse(text) as ModelJson;
  } catch (error) {
    throw new ModelLoadError(name, address, `is not JSON: ${messageOf(error)}`, error);
  }
  const metadata = json?.userDefinedMetadata?.["tfjs-build"] as Metadata | undefined;
  if (metadata === undefined) throw new ModelLoadError(name, address, "was not published by tfjs-build");
  if (metadata.version !== version) {
    const problem = `is version ${metadata.version} of the model, but this loader was generated for version ${version}`;
    throw new ModelLoadError(name, address, `${problem}: build and deploy both together`);
  }
  const missing = missingIn(json, metadata);
  if (missing !== undefined) {
    throw new ModelLoadError(name, address, `is not whole, it has no ${missing}: put the model's folder there anew`);
  }
  return { url, json, metadata };
}

async function download(name: string, { url, json, metadata }: Found, options: LoadOptions) {
  const { weightsManifest, ...artifacts } = json;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = await downloadWeights(name, url, weightsManifest, metadata.shards, options);
  return { ...artifacts, weightSpecs, weightData };
}

/** What a model.json lacks to be loaded, if anything. */
function missingIn({ modelTopology, weightsManifest }: ModelJson, { shards }: Metadata): string | undefined {
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  const isGroup = (group: unknown) => {
    const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
    return Array.isArray(paths) && Array.isArray(weights);
  };
  if (!isObject(modelTopology)) return "`modelTopology`";
  if (!Array.isArray(weightsManifest)) return "`weightsManifest`";
  if (!weightsManifest.every(isGroup)) return "`paths` and `weights` in its `weightsManifest`";
  if (!isObject(shards)) return "`shards` in its `userDefinedMetadata`";
  return undefined;
}

async function downloadWeights(
  model: string,
  url: URL,
  manifest: ModelJson["weightsManifest"],
  hashes: Metadata["shards"],
  { signal, onProgress }: LoadOptions,
): Promise<ArrayBuffer[]> {
  const expected = manifest.flatMap((group) => group.weights).reduce((sum, spec) => sum + bytesOf(spec), 0);
  let loaded = 0;
  onProgress?.({ loaded, total: expected });

  // The first file that fails stops the others.
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", forward);
  try {
    const paths = manifest.flatMap((group) => group.paths);
    const buffers = await Promise.all(
      paths.map(async (path) => {
        const hash = hashes[path];
        if (hash === undefined) throw new ModelLoadError(model, url, `does not tell the SHA-256 of ${path}`);
        const file = new URL(path, url);
        file.search = url.search; // which signs or names the whole folder
        const buffer = await read(model, file, stop.signal, hash);
        loaded += buffer.byteLength;
        if (!stop.signal.aborted) onProgress?.({ loaded, total: Math.max(expected, loaded) });
        return buffer;
      }),
    );
    // TensorFlow.js takes all buffers to be of one size if all but the last are, and would then read a larger last one
    // as zeros. An empty one at the end keeps it from that.
    return [...buffers, new ArrayBuffer(0)];
  } catch (error) {
    stop.abort(error);
    throwIfAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener("abort", forward);
  }
}

const BYTES = { float32: 4, int32: 4, bool: 1, complex64: 8, string: 0, float16: 2, uint16: 2, uint8: 1 } as const;

/** Bytes that a weight takes in its file; strings are not counted, since their lengths are in the file only. */
function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return shape.reduce((product, size) => product * size, BYTES[quantization?.dtype ?? dtype]);
}
