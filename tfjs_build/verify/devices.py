"""The devices of this machine: Node and a browser, each started when it is first needed, anew where it has failed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tfjs_build.fs import remove_own
from tfjs_build.records import record
from tfjs_build.samples import Group
from tfjs_build.verify import browsers
from tfjs_build.verify.process import Guarded
from tfjs_build.verify.project import EXTRA
from tfjs_build.verify.site import PAGE, Device, DeviceGoneError, Site
from tfjs_build.verify.wire import unpack

if TYPE_CHECKING:
    from tfjs_build.verify.prepared import Prepared, Variant

RUN_SECONDS: Final = 300.0
"""What one model may take on one backend."""

_ARRIVAL_SECONDS: Final = 60.0
_START_SECONDS: Final = 120.0
_MOST_RUNS: Final = 100
"""Runs after which a device is started anew: what models leave there adds up."""

_GPU: Final = ("webgpu", "webgl")


class NotTriedError(Exception):
    """A backend cannot be tried here: why, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class RunError(Exception):
    """A model does not run; `spoiled` is whether its device cannot be trusted any more."""

    def __init__(self, message: str, *, spoiled: bool) -> None:
        super().__init__(message)
        self.spoiled = spoiled


@record(frozen=True)
class Ran:
    """What a model gave, sample by sample; `first` and `next` are what a prediction took, in milliseconds, `about` what
    the device says of the backend: its `renderer`, and whether its numbers are `half` floats."""

    outputs: Sequence[Group]
    first: float
    next: float | None
    about: Mapping[str, Any]


