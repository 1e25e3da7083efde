// Pictures that a page has: which there are, and whether they can be read.
import { typeName } from "./words.js";

/** What a page has of this name, if its types are there at all. */
export type Global<Name extends string> = typeof globalThis extends { readonly [K in Name]: { readonly prototype: infer T } }
  ? T
  : never;

/**
 * Pixels as what decodes files in Node gives them: red, green, blue and alpha of each, row by row. An interface, so that it
 * is not taken for an object of inputs.
 */
export interface RawPicture {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What shows pixels in a page, or has them. */
export type Picture =
  | RawPicture
  | Global<"HTMLCanvasElement">
  | Global<"HTMLImageElement">
  | Global<"HTMLVideoElement">
  | Global<"ImageBitmap">
  | Global<"ImageData">
  | Global<"OffscreenCanvas">
  | Global<"VideoFrame">;

/** The same inputs, where there is time to decode: files may stand for pictures, where the platform decodes them. */
export type WithFiles<I> = {
  [K in keyof I]: [Global<"ImageBitmap">] extends [never] ? I[K] : Picture extends I[K] ? I[K] | Global<"Blob"> : I[K];
};

/** The sizes that one kind of picture or another has; `readyState` is a video's. */
export type Sizes = Partial<
  Record<"naturalWidth" | "naturalHeight" | "displayWidth" | "displayHeight" | "readyState", number>
> & { readonly width: number; readonly height: number };

/** What a page has pictures in, by what JavaScript calls it. */
const PICTURE = /^(HTML(Canvas|Image|Video)Element|Image(Data|Bitmap)|OffscreenCanvas|VideoFrame|Blob|File)$/;

/** Makes an error of what is wrong with an input. */
export type Wrong = (problem: string) => Error;

/** What is wrong with a picture of another site. */
export const FOREIGN =
  "shows what another site has, which a page may not read: load it with `crossOrigin`, which that site must allow";

export function isFile(value: unknown): boolean {
  return /^(Blob|File)$/.test(typeName(value));
}

/** Whether a value has pixels as numbers, `ImageData` among them. Names are looked at: test runners have arrays of two sorts. */
export function isRaw(value: unknown): value is RawPicture {
  const { data, width, height } = Object(value) as Partial<RawPicture>;
  return /^Uint8(Clamped)?Array$/.test(typeName(data)) && typeof width === "number" && typeof height === "number";
}

/** Whether a value is a picture; one that cannot be read, or not now, is refused, and so is a file, which takes time. */
export function isPicture(value: unknown, wrong: Wrong): value is Sizes {
  const kind = typeName(value);
  if (!PICTURE.test(kind) && !isRaw(value)) return false;
  if (isFile(value)) {
    throw wrong(
      "is a file, which takes time to decode: `run` and `classify` do so; " +
        "`predict` takes what `await createImageBitmap(…)` gives",
    );
  }
  const { width, naturalWidth, displayWidth, readyState } = value as Sizes;
  if (kind === "HTMLVideoElement") {
    if (readyState! < 2) throw wrong("shows no frame now: await its `loadeddata` or `seeked` event");
  } else if (!(naturalWidth ?? displayWidth ?? width)) {
    throw wrong(naturalWidth === 0 ? "is not loaded: await its `decode()`" : "has no pixels: it is empty, or closed");
  }
  return true;
}
