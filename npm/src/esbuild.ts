// The plugin for esbuild: models are built before modules are, and followed where the build is watched or served.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import type { Loader, PartialMessage, Plugin } from "esbuild";
import { changed, type Signatures } from "./changed.js";
import { Channel } from "./channel.js";
import { shorten, textOf, type Failure } from "./failure.js";
import { Models, type Options as Common } from "./models.js";
import { specifier, stateFolder, write } from "./place.js";
import { wordsOf } from "./words.js";

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
      const signatures: Signatures = new Map();
      const trigger = () => join(stateFolder(root), "failures.txt");
      const note = (failures: readonly Failure[]) =>
        write(trigger(), failures.map((failure) => `${textOf(failure, root)}\n`).join("\n"));
      let models: Models | undefined;
      let channel: Channel | undefined;
      let page: string | undefined;

      // esbuild swaps no modules: what loaders have for that is left out.
      build.initialOptions.define = {
        "import.meta.hot": "undefined",
        "import.meta.webpackHot": "undefined",
        ...build.initialOptions.define,
      };

      const begin = async () => {
        channel = await Channel.open(root);
        page = channel.page();
        return Models.watch(root, options, {
          onFailures: (failures) => {
            channel?.tell(failures);
            note(failures);
          },
          onSaid: (said, project) => {
            const words = wordsOf(said);
            if (words !== undefined) console.error(words);
            const why = project && changed(said, project, signatures);
            if (why === undefined) return;
            console.error(why);
            channel?.warn(why);
          },
        });
      };

      build.onStart(async () => {
        if (!options.watch) {
          try {
            models = await Models.build(root, options, { onSaid: (said) => void (wordsOf(said) && console.error(wordsOf(said))) });
          } catch (error) {
            return { errors: [{ text: (error as Error).message }] };
          }
          return {};
        }
        models ??= await begin();
        await models.refresh();
        await models.ready;
        note(models.failures);
        return { warnings: models.failures.map((failure) => messageOf(failure, root)) };
      });

      build.onResolve({ filter: /^tfjs:|\?tfjs(&|=?$)/ }, async ({ path, importer }) => {
        const watchFiles = options.watch && models ? [models.manifest, trigger()] : [];
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
        if (page === undefined || !models?.isLoader(path)) return undefined;
        const contents = `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(specifier(dirname(path), page))};\n`;
        // What is told of failures is built anew with them.
        return { contents, loader: extname(path).slice(1) as Loader, watchFiles: [path, trigger(), models.manifest] };
      });

      build.onEnd(() => {
        const { outdir, outfile } = build.initialOptions;
        const folder = resolve(root, outdir ?? dirname(outfile ?? "x"));
        for (const { name, file } of models?.assets ?? []) {
          mkdirSync(dirname(join(folder, name)), { recursive: true });
          copyFileSync(file, join(folder, name));
        }
      });

      build.onDispose(() => {
        models?.close();
        channel?.close();
      });
    },
  };
}

function messageOf(failure: Failure, root: string): PartialMessage {
  const { file, line = 1, column = 1, excerpt } = failure;
  const text = textOf({ ...failure, file: undefined, excerpt: "" }, root);
  if (file === undefined) return { text };
  const lineText = excerpt.split("\n")[0]!.replace(/^\s*\d+ \| /, "");
  return { text, location: { file: shorten(file, root), line, column: column - 1, lineText } };
}
