#!/usr/bin/env node
// `tfjs-build` of npm: runs the Python command with the same arguments, terminal, signals and exit code.
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { findCommand, MISSING } from "./command.js";

const command = findCommand(process.cwd());
if (!command) {
  console.error(MISSING);
  process.exit(2);
}
let child: ChildProcess | undefined;
// Before there is a child, which may be told to end as soon as it is there. Ctrl-C reaches it as well, and it decides.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child?.kill(signal));
child = spawn(command.file, [...command.args, ...process.argv.slice(2)], { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`tfjs-build: ${command.file} cannot be started: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal!]));
