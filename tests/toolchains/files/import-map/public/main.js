import * as tf from "@tensorflow/tfjs";
import { loadTinyInWorker } from "./loaders/tiny.in-worker.js";
import { loadTiny } from "./loaders/tiny.js";

await tf.setBackend("cpu");
const tiny = await loadTiny();
const numbers = Float32Array.of(1, 2, 3);
const { y } = await tiny.run(numbers);
tiny.dispose();
const inWorker = await loadTinyInWorker({ backend: "cpu" });
const again = await inWorker.run(numbers);
inWorker.dispose();
document.querySelector("#prediction").textContent = JSON.stringify([Array.from(y), Array.from(again.y)]);
