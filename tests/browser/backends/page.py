"""A page in Chromium that runs models on one backend of TensorFlow.js, and what crosses the border to it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Playwright

from tests.browser.page import FLAGS as ORDINARY_FLAGS
from tests.browser.page import QuietHandler, serving
from tests.support.project import REPOSITORY

BACKENDS = ("webgpu", "webgl", "wasm", "cpu")

FLAGS = (
    *(flag for flag in ORDINARY_FLAGS if flag != "--disable-gpu"),
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
)
"""What lets Chromium render webgl and webgpu in software. Without its own Vulkan, webgpu gives zeros, or is lost, where
TensorFlow.js reads a tensor while it runs a graph: it does so through a canvas."""

_STORED = {"float32": "<f4", "int32": "<i4", "bool": "|b1", "complex64": "<c8"}
_PAGE = Path(__file__).parent
_MODULES = REPOSITORY / "tests" / "node" / "node_modules"

Described = Mapping[str, Any]
"""A tensor as the page knows it: {dtype, shape, data}."""


class BackendPage:
    """A page with one backend started. What a model does wrong is its own error; `run` starts the page anew where it
    has crashed."""

    def __init__(self, browser: Browser, url: str, backend: str, flags: Mapping[str, object]) -> None:
        self._browser, self._url, self.backend, self._flags = browser, url, backend, dict(flags)
        self._open()

    def _open(self) -> None:
        self._context = self._browser.new_context()
        self._page = self._context.new_page()
        self._page.set_default_timeout(600_000)
        self._page.goto(self._url)
        self._page.wait_for_function("globalThis.start !== undefined")
        self._page.evaluate("([backend, flags]) => start(backend, flags)", [self.backend, self._flags])

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def restart(self) -> None:
        """Open the page anew, so that nothing of earlier models is left on the device."""
        self.close()
        self._open()

    def run_all(self, jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Run graph models that are in memory, one after the other."""
        results: list[dict[str, Any]] = self._page.evaluate("jobs => runAll(jobs)", list(jobs))
        return results

    def call(self, module: str, name: str, *arguments: object) -> Any:
        """Call what a module exports, and return its result."""
        script = "async ([module, name, given]) => (await import(module))[name](...given)"
        return self._page.evaluate(script, [module, name, list(arguments)])

    def run_stub(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Run a published model through its stub."""
        result: dict[str, Any] = self._page.evaluate("job => runStub(job)", dict(job))
        return result


@contextmanager
def browser_for_backends(playwright: Playwright, *flags: str) -> Iterator[Browser]:
    """Start the machine's own Chromium with webgl and webgpu in software, and with `flags`."""
    chromium = shutil.which("chromium")
    assert chromium, "no chromium on the PATH: apt-get install chromium"
    browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


class _Handler(QuietHandler):
    roots: Mapping[str, Path]

    def translate_path(self, path: str) -> str:
        first, _, rest = path.split("?")[0].lstrip("/").partition("/")
        return str(self.roots[first] / rest) if first in self.roots else str(_PAGE / (first or "index.html"))


@contextmanager
def served_roots(roots: Mapping[str, Path]) -> Iterator[str]:
    """Serve the page, TensorFlow.js, and each folder of `roots` under its name; yields the address."""
    handler = type("Handler", (_Handler,), {"roots": {"node_modules": _MODULES, **roots}})
    with serving(handler) as url:
        yield url


def described(array: NDArray[Any]) -> Described:
    """Return a tensor as the page reads it; other float and integer types become float32 and int32."""
    dtype = {"f": "float32", "i": "int32", "u": "int32", "b": "bool", "c": "complex64"}.get(array.dtype.kind)
    shape = list(array.shape)
    if dtype is None:
        texts = [v.decode() if isinstance(v, bytes) else str(v) for v in array.ravel()]
        return {"dtype": "string", "shape": shape, "data": texts}
    data = np.ascontiguousarray(array, _STORED[dtype]).tobytes()
    return {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()}


def array_of(tensor: Described) -> NDArray[Any]:
    """Return a tensor that the page gave."""
    shape = tuple(tensor["shape"])
    if tensor["dtype"] == "string":
        return np.array(tensor["data"], dtype=object).reshape(shape)
    return np.frombuffer(base64.b64decode(tensor["data"]), _STORED[tensor["dtype"]]).reshape(shape)
