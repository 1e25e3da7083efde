// A page's half of a worker: calls and their answers, for as long as the worker runs.
import { ModelLoadError } from "./errors.js";
import { errorOf, faultOf, type State, type ToPage, type ToWorker } from "./messages.js";
import type { Fetch, Progress } from "./types.js";

/** A worker that runs. */
export interface Link {
  /** Sends what is to be answered. */
  call(message: object, transfer?: Transferable[]): Promise<unknown>;
  send(message: ToWorker): void;
  /** What is told of new versions. */
  onReload: ((state: State) => void) | undefined;
  /** Ends the worker; calls that are under way are rejected with `reason`. */
  end(reason: unknown): void;
}

interface Options {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly fetch?: Fetch | undefined;
}

const MISSING =
  "cannot be started: it is not there, or a module that it imports is not. " +
  "Import maps do not reach workers: without a bundler, `tfjs` in tfjs.yaml must be an address";

/** Starts the worker of a model. */
export function link(model: string, start: () => Worker, { onProgress, fetch: own }: Options): Link {
  const script = `${model.replaceAll(".", "-")}.worker.js`;
  const calls = new Map<number, { resolve(value: unknown): void; reject(reason: unknown): void }>();
  const stops = new Map<number, AbortController>();
  let count = 0;
  let begin: () => void;
  const ready = new Promise<void>((resolve) => (begin = resolve));
  let begun = false;
  const started = () => {
    if (typeof Worker === "undefined") throw new ModelLoadError(model, script, "is for platforms that have web workers");
    try {
      return start();
    } catch (error) {
      throw new ModelLoadError(model, script, "cannot be started", error);
    }
  };
  const worker = started();
  const send = (message: ToWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);

  const rejectAll = (reason: unknown) => {
    for (const { reject } of calls.values()) reject(reason);
    calls.clear();
  };

  const answer = async (id: number, url: string, init: object) => {
    const stop = new AbortController();
    stops.set(id, stop);
    try {
      const response = await own!(url, { ...init, signal: stop.signal });
      const { ok, status, headers } = response;
      const buffer = await response.arrayBuffer();
      send({ fetch: id, answer: { ok, status, type: headers.get("content-type"), buffer } });
    } catch (error) {
      send({ fetch: id, error: faultOf(error) });
    }
    stops.delete(id);
  };

  const one: Link = {
    async call(message, transfer) {
      const id = ++count;
      return new Promise((resolve, reject) => {
        calls.set(id, { resolve, reject });
        void ready.then(() => {
          try {
            if (calls.has(id)) send({ id, ...message } as ToWorker, transfer);
          } catch (error) {
            calls.delete(id);
            reject(error);
          }
        });
      });
    },
    send: (message) => void ready.then(() => send(message)),
    onReload: undefined,
    end(reason) {
      rejectAll(reason);
      for (const stop of stops.values()) stop.abort(reason);
      worker.terminate();
    },
  };

  worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
    if ("ready" in data) {
      begun = true;
      begin();
    } else if ("id" in data) {
      const { resolve, reject } = calls.get(data.id)!;
      calls.delete(data.id);
      if (data.error) reject(errorOf(data.error));
      else resolve(data.value);
    } else if ("progress" in data) onProgress?.(data.progress);
    else if ("reloaded" in data) one.onReload?.(data.reloaded);
    else if ("fetch" in data) void answer(data.fetch, data.url, data.init);
    else stops.get(data.stop)?.abort();
  };
  worker.onerror = ({ message }) => {
    if (!begun) return one.end(new ModelLoadError(model, script, message ? `cannot be started: ${message}` : MISSING));
    rejectAll(new Error(`The worker of model "${model}" failed: ${message}`));
  };
  worker.onmessageerror = () => rejectAll(new Error(`An answer of the worker of model "${model}" cannot be read`));
  return one;
}
