// Starts an example in a fresh clone: `npm run NAME [-- ARGUMENT …]` in this folder. Installs what is missing (a Python
// environment with this checkout, the plugin's package, the example's own packages), then runs the example's `npm start`.
// In a project of one's own all that is `pip install tfjs-build` and `npm install`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLES = dirname(fileURLToPath(import.meta.url));
const CHECKOUT = dirname(EXAMPLES);
const WINDOWS = process.platform === "win32";
// Tools for development are what is wanted, whatever NODE_ENV says.
const CI = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];

const names = readdirSync(EXAMPLES).filter((each) => existsSync(join(EXAMPLES, each, "package.json")));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) fail(`${name ? `no example is called ${name}` : "which example?"} (${names.join(", ")})`);

/** Where programs of a Python environment are. */
const bin = (environment, program) =>
  join(environment, WINDOWS ? "Scripts" : "bin", WINDOWS ? `${program}.exe` : program);

const environment = join(EXAMPLES, ".venv");
// Written when all is installed: what was interrupted begins anew, and so does one that asks for other packages now.
const stamp = join(environment, "installed");
const theirs = process.env.TFJS_BUILD || existsSync(bin(join(CHECKOUT, ".venv"), "tfjs-build"));
if (!theirs && !newer(stamp, join(CHECKOUT, "pyproject.toml"))) {
  say("a Python environment with tfjs-build, in examples/.venv");
  run(python(), ["-m", "venv", "--clear", environment], CHECKOUT);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(bin(environment, "python"), [...pip, "--editable", CHECKOUT], CHECKOUT);
  writeFileSync(stamp, "");
}

// For examples without the plugin's package, which finds the command by itself.
const environments = [join(CHECKOUT, ".venv"), environment].map((each) => dirname(bin(each, "tfjs-build")));
process.env.PATH = [...environments.filter(existsSync), process.env.PATH].join(delimiter);

const plugin = join(CHECKOUT, "npm");
const sources = readdirSync(join(plugin, "src")).filter((each) => each.endsWith(".ts"));
if (!sources.every((each) => newer(join(plugin, "dist", each.replace(/ts$/, "js")), join(plugin, "src", each)))) {
  say("the package of npm/, compiled");
  if (!installed(plugin)) npm(CI, plugin);
  npm(["run", "--silent", "build"], plugin);
}

const example = join(EXAMPLES, name);
if (!installed(example)) {
  say(`the packages of examples/${name}`);
  npm(CI, example);
}

// The example's npm has another idea of where it was called: files that are named from here are made absolute.
const called = process.env.INIT_CWD ?? process.cwd();
const passed = rest.map((each) => (existsSync(resolve(called, each)) ? resolve(called, each) : each));
const started = spawn(...npmCommand(["--silent", "start", ...(passed.length > 0 ? ["--", ...passed] : [])]), {
  cwd: example,
  stdio: "inherit",
  ...shell(),
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => started.kill(signal));
started.on("error", (error) => fail(error.message));
started.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

/** Whether a file is there, and as new as another. */
function newer(file, other) {
  return existsSync(file) && statSync(file).mtimeMs >= statSync(other).mtimeMs;
}

/** Whether a folder has the packages of its lock: npm writes the one when it is done with the other. */
function installed(folder) {
  return newer(join(folder, "node_modules", ".package-lock.json"), join(folder, "package-lock.json"));
}

/** A Python that is new enough, and can make environments: Debian's cannot without a package of its own. */
function python() {
  const candidates = WINDOWS ? ["py", "python"] : ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];
  const can = (each, code) => spawnSync(each, ["-c", code], { stdio: "ignore" }).status === 0;
  const recent = candidates.filter((each) => can(each, "import sys; assert sys.version_info >= (3, 10)"));
  if (recent.length === 0) fail("Python 3.10 or newer is not here: https://www.python.org/downloads");
  return (
    recent.find((each) => can(each, "import ensurepip, venv")) ??
    fail(`${recent[0]} cannot make environments: on Debian and Ubuntu, apt install python3-venv`)
  );
}

function npm(args, cwd) {
  run(...npmCommand(args), cwd, shell());
}

/** How npm is run: as by whoever runs this, else by its name. */
function npmCommand(args) {
  const path = process.env.npm_execpath;
  if (path?.endsWith("npm-cli.js")) return [process.execPath, [path, ...args]];
  // On Windows npm is a script of the shell's, which splits what has spaces.
  return ["npm", WINDOWS ? args.map((each) => `"${each}"`) : args];
}

function shell() {
  return { shell: WINDOWS && !process.env.npm_execpath?.endsWith("npm-cli.js") };
}

function run(program, args, cwd, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: "inherit", ...options });
  if (status !== 0) fail(error ? `${program}: ${error.message}` : `this failed in ${cwd}: ${program} ${args.join(" ")}`);
}

function say(text) {
  const colour = process.stderr.isTTY && !process.env.NO_COLOR;
  console.error(colour ? `\x1b[2mexamples: ${text}\x1b[0m` : `examples: ${text}`);
}

function fail(text) {
  console.error(`examples: ${text}`);
  process.exit(1);
}
