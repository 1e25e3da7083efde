// What the types of models in workers let through and what they reject. An expected error that does not come is an error.
import * as tf from "@tensorflow/tfjs";
import { loadDetectorInWorker } from "./detector.in-worker.js";
import { digitsLabels, loadDigitsInWorker, type DigitsInWorker } from "./digits.in-worker.js";
import { loadDtypesInWorker } from "./dtypes.in-worker.js";
import { loadMaskedInWorker } from "./masked.in-worker.js";
import { loadPicturesInWorker } from "./pictures.in-worker.js";
import { ModelLoadError, type WorkerOptions } from "./_worker.js";

const values = new Float32Array(64);

export async function loading(signal: AbortSignal): Promise<DigitsInWorker> {
  const options: WorkerOptions = {
    url: new URL("https://example.com/model.json"),
    onProgress: ({ loaded, total }) => console.log(loaded / total),
    fetch: (url, init) => fetch(url, { ...init, signal: init.signal ?? null }),
    signal,
    warmUp: true,
    cache: true,
    backend: "wasm",
    wasmPaths: { "tfjs-backend-wasm.wasm": "/wasm/tfjs-backend-wasm.wasm" },
    worker: () => new Worker("/digits.worker.js", { type: "module" }),
  };
  await loadDigitsInWorker({ url: undefined, wasmPaths: "/wasm/" });
  // @ts-expect-error an option that does not exist
  await loadDigitsInWorker({ backened: "wasm" });
  // @ts-expect-error a worker is made by a function
  await loadDigitsInWorker({ worker: new Worker("/digits.worker.js") });
  try {
    return await loadDigitsInWorker(options);
  } catch (error) {
    if (error instanceof ModelLoadError) console.log(error.model, error.url, error.reason, error.message);
    throw error;
  }
}

export async function predicting(digits: DigitsInWorker): Promise<void> {
  const { probs, features } = await digits.run(values);
  const data: Float32Array = probs;
  const sizes: [number, 10] = probs.shape;
  const [one] = await digits.classify({ image: values }, { topK: 1, transfer: true });
  const label: (typeof digitsLabels)[number] | undefined = one?.label;
  const { total } = await digits.memory();
  const stop: () => void = digits.onReload((version: string) => console.log(version));
  const milliseconds: number | undefined = digits.warmedUp?.milliseconds;
  await digits.predict({ image: values }, { transfer: true });
  // @ts-expect-error tensors stay in the page
  await digits.run(tf.tensor4d(values, [1, 8, 8, 1]));
  // @ts-expect-error another input
  await digits.run({ picture: values });
  // @ts-expect-error another dtype
  await digits.run(new Int32Array(64));
  // @ts-expect-error results are promises
  digits.run(values).probs;
  // @ts-expect-error there is no picture of this input
  await digits.run(new ImageData(1, 1));
  // @ts-expect-error the model is in the worker
  digits.model;
  digits.dispose();
  console.log(data, sizes, features.shape[2], label, total.numBytesInGPU, stop, milliseconds);
}

export async function others(bitmap: ImageBitmap, file: File): Promise<void> {
  const detector = await loadDetectorInWorker();
  const image = Object.assign(new Int32Array(12), { shape: [1, 2, 2, 3] as [1, number, number, 3] });
  const { boxes } = await detector.run({ image, threshold: Float32Array.of(0.5) });
  // @ts-expect-error sizes cannot be told from the count
  await detector.run({ image: new Int32Array(12), threshold: Float32Array.of(0.5) });
  // @ts-expect-error a model without labels
  detector.classify;
  const pictures = await loadPicturesInWorker();
  const [best] = await pictures.classify(bitmap, { transfer: true });
  await pictures.run({ image: file });
  await pictures.run(boxes.shape[0] === 1 ? bitmap : file);
  const masked = await loadMaskedInWorker();
  await masked.run({ image: file, mask: new Float32Array(64) });
  // @ts-expect-error a mask is no picture
  await masked.run({ image: file, mask: bitmap });
  const { f, s } = await (await loadDtypesInWorker()).run({
    f: Float32Array.of(1),
    i: Int32Array.of(1),
    b: Uint8Array.of(1),
    s: ["text"],
    // @ts-expect-error complex numbers are tensors, and those stay in the page
    c: Float32Array.of(1),
  });
  const text: string | undefined = s[0];
  console.log(best?.label, f.shape, text);
}
