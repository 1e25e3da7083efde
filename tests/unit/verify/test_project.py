"""Which TensorFlow.js is found, and which browser is started how."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tfjs_build.verify import browsers
from tfjs_build.verify.project import find


def install(folder: Path, name: str, module: str, version: str = "4.22.0") -> None:
    package = folder / "node_modules" / name
    (package / "dist").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version, "main": "dist/main.js"}))
    (package / "dist" / f"{module}.fesm.min.js").touch()


def test_the_packages_that_modules_of_a_folder_import(tmp_path: Path) -> None:
    stubs = tmp_path / "web" / "src" / "models"
    stubs.mkdir(parents=True)
    install(tmp_path, "@tensorflow/tfjs", "tf", "4.1.0")
    install(tmp_path / "web", "@tensorflow/tfjs", "tf")
    install(tmp_path, "@tensorflow/tfjs-backend-wasm", "tf-backend-wasm")
    found = find([stubs, tmp_path])
    assert found is not None
    assert found.tfjs.version == "4.22.0"
    assert found.tfjs.address == (tmp_path / "web/node_modules/@tensorflow/tfjs/dist/main.js").as_uri()
    assert [found.has(backend) for backend in ("cpu", "webgl", "wasm", "webgpu")] == [True, True, True, False]
    elsewhere = find([tmp_path / "other"])
    assert elsewhere is not None
    assert elsewhere.tfjs.version == "4.1.0"


def test_what_is_no_package(tmp_path: Path) -> None:
    assert find([tmp_path]) is None
    install(tmp_path, "@tensorflow/tfjs", "other")
    assert find([tmp_path]) is None
    (tmp_path / "node_modules/@tensorflow/tfjs/package.json").write_text("[]")
    assert find([tmp_path]) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere browsers have fixed places, too")
def test_the_browsers_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browsers.find() is None
    for name in ("firefox", "chromium"):
        (tmp_path / name).touch(0o755)
        (tmp_path / name).chmod(0o755)
    found = browsers.find()
    assert found == browsers.BrowserProgram(tmp_path / "chromium", "chromium")
    assert browsers.find(Path("firefox")) == browsers.BrowserProgram(tmp_path / "firefox", "firefox")
    assert browsers.find(Path("none")) is None


def test_how_they_are_started(tmp_path: Path) -> None:
    chromium = browsers.BrowserProgram(Path("/opt/chrome"), "chromium")
    hard, soft = (chromium.command("http://x/", tmp_path, software=software) for software in (False, True))
    assert hard[0] == "/opt/chrome"
    assert hard[-2:] == [f"--user-data-dir={tmp_path}", "http://x/"]
    assert "--use-angle=swiftshader" not in hard
    assert "--use-angle=swiftshader" in soft
    firefox = browsers.BrowserProgram(Path("/opt/firefox"), "firefox").command("http://x/", tmp_path, software=True)
    assert firefox == ["/opt/firefox", "--headless", "--no-remote", "--profile", str(tmp_path), "http://x/"]
    assert "max_script_run_time" in (tmp_path / "user.js").read_text()
