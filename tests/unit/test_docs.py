"""README.md and docs/ say what the program does: tables, examples, commands, events, and links that lead somewhere."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.support.project import REPOSITORY
from tfjs_build import cli, events
from tfjs_build.convert.artifacts import ModelArtifacts, Signature, TensorSpec
from tfjs_build.convert.compression import Compressed
from tfjs_build.convert.model_json import KEY, model_json, read
from tfjs_build.convert.shards import Shard
from tfjs_build.errors import ManifestError
from tfjs_build.manifest import parse, table
from tfjs_build.names import Identifiers, identifiers
from tfjs_build.stubs.describe import StubModel, StubTensor
from tfjs_build.stubs.minimal import TfjsModule
from tfjs_build.stubs.render import _environment, template_dirs
from tfjs_build.verifying import NOT_TRIED

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "npm/*.md", "examples/*/*.md")
    for path in REPOSITORY.glob(pattern)
    if "node_modules" not in path.parts
)
TEXTS = {page.relative_to(REPOSITORY).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
TABLES = [
    ("manifest keys", table.manifest_keys()),
    ("model keys", table.model_keys()),
    ("verify keys", table.verify_keys()),
    ("limits keys", table.limits_keys()),
    ("pixels keys", table.pixels_keys()),
    ("auto keys", table.auto_keys()),
]


def marked(page: str, mark: str) -> str:
    """Return what stands between a mark in a comment and the end."""
    (section,) = re.findall(rf"<!-- {mark} -->\n(.*?)\n<!-- end -->", TEXTS[page], re.DOTALL)
    return str(section)


def blocks(page: str, language: str) -> list[str]:
    """Return the examples in a language, "" for none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", TEXTS[page], re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the only table in a text, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def columns(page: str, mark: str) -> list[str]:
    """Return the first column of a marked table, without quotes."""
    return [row[0].strip("`") for row in rows(marked(page, mark))]


def headings(text: str) -> list[str]:
    """Return the anchors of a page, as GitHub makes them."""
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.*)$", plain, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        file = (REPOSITORY / page).parent / name if name else REPOSITORY / page
        assert file.exists(), target
        if anchor:
            assert anchor in headings(file.read_text(encoding="utf-8")), target


def test_the_readme_is_one_screen() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 60


@pytest.mark.parametrize(("mark", "expected"), TABLES)
def test_the_tables_are_those_of_the_manifest(mark: str, expected: str) -> None:
    assert marked("docs/manifest.md", mark).strip() == expected.strip()


def test_the_example_is_a_manifest(tmp_path: Path) -> None:
    (example,) = blocks("docs/manifest.md", "yaml")
    manifest = parse(example, tmp_path / "tfjs.yaml")
    assert [model.name for model in manifest.models] == list(yaml.safe_load(example)["models"])


SCRIPTS = [text for page in TEXTS for text in blocks(page, "json") if '"scripts"' in text]


def test_scripts_of_package_json_are_shown() -> None:
    assert any("tfjs-build watch -- " in each for each in SCRIPTS)


@pytest.mark.parametrize("example", SCRIPTS)
def test_the_scripts_of_package_json(example: str) -> None:
    for script in json.loads(example)["scripts"].values():
        for part in script.split("&&"):
            command, *arguments = shlex.split(part)
            if command == "tfjs-build":
                cli._parse(arguments)


def subcommands() -> dict[str, Any]:
    """Return the parsers of all commands."""
    (action,) = [action for action in cli.parser()._actions if action.dest == "command"]
    assert isinstance(action.choices, dict)
    return action.choices


@pytest.mark.parametrize("page", TEXTS)
def test_commands_that_are_shown_are_commands(page: str) -> None:
    for text in blocks(page, "sh"):
        for line in text.splitlines():
            command, *arguments = shlex.split(line, comments=True)
            if command == "tfjs-build":
                cli._parse(arguments)
    for name, rest in re.findall(r"`tfjs-build (\w+)([^`]*)`", " ".join(TEXTS[page].split())):
        options = {option for action in subcommands()[name]._actions for option in action.option_strings}
        assert set(re.findall(r"(?<= )--?\w[\w-]*", rest.partition(" -- ")[0].partition(" && ")[0])) <= options


def test_every_command_and_option_is_listed() -> None:
    (listed,) = blocks("docs/commands.md", "")
    found = dict(re.findall(r"^tfjs-build (\w+).*\n((?: .*\n)*)", listed, re.MULTILINE))
    assert sorted(found) == sorted(subcommands())
    for command, lines in found.items():
        options = {option for action in subcommands()[command]._actions for option in action.option_strings}
        assert set(re.findall(r"^ +(--?\w[\w-]*)", lines, re.MULTILINE)) == options - {"-h", "--help"}


