"""`@record(frozen=True)`: a dataclass that is made in a fraction of the time, for every command waits for some fifty.

`dataclasses` compiles six functions for each class that is frozen. Here it compiles `__init__` alone, and the others
are shared. That nobody assigns to a record is mypy's to see, for which this is `dataclass` itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

__all__ = ["record"]

_Class = TypeVar("_Class", bound=type)

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: Literal[True]) -> Callable[[_Class], _Class]:
        """Return the decorator of a class whose instances do not change, and are equal where their fields are."""
        assert frozen
        return _record


def _record(plain: _Class) -> _Class:
    made: Any = dataclasses.dataclass(eq=False, repr=False)(plain)
    fields = dataclasses.fields(made)
    values = _getter([field.name for field in fields if field.compare])

    def equal(self: Any, other: Any) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash((made, values(self)))

    def represented(self: Any) -> str:
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields if field.repr)
        return f"{type(self).__qualname__}({shown})"

    own = vars(plain)
    for name, method in (("__eq__", equal), ("__hash__", hashed), ("__repr__", represented)):
        # Python itself enters `__hash__ = None` beside an `__eq__` of the class's own.
        if own.get(name) is None:
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[object, ...]]:
    """Return what gives the values of an object's attributes, as a tuple however many they are."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)
