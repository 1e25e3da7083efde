"""Makes the runtime module's JavaScript and its declarations from its TypeScript, the one that is written by hand.

Run it after each change of `templates/_runtime.ts.j2`; a test fails where that was forgotten.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from tfjs_build.stubs.render import render_runtime, template_dirs

TFJS = "@tensorflow/tfjs"
NODE = Path(__file__).parents[2] / "node"


OPTIONS = """
--ignoreConfig --strict --declaration --skipLibCheck --target es2022 --module esnext --moduleResolution bundler
"""


def compile_runtime(folder: Path) -> dict[str, str]:
    """Return the templates `_runtime.js.j2` and `_runtime.d.ts.j2` by name; `folder` is one to work in below NODE."""
    source = folder / "_runtime.ts"
    source.write_text(render_runtime(language="typescript", tfjs=TFJS)["_runtime.ts"], encoding="utf-8")
    subprocess.run([str(NODE / "node_modules/.bin/tsc"), *OPTIONS.split(), str(source)], check=True)
    written = source.read_text(encoding="utf-8")
    header = written[: written.index("import ")]
    outputs = {}
    for ending in ("js", "d.ts"):
        text = source.with_name(f"_runtime.{ending}").read_text(encoding="utf-8")
        text = _readable(header + text.removeprefix(header))
        outputs[f"_runtime.{ending}.j2"] = text.replace(f'"{TFJS}"', "{{ tfjs | js }}")
    return outputs


def _readable(text: str) -> str:
    """Indent by two, as the source does, and put back the blank lines that the compiler takes out."""
    text = re.sub(r"^(?: {4})+", lambda match: " " * (len(match.group()) // 2), text, flags=re.MULTILINE)
    top = r"/\*\*|//|export |declare |async |function |class |interface |type "
    text = re.sub(rf"(?<=[}};])\n(?={top})", "\n\n", text)
    text = re.sub(r"^(// ---- .*)\n(?!\n)", r"\1\n\n", text, flags=re.MULTILINE)
    member = r"/\*\*|#|async |get |predict|load |dispose|onReload"
    return re.sub(rf"(\n  \}};?)\n(?=  (?:{member}))", r"\1\n\n", text)


if __name__ == "__main__":
    (NODE / ".work").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=NODE / ".work") as work:
        for name, text in compile_runtime(Path(work)).items():
            (template_dirs()[-1] / name).write_text(text, encoding="utf-8")
