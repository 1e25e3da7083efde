"""Reads YAML text into a tree; what is wrong with it as YAML becomes faults in plain words."""

from __future__ import annotations

import re
from typing import Protocol

import yaml

from tfjs_build.manifest.core_schema import resolve
from tfjs_build.manifest.faults import LINE_BREAK, Faults, quoted
from tfjs_build.manifest.surrogates import with_pairs, without_pairs
from tfjs_build.manifest.tree import Entry, Mapping, Node, Scalar, Sequence, Span

MAX_DEPTH = 100
"""Deepest nesting; far beyond any manifest, and safe for a recursive walk."""

MAX_SIZE = 1_000_000
"""Most values in a document, those that aliases repeat counted each time."""

# Characters that are not c-printable (YAML 1.2, section 5.1).
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HALF = re.compile("[\ud800-\udfff]")

# What to do about a syntax error: the first line whose words are in the parser's problem and in its context.
_REMEDIES = (
    ("", "alias", 'Text that begins with `*`, such as a pattern, stands in quotes: "*/kernel".'),
    ("", "anchor", "Text that begins with `&` stands in quotes."),
    ("mapping values are not allowed", "", "Keys of one mapping line up; text that has `: ` in it stands in quotes."),
    ("expected ':'", "", "A key is followed by a colon and a space."),
    ("escape", "", "In double quotes a backslash begins an escape. Paths have `/`; other text takes single quotes."),
    ("end of stream", "quoted scalar", "The quote that begins here is not closed."),
    ("", "flow sequence", "The list that begins on line {line} needs a `,` or a `]`."),
    ("", "flow mapping", "The mapping that begins on line {line} needs a `,` or a `}`."),
    ("document ends", "", "Keys of one mapping line up."),
    ("", "block mapping", "Keys of one mapping line up, and nothing follows a closing quote or bracket."),
    ("", "block collection", "Items of one list line up, each behind a `-`."),
)


class _Mark(Protocol):
    line: int
    column: int


class _Stop(Exception):  # noqa: N818 (never leaves this module)
    """The document is too broken to go on; the fault has been recorded."""


class _Open:
    """A list or mapping whose end has not been read; `size` and `depth` count all that is in it so far."""

    def __init__(self, start: tuple[int, int], anchor: str | None, *, is_mapping: bool) -> None:
        self.start = start
        self.anchor = anchor
        self.is_mapping = is_mapping
        self.children: list[Node] = []
        self.size = 1
        self.depth = 1


def read(text: str, faults: Faults) -> Node | None:
    """Return the document's root, or None where the text is no YAML or holds nothing, with the fault recorded.

    Repeated keys and tags are recorded too, and reading goes on.
    """
    bad = _NOT_YAML.search(text)
    if bad:
        before = LINE_BREAK.split(text[: bad.start()])
        span = Span(len(before) - 1, len(before[-1]), len(before) - 1, len(before[-1]) + 1)
        faults.add(span, f"not valid YAML: it has the control character U+{ord(bad.group()):04X} here")
        return None
    try:
        root = _Builder(faults).build(text)
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in (error.problem or "") and error.problem_mark is not None:
            # libyaml has a limit of its own, 1,000, and up to 1,024 characters are scanned before their first event
            # comes: without what goes beyond that limit, ours is reached.
            return read(text[: error.problem_mark.index], faults)
        _add_syntax_error(error, text, faults)
        return None
    if root is None or (isinstance(root, Scalar) and root.value is None):
        faults.add(Span(0, 0, 0, 0), "the manifest is empty", "`tfjs-build init` writes one to start from.")
        return None
    return root


