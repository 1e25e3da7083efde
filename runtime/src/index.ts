// What stubs import. `build.mjs` makes one module of it, the templates `_runtime.js.j2` and `_runtime.d.ts.j2`.
export { asyncGraph, graph, layers } from "./engines.js";
export type { Engine, Runner } from "./engines.js";
export { classifier } from "./classify.js";
export type { Classify } from "./classify.js";
export { ModelLoadError } from "./errors.js";
export { createLoader } from "./handle.js";
export type { Hot, WebpackHot } from "./hot.js";
export { pixels } from "./pixels.js";
export type { Picture, RawPicture, WithFiles } from "./pictures.js";
export type { Pixels, Preparation } from "./pixels.js";
export { reloading } from "./reloading.js";
export type { Reloading } from "./reloading.js";
export { serve } from "./serving.js";
export type { Parts } from "./serving.js";
export type { Given, Input, Output, OutputValues, TensorInput } from "./tensors.js";
export type {
  Classification,
  Classifier,
  ClassifyOptions,
  Face,
  Fetch,
  FetchInit,
  Load,
  LoadOptions,
  Memory,
  Meta,
  Model,
  Progress,
  Published,
  Signature,
  TensorSpec,
  WarmedUp,
} from "./types.js";
