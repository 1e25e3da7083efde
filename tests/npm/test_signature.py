"""What is said of a model whose inputs, outputs or labels are others than they were."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

X = {"name": "x", "shape": [None, 3], "dtype": "float32"}
Y = {"name": "y", "shape": [None, 2], "dtype": "float32"}
USUAL: dict[str, Any] = {"inputs": [X], "outputs": [Y], "labels": ["a", "b"]}


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({}, []),
        ({"inputs": [{**X, "shape": [None, 4]}]}, ['the input "x" is float32 [?, 4], not float32 [?, 3]']),
        ({"outputs": [{**Y, "shape": None}]}, ['the output "y" is float32 of any rank, not float32 [?, 2]']),
        ({"outputs": [{**Y, "name": "z"}]}, ['a new output "z", float32 [?, 2]', 'the output "y" is gone']),
        ({"labels": ["a"]}, ["labels: 1, not 2"]),
        ({"labels": ["a", "c"]}, ["other labels"]),
    ],
)
def test_changes(package: Path, after: dict[str, Any], words: list[str]) -> None:
    code = (
        f"const {{ changes }} = await import({json.dumps(str(package / 'dist' / 'signature.js'))});"
        f"console.log(JSON.stringify(changes({json.dumps(USUAL)}, {json.dumps({**USUAL, **after})})))"
    )
    done = subprocess.run(
        [shutil.which("node") or "node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == words
