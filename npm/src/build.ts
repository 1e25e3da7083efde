// One `tfjs-build build --json`: what it made, or what is wrong.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { findCommand, MISSING } from "./command.js";
import type { Project, Said } from "./events.js";
import { failureOf, textOf, type Failure } from "./failure.js";
import type { WatchOptions } from "./watch.js";

/** Builds the models of a project; returns its manifest. Rejected with what is wrong with them. */
export async function build({ root, manifest }: WatchOptions, onSaid: (said: Said) => void): Promise<Project> {
  const command = findCommand(root);
  if (!command) throw Object.assign(new Error(MISSING), { stack: MISSING });
  const options = manifest === undefined ? [] : ["-c", manifest];
  const child = spawn(command.file, [...command.args, ...options, "build", "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  let project: Project | undefined;
  const failures: Failure[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line) as Said;
    if (said.event === "project") project = said;
    if (said.event === "failed") failures.push(failureOf(said));
    onSaid(said);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`${command.file} cannot be started: ${error.message}`)));
    child.on("close", resolve);
  });
  if (failures.length) {
    const error = new Error(failures.map((each) => textOf(each, root)).join("\n\n"));
    error.stack = error.message; // where it was thrown is nobody's business
    throw error;
  }
  if (code !== 0 || !project) throw new Error(`tfjs-build build has ended with exit code ${code}. ${err.trim()}`);
  return project;
}
