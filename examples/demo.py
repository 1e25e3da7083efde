"""`make demo`: builds the models of examples/digits and says how to see the page, and the other examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DIGITS = Path(__file__).parent / "digits"


def main() -> int:
    """Run `tfjs-build build` in the example, then list what was published."""
    command = Path(sys.executable).parent / "tfjs-build"
    print("$ tfjs-build build", flush=True)
    code = subprocess.run([command, "build"], cwd=DIGITS, check=False).returncode
    if code != 0:
        return code
    print("\nPublished in examples/digits:")
    for folder in ("public/models", "src/models"):
        for path in sorted((DIGITS / folder).rglob("*")):
            if path.is_file():
                print(f"  {path.relative_to(DIGITS)}  ({path.stat().st_size:,} bytes)")
    print("\nTo open the page, and draw a digit:\n  cd examples && npm run digits")
    others = sorted(path.parent.name for path in DIGITS.parent.glob("*/package.json") if path.parent != DIGITS)
    print(f"The other examples, in the same way: {', '.join(others)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
