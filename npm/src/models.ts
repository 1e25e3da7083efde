// The models of a project as every plugin sees them: built once or watched, and what imports of them become.
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { aliases } from "./alias.js";
import { asked, fileOf, type Listed } from "./asked.js";
import { build } from "./build.js";
import { patternOf } from "./declarations.js";
import { writeModule, writeTypes, type Direct } from "./direct.js";
import type { Project, Said } from "./events.js";
import { atText, errorOf, ofRun, shorten, type Failure } from "./failure.js";
import { Imports, PUBLIC_URL } from "./imports.js";
import { findManifest, isLoaderName, MANIFEST, slashes, STATE, stateFolder } from "./place.js";
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
  /** The imports of models that were resolved. */
  readonly #modules = new Map<string, Direct>();
  /** Those of which it was said that TypeScript cannot tell them apart. */
  readonly #alike = new Set<string | undefined>();

  private constructor(root: string, options: Options, told: Told, watched: boolean) {
    this.#root = root;
    this.#options = options;
    this.#told = told;
    const onFailures = () => told.onFailures?.(this.failures);
    this.#imports = new Imports(
      root,
      watched ? { onFailures, onSaid: (said) => this.#hear(said, this.#imports.project) } : undefined,
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
    const watch = (this.#watch = new Watch(this.#place, {
      onFailures: () => this.#told.onFailures?.(this.failures),
      onSaid: (said) => this.#hear(said, watch.project),
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
    return this.#isGenerated(file) && isLoaderName(basename(file));
  }

  /** Whether a file is the script of a model's worker. */
  isWorker(file: string): boolean {
    return this.#isGenerated(file) && /^[^_][\w-]*\.worker\.js$/.test(basename(file));
  }

  #isGenerated(file: string): boolean {
    const folder = resolve(dirname(file));
    return [this.project, this.#imports.project].some((project) => project?.stubs && resolve(project.stubs) === folder);
  }

  /** The module that an import means, where it is a model's; waits until it is there. Rejected with what is wrong. */
  async resolve(id: string, importer: string | undefined): Promise<string | undefined> {
    const what = asked(id, importer, this.#root);
    if (!what) return this.#stub(id, importer);
    const wrong = (message: string, hint = "") =>
      errorOf([{ ...ofRun(message), hint, ...atText(importer, id) }], this.#root);
    if (what.kind === "listed") {
      const stub = await this.#listed(what, wrong);
      return this.#module(what.worker ? `${fileOf(what.name)}.in-worker` : fileOf(what.name), { declared: id, stub });
    }
    if (this.project?.minimal) {
      const file = shorten(what.source, this.#root);
      throw wrong(
        `${file} cannot be imported by its file: with \`tfjs: minimal\` there is only what the models in ${MANIFEST} need`,
        "List it there, and import it as `tfjs:NAME`.",
      );
    }
    const { name, stub } = await this.#imports.add(what, importer);
    const source = slashes(shorten(what.source, this.#root));
    return this.#module(`imported.${name}`, { declared: patternOf(what), stub, imported: { source, name } });
  }

  /** What a manifest's models are imported as, and the modules of that: for bundlers that are told beforehand. */
  async modules(): Promise<Record<string, string>> {
    await this.ready;
    const found: Record<string, string> = {};
    // It is not known which are imported so: where there are stubs among the sources, perhaps none.
    const isOnly = this.project?.stubs?.split(sep).includes(STATE);
    for (const name of this.project?.models ?? []) {
      for (const worker of [false, true]) {
        const stub = this.#file(name, worker);
        const id = `tfjs:${name}${worker ? "/in-worker" : ""}`;
        const declared = isOnly ? id : undefined;
        if (stub) found[id] = this.#module(`${fileOf(name)}${worker ? ".in-worker" : ""}`, { declared, stub });
      }
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

  async #listed({ name, worker }: Listed, wrong: (message: string, hint?: string) => Error): Promise<string> {
    await this.ready;
    const { project } = this;
    if (!project) {
      const failure = this.#watch?.failure;
      if (failure) throw errorOf([failure], this.#root);
      throw wrong(`there is no ${MANIFEST} that could list a model ${name}`, "`tfjs-build init` writes one.");
    }
    if (!project.models.includes(name)) {
      const others = project.models.map((each) => `tfjs:${each}`).join(", ") || "none";
      throw wrong(`${MANIFEST} lists no model ${name}. It has: ${others}`);
    }
    if (!this.#file(name) && !this.#wrong(name)) await this.#watch?.settled(name); // it has just been listed
    const file = this.#file(name, worker);
    if (file) return file;
    const failure = this.#wrong(name) ?? this.#watch?.failure;
    if (failure) throw errorOf([failure], this.#root);
    throw worker && this.#file(name)
      ? wrong(`there are no loaders that use a worker`, `\`worker: true\` in ${MANIFEST} makes them.`)
      : wrong(`the loader of ${name} is not there`, "`tfjs-build build` says more.");
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

  /** Writes the module of an import, and its types; returns it. */
  #module(name: string, parts: Omit<Direct, "file">): string {
    const direct = { ...parts, file: join(stateFolder(this.#root), "direct", `${name}.js`) };
    // Loaders that are not among the sources lie beside the manifest, which may be above the project.
    const state = dirname(dirname(direct.stub));
    if (basename(state) === STATE) stateFolder(dirname(state));
    this.#modules.set(`${direct.file} ${direct.declared}`, direct);
    this.#write(direct);
    return direct.file;
  }

  #write(direct: Direct): void {
    writeModule(direct);
    if (this.#types === undefined) return;
    const names = this.project?.models.flatMap((each) => [`tfjs:${each}`, `tfjs:${each}/in-worker`]);
    const others = writeTypes(this.#types, direct, (name, source) =>
      source === undefined ? names !== undefined && !names.includes(name) : !existsSync(resolve(this.#root, source)),
    );
    if (!others.length || this.#alike.has(direct.declared)) return;
    this.#alike.add(direct.declared);
    const message = `TypeScript cannot tell it from ${others.join(", ")}, imported by the same words: both are \`any\``;
    this.#told.onSaid?.({ event: "note", model: direct.imported!.source, message }, undefined);
  }

  /** What was published may export other names now. */
  #hear(said: Said, project: Project | undefined): void {
    if (said.event === "written") for (const each of this.#modules.values()) if (existsSync(each.stub)) this.#write(each);
    this.#told.onSaid?.(said, project);
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
