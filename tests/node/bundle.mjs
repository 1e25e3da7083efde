// Bundles loaders and what runs them: `node bundle.mjs OUT OPTIONS FILE…`, with OPTIONS (bundling.mjs says which) in JSON.
//
// The FILEs become modules of OUT. Prints the bytes of each output, minified and gzipped.

import { mkdirSync, writeFileSync } from "node:fs";
import { parse } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundling.mjs";

const [outdir, options, ...files] = process.argv.slice(2);
const entryPoints = Object.fromEntries(files.map((file) => [parse(file).name, file]));
const outputFiles = await bundle(entryPoints, outdir, JSON.parse(options));
mkdirSync(outdir, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
console.log(JSON.stringify(outputFiles.map(({ contents }) => ({
  minified: contents.length,
  gzipped: gzipSync(contents, { level: 9 }).length,
}))));
