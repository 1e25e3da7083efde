// Inputs: from names and values to tensors.
import * as tf from "@tensorflow/tfjs";
import type { Published, TensorSpec } from "./types.js";
import { PICTURE, describe, kindOf, names, quote, typeName, withArticle } from "./words.js";

const HOLDERS = { float32: "Float32Array", int32: "Int32Array", bool: "Uint8Array", string: "Array" } as const;

/** The model's inputs as tensors, in the signature's order; those that values are made into are added to `made`. */
export function toTensors({ name, inputs: specs }: Published<unknown>, inputs: unknown, made: tf.Tensor[]): tf.Tensor[] {
  const [only] = specs;
  if (only !== undefined && specs.length === 1 && isBare(inputs)) return [toTensor(name, only, inputs, made)];
  if (typeof inputs !== "object" || inputs === null || isBare(inputs)) {
    const hint = isPromise(inputs) ? ": await it first" : "";
    throw new TypeError(`Model "${name}" takes an object with its inputs (${names(specs)}), not ${kindOf(inputs)}${hint}`);
  }
  const given = new Map<string, unknown>(Object.entries(inputs));
  for (const key of given.keys()) {
    if (!specs.some((spec) => spec.name === key)) {
      throw new TypeError(`Model "${name}" has no input ${quote(key)}; it takes ${names(specs)}`);
    }
  }
  return specs.map((spec) => toTensor(name, spec, given.get(spec.name), made));
}

/** What makes an error of what is wrong with an input. */
function wrongInput(model: string, spec: TensorSpec): (problem: string) => TypeError {
  return (problem) => new TypeError(`Input ${quote(spec.name)} of model "${model}" ${problem}`);
}

/**
 * The inputs with pictures in the place of files, which are added to `made`; a promise only where there are files: a
 * tensor that is given may be disposed as soon as the call is back.
 */
export function withoutFiles(
  { name, inputs: specs }: Published<unknown>,
  inputs: unknown,
  made: ImageBitmap[],
): unknown {
  const [only] = specs;
  const isOne = only !== undefined && specs.length === 1 && isBare(inputs);
  const given = { ...(isOne ? { [only.name]: inputs } : (inputs as object)) } as Record<string, unknown>;
  const files = specs.filter((spec) => spec.pixels !== undefined && isFile(given[spec.name]));
  if (files.length === 0) return inputs;
  return (async () => {
    for (const spec of files) {
      const picture = await spec.pixels!.decode(given[spec.name] as Blob, wrongInput(name, spec));
      made.push(picture);
      given[spec.name] = picture;
    }
    return given;
  })();
}

function toTensor(model: string, spec: TensorSpec, value: unknown, made: tf.Tensor[]): tf.Tensor {
  const wrong = wrongInput(model, spec);
  if (value === undefined || value === null) throw wrong("is missing");
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) throw wrong("is a tensor that has been disposed: give it to the model before");
    if (value.dtype !== spec.dtype || !fits(value.shape, spec.shape)) {
      throw wrong(`takes ${describe(spec.dtype, spec.shape)}, not ${kindOf(value)}${wayToTensor(value, spec)}`);
    }
    return value;
  }
  const pixels = spec.pixels?.toTensor(value, spec, wrong);
  if (pixels !== undefined) {
    made.push(pixels);
    return pixels;
  }
  const holder = spec.dtype === "complex64" ? undefined : HOLDERS[spec.dtype];
  if (holder === undefined || typeName(value) !== holder) {
    const values = holder === undefined ? "" : ` or ${holder === "Array" ? "an array of strings" : withArticle(holder)}`;
    const picture = spec.pixels === undefined ? "" : ", a picture (an image, canvas, video …)";
    throw wrong(`takes a tensor${picture}${values}, not ${kindOf(value)}${wayFrom(value, holder, spec)}`);
  }
  const values = (value as Float32Array | Int32Array | Uint8Array | string[]).slice();
  const tensor = tf.tensor(values, shapeFor(values.length, spec, wrong), spec.dtype);
  made.push(tensor);
  return tensor;
}

/** What to do with a tensor that does not fit, where one call mends it. */
function wayToTensor(value: tf.Tensor, { dtype, shape }: TensorSpec): string {
  if (value.dtype !== dtype) return fits(value.shape, shape) ? `: \`tensor.cast(${quote(dtype)})\` makes one` : "";
  return fits([1, ...value.shape], shape) ? ": `tensor.expandDims(0)` makes a batch of one" : "";
}

/** What to do with a value that is none of those which can stand for a tensor. */
function wayFrom(value: unknown, holder: string | undefined, spec: TensorSpec): string {
  const name = typeName(value);
  if (isPromise(value)) return ": await it first";
  if (spec.pixels !== undefined && isFile(value)) {
    return ", which takes time to decode: `run` and `classify` do so; `predict` takes what `await createImageBitmap(…)` gives";
  }
  if (PICTURE.test(name)) return ": `tf.browser.fromPixels(…)` makes a tensor of its pixels";
  if (holder === undefined || holder === "Array") return "";
  if (Array.isArray(value)) {
    return Array.isArray(value[0]) ? ": `tf.tensor(…)` makes a tensor of nested ones" : `: \`${holder}.from(…)\` makes one`;
  }
  return ArrayBuffer.isView(value) && name !== "DataView" ? `: \`${holder}.from(…)\` makes one` : "";
}

/** The shape that `length` values fill. */
function shapeFor(length: number, { dtype, shape }: TensorSpec, wrong: (problem: string) => Error): number[] {
  const takes = `takes ${describe(dtype, shape)}`;
  if (shape === null) throw wrong(`${takes}, which values alone do not tell: give a tensor`);
  const free = shape.filter((size) => size === null).length;
  if (free > 1) throw wrong(`${takes}, of which values alone do not tell the ${free} free sizes: give a tensor`);
  const fixed = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  const rest = free === 0 ? 1 : length / fixed;
  if (fixed * rest !== length || !Number.isInteger(rest)) {
    throw wrong(`${takes}: ${free === 0 ? fixed : `a multiple of ${fixed}`} values, not ${length}`);
  }
  return shape.map((size) => size ?? rest);
}

function fits(shape: readonly number[], expected: TensorSpec["shape"]): boolean {
  if (expected === null) return true;
  return shape.length === expected.length && expected.every((size, i) => size === null || size === shape[i]);
}

/** Whether this is a value for one input, and not an object with values by name. */
function isBare(inputs: unknown): boolean {
  if (typeof inputs !== "object" || inputs === null) return false;
  const prototype: unknown = Object.getPrototypeOf(inputs);
  return prototype !== null && typeName(inputs) !== "Object" ? true : inputs instanceof tf.Tensor;
}

function isFile(value: unknown): boolean {
  return /^(?:Blob|File)$/.test(typeName(value));
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
