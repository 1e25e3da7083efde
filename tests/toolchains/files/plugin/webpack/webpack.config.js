const CopyPlugin = require("copy-webpack-plugin");
const HtmlPlugin = require("html-webpack-plugin");
const { TfjsBuildPlugin } = require("tfjs-build/webpack");

module.exports = (_, { mode }) => ({
  mode: "production",
  entry: "./src/index.ts",
  output: {
    filename: mode === "development" ? "js/[name].js" : "js/[name].[contenthash].js",
    publicPath: process.env.BASE,
    clean: true,
  },
  module: { rules: [{ test: /\.ts$/, use: "ts-loader", exclude: /node_modules/ }] },
  resolve: { extensions: [".ts", ".js"] },
  performance: { hints: false },
  devServer: { static: { directory: "public", watch: false } }, // else it loads the page anew for each new version
  plugins: [
    new TfjsBuildPlugin(),
    new HtmlPlugin(),
    mode !== "development" && new CopyPlugin({ patterns: ["public"] }), // the server serves it as it is
  ],
});
