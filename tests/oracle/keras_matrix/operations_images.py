"""`keras.ops.image`."""

from functools import partial

import numpy as np

from tests.oracle.keras_matrix.suite import Fed, operation, real, whole
from tests.oracle.samples import any_of, uniform

op = partial(operation, family="operations_images")

_IMAGE = real(None, 6, 7, 3)
_TRANSFORM = np.array([[1.1, 0.2, -0.6, -0.1, 0.9, 0.4, 0.0, 0.0]] * 4, "float32")
_UNITS = Fed((None, 6, 7, 3), uniform(0, 1))

for _way in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
    op("image.resize", _IMAGE, (9, 5), interpolation=_way, variant=_way)
op("image.resize", _IMAGE, (4, 5), antialias=True, variant="antialias")
op("image.resize", _IMAGE, (4, 4), crop_to_aspect_ratio=True, variant="cropped")
op("image.resize", _IMAGE, (9, 9), pad_to_aspect_ratio=True, variant="padded")
op("image.resize", real(6, 7, 3), (9, 5), variant="single")
op("image.resize", whole(0, 256, None, 6, 8, 3), (9, 12), variant="integers")
op("image.resize", whole(0, 256, None, 16, 8, 3), (8, 4), variant="halved_integers")
op("image.resize", whole(0, 256, None, 6, 8, 3), (9, 12), interpolation="bicubic", variant="bicubic_integers")
op("image.crop_images", _IMAGE, top_cropping=1, left_cropping=2, target_height=3, target_width=4)
op("image.pad_images", _IMAGE, top_padding=1, left_padding=2, target_height=9, target_width=10)
op("image.rgb_to_grayscale", _UNITS)
op("image.rgb_to_hsv", _UNITS)
op("image.hsv_to_rgb", _UNITS)
op("image.extract_patches", _IMAGE, (2, 3), strides=(2, 2))
op("image.extract_patches", _IMAGE, (3, 3), strides=1, padding="same", variant="same")
op("image.extract_patches", real(6, 7, 3), (2, 3), variant="single")
op("image.extract_patches_3d", real(None, 4, 4, 6, 2), (2, 2, 3))
op("image.extract_patches_3d", real(None, 5, 4, 6, 2), (2, 3, 3), strides=(2, 1, 2), padding="same", variant="same")
op("image.extract_patches_3d", real(5, 4, 6, 2), 2, strides=1, dilation_rate=2, variant="single")
op(
    "image.extract_patches_3d",
    real(None, 2, 4, 4, 6),
    (2, 2, 3),
    data_format="channels_first",
    variant="channels_first",
)
op("image.sobel_edges", _IMAGE)
op("image.gaussian_blur", _IMAGE, kernel_size=(3, 3), sigma=(1.0, 0.7))
op("image.ssim", Fed((4, 12, 12, 2), uniform(0, 1)), Fed((4, 12, 12, 2), uniform(0, 1)), max_val=1.0)
op("image.ssim", *[Fed((12, 13, 2), uniform(0, 255))] * 2, max_val=255.0, filter_size=5, variant="single")
op(
    "image.ssim",
    *[Fed((4, 3, 9, 12), uniform(0, 1))] * 2,
    filter_size=7,
    filter_sigma=0.8,
    k1=0.1,
    k2=0.2,
    data_format="channels_first",
    variant="channels_first",
)
for _fill in ("constant", "nearest", "reflect", "wrap"):
    for _way in ("nearest", "bilinear"):
        op(
            "image.affine_transform",
            _IMAGE,
            _TRANSFORM,
            interpolation=_way,
            fill_mode=_fill,
            variant=f"{_fill}_{_way}",
        )
