// What `tfjs-build --json` says, a line each: docs/events.md has all of it.

export interface Project {
  readonly event: "project";
  readonly manifest: string;
  readonly output: string;
  readonly stubs: string | null;
  readonly public_url: string;
  readonly minimal: boolean;
  readonly models: readonly string[];
}

export interface Failed {
  readonly event: "failed";
  readonly model: string | null;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly excerpt?: string;
}

export interface Written {
  readonly event: "written";
  readonly model: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly seconds: number;
}

export interface Waiting {
  readonly event: "waiting";
  readonly model: string;
  readonly finding: string;
  readonly message: string;
}

export type Said =
  | Project
  | Failed
  | Written
  | Waiting
  | { readonly event: "started" | "fresh" | "removed"; readonly model: string }
  | { readonly event: "note"; readonly model: string | null; readonly message: string }
  | { readonly event: "ready" | "reloaded" | "progress" }
  | { readonly event: "stopped"; readonly code: number };
