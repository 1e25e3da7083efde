// From pictures of a page to tensors: fitted, resized and scaled as `inputs` in tfjs.yaml says.
import * as tf from "@tensorflow/tfjs";
import { FOREIGN, isFile, isPicture, isRaw, type Sizes, type Wrong } from "./pictures.js";
import type { Published, TensorSpec } from "./types.js";
import { messageOf, typeName } from "./words.js";

/** How a picture becomes an input. */
export interface Preparation {
  readonly channels: "rgb" | "bgr" | "gray";
  /** Whether the channels come before rows and columns. */
  readonly first: boolean;
  /** What values from 0 to 255 are multiplied by: one number, or one for each channel in the input's order. */
  readonly scale: number | readonly number[];
  /** What is added then. */
  readonly offset: number | readonly number[];
  readonly fit: "stretch" | "cover" | "contain";
  readonly resize: "bilinear" | "nearest";
}

export interface Pixels extends Preparation {
  /** The tensor of a picture; undefined of what is none. Nothing passes through the CPU where the backend is a GPU's. */
  readonly toTensor: (value: unknown, spec: TensorSpec, wrong: Wrong) => tf.Tensor | undefined;
  /** Whether a value is one picture, and no object of inputs. */
  readonly isRaw: (value: unknown) => boolean;
  /**
   * What `use` makes of the inputs with pictures in the place of files; undefined where there are no files: a tensor that
   * is given may be disposed as soon as the call is back.
   */
  readonly decoded: <T>(
    published: Published<unknown>,
    inputs: unknown,
    use: (inputs: unknown) => Promise<T>,
  ) => Promise<T> | undefined;
}

/** What prepares the pictures of one input. */
export function pixels(preparation: Preparation): Pixels {
  return {
    ...preparation,
    isRaw,
    toTensor(value, spec, wrong) {
      const picture = readable(value, wrong);
      if (picture === undefined) return undefined;
      try {
        return tf.tidy(() => prepared(tf.browser.fromPixels(picture as ImageData, 3), preparation, spec));
      } catch (error) {
        if ((error as { name?: unknown }).name !== "SecurityError") throw error;
        throw wrong(FOREIGN);
      }
    },
    decoded({ name: model, inputs: specs }, inputs, use) {
      const given = (isFile(inputs) ? { [specs[0]!.name]: inputs } : { ...(inputs as object) }) as Record<string, unknown>;
      const files = specs.filter((spec) => spec.pixels && isFile(given[spec.name]));
      if (!files.length || (isFile(inputs) && specs.length > 1)) return undefined;
      return withPictures(model, given, files, use);
    },
  };
}

/** What `use` makes of the inputs `given` with pictures in the place of `files`. */
async function withPictures<T>(
  model: string,
  given: Record<string, unknown>,
  files: readonly TensorSpec[],
  use: (inputs: unknown) => Promise<T>,
): Promise<T> {
  const pictures: ImageBitmap[] = [];
  try {
    for (const { name } of files) {
      const picture = await createImageBitmap(given[name] as Blob).catch((error: unknown) => {
        const problem = `is a file in which the browser finds no picture: ${messageOf(error)}`;
        throw new TypeError(`Input "${name}" of model "${model}" ${problem}`);
      });
      pictures.push(picture);
      given[name] = picture;
    }
    return await use(given);
  } finally {
    for (const picture of pictures) picture.close();
  }
}

/** What TensorFlow.js reads a picture's pixels from; undefined for what is no picture. */
function readable(value: unknown, wrong: Wrong): unknown {
  if (!isPicture(value, wrong)) return undefined;
  if (isRaw(value) && !(globalThis.ImageData && typeName(value) === "ImageData")) {
    // It knows pixels by this very class: not clamped ones, nor those of another realm.
    const { data, width, height } = value;
    const count = 4 * width * height;
    if (data.length !== count) {
      throw wrong(`expects 4 values a pixel: ${width} × ${height} need ${count}, got ${data.length}`);
    }
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
  }
  const { width, height, naturalWidth, naturalHeight, displayWidth, displayHeight } = value as Sizes;
  // TensorFlow.js takes an image in the size that the page shows it in, and no frames.
  if (naturalWidth !== undefined) {
    return naturalWidth === width && naturalHeight === height ? value : drawn(value, naturalWidth, naturalHeight!);
  }
  return displayWidth === undefined ? value : drawn(value, displayWidth, displayHeight!);
}

