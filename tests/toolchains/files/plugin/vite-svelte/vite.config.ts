import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({ plugins: [svelte(), tfjsBuild()] });
