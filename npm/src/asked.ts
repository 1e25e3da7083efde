// What an import asks for that names a model: `tfjs:digits`, or `./digits.keras?tfjs`.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";

/** A model of the manifest; `worker`: its loader that uses a worker. */
export interface Listed {
  readonly kind: "listed";
  readonly name: string;
  readonly worker: boolean;
}

/** A model's file, with the keys that the manifest would have for it; `query` is what stands behind the file's name. */
export interface Imported {
  readonly kind: "imported";
  readonly source: string;
  readonly query: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Reads an import; undefined where it names no model. Paths count from the file that has the import. */
export function asked(id: string, importer: string | undefined, root: string): Listed | Imported | undefined {
  const listed = /^tfjs:([^/]+?)(\/in-worker)?$/.exec(id);
  if (listed) return { kind: "listed", name: listed[1]!, worker: listed[2] !== undefined };
  const at = id.indexOf("?");
  if (at < 0 || !/^tfjs(&|=?$)/.test(id.slice(at + 1))) return undefined;
  const path = id.slice(0, at);
  // Vite gives addresses of files in the root as paths that begin with a slash.
  const folder = importer === undefined ? root : dirname(importer.split("?")[0]!);
  const source = isAbsolute(path) ? path : resolve(folder, path);
  const query = id.slice(at);
  const keys: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    if (key !== "tfjs") keys[key] = key === "labels" && !value.startsWith("[") ? resolve(dirname(source), value) : valueOf(value);
  }
  return { kind: "imported", source, query, keys };
}

/** A value as the manifest would have it: a number, a truth, JSON, or text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a model's stub is called, without an ending: a dot is a dash there. */
export function fileOf(name: string): string {
  return name.replaceAll(".", "-");
}

/** A name for a model that is imported by its file: that of the file, without what a name cannot have. */
export function nameOf(source: string, taken: (name: string) => boolean): string {
  const stem = source.replace(/[\\/]+$/, "").split(/[\\/]/).at(-1)!.replace(/\.(keras|h5|hdf5|pb|tflite|json)$/i, "");
  const plain = stem.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[^A-Za-z]+|[^A-Za-z0-9]+$/g, "") || "model";
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken(name)) return name;
  }
}

/** What a generated stub exports: its constants, and its types. */
export interface Exported {
  readonly constants: readonly string[];
  readonly types: readonly string[];
}

/** Reads what the file of a stub exports: a .ts, or the .d.ts of a .js. */
export function exportsOf(file: string): Exported {
  const text = readFileSync(file.replace(/\.js$/, ".d.ts"), "utf8");
  const of = (pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1]!);
  return { constants: of(/^export (?:declare )?const (\w+)/gm), types: of(/^export type (\w+)/gm) };
}
