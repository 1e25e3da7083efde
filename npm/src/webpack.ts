// The plugin for webpack 5 and Rspack, which have one interface: models are built before modules are, and followed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "./failure.js";
import { Models, type Options } from "./models.js";
import { signed, telling, type Print } from "./words.js";

export type { Options } from "./models.js";

const NAME = "tfjs-build";

/** The part of webpack's and Rspack's compilers that is used here. */
export interface Compiler {
  readonly context: string;
  readonly webpack: {
    readonly WebpackError: new (message: string) => Error;
    readonly Compilation: { readonly PROCESS_ASSETS_STAGE_ADDITIONAL: number };
    readonly sources: { readonly RawSource: new (content: Buffer) => unknown };
  };
  readonly options: { devServer?: DevServer | false | undefined };
  readonly watching?: { invalidate(): void } | undefined;
  readonly hooks: {
    readonly beforeRun: Hook<[]>;
    readonly watchRun: Hook<[]>;
    readonly watchClose: SyncHook<[]>;
    readonly shutdown: Hook<[]>;
    readonly normalModuleFactory: SyncHook<[{ readonly hooks: { readonly beforeResolve: Hook<[Request]> } }]>;
    readonly thisCompilation: SyncHook<[Compilation]>;
  };
  getInfrastructureLogger(name: string): Print;
}

/** The part of the configuration of webpack-dev-server and Rspack's that matters here. */
interface DevServer {
  readonly client?: false | object;
  readonly static?: boolean | string | Folder | readonly (string | Folder)[];
}

interface Folder {
  readonly directory?: string;
  readonly watch?: boolean | object;
}

/** The files of published models, and what becomes one of them. */
const PUBLISHED = /[\\/]model\.json$|\.[0-9a-f]{16}\.bin(\.gz)?$|\.tmp$/;

interface Hook<T extends unknown[]> {
  tapPromise(name: string, body: (...values: T) => Promise<void>): void;
}

interface SyncHook<T extends unknown[]> {
  tap(name: string, body: (...values: T) => void): void;
}

interface Request {
  request: string;
  readonly context: string;
  readonly contextInfo?: { readonly issuer: string };
}

interface Compilation {
  readonly warnings: Error[];
  readonly fileDependencies: { add(file: string): unknown };
  readonly hooks: {
    readonly processAssets: { tap(options: { readonly name: string; readonly stage: number }, body: () => void): void };
  };
  emitAsset(name: string, source: unknown): void;
}

/**
 * Has the development server show warnings, which Rspack's does not by itself, and not watch what tfjs-build publishes in
 * the folders that it serves: it would load pages anew for each version, which loaders swap in. What is set stays. Rspack's
 * command reads this; webpack's (webpack-cli 7) starts its server with what the configuration has, out of a plugin's reach.
 */
function prepare(options: { devServer?: DevServer | false | undefined }, context: string): void {
  const { devServer = {} } = options;
  if (devServer === false) return;
  const { client = {}, static: given = true } = devServer;
  if (client !== false) options.devServer = { ...devServer, client: { overlay: true, ...client } };
  if (given === false) return;
  const all = given === true ? [join(context, "public")] : [given].flat();
  const quiet = all.map((each) => {
    const folder = typeof each === "string" ? { directory: each } : each;
    if (folder.watch === false || typeof folder.watch === "object") return folder; // it is as somebody wants it
    return { ...folder, watch: { ignored: PUBLISHED } };
  });
  options.devServer = { ...options.devServer, static: quiet };
}

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export class TfjsBuildPlugin {
  readonly #options: Options;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  apply(compiler: Compiler): void {
    const root = compiler.context;
    const tell = telling(compiler.getInfrastructureLogger(NAME));
    let models: Models | undefined;

    prepare(compiler.options, root);
    compiler.hooks.beforeRun.tapPromise(NAME, async () => {
      models = await Models.build(root, this.#options, { onSaid: tell });
    });

    compiler.hooks.watchRun.tapPromise(NAME, async () => {
      models ??= await Models.watch(root, this.#options, {
        onFailures: () => compiler.watching?.invalidate(), // by which they are told, or are not any more
        onSaid: tell,
      });
      await models.refresh();
      await models.ready;
    });

    const close = () => models?.close();
    compiler.hooks.watchClose.tap(NAME, close);
    compiler.hooks.shutdown.tapPromise(NAME, async () => close());
    attach(compiler, () => models, root);
  }
}

/**
 * Has a compiler resolve, emit and tell what `models` has; they are there before modules are built. With `quiet` it tells
 * nothing: somebody else does.
 */
export function attach(compiler: Compiler, models: () => Models | undefined, root: string, { quiet = false } = {}): void {
  compiler.hooks.normalModuleFactory.tap(NAME, ({ hooks }) => {
    hooks.beforeResolve.tapPromise(NAME, async (request) => {
      const known = models();
      if (!known) return;
      const importer = request.contextInfo?.issuer || join(request.context, "entry.js");
      const found = known.aliases[request.request] ?? (await known.resolve(request.request, importer));
      if (found !== undefined) request.request = found;
    });
  });

  compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
    const known = models();
    if (!known) return;
    compilation.fileDependencies.add(known.manifest); // it may be wrong at first, or come later
    for (const failure of quiet ? [] : known.failures) {
      compilation.warnings.push(new compiler.webpack.WebpackError(signed(textOf(failure, root))));
    }
    const stage = compiler.webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
    compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
      for (const { name, file } of known.assets) {
        compilation.emitAsset(name, new compiler.webpack.sources.RawSource(readFileSync(file)));
      }
    });
  });
}

export default TfjsBuildPlugin;
