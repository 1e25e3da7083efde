"""`make flips`: flips one bit at many places of sources of each kind, and writes what became of them to
docs/reliability.md.

    python -m tools.flips [FLIPS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.unit.test_flipped_bits import CASES, WITHOUT_CHECKSUM, counted
from tools.sections import write_section

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
FLIPS = 300

_TEXT = """\
## Flipped bits

One bit of a source is flipped and the model built anew, at {flips} places of each file, half of them outside of the
numbers. A source whose format has a checksum over all of it is refused, or gives the same bytes as before (a bit of a
date, or of padding). Of two kinds of bytes no checksum is kept, and a flip there cannot be told.

| damaged | flips | refused | published the same | published other |
|---|---|---|---|---|
{rows}
"""


def main() -> int:
    """Write the section; return 1 where something was published that is not what its source was."""
    flips = int(sys.argv[1]) if len(sys.argv) > 1 else FLIPS
    rows, wrong = [], 0
    for name, (make, part) in (CASES | WITHOUT_CHECKSUM).items():
        with tempfile.TemporaryDirectory() as folder:
            source = make(Path(folder))
            found = counted(source / part if part else source, source, Path(folder), flips)
        numbers = " | ".join(str(found[key]) for key in ("refused", "the same", "other"))
        rows.append(f"| {name}{' (no checksum)' if name in WITHOUT_CHECKSUM else ''} | {flips} | {numbers} |")
        wrong += found["other"] if name in CASES else 0
        print(rows[-1], flush=True)
    write_section(PAGE, "flips", _TEXT.format(flips=flips, rows="\n".join(rows)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
