import type { NextConfig } from "next";

const ops = "./src/models/_tfjs_ops.js";

const nextConfig: NextConfig = {
  output: "export",
  basePath: process.env.BASE_PATH,
  turbopack: {
    resolveAlias: {
      "@tensorflow/tfjs-core/dist/ops/ops_for_converter": ops,
      "@tensorflow/tfjs-backend-cpu/dist/shared": ops,
    },
  },
};

export default nextConfig;
