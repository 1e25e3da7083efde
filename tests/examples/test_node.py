"""examples/node: pictures on the command line are named, and what cannot be read is told."""

from __future__ import annotations

import os
import pty
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.examples.support import copied, environment, npm

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example."""
    return copied("node", tmp_path_factory.mktemp("node"))


def run(example: Path, *pictures: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `npm start -- PICTURE …`, as somebody in `cwd` does."""
    command = ["npm", "--silent", "--prefix", str(example), "start", *(["--", *pictures] if pictures else [])]
    return subprocess.run(command, cwd=cwd or example, env=environment(), capture_output=True, text=True)


def best(output: str) -> dict[str, str]:
    """Return the first label of each picture, whose scores must fall."""
    found = {}
    for block in output.split("\n\n"):
        lines = block.strip().splitlines()
        if not lines:
            continue
        rows = [re.fullmatch(r"  ([a-z]+) +#*\.* +(\d+)%", line) for line in lines[1:]]
        labels = [row[1] for row in rows if row]
        scores = [int(row[2]) for row in rows if row]
        assert len(rows) == len(labels) == 4
        assert scores == sorted(scores, reverse=True)
        found[lines[0]] = labels[0]
    return found


def test_all_samples(example: Path) -> None:
    done = run(example)
    assert done.returncode == 0, done.stderr
    assert best(done.stdout) == {f"{name}.png": name for name in DIGITS}
    assert "\x1b" not in done.stdout
    # TensorFlow.js has nothing to recommend, and nothing is wrong.
    assert re.fullmatch(r"(✓ digits .*\n)?.*\n", done.stderr), done.stderr


def test_pictures_of_ones_own_count_from_where_npm_was_called(example: Path, tmp_path: Path) -> None:
    shutil.copy(example / "samples" / "four.png", tmp_path / "mine.png")
    (tmp_path / "board.png").write_bytes(chalk_one())
    done = run(example, "mine.png", str(example / "samples" / "two.png"), "five.png", "board.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert best(done.stdout) == {"mine.png": "four", "two.png": "two", "five.png": "five", "board.png": "one"}


def test_what_cannot_be_read_is_told_and_the_others_are_looked_at(example: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "half.png").write_bytes((example / "samples" / "six.png").read_bytes()[:900])
    done = run(example, "notes.txt", "nowhere.png", "half.png", ".", "six.png", cwd=tmp_path)
    assert done.returncode == 1
    assert best(done.stdout) == {"six.png": "six"}
    assert done.stderr.splitlines()[-4:] == [
        f"{tmp_path}/notes.txt: is not a PNG picture, or is damaged",
        f"{tmp_path}/nowhere.png: there is no such file",
        f"{tmp_path}/half.png: is not a PNG picture, or is damaged",
        f"{tmp_path}: cannot be read (EISDIR)",
    ]


@pytest.mark.parametrize("colour", [True, False])
def test_colours_in_a_terminal_unless_somebody_minds(example: Path, colour: bool) -> None:
    ours, theirs = pty.openpty()
    env = {key: value for key, value in environment().items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    env |= {} if colour else {"NO_COLOR": "1"}
    with subprocess.Popen(
        ["npm", "--silent", "start", "--", "seven.png"],
        cwd=example,
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        output = b""
        try:
            while read := os.read(ours, 65536):
                output += read
        except OSError:  # what Linux says at a terminal's end
            pass
    os.close(ours)
    text = output.decode().replace("\r\n", "\n")
    assert process.returncode == 0
    seven = text[text.index("seven.png") :]
    assert ("\x1b[" in seven) is colour
    assert ("▀" in seven) is colour
    assert ("#" in seven) is not colour


def test_types(example: Path) -> None:
    npm(example, "run", "check")
    main = example / "src" / "main.js"
    main.write_text(main.read_text().replace("topK: 4", "topk: 4"))
    done = subprocess.run(["npx", "tsc"], cwd=example, env=environment(), capture_output=True, text=True)
    assert "'topk' does not exist" in done.stdout
    assert done.returncode != 0


def chalk_one() -> bytes:
    """Return a PNG of a thin white stroke on black, with an alpha channel, larger than any sample."""
    side = 400
    row = b"\0" + bytes(
        value for x in range(side) for value in ((255, 255, 255, 255) if 170 <= x < 235 else (0, 0, 0, 255))
    )
    empty = b"\0" + bytes((0, 0, 0, 255)) * side
    rows = b"".join(row if 10 <= y < side - 10 else empty for y in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
