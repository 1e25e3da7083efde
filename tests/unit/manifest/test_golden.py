"""What a person sees of a bad manifest: each `tests/golden/manifest/NAME.yaml` gives exactly the text in `NAME.txt`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tfjs_build.errors import ManifestError
from tfjs_build.manifest import load

GOLDEN = Path(__file__).parents[2] / "golden" / "manifest"
NAMES = sorted(path.name for path in GOLDEN.glob("*.yaml"))


def message(name: str) -> str:
    with pytest.raises(ManifestError) as raised:
        load(Path(name))
    return f"{raised.value}\n"


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN)


def test_each_manifest_has_its_text() -> None:
    assert len(NAMES) > 40
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {Path(name).stem for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_text(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(Path(name).with_suffix(".txt"), message(name))


@pytest.mark.parametrize("name", NAMES)
def test_faults_are_in_the_order_of_the_file(name: str) -> None:
    with pytest.raises(ManifestError) as raised:
        load(Path(name))
    places = [(fault.location.line, fault.location.column) for fault in raised.value.faults]
    assert places == sorted(places)
    assert all(fault.location.file == Path(name) for fault in raised.value.faults)


@pytest.mark.parametrize("name", NAMES)
def test_without_libyaml(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's own parser words syntax errors in its way, and sees some a few columns away; all else is the same."""
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    text, expected = message(name), Path(name).with_suffix(".txt").read_text(encoding="utf-8")
    if name.startswith("syntax-"):
        assert text.startswith(f"{name}:")
        assert ": not valid YAML: " in text or "there is none before" in text
    else:
        assert text == expected
