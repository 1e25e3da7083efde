// Writes tfjs_build/convert/graph/ops_table.json: what TensorFlow.js's graph executor knows of each op.
//
//     node tools/tfjs_ops.mjs NODE_MODULES
//
// NODE_MODULES is a folder with @tensorflow/tfjs-converter, tfjs-core and the cpu, webgl and wasm backends. For each op
// of the executor's own mapper, the table holds its category (which says whether it runs asynchronously), the inputs
// and attributes that the executor reads with their types, and the kernels that the op runs, as far as a backend lacks
// one of them. Kernels are found by following the executor's source to the core op's source to `runKernel`.

import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';

const modules = resolve(process.argv[2] ?? 'node_modules');
const require = createRequire(join(modules, 'x.js'));
const at = (name, ...path) => join(modules, '@tensorflow', name, ...path);
const readText = (path) => readFileSync(path, 'utf8').replace(/\/\/# sourceMappingURL=.*/, '');

// --- backends ---------------------------------------------------------------------------------------------------
const tf = require('@tensorflow/tfjs-core');
const BACKENDS = ['cpu', 'webgl', 'wasm'];
for (const backend of BACKENDS) require(`@tensorflow/tfjs-backend-${backend}`);
const registered = Object.fromEntries(
    BACKENDS.map((backend) => [backend, new Set(tf.getKernelsForBackend(backend).map((k) => k.kernelName))]));

// --- core ops: function name → kernels ---------------------------------------------------------------------------
const constants = readText(at('tfjs-core', 'dist', 'kernel_names.js'));
const kernelName = (constant) => constants.match(new RegExp(`export const ${constant} = '(\\w+)'`))?.[1];

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /\.js$/.test(name) && !/_test\.js$/.test(name) ? [path] : [];
  });
}

const sources = new Map();  // function name → source text of the file that exports it
for (const path of files(at('tfjs-core', 'dist', 'ops'))) {
  const text = readText(path);
  for (const [, name] of text.matchAll(/export (?:const|async function|function) (\w+)/g)) {
    sources.set(path.includes('/fused/') ? `fused.${name}` : name, text);
  }
}

function kernelsOf(name, seen = new Set()) {
  const text = sources.get(name) ?? sources.get(name.split('.').pop());
  if (text === undefined || seen.has(name)) return [];
  seen.add(name);
  const direct = [...text.matchAll(/runKernel\((\w+)/g)].map(([, constant]) => kernelName(constant));
  if (direct.length > 0) return direct;
  const imported = [...text.matchAll(/import \{([^}]*)\}/g)].flatMap(([, names]) => names.split(',').map((n) => n.trim()));
  return imported.filter((n) => new RegExp(`\\b${n}\\(`).test(text)).flatMap((n) => kernelsOf(n, seen));
}

// --- executors: op → core functions ------------------------------------------------------------------------------
const calls = new Map();
const reads = new Map();  // op → names of the parameters that its executor asks for
const executors = at('tfjs-converter', 'dist', 'operations', 'executors');
for (const path of files(executors).filter((p) => p.endsWith('_executor.js'))) {
  let cases = [];
  let inBody = false;
  for (const line of readText(path).split('\n')) {
    const label = line.match(/^\s*case '(\w+)':/)?.[1];
    if (label) {
      cases = inBody ? [label] : [...cases, label];
      inBody = false;
    } else if (line.trim()) {
      inBody = true;
    }
    for (const [, name] of line.matchAll(/getParamValue\('(\w+)'/g)) {
      for (const op of cases) reads.set(op, [...(reads.get(op) ?? []), name]);
    }
    for (const [, name] of line.matchAll(/\bops\.((?:\w+\.)?\w+)\(/g)) {
      for (const op of cases) calls.set(op, [...(calls.get(op) ?? []), name]);
    }
  }
}

// --- op lists ----------------------------------------------------------------------------------------------------
// Only the lists that the mapper imports count: a list that exists but is not mapped cannot be run.
const mapper = readText(at('tfjs-converter', 'dist', 'operations', 'operation_mapper.js'));
const lists = [...mapper.matchAll(/from '\.\/op_list\/(\w+)'/g)].map(([, name]) => name);

const table = {};
for (const list of lists) {
  const text = readText(at('tfjs-converter', 'dist', 'operations', 'op_list', `${list}.js`));
  const json = new Function(`${text.replace('export const json =', 'return')}`)();
  for (const op of json) {
    // An executor that asks for other inputs than the list has gets none: the op cannot be run (BitwiseAnd).
    const named = [...(op.inputs ?? []), ...(op.attrs ?? [])].map(({name}) => name);
    const asked = reads.get(op.tfOpName) ?? [];
    if (asked.length > 0 && !asked.some((name) => named.includes(name))) continue;
    // Many ops run the complex kernels for complex tensors alone (`abs`, `zeros`): no lack for the others.
    const complex = op.category === 'spectral' || ['Complex', 'ComplexAbs', 'Real', 'Imag'].includes(op.tfOpName);
    const kernels = [...new Set((calls.get(op.tfOpName) ?? []).flatMap((name) => kernelsOf(name)))]
        .filter((kernel) => complex || !['Complex', 'ComplexAbs', 'Real', 'Imag'].includes(kernel));
    const lacking = Object.fromEntries(BACKENDS
        .map((backend) => [backend, kernels.filter((kernel) => kernel && !registered[backend].has(kernel)).sort()])
        .filter(([, names]) => names.length > 0));
    table[op.tfOpName] = {
      category: op.category,
      inputs: (op.inputs ?? []).map(({name, type, start, end}) => end === undefined ? [name, type, start] : [name, type, start, end]),
      attrs: Object.fromEntries((op.attrs ?? [])
          .filter((attr) => attr.tfName !== undefined && !attr.notSupported)
          .map((attr) => [attr.tfDeprecatedName ?? attr.tfName, attr.type])),
      ...(Object.keys(lacking).length > 0 ? {lacking} : {}),
    };
  }
}

const version = JSON.parse(readFileSync(at('tfjs-converter', 'package.json'), 'utf8')).version;
const lines = Object.keys(table).sort().map((op) => `  ${JSON.stringify(op)}: ${JSON.stringify(table[op])}`);
const target = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'tfjs_build', 'convert', 'graph', 'ops_table.json');
writeFileSync(target, `{\n"tfjs": ${JSON.stringify(version)},\n"ops": {\n${lines.join(',\n')}\n}\n}\n`);
console.error(`${Object.keys(table).length} ops of TensorFlow.js ${version}`);
for (const [op, {lacking}] of Object.entries(table)) if (lacking) console.error(op, JSON.stringify(lacking));
