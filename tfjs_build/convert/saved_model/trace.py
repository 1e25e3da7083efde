"""Running a file's graph symbolically: each node is looked at once, on demand, and leaves nodes of our graph behind.

Calls are followed into functions, so that inlining needs no pass of its own; handles of variables and tables are plain
objects that travel along the edges; what an op means is said by its handler (`handlers/`), or it becomes a node of the
same name. The restore function and table initializers run through the same machinery, with control edges obeyed: there
assignments take effect. In what is exported, control edges order nothing but assignments; `effects.py` sees to these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.fold import FOLD
from tfjs_build.convert.graph.ir import Dims, Value
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.convert.saved_model.resources import Handle, Table, Traced, Variable
from tfjs_build.convert.saved_model.source import Body, Library, SourceNode
from tfjs_build.errors import ModelError, RefusedError, SourceError, UnforeseenError

if TYPE_CHECKING:
    from tfjs_build.convert.saved_model.checkpoint import Checkpoint

_AUGMENTATION: Final = (
    "It is the state of random numbers, which layers that augment images draw even where they change nothing "
    "(RandomContrast …): list the model's .keras file instead, there they do nothing in a prediction."
)

_DEEPEST_CALL: Final = 60
_MOST_NODES: Final = 2_000_000


@dataclass
class Session:
    """What all frames of one conversion share. `checkpoint` opens lazily; `assets` are files by the name of the tensor
    that holds their path; `read` and `used_tables` collect what the exported graph uses. `free_inputs`, where it is not
    None, collects the placeholders that are found: inputs that no signature names. `faults` say what
    kept tables and variables from being filled, by name; `notes` are for the user.
    `lacking` are the ops that TensorFlow.js lacks, with their places. `missing` says that there is no checkpoint."""

    library: Library
    checkpoint: Callable[[], Checkpoint]
    folder: Path
    assets: Mapping[str, str] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    read: dict[Variable, str] = field(default_factory=dict)
    used_tables: dict[str, Table] = field(default_factory=dict)
    free_inputs: dict[str, Value] | None = None
    faults: dict[str, ModelError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lacking: dict[str, list[str]] = field(default_factory=dict)
    missing: SourceError | None = None
    traced: int = 0

    def note(self, text: str) -> None:
        """Tell the user something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def count(self) -> None:
        """Stop a file whose functions call each other without end."""
        self.traced += 1
        if self.traced > _MOST_NODES:
            raise RefusedError(f"The graph has more than {_MOST_NODES:,} nodes once its functions are inlined.")


