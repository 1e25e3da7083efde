// Where things of a project are: its manifest, and what plugins keep beside it.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, parse, relative, resolve, sep } from "node:path";

export const MANIFEST = "tfjs.yaml";

/** The folder of what can be made anew, relative to that of the project or the manifest. */
export const STATE = ".tfjs-build";

/** Whether a generated file is a model's loader, by its name: beside them are what they share, and the scripts of workers. */
export function isLoaderName(name: string): boolean {
  return /^[^_][\w-]*(\.in-worker)?\.(ts|js)$/.test(name);
}

/** The nearest manifest, in a folder or above it, as the command finds it. */
export function findManifest(root: string): string | undefined {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const file = join(folder, MANIFEST);
    if (existsSync(file)) return file;
    if (folder === parse(folder).root) return undefined;
  }
}

/**
 * The folder of what plugins write for a project, which git ignores. What is in it are ES modules, whatever package.json
 * says of the project's own files: bundlers go by the nearest one.
 */
export function stateFolder(root: string): string {
  const folder = join(root, STATE);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, ".gitignore"))) write(join(folder, ".gitignore"), "*\n");
  write(join(folder, "package.json"), '{ "type": "module" }\n');
  return folder;
}

/** Writes a file whole, unless it is like that: who watches it hears of changes alone. */
export function write(file: string, text: string): void {
  try {
    if (readFileSync(file, "utf8") === text) return;
  } catch {
    // it is not there
  }
  mkdirSync(dirname(file), { recursive: true });
  const staged = `${file}.${process.pid}.tmp`;
  writeFileSync(staged, text);
  renameSync(staged, file);
}

/** A path as a module is named that another one, in `folder`, imports. */
export function specifier(folder: string, path: string): string {
  const found = slashes(relative(folder, path));
  // `.tfjs-build` begins with a dot as well, and is no path from here to elsewhere.
  return /^\.\.?\//.test(found) ? found : `./${found}`;
}

/** A path with forward slashes, as bundlers write it. */
export function slashes(path: string): string {
  return path.split(sep).join("/");
}
