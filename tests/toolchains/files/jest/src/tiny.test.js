const { writeFileSync } = require("node:fs");
const { resolve } = require("node:path");

test("the model gives two numbers", async () => {
  const { loadTiny } = await import("./models/tiny.js");
  const tiny = await loadTiny({ url: resolve("models/tiny/model.json") });
  const { y } = await tiny.run(Float32Array.of(1, 2, 3));
  expect(y).toHaveLength(2);
  writeFileSync("prediction.json", JSON.stringify(Array.from(y)));
  tiny.dispose();
});
