// What the types of stubs let through and what they reject. An expected error that does not come is an error.
import * as tf from "@tensorflow/tfjs";
import { ModelLoadError, type Fetch, type LoadOptions, type Memory, type Progress, type WarmedUp } from "./_runtime.js";
import { digitsLabels, loadDigits, type Digits, type DigitsInputs, type DigitsOutputs } from "./digits.js";
import { loadDetector } from "./detector.js";
import * as dtypes from "./dtypes.js";
import { loadHostile } from "./hostile.js";
import { loadMasked } from "./masked.js";
import { loadPictures } from "./pictures.js";
import { loadRanks } from "./ranks.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}

const image = tf.tensor4d(new Float32Array(64), [1, 8, 8, 1]);
const values = new Float32Array(64);

export async function loading(signal: AbortSignal): Promise<Digits> {
  const options: LoadOptions = {
    url: new URL("https://example.com/model.json"),
    onProgress: ({ loaded, total }: Progress) => console.log(loaded / total),
    signal,
    warmUp: true,
    cache: true,
    fetch,
  };
  await loadDigits({ url: "elsewhere/model.json" });
  await loadDigits({ url: undefined, signal: undefined });
  // @ts-expect-error an option that does not exist
  await loadDigits({ urll: "model.json" });
  await loadDigits({ cache: undefined, fetch: undefined });
  await loadDigits({ fetch: (url, init) => fetch(url, { ...init, headers: { authorization: "Bearer 1" } }) });
  await loadDigits({ fetch: async (url) => new Response(url.slice(1)) });
  const none: Fetch = async () => ({ ok: false, status: 404, headers: new Headers(), arrayBuffer: async () => new ArrayBuffer(0) });
  await loadDigits({ fetch: none });
  // @ts-expect-error an option of another type
  await loadDigits({ warmUp: "yes" });
  // @ts-expect-error a name is none of the option's values
  await loadDigits({ cache: "digits" });
  // @ts-expect-error what it gives is no answer of a server
  await loadDigits({ fetch: async (url: string) => url });
  // @ts-expect-error it is called with an address in text
  await loadDigits({ fetch: (url: URL) => fetch(url) });
  try {
    return await loadDigits(options);
  } catch (error) {
    if (error instanceof ModelLoadError) console.log(error.model, error.url, error.reason, error.message);
    throw error;
  }
}

export function labels(): void {
  is<Same<typeof digitsLabels, readonly ["zero", "one", "a \"quoted\" \\ label", "数字"]>>();
  const zero: "zero" = digitsLabels[0];
  // @ts-expect-error another label
  const one: "zero" = digitsLabels[1];
  // @ts-expect-error there are four
  digitsLabels[4];
  // @ts-expect-error labels cannot be changed
  digitsLabels[0] = "zero";
  // @ts-expect-error a model without labels exports none
  dtypes.dtypesLabels;
  console.log(zero, one);
}

export function handle(digits: Digits): void {
  const version: string = digits.version;
  const model: tf.LayersModel = digits.model;
  const stop: () => void = digits.onReload((version: string) => console.log(version));
  const memory: Memory = digits.memory();
  const sizes: number[] = [memory.tensors, memory.bytes, memory.programs, memory.total.numBytes];
  const onGpu: number | undefined = memory.total.numBytesInGPU;
  const warmedUp: WarmedUp | undefined = digits.warmedUp;
  // @ts-expect-error it may not be warmed up
  digits.warmedUp.milliseconds;
  // @ts-expect-error a method
  digits.memory.bytes;
  // @ts-expect-error what it says is not ours to set
  memory.bytes = 0;
  digits.dispose();
  // @ts-expect-error a layers model is no graph model
  const graph: tf.GraphModel = digits.model;
  // @ts-expect-error the version is not ours to set
  digits.version = "";
  // @ts-expect-error there is no such thing
  digits.fit;
  console.log(version, model, stop, graph, sizes, onGpu, warmedUp?.milliseconds, warmedUp?.programs);
}

