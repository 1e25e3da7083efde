// The names that the network has read in training, for comparison.

import { type Colour, distance, fromHex } from "./colours";

export interface Named {
  readonly name: string;
  readonly hex: string;
}

let read: Promise<readonly (Named & { readonly colour: Colour })[]> | null = null;

/** Returns the names whose colours look most like this one. */
export async function nearest(colour: Colour, count: number): Promise<Named[]> {
  // Only now: the page does without until there is a colour to compare.
  read ??= import("../model/names.csv?raw").then((file) => parse(file.default));
  return (await read)
    .map((each) => ({ ...each, away: distance(each.colour, colour) }))
    .sort((one, other) => one.away - other.away)
    .slice(0, count);
}

function parse(csv: string): (Named & { colour: Colour })[] {
  const [, ...lines] = csv.trim().split("\n");
  return lines.map((line) => {
    const [name, digits] = line.split(",");
    return { name: name!, hex: `#${digits}`, colour: fromHex(`#${digits}`) };
  });
}
