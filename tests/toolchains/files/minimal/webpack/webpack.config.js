const path = require("node:path");
const CopyPlugin = require("copy-webpack-plugin");
const HtmlPlugin = require("html-webpack-plugin");

const ops = path.resolve("src/models/_tfjs_ops.js");

module.exports = {
  mode: "production",
  entry: "./src/index.ts",
  output: { filename: "js/[name].[contenthash].js", publicPath: process.env.BASE, clean: true },
  module: { rules: [{ test: /\.ts$/, use: "ts-loader", exclude: /node_modules/ }] },
  resolve: {
    extensions: [".ts", ".js"],
    alias: {
      "@tensorflow/tfjs-core/dist/ops/ops_for_converter": ops,
      "@tensorflow/tfjs-backend-cpu/dist/shared": ops,
    },
  },
  performance: { hints: false },
  plugins: [new HtmlPlugin(), new CopyPlugin({ patterns: ["public"] })],
};
