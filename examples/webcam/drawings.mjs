// Makes drawings/LABEL/SET.ICON.png, from which train.py composes what a camera might see, src/things/LABEL.svg for the
// page, and the sample pictures of examples/next: run once, and again only to change the labels. The sets are packages of
// npm, each of which has thousands of icons:
//
//   npm install --no-save @resvg/resvg-js sharp @iconify-json/{emojione,emojione-monotone,fa6-solid,fluent,fluent-emoji} \
//     @iconify-json/{fluent-emoji-flat,fluent-emoji-high-contrast,fxemoji,game-icons,icon-park,iconoir,ion} \
//     @iconify-json/{lucide,mdi,mingcute,mynaui,noto,noto-v1,ph,solar,streamline,streamline-emojis,streamline-flex} \
//     @iconify-json/{streamline-plump,streamline-ultimate,streamline-ultimate-color,tabler,tdesign,twemoji}
//   node drawings.mjs
//
// drawings/LICENSES.md says whose they are.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";

const SIDE = 64;

/** Sets that have an icon for each emoji, all by the same names. */
const EMOJI = [
  ...["emojione", "fluent-emoji", "fluent-emoji-flat", "fxemoji", "noto", "noto-v1", "streamline-emojis", "twemoji"],
  ...["emojione-monotone", "fluent-emoji-high-contrast"],
];

/** By label, which emoji show it. Not every set has each of them. */
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

