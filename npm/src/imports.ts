// Models that are imported by their file: a manifest of their own is made of the imports, and kept up to date with them.
import { join, relative } from "node:path";
import { nameOf, type Imported } from "./asked.js";
import { build } from "./build.js";
import type { Project } from "./events.js";
import { errorOf, type Failure } from "./failure.js";
import { MANIFEST, slashes, stateFolder, write } from "./place.js";
import { Watch, type Listener, type Place } from "./watch.js";

/** Where they are served, relative to the site's base. */
export const PUBLIC_URL = "tfjs";

const OUTPUT = "models";

interface Entry {
  readonly name: string;
  readonly importer: string | undefined;
  readonly asked: Imported;
}

export class Imports {
  readonly #root: string;
  readonly #listener: Listener | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #added = new Map<string, Promise<string>>();
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
    return [...this.#entries.values()].map(({ name }) => name);
  }

  /** What is wrong now: in the terms of who imports, who has not written the manifest. */
  get failures(): readonly Failure[] {
    return (this.#watch?.failures ?? []).map((each) => this.#placed(each));
  }

  /** Has the model of an import built; returns its name. Rejected where it is wrong, or was never right. */
  add(asked: Imported, importer: string | undefined): Promise<string> {
    const key = `${asked.source}${asked.query}`;
    let added = this.#added.get(key);
    if (!added) {
      added = this.#add(key, { asked, importer, name: nameOf(asked.source, (name) => this.names.includes(name)) });
      this.#added.set(key, added);
      added.catch(() => this.#added.delete(key)); // it may be right the next time
    }
    return added;
  }

  /** Ends the watch. */
  close(): void {
    this.#watch?.close();
  }

  get #folder(): string {
    return join(stateFolder(this.#root), "imports");
  }

  get #place(): Place {
    return { root: this.#root, manifest: join(this.#folder, MANIFEST) };
  }

  async #add(key: string, entry: Entry): Promise<string> {
    this.#entries.set(key, entry);
    // One after the other: what is wrong with the manifest is wrong with the last one, which is taken out again.
    const accepted = this.#last.then(() => this.#accept(key, entry));
    this.#last = accepted.catch(() => {});
    await (await accepted)();
    return entry.name;
  }

  /** Takes an entry into the manifest; returns what waits for its model. */
  async #accept(key: string, entry: Entry): Promise<() => Promise<void>> {
    const watch = this.#watch;
    const refuse = (failures: readonly Failure[]): never => {
      this.#entries.delete(key);
      this.#write();
      throw errorOf(failures.map((each) => this.#placed({ ...each, model: entry.name }, entry)), this.#root);
    };
    const read = watch?.read();
    this.#write();
    if (!this.#listener) {
      const { project, failures } = await build(this.#place, () => {}, [entry.name]);
      if (failures.length) refuse(failures);
      this.#project = project;
      return async () => {};
    }
    let settled: Promise<void> | undefined;
    if (watch && !watch.restart()) {
      settled = watch.settled(entry.name);
      await read;
    } else {
      this.#watch ??= new Watch(this.#place, this.#listener);
      settled = this.#watch.settled(entry.name);
      await this.#watch.begun;
    }
    const failure = this.#watch!.failure;
    if (failure) refuse([failure]);
    return () => settled;
  }

  #write(): void {
    const models = [...this.#entries.values()].map(({ name, asked: { source, keys } }) => {
      const path = slashes(relative(this.#folder, source));
      return [name, { source: path, ...keys }];
    });
    const manifest = {
      version: 1,
      output: OUTPUT,
      stubs: "loaders",
      language: "javascript",
      public_url: PUBLIC_URL,
      models: Object.fromEntries(models),
    };
    write(join(this.#folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`); // which is YAML as well
  }

  /** A failure where it is to be mended: in the file that has the import. */
  #placed(failure: Failure, entry?: Entry): Failure {
    const { importer } = entry ?? [...this.#entries.values()].find(({ name }) => name === failure.model) ?? {};
    const up = slashes(relative(this.#folder, this.#root));
    const plain = (text: string) => text.replaceAll(`${up}/`, "");
    return {
      ...failure,
      message: plain(failure.message),
      hint: plain(failure.hint),
      file: importer,
      line: undefined,
      column: undefined,
      excerpt: "",
    };
  }
}
