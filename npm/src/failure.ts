// What is wrong with a model, or with the manifest, as people read it.
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { Failed, Waiting } from "./events.js";

/** What is wrong now: with a model, or with the whole run (`model` null). */
export interface Failure {
  readonly model: string | null;
  readonly message: string;
  readonly hint: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly excerpt: string;
}

export function failureOf(event: Failed | Waiting): Failure {
  if (event.event === "waiting") {
    const { model, message } = event;
    return { model, message, hint: "", file: undefined, line: undefined, column: undefined, excerpt: "" };
  }
  const { model, message, hint = "", file, line, column, excerpt = "" } = event;
  return { model, message, hint, file, line, column, excerpt };
}

/** What is wrong with a whole run. */
export function ofRun(message: string): Failure {
  return { model: null, message, hint: "", file: undefined, line: undefined, column: undefined, excerpt: "" };
}

/** The place of a failure where a text stands in a file: its line is not known where the text was made of another one. */
export function atText(file: string | undefined, text: string): Pick<Failure, "file" | "line" | "column" | "excerpt"> {
  const path = file?.split("?")[0];
  const nowhere = { file: path, line: undefined, column: undefined, excerpt: "" };
  let lines: string[];
  try {
    lines = readFileSync(path ?? "", "utf8").split("\n");
  } catch {
    return nowhere;
  }
  const at = lines.findIndex((line) => line.includes(text));
  if (at < 0) return nowhere;
  const column = lines[at]!.indexOf(text);
  const margin = String(at + 1).replaceAll(/./g, " ");
  const excerpt = `${at + 1} | ${lines[at]!.trimEnd()}\n${margin} | ${" ".repeat(column)}${"^".repeat(text.length)}`;
  return { file: path, line: at + 1, column: column + 1, excerpt };
}

/** An error that says what is wrong, and nothing of where it was thrown, which is nobody's business. */
export function errorOf(failures: readonly Failure[], root: string): Error {
  const message = failures.map((each) => textOf(each, root)).join("\n\n");
  return Object.assign(new Error(message), { stack: message });
}

/** A failure in a few lines; paths are relative to the project's folder. */
export function textOf(failure: Failure, root: string): string {
  const { model, message, hint, file, line, column, excerpt } = failure;
  const place = file === undefined ? "" : [shorten(file, root), line, column].filter(Boolean).join(":");
  const head = model === null ? message : `${model}: ${message}`;
  return [shortenAll(head, root), shortenAll(hint, root), excerpt, place].filter(Boolean).join("\n");
}

/** A path relative to the project's folder, where it lies in it. */
export function shorten(path: string, root: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") || isAbsolute(inside) || !inside ? path : inside;
}

function shortenAll(text: string, root: string): string {
  return text.replaceAll(`${root}/`, "");
}
