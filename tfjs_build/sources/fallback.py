"""What becomes of a Keras file that our own reader refuses: TensorFlow loads it, if it is there and may.

A file that names classes of other packages than Keras, or holds a Lambda's bytecode, runs code once it is loaded: only
with `allow_code: true`, and otherwise the refusal says what to add.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import ModelError, NoTensorFlowError, RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.keras.foreign_code import ForeignCode
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model


def fall_back(stack: ExitStack, refusal: RefusedError, model: Model, path: Path, place: Place | None) -> ModelArtifacts:
    """Return what TensorFlow gives for a file that was refused; raises the refusal where it gives nothing, and what is
    wrong where the user's code was to be run."""
    from tfjs_build.convert.keras.foreign_code import foreign_code
    from tfjs_build.convert.tensorflow.client import CodeError
    from tfjs_build.convert.tensorflow.opening import opened

    code = foreign_code(path, model.limits.disk)
    if code and not model.allow_code:
        raise RefusedError(refusal.message, hint=f"{what_to_add(model, code)} {refusal.hint}", key=refusal.key)
    if place is None or model.format == "layers":
        raise refusal
    try:
        found = opened(place, model, "keras", str(path), generation=code.generation)
        artifacts = stack.enter_context(found)
    except NoTensorFlowError as error:
        if not code:
            raise refusal from None
        raise NoTensorFlowError(f"{refusal.message}, and {error.message}", hint=error.hint) from None
    except ModelError as error:
        if not code:
            raise refusal from error
        missing = _not_imported(model, code)
        if missing and isinstance(error, CodeError):
            error.hint = f"The file names code in {', '.join(missing)}: add that to `imports`."
        raise
    if code:
        return artifacts
    note = f"TensorFlow loaded it, as tfjs-build's own reader does not: {refusal.message}"
    return replace(artifacts, notes=[note, *artifacts.notes])


def _not_imported(model: Model, code: ForeignCode) -> list[str]:
    """Return what a file needs that `imports` does not name."""
    root, known = (model.code.root, model.code.imports) if model.code else (Path(), ())
    return [name for name in code.importable(root) if name not in known]


def foreign_code_of(model: Model, path: Path) -> ForeignCode:
    """Return the code that a file needs for which TensorFlow was asked; raises RefusedError where it may not run."""
    from tfjs_build.convert.keras.foreign_code import foreign_code

    code = foreign_code(path, model.limits.disk)
    if code and not model.allow_code:
        raise RefusedError("the model needs Python code of your own", hint=what_to_add(model, code), key="engine")
    return code


def what_to_add(model: Model, code: ForeignCode) -> str:
    manifest = model.location.file
    modules = code.importable(manifest.parent)
    lines = [f"`imports: [{', '.join(modules)}]` at the top of {manifest.name}"] if modules else []
    if code.unknown and not modules:
        names = " and ".join(f"`{name}`" for name in code.unknown[:3])
        lines = [f"`imports: […]` at the top of {manifest.name}, with the module that defines {names},"]
    lines.append(f"`allow_code: true` to `{model.name}`")
    return f"If you trust that code, TensorFlow can run it: add {' and '.join(lines)}."
