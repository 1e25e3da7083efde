"""Layers that do nothing when a model predicts: one by one, between layers that do."""

from tests.oracle.keras_matrix.suite import THREE, TWO, layers
from tests.oracle.samples import uniform

_VECTORS = {
    "dropout": lambda layers: layers.Dropout(0.5),
    "gaussian_dropout": lambda layers: layers.GaussianDropout(0.3),
    "gaussian_noise": lambda layers: layers.GaussianNoise(0.3),
    "alpha_dropout": lambda layers: layers.AlphaDropout(0.3),
    "activity_regularization": lambda layers: layers.ActivityRegularization(0.1, 0.1),
    "identity": lambda layers: layers.Identity(),
}
for _name, _make in _VECTORS.items():
    layers(f"inert_{_name}", {"x": (5,)}, lambda layers, x, make=_make: layers.Dense(3)(make(layers)(x)))
for _rank, _shape in {1: (6, 3), 2: (5, 6, 3), 3: (3, 4, 5, 3)}.items():
    layers(
        f"inert_spatial_dropout{_rank}d",
        {"x": _shape},
        lambda layers, x, rank=_rank: layers.Dense(3)(getattr(layers, f"SpatialDropout{rank}D")(0.4)(x)),
    )

_IMAGES = {
    "random_brightness": lambda layers: layers.RandomBrightness(0.3),
    "random_contrast": lambda layers: layers.RandomContrast(0.3),
    "random_flip": lambda layers: layers.RandomFlip(),
    "random_rotation": lambda layers: layers.RandomRotation(0.2),
    "random_translation": lambda layers: layers.RandomTranslation(0.2, 0.2),
    "random_zoom": lambda layers: layers.RandomZoom(0.2),
}
_IMAGES_OF_3 = {
    "aug_mix": lambda layers: layers.AugMix(),
    "cut_mix": lambda layers: layers.CutMix(),
    "mix_up": lambda layers: layers.MixUp(),
    "rand_augment": lambda layers: layers.RandAugment(),
    "random_color_degeneration": lambda layers: layers.RandomColorDegeneration(0.3),
    "random_color_jitter": lambda layers: layers.RandomColorJitter(brightness_factor=0.2),
    "random_elastic_transform": lambda layers: layers.RandomElasticTransform(),
    "random_erasing": lambda layers: layers.RandomErasing(),
    "random_gaussian_blur": lambda layers: layers.RandomGaussianBlur(),
    "random_grayscale": lambda layers: layers.RandomGrayscale(),
    "random_hue": lambda layers: layers.RandomHue(0.3),
    "random_invert": lambda layers: layers.RandomInvert(),
    "random_perspective": lambda layers: layers.RandomPerspective(),
    "random_posterization": lambda layers: layers.RandomPosterization(4),
    "random_saturation": lambda layers: layers.RandomSaturation(0.3),
    "random_sharpness": lambda layers: layers.RandomSharpness(0.3),
    "equalization": lambda layers: layers.Equalization(),
    "max_num_bounding_boxes": lambda layers: layers.MaxNumBoundingBoxes(3),
    "solarization": lambda layers: layers.Solarization(addition_factor=0.3, threshold_factor=0.4),
}
_IMAGES_OF_2 = {
    "random_height": lambda layers: layers.RandomHeight(0.3),
    "random_width": lambda layers: layers.RandomWidth(0.3),
}
for _images, _options in (
    (_IMAGES, {"writers": ("k3-keras", "k2-keras", "k2-h5")}),  # Keras 3 cannot save them as HDF5
    (_IMAGES_OF_3, {"generations": THREE, "writers": ("k3-keras",)}),
    (_IMAGES_OF_2, {"generations": TWO}),
):
    for _name, _make in _images.items():
        layers(
            f"inert_{_name}",
            {"x": (8, 8, 3)},
            lambda layers, x, make=_make: layers.Conv2D(2, 3)(make(layers)(x)),
            inputs=uniform(0, 255),
            **_options,
        )
