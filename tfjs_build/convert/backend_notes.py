"""What single backends cannot do of a model, or do otherwise with some of what it is fed, in sentences: notes, or a
refusal where the site runs on a backend that cannot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tfjs_build.errors import RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Caution, Limit, ModelArtifacts

_HOW = {
    "no kernel": "has no kernel for {ops}",
    "throws": "cannot run {ops} as this model has it",
    "wrong": "gives wrong numbers for {ops} as this model has it",
}


def told(artifacts: ModelArtifacts, backends: Sequence[str] | None, *, rare: bool = False) -> list[str]:
    """Return a note for each backend and kind of fault, and for each caution, the `rare` ones too if asked for; where
    `backends` are declared, others do not count.

    Raises RefusedError where one of the declared backends cannot run the model right.
    """
    cautions = [each for each in artifacts.cautions if rare or not each.rare]
    return [*_limits(artifacts.limits, backends), *_cautions(cautions, backends)]


def _cautions(cautions: Iterable[Caution], backends: Sequence[str] | None) -> list[str]:
    counted = [
        (caution.text, [each for each in caution.backends if backends is None or each in backends])
        for caution in cautions
    ]
    return [f"On {' and '.join(concerned)}, {text}" for text, concerned in counted if concerned]


def _limits(limits: Iterable[Limit], backends: Sequence[str] | None) -> list[str]:
    counted = [limit for limit in limits if backends is None or limit.backend in backends]
    sentences = _sentences(counted)
    if backends is None or not sentences:
        return [f"{sentence}: use another backend." for sentence in sentences]
    faulty = list(dict.fromkeys(limit.backend for limit in counted))
    raise RefusedError(
        "; ".join([sentences[0], *(f"t{sentence[1:]}" for sentence in sentences[1:])]),
        hint=f"{_way_out(faulty, [each for each in backends if each not in faulty])}, or replace the layer.",
        key="backends",
    )


def _way_out(faulty: Sequence[str], others: Sequence[str]) -> str:
    if not others:
        return "Name a backend that can run it in `backends`"
    return f"Take {' and '.join(faulty)} out of `backends` and run this model on {' or '.join(others)}"


def _sentences(limits: Iterable[Limit]) -> list[str]:
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for limit in limits:
        grouped[limit.backend, limit.how].append(f"{limit.op} ({limit.places})")
    return [
        f"The {backend} backend of TensorFlow.js {_HOW[how].format(ops=', '.join(ops))}"
        for (backend, how), ops in grouped.items()
    ]
