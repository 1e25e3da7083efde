"""`make bombs`: builds each small source that asks for much, and writes what it ends with to docs/reliability.md.

python -m tools.bombs
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.sections import write_section

ROOT = Path(__file__).parent.parent

_TEXT = """\
## Sources that ask for much

Each is some kilobytes to megabytes, made by a test, and built with ten seconds and 2 GB of memory as its `limits`. None
of them meets these: it is refused for what it is.

| source | seconds | refused with |
|---|---|---|
{rows}
"""


def main() -> int:
    """Write the section; return pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "bombs.jsonl"
        command = [sys.executable, "-m", "pytest", "--quiet", "tests/unit/test_bombs.py"]
        code = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "TFJS_BUILD_BOMBS": str(record)}, check=False
        ).returncode
        found = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    rows = [f"| {_words(each['test'])} | {each['seconds']:.1f} | {each['message']} |" for each in found]
    write_section(ROOT / "docs" / "reliability.md", "bombs", _TEXT.format(rows="\n".join(rows)))
    return code


def _words(test: str) -> str:
    return test.partition("[")[0].removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
