"""The list of graph cases: small functions, each around one op, and whole models.

A case says how it is written; `writers` knows the ways. Nothing here imports TensorFlow: a case's function gets it (or
a Keras) as its first argument when it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.graphs.given import Given

Made = Callable[[Any], Any]
"""Makes something that a function uses and its module keeps (a table, a variable), given TensorFlow."""


@dataclass(frozen=True)
class GraphCase:
    """One case. `build` makes what `writer` (a name in `writers.WRITERS`) saves.

    `family` is the file that it stands in. `given` are the arguments by name. `ops` must occur in the source's graph,
    `published` in the one that is published. `take` are the outputs to keep (all, if empty): some ops have outputs that
    mean nothing. `same` are outputs that no input changes. `reference` gives the numbers where TensorFlow cannot run
    the graph on a CPU. `options` are further keys of the model in the manifest. `refused` lists what the refusal must
    say; it is empty for a case that must convert.
    """

    name: str
    family: str
    writer: str
    build: Callable[..., Any]
    given: Mapping[str, Given | Made]
    ops: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    reference: Callable[..., Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, Given]:
        """The arguments that are fed."""
        return {name: given for name, given in self.given.items() if isinstance(given, Given) and not given.variable}


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
        same: tuple[str, ...] = (),
        reference: Callable[..., Any] | None = None,
        refused: tuple[str, ...] = (),
        given: Mapping[str, Given] | None = None,
        **arguments: Given | Made,
    ) -> None:
        """Register a function around `op`: `build(tf, **arguments)` returns a tensor, or several in a list, a tuple, a
        named tuple or a dict. `given` is for arguments whose names are taken here."""
        self.suite.add(
            GraphCase(
                name=f"op-{op.strip('_')}-{variant}".rstrip("-").replace("_", "-"),
                family=self.name,
                writer=writer,
                build=build,
                given={**(given or {}), **arguments},
                ops=(op, *also),
                published=published,
                take=take,
                same=same,
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
        writer: str,
        *,
        name: str = "",
        ops: tuple[str, ...] = (),
        published: tuple[str, ...] = (),
        same: tuple[str, ...] = (),
        options: Mapping[str, Any] | None = None,
        refused: tuple[str, ...] = (),
        **given: Given,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the function below, under its own name (or `name`), as what `writer` saves."""

        def register(build: Callable[..., Any]) -> Callable[..., Any]:
            self.suite.add(
                GraphCase(
                    name=(name or build.__name__).replace("_", "-"),
                    family=self.name,
                    writer=writer,
                    build=build,
                    given=given,
                    ops=ops,
                    published=published,
                    same=same,
                    options=options or {},
                    refused=refused,
                )
            )
            return build

        return register
