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
  readonly gpgpu?: {
    readonly gl: WebGL2RenderingContext;
    readonly parallelCompilationExtension?: { readonly COMPLETION_STATUS_KHR: number } | null;
  };
  readSync(id: object): unknown;
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
 * it ends where it needs one. What is left out, or wrong, is compiled when it is needed, and told then.
 */
export async function compileFor(work: () => void): Promise<void> {
  const backend = current();
  const { gpgpu, readSync, texData, tensorMap } = backend;
  const cache = gpgpu ? "binaryCache" : "pipelineCache";
  const programs = backend[cache];
  if (!programs) return;
  // Another prediction that began meanwhile would take an unfinished program for a finished one: they are kept apart.
  const unfinished = Object.create(programs) as Programs;
  const flag = gpgpu ? "ENGINE_COMPILE_ONLY" : "WEBGPU_ENGINE_COMPILE_ONLY";
  tf.env().set(flag, true);
  backend[cache] = unfinished;
  backend.readSync = (id) => {
    const { values } = (texData ?? tensorMap)!.get(id)!;
    if (values) return values;
    throw new Error();
  };
  try {
    work();
  } catch {
    // It needed a result.
  } finally {
    tf.env().set(flag, false);
    Object.assign(backend, { [cache]: programs, readSync });
  }
  if (gpgpu) {
    const { gl, parallelCompilationExtension: extension } = gpgpu;
    for (const [key, binary] of Object.entries(unfinished)) {
      const { webGLProgram } = binary as { webGLProgram: WebGLProgram };
      // TensorFlow.js itself looks once a frame, and a page that nobody sees has no frames.
      while (extension && !gl.getProgramParameter(webGLProgram, extension.COMPLETION_STATUS_KHR)) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      if (!gl.getProgramParameter(webGLProgram, gl.LINK_STATUS)) delete unfinished[key];
    }
    // Of these alone: the backend would ask for those of all that it has.
    Object.assign(Object.create(backend) as Backend, { binaryCache: unfinished }).getUniformLocations();
    Object.assign(programs, unfinished);
  } else {
    const settle = async ([key, pipeline]: [string, unknown]) => (programs[key] = await pipeline);
    await Promise.allSettled(Object.entries(unfinished).map(settle));
  }
}
