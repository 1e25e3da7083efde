// Turns the strokes of a pen into the kind of image that the network was trained on. Pure functions only.
//
// The training set's images came about like this (NIST's form-based handprint recognition system, NISTIR 5469): a digit
// was scaled to 20×32 pixels, each axis by itself, put in the middle of 32×32, and sheared until its topmost and its
// lowest row begin in the same column. Then the dark pixels in each block of 4×4 were counted, which gives 8×8 numbers
// from 0 to 16. The same is done here, except that strokes have no width of their own: their pen is as wide as the
// set's digits want it.

/** A place on the drawing surface, whose sides are 1 long; y goes down. */
export type Point = readonly [x: number, y: number];

/** What the pen draws from where it is put down to where it is lifted. */
export type Stroke = readonly Point[];

/** Pixels along each side of the image. */
export const SIDE = 8;

const BITMAP = 32;
const BLOCK = BITMAP / SIDE;
const WIDTH = 20;
const HEIGHT = 32;

/** Radius of the pen, as a part of the drawing's longer side. */
const PEN = 0.1;

/** How much more one axis is stretched than the other, at most: a plain "1" is to stay narrow. */
const STRETCH = 1.3;

/** A drawing whose longer side is shorter than this is a slip of the pen. */
const SLIP = 0.04;

/** Returns the image of the drawing (8×8 numbers from 0 to 16, row by row), or null where nothing is drawn. */
export function toImage(strokes: readonly Stroke[]): Float32Array | null {
  const bitmap = draw(strokes);
  return bitmap && countBlocks(shear(bitmap));
}

/** Rows of pixels, dark (1) or not (0). */
type Bitmap = Uint8Array[];

/** Draws the strokes into the middle of a bitmap, scaled to fill WIDTH×HEIGHT. */
function draw(strokes: readonly Stroke[]): Bitmap | null {
  const points = strokes.flat();
  const [left, right] = extent(points.map(([x]) => x));
  const [top, bottom] = extent(points.map(([, y]) => y));
  const size = Math.max(right - left, bottom - top);
  if (!(size >= SLIP)) return null;

  const radius = PEN * size;
  const fitX = WIDTH / (right - left + 2 * radius);
  const fitY = HEIGHT / (bottom - top + 2 * radius);
  const scaleX = Math.min(fitX, fitY * STRETCH);
  const scaleY = Math.min(fitY, fitX * STRETCH);

  return Array.from({ length: BITMAP }, (_, row) =>
    Uint8Array.from({ length: BITMAP }, (_, column) => {
      const x = (left + right) / 2 + (column + 0.5 - BITMAP / 2) / scaleX;
      const y = (top + bottom) / 2 + (row + 0.5 - BITMAP / 2) / scaleY;
      return strokes.some((stroke) => touches(stroke, x, y, radius)) ? 1 : 0;
    }),
  );
}

/** The least and the greatest of the values. */
function extent(values: readonly number[]): [number, number] {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Whether a pen of this radius, on its way along the stroke, covers the place. */
function touches(stroke: Stroke, x: number, y: number, radius: number): boolean {
  return stroke.some(([x1, y1], i) => {
    const [x0, y0] = stroke[i - 1] ?? [x1, y1];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy;
    const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length2));
    const [offX, offY] = [x - x0 - along * dx, y - y0 - along * dy];
    return offX * offX + offY * offY <= radius * radius;
  });
}

/** Shifts each row sideways so that the topmost and the lowest one begin in the same column: upright writing. */
function shear(bitmap: Bitmap): Bitmap {
  const begins = bitmap.map((row) => row.indexOf(1));
  const top = begins.findIndex((column) => column >= 0);
  const bottom = begins.findLastIndex((column) => column >= 0);
  if (top === bottom) return bitmap;
  const slant = (begins[bottom]! - begins[top]!) / (bottom - top);
  return bitmap.map((row, y) => {
    const shift = Math.round(slant * (y - (top + bottom) / 2));
    return row.map((_, column) => row[column + shift] ?? 0);
  });
}

/** Counts the dark pixels in each block. */
function countBlocks(bitmap: Bitmap): Float32Array {
  const image = new Float32Array(SIDE * SIDE);
  bitmap.forEach((row, y) =>
    row.forEach((dark, x) => {
      image[Math.floor(y / BLOCK) * SIDE + Math.floor(x / BLOCK)]! += dark;
    }),
  );
  return image;
}
