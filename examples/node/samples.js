// @ts-check
// Wrote samples/, once: a held-out digit of each kind from examples/digits, as ink on paper. `node samples.js`
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

const NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const SIDE = 96;
const PAPER = [250, 248, 242];
const INK = [38, 50, 92];

/** @type {{ label: number, pixels: number[][] }[]} */
const digits = JSON.parse(readFileSync(new URL("../digits/test_digits.json", import.meta.url), "utf8"));
mkdirSync("samples", { recursive: true });
NAMES.forEach((name, label) => {
  const pixels = digits.find((digit) => digit.label === label)?.pixels ?? [];
  const png = new PNG({ width: SIDE, height: SIDE, colorType: 2 });
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      // Between pixels it is something between; what is more than half dark is ink, with a soft edge.
      const ink = Math.min(1, Math.max(0, 2.5 * (between(pixels, x, y) / 16 - 0.5) + 0.5));
      const colour = PAPER.map((paper, i) => paper + ink * ((INK[i] ?? 0) - paper));
      png.data.set([...colour, 255], 4 * (y * SIDE + x));
    }
  }
  writeFileSync(`samples/${name}.png`, PNG.sync.write(png, { colorType: 2 }));
});

/** @type {(pixels: number[][], x: number, y: number) => number} */
function between(pixels, x, y) {
  const [u, v] = [((x + 0.5) / SIDE) * 8 - 0.5, ((y + 0.5) / SIDE) * 8 - 0.5];
  const [left, top] = [Math.floor(u), Math.floor(v)];
  let sum = 0;
  for (const [column, row] of [[left, top], [left + 1, top], [left, top + 1], [left + 1, top + 1]]) {
    const share = (1 - Math.abs(u - (column ?? 0))) * (1 - Math.abs(v - (row ?? 0)));
    sum += share * (pixels[row ?? 0]?.[column ?? 0] ?? 0);
  }
  return sum;
}
