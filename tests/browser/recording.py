"""Records the README's moving picture: a training saves after each epoch, and the open page of examples/digits has it.

    uv run --with pillow python -m tests.browser.recording

Everything in it happens: Vite's dev server with the plugin, Keras in the environment of the oracle, Chromium. The two
terminals show what the two commands print on their standard output, as they print it, but for Vite's lines about
updates and its optimizer. Time without a change is cut short.
"""

from __future__ import annotations

import html
import importlib
import io
import itertools
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.example import copy
from tests.browser.hand import Hand
from tests.browser.page import launch
from tests.browser.picture import EIGHT
from tests.conversion import oracle
from tests.npm.test_vite import VITE
from tests.support.project import REPOSITORY

PICTURE = REPOSITORY / "docs" / "public" / "save.webp"
WIDTHS, HEIGHT = (420, 800), 730
"""Of the terminals and of the page, beside it, and of both."""
LONGEST_MS = 900
"""How long a frame is shown at most, whatever it took; the last one is shown three times as long."""

TRAIN = """\
import keras
from sklearn.datasets import load_digits

digits = load_digits()
seen, held_out = slice(None, -360), slice(-360, None)
x, y = digits.images[..., None], digits.target
keras.utils.set_random_seed(3)
layers = keras.layers
model = keras.Sequential([
    keras.Input((8, 8, 1), name="image"), layers.Rescaling(1 / 16),
    layers.Conv2D(32, 3, activation="relu", padding="same"), layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation="relu"), layers.Flatten(),
    layers.Dense(10, activation="softmax", name="probs"),
])
model.compile(keras.optimizers.Adam(5e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
for epoch in range(8):
    if epoch > 0:
        model.fit(x[seen], y[seen], batch_size=32, verbose=0)
    _, right = model.evaluate(x[held_out], y[held_out], verbose=0)
    model.save("model/digits.keras")
    print(f"epoch {epoch}: {right:.0%} right, saved", flush=True)
    if epoch == 0:
        input()  # until something is drawn
"""
STAGE = """\
<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; display: grid; grid-template-rows: 1fr 1fr; gap: 14px; padding: 14px; height: 100vh;
         box-sizing: border-box; background: #d9d4ca; font: 13px/1.55 ui-monospace, "DejaVu Sans Mono", monospace }
  section { background: #1c1b22; color: #e8e4dc; border-radius: 10px; overflow: hidden; padding: 34px 14px 10px;
            position: relative; box-shadow: 0 2px 10px rgb(0 0 0 / 22%) }
  section::before { content: "● ● ●"; position: absolute; left: 12px; top: 7px; color: #6d6a76; letter-spacing: 2px }
  section b { position: absolute; top: 7px; left: 0; right: 0; text-align: center; font-weight: 400; color: #9a96a4 }
  pre { margin: 0; font: inherit; white-space: pre-wrap; position: absolute; bottom: 12px; left: 14px; right: 12px }
</style>
<section><b>npm run digits</b><pre id="vite"></pre></section>
<section><b>training</b><pre id="train"></pre></section>
"""


class Terminal:
    """A command, and the lines that it has printed."""

    def __init__(self, shown: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.lines = [f"$ {shown}"]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            plain = re.sub(r"\x1b\[[\d;]*m", "", line).rstrip()
            if (
                plain
                and "press h" not in plain
                and "use --host" not in plain
                and "optimizer" not in plain
                and "hmr" not in plain
            ):
                self.lines.append(plain)

    @property
    def text(self) -> str:
        """The last lines, as HTML."""
        return html.escape("\n".join(self.lines[-11:]))


@contextmanager
def ended(terminal: Terminal) -> Iterator[Terminal]:
    """End the command afterwards."""
    try:
        yield terminal
    finally:
        terminal.process.terminate()
        terminal.process.wait()


class Film:
    """The frames, with the time that each is shown."""

    def __init__(self, stage: Page, page: Page, terminals: dict[str, Terminal]) -> None:
        self._stage, self._page, self._terminals = stage, page, terminals
        self._frames: list[tuple[tuple[bytes, bytes], float]] = []

    def take(self) -> None:
        """Show what the terminals have printed, and keep a picture if it is another one than the last."""
        for name, terminal in self._terminals.items():
            self._stage.evaluate(
                "([name, text]) => (document.getElementById(name).innerHTML = text)", [name, terminal.text]
            )
        pictures = (self._stage.screenshot(), self._page.screenshot())
        if not self._frames or pictures != self._frames[-1][0]:
            self._frames.append((pictures, time.monotonic()))

    def write(self, path: Path) -> int:
        """Write them as an animated WebP that begins again; return how many there are."""
        Image: Any = importlib.import_module("PIL.Image")  # noqa: N806 -- Pillow is for this alone, and not installed

        pictures: list[Any] = []
        for halves, _ in self._frames:
            whole = Image.new("RGB", (sum(WIDTHS), HEIGHT))
            for data, left in zip(halves, (0, WIDTHS[0]), strict=True):
                whole.paste(Image.open(io.BytesIO(data)).convert("RGB"), (left, 0))
            pictures.append(whole)
        times = [when for _, when in self._frames]
        gaps = [1000 * (after - before) for before, after in itertools.pairwise(times)]
        shown = [int(min(max(each, 60), LONGEST_MS)) for each in gaps] + [3 * LONGEST_MS]
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=shown, loop=0, quality=60, method=6)
        return len(pictures)


def draw(page: Page, film: Film) -> None:
    """Draw an eight with the mouse, taking pictures on the way."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in Hand(size=0.68).place(EIGHT)]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
        film.take()
    page.mouse.up()
    page.mouse.move(0, 0)


def main() -> None:
    """Record, and say how large it has become."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        project = copy(Path(folder) / "digits", plugin=True)
        (project / "train.py").write_text(TRAIN, encoding="utf-8")
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(REPOSITORY)}
        with ended(Terminal("npm run digits", [*VITE, "--clearScreen", "false"], project, quiet)) as vite:
            while not (found := re.search(r"http://\S+", "\n".join(vite.lines))):
                time.sleep(0.1)
            with browser.new_page() as first:  # for which Vite bundles packages, and loads it anew
                first.goto(found[0])
                first.wait_for_load_state("networkidle")
                first.locator("#answer[aria-busy=false]").wait_for(timeout=120_000)
            stage, page = (
                browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme="light") for width in WIDTHS
            )
            stage.set_content(STAGE)
            page.goto(found[0])
            page.locator("#answer[aria-busy=false]").wait_for(timeout=120_000)
            command = [oracle.python(), "-W", "ignore", "train.py"]
            with ended(Terminal("python train.py", command, project, quiet)) as train:
                film = Film(stage, page, {"vite": vite, "train": train})
                assert train.process.stdin is not None
                while len(train.lines) < 2:
                    time.sleep(0.1)
                page.wait_for_timeout(3000)  # the untrained network is there
                draw(page, film)
                train.process.stdin.write("\n")
                train.process.stdin.flush()
                while train.process.poll() is None:
                    film.take()
                until = time.monotonic() + 3
                while time.monotonic() < until:
                    film.take()
            frames = film.write(PICTURE)
    sys.stdout.write(f"{PICTURE.name}: {frames} frames, {PICTURE.stat().st_size / 1024:.0f} KB\n")


if __name__ == "__main__":
    main()
