// Where a model's files are: relative to the bundler's base, to the page, or to a worker's script.
import { ModelLoadError } from "./errors.js";
import { nodeModule } from "./fetching.js";
import type { LoadOptions, Meta, Published } from "./types.js";

/** What webpack puts in the place of this name. */
declare const __webpack_public_path__: string | undefined;

/**
 * The addresses at which `model.json` may be, the likeliest first. There are several only where no bundler says what the
 * site's base is.
 */
export async function locate({ name, url }: Published<unknown>, override: LoadOptions["url"]): Promise<URL[]> {
  if (override instanceof URL) return [override];
  const address = override ?? url;
  if (/^[a-z][a-z\d+.-]+:/i.test(address)) return [new URL(address)];
  const page = pageAddress();
  if (page !== undefined) {
    if (override !== undefined) return [new URL(address, page)];
    const found = bases(page).map((base) => new URL(address, base).href);
    return [...new Set(found)].map((each) => new URL(each));
  }
  if (override === undefined) {
    const problem = "is relative to a page, and there is none here: give the loader a `url` (a path, or an address)";
    throw new ModelLoadError(name, address, problem);
  }
  const node = await nodeModule<{ pathToFileURL(path: string): URL }>("node:url");
  if (node === undefined) throw new ModelLoadError(name, address, "is a path, which only Node can read");
  return [node.pathToFileURL(address)];
}

/** What the site's files may be relative to. */
function bases(page: string): URL[] {
  const { document } = globalThis as { document?: { querySelector?(selector: string): unknown } };
  const base = (import.meta as Meta).env?.BASE_URL;
  if (base !== undefined) {
    const root = new URL(base.endsWith("/") || base === "" ? base : `${base}/`, page);
    // A relative base counts from the page; a worker knows its script alone, which bundlers put into a folder.
    const relative = !/^(?:[a-z][a-z\d+.-]*:|\/)/i.test(base);
    return document === undefined && relative ? [new URL("..", root), root] : [root];
  }
  if (document?.querySelector?.("base[href]")) return [new URL(page), new URL("/", page)];
  const webpack = typeof __webpack_public_path__ === "string" ? __webpack_public_path__ : "/";
  return [new URL(webpack, page), new URL("/", page), new URL(".", page), new URL("..", page)];
}

/** What relative addresses in a page or worker are relative to; undefined where there is neither. */
function pageAddress(): string | undefined {
  const { document, location } = globalThis as unknown as {
    document?: { baseURI?: string };
    location?: { href: string; origin: string };
  };
  const address = document?.baseURI ?? location?.href;
  return address?.startsWith("blob:") ? location?.origin : address; // a worker made from a blob
}
