"""Models run in Chromium on each backend of TensorFlow.js: cpu, wasm, webgl and webgpu, these two in software."""
