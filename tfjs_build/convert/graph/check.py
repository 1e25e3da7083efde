"""Refuses what TensorFlow.js cannot run, and says what a backend lacks.

1. Every op is one of TensorFlow.js's. All that are not are named at once, with the layers that they come from.
2. Hash tables are looked up outside loops and branches: inside, the executor does not find them.
3. Complex numbers go through the ops that take them.
4. An op whose kernel a backend lacks, though others have it, is a note. So is one whose kernel in wasm is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Graph, Node
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.convert.graph.unsupported import unsupported
from tfjs_build.errors import RefusedError

# Ops of TensorFlow.js that take complex numbers.
_COMPLEX_NAMES: Final = (
    "Add AddV2 Complex ComplexAbs ConcatV2 ExpandDims FFT IFFT IRFFT Identity Imag Mul Pack RFFT Rank Real Reshape"
    " Shape Size Squeeze StatelessIf StatelessWhile Sub"
)
_COMPLEX: Final = frozenset(_COMPLEX_NAMES.split())

_NO_STRINGS_IN_WASM: Final = frozenset({"Equal", "Fill", "GatherNd", "NotEqual"})
_CONVOLUTIONS: Final = frozenset({"Conv2D", "DepthwiseConv2dNative", "_FusedConv2D", "FusedDepthwiseConv2dNative"})


def check(graph: Graph) -> list[str]:
    """Return notes on what single backends lack. Raises RefusedError."""
    unknown: dict[str, list[str]] = defaultdict(list)
    lacking: dict[str, set[str]] = defaultdict(set)
    wrong: set[str] = set()
    for node in graph.walk():
        op = tfjs_op(node.op)
        if op is None:
            unknown[node.op].append(node.name)
            continue
        _check_complex(node)
        for backend in op.lacking:
            lacking[backend].add(node.op)
        if (mistake := _wrong_in_wasm(node)) is not None:
            wrong.add(mistake)
    if unknown:
        raise unsupported(unknown)
    _check_tables(graph)
    missing = [
        f"The {backend} backend of TensorFlow.js has no kernel for {', '.join(sorted(ops))}: use another backend."
        for backend, ops in sorted(lacking.items())
    ]
    return missing + [f"The wasm backend of TensorFlow.js {why}: use another backend." for why in sorted(wrong)]


def _wrong_in_wasm(node: Node) -> str | None:
    """Return what is wrong with a node's kernel in wasm, None if nothing is known to be."""
    if node.op in _NO_STRINGS_IN_WASM and any(value.dtype == "string" for value in node.inputs):
        return f"takes no strings in {node.op}"
    if node.op in _CONVOLUTIONS and node.attrs.get("padding") == "SAME":
        kernel, strides = node.inputs[1].static, node.attrs.get("strides") or []
        if kernel is not None and any(kernel[axis] < strides[axis + 1] for axis in range(2)):
            return "pads an image of free size wrongly where strides exceed the kernel"
    return None


def _check_complex(node: Node) -> None:
    if node.op not in _COMPLEX and any(value.dtype in COMPLEX for value in node.inputs):
        raise RefusedError(
            f"{node.op} ({node.name}): TensorFlow.js takes no complex numbers there.",
            hint="Take the real and imaginary parts, or the absolute value, before.",
        )


def _check_tables(graph: Graph) -> None:
    def tables(inner: Graph) -> list[Node]:
        return [node for node in inner.walk() if node.op == "HashTableV2"]

    for node in graph.nodes():
        for _, inner in node.graphs:
            found = tables(inner)
            if found:
                raise RefusedError(
                    f"The table {found[0].name} is looked up inside {node.op} ({node.name}); TensorFlow.js finds tables"
                    " outside loops and branches only.",
                    hint="Look up before the loop or branch.",
                )
