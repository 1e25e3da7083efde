// Files that stay in the browser from one visit to the next, in the Cache API.

/** Keeps the files of one model. */
export interface Store {
  /** A file, if it is there and has this SHA-256 (base64): by default that of what was put there. */
  get(url: URL, sha256?: string): Promise<ArrayBuffer | undefined>;
  put(url: URL, bytes: ArrayBuffer): Promise<unknown>;
  /** Drops what other versions have left beside the `model.json` at `url`. */
  tidy(url: URL): Promise<unknown>;
}

/** Where nothing can be kept (pages that came over plain http, Node, a full disk), the store has nothing, and takes nothing. */
export function createStore(): Store {
  const used = new Set<string>();

  const within = async <T>(url: URL, use: (cache: Cache, key: string) => Promise<T>) => {
    try {
      // Without the query: a version, or a signature, which may be another one at every visit.
      const key = url.origin + url.pathname;
      used.add(key);
      return await use(await caches.open("tfjs-build"), key);
    } catch {
      return undefined;
    }
  };

  return {
    get: (url, sha256) =>
      within(url, async (cache, key) => {
        const kept = (await cache.match(key))!;
        const bytes = await kept.arrayBuffer();
        return (await hashOf(bytes)) === (sha256 ?? kept.headers.get("sha256")) ? bytes : undefined;
      }),
    put: (url, bytes) =>
      within(url, async (cache, key) =>
        cache.put(key, new Response(bytes, { headers: { sha256: (await hashOf(bytes))! } })),
      ),
    tidy: (url) =>
      within(url, async (cache, key) => {
        for (const { url: kept } of await cache.keys()) {
          if (folderOf(kept) === folderOf(key) && !used.has(kept)) await cache.delete(kept);
        }
      }),
  };
}

function folderOf(url: string): string {
  return url.replace(/[^/]*$/, "");
}

/** The SHA-256, in base64; undefined where the platform tells none. */
export async function hashOf(buffer: BufferSource): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", buffer);
  return digest && btoa(String.fromCharCode(...new Uint8Array(digest)));
}
