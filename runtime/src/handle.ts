// Loaders, and what a page has of a loaded model.
import type { Instance } from "./instance.js";
import { open } from "./loading.js";
import { PROTOTYPE } from "./prototype.js";
import type { Reloading } from "./reloading.js";
import type { Classifier, Load, Model, Published } from "./types.js";

/** A model that a page has loaded; a development server may put another version in the place of the present one. */
export interface Living<M> {
  /** The version that predicts now, or did last. */
  published: Published<M>;
  /** That version, until it is disposed. */
  instance: Instance<M> | undefined;
  /** Has a function called with each new version; returns how to stop that. Where none will come, it is missing. */
  onReload?(callback: (version: string) => void): () => void;
}

/** The loader of a published model; `reloading` is what loads under a development server. */
export function createLoader<H extends Model<never, unknown, unknown, unknown>>(
  published: Published<H["model"]>,
  reloading?: Reloading,
): Load<H> {
  const load = reloading?.(published) ?? (async (options) => ({ published, instance: await open(published, options) }));
  return async (options = {}) => handle(await load(options)) as unknown as H;
}

/** A living model as the page has it: properties of its own that need no `this`, as proxies may stand before it. */
export function handle<M>(living: Living<M>) {
  const now = () => {
    if (living.instance) return living.instance;
    throw new Error(`Model "${living.published.name}" has been disposed: load it anew`);
  };
  const page: Model<unknown, unknown, M, unknown> & Classifier<unknown, string> = {
    predict: (inputs) => now().predict(inputs),
    run: async (inputs) => now().run(inputs),
    classify: async (inputs, options = {}) => {
      const { published, run } = now();
      const { name, labels, classify } = published;
      if (classify) return classify(name, labels!, await run(inputs), options);
      throw new TypeError(`Model "${name}" has no \`labels\` in tfjs.yaml`);
    },
    dispose: () => {
      living.instance?.retire();
      living.instance = undefined;
    },
    memory: () => now().memory(),
    onReload: (callback) => living.onReload?.(callback) ?? (() => undefined),
    get version() {
      return living.published.version;
    },
    get warmedUp() {
      return living.instance?.warmedUp;
    },
    get model() {
      return now().model;
    },
  };
  return Object.setPrototypeOf(page, PROTOTYPE) as typeof page;
}
