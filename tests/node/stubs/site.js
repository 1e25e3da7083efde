// A server that misbehaves as it is told to: `site.answers` says how, `site.requests` what it was asked for.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach } from "node:test";
import { folder, json } from "./world.js";

export const site = { requests: [], answers: [] };

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, origin);
  site.requests.push(request.url);
  const answer = site.answers.find(([pattern]) => pattern.test(pathname));
  if (answer !== undefined) return answer[1](response, request);
  await serve(response, pathname);
});
server.on("connection", (socket) => socket.unref());
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
server.unref();
export const origin = `http://127.0.0.1:${server.address().port}`;

beforeEach(() => {
  site.requests = [];
  site.answers = [];
});

export async function serve(response, pathname, change = (bytes) => bytes) {
  try {
    response.end(change(await readFile(path.join(folder, pathname))));
  } catch {
    response.writeHead(404).end();
  }
}

export const drop = (response) => response.destroy();
export const web = (name) => `${origin}/models/${name}/model.json`;
export const shards = async (name) => (await json(name)).weightsManifest[0].paths;
