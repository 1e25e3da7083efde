"""The table of all keys: from it come the checks of a manifest, its JSON Schema and the tables of docs/manifest.md."""

from __future__ import annotations

from typing import Final, get_args

from tfjs_build import model as types
from tfjs_build.manifest.address import FolderOrAddress
from tfjs_build.manifest.models import Models
from tfjs_build.manifest.pixels import Numbers, PixelsForm, Range
from tfjs_build.manifest.quantization import Quantization
from tfjs_build.manifest.record import Field, Found, Record, values
from tfjs_build.manifest.scalars import (
    LINE,
    Choice,
    Count,
    Duration,
    Flag,
    Label,
    PathTo,
    Positive,
    Size,
    Text,
    Version,
)
from tfjs_build.manifest.source import SourceForm
from tfjs_build.manifest.structures import As, Either, JsonObject, ListOf, MapOf
from tfjs_build.manifest.tfjs import KernelName, Tfjs
from tfjs_build.model import RESERVED_METADATA

"""Keys of `userDefinedMetadata` that have a meaning to TensorFlow.js or to tfjs-build."""

_TOP_KEYS = "version output stubs language public_url backends tfjs worker templates imports cache"
_TOP_ONLY = dict.fromkeys(_TOP_KEYS.split(), "It stands at the top of the manifest, for all models.")

_MODULE = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"


def _verify(given: str | dict[str, Found]) -> types.Verify:
    if isinstance(given, str):
        return types.Verify(mode=given)  # type: ignore[arg-type]  # one of the modes, as Choice has checked
    return types.Verify(**{"mode": "parity"} | values(given))


def _cache(given: str | dict[str, Found]) -> types.CachePlace | None:
    if isinstance(given, str):
        return types.CachePlace(given)
    found = values(given)
    return types.CachePlace(found["url"], found.get("read_only", False)) if "url" in found else None


CACHE_FIELDS: Final = (
    Field(
        "url",
        FolderOrAddress(),
        "The folder or address.",
        example="s3://bucket/models",
        required=True,
        words=("path", "address", "folder"),
    ),
    Field("read_only", Flag(), "Takes what is there, and adds nothing.", default=False, words=("readonly",)),
)

_VERIFY_MODE: Final = "What a build runs, and whether it is compared; `none` leaves that to the command."
_VERIFY_INPUTS: Final = "Inputs to try, and the outputs for them if it has such; random inputs when left out."

VERIFY_FIELDS: Final = (
    Field("mode", Choice(get_args(types.VerifyMode)), _VERIFY_MODE, default="parity"),
    Field("samples", Count(1, 1000), "How many inputs are tried.", default=2),
    Field(
        "tolerance",
        Positive("1e-4"),
        "Largest difference from the source, as a part of an output's largest value.",
        default=1e-4,
    ),
    Field("inputs", PathTo("a file of inputs", "samples.npz"), _VERIFY_INPUTS),
)

CLASSIFY_FIELDS: Final = (
    Field("output", Text("the name of an output", "name"), "The output with a score for each label."),
    Field("softmax", Flag(), "Whether its scores are logits.", default=False),
)

PIXELS_FIELDS: Final = (
    Field("range", Range(), "What black and white become.", default_words="`[0, 1]`", words=("scale", "rescale")),
    Field("mean", Numbers("[0.485, 0.456, 0.406]"), "What is subtracted from a pixel's values, instead of `range`."),
    Field(
        "std",
        Numbers("[0.229, 0.224, 0.225]", positive=True),
        "What they are divided by then.",
        words=("variance", "stddev"),
    ),
    Field(
        "channels",
        Choice(get_args(types.Channels)),
        "The channels, and their order.",
        default_words="`rgb`, or `gray` where the input has one channel",
        words=("color_mode", "order"),
    ),
    Field("fit", Choice(get_args(types.Fit)), "How a picture of other proportions is fitted.", default="stretch"),
    Field(
        "resize",
        Choice(get_args(types.Resize)),
        "How it is resized.",
        default="bilinear",
        words=("interpolation", "method"),
    ),
)

INPUT_FIELDS: Final = (
    Field(
        "pixels",
        PixelsForm(Record(PIXELS_FIELDS, "a mapping such as { range: [-1, 1], channels: bgr }")),
        "How pictures of a page become this input.",
        example="[0, 1]",
        words=("image", "picture"),
    ),
)

LIMITS_FIELDS: Final = (
    Field("time", Duration("10min or 1h"), "How long its conversion may take.", default="30min"),
    Field("download", Duration("10min or 1h"), "How long its download may take.", default="1h"),
    Field("memory", Size("16GB"), "How much memory its conversion may use, on Linux.", default="8GB"),
    Field("disk", Size("16GB"), "How much it may download, or unpack in a temporary folder.", default="8GB"),
    Field("output", Size("16GB"), "How much may be published.", default="8GB"),
)

