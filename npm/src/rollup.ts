// The plugin for Rollup: models are built before modules are, and followed by `rollup --watch`.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "rollup";
import { changed, type Signatures } from "./changed.js";
import { Channel } from "./channel.js";
import { textOf, type Failure } from "./failure.js";
import { Models, type Options } from "./models.js";
import { specifier, stateFolder, write } from "./place.js";
import { wordsOf } from "./words.js";

export type { Options } from "./models.js";

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export default function tfjsBuild(options: Options = {}): Plugin {
  const root = process.cwd();
  const signatures: Signatures = new Map();
  let models: Models | undefined;
  let channel: Channel | undefined;
  let page: string | undefined;

  /** A file that is watched in a failed build's stead, which may know of no other that is to change. */
  const trigger = () => join(stateFolder(root), "failures.txt");
  const note = (failures: readonly Failure[]) =>
    write(trigger(), failures.map((failure) => `${textOf(failure, root)}\n`).join("\n"));

  const begin = async () => {
    channel = await Channel.open(root);
    page = channel.page();
    return Models.watch(root, options, {
      onFailures: (failures) => {
        const last = failures.at(-1);
        if (last) console.error(`tfjs-build: ${textOf(last, root)}`);
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

  return {
    name: "tfjs-build",

    buildStart: {
      sequential: true,
      async handler() {
        if (!this.meta.watchMode) {
          models = await Models.build(root, options, { onSaid: (said) => void (wordsOf(said) && console.error(wordsOf(said))) });
          return;
        }
        models ??= await begin();
        await models.refresh();
        await models.ready;
        note(models.failures);
        this.addWatchFile(models.manifest);
        this.addWatchFile(trigger());
      },
    },

    resolveId: {
      order: "pre",
      async handler(id, importer) {
        try {
          return models?.aliases[id] ?? (await models?.resolve(id, importer));
        } catch (error) {
          return this.error(error as Error);
        }
      },
    },

    transform(code, id) {
      if (page === undefined || !models?.isLoader(id)) return null;
      return { code: `${code}\nimport ${JSON.stringify(specifier(dirname(id), page))};\n`, map: null };
    },

    // Rollup swaps no modules: what loaders have for that is left out.
    resolveImportMeta: (property) => (property === "hot" || property === "webpackHot" ? "undefined" : null),

    generateBundle() {
      for (const { name, file } of models?.assets ?? []) {
        this.emitFile({ type: "asset", fileName: name, source: readFileSync(file) });
      }
    },

    closeWatcher() {
      models?.close();
      channel?.close();
    },
  };
}
