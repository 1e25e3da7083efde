"""What the selected tests need of a fixture that is costly to make whole."""

from __future__ import annotations

from collections.abc import Mapping

import pytest


def parameters_of_users(request: pytest.FixtureRequest) -> list[Mapping[str, object]]:
    """Return the parameters of each selected test that uses the fixture being made, directly or through another.

    pytest tells fixtures of different modules by name alone here, so their name must be theirs alone: `AssertionError`
    if tests of another module use one of the same name.
    """
    users = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and request.fixturename in item.fixturenames
    ]
    modules = sorted({item.module.__name__ for item in users})
    assert len(modules) == 1, f"the fixture {request.fixturename} has users in {', '.join(modules)}"
    return [item.callspec.params if hasattr(item, "callspec") else {} for item in users]
