"""What a build takes longer for codings: seconds and memory of whole processes, for a small network and one of 100 MB.

    python -m bench.coding_costs

Writes docs/quantization.md.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bench.contenders import write_networks
from bench.measure import used
from bench.places import CACHE, NETWORKS, REPOSITORY, TITLES
from tfjs_build.sizes import size_text
from tools.sections import write_section

QUANTIZES: dict[str, Any] = {"none": "none", "float16": "float16", "uint8": "uint8", "auto": "auto"}


def main() -> None:
    """Measure, print, and write the table."""
    write_networks()
    lines = ["| network | `quantize:` | weights | build | of the processors | memory | nothing changed |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name in ("mobilenet_v2", "resnet50"):
        for shown, quantize in QUANTIZES.items():
            folder = CACHE / "coding_costs"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _write_manifest(folder, NETWORKS / f"{name}.keras", quantize)
            command = [sys.executable, "-m", "tfjs_build", "build"]
            first, again = used(command, cwd=folder), used(command, cwd=folder)
            weights = sum(path.stat().st_size for path in folder.glob("out/model/*.bin"))
            lines.append(
                f"| {TITLES[name]} | `{shown}` | {size_text(weights)} | {first.seconds:.1f} s | {first.cpu:.1f} s"
                f" | {first.megabytes:.0f} MB | {again.seconds:.2f} s |"
            )
            print(lines[-1], flush=True)
    write_section(REPOSITORY / "docs" / "quantization.md", "coding costs", "\n".join(lines))


def _write_manifest(folder: Path, source: Path, quantize: Any) -> None:
    model = {"source": str(source), "quantize": quantize}
    (folder / "tfjs.yaml").write_text(json.dumps({"version": 1, "output": "out", "models": {"model": model}}))


if __name__ == "__main__":
    main()
