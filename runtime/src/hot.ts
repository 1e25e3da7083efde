// What development servers tell a module of its next version: Vite's API, and webpack's, which came before.

/** `import.meta.hot` of a development server such as Vite. */
export interface Hot {
  readonly data?: Record<string, unknown>;
  accept(): void;
  invalidate(message?: string): void;
}

/** `import.meta.webpackHot` of webpack and Rspack, `import.meta.turbopackHot` of Next.js. */
export interface WebpackHot {
  /** What the version before has put there as it was disposed; webpack has none in the first version. */
  readonly data?: Record<string, unknown>;
  accept(): void;
  dispose(callback: (data: Record<string, unknown>) => void): void;
  invalidate(): void;
  /** Vite has none. */
  status(): string;
}

/** What is the same of both: `data` that lasts through all versions, and what to do where the next one does not fit. */
export type Server = Pick<Hot, "data" | "invalidate">;

const KEY = "tfjs-build"; // React's refresh, too, keeps something in `data`

export function serverOf(hot: Hot | WebpackHot): Server {
  if (!("status" in hot)) return hot;
  const data = (hot.data?.[KEY] ?? {}) as Record<string, unknown>;
  hot.dispose((next) => (next[KEY] = data));
  hot.accept(); // for Vite, which looks for the call in the module's text, the stub does
  return {
    data,
    invalidate(reason) {
      if (!globalThis.document) return hot.invalidate(); // where pages are rendered, or in a worker
      console.warn(`The page is loaded anew: ${reason}`);
      location.reload();
    },
  };
}
