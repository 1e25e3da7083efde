// @ts-check
// Reads a picture into pixels as the network knows them: white on black, as small as its input.
import { readFile } from "node:fs/promises";
import { PNG } from "pngjs";

/** Pixels along each side. */
export const SIDE = 8;

/** @typedef {{ data: Uint8Array, width: number, height: number }} Picture red, green, blue and alpha of each pixel, row by row */

/**
 * Reads a PNG file. What it shows may be dark on light, too; it should fill the picture.
 *
 * @param {string} path
 * @returns {Promise<Picture>}
 */
export async function readPicture(path) {
  const file = await readFile(path).catch((error) => {
    throw new Error(error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`);
  });
  let png;
  try {
    png = PNG.sync.read(file);
  } catch {
    throw new Error("is not a PNG picture, or is damaged");
  }
  const light = shrunk(png);
  // Ink on paper: the edge of the picture, where there is no digit, is light.
  const edge = light.filter((_, i) => [0, SIDE - 1].includes(i % SIDE) || i < SIDE || i >= SIDE * (SIDE - 1));
  const paper = edge.reduce((sum, each) => sum + each, 0) / edge.length > 127;

  const data = new Uint8Array(SIDE * SIDE * 4).fill(255);
  light.forEach((each, i) => data.fill(paper ? 255 - each : each, 4 * i, 4 * i + 3));
  return { data, width: SIDE, height: SIDE };
}

/**
 * Returns how light each pixel is of the picture made smaller, from 0 to 255. Each is the mean of all that fall into it:
 * the loader, which resizes as TensorFlow does, looks at four of them, and would miss thin lines.
 *
 * @param {PNG} png
 */
function shrunk({ data, width, height }) {
  const sums = new Float64Array(SIDE * SIDE);
  const counts = new Float64Array(SIDE * SIDE);
  // A picture that is smaller than the input has each of its pixels counted more than once.
  const [stepX, stepY] = [Math.min(1, width / SIDE), Math.min(1, height / SIDE)];
  for (let y = stepY / 2; y < height; y += stepY) {
    for (let x = stepX / 2; x < width; x += stepX) {
      const at = 4 * (Math.floor(y) * width + Math.floor(x));
      const [red, green, blue, alpha] = [...data.subarray(at, at + 4)].map((part) => part / 255);
      const cell = Math.floor((y / height) * SIDE) * SIDE + Math.floor((x / width) * SIDE);
      // What is transparent shows paper.
      const light = 0.299 * (red ?? 0) + 0.587 * (green ?? 0) + 0.114 * (blue ?? 0);
      sums[cell] = (sums[cell] ?? 0) + 255 * (light * (alpha ?? 1) + 1 - (alpha ?? 1));
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return sums.map((sum, i) => sum / (counts[i] ?? 1));
}
