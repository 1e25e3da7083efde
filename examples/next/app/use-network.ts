// The network in a component: it is fetched, with TensorFlow.js, once the page is there, and disposed of with the component.

import { useEffect, useState } from "react";
import type { Drawings } from "tfjs:drawings";

export interface Network {
  /** Null until it is loaded. */
  readonly model: Drawings | null;
  /** What part of it is here, from 0 to 1. */
  readonly progress: number;
  readonly error: string | null;
}

export function useNetwork(): Network {
  const [network, setNetwork] = useState<Network>({ model: null, progress: 0, error: null });
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    async function load(): Promise<void> {
      // Imported here, TensorFlow.js is neither on the server nor in the page's first bundle.
      const { loadDrawings } = await import("tfjs:drawings");
      const model = await loadDrawings({
        signal,
        warmUp: true,
        onProgress: ({ loaded, total }) => setNetwork((now) => ({ ...now, progress: total ? loaded / total : 0 })),
      });
      signal.addEventListener("abort", () => model.dispose());
      if (signal.aborted) model.dispose();
      else setNetwork({ model, progress: 1, error: null });
    }
    load().catch((error: unknown) => {
      if (!signal.aborted) setNetwork({ model: null, progress: 0, error: error instanceof Error ? error.message : String(error) });
    });
    return () => leaving.abort();
  }, []);
  return network;
}
