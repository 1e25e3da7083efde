"""One minute of what `python -m tests.watch.soak` does for ten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Project
from tests.watch.soak import soak

SECONDS = 60


@pytest.mark.full
def test_whatever_happens_to_sources_every_read_is_a_whole_model(tmp_path: Path, summary: list[str]) -> None:
    counts = soak(Project(tmp_path / "app"), SECONDS)
    summary.append(str(counts))
    assert counts.torn == []
    assert counts.publishes >= SECONDS / 3
    assert counts.reads >= 100
    assert counts.descriptors[1] <= counts.descriptors[0]
    assert counts.threads[1] <= counts.threads[0]
