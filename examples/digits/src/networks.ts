// The network in its two forms: which there are, and how one is loaded.

import { type Digits, digitsLabels, loadDigits } from "./models/digits";
import { type DigitsSmall, loadDigitsSmall } from "./models/digits-small";

/** The models of tfjs.yaml, by the names that they have there. */
const loaders = { digits: loadDigits, "digits-small": loadDigitsSmall };

export type Name = keyof typeof loaders;

/** What the classes are called; the same for both. */
export const labels = digitsLabels;

/** A loaded network; whoever has it disposes its model. */
export interface Network {
  readonly name: Name;
  readonly model: Digits | DigitsSmall;
  /** What its weights weigh. */
  readonly bytes: number;
}

/** Loads the network of this name; rejected with the signal's reason when that is aborted. */
export async function loadNetwork(name: Name, signal: AbortSignal): Promise<Network> {
  let bytes = 0;
  const model = await loaders[name]({ signal, onProgress: ({ total }) => (bytes = total), warmUp: true });
  return { name, model, bytes };
}
