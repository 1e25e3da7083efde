"""What a dev server says of published files."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

from tests.support.project import REPOSITORY

ASK = """
import { createServer } from "node:http";
const [module, folder, ...names] = process.argv.slice(1);
const { serveFile } = await import(module);
const server = createServer((request, response) => {
  if (!serveFile(folder, request.url, request, response)) response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const found = {};
for (const name of names) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/${name}`);
  const { headers, status } = response;
  const of = (key) => headers.get(key);
  const body = Buffer.from(await response.arrayBuffer()).toString("hex");
  found[name] = [status, of("content-type"), of("content-encoding"), of("cache-control"), body];
}
console.log(JSON.stringify(found));
server.close();
"""


def test_files_are_handed_out_as_they_are(package: Path, tmp_path: Path) -> None:
    shard = "net/weights.0123456789abcdef.bin"
    files = {shard: b"numbers", f"{shard}.gz": gzip.compress(b"numbers"), "net/model.json": b"{}"}
    (tmp_path / "net").mkdir()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    command = ["node", "--input-type=module", "--eval", ASK, str(package / "dist" / "files.js"), str(tmp_path)]
    done = subprocess.run([*command, *files, "net/none"], check=True, capture_output=True, text=True, cwd=REPOSITORY)
    kept, asked = "max-age=31536000, immutable", "no-cache"
    assert json.loads(done.stdout) == {
        shard: [200, "application/octet-stream", None, kept, files[shard].hex()],
        f"{shard}.gz": [200, "application/gzip", None, kept, files[f"{shard}.gz"].hex()],
        "net/model.json": [200, "application/json", None, asked, files["net/model.json"].hex()],
        "net/none": [404, None, None, None, ""],
    }
