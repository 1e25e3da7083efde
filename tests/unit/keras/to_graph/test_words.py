"""What refusals and misfits of rules say: the argument, the value found, what is accepted, and what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.keras.files import Json, functional, input_layer, layer, operation, tensor
from tests.unit.keras.to_graph.making import chain, converted
from tfjs_build.convert.keras.hints import (
    AS_FLOATS,
    BATCH_OF_IMAGES,
    NOWHERE,
    OTHERWISE,
    RAGGED,
    REPLACE,
    SAVE_AGAIN,
    TOKENS,
)
from tfjs_build.errors import ModelError, RefusedError, SourceError


def of(class_name: str, *shape: int | None, dtype: str = "float32", **config: Any) -> Json:
    """Return a model of one layer called `l`."""
    return chain(layer(class_name, "l", **config), shape=shape, dtype=dtype)


def called(class_name: str, *shape: int | None, dtype: str = "float32", **kwargs: Any) -> Json:
    """Return a model of one operation called `o`."""
    return functional(
        "net",
        [input_layer("x", *shape, dtype=dtype), operation(class_name, "o", [tensor("x")], **kwargs)],
        ["x", 0, 0],
        ["o", 0, 0],
    )


@pytest.mark.parametrize(
    ("model", "kind", "message", "hint"),
    [
        (
            of("Resizing", 8, 8, height=4, width=4),
            RefusedError,
            "layer `l` (Resizing): expects a batch of images (rank 4), got rank 3",
            BATCH_OF_IMAGES,
        ),
        (
            of("GlobalMaxPooling2D", 8, 8),
            SourceError,
            "layer `l` (GlobalMaxPooling2D): expects rank 4, got rank 3",
            "",
        ),
        (
            of("UpSampling2D", 4, 4, 1, size=2, interpolation="cubic"),
            RefusedError,
            "layer `l` (UpSampling2D): interpolation='cubic' is not supported, only 'area', 'bicubic', "
            "'bilinear', 'gaussian', 'lanczos3', 'lanczos5', 'mitchellcubic' and 'nearest' are",
            REPLACE,
        ),
        (
            of("Hashing", 1, dtype="string", num_bins=3, salt=7),
            RefusedError,
            "layer `l` (Hashing): salt=7 is not supported, only None is",
            NOWHERE,
        ),
        (
            of("CategoryEncoding", 3, num_tokens=4, output_mode="multi_hot", sparse=True),
            RefusedError,
            "layer `l` (CategoryEncoding): sparse=True is not supported, only False is",
            NOWHERE,
        ),
        (
            of("StringLookup", 1, dtype="string", vocabulary="words.txt"),
            RefusedError,
            "layer `l` (StringLookup): vocabulary='words.txt' names a file, only a list is supported",
            TOKENS,
        ),
        (
            of("StringLookup", 1, dtype="string", vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0]),
            RefusedError,
            "layer `l` (StringLookup): expects 2 `idf_weights`, one for each token, got 3",
            SAVE_AGAIN,
        ),
        (
            of("TextVectorization", 1, dtype="string", standardize={"class_name": "function", "config": "mine"}),
            RefusedError,
            "layer `l` (TextVectorization): standardize={'class_name': 'function', 'config': 'mine'} is not supported, "
            "only None, 'lower', 'strip_punctuation' and 'lower_and_strip_punctuation' are",
            OTHERWISE,
        ),
        (
            of("TextVectorization", 1, dtype="string", vocabulary=["a"], split="whitespace", ragged=True),
            RefusedError,
            "layer `l` (TextVectorization): ragged=True is not supported, only False is",
            RAGGED,
        ),
        (
            of("Dense", None, units=2),
            RefusedError,
            "layer `l` (Dense): the size of axis 1 of its input is not known when converting",
            "Give the model's input that size (keras.Input(shape=…)), and save the model again.",
        ),
        (
            called("SegmentMax", 3, dtype="int32", segment_ids=[0, 0, 1], num_segments=None),
            RefusedError,
            "operation `o` (SegmentMax): num_segments=None is not supported: the number of segments is not known when "
            "converting",
            REPLACE,
        ),
        (
            called("SegmentMax", 3, dtype="int32", segment_ids=[0, 0, 1], num_segments=2),
            RefusedError,
            "operation `o` (SegmentMax): expects float32, got int32",
            AS_FLOATS,
        ),
        (
            called("ScatterUpdate", 3, indices=[[0, 0]], updates=[1.0], reduction="max"),
            RefusedError,
            "operation `o` (ScatterUpdate): reduction='max' is not supported, only None and 'add' are",
            REPLACE,
        ),
        (
            called("Pad", 3, pad_width=[[0, 0], [1, 1]], mode="wrap"),
            RefusedError,
            "operation `o` (Pad): mode='wrap' is not supported, only 'constant', 'reflect' and 'symmetric' are",
            REPLACE,
        ),
        (
            called("Rot90", 3, 3, k=float("nan")),
            RefusedError,
            "operation `o` (Rot90): expects a constant integer as an argument, got nan",
            REPLACE,
        ),
        (
            called("Percentile", 3, q=50, axis=-1, method="hazen"),
            RefusedError,
            "operation `o` (Percentile): method='hazen' is not supported, only 'linear', 'lower', 'higher', 'midpoint' "
            "and 'nearest' are",
            REPLACE,
        ),
    ],
)
def test_refusals(model: Json, kind: type[ModelError], message: str, hint: str) -> None:
    with pytest.raises(kind) as caught:
        converted(model)
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.hint) == (message, hint)
