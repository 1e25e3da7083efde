"""The table of docs/toolchains.md: what became of each toolchain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.conversion.markdown import table
from tests.support.project import REPOSITORY
from tests.toolchains.attempt import Attempt
from tests.toolchains.environment import DATE, TFJS
from tests.toolchains.toolchain import Toolchain
from tests.toolchains.toolchains import TOOLCHAINS

DOCUMENT = REPOSITORY / "docs" / "toolchains.md"
_MARKED = re.compile(r"(<!-- results -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_HEAD = (
    *("toolchain", "versions", "type check, linter", "dev", "new version", "what is wrong", "`/`", "`/sub/`"),
    *("settings", "remarks"),
)
_OVERLAYS = {
    "vite-error-overlay": "Vite's overlay",
    "#webpack-dev-server-client-overlay": "webpack's overlay",
    "#rspack-dev-server-client-overlay": "Rspack's overlay",
    "tfjs-build-overlay": "our overlay",
    "": "terminal",
}


def write(attempts: Mapping[str, Attempt]) -> None:
    """Write the rows of what was tried anew; other rows stay."""
    text = DOCUMENT.read_text(encoding="utf-8")
    written = _MARKED.sub(lambda found: found[1] + results(found[2], attempts) + found[3], text)
    DOCUMENT.write_text(written, encoding="utf-8")


def results(former: str, attempts: Mapping[str, Attempt]) -> str:
    """Return what stands for `former`, the day whose packages were taken and the table."""
    lines = former.splitlines()
    rows: list[Sequence[str]] = []
    for toolchain in TOOLCHAINS:
        if toolchain.name in attempts:
            rows.append(_row(toolchain, attempts[toolchain.name]))
        else:
            rows += [
                [cell.strip() for cell in line.strip()[1:-1].split(" | ")]
                for line in lines
                if f"(`{toolchain.name}`)" in line
            ]
    return f"Packages of {DATE}, TensorFlow.js {TFJS}.\n\n{table(_HEAD, rows)}\n"


def _row(toolchain: Toolchain, made: Attempt) -> Sequence[str]:
    versions = ", ".join(f"{name} {version}" for name, version in zip(toolchain.packages, made.versions, strict=False))
    checks = ["quiet" if not made.faults.get(command, [""]) else "complains" for command in toolchain.check]
    at = [("right" if not made.faults.get(base, [""]) else "wrong") for base in toolchain.bases]
    return (
        f"{toolchain.title} (`{toolchain.name}`)",
        versions,
        ", ".join(f"`{command}`: {said}" for command, said in zip(toolchain.check, checks, strict=True)) or "none",
        *_developed(toolchain, made),
        at[0],
        at[1] if len(at) > 1 else "–",
        ", ".join(_settings(toolchain)) or "none",
        toolchain.remarks,
    )


def _developed(toolchain: Toolchain, made: Attempt) -> tuple[str, str, str]:
    """What the development server does: whether the page is right, how it takes a new version, and where it is said
    what is wrong."""
    if not toolchain.dev:
        return "–", "–", "–"
    return (
        "wrong" if made.faults.get("dev", [""]) else "right",
        "swapped" if toolchain.swaps else "when the page loads anew",
        _OVERLAYS[toolchain.overlay],
    )


def _settings(toolchain: Toolchain) -> Iterator[str]:
    """What a project needs besides tfjs.yaml."""
    if toolchain.plugin:
        yield "the plugin"
    if toolchain.prebuild:
        yield "`tfjs-build build &&` in front of `build`"
    if toolchain.settings:
        yield toolchain.settings
