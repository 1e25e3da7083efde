import tfjsBuild from "tfjs-build/vite";

export default defineNuxtConfig({
  app: { baseURL: process.env.BASE },
  vite: { plugins: [tfjsBuild()] },
});
