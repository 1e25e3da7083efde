import { defineConfig } from "astro/config";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({ base: process.env.BASE_PATH, vite: { plugins: [tfjsBuild()] } });
