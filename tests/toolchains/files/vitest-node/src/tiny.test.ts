/// <reference types="node" />
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadTiny } from "./models/tiny";

test("the model gives two numbers", async () => {
  const tiny = await loadTiny({ url: new URL("../public/models/tiny/model.json", import.meta.url) });
  const { y } = await tiny.run(Float32Array.of(1, 2, 3));
  expect(y).toHaveLength(2);
  writeFileSync("prediction.json", JSON.stringify(Array.from(y)));
  tiny.dispose();
});
