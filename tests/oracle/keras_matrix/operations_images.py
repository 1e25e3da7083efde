"""`keras.ops.image`."""

from functools import partial

import numpy as np

from tests.oracle.keras_matrix.suite import Fed, operation, real
from tests.oracle.samples import uniform

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
op("image.crop_images", _IMAGE, top_cropping=1, left_cropping=2, target_height=3, target_width=4)
op("image.pad_images", _IMAGE, top_padding=1, left_padding=2, target_height=9, target_width=10)
op("image.rgb_to_grayscale", _UNITS)
op("image.rgb_to_hsv", _UNITS)
op("image.hsv_to_rgb", _UNITS)
op("image.extract_patches", _IMAGE, (2, 3), strides=(2, 2))
op("image.extract_patches", _IMAGE, (3, 3), strides=1, padding="same", variant="same")
op("image.extract_patches_3d", real(None, 4, 4, 6, 2), (2, 2, 3))
op("image.sobel_edges", _IMAGE)
op("image.gaussian_blur", _IMAGE, kernel_size=(3, 3), sigma=(1.0, 0.7))
op("image.ssim", Fed((4, 12, 12, 2), uniform(0, 1)), Fed((4, 12, 12, 2), uniform(0, 1)), max_val=1.0)
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
op(
    "image.perspective_transform",
    Fed((4, 6, 6, 2), uniform(0, 1)),
    np.array([[[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.0, 5.0]]] * 4, "float32"),
    np.array([[[0.4, 0.3], [4.6, 0.2], [0.1, 4.7], [4.9, 4.8]]] * 4, "float32"),
)
op("image.scale_and_translate", real(6, 7), (9, 8), [1.4, 1.2], [0.3, -0.2], (0, 1), "linear")
op("image.elastic_transform", _IMAGE, alpha=5.0, sigma=2.0, seed=1)