op("image.map_coordinates", real(6, 7), Fed((2, 5), uniform(0, 5)), order=1)
op("image.map_coordinates", real(6, 7), Fed((2, 5), uniform(0, 5)), order=0, variant="nearest")
op(
    "image.map_coordinates",
    real(6, 7),
    Fed((2, 5), uniform(-2, 8)),
    order=1,
    fill_mode="reflect",
    variant="reflect",
)
_FAR = Fed((2, 60), uniform(-12, 19))  # So many that some lie within the image.
for _fill in ("constant", "nearest", "reflect", "wrap"):
    op("image.map_coordinates", real(6, 7), _FAR, order=1, fill_mode=_fill, fill_value=0.3, variant=f"{_fill}_far")
    op("image.map_coordinates", real(6, 7), _FAR, order=0, fill_mode=_fill, fill_value=0.3, variant=f"{_fill}_far_0")
# What lies as far out as an axis is long, Keras mirrors to a place outside.
_MIRRORED = Fed((2, 9), any_of([-5.0, -3.25, 0.4, 2.75, 4.5]))
op("image.map_coordinates", real(6, 7), _MIRRORED, order=1, fill_mode="mirror", variant="mirror")
_MIRRORED = Fed((2, 9), any_of([-8.0, -3.25, 0.4, 2.75, 10.3]))
op("image.map_coordinates", real(6, 7), _MIRRORED, order=0, fill_mode="mirror", variant="mirror_0")
op("image.map_coordinates", real(4, 5, 3), Fed((3, 2, 6), uniform(0, 3)), order=1, variant="volume")
op("image.map_coordinates", whole(0, 200, 6, 7), Fed((2, 9), uniform(-1, 6)), order=1, variant="integers")
op(
    "image.perspective_transform",
    Fed((3, 6, 8), uniform(0, 1)),
    np.array([[0.0, 0.0], [7.0, 0.0], [0.0, 5.0], [7.0, 5.0]], "float32"),
    np.array([[1.4, 0.3], [5.6, 0.2], [0.1, 4.7], [6.9, 3.8]], "float32"),
    interpolation="nearest",
    fill_value=0.4,
    data_format="channels_first",
    variant="single",
)
op(
    "image.perspective_transform",
    Fed((4, 6, 6, 2), uniform(0, 1)),
    np.array([[[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.0, 5.0]]] * 4, "float32"),
    np.array([[[0.4, 0.3], [4.6, 0.2], [0.1, 4.7], [4.9, 4.8]]] * 4, "float32"),
)
op("image.scale_and_translate", real(6, 7), (9, 8), [1.4, 1.2], [0.3, -0.2], (0, 1), "linear")
_CORNERS = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 5.0], [6.0, 5.0]])
_NEAR_CORNERS = Fed((4, 4, 2), lambda rng, shape: _CORNERS + rng.uniform(-0.9, 0.9, shape))
op("image.perspective_transform", Fed((4, 6, 7, 2), uniform(0, 1)), *[_NEAR_CORNERS] * 2, variant="of_tensors")
op("image.affine_transform", real(6, 7, 3), _TRANSFORM[0], variant="single")
for _way in ("cubic", "lanczos3", "lanczos5"):
    _settings = (0, 1), _way
    op("image.scale_and_translate", real(6, 7), (9, 8), [1.4, 1.2], [0.3, -0.2], *_settings, variant=_way)
    op("image.scale_and_translate", real(9, 8), (5, 8), [0.6, 1.0], [-0.3, 1.2], *_settings, variant=f"{_way}_smaller")
op(
    "image.scale_and_translate",
    _IMAGE,
    (4, 4, 5, 3),
    [0.7, 0.6],
    [0.5, -0.4],
    (1, 2),
    "bilinear",
    antialias=False,
    variant="aliased",
)
_FACTORS, _SHIFTS = Fed((2,), uniform(0.5, 2.0)), Fed((2,), uniform(-1, 1))
op("image.scale_and_translate", real(6, 7), (9, 8), _FACTORS, _SHIFTS, (0, 1), "linear", variant="of_tensors")
op("image.elastic_transform", _IMAGE, alpha=5.0, sigma=2.0, seed=1)
