// The Vite plugin: a dev server that always has the newest models, and builds that have them or fail.
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { ErrorPayload, Logger, Plugin, ViteDevServer } from "vite";
import { aliases } from "./alias.js";
import { build } from "./build.js";
import type { Said } from "./events.js";
import { shorten, textOf, type Failure } from "./failure.js";
import { serveFile } from "./files.js";
import { changes, signatureOf, type Signature } from "./signature.js";
import { Watch } from "./watch.js";

export interface Options {
  /** The manifest, relative to Vite's root, if not the nearest tfjs.yaml up from there. */
  readonly manifest?: string | undefined;
}

const CLIENT = "virtual:tfjs-build/client";
const FAILED = "tfjs-build:failed";
const MENDED = "tfjs-build:mended";
const ASKED = "tfjs-build:asked";
const CHANGED = "tfjs-build:changed";

/** The part of a page: Vite's own overlay for what is wrong, also in pages that are opened later. */
const CLIENT_CODE = `
const hot = import.meta.hot; // Vite looks for these very words
if (hot) {
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
  hot.send(${JSON.stringify(ASKED)});
}
`;

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export default function tfjsBuild(options: Options = {}): Plugin {
  let root = process.cwd();
  let watch: Watch | undefined;
  let server: ViteDevServer | undefined;
  let logger: Logger | undefined;
  let base = "/";
  const signatures = new Map<string, Signature>();

  const log = (said: Said) => {
    if (said.event === "written") logger?.info(`tfjs-build: ${said.model} in ${said.seconds.toFixed(2)} s`, { timestamp: true });
    if (said.event === "note" && said.model !== null) logger?.info(`tfjs-build: ${said.model}: ${said.message}`);
  };

  const tell = (failures: readonly Failure[]) => {
    const last = failures.at(-1);
    if (last) logger?.error(`tfjs-build: ${textOf(last, root)}`, { timestamp: true });
    server?.ws.send(last ? FAILED : MENDED, last && payload(last, root));
  };

  /** Say why pages load anew, before they do. */
  const compare = (model: string) => {
    const output = watch?.project?.output;
    const after = output && signatureOf(join(output, model, "model.json"));
    if (!after) return;
    const before = signatures.get(model);
    signatures.set(model, after);
    const found = before ? changes(before, after) : [];
    if (!found.length) return;
    const text = `tfjs-build: ${model} has changed, and pages that use it load anew: ${found.join("; ")}`;
    logger?.warn(text, { timestamp: true });
    server?.ws.send(CHANGED, text);
  };

  /** Have a new version taken over at once: the file watcher would tell a moment later. */
  const takeOver = (said: Said) => {
    if (said.event === "written" || said.event === "fresh") compare(said.model);
    if (said.event !== "written" || !server) return;
    for (const file of said.files) {
      if (basename(file).startsWith("_")) continue; // what stubs share is not a model's
      const path = join(dirname(watch?.project?.manifest ?? root), file);
      for (const module of server.moduleGraph.getModulesByFile(path.split(sep).join("/")) ?? []) {
        void server.reloadModule(module);
      }
    }
  };

  return {
    name: "tfjs-build",
    enforce: "pre",

    async config(config, { command, isPreview }) {
      root = resolve(config.root ?? process.cwd());
      if (isPreview) return undefined;
      const manifest = options.manifest === undefined ? undefined : resolve(root, options.manifest);
      if (command === "build" || process.env["VITEST"]) {
        const project = await build({ root, manifest }, log);
        return { resolve: { alias: aliases(project) } };
      }
      watch ??= new Watch(
        { root, manifest },
        {
          onFailures: tell,
          onSaid: (said) => {
            log(said);
            takeOver(said);
          },
        },
      );
      await watch.begun;
      return { resolve: { alias: aliases(watch.project) } };
    },

    configResolved(config) {
      ({ logger, base } = config);
    },

    configureServer(made) {
      server = made;
      const running = watch;
      if (!running) return;
      if (running.failures.length) tell(running.failures);
      made.ws.on(ASKED, (_: unknown, client: { send(event: string, data: unknown): void }) => {
        const last = running.failures.at(-1);
        if (last) client.send(FAILED, payload(last, root));
      });
      const manifest = options.manifest === undefined ? undefined : resolve(root, options.manifest);
      made.watcher.add(manifest ?? join(root, "tfjs.yaml"));
      made.watcher.on("all", (_, path) => {
        if (basename(path) !== basename(manifest ?? "tfjs.yaml") || !running.restart()) return;
        // It could not begin before, nor could pages.
        void running.ready.then(() => running.failures.length || made.ws.send({ type: "full-reload" }));
      });
      made.middlewares.use((request, response, next) => {
        const { project } = running;
        const path = decodeURIComponent((request.url ?? "").split("?")[0]!);
        const url = project && modelsPath(project.public_url, base);
        if (!project || url === undefined || !path.startsWith(url)) return next();
        void running.ready.then(() => {
          if (!serveFile(project.output, path.slice(url.length), request, response)) next();
        });
      });
      made.httpServer?.once("close", () => running.close());
    },

    async resolveId(id, importer) {
      if (id === CLIENT) return `\0${CLIENT}`;
      if (!watch || importer === undefined || !id.startsWith(".")) return undefined;
      // A stub that is not there yet is waited for. Where it does not come, it is told why, and not that it is not there.
      const path = resolve(dirname(importer), id);
      if ([path, `${path}.ts`, `${path}.js`].some((file) => existsSync(file))) return undefined;
      const stubs = watch.project?.stubs;
      if (stubs && path.startsWith(stubs + sep)) await watch.ready;
      const failure = watch.failures.at(-1);
      if (failure && !(await this.resolve(id, importer, { skipSelf: true }))) this.error(textOf(failure, root));
      return undefined;
    },

    async load(id) {
      if (id === `\0${CLIENT}`) return CLIENT_CODE;
      const stubs = watch?.project?.stubs;
      if (stubs && id.startsWith(stubs.split(sep).join("/"))) await watch?.ready;
      return undefined;
    },

    transformIndexHtml() {
      if (!watch) return undefined;
      return [{ tag: "script", attrs: { type: "module", src: `${base}@id/__x00__${CLIENT}` } }];
    },

    closeBundle() {
      watch?.close();
      watch = undefined;
    },
  };
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
