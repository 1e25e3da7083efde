"""`make lock`: writes the exact versions that a checkout is developed and tested with; `--check` notices old ones.

    python tools/lock.py [--check]

Users get the ranges of pyproject.toml; these files are for the environments that `make` makes. Needs only Python 3.11.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import tomllib

REPOSITORY = Path(__file__).parent.parent
UV = REPOSITORY / ".tools" / "bin" / "uv"
PYTHON = {  # by file of requirements/: what of pyproject.toml is resolved together
    "tools": ["--group=pyproject.toml:tools"],
    "dev": ["pyproject.toml", "--group=pyproject.toml:dev"],
    "oracle": ["pyproject.toml", "--extra=tensorflow", "--group=pyproject.toml:oracle"],
}
FROM = {"dev": "3.10"}  # the oldest Python that a lock is for, where it is not that of .venv: `make test` runs on all
EXAMPLES = ("digits", "next", "node", "npm-scripts", "static", "webcam")
NPM = ("tests/node", "docs", *(f"examples/{name}" for name in EXAMPLES))
BUILD = ("runtime", "npm", "tests/toolchains")
"""Projects that `make newest` leaves as they are: their packages make what is committed, or must fit one another."""
_ASKED = ("requires-python", "dependencies", "optional-dependencies")


def main() -> int:
    """Write the locks, or with `--check` say which do not fit what is asked for."""
    asked = digest((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    if sys.argv[1:] == ["--check"]:
        old = [name for name in PYTHON if not _has(REPOSITORY / requirements(name), asked)]
        faults = [f"{requirements(name)} was not made from what pyproject.toml asks for now" for name in old]
        found = {folder: npm_fault(REPOSITORY / folder) for folder in (*NPM, *BUILD)}
        faults += [f"{folder}/package-lock.json {fault}" for folder, fault in found.items() if fault]
        for fault in faults:
            print(f"{fault}: run `make lock`", file=sys.stderr)
        return 1 if faults else 0
    for name, inputs in PYTHON.items():
        _lock_python(name, inputs, asked)
    for folder in (*NPM, *BUILD):
        command = ["npm", "update", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*command, "--loglevel=error"], cwd=REPOSITORY / folder, check=True)
    return 0


def requirements(name: str) -> str:
    """Return the path of a lock of Python packages in the repository."""
    return f"requirements/{name}.txt"


def digest(pyproject: str) -> str:
    """Hash all that a pyproject.toml asks for; comments and other settings do not count."""
    document: dict[str, Any] = tomllib.loads(pyproject)
    asked = {key: document["project"][key] for key in _ASKED}
    asked |= {"build": document["build-system"]["requires"], "groups": document["dependency-groups"]}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def npm_fault(folder: Path) -> str:
    """Say what is wrong with a package-lock.json, or nothing."""
    lock: dict[str, Any] = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    package: dict[str, Any] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    root = lock["packages"][""]
    if any(root.get(kind, {}) != package.get(kind, {}) for kind in ("dependencies", "devDependencies")):
        return "was not made from its package.json"
    # Of a link, it is the path to another folder of the repository, without which npm does not find that.
    if any("resolved" in each for each in lock["packages"].values() if not each.get("link")):
        return "names the address that its packages came from"
    return ""


def _lock_python(name: str, inputs: list[str], asked: str) -> None:
    least = FROM.get(name, "3.11")
    options = [f"--python-version={least}", "--generate-hashes", "--no-annotate", "--no-header", "--upgrade"]
    done = subprocess.run(
        [UV, "pip", "compile", "--quiet", "--universal", *options, *inputs],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    first = f"# By `make lock`, for Python {least} and newer. pyproject.toml asked for sha256:{asked}\n"
    path = REPOSITORY / requirements(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(first + done.stdout, encoding="utf-8")


def _has(lock: Path, asked: str) -> bool:
    return lock.exists() and lock.read_text(encoding="utf-8").partition("\n")[0].endswith(f"sha256:{asked}")


if __name__ == "__main__":
    sys.exit(main())
