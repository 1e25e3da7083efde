"""Benchmarks: tfjs-build and today's tool, side by side on the same files, in one run."""
