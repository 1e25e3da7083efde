// Inputs on their way to a worker: values are copied and pictures taken as they are now, unless they may be given away.
import type { Packed } from "./messages.js";
import { FOREIGN, isFile, isPicture, isRaw } from "./pictures.js";
import { kindOf, messageOf, typeName } from "./words.js";

/** Inputs as they can be sent, and what goes over to the worker with them. */
export interface Parcel {
  readonly packed: Packed;
  readonly transfer: Transferable[];
}

/** Packs the inputs of a model; with `give`, buffers and pictures go over to the worker, and the page has them no more. */
export async function pack(model: string, inputs: unknown, give: boolean): Promise<Parcel> {
  const bare = typeName(inputs) !== "Object" || isTensor(inputs) || isRaw(inputs);
  const transfer = new Set<Transferable>(); // two inputs may have one buffer
  // All that does not take time is done before this function is first back: what is given may be another thing then.
  const packed = Object.entries(bare ? { "": inputs } : (inputs as object)).map(async ([name, value]) => {
    const { shape } = Object(value) as { shape?: readonly number[] };
    return [name, await sendable(value, wrong(model, name), give, transfer), shape] as const;
  });
  const results = await Promise.allSettled(packed);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    for (const each of transfer) (each as { close?(): void }).close?.();
    throw failed.reason;
  }
  return { packed: { bare, inputs: await Promise.all(packed) }, transfer: [...transfer] };
}

/** Makes an error of what is wrong with an input. */
const wrong = (model: string, name: string) => (problem: string) =>
  new TypeError(`${name ? `Input "${name}"` : "The input"} of model "${model}" ${problem}`);

function isTensor(value: unknown): boolean {
  return (Object(value) as { isDisposed?: unknown }).isDisposed !== undefined;
}

async function sendable(
  value: unknown,
  wrong: (problem: string) => TypeError,
  give: boolean,
  transfer: Set<Transferable>,
): Promise<unknown> {
  const kind = typeName(value);
  if (isTensor(value)) {
    throw wrong("is a tensor, and workers share none with the page: give its values, as `await tensor.data()` has them");
  }
  if (ArrayBuffer.isView(value)) {
    const own = give && value.buffer instanceof ArrayBuffer; // memory that is shared cannot be given away
    const values = own ? (value as Uint8Array) : (value as Uint8Array).slice();
    transfer.add(values.buffer as ArrayBuffer);
    return values;
  }
  if (Array.isArray(value)) return value.slice();
  if (isFile(value)) return value;
  if (kind !== "ImageData" && isRaw(value)) {
    // What decodes files gives more than can be sent, in memory that others may use: it is never given away.
    const data = new Uint8Array(value.data);
    transfer.add(data.buffer);
    return { data, width: value.width, height: value.height };
  }
  if (!isPicture(value, wrong)) {
    if (typeof value === "function" || kind === "Promise") throw wrong(`cannot be sent to a worker: ${kindOf(value)}`);
    return value;
  }
  if (kind === "ImageData") {
    if (give) transfer.add((value as unknown as ImageData).data.buffer);
    return value;
  }
  if (kind === "VideoFrame" || (give && kind === "ImageBitmap")) {
    const picture = (give ? value : (value as unknown as VideoFrame).clone()) as unknown as Transferable;
    transfer.add(picture);
    return picture;
  }
  const bitmap = await createImageBitmap(value as unknown as ImageBitmap).catch((error: unknown) => {
    throw wrong((error as Error).name === "SecurityError" ? FOREIGN : `cannot be read: ${messageOf(error)}`);
  });
  transfer.add(bitmap);
  return bitmap;
}
