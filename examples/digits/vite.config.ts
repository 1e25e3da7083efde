import { defineConfig } from "vite";

export default defineConfig({
  // TensorFlow.js is most of the page's 0.9 MB, and nothing can be done without it.
  build: { chunkSizeWarningLimit: 1000 },
});