export function inputs(digits: Digits): void {
  digits.predict({ image });
  digits.predict({ image: values });
  digits.predict(image);
  digits.predict(values);
  digits.predict({ image: tf.zeros([1, 8, 8, 1]) });
  digits.predict(image.div(255));
  digits.predict(tf.image.resizeBilinear(image, [8, 8]));
  digits.predict(tf.cast(image, "float32"));
  // @ts-expect-error another name
  digits.predict({ imagee: image });
  // @ts-expect-error one name too many
  digits.predict({ image, mask: image });
  // @ts-expect-error none
  digits.predict({});
  // @ts-expect-error none at all
  digits.predict();
  // @ts-expect-error another rank
  digits.predict({ image: tf.tensor3d(values, [8, 8, 1]) });
  // @ts-expect-error another rank, bare
  digits.predict(tf.tensor1d(values));
  // @ts-expect-error values of another dtype
  digits.predict({ image: new Int32Array(64) });
  // @ts-expect-error values of another dtype, bare
  digits.predict(new Uint8Array(64));
  // @ts-expect-error values that no tensor holds
  digits.predict(new Float64Array(64));
  // @ts-expect-error numbers are not known to be float32
  digits.predict([1, 2, 3]);
  // @ts-expect-error not a tensor
  digits.predict({ image: "image.png" });
}

export async function unknownRanks(digits: Digits, picture: ImageData): Promise<void> {
  const cube = tf.tensor3d(values, [8, 8, 1]);
  const expanded = cube.expandDims(0);
  const pixels = tf.browser.fromPixels(picture, 1).toFloat().expandDims(0);
  const made = tf.tensor(values, [1, 8, 8, 1]);
  for (const batch of [expanded, pixels, made, tf.expandDims(cube, 0)]) {
    digits.predict(batch);
    digits.predict({ image: batch });
    await digits.run(batch);
    await digits.classify({ image: batch });
  }
  digits.predict(cube.expandDims(0));
  digits.predict({ image: tf.tensor(values, [1, 8, 8, 1]) });
  const detector = await loadDetector();
  await detector.predict({ image: expanded.toInt(), threshold: new Float32Array(1) });
  await detector.predict({ image: expanded, threshold: tf.scalar(0.5) });
  const { any } = (await loadRanks()).predict({
    r0: tf.scalar(1),
    r1: tf.tensor1d([1]),
    r6: made,
    r7: made,
    any: made,
  });
  digits.predict(any);
  // @ts-expect-error a tensor of unknown rank, but known to be of another dtype
  detector.predict({ image: any, threshold: tf.scalar(0.5) });
  // @ts-expect-error one input is missing
  detector.predict({ image: expanded });
  // @ts-expect-error another name
  detector.predict({ image: expanded, treshold: tf.scalar(0.5) });
  // @ts-expect-error not an input at all
  detector.predict({ image: expanded, threshold: "0.5" });
  // @ts-expect-error of a union, one has another rank
  digits.predict(Math.random() < 0.5 ? cube : image);
}

/** What calls a model on behalf of others. */
export const wrapped = {
  byInputs: (digits: Digits, inputs: DigitsInputs): DigitsOutputs => digits.predict(inputs),
  byImage: (digits: Digits, given: DigitsInputs["image"]): DigitsOutputs => digits.predict({ image: given }),
  byParameters: (digits: Digits, ...given: Parameters<Digits["predict"]>): DigitsOutputs => digits.predict(...given),
  itself: (digits: Digits): ((inputs: DigitsInputs) => DigitsOutputs) => digits.predict,
};

export function outputs(digits: Digits): void {
  const { probs, features } = digits.predict({ image });
  is<Same<(typeof probs)["dtype"] & tf.DataType, "float32">>();
  const matrix: tf.Tensor2D = probs;
  const dtype: "float32" = probs.dtype;
  const [, classes]: [number, 10] = probs.shape;
  const ten: 10 = classes;
  const numbers: Float32Array = probs.dataSync();
  const later: Promise<Float32Array> = probs.data();
  const rows: number[][] = probs.arraySync();
  const best: tf.Tensor1D = probs.argMax(1);
  const cube: tf.Tensor3D = features;
  tf.dispose([probs, features]);
  tf.dispose(tf.tidy(() => digits.predict(image)));
  // @ts-expect-error another name
  digits.predict({ image }).prob;
  // @ts-expect-error another rank
  const vector: tf.Tensor1D = probs;
  // @ts-expect-error another dtype
  const int: "int32" = probs.dtype;
  // @ts-expect-error another size
  const [, eleven]: [number, 11] = probs.shape;
  // @ts-expect-error values of another dtype
  const ints: Int32Array = probs.dataSync();
  // @ts-expect-error there is no third dimension
  const sizes: [number, number, number] = probs.shape;
  // @ts-expect-error not a promise: this model runs at once
  digits.predict({ image }).then;
  console.log(matrix, dtype, ten, numbers, later, rows, best, cube, vector, int, eleven, ints, sizes);
}

