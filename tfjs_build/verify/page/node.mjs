// The device that is a Node process: `node node.mjs BASE DEVICE TFJS WASM`, the last two being files, or "".
import { pathToFileURL } from "node:url";
import { stray, work } from "./device.mjs";

/** What a page has and Node has not: a picture as the loader reads it. */
class ImageData {
  constructor(data, width, height) {
    Object.assign(this, { data: new Uint8Array(data), width, height });
  }

  get [Symbol.toStringTag]() {
    return "ImageData";
  }
}

const [base, name, tfjs, wasm] = process.argv.slice(2);
process.on("uncaughtException", stray);
process.on("unhandledRejection", stray);
const tf = await import(pathToFileURL(tfjs).href);

await work({
  name,
  next: `${base}next`,
  tf,
  about: { kind: "node", version: process.version },
  load: ({ file }) => import(pathToFileURL(file).href),
  async addBackend(backend) {
    if (backend === "wasm") await import(pathToFileURL(wasm).href);
  },
  picture: (data, width, height) => new ImageData(data, width, height),
  show() {},
});
process.exit(0);
