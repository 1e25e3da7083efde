"""Whether a configuration is that of Keras's class of this name: .h5 files hold nothing but the name.

A notebook's own `ReLU` or `LayerNormalization` has other keys. Which ones Keras's classes write, and since which
version always, is in the table of `own_classes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from tfjs_build.convert.keras.description import Generation
from tfjs_build.convert.keras.own_classes import OF_EVERY_LAYER, layers

_OLDEST: Final[Mapping[Generation, tuple[int, ...]]] = {2: (2, 0, 0), 3: (3, 0, 0)}
_FIRST_FUNCTIONAL: Final = (2, 4, 0)


def unlike_keras(class_name: str, keys: Collection[str], generation: Generation, version: str) -> str:
    """Return what tells a configuration's keys from those of Keras's class, "" where nothing does."""
    classes = layers(generation)
    described = classes.get(class_name)
    if described is None:
        return ""
    written = numbered(version, generation)
    if "-tf" not in version and _OLDEST[generation] <= _parsed(version) <= _parsed(described["after"]):
        return f"Keras {version} had no {class_name}"
    missing = [key for key, since in described["since"].items() if key not in keys and _parsed(since) <= written]
    known = {*described["since"], *described["also"], *classes[OF_EVERY_LAYER]["also"]}
    unknown = [key for key in keys if key not in known]
    if unknown:
        return f"its options have {_listed(unknown)}, which Keras's own {class_name} does not have"
    if missing:
        return f"its options lack {_listed(missing)}, which Keras's own {class_name} always has"
    return ""


def is_own_model(class_name: str, generation: Generation, version: str) -> bool:
    """Whether a file that tells no modules says `Model` where Keras itself would say `Functional`."""
    return class_name == "Model" and numbered(version, generation) >= _FIRST_FUNCTIONAL


def numbered(version: str, generation: Generation) -> tuple[int, ...]:
    """Return a version as numbers: the oldest of its generation where there is none.

    TensorFlow's own Keras said `2.2.4-tf` and the like; before 2.2.4 it went ways of its own.
    """
    found = _parsed(version)
    if len(found) < 2 or found[0] != generation:
        return _OLDEST[generation]
    return _OLDEST[generation] if "-tf" in version and found < (2, 2, 4) else found


def _parsed(version: str) -> tuple[int, ...]:
    match = re.match(r"[0-9]{1,9}(\.[0-9]{1,9})*", version)
    return tuple(int(part) for part in match.group().split(".")[:3]) if match else ()


def _listed(keys: Collection[str]) -> str:
    shown = [f"`{key}`" for key in sorted(keys)[:3]]
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(shown) + more
