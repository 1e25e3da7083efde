// What an import asks for that names a model: `tfjs:digits`, or `./digits.keras?tfjs`.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { slashes } from "./place.js";

/** A model of the manifest; `worker`: its loader that uses a worker. */
export interface Listed {
  readonly kind: "listed";
  readonly name: string;
  readonly worker: boolean;
}

/** A model's file, with the keys that the manifest would have for it. */
export interface Imported {
  readonly kind: "imported";
  /** The import as it is written. */
  readonly text: string;
  readonly source: string;
  /** What stands behind the file's name. */
  readonly query: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

/**
 * Reads an import; undefined where it names no model. Paths count from the file that has the import, those that begin with
 * a slash from the root, as in Vite, unless they are the file system's.
 */
export function asked(id: string, importer: string | undefined, root: string): Listed | Imported | undefined {
  const listed = /^tfjs:([^/]+?)(\/in-worker)?$/.exec(id);
  if (listed) return { kind: "listed", name: listed[1]!, worker: listed[2] !== undefined };
  const at = id.indexOf("?");
  if (at < 0 || !/^tfjs(&|=?$)/.test(id.slice(at + 1))) return undefined;
  const path = id.slice(0, at);
  const query = id.slice(at);
  const folder = importer === undefined ? root : dirname(importer.split("?")[0]!);
  const inRoot = path.startsWith("/") && !existsSync(path) && existsSync(join(root, path));
  const source = inRoot ? join(root, path) : resolve(folder, path);
  const keys: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    const isFile = key === "labels" && !value.startsWith("[");
    if (key !== "tfjs") keys[key] = isFile ? resolve(dirname(source), value) : valueOf(value);
  }
  return { kind: "imported", text: id, source, query, keys };
}

/** A value as the manifest would have it: a number, a truth (which a key alone is, too), JSON, or text. */
function valueOf(text: string): unknown {
  try {
    return text === "" || JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a model's stub is called, without an ending: a dot is a dash there. */
export function fileOf(name: string): string {
  return name.replaceAll(".", "-");
}

/**
 * A name for a model that is imported by its file: the file's, without what a name cannot have, and a number that tells it
 * from others and is the same in every build.
 */
export function nameOf({ source, query }: Imported, root: string): string {
  const stem = source.replace(/[\\/]+$/, "").split(/[\\/]/).at(-1)!.replace(/\.(keras|h5|hdf5|pb|tflite|json)$/i, "");
  const plain = stem.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[^A-Za-z]+|[^A-Za-z0-9]+$/g, "") || "model";
  const digest = createHash("sha256").update(`${slashes(relative(root, source))}${query}`).digest();
  return `${plain}-${String(digest.readUInt32BE() % 1e6).padStart(6, "0")}`;
}

/** What a stub's `name` is called where its model is imported by its file: without the number. */
export function plainly(name: string, model: string): string {
  return name.replace(model.slice(-6), "");
}

/** What a generated stub exports: its constants, of which one is the loader, and its types. */
export interface Exported {
  readonly constants: readonly string[];
  readonly loader: string;
  readonly types: readonly string[];
}

/** Reads what the file of a stub exports: a .ts, or the .d.ts of a .js. */
export function exportsOf(file: string): Exported {
  const text = readFileSync(file.replace(/\.js$/, ".d.ts"), "utf8");
  const of = (pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1]!);
  const constants = of(/^export (?:declare )?const (\w+)/gm);
  // The last one: labels may begin like it, those of a model "load-it".
  return { constants, loader: constants.findLast((each) => each.startsWith("load"))!, types: of(/^export type (\w+)/gm) };
}
