// Writes tfjs_build/kernels/table.json: which kernels and functions of TensorFlow.js each op of a graph needs.
//
//     node tools/kernels/table.mjs NODE_MODULES [MEASURED…]
//
// NODE_MODULES is a folder with @tensorflow/… (its core, converter and backends), @babel/parser and esbuild. What the source
// says (read.mjs) is held against what was MEASURED of published graphs (measure.mjs prints it): a kernel that an op was seen
// to call, and that the source does not say, ends this program.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reader } from "./read.mjs";

const BACKENDS = ["webgpu", "webgl", "wasm", "cpu"];
/** What the loaders' runtime does besides running a graph, by what is to be told of pictures; see runtime/src/pixels.ts. */
const PIXELS = {
  "pixels": ["cast", "browser.fromPixels"],
  "pixels bilinear": ["image.resizeBilinear"],
  "pixels nearest": ["image.resizeNearestNeighbor"],
  "pixels cover": ["slice"],
  "pixels contain": ["pad"],
  "pixels gray": ["mul", "sum"],
  "pixels bgr": ["reverse"],
  "pixels scale": ["mul"],
  "pixels offset": ["add"],
  "pixels first": ["transpose"],
  "pixels batch": ["expandDims"],
  "pixels int32": ["round"],
};
/** What reads weights, makes inputs, and gives results to whoever asked for them. */
const ALWAYS = ["Identity", "Cast"];
const COMPLEX = ["Complex"];

const [modules, ...measured] = process.argv.slice(2).map((path) => resolve(path));
const { executors, named, functionOf, sharedOf, besides, importedByName, implementation } = reader(modules);
const functions = {};
const ops = {};

function needs(paths, own = []) {
  const kernels = new Set(own);
  const complex = new Set();
  for (const path of paths) {
    const found = functionOf(path);
    if (!found) throw new Error(`core has no function ${path}`);
    functions[path] = [found.module, found.name];
    found.kernels.forEach((kernel) => kernels.add(kernel));
    found.complex.forEach((kernel) => complex.add(kernel));
  }
  return { kernels: [...kernels].sort(), complex: [...complex].filter((each) => !kernels.has(each)).sort() };
}

for (const [op, { functions: paths, own }] of Object.entries(executors())) {
  const { kernels, complex } = needs(paths, own);
  ops[op] = { functions: paths, kernels, ...(complex.length ? { complex } : {}) };
}
const pixels = {};
for (const [what, paths] of Object.entries(PIXELS)) {
  const found = paths.map((path) => (path === "browser.fromPixels" ? ["FromPixels"] : needs([path]).kernels));
  pixels[what] = [...new Set(found.flat())].sort();
}

const called = {};
for (const file of measured) {
  for (const [op, kernels] of Object.entries(JSON.parse(readFileSync(file, "utf8")))) called[op] = [...(called[op] ?? []), ...kernels];
}
const outside = { "": { kernels: ALWAYS, complex: COMPLEX } };
for (const [op, kernels] of Object.entries(called)) {
  const known = { ...ops, ...outside }[op] ?? { kernels: [] };
  const forgotten = kernels.filter((kernel) => ![...known.kernels, ...(known.complex ?? [])].includes(kernel));
  if (forgotten.length) throw new Error(`${op || "what is no op"} calls ${forgotten}, which is not in its executor`);
}

const kernels = {};
/** Kernels that have to be registered with another one, whose code calls theirs: being registered is what makes them ready. */
const companions = {};
for (const backend of BACKENDS) {
  const found = await registered(backend);
  const prepared = new Map();
  for (const [name, { place, prepares }] of Object.entries(found)) {
    (kernels[name] ??= {})[backend] = place;
    if (prepares) prepared.set(place[0], name);
  }
  const entries = Object.entries(found).map(([name, { place }]) => [name, besides(backend, place[0]).filter((each) => prepared.has(each))]);
  companions[backend] = Object.fromEntries(
    entries.filter(([, each]) => each.length).sort().map(([name, each]) => [name, each.map((module) => prepared.get(module)).sort()]),
  );
}

/** What a backend's own code, and the modules of its kernels, take of the cpu backend's implementations. */
const shared = {};
for (const backend of BACKENDS.filter((each) => each !== "cpu")) {
  const taken = { "": [...new Set([...sharedOf(backend, "base.js"), ...importedByName(backend)])].sort() };
  for (const each of Object.values(kernels)) {
    if (each[backend]) taken[each[backend][0]] = sharedOf(backend, `kernels/${each[backend][0]}.js`);
  }
  shared[backend] = Object.fromEntries(Object.entries(taken).filter(([, names]) => names.length).sort());
}
const names = [...new Set(Object.values(shared).flatMap((each) => Object.values(each).flat()))];
const implementations = Object.fromEntries(names.map((name) => [name, implementation(name)]));

/** The kernels of a backend: the module below `dist/kernels` that each is in, and the name that it exports it by (`place`);
 *  and whether something is done as it is registered (`prepares`). */
async function registered(backend) {
  const dist = join(modules, "@tensorflow", `tfjs-backend-${backend}`, "dist");
  const text = readFileSync(join(dist, "register_all_kernels.js"), "utf8");
  const imports = [...text.matchAll(/^import \{ (\w+) \} from '\.\/kernels\/(\w+)';$/gm)];
  const { build } = createRequire(join(modules, "x.js"))("esbuild");
  const outfile = join(modules, "..", ".work", `kernels-${backend}-${process.pid}.mjs`);
  const contents = imports.map(([, name, module]) => `export { ${name} } from "./kernels/${module}";`).join("\n");
  await build({
    stdin: { contents, resolveDir: dist },
    ...{ bundle: true, platform: "node", mainFields: ["module", "main"], format: "esm", outfile, logLevel: "error" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const configs = await import(pathToFileURL(outfile).href);
  return Object.fromEntries(imports.map(([, name, module]) => [
    configs[name].kernelName, { place: [module, name], prepares: configs[name].setupFunc !== undefined },
  ]));
}

const line = ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
const part = (entries) => Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)).map(line).join(",\n");
const version = JSON.parse(readFileSync(join(modules, "@tensorflow", "tfjs-converter", "package.json"), "utf8")).version;
const parts = { ops, pixels, functions, kernels, companions, shared, implementations };
const head = `"tfjs": ${JSON.stringify(version)},\n"always": ${JSON.stringify(ALWAYS)},\n"complex": ${JSON.stringify(COMPLEX)},\n"named": ${JSON.stringify([...named].sort())}`;
const body = Object.entries(parts).map(([name, entries]) => `"${name}": {\n${part(entries)}\n}`);
const target = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "tfjs_build", "kernels", "table.json");
writeFileSync(target, `{\n${[head, ...body].join(",\n")}\n}\n`);
console.error(`${Object.keys(ops).length} ops, ${Object.keys(functions).length} functions, ${Object.keys(kernels).length} kernels`);
