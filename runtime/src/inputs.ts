// Inputs: from names and values to tensors.
import * as tf from "@tensorflow/tfjs";
import type { Published, TensorSpec } from "./types.js";
import { describe, kindOf, names, typeName } from "./words.js";

/** What holds the values of a tensor, by what JavaScript calls it. */
const HOLDERS: { readonly [dtype: string]: string } = {
  float32: "Float32Array",
  int32: "Int32Array",
  bool: "Uint8Array",
  string: "Array",
};

/** The model's inputs as tensors, in the signature's order; those that values are made into are added to `made`. */
export function toTensors({ name, inputs: specs }: Published<unknown>, inputs: unknown, made: tf.Tensor[]): tf.Tensor[] {
  const [only, second] = specs;
  if (inputs instanceof tf.Tensor || typeName(inputs) !== "Object" || (only?.pixels?.isRaw(inputs) && !second)) {
    if (only && !second) return [toTensor(name, only, inputs, made)];
    throw new TypeError(`Model "${name}" takes an object with its inputs (${names(specs)}), not ${kindOf(inputs)}`);
  }
  for (const key in inputs as object) {
    if (!specs.some((spec) => spec.name === key)) {
      throw new TypeError(`Model "${name}" has no input "${key}"; it takes ${names(specs)}`);
    }
  }
  return specs.map((spec) => toTensor(name, spec, (inputs as Record<string, unknown>)[spec.name], made));
}

function toTensor(model: string, spec: TensorSpec, value: unknown, made: tf.Tensor[]): tf.Tensor {
  const { name, dtype, shape, pixels } = spec;
  if (value instanceof tf.Tensor && !value.isDisposed && value.dtype === dtype && fits(value.shape, shape)) return value;
  const wrong = (problem: string) => new TypeError(`Input "${name}" of model "${model}" ${problem}`);
  // Values tell one free size by how many they are, but no two: then they need a `shape`, as those that `run` gives have.
  const { shape: told } = Object(value) as { shape?: readonly number[] };
  const expected = told && fits(told, shape) ? told : shape;
  const free = expected?.filter((size) => size === null).length ?? 2;
  const holder = free < 2 ? HOLDERS[dtype]! : "";
  let kind = kindOf(value);
  let hint = hintFor(value, spec, holder);
  let tensor = pixels?.toTensor(value, spec, wrong);
  if (typeName(value) === holder) {
    const values = (value as Float32Array | Int32Array | Uint8Array | string[]).slice();
    const fixed = tf.util.sizeFromShape(expected!.map((size) => size ?? 1));
    const rest = values.length / fixed;
    kind = `${values.length} values`;
    hint = `${free ? "a multiple of " : ""}${fixed} fill it`;
    if (free ? Number.isInteger(rest) : values.length === fixed) {
      tensor = tf.tensor(values, expected!.map((size) => size ?? rest), dtype);
    }
  }
  if (!tensor) {
    const values = holder || (HOLDERS[dtype] ? `${HOLDERS[dtype]} with its \`shape\`` : "");
    const ways = `tensor${pixels ? " or picture" : ""}${values && ` or ${values}`}`;
    throw wrong(`takes ${describe(spec)} as ${ways}, not ${kind}${hint && `: ${hint}`}`);
  }
  made.push(tensor);
  return tensor;
}

/** What makes an input of what is none, where that is known. */
function hintFor(value: unknown, { name, dtype, shape, pixels }: TensorSpec, holder: string): string {
  const kind = typeName(value);
  if (value instanceof tf.Tensor) {
    if (value.dtype !== dtype) return `use \`tensor.cast("${dtype}")\``;
    return fits([1, ...value.shape], shape) ? "use `tensor.expandDims(0)`" : "";
  }
  if (/Image|Canvas|Video|Blob|File/.test(kind) && !pixels) {
    return `say \`inputs: { ${name}: { pixels: [0, 1] } }\` in tfjs.yaml`;
  }
  if (!/\d/.test(holder) || !/Array/.test(kind)) return "";
  return `use \`new ${holder}(value${kind === "Array" ? ".flat(Infinity)" : ""})\``;
}

function fits(shape: readonly number[], expected: TensorSpec["shape"]): boolean {
  if (!expected) return true;
  return shape.length === expected.length && expected.every((size, i) => size === null || size === shape[i]);
}
