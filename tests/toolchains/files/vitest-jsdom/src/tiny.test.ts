/// <reference types="node" />
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadTiny } from "./models/tiny";

test("the model gives two numbers", async () => {
  const tiny = await loadTiny({ url: pathToFileURL("public/models/tiny/model.json") });
  const { y } = await tiny.run(Float32Array.of(1, 2, 3));
  expect(y).toHaveLength(2);
  writeFileSync("prediction.json", JSON.stringify(Array.from(y)));
  tiny.dispose();
});
