import type { NextConfig } from "next";
import withTfjsBuild from "tfjs-build/next";

const nextConfig: NextConfig = {
  output: "export",
  basePath: process.env.BASE_PATH,
};

export default withTfjsBuild(nextConfig);
