"""A model's labels: read from the manifest or a file, and held against the sizes of the outputs that they may name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.errors import ModelError, SourceError
from tfjs_build.sizes import size_text
from tfjs_build.sources.special import refuse_special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfjs_build.convert.artifacts import Signature, TensorSpec
    from tfjs_build.model import Model

_BOX = 5
"""Numbers that a detector's grid has for each box besides its classes: four of its place, and one whether it is any."""
_SHOWN = 4
_MOST_BYTES = 16 << 20
"""A larger file holds no labels: those of a hundred thousand classes take two megabytes."""


def read_labels(model: Model) -> tuple[str, ...] | None:
    """Return the model's labels, from its file (one a line; blank lines at its end do not count) or as listed.

    Raises SourceError where the file cannot be read, or has none.
    """
    if not isinstance(model.labels, Path):
        return model.labels
    try:
        refuse_special(model.labels, "labels")
        with model.labels.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise SourceError(
                f"{model.labels} has more than {size_text(_MOST_BYTES)}: too much for labels", key="labels"
            )
        # Whatever ended the lines in the file.
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except OSError as error:
        raise SourceError(f"cannot read the labels in {model.labels}: {error.strerror}", key="labels") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"the labels in {model.labels} are not UTF-8 text", key="labels") from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise SourceError(f"{model.labels} has no labels: it is empty", key="labels")
    return tuple(lines)


def check_labels(model: Model, signature: Signature, labels: Sequence[str] | None) -> None:
    """Raise ModelError where the sizes of all outputs are known and the labels can be those of none."""
    if labels is not None and unfit(signature, labels):
        sizes = [f"`{spec.name}` has {_values(spec)}" for spec in signature.outputs]
        which = "the output " if len(sizes) == 1 else "the outputs have other numbers of classes: "
        raise ModelError(
            f"{_said(model, labels)}, but {which}{', '.join(sizes)}", hint=_hint(signature, labels), key="labels"
        )


def classified(model: Model, signature: Signature, labels: Sequence[str] | None) -> dict[str, Any] | None:
    """Return the output whose entries the labels name, and whether it has logits, as the loader's `classify` is told:
    `output` and `softmax`. None where there are no labels, or no single output of such sizes.

    Scores are [batch, labels] or [labels]; one score stands for the second of two labels. Raises ModelError where
    `classify` names an output that has none.
    """
    asked = model.classify
    if labels is None:
        if asked is not None:
            raise ModelError("`classify` needs `labels`", hint="Name the classes by `labels`.", key="classify")
        return None
    softmax = asked is not None and asked.softmax
    fitting = [spec.name for spec in signature.outputs if _scores(spec, len(labels))]
    if asked is not None and asked.output is not None:
        known = [spec.name for spec in signature.outputs]
        if asked.output not in known:
            raise ModelError(
                f"classify: the model has no output {asked.output!r}",
                hint=f"It has {', '.join(map(repr, known))}.",
                key="classify",
            )
        if asked.output not in fitting:
            spec = signature.outputs[known.index(asked.output)]
            raise ModelError(
                f"classify: the output {asked.output!r} ({_shape(spec)}) has no score for each of"
                f" {_counted(len(labels), 'label')}",
                hint="Scores are float32, [batch, labels].",
                key="classify",
            )
        return {"output": asked.output, "softmax": softmax}
    if len(fitting) == 1:
        return {"output": fitting[0], "softmax": softmax}
    if asked is None:
        return None
    found = "several outputs have" if fitting else "no output has"
    raise ModelError(
        f"classify: {found} a score for each of {_counted(len(labels), 'label')}",
        hint=f"Name one of them, as in {{ output: {fitting[0]} }}." if fitting else "Leave `classify` out.",
        key="classify",
    )


def _scores(spec: TensorSpec, count: int) -> bool:
    if spec.dtype != "float32" or spec.shape is None or not 1 <= len(spec.shape) <= 2:
        return False
    if len(spec.shape) == 2 and spec.shape[0] not in (None, 1):
        return False
    size = spec.shape[-1]
    return size == count or (size == 1 and count == 2 and len(spec.shape) == 2)


def _shape(spec: TensorSpec) -> str:
    shape = "of any rank" if spec.shape is None else str(list(spec.shape)).replace("None", "?")
    return f"{spec.dtype} {shape}"


def unfit(signature: Signature, labels: Sequence[str]) -> bool:
    """Whether the labels can be those of none of the outputs, all of whose sizes are known."""
    return all(_fits(spec, len(labels)) is False for spec in signature.outputs)


def label_notes(signature: Signature, labels: Sequence[str] | None) -> list[str]:
    """Return what is to be told of labels that no output has as many values as, though they need not be wrong."""
    if labels is None or unfit(signature, labels):
        return []
    if any(_size(spec) is None or _fits(spec, len(labels)) for spec in signature.outputs):
        return []
    shapes = ", ".join(f"`{spec.name}` {list(spec.shape or ())}".replace("None", "?") for spec in signature.outputs)
    return [f"there are {len(labels)} labels, and no output with as many values: {shapes}"]


def _fits(spec: TensorSpec, count: int) -> bool | None:
    """Whether an output may have `count` classes; None where its shape does not tell.

    Scores are [batch, classes], or, for each pixel, [batch, height, width, classes] or [batch, classes, height, width].
    One score stands for two classes. In other ranks there may be boxes beside the classes.
    """
    size = _size(spec)
    if size is None or spec.shape is None:
        return None
    rank = len(spec.shape)
    if size == count or (size == 1 and count == 2 and rank > 1):
        return True
    if rank == 2:
        return False
    if count in spec.shape[1:-1]:
        return True
    return False if rank == 4 and size < count + _BOX else None


def _size(spec: TensorSpec) -> int | None:
    """Return how many values an output's last axis has; None where that is not known, or where they are no scores: what
    is no float is the class itself."""
    return spec.shape[-1] if spec.dtype == "float32" and spec.shape else None


def _said(model: Model, labels: Sequence[str]) -> str:
    if isinstance(model.labels, Path):
        return f"{model.labels} has {_counted(len(labels), 'label')}"
    shown = ", ".join([*labels[:_SHOWN], *(["…"] if len(labels) > _SHOWN else [])])
    verb = "is" if len(labels) == 1 else "are"
    return f"there {verb} {_counted(len(labels), 'label')} ({shown})"


def _hint(signature: Signature, labels: Sequence[str]) -> str:
    hint = "Give one label for each class, in the order of the model's classes."
    if any(_size(spec) == len(labels) + 1 for spec in signature.outputs):
        hint += " The model's extra class may be the background, or everything else: mostly it is the first."
    return f"{hint} Labels of something else than classes can be `metadata`."


def _values(spec: TensorSpec) -> str:
    size = _size(spec)
    return "one value only" if size == 1 else _counted(size or 0, "class")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{'es' if noun.endswith('s') else 's'}"
