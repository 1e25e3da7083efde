"""Publishing: what is written, what is left alone, and what is never deleted."""

from __future__ import annotations

import errno
import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tfjs_build import fs, publish
from tfjs_build.convert.artifacts import Signature
from tfjs_build.convert.compression import compress
from tfjs_build.convert.model_json import Metadata
from tfjs_build.convert.shards import Shard, shard_name
from tfjs_build.errors import PublishError
from tfjs_build.fingerprint import Fingerprint
from tfjs_build.model import Manifest
from tfjs_build.staged import Staged, Stubs
from tfjs_build.state import State
from tfjs_build.stubs import STUB_MARK

MARK = f"// {STUB_MARK} from tfjs.yaml\n"
STUBS = Stubs({"net.ts": f"{MARK}1"}, {"_runtime.js": f"{MARK}runtime"})


class Project:
    """A manifest with two folders, and staged models without a converter."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = Manifest(root / "tfjs.yaml", root / "public" / "models", (), stubs=root / "src" / "models")
        self.state = State()
        self.count = 0

    def staged(self, *shards: bytes, compressed: bool = False) -> Staged:
        staging = self.root / ".tfjs-build" / "staging" / str(self.count)
        self.count += 1
        staging.mkdir(parents=True)
        written = []
        for number, data in enumerate(shards):
            sha256 = hashlib.sha256(data).hexdigest()
            (staging / f"shard-{number}").write_bytes(data)
            written.append(Shard(shard_name(sha256), staging / f"shard-{number}", sha256, len(data)))
        return Staged(
            Metadata("layers", Signature((), ()), False, None, "f", "v", {s.name: s.sha256 for s in written}, {}),
            written,
            b'{"tfjs-build":{}}',
            (),
            compress(written) if compressed else (),
        )

    def publish(self, staged: Staged, name: str = "net", *, stubs: Stubs = STUBS) -> list[str]:
        staging = self.root / ".tfjs-build" / "staging"
        return publish.publish(self.manifest, name, staged, stubs, Fingerprint.of({"a": "b"}), self.state, staging)

    def files(self) -> set[str]:
        return {
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and ".tfjs-build" not in path.parts
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def shard(data: bytes) -> str:
    return f"public/models/net/{shard_name(hashlib.sha256(data).hexdigest())}"


def test_what_is_published(project: Project) -> None:
    files = project.publish(project.staged(b"one", b"two"))
    assert set(files) == project.files()
    assert set(files) == {
        shard(b"one"),
        shard(b"two"),
        "public/models/net/model.json",
        "src/models/net.ts",
        "src/models/_runtime.js",
    }
    assert (project.root / shard(b"one")).read_bytes() == b"one"


def test_replaced_shards_go_and_shared_ones_are_not_rewritten(project: Project) -> None:
    project.publish(project.staged(b"one", b"two"))
    before = {path: (project.root / path).stat().st_mtime_ns for path in project.files()}
    project.publish(project.staged(b"one", b"three"))
    assert shard(b"two") in project.files()  # somebody may be reading it
    publish.discard(project.manifest, project.state)
    assert shard(b"two") not in project.files()
    assert project.state.replaced == {}
    assert shard(b"three") in project.files()
    after = {path: (project.root / path).stat().st_mtime_ns for path in before if path in project.files()}
    assert all(before[path] == mtime for path, mtime in after.items())
    assert len(after) == 4


def test_a_shard_that_is_back_in_use_stays(project: Project) -> None:
    project.publish(project.staged(b"one"))
    project.publish(project.staged(b"two"))
    assert list(project.state.replaced) == [shard(b"one")]
    project.publish(project.staged(b"one"))
    assert list(project.state.replaced) == [shard(b"two")]
    publish.discard(project.manifest, project.state, [])  # none, not all
    assert list(project.state.replaced) == [shard(b"two")]
    publish.discard(project.manifest, project.state, [shard(b"one"), shard(b"two"), "public/models/net/model.json"])
    assert shard(b"one") in project.files()
    assert shard(b"two") not in project.files()
    assert "public/models/net/model.json" in project.files()


def test_a_damaged_shard_is_replaced(project: Project) -> None:
    project.publish(project.staged(b"one"))
    (project.root / shard(b"one")).write_bytes(b"eno")
    project.publish(project.staged(b"one"))
    assert (project.root / shard(b"one")).read_bytes() == b"one"


def test_shards_nobody_recorded_go_only_if_their_content_has_their_hash(project: Project) -> None:
    folder = project.root / "public/models/net"
    folder.mkdir(parents=True)
    (project.root / shard(b"left over")).write_bytes(b"left over")
    (folder / "weights.0123456789abcdef.bin").write_bytes(b"not ours")
    (folder / "weights.bin").write_bytes(b"left over")
    project.publish(project.staged(b"one"))
    publish.discard(project.manifest, project.state)
    assert shard(b"left over") not in project.files()
    assert {"public/models/net/weights.0123456789abcdef.bin", "public/models/net/weights.bin"} <= project.files()


@pytest.mark.parametrize("path", ["public/models/net/model.json", "src/models/net.ts", "src/models/_runtime.js"])
def test_what_is_not_ours_is_not_overwritten(project: Project, path: str) -> None:
    theirs = project.root / path
    theirs.parent.mkdir(parents=True)
    theirs.write_text("{}")
    with pytest.raises(PublishError) as caught:
        project.publish(project.staged(b"one"))
    assert str(caught.value) == (
        f"{path} is in the way: it was not made by tfjs-build\n"
        "Move or delete it, or choose another `output` or `stubs` folder."
    )
    assert project.files() == {path}
    assert theirs.read_text() == "{}"


def test_an_edited_stub_of_ours_is_written_again(project: Project) -> None:
    project.publish(project.staged(b"one"))
    (project.root / "src/models/net.ts").write_text(MARK + "edited")
    project.publish(project.staged(b"one"))
    assert (project.root / "src/models/net.ts").read_text() == MARK + "1"


def test_removal_takes_what_was_recorded_and_leaves_the_rest(project: Project) -> None:
    project.publish(project.staged(b"one"))
    (project.root / "public/models/net/README.md").write_text("mine")
    (project.root / "src/models/net.ts").write_text(MARK + "edited by hand")
    removed = publish.remove(project.manifest, "net", project.state)
    assert set(removed) == {shard(b"one"), "public/models/net/model.json"}
    assert shard(b"one") in project.files()
    publish.discard(project.manifest, project.state)
    # The stub that was edited imports the runtime.
    assert project.files() == {"public/models/net/README.md", "src/models/net.ts", "src/models/_runtime.js"}
    assert not project.state.models


def test_the_runtime_goes_with_the_last_stub(project: Project) -> None:
    project.publish(project.staged(b"one"))
    removed = publish.remove(project.manifest, "net", project.state)
    assert set(removed) == {
        shard(b"one"),
        "public/models/net/model.json",
        "src/models/net.ts",
        "src/models/_runtime.js",
    }
    assert not project.state.shared


def test_the_runtime_stays_while_a_stub_of_another_manifest_needs_it(project: Project) -> None:
    project.publish(project.staged(b"one"))
    (project.root / "src/models/other.ts").write_text(MARK)
    publish.remove(project.manifest, "net", project.state)
    assert project.files() >= {"src/models/_runtime.js", "src/models/other.ts"}


def test_the_runtime_of_another_folder_or_version_goes(project: Project) -> None:
    typescript = Stubs(STUBS.stub, {"_runtime.ts": f"{MARK}former"})  # as earlier versions recorded it
    project.publish(project.staged(b"one"), stubs=typescript)
    javascript = Stubs({"net.js": f"{MARK}1", "net.d.ts": f"{MARK}1"}, STUBS.runtime)
    project.publish(project.staged(b"one"), stubs=javascript)
    stubs = {path for path in project.files() if path.startswith("src/")}
    assert stubs == {f"src/models/{name}" for name in ("net.js", "net.d.ts", "_runtime.js")}
    project.manifest = Manifest(project.manifest.path, project.manifest.output, (), stubs=project.root / "lib")
    project.publish(project.staged(b"one"))
    assert {path for path in project.files() if not path.startswith("public/")} == {"lib/net.ts", "lib/_runtime.js"}


def test_what_a_record_says_of_files_elsewhere_is_not_believed(project: Project) -> None:
    project.publish(project.staged(b"one"))
    for name in ("LICENSE", "src/main.ts", "public/logo.bin"):
        (project.root / name).write_text("mine")
        project.state.models["net"].files[name] = hashlib.sha256(b"mine").hexdigest()
    removed = publish.remove(project.manifest, "net", project.state)
    assert "public/models/net/model.json" in removed
    assert project.files() >= {"LICENSE", "src/main.ts", "public/logo.bin"}


def _fail_to_place(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def place(staged: Path, target: Path) -> None:
        if target.name == name:
            raise OSError(errno.EACCES, "Permission denied", str(target))
        fs.place(staged, target)

    monkeypatch.setattr(publish, "place", place)


@pytest.mark.parametrize("name", ["model.json", "_runtime.js", "net.ts"])
def test_what_cannot_be_written_leaves_all_as_it_was(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.publish(project.staged(b"one"))
    before = {path: (project.root / path).read_bytes() for path in project.files()}
    changed = Stubs({"net.ts": f"{MARK}2"}, {"_runtime.js": f"{MARK}other"})
    staged = replace(project.staged(b"two"), model_json=b'{"tfjs-build":{"other":1}}')
    with monkeypatch.context() as patch:
        _fail_to_place(patch, name)
        with pytest.raises(PublishError, match=f"cannot write .*{name}: Permission denied"):
            project.publish(staged, stubs=changed)
    assert {path: (project.root / path).read_bytes() for path in before} == before


def test_what_cannot_be_deleted_is_remembered(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.publish(project.staged(b"one"))
    project.publish(project.staged(b"two"))

    def unlink(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        with pytest.raises(PublishError, match="cannot delete public/models/net/weights"):
            publish.discard(project.manifest, project.state)
        with pytest.raises(PublishError, match=r"cannot delete public/models/net/model\.json"):
            publish.remove(project.manifest, "net", project.state)
    assert "net" in project.state.models
    publish.remove(project.manifest, "net", project.state)
    publish.discard(project.manifest, project.state)
    assert project.files() == set()


def test_a_compressed_shard_is_replaced_and_removed_before_its_plain_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = bytes(1000), b"x" * 1000
    files = project.publish(project.staged(one, compressed=True))
    assert {shard(one), f"{shard(one)}.gz"} < set(files) == project.files()
    project.publish(project.staged(two, compressed=True))
    deleted = []
    unlink = Path.unlink

    def record(path: Path, missing_ok: bool = False) -> None:
        deleted.append(path.relative_to(project.root).as_posix())
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", record)
    publish.discard(project.manifest, project.state)
    assert deleted == [f"{shard(one)}.gz", shard(one)]
    publish.remove(project.manifest, "net", project.state)
    publish.discard(project.manifest, project.state)
    assert deleted[-2:] == [f"{shard(two)}.gz", shard(two)]
    assert project.files() == set()


def test_a_compressed_shard_stays_where_it_holds_what_it_should(project: Project) -> None:
    project.publish(project.staged(bytes(1000), compressed=True))
    path = project.root / f"{shard(bytes(1000))}.gz"
    theirs = gzip.compress(bytes(1000), 1)
    path.write_bytes(theirs)
    project.publish(project.staged(bytes(1000), compressed=True))
    assert path.read_bytes() == theirs
    assert project.state.models["net"].files[f"{shard(bytes(1000))}.gz"] == hashlib.sha256(theirs).hexdigest()
    path.write_bytes(gzip.compress(bytes(999)))
    project.publish(project.staged(bytes(1000), compressed=True))
    assert gzip.decompress(path.read_bytes()) == bytes(1000)


def test_the_runtime_stays_while_a_model_needs_it(project: Project) -> None:
    for name in ("a", "b"):
        project.publish(project.staged(b"one"), name, stubs=replace(STUBS, stub={f"{name}.ts": MARK}))
    publish.remove(project.manifest, "a", project.state)
    assert "src/models/_runtime.js" in project.files()


def test_a_model_folder_that_becomes_empty_goes(project: Project) -> None:
    project.publish(project.staged(b"one"))
    publish.remove(project.manifest, "net", project.state)
    publish.discard(project.manifest, project.state)
    assert not (project.root / "public/models/net").exists()
    assert (project.root / "public/models").exists()


def test_a_moved_output_takes_its_files_along(project: Project) -> None:
    data = bytes(1000)
    project.publish(project.staged(data, compressed=True))
    project.manifest = Manifest(project.manifest.path, project.root / "static", (), stubs=project.manifest.stubs)
    project.publish(project.staged(data, compressed=True))
    publish.discard(project.manifest, project.state)
    assert {path for path in project.files() if not path.startswith("src/")} == {
        f"static/net/{Path(shard(data)).name}",
        f"static/net/{Path(shard(data)).name}.gz",
        "static/net/model.json",
    }


@pytest.mark.parametrize("shown", [b"of the record", gzip.compress(b"something else")], ids=["no gzip", "another"])
def test_what_a_record_says_of_compressed_files_elsewhere_is_not_believed(project: Project, shown: bytes) -> None:
    project.publish(project.staged(b"one"))
    elsewhere = f"backups/{Path(shard(b'one')).name}"
    (project.root / "backups").mkdir()
    (project.root / elsewhere).write_bytes(b"one")
    (project.root / f"{elsewhere}.gz").write_bytes(shown)
    project.state.models["net"].files[f"{elsewhere}.gz"] = hashlib.sha256(shown).hexdigest()
    publish.remove(project.manifest, "net", project.state)
    publish.discard(project.manifest, project.state)
    assert (project.root / f"{elsewhere}.gz").read_bytes() == shown
