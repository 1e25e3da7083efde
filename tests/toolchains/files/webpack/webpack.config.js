const CopyPlugin = require("copy-webpack-plugin");
const HtmlPlugin = require("html-webpack-plugin");

module.exports = {
  mode: "production",
  entry: "./src/index.ts",
  output: { filename: "js/[name].[contenthash].js", publicPath: process.env.BASE, clean: true },
  module: { rules: [{ test: /\.ts$/, use: "ts-loader", exclude: /node_modules/ }] },
  resolve: { extensions: [".ts", ".js"] },
  performance: { hints: false },
  plugins: [new HtmlPlugin(), new CopyPlugin({ patterns: ["public"] })],
};
