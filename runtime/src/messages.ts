// What a page and its worker send each other, and errors as they can be sent.
import { ModelLoadError } from "./errors.js";
import type { Face, FetchInit, Preparation, Progress, TensorSpec, WarmedUp } from "./index.js";
import { messageOf } from "./words.js";

/** A published model as it can be sent: data alone. */
export interface PublishedData extends Face {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly inputs: readonly (Omit<TensorSpec, "pixels"> & { readonly pixels?: Preparation })[];
  readonly outputs: readonly TensorSpec[];
  readonly labels?: readonly string[];
  readonly classify?: { readonly output: string; readonly softmax: boolean };
  /** Where `model.json` may be, as the page knows: a worker knows its script alone. */
  readonly candidates?: readonly string[];
  /** Whether a development server tells the page of new versions. */
  readonly isFollowed?: boolean;
}

/** What a worker is told of a loader's options. */
export interface Settings {
  readonly warmUp?: boolean | undefined;
  readonly cache?: boolean | undefined;
  readonly backend?: string | undefined;
  readonly wasmPaths?: WasmPaths | undefined;
  /** Whether the page has a `fetch` of its own, or wants to know how far it is. */
  readonly asked: { readonly fetch: boolean; readonly onProgress: boolean };
}

/** Where the `.wasm` files of TensorFlow.js are: a folder, or each by its name. */
export type WasmPaths = string | { readonly [file: string]: string };

/** What is told of a version that is loaded. */
export interface State {
  readonly version: string;
  readonly warmedUp: WarmedUp | undefined;
}

/** Inputs, or an input alone (`bare`), with the sizes of those values that tell them. */
export interface Packed {
  readonly bare: boolean;
  readonly inputs: readonly (readonly [name: string, value: unknown, shape: readonly number[] | undefined])[];
}

/** What `run` gives, name by name. */
export type Results = readonly (readonly [name: string, values: object, shape: readonly number[]])[];

/** An error as it can be sent. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Fault | undefined;
  /** Of a `ModelLoadError`. */
  readonly load: { readonly model: string; readonly url: string; readonly reason: string } | undefined;
}

/** What `fetch` was answered. */
export interface Fetched {
  readonly ok: boolean;
  readonly status: number;
  readonly type: string | null;
  readonly buffer: ArrayBuffer;
}

/** From the page. Calls are answered under their `id`. */
export type ToWorker =
  | { readonly id: number; readonly load: PublishedData; readonly settings: Settings }
  | { readonly id: number; readonly run: Packed }
  | { readonly id: number; readonly classify: Packed; readonly options: object }
  | { readonly id: number; readonly memory: true }
  | { readonly replace: PublishedData }
  | { readonly fetch: number; readonly answer?: Fetched; readonly error?: Fault };

/** From the worker. */
export type ToPage =
  | { readonly ready: true }
  | { readonly id: number; readonly value?: unknown; readonly error?: Fault }
  | { readonly progress: Progress }
  | { readonly reloaded: State }
  | { readonly fetch: number; readonly url: string; readonly init: Omit<FetchInit, "signal"> }
  | { readonly stop: number };

export function faultOf(error: unknown): Fault {
  const { name = "Error", stack, cause } = Object(error) as Partial<Error>;
  const { model, url, reason } = error as ModelLoadError;
  const load = error instanceof ModelLoadError ? { model, url, reason } : undefined;
  return { name, message: messageOf(error), stack, cause: cause ? faultOf(cause) : undefined, load };
}

const CLASSES = { TypeError, RangeError, SyntaxError, ReferenceError } as { [name: string]: ErrorConstructor };

export function errorOf({ name, message, stack, cause, load }: Fault): Error {
  const error = load ? new ModelLoadError(load.model, load.url, load.reason) : new (CLASSES[name] ?? Error)(message);
  Object.defineProperties(error, {
    ...(stack && { stack: { value: stack, configurable: true, writable: true } }),
    ...(cause && { cause: { value: errorOf(cause), configurable: true, writable: true } }),
  });
  return error.name === name ? error : Object.defineProperty(error, "name", { value: name, configurable: true });
}
