import { defineConfig } from "vite";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({
  plugins: [tfjsBuild()], // builds the models of tfjs.yaml, and swaps every save into the open page
  // TensorFlow.js is most of the page's 1.1 MB, and nothing can be done without it.
  build: { chunkSizeWarningLimit: 1200 },
});
