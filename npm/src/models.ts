// The models of a project as every plugin sees them: built once or watched, and what imports of them become.
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { aliases } from "./alias.js";
import { asked, exportsOf, fileOf, type Listed } from "./asked.js";
import { build } from "./build.js";
import { declare } from "./declarations.js";
import type { Project, Said } from "./events.js";
import { errorOf, ofRun, type Failure } from "./failure.js";
import { Imports, PUBLIC_URL } from "./imports.js";
import { findManifest, MANIFEST, slashes, specifier, STATE, stateFolder, write } from "./place.js";
import { Watch, type Place } from "./watch.js";

export interface Options {
  /** The manifest, relative to the project's folder, if not the nearest tfjs.yaml up from there. */
  readonly manifest?: string | undefined;
  /**
   * Where types of models go that are imported as `tfjs:NAME` or `….keras?tfjs`: `src/tfjs-models.d.ts` by default, or
   * `tfjs-models.d.ts` where there is no `src`; false for none.
   */
  readonly types?: string | false | undefined;
}

/** What a plugin is told while models are watched. */
export interface Told {
  /** Something was said; `project` is what it was said of. */
  onSaid?(said: Said, project: Project | undefined): void;
  /** What is wrong has changed. */
  onFailures?(failures: readonly Failure[]): void;
}

/** A published file, and where it is below the site's base. */
export interface Asset {
  readonly name: string;
  readonly file: string;
}

const LOADERS = join(STATE, "loaders");

export class Models {
  readonly #root: string;
  readonly #options: Options;
  readonly #told: Told;
  #watch: Watch | undefined;
  #built: Project | undefined;
  #imports: Imports;

