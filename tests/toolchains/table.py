"""The table of docs/toolchains.md: what became of each toolchain."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from tests.conversion.markdown import table
from tests.support.project import REPOSITORY
from tests.toolchains.attempt import Attempt
from tests.toolchains.environment import DATE
from tests.toolchains.toolchain import Toolchain
from tests.toolchains.toolchains import TOOLCHAINS

DOCUMENT = REPOSITORY / "docs" / "toolchains.md"
_MARKED = re.compile(r"(<!-- results -->\n).*?(\n<!-- end -->)", re.DOTALL)


def write(attempts: Mapping[str, Attempt]) -> None:
    """Write the table anew."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(_MARKED.sub(lambda found: found[1] + results(attempts) + found[2], text), encoding="utf-8")


def results(attempts: Mapping[str, Attempt]) -> str:
    """Return the table, with the day whose packages were taken."""
    head = (
        "toolchain",
        "versions",
        "`output`",
        "`stubs`",
        "type check, linter",
        "`/`",
        "`/sub/`",
        "settings",
        "remarks",
    )
    rows = [_row(each, attempts[each.name]) for each in TOOLCHAINS]
    return f"Packages of {DATE}, TensorFlow.js 4.22.\n\n{table(head, rows)}"


def _row(toolchain: Toolchain, made: Attempt) -> tuple[str, ...]:
    manifest = yaml.safe_load((toolchain.files / "tfjs.yaml").read_text(encoding="utf-8"))
    versions = ", ".join(f"{name} {version}" for name, version in zip(toolchain.packages, made.versions, strict=False))
    checks = ["quiet" if not made.faults.get(command, [""]) else "complains" for command in toolchain.check]
    at = [("right" if not made.faults.get(base, [""]) else "wrong") for base in toolchain.bases]
    return (
        f"{toolchain.title} (`{toolchain.name}`)",
        versions,
        f"`{manifest['output']}`",
        f"`{manifest['stubs']}`",
        ", ".join(f"`{command}`: {said}" for command, said in zip(toolchain.check, checks, strict=True)) or "none",
        at[0],
        at[1] if len(at) > 1 else "–",
        toolchain.settings,
        toolchain.remarks,
    )