MODEL_FIELDS: Final = (
    Field(
        "source",
        SourceForm(),
        "The file, folder, address or Python callable that the model is made from.",
        example="models/net.keras",
        required=True,
        words=("path", "file", "src", "input", "input_path", "url"),
    ),
    Field(
        "input_format",
        Choice(get_args(types.InputFormat)),
        "What kind of source it is.",
        default_words="detected",
        words=("source_format", "kind"),
    ),
    Field(
        "format",
        Choice(get_args(types.ModelFormat)),
        "What the page loads: `graph` is for `tf.loadGraphModel`, `layers` for `tf.loadLayersModel`; "
        "`auto` is `graph`.",
        default="auto",
        words=("output_format", "type"),
    ),
    Field(
        "signature",
        Text("the name of a signature", "text"),
        "Which signature of a SavedModel, or a TensorFlow Lite model, is published.",
        default_words="`serving_default`, or the only one there is",
        words=("signature_name",),
    ),
    Field(
        "tags",
        ListOf("tags", "serve"),
        "Which of a SavedModel's graphs is meant.",
        default_words="`[serve]`, or the only ones there are",
        words=("saved_model_tags",),
    ),
    Field(
        "outputs",
        ListOf("node names", "Softmax"),
        "The nodes that are a frozen graph's outputs.",
        words=("output_node_names", "output_nodes"),
    ),
    Field(
        "quantize",
        Quantization(get_args(types.QuantizeDtype)),
        "Stores weights smaller, all of them or those whose names match patterns; "
        "this shrinks the download, not the time to predict. `uint8` and `uint16` leave vectors and scalars (biases, "
        "statistics) as they are unless a pattern names them; whole numbers are never rounded. `auto` chooses for each "
        "weight what keeps the outputs within an `error` (0.01), or the weights within a `size`.",
        default="none",
        words=("quantization", "quantize_float16", "quantize_uint8", "quantize_uint16", "quantization_bytes"),
    ),
    Field(
        "shard_size",
        Size("4MB or 512KB"),
        "Largest size of one weight file, in bytes, KB, MB or GB (1 KB is 1024 bytes).",
        default="4MB",
        words=("weight_shard_size_bytes",),
    ),
    Field(
        "compress",
        Choice(get_args(types.Compress)),
        "Whether files of weights are published compressed as well (`gzip`): loaders take these, a bare TensorFlow.js "
        "and old browsers the plain ones.",
        default="none",
        words=("compression", "gzip", "gz"),
    ),
    Field("max_size", Size("5MB", or_none=True), "A larger download fails the build.", default="none"),
    Field(
        "warn_error",
        Positive("0.05"),
        "How far `quantize` may put an output off, as a part of its largest number, before the build warns.",
        default=0.05,
        words=("max_error", "tolerance"),
    ),
    Field(
        "rename",
        MapOf("names", "output_0: probabilities", Text("a name", pattern=f"(?!__proto__$){LINE}"), distinct=True),
        "Names of inputs and outputs as the stub shows them, by their names in the source.",
        default_words="`{}`",
    ),
    Field(
        "inputs",
        MapOf(
            "inputs",
            "image: { pixels: [0, 1] }",
            As(
                Record(INPUT_FIELDS, "a mapping such as { pixels: [0, 1] }"),
                lambda found: types.InputOptions(**values(found)),
            ),
        ),
        "Options of single inputs, by the names that the stub shows: `pixels` for those that take pictures.",
        default_words="`{}`",
    ),
    Field(
        "labels",
        As(
            Either(PathTo("a file with a label on each line", "labels.txt"), ListOf("labels", "cat, dog", Label())),
            lambda labels: labels or None,
        ),
        "Names of the classes: a file with one on each line, or a list.",
        default_words="those that a TensorFlow.js model brings, else none",
    ),
    Field(
        "classify",
        As(
            Record(CLASSIFY_FIELDS, "a mapping such as { output: probs, softmax: true }"),
            lambda given: types.Classify(**values(given)),
        ),
        "Which output the `labels` name (`output`), and whether it has logits, of which a softmax is taken "
        "(`softmax`), for the loader's `classify`.",
        default_words="the output with as many entries as there are labels",
        words=("classes", "classifier", "scores"),
    ),
    Field(
        "metadata",
        JsonObject("any JSON values", RESERVED_METADATA),
        "Any JSON; published as part of `userDefinedMetadata`.",
        default_words="`{}`",
        words=("user_defined_metadata", "meta"),
    ),
    Field(
        "engine",
        Choice(get_args(types.Engine)),
        "What converts: tfjs-build's own code (`native`), TensorFlow (`tensorflow`), or whichever can (`auto`).",
        default="auto",
    ),
    Field(
        "verify",
        As(
            Either(
                Choice(get_args(types.VerifyMode)),
                Record(VERIFY_FIELDS, "a mapping such as { samples: 4, tolerance: 1e-3 }"),
            ),
            _verify,
        ),
        "What is run before it is published: the model (`smoke`), or the model beside its source (`parity`); what is "
        "wrong is not published. A mapping may have `mode` (`parity`), `samples` (2), `tolerance` (1e-4) and `inputs` "
        "(a file), which `tfjs-build verify` goes by as well.",
        default="none",
    ),
    Field(
        "allow_code",
        Flag(),
        "Allows the model's own Python code to run: `python:` sources, custom and Lambda layers.",
        default=False,
    ),
    Field(
        "limits",
        As(
            Record(LIMITS_FIELDS, "a mapping such as { time: 1h, memory: 16GB }"),
            lambda found: types.Limits(**values(found)),
        ),
        "What it may take of the machine, before it fails: `time` (30min), `download` (1h), `memory` (8GB), `disk` "
        "(8GB) and `output` (8GB).",
        default_words="`{}`",
        words=("timeout", "max_memory", "memory", "time"),
    ),
)

