import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import tfjsBuild from "tfjs-build/vite";

export default defineConfig({ plugins: [react(), tfjsBuild()] });
