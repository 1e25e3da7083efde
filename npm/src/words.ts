// What a terminal is told of a build or a watch: a line, for what is worth one.
import type { Said } from "./events.js";

export function wordsOf(said: Said): string | undefined {
  switch (said.event) {
    case "written":
      return `tfjs-build: ${said.model} in ${said.seconds.toFixed(2)} s`;
    case "note":
      return said.model === null ? undefined : `tfjs-build: ${said.model}: ${said.message}`;
    default:
      return undefined;
  }
}
