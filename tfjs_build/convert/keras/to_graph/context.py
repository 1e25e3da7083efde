"""What a rule is given: one call of a layer or operation, its tensors as graph values, and the builder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.convert.graph.dtypes import FLOATING
from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.graph.sizes import Size, size
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.hints import BATCH_OF_IMAGES, REPLACE, SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.host import Host
from tfjs_build.errors import MisfitError, RefusedError, SourceError

if TYPE_CHECKING:
    from tfjs_build.convert.graph.builder import Builder

_ABSENT: Any = object()


class Context:
    """One call. `args` and `kwargs` hold values where Keras had tensors; `inputs` are the tensors of the first argument
    and `masks` their masks, None for those without."""

    def __init__(
        self,
        host: Host,
        layer: Layer,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> None:
        self.host = host
        self.layer = layer
        self.config: Config = layer.config
        self.args = list(args)
        self.kwargs = dict(kwargs)
        self.inputs = values_in(args[:1])
        self.masks = [host.masks.get(value) for value in self.inputs]
        self.output_masks: list[Value | None] | None = None

    @property
    def b(self) -> Builder:
        """The builder, scoped to the layer."""
        return self.host.builder

    @property
    def generation(self) -> Generation:
        """Which Keras wrote the file."""
        return self.host.model.generation

    @property
    def x(self) -> Value:
        """The only input."""
        if len(self.inputs) != 1:
            raise SourceError(f"{self.layer.label}: expects one input, got {len(self.inputs)}")
        return self.inputs[0]

    def tensors(self, least: int, most: int | None = None) -> list[Value]:
        """Return the tensors that the layer is given, so many at least and at most."""
        most = least if most is None else most
        if not least <= len(self.inputs) <= most:
            wanted = f"{least} tensors" if least == most else f"{least} to {most} tensors"
            raise SourceError(f"{self.layer.label}: expects {wanted}, got {len(self.inputs)}")
        return list(self.inputs)

    def spatial_rank(self, value: Value) -> int:
        """Return how many axes there are besides those of the batch and the channels: one at least."""
        rank = self.rank(value)
        if rank < 3:
            raise SourceError(f"{self.layer.label}: expects rank 3 or more, got rank {rank}")
        return rank - 2

    @property
    def mask(self) -> Value | None:
        """The mask that Keras gives a layer whose `call` takes one: the argument `mask`, else that of its input.

        Keras 3 does not look for a mask where other arguments are tensors as well (`Layer.__call__` in
        keras/src/layers/layer.py).
        """
        given = self.kwargs.get("mask")
        if isinstance(given, (list, tuple)):
            given = given[0] if given else None
        if isinstance(given, Value):
            return given
        if self.generation == 3 and values_in([self.args[1:], {**self.kwargs, "mask": None}]):
            return None
        return self.masks[0] if self.masks else None

    def previous_masks(self) -> list[Value | None]:
        """Return the masks of the first argument's tensors, from the argument `mask` where there is one."""
        given = self.kwargs.get("mask")
        if isinstance(given, Value):
            return [given]
        if isinstance(given, (list, tuple)) and any(isinstance(each, Value) for each in given):
            return [each if isinstance(each, Value) else None for each in given]
        return self.masks

    def argument(self, position: int, *names: str, default: Any = _ABSENT) -> Any:
        """Return an argument of the call, by position or name, or what the configuration has under that name."""
        if position < len(self.args):
            return self.args[position]
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        for name in names:
            if name in self.config:
                return self.config.get(name)
        if default is _ABSENT:
            raise self.refuse(f"the argument `{names[0]}` is not in the file")
        return default

    def flag(self, position: int, *names: str, default: bool = False) -> bool:
        """Return an argument that says yes or no, as Python would take it."""
        return self.truth(self.argument(position, *names, default=default), names[0])

    def truth(self, value: Any, name: str) -> bool:
        """Return whether a constant argument counts as true; refuses a tensor."""
        if value is None or isinstance(value, (bool, int, float)):
            return bool(value)
        raise self.unsupported(name, value, (True, False))

    # Sizes -------------------------------------------------------------------------------------------------------

    def rank(self, value: Value) -> int:
        """Return a tensor's number of axes."""
        if value.rank is None:
            raise self.refuse(
                "the rank of its input is not known when converting",
                hint="Give the model's inputs their ranks (keras.Input(shape=…)), and save the model again.",
            )
        return value.rank

    def axis(self, value: Value, axis: int) -> int:
        """Return an axis counted from the front."""
        rank = self.rank(value)
        if not -rank <= axis < rank:
            raise SourceError(f"{self.layer.label}: axis {axis} is out of range for an input of rank {rank}")
        return axis % rank

    def fixed(self, value: Value, axis: int) -> int:
        """Return a size that must be known when converting."""
        self.axis(value, axis)
        found = None if value.shape is None else value.shape[axis]
        if found is None:
            place = axis % self.rank(value)
            key = "shape" if place else "batch_shape"
            raise self.refuse(
                f"the size of axis {place} of its input is not known when converting",
                hint=f"Give the model's input that size (keras.Input({key}=…)), and save the model again.",
            )
        return found

    def size(self, value: Value, axis: int) -> Size:
        """Return a size: a number, or a scalar that finds it at run time."""
        self.axis(value, axis)
        return size(self.b, value, axis)

    def sizes(self, value: Value) -> list[Size]:
        """Return all sizes."""
        return [self.size(value, axis) for axis in range(self.rank(value))]

    # Weights and constants ---------------------------------------------------------------------------------------

    def weight(self, role: str, *shape: int | None) -> Value:
        """Return the layer's weight of that role; SourceError unless the file has it, in this shape (None: any)."""
        found = self.host.weight(self.layer, role)
        if len(found.shape) != len(shape) or any(n not in (None, m) for n, m in zip(shape, found.shape, strict=True)):
            expected = ", ".join("?" if n is None else str(n) for n in shape)
            raise SourceError(
                f"{self.layer.label}: expects the weight `{role}` to have the shape [{expected}], "
                f"got {list(found.shape)}",
                hint=SAVE_AGAIN,
            )
        return self.b.const(found)

    def weight_shape(self, role: str) -> tuple[int, ...]:
        """Return the shape of the layer's weight of that role."""
        return self.host.weight(self.layer, role).shape

    def any_weight(self, role: str) -> Value:
        """Return the layer's weight of that role, of whatever shape."""
        return self.b.const(self.host.weight(self.layer, role))

    def has_weight(self, role: str) -> bool:
        """Whether the file has a weight of that role for the layer."""
        return self.host.has_weight(self.layer, role)

    def constant(self, value: Any, dtype: str = "float32") -> Value:
        """Return numbers of a configuration as a constant."""
        try:
            return self.b.const(value, dtype)
        except (TypeError, ValueError, MisfitError):
            raise SourceError(f"{self.layer.label}: expects numbers, got {shown(value)}") from None

    def ints(self, values: Sequence[int] | Sequence[Sequence[int]] | int) -> Value:
        """Return integers as a constant."""
        return self.b.const(values, "int32")

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        """Return tensors joined along an axis."""
        return values[0] if len(values) == 1 else self.b.ConcatV2(*values, self.ints(axis))

    def named(self, constant: Constant) -> Value:
        """Return a constant that was made from weights."""
        return self.b.const(constant)

    # Dtypes ------------------------------------------------------------------------------------------------------

    def as_float(self, value: Value) -> Value:
        """Return numbers as floats."""
        if value.dtype in FLOATING or value.dtype.startswith("complex"):
            return value
        if value.dtype == "string":
            raise self.refuse("expects numbers, got strings")
        return self.b.Cast(value, DstT="float32")

    def as_int(self, value: Value) -> Value:
        """Return numbers as integers."""
        return value if value.dtype == "int32" else self.b.Cast(value, DstT="int32")

    # Other layers and refusals -----------------------------------------------------------------------------------

    def child(self, attribute: str) -> Layer:
        """Return the layer that this one holds."""
        found = self.layer.children.get(attribute)
        if not isinstance(found, Layer):
            raise self.refuse(f"expects a layer as `{attribute}`")
        return found

    def call(self, layer: Layer, *args: Any, **kwargs: Any) -> list[Value]:
        """Return the outputs of another layer, called by this one."""
        return self.host.build(layer, args, kwargs)

    def refuse(self, reason: str, hint: str = REPLACE) -> RefusedError:
        """Return the error that says why this layer cannot be built."""
        return RefusedError(f"{self.layer.label}: {reason}", hint=hint)

    def require(self, condition: bool, reason: str, hint: str = REPLACE) -> None:
        """Raise RefusedError unless the condition holds."""
        if not condition:
            raise self.refuse(reason, hint)

    def unsupported(self, name: str, value: Any, accepted: Iterable[Any] = (), hint: str = REPLACE) -> RefusedError:
        """Return the refusal of the value of an argument; `accepted` are the values that convert."""
        values = list(accepted)
        rest = "" if not values else f", only {listed(values)} {'is' if len(values) == 1 else 'are'}"
        return self.refuse(f"{name}={shown(value)} is not supported{rest}", hint)

    def one_of(self, name: str, value: Any, accepted: Iterable[Any], hint: str = REPLACE) -> None:
        """Raise RefusedError unless the value of an argument is one of those that convert."""
        values = list(accepted)
        if isinstance(value, Value) or value not in values:
            raise self.unsupported(name, value, values, hint)

    def expect_rank(self, value: Value, rank: int, what: str = "") -> None:
        """Raise SourceError unless a tensor has that rank; `what` says what such a tensor is ("a sequence")."""
        found = self.rank(value)
        if found != rank:
            expected = f"{what} (rank {rank})" if what else f"rank {rank}"
            raise SourceError(f"{self.layer.label}: expects {expected}, got rank {found}")

    def expect_images(self, value: Value) -> None:
        """Raise RefusedError unless a tensor is a batch of images. Keras takes a single image, too."""
        found = self.rank(value)
        if found != 4:
            raise self.refuse(f"expects a batch of images (rank 4), got rank {found}", hint=BATCH_OF_IMAGES)

    def expect_dtype(self, value: Value, dtype: str, why: str = "", hint: str = REPLACE) -> None:
        """Raise RefusedError unless a tensor has that dtype; `why` says what becomes of others."""
        if value.dtype != dtype:
            reason = f": {why}" if why else ""
            raise self.refuse(f"expects {dtype}, got {value.dtype}{reason}", hint)


def shown(value: Any) -> str:
    """Return a value as messages show it: as Python writes it, shortened."""
    return "a tensor" if isinstance(value, Value) else f"{value!r:.60}"


def listed(values: Sequence[Any]) -> str:
    """Return values as messages list them: `1, 2 and 3`."""
    *most, last = [shown(value) for value in values]
    return f"{', '.join(most)} and {last}" if most else last


def values_in(nest: Any) -> list[Value]:
    """Return the values in nested lists and dicts, in order."""
    if isinstance(nest, Value):
        return [nest]
    if isinstance(nest, Mapping):
        nest = list(nest.values())
    if isinstance(nest, (list, tuple)):
        return [value for item in nest for value in values_in(item)]
    return []
