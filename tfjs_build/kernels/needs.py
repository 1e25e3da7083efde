"""What a published graph needs of TensorFlow.js, as names: its ops, `complex64` where it has complex numbers, and
`pixels …` for each step that makes an input of a picture. What these come to is up to the table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from tfjs_build.kernels.table import table

COMPLEX = "complex64"
_COMPLEX_OPS = frozenset(["Complex", "ComplexAbs", "FFT", "IFFT", "IRFFT", "Imag", "RFFT", "Real"])


def needs_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the model of a model.json needs, sorted; it is one that tfjs-build made."""
    ours = document["userDefinedMetadata"]["tfjs-build"]
    specs = [*ours["signature"]["inputs"], *ours["signature"]["outputs"]]
    weights = [weight for group in document["weightsManifest"] for weight in group["weights"]]
    needs = set()
    has_complex = any(each["dtype"] == COMPLEX for each in (*specs, *weights))
    for node in _nodes(document):
        needs.add(node["op"])
        has_complex = has_complex or any(
            isinstance(value, Mapping) and value.get("type") == "DT_COMPLEX64"
            for value in node.get("attr", {}).values()
        )
    if has_complex or not _COMPLEX_OPS.isdisjoint(needs):
        needs.add(COMPLEX)
    dtypes = {spec["name"]: spec["dtype"] for spec in ours["signature"]["inputs"]}
    for name, preparation in ours.get("pixels", {}).items():
        needs.update(_steps(preparation, dtypes[name]))
    return tuple(sorted(needs))


def kernels_of(needs: Collection[str], added: Iterable[str] = ()) -> list[str]:
    """Return the kernels that models with these needs may run, and those that are `added`, sorted."""
    known = table()
    kernels = {*known["always"], *added, *(known["complex"] if COMPLEX in needs else ())}
    for need in needs:
        op = known["ops"].get(need, {})
        kernels.update(op.get("kernels", ()), known["pixels"].get(need, ()))
        if COMPLEX in needs:
            kernels.update(op.get("complex", ()))
    return sorted(kernels)


def functions_of(needs: Iterable[str], added: Iterable[str] = ()) -> list[str]:
    """Return the functions of core that the executor calls for these needs, and those for the ops that have all of
    their kernels once some are `added`, sorted; and what the executor names, which a bundler may insist on."""
    known = table()
    needs, given = {*needs}, {*added}
    there = {*kernels_of(needs, given)}
    functions = {*known["named"]}
    functions |= {path for need in needs for path in known["ops"].get(need, {}).get("functions", ())}
    for op in known["ops"].values():
        if not given.isdisjoint(op["kernels"]) and there.issuperset(op["kernels"]):
            functions.update(op["functions"])
    return sorted(functions)


def _nodes(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("modelTopology", "modelInitializer"):
        topology = document.get(key, {})
        yield from topology.get("node", ())
        for function in topology.get("library", {}).get("function", ()):
            yield from function.get("nodeDef", ())


def _steps(preparation: Mapping[str, Any], dtype: str) -> Iterator[str]:
    """What the runtime does with a picture: see `prepared` in runtime/src/pixels.ts."""
    yield "pixels"
    yield f"pixels {preparation['resize']}"
    yield "pixels batch"
    if preparation["fit"] != "stretch":
        yield f"pixels {preparation['fit']}"
    if preparation["channels"] != "rgb":
        yield f"pixels {preparation['channels']}"
    if preparation["scale"] != 1:
        yield "pixels scale"
    if preparation["offset"] != 0:
        yield "pixels offset"
    if preparation["first"]:
        yield "pixels first"
    if dtype == "int32":
        yield "pixels int32"
