"""A Vite project with the plugin whose page says what it predicts, with each version of the model."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.example import copy

CONFIG = """\
import {{ defineConfig }} from "vite";
import tfjsBuild from "{plugin}";

export default defineConfig({{ plugins: [tfjsBuild()], build: {{ chunkSizeWarningLimit: 9999 }} }});
"""
PAGE = """\
import * as tf from "@tensorflow/tfjs";
import { loadDigits } from "./models/digits";

const predictions: object[] = [];
Object.assign(window, { predictions, memory: () => tf.memory() });
const digits = await loadDigits();
const predict = async (version: string) => {
  const { probs } = await digits.run(new Float32Array(64).fill(8));
  predictions.push({ version, time: Date.now(), backend: tf.getBackend(), probs: [...probs] });
};
digits.onReload((version) => void predict(version));
await predict(digits.version);
"""

MEMORY = "[memory().numTensors, memory().numBytesInGPU]"
"""What TensorFlow.js has in the page."""


def predicting(package: Path, folder: Path) -> Path:
    """Make the project in a new folder: the example with another page."""
    made = copy(folder)
    (made / "vite.config.ts").write_text(CONFIG.format(plugin=package / "dist" / "vite.js"))
    (made / "src" / "main.ts").write_text(PAGE)
    return made


def await_predictions(page: Page, count: int) -> dict[str, object]:
    """Wait until the page has predicted so often; return the last prediction."""
    page.wait_for_function(f"window.predictions?.length >= {count}", timeout=60_000, polling=20)
    last: dict[str, object] = page.evaluate("predictions.at(-1)")
    return last
