import { defineConfig } from "vite";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({ plugins: [tfjsBuild()] });