class Frame:
    """One run of a body. `bound` are the tensors that are given from outside, by node and output."""

    def __init__(
        self,
        session: Session,
        body: Body,
        builder: Builder,
        bound: Mapping[tuple[str, int], Traced],
        *,
        prefix: str = "",
        effectful: bool = False,
        depth: int = 0,
        outer: Frame | None = None,
    ) -> None:
        if depth > _DEEPEST_CALL:
            raise RefusedError(
                f"The function {body.name} calls itself, or calls are nested deeper than {_DEEPEST_CALL}."
            )
        self.session = session
        self.body = body
        self.builder = builder
        self.bound = dict(bound)
        self.prefix = prefix
        self.effectful = effectful
        self.depth = depth
        self.outer = outer
        self.done: dict[str, Sequence[Traced]] = {}
        self.results_of_loops: dict[str, Sequence[Traced]] = {}
        self._path: set[str] = set()

    def get(self, reference: str) -> Traced:
        """Return what a reference stands for, tracing what it needs."""
        name, index = self.body.resolve(reference)
        found = self.bound.get((name, index))
        if found is not None:
            return found
        if name not in self.done:
            self.run([name])
        outputs = self.done[name]
        if index >= len(outputs):
            if outputs and self.body.nodes[name].outputs() is None:
                return outputs[0]  # an op without a description: it is refused by name later
            raise SourceError(f"{self.body.nodes[name].op} ({name}) has no output {index}.")
        return outputs[index]

    def value(self, reference: str) -> Value:
        """Return the tensor that a reference stands for; a reference variable is read."""
        traced = self.get(reference)
        if isinstance(traced, Value):
            return traced
        if isinstance(traced, Variable) and traced.reference:
            return self.read(traced, reference)
        kind = {Variable: "variable", Table: "table"}.get(type(traced), "resource")
        random = isinstance(traced, Variable) and traced.name.endswith("StateVar")
        raise RefusedError(
            f"Using the {kind} {traced.name} as a tensor is not supported (it is read as {reference}).",
            hint=_AUGMENTATION if random else "",
        )

    def values(self, node: SourceNode) -> list[Value]:
        """Return the tensors that a node reads."""
        return [self.value(reference) for reference in node.inputs]

    def read(self, variable: Variable, where: str) -> Value:
        """Return what a variable holds."""
        self.session.read.setdefault(variable, where)
        if variable.value is None and variable.name in self.session.faults:
            raise self.session.faults[variable.name]
        if variable.value is None and self.session.missing is not None:
            raise self.session.missing
        if variable.value is None:
            raise RefusedError(
                f"The variable {variable.name} has no value: neither the checkpoint nor an initializer gives it one"
                f" (it is read by {where}).",
                hint="Give the variable a value before the model is exported, and keep it in the object that is saved.",
            )
        return variable.value

    def results(self) -> list[Traced]:
        """Return what the body returns, its effects done where they count."""
        if self.effectful:
            self.run(self.body.runs or ())
        self.run(
            name
            for name, index in map(self.body.resolve, self.body.results)
            if (name, index) not in self.bound and name not in self.done
        )
        return [self.get(reference) for reference in self.body.results]

    def run(self, names: Iterable[str]) -> None:
        """Trace nodes, and before each what it needs."""
        stack = [(name, False) for name in names]
        stack.reverse()
        while stack:
            name, ready = stack.pop()
            if name in self.done:
                continue
            node = self.body.nodes.get(name)
            if node is None:
                raise SourceError(f"A tensor of the node {name} is needed, but {self.body.name} has no such node.")
            if ready:
                self._path.discard(name)
                self.session.count()
                self.done[name] = self._trace(node)
                continue
            if name in self._path:
                raise RefusedError(f"{node.op} ({name}) depends on itself, outside of a loop that is supported.")
            self._path.add(name)
            stack.append((name, True))
            stack.extend((other, False) for other in self._needs(node) if other not in self.done)

    def _needs(self, node: SourceNode) -> list[str]:
        needs = NEEDS.get(node.op)
        if needs is not None:
            return needs(self, node)
        places = map(self.body.resolve, node.inputs)
        names = [name for name, index in places if (name, index) not in self.bound]
        return names + node.controls if self.effectful else names

    def _trace(self, node: SourceNode) -> Sequence[Traced]:
        try:
            return self._traced(node)
        except (ModelError, MemoryError, RecursionError, OSError):
            raise
        except Exception as error:
            raise UnforeseenError(f"{node.op} ({self.prefix}{node.name})") from error

    def _traced(self, node: SourceNode) -> Sequence[Traced]:
        handler = HANDLERS.get(node.op)
        if handler is not None:
            return handler(self, node)
        if not self.effectful and not is_covered(node.op):
            self.session.lacking.setdefault(node.op, []).append(self.prefix + node.name)
        given = described(node)
        if not given:
            return []  # it is there for its effect
        return self.builder.node(
            node.op, self.values(node), public_attrs(node), name=self.prefix + node.name, given=given
        )

    def inside(self, builder: Builder, bound: Mapping[tuple[str, int], Traced]) -> Frame:
        """Return a frame for a part of the same body (a loop or branch of TensorFlow 1)."""
        return Frame(
            self.session,
            self.body,
            builder,
            bound,
            prefix=self.prefix,
            effectful=self.effectful,
            depth=self.depth + 1,
            outer=self,
        )

    def call(self, body: Body, arguments: Sequence[Traced], prefix: str, builder: Builder | None = None) -> Frame:
        """Return a frame for a function that is called from here, its arguments bound."""
        if len(arguments) != len(body.args):
            raise SourceError(f"The function {body.name} expects {len(body.args)} arguments, got {len(arguments)}.")
        bound = {(name, 0): argument for (name, _), argument in zip(body.args, arguments, strict=True)}
        return Frame(
            self.session,
            body,
            builder or self.builder,
            bound,
            prefix=prefix,
            effectful=self.effectful,
            depth=self.depth + 1,
            outer=self,
        )


def is_covered(op: str) -> bool:
    """Whether TensorFlow.js has an op, or there are other ops to stand for it."""
    return tfjs_op(op) is not None or op in RULES or op in FOLD


def public_attrs(node: SourceNode) -> dict[str, Any]:
    """Return the attributes that say what the op does; unknown ones are a newer TensorFlow's."""
    known = op_def(node.op)
    names = known.attrs if known is not None and known.attrs else node.attrs
    return {key: value for key, value in node.attrs.items() if key in names and not key.startswith("_")}


def described(node: SourceNode) -> list[tuple[Dims, str]]:
    """Return shapes and types of a node's outputs as the file tells them."""
    shapes = node.output_shapes
    dtypes = node.output_dtypes()
    if dtypes is None:
        dtypes = ["float32"] * max(1, len(shapes))  # an unknown op: it is refused by name later
    if len(shapes) != len(dtypes):
        shapes = [None] * len(dtypes)
    return list(zip(shapes, dtypes, strict=True))


Handler: TypeAlias = Callable[[Frame, SourceNode], Sequence[Traced]]
Needs: TypeAlias = Callable[[Frame, SourceNode], "list[str]"]

HANDLERS: dict[str, Handler] = {}
"""What ops mean that are more than a node of the same name."""

NEEDS: dict[str, Needs] = {}
"""Which nodes must be traced first, for ops where it is not simply their inputs."""


def handles(*ops: str) -> Callable[[Handler], Handler]:
    """Register a handler for some ops."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(ops, handler))
        return handler

    return register


def unexpected(frame: Frame, node: SourceNode, traced: Traced) -> RefusedError:
    """Return the refusal of a handle where another kind was expected."""
    what = traced.name if isinstance(traced, (Variable, Table, Handle)) else "a tensor"
    return RefusedError(f"{node.op} ({frame.prefix}{node.name}) is not supported for {what}.")