class _Builder:
    """Makes nodes of the parser's events, with a stack of its own: deep nesting would overflow recursion."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._open: list[_Open] = []
        self._anchored: dict[str, tuple[Node, int, int]] = {}
        self._root: Node | None = None

    def build(self, text: str) -> Node | None:
        loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        plain = without_pairs(text)
        paired = plain != text
        for event in yaml.parse(plain, Loader=loader):
            if isinstance(event, yaml.ScalarEvent):
                self._refuse_tag(event)
                written = self._written(event, paired)
                value = resolve(written) if event.implicit[0] and not event.style else written
                self._add(Scalar(_span(event), written, value), event.anchor)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._refuse_tag(event)
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                self._open.append(_Open(_place(event.start_mark), event.anchor, is_mapping=is_mapping))
                self._limit(event, len(self._open), 0)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.AliasEvent):
                self._add_alias(event)
            elif isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                self._stop(_span(event), "a second YAML document begins here; a manifest is one")
        return self._root

    def _written(self, event: yaml.ScalarEvent, paired: bool) -> str:
        """Return a scalar's text; `paired` is whether pairs of halves of characters are stood in for."""
        value: str = with_pairs(event.value, escaped=event.style == '"') if paired else event.value
        if not value.isascii() and _HALF.search(value):  # libyaml refuses it, and PyYAML's own parser does not
            self._stop(_span(event), "it has half of a character (a surrogate without its pair)")
        return value

    def _add(self, node: Node, anchor: str | None = None, size: int = 1, depth: int = 1) -> None:
        if anchor:
            self._anchored[anchor] = (node, size, depth)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.children.append(node)
        parent.size += size
        parent.depth = max(parent.depth, depth + 1)

    def _add_alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if any(parent.anchor == name for parent in self._open):
            self._stop(_span(event), f"`*{name}` stands inside the value that it repeats")
        if name not in self._anchored:
            hint = f'Text that begins with `*`, such as a pattern, stands in quotes: "*{name}".'
            self._stop(_span(event), f"`*{name}` repeats a value marked `&{name}`, and there is none before", hint)
        self._add(self._anchored[name][0], None, *self._anchored[name][1:])
        self._limit(event, self._open[-1].depth if self._open else 1, self._open[-1].size if self._open else 1)

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        done = self._open.pop()
        self._limit(event, done.depth, done.size)
        span = Span(*done.start, *_place(event.end_mark))
        node: Node
        if done.is_mapping:
            pairs = zip(done.children[::2], done.children[1::2], strict=True)
            node = Mapping(span, self._entries(list(pairs)))
        else:
            node = Sequence(span, tuple(done.children))
        self._add(node, done.anchor, done.size, done.depth)

    def _entries(self, pairs: list[tuple[Node, Node]]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        for key, value in pairs:
            if not isinstance(key, Scalar):
                self._faults.add(key.span, "a key is text, not a list or a mapping")
            elif key.text == "<<" and key.span.end_column - key.span.column == 2:  # in quotes it is a key like others
                merged.extend(value.items if isinstance(value, Sequence) else [value])
            elif key.span.empty:
                self._faults.add(key.span, "a key is missing before the colon")
            elif key.text in entries:
                first = entries[key.text].key.span.line + 1
                self._faults.add(key.span, f"{quoted(key.text)} is given twice; the first is on line {first}")
            else:
                entries[key.text] = Entry(key, value)
        for source in merged:
            if isinstance(source, Mapping):
                for entry in source:
                    entries.setdefault(entry.key.text, entry)
            else:
                self._faults.add(source.span, "`<<` takes a mapping, or a list of mappings, to merge into this one")
        return tuple(entries.values())

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            line, column = _place(event.start_mark)
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            span = Span(line, column, line, column + len(tag))
            self._faults.add(
                span,
                f"the tag {quoted(tag)} has no meaning here",
                "Leave it out; what should be text stands in quotes.",
            )

    def _limit(self, event: yaml.Event, depth: int, size: int) -> None:
        if depth > MAX_DEPTH:
            self._stop(_span(event), f"lists and mappings are nested more than {MAX_DEPTH} deep")
        if size > MAX_SIZE:
            self._stop(_span(event), f"more than {MAX_SIZE:,} values, counting what aliases repeat")

    def _stop(self, span: Span, message: str, hint: str = "") -> None:
        self._faults.add(span, message, hint)
        raise _Stop


def _span(event: yaml.Event) -> Span:
    return Span(*_place(event.start_mark), *_place(event.end_mark))


def _place(mark: _Mark | None) -> tuple[int, int]:
    return (mark.line, mark.column) if mark is not None else (0, 0)


def _add_syntax_error(error: yaml.MarkedYAMLError, text: str, faults: Faults) -> None:
    problem, context = error.problem or "a syntax error", error.context or ""
    lines = [*LINE_BREAK.split(text), ""]  # a parser may report the line behind the last
    line, column = _place(error.problem_mark or error.context_mark)
    opening = _place(error.context_mark)
    if error.context_mark is not None and not "".join([lines[line][column:], *lines[line + 1 :]]).strip():
        line, column = opening  # at the end of the file, where the fault shows, is nothing to see
    char = lines[line][column : column + 1]
    if "\t" in (char, lines[line][:1]) and ("tab" in problem or "token" in problem):
        problem, hint = "a tab cannot indent", "Indent with spaces."
    elif "cannot start any token" in problem:
        mark = "a backtick" if char == "`" else f"`{char}`"
        problem, hint = f"{mark} cannot begin a value", f"Text that begins with {mark} stands in quotes."
    else:
        problem = problem.replace("did not find expected", "expected")
        problem = "the document ends before this" if "document start" in problem else problem
        hint = next((hint for words, where, hint in _REMEDIES if words in problem and where in context), "")
    faults.add(
        Span(line, column, line, column + 1), f"not valid YAML: {problem}", hint.replace("{line}", str(opening[0] + 1))
    )
