import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import tfjsBuild from "tfjs-build/rollup";

export default {
  input: "src/main.js",
  output: { dir: "public", format: "es" },
  plugins: [tfjsBuild(), resolve({ browser: true }), commonjs(), process.env.ROLLUP_WATCH !== "true" && terser()],
};
