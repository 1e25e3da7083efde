import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "./loaders/tiny.js";

await tf.setBackend("cpu");
const tiny = await loadTiny();
const { y } = await tiny.run(Float32Array.of(1, 2, 3));
document.querySelector("#prediction").textContent = JSON.stringify(Array.from(y));
tiny.dispose();
