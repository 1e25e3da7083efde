// Reads, in the source of TensorFlow.js, which functions of core the graph executor calls for each op, and which kernels a
// function may run: its own, and those of what it calls. Gradients are left out, and so is what a fused function does
// while a gradient is taken. What is done with complex numbers only can be told from the rest.

import { createRequire } from "node:module";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const BACKWARD = /^(grad|gradFunc|gradientFunc|backward|der[A-Z]?)$/;

/** What is known of the modules below `modules`, a folder with @tensorflow/…, by their files. */
export function reader(modules) {
  const { parse } = createRequire(join(modules, "x.js"))("@babel/parser");
  const core = join(modules, "@tensorflow", "tfjs-core", "dist");
  const converter = join(modules, "@tensorflow", "tfjs-converter", "dist");
  const known = new Map();
  let withComplex = true;
  /** Functions that the executor takes of its module of ops by name, and not as what it is given: bundlers miss them. */
  const named = new Set();

  /** A module: what it imports, its functions, classes and constants by name, and what it exports. */
  function moduleOf(file) {
    if (known.has(file)) return known.get(file);
    const { program } = parse(readFileSync(file, "utf8"), { sourceType: "module" });
    const found = { file, imports: new Map(), bodies: new Map(), exports: new Map(), all: [] };
    known.set(file, found);
    for (const node of program.body) {
      if (node.type === "ImportDeclaration") {
        for (const each of node.specifiers) {
          const name = each.type === "ImportSpecifier" ? each.imported.name : "*";
          found.imports.set(each.local.name, [node.source.value, name]);
        }
      } else if (node.type === "ExportAllDeclaration") {
        found.all.push(node.source.value);
      } else if (node.type === "ExportNamedDeclaration") {
        for (const each of node.specifiers) {
          found.exports.set(each.exported.name, [node.source?.value ?? null, each.local.name]);
        }
        if (node.declaration) for (const name of declare(found, node.declaration)) found.exports.set(name, [null, name]);
      } else {
        declare(found, node);
      }
    }
    return found;
  }

  function declare(found, node) {
    if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      found.bodies.set(node.id.name, node);
      return [node.id.name];
    }
    if (node.type !== "VariableDeclaration") return [];
    const names = [];
    for (const { id, init } of node.declarations) {
      if (id.type !== "Identifier") continue;
      found.bodies.set(id.name, init);
      names.push(id.name);
    }
    return names;
  }

  function fileOf(from, source) {
    if (source === "@tensorflow/tfjs-core") return join(core, "index.js");
    const path = source.startsWith("@") ? join(modules, source) : source.startsWith(".") ? join(dirname(from), source) : null;
    if (path === null) return null;
    return [`${path}.js`, join(path, "index.js"), path].find((each) => each.endsWith(".js") && existsSync(each)) ?? null;
  }

  /** Where what a module exports as `name` is declared: [module, name there]; "*" is all of a module. */
  function declared(file, name) {
    const each = moduleOf(file);
    if (name === "*" || each.bodies.has(name)) return [each, name];
    const own = each.exports.get(name) ?? each.imports.get(name);
    if (own) {
      const [source, inside] = own;
      if (source !== null) {
        const other = fileOf(file, source);
        return other === null ? null : declared(other, inside);
      }
      return inside === name ? declaredImport(each, inside) : declared(file, inside);
    }
    for (const source of each.all) {
      const found = declared(fileOf(file, source), name);
      if (found) return found;
    }
    return null;
  }

  function declaredImport(each, name) {
    const source = each.imports.get(name);
    const file = source && fileOf(each.file, source[0]);
    return file ? declared(file, source[1]) : null;
  }

  /** What a piece of a module uses: what `visit` is called with, as [module, name, path of members]. */
  function uses(each, node, visit) {
    if (!node || typeof node.type !== "string") return;
    if (node.type === "IfStatement" && isUnfused(node.test)) {
      uses(each, node.alternate, visit);
      return;
    }
    if (node.type === "IfStatement" && isForComplex(node.test) && !withComplex) {
      uses(each, node.alternate, visit);
      return;
    }
    if (node.type === "VariableDeclarator" && BACKWARD.test(node.id.name)) return;
    if (node.type === "FunctionDeclaration" && BACKWARD.test(node.id.name)) return;
    if ((node.type === "ObjectProperty" || node.type === "ObjectMethod") && BACKWARD.test(node.key.name)) return;
    if (node.type === "CallExpression" && node.callee.property?.name === "runKernel" && node.arguments[0].value) {
      visit(each, null, [node.arguments[0].value]); // a kernel by its bare name
    }
    if (node.type === "MemberExpression" && !node.computed) {
      const path = [];
      let inner = node;
      while (inner.type === "MemberExpression" && !inner.computed) {
        path.unshift(inner.property.name);
        inner = inner.object;
      }
      if (inner.type === "Identifier") visit(each, inner.name, path);
      else uses(each, inner, visit);
      return;
    }
    if (node.type === "Identifier") visit(each, node.name, []);
    for (const [key, value] of Object.entries(node)) {
      if (key === "key" || key === "id" || key === "params" || key === "label") continue;
      for (const child of Array.isArray(value) ? value : [value]) if (child && typeof child === "object") uses(each, child, visit);
    }
  }

  /** `shouldFuse(…) === false`: true while a gradient is taken, and for activations that the executor lets nobody fuse. */
  function isUnfused(test) {
    return test.type === "BinaryExpression" && test.left.callee?.name === "shouldFuse" && test.right.value === false;
  }

  function isForComplex(test) {
    return test.type === "BinaryExpression" && test.operator === "===" && test.right.value === "complex64";
  }

  const kernelNames = moduleOf(join(core, "kernel_names.js"));
  const kernelName = (name) => kernelNames.bodies.get(name)?.value;
  const reached = new Map();

  /** The kernels that what is declared as `name` in a module may run. */
  function kernelsOf(each, name) {
    const key = `${each.file}#${name}#${withComplex}`;
    if (reached.has(key)) return reached.get(key);
    const kernels = new Set();
    const seen = new Set();
    const walk = (module, symbol) => {
      const id = `${module.file}#${symbol}`;
      if (seen.has(id) || !module.bodies.has(symbol)) return;
      seen.add(id);
      uses(module, module.bodies.get(symbol), (inside, used, path) => follow(inside, used, path, kernels, walk));
    };
    walk(each, name);
    reached.set(key, kernels);
    return kernels;
  }

  /** What a name with members means in a module: a kernel's name, a function elsewhere, a method of a class. */
  function follow(inside, used, path, kernels, walk) {
    const method = path.at(-1);
    if (used === null) return void kernels.add(method);
    if (path.length && (method === "clone" || method === "cast") && !inside.imports.has(used)) {
      kernels.add(method === "clone" ? "Identity" : "Cast"); // of a tensor
    }
    if (inside.bodies.has(used)) return walk(inside, used);
    if (!inside.imports.has(used)) return;
    let found = declaredImport(inside, used);
    if (found === null) return;
    const rest = [...path];
    if (found[1] === "*" && rest.length) found = declared(found[0].file, rest.shift());
    if (found === null || found[1] === "*") return;
    const [module, name] = found;
    if (module === kernelNames) return void kernels.add(kernelName(name));
    if (/[/\\](engine|tensor|environment|globals|util|util_base|tensor_util_env)\.js$/.test(module.file) && module.file.startsWith(core)) {
      return;
    }
    const body = module.bodies.get(name);
    const [member] = rest;
    if (member && body?.type === "ObjectExpression") {
      const property = body.properties.find((each) => each.key?.name === member);
      const inner = property && declared(module.file, property.value.name ?? member);
      return inner ? walk(...inner) : undefined;
    }
    walk(module, name);
  }

  /** Functions of core that the executor takes from its module of ops, by op: paths such as `fused.conv2d`; and the
   *  kernels that it may run besides, by functions that it imports and by classes of tensors in lists. */
  function executors() {
    const folder = join(converter, "operations", "executors");
    const classes = ["tensor_array", "tensor_list", "hash_table"].map((name) => moduleOf(join(converter, "executor", `${name}.js`)));
    const methods = new Map();
    for (const module of classes) {
      for (const body of module.bodies.values()) {
        if (body?.type !== "ClassDeclaration") continue;
        for (const each of body.body.body) if (each.key?.name) methods.set(each.key.name, [...(methods.get(each.key.name) ?? []), [module, each]]);
      }
    }
    const ops = {};
    for (const name of readdirSync(folder).filter((each) => each.endsWith("_executor.js"))) {
      const module = moduleOf(join(folder, name));
      const execute = module.bodies.get("executeOp");
      const labels = [];
      for (const { test, consequent } of switchOf(execute).cases) {
        if (test === null) continue;
        labels.push(test.value);
        if (!consequent.length) continue;
        const functions = new Set();
        const kernels = new Set();
        const walked = new Set();
        const collect = (inside, node) =>
          uses(inside, node, (each, used, path) => {
            const byName = each.imports.get(used)?.[0] === "@tensorflow/tfjs-core/dist/ops/ops_for_converter";
            if (byName && path.length) named.add(path.join("."));
            if (byName || used === "ops") return void functions.add(path.join("."));
            const calls = path.length && (each === module || classes.includes(each)) && !each.imports.has(used);
            for (const [owner, method] of calls ? (methods.get(path.at(-1)) ?? []) : []) {
              if (!walked.has(method)) {
                walked.add(method);
                collect(owner, method.body);
              }
            }
            // Functions of the executor's own, which are given the same module of ops.
            if (each === module && each.bodies.has(used) && !walked.has(used)) {
              walked.add(used);
              return collect(each, each.bodies.get(used));
            }
            const found = each.imports.has(used) ? declaredImport(each, used) : null;
            if (found && found[0].file.startsWith(converter)) {
              const key = `${found[0].file}#${found[1]}`;
              const body = found[0].bodies.get(found[1]);
              if (!walked.has(key) && body && body.type !== "ClassDeclaration") {
                walked.add(key);
                collect(found[0], body);
              }
              return;
            }
            follow(each, used, path, kernels, (target, symbol) => {
              for (const kernel of kernelsOf(target, symbol)) kernels.add(kernel);
            });
          });
        for (const node of consequent) collect(module, node);
        for (const op of labels) ops[op] = { functions: [...functions].sort(), own: [...kernels].sort() };
        labels.length = 0;
      }
    }
    return ops;
  }

  function switchOf(node) {
    let found;
    const look = (each) => {
      if (found || !each || typeof each !== "object") return;
      if (each.type === "SwitchStatement") found = each;
      else for (const value of Object.values(each)) (Array.isArray(value) ? value : [value]).forEach(look);
    };
    look(node.body);
    return found;
  }

  /** A function of core by its path in the executor's module of ops: the module that has it, its name there, and the
   *  kernels that it may run. */
  function functionOf(path) {
    const [first, second] = path.split(".");
    let found = declared(join(core, "ops", "ops_for_converter.js"), first);
    if (found?.[1] === "*") found = declared(found[0].file, second);
    else if (found && second) {
      const property = found[0].bodies.get(found[1]).properties.find((each) => each.key.name === second);
      found = declared(found[0].file, property.value.name);
    }
    if (!found) return null;
    const [module, name] = found;
    const exported = [...module.exports].find(([, [source, inside]]) => source === null && inside === name)?.[0] ?? name;
    const all = [...kernelsOf(module, name)].sort();
    withComplex = false;
    const kernels = kernelsOf(module, name);
    withComplex = true;
    return {
      module: relative(core, module.file).replaceAll("\\", "/"),
      name: exported,
      kernels: [...kernels].sort(),
      complex: all.filter((kernel) => !kernels.has(kernel)),
    };
  }

  const cpu = join(modules, "@tensorflow", "tfjs-backend-cpu", "dist");

  /** What a module of a backend takes of the cpu backend's implementations, itself or by what it imports: their names. */
  function sharedOf(backend, path, seen = new Set()) {
    const dist = join(modules, "@tensorflow", `tfjs-backend-${backend}`, "dist");
    const names = new Set();
    const walk = (file) => {
      if (seen.has(file)) return;
      seen.add(file);
      const module = moduleOf(file);
      const sources = [...module.imports.values(), ...[...module.exports.values()].filter(([source]) => source), ...module.all.map((each) => [each, "*"])];
      for (const [source, name] of sources) {
        if (source === "@tensorflow/tfjs-backend-cpu/dist/shared") names.add(name);
        else if (/kernel_utils\/shared$|^\.\/shared$/.test(source)) names.add(renamed(dist).get(name));
        else if (source.startsWith(".")) {
          const other = fileOf(file, source);
          if (other) walk(other);
        }
      }
    };
    walk(join(dist, path));
    return [...names].sort();
  }

  /** The modules of other kernels that the module of a kernel imports, itself or by what it imports. */
  function besides(backend, module) {
    const folder = join(modules, "@tensorflow", `tfjs-backend-${backend}`, "dist", "kernels");
    const seen = new Set();
    const walk = (file) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [source] of moduleOf(file).imports.values()) if (source.startsWith(".")) walk(fileOf(file, source));
    };
    walk(join(folder, `${module}.js`));
    return [...seen].filter((file) => dirname(file) === folder).map((file) => relative(folder, file).slice(0, -3)).filter((each) => each !== module);
  }

  /** What a backend calls the implementations that it takes from the cpu backend: its names → theirs. */
  function renamed(dist) {
    const file = join(dist, "kernel_utils", "shared.js");
    const { program } = parse(readFileSync(file, "utf8"), { sourceType: "module" });
    const taken = program.body.find((each) => each.type === "VariableDeclaration")?.declarations[0];
    if (taken) return new Map(taken.id.properties.map((each) => [each.value.name, each.key.name]));
    return new Map([...moduleOf(file).imports].map(([name, [, imported]]) => [name, imported]));
  }

  /** All that a backend takes of the cpu backend by name: a module without one of these names is refused by bundlers. */
  function importedByName(backend) {
    const imports = moduleOf(join(modules, "@tensorflow", `tfjs-backend-${backend}`, "dist", "kernel_utils", "shared.js")).imports;
    return [...imports.values()].map(([, name]) => name).filter((name) => name !== "*");
  }

  /** Where the cpu backend has an implementation that it shares: the module below its `dist`, and the name there. */
  function implementation(name) {
    const [module, inside] = declared(join(cpu, "shared.js"), name);
    return [relative(cpu, module.file).replaceAll("\\", "/"), inside];
  }

  return { executors, named, functionOf, sharedOf, besides, importedByName, implementation };
}
