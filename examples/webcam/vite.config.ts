import tfjsBuild from "tfjs-build/vite";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./", // the built page runs in any folder of a server
  plugins: [tfjsBuild()],
});