  private constructor(root: string, options: Options, told: Told, watched: boolean) {
    this.#root = root;
    this.#options = options;
    this.#told = told;
    const onFailures = () => told.onFailures?.(this.failures);
    this.#imports = new Imports(
      root,
      watched ? { onFailures, onSaid: (said) => told.onSaid?.(said, this.#imports.project) } : undefined,
    );
  }

  /** Builds what the manifest lists. Rejected with what is wrong. */
  static async build(root: string, options: Options, told: Told): Promise<Models> {
    const models = new Models(root, options, told, false);
    if (models.#manifest === undefined) return models;
    const { project, failures } = await build(models.#place, (said) => told.onSaid?.(said, undefined));
    if (failures.length || !project) throw errorOf(failures, root);
    models.#built = project;
    return models;
  }

  /** Watches what the manifest lists; resolved once that is known, or cannot be. */
  static async watch(root: string, options: Options, told: Told): Promise<Models> {
    const models = new Models(root, options, told, true);
    await models.refresh();
    return models;
  }

  /** Begins to watch, if it does not yet; returns whether it has begun now. */
  async refresh(): Promise<boolean> {
    if (this.#watch) return this.#watch.restart() ? this.#watch.begun.then(() => true) : false;
    if (this.#manifest === undefined) return false;
    const told = this.#told;
    const watch = (this.#watch = new Watch(this.#place, {
      onFailures: () => told.onFailures?.(this.failures),
      onSaid: (said) => told.onSaid?.(said, watch.project),
    }));
    await watch.begun;
    return true;
  }

  /** The manifest in force; undefined where there is none, or it is wrong. */
  get project(): Project | undefined {
    return this.#built ?? this.#watch?.project;
  }

  /** The file that is, or would be, the manifest. */
  get manifest(): string {
    return this.#manifest ?? join(this.#root, MANIFEST);
  }

  /** Resolved once all that the manifest lists was built, as far as it can be. */
  get ready(): Promise<void> {
    return this.#watch?.ready ?? Promise.resolve();
  }

  /** What is wrong now. */
  get failures(): readonly Failure[] {
    return [...(this.#watch?.failures ?? []), ...this.#imports.failures];
  }

  /** What `tfjs: minimal` has bundlers replace. */
  get aliases(): Record<string, string> {
    return aliases(this.project);
  }

  /** Whether a file is a model's loader: generated, and run in the page. */
  isLoader(file: string): boolean {
    const folder = dirname(file);
    const name = file.slice(folder.length + 1);
    return (
      [this.project, this.#imports.project].some((project) => project?.stubs && resolve(project.stubs) === resolve(folder)) &&
      /^[^_][\w-]*(\.in-worker)?\.(ts|js)$/.test(name)
    );
  }

  /** The module that an import means, where it is a model's; waits until it is there. Rejected with what is wrong. */
  async resolve(id: string, importer: string | undefined): Promise<string | undefined> {
    const what = asked(id, importer, this.#root);
    if (!what) return this.#stub(id, importer);
    if (what.kind === "listed") {
      const stub = await this.#listed(what);
      return this.#module(id, stub, what.worker ? `${fileOf(what.name)}.in-worker` : fileOf(what.name));
    }
    const name = await this.#imports.add(what, importer);
    const stub = join(this.#imports.project!.stubs!, `${fileOf(name)}.js`);
    if (!existsSync(stub)) throw errorOf(this.failures.filter(({ model }) => model === name), this.#root);
    const file = slashes(what.source).split("/").at(-1)!;
    return this.#module(`*/${file}${what.query}`, stub, `imported.${fileOf(name)}`);
  }

  /** What a manifest's models are imported as, and the modules of that: for bundlers that are told beforehand. */
  async modules(): Promise<Record<string, string>> {
    await this.ready;
    const found: Record<string, string> = {};
    for (const name of this.project?.models ?? []) {
      const stub = this.#file(name);
      if (stub) found[`tfjs:${name}`] = this.#module(undefined, stub, fileOf(name));
    }
    return found;
  }

  /** The published files of models that are imported by their file, and of nothing else. */
  get assets(): Asset[] {
    const { output, names } = this.#imports;
    return names.flatMap((model) => {
      const folder = join(output, model);
      return files(folder).map((file) => ({ name: `${PUBLIC_URL}/${model}/${slashes(relative(folder, file))}`, file }));
    });
  }

  /** The folders that a dev server serves: address below the base, and folder. */
  get served(): [string, string][] {
    const { project } = this;
    const own: [string, string][] = project ? [[project.public_url, project.output]] : [];
    return this.#imports.names.length ? [...own, [PUBLIC_URL, this.#imports.output]] : own;
  }

  /** Lets this process end when nothing else keeps it. */
  unref(): void {
    this.#watch?.unref();
  }

  /** Ends the watch. */
  close(): void {
    this.#watch?.close();
    this.#imports.close();
  }

  get #manifest(): string | undefined {
    const { manifest } = this.#options;
    return manifest === undefined ? findManifest(this.#root) : resolve(this.#root, manifest);
  }

  get #place(): Place {
    return { root: this.#root, manifest: this.#manifest, loaders: LOADERS };
  }

  /** A stub that is not there yet is waited for. Where it does not come, it is told why, and not that it is not there. */
  async #stub(id: string, importer: string | undefined): Promise<undefined> {
    if (!this.#watch || importer === undefined || !(id.startsWith(".") || isAbsolute(id))) return;
    const path = resolve(dirname(importer), id);
    const stubs = this.project?.stubs;
    // Where no manifest is in force, any module that is not there may be a stub.
    if (stubs ? !path.startsWith(stubs + sep) : isAbsolute(id)) return;
    if (isThere(path)) return;
    await this.ready;
    if (!isThere(path) && this.failures.length) throw errorOf(this.failures.slice(-1), this.#root);
  }

  async #listed({ name, worker }: Listed): Promise<string> {
    await this.ready;
    const { project } = this;
    const wrong = (message: string): never => {
      throw errorOf([ofRun(message)], this.#root);
    };
    if (!project) {
      const failure = this.failures[0];
      if (failure) throw errorOf([failure], this.#root);
      return wrong(`"tfjs:${name}": there is no ${MANIFEST} in ${this.#root} or above it; \`tfjs-build init\` writes one`);
    }
    if (!project.models.includes(name)) {
      const others = project.models.map((each) => `tfjs:${each}`).join(", ") || "none";
      return wrong(`"tfjs:${name}": ${MANIFEST} lists no model ${JSON.stringify(name)}. What it has: ${others}`);
    }
    if (!this.#file(name, worker) && !this.#wrong(name)) await this.#watch?.settled(name); // it has just been listed
    const file = this.#file(name, worker);
    if (file) return file;
    const failure = this.#wrong(name);
    if (failure) throw errorOf([failure], this.#root);
    return wrong(
      worker
        ? `"tfjs:${name}/in-worker": there are no loaders that use a worker; \`worker: true\` in ${MANIFEST} makes them`
        : `"tfjs:${name}": its loader is not in ${project.stubs}; \`tfjs-build build\` says more`,
    );
  }

  #wrong(name: string): Failure | undefined {
    return this.failures.find(({ model }) => model === name);
  }

  #file(name: string, worker = false): string | undefined {
    const { project } = this;
    if (!project?.stubs) return undefined;
    const path = join(project.stubs, `${fileOf(name)}${worker ? ".in-worker" : ""}`);
    // Where both are, the one is left from another `language`.
    return [`${path}.js`, `${path}.ts`].find((file) => existsSync(file));
  }

  /** Writes the module that stands for a stub: all that it exports, and its loader as the default. */
  #module(declared: string | undefined, stub: string, name: string): string {
    const file = join(stateFolder(this.#root), "direct", `${name}.js`);
    const load = exportsOf(stub).constants.find((each) => each.startsWith("load"))!;
    const from = JSON.stringify(specifier(dirname(file), stub).replace(/\.ts$/, ""));
    const text = `export * from ${from};\nexport { ${load} as default } from ${from};\n`;
    write(file, `// Generated by tfjs-build: what an import of the model is.\n${text}`);
    const types = this.#types;
    if (declared !== undefined && types !== undefined) {
      const listed = new Set(this.project?.models.flatMap((each) => [`tfjs:${each}`, `tfjs:${each}/in-worker`]));
      declare(types, declared, stub, load, (known) => known.startsWith("tfjs:") && this.project !== undefined && !listed.has(known));
    }
    return file;
  }

  get #types(): string | undefined {
    const { types } = this.#options;
    if (types === false) return undefined;
    if (types !== undefined) return resolve(this.#root, types);
    const src = join(this.#root, "src");
    return join(existsSync(src) ? src : this.#root, "tfjs-models.d.ts");
  }
}

/** Whether a module is there, whatever its ending; `.js` may stand for another one. */
function isThere(path: string): boolean {
  const name = basename(path);
  const stem = name.replace(/\.js$/, "");
  try {
    return readdirSync(dirname(path)).some((each) => each === name || each.startsWith(`${stem}.`));
  } catch {
    return false;
  }
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name));
}
