"""Code runs where the manifest allows it, and only there; the lines that a refusal names make it run."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conversion.build import build_project
from tests.tensorflow.test_models import FILES, build, verdicts

SAYS = {
    "custom": "layer `scaled` (layers.scaling>Scale)",
    "registered": "layer `shifted` (layers>Shift)",
    "lambda": "layer `squares` (Lambda)",
    "subclassed": "class of its own (`Pair`)",
}


def pasted(hints: list[str]) -> tuple[list[str], set[str]]:
    """Return the `imports` and the models with `allow_code: true` that hints say to add."""
    imports, allowed = [], set()
    for hint in hints:
        imports += [name for found in re.findall(r"`imports: \[(.*?)\]`", hint) for name in found.split(", ")]
        allowed |= set(re.findall(r"`allow_code: true` to `(.*?)`", hint))
    return list(dict.fromkeys(imports)), allowed


def test_lines_of_a_refusal_make_it_work(folder: Path, written: Path, with_tensorflow: dict[str, str]) -> None:
    files = {name: FILES[name] for name in SAYS}
    refused = build(folder, written, files, with_tensorflow)
    assert refused.written == {}
    assert {name: SAYS[name] in refused.failed[name]["message"] for name in SAYS} == dict.fromkeys(SAYS, True)
    imports, allowed = pasted([event["hint"] for event in refused.failed.values()])
    assert allowed == SAYS.keys()
    assert sorted(imports) == ["layers", "layers.scaling", "nets"]
    models = {name: {**keys, "allow_code": True} for name, keys in files.items()}
    built = build(folder, written, models, with_tensorflow, imports=imports)
    assert built.failed == {}
    assert verdicts(built, written) == {}


def test_a_class_whose_module_the_file_does_not_tell(
    folder: Path, written: Path, with_tensorflow: dict[str, str]
) -> None:
    built = build(folder, written, {"custom_h5": FILES["custom_h5"]}, with_tensorflow)
    assert built.failed["custom_h5"]["hint"].startswith(
        "If you trust that code, TensorFlow can run it: add `imports: […]` at the top of tfjs.yaml, with the module "
        "that defines `Scale`, and `allow_code: true` to `custom_h5`."
    )


def test_imports_that_lack_a_module_are_named(folder: Path, written: Path, with_tensorflow: dict[str, str]) -> None:
    models = {"subclassed": {**FILES["subclassed"], "allow_code": True}}
    built = build(folder, written, models, with_tensorflow, imports=["layers"])
    assert built.failed["subclassed"]["hint"] == "The file names code in nets: add that to `imports`."


def test_without_tensorflow_others_are_built(folder: Path, written: Path, without: dict[str, str]) -> None:
    models = {
        "made": {"source": "python:nets:made", "allow_code": True},
        "custom": {**FILES["custom"], "allow_code": True},
        "plain": {"source": "plain.keras"},
        "old": FILES["old"],
    }
    built = build(folder, written, models, without, imports=["layers"])
    assert list(built.written) == ["plain"]
    messages = {name: event["message"] for name, event in built.failed.items()}
    assert messages["made"] == "this needs TensorFlow, which is not installed"
    assert messages["custom"].endswith("and this needs TensorFlow, which is not installed")
    hints = [event["hint"] for name, event in built.failed.items() if name != "old" and "hint" in event]
    assert len(hints) == 1
    assert hints[0].startswith('Install it: pip install "tfjs-build[tensorflow]".')
    assert "allow_code" in built.failed["old"]["hint"]


MISTAKES = {
    "nets:nothing": ("python:nets:nothing returned None, not a Keras model or a tf.Module", ""),
    "nets:missing": ("the module nets has no `missing`", ""),
    "nets:wrong": ("python:nets:wrong raised KeyError: 'no such key' at nets.py:65", ""),
    "nowhere:f": (
        "python:nowhere:f raised ModuleNotFoundError: No module named 'nowhere'",
        "Modules are found beside tfjs.yaml, in src beside it, and in the Python that has TensorFlow.",
    ),
    "nets:Several": ("the module has several functions: say which one as `signature`: first, second", ""),
    "nets:Silent": (
        "`__call__` does not say what it takes: decorate it with @tf.function(input_signature=[tf.TensorSpec(…)])",
        "",
    ),
    "broken:f": ("python:broken:f raised SyntaxError: invalid syntax (broken.py, line 1) at broken.py:1", ""),
    "odd:exits": ("python:odd:exits raised SystemExit: 3 at odd.py:26", ""),
}


def test_mistakes_are_one_line_that_says_where(folder: Path, with_tensorflow: dict[str, str]) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    models = {name.replace(":", "-").lower(): {"source": f"python:{name}", "allow_code": True} for name in MISTAKES}
    built = build_project(folder, models, env=with_tensorflow)
    said = {models[name]["source"]: (event["message"], event.get("hint", "")) for name, event in built.failed.items()}
    assert said == {f"python:{name}": texts for name, texts in MISTAKES.items()}
