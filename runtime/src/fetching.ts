// Files over http and from disks: every answer is checked, and held against its SHA-256.
import { ModelLoadError } from "./errors.js";
import type { Fetch, FetchInit } from "./types.js";

/** How the files of one model are read. */
export interface Files {
  readonly model: string;
  readonly signal: AbortSignal | undefined;
  /** What is called in the place of the platform's `fetch`; nobody knows whether it looks at `integrity`. */
  readonly fetch: Fetch | undefined;
}

/** Reads a file, and holds it against `sha256` (hexadecimal) where that is given; `anew` leaves out every cache. */
export async function read(files: Files, url: URL, sha256?: string, anew?: boolean): Promise<ArrayBuffer> {
  const { model, fetch: own } = files;
  const expected = sha256 && base64(sha256);
  const past: FetchInit = { cache: "reload" };
  let buffer: ArrayBuffer;
  if (url.protocol === "file:" && !own) {
    buffer = await readFile(files, url);
  } else if (!expected) {
    return request(files, url, anew ? past : {});
  } else {
    try {
      buffer = await request(files, url, { integrity: `sha256-${expected}` });
      // Where the platform tells no hash (pages that came over plain http, React Native), this is all that can be done.
      if (!own || ((await hashOf(buffer)) ?? expected) === expected) return buffer;
    } catch (error) {
      // Only what no server has answered, or not with what was demanded, has a cause.
      if (!(error as Error | null)?.cause) throw error;
    }
    // That does not say whether the network failed or the content is another. To ask once more without a demand on the
    // content, and past caches, does: either fails again, or shows what is there.
    buffer = await request(files, url, past);
  }
  if (expected && (await hashOf(buffer)) !== expected) {
    throw new ModelLoadError(model, url, `is not what was published: ${ANEW}`);
  }
  return buffer;
}

/** What to do about files that are not what was published. */
export const ANEW = "put the model's folder there anew";

/** A SHA-256 in base64, out of hexadecimal digits. */
export function base64(sha256: string): string {
  return btoa(sha256.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}

/** The SHA-256, in base64; undefined where the platform tells none. */
export async function hashOf(buffer: BufferSource): Promise<string | undefined> {
  const digest = await crypto.subtle?.digest("SHA-256", buffer);
  return digest && btoa(String.fromCharCode(...new Uint8Array(digest)));
}

async function request({ model, signal, fetch: own }: Files, url: URL, init: FetchInit): Promise<ArrayBuffer> {
  let problem;
  try {
    const response = await (own ?? (fetch as Fetch))(url.href, { signal, ...init });
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
