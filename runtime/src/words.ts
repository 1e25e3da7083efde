// How messages name values, tensors and inputs.
import * as tf from "@tensorflow/tfjs";
import type { TensorSpec } from "./types.js";

/** What shows pixels in a page, by what JavaScript calls it. */
export const PICTURE = /^(?:HTML(?:Canvas|Image|Video)Element|Image(?:Data|Bitmap)|OffscreenCanvas|VideoFrame)$/;

/** What JavaScript calls a value's kind: `Float32Array`, `Promise`, `HTMLCanvasElement`. */
export function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof tf.Tensor) return describe(value.dtype, value.shape);
  return withArticle(typeName(value));
}

export function describe(dtype: string, shape: TensorSpec["shape"]): string {
  return `${dtype} ${shape === null ? "of any rank" : `[${shape.map((size) => size ?? "?").join(", ")}]`}`;
}

export function names(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => quote(spec.name)).join(", ");
}

export function quote(name: string): string {
  return JSON.stringify(name);
}

export function withArticle(noun: string): string {
  return `${/^(?:[AEIOaeio]|HTML)/.test(noun) ? "an" : "a"} ${noun}`;
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
