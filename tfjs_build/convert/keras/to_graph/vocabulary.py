"""What a lookup layer knows: its tokens, and the hash table that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.graph.sizes import Size, reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.hints import NOWHERE, SAVE_AGAIN, TOKENS
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.host import Table
from tfjs_build.convert.keras.to_graph.rules.preprocessing import encoded
from tfjs_build.convert.keras.variables import VariableSpec
from tfjs_build.errors import SourceError

_NOWHERE = -2
"""The place of what is in no vector."""


def idf_weights(config: Config) -> list[VariableSpec]:
    """Return the variables of a lookup layer; .h5 files have no place for them."""
    tf_idf = config.get("output_mode") == "tf_idf"
    return [VariableSpec("idf_weights", False, name="idf_weights", held="archive")] if tf_idf else []


class Vocabulary:
    """What a lookup layer knows: its tokens, and how many places before them are for masked and unknown ones."""

    def __init__(self, c: Context, *, text: bool = False) -> None:
        self.c = c
        config = c.config
        self.words = text or c.layer.class_name == "StringLookup"
        self.mode = config.text("output_mode", "int")
        self.invert = config.boolean("invert", False)
        self.mask: Any = "" if text else config.get("mask_token")
        self.unknown: Any = config.get("oov_token", "[UNK]" if self.words else -1)
        self.spare = 1 if text else config.integer("num_oov_indices", 1)
        self.first_spare = 1 if self.mask is not None and self.mode == "int" else 0
        self.first = self.first_spare + self.spare
        self.tokens, self.special = self._tokens()

    def _tokens(self) -> tuple[list[Any], bool]:
        """Return the tokens without special ones, and whether these were among them in the file."""
        given = self.c.config.get("vocabulary")
        self.c.require(
            not isinstance(given, str), f"vocabulary={given!r:.60} names a file, only a list is supported", TOKENS
        )
        if given is None:
            lines = self.c.host.model.vocabulary(self.c.layer)
            if lines is None:
                raise SourceError(
                    f"{self.c.layer.label}: its vocabulary is not in the file",
                    hint=TOKENS,
                )
            while lines and not lines[-1]:
                lines = lines[:-1]
            given = [line.decode("utf-8", "replace").removesuffix("\r") for line in lines]
            try:
                given = given if self.words else [int(line) for line in given]
            except ValueError:
                raise SourceError(
                    f"{self.c.layer.label}: expects a vocabulary of integers, got {given!r:.60}"
                ) from None
        if not isinstance(given, list):
            raise self.c.config.fault("vocabulary", "a list")
        special = [self.mask] * self.first_spare + [self.unknown] * self.spare
        found = given[: len(special)] == special and bool(special)
        return (given[len(special) :] if found else list(given)), found

    @property
    def depth(self) -> int:
        """The length of vectors."""
        if self.c.config.boolean("pad_to_max_tokens", False):
            return self.c.config.size("max_tokens")
        return self.first + len(self.tokens)

    def encoded(self, x: Value) -> Value:
        """Return what the layer gives for keys."""
        numbers = self.numbers(x)
        if self.invert or self.mode == "int":
            return numbers
        return self.vectors(numbers)

    def vectors(self, numbers: Value) -> Value:
        """Return places as vectors; Keras 3 counts in integers."""
        if self.mode == "tf_idf":
            return encoded(self.c, numbers, self.mode, self.depth, idf=self.idf())
        y = encoded(self.c, numbers, self.mode, self.depth)
        return self.c.as_int(y) if self.c.generation == 3 else y

    def idf(self) -> Value:
        """Return the weights of `tf_idf`: those that Keras saves have an entry for each place."""
        c = self.c
        if c.has_weight("idf_weights"):
            weights = c.any_weight("idf_weights")
        else:
            given = c.constant(c.config.get("idf_weights")).constant
            array = given.array().reshape(-1) if given is not None else np.zeros(0, np.float32)
            if not self.special and array.size == len(self.tokens) and array.size:
                array = np.concatenate([np.full(self.first, np.mean(array), np.float32), array])
            weights = c.constant(array)
        c.expect_rank(weights, 1, "a list of weights")
        missing = self.depth - (weights.static or (0,))[0]
        c.require(
            missing >= 0,
            f"expects {self.depth} `idf_weights`, one for each token, got {self.depth - missing}",
            SAVE_AGAIN,
        )
        return c.b.Pad(weights, c.ints([[0, missing]])) if missing else weights

    def numbers(self, x: Value) -> Value:
        """Look keys up: masked ones have place 0, or are in no vector; unknown ones share the spare places."""
        c, b = self.c, self.c.b
        places = list(range(self.first, self.first + len(self.tokens)))
        if self.invert:
            word = self.words
            unknown = b.const(self.unknown, "string") if word else c.ints(int(self.unknown))
            found = looked_up(c, c.as_int(x), places, self.tokens, unknown)
            if self.mask is not None:
                masked = b.const(self.mask, "string") if word else c.ints(int(self.mask))
                found = b.SelectV2(b.Equal(c.as_int(x), 0), masked, found)
            return found
        if not self.words:
            x = c.as_int(x)
        c.expect_dtype(x, "string" if self.words else "int32", "the vocabulary's dtype")
        default = self.first_spare if self.spare == 1 else -1
        keys = list(self.tokens)
        if self.mask is not None:  # a masked key has its own place: strings cannot be compared on every backend
            keys.append(self.mask)
            places.append(0 if self.mode == "int" else _NOWHERE)
        found = looked_up(c, x, keys, places, c.ints(default))
        if self.spare > 1:
            found = b.SelectV2(b.Equal(found, -1), self._spread(x) + self.first_spare, found)
        return found

    def _spread(self, x: Value) -> Value:
        """Return which of several spare places an unknown key shares."""
        c = self.c
        c.one_of("salt", c.config.get("salt"), (None,), NOWHERE)
        if self.words:
            return hashed(c, x, self.spare)
        c.one_of("oov_method", c.config.get("oov_method", "floormod"), ("floormod",), NOWHERE)
        return c.b.FloorMod(x, self.spare)


def looked_up(c: Context, x: Value, keys: Sequence[Any], values: Sequence[Any], default: Value) -> Value:
    """Look up in a hash table that the model fills when it is loaded; a table gives a flat list."""
    b = c.b
    name = f"{c.layer.name}/table"
    if not keys:
        return b.Fill(b.Shape(x), default)
    if name not in c.host.tables:
        key_type, value_type = ("string" if isinstance(each[0], str) else "int32" for each in (keys, values))
        attrs = {"shared_name": name, "key_dtype": key_type, "value_dtype": value_type}
        handle = b.node("HashTableV2", [], attrs, name=name, given=[((), "resource")])[0]
        constants = [
            Constant.of(_array(c, each), kind, name=f"{c.layer.name}/{part}")
            for each, kind, part in ((keys, key_type, "keys"), (values, value_type, "values"))
        ]
        c.host.tables[name] = Table(handle, *constants)
    sizes: list[Size] = c.sizes(x)
    flat = x if len(sizes) == 1 else b.Reshape(x, [-1])
    found = b.LookupTableFindV2(c.host.tables[name].handle, flat, default)
    return found if len(sizes) == 1 else reshape(b, found, sizes)


def _array(c: Context, items: Sequence[Any]) -> np.ndarray[Any, Any]:
    words = all(isinstance(item, str) for item in items)
    if not words and not all(isinstance(item, (int, np.integer)) for item in items):
        raise SourceError(f"{c.layer.label}: expects a vocabulary of strings or integers, got {list(items)!r:.60}")
    if not words:
        return np.array(items, np.int64).clip(-(2**31), 2**31 - 1).astype(np.int32)
    array = np.empty(len(items), np.object_)
    array[:] = [item.encode() for item in items]
    return array


def hashed(c: Context, x: Value, count: int) -> Value:
    """Return strings hashed into so many bins (FarmHash64)."""
    sizes = c.sizes(x)
    flat = x if len(sizes) == 1 else c.b.Reshape(x, [-1])
    found = c.b.Cast(c.b.StringToHashBucketFast(flat, num_buckets=count), DstT="int32")
    return found if len(sizes) == 1 else reshape(c.b, found, sizes)
