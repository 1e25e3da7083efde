// What browsers keep files in, for tests in Node.
/** The Cache API of a browser, as far as it is used: `kept` has bodies and headers by address. */
export function cacheApi() {
  const kept = new Map();
  const cache = {
    match: async (asked) => {
      const { body, headers } = kept.get(address(asked)) ?? {};
      return body && new Response(body, { headers });
    },
    put: async (asked, response) =>
      void kept.set(address(asked), { headers: response.headers, body: await response.arrayBuffer() }),
    keys: async () => [...kept.keys()].map((url) => new Request(url)),
    delete: async (asked) => kept.delete(address(asked)),
  };
  return { kept, open: async () => cache };
}

const address = (asked) => new Request(asked).url; // addresses and requests will do

/** Does `body` where the platform has `caches`. */
export async function withCaches(caches, body) {
  globalThis.caches = caches;
  try {
    return await body();
  } finally {
    delete globalThis.caches;
  }
}
