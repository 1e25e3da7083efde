// The Vite plugin: a dev server that always has the newest models, and builds that have them or fail.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ErrorPayload, Logger, Plugin, ViteDevServer } from "vite";
import type { Project, Said } from "./events.js";
import { shorten, textOf, type Failure } from "./failure.js";
import { serveFile } from "./files.js";
import { Models, type Options } from "./models.js";
import { slashes } from "./place.js";
import { signed, telling, type Print } from "./words.js";

export type { Options } from "./models.js";

const CLIENT = "virtual:tfjs-build/client";
const WORKER = "virtual:tfjs-build/worker";
const FAILED = "tfjs-build:failed";
const MENDED = "tfjs-build:mended";
const ASKED = "tfjs-build:asked";
const CHANGED = "tfjs-build:changed";
const RUNS = "tfjs-build:runs";
const LATE = "tfjs-build:late";

/** The name of what says in a page when it was made. */
const META = "tfjs-build";

/**
 * The part of a page: Vite's own overlay for what is wrong, also in pages that are opened later. What Vite tells pages it
 * tells those alone that are connected, and of updates those that run the module already; but what is published goes on
 * while a page loads. So pages say when they were made, and which text of a loader they run.
 */
const CLIENT_CODE = `
const hot = import.meta.hot; // Vite looks for these very words
if (hot && globalThis.document) {
  let ours;
  const close = () => ours?.isConnected && ours.close();
  hot.on(${JSON.stringify(FAILED)}, (err) => {
    close();
    const Overlay = customElements.get("vite-error-overlay");
    if (!Overlay) return console.error(err.message);
    ours = new Overlay(err);
    document.body.appendChild(ours);
  });
  hot.on(${JSON.stringify(MENDED)}, close);
  hot.on(${JSON.stringify(CHANGED)}, (text) => console.warn(text));
  hot.on(${JSON.stringify(LATE)}, (right) => {
    const key = ${JSON.stringify(LATE)} + location.href;
    if (sessionStorage.getItem(key) === String(right)) return; // whoever gives out the page has kept it
    sessionStorage.setItem(key, right);
    location.reload();
  });
  hot.send(${JSON.stringify(ASKED)}, document.querySelector(${JSON.stringify(`meta[name=${META}]`)})?.content);
}
const told = new Set();
export function _runs(file, hash) {
  if (!hot || told.has(file + hash)) return;
  told.add(file + hash);
  hot.send(${JSON.stringify(RUNS)}, { file, hash });
}
`;

/**
 * For a worker, before TensorFlow.js: in development Vite makes a global `process` of what `define` has about it (Nuxt has
 * some), and where there is no window TensorFlow.js would take that for the global object.
 */
