// Where a model's files are: relative to the bundler's base, to the page and its scripts, or to a worker's script.
import { ModelLoadError } from "./errors.js";
import { nodeModule } from "./fetching.js";
import type { LoadOptions, Meta, Published } from "./types.js";

/** What webpack puts in the place of this name. */
declare const __webpack_public_path__: string | undefined;

/** What to do where a model is not found. */
export const GIVE_URL = "give the loader its `url`";

/** What a page or a worker has. */
interface Page {
  document?: {
    readonly scripts?: ArrayLike<{ readonly src: string }>;
    baseURI?: string;
    querySelector?(selector: string): unknown;
  };
  location?: { href: string };
}

/**
 * The addresses at which `model.json` may be, the likeliest first. There are several only where no bundler says what the
 * site's base is.
 */
export function locate(
  { name, url, candidates }: Pick<Published<unknown>, "name" | "url" | "candidates">,
  override: LoadOptions["url"],
): readonly string[] {
  if (candidates) return candidates;
  const address = String(override ?? url);
  if (/^[\w+.-]{2,}:/.test(address)) return [address];
  const { document, location } = globalThis as Page;
  const page = (document?.baseURI ?? location?.href)?.replace(/^blob:/, ""); // of a worker made from a blob
  if (page !== undefined) {
    const bases = override === undefined ? basesOf(document, page) : [""];
    return [...new Set(bases.map((base) => new URL(address, new URL(base, page)).href))];
  }
  if (override === undefined) {
    throw new ModelLoadError(name, address, `is relative to a page, and there is none: ${GIVE_URL}`);
  }
  const node = nodeModule<{ pathToFileURL(path: string): URL }>("url", name, address);
  return [node.pathToFileURL(address).href];
}

/** What the site's files may be relative to, itself relative to the page. */
function basesOf(document: Page["document"], page: string): string[] {
  const base = (import.meta as Meta).env?.BASE_URL?.replace(/[^/]$/, "$&/");
  if (base !== undefined) {
    // A relative base counts from the page; a worker knows its script alone, which bundlers put into a folder.
    return document || /^\/|:/.test(base) ? [base] : [`${base}..`, base];
  }
  if (document?.querySelector?.("base[href]")) return [".", "/"];
  const webpack = typeof __webpack_public_path__ === "string" ? __webpack_public_path__ : "_next/";
  // The innermost folders that hold both the page and one of its scripts, for bundlers put scripts in sites.
  const around = Array.from(document?.scripts ?? [], ({ src }) => {
    let end = 0;
    while (page[end] && page[end] === src[end]) end++;
    return page.slice(0, page.lastIndexOf("/", end - 1) + 1);
  });
  // Each begins another, or is no more than `https://`, of a script from elsewhere.
  const inSite = around.filter(({ length }) => length > "https://".length).sort().reverse();
  // What webpack says in Next.js is where its scripts are, and nothing of the project's own.
  return [...(webpack.endsWith("_next/") ? [] : [webpack]), ...inSite, "/", ".", ".."];
}
