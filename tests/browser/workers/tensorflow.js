// The module that the loaders of these tests import: every backend, for pages and workers without a bundler.

import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

export * from "@tensorflow/tfjs";

setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/");
