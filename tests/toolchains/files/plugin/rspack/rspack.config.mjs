import { rspack } from "@rspack/core";
import TfjsBuildPlugin from "tfjs-build/rspack";

export default (_, { mode }) => ({
  mode: "production",
  entry: "./src/index.ts",
  output: {
    filename: mode === "development" ? "js/[name].js" : "js/[name].[contenthash].js",
    publicPath: process.env.BASE,
    clean: mode !== "development",
  },
  module: {
    rules: [
      {
        test: /\.ts$/,
        type: "javascript/auto",
        loader: "builtin:swc-loader",
        options: { jsc: { parser: { syntax: "typescript" } } },
        exclude: /node_modules/,
      },
    ],
  },
  resolve: { extensions: [".ts", ".js"] },
  performance: { hints: false },
  plugins: [
    new TfjsBuildPlugin(),
    new rspack.HtmlRspackPlugin(),
    mode !== "development" && new rspack.CopyRspackPlugin({ patterns: ["public"] }), // the server serves it as it is
  ],
});
