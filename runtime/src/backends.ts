// What TensorFlow.js's backends keep of programs (shaders), and how they compile many side by side.
import * as tf from "@tensorflow/tfjs";

/** Programs by what they do, and the shapes that they do it to. */
type Programs = Record<string, unknown>;

/** What is known of tensors; the values of those that are on the GPU are missing. */
type Data = Map<object, { readonly values?: unknown }>;

/** What backends of GPUs have; the others have none of it. */
interface Backend {
  /** webgl's programs. */
  binaryCache?: Programs;
  /** webgpu's; promises while they are compiled. */
  pipelineCache?: Programs;
  readonly texData?: Data;
  readonly tensorMap?: Data;
  readSync(id: object): unknown;
  checkCompileCompletionAsync(): Promise<unknown>;
  getUniformLocations(): void;
}

const current = () => tf.engine().backend as unknown as Backend;

/** How many programs the present backend has. */
export function programs(): number {
  const { binaryCache, pipelineCache } = current();
  return Object.keys(binaryCache ?? pipelineCache ?? {}).length;
}

/**
 * Has the programs that `work` needs compiled side by side, and is back when they are. `work` is done without results, so
 * it ends where it needs one.
 */
export async function compileFor(work: () => void): Promise<void> {
  const backend = current();
  const { readSync } = backend;
  const cache = backend.binaryCache ? "binaryCache" : "pipelineCache";
  const programs = backend[cache];
  if (!programs) return;
  // Another prediction that began meanwhile would take an unfinished program for a finished one: they are kept apart.
  const unfinished = Object.create(programs) as Programs;
  const apart = <T>(use: () => T) => {
    backend[cache] = unfinished;
    try {
      return use();
    } finally {
      backend[cache] = programs;
    }
  };
  const flag = backend.texData ? "ENGINE_COMPILE_ONLY" : "WEBGPU_ENGINE_COMPILE_ONLY";
  tf.env().set(flag, true);
  backend.readSync = (id) => {
    if ((backend.texData ?? backend.tensorMap)!.get(id)!.values) return readSync.call(backend, id);
    throw new Error("no result is there while programs are compiled");
  };
  try {
    apart(work);
  } catch {
    // The rest is compiled when it is needed, and what is wrong with it told then.
  } finally {
    tf.env().set(flag, false);
    backend.readSync = readSync;
  }
  if (backend.texData) {
    await apart(() => backend.checkCompileCompletionAsync());
    apart(() => backend.getUniformLocations());
  }
  for (const key of Object.keys(unfinished)) {
    const program = await unfinished[key];
    programs[key] ??= program;
  }
}
