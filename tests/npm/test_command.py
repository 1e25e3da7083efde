"""`npx tfjs-build`: which Python command it finds, and that it is that command to all who look."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node") or "node"


def program(path: Path, script: str = "exit 0") -> Path:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def found(package: Path, root: Path, **env: str) -> list[str] | None:
    """Return the command that is found for a project."""
    code = (
        f"const {{ findCommand }} = await import({json.dumps(str(package / 'dist' / 'command.js'))});"
        f"const found = findCommand({json.dumps(str(root))});"
        "console.log(JSON.stringify(found ? [found.file, ...found.args] : null))"
    )
    environment = {"PATH": "", **env}
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", code], env=environment, capture_output=True, text=True, check=True
    )
    result: list[str] | None = json.loads(done.stdout)
    return result


def test_the_places_in_their_order(package: Path, tmp_path: Path) -> None:
    root = tmp_path / "site" / "web"
    root.mkdir(parents=True)
    assert found(package, root) is None
    folder = tmp_path / "bin"
    pipx = program(folder / "pipx")
    assert found(package, root, PATH=str(folder)) == [str(pipx), "run", "--spec", "tfjs-build==0.1.0", "tfjs-build"]
    uvx = program(folder / "uvx")
    assert found(package, root, PATH=str(folder)) == [str(uvx), "--from", "tfjs-build==0.1.0", "tfjs-build"]
    on_path = program(tmp_path / "other" / "tfjs-build")
    path = os.pathsep.join([str(folder), str(on_path.parent)])
    assert found(package, root, PATH=path) == [str(on_path)]
    around = program(tmp_path / "site" / ".venv" / "bin" / "tfjs-build")
    assert found(package, root, PATH=path) == [str(around)]
    own = program(root / ".venv" / "bin" / "tfjs-build")
    assert found(package, root, PATH=path) == [str(own)]
    assert found(package, root, PATH=path, TFJS_BUILD="/opt/tfjs-build") == ["/opt/tfjs-build"]


def test_what_npm_puts_on_path_is_passed_over(package: Path, tmp_path: Path) -> None:
    modules = tmp_path / "node_modules" / ".bin"
    program(modules / "tfjs-build")
    ours = tmp_path / "linked"
    ours.mkdir()
    (ours / "tfjs-build").symlink_to(package / "dist" / "bin.js")
    path = os.pathsep.join([str(modules), str(ours)])
    assert found(package, tmp_path, PATH=path) is None


def test_it_has_the_version_of_the_python_package(package: Path) -> None:
    from tfjs_build import __version__

    assert json.loads((package / "package.json").read_text())["version"] == __version__


def run(package: Path, *arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NODE, package / "dist" / "bin.js", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def test_without_it_two_lines_say_what_to_do(package: Path, tmp_path: Path) -> None:
    done = run(package, "build", cwd=tmp_path, env={"PATH": ""})
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first == "tfjs-build: its Python package is not here: looked at TFJS_BUILD, .venv, PATH, uvx and pipx"
    assert "pip install tfjs-build" in second


def test_arguments_streams_and_exit_code_are_the_commands(package: Path, command: Path, tmp_path: Path) -> None:
    env = {**os.environ, "TFJS_BUILD": str(command)}
    done = run(package, "schema", cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert json.loads(done.stdout)["type"] == "object"
    done = run(package, "build", cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert "tfjs.yaml" in done.stderr
    echo = program(tmp_path / "echo", 'printf "%s\\n" "$@"; exit 7')
    done = run(package, "a b", "--", "$x", cwd=tmp_path, env={**env, "TFJS_BUILD": str(echo)})
    assert (done.returncode, done.stdout) == (7, "a b\n--\n$x\n")
    done = run(package, cwd=tmp_path, env={**env, "TFJS_BUILD": "/none/such"})
    assert done.returncode == 2
    assert "/none/such cannot be started" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_sent_on(package: Path, tmp_path: Path, number: signal.Signals) -> None:
    waiting = program(tmp_path / "waiting", "trap 'echo ended; exit 5' TERM HUP\necho up\nwhile :; do sleep 0.1; done")
    with subprocess.Popen(
        [NODE, package / "dist" / "bin.js"],
        env={**os.environ, "TFJS_BUILD": str(waiting)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 5


def test_the_compiled_command_may_be_run(package: Path) -> None:
    # npm sets that of what it installs, but a checkout that is linked has what the build has made.
    assert os.access(package / "dist" / "bin.js", os.X_OK)
