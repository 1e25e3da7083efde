// Times a first prediction in a page: `first(way, size)`, once in each.

/** Milliseconds from the import of the loader on, and of the parts: `way` is "cold", "warmUp", or "serial", in which the
 *  model predicts once on zeros, as earlier versions warmed up. */
export async function first(way, size) {
  const image = Float32Array.from({ length: size }, (_, i) => ((i * 31) % 255) / 255);
  const start = performance.now();
  const { loadNet } = await import("/site/stubs/net.js");
  const model = await loadNet({ url: "/site/public/net/model.json", warmUp: way === "warmUp" });
  let warm = model.warmedUp?.milliseconds;
  if (way === "serial") {
    const begun = performance.now();
    await model.run(new Float32Array(size));
    warm = performance.now() - begun;
  }
  const begun = performance.now();
  const [result] = Object.values(await model.run(image));
  const end = performance.now();
  const sum = result.reduce((total, value) => total + value, 0);
  if (!(Math.abs(sum - 1) < 0.01)) throw new Error(`its probabilities add up to ${sum}`);
  return { total: end - start, warm: warm ?? 0, first: end - begun, programs: model.memory().programs };
}
