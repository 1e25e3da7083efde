"""What the published models of a manifest need of TensorFlow.js together, where stubs import no more than that.

Each model's needs are in the state; those of one that it does not know are read from its model.json, which has the
graph. A model that fails keeps the needs of what is published of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tfjs_build.convert import model_json
from tfjs_build.fs import read_or_none
from tfjs_build.kernels import needs_of
from tfjs_build.paths import Layout

if TYPE_CHECKING:
    from tfjs_build.model import Manifest
    from tfjs_build.state import State


class Demand:
    """What the models need by `state`, looked up when it is first asked for. `before` is the demand by an earlier state
    of the same manifest: what was rendered for it may do again."""

    def __init__(self, manifest: Manifest, state: State, before: Demand | None = None) -> None:
        self._manifest, self.state = manifest, state
        self._models: dict[str, Sequence[str]] | None = None
        self._count: Counter[str] = Counter()
        self._rendered: tuple[tuple[str, ...], Mapping[str, str]] = before._rendered if before else ((), {})

    def needs_of(self, content: bytes) -> tuple[str, ...] | None:
        """Return what the model of a model.json needs, None where nobody wants to know."""
        return None if self._manifest.minimal is None else needs_of(json.loads(content))

    def files(self, published: Mapping[str, Sequence[str]] | None = None) -> Mapping[str, str]:
        """Return the module that has all of it: file → content; nothing where none is wanted. `published` are models
        whose needs are others from now on."""
        if self._manifest.minimal is None:
            return {}
        models = self._look_up()
        for name, needs in (published or {}).items():
            self._count.subtract(models.get(name, ()))
            self._count.update(needs)
            models[name] = needs
        key = tuple(sorted(need for need, count in self._count.items() if count > 0))
        if not self._rendered[1] or self._rendered[0] != key:
            from tfjs_build.stubs import tfjs_files

            self._rendered = key, tfjs_files(self._manifest, key)
        return self._rendered[1]

    def _look_up(self) -> dict[str, Sequence[str]]:
        if self._models is None:
            self._models = {model.name: self._published(model.name) for model in self._manifest.models}
            for needs in self._models.values():
                self._count.update(needs)
        return self._models

    def _published(self, name: str) -> Sequence[str]:
        known = self.state.models.get(name)
        if known is not None and known.needs is not None:
            return known.needs
        data = read_or_none(Layout(self._manifest, name).index)
        if data is None or model_json.read(data) is None:
            return ()
        return needs_of(json.loads(data))
