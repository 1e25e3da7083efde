import type { NextConfig } from "next";
import withTfjsBuild from "tfjs-build/next";

const nextConfig: NextConfig = {
  output: "export",
  basePath: process.env.BASE_PATH,
  // Else there are two workers at once, whose one script of many megabytes a browser without a profile cannot keep.
  reactStrictMode: false,
};

export default withTfjsBuild(nextConfig);