def test_exit_codes() -> None:
    section = TEXTS["docs/commands.md"].partition("## Exit codes")[2].partition("\n## ")[0]
    codes = [int(row[0]) for row in rows(section)]
    assert codes == [0, 1, cli.USAGE, cli.BUG, NOT_TRIED, cli.INTERRUPTED]


EVENTS = {each.event: each for each in events.Event.__subclasses__()}
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXTS["docs/events.md"], re.DOTALL | re.MULTILINE))


def test_every_event_has_a_section() -> None:
    assert sorted(SECTIONS) == sorted(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_of_an_event_is_one(name: str) -> None:
    (example,) = re.findall(r"```json\n(.*)\n```", SECTIONS[name])
    shown = json.loads(example)
    cls = EVENTS[name]
    made = cls(**{key: value for key, value in shown.items() if key != "event"})
    assert json.dumps(made.as_json()) == json.dumps(shown)
    every = {field.name for field in dataclasses.fields(cls)}
    assert set(shown) - {"event"} == every, "an example shows every key"


def test_a_fault_of_the_manifest_is_told_as_shown(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*)\n```", SECTIONS["failed"])
    shown = json.loads(example)
    text = "version: 1\noutput: public/models\nmodels:\n  digits:\n    source: net.keras\n    quantise: float16\n"
    with pytest.raises(ManifestError) as caught:
        parse(text, tmp_path / "tfjs.yaml")
    (fault,) = caught.value.faults
    assert (fault.message, fault.hint, fault.excerpt) == (shown["message"], shown["hint"], shown["excerpt"])
    assert (fault.location.line, fault.location.column) == (shown["line"], shown["column"])


def test_what_templates_are_given() -> None:
    page = "docs/templates.md"
    for mark, prefix, cls in (
        ("model", "model.", StubModel),
        ("identifiers", "model.identifiers.", Identifiers),
        ("tensor", "tensor.", StubTensor),
        ("module", "module.", TfjsModule),
    ):
        assert columns(page, mark) == [prefix + field.name for field in dataclasses.fields(cls)]
    shown = {row[0].strip("`").rpartition(".")[2]: row[1].strip("`") for row in rows(marked(page, "identifiers"))}
    assert shown == dataclasses.asdict(identifiers("my-net"))


def test_the_templates_are_listed() -> None:
    (folder,) = template_dirs()
    assert sorted(columns("docs/templates.md", "files")) == sorted(path.name for path in folder.glob("*.j2"))


def test_filters_give_what_is_shown() -> None:
    environment = _environment(tuple(template_dirs()))
    table = rows(marked("docs/templates.md", "filters"))
    own = set(environment.filters) - set(jinja2.Environment().filters)
    assert {row[0].strip("`") for row in table} == own
    for name, _, example, result in table:
        source = example.strip("`").replace("\\|", "|")
        assert f"| {name.strip('`')} " in source
        assert environment.from_string(source).render() == result.strip("`")


def test_what_model_json_holds() -> None:
    specs = (TensorSpec("x", "x", (None, 3), "float32"),)
    artifacts = ModelArtifacts("graph", {}, (), Signature(specs, specs), "Keras 3.15.1")
    signature = artifacts.signature
    shard = Shard("weights.0.bin", Path("shard-0"), "0" * 64, 12)
    compressed = [Compressed(shard, Path("shard-0.gz"), 10)]
    options: dict[str, Any] = {"labels": ("no", "yes"), "metadata": {}, "classify": {}, "compressed": compressed}
    data, _ = model_json(artifacts, signature=signature, weights=[], shards=[shard], **options)
    ours = json.loads(data)["userDefinedMetadata"][KEY]
    page = TEXTS["docs/model-json.md"]
    of_model, of_tensor = re.findall(r"^\| key \| holds \|\n(?:\|.*\n)+", page, re.MULTILINE)
    assert sorted(row[0].strip("`") for row in rows(of_model)) == sorted(ours)
    assert sorted(row[0].strip("`") for row in rows(of_tensor)) == sorted(ours["signature"]["inputs"][0])
    (example,) = blocks("docs/model-json.md", "json")
    shown = json.loads(example)
    assert sorted(shown) == sorted(ours.keys() - {"compressed"})  # which so few weights have not
    assert sorted(shown["signature"]["inputs"][0]) == sorted(ours["signature"]["inputs"][0])
    assert len(shown["version"]) == len(ours["version"])
    assert read(data) is None, "what is not sealed is not ours"
