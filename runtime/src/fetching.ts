// Files over http and from disks: every answer is checked, and held against its SHA-256.
import { hashOf, type Store } from "./caching.js";
import { ModelLoadError } from "./errors.js";
import type { Fetch, FetchInit } from "./types.js";

/** How the files of one model are read. */
export interface Files {
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
  /** What is called in the place of the platform's `fetch`; nobody knows whether it looks at `integrity`. */
  readonly fetch?: Fetch | undefined;
  readonly store: Store | undefined;
}

/** Reads a file. */
export function read(files: Files, url: URL, init?: FetchInit): Promise<ArrayBuffer> {
  return url.protocol === "file:" && !files.fetch ? readFile(files, url) : request(files, url, init);
}

/** Reads a file that has this SHA-256 (hexadecimal), and which may be `compressed` beside it. */
export async function readSound(files: Files, url: URL, sha256: string, compressed: boolean): Promise<ArrayBuffer> {
  const { model, fetch: own, store } = files;
  const expected = btoa(sha256.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
  const kept = await store?.get(url, expected);
  if (kept) return kept;
  const unpacked = compressed && (await unpack(files, url));
  if (unpacked && (await hashOf(unpacked)) === expected) {
    await store?.put(url, unpacked);
    return unpacked;
  }
  // Where the platform tells no hash (React Native, pages that came over plain http), a `fetch` of the page's own is trusted.
  const sound = async (bytes: ArrayBuffer) => ((await hashOf(bytes)) ?? (own && expected)) === expected;
  const checked = !own && url.protocol !== "file:"; // by the platform's `fetch`, where it is told what is demanded
  // No answer does not say whether the network failed or the content is another. To ask once more without a demand on the
  // content, and past caches, does: either fails again, or shows what is there.
  for (const init of [{ integrity: `sha256-${expected}` }, { cache: "reload" }] as FetchInit[]) {
    try {
      const bytes = await read(files, url, init);
      if ((checked && init.integrity) || (await sound(bytes))) {
        await store?.put(url, bytes);
        return bytes;
      }
    } catch (error) {
      // Only what no server has answered, or not with what was demanded, has a cause.
      if (init.cache || !(error as Error | null)?.cause) throw error;
    }
  }
  throw new ModelLoadError(model, url, `is not what was published: ${ANEW}`);
}

/** What to do about files that are not what was published. */
export const ANEW = "put the model's folder there anew";

/** What comes out of the `.gz` of a file; undefined where that cannot be had, or not be held against a hash. */
async function unpack(files: Files, url: URL): Promise<ArrayBuffer | undefined> {
  if (!globalThis.DecompressionStream || !globalThis.crypto?.subtle) return undefined;
  const beside = new URL(url);
  beside.pathname += ".gz";
  try {
    const bytes = await request(files, beside);
    const [first, second] = new Uint8Array(bytes);
    // Some servers say that it is encoded: then it has been unpacked on the way.
    if (first !== 0x1f || second !== 0x8b) return bytes;
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch {
    return undefined; // there is still the file itself, or the load was aborted, which its request tells
  }
}

async function request({ model, signal, fetch: own }: Files, url: URL, init?: FetchInit): Promise<ArrayBuffer> {
  let problem;
  try {
    const response = await (own ?? (fetch as Fetch))(url.href, { ...init, signal } as FetchInit);
    if (!response.ok) problem = `status ${response.status}`;
    else if (/html/.test(response.headers.get("content-type")!)) problem = "a web page: it is not there";
    else return await response.arrayBuffer();
  } catch (error) {
    throwIfAborted(signal);
    throw new ModelLoadError(model, url, "cannot be fetched", error);
  }
  throw new ModelLoadError(model, url, `was answered with ${problem}`);
}

async function readFile({ model, signal }: Files, url: URL): Promise<ArrayBuffer> {
  const fs = nodeModule<{ readFile(url: URL): Promise<Uint8Array> }>("fs/promises", model, url);
  const bytes = await fs.readFile(url).catch((error: unknown) => {
    throw new ModelLoadError(model, url, "cannot be read", error);
  });
  throwIfAborted(signal);
  return bytes.slice().buffer as ArrayBuffer;
}

/** One of Node's own modules, to read `file`. Bundlers for the web see no import that they could not follow. */
export function nodeModule<T>(name: string, model: string, file: string | URL): T {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const found = process?.getBuiltinModule?.(`node:${name}`);
  if (!found) throw new ModelLoadError(model, file, "is a file: serve it over http (Node reads it from 20.16 on)");
  return found as T;
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
