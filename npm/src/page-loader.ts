// A loader for Turbopack and webpack: gives pages that use a model what shows what is wrong with it.
import { basename, dirname } from "node:path";
import { isLoaderName, specifier } from "./place.js";

interface Context {
  readonly resourcePath: string;
  getOptions(): { readonly page: string };
}

export default function pageLoader(this: Context, code: string): string {
  if (!isLoaderName(basename(this.resourcePath))) return code;
  return `${code}\nimport ${JSON.stringify(specifier(dirname(this.resourcePath), this.getOptions().page))};\n`;
}
