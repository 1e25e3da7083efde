// Starts an example in a fresh clone: `npm run NAME [-- ARGUMENT …]` in this folder. Installs what is missing (a Python
// environment with this checkout, the plugin's package, the example's own packages), then runs the example's `npm start`.
// In a project of one's own all that is `pip install tfjs-build` and `npm install`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLES = dirname(fileURLToPath(import.meta.url));
const CHECKOUT = dirname(EXAMPLES);
const WINDOWS = process.platform === "win32";
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];
const [name, ...rest] = process.argv.slice(2);
if (!name || !existsSync(join(EXAMPLES, name, "package.json"))) fail(`no example is called ${name ?? "nothing"}`);

/** Where programs of a Python environment are. */
const bin = (environment, program) =>
  join(environment, WINDOWS ? "Scripts" : "bin", WINDOWS ? `${program}.exe` : program);

if (!process.env.TFJS_BUILD && ![EXAMPLES, CHECKOUT].some((folder) => existsSync(bin(join(folder, ".venv"), "tfjs-build")))) {
  const environment = join(EXAMPLES, ".venv");
  say("a Python environment with tfjs-build, in examples/.venv");
  run(python(), ["-m", "venv", environment], CHECKOUT);
  run(bin(environment, "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", CHECKOUT], CHECKOUT);
}

const plugin = join(CHECKOUT, "npm");
if (!existsSync(join(plugin, "dist", "bin.js"))) {
  say("the package of npm/, compiled");
  if (!installed(plugin)) run("npm", ["ci", ...QUIET], plugin);
  run("npm", ["run", "--silent", "build"], plugin);
}

const example = join(EXAMPLES, name);
if (!installed(example)) {
  say(`the packages of examples/${name}`);
  run("npm", ["ci", ...QUIET], example);
}

const started = spawn("npm", ["--silent", "start", ...(rest.length > 0 ? ["--", ...rest] : [])], {
  cwd: example,
  stdio: "inherit",
  shell: WINDOWS,
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => started.kill(signal));
started.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));

/** Whether a folder has the packages of its lock. */
function installed(folder) {
  const [there, lock] = ["node_modules/.package-lock.json", "package-lock.json"].map((file) => join(folder, file));
  return existsSync(there) && statSync(there).mtimeMs >= statSync(lock).mtimeMs;
}

/** A Python that is new enough. */
function python() {
  const names = WINDOWS ? ["py", "python"] : ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];
  const good = names.find(
    (each) => spawnSync(each, ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"], { shell: WINDOWS }).status === 0,
  );
  return good ?? fail("Python 3.10 or newer is not here: https://www.python.org/downloads");
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: "inherit", shell: WINDOWS });
  if (status !== 0) fail(`${error?.message ?? `${program} ${args.join(" ")} failed`} in ${cwd}`);
}

function say(text) {
  console.error(`\x1b[2mexamples: ${text}\x1b[0m`);
}

function fail(text) {
  console.error(`examples: ${text}`);
  process.exit(1);
}
