import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({ plugins: [vue(), tfjsBuild()] });
