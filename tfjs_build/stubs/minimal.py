"""What `_tfjs.js` has of TensorFlow.js: from what models need to the data that its templates are rendered with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from tfjs_build.kernels import DEFAULT_BACKENDS, functions_of, kernels_of, lacking, table
from tfjs_build.records import record

_BEST_FIRST: Final = ("webgpu", "webgl", "wasm", "cpu")
"""Of two backends with the same priority (webgl and wasm), TensorFlow.js takes the one that is registered first."""


@record(frozen=True)
class TfjsKernel:
    """A kernel of one backend: the module that has it, what that calls it, and what `_tfjs.js` does."""

    module: str
    name: str
    local: str


@record(frozen=True)
class TfjsFunction:
    """A function of TensorFlow.js: the module that has it, what that calls it, and what `_tfjs_ops.js` does.
    `member` is its name in its namespace, and in that of all ops where it has none."""

    module: str
    name: str
    local: str
    member: str


@record(frozen=True)
class TfjsModule:
    """The module as templates see it (`module`). `backends` has the kernels of each, the backend that is taken first in
    front; `lacking` those that models may call and a backend does not have at all, where there are any; `functions` are
    those of the executor's ops, and `namespaces` those of them that lie in one, by its name; `implementations` are what
    other backends take of the cpu backend."""

    tfjs: str
    backends: Mapping[str, Sequence[TfjsKernel]]
    lacking: Mapping[str, Sequence[str]]
    functions: Sequence[TfjsFunction]
    namespaces: Mapping[str, Sequence[TfjsFunction]]
    implementations: Sequence[TfjsFunction]


def describe_tfjs(
    needs: Collection[str], *, backends: Iterable[str] | None = None, added: Sequence[str] = ()
) -> TfjsModule:
    """Describe the module for models with these `needs`; `added` are kernels for others."""
    known = table()
    chosen = {*(DEFAULT_BACKENDS if backends is None else backends)}
    wanted = kernels_of(needs, added)
    of: dict[str, list[str]] = {backend: _registered(backend, wanted) for backend in _BEST_FIRST if backend in chosen}
    functions = functions_of(needs, added)
    return TfjsModule(
        tfjs=known["tfjs"],
        backends={
            backend: [_kernel(backend, *known["kernels"][each][backend]) for each in kernels]
            for backend, kernels in of.items()
        },
        lacking={backend: names for backend in of if (names := lacking(backend, wanted))},
        functions=[_function(path) for path in functions if "." not in path],
        namespaces=_by_namespace(functions),
        implementations=[_implementation(name) for name in _shared(of)],
    )


def _registered(backend: str, kernels: Sequence[str]) -> list[str]:
    """Those of the kernels that a backend has, and those that they need registered besides, sorted."""
    known = table()
    there = {*kernels}.difference(lacking(backend, kernels))
    companions = known["companions"][backend]
    return sorted({*there, *(name for each in there for name in companions.get(each, ()))})


def _kernel(backend: str, module: str, name: str) -> TfjsKernel:
    return TfjsKernel(f"@tensorflow/tfjs-backend-{backend}/dist/kernels/{module}.js", name, f"{backend}_{module}")


def _function(path: str) -> TfjsFunction:
    module, name = table()["functions"][path]
    return TfjsFunction(f"@tensorflow/tfjs-core/dist/{module}", name, path.replace(".", "_"), path.rpartition(".")[2])


def _shared(of: Mapping[str, Iterable[str]]) -> list[str]:
    """What backends take of the cpu backend's implementations, for the kernels `of` each and for themselves."""
    known = table()
    modules = {(backend, "") for backend in of}
    modules |= {(backend, known["kernels"][each][backend][0]) for backend, kernels in of.items() for each in kernels}
    return sorted({name for backend, module in modules for name in known["shared"].get(backend, {}).get(module, ())})


def _implementation(exported: str) -> TfjsFunction:
    module, name = table()["implementations"][exported]
    return TfjsFunction(f"@tensorflow/tfjs-backend-cpu/dist/{module}", name, exported, exported)


def _by_namespace(paths: Iterable[str]) -> dict[str, list[TfjsFunction]]:
    found: dict[str, list[TfjsFunction]] = {}
    for path in paths:
        namespace, dot, _ = path.partition(".")
        if dot:
            found.setdefault(namespace, []).append(_function(path))
    return found
