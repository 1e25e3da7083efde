// Pictures of every kind that a page has.

/** The file at an address as each kind of picture. */
export const kinds = {
  HTMLImageElement: image,
  async shown(address) {
    const picture = await image(address);
    picture.style.width = "7px"; // which TensorFlow.js would take for its size
    document.body.append(picture);
    return picture;
  },
  HTMLCanvasElement: async (address) => drawn(await image(address)),
  OffscreenCanvas: async (address) => {
    const picture = await image(address);
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas;
  },
  ImageBitmap: async (address) => createImageBitmap(await blob(address)),
  ImageData: async (address) => pixelsOf(drawn(await image(address))),
  async raw(address) {
    const { data, width, height } = pixelsOf(drawn(await image(address)));
    // As decoders give it: a part of a larger memory, beside what cannot be sent.
    const memory = new Uint8Array(data.length + 8);
    memory.set(data, 4);
    return { data: memory.subarray(4, -4), width, height, unpack() {} };
  },
  VideoFrame: async (address) => {
    const { data, width, height } = pixelsOf(drawn(await image(address)));
    return new VideoFrame(data, { format: "RGBX", codedWidth: width, codedHeight: height, timestamp: 0 });
  },
  Blob: blob,
  File: async (address) => new File([await blob(address)], "picture.png", { type: "image/png" }),
};

export async function image(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  return picture;
}

export async function blob(address) {
  return (await fetch(address)).blob();
}

export function drawn(picture) {
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth ?? picture.videoWidth ?? picture.width;
  canvas.height = picture.naturalHeight ?? picture.videoHeight ?? picture.height;
  if (picture instanceof EventTarget) canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas;
}

export function pixelsOf(canvas) {
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
}
