"""A watch under ten minutes of saves, deletions, truncations, renames and manifest edits, while somebody reads.

    python -m tests.watch.soak [SECONDS]

Everything that is read must be a whole model; what is published in the end must be what a clean build publishes.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tests.unit.saved_model.making import put_right
from tests.watch.published import read_whole
from tests.watch.watching import Watching, eventually, watching

SEED = 20261122
MODELS = ("a", "b", "c", "graph")
PAUSES = (0.0, 0.0, 0.0, 0.02, 0.2)
SAVED_MODEL = REPOSITORY / "examples" / "digits" / "model" / "digits_saved_model"
HEAD = "version: 1\noutput: public/models\nstubs: src/models\nmodels:\n"


@dataclass
class Counts:
    """What a soak has seen."""

    acts: int = 0
    publishes: int = 0
    reads: int = 0
    torn: list[str] = field(default_factory=list)
    descriptors: tuple[int, int] = (0, 0)
    threads: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return (
            f"soak: {self.acts} acts, {self.publishes} publishes, {self.reads} reads, {len(self.torn)} torn; "
            f"descriptors {self.descriptors[0]} → {self.descriptors[1]}, threads {self.threads[0]} → {self.threads[1]}"
        )


class Vandal:
    """Does to a project what people, scripts and trainings do, and worse; always the same for one seed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.random = random.Random(SEED)
        self.sources = project.root / "training"
        self.acts: list[Callable[[], None]] = [
            *[self.save] * 4,
            *[self.replace] * 4,
            *[self.save_graph] * 2,
            self.save_slowly,
            self.truncate,
            self.delete,
            self.rename,
            self.edit_manifest,
            self.save_all_and_edit_manifest,
            self.break_manifest,
        ]

    def act(self) -> None:
        self.random.choice(self.acts)()

    def restore(self) -> None:
        """Make everything valid again."""
        for name in MODELS[:-1]:
            write_dense(self.path(name), seed=self.seed())
        self.save_graph()
        self.edit_manifest()

    def seed(self) -> int:
        return self.random.randrange(1 << 30)

    def path(self, name: str) -> Path:
        return self.sources / f"{name}.keras"

    def any(self) -> Path:
        return self.path(self.random.choice(MODELS[:-1]))

    def save(self) -> None:
        write_dense(self.any(), seed=self.seed(), units=self.random.choice((2, 5)))

    def replace(self) -> None:
        write_dense(self.sources / "new", seed=self.seed(), units=300, inputs=200).replace(self.any())

    def save_slowly(self) -> None:
        data = write_dense(self.sources / "new", seed=self.seed(), units=100, inputs=100).read_bytes()
        with self.any().open("wb", buffering=0) as file:
            for start in range(0, len(data), len(data) // 5):
                file.write(data[start : start + len(data) // 5])
                time.sleep(self.random.uniform(0, 0.15))

    def save_graph(self) -> None:
        new, target = self.sources / "new-graph", self.sources / "graph"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(SAVED_MODEL, new)
        (data,) = (new / "variables").glob("*.data-*")
        content = bytearray(data.read_bytes())
        for offset in range(125_000, 134_000, 4):
            content[offset] = self.random.randrange(256)
        data.write_bytes(content)
        put_right(new / "variables" / "variables")
        if self.random.random() < 0.5:
            shutil.rmtree(target, ignore_errors=True)
            new.rename(target)
        else:
            shutil.copytree(new, target, dirs_exist_ok=True)

    def truncate(self) -> None:
        path = self.any()
        if path.exists():
            with path.open("r+b") as file:
                file.truncate(self.random.randrange(path.stat().st_size + 1))

    def delete(self) -> None:
        self.any().unlink(missing_ok=True)

    def rename(self) -> None:
        source, target = self.any(), self.any()
        if source.exists():
            source.rename(target)

    def edit_manifest(self) -> None:
        text = HEAD
        for name in MODELS:
            if self.random.random() < 0.85:
                source = "training/graph" if name == "graph" else f"training/{name}.keras"
                text += (
                    f"  {name}: {{source: {source}, quantize: {self.random.choice(('none', 'float16', 'uint8'))}}}\n"
                )
        self.project.manifest(text if text != HEAD else HEAD + "  a: {source: training/a.keras}\n")

    def save_all_and_edit_manifest(self) -> None:
        for name in MODELS[:-1]:
            write_dense(self.path(name), seed=self.seed())
        self.edit_manifest()

    def break_manifest(self) -> None:
        self.project.manifest(HEAD + self.random.choice(("  a: {source: [}\n", "  a: {sauce: x}\n", "")))


class Reader:
    """Reads what is served, over and over."""

    def __init__(self, output: Path, counts: Counts) -> None:
        self.output, self.counts = output, counts
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        pauses = random.Random(SEED)
        while not self._over.wait(0.002):
            for name in MODELS:
                try:
                    self.counts.reads += read_whole(self.output / name, pauses.choice(PAUSES)) is not None
                except Exception as error:
                    self.counts.torn.append(f"{name}: {error!r}")


def soak(project: Project, seconds: float) -> Counts:
    """Run a soak in an empty project; raises AssertionError where the end is not what a clean build gives."""
    counts = Counts()
    vandal = Vandal(project)
    vandal.sources.mkdir()
    vandal.restore()
    with watching(project.root) as watch:
        watch.until("ready")
        before = _open(watch)
        reader = Reader(project.root / "public" / "models", counts)
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                vandal.act()
                counts.acts += 1
                time.sleep(vandal.random.choice((0.0, 0.02, 0.1, 0.3, 0.8)))
            vandal.restore()
            eventually(lambda: project.run("build", "--check").code == 0)
        finally:
            reader.stop()
        after = _open(watch)
        counts.descriptors, counts.threads = (before[0], after[0]), (before[1], after[1])
        code = watch.end()
        logs = [path.read_text() for path in (project.root / ".tfjs-build").glob("logs/*")]
        assert code == 0, (code, watch.events[-5:], watch.err, logs)
    counts.publishes = len(watch.said("written"))
    bugs = [event for event in watch.said("failed") if "bug in tfjs-build" in event["message"]]
    assert bugs == []
    clean = Project(project.root.with_name("clean"))
    shutil.copytree(vandal.sources, clean.root / "training")
    clean.manifest((project.root / "tfjs.yaml").read_text())
    assert clean.run("build").code == 0
    assert project.files() == clean.files()
    return counts


def _open(watch: Watching) -> tuple[int, int]:
    """Return how many file descriptors and threads the watch has."""
    process = Path("/proc") / str(watch.process.pid)
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        result = soak(Project(Path(folder) / "app"), float(sys.argv[1]) if len(sys.argv) > 1 else 600)
    sys.stdout.write("\n".join([str(result), *result.torn, ""]))
    sys.exit(1 if result.torn else 0)
