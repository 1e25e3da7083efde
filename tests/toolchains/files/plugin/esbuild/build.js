import * as esbuild from "esbuild";
import tfjsBuild from "tfjs-build/esbuild";

const serve = process.argv.includes("--serve");
const options = {
  entryPoints: ["src/main.ts", "src/models/tiny.worker.js"],
  bundle: true,
  minify: !serve,
  format: "esm",
  entryNames: "[name]",
  outdir: "public",
  plugins: [tfjsBuild({ watch: serve })],
};
if (serve) {
  const context = await esbuild.context(options);
  await context.watch();
  await context.serve({ servedir: "public", host: "127.0.0.1", port: Number(process.env.PORT) });
} else {
  await esbuild.build(options);
}
