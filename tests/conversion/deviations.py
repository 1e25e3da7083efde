"""What kernels of TensorFlow.js give otherwise for NaN, infinities, huge numbers and nothing.

`CAUSES` says it kernel by kernel; deviations.json has what was measured: the odd samples in which a case deviates. A
test fails where a case deviates in another sample than those, or no longer in one of them, or where none of the causes
is in what it publishes. `python -m tests.conversion.deviations` measures anew, and writes the list.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.odd import EMPTY, EMPTY_SIZES, HUGE, INFINITY, LIMITS, NAN

MEASURED = Path(__file__).with_name("deviations.json")

Listed = Mapping[str, Mapping[str, Mapping[str, frozenset[str]]]]
"""By suite, backend and kind: the cases that deviate."""


@dataclass(frozen=True)
class Cause:
    """What the kernels of some `ops` do on some backends with odd values of some kinds: ops of a published graph, or
    what stands in its source where several stand for one: ops, layers, functions (`ops.fft`), networks of tests."""

    ops: tuple[str, ...]
    backends: tuple[str, ...]
    kinds: tuple[str, ...]
    text: str


CPU, WASM = ("cpu",), ("wasm",)
BOTH = ("cpu", "wasm")
NOTHING = (EMPTY, EMPTY_SIZES)
FLOATS = (NAN, INFINITY, HUGE)

_FUSED = ("_FusedConv2D", "FusedDepthwiseConv2dNative", "_FusedMatMul")
_CONVOLUTIONS = ("Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput")
_PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
_SUPPRESSIONS = ("NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5")
_ALONG = (*("Sum", "Mean", "Prod", "Max", "Min", "All", "Any", "ArgMax", "ArgMin", "Cumsum", "Cumprod"), "Softmax")
_TRANSFORMS = ("ImageProjectiveTransformV2", "ImageProjectiveTransformV3", "ops.image.perspective_transform")
_COLOURS = ("RGBToHSV", "HSVToRGB", "AdjustHue", "AdjustSaturation", "ops.image.rgb_to_hsv")
_RESIZINGS = (
    *("ResizeBicubic", "ResizeArea", "ScaleAndTranslate", "Resizing", "UpSampling2D", "ops.image.resize"),
    "tf_image_resize_bicubic",
)
_SEGMENTS = ("ops.segment_max", "ops.segment_min", "UnsortedSegmentMax", "UnsortedSegmentMin")
_SPECTRA = (
    *("ops.fft", "ops.fft2", "ops.ifft2", "ops.rfft", "ops.irfft"),
    *(f"{op}{axes}" for op in ("FFT", "IFFT", "RFFT", "IRFFT") for axes in ("", "2D", "3D")),
)

CAUSES: tuple[Cause, ...] = (
    # NaN and infinities in kernels of TensorFlow.js
    Cause(_FUSED, WASM, FLOATS, "NaN becomes 0 behind a fused Relu or Relu6"),
    Cause((*_CONVOLUTIONS, *_FUSED), WASM, FLOATS, "NaN, also that of ∞ − ∞, can become −∞"),
    Cause(_CONVOLUTIONS, CPU, (NAN, INFINITY), "NaN and infinities of a kernel do not meet the zeros of the padding"),
    Cause(("PadV2",), WASM, (NAN,), "a padding of NaN is another number"),
    Cause(("Relu6", "ClipByValue"), WASM, FLOATS, "NaN becomes the lower bound"),
    Cause(("ClipByValue",), BOTH, (NAN,), "a bound that is NaN is an error, or makes all NaN"),
    Cause(("Maximum", "Minimum"), WASM, FLOATS, "NaN in the second input is overlooked"),
    Cause(
        ("MaxPool",), BOTH, (NAN, INFINITY), "NaN is overlooked on cpu and becomes −∞ on wasm; TensorFlow may keep it"
    ),
    Cause(("AvgPool",), WASM, FLOATS, "NaN becomes −∞, and digits are lost beside huge numbers"),
    Cause(("TopKV2",), BOTH, (NAN,), "NaN is no larger than other numbers; in TensorFlow its place is another"),
    Cause(("TopKV2",), CPU, (INFINITY,), "infinities mislead the selection: other numbers are taken"),
    Cause(("ArgMax", "ArgMin"), BOTH, (NAN,), "NaN is passed over, or stays if it is the first; not so in TensorFlow"),
    Cause(_SUPPRESSIONS, BOTH, (NAN,), "boxes and scores of NaN are compared otherwise"),
    Cause(("Unique", "UniqueV2", "ListDiff"), BOTH, (NAN,), "NaN is the same as NaN"),
    Cause(("LowerBound", "UpperBound"), CPU, (NAN,), "NaN is looked up otherwise"),
    Cause(("FloorMod",), BOTH, (INFINITY, HUGE), "an infinite or huge divisor gives NaN or 0"),
    Cause(("Pow",), BOTH, (INFINITY,), "(−∞)^½ is ∞, where TensorFlow takes a root, which is NaN"),
    Cause(("LRN",), CPU, FLOATS, "a window's sum is that of all before less what has left it: NaN stays"),
    Cause(("LRN",), WASM, FLOATS, "NaN, and what overflows, come out as small numbers"),
    Cause(("LinSpace",), BOTH, (INFINITY,), "an end that is infinite is NaN"),
    Cause(("Relu",), WASM, (NAN,), "NaN can become 0"),
    Cause(("ResizeBilinear",), BOTH, (NAN, INFINITY), "numbers beside infinite ones are mixed with 0 of them: NaN"),
    Cause(("Sign",), WASM, (HUGE,), "the sign of the tiniest numbers is 0"),
    Cause(("Sin", "Cos"), WASM, (HUGE,), "huge angles lose their place on the circle"),
    Cause(_PRODUCTS, BOTH, (HUGE,), "sums overflow in another order, and on cpu in float64 only"),
    Cause(("Prod", "Cumprod"), BOTH, (HUGE,), "products over- and underflow on the way in another order"),
    Cause(("Cast",), BOTH, FLOATS, "what no integer holds becomes another number, or another place"),
    Cause(("Complex",), CPU, (HUGE,), "float64 in between: what overflows there in float32 does not"),
    Cause(("Sum", "Mean"), BOTH, (HUGE,), "numbers beside huge ones are lost in another order"),
    # integers
    Cause(("FloorDiv",), BOTH, (LIMITS,), "integers beyond 2²⁴ go through floats"),
    Cause(("Mul", "Square", "SquaredDifference"), CPU, (LIMITS,), "products beyond 2⁵³ lose their last digits"),
    Cause(("Sum", "Mean"), BOTH, (LIMITS,), "sums do not wrap around"),
    # several ops for one
    Cause(
        ("MaxPoolWithArgmax",), BOTH, FLOATS, "places are found after the lowest number is taken off: digits are lost"
    ),
    Cause(("Dilation2D",), BOTH, FLOATS, "the lowest number is taken off before: one NaN or infinity is everywhere"),
    Cause(("MaxPool3D",), BOTH, (NAN,), "NaN is overlooked on cpu and becomes −∞ on wasm; TensorFlow may keep it"),
    Cause(("TruncateMod", "ops.fmod"), BOTH, (HUGE,), "a quotient that float32 does not hold gives another rest"),
    Cause(_COLOURS, BOTH, FLOATS, "colours of such numbers are others"),
    Cause(_RESIZINGS, BOTH, FLOATS, "is a product with a matrix: 0 · ∞ is NaN all along"),
    Cause(_SPECTRA, BOTH, (NAN, INFINITY), "is a product with a matrix: 0 · ∞ is NaN all along"),
    Cause(("RFFT",), BOTH, (HUGE,), "squares of the parts are infinite where the absolute value is not"),
    Cause(
        ("FusedBatchNormV3", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "RNN"),
        BOTH,
        (NAN, INFINITY),
        "recurrent layers side by side have a kernel with blocks of zeros: 0 · ∞ is NaN",
    ),
    Cause(
        ("LocallyConnected1D", "LocallyConnected2D"),
        BOTH,
        (NAN, INFINITY),
        "its implementations 2 and 3 are products with a matrix of many zeros: 0 · ∞ is NaN",
    ),
    Cause(("RandomFourierFeatures",), CPU, (HUGE,), "the place of huge angles on the circle hangs on the last digit"),
    Cause(
        ("ops.image.extract_patches", "ops.image.extract_patches_3d"),
        BOTH,
        (NAN, INFINITY),
        "Keras takes patches by a convolution, in which 0 · ∞ spreads; here they are picked",
    ),
    Cause(("ops.layer_normalization",), BOTH, (INFINITY,), "∞ − ∞ arises in other places"),
    Cause(
        _SEGMENTS,
        BOTH,
        (NAN,),
        "a segment with NaN among its numbers is NaN; TensorFlow passes it over",
    ),
    Cause(_SEGMENTS, BOTH, (HUGE,), "a segment of numbers beyond 10²⁰ is one of none"),
    Cause(("ops.geomspace",), BOTH, FLOATS, "Keras spreads the signs along the first axis, whichever is asked for"),
    Cause(
        ("int8_dense", "int4_dense", "int4_in_blocks_dense"),
        BOTH,
        FLOATS,
        "quantized layers: scales of infinite and huge numbers, in another order",
    ),
    Cause(_TRANSFORMS, BOTH, FLOATS, "corners with no weight count, too: 0 · ∞ is NaN"),
    # nothing
    Cause(
        ("Conv2DBackpropInput", "Conv3DBackpropInputV2"),
        BOTH,
        (NAN, INFINITY),
        "is a convolution whose kernel has zeros besides, where wasm counts: 0 · ∞ is NaN",
    ),
    Cause(
        ("MultiHeadAttention", "ops.dot_product_attention"),
        BOTH,
        (NAN, INFINITY),
        "a few heads are products with what is zero beside each head: 0 · ∞ is NaN",
    ),
    Cause(("Transpose",), WASM, NOTHING, "traps, which is an error"),
    Cause(_PRODUCTS, BOTH, NOTHING, "stacks of which one is spread over none are an error"),
    Cause(("Gather", "GatherV2"), WASM, NOTHING, "what is gathered from nothing has another shape, of no entries"),
    Cause(("SelectV2",), BOTH, NOTHING, "one row spread over none stays one row"),
    Cause(_ALONG, WASM, NOTHING, "traps where its axes are not the last, which is an error"),
    Cause(("Mean",), BOTH, NOTHING, "of nothing, where not even the rank is known: 0, or what stands in wasm's memory"),
    Cause(("FFT", "IFFT", "RFFT", "IRFFT"), CPU, NOTHING, "spectra of nothing are an error"),
    Cause(("ConcatV2",), CPU, NOTHING, "what is joined from nothing cannot be sliced, which is an error"),
    Cause(("TensorListStack",), BOTH, NOTHING, "a list of nothing cannot be stacked, which is an error"),
    Cause(("Reshape",), BOTH, NOTHING, "no size is found for −1, which is an error"),
    Cause(("GatherNd", "Where"), BOTH, NOTHING, "entries of nothing cannot be picked, which is an error"),
)


def read() -> Listed:
    """Return the list of what deviates."""
    document = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {
        suite: {
            backend: {kind: frozenset(cases) for kind, cases in kinds.items()} for backend, kinds in backends.items()
        }
        for suite, backends in document.items()
    }


LISTED = read()


def listed(suite: str, case: str, backend: str, among: Listed = LISTED) -> set[str]:
    """Return the odd samples for which a case is known to deviate on a backend."""
    return {kind for kind, cases in among.get(suite, {}).get(backend, {}).items() if case in cases}


def causes_of(ops: Set[str], backend: str, kind: str, among: Iterable[Cause] = CAUSES) -> list[Cause]:
    """Return what may be the cause of a deviation in a graph of these ops."""
    return [each for each in among if ops & {*each.ops} and backend in each.backends and kind in each.kinds]


def assert_deviates_as_listed(suite: str, case: str, backend: str, odd: Mapping[str, str], ops: Set[str]) -> None:
    """Fail where a case deviates in other odd samples than those listed, or its `ops` have no cause for one of them."""
    expected = {kind: odd.get(kind, "as its source") for kind in listed(suite, case, backend)}
    assert {**odd} == expected
    assert [kind for kind in expected if not causes_of(ops, backend, kind)] == [], f"none of {ops} is known for it"


def main(*suites: str) -> None:
    """Run the suites, or `suites` of them, write the list, and print what no cause explains."""
    from tests.conversion.graphs import MODELS, OPS
    from tests.conversion.keras_cases import SUITES

    document: dict[str, dict[str, dict[str, list[str]]]] = json.loads(MEASURED.read_text(encoding="utf-8"))
    for suite in suites or (OPS, MODELS, *SUITES):
        document.pop(suite, None)
        for case, backend, odd, ops in _keras(suite) if suite in SUITES else _graphs(suite):
            for kind, problem in odd.items():
                document.setdefault(suite, {}).setdefault(backend, {}).setdefault(kind, []).append(case)
                if not causes_of(ops, backend, kind):
                    sys.stdout.write(f"{suite} {case}, {kind} on {backend}: {problem}\n  {' '.join(sorted(ops))}\n")
    for backends in document.values():
        for kinds in backends.values():
            for cases in kinds.values():
                cases.sort()
    MEASURED.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


Measured = Iterator[tuple[str, str, Mapping[str, str], set[str]]]
"""A case, a backend, what is wrong with its odd samples there, by kind, and the ops that may be the cause."""


def _graphs(suite: str) -> Measured:
    from tests.conversion.graphs import graph_cases, run_graphs

    run = run_graphs(suite, graph_cases(suite).values())
    for backend, verdicts in run.verdicts.items():
        for case, verdict in verdicts.items():
            if verdict.odd:
                yield case, backend, verdict.odd, run.ops(case)


def _keras(suite: str) -> Measured:
    from tests.conversion.keras_cases import graph_cases, ops, run_graphs
    from tests.conversion.oracle import files

    cases, of = [case for case in graph_cases() if case.suite == suite], files(suite)
    outcomes = run_graphs(cases)
    for case in cases:
        outcome = outcomes[str(case)]
        for backend, verdict in outcome.verdicts.items():
            if verdict.odd:
                yield case.plan.case, backend, verdict.odd, ops(case, outcome, of[case.plan.case])


if __name__ == "__main__":
    main(*sys.argv[1:])
