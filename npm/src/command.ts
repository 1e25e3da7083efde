// Where the Python command `tfjs-build` is: named, in the project's environment, on PATH, or run by uv or pipx.
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join, parse, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A program, and the arguments that come before one's own. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

const WINDOWS = process.platform === "win32";
const ENDINGS = WINDOWS ? [".exe", ".cmd", ".bat", ""] : [""];
const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));

/** The version of this package, which asks for the same one of Python's. */
export const version: string = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")).version;

/** What to say where there is none: what is missing, and what to do. */
export const MISSING = [
  "tfjs-build: its Python package is not here: looked at TFJS_BUILD, .venv, PATH, uvx and pipx",
  "  pip install tfjs-build (in a .venv of the project, or anywhere on PATH), or install uv: https://docs.astral.sh/uv",
].join("\n");

/**
 * Finds the command for a project: `TFJS_BUILD` names it; else it is in a `.venv` of the project's folder or one around it;
 * else on PATH, where this package's own is passed over; else uv or pipx runs it.
 */
export function findCommand(root: string, env: NodeJS.ProcessEnv = process.env): Command | undefined {
  const named = env["TFJS_BUILD"];
  if (named) return { file: named, args: [] };
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const found = executable(join(folder, ".venv", WINDOWS ? "Scripts" : "bin"), "tfjs-build");
    if (found) return { file: found, args: [] };
    if (folder === parse(folder).root) break;
  }
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter(Boolean);
  const on = (name: string, is = (_: string) => true) =>
    folders.map((folder) => executable(folder, name)).find((path) => path !== undefined && is(path));
  const direct = on("tfjs-build", (path) => !isOurs(path));
  if (direct) return { file: direct, args: [] };
  const uvx = on("uvx");
  if (uvx) return { file: uvx, args: ["--from", `tfjs-build==${version}`, "tfjs-build"] };
  const pipx = on("pipx");
  if (pipx) return { file: pipx, args: ["run", "--spec", `tfjs-build==${version}`, "tfjs-build"] };
  return undefined;
}

/** Whether a program is that of this package, or of another copy of it: npm puts them on PATH. */
function isOurs(path: string): boolean {
  try {
    const real = realpathSync(path);
    return real.startsWith(PACKAGE + sep) || real.includes(`${sep}node_modules${sep}`) || path.includes(`${sep}node_modules${sep}`);
  } catch {
    return true;
  }
}

function executable(folder: string, name: string): string | undefined {
  for (const ending of ENDINGS) {
    const path = join(folder, name + ending);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not this one
    }
  }
  return undefined;
}
