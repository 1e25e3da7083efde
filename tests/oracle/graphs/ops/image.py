"""Resizing, cropping and transforming images."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import boxes, integers, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_image = normal(2, 5, 6, 3)

for name in ("ResizeBilinear", "ResizeNearestNeighbor"):
    for variant, attrs in {
        "plain": {},
        "align-corners": {"align_corners": True},
        "half-pixel-centers": {"half_pixel_centers": True},
    }.items():
        raw(name, {**attrs, "size": [9, 11]}, f"{variant}-larger", images=_image)
        raw(name, {**attrs, "size": [3, 4]}, f"{variant}-smaller", images=_image)
    raw(name, {"size": [10, 12], "half_pixel_centers": True}, "twice", images=_image)
    raw(name, {"half_pixel_centers": True}, "size-given", images=_image, size=literal([7, 8], [3, 10]))
    raw(name, {"size": [7, 8], "half_pixel_centers": True}, "uint8", images=integers(0, 255, 2, 5, 6, 3).typed("uint8"))
    raw(name, {"size": [7, 8], "half_pixel_centers": True}, "free-size", images=_image.then(1, 9, 4, 3))
op("ResizeBilinear", lambda tf, x: tf.image.resize(x, [8, 8]), "tf-image", x=uniform(0, 255, 2, 5, 6, 3))
op(
    "ResizeBilinear",
    lambda tf, x: tf.image.resize(x, [8, 8]),
    "tf-image-of-bytes",
    x=integers(0, 255, 2, 5, 6, 3).typed("uint8"),
)
for variant, size in {"larger": [14, 17], "smaller": [4, 5]}.items():
    for kind in ({}, {"half_pixel_centers": True}, {"align_corners": True}):
        name = "-".join([*(key.replace("_", "-") for key in kind), variant])
        raw("ResizeBicubic", {"size": size, **kind}, name, images=_image)
    raw("ResizeArea", {"size": size}, variant, images=_image)
    raw("ResizeArea", {"size": size, "align_corners": True}, f"align-corners-{variant}", images=_image)
    for method in ("bilinear", "bicubic", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"):
        op(
            "ScaleAndTranslate",
            lambda tf, x, size=size, method=method: tf.image.resize(x, size, method, antialias=True),
            f"{method}-{variant}",
            x=_image,
        )
raw(
    "ScaleAndTranslate",
    {"size": [6, 6], "scale": [1.5, 0.7], "translation": [-2.0, 1.5], "kernel_type": "lanczos1", "antialias": False},
    "moved",
    images=_image,
)
raw(
    "ScaleAndTranslate",
    {"size": [4, 9], "scale": [0.4, 1.2], "translation": [0.3, 0.0], "kernel_type": "box"},
    "box",
    images=_image,
)
raw("ResizeArea", {"size": [8, 8]}, "of-bytes", images=integers(0, 255, 2, 5, 6, 3).typed("uint8"))
op(
    "ResizeBicubic",
    lambda tf, x: tf.image.resize(x, [8, 8], "bicubic"),
    "free-size",
    x=uniform(0, 1, 1, 6, 7, 3).then(1, 5, 8, 3),
    refused=("ResizeBicubic", "sizes are known"),
)

_crops = {"image": normal(2, 8, 9, 3), "boxes": boxes(4).fixed(), "box_ind": integers(0, 1, 4)}
raw("CropAndResize", {"crop_size": [5, 4]}, **_crops)
raw("CropAndResize", {"crop_size": [5, 4], "method": "nearest"}, "nearest", **_crops)
raw("CropAndResize", {"crop_size": [1, 1]}, "to-a-point", **_crops)
raw(
    "CropAndResize",
    {"crop_size": [5, 4], "extrapolation_value": -3.0},
    "outside",
    image=_crops["image"],
    boxes=uniform(-0.5, 1.5, 4, 4).fixed(),
    box_ind=_crops["box_ind"],
)
raw(
    "CropAndResize",
    {"crop_size": [5, 4]},
    "uint8",
    image=integers(0, 255, 2, 8, 9, 3).typed("uint8"),
    boxes=boxes(4),
    box_ind=integers(0, 1, 4),
)

_turned = literal(
    [[0.9, -0.3, 1.0, 0.3, 0.9, -1.0, 0.0, 0.0]],
    [[0.7, 0.6, -1.0, -0.6, 0.8, 3.0, 0.01, -0.005]],
)
for interpolation in ("NEAREST", "BILINEAR"):
    for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
        raw(
            "ImageProjectiveTransformV3",
            {"output_shape": [6, 7], "fill_value": 0.5, "interpolation": interpolation, "fill_mode": mode},
            f"{interpolation}-{mode}".lower(),
            images=normal(1, 6, 7, 2),
            transforms=_turned,
        )

raw(
    "ImageProjectiveTransformV2",
    {"output_shape": [6, 7], "interpolation": "BILINEAR", "fill_mode": "REFLECT"},
    images=normal(1, 6, 7, 2),
    transforms=_turned,
)

_lrn = normal(2, 4, 5, 9)
raw("LRN", input=_lrn)
raw("LRN", {"depth_radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.75}, "settings", input=_lrn)
