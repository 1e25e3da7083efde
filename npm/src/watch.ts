// A running `tfjs-build watch --json`: what it says, and what is wrong now. It ends with this process, however that ends.
import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { findCommand, MISSING } from "./command.js";
import type { Project, Said } from "./events.js";
import { failureOf, ofRun, type Failure } from "./failure.js";

/** What is told of a watch. */
export interface Listener {
  /** Anything that was said. */
  onSaid?(said: Said): void;
  /** What is wrong has changed. */
  onFailures?(failures: readonly Failure[]): void;
}

/** A manifest, and where it is built from. */
export interface Place {
  /** The project's folder. */
  readonly root: string;
  /** The manifest, if not the nearest tfjs.yaml. */
  readonly manifest?: string | undefined;
  /** Where loaders go if the manifest names no `stubs`, relative to it. */
  readonly loaders?: string | undefined;
}

/** The arguments of a command for a place. */
export function argumentsFor(command: string, { manifest, loaders }: Place, ...more: string[]): string[] {
  const named = manifest === undefined ? [] : ["-c", manifest];
  return [...named, command, "--json", ...(loaders === undefined ? [] : ["--loaders", loaders]), ...more];
}

export class Watch {
  readonly #place: Place;
  readonly #listener: Listener;
  readonly #failures = new Map<string, Failure>();
  readonly #waiters = new Map<string, Set<() => void>>();
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

  constructor(place: Place, listener: Listener) {
    this.#place = place;
    this.#listener = listener;
    this.#start();
  }

  /** What is wrong now. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  /** What is wrong with the manifest, or with the whole run. */
  get failure(): Failure | undefined {
    return this.#failures.get("");
  }

  /** Whether it has not ended. */
  get running(): boolean {
    return this.#child !== undefined && !this.#closed;
  }

  /** Starts it anew, if it has ended; returns whether it had. */
  restart(): boolean {
    if (this.#child || this.#closed) return false;
    this.#failures.clear();
    this.#start();
    return true;
  }

  /** Resolved when something is next said of the manifest, that it is in force or wrong, or when the run has ended. */
  read(): Promise<void> {
    return this.#next("");
  }

  /** Resolved when a model is next published, found fresh, or found wrong, or when the run has ended. */
  settled(model: string): Promise<void> {
    return this.#next(model);
  }

  /** Lets this process end while it goes on, by which it ends as well: for processes that others keep. */
  unref(): void {
    const child = this.#child;
    if (!child) return;
    child.unref();
    for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as Socket | null)?.unref();
  }

  /** Ends it; what is waited for is waited for no more: a server that ends may wait for that. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end(); // by which it ends, and leaves what a build would leave
    this.#settle();
  }

  #start(): void {
    this.begun = new Promise((resolve) => (this.#begun = resolve));
    this.ready = new Promise((resolve) => (this.#finished = resolve));
    const { root } = this.#place;
    const command = findCommand(root);
    if (!command) return this.#fail(MISSING);
    const child = spawn(command.file, [...command.args, ...argumentsFor("watch", this.#place)], {
      cwd: root,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err = (err + text).slice(-4000)));
    child.stdin.on("error", () => {}); // it has ended
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    child.on("error", (error) => this.#fail(`${command.file} cannot be started: ${error.message}`));
    child.on("close", (code) => {
      this.#child = undefined;
      if (!this.#closed && !this.#failures.size) this.#fail(`tfjs-build watch has ended with exit code ${code}. ${err.trim()}`);
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
        this.#tell("");
        break;
      case "failed":
      case "waiting":
        this.#set(said.model ?? "", failureOf(said));
        this.#tell(said.model ?? "");
        break;
      case "written":
      case "fresh":
      case "removed":
        this.#clear(said.model);
        this.#tell(said.model);
        break;
      case "ready":
        this.#settle();
        break;
      default:
    }
    this.#listener.onSaid?.(said);
  }

  #next(key: string): Promise<void> {
    if (!this.#child || this.#closed) return Promise.resolve();
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters);
    return new Promise((resolve) => waiters.add(resolve));
  }

  #tell(key: string): void {
    for (const waiter of this.#waiters.get(key) ?? []) waiter();
    this.#waiters.delete(key);
  }

  #fail(message: string): void {
    this.#set("", ofRun(message));
    this.#settle();
  }

  #settle(): void {
    this.#begun();
    this.#finished();
    if (!this.#child || this.#closed) for (const key of [...this.#waiters.keys()]) this.#tell(key);
  }

  #set(key: string, failure: Failure): void {
    this.#failures.set(key, failure);
    this.#listener.onFailures?.(this.failures);
  }

  #clear(key: string): void {
    if (this.#failures.delete(key)) this.#listener.onFailures?.(this.failures);
  }
}
