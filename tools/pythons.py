"""The quick tests on every Python of this machine that users may have, and whether all publish the same bytes.

    python -m tools.pythons [--ends]

Looks for CPython 3.10 and newer among pyenv's versions and on PATH, one for each minor version. Each gets an
environment in `.cache/pythons` with the versions of requirements/dev.txt, which is kept until the lock changes, and
runs tests/unit. The Python that this runs with is left out there: `make test` runs everything with it. All of them then
publish the same models; a file that differs is named, with the Pythons. `--ends` takes the oldest and the newest only,
and each runs half of the files: what one in between, or one test alone, would find is rare, and each costs minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parent.parent
FOLDER = REPOSITORY / ".cache" / "pythons"
LOCK = REPOSITORY / "requirements" / "dev.txt"
LEAST = (3, 10)
"""What pyproject.toml promises."""

PACKAGES = ("jsonschema", "pytest")
"""What tests/unit needs beside the program's own dependencies."""

LEFT_OUT: Mapping[str, str] = {
    "tests/unit/test_lock.py": "`make lock` runs in the Python of .venv only",
    "tests/unit/test_predictions.py": "benches are run by the Python of .venv, which has Playwright",
    "tests/unit/test_wheel.py": "the wheel has no compiled code",
    "tests/unit/test_docs.py": "the documents are the same files",
    "tests/unit/stubs/test_build_runtime.py": "Node builds it",
    "tests/unit/stubs/test_types.py": "tsc reads what test_render.py compares with golden files",
    "tests/unit/stubs/test_runtime.py": "Node runs what test_render.py compares with golden files",
}
"""Tests that say nothing more on another Python, with the reason."""

SAMPLE: Mapping[str, int] = {"keras_layers": 100, "keras_matrix": 250, "graphs.ops": 100, "graphs.models": 20}
"""Of which of the oracle's suites each n-th case is published."""

_PROBE = "import sys; print(sys.implementation.name, sys.version_info.releaselevel, *sys.version_info[:3])"


