// A running `tfjs-build watch --json`: what it says, and what is wrong now. It ends with this process, however that ends.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { findCommand, MISSING } from "./command.js";
import type { Project, Said } from "./events.js";
import { failureOf, type Failure } from "./failure.js";

/** What is told of a watch. */
export interface Listener {
  /** The manifest in force: at the beginning, and whenever it was read again. */
  onProject?(project: Project): void;
  /** Anything else that was said. */
  onSaid?(said: Said): void;
  /** What is wrong has changed. */
  onFailures?(failures: readonly Failure[]): void;
}

export interface WatchOptions {
  /** The project's folder. */
  readonly root: string;
  /** The manifest, if not the nearest tfjs.yaml. */
  readonly manifest?: string | undefined;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #listener: Listener;
  readonly #failures = new Map<string, Failure>();
  #child: ChildProcess | undefined;
  #closed = false;
  #begun!: () => void;
  #finished!: () => void;

  /** Resolved once the manifest is known, or cannot be. */
  begun!: Promise<void>;
  /** Resolved once everything was built that can be. */
  ready!: Promise<void>;
  /** The manifest in force, as soon as it is known; undefined where there is none, or it is wrong. */
  project: Project | undefined;

  constructor(options: WatchOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.#start();
  }

  /** What is wrong now. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  /** Whether it runs: a manifest that is wrong at the beginning ends it. */
  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it anew, if it has ended; returns whether it had. */
  restart(): boolean {
    if (this.#child || this.#closed) return false;
    this.#failures.clear();
    this.#start();
    return true;
  }

  /** Ends it. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end(); // by which it ends, and leaves what a build would leave
  }

  #start(): void {
    this.begun = new Promise((resolve) => (this.#begun = resolve));
    this.ready = new Promise((resolve) => (this.#finished = resolve));
    const { root, manifest } = this.#options;
    const command = findCommand(root);
    if (!command) return this.#fail("missing", MISSING);
    const options = manifest === undefined ? [] : ["-c", manifest];
    const child = spawn(command.file, [...command.args, ...options, "watch", "--json"], {
      cwd: root,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err = (err + text).slice(-4000)));
    child.stdin.on("error", () => {}); // it has ended
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    child.on("error", (error) => this.#fail("start", `${command.file} cannot be started: ${error.message}`));
    child.on("close", (code) => {
      this.#child = undefined;
      if (this.#closed) return;
      if (!this.#failures.size) this.#fail("end", `tfjs-build watch has ended with exit code ${code}. ${err.trim()}`);
      this.#settle();
    });
  }

  #hear(line: string): void {
    let said: Said;
    try {
      said = JSON.parse(line) as Said;
    } catch {
      return; // no event: what the project's own code has printed
    }
    switch (said.event) {
      case "project":
        this.project = said;
        this.#clear("");
        this.#begun();
        this.#listener.onProject?.(said);
        break;
      case "failed":
      case "waiting":
        this.#set(said.event === "failed" && said.model === null ? "" : said.model!, failureOf(said));
        break;
      case "written":
      case "fresh":
      case "removed":
        this.#clear(said.model);
        break;
      case "ready":
        this.#settle();
        break;
      default:
    }
    this.#listener.onSaid?.(said);
  }

  #fail(key: string, message: string): void {
    this.#set(key, { model: null, message, hint: "", file: undefined, line: undefined, column: undefined, excerpt: "" });
    this.#settle();
  }

  #settle(): void {
    this.#begun();
    this.#finished();
  }

  #set(key: string, failure: Failure): void {
    this.#failures.set(key, failure);
    this.#listener.onFailures?.(this.failures);
  }

  #clear(key: string): void {
    if (this.#failures.delete(key)) this.#listener.onFailures?.(this.failures);
  }
}
