"""Rows of a table in Markdown are put in the place of what was there."""

from __future__ import annotations

import pytest

from tests.conversion.markdown import table, with_rows

TEXT = f"""\
## Ops

Words.

{table(("op", "cases"), [("`Abs`", "2"), ("`_Fused`", "1"), ("`Sum`", "5")])}

## Others

{table(("op", "cases"), [("`Sum`", "7")])}
"""


def test_rows_are_put_in_the_place_of_those_of_the_same_name() -> None:
    found = with_rows(TEXT, "## Ops", [("`Sum`", "6"), ("`Max`", "3")])
    rows = [("`Abs`", "2"), ("`_Fused`", "1"), ("`Max`", "3"), ("`Sum`", "6")]
    assert found == TEXT.replace(TEXT.split("Words.\n\n")[1].split("\n\n")[0], table(("op", "cases"), rows))
    assert with_rows(TEXT, "## Others", [("`Sum`", "7")]) == TEXT


def test_a_heading_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="## Layers"):
        with_rows(TEXT, "## Layers", [])