class Python(NamedTuple):
    """An interpreter: its version, and its program."""

    version: tuple[int, int, int]
    program: Path

    @property
    def name(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))

    @property
    def minor(self) -> str:
        """The version without the last number."""
        return ".".join(map(str, self.version[:2]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests, publish, compare; 1 if a test fails or a byte differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.pythons", description=__doc__.splitlines()[0])
    parser.add_argument("--ends", action="store_true", help="the oldest and the newest only")
    found = newest(map(probe, candidates(os.environ)))
    only_ends = parser.parse_args(arguments).ends
    chosen = ends(found) if only_ends else found
    own = Python(sys.version_info[:3], Path(sys.executable))
    others = [python for python in chosen if python.minor != own.minor]
    if not others:
        print(f"Python {own.name} only: pyenv and PATH have no other from {'.'.join(map(str, LEAST))} up")
        return 0
    print(f"Python {', '.join(python.name for python in others)} beside {own.name}, which runs every test; left out:")
    for test, reason in LEFT_OUT.items():
        print(f"  {test}: {reason}")
    files = shares(unit_files(), len(others)) if only_ends else [unit_files()] * len(others)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        environments = [environment(python) for python in others]
        failures = sum(pool.map(tested, others, environments, files))
        sources = manifest_models()
        hashes = pool.map(published, [own, *others], [own.program, *environments], [sources] * (1 + len(others)))
        by_python = dict(zip([each.name for each in (own, *others)], hashes, strict=True))
    faults = differences(by_python)
    print("\n".join(faults) or f"{len(by_python[own.name])} files of {len(sources)} models: the same bytes from all")
    return 1 if failures or faults else 0


def candidates(env: Mapping[str, str]) -> Iterator[Path]:
    """Yield programs that may be a Python: pyenv's, then those on PATH."""
    root = Path(env.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob("versions/*/bin/python"))
    for folder in env.get("PATH", "").split(os.pathsep):
        if folder and Path(folder) != root / "shims":
            yield from sorted(Path(folder).glob("python3.[0-9]*[0-9]"))


def probe(program: Path) -> Python | None:
    """Return what a program is, None where it is no released CPython that is new enough, or does not run."""
    try:
        done = subprocess.run([program, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stdout.split()
    if done.returncode or said[:2] != ["cpython", "final"]:
        return None
    major, minor, patch = map(int, said[2:])
    return Python((major, minor, patch), program) if (major, minor) >= LEAST else None


def newest(found: Iterable[Python | None]) -> list[Python]:
    """Return the newest of each minor version, the first of equals, in order."""
    best: dict[str, Python] = {}
    for python in found:
        if python and (python.minor not in best or python.version > best[python.minor].version):
            best[python.minor] = python
    return sorted(best.values(), key=lambda python: python.version)


def ends(pythons: Sequence[Python]) -> list[Python]:
    """Return the first and the last of a list, of which there may be one or none."""
    return list(dict.fromkeys([*pythons[:1], *pythons[-1:]]))


def unit_files() -> list[str]:
    """Return the files of quick tests that say something on each Python."""
    found = (path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "tests" / "unit").rglob("test_*.py"))
    return sorted({*found} - LEFT_OUT.keys())


def shares(files: Sequence[str], count: int) -> list[list[str]]:
    """Deal files to so many Pythons."""
    return [list(files[start::count]) for start in range(count)]


def environment(python: Python) -> Path:
    """Return the Python of an environment with the locked versions, which is made where there is none yet."""
    folder = FOLDER / python.minor
    program = folder / "bin" / "python"
    made_of = hashlib.sha256()
    for part in (LOCK.read_bytes(), (REPOSITORY / "pyproject.toml").read_bytes(), repr((python, REPOSITORY)).encode()):
        made_of.update(hashlib.sha256(part).digest())
    stamp = folder / "made-of"
    if stamp.is_file() and stamp.read_text() == made_of.hexdigest():
        return program
    shutil.rmtree(folder, ignore_errors=True)
    uv = REPOSITORY / ".tools" / "bin" / "uv"
    locked = ["--constraints", LOCK, "--build-constraints", LOCK]
    subprocess.run([uv, "venv", "--quiet", "--python", python.program, folder], check=True)
    subprocess.run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            folder,
            *locked,
            *PACKAGES,
            "-e",
            REPOSITORY,
        ],
        check=True,
    )
    stamp.write_text(made_of.hexdigest())
    return program


def tested(python: Python, program: Path, files: Sequence[str]) -> bool:
    """Run files of tests and print what became of them, all of it where one fails; return whether one did."""
    done = subprocess.run(
        [program, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=REPOSITORY,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shown = done.stdout if done.returncode else done.stdout.splitlines()[-1] + "\n"
    sys.stdout.write(f"Python {python.name}: {shown}")
    sys.stdout.flush()
    return done.returncode != 0


def manifest_models() -> dict[str, dict[str, object]]:
    """Return the models that are published: a sample of the oracle's files, and those that Keras has quantized."""
    from tests.conversion.oracle import files
    from tests.conversion.suite import source_keys

    quantize = ("none", "float16", "uint8", "uint16")
    models: dict[str, dict[str, object]] = {}
    for suite, every in SAMPLE.items():
        for of in list(files(suite).values())[::every]:
            keys = {"source": str(of.source), **source_keys(of), "quantize": quantize[len(models) % len(quantize)]}
            models[f"{suite.replace('.', '-')}-{len(models)}"] = keys
            if suite.startswith("keras") and len(models) % 5 == 0:
                models[f"layers-{len(models)}"] = {**keys, "format": "layers"}
    for source in sorted((REPOSITORY / "tests/fixtures/quantized").glob("*.keras")):
        models[f"quantized-{len(models)}"] = {"source": str(source)}
    return models


def published(python: Python, program: Path, models: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Return the SHA-256 of each file, model.json to stubs, that a build publishes, and what it says of what fails."""
    folder = FOLDER / f"published-{python.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    manifest = {"version": 1, "output": "public/models", "stubs": "src/models", "models": models}
    (folder / "tfjs.yaml").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    command = [program, "-m", "tfjs_build", "build", "--force", "--json"]
    done = subprocess.run(command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1) or not any(event["event"] == "written" for event in events):
        raise RuntimeError(f"Python {python.name} published nothing: {done.stdout}")
    result = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("public", "src")
        for path in (folder / kind).rglob("*")
        if path.is_file()
    }
    result |= {f"the failure of {event['model']}": event["message"] for event in events if event["event"] == "failed"}
    shutil.rmtree(folder)
    return result


def differences(by_python: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Say which files are not the same with all Pythons, and which Pythons agree on them."""
    faults = []
    for file in sorted(set().union(*by_python.values())):
        groups: dict[str | None, list[str]] = {}
        for python, files in by_python.items():
            groups.setdefault(files.get(file), []).append(python)
        if len(groups) > 1:
            said = [f"{'none' if key is None else key[:16]} from {', '.join(who)}" for key, who in groups.items()]
            faults.append(f"{file} differs: {'; '.join(said)}")
    return faults


def _environment() -> dict[str, str]:
    """Nothing may lead to packages of another environment."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


if __name__ == "__main__":
    sys.exit(main())
