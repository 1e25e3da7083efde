// What code that uses a model relies on, and how it differs from what it was: why a page has to load anew.
import { readFileSync } from "node:fs";

interface Tensor {
  readonly name: string;
  readonly shape: readonly (number | null)[] | null;
  readonly dtype: string;
}

/** Inputs, outputs and labels of a published model. */
export interface Signature {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly labels: readonly string[];
}

/** Reads what a model.json promises; undefined where it cannot be read. */
export function signatureOf(file: string): Signature | undefined {
  try {
    const { signature, labels = [] } = JSON.parse(readFileSync(file, "utf8")).userDefinedMetadata["tfjs-build"];
    return { inputs: signature.inputs, outputs: signature.outputs, labels };
  } catch {
    return undefined;
  }
}

/** What has changed, in words; nothing where code that was written for the one fits the other. */
export function changes(before: Signature, after: Signature): string[] {
  const found = [...tensors("input", before.inputs, after.inputs), ...tensors("output", before.outputs, after.outputs)];
  if (before.labels.length !== after.labels.length) found.push(`labels: ${after.labels.length}, not ${before.labels.length}`);
  else if (before.labels.some((label, i) => label !== after.labels[i])) found.push("other labels");
  return found;
}

function tensors(role: string, before: readonly Tensor[], after: readonly Tensor[]): string[] {
  const found: string[] = [];
  for (const tensor of after) {
    const was = before.find(({ name }) => name === tensor.name);
    if (!was) found.push(`a new ${role} ${JSON.stringify(tensor.name)}, ${described(tensor)}`);
    else if (described(was) !== described(tensor)) {
      found.push(`the ${role} ${JSON.stringify(tensor.name)} is ${described(tensor)}, not ${described(was)}`);
    }
  }
  for (const { name } of before) {
    if (!after.some((tensor) => tensor.name === name)) found.push(`the ${role} ${JSON.stringify(name)} is gone`);
  }
  const order = (all: readonly Tensor[]) => all.map(({ name }) => name).join("\n");
  if (!found.length && order(before) !== order(after)) found.push(`another order of ${role}s`);
  return found;
}

function described({ dtype, shape }: Tensor): string {
  return shape === null ? `${dtype} of any rank` : `${dtype} [${shape.map((size) => size ?? "?").join(", ")}]`;
}
