"""Where the packages come from that a page has installed: the registries, as they were on one day, or the locked ones.

Either way our own two are of this checkout: `pip install tfjs-build` and `npm install -D tfjs-build` are what the pages
say, and what readers will give once there is a release.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tests.support.project import REPOSITORY
from tests.toolchains.environment import QUIET
from tests.toolchains.npm import compiled, packed
from tests.toolchains.packages import link
from tests.toolchains.packages import packages as locked

_CREATE_VITE = re.compile(r"^npm create vite@latest ")

_SERVED = {"BROWSER": "none", "PYTHONUNBUFFERED": "1"}
"""No browser is opened but ours, and Python's server says its address at once, as it does in a terminal."""


class Packages(Protocol):
    """What becomes of a command of a page, and what it runs in."""

    def command(self, line: str) -> str:
        """Return what is run in place of a command."""
        ...

    def environment(self) -> dict[str, str]:
        """Return the environment of commands."""
        ...


class Registry:
    """The packages of the registries; `environment` has the day."""

    def __init__(self, environment: Mapping[str, str], virtual: Path) -> None:
        self._environment, self._virtual = environment, virtual
        self._has_ours = False
        subprocess.run([sys.executable, "-m", "venv", str(virtual)], check=True)

    def command(self, line: str) -> str:
        """See `Packages`. Python's package goes where the page says, or into an environment that is on PATH."""
        if re.match(r"^(\S*/)?pip install ", line):
            program, *rest = shlex.split(line, comments=True)
            if "/" not in program and rest == ["install", "tfjs-build"]:
                if self._has_ours:
                    return ":"
                self._has_ours = True
            pip = program if "/" in program else str(self._virtual / "bin" / "pip")
            given = [str(REPOSITORY) if word == "tfjs-build" else word for word in rest]
            return shlex.join([pip, *given, "--quiet"])
        if line.startswith("npm install"):
            return re.sub(r"(?<= )tfjs-build(?= |$)", str(packed()), line)
        return line

    def environment(self) -> dict[str, str]:
        """See `Packages`."""
        path = os.pathsep.join([str(self._virtual / "bin"), self._environment["PATH"]])
        kept = {name: value for name, value in self._environment.items() if name != "VIRTUAL_ENV"}
        return {**kept, **_SERVED, "PATH": path}


class Locked:
    """The packages of tests/toolchains/package-lock.json, and this Python: nothing is downloaded."""

    def command(self, line: str) -> str:
        """See `Packages`."""
        words = shlex.split(line, comments=True)
        if _CREATE_VITE.match(line):
            return _CREATE_VITE.sub("create-vite ", line).replace(" -- ", " ")
        if re.match(r"^(\S*/)?pip install |^python3 -m venv |^\. \.venv/bin/activate", line):
            return ":"
        if words[:2] == ["npx", "serve"]:
            return shlex.join([sys.executable, "-m", "http.server", "0", "--directory", *words[2:]])
        if words[:2] in (["npm", "install"], ["npm", "ci"]):
            return shlex.join([sys.executable, "-m", "tests.docs.packages", *words[2:]])
        return line

    def environment(self) -> dict[str, str]:
        """See `Packages`."""
        folders = [Path(sys.executable).parent, locked() / ".bin"]
        path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
        return {**os.environ, **QUIET, **_SERVED, "PATH": path, "PYTHONPATH": str(REPOSITORY)}


def tensorflow_js() -> Path:
    """Return TensorFlow.js as one module, for pages that have it from a public server."""
    return locked() / "@tensorflow" / "tfjs" / "dist" / "tf.fesm.min.js"


def install(folder: Path, names: list[str]) -> None:
    """Give a project the locked packages in place of an installation, and `names` a place in its package.json."""
    document = folder / "package.json"
    package: dict[str, Any] = (
        json.loads(document.read_text(encoding="utf-8")) if document.exists() else {"private": True}
    )
    kind = "devDependencies" if {"-D", "--save-dev"} & {*names} else "dependencies"
    asked = [re.sub(r"(?<=.)@[^/]*$", "", name) for name in names if not name.startswith("-")]
    package[kind] = {**package.get(kind, {}), **dict.fromkeys(asked, "*")}
    document.write_text(json.dumps(package, indent=2), encoding="utf-8")
    wanted = {name.partition("/")[0] for key in ("dependencies", "devDependencies") for name in package.get(key, {})}
    if missing := wanted - {"tfjs-build", *(path.name for path in locked().iterdir())}:
        raise SystemExit(f"not among the locked packages: {', '.join(sorted(missing))}")
    ours = {"tfjs-build": compiled(), ".bin/tfjs-build": compiled() / "dist" / "bin.js"}
    link(folder / "node_modules", ours)


if __name__ == "__main__":
    install(Path.cwd(), sys.argv[1:])
