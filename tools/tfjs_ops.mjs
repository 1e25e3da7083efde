// Writes tfjs_build/convert/graph/ops_table.json: what TensorFlow.js's graph executor knows of each op.
//
//     node tools/tfjs_ops.mjs NODE_MODULES
//
// NODE_MODULES is a folder with @tensorflow/tfjs-converter. For each op of the executor's own mapper, the table holds its
// category (which says whether it runs asynchronously), and the inputs and attributes that the executor reads with their
// types. What the backends can do of it is measured by tools/backends.

import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';

const modules = resolve(process.argv[2] ?? 'node_modules');
const at = (name, ...path) => join(modules, '@tensorflow', name, ...path);
const readText = (path) => readFileSync(path, 'utf8').replace(/\/\/# sourceMappingURL=.*/, '');

// --- executors ------------------------------------------------------------------------------
const reads = new Map();  // op → names of the parameters that its executor asks for
const executors = at('tfjs-converter', 'dist', 'operations', 'executors');
for (const path of readdirSync(executors).filter((name) => name.endsWith('_executor.js')).map((name) => join(executors, name))) {
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
    table[op.tfOpName] = {
      category: op.category,
      inputs: (op.inputs ?? []).map(({name, type, start, end}) => end === undefined ? [name, type, start] : [name, type, start, end]),
      attrs: Object.fromEntries((op.attrs ?? [])
          .filter((attr) => attr.tfName !== undefined && !attr.notSupported)
          .map((attr) => [attr.tfDeprecatedName ?? attr.tfName, attr.type])),
    };
  }
}

const version = JSON.parse(readFileSync(at('tfjs-converter', 'package.json'), 'utf8')).version;
const lines = Object.keys(table).sort().map((op) => `  ${JSON.stringify(op)}: ${JSON.stringify(table[op])}`);
const target = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'tfjs_build', 'convert', 'graph', 'ops_table.json');
writeFileSync(target, `{\n"tfjs": ${JSON.stringify(version)},\n"ops": {\n${lines.join(',\n')}\n}\n}\n`);
console.error(`${Object.keys(table).length} ops of TensorFlow.js ${version}`);
