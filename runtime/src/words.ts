// How messages name values, tensors and inputs.
import type { TensorSpec } from "./types.js";

/** What JavaScript calls a value's kind: `Float32Array`, `Promise`, `HTMLCanvasElement`. */
export function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** What was given in the place of something else. */
export function kindOf(value: unknown): string {
  if (value == null) return String(value);
  const { isDisposed } = value as { isDisposed?: boolean }; // as tensors have
  if (isDisposed !== undefined) return isDisposed ? "a disposed one" : describe(value as TensorSpec);
  return typeName(value).replace("Promise", "$&: await it first");
}

export function describe({ dtype, shape }: Pick<TensorSpec, "dtype" | "shape">): string {
  return `${dtype} [${shape?.map((size) => size ?? "?").join(", ") ?? "..."}]`;
}

export function names(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => `"${spec.name}"`).join(", ");
}

export function messageOf(error: unknown): string {
  return (error as Error | null)?.message ?? String(error);
}
