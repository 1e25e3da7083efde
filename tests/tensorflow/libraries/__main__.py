"""Installs, writes, builds and compares; prints what became of each model, and returns 1 where one is not right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conversion import oracle
from tests.conversion.build import build_project
from tests.conversion.node import WORK, run_jobs
from tests.conversion.oracle import Files
from tests.conversion.suite import MATCHING, job_of, judge
from tests.support.project import REPOSITORY
from tests.tensorflow.test_refusals import pasted

PACKAGES = {
    "keras_cv_attention_models": ["keras_cv_attention_models==1.4.3", "tqdm", "pillow"],
    "keras_hub": [
        "keras_hub==0.32.0",
        "tensorflow_text==2.19.*",
        "kagglehub==0.3.4",
        "regex",
        "sentencepiece",
        "tokenizers",
        "tqdm",
        "pyyaml",
    ],
    "deepctr": ["deepctr==0.9.4"],
}
"""What is installed for each, without what these depend on: they would bring another TensorFlow."""

LEGACY = ("keras_cv_attention_models", "deepctr")
"""Those that are written for Keras 2."""

PLACE = REPOSITORY / ".cache" / "libraries"


def main(*names: str) -> int:
    """Try libraries, all by default."""
    wrong = [name for name in names or PACKAGES if not _is_right(name)]
    return int(bool(wrong))


def _is_right(library: str) -> bool:
    installed, written = PLACE / "installed", PLACE / library
    uv = REPOSITORY / ".tools" / "bin" / "uv"
    options = ("--quiet", "--no-deps", "--python", oracle.python(), "--target", installed)
    subprocess.run([uv, "pip", "install", *options, *PACKAGES[library]], check=True)
    env = {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{installed}", "TFJS_BUILD_WORKER": oracle.python()}
    if library in LEGACY:
        env["TF_USE_LEGACY_KERAS"] = "1"
    shutil.rmtree(written, ignore_errors=True)
    writer = Path(__file__).with_name("write.py")
    subprocess.run([oracle.python(), writer, library, written], check=True, env={**os.environ, **env})
    sources = {path.stem: path for path in sorted(written.glob("*.keras"))}

    folder = WORK / f"library-{library}"
    shutil.rmtree(folder, ignore_errors=True)
    models = {name: {"source": str(path), "shard_size": "64MB"} for name, path in sources.items()}
    refused = build_project(folder, models, env=env)
    imports, allowed = pasted([event["hint"] for event in refused.failed.values()])
    sys.stdout.write(
        f"{library}: {len(sources)} files, {len(refused.written)} converted without its code; "
        f"the others' refusals say `imports: [{', '.join(imports)}]`\n"
    )
    built = build_project(
        folder, {name: {**models[name], "allow_code": True} for name in sorted(allowed)}, env=env, imports=imports
    )
    cases = {name: _files(sources[name]) for name in built.written}
    jobs = {name: job_of(built, name, files, "cpu") for name, files in cases.items()}
    runs = run_jobs(list(jobs.values()), folder / "node")
    said = {name: event["message"] for name, event in built.failed.items()}
    for name, job in jobs.items():
        verdict = judge(cases[name], runs[job.id])
        said[name] = "matches" if verdict == MATCHING else f"{verdict.text} {verdict.leaked}"
    for name in sorted(said):
        sys.stdout.write(f"  {name}: {said[name]}\n")
    shutil.rmtree(folder)
    return set(said.values()) == {"matches"} and refused.failed.keys() == allowed


def _files(source: Path) -> Files:
    return Files(source, source.with_suffix(".inputs"), source.with_suffix(".outputs"), weight_elements=0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
