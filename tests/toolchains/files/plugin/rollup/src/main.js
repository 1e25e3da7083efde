import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./models/tiny.js";

await tf.setBackend("cpu");
const tiny = await loadTiny();
const { y } = await tiny.run(Float32Array.of(1, 2, 3));
const shown = document.createElement("output");
shown.id = "prediction";
shown.textContent = JSON.stringify([Array.from(y), Array.from(y)]); // Rollup makes no workers
document.body.append(shown);