class Host:
    """A device as models are run on it: it has one backend at a time."""

    def __init__(self, site: Site, device: Device) -> None:
        self.site, self.device = site, device
        self._backend: str | None = None
        self._about: Mapping[str, Any] = {}

    def called(self, _backend: str = "") -> str:
        """What people call it."""
        about = self.device.about
        return f"Node {about['version']}" if about.get("kind") == "node" else str(about.get("called", "a browser"))

    def alive(self) -> bool:
        """Whether it can still answer."""
        return True

    def start(self, backend: str) -> Mapping[str, Any]:
        """Make a backend the current one; raises NotTriedError where it is not there."""
        if not self.site.modules.has(backend):
            name = EXTRA[backend]
            raise NotTriedError(f"the project does not have {name}", f"npm install {name}")
        if backend != self._backend:
            self._backend = None
            answer = self._perform({"do": "start", "backend": backend}, (), _START_SECONDS)[0]
            if "started" not in answer:
                raise NotTriedError(str(answer.get("error", "it does not start")).removeprefix("Error: "))
            self._backend, self._about = backend, dict(answer["started"])
        return self._about

    def run(self, prepared: Prepared, variant: Variant, backend: str, *, quietly: bool = False) -> Ran:
        """Run a variant of a model on its samples; raises NotTriedError, and RunError for what goes wrong."""
        about = self.start(backend)
        _, samples = unpack(prepared.samples.read_bytes())
        job = {
            "do": "run",
            "model": prepared.model,
            "backend": backend,
            "loader": prepared.loader,
            "again": variant.name == "published",
            "quietly": quietly,
            **self._places(prepared, variant),
        }
        answer, groups = self._perform(job, samples, RUN_SECONDS)
        if "error" in answer:
            raise RunError(str(answer["error"]), spoiled=bool(answer.get("spoiled")))
        again = answer.get("next")
        return Ran(groups, float(answer["first"]), None if again is None else float(again), about)

    def show(self, job: Mapping[str, Any]) -> None:
        """Have a page show something."""
        self._perform(job, (), _START_SECONDS)

    def _places(self, prepared: Prepared, variant: Variant) -> dict[str, str]:
        """Return where the device finds the loader and the model's files, which are served from now on: addresses are
        relative to the site, which not every device has under the same name."""
        files, stubs = f"files-{variant.name}-{prepared.model}", f"stubs-{prepared.model}"
        self.site.roots |= {files: variant.folder, stubs: prepared.stubs / "page"}
        return {
            "stub": f"{stubs}/{variant.stub}?{prepared.version}",
            "file": str(prepared.stubs / "node" / variant.stub),
            "model_json": f"{files}/model.json",
        }

    def _perform(
        self, job: Mapping[str, Any], samples: Sequence[Group], seconds: float
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            return self.device.perform(job, samples, seconds=seconds, alive=self.alive)
        except TimeoutError as error:
            raise RunError(f"no answer in {seconds:.0f} s", spoiled=True) from error


class _Started(Host):
    """A device that we have started."""

    def __init__(self, site: Site, device: Device, program: Guarded) -> None:
        super().__init__(site, device)
        self.program = program
        self.runs = 0

    def alive(self) -> bool:
        return self.program.ended is None


class Machine:
    """Node and the browser of this machine. Closing it ends them."""

    def __init__(self, site: Site, profiles: Path, browser: Path | None = None) -> None:
        """`profiles` is a folder of ours for what browsers write; `browser` is the one to take."""
        self.site, self._profiles, self._wanted = site, profiles, browser
        self._hosts: dict[str, _Started] = {}
        self._names: dict[str, str] = {}
        self._impossible: dict[str, NotTriedError] = {}
        self._count = 0

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        for kind in list(self._hosts):
            self._end(kind)
        remove_own(self._profiles)

    def called(self, backend: str) -> str:
        """What runs a backend here, in words; what it last was, where that has ended."""
        kind = self._kind(backend)
        return self._names.get(kind, self._named(kind))

    def start(self, backend: str) -> Mapping[str, Any]:
        """Make a backend ready; raises NotTriedError where it cannot be tried here."""
        kind = self._kind(backend)
        try:
            return self._host(kind).start(backend)
        except (DeviceGoneError, RunError) as error:
            words = self._last_words(kind)
            self._end(kind)
            raise NotTriedError(f"{self._named(kind)} does not start {backend}: {words}") from error

    def run(self, prepared: Prepared, variant: Variant, backend: str) -> Ran:
        """Run a variant of a model; raises NotTriedError where that cannot be tried here, RunError where it fails."""
        self.start(backend)
        kind = self._kind(backend)
        host = self._host(kind)
        host.runs += 1
        try:
            found = host.run(prepared, variant, backend)
        except DeviceGoneError as error:
            words = self._last_words(kind)
            self._end(kind)
            raise RunError(f"{self._named(kind)} ended while it ran the model: {words}", spoiled=True) from error
        except RunError as error:
            if error.spoiled:
                self._end(kind)
            raise
        if host.runs >= _MOST_RUNS:
            self._end(kind)
        return found

    def _kind(self, backend: str) -> str:
        """Return what is to run a backend: cpu and wasm are Node's where it is there."""
        return "browser" if backend in _GPU or shutil.which("node") is None else "node"

    def _named(self, kind: str) -> str:
        return "Node" if kind == "node" else "the browser"

    def _host(self, kind: str) -> _Started:
        host = self._hosts.get(kind)
        if host is not None and host.alive():
            return host
        if host is not None:
            self._end(kind)
        if kind in self._impossible:
            raise self._impossible[kind]
        try:
            self._hosts[kind] = found = self._started(kind)
        except NotTriedError as error:
            self._impossible[kind] = error
            raise
        return found

    def _started(self, kind: str) -> _Started:
        self._count += 1
        device = self.site.expect(f"{kind}-{self._count}-{self.site.secret[:6]}")
        command = self._node(device) if kind == "node" else self._browser(device)
        try:
            program = Guarded(command)
        except OSError as error:
            raise NotTriedError(f"{command[0]} does not start: {error.strerror}") from error
        if device.arrived(_ARRIVAL_SECONDS, lambda: program.ended is None):
            host = _Started(self.site, device, program)
            self._names[kind] = host.called()
            return host
        words = program.last_words()
        program.close()
        raise NotTriedError(f"{Path(command[0]).name} does not load the page of tfjs-build: {words}")

    def _node(self, device: Device) -> list[str]:
        modules = self.site.modules
        tfjs = modules.tfjs.folder / modules.tfjs.node
        wasm = modules.extra.get("wasm")
        node = shutil.which("node")
        assert node is not None
        return [
            node,
            str(PAGE / "node.mjs"),
            self.site.local,
            device.name,
            str(tfjs),
            "" if wasm is None else str(wasm.folder / wasm.node),
        ]

    def _browser(self, device: Device) -> list[str]:
        program = browsers.find(self._wanted)
        if program is None:
            if self._wanted is not None:
                raise NotTriedError(f"there is no browser {self._wanted}")
            missing = "there is no Chrome, Chromium, Edge or Firefox on this machine"
            if shutil.which("node") is None:
                missing = "there is neither Node nor a browser on this machine"
            raise NotTriedError(
                missing, "Install one, name one with `--browser PATH`, or open the page elsewhere with `--serve`."
            )
        profile = self._profiles / str(self._count)
        remove_own(profile)
        profile.mkdir(parents=True)
        return program.command(f"{self.site.local}?device={device.name}", profile, software=not _has_gpu())

    def _last_words(self, kind: str) -> str:
        host = self._hosts.get(kind)
        return host.program.last_words() if host is not None else "it says nothing"

    def _end(self, kind: str) -> None:
        host = self._hosts.pop(kind, None)
        if host is not None:
            host.program.close()


def _has_gpu() -> bool:
    """Whether browsers find a GPU, as far as Linux shows it; elsewhere there is always one."""
    if sys.platform != "linux":
        return True
    return os.path.exists("/dev/dxg") or any(  # noqa: PTH110
        name.startswith(("renderD", "nvidia0")) for folder in ("/dev/dri", "/dev") for name in _names(folder)
    )


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
