"""Write a video of three colours, half a second of each, for tests/browser/test_pixels.py.

    npm install --prefix /tmp/muxer webm-muxer
    PYTHONPATH=. .venv/bin/python tools/video_fixture.py /tmp/muxer

Chromium encodes it (VP8).
"""

from __future__ import annotations

import base64
import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.page import QuietHandler, launch, opened, serving

TARGET = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "pictures" / "colours.webm"

SCRIPT = """
async () => {
  const { ArrayBufferTarget, Muxer } = await import("/node_modules/webm-muxer/build/webm-muxer.mjs");
  const target = new ArrayBufferTarget();
  const [width, height, rate] = [64, 48, 30];
  const muxer = new Muxer({ target, video: { codec: "V_VP8", width, height, frameRate: rate } });
  let error;
  const encoder = new VideoEncoder({
    output: (chunk, meta) => muxer.addVideoChunk(chunk, meta),
    error: (caught) => (error = caught),
  });
  encoder.configure({ codec: "vp8", width, height, bitrate: 100_000, framerate: rate });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  for (let index = 0; index < 1.5 * rate; index++) {
    context.fillStyle = ["red", "lime", "blue"][Math.floor((index / rate) * 2)];
    context.fillRect(0, 0, width, height);
    const frame = new VideoFrame(canvas, { timestamp: (index * 1e6) / rate, duration: 1e6 / rate });
    encoder.encode(frame, { keyFrame: index % 15 === 0 });
    frame.close();
  }
  await encoder.flush();
  if (error) throw error;
  muxer.finalize();
  let text = "";
  for (const byte of new Uint8Array(target.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
"""


def main(muxer: str) -> None:
    """Write the video anew."""
    (Path(muxer) / "index.html").write_text("<!doctype html><title>A video</title>", encoding="utf-8")
    with (
        sync_playwright() as playwright,
        launch(playwright) as browser,
        serving(partial(QuietHandler, directory=muxer)) as url,
        opened(browser, url) as watched,
    ):
        TARGET.write_bytes(base64.b64decode(watched.page.evaluate(SCRIPT)))


if __name__ == "__main__":
    main(sys.argv[1])
