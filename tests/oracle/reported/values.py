"""Ops that gave other numbers for some ranks, dtypes, sizes or values, or that hid what comes after them."""

from tests.oracle.graphs.given import held, integers, literal, normal, uniform, weight
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case

_INFINITY = float("inf")


@case("function", x=normal(2, 3).fixed())
def diagonals_of_high_rank(tf, x):
    """Diag of a matrix has rank 4, DiagPart of rank 4 is a matrix: they are not MatrixDiag and MatrixDiagPart."""
    square = tf.reshape(tf.range(36.0), [2, 3, 2, 3]) * x[0, 0]
    return {"d": tf.raw_ops.Diag(diagonal=x), "p": tf.raw_ops.DiagPart(input=square)}


@case("function", x=integers(0, 199, 1, 4, 6, 2).fixed())
def patches_of_integers(tf, x):
    """ExtractImagePatches of integers: TensorFlow.js does it with a convolution, which takes floats only."""
    return {"y": tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")}


@case("function", same=("hi", "lo", "r"), x=normal(2, 3).fixed())
def extremes_of_nothing(tf, x):
    """The largest of no numbers is minus infinity, the smallest plus infinity; a reshape of nothing."""
    nothing = x[:, :0]
    return {
        "hi": tf.reduce_max(nothing, 1),
        "lo": tf.reduce_min(nothing, 1),
        "r": tf.reshape(nothing, [2, 0, 4]),
        "x": x * 2.0,
    }


@case(
    "function",
    x=literal([[_INFINITY, 2, 3], [-_INFINITY, 1, 0]], [[1, 2, 3], [0, 4, 2]]).free(0),
    t=literal([1, 1], [2, 1]).free(0),
)
def top_of_infinities(tf, x, t):
    """in_top_k where scores are infinite, as masked logits are: nothing is among the top of such a row."""
    return {"y": tf.math.in_top_k(t, x, 1)}


@case("function", x=uniform(0, 1, 1, 8, 8, 3).fixed(), kernel=weight(3, 3, 3, 4))
def hue_before_convolution(tf, x, kernel):
    """Colours are changed (rgb_to_hsv), then convolved: the number of channels is known."""
    return {"y": tf.nn.conv2d(tf.image.rgb_to_hsv(x), kernel, 1, "SAME")}


def _of_whole_numbers(tf, x, kernel, bias):
    """A quantized model's integers, quantized once more: none is rounded."""
    return {"y": x @ kernel + bias}


for _dtype, _largest in (("uint8", 127), ("uint16", 30000), ("float16", 30000)):
    case(
        "function",
        name=f"whole_numbers_as_{_dtype}",
        options={"quantize": _dtype},
        x=normal(2, 9),
        kernel=held(integers(-_largest, _largest, 9, 6).typed("float32")),
        bias=weight(6),
    )(_of_whole_numbers)
