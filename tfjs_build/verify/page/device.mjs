// A device: asks tfjs-build for one thing after the other, and does it. Node and pages share this module; `host` is what
// they do differently.
import { pack, unpack } from "./wire.mjs";

let rejectStray = () => {};

/** To be called with errors that nobody waits for: of a kernel in a loop, say, whose prediction would never end. */
export function stray(error) {
  rejectStray(error);
}

/**
 * Works until there is nothing more to do.
 * @param {{
 *   name: string,
 *   next: string,
 *   tf: object,
 *   about: object,
 *   load: (job: object) => Promise<object>,
 *   addBackend: (backend: string) => Promise<void>,
 *   picture: (values: Uint8ClampedArray, width: number, height: number) => unknown,
 *   show: (job: object) => void,
 * }} host
 */
export async function work(host) {
  const device = { device: host.name };
  let message = pack({ ...device, about: host.about });
  for (;;) {
    const response = await fetch(host.next, { method: "POST", body: message });
    if (!response.ok) throw new Error(`tfjs-build does not answer any more: ${response.status}`);
    const { header: job, groups } = unpack(await response.arrayBuffer());
    host.show(job);
    if (job.do === "finish") return;
    if (job.do === "ask") {
      message = pack(device);
      continue;
    }
    const { groups: outputs = [], ...answer } = await done(host, job, groups);
    message = pack({ ...device, ...answer }, outputs);
  }
}

async function done(host, job, samples) {
  try {
    if (job.do === "start") return { started: await started(host, job.backend) };
    if (job.do === "run") return await Promise.race([ran(host, job, samples), strayError()]);
    return { shown: true };
  } catch (error) {
    const spoiled = error instanceof SpoilingError || error instanceof WebAssembly.RuntimeError || isLost(host.tf);
    try {
      host.tf.disposeVariables();
    } catch {
      // a device that is lost has nothing to dispose
    }
    const reason = error instanceof SpoilingError ? error.reason : error;
    return { error: reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason), spoiled };
  }
}

/** After which nothing can be trusted that runs here: the backend's memory, or a prediction that still goes on. */
class SpoilingError extends Error {
  constructor(reason) {
    super();
    this.reason = reason;
  }
}

function strayError() {
  return new Promise((_, reject) => (rejectStray = (error) => reject(new SpoilingError(error))));
}

/** Whether the GPU has let go of us. */
function isLost(tf) {
  try {
    return Boolean(tf.backend()?.gpgpu?.gl.isContextLost());
  } catch {
    return true;
  }
}

/** Makes a backend the current one; returns what is known of it. */
async function started({ tf, addBackend }, backend) {
  await addBackend(backend);
  if (!(await tf.setBackend(backend))) throw new Error(`there is no ${backend} here`);
  await tf.ready();
  return described(tf, backend);
}

function described(tf, backend) {
  const about = { version: tf.version.tfjs ?? tf.version_core };
  if (backend === "webgl") {
    const { gl } = tf.backend().gpgpu;
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    about.renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    about.half = !tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED");
  }
  if (backend === "webgpu") {
    const { vendor, architecture, description } = tf.backend().adapterInfo ?? {};
    about.renderer = [vendor, architecture, description].filter(Boolean).join(" ");
  }
  return about;
}

/** Loads a model through its stub, predicts each sample, and one once more. */
async function ran(host, job, samples) {
  const { tf } = host;
  const module = await host.load(job);
  const { device } = tf.backend();
  device?.pushErrorScope("validation");
  const model = await module[job.loader]({ url: new URL(job.model_json, host.next).href });
  const groups = [];
  const times = [];
  try {
    for (const [index, sample] of samples.entries()) {
      const { group, milliseconds } = await predicted(host, model, sample, job.images);
      groups.push(group);
      if (index === 0) {
        times.push(milliseconds);
        if (job.again) times.push((await predicted(host, model, sample, job.images)).milliseconds);
      }
    }
  } finally {
    model.dispose();
  }
  const refused = await device?.popErrorScope();
  if (refused) throw new SpoilingError(`webgpu refuses a program: ${refused.message}`); // and gives zeros
  return { first: times[0], next: times[1], version: model.version, groups };
}

async function predicted({ tf, picture }, model, sample) {
  const tensors = [];
  const inputs = Object.create(null);
  for (const { name, dtype, shape, values } of sample) {
    if (dtype === "picture") {
      inputs[name] = picture(values, shape[1], shape[0]);
      continue;
    }
    const part = (offset) => tf.tensor(values.filter((_, i) => i % 2 === offset), shape);
    const tensor =
      dtype === "complex64" ? tf.tidy(() => tf.complex(part(0), part(1))) : tf.tensor(values, shape, dtype);
    tensors.push(tensor);
    inputs[name] = tensor;
  }
  try {
    const begun = performance.now();
    const outputs = await model.predict({ ...inputs });
    const group = [];
    for (const [name, tensor] of Object.entries(outputs)) {
      const { dtype, shape } = tensor;
      group.push({ name, dtype, shape, values: await tensor.data() });
    }
    const milliseconds = performance.now() - begun;
    for (const tensor of new Set(Object.values(outputs))) tensor.dispose();
    return { group, milliseconds };
  } finally {
    tf.dispose(tensors);
  }
}
