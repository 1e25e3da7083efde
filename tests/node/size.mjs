// Prints what the loaders' runtime adds to a page in bytes, as JSON, by what a stub takes of it:
// `node size.mjs FOLDER 'NAME NAME' …`, where FOLDER has `_runtime.js`, and another module if the first NAME is one. Minified, compressed as servers do, without
// TensorFlow.js, and for production: where bundlers such as Vite replace `import.meta.hot` by nothing.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const [folder, ...uses] = process.argv.slice(2);
const sizes = {};
for (const use of uses) {
  const names = use.split(" ");
  const module = names[0].startsWith("_") ? names.shift() : "_runtime";
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(", ")} } from "./${module}.js";`, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["@tensorflow/tfjs"],
    define: { "import.meta.hot": "undefined" },
    write: false,
  });
  const [{ contents }] = outputFiles;
  sizes[use] = { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length };
}
console.log(JSON.stringify(sizes));
