"""TF Hub modules: SavedModels as a folder, as an archive, or behind an address, from where they are downloaded once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.sources.kind import Kind, Preparation, Scheme
from tfjs_build.sources.tf_saved_model import HUB_FILE, SavedModel

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model
    from tfjs_build.sources.kind import Progress


class HubModule(SavedModel):
    """TF Hub modules."""

    input_format = "tf_hub"
    called = "a TF Hub module"
    schemes = (
        Scheme("https://", r"[^\s/\\@?#]+(?:[/?#][^\s\\]*)?"),
        Scheme(
            "http://",
            r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:[/?#][^\s\\]*)?",
            "`source` takes plain http from this machine only",
            "Use https; plain http is for localhost, 127.0.0.1 and [::1].",
        ),
    )
    reference = "an https address"
    endings = (".tar.gz", ".tgz")
    file_names = (".tar.gz",)
    folder_files = (HUB_FILE,)
    folder_names = listed_folders = ()

    def contradiction(self, stated: Kind) -> tuple[str, str]:
        """Return what to say of an address that is said to be that of another kind."""
        return f"only TF Hub modules are fetched, not {stated.called}", ""

    def located(self, reference: str) -> str:
        """Return the archive that was downloaded from an address; a path is itself."""
        if not self.has_scheme(reference):
            return reference
        from tfjs_build import hub

        return str(hub.kept(reference))

    def needs_preparing(self, model: Model) -> bool:
        """Whether the module has not been downloaded yet."""
        if not self.has_scheme(model.source):
            return False
        from tfjs_build import hub

        return not hub.place_of(model.source).exists()

    def prepare(self, task: Preparation, progress: Progress) -> Path:
        """Download a module into the user's cache."""
        from tfjs_build import hub

        return hub.fetch(task.model.source, progress, most=task.model.limits.disk)

    @contextmanager
    def open(self, path: Path, model: Model) -> Iterator[ModelArtifacts]:
        """Convert the SavedModel of a folder, or of an archive, which is unpacked for that."""
        from tfjs_build import hub

        with (
            nullcontext(path) if path.is_dir() else hub.unpacked(path, most=model.limits.disk) as folder,
            super().open(folder, model) as artifacts,
        ):
            yield artifacts

    @contextmanager
    def given_to_tensorflow(self, reference: str, model: Model) -> Iterator[tuple[str, int | None]]:
        """Yield the SavedModel of a folder or an archive."""
        from tfjs_build import hub

        path = Path(reference)
        with nullcontext(path) if path.is_dir() else hub.unpacked(path, most=model.limits.disk) as folder:
            yield str(folder), None


KIND = HubModule()
