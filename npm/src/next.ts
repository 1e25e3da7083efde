// Next.js, with Turbopack or webpack: `withTfjsBuild` around the configuration builds the models, and follows them in `next dev`.
import { existsSync, utimesSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project, Said } from "./events.js";
import { textOf } from "./failure.js";
import { live } from "./live.js";
import { Models, type Options } from "./models.js";
import { slashes } from "./place.js";
import { attach, type Compiler } from "./webpack.js";
import { signed, telling, TERMINAL } from "./words.js";

export type { Options } from "./models.js";

/** The part of Next's configuration that is changed here; the rest stays as it is. */
interface Config {
  turbopack?: { resolveAlias?: object; rules?: object } | undefined;
  webpack?: ((config: never, context: never) => unknown) | null | undefined;
}

type Given<C> = C | ((phase: string, context: never) => C | Promise<C>);

/** What webpack's configuration has that matters here. */
interface WebpackConfig {
  plugins?: unknown[];
  module?: { rules?: unknown[] };
}

const BUILD = "phase-production-build";
const DEVELOPMENT = "phase-development-server";
const LOADER = join(dirname(fileURLToPath(import.meta.url)), "page-loader.js");

/** Says to the processes that Next starts that their models are seen to. */
const MARK = "TFJS_BUILD_IN_NEXT";

/** What runs in this process: Next may ask for its configuration more than once. */
const running = new Map<string, Promise<{ models: Models; page: string | undefined }>>();

/** Adds the models of tfjs.yaml to a configuration of Next.js. */
export default function withTfjsBuild<C extends object>(given: Given<C> = {} as C, options: Options = {}) {
  return async (phase: string, context: unknown): Promise<C> => {
    const config = (typeof given === "function" ? await given(phase, context as never) : given) as C & Config;
    if (phase !== BUILD && phase !== DEVELOPMENT) return config;
    const root = process.cwd();
    const key = `${phase}\n${root}\n${options.manifest ?? ""}`;
    let known = running.get(key);
    if (!known) running.set(key, (known = phase === BUILD ? built(root, options) : watched(root, options)));
    const { models, page } = await known;
    const { project } = models;
    const local = (file: string) => `./${slashes(relative(root, file))}`;
    const aliases = { ...models.aliases, ...(await models.modules()) };
    const loader = page === undefined ? undefined : { loader: LOADER, options: { page } };
    const rules: Record<string, unknown> = { ...config.turbopack?.rules };
    if (project?.stubs && loader) {
      // A glob with a folder in it matches nothing in Next.js 16.4; an expression does.
      const path = new RegExp(`(^|/)${escaped(local(project.stubs).slice(2))}/[^_/][^/]*$`);
      rules["*"] = [{ loaders: [loader], condition: { all: ["browser", "development", { path }] } }, rules["*"] ?? []].flat();
    }
    const { webpack } = config;
    return {
      ...config,
      turbopack: {
        ...config.turbopack,
        resolveAlias: {
          ...Object.fromEntries(Object.entries(aliases).map(([name, file]) => [name, local(file)])),
          ...config.turbopack?.resolveAlias,
        },
        rules,
      },
      webpack(made: WebpackConfig, asked: unknown) {
        const result = ((webpack as ((config: unknown, context: unknown) => WebpackConfig) | null | undefined)?.(made, asked) ?? made) as WebpackConfig;
        const plugin = { apply: (compiler: Compiler) => attach(compiler, () => models, root, { quiet: true }) };
        const rule = { test: (file: string) => models.isLoader(file), enforce: "pre", use: [loader] };
        return {
          ...result,
          plugins: [...(result.plugins ?? []), plugin],
          module: { ...result.module, rules: [...(result.module?.rules ?? []), ...(loader ? [rule] : [])] },
        };
      },
    } as C;
  };
}

async function built(root: string, options: Options): Promise<{ models: Models; page: undefined }> {
  // Its workers read the configuration as well, when the models are long there.
  const seen = process.env[MARK] === root;
  process.env[MARK] = root;
  return { models: await Models.build(root, options, seen ? {} : { onSaid: telling(TERMINAL) }), page: undefined };
}

async function watched(root: string, options: Options): Promise<{ models: Models; page: string }> {
  const { models, page } = await live(root, options, {
    onFailures(failures) {
      const last = failures.at(-1);
      if (last) console.error(signed(textOf(last, root)));
    },
    onSaid: touchLater,
  });
  await models.ready;
  models.unref(); // Next.js reads its configuration in short-lived processes, too
  return { models, page };
}

/**
 * Says once more that loaders have changed: Turbopack (16.4) now and then misses a file that is written soon after a page
 * was compiled for the first time. Where it has seen it, it looks at the content, and does nothing.
 */
function touchLater(said: Said, project: Project | undefined): void {
  if (said.event !== "written" || !project) return;
  const files = said.files.map((name) => join(dirname(project.manifest), name)).filter((file) => dirname(file) === project.stubs);
  setTimeout(() => {
    const now = new Date();
    for (const file of files) if (existsSync(file)) utimesSync(file, now, now);
  }, 2000).unref();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
