// Development servers: a new version is swapped in under the models that a page has loaded.
import { OtherVersion } from "./errors.js";
import { face } from "./face.js";
import type { Living } from "./handle.js";
import { serverOf, type Hot, type WebpackHot } from "./hot.js";
import type { Instance } from "./instance.js";
import { open } from "./loading.js";
import type { LoadOptions, Published } from "./types.js";

/** How a loader loads under a development server: the newest version of its model. */
export type Reloading = <M>(published: Published<M>) => (options: LoadOptions) => Promise<Living<M>>;

/** What is known of a living model: the options that it is loaded with, and what is told of new versions. */
interface Known {
  readonly options: Omit<LoadOptions, "onProgress" | "signal">;
  readonly callbacks: Set<(version: string) => void>;
}

/** With `hot`, the next version of the stub takes over what this one has loaded. */
export function reloading(hot: Hot | WebpackHot | undefined): Reloading {
  const server = hot && serverOf(hot);
  return <M>(published: Published<M>) => {
    const data = server?.data; // where a test runner simulates a server, it may be missing
    let source = data?.["source"] as Source<M> | undefined;
    if (source !== undefined && !source.replace(published)) {
      server?.invalidate(`model "${published.name}" has other inputs, outputs or labels`);
      source = undefined;
    }
    source ??= new Source(published, data !== undefined);
    if (data !== undefined) data["source"] = source;
    return source.load;
  };
}

/** The newest version that is known, and the models that are to follow it. */
export class Source<M> {
  #published: Published<M>;
  readonly #isFollowed: boolean | undefined;
  readonly #living = new Map<Living<M>, Known>();

  /** `isFollowed`: a development server tells of new versions. */
  constructor(published: Published<M>, isFollowed: boolean | undefined) {
    this.#published = published;
    this.#isFollowed = isFollowed;
  }

  readonly load = async (options: LoadOptions): Promise<Living<M>> => {
    let patience = 100;
    for (;;) {
      const published = this.#published;
      try {
        const living: Living<M> = { published, instance: await open(published, options) };
        const callbacks: Known["callbacks"] = new Set();
        living.onReload = (callback) => {
          const entry = (version: string) => callback(version);
          callbacks.add(entry);
          return () => void callbacks.delete(entry);
        };
        const { onProgress: _, signal: __, ...lasting } = options;
        this.#living.set(living, { options: lasting, callbacks });
        if (published !== this.#published) void this.#reload(living);
        return living;
      } catch (error) {
        // Where a new version came in meanwhile, the one that was asked for may be gone.
        if (published !== this.#published) continue;
        // Where it is not told yet of the one that is there, that is to come in a moment.
        if (!this.#isFollowed || !(error instanceof OtherVersion) || !patience--) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };

  /** Swaps a new version in under every living model; false where code written for the old one may not fit it. */
  replace(published: Published<M>): boolean {
    if (face(published) !== face(this.#published)) return false;
    // The same one again changes nothing: a server may tell of a save twice, and models may be loading already.
    if (published.version === this.#published.version) return true;
    this.#published = published;
    for (const living of this.#living.keys()) void this.#reload(living);
    return true;
  }

  /** Puts the newest version in the place of the present one, once it is loaded; keeps the present one if it cannot be. */
  async #reload(living: Living<M>): Promise<void> {
    const published = this.#published;
    const { options, callbacks } = this.#living.get(living)!;
    const superseded = () => {
      if (living.instance === undefined) this.#living.delete(living);
      return living.instance === undefined || this.#published !== published;
    };
    let instance: Instance<M> | undefined;
    // A development server may need a moment until it serves a file that has just been written.
    for (let pause = 50; instance === undefined; pause *= 2) {
      if (superseded()) return;
      try {
        instance = await open(published, options);
      } catch (error) {
        if (superseded()) return;
        const { name, version } = living.published;
        if (pause > 2000) return console.error(`Model "${name}" stays at version ${version}.`, error);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    if (superseded()) return instance.retire();
    living.instance?.retire();
    living.instance = instance;
    living.published = published;
    for (const callback of [...callbacks]) {
      try {
        callback(published.version);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