let canvas: HTMLCanvasElement | OffscreenCanvas | undefined;

/** A picture on a canvas, which the next one is drawn onto, too. */
function drawn(picture: unknown, width: number, height: number): HTMLCanvasElement | OffscreenCanvas {
  canvas ??= typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1);
  canvas.width = width;
  canvas.height = height;
  (canvas as OffscreenCanvas).getContext("2d")!.drawImage(picture as ImageBitmap, 0, 0, width, height);
  return canvas;
}

/** The input of [height, width, 3] values from 0 to 255. Tensors have no methods here: `tfjs: minimal` leaves them out. */
function prepared(image: tf.Tensor3D, preparation: Preparation, { shape, dtype }: TensorSpec): tf.Tensor {
  const { channels, first, scale, offset } = preparation;
  let values: tf.Tensor = fitted(image, shape!.slice(first ? -2 : -3, first ? undefined : -1), preparation);
  values = tf.cast(values, "float32");
  if (channels === "gray") values = tf.sum(tf.mul(values, [0.2989, 0.587, 0.114]), -1, true); // as TensorFlow weighs them
  if (channels === "bgr") values = tf.reverse(values, -1);
  if (scale !== 1) values = tf.mul(values, scale as number);
  if (offset !== 0) values = tf.add(values, offset as number);
  if (first) values = tf.transpose(values, [2, 0, 1]);
  if (shape!.length === 4) values = tf.expandDims(values, 0);
  return dtype === "int32" ? tf.cast(tf.round(values), "int32") : values;
}

/**
 * An image in the size of an input, as TensorFlow and Keras fit it: `tf.image.resize`, after the cut of Keras's
 * `smart_resize`, or before the borders of `tf.image.resize_with_pad`. Free sizes are the picture's own.
 */
function fitted(image: tf.Tensor3D, [rows, columns]: readonly (number | null)[], { fit, resize }: Preparation): tf.Tensor3D {
  const [h, w] = image.shape;
  const height = rows ?? (columns == null ? h : Math.round((h * columns) / w));
  const width = columns ?? (rows == null ? w : Math.round((w * rows) / h));
  const resized = (to: tf.Tensor3D, size: [number, number]) => {
    if (to.shape[0] === size[0] && to.shape[1] === size[1]) return to;
    return tf.image[resize === "nearest" ? "resizeNearestNeighbor" : "resizeBilinear"](to, size, false, true);
  };
  if (fit === "cover") {
    const tall = Math.max(1, Math.min(h, Math.trunc((w * height) / width)));
    const wide = Math.max(1, Math.min(w, Math.trunc((h * width) / height)));
    const cut = tf.slice(image, [(h - tall) >> 1, (w - wide) >> 1, 0], [tall, wide, 3]);
    return resized(cut, [height, width]);
  }
  if (fit === "contain") {
    // In the floats of TensorFlow, so that they are rounded alike.
    const { fround } = Math;
    const ratio = Math.max(fround(w / width), fround(h / height));
    const [exactHeight, exactWidth] = [fround(h / ratio), fround(w / ratio)];
    const [tall, wide] = [Math.max(1, Math.trunc(exactHeight)), Math.max(1, Math.trunc(exactWidth))];
    const top = Math.max(0, Math.floor((height - exactHeight) / 2));
    const left = Math.max(0, Math.floor((width - exactWidth) / 2));
    return tf.pad(resized(image, [tall, wide]), [[top, height - top - tall], [left, width - left - wide], [0, 0]]);
  }
  return resized(image, [height, width]);
}
