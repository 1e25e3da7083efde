"""Which files a model's own code consists of, told without running any, and which Python has TensorFlow for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tfjs_build.convert.tensorflow.python import VARIABLE, find_python
from tfjs_build.errors import NoTensorFlowError
from tfjs_build.model import Code
from tfjs_build.sources.modules import project_files, wanted_files


def write(root: Path, files: dict[str, str]) -> Code:
    """Write a project's files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Code(root)


def test_what_modules_import_from_the_project(tmp_path: Path) -> None:
    code = write(
        tmp_path,
        {
            "nets.py": "import keras\nfrom layers import norm\nimport layers.heads as heads\n",
            "layers/__init__.py": "from .base import Base\n",
            "layers/base.py": "def later():\n    import sizes\n",
            "layers/norm.py": "from . import base\nfrom ..outside import nothing\n",
            "layers/heads/__init__.py": "from ..norm import x\n",
            "layers/unused.py": "import unused\n",
            "sizes.py": "import nets\n",
            "unused.py": "",
        },
    )
    assert list(project_files(code, ["nets"])) == [
        "layers/__init__.py",
        "layers/base.py",
        "layers/heads/__init__.py",
        "layers/norm.py",
        "nets.py",
        "sizes.py",
    ]


def test_a_project_with_its_code_in_src(tmp_path: Path) -> None:
    code = write(tmp_path, {"src/mine/__init__.py": "", "src/mine/nets.py": "from mine import other\n"})
    assert list(project_files(code, ["mine.nets"])) == ["src/mine/__init__.py", "src/mine/nets.py"]


def test_what_is_no_python_imports_nothing(tmp_path: Path) -> None:
    code = write(tmp_path, {"a.py": "import b\n", "b.py": "def f(:\n", "c.py": "\0"})
    assert list(project_files(code, ["a", "c", "installed.elsewhere"])) == ["a.py", "b.py", "c.py"]


def test_an_import_that_changes_is_seen(tmp_path: Path) -> None:
    code = write(tmp_path, {"a.py": "import b\n", "b.py": "", "longer.py": ""})
    assert list(project_files(code, ["a"])) == ["a.py", "b.py"]
    write(tmp_path, {"a.py": "import longer\n"})
    assert list(project_files(code, ["a"])) == ["a.py", "longer.py"]


def test_a_module_that_is_not_there_is_waited_for_beside_the_manifest(tmp_path: Path) -> None:
    assert project_files(Code(tmp_path), ["mine.nets"]) == {}
    assert wanted_files(Code(tmp_path), ["mine.nets"]) == [tmp_path / "mine" / "nets.py"]


def test_the_projects_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(NoTensorFlowError) as caught:
        find_python(tmp_path)
    assert 'pip install "tfjs-build[tensorflow]"' in caught.value.hint
    (tmp_path / ".venv" / "lib" / "python3.12" / "site-packages" / "tensorflow").mkdir(parents=True)
    assert find_python(tmp_path) == tmp_path / ".venv" / "bin" / "python"
    monkeypatch.setenv(VARIABLE, sys.executable)
    assert find_python(tmp_path) == Path(sys.executable)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(NoTensorFlowError, match="which is not a program"):
        find_python(tmp_path)
