"""What tfjs.yaml and the environment say of the shared cache; the environment has the last word."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tfjs_build.errors import UsageError
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.model import Manifest

PLACE, READ_ONLY, KEY, TIMEOUT = (f"TFJS_BUILD_CACHE{end}" for end in ("", "_READ_ONLY", "_KEY", "_TIMEOUT"))
_SECONDS = 15.0
_LEAST_KEY = 16
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@record(frozen=True)
class Settings:
    """`place` is an address (`s3://…`) or an absolute path; `key` signs entries, where there is one; after `seconds`
    without a sign of life the cache is given up."""

    place: str
    read_only: bool = False
    key: bytes | None = None
    seconds: float = _SECONDS

    @property
    def is_folder(self) -> bool:
        """Whether `place` is a path."""
        return "://" not in self.place


def settings(manifest: Manifest, environment: Mapping[str, str]) -> Settings | None:
    """Return what is to be used, None where that is no shared cache; an empty variable is none. Raises UsageError."""
    place = environment.get(PLACE) or (manifest.cache.place if manifest.cache else "")
    if not place or place == "off":
        return None
    place = place.rstrip("/") or "/"
    if "://" not in place:
        place = os.path.normpath(manifest.root / place)
    read_only = manifest.cache.read_only if manifest.cache else False
    if said := environment.get(READ_ONLY):
        if said.lower() not in _WORDS:
            raise UsageError(f"{READ_ONLY} is {said!r}: it takes 1 or 0")
        read_only = _WORDS[said.lower()]
    key = environment.get(KEY, "").encode("utf-8", "surrogateescape")
    if key and len(key) < _LEAST_KEY:
        raise UsageError(
            f"{KEY} is shorter than {_LEAST_KEY} characters", hint="`openssl rand -hex 32` prints a good one."
        )
    return Settings(place, read_only, key or None, _seconds(environment.get(TIMEOUT, "")))


def _seconds(text: str) -> float:
    if not text:
        return _SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:  # which NaN is not
        raise UsageError(f"{TIMEOUT} is {text!r}: it takes a number of seconds")
    return seconds