/** Of sets with other names, almost all in one colour, which train.py replaces by others: SET.ICON. */
const OTHERS = {
  apple: `fluent.food-apple-24-filled fluent.food-apple-24-regular icon-park.apple icon-park.apple-one
    fa6-solid.apple-whole iconoir.apple-half lucide.apple mdi.food-apple mdi.food-apple-outline
    mingcute.apple-fruit-fill mingcute.apple-fruit-line streamline-flex.apple streamline-flex.apple-solid tabler.apple
    tabler.apple-filled tdesign.apple tdesign.apple-filled game-icons.shiny-apple`,
  banana: `game-icons.banana icon-park.banana lucide.banana streamline-ultimate.fruit-banana
    streamline-ultimate.fruit-banana-bold streamline-ultimate-color.fruit-banana tabler.banana tdesign.banana
    tdesign.banana-filled`,
  car: `fa6-solid.car fa6-solid.car-side fluent.vehicle-car-24-filled fluent.vehicle-car-24-regular icon-park.car
    ion.car ion.car-sport iconoir.car lucide.car lucide.car-front mdi.car mdi.car-side mdi.car-hatchback
    mingcute.car-fill mingcute.car-line mingcute.car-3-fill ph.car ph.car-fill ph.car-duotone ph.car-profile
    ph.car-profile-fill ph.car-profile-duotone solar.car-bold tabler.car tabler.car-filled game-icons.city-car`,
  cat: `fa6-solid.cat fluent.animal-cat-24-filled fluent.animal-cat-24-regular icon-park.cat lucide.cat mdi.cat
    mingcute.cat-fill mingcute.cat-line ph.cat ph.cat-fill ph.cat-duotone solar.cat-bold solar.cat-linear
    solar.cat-bold-duotone streamline.nature-ecology-cat-head-cat-pet-animals-felyne streamline-flex.cat-2
    streamline-flex.cat-2-solid tabler.cat tdesign.cat tdesign.cat-filled`,
  dog: `fa6-solid.dog fluent.animal-dog-24-filled fluent.animal-dog-24-regular icon-park.dog lucide.dog mdi.dog
    mdi.dog-side mingcute.dog-fill mingcute.dog-line ph.dog ph.dog-fill ph.dog-duotone
    streamline.nature-ecology-dog-head-dog-pet-animals-canine streamline-flex.dog-1 streamline-flex.dog-1-solid
    streamline-plump.dog-1 streamline-plump.dog-1-solid tabler.dog game-icons.sitting-dog`,
  fish: `fa6-solid.fish fa6-solid.fish-fins fluent.food-fish-24-filled fluent.food-fish-24-regular icon-park.fish
    icon-park.fish-one iconoir.fish ion.fish ion.fish-outline lucide.fish mdi.fish mingcute.fish-fill mingcute.fish-line
    ph.fish ph.fish-fill ph.fish-duotone ph.fish-simple ph.fish-simple-fill ph.fish-simple-duotone streamline-plump.fish
    streamline-plump.fish-solid tabler.fish tdesign.fish tdesign.fish-filled game-icons.tropical-fish`,
  flower: `iconoir.flower ion.flower ion.flower-outline lucide.flower lucide.flower-2 mdi.flower mdi.flower-outline
    mingcute.flower-fill mingcute.flower-line mingcute.flower-2-fill mingcute.flower-4-fill mingcute.flower-4-line
    mingcute.sunflower-fill mingcute.sunflower-line mynaui.flower mynaui.flower-solid ph.flower ph.flower-fill
    ph.flower-duotone streamline-flex.flower streamline-flex.flower-solid tabler.flower tabler.flower-filled
    game-icons.daisy game-icons.sunflower`,
  heart: `fa6-solid.heart fluent.heart-24-filled fluent.heart-24-regular icon-park.heart ion.heart ion.heart-outline
    iconoir.heart mdi.heart mdi.heart-outline mingcute.heart-fill ph.heart ph.heart-fill ph.heart-duotone
    ph.heart-straight-fill solar.heart-bold solar.heart-bold-duotone streamline-flex.heart streamline-flex.heart-solid
    tabler.heart tabler.heart-filled tdesign.heart`,
  house: `fa6-solid.house fa6-solid.house-chimney fluent.home-24-filled fluent.home-24-regular icon-park.home
    icon-park.home-two iconoir.home-simple-door ion.home ion.home-outline lucide.house mdi.home mdi.home-outline
    mdi.home-variant mingcute.home-1-fill mingcute.home-1-line mingcute.home-4-line mynaui.home ph.house ph.house-fill
    ph.house-duotone ph.house-line ph.house-line-duotone solar.home-bold streamline-flex.home-2
    streamline-ultimate.house-chimney streamline-ultimate-color.house-chimney streamline-ultimate-color.house-4
    tabler.home tdesign.home-filled game-icons.house game-icons.family-house`,
  rocket: `fa6-solid.rocket fluent.rocket-24-filled fluent.rocket-24-regular icon-park.rocket icon-park.rocket-one
    iconoir.rocket ion.rocket ion.rocket-outline lucide.rocket mdi.rocket mdi.rocket-launch mdi.rocket-launch-outline
    mingcute.rocket-fill mingcute.rocket-line mynaui.rocket mynaui.rocket-solid ph.rocket ph.rocket-fill
    ph.rocket-duotone ph.rocket-launch ph.rocket-launch-fill ph.rocket-launch-duotone solar.rocket-bold
    solar.rocket-2-bold-duotone streamline-flex.rocket streamline-flex.rocket-solid tabler.rocket tdesign.rocket
    tdesign.rocket-filled game-icons.rocket`,
  tree: `fa6-solid.tree fluent.tree-deciduous-24-filled fluent.tree-deciduous-24-regular icon-park.tree
    icon-park.tree-one icon-park.tree-two iconoir.tree iconoir.pine-tree lucide.tree-deciduous lucide.tree-pine mdi.tree
    mdi.tree-outline mdi.pine-tree mingcute.tree-fill mingcute.tree-line mingcute.tree-2-fill mingcute.tree-3-fill
    mynaui.tree mynaui.tree-pine-solid mynaui.tree-deciduous-solid ph.tree ph.tree-fill ph.tree-duotone
    ph.tree-evergreen ph.tree-evergreen-fill ph.tree-evergreen-duotone streamline-flex.pine-tree
    streamline-flex.pine-tree-solid streamline-plump.tree-1 streamline-plump.tree-1-solid tabler.tree
    game-icons.pine-tree game-icons.fruit-tree`,
  umbrella: `fa6-solid.umbrella fluent.umbrella-24-filled fluent.umbrella-24-regular icon-park.umbrella
    icon-park.umbrella-one iconoir.umbrella ion.umbrella ion.umbrella-outline lucide.umbrella mdi.umbrella
    mdi.umbrella-outline mingcute.umbrella-fill mingcute.umbrella-line mingcute.umbrella-2-fill mynaui.umbrella
    mynaui.umbrella-solid ph.umbrella ph.umbrella-fill ph.umbrella-duotone solar.umbrella-bold
    solar.umbrella-bold-duotone streamline-flex.open-umbrella streamline-flex.open-umbrella-solid
    streamline-plump.open-umbrella streamline-plump.open-umbrella-solid streamline-ultimate.rain-umbrella-1
    streamline-ultimate-color.rain-umbrella-1 tabler.umbrella tabler.umbrella-filled`,
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
const sets = new Map();

/** An icon of a set: its drawing, and the width and height of that; undefined where the set has none. */
function icon(set, name) {
  if (!sets.has(set)) sets.set(set, require(`@iconify-json/${set}/icons.json`));
  const { icons, aliases = {}, width = 16, height = 16 } = sets.get(set);
  const found = icons[name] ?? icons[aliases[name]?.parent];
  return found && { body: found.body, width: found.width ?? width, height: found.height ?? height };
}

/** Wraps a drawing in an SVG whose picture is square. */
function svg({ body, width, height }) {
  const side = Math.max(width, height);
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" viewBox="${(width - side) / 2} ${(height - side) / 2} ${side} ${side}">${body}</svg>`;
}

const png = (text, side) => new Resvg(text, { fitTo: { mode: "width", value: side } }).render().asPng();

mkdirSync(here("src/things"), { recursive: true });
for (const [label, names] of Object.entries(ICONS)) {
  writeFileSync(here(`src/things/${label}.svg`), `${svg(icon(SHOWN, names[0]))}\n`);
  const folder = here(`drawings/${label}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const wanted = OTHERS[label].split(/\s+/).map((each) => each.split("."));
  const found = EMOJI.flatMap((set) => names.map((name) => [set, name])).filter(([set, name]) => icon(set, name));
  for (const [set, name] of [...found, ...wanted]) {
    const drawing = icon(set, name);
    if (!drawing) throw new Error(`${set} has no ${name}`);
    const picture = sharp(png(svg(drawing), SIDE));
    const { channels } = await picture.stats();
    const colours = channels.slice(0, 3).some(({ max }) => max > 0) ? 64 : 16;
    writeFileSync(`${folder}/${set}.${name}.png`, await picture.png({ palette: true, colours, effort: 10 }).toBuffer());
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
