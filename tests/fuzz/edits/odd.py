"""Values that nobody expects: for configurations, for messages, for text, for bytes."""

from __future__ import annotations

from random import Random
from typing import Any, Final

INTEGERS: Final = (0, 1, -1, 2, 3, 7, 255, 65_536, 2**31 - 1, 2**31, -(2**31), 2**40, 2**53 + 1, 2**63 - 1, -(2**63))
HUGE: Final = (2**64, 10**30, -(10**30))
FLOATS: Final = (0.0, -0.0, 0.5, 1.5, -1.0, 1e-45, 1e30, 1e308, float("nan"), float("inf"), float("-inf"))
TEXTS: Final = (
    "",
    " ",
    "x",
    "0",
    "None",
    "float16",
    "float64",
    "int8",
    "string",
    "complex64",
    "resource",
    "relu",
    "valid",
    "same",
    "channels_first",
    "keras",
    "builtins",
    "eval",
    "../../../mine.txt",
    "/mine.txt",
    "..",
    "a/b",
    "a:0",
    "^a",
    "a\\b",
    "a\0b",
    "a\nb",
    "`${x}`",
    "</script>",
    "*/",
    "__proto__",
    "constructor",
    "toString",
    "\u2028",
    "\ud83d",
    "\U0001f600",
    "é" * 300,
    "x" * 5000,
)


def number(random: Random) -> int | float:
    """Return an odd number."""
    return random.choice(random.choice((INTEGERS, HUGE, FLOATS)))


def text(random: Random) -> str:
    """Return an odd text."""
    return random.choice(TEXTS)


def shape(random: Random) -> list[Any]:
    """Return what may stand for a shape: often none that a tensor has."""
    return [random.choice((None, 0, 1, 2, 3, -1, 1000, 2**31, 2**62, 1.5, "x")) for _ in range(random.randrange(6))]


def value(random: Random) -> Any:
    """Return an odd JSON value."""
    choice = random.randrange(8)
    if choice == 0:
        return random.choice((None, True, False))
    if choice in (1, 2):
        return number(random)
    if choice == 3:
        return text(random)
    if choice == 4:
        return shape(random)
    if choice == 5:
        return random.choice(([], {}, [[]], [None], [[1]], ["a"], [{}], {"a": {}}, {"": 0}))
    if choice == 6:
        return _nested(random)
    return _keras(random)


def data(random: Random) -> bytes:
    """Return odd bytes."""
    return random.choice((b"", b"\0", b"\xff", b"\xff\xfe", b"x", b"NCHW", b"VALID", b"float32", b"\x80" * 20, b"{}"))


def _nested(random: Random) -> Any:
    inner: Any = random.choice((1, "x", None))
    for _ in range(random.choice((3, 50, 400))):
        inner = [inner] if random.random() < 0.5 else {"config": inner}
    return inner


def _keras(random: Random) -> Any:
    """Return something that Keras gives a meaning to, in a place where it does not stand."""
    return random.choice(
        (
            {"class_name": "__tuple__", "items": [1, 2]},
            {"class_name": "__tuple__", "items": None},
            {"class_name": "__tuple__"},
            {"class_name": "__tensor__", "config": {"value": [1, 2], "dtype": "float32"}},
            {"class_name": "__numpy__", "config": {"value": [[1], [2, 3]], "dtype": "int9"}},
            {"class_name": "__bytes__", "config": {"value": "x"}},
            {"class_name": "__ellipsis__", "config": {}},
            {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": 0}},
            {"class_name": "__lambda__", "config": {"value": ["4wE=", None, None]}},
            {"class_name": "__keras_tensor__", "config": {"shape": [1], "dtype": "float32", "keras_history": ["x", 0]}},
            {"class_name": "__keras_tensor__", "config": {"shape": [-1, "a"], "dtype": 3, "keras_history": [0, -1, 9]}},
            {"class_name": "Dense", "config": {"units": 2}, "module": "keras.layers", "registered_name": None},
            {"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}},
            {"class_name": "Sequential", "config": {"layers": []}, "module": "keras"},
            {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "module": "keras"},
            {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "x"}, "module": "keras"},
            {"class_name": "TensorShape", "items": [None, -3]},
            {"class_name": "function", "config": "relu", "module": "builtins", "registered_name": "function"},
        )
    )
