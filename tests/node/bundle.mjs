// Bundles loaders and what runs them: `node bundle.mjs OUT OPTIONS FILE…`, with OPTIONS in JSON.
//
// The FILEs become modules of OUT that share one TensorFlow.js: the module `tfjs` of OPTIONS stands in for all of its
// packages that they import whole; `alias` has more. Prints the bytes of each output, minified and gzipped.

import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const [outdir, options, ...entryPoints] = process.argv.slice(2);
const { tfjs, alias, platform } = JSON.parse(options);
const whole = /^@tensorflow\/(tfjs|tfjs-backend-(wasm|webgpu))$/;
const one = {
  name: "one",
  setup(each) {
    each.onResolve({ filter: whole }, ({ importer }) => (tfjs && !/node_modules/.test(importer) ? { path: tfjs } : undefined));
  },
};
const { outputFiles } = await build({
  entryPoints,
  outdir,
  entryNames: "[name]",
  bundle: true,
  splitting: entryPoints.length > 1,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: platform ?? "browser",
  define: { "import.meta.hot": "undefined" },
  alias,
  plugins: [one],
  logLevel: "error",
  write: false,
});
mkdirSync(outdir, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
console.log(JSON.stringify(outputFiles.map(({ contents }) => ({
  minified: contents.length,
  gzipped: gzipSync(contents, { level: 9 }).length,
}))));
