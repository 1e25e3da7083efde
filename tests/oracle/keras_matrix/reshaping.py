"""Layers that move numbers about: cropping, padding, upsampling, resizing, reshaping."""

from tests.oracle.keras_matrix.suite import layer
from tests.oracle.samples import normal

_FIRST = "channels_first"

layer("zero_padding1d_plain", (5, 3), lambda layers: layers.ZeroPadding1D())
layer("zero_padding1d_uneven", (5, 3), lambda layers: layers.ZeroPadding1D((0, 3)))
layer("zero_padding2d_plain", (4, 5, 2), lambda layers: layers.ZeroPadding2D())
layer("zero_padding2d_uneven", (4, 5, 2), lambda layers: layers.ZeroPadding2D(((1, 0), (2, 3))))
layer("zero_padding2d_symmetric", (4, 5, 2), lambda layers: layers.ZeroPadding2D((2, 1)))
layer("zero_padding2d_first", (2, 4, 5), lambda layers: layers.ZeroPadding2D(((1, 0), (2, 3)), data_format=_FIRST))
layer("zero_padding3d_plain", (3, 4, 2, 2), lambda layers: layers.ZeroPadding3D())
layer("zero_padding3d_uneven", (3, 4, 2, 2), lambda layers: layers.ZeroPadding3D(((1, 0), (0, 2), (2, 1))))
layer("zero_padding3d_first", (2, 3, 4, 2), lambda layers: layers.ZeroPadding3D((1, 2, 0), data_format=_FIRST))
layer("cropping1d_plain", (6, 3), lambda layers: layers.Cropping1D())
layer("cropping1d_uneven", (6, 3), lambda layers: layers.Cropping1D((0, 2)))
layer("cropping2d_plain", (6, 5, 2), lambda layers: layers.Cropping2D(1))
layer("cropping2d_uneven", (6, 5, 2), lambda layers: layers.Cropping2D(((1, 0), (2, 1))))
layer("cropping2d_first", (2, 6, 5), lambda layers: layers.Cropping2D(((1, 0), (0, 3)), data_format=_FIRST))
layer("cropping3d_plain", (4, 5, 6, 2), lambda layers: layers.Cropping3D())
layer("cropping3d_uneven", (4, 5, 6, 2), lambda layers: layers.Cropping3D(((1, 0), (0, 2), (3, 1))))
layer("cropping3d_first", (2, 4, 5, 6), lambda layers: layers.Cropping3D((1, 2, 0), data_format=_FIRST))
layer(
    "cropping2d_of_unknown_size",
    (None, None, 2),
    lambda layers: layers.Cropping2D(((1, 2), (0, 3))),
    inputs=normal(sizes=(6, 7, 2)),
)
layer("upsampling1d", (4, 3), lambda layers: layers.UpSampling1D(3))
layer("upsampling2d_nearest", (3, 4, 2), lambda layers: layers.UpSampling2D((2, 3)))
layer("upsampling2d_bilinear", (3, 4, 2), lambda layers: layers.UpSampling2D((2, 3), interpolation="bilinear"))
layer("upsampling2d_first", (2, 3, 4), lambda layers: layers.UpSampling2D(2, data_format=_FIRST))
layer(
    "upsampling2d_bilinear_first",
    (2, 3, 4),
    lambda layers: layers.UpSampling2D(2, interpolation="bilinear", data_format=_FIRST),
)
layer(
    "upsampling2d_of_unknown_size",
    (None, None, 2),
    lambda layers: layers.UpSampling2D(2, interpolation="bilinear"),
    inputs=normal(sizes=(3, 5, 2)),
)
for _way in ("bicubic", "lanczos3", "lanczos5"):
    layer(f"upsampling2d_{_way}", (5, 4, 2), lambda layers, way=_way: layers.UpSampling2D((2, 3), interpolation=way))
layer("upsampling3d", (2, 3, 4, 2), lambda layers: layers.UpSampling3D((1, 2, 3)))
layer("upsampling3d_first", (2, 2, 3, 4), lambda layers: layers.UpSampling3D(2, data_format=_FIRST))
layer("reshape_plain", (3, 4), lambda layers: layers.Reshape((2, 6)))
layer("reshape_inferred", (3, 4), lambda layers: layers.Reshape((6, -1)))
layer("reshape_of_unknown_steps", (None, 4), lambda layers: layers.Reshape((-1, 2, 2)))
layer("flatten_plain", (3, 4), lambda layers: layers.Flatten())
layer("flatten_of_scalars", (), lambda layers: layers.Flatten())
layer("flatten_first", (2, 3, 4), lambda layers: layers.Flatten(data_format=_FIRST))
layer("flatten_of_unknown_size", (None, 3, 2), lambda layers: layers.Flatten(), inputs=normal(sizes=(4, 3, 2)))
layer("permute_plain", (3, 4), lambda layers: layers.Permute((2, 1)))
layer("permute_of_volumes", (2, 3, 4, 5), lambda layers: layers.Permute((4, 1, 3, 2)))
layer("permute_of_unknown_size", (None, 3), lambda layers: layers.Permute((2, 1)))
layer("repeat_vector", (4,), lambda layers: layers.RepeatVector(3))
