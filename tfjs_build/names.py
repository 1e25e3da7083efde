"""What a model's name becomes: a folder, a file and JavaScript identifiers; and which names can become all of them."""

from __future__ import annotations

import re
from collections.abc import Collection

from tfjs_build.records import record

MAX_LENGTH = 100
"""Longest model name; with the endings of files and temporary files it stays below every file system's 255 bytes."""

FORM = r"[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
"""Regular expression (to be matched whole) of a name that is safe as a folder, in an address and in a module path."""

RUNTIME = "_runtime"
"""Name of the module beside the stubs that they share; no model's stub can have it, since names begin with a letter."""

RUNTIME_FILES = (f"{RUNTIME}.js", f"{RUNTIME}.d.ts")
"""Its files: for stubs of either language the same."""

TFJS = "_tfjs"
"""Name of the module beside the stubs that has what the models need of TensorFlow.js, where the manifest wants that."""

TFJS_FILES = (f"{TFJS}.js", f"{TFJS}.d.ts", f"{TFJS}_ops.js")
"""Its files; the last stands in for the executor's module of ops where a bundler is told so."""

WORKER = "_worker"
"""Name of the module beside the stubs that loads models in workers, where the manifest wants that."""

WORKER_FILES = (f"{WORKER}.js", f"{WORKER}.d.ts")
"""Its files: for stubs of either language the same."""

_WORDS = """
arguments await break case catch class const continue debugger default delete do else enum eval export extends false
finally for function if implements import in instanceof interface let new null package private protected public return
static super switch this throw true try typeof undefined var void while with yield
"""
RESERVED_WORDS = frozenset(_WORDS.split())
"""Words that JavaScript, or TypeScript in strict mode, lets no variable be called."""

# A stub that declared one of these types would no longer mean the language's own, or TensorFlow.js's, by it.
_TAKEN_TYPES = """
AggregateError Array ArrayBuffer ArrayLike AsyncFunction AsyncGenerator AsyncIterable AsyncIterator Atomics Awaited
BigInt BigInt64Array BigUint64Array Boolean Capitalize ConstructorParameters DataView Date Disposable Error EvalError
Exclude Extract FinalizationRegistry Float16Array Float32Array Float64Array Function Generator Infinity InstanceType
Int16Array Int32Array Int8Array Intl Iterable Iterator JSON Lowercase Map Math NaN NonNullable Number Object Omit
Parameters Partial Pick Promise PromiseLike Proxy RangeError Readonly ReadonlyArray ReadonlyMap ReadonlySet Record
ReferenceError Reflect RegExp Required ReturnType Set SharedArrayBuffer String Symbol SyntaxError TypeError URIError
Uint16Array Uint32Array Uint8Array Uint8ClampedArray Uncapitalize Uppercase WeakMap WeakRef WeakSet WebAssembly

DataType GraphModel InferenceModel LayersModel NamedTensorMap Rank Scalar Tensor Tensor1D Tensor2D Tensor3D Tensor4D
Tensor5D Tensor6D TensorLike
"""

# Names of devices in Windows, which no file there can have, whatever its ending.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10))]
)


@record(frozen=True)
class Identifiers:
    """What a model is called in generated code: `loadMyNet`, type `MyNet`, `myNetLabels`, file `my-net` (no ending)."""

    load: str
    type: str
    labels: str
    file: str


def identifiers(name: str) -> Identifiers:
    """Return what generated code calls the model `name`, a name in which `problem` finds nothing wrong.

    Words are divided by `-`, `_` and `.`; capitals are kept (`mobileNet` gives `MobileNet`), and where the labels begin
    with a lower-case letter an acronym is lowered whole (`VGG16` gives `vgg16Labels`). A dot in the name is a dash in
    the file's, because `net.d.ts` or `net.test.ts` mean something else to the tools that read it.
    """
    pascal = _pascal(name)
    return Identifiers(f"load{pascal}", pascal, f"{_lower_first(pascal)}Labels", name.replace(".", "-"))


def problem(name: str) -> str:
    """Return why no model can be called `name`, to be read after the name ("is a reserved word …"), or ""."""
    if name == RUNTIME:
        return "is the module that the stubs share"
    if not re.fullmatch(FORM, name):
        if name[:1].isdigit() and re.fullmatch(FORM, f"x{name}"):
            return "begins with a digit, which no JavaScript name does"
        return "cannot name a model: names begin with a letter, and have letters, digits, and `-`, `_` or `.` inside"
    if len(name) > MAX_LENGTH:
        return f"is too long for a model's name: at most {MAX_LENGTH} characters"
    if name.partition(".")[0].lower() in _DEVICES:
        return "is a device in Windows, where no file or folder can have this name"
    if _lower_first(_pascal(name)) in RESERVED_WORDS:
        return "is a reserved word in JavaScript"
    if _pascal(name) in _TAKEN_TYPES.split():
        return f"would give the stub a type `{_pascal(name)}`, a name that JavaScript or TensorFlow.js has already"
    return ""


def proposal(name: str, taken: Collection[str] = ()) -> str:
    """Return a name near to `name` in which nothing is wrong and which is not confused with any of `taken`."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("._-")[: MAX_LENGTH - 10].rstrip("._-")
    if stem.partition(".")[0].lower() in _DEVICES:
        stem = stem.replace(".", "-")
    if stem[:1].isdigit():
        stem = f"model-{stem}"
    elif not stem:
        stem = "model"
    if problem(stem):
        stem = f"my-{stem}" if stem.lower().endswith("model") else f"{stem}-model"
    claimed = {claim for other in taken for claim in claims(other)}
    candidate, number = stem, 2
    while not claimed.isdisjoint(claims(candidate)):
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def claims(name: str) -> dict[str, str]:
    """Return what a model called `name` has for itself alone, each with what it means for another that claims it too
    (to be read after both names: "would both be …")."""
    names = identifiers(name)
    shared = {claim: f"would both be `{claim}` in generated code" for claim in (names.load, names.type, names.labels)}
    return shared | {f"file {names.file.lower()}": "would be one file on systems that ignore the case of letters"}


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[._-]+", name))


def _lower_first(name: str) -> str:
    """Lower the first letter, or the acronym that comes first: `MyNet` → `myNet`, `VGG16` → `vgg16`."""
    return re.sub(r"^[A-Z]+(?![a-z])|^[A-Z]", lambda match: match.group().lower(), name, count=1)
