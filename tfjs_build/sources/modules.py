"""The project's own Python files that a model's code consists of, told from their imports, without running them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.fs import StatKey

if TYPE_CHECKING:
    from tfjs_build.model import Code


def project_files(code: Code, names: Sequence[str]) -> dict[str, Path]:
    """Return the files of modules, and of all that these import from the project, by their paths relative to it.

    Modules that are installed, and names that are made up at run time, are not among them. A file that cannot be read,
    or is no Python, counts and imports nothing: what is wrong with it is told when it is run.
    """
    found: dict[str, Path] = {}
    waiting = list(dict.fromkeys(names))
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        for module, path in _files_of(code, name):
            where = path.relative_to(code.root).as_posix()
            if where in found:
                continue
            found[where] = path
            new = [each for each in _imports(path, module, StatKey.of(path)) if each not in seen]
            seen.update(new)
            waiting += new
    return dict(sorted(found.items()))


def wanted_files(code: Code, names: Sequence[str]) -> list[Path]:
    """Return where files of modules would lie beside tfjs.yaml if they were the project's: for who waits for them."""
    return [code.root.joinpath(*name.split(".")).with_suffix(".py") for name in names]


def _files_of(code: Code, name: str) -> Iterator[tuple[str, Path]]:
    """Yield a module of the project and the packages that it lies in, with their files; nothing for others."""
    for folder in code.path:
        parts = name.split(".")
        if not (folder / parts[0]).is_dir() and not (folder / f"{parts[0]}.py").is_file():
            continue
        for end in range(1, len(parts) + 1):
            place = folder.joinpath(*parts[:end])
            module = ".".join(parts[:end])
            if (place / "__init__.py").is_file():
                yield f"{module}.__init__", place / "__init__.py"
            elif place.with_suffix(".py").is_file():
                yield module, place.with_suffix(".py")
        return


@lru_cache(1024)  # by the file's stat key: several models may share it, and a watch looks again and again
def _imports(path: Path, module: str, _key: StatKey | None) -> tuple[str, ...]:
    """Return all that a file may import, by absolute names; `from a import b` may mean the module `a.b`."""
    try:
        tree = ast.parse(path.read_bytes(), os.fspath(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= dict.fromkeys(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            names |= dict.fromkeys([base, *(f"{base}.{alias.name}" for alias in node.names)])
    return tuple(name for name in names if name)
