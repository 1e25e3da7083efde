"""How near the estimates of `tfjs-build report` are: `python -m bench.estimates [FOLDER]`.

They are held against the exact counts that `python -m bench.predictions` has kept, for the models that it has built;
FOLDER is where, if not in .cache/bench.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.places import CACHE, TITLES
from tfjs_build.report.launches import launches

SOURCES = ("keras", "saved_model")


def main() -> None:
    """Print each graph's estimates beside its counts, and how many are how near."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else CACHE
    kept = json.loads((folder / "predictions.json").read_bytes())
    off: dict[str, list[float]] = {}
    for name in TITLES:
        for source in SOURCES:
            index = max(
                folder.glob(f"built/*-{source}/models/{name}/model.json"), key=lambda path: path.stat().st_mtime
            )
            document = json.loads(index.read_bytes())
            entries = [entry for group in document["weightsManifest"] for entry in group["weights"]]
            for each in launches(document["modelTopology"], {entry["name"]: entry["shape"] for entry in entries}):
                exact = kept[name][each.backend][source]["dispatches"]
                part = each.once / exact - 1
                off.setdefault(each.backend, []).append(abs(part))
                print(f"{TITLES[name]:<36} {source:<12} {each.backend:<7} {each.once:>5} for {exact:>5}  {part:+6.1%}")
    for backend, parts in off.items():
        near = ", ".join(f"{sum(part <= most for part in parts)} within {most:.0%}" for most in (0.01, 0.08, 0.1))
        print(f"{backend}: of {len(parts)}, {near}")


if __name__ == "__main__":
    main()
