"""Every module among the rules enters some: what enters none, and no rule reads, is dead."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tfjs_build.convert.graph import decompose, portable
from tfjs_build.convert.graph.decompose.registry import RULES as DECOMPOSITIONS
from tfjs_build.convert.graph.portable.registry import RULES as SPELLINGS
from tfjs_build.convert.keras.to_graph import rules as graph_rules
from tfjs_build.convert.keras.to_graph import tables as graph_tables
from tfjs_build.convert.keras.to_graph.registry import LAYERS, OPERATIONS
from tfjs_build.convert.keras.to_layers import rules as layers_rules
from tfjs_build.convert.keras.to_layers import tables as layers_tables
from tfjs_build.convert.keras.to_layers.registry import RULES as LAYER_RULES
from tfjs_build.convert.tflite import rules as tflite_rules
from tfjs_build.convert.tflite.registry import RULES as TFLITE_RULES
from tfjs_build.modules import import_all
from tfjs_build.sources.opening import import_converters

assert graph_tables and layers_tables  # importing them enters the rules

PACKAGES: Mapping[str, tuple[Any, Iterable[Callable[..., Any]]]] = {
    "decompositions": (decompose, DECOMPOSITIONS.values()),
    "portable spellings": (portable, SPELLINGS.values()),
    "Keras as a graph": (graph_rules, [rule.build for rule in (*LAYERS.values(), *OPERATIONS.values())]),
    "Keras as layers": (layers_rules, [rule.build for rule in LAYER_RULES.values()]),
    "TensorFlow Lite": (tflite_rules, TFLITE_RULES.values()),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_module_enters_rules_or_is_read_by_one(name: str) -> None:
    package, rules = PACKAGES[name]
    entering = {rule.__module__ for rule in rules}
    modules = {f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)}
    helpers = modules - entering
    texts = [Path(str(importlib.import_module(each).__file__)).read_text(encoding="utf-8") for each in entering]
    read = {each for each in helpers if any(re.search(rf"{re.escape(each)}\b", text) for text in texts)}
    parent, plain = package.__name__, {each.rsplit(".", 1)[1]: each for each in helpers}
    for text in texts:
        for names in re.findall(rf"from {re.escape(parent)} import ([\w, ]+)", text):
            read |= {plain[each] for each in names.split(", ") if each in plain}
    assert sorted(helpers - read) == []
    assert len(entering) > 5


def test_what_is_added_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_rules").mkdir()
    (tmp_path / "some_rules" / "__init__.py").write_text("ENTERED = []\n", encoding="utf-8")
    (tmp_path / "some_rules" / "new.py").write_text(
        "import some_rules\nsome_rules.ENTERED.append(__name__)\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    package = importlib.import_module("some_rules")
    import_all(package.__name__, package.__path__)
    assert package.ENTERED == ["some_rules.new"]


@pytest.mark.parametrize("first", ["to_graph.cells", "to_graph.rules.recurrent", "to_layers.rules.recurrent", ""])
def test_any_module_may_be_imported_first(first: str) -> None:
    """A build of many models imports all converters, in the order of their names."""
    module = f"tfjs_build.convert.keras.{first}"
    opening = import_converters.__module__
    code = f"import {module}" if first else f"{opening}.import_converters([{opening}.kind('keras')])"
    command = [sys.executable, "-c", f"import {opening}; {code}"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""
