// Pictures where there is no page: pixels as what decodes files gives them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { file, leftBy, stub, values } from "./world.js";

const { loadPicture } = await stub("picture"); // it gives a picture of one pixel, from 0 to 1
const GREEN = [0, 255, 51, 255];

/** As pngjs gives it: an object of a class, with more in it than pixels. */
class Decoded {
  gamma = 0;
  width = 1;
  height = 1;
  data = Buffer.from(GREEN);
}

/** As pages and what is like them have it. */
class ImageData extends Decoded {
  data = Uint8ClampedArray.from(GREEN);
  [Symbol.toStringTag] = "ImageData";
}

const PICTURES = {
  "a part of a larger memory": { data: Uint8Array.of(9, ...GREEN, 9).subarray(1, 5), width: 1, height: 1 },
  "clamped values": { data: Uint8ClampedArray.from(GREEN), width: 1, height: 1 },
  "what pngjs gives": new Decoded(),
  "somebody's ImageData": new ImageData(),
};

for (const [kind, picture] of Object.entries(PICTURES)) {
  test(`pixels are a picture: ${kind}`, async () => {
    const left = await leftBy(async () => {
      const model = await loadPicture({ url: file("picture") });
      const given = Float32Array.of(0, 1, 51 * Math.fround(1 / 255));
      for (const inputs of [picture, { x: picture }]) {
        assert.deepEqual(values(model.predict(inputs)), { y: [...given] });
        assert.deepEqual([...(await model.run(inputs)).y], [...given]);
        assert.equal((await model.classify(inputs))[0].label, "green");
      }
      assert.deepEqual([...picture.data], GREEN);
      model.dispose();
    });
    assert.equal(left, 0);
  });
}

test("pixels are of four values each", async () => {
  const model = await loadPicture({ url: file("picture") });
  const said = {
    name: "TypeError",
    message: 'Input "x" of model "picture" expects 4 values a pixel: 64 × 64 need 16384, got 12288',
  };
  const picture = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 };
  assert.throws(() => model.predict(picture), said);
  await assert.rejects(model.run({ x: picture }), said);
  assert.throws(() => model.predict({ data: new Uint8Array(0), width: 0, height: 0 }), {
    message: 'Input "x" of model "picture" has no pixels: it is empty, or closed',
  });
  model.dispose();
});
