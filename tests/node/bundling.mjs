// How the tests bundle loaders and what runs them, as a site does.

import { build } from "esbuild";

const whole = /^@tensorflow\/(tfjs|tfjs-backend-(wasm|webgpu))$/;
// Some of TensorFlow.js's code for Node expects to be a CommonJS module.
const banner = `import * as $module from "node:module"; import * as $path from "node:path"; import * as $url from "node:url";
const require = $module.createRequire(import.meta.url); const __dirname = $path.dirname($url.fileURLToPath(import.meta.url));`;

/** Bundles modules (paths by name) for a folder, and returns what esbuild makes of them: `path` and
 *  `contents` of each. They share one TensorFlow.js: the module `tfjs` stands in for all of its packages that they import
 *  whole; `alias` has more. */
export async function bundle(entryPoints, outdir, { tfjs, alias, platform = "browser" }) {
  const one = {
    name: "one",
    setup(each) {
      each.onResolve({ filter: whole }, ({ importer }) => (tfjs && !/node_modules/.test(importer) ? { path: tfjs } : undefined));
    },
  };
  const inNode = { banner: { js: banner }, mainFields: ["module", "main"], outExtension: { ".js": ".mjs" } };
  const { outputFiles } = await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: Object.keys(entryPoints).length > 1,
    minify: platform === "browser",
    format: "esm",
    target: "es2022",
    platform,
    ...(platform === "node" ? inNode : {}),
    define: { "import.meta.hot": "undefined" },
    alias,
    plugins: [one],
    logLevel: "error",
    write: false,
  });
  return outputFiles;
}
