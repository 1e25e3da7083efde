import path from "node:path";
import alias from "@rollup/plugin-alias";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";

const ops = path.resolve("src/models/_tfjs_ops.js");

export default {
  input: "src/main.js",
  output: { dir: "public", format: "es" },
  plugins: [
    alias({
      entries: {
        "@tensorflow/tfjs-core/dist/ops/ops_for_converter": ops,
        "@tensorflow/tfjs-backend-cpu/dist/shared": ops,
      },
    }),
    resolve({ browser: true }),
    commonjs(),
    terser(),
  ],
};
