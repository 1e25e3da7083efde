"""The suite that the families beside this register their cases in: graph cases, and Keras files, that may be edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.oracle.graphs.cases import GraphCase, GraphSuite
from tests.oracle.graphs.given import Given

SUITE = GraphSuite()


@dataclass(frozen=True)
class ReportedCase(GraphCase):
    """A graph case whose `writer` may also be one of `writing.KERAS_FILES`. `edit` changes the source once it is
    written, to what an older program would have written; the numbers are those from before, unless the model `reloads`
    its weights from the edited file. `unsaid` are words that a refusal must not say."""

    edit: Callable[[Path], None] | None = None
    reloads: bool = False
    unsaid: tuple[str, ...] = ()


class Theme:
    """Registers the cases of one file."""

    def __init__(self, module: str) -> None:
        self.family = module.rpartition(".")[2]

    def case(
        self,
        writer: str,
        *,
        name: str = "",
        same: tuple[str, ...] = (),
        options: Mapping[str, Any] | None = None,
        refused: tuple[str, ...] = (),
        unsaid: tuple[str, ...] = (),
        edit: Callable[[Path], None] | None = None,
        reloads: bool = False,
        given: Mapping[str, Given] | None = None,
        **arguments: Given,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the function below, under its own name (or `name`), as what `writer` saves. `given` is for arguments
        whose names are taken here, or are none in Python."""

        def register(build: Callable[..., Any]) -> Callable[..., Any]:
            SUITE.add(
                ReportedCase(
                    name=(name or build.__name__).replace("_", "-"),
                    family=self.family,
                    writer=writer,
                    build=build,
                    given={**(given or {}), **arguments},
                    same=same,
                    options=options or {},
                    refused=refused,
                    unsaid=unsaid,
                    edit=edit,
                    reloads=reloads,
                )
            )
            return build

        return register
