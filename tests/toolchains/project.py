"""A project of a toolchain on disk: made, checked and built by commands as a developer gives them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.project import REPOSITORY
from tests.toolchains.environment import TFJS
from tests.toolchains.model import write_model
from tests.toolchains.npm import packed
from tests.toolchains.toolchain import FILES, Toolchain


class CommandError(Exception):
    """A command of a toolchain failed; the message has what it printed."""


class Project:
    """The project of one toolchain, in `folder`/app; its commands run in `environment`."""

    tensorflow: tuple[str, ...] = (f"@tensorflow/tfjs@{TFJS}",)
    """The packages of TensorFlow.js that it has."""

    def __init__(self, toolchain: Toolchain, folder: Path, environment: Mapping[str, str]) -> None:
        self.toolchain = toolchain
        self.folder = folder
        self.root = folder / "app"
        self._environment = environment
        self._command = folder / "bin" / "tfjs-build"

    def scaffold(self) -> None:
        """Have the toolchain's scaffolder make a project, where it has one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.toolchain.create:
            self.command(self.toolchain.create, cwd=self.folder)

    def add_model(self, *, plugin: bool = False) -> None:
        """Add the project's own files: a page, a model and `tfjs.yaml`, and the plugin if that is wanted and there is
        one; and run `tfjs-build build`."""
        self._command.parent.mkdir(parents=True, exist_ok=True)
        self._command.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m tfjs_build "$@"\n')
        self._command.chmod(0o755)
        shutil.copytree(self.toolchain.files, self.root, dirs_exist_ok=True)
        if plugin and self.toolchain.plugin:
            shutil.copytree(self.toolchain.plugin, self.root, dirs_exist_ok=True)
        if self.toolchain.predict:
            predict = self.root / self.toolchain.predict
            predict.parent.mkdir(exist_ok=True)
            shutil.copy(FILES / "predict.ts", predict)
        write_model(self.root)
        self.command("tfjs-build build")

    def clean(self) -> None:
        """Delete all that was made of the model."""
        self.command("tfjs-build clean")
        shutil.rmtree(self.root / ".tfjs-build", ignore_errors=True)  # what the plugin keeps there

    def install(self, *, plugin: bool = False) -> None:
        """Install the project's packages, with that of the plugin if that is wanted and there is one."""
        ours = [str(packed())] if plugin and self.toolchain.plugin else []
        self.command(" ".join(("npm install", *self.tensorflow, *self.toolchain.install, *ours)))
        if self.toolchain.prepare:
            self.command(self.toolchain.prepare)
        if self.toolchain.prebuild:
            script = "require('./package.json').scripts.build"
            self.command(f'npm pkg set "scripts.build=tfjs-build build && $(node -p "{script}")"')

    def build(self, base: str) -> Path:
        """Build for production, for a site at `base`; return the folder for the host."""
        self.command(self.toolchain.build, base=base)
        return self.root / self.toolchain.output

    def run(self) -> str:
        """Run what stands for a page; return the last line that it printed."""
        return self.command(self.toolchain.run).rstrip().rpartition("\n")[2]

    def versions(self) -> list[str]:
        """Return the versions of the packages that the table shows."""
        script = "process.argv.slice(1).map((p) => console.log(JSON.parse(require('fs').readFileSync(p)).version))"
        paths = " ".join(f"node_modules/{package}/package.json" for package in self.toolchain.packages)
        return self.command(f'node -e "{script}" {paths}').split()

    def environment(self, base: str) -> dict[str, str]:
        """Return what commands run in: those of the project's packages are found, and after them `tfjs-build`."""
        folders = (self.root / "node_modules" / ".bin", self._environment["PATH"], self._command.parent)
        return {
            **self._environment,
            "PATH": os.pathsep.join(map(str, folders)),
            "BASE": base,
            "BASE_PATH": base.rstrip("/"),
        }

    def command(self, command: str, *, base: str = "/", cwd: Path | None = None) -> str:
        """Run a command and return what it printed on its standard output; raises CommandError."""
        done = subprocess.run(
            command,
            shell=True,
            cwd=cwd or self.root,
            env=self.environment(base),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"`{command}` gave {done.returncode}:\n{done.stdout}".rstrip())
        return done.stdout
