// One `tfjs-build build --json`: what it made, or what is wrong.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { findCommand, MISSING } from "./command.js";
import type { Project, Said } from "./events.js";
import { failureOf, ofRun, type Failure } from "./failure.js";
import { argumentsFor, type Place } from "./watch.js";

/** What a build has made. */
export interface Built {
  readonly project: Project | undefined;
  readonly failures: readonly Failure[];
}

/** Builds the models of a manifest, or only some. */
export async function build(place: Place, onSaid: (said: Said) => void, names: readonly string[] = []): Promise<Built> {
  const command = findCommand(place.root);
  if (!command) return { project: undefined, failures: [ofRun(MISSING)] };
  const child = spawn(command.file, [...command.args, ...argumentsFor("build", place, ...names)], {
    cwd: place.root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  let project: Project | undefined;
  const failures: Failure[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    let said: Said;
    try {
      said = JSON.parse(line) as Said;
    } catch {
      return; // no event: what the project's own code has printed
    }
    if (said.event === "project") project = said;
    if (said.event === "failed") failures.push(failureOf(said));
    onSaid(said);
  });
  const code = await new Promise<number | string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", resolve);
  });
  if (typeof code === "string") failures.push(ofRun(`${command.file} cannot be started: ${code}`));
  else if (code !== 0 && !failures.length) failures.push(ofRun(`tfjs-build build has ended with exit code ${code}. ${err.trim()}`));
  return { project, failures };
}
