"""The list of graph cases: small functions, each around one op, and whole models.

A case says how it is written; `graph_writers` knows the ways. Nothing here imports TensorFlow: a case's function gets
it as its first argument when it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.given import Given


@dataclass(frozen=True)
class GraphCase:
    """One case. `build` makes what `writer` (a name in `graph_writers.WRITERS`) saves.

    `family` is the file that it stands in. `ops` must occur in the source's graph, `published` in the one that is
    published. `given` are the arguments by name. `take` are the outputs that are compared (all, if empty): some ops have
    outputs that mean nothing. `reference` gives the numbers where TensorFlow itself cannot run the graph on a CPU.
    `options` are further keys of the model in the manifest. `refused` lists what the refusal must say; it is empty
    for a case that must convert.
    """

    name: str
    family: str
    writer: str
    build: Callable[..., Any]
    given: Mapping[str, Given]
    ops: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    reference: Callable[..., Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class GraphSuite(dict[str, GraphCase]):
    """The cases of one suite, by name."""

    def add(self, case: GraphCase) -> None:
        """Register a case."""
        if case.name.lower() in {name.lower() for name in self}:
            raise ValueError(f"two cases are called {case.name}")
        self[case.name] = case


class Family:
    """Registers the cases of one file: `op`, `raw` and, for whole models, `model`."""

    def __init__(self, suite: GraphSuite, module: str) -> None:
        self.suite = suite
        self.name = module.rpartition(".")[2]

    def op(
        self,
        op: str,
        build: Callable[..., Any],
        variant: str = "",
        *,
        writer: str = "function",
        also: tuple[str, ...] = (),
        published: tuple[str, ...] = (),
        take: tuple[str, ...] = (),
        reference: Callable[..., Any] | None = None,
        refused: tuple[str, ...] = (),
        given: Mapping[str, Given] | None = None,
        **arguments: Given,
    ) -> None:
        """Register a function around `op`: `build(tf, **arguments)` returns a tensor, or several in a list, a tuple, a
        named tuple or a dict. `given` is for arguments whose names are taken here."""
        name = f"{op.strip('_')}-{variant}".rstrip("-").replace("_", "-")
        self.suite.add(
            GraphCase(
                name=name,
                family=self.name,
                writer=writer,
                build=build,
                given={**(given or {}), **arguments},
                ops=(op, *also),
                published=published,
                take=take,
                reference=reference,
                refused=refused,
            )
        )

    def raw(self, op: str, attrs: Mapping[str, Any] | None = None, variant: str = "", **arguments: Any) -> None:
        """Register `tf.raw_ops.<op>` with these attributes (or constant inputs) and, as inputs, the arguments."""

        def build(tf: Any, **tensors: Any) -> Any:
            return getattr(tf.raw_ops, op)(**tensors, **(attrs or {}))

        self.op(op, build, variant, **arguments)

    def model(
        self,
        *,
        writer: str = "module",
        ops: tuple[str, ...] = (),
        published: tuple[str, ...] = (),
        take: tuple[str, ...] = (),
        options: Mapping[str, Any] | None = None,
        refused: tuple[str, ...] = (),
        **given: Given,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the function below, under its own name, as what `writer` saves."""

        def register(build: Callable[..., Any]) -> Callable[..., Any]:
            self.suite.add(
                GraphCase(
                    name=build.__name__.replace("_", "-"),
                    family=self.name,
                    writer=writer,
                    build=build,
                    given=given,
                    ops=ops,
                    published=published,
                    take=take,
                    options=options or {},
                    refused=refused,
                )
            )
            return build

        return register
