// A site whose dev server replaces modules as webpack does.
import { rspack } from "@rspack/core";

const icon = '<link rel="icon" href="data:,">'; // or the browser asks for one
const typescript = { loader: "builtin:swc-loader", options: { jsc: { parser: { syntax: "typescript" } } } };

export default {
  mode: "development",
  entry: "./src/index.ts",
  output: { filename: "[name].js", publicPath: "/" },
  module: { rules: [{ test: /\.ts$/, use: typescript, type: "javascript/auto" }] },
  resolve: { extensions: [".ts", ".js"] },
  plugins: [new rspack.HtmlRspackPlugin({ templateContent: `<html><head>${icon}</head><body></body></html>` })],
  devServer: { host: "127.0.0.1", port: "auto", hot: true, open: false, static: { directory: "public", watch: false } },
};
