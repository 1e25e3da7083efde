// Models that are imported by their file: a manifest of their own is made of the imports, and kept up to date with them.
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileOf, nameOf, type Imported } from "./asked.js";
import { build } from "./build.js";
import type { Project } from "./events.js";
import { atText, errorOf, ofRun, shorten, type Failure } from "./failure.js";
import { MANIFEST, slashes, stateFolder, write } from "./place.js";
import { Watch, type Listener, type Place } from "./watch.js";

/** Where they are served, relative to the site's base. */
export const PUBLIC_URL = "tfjs";

const OUTPUT = "models";
const LOADERS = "loaders";

/** A model that is imported by its file. */
export interface Added {
  readonly name: string;
  readonly stub: string;
}

interface Entry {
  readonly name: string;
  readonly importer: string | undefined;
  readonly asked: Imported;
}

export class Imports {
  readonly #root: string;
  readonly #listener: Listener | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #added = new Map<string, Promise<Added>>();
  #watch: Watch | undefined;
  #project: Project | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** With a listener they are watched, else built once. */
  constructor(root: string, listener?: Listener) {
    this.#root = root;
    this.#listener = listener;
  }

  /** The folder of what is published. */
  get output(): string {
    return join(this.#folder, OUTPUT);
  }

  /** The manifest that was made, as soon as it is in force. */
  get project(): Project | undefined {
    return this.#watch?.project ?? this.#project;
  }

  /** The names of the models. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** What is wrong now, in the terms of who imports, but with the manifest: who has imported what is wrong was told. */
  get failures(): readonly Failure[] {
    const failures = this.#watch?.failures ?? [];
    return failures.filter(({ model, file }) => model !== null || file === undefined).map((each) => this.#placed(each));
  }

  /** Has the model of an import built. Rejected where it is wrong, or was never right. */
  add(asked: Imported, importer: string | undefined): Promise<Added> {
    const name = nameOf(asked, this.#root);
    let added = this.#added.get(name);
    if (!added) {
      const entry = { name, importer, asked };
      // One after the other: what is wrong with the manifest is wrong with the last one, which is taken out again.
      const settled = this.#last.then(() => this.#accept(entry));
      this.#last = settled.catch(() => {});
      added = settled.then((wait) => wait()).then(() => this.#found(entry));
      this.#added.set(name, added);
      added.catch(() => this.#added.delete(name)); // it may be right the next time
    }
    return added;
  }

  /** Ends the watch. */
  close(): void {
    this.#watch?.close();
  }

  /** Builds are not in the way of a dev server that is running. */
  get #folder(): string {
    return join(stateFolder(this.#root), this.#listener ? "imports" : "built");
  }

  get #place(): Place {
    return { root: this.#root, manifest: join(this.#folder, MANIFEST) };
  }

  #stub(name: string): string {
    return join(this.#folder, LOADERS, `${fileOf(name)}.js`);
  }

  /** Takes a model into the manifest; returns what waits for it. */
  async #accept(entry: Entry): Promise<() => Promise<void>> {
    const { name } = entry;
    const isNew = !this.#entries.has(name);
    this.#entries.set(name, entry); // it may have another importer now
    this.#write();
    if (!this.#listener) {
      const { project, failures } = await build(this.#place, () => {}, [name]);
      if (failures.length) return this.#refuse(entry, failures);
      this.#project = project;
      return async () => {};
    }
    const watch = (this.#watch ??= new Watch(this.#place, this.#listener));
    watch.restart();
    const settled = watch.settled(name);
    await watch.begun;
    while (watch.running && !watch.failure && !watch.project?.models.includes(name)) await watch.read();
    if (watch.failure) return this.#refuse(entry, [watch.failure]);
    const known = !isNew && (existsSync(this.#stub(name)) || watch.failures.some(({ model }) => model === name));
    return async () => (known ? undefined : settled);
  }

  /** Takes a model out again, and waits until the manifest is right without it. */
  async #refuse(entry: Entry, failures: readonly Failure[]): Promise<never> {
    this.#entries.delete(entry.name);
    this.#write();
    const watch = this.#watch;
    while (watch?.running && watch.failure) await watch.read();
    throw errorOf(failures.map((each) => this.#placed(each, entry)), this.#root);
  }

  #found(entry: Entry): Added {
    const { name } = entry;
    const stub = this.#stub(name);
    if (existsSync(stub)) return { name, stub };
    const failures = this.#watch?.failures ?? [];
    const own = failures.filter(({ model }) => model === name || model === null);
    if (!own.length) own.push({ ...ofRun("its loader is not there"), model: name });
    throw errorOf(own.map((each) => this.#placed(each, entry)), this.#root);
  }

  #write(): void {
    const models = [...this.#entries.values()].map(({ name, asked: { source, keys } }) => {
      const path = slashes(relative(this.#folder, source));
      return [name, { source: path, ...keys }];
    });
    const manifest = {
      version: 1,
      output: OUTPUT,
      stubs: LOADERS,
      language: "javascript",
      public_url: `/${PUBLIC_URL}`,
      models: Object.fromEntries(models),
    };
    write(join(this.#folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`); // which is YAML as well
  }

  /** A failure in the terms of who imports, who has not written the manifest. */
  #placed(failure: Failure, entry = this.#entries.get(failure.model ?? "")): Failure {
    if (!entry) return failure;
    const { name, importer, asked } = entry;
    const source = slashes(shorten(asked.source, this.#root));
    const up = `${slashes(relative(this.#folder, this.#root))}/`;
    const plain = (text: string) => text.replaceAll(up, "").replaceAll(name, source);
    const inManifest = failure.file === undefined || failure.file === this.#place.manifest;
    return {
      ...failure,
      model: source,
      message: plain(failure.message),
      hint: plain(failure.hint),
      ...(inManifest ? atText(importer, asked.text) : {}),
    };
  }
}
