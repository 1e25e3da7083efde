"""`make newest`: the tests' subset with the newest version of everything, to see what breaks before users do.

    python tools/newest.py [PYTEST'S ARGUMENTS]

Runs in a copy of the checkout, `.cache/newest`, with environments of its own; the locked ones stay as they are. The
oracle is the newest TensorFlow, Keras and tf-keras, without tensorflowjs, which would hold them at older versions.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lock import NPM, REPOSITORY, requirements
from packaging.requirements import Requirement

COPY = REPOSITORY / ".cache" / "newest"
UV = ".tools/bin/uv"
_NOT_COPIED = (".git", ".venv*", ".tools", ".cache", ".*_cache", ".work", "node_modules", "dist")


def main() -> int:
    """Copy, install, say what is newer than the locks, test."""
    _copy()
    _run(sys.executable, "-m", "venv", ".tools")
    _run(".tools/bin/pip", "install", "--quiet", "uv")
    _environment(".venv", "--group=dev", "--editable=.")
    _environment(".venv-tf", "--group=newest-oracle")
    for folder in NPM:
        package = _read(COPY / folder / "package.json")
        for kind, save in (("dependencies", "--save-prod"), ("devDependencies", "--save-dev")):
            newest = [f"{name}@latest" for name in package.get(kind, {})]
            if newest:
                _run(
                    "npm",
                    "install",
                    save,
                    "--save-exact",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                    *newest,
                    folder=COPY / folder,
                )
    _say(f"tests, {requirements('dev')}", _locked("dev"), _installed(".venv"))
    _say(f"oracle, {requirements('oracle')}", _locked("oracle"), _installed(".venv-tf"))
    for folder in NPM:
        _say(f"{folder}/package-lock.json", _npm(REPOSITORY / folder), _npm(COPY / folder))
    return subprocess.run(
        [".venv/bin/python", "-m", "pytest", *sys.argv[1:]], cwd=COPY, env=_env(), check=False
    ).returncode


def _copy() -> None:
    """Copy the checkout; of the last time only the cache stays, which knows of versions."""
    COPY.mkdir(parents=True, exist_ok=True)
    for path in COPY.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != ".cache":
                shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(REPOSITORY, COPY, ignore=shutil.ignore_patterns(*_NOT_COPIED), dirs_exist_ok=True)


def _environment(folder: str, *what: str) -> None:
    _run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    _run(UV, "pip", "install", "--quiet", "--compile-bytecode", "--upgrade", "--python", folder, *what)


def _run(*command: str, folder: Path = COPY) -> None:
    subprocess.run(command, cwd=folder, env=_env(), check=True)


def _env() -> dict[str, str]:
    """Nothing may lead out of the copy, and nothing that an older oracle has said counts."""
    inside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**inside, "TFJS_BUILD_TEST_TF_PYTHON": str(COPY / ".venv-tf" / "bin" / "python")}


def _locked(name: str) -> dict[str, str]:
    lines = (REPOSITORY / requirements(name)).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalpha()]
    return {pin.name: str(pin.specifier)[2:] for pin in pins if pin.marker is None or pin.marker.evaluate()}


def _installed(folder: str) -> dict[str, str]:
    command = [UV, "pip", "list", "--quiet", "--format=json", "--exclude-editable", "--python", folder]
    listed = subprocess.run(command, cwd=COPY, env=_env(), capture_output=True, text=True, check=True).stdout
    return {each["name"]: each["version"] for each in json.loads(listed)}


def _npm(folder: Path) -> dict[str, str]:
    packages: dict[str, Any] = _read(folder / "package-lock.json")["packages"]
    return {path.removeprefix("node_modules/"): each["version"] for path, each in packages.items() if path}


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _say(what: str, locked: Mapping[str, str], newest: Mapping[str, str]) -> None:
    differ = sorted(name for name in newest if locked.get(name) != newest[name])
    print(f"\n{what}: {f'{len(differ)} of {len(newest)} packages differ' if differ else 'the same'}")
    for name in differ:
        print(f"  {name} {locked.get(name, '(none)')} → {newest[name]}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
