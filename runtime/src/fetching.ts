// Files over http and from disks: every answer is checked, and held against its SHA-256.
import { ModelLoadError } from "./errors.js";
import { messageOf } from "./words.js";

export function isWeb(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** Reads a file, and holds it against `sha256` (hexadecimal) where that is given. */
export function read(
  model: string,
  url: URL,
  signal: AbortSignal | undefined,
  sha256?: string,
): Promise<ArrayBuffer> {
  return url.protocol === "file:" ? readFile(model, url, signal, sha256) : request(model, url, signal, sha256);
}

async function readFile(model: string, url: URL, signal: AbortSignal | undefined, sha256?: string) {
  const fs = await nodeModule<{ readFile(url: URL): Promise<Uint8Array> }>("node:fs/promises");
  if (fs === undefined) throw new ModelLoadError(model, url, "is a file, which only Node can read: serve it over http");
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(url);
  } catch (error) {
    throw new ModelLoadError(model, url, `cannot be read: ${messageOf(error)}`, error);
  }
  throwIfAborted(signal);
  const buffer = bytes.slice().buffer as ArrayBuffer;
  const actual = sha256 === undefined ? undefined : await hashOf(buffer);
  if (actual !== sha256) throw changed(model, url, actual, sha256);
  return buffer;
}

async function request(model: string, url: URL, signal: AbortSignal | undefined, sha256?: string) {
  const init: RequestInit = { signal: signal ?? null };
  if (sha256 === undefined) return await answer(model, url, init, signal);
  try {
    return await answer(model, url, { ...init, integrity: `sha256-${base64(sha256)}` }, signal);
  } catch (error) {
    if (!(error instanceof ModelLoadError && error.reason.startsWith(UNREACHABLE))) throw error;
  }
  // A rejection does not say whether the network failed or the content is another. To ask once more without a demand
  // on the content, and past caches, does: either fails again, or shows what is there.
  const buffer = await answer(model, url, { ...init, cache: "reload" }, signal);
  const actual = await hashOf(buffer);
  if (actual !== sha256) throw changed(model, url, actual, sha256);
  return buffer;
}

const UNREACHABLE = "cannot be fetched";

async function answer(model: string, url: URL, init: RequestInit, signal: AbortSignal | undefined) {
  try {
    const response = await fetch(url, init);
    if (!response.ok) {
      const status = `${response.status} ${response.statusText}`.trim();
      throw new ModelLoadError(model, url, `was answered with ${status}`);
    }
    if (response.headers.get("content-type")?.toLowerCase().startsWith("text/html")) {
      throw new ModelLoadError(model, url, "was answered with a web page: there is no such file on the server");
    }
    return await response.arrayBuffer();
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof ModelLoadError) throw error;
    throw new ModelLoadError(model, url, `${UNREACHABLE}: ${messageOf(error)}`, error);
  }
}

function changed(model: string, url: URL, actual: string | undefined, expected: string | undefined): ModelLoadError {
  const found = actual === undefined ? "another content" : `the SHA-256 ${actual}`;
  const problem = `is not the file that was published: it has ${found}, not ${expected}`;
  return new ModelLoadError(model, url, `${problem}; put the model's folder there anew`);
}

/** SHA-256 in hexadecimal; undefined where the platform does not tell (pages that came over plain http). */
async function hashOf(buffer: ArrayBuffer): Promise<string | undefined> {
  const crypto =
    (globalThis as { crypto?: Partial<Crypto> }).crypto ??
    (await nodeModule<{ webcrypto: Crypto }>("node:crypto"))?.webcrypto;
  const digest = await crypto?.subtle?.digest("SHA-256", buffer);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(hex: string): string {
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))));
}

/** One of Node's own modules, or undefined elsewhere. Bundlers for the web see no import that they could not follow. */
export async function nodeModule<T>(name: string): Promise<T | undefined> {
  const { process } = globalThis as unknown as {
    process?: { versions?: { node?: string }; getBuiltinModule?(name: string): unknown };
  };
  if (process?.versions?.node === undefined) return undefined;
  return (process.getBuiltinModule?.(name) ?? (await import(/* @vite-ignore */ /* webpackIgnore: true */ name))) as T;
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
