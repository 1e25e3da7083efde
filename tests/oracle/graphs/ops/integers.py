"""Integers where TensorFlow takes them and TensorFlow.js has a kernel of floats, or rounds to them: large ones too."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.ops.suite import SUITE, told

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_large = integers(2**24, 2**25, 2, 4, 6, 2)
_small = integers(-128, 127, 2, 4, 6, 2).typed("int8")

_PATCHES = {"ksizes": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "rates": [1, 1, 1, 1], "padding": "SAME"}
for variant, given in {
    "int32": _large,
    "int64": _large.typed("int64"),
    "uint8": integers(0, 255, 2, 4, 6, 2).typed("uint8"),
}.items():
    op(
        "ExtractImagePatches",
        lambda tf, images: tf.raw_ops.ExtractImagePatches(images=images, **_PATCHES),
        variant,
        images=given,
    )
op(
    "ExtractImagePatches",
    lambda tf, x: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
    "side-by-side",
    x=_large,
)
for pads in ("SAME", "VALID"):
    op(
        "ExtractImagePatches",
        lambda tf, x, pads=pads: tf.image.extract_patches(x, [1, 3, 2, 1], [1, 2, 1, 1], [1, 2, 2, 1], pads),
        f"free-{pads.lower()}",
        x=normal(2, 7, 6, 3).then(1, 9, 5, 3),
    )
op(
    "ExtractImagePatches",
    lambda tf, x: told(tf, tf.image.extract_patches(1.0 / x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "SAME")),
    "infinite",
    x=literal([[[[0.0], [1.0]], [[2.0], [-0.0]]]], [[[[4.0], [0.0]], [[2.0], [1.0]]]]),
)
for variant, given in {"int32": _large, "int8": _small}.items():
    for pads in ("SAME", "VALID"):
        raw(
            "MaxPool",
            {"ksize": [1, 2, 3, 1], "strides": [1, 2, 2, 1], "padding": pads},
            f"{variant}-{pads.lower()}",
            input=given,
        )
raw(
    "MaxPoolWithArgmax",
    {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"},
    "int32",
    input=integers(-99, 99, 2, 4, 6, 2),
)
raw(
    "Dilation2D",
    {"strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "SAME"},
    "int32",
    input=integers(-99, 99, 2, 4, 5, 2),
    filter=integers(-5, 5, 2, 2, 2).fixed(),
)
raw(
    "Conv2D",
    {"strides": [1, 1, 1, 1], "padding": "SAME"},
    "int32",
    input=integers(-99, 99, 2, 4, 5, 2),
    filter=integers(-5, 5, 2, 2, 2, 3).fixed(),
)
raw("DepthToSpace", {"block_size": 2}, "int32", input=integers(2**24, 2**25, 2, 2, 3, 8))
raw("DepthToSpace", {"block_size": 2}, "uint8", input=integers(0, 255, 2, 2, 3, 8).typed("uint8"))
raw("SpaceToDepth", {"block_size": 2}, "int32", input=_large)
for name in ("Abs", "Neg", "Sign", "Relu", "Relu6"):
    key = "features" if name.startswith("Relu") else "x"
    given = {key: integers(-(2**25), 2**25, 3, 5)}
    raw(name, variant="large-int32", given=given)
raw("Square", variant="large-int32", x=integers(-(2**15), 2**15, 3, 5))
raw("Square", variant="large-int64", x=integers(-(2**15), 2**15, 3, 5).typed("int64"))
for name in ("Cumsum", "Sum", "Max", "Min"):
    raw(name, {"axis": 1}, "large-int32", given={"x" if name == "Cumsum" else "input": integers(-(2**25), 2**25, 3, 5)})
raw(
    "SegmentSum",
    variant="large-int32",
    data=integers(2**24, 2**25, 4, 3),
    segment_ids=literal([0, 0, 1, 2], [0, 1, 1, 1]),
)
raw(
    "UnsortedSegmentSum",
    {"num_segments": 3},
    "large-int64",
    data=integers(2**24, 2**25, 4, 3).typed("int64"),
    segment_ids=literal([2, 0, -1, 2], [0, 1, 1, 1]),
)
raw("TopKV2", {"k": 2}, "large-int32", input=integers(2**24, 2**25, 3, 6))
raw("MirrorPad", {"paddings": [[0, 0], [1, 1]], "mode": "REFLECT"}, "large-int32", input=integers(2**24, 2**25, 3, 4))
raw(
    "ReverseSequence",
    {"seq_lengths": [1, 3], "seq_dim": 1, "batch_dim": 0},
    "int32",
    input=integers(2**24, 2**25, 2, 4).fixed(),
)
raw(
    "ClipByValue",
    {"clip_value_min": -(2**24) - 1, "clip_value_max": 2**24 + 1},
    "large-int32",
    t=integers(-(2**25), 2**25, 3, 5),
)
for name in ("Sum", "Prod", "Cumsum", "Cumprod"):
    key = "x" if name.startswith("Cum") else "input"
    op(
        name,
        lambda tf, name=name, **given: tf.cast(getattr(tf.raw_ops, name)(**given, axis=1), tf.int32),
        "wrapping-uint8",
        given={key: integers(0, 255, 3, 4).typed("uint8")},
    )
    op(
        name,
        lambda tf, name=name, **given: tf.cast(getattr(tf.raw_ops, name)(**given, axis=1), tf.int32),
        "wrapping-int8",
        given={key: integers(-128, 127, 3, 2).typed("int8")},
    )
op(
    "AddN",
    lambda tf, x: tf.cast(tf.raw_ops.AddN(inputs=[x, x, x]), tf.int32),
    "wrapping-int8",
    x=integers(-128, 127, 3, 4).typed("int8"),
)
op(
    "Pow",
    lambda tf, x: tf.cast(tf.pow(x, tf.cast(3, x.dtype)), tf.int32),
    "wrapping-int8",
    x=integers(-128, 127, 3, 4).typed("int8"),
)
