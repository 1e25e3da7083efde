"""What is known of a toolchain: how a project of it is made, checked and built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).with_name("files")


@dataclass(frozen=True)
class Toolchain:
    """One tool with one kind of project.

    Commands are for a shell, in the project's folder, with its packages' commands on the PATH. `BASE` is where the site
    is to be ("/" or "/sub/"), `BASE_PATH` the same without the slash at the end ("" or "/sub").
    """

    name: str  # for ONLY, and the folder in files/ that is copied over what the scaffolder made
    title: str
    packages: tuple[str, ...]  # those whose versions the table shows
    create: str = ""  # makes the project in the folder `app`; nothing where the files are all there is
    predict: str = "src/predict.ts"  # where files/predict.ts goes; nothing for a project that does without
    install: tuple[str, ...] = ()  # packages besides those of the scaffolder and TensorFlow.js
    prepare: str = ""  # run once, after the packages are there
    prebuild: bool = False  # its `build` checks types before it bundles, so that loaders have to be there beforehand
    check: tuple[str, ...] = ()  # its type check and its linter
    build: str = ""
    output: str = "dist"
    dev: str = ""  # starts its development server at $PORT of 127.0.0.1, and goes on
    swaps: bool = True  # whether a new version comes into the open page, which otherwise has it when it is loaded anew
    stays: bool = True  # whether a page stays as it is when another one is opened after a new version
    overlay: str = ""  # the element in which a page shows what is wrong; nothing where the terminal alone does
    run: str = ""  # in place of a page: prints what the model gives
    settings: str = ""  # what a project needs besides tfjs.yaml and the plugin, for the table
    remarks: str = ""

    @property
    def files(self) -> Path:
        """The project's files that are not the scaffolder's, `tfjs.yaml` among them."""
        return FILES / self.name

    @property
    def plugin(self) -> Path | None:
        """The files of the project that has the npm package's plugin, where there is one for the toolchain: they are
        copied over the others."""
        folder = FILES / "plugin" / self.name
        return folder if folder.is_dir() else None

    @property
    def bases(self) -> tuple[str, ...]:
        """Where the site is to be; one base where there is no site."""
        return ("/",) if self.run else ("/", "/sub/")
