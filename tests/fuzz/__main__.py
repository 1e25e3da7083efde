"""`make fuzz MINUTES=60`: the long form. Prints its seed, keeps every finding in `corpus/`, and writes its counts to
the section `fuzz` of docs/reliability.md.

    python -m tests.fuzz [--minutes M] [--jobs N] [--seed S] [--kinds a,b] [--keep FOLDER] [--only-print]
"""

from __future__ import annotations

import argparse
import os
import pickle
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzz import corpus, server
from tests.fuzz.campaign import SHARES, Counts, cases, run
from tests.fuzz.judge import Verdict
from tests.fuzz.server import Case
from tests.support.project import REPOSITORY
from tools.sections import write_section

_PAGE = REPOSITORY / "docs" / "reliability.md"


def main() -> int:
    """Run a campaign; returns 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--jobs", type=int, default=1, help="processes at once")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=list(SHARES))
    parser.add_argument("--keep", type=Path, default=corpus.FOLDER, help="where findings are kept")
    parser.add_argument("--only-print", action="store_true", help="leave docs/reliability.md alone")
    arguments = parser.parse_args()
    _tell(f"seed {arguments.seed}")
    server.warm()
    with tempfile.TemporaryDirectory(dir=_fast(), prefix="tfjs-build-fuzz-") as folder:
        processes = [_begin(Path(folder) / f"{job}", arguments, arguments.seed + job) for job in range(arguments.jobs)]
        for process in processes:
            os.waitpid(process, 0)
        counts = [pickle.loads((Path(folder) / f"{job}.counts").read_bytes()) for job in range(arguments.jobs)]
    lines = _table(counts, arguments.minutes, arguments.seed)
    _tell("\n".join(lines))
    if not arguments.only_print:
        write_section(_PAGE, "fuzz", "\n".join(lines))
    return 1 if any(each.found for each in counts) else 0


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _fast() -> str | None:
    """Return a folder that is in memory, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _begin(root: Path, arguments: argparse.Namespace, seed: int) -> int:
    """Begin a campaign in a process of its own, which leaves its counts beside `root`."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        server.limit_memory()  # a case that is kept is made once more, here
        until = time.monotonic() + 60 * arguments.minutes
        some = cases(Random(seed), arguments.kinds, more=True)

        def keep(case: Case, verdict: Verdict) -> None:
            _tell(f"FOUND {verdict.key}\n{case}\n{verdict.text}\n")
            _tell(corpus.keep(arguments.keep, case.kind, case.files(), f"{verdict.key}\n{case}").name)

        counts = run(root, some, until=until, tell=keep)
        root.with_name(f"{root.name}.counts").write_bytes(pickle.dumps(counts))
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _table(counts: list[Counts], minutes: float, seed: int) -> list[str]:
    lines = [
        "## Hostile input",
        "",
        "Small sources, changed by chance and by what is in them, are built in processes that may take ten seconds",
        "and 2 GB. A finding is an error of ours, a crash, more time or memory than that, or a file elsewhere.",
        f"`make fuzz`: {minutes:g} minutes, {len(counts)} at a time, from the seed {seed}.",
        "",
        "| input | executions | published | refused | findings |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    total = [0, 0, 0, 0]
    for kind in SHARES:
        row = [
            sum(each.executions[kind] for each in counts),
            *(sum(each.results[f"{kind} {result}"] for each in counts) for result in ("done", "refused")),
            len({key for each in counts for key, (case, _) in each.found.items() if case.kind == kind}),
        ]
        total = [sum(pair) for pair in zip(total, row, strict=True)]
        if row[0]:
            lines.append(f"| {NAMES[kind]} | {' | '.join(f'{number:,}' for number in row)} |")
    lines.append(f"| all | {' | '.join(f'{number:,}' for number in total)} |")
    known = sum((each.known for each in counts), Counter())
    return lines + [f"\nKnown: {reason} ({count})." for reason, count in known.items()]


NAMES = {
    "keras": "`.keras`",
    "h5": "`.h5`",
    "saved_model": "SavedModels",
    "frozen": "frozen graphs",
    "archive": "archives",
    "manifest": "`tfjs.yaml`",
    "tfjs": "TensorFlow.js models",
    "tflite": "`.tflite`",
    "labels": "labels",
    "message": "what a child sends",
}

if __name__ == "__main__":
    sys.exit(main())
