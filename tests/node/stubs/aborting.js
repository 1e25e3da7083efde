// Loads that are given up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shards, site, web } from "./site.js";
import { file, leftBy, loadDense } from "./world.js";

test("an aborted load is rejected with the signal's reason, whenever it comes", async () => {
  const reason = new Error("changed my mind");
  const already = AbortSignal.abort(reason);
  await assert.rejects(loadDense({ url: web("dense"), signal: already }), reason);
  assert.deepEqual(site.requests, []);

  for (const pattern of [/model\.json$/, /\.bin$/]) {
    const controller = new AbortController();
    const closed = new Promise((resolve) => {
      site.answers = [[pattern, (response) => (response.on("close", resolve), controller.abort(reason))]]; // never answered
    });
    const left = await leftBy(() =>
      assert.rejects(loadDense({ url: web("dense"), signal: controller.signal }), reason),
    );
    assert.equal(left, 0);
    await closed;
  }

  site.answers = [];
  const late = new AbortController();
  const onProgress = ({ loaded, total }) => loaded === total && late.abort(reason);
  for (const url of [web("dense"), file("dense")]) {
    const load = () => assert.rejects(loadDense({ url, signal: late.signal, onProgress }), reason);
    assert.equal(await leftBy(load), 0);
  }
});

test("a signal that outlives the load is let go of", async () => {
  const { signal } = new AbortController();
  const listeners = new Set();
  signal.addEventListener = (_, listener) => listeners.add(listener);
  signal.removeEventListener = (_, listener) => listeners.delete(listener);
  (await loadDense({ url: file("dense"), signal })).dispose();
  assert.equal(listeners.size, 0);
});

test("the first shard that fails stops the others", async () => {
  const [first, second] = await shards("dense");
  const closed = new Promise((resolve) => {
    site.answers = [
      [new RegExp(first), (response) => response.on("close", resolve)], // never answered
      [new RegExp(second), (response) => response.writeHead(404).end()],
    ];
  });
  await assert.rejects(loadDense({ url: web("dense") }), /status 404/);
  await closed;
});
