"""The browsers of this machine, and how each is started without a window on one page."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from tfjs_build.records import record

_COMMANDS: Final = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "firefox",
    "firefox-esr",
)
_MAC: Final = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Firefox.app/Contents/MacOS/firefox",
)
_WINDOWS: Final = (
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "Mozilla Firefox/firefox.exe",
)

_QUIET: Final = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
_GPU: Final = ("--enable-unsafe-webgpu", "--enable-features=Vulkan", "--enable-unsafe-swiftshader")
"""webgpu on Linux, and webgl in software where there is no GPU."""
_SOFTWARE: Final = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--use-webgpu-adapter=swiftshader",
    "--use-vulkan=swiftshader",
)
"""Without a Vulkan of its own, webgpu gives zeros in Chromium where TensorFlow.js reads a tensor through a canvas."""

_PREFERENCES: Final = """\
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.max_script_run_time", 0);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("app.update.enabled", false);
user_pref("webgl.force-enabled", true);
"""


@record(frozen=True)
class BrowserProgram:
    """A browser's program, and which family it is of."""

    path: Path
    family: Literal["chromium", "firefox"]

    def command(self, url: str, profile: Path, *, software: bool) -> list[str]:
        """Return the command that opens `url` without a window; `profile` is an empty folder. `software`: where there
        is no GPU, render as if there were one."""
        if self.family == "firefox":
            (profile / "user.js").write_text(_PREFERENCES, encoding="utf-8")
            return [str(self.path), "--headless", "--no-remote", "--profile", str(profile), url]
        sandbox = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []  # it cannot be root's
        software_flags = _SOFTWARE if software else ()
        return [str(self.path), *_QUIET, *_GPU, *software_flags, *sandbox, f"--user-data-dir={profile}", url]


def find(given: Path | None = None) -> BrowserProgram | None:
    """Return the browser to take: the one that was named, else the first of those that people have."""
    if given is not None:
        there = shutil.which(given)
        return None if there is None else BrowserProgram(Path(there), _family(Path(there)))
    return next((BrowserProgram(path, _family(path)) for path in _candidates()), None)


def _family(path: Path) -> Literal["chromium", "firefox"]:
    return "firefox" if "firefox" in path.name.lower() else "chromium"


def _candidates() -> Iterator[Path]:
    places: list[Path] = []
    if sys.platform == "darwin":
        places = [root / name for name in _MAC for root in (Path("/Applications"), Path.home() / "Applications")]
    elif sys.platform == "win32":
        roots = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        places = [Path(root) / name for name in _WINDOWS for root in roots if root]
    yield from (path for path in places if path.is_file())
    for name in _COMMANDS:
        found = shutil.which(name)
        if found is not None:
            yield Path(found)
