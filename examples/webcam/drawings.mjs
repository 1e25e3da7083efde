// Makes drawings/LABEL/SET.ICON.png, from which train.py composes what a camera might see, src/things/LABEL.svg for the
// page, and the sample pictures of examples/next: run once, and again only to change the labels. The sets are packages of
// npm, each of which has thousands of icons:
//
//   npm install --no-save @resvg/resvg-js @iconify-json/{emojione,fluent-emoji,fluent-emoji-flat,fxemoji,noto,noto-v1,streamline-emojis,twemoji}
//   node drawings.mjs
//
// drawings/LICENSES.md says whose they are.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

const SIDE = 64;
const SETS = ["emojione", "fluent-emoji", "fluent-emoji-flat", "fxemoji", "noto", "noto-v1", "streamline-emojis", "twemoji"];

/** By label, which icons show it. Not every set has each of them. */
const ICONS = {
  apple: ["red-apple", "green-apple"],
  banana: ["banana"],
  car: ["automobile", "oncoming-automobile", "sport-utility-vehicle"],
  cat: ["cat-face", "cat"],
  dog: ["dog-face", "dog"],
  fish: ["fish", "tropical-fish"],
  flower: ["sunflower", "sunflower-1", "blossom", "hibiscus"],
  heart: ["red-heart", "purple-heart", "blue-heart"],
  house: ["house", "house-with-garden"],
  rocket: ["rocket"],
  tree: ["deciduous-tree", "evergreen-tree"],
  umbrella: ["umbrella", "umbrella-with-rain-drops"],
};

/** The set that training holds out: what the pages show, the network has never seen. */
const SHOWN = "twemoji";

/** What the sample pictures show, each on two colours. */
const SAMPLES = {
  apple: ["red-apple", "#fdf3d8", "#f4cf86"],
  cat: ["cat-face", "#d9ecff", "#8fbcf0"],
  fish: ["tropical-fish", "#d8f7f0", "#64c3b4"],
  flower: ["sunflower", "#e9e4ff", "#ab9cf2"],
  house: ["house-with-garden", "#ffe6e1", "#f3a594"],
  rocket: ["rocket", "#34406b", "#141a33"],
};

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sets = Object.fromEntries(SETS.map((set) => [set, require(`@iconify-json/${set}/icons.json`)]));

/** An icon of a set: its drawing, and the width and height of that; undefined where the set has none. */
function icon(set, name) {
  const { icons, aliases = {}, width = 16, height = 16 } = sets[set];
  const found = icons[name] ?? icons[aliases[name]?.parent];
  return found && { body: found.body, width: found.width ?? width, height: found.height ?? height };
}

/** Wraps a drawing in an SVG whose picture is square. */
const svg = ({ body, width, height }) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;

const png = (text, side) => new Resvg(text, { fitTo: { mode: "width", value: side } }).render().asPng();

mkdirSync(here("src/things"), { recursive: true });
for (const [label, names] of Object.entries(ICONS)) {
  writeFileSync(here(`src/things/${label}.svg`), `${svg(icon(SHOWN, names[0]))}\n`);
  const folder = here(`drawings/${label}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const set of SETS) {
    for (const name of names) {
      const drawing = icon(set, name);
      if (drawing) writeFileSync(`${folder}/${set}.${name}.png`, png(svg(drawing), SIDE));
    }
  }
}

mkdirSync(here("../next/public/samples"), { recursive: true });
for (const [label, [name, light, dark]] of Object.entries(SAMPLES)) {
  const { body, width } = icon(SHOWN, name);
  const [side, turn] = [width * 1.6, label.length % 2 === 0 ? -8 : 10];
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}">
    <linearGradient id="sky" x2="0.6" y2="1"><stop stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></linearGradient>
    <rect width="${side}" height="${side}" fill="url(#sky)"/>
    <g transform="translate(${side / 2} ${side / 2}) rotate(${turn}) translate(${-width / 2} ${-width / 2})">${body}</g></svg>`;
  writeFileSync(here(`../next/public/samples/${label}.png`), png(picture, 320));
}
