"""The manifest, labels and templates are live."""

from __future__ import annotations

import shutil

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tests.watch.conftest import MANIFEST
from tests.watch.published import read_whole
from tests.watch.watching import watching


def test_models_are_added_edited_renamed_and_removed(project: Project) -> None:
    write_dense(project.root / "training" / "other.keras", seed=1)
    output = project.root / "public" / "models"
    with watching(project.root) as watch:
        first = watch.until("written", model="net")
        watch.until("ready")
        both = MANIFEST + "  other:\n    source: training/other.keras\n"
        project.manifest(both)
        watch.until("written", model="other")
        project.manifest(both + "    quantize: float16\n")
        smaller = watch.until("written", model="other")
        assert read_whole(output / "other") == smaller["version"]
        project.manifest(MANIFEST.replace("  net:", "  renamed:"))
        events = {(watch.until("removed")["model"]) for _ in range(2)}
        assert events == {"net", "other"}
        assert watch.until("written", model="renamed")["version"] == first["version"]
        assert not (output / "net" / "model.json").exists()
        assert not (project.root / "src/models/net.ts").exists()
        write_dense(project.root / "training" / "net.keras", seed=5)
        assert watch.until("written", model="renamed")["version"] != first["version"]
    assert [path.name for path in output.iterdir()] == ["renamed"]
    assert watch.said("failed") == []
    before = project.files()
    assert project.run("build", "--check").code == 0
    assert project.files() == before


def test_an_invalid_manifest_is_reported_and_the_last_good_one_stays(project: Project) -> None:
    with watching(project.root) as watch:
        first = watch.until("written", model="net")
        watch.until("ready")
        project.manifest(MANIFEST + "    quantise: uint8\n")
        failed = watch.until("failed")
        assert (failed["model"], failed["line"], failed["column"]) == (None, 7, 5)
        assert "quantise" in failed["message"]
        write_dense(project.root / "training" / "net.keras", seed=1)
        second = watch.until("written", model="net")
        assert second["version"] != first["version"]
        project.manifest(MANIFEST + "    quantize: uint8\n")
        watch.until("reloaded")
        assert watch.until("written", model="net")["version"] != second["version"]


def test_loaders_where_the_manifest_names_no_stubs(project: Project) -> None:
    plain = MANIFEST.replace("stubs: src/models\n", "")
    project.manifest(plain)
    with watching(project.root, "--loaders", "made/loaders") as watch:
        watch.until("ready")
        assert "made/loaders/net.js" in watch.said("written")[0]["files"]
        assert watch.said("project")[0]["stubs"] == str(project.root / "made" / "loaders")
        project.manifest(plain + "    labels: [a, b]\n")  # they are there, too, when it is read anew
        assert "made/loaders/net.js" in watch.until("written")["files"]
        project.manifest(MANIFEST)
        assert watch.until("project")["stubs"] == str(project.root / "src" / "models")
        assert "src/models/net.ts" in watch.until("written")["files"]
        assert not (project.root / "made" / "loaders" / "net.js").exists()


@pytest.mark.full
def test_a_manifest_that_is_gone_stays_in_force(project: Project) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        (project.root / "tfjs.yaml").unlink()
        note = watch.until("note")
        assert note["message"] == "tfjs.yaml is gone: the last one stays in force"
        write_dense(project.root / "training" / "net.keras", seed=1)
        watch.until("written", model="net")
        project.manifest(MANIFEST + "    labels: [a, b]\n")
        watch.until("written", model="net")


def test_labels_and_templates_are_watched(project: Project) -> None:
    shutil.copytree(REPOSITORY / "templates", project.root / "stub-templates")
    (project.root / "labels.txt").write_text("a\nb\n")
    project.manifest(f"templates: stub-templates\n{MANIFEST}    labels: labels.txt\n")
    stub = project.root / "src/models/net.ts"
    with watching(project.root) as watch:
        watch.until("ready")
        (project.root / "labels.txt").write_text("a\nc\n")
        watch.until("written", model="net")
        assert '"c"' in stub.read_text()
        template = project.root / "stub-templates" / "stub.ts.j2"
        template.write_text(template.read_text() + "// ours\n")
        watch.until("written", model="net")
        assert stub.read_text().endswith("// ours\n")


@pytest.mark.full
def test_a_failing_model_says_so_and_recovers(project: Project) -> None:
    target = project.root / "training" / "net.keras"
    target.unlink()
    with watching(project.root) as watch:
        failed = watch.until("failed", model="net")
        assert "source not found" in failed["message"]
        watch.until("ready")
        write_dense(target)
        first = watch.until("written", model="net")
        target.write_bytes(b"no model at all")
        assert watch.until("failed", model="net")["line"] == 5
        assert read_whole(project.root / "public/models/net") == first["version"]
        write_dense(target)
        watch.until("fresh", model="net")


@pytest.mark.full
def test_only_the_named_models(project: Project) -> None:
    project.manifest(MANIFEST + "  other:\n    source: training/net.keras\n")
    with watching(project.root, "other") as watch:
        watch.until("ready")
        write_dense(project.root / "training" / "net.keras", seed=1)
        watch.until("written", model="other")
    assert {event["model"] for event in watch.said("written")} == {"other"}
