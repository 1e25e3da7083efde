// Loaders and living models: a development server swaps in new versions.
import type { Instance } from "./instance.js";
import { open } from "./loading.js";
import type {
  Classification,
  Classifier,
  ClassifyOptions,
  Hot,
  Load,
  LoadOptions,
  Model,
  Published,
} from "./types.js";

type Opened = Pick<LoadOptions, "url" | "warmUp">;

/** What a loader's promise gives: one loaded model, under which a development server may swap in a new version. */
class Living<M> {
  readonly #source: Source<M>;
  readonly #options: Opened;
  readonly #callbacks = new Set<(version: string) => void>();
  #instance: Instance<M> | null;
  #version: string;

  constructor(source: Source<M>, instance: Instance<M>, options: Opened) {
    this.#source = source;
    this.#instance = instance;
    this.#options = options;
    this.#version = instance.published.version;
  }

  get version(): string {
    return this.#version;
  }

  /** The version that predicts now. */
  get instance(): Instance<M> {
    if (this.#instance === null) throw new Error(`Model "${this.#source.published.name}" has been disposed`);
    return this.#instance;
  }

  dispose(): void {
    this.#source.living.delete(this);
    this.#callbacks.clear();
    this.#instance?.retire();
    this.#instance = null;
  }

  onReload(callback: (version: string) => void): () => void {
    const entry = (version: string) => callback(version);
    this.#callbacks.add(entry);
    return () => void this.#callbacks.delete(entry);
  }

  /** Puts `published` in the place of the present version, once it is loaded; keeps the present one if it cannot be. */
  async reload(published: Published<M>): Promise<void> {
    const superseded = () => this.#instance === null || this.#source.published !== published;
    let instance: Instance<M> | undefined;
    // A development server may need a moment until it serves a file that has just been written.
    for (let pause = 50; instance === undefined; pause *= 2) {
      try {
        instance = await open(published, this.#options);
      } catch (error) {
        if (superseded()) return;
        if (pause > 2000) return console.error(`Model "${published.name}" stays at version ${this.#version}.`, error);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    if (superseded()) return instance.retire();
    const former = this.#instance;
    this.#instance = instance;
    this.#version = published.version;
    former?.retire();
    for (const callback of [...this.#callbacks]) {
      try {
        callback(published.version);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/**
 * A living model as the page has it. Everything is a property of its own, made of functions that need no `this`: it works
 * behind the proxies of Vue and others, too. `__v_skip` asks Vue to make none.
 */
class Handle<M> implements Model<unknown, unknown, M, unknown>, Classifier<unknown, string> {
  readonly predict: (inputs: unknown) => unknown;
  readonly run: (inputs: unknown) => Promise<unknown>;
  readonly classify: (inputs: unknown, options?: ClassifyOptions) => Promise<Classification<string>[]>;
  readonly dispose: () => void;
  readonly onReload: (callback: (version: string) => void) => () => void;
  declare readonly version: string;
  declare readonly model: M;

  constructor(living: Living<M>) {
    this.predict = (inputs) => living.instance.predict(inputs);
    this.run = async (inputs) => living.instance.run(inputs);
    this.classify = async (inputs, options = {}) => {
      const { instance } = living;
      const { name, labels, classify } = instance.published;
      if (labels === undefined || classify === undefined) {
        throw new TypeError(`Model "${name}" has no classes: \`labels\` in tfjs.yaml name them, \`classify\` their output`);
      }
      return classify(name, labels, await instance.run(inputs), options);
    };
    this.dispose = () => living.dispose();
    this.onReload = (callback) => living.onReload(callback);
    Object.defineProperties(this, {
      version: { get: () => living.version, enumerable: true },
      model: { get: () => living.instance.model, enumerable: true },
      __v_skip: { value: true },
    });
  }
}

/** The newest version that the page knows of, and the models that are to follow it. */
class Source<M> {
  published: Published<M>;
  readonly living = new Set<Living<M>>();

  constructor(published: Published<M>) {
    this.published = published;
  }

  readonly load = async (options: LoadOptions = {}): Promise<Handle<M>> => {
    for (;;) {
      const { published } = this;
      try {
        const instance = await open(published, options);
        const living = new Living(this, instance, { url: options.url, warmUp: options.warmUp });
        this.living.add(living);
        if (published !== this.published) void living.reload(this.published);
        return new Handle(living);
      } catch (error) {
        // Where a new version came in meanwhile, the one that was asked for may be gone.
        if (published === this.published) throw error;
      }
    }
  };

  /** Swaps a new version in under every living model; false where code written for the old one may not fit it. */
  replace(published: Published<M>): boolean {
    if (face(published) !== face(this.published)) return false;
    const changed = published.version !== this.published.version;
    this.published = published;
    if (changed) for (const each of this.living) void each.reload(published);
    return true;
  }
}

/** What code that uses a model relies on. */
function face({ engine, inputs, outputs, labels, classify }: Published<unknown>): string {
  return JSON.stringify([engine.kind, inputs, outputs, labels, classify?.output, classify?.softmax]);
}

/** The loader of a published model. With `hot`, the next version of the stub takes over what this one has loaded. */
export function createLoader<H extends Model<never, unknown, unknown, unknown>>(
  published: Published<H["model"]>,
  hot?: Hot,
): Load<H> {
  const data = hot?.data; // where a test runner simulates a server, it may be missing
  let source = data?.["source"] as Source<H["model"]> | undefined;
  if (source !== undefined && !source.replace(published)) {
    hot?.invalidate(`model "${published.name}" has other inputs, outputs or labels`);
    source = undefined;
  }
  source ??= new Source(published);
  if (data !== undefined) data["source"] = source;
  return source.load as unknown as Load<H>;
}