const WORKER_CODE = "globalThis.global ??= globalThis;";

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export default function tfjsBuild(options: Options = {}): Plugin {
  let root = process.cwd();
  let models: Models | undefined;
  let developing = false;
  const servers = new Set<ViteDevServer>(); // Nuxt has two with one plugin
  let logger: Logger | undefined;
  let base = "/";
  let ssr = false;
  /** Whether an import of a model was refused: its page is to be loaded anew when something is right that was not. */
  let refused = false;
  /** When something was last mended, or changed so that pages load anew: those that were made before are not right. */
  let right = Date.now();

  const print: Print = {
    info: (line) => logger?.info(signed(line), { timestamp: true }),
    warn: (line) => logger?.warn(signed(line), { timestamp: true }),
  };
  const log = telling(print, (why) => {
    age();
    send(CHANGED, signed(why));
  });

  const send = (event: string, data?: unknown) => {
    for (const server of servers) server.ws.send(event, data);
  };

  const tell = (failures: readonly Failure[]) => {
    const last = failures.at(-1);
    if (last) logger?.error(signed(textOf(last, root)), { timestamp: true });
    send(last ? FAILED : MENDED, last && payload(last, root));
  };

  /** From now on, pages that are loading are told to load anew as soon as they ask. */
  const age = () => {
    right = Math.max(right + 1, Date.now());
  };

  /** Have all pages loaded anew: something is right that was not. */
  const loadAnew = () => {
    age();
    for (const server of servers) server.ws.send({ type: "full-reload" });
  };

  /** Have pages run what is in a file now. */
  const update = (server: ViteDevServer, file: string) => {
    server.moduleGraph.onFileChange(slashes(file)); // nor is what it was before kept, where Vite is just reading it
    for (const module of server.moduleGraph.getModulesByFile(slashes(file)) ?? []) void server.reloadModule(module);
  };

  /** Have a new version taken over at once: the file watcher would tell a moment later. */
  const takeOver = (said: Said, project: Project | undefined) => {
    // What is imported by its file is a part of no manifest of the user's: what was wrong there is mended in the page.
    const listed = said.event === "project" && said.manifest === models?.project?.manifest;
    if (refused && (listed || said.event === "written" || said.event === "fresh")) {
      refused = false;
      loadAnew();
    }
    if (said.event !== "written" || !project) return;
    for (const name of said.files) {
      const file = join(dirname(project.manifest), name);
      if (models?.isLoader(file)) for (const server of servers) update(server, file);
    }
  };

  return {
    name: "tfjs-build",
    enforce: "pre",

    async config(config, { command, isPreview }) {
      root = resolve(config.root ?? process.cwd());
      if (isPreview) return undefined;
      developing = command === "serve" && !process.env["VITEST"];
      if (developing) {
        models ??= await Models.watch(root, options, {
          onFailures: tell,
          onSaid: (said, project) => {
            log(said, project);
            takeOver(said, project);
          },
        });
      } else {
        models = await Models.build(root, options, { onSaid: log });
      }
      return { resolve: { alias: models.aliases } };
    },

    configResolved(config) {
      ({ logger, base } = config);
      ssr = Boolean(config.build.ssr);
    },

    configureServer(made) {
      servers.add(made);
      const running = models;
      if (!developing || !running) return;
      if (running.failures.length) tell(running.failures);
      made.ws.on(ASKED, (since: unknown, client: { send(event: string, data: unknown): void }) => {
        if (Number(since ?? right) < right) client.send(LATE, right);
        const last = running.failures.at(-1);
        if (last) client.send(FAILED, payload(last, root));
      });
      made.ws.on(RUNS, ({ file, hash }: { file: string; hash: string }) => {
        const now = running.isLoader(file) ? hashOfFile(file) : undefined;
        if (now !== undefined && now !== hash) update(made, file);
      });
      made.watcher.add(running.manifest);
      made.watcher.on("all", (_, path) => {
        if (resolve(path) !== resolve(running.manifest)) return;
        void running.refresh().then(async (begun) => {
          if (!begun) return;
          await running.ready; // it could not begin before, nor could pages
          if (!running.failures.length) loadAnew();
        });
      });
      // Not in `closeBundle`: before that, Vite waits for hooks, which may wait for the first build.
      const close = made.close.bind(made);
      made.close = () => {
        servers.delete(made);
        if (!servers.size && models === running) {
          running.close();
          models = undefined;
        }
        return close();
      };
      made.middlewares.use((request, response, next) => {
        const path = decodeURIComponent((request.url ?? "").split("?")[0]!);
        const found = running.served.find(([url]) => path.startsWith(modelsPath(url, base) ?? "\0"));
        if (!found) return next();
        const [url, folder] = found;
        void running.ready.then(() => {
          if (!serveFile(folder, path.slice(modelsPath(url, base)!.length), request, response)) next();
        });
      });
    },

    async resolveId(id, importer, settings) {
      if (id === CLIENT || id === WORKER) return `\0${id}`;
      try {
        return await models?.resolve(id, importer);
      } catch (error) {
        // Vite looks for packages before there are pages, and has a long story to tell where that fails.
        if ("scan" in settings && settings.scan) return { id, external: true };
        refused = true;
        return this.error(error as Error);
      }
    },

    async load(id) {
      if (id === `\0${CLIENT}`) return CLIENT_CODE;
      if (id === `\0${WORKER}`) return WORKER_CODE;
      if (developing && models?.isLoader(id)) await models.ready;
      return undefined;
    },

    // Servers that make their pages themselves, as Astro's and SvelteKit's do, ask for no tags: the loaders have it, too.
    transform(code, id, settings) {
      if (!developing || settings?.ssr || !models) return undefined;
      if (models.isWorker(id.split("?")[0]!)) return { code: `import ${JSON.stringify(WORKER)};${code}`, map: null };
      if (!models.isLoader(id)) return undefined;
      const runs = `_runs(${JSON.stringify(id)}, ${JSON.stringify(hashOf(code))});`;
      return { code: `${code}\nimport { _runs } from ${JSON.stringify(CLIENT)};\n${runs}\n`, map: null };
    },

    transformIndexHtml() {
      if (!developing) return undefined;
      return [
        { tag: "meta", attrs: { name: META, content: String(right) } },
        { tag: "script", attrs: { type: "module", src: `${base}@id/__x00__${CLIENT}` } },
      ];
    },

    generateBundle() {
      if (ssr || this.environment?.config.consumer === "server") return;
      for (const { name, file } of models?.assets ?? []) {
        this.emitFile({ type: "asset", fileName: name, source: readFileSync(file) });
      }
    },
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** The hash of a file's text; undefined where it is not there. */
function hashOfFile(file: string): string | undefined {
  try {
    return hashOf(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The path at which models are served, with a slash behind it; undefined where `public_url` is an address elsewhere. */
function modelsPath(publicUrl: string, base: string): string | undefined {
  if (/^([a-z]+:)?\/\//i.test(publicUrl)) return undefined;
  return `${base.replace(/\/?$/, "/")}${publicUrl.replace(/^\//, "").replace(/\/?$/, "/")}`.replace(/^\.\//, "/");
}

function payload(failure: Failure, root: string): ErrorPayload["err"] {
  const { file, line = 1, column = 1, excerpt } = failure;
  const err: ErrorPayload["err"] = {
    message: textOf({ ...failure, file: undefined, excerpt: "" }, root),
    stack: "",
    plugin: "tfjs-build",
  };
  if (excerpt) err.frame = excerpt;
  if (file !== undefined) {
    err.id = shorten(file, root);
    err.loc = { file, line, column };
  }
  return err;
}
