// What a terminal is told of a build or a watch: a line, for what is worth one.
import { changed, type Signatures } from "./changed.js";
import type { Project, Said } from "./events.js";

/** How a plugin's lines are printed. */
export interface Print {
  info(line: string): void;
  warn(line: string): void;
}

/** Prints in a terminal that is shared with others. */
export const TERMINAL: Print = {
  info: (line) => console.log(signed(line)),
  warn: (line) => console.warn(signed(line)),
};

/** A line with who says it. */
export function signed(line: string): string {
  return `tfjs-build: ${line}`;
}

/** Prints what is said, and, before pages load anew, why they do, which `onChanged` is told as well. */
export function telling(print: Print, onChanged?: (why: string) => void): (said: Said, project: Project | undefined) => void {
  const signatures: Signatures = new Map();
  return (said, project) => {
    const line = wordsOf(said);
    if (line !== undefined) print.info(line);
    const why = project && changed(said, project, signatures);
    if (why === undefined) return;
    print.warn(why);
    onChanged?.(why);
  };
}

function wordsOf(said: Said): string | undefined {
  switch (said.event) {
    case "written":
      return `${said.model} in ${said.seconds.toFixed(2)} s`;
    case "note":
      return said.model === null ? said.message : `${said.model}: ${said.message}`;
    default:
      return undefined;
  }
}
