// Runs loaders with what `tfjs: minimal` has made for each, bundled as a site does: `node minimal.mjs JOBS`; run.mjs says
// what jobs and results are.
//
// Beside each stub stand a `_tfjs.js`, and the `_tfjs_ops.js` that goes with it, which an alias puts in the place of what it
// stands in for. Jobs in a row whose stubs are in one folder share them. Each folder has a thread of its own, since kernels are
// registered for a whole thread: none has a kernel that another one brought along.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { bundle } from "./bundling.mjs";

const ALIASED = ["@tensorflow/tfjs-core/dist/ops/ops_for_converter", "@tensorflow/tfjs-backend-cpu/dist/shared"];
const RUN = join(dirname(fileURLToPath(import.meta.url)), "run.mjs");

const [jobsFile] = process.argv.slice(2);
const groups = [];
for (const job of readFileSync(jobsFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line))) {
  const folder = dirname(job.stub);
  if (groups.at(-1)?.folder !== folder) groups.push({ folder, jobs: [] });
  groups.at(-1).jobs.push(job);
}
for (const { folder, jobs } of groups) {
  const out = join(folder, "bundled");
  const name = ({ stub }) => basename(stub, ".js");
  const entries = Object.fromEntries(jobs.map((job) => [`stubs/${name(job)}`, job.stub]));
  const alias = Object.fromEntries(ALIASED.map((each) => [each, join(folder, "_tfjs_ops.js")]));
  const options = { tfjs: join(folder, "_tfjs.js"), alias, platform: "node" };
  for (const { path, contents } of await bundle({ run: RUN, ...entries }, out, options)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  const list = join(out, "jobs.jsonl");
  writeFileSync(list, jobs.map((job) => `${JSON.stringify({ ...job, stub: join(out, "stubs", `${name(job)}.mjs`) })}\n`).join(""));
  const code = await new Promise((resolve, reject) => {
    new Worker(join(out, "run.mjs"), { argv: [list] }).once("error", reject).once("exit", resolve);
  });
  if (code !== 0) process.exit(code);
  rmSync(out, { recursive: true });
}
