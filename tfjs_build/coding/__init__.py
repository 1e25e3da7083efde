"""What a coding of the weights costs in the outputs, and which codings cost least.

1. `trial.py` runs the published graph in NumPy, with its own weights and with others, and compares.
2. `candidates.py` has the ways to store a weight, with the noise that each adds to it.
3. `choice.py` orders them: which weight is worth more bits first.
4. `compensation.py` rounds kernels so that the errors cancel; `equalized.py` moves scales between layers.
5. `plan.py` has the codings that were asked for, `automatic.py` those that are chosen.
6. `coded.py` puts it together for a model and its `quantize`.
7. `inputs.py` has the samples for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.convert import quantize

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature
    from tfjs_build.convert.quantize import Encoded
    from tfjs_build.model import Model


def encoded(
    model: Model,
    artifacts: ModelArtifacts,
    signature: Signature,
    pixels: Mapping[str, Mapping[str, Any]],
    notes: list[str],
    progress: Callable[[float], None],
) -> tuple[Sequence[Encoded], Callable[[int | None], str] | None]:
    """Return the weights of a model as they are written, and what says what quantization saves and costs, of how many
    bytes they are once compressed (None: they are not); None where nothing is quantized. Adds to `notes` what did not
    work out.

    `signature` has the names that are shown, `pixels` says by input how pictures become it. Raises ModelError.
    """
    asked = quantize.choose(model.quantize, artifacts.weights)
    if not model.quantize:
        return [quantize.encode(weight, None, notes) for weight in artifacts.weights], None
    from tfjs_build.coding.coded import coded, told
    from tfjs_build.coding.inputs import samples_for

    def samples(count: int) -> Sequence[Mapping[str, Any]]:
        return samples_for(model, artifacts, signature, pixels, count)

    result = coded(artifacts, asked, model.quantize.auto, signature, samples, notes, progress)
    hint = "" if model.quantize.auto else ": `quantize: auto` keeps what depends on it in more bits"
    return result.weights, lambda wire: told(result.cost, result.weights, model.warn_error, wire, hint)
