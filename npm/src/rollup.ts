// The plugin for Rollup: models are built before modules are, and followed by `rollup --watch`.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Plugin } from "rollup";
import { textOf } from "./failure.js";
import { live, type Live } from "./live.js";
import { Models, type Options } from "./models.js";
import { specifier } from "./place.js";
import { signed, telling, TERMINAL } from "./words.js";

export type { Options } from "./models.js";

/** Builds the models of tfjs.yaml with the site, and keeps them up to date while it is developed. */
export default function tfjsBuild(options: Options = {}): Plugin {
  const root = process.cwd();
  let models: Models | undefined;
  let watched: Live | undefined;

  return {
    name: "tfjs-build",

    buildStart: {
      sequential: true,
      async handler() {
        if (!this.meta.watchMode) {
          models = await Models.build(root, options, { onSaid: telling(TERMINAL) });
          return;
        }
        watched ??= await live(root, options);
        models = watched.models;
        await models.refresh();
        await models.ready;
        for (const failure of models.failures) this.warn(signed(textOf(failure, root)));
        this.addWatchFile(models.manifest);
        this.addWatchFile(watched.trigger);
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
      if (!watched || !models?.isLoader(id)) return null;
      return { code: `${code}\nimport ${JSON.stringify(specifier(dirname(id), watched.page))};\n`, map: null };
    },

    // Rollup swaps no modules: what loaders have for that is left out.
    resolveImportMeta: (property) => (/^(hot|webpackHot|turbopackHot)$/.test(property ?? "") ? "undefined" : null),

    generateBundle() {
      for (const { name, file } of models?.assets ?? []) {
        this.emitFile({ type: "asset", fileName: name, source: readFileSync(file) });
      }
    },

    closeWatcher() {
      watched?.close();
    },
  };
}
