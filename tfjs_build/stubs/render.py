"""Renders the stubs and the runtime module beside them from Jinja templates, ours or the project's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.errors import PublishError
from tfjs_build.names import RUNTIME
from tfjs_build.stubs import quoting

if TYPE_CHECKING:
    import jinja2

    from tfjs_build.manifest.model import Language
    from tfjs_build.stubs.describe import StubModel

_ENDINGS: Mapping[str, tuple[str, ...]] = {"typescript": ("ts",), "javascript": ("js", "d.ts")}
_PACKAGE = Path(__file__).parent.parent


def render_stub(model: StubModel, *, language: Language, tfjs: str, templates: Path | None = None) -> dict[str, str]:
    """Return the files of one model's stub: name → content.

    `tfjs` is the module that stubs import TensorFlow.js from; `templates` a folder whose files override ours.
    Raises PublishError, with file and line, for a template that cannot be rendered.
    """
    return {
        f"{model.identifiers.file}.{ending}": _render(f"stub.{ending}.j2", {"model": model, "tfjs": tfjs}, templates)
        for ending in _ENDINGS[language]
    }


def compile_stub(*, language: Language, templates: Path | None = None) -> None:
    """Compile the templates of stubs and what they may include, so that rendering one is quick.

    Raises PublishError as rendering does.
    """
    stubs = [f"stub.{ending}.j2" for ending in _ENDINGS[language]]
    parts = [name for name, _ in templates_digest_inputs(templates) if not name.startswith(("stub.", RUNTIME))]
    for name in (*stubs, *parts):
        with _faults(name, templates):
            _compiled(name, templates)


def render_runtime(*, language: Language, tfjs: str, templates: Path | None = None) -> dict[str, str]:
    """Return the files of the module that the stubs share, as `render_stub` does those of a stub."""
    files = [f"{RUNTIME}.{ending}" for ending in _ENDINGS[language]]
    return {file: _render(f"{file}.j2", {"tfjs": tfjs}, templates) for file in files}


def template_dirs(templates: Path | None = None) -> list[Path]:
    """Return the folders in which templates are looked for, in this order: the project's own, if any, then ours."""
    shipped = _PACKAGE / "templates"
    ours = shipped if shipped.is_dir() else _PACKAGE.parent / "templates"
    if templates is None:
        return [ours]
    if not templates.is_dir():
        raise PublishError(f"There is no folder {templates}, which `templates` in the manifest names.")
    return [templates, ours]


def templates_digest_inputs(templates: Path | None = None) -> list[tuple[str, bytes]]:
    """Return name and content of every template that rendering may read, sorted by name: input of fingerprints."""
    found: dict[str, Path] = {}
    for folder in reversed(template_dirs(templates)):
        found |= {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.j2") if path.is_file()}
    return [(name, found[name].read_bytes()) for name in sorted(found)]


def _render(name: str, data: Mapping[str, Any], templates: Path | None) -> str:
    with _faults(name, templates):
        return _compiled(name, templates).render(data)


def _compiled(name: str, templates: Path | None) -> jinja2.Template:
    return _environment(tuple(template_dirs(templates))).get_template(name)


@contextmanager
def _faults(name: str, templates: Path | None) -> Iterator[None]:
    """Raise PublishError for whatever is wrong with a template."""
    import jinja2

    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise _fault(f"{error.filename}:{error.lineno}", str(error.message)) from error
    except Exception as error:  # a template may evaluate anything, which may raise anything
        problem = str(error) if isinstance(error, jinja2.UndefinedError) else f"{type(error).__name__}: {error}"
        raise _fault(_place(error, template_dirs(templates)) or name, problem) from error


@cache
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # not HTML: names are quoted by the filters below
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "js": quoting.literal,
        "js_list": quoting.literal_list,
        "property": quoting.property_key,
        "comment": quoting.comment,
    }
    return environment


def _place(error: BaseException, folders: list[Path]) -> str:
    """Return file:line of the innermost template that was at work, or "": Jinja gives its tracebacks template lines."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if any(folder in file.parents for folder in folders):
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _fault(place: str, problem: str) -> PublishError:
    return PublishError(
        f"{place}: the template cannot be rendered: {problem}",
        hint="The first lines of tfjs-build's own stub templates say what they are given.",
    )
