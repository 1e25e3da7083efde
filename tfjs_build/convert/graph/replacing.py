"""A builder that builds something else in place of some ops: what decompositions and portable spellings share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tfjs_build.convert.graph.builder import Builder, misfit
from tfjs_build.convert.graph.ir import Value

Inputs: TypeAlias = Sequence[Value]
Attrs: TypeAlias = Mapping[str, Any]
Result: TypeAlias = "Sequence[Value] | Value | None"
Spelling: TypeAlias = Callable[[Builder, Inputs, Attrs], Result]
"""A formula over an op's inputs and attributes; it returns None where the op is right as it is."""


class Replacing(Builder):
    """Applies spellings to all that is built with it, what other spellings build included. A spelling that builds its
    own op means the op itself."""

    def __init__(self, scope: str = "") -> None:
        super().__init__(scope)
        self._active: set[str] = set()

    def spelling(self, op: str, inputs: Inputs) -> tuple[Spelling | None, str]:
        """Return the spelling of an op, None if it has none, and a word that tells it from others."""
        raise NotImplementedError

    def replace(
        self, op: str, inputs: Sequence[Value], attrs: Mapping[str, Any], name: str
    ) -> tuple[Value, ...] | None:
        """Return what stands for an op, None to keep it."""
        spelling, key = self.spelling(op, inputs)
        if spelling is None or key in self._active:
            return None
        outer = self.scope
        self.scope = name
        self._active.add(key)
        try:
            result = spelling(self, inputs, attrs)
        except IndexError as error:  # it looks for an axis, or a number, that is not there
            raise misfit(op, name, inputs) from error
        finally:
            self.scope = outer
            self._active.discard(key)
        if result is None:
            return None
        return (result,) if isinstance(result, Value) else tuple(result)
