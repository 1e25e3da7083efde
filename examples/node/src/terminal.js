// @ts-check
// Shows a picture and what the network makes of it: in colour in a terminal, else in plain text.

import { SIDE } from "./picture.js";

const COLOUR = process.stdout.isTTY && !process.env["NO_COLOR"];
const WIDTH = 24;
const [BOLD, SOFT, BEST, NORMAL] = COLOUR ? ["\x1b[1m", "\x1b[2m", "\x1b[1;34m", "\x1b[0m"] : ["", "", "", ""];

/**
 * @param {string} title
 * @param {import("./picture.js").Picture} picture
 * @param {readonly { label: string, score: number }[]} classes the best one first
 */
export function show(title, picture, classes) {
  const thumbnail = COLOUR ? halves(picture) : [];
  console.log(`${BOLD}${title}${NORMAL}`);
  classes.forEach(({ label, score }, i) => {
    const style = i === 0 ? BEST : SOFT;
    console.log(`  ${thumbnail[i] ?? ""}${style}${label.padEnd(6)}${NORMAL} ${bar(score)} ${style}${percent(score)}${NORMAL}`);
  });
  console.log();
}

/**
 * The picture in lines of text, two rows of pixels in each: the upper one is the ink, the lower one the paper.
 *
 * @param {import("./picture.js").Picture} picture
 */
function halves({ data }) {
  /** @type {(x: number, y: number) => string} */
  const grey = (x, y) => Array(3).fill(data[4 * (y * SIDE + x)]).join(";");
  return Array.from({ length: SIDE / 2 }, (_, row) => {
    const cells = Array.from({ length: SIDE }, (_, x) => `\x1b[38;2;${grey(x, 2 * row)}m\x1b[48;2;${grey(x, 2 * row + 1)}m▀`);
    return `${cells.join("")}\x1b[0m  `;
  });
}

/** @param {number} score */
function bar(score) {
  const filled = Math.round(score * WIDTH);
  if (!COLOUR) return "#".repeat(filled) + ".".repeat(WIDTH - filled);
  return `\x1b[34m${"━".repeat(filled)}\x1b[0;2m${"─".repeat(WIDTH - filled)}\x1b[0m`;
}

/** @param {number} score */
function percent(score) {
  return `${Math.round(score * 100)}%`.padStart(4);
}
