// Files over http and from disks: every answer is checked, and held against its SHA-256.
import { ModelLoadError } from "./errors.js";

/** What `fetch` is asked for. */
type Asked = Omit<RequestInit, "signal"> & { readonly signal: AbortSignal };

/** Reads a file, and holds it against `sha256` (hexadecimal) where that is given. */
export async function read(
  model: string,
  url: URL,
  signal: AbortSignal | undefined,
  sha256?: string,
): Promise<ArrayBuffer> {
  const init = { signal } as Asked;
  const expected = sha256 && btoa(sha256.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
  let buffer: ArrayBuffer;
  if (url.protocol === "file:") {
    buffer = await readFile(model, url, signal);
  } else {
    try {
      return await request(model, url, expected ? { ...init, integrity: `sha256-${expected}` } : init);
    } catch (error) {
      // Only what no server has answered, or not with what was demanded, has a cause.
      if (!expected || !(error as Error | null)?.cause) throw error;
    }
    // That does not say whether the network failed or the content is another. To ask once more without a demand on the
    // content, and past caches, does: either fails again, or shows what is there.
    buffer = await request(model, url, { ...init, cache: "reload" });
  }
  // Where the platform tells no hash (pages that came over plain http), the browser has compared it above.
  const digest = expected && (await crypto.subtle?.digest("SHA-256", buffer));
  if (expected && (!digest || btoa(String.fromCharCode(...new Uint8Array(digest))) !== expected)) {
    throw new ModelLoadError(model, url, `is not what was published: ${ANEW}`);
  }
  return buffer;
}

/** What to do about files that are not what was published. */
export const ANEW = "put the model's folder there anew";

async function request(model: string, url: URL, init: Asked): Promise<ArrayBuffer> {
  let problem;
  try {
    const response = await fetch(url, init);
    if (!response.ok) problem = `status ${response.status}`;
    else if (/html/.test(response.headers.get("content-type")!)) problem = "a web page: it is not there";
    else return await response.arrayBuffer();
  } catch (error) {
    throwIfAborted(init.signal);
    throw new ModelLoadError(model, url, "cannot be fetched", error);
  }
  throw new ModelLoadError(model, url, `was answered with ${problem}`);
}

async function readFile(model: string, url: URL, signal: AbortSignal | undefined): Promise<ArrayBuffer> {
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
