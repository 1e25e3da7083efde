"""Fails where an op, or an attribute of it, that is called by name is none: `python tools/op_strings.py`.

mypy sees the ops that are methods of a builder (`op_calls.pyi`). This sees `multi("Split", …)` and `node("Sum", …)`,
which are for ops of several outputs, and for those whose attributes come from elsewhere.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "tfjs_build"
sys.path.insert(0, str(PACKAGE.parent))

from tfjs_build.convert.graph.op_defs import op_def  # noqa: E402
from tfjs_build.convert.graph.ops import tfjs_op  # noqa: E402

OURS = frozenset({"LogicalXor"})
"""Ops that are none of TensorFlow's, and have a decomposition."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, list[str]]]:
    """Yield the calls by name in a module, each with its op and the attributes that stand there."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        if node.func.attr == "multi":
            yield node, first.value, [each.arg for each in node.keywords if each.arg is not None]
        elif node.func.attr == "node":
            given = node.args[2] if len(node.args) > 2 else None
            keys = given.keys if isinstance(given, ast.Dict) else []
            yield node, first.value, [str(each.value) for each in keys if isinstance(each, ast.Constant)]


def faults(path: Path, source: str) -> Iterator[str]:
    """Yield what is wrong with the calls of a module."""
    for call, op, attrs in calls(ast.parse(source)):
        known, where = op_def(op), f"{path}:{call.lineno}:{call.col_offset + 1}"
        if known is None and op not in OURS and tfjs_op(op) is None:
            yield f"{where}: there is no op {op}"
        for key in attrs:
            if known is not None and known.attrs and key not in known.attrs and not key.startswith("_"):
                yield f"{where}: {op} has no attribute {key}"


def main() -> int:
    """Print what is wrong."""
    found = [
        fault for path in sorted(PACKAGE.rglob("*.py")) for fault in faults(path, path.read_text(encoding="utf-8"))
    ]
    sys.stderr.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
