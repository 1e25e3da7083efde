import { defineConfig } from "vite";

export default defineConfig({
  // TensorFlow.js is most of the page's 1.1 MB, and nothing can be done without it.
  build: { chunkSizeWarningLimit: 1200 },
});