MINIMAL_FIELDS: Final = (
    Field(
        "kernels",
        ListOf("kernels", "TopK", KernelName()),
        "Kernels that the page's own code needs.",
        default_words="`[]`",
    ),
)

TFJS_FIELDS: Final = (
    Field(
        "minimal",
        Record(MINIMAL_FIELDS, "a mapping such as { kernels: [TopK] }"),
        "Says more of the module that is generated.",
        example="{}",
        required=True,
    ),
)

MANIFEST_FIELDS: Final = (
    Field("version", Version(1), "The version of the manifest's format.", example="1", required=True),
    Field(
        "output",
        PathTo("a folder", "public/models"),
        "The folder of static files in which each model gets a folder.",
        example="public/models",
        required=True,
    ),
    Field(
        "stubs",
        PathTo("a folder", "src/models"),
        "The folder of the generated loaders; there are none when it is left out.",
        default_words="none",
    ),
    Field(
        "language",
        Choice(get_args(types.Language)),
        "The language of the loaders: TypeScript, or JavaScript (an ES module with a .d.ts).",
        default="typescript",
    ),
    Field(
        "public_url",
        As(
            Text(
                "a path that begins with /, such as /models, or an https address",
                "path or address",
                r"""(?:https?://[^\s/?#\\"'<>`]+|/)[^\s?#\\"'<>`]*""",
            ),
            lambda url: url.rstrip("/"),
        ),
        "Where a browser finds `output`, relative to the bundler's base.",
        default_words="`output` without a leading `public/`, `static/` or `src/assets/`",
    ),
    Field(
        "backends",
        ListOf("backends", "webgpu, webgl, wasm", Choice(get_args(types.Backend)), least=1),
        "Where the site runs its models: `webgpu`, `webgl`, `wasm`, `cpu`. What one of them cannot do right fails the "
        "build; when it is left out, that is a note.",
        default_words="all four",
        words=("backend", "engines", "devices"),
    ),
    Field(
        "tfjs",
        Tfjs(Record(TFJS_FIELDS, "a mapping such as { minimal: { kernels: [TopK] } }")),
        "The module that the loaders import TensorFlow.js from; `minimal` is one that is generated, with only what the "
        "models need. A mapping `{ minimal: { kernels: [TopK] } }` adds kernels for code of the page's own.",
        default="@tensorflow/tfjs",
    ),
    Field(
        "worker",
        Flag(),
        "Whether there is, for each model, a loader that has it in a Web Worker, so that the page is free meanwhile.",
        default=False,
        words=("workers", "web_worker", "webworker"),
    ),
    Field(
        "templates",
        PathTo("a folder", "stub-templates"),
        "A folder whose files stand in for the loaders' templates of the same names.",
        default_words="none",
    ),
    Field(
        "imports",
        ListOf("Python modules", "my_package.layers", Text("the name of a module", pattern=_MODULE)),
        "Python modules with custom layers; they are imported for models with `allow_code: true`.",
        default_words="`[]`",
    ),
    Field(
        "cache",
        As(
            Either(
                FolderOrAddress(),
                Record(CACHE_FIELDS, "a mapping such as { url: s3://bucket/models, read_only: true }"),
            ),
            _cache,
        ),
        "Where machines share what they have converted: a folder, or an address such as `s3://bucket/models`. "
        "A mapping has `url`, and may have `read_only` (`false`).",
        default_words="none",
        words=("shared_cache", "remote_cache"),
    ),
    Field(
        "defaults",
        Record(
            tuple(field for field in MODEL_FIELDS if not field.required),
            "a mapping of keys for all models, such as { quantize: float16 }",
            elsewhere=_TOP_ONLY | {"source": "Every model has its own."},
        ),
        "Values of any per-model key but `source`, for the models that do not give it themselves.",
        default_words="`{}`",
    ),
    Field(
        "models",
        Models(
            Record(
                MODEL_FIELDS,
                "a mapping such as { source: models/net.keras }",
                elsewhere=_TOP_ONLY,
            )
        ),
        "The models, by name.",
        example="{}",
        required=True,
    ),
)

MANIFEST: Final = Record(
    MANIFEST_FIELDS,
    "a mapping with `version`, `output` and `models`",
    elsewhere={field.key: "It stands under a model, or under `defaults` for all of them." for field in MODEL_FIELDS},
)
