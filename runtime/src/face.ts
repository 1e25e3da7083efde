// What code that uses a model relies on: where it is another, code written for the old one may not fit it.
import type { Face } from "./types.js";

/** A text that is the same for two versions if the one may stand in the place of the other. */
export function face({ engine, inputs, outputs, labels, classify }: Face): string {
  return JSON.stringify([engine.kind, inputs, outputs, labels, classify?.output, classify?.softmax]);
}
