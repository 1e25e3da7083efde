"""The README says what the program does: its tables, examples and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.support.project import REPOSITORY
from tfjs_build.cli import parser
from tfjs_build.manifest import parse, table

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
TABLES = [("manifest keys", table.manifest_keys()), ("model keys", table.model_keys())]


@pytest.mark.parametrize(("mark", "expected"), TABLES)
def test_the_tables_are_those_of_the_manifest(mark: str, expected: str) -> None:
    section = re.search(rf"<!-- {mark} -->\n(.*?)\n<!-- end -->", README, re.DOTALL)
    assert section is not None
    assert section[1].strip() == expected.strip()


def test_the_example_is_a_manifest(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    manifest = parse(example, tmp_path / "tfjs.yaml")
    assert [model.name for model in manifest.models] == list(yaml.safe_load(example)["models"])


def test_every_command_and_option_is_listed() -> None:
    (listed,) = re.findall(r"## Commands\n\n```\n(.*?)```", README, re.DOTALL)
    (action,) = [action for action in parser()._actions if action.dest == "command"]
    commands = action.choices
    assert isinstance(commands, dict)
    assert sorted(set(re.findall(r"^tfjs-build (\w+)", listed, re.MULTILINE))) == sorted(commands)
    for command in ("build", "watch"):
        (lines,) = re.findall(rf"^tfjs-build {command} .*\n((?: .*\n)*)", listed, re.MULTILINE)
        options = {option for action in commands[command]._actions for option in action.option_strings}
        assert set(re.findall(r"^ +(--?\w[\w-]*)", lines, re.MULTILINE)) == options - {"-h", "--help"}
