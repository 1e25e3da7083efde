"""Merges of two and three tensors, of unlike shapes, along each axis."""

from tests.oracle.keras_matrix.suite import layers

for _cls in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    _name = _cls.lower()
    layers(
        f"{_name}_of_three",
        {"a": (3, 4), "b": (3, 4), "c": (3, 4)},
        lambda layers, *x, cls=_cls: getattr(layers, cls)()(list(x)),
    )
    layers(
        f"{_name}_stretched",
        {"a": (3, 4), "b": (1, 4), "c": (3, 1)},
        lambda layers, *x, cls=_cls: getattr(layers, cls)()(list(x)),
    )
    layers(
        f"{_name}_of_unlike_ranks",
        {"a": (2, 3, 4), "b": (4,)},
        lambda layers, *x, cls=_cls: getattr(layers, cls)()(list(x)),
    )
    layers(
        f"{_name}_of_unknown_size",
        {"a": (None, 4), "b": (None, 4)},
        lambda layers, *x, cls=_cls: getattr(layers, cls)()(list(x)),
    )
layers("subtract_plain", {"a": (3, 4), "b": (3, 4)}, lambda layers, *x: layers.Subtract()(list(x)))
layers("subtract_stretched", {"a": (3, 1), "b": (1, 4)}, lambda layers, *x: layers.Subtract()(list(x)))
for _axis in (1, 2, 3, -1, -2):
    _shape = {"a": (2, 3, 4), "b": (2, 3, 4), "c": (2, 3, 4)}
    layers(
        f"concatenate_axis_{str(_axis).replace('-', 'minus_')}",
        _shape,
        lambda layers, *x, axis=_axis: layers.Concatenate(axis=axis)(list(x)),
    )
layers(
    "concatenate_of_unlike_sizes",
    {"a": (2, 3), "b": (4, 3)},
    lambda layers, *x: layers.Concatenate(axis=1)(list(x)),
)
layers(
    "concatenate_of_unknown_size",
    {"a": (None, 3), "b": (None, 3)},
    lambda layers, *x: layers.Concatenate(axis=1)(list(x)),
)
for _name, _shapes, _settings in (
    ("vectors", ((5,), (5,)), {"axes": 1}),
    ("cosine", ((5,), (5,)), {"axes": 1, "normalize": True}),
    ("matrices", ((4, 5), (3, 5)), {"axes": 2}),
    ("matrices_apart", ((4, 5), (5, 3)), {"axes": (2, 1)}),
    ("matrices_cosine", ((4, 5), (5, 3)), {"axes": (2, 1), "normalize": True}),
    ("matrix_and_vector", ((4, 5), (5,)), {"axes": (2, 1)}),
    ("of_rank_4", ((2, 3, 4), (4, 5)), {"axes": (3, 1)}),
    ("last", ((4, 5), (3, 5)), {"axes": -1}),
):
    layers(
        f"dot_{_name}",
        dict(zip("ab", _shapes, strict=True)),
        lambda layers, *x, settings=_settings: layers.Dot(**settings)(list(x)),
    )
