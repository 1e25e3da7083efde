import path from "node:path";
import { defineConfig } from "vite";

const ops = path.resolve("src/models/_tfjs_ops.js");

export default defineConfig({
  resolve: {
    alias: {
      "@tensorflow/tfjs-core/dist/ops/ops_for_converter": ops,
      "@tensorflow/tfjs-backend-cpu/dist/shared": ops,
    },
  },
});
