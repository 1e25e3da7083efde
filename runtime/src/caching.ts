// Files that stay in the browser from one visit to the next, in the Cache API.
import type { Fetch } from "./types.js";

/** A `fetch` that keeps what it gets, and what to do with it once a model is loaded. */
export interface Keeping {
  readonly fetch: Fetch;
  /** Drops what earlier versions have left of the model whose `model.json` is at `url`. */
  finish(url: URL): Promise<void>;
}

/**
 * Keeps the files of one version of a model; undefined where there is no Cache API: pages that came over plain http, Node,
 * or where the browser lets the page keep nothing. Nobody is to trust what was kept: `read` holds it against its hash.
 */
export async function keeping(version: string, get: Fetch = fetch as Fetch): Promise<Keeping | undefined> {
  const cache = await Promise.resolve()
    .then(() => caches.open("tfjs-build"))
    .catch(() => undefined);
  const used = new Set<string>();
  return (
    cache && {
      async fetch(url, init) {
        const key = new URL(url);
        // Files of weights are called after their content; a query may be a signature that is another at every visit.
        key.search = /\.bin$/.test(key.pathname) ? "" : `v=${version}`;
        const { href } = key;
        used.add(href);
        const kept = init.cache ? undefined : await cache.match(href);
        if (kept) return kept;
        const response = await get(url, init);
        if (!response.ok || /html/.test(response.headers.get("content-type")!)) return response;
        const whole = new Response(await response.arrayBuffer());
        // Where there is no room, the page does without.
        await cache.put(href, whole.clone()).catch(() => undefined);
        return whole;
      },
      async finish(url) {
        const folder = new URL(".", url);
        for (const { url: kept } of await cache.keys()) {
          if (kept.startsWith(folder.origin + folder.pathname) && !used.has(kept)) await cache.delete(kept);
        }
      },
    }
  );
}
