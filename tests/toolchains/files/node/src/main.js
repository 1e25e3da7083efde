import { loadTiny } from "./models/tiny.js";

const tiny = await loadTiny({ url: new URL("../models/tiny/model.json", import.meta.url) });
const { y } = await tiny.run(Float32Array.of(1, 2, 3));
console.log(JSON.stringify(Array.from(y)));
tiny.dispose();
