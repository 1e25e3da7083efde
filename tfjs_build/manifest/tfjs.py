"""The value of `tfjs`: the module that stubs import TensorFlow.js from, or `minimal` for one that is generated."""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.kernels import kernel_names
from tfjs_build.manifest.faults import nearest, quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, text_of
from tfjs_build.manifest.record import Record, values
from tfjs_build.manifest.scalars import Text
from tfjs_build.manifest.tree import Mapping, Node
from tfjs_build.model import Minimal

_WORD: Final = "minimal"


class KernelName(Kind):
    """The name of a kernel that some backend of TensorFlow.js has."""

    expects = "the name of a kernel of TensorFlow.js, such as TopK"
    type = "kernel"

    def read(self, node: Node, place: Place) -> Any:
        text = text_of(node)
        known = kernel_names()
        if text is None:
            return place.takes(self, node)
        if text not in known:
            near = nearest(text, known)
            hint = f"Did you mean `{near}`?" if near else ""
            return place.wrong(node, f"TensorFlow.js has no kernel {quoted(text)}", hint)
        return text

    def schema(self) -> dict[str, Any]:
        return {"enum": list(kernel_names())}


class Tfjs(Kind):
    """A module, or `minimal`, or a mapping that says more of that (`options`, a record with the one key `minimal`);
    read as text, or a Minimal."""

    type = "module, or `minimal`, or mapping"
    expects = (
        "the name of a module, such as @tensorflow/tfjs, or `minimal`, or a mapping { minimal: { kernels: [TopK] } }"
    )

    def __init__(self, options: Record) -> None:
        self._options = options
        self._module = Text(self.expects, "module", r"""[^\s\\"'`\u0000-\u001f\u007f]+""")

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Mapping):
            text = self._module.read(node, place)
            return Minimal() if text == _WORD else text
        found = self._options.read(node, place)
        minimal = found.get(_WORD)
        if minimal is None or minimal.value is WRONG:
            return WRONG
        given = minimal.value
        return WRONG if WRONG in [each.value for each in given.values()] else Minimal(**values(given))

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self._module.schema(), self._options.schema()]}
