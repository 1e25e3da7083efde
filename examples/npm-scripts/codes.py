"""What the network reads of a name: a code for each character. src/codes.ts does the same in the page."""

from __future__ import annotations

import re
import unicodedata

LENGTH = 32
"""Characters that count; what is longer is cut."""

CODES = 28
"""How many codes there are: 0 where a name has ended, 1 for a space, 2 to 27 for a to z."""


def plain(name: str) -> str:
    """Return the name in a to z and single spaces: no case, accents, apostrophes, digits or signs."""
    letters = re.sub("[\u0300-\u036f'’]", "", unicodedata.normalize("NFKD", name).lower())
    return re.sub("[^a-z]+", " ", letters).strip(" ")


def codes(name: str) -> list[int]:
    """Return the LENGTH codes of a name."""
    found = [1 if letter == " " else ord(letter) - 95 for letter in plain(name)[:LENGTH]]
    return found + [0] * (LENGTH - len(found))