export async function results(digits: Digits): Promise<void> {
  const { probs } = await digits.run({ image });
  const numbers: Float32Array = probs;
  const [, ten]: [number, 10] = probs.shape;
  const all = await (await dtypes.loadDtypes()).run({
    f: new Float32Array(2),
    i: new Int32Array(2),
    b: new Uint8Array(2),
    s: ["a", "b"],
    c: tf.complex([1], [2]) as tf.Tensor1D,
  });
  is<Same<(typeof all)["s"], string[] & { readonly shape: [number] }>>();
  const ints: Int32Array = all.i;
  const bytes: Uint8Array = all.b;
  // @ts-expect-error a promise
  digits.run(values).probs;
  // @ts-expect-error another name
  (await digits.run(values)).prob;
  // @ts-expect-error values of another dtype
  const wrong: Int32Array = probs;
  console.log(numbers, ten, ints, bytes, wrong);
}

export async function classes(digits: Digits): Promise<void> {
  const [first] = await digits.classify(values, { topK: 3, threshold: 0.5 });
  if (first !== undefined) {
    is<Same<(typeof first)["label"], (typeof digitsLabels)[number]>>();
    const score: number = first.score + first.index;
    // @ts-expect-error a label that there is not
    console.log(first.label === "two", score);
  }
  await digits.classify({ image }, { topK: undefined });
  // @ts-expect-error an option that does not exist
  await digits.classify(image, { top: 3 });
  // @ts-expect-error another dtype
  await digits.classify(new Int32Array(64));
  // @ts-expect-error a model without labels has no classes
  (await dtypes.loadDtypes()).classify;
}

export async function pictures(data: ImageData, bitmap: ImageBitmap, canvas: OffscreenCanvas, file: Blob): Promise<void> {
  const model = await loadPictures();
  for (const picture of [data, bitmap, canvas]) tf.dispose(model.predict(picture).probs);
  model.predict({ image: data });
  model.predict(tf.zeros([1, 5, 5, 3]));
  await model.run(canvas);
  const clamped = { data: data.data as Uint8ClampedArray, width: 8, height: 8 };
  for (const raw of [clamped, { data: new Uint8Array(4), width: 1, height: 1, depth: 8 }]) {
    tf.dispose(model.predict(raw).probs);
    await model.run({ image: raw });
    await model.classify(raw);
  }
  // @ts-expect-error pixels of another kind
  await model.run({ data: new Float32Array(4), width: 1, height: 1 });
  // @ts-expect-error pixels without a size
  model.predict({ image: { data: new Uint8Array(4) } });
  const [best] = await model.classify(file, { topK: 1 });
  is<Same<NonNullable<typeof best>["label"], "cat" | "dog">>();
  await model.classify({ image: bitmap });
  // @ts-expect-error decoding takes time
  model.predict(file);
  // @ts-expect-error decoding takes time, by name
  model.predict({ image: file });
  // @ts-expect-error the address of a picture is none
  await model.run("cat.png");
  // @ts-expect-error an input of pictures that has three free sizes takes no values alone
  await model.run(new Float32Array(75));
  const masked = await loadMasked();
  const mask = new Float32Array(64);
  masked.predict({ image: canvas, mask });
  await masked.run({ image: file, mask });
  // @ts-expect-error not an input of pictures
  await masked.run({ image: file, mask: file });
  // @ts-expect-error there are two inputs
  await masked.run(file);
  const { digits } = { digits: await loadDigits() };
  // @ts-expect-error not declared as pixels
  digits.predict(canvas);
}

