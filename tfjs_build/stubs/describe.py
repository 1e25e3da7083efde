"""What a stub says of its model: from the metadata in model.json to the data that the templates are rendered with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.convert.dtypes import TFJS
from tfjs_build.errors import ModelError
from tfjs_build.names import Identifiers, identifiers
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Shape

# What can stand for a tensor of each dtype as an input; see `Values` in the runtime module.
_VALUES = {
    "float32": "a Float32Array",
    "int32": "an Int32Array",
    "bool": "a Uint8Array",
    "string": "an array of strings",
}


@record(frozen=True)
class StubTensor:
    """One input or output: `type` is its TypeScript type, `values` that of its values alone, `description` its dtype
    and shape in words. `pixels` says how pictures become the input, None where they do not."""

    name: str
    node: str
    shape: Shape | None
    dtype: str
    type: str
    values: str
    description: str
    pixels: Mapping[str, Any] | None = None


@record(frozen=True)
class StubClassify:
    """The output whose entries the labels name, and whether a softmax is to be taken of it."""

    output: str
    softmax: bool


@record(frozen=True)
class StubModel:
    """A published model as templates see it (`model`). `url` is relative to the bundler's base, or an address;
    `classify` is None where no output has the scores of the labels."""

    name: str
    identifiers: Identifiers
    format: str
    asynchronous: bool
    version: str
    url: str
    inputs: tuple[StubTensor, ...]
    outputs: tuple[StubTensor, ...]
    labels: tuple[str, ...]
    classify: StubClassify | None


def describe(name: str, format: str, metadata: Mapping[str, Any], *, public_url: str) -> StubModel:
    """Describe the model `name` by `metadata`, the object `tfjs-build` in `userDefinedMetadata` of its model.json.

    Raises ModelError where two inputs, or two outputs, share a name, or a dtype is not TensorFlow.js's.
    """
    signature = metadata["signature"]
    return StubModel(
        name=name,
        identifiers=identifiers(name),
        format=format,
        asynchronous=metadata["async"],
        version=metadata["version"],
        url=_url(public_url, name),
        inputs=_tensors(name, "input", signature["inputs"], metadata.get("pixels", {})),
        outputs=_tensors(name, "output", signature["outputs"], {}),
        labels=tuple(metadata.get("labels", ())),
        classify=StubClassify(**metadata["classify"]) if "classify" in metadata else None,
    )


def _url(public_url: str, name: str) -> str:
    """Where model.json is; `public_url` counts from the bundler's base even where it begins with a slash."""
    base = public_url if public_url.startswith("//") else public_url.lstrip("/")
    return f"{base.rstrip('/')}/{name}/model.json".lstrip("/" if not base else "")


def _tensors(
    model: str, role: str, specs: Sequence[Mapping[str, Any]], pixels: Mapping[str, Mapping[str, Any]]
) -> tuple[StubTensor, ...]:
    tensors = tuple(_tensor(model, role, spec, pixels.get(spec["name"])) for spec in specs)
    seen: set[str] = set()
    for tensor in tensors:
        if tensor.name in seen:
            raise ModelError(
                f"Model {model!r} has two {role}s with the name {tensor.name!r}, which its stub could not tell apart.",
                hint="Give one of them another name with `rename`.",
            )
        seen.add(tensor.name)
    return tensors


def _tensor(model: str, role: str, spec: Mapping[str, Any], pixels: Mapping[str, Any] | None) -> StubTensor:
    name, dtype = spec["name"], spec["dtype"]
    if dtype not in TFJS:
        raise ModelError(f"The {role} {name!r} of model {model!r} has the dtype {dtype}, which TensorFlow.js lacks.")
    shape = None if spec["shape"] is None else tuple(spec["shape"])
    if shape is None:
        sizes, words = "number[]", f"{dtype} of any rank"
    else:
        sizes = f"[{', '.join('number' if size is None else str(size) for size in shape)}]"
        words = f"{dtype} [{', '.join('?' if size is None else str(size) for size in shape)}]"
    if role == "output":
        kind = "Output"
    elif dtype in _VALUES and shape is not None and shape.count(None) <= 1:
        kind = "Input"
        words += f", as a tensor or {_VALUES[dtype]}"
    else:
        kind = "TensorInput"
        words += ", as a tensor"
        if dtype in _VALUES:
            words += f" or {_VALUES[dtype]} with its `shape`"
    types = f'<"{dtype}", {sizes}>'
    type = f"runtime.{kind}{types}"
    if kind == "TensorInput" and dtype in _VALUES:
        type += f" | runtime.OutputValues{types}"
    if pixels is not None:
        type += " | runtime.Picture"
        words += ", or a picture: an image, a canvas, a video"
    return StubTensor(name, spec["node"], shape, dtype, type, f"runtime.OutputValues{types}", words, pixels)
