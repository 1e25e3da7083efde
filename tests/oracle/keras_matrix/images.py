"""Layers that work on pictures when a model predicts: resizing, cropping, contrast."""

from tests.oracle.keras_matrix.suite import THREE, TWO, layer
from tests.oracle.samples import normal, uniform

_PIXELS = uniform(0, 255)

for _way in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"):
    _generations = {"generations": TWO} if _way in ("area", "gaussian", "mitchellcubic") else {}
    layer(
        f"resizing_{_way}",
        (6, 5, 3),
        lambda layers, way=_way: layers.Resizing(9, 11, interpolation=way),
        **_generations,
    )
    layer(
        f"resizing_smaller_{_way}",
        (9, 8, 3),
        lambda layers, way=_way: layers.Resizing(4, 5, interpolation=way),
        **_generations,
    )
layer(
    "resizing_of_unknown_size",
    (None, None, 3),
    lambda layers: layers.Resizing(8, 9),
    inputs=normal(sizes=(5, 6, 3)),
)
layer("resizing_cropped", (6, 9, 3), lambda layers: layers.Resizing(5, 5, crop_to_aspect_ratio=True))
layer("resizing_padded", (6, 9, 3), lambda layers: layers.Resizing(8, 8, pad_to_aspect_ratio=True), generations=THREE)
layer(
    "resizing_filled",
    (6, 9, 3),
    lambda layers: layers.Resizing(8, 8, pad_to_aspect_ratio=True, fill_value=0.7),
    generations=THREE,
)
layer(
    "resizing_first",
    (3, 6, 5),
    lambda layers: layers.Resizing(9, 7, data_format="channels_first"),
    generations=THREE,
)
layer("resizing_of_bytes", (6, 5, 3), lambda layers: layers.Resizing(9, 7), dtype="uint8", inputs=_PIXELS)
layer("resizing_of_bytes_smaller", (16, 8, 3), lambda layers: layers.Resizing(8, 4), dtype="uint8", inputs=_PIXELS)
layer(
    "resizing_of_bytes_padded",
    (6, 9, 3),
    lambda layers: layers.Resizing(8, 8, pad_to_aspect_ratio=True, fill_value=7),
    dtype="uint8",
    inputs=_PIXELS,
    generations=THREE,
)
layer(
    "resizing_of_bytes_cropped",
    (6, 9, 3),
    lambda layers: layers.Resizing(9, 7, crop_to_aspect_ratio=True, interpolation="nearest"),
    dtype="uint8",
    inputs=_PIXELS,
)
layer(
    "resizing_of_bytes_of_unknown_size",
    (None, None, 3),
    lambda layers: layers.Resizing(8, 9),
    dtype="uint8",
    inputs=uniform(0, 255, sizes=(5, 6, 3)),
    generations=THREE,
)
layer("center_crop_even", (8, 8, 3), lambda layers: layers.CenterCrop(4, 6))
layer("center_crop_odd", (9, 8, 3), lambda layers: layers.CenterCrop(4, 5))
layer("center_crop_larger", (4, 5, 3), lambda layers: layers.CenterCrop(6, 8))
layer(
    "center_crop_of_unknown_size",
    (None, None, 3),
    lambda layers: layers.CenterCrop(4, 5),
    inputs=normal(sizes=(8, 9, 3)),
)
layer(
    "center_crop_of_unknown_size_larger",
    (None, None, 3),
    lambda layers: layers.CenterCrop(7, 5),
    inputs=normal(sizes=(6, 9, 3)),
    generations=TWO,
)
layer(
    "center_crop_of_unknown_width",
    (7, None, 3),
    lambda layers: layers.CenterCrop(4, 5),
    inputs=normal(sizes=(7, 8, 3)),
    generations=TWO,
)
_AS_ARCHIVE = {"writers": ("k3-keras", "k2-keras", "k2-h5")}  # Keras 3 cannot save its random ones as HDF5
layer("random_crop_smaller", (9, 8, 3), lambda layers: layers.RandomCrop(5, 4), **_AS_ARCHIVE)
layer("random_crop_larger", (5, 8, 3), lambda layers: layers.RandomCrop(7, 7), **_AS_ARCHIVE)

for _name, _make in {
    "auto_contrast": lambda layers: layers.AutoContrast(),
    "auto_contrast_of_units": lambda layers: layers.AutoContrast(value_range=(0, 1)),
    "clahe": lambda layers: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2)),
}.items():
    layer(
        f"{_name}_of_pixels",
        (8, 8, 3),
        _make,
        inputs=uniform(0.2, 0.9) if _name.endswith("units") else uniform(10, 200),
        generations=THREE,
        writers=("k3-keras",),
    )

_UNITS = {"value_range": (0, 1), "tile_grid_size": (3, 2)}
for _name, _shape, _settings in (
    ("uneven", (9, 14, 3), {"tile_grid_size": (4, 3)}),
    ("plain", (20, 18, 2), {}),
    ("unlimited", (8, 6, 1), {"clip_limit": 0.0, "tile_grid_size": (2, 3)}),
    ("strict", (8, 6, 1), {"clip_limit": 20.0, "tile_grid_size": (2, 3)}),
    ("first", (3, 8, 6), {"tile_grid_size": (2, 2), "data_format": "channels_first"}),
    ("of_units", (9, 8, 3), _UNITS),
):
    layer(
        f"clahe_{_name}",
        _shape,
        lambda layers, settings=_settings: layers.ContrastLimitedAdaptiveHistogramEqualization(**settings),
        inputs=uniform(0, 1) if _settings is _UNITS else uniform(-5, 260),
        generations=THREE,
        writers=("k3-keras",),
    )
layer(
    "clahe_of_bytes",
    (8, 8, 3),
    lambda layers: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2)),
    dtype="uint8",
    inputs=_PIXELS,
    generations=THREE,
    writers=("k3-keras",),
)
