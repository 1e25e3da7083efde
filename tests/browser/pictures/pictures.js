// Pictures of every kind that a page has, given to loaders: `run(stub, url, kind, picture)` and what else the test asks for.

import * as tf from "@tensorflow/tfjs";
import { blob, drawn, image, kinds, pixelsOf } from "./kinds.js";

async function loaded(stub, url) {
  const module = await import(stub);
  const loader = Object.keys(module).find((name) => /^load[A-Z]/.test(name));
  return module[loader]({ url });
}

/** What models make of a picture: their first outputs, as [shape, values]. */
export async function results(jobs) {
  const found = [];
  for (const { stub, url, kind, picture } of jobs) {
    const model = await loaded(stub, url);
    const [result] = Object.values(await model.run(await kinds[kind](picture)));
    found.push([result.shape, Array.from(result)]);
    model.dispose();
  }
  return found;
}

/** The message of the error that a loader throws for what `make` returns. */
export async function refusal(stub, url, make, way = "run") {
  const model = await loaded(stub, url);
  try {
    const given = await new Function("image", "drawn", `return (async () => ${make})()`)(image, drawn);
    await model[way](given);
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  } finally {
    model.dispose();
  }
}

const colours = ["red", "lime", "blue"];

/** Classes and scores of each colour in turn, `count` pictures in all, and what the memory held after the first three and
 *  in the end. */
export async function colouredPictures(stub, url, kind, count) {
  const model = await loaded(stub, url);
  const canvas = kind === "OffscreenCanvas" ? new OffscreenCanvas(64, 48) : document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 48;
  const context = canvas.getContext("2d");
  const images = [];
  for (const colour of colours) {
    context.fillStyle = colour;
    context.fillRect(0, 0, 64, 48);
    images.push(kind === "HTMLImageElement" ? await image(canvas.toDataURL()) : null);
  }
  const picture = async (index) => {
    if (kind === "HTMLImageElement") return images[index];
    context.fillStyle = colours[index];
    context.fillRect(0, 0, 64, 48);
    if (kind === "ImageBitmap") return createImageBitmap(canvas);
    if (kind === "VideoFrame") return new VideoFrame(canvas, { timestamp: 0 });
    return kind === "ImageData" ? context.getImageData(0, 0, 64, 48) : canvas;
  };
  const labels = [];
  let memory;
  for (let n = 0; n < count; n++) {
    const given = await picture(n % 3);
    const [best] = await model.classify(given, { topK: 1 });
    given.close?.();
    labels.push([best.label, best.score]);
    if (n === 2) memory = held();
  }
  const result = { labels, before: memory, after: held() };
  model.dispose();
  return result;
}

function held() {
  const { numTensors, numBytes, numBytesInGPU } = tf.memory();
  return { numTensors, numBytes, numBytesInGPU };
}

/** Classes of a video at each of `times`, its numbers beside those of the same frame drawn by hand, and the memory over
 *  `frames` frames while it is played. */
export async function video(stub, url, address, times, frames) {
  const model = await loaded(stub, url);
  const player = document.createElement("video");
  player.muted = true;
  player.loop = true;
  const early = await model.run(player).catch((error) => error.message);
  player.src = URL.createObjectURL(await blob(address)); // seeking over http asks for parts of a file
  await new Promise((resolve, reject) => {
    player.onloadeddata = resolve;
    player.onerror = () => reject(new Error(player.error.message));
  });
  const seen = [];
  for (const time of times) {
    const sought = new Promise((resolve) => (player.onseeked = resolve));
    player.currentTime = time;
    await sought;
    const [best] = await model.classify(player, { topK: 1 });
    const [ours] = Object.values(await model.run(player));
    const [byHand] = Object.values(await model.run(pixelsOf(drawn(player))));
    seen.push([best.label, Math.max(...ours.map((value, i) => Math.abs(value - byHand[i])))]);
  }
  player.playbackRate = 4;
  await player.play();
  let memory;
  for (let n = 0; n < frames; ) {
    await new Promise((resolve) => player.requestVideoFrameCallback(resolve));
    if (player.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) continue; // it begins anew
    await model.classify(player);
    if (++n === 3) memory = held();
  }
  player.pause();
  const result = { early, seen, before: memory, after: held() };
  model.dispose();
  return result;
}

/** How often pixels are read back while a model is given each of some kinds of pictures. */
export async function readBack(stub, url, names, address) {
  const model = await loaded(stub, url);
  const pictures = [];
  for (const name of names) pictures.push(await kinds[name](address));
  let count = 0;
  for (const context of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const { getImageData } = context.prototype;
    context.prototype.getImageData = function (...place) {
      count += 1;
      return getImageData.apply(this, place);
    };
  }
  for (const picture of pictures) tf.dispose(Object.values(model.predict(picture)));
  model.dispose();
  return count;
}
