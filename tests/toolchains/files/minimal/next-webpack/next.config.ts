import path from "node:path";
import type { NextConfig } from "next";

const ops = path.resolve("src/models/_tfjs_ops.js");

const nextConfig: NextConfig = {
  output: "export",
  basePath: process.env.BASE_PATH,
  webpack(config) {
    config.resolve.alias["@tensorflow/tfjs-core/dist/ops/ops_for_converter"] = ops;
    config.resolve.alias["@tensorflow/tfjs-backend-cpu/dist/shared"] = ops;
    return config;
  },
};

export default nextConfig;
