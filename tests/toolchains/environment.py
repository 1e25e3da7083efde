"""What the commands of toolchains run in: one Node, and the packages that the registry had on one day."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DATE = "2026-11-25"
"""Packages are those of this day, scaffolders and what they ask for alike, unless the newest are wanted."""

NODE = "24.21.0"
"""The Node of all projects, from the registry's package `node`: some toolchains want a newer one than ours."""

TFJS = "4.22.0"

QUIET = {
    "CI": "1",
    "FORCE_COLOR": "0",
    "NO_COLOR": "1",
    "NG_CLI_ANALYTICS": "false",
    "NEXT_TELEMETRY_DISABLED": "1",
    "ASTRO_TELEMETRY_DISABLED": "1",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_loglevel": "error",
    "npm_config_update_notifier": "false",
    "npm_config_yes": "true",
}


def environment(cache: Path, *, newest: bool) -> dict[str, str]:
    """Return the environment of commands; installs Node in `cache` where it is not there yet."""
    folder = cache / f"node-{NODE}"
    commands = folder / "node_modules" / ".bin"
    if not (commands / "node").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", f"node@{NODE}"]
        subprocess.run(command, check=True, capture_output=True)
    date = {} if newest else {"npm_config_before": DATE, "npm_config_prefer_offline": "true"}
    return {**os.environ, **QUIET, **date, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
