// Published models as a dev server serves them: read anew each time, so that no list of files is behind.
import { createReadStream, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = { json: "application/json", gz: "application/gzip" };

/** Answers a request for a file in a folder; false where there is none. */
export function serveFile(folder: string, path: string, request: IncomingMessage, response: ServerResponse): boolean {
  const file = join(folder, path);
  if (!file.startsWith(folder + sep) || !/^(GET|HEAD)$/.test(request.method ?? "")) return false;
  let size: number;
  try {
    const found = statSync(file);
    if (!found.isFile()) return false;
    ({ size } = found);
  } catch {
    return false;
  }
  const type = TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  // Shards are named by their content, also where they are compressed; model.json is not.
  const kept = /\.bin(\.gz)?$/.test(file) ? "max-age=31536000, immutable" : "no-cache";
  response.writeHead(200, { "Content-Type": type, "Content-Length": size, "Cache-Control": kept });
  if (request.method === "HEAD") response.end();
  else createReadStream(file).on("error", () => response.destroy()).pipe(response);
  return true;
}
