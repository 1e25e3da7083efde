// What `tfjs: minimal` has bundlers replace: modules of TensorFlow.js that know all ops, by one that has what the models need.
import { join } from "node:path";
import type { Project } from "./events.js";

const REPLACED = ["@tensorflow/tfjs-core/dist/ops/ops_for_converter", "@tensorflow/tfjs-backend-cpu/dist/shared"];

/** The aliases of a project; none where its loaders import all of TensorFlow.js. */
export function aliases(project: Project | undefined): Record<string, string> {
  if (!project?.minimal || project.stubs === null) return {};
  const ops = join(project.stubs, "_tfjs_ops.js");
  return Object.fromEntries(REPLACED.map((name) => [name, ops]));
}
