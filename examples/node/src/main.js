// @ts-check
// The command: `npm start -- PICTURE …` says which digit each picture shows; without pictures, the samples are taken.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadDigits } from "./models/digits.js";
import { readPicture } from "./picture.js";
import { show } from "./terminal.js";

const SAMPLES = join(import.meta.dirname, "..", "samples");
// npm runs scripts in the package's folder; this is where the person was who called it.
const HERE = process.env["INIT_CWD"] ?? process.cwd();

tf.enableProdMode(); // else it recommends its own package for Node, at length
await tf.ready();
const digits = await loadDigits({ url: new URL("../models/digits/model.json", import.meta.url) });

const given = process.argv.slice(2);
const paths = given.length > 0 ? given.map(located) : (await readdir(SAMPLES)).sort().map((name) => join(SAMPLES, name));
for (const path of paths) {
  try {
    const picture = await readPicture(path);
    show(basename(path), picture, await digits.classify(picture, { topK: 4 }));
  } catch (error) {
    // The other pictures are looked at all the same.
    console.error(`${path}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
digits.dispose();

/** @param {string} name a path, or the name of a sample */
function located(name) {
  const [path, sample] = [resolve(HERE, name), join(SAMPLES, name)];
  return !existsSync(path) && existsSync(sample) ? sample : path;
}