export async function chains(digits: Digits): Promise<void> {
  const all = await dtypes.loadDtypes();
  const complex = tf.complex([1], [2]) as tf.Tensor1D;
  const { f, i } = all.predict({
    f: new Float32Array(2),
    i: new Int32Array(2),
    b: new Uint8Array(2),
    s: ["a", "b"],
    c: complex,
  });
  const { probs } = digits.predict(image);
  all.predict({ f, i, b: tf.tensor1d([true], "bool"), s: tf.tensor1d(["a"]), c: complex });
  // @ts-expect-error the int32 output of one model as float32 input of another
  all.predict({ f: i, i, b: new Uint8Array(2), s: ["a"], c: complex });
  // @ts-expect-error an output of another rank
  all.predict({ f: probs, i, b: new Uint8Array(2), s: ["a"], c: complex });
  // @ts-expect-error values of another dtype for b
  all.predict({ f, i, b: new Int32Array(2), s: ["a"], c: complex });
  // @ts-expect-error values of another dtype for s
  all.predict({ f, i, b: new Uint8Array(2), s: [1], c: complex });
  // @ts-expect-error complex numbers have no typed array
  all.predict({ f, i, b: new Uint8Array(2), s: ["a"], c: new Float32Array(2) });
  // @ts-expect-error one missing
  all.predict({ f, i, b: new Uint8Array(2), s: ["a"] });
  // @ts-expect-error a bare value does for models with one input only
  all.predict(f);
  // @ts-expect-error an output that is not known to be a tensor of strings
  const strings: string[] = f.dataSync();
  console.log(strings);
}

export async function promises(): Promise<void> {
  const detector = await loadDetector();
  const model: tf.GraphModel = detector.model;
  const pending: Promise<{ boxes: tf.Tensor2D }> = detector.predict({ image: image.toInt(), threshold: 0.5 as never });
  const { boxes, count } = await detector.predict({ image: image.toInt(), threshold: new Float32Array(1) });
  const scalar: tf.Scalar = count;
  const four: 4 = boxes.shape[1];
  // @ts-expect-error without await there are no boxes
  detector.predict({ image: image.toInt(), threshold: new Float32Array(1) }).boxes;
  // @ts-expect-error two free sizes, which values do not tell
  detector.predict({ image: new Int32Array(3), threshold: new Float32Array(1) });
  console.log(model, pending, scalar, four);
}

export async function ranks(): Promise<void> {
  const model = await loadRanks();
  const outputs = model.predict({
    r0: new Float32Array(1),
    r1: tf.tensor1d([1]),
    r6: tf.zeros([1, 1, 1, 1, 1, 1]),
    r7: tf.tensor([1], [1, 1, 1, 1, 1, 1, 1] as number[] as never),
    any: tf.tensor2d([1], [1, 1]),
  });
  const r0: tf.Scalar = outputs.r0;
  const r6: tf.Tensor<tf.Rank.R6> = outputs.r6;
  const seven: [number, 1, 2, 3, 4, 5, 6] = outputs.r7.shape;
  const any: tf.Tensor = outputs.any;
  const sizes: number[] = outputs.any.shape;
  // @ts-expect-error the rank is not known
  const r2: tf.Tensor2D = outputs.any;
  console.log(r0, r6, seven, any, sizes, r2);
}

export async function hostileNames(): Promise<void> {
  const model = await loadHostile();
  const given = model.predict({
    "two words": values,
    "a.b/c:0": values,
    "quote\" ' ` ${x}": values,
    "*/ } evil(); /*": values,
    "line\n\u2028feed": values,
    class: values,
    constructor: values,
    ["__proto__"]: values,
    toString: values,
    "数字": values,
    "1st": values,
    "": values,
  });
  const outputs: tf.Tensor1D[] = [
    given["two words"],
    given["a.b/c:0"],
    given["quote\" ' ` ${x}"],
    given["*/ } evil(); /*"],
    given["line\n\u2028feed"],
    given.class,
    given.constructor,
    given["__proto__"],
    given.toString,
    given["数字"],
    given["1st"],
    given[""],
  ];
  // @ts-expect-error another name
  given["two  words"];
  console.log(outputs);
}
