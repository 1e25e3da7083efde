// The plugin for esbuild: models are built before modules are, and followed where the build is watched or served.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import type { Loader, PartialMessage, Plugin } from "esbuild";
import { shorten, textOf, type Failure } from "./failure.js";
import { live, type Live } from "./live.js";
import { Models, type Options as Common } from "./models.js";
import { specifier } from "./place.js";
import { signed, telling, TERMINAL } from "./words.js";

export interface Options extends Common {
  /** Whether the build goes on, by `context.watch()` or `context.serve()`: a plugin cannot see it. */
  readonly watch?: boolean | undefined;
}

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export default function tfjsBuild(options: Options = {}): Plugin {
  return {
    name: "tfjs-build",
    setup(build) {
      const root = build.initialOptions.absWorkingDir ?? process.cwd();
      let models: Models | undefined;
      let watched: Live | undefined;

      // esbuild swaps no modules: what loaders have for that is left out.
      build.initialOptions.define = {
        "import.meta.hot": "undefined",
        "import.meta.webpackHot": "undefined",
        "import.meta.turbopackHot": "undefined",
        ...build.initialOptions.define,
      };

      build.onStart(async () => {
        if (!options.watch) {
          try {
            models = await Models.build(root, options, { onSaid: telling(TERMINAL) });
          } catch (error) {
            return { errors: [{ text: (error as Error).message }] };
          }
          return {};
        }
        watched ??= await live(root, options);
        models = watched.models;
        await models.refresh();
        await models.ready;
        return { warnings: models.failures.map((failure) => messageOf(failure, root)) };
      });

      build.onResolve({ filter: /^tfjs:|\?tfjs(&|=?$)/ }, async ({ path, importer }) => {
        const watchFiles = watched ? [watched.models.manifest, watched.trigger] : [];
        try {
          const found = await models?.resolve(path, importer || undefined);
          return found === undefined ? undefined : { path: found, watchFiles };
        } catch (error) {
          return { errors: [{ text: (error as Error).message }], watchFiles };
        }
      });

      build.onResolve({ filter: /^@tensorflow\// }, ({ path }) => {
        const found = models?.aliases[path];
        return found === undefined ? undefined : { path: found };
      });

      build.onLoad({ filter: /\.(ts|js)$/, namespace: "file" }, ({ path }) => {
        if (!watched || !models?.isLoader(path)) return undefined;
        const contents = `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(specifier(dirname(path), watched.page))};\n`;
        // It is built anew where something else is wrong, so that the terminal says it.
        return { contents, loader: extname(path).slice(1) as Loader, watchFiles: [path, watched.trigger, models.manifest] };
      });

      build.onEnd(() => {
        const { outdir, outfile } = build.initialOptions;
        const folder = resolve(root, outdir ?? dirname(outfile ?? "x"));
        for (const { name, file } of models?.assets ?? []) {
          mkdirSync(dirname(join(folder, name)), { recursive: true });
          copyFileSync(file, join(folder, name));
        }
      });

      build.onDispose(() => watched?.close());
    },
  };
}

function messageOf(failure: Failure, root: string): PartialMessage {
  const { file, line = 1, column = 1, excerpt } = failure;
  const text = signed(textOf({ ...failure, file: undefined, excerpt: "" }, root));
  if (file === undefined) return { text };
  const lineText = excerpt.split("\n")[0]!.replace(/^\s*\d+ \| /, "");
  return { text, location: { file: shorten(file, root), line, column: column - 1, lineText } };
}
