// Puts TensorFlow.js beside the page, as the one file that its import map names: a browser does not look in node_modules.
import { cpSync } from "node:fs";

cpSync("node_modules/@tensorflow/tfjs/dist/tf.fesm.min.js", "public/library/tf.js");
