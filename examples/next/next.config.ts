import withTfjsBuild from "tfjs-build/next";
import type { NextConfig } from "next";

const nextConfig: NextConfig = {
  // Other lock files lie above this folder, by which Next.js would take the repository for the project.
  turbopack: { root: import.meta.dirname },
};

export default withTfjsBuild(nextConfig);
