"""Measures what half-float textures cost the applications of Keras: python -m tools.half_floats [NAME…]

Each is built from its file (random weights, small images, as the conversion tests have them), runs in Chromium
on webgl, in software, with half-float and with float32 textures, and is compared with Keras: the largest error as a
part of the largest output, and whether the same class comes first. Prints rows of the table in docs/half-floats.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.backends.page import BackendPage, array_of, browser_for_backends, described, served_roots
from tests.conversion.build import Build, build_models
from tests.conversion.folders import own_folder
from tests.conversion.node import WORK
from tests.conversion.oracle import Files, files
from tests.oracle.tensors import read_groups

SUITE, FAMILY = "keras_matrix", "applications"
TEXTURES = {"half floats": {"WEBGL_FORCE_F16_TEXTURES": True}, "float32": {}}


def applications(of: Mapping[str, Files]) -> dict[str, Files]:
    """Return the applications among a suite's cases by their names, each as one of Keras 3's writers saves it."""
    found: dict[str, Files] = {}
    for case, each in of.items():
        generation, _, name = case.split("-", 2)
        if generation == "k3" and FAMILY in each.source.parts:
            found.setdefault(name, each)
    return found


def measured(of: Mapping[str, Files]) -> Iterator[tuple[str, str, float, int, int]]:
    """Yield, for each model and kind of textures, the largest error, how many samples have the same class first, and
    how many there are."""
    built = build_models(
        own_folder(WORK, "half-floats"), {name: {"source": str(each.source)} for name, each in of.items()}
    )
    with (
        sync_playwright() as playwright,
        browser_for_backends(playwright) as browser,
        served_roots({"built": WORK}) as url,
    ):
        for textures, flags in TEXTURES.items():
            page = BackendPage(browser, url, "webgl", flags)
            for name, each in of.items():
                yield (name, textures, *_errors(page, built, name, each))
                page.restart()
            page.close()


def _errors(page: BackendPage, built: Build, name: str, of: Files) -> tuple[float, int, int]:
    samples, expected = read_groups(of.inputs)[:2], read_groups(of.outputs)[:2]
    result = page.run_stub(
        {
            "id": name,
            "stub": _address(built.stub(name)),
            "url": _address(built.models / name / "model.json"),
            "samples": [{key: described(array) for key, array in sample.items()} for sample in samples],
        }
    )
    if "error" in result:
        raise SystemExit(f"{name}: {result['error']}")
    error, same, count = 0.0, 0, 0
    for want, got in zip(expected, result["outputs"], strict=True):
        for key, tensor in got:
            a, b = array_of(tensor).astype(np.float64), want[key].astype(np.float64)
            error = max(error, float(np.abs(a - b).max() / np.abs(b).max()))
            a, b = (each.reshape(-1, each.shape[-1]) for each in (a, b))
            same += int((a.argmax(-1) == b.argmax(-1)).sum())
            count += len(b)
    return error, same, count


def _address(path: Path) -> str:
    return f"/built/{path.resolve().relative_to(WORK.resolve()).as_posix()}"


def main(names: Sequence[str]) -> None:
    """Print a row for each application, or for those named."""
    of = applications(files(SUITE))
    chosen = {name: each for name, each in of.items() if not names or any(part in name for part in names)}
    for name, textures, error, same, count in measured(chosen):
        print(f"| {name} | {textures} | {error:.2g} | {same} of {count} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
