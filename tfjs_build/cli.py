"""The command `tfjs-build`: from arguments to a command, and from what went wrong to an exit code.

0 done, 1 a model failed (or `--check` found a stale one), 2 usage or manifest, 3 a bug in tfjs-build, 4 `verify` could
not try everything, 130 interrupted (by Ctrl-C, SIGTERM, or by its reader, as in `| head -1`). Output that cannot be
written, to a full disk say, is 2.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from tfjs_build import __version__, collector
from tfjs_build.errors import TfjsBuildError, os_error_text

if TYPE_CHECKING:
    from tfjs_build.reporters import Reporter

USAGE, BUG, INTERRUPTED = 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    collector.seldom()
    arguments = _parse(list(sys.argv[1:] if argv is None else argv))
    from tfjs_build.reporters import make_reporter
    from tfjs_build.reporters.streams import OutputError

    code = INTERRUPTED
    before: dict[int, Any] = {}
    try:
        _raise_interruptions(before)
        live = arguments.command == "watch" and not arguments.command_line and not arguments.verbose
        report = make_reporter(json=getattr(arguments, "json", False), live=live)
        code = _run(arguments, report)
        report.close(code)
    except BrokenPipeError:  # whoever read our output has gone, which is an interruption unless all was done
        _give_up_streams()
    except OutputError as error:
        with contextlib.suppress(OSError):  # it may be stderr itself
            if sys.stderr is not None:
                sys.stderr.write(f"error: {error}\n")
        _give_up_streams()
        return USAGE
    except KeyboardInterrupt:  # before or after the command itself
        return INTERRUPTED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code


def _run(arguments: argparse.Namespace, report: Reporter) -> int:
    from tfjs_build.reporters.streams import OutputError

    try:
        command = importlib.import_module(f"tfjs_build.commands.{arguments.command}")
        code: int = command.run(arguments, report)
    except TfjsBuildError as error:
        report.failed(error)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, OutputError):
        raise
    except OSError as error:  # a folder that may not be entered, say, wherever that shows
        report.failed(TfjsBuildError(os_error_text(error)))
        return USAGE
    except Exception as error:  # noqa: BLE001 -- the one place where a bug of ours becomes a report instead of a traceback
        report.bug(_bug_report(arguments, error))
        return BUG
    return code


def _raise_interruptions(before: dict[int, Any]) -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt: what was begun is ended, what was published is recorded. A
    signal that is ignored stays so. What was in force goes into `before`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        if (handler := signal.getsignal(number)) != signal.SIG_IGN:
            before[number] = handler
            signal.signal(number, interrupt)


def _give_up_streams() -> None:
    """Let what is left in the buffer of a stream that cannot be written go nowhere, when Python ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line; what follows `--` in a watch is another command's."""
    if "--" in argv:
        at = argv.index("--")
        arguments = parser().parse_args(argv[:at])
        if arguments.command == "watch":
            arguments.command_line = argv[at + 1 :]
            return arguments
    return parser().parse_args(argv)


def _bug_report(arguments: argparse.Namespace, error: Exception) -> Path | str:
    """Write a report where the project keeps its own, and return its path; the report itself where there is none."""
    import traceback

    from tfjs_build.bugs import InternalError, versions, write_bug_report
    from tfjs_build.filenames import STATE_FOLDER
    from tfjs_build.manifest import find

    text = error.report if isinstance(error, InternalError) else traceback.format_exc()
    path = None
    with contextlib.suppress(TfjsBuildError, OSError):
        manifest = arguments.manifest or find(Path())
        path = write_bug_report(manifest.parent / STATE_FOLDER / "logs", text) if manifest.is_file() else None
    return path or f"{versions()}\n\n{text}"


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    result = argparse.ArgumentParser(
        prog="tfjs-build",
        description="Makes the TensorFlow models that tfjs.yaml lists part of a web build: TensorFlow.js files and "
        "typed loaders. Everything stays on this machine, unless you name another.",
    )
    result.add_argument("--version", action="version", version=f"tfjs-build {__version__}")
    result.add_argument(
        "-c", dest="manifest", metavar="FILE", type=Path, help="the manifest (default: the nearest tfjs.yaml)"
    )
    commands = result.add_subparsers(dest="command", metavar="COMMAND", required=True)

    build = commands.add_parser("build", help="convert and publish the models that changed")
    _names(build, "build only these models")
    build.add_argument("--force", action="store_true", help="build fresh models too")
    build.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if anything is stale, missing or edited"
    )
    build.add_argument("--dry-run", action="store_true", help="write nothing; say what would be built, and why")
    build.add_argument(
        "-j", dest="jobs", metavar="N", type=_positive, help="how many models at once (default: the number of cores)"
    )
    build.add_argument(
        "--dask", metavar="ADDRESS", help="convert on the Dask cluster with this scheduler, such as tcp://10.0.0.5:8786"
    )
    _loaders(build)
    _verbose(build)
    _json(build)

    watch = commands.add_parser(
        "watch",
        help="build, then build again whatever is saved",
        usage="tfjs-build watch [-h] [--poll] [--loaders DIR] [--verbose] [--json] [NAME ...] [-- COMMAND ...]",
        epilog="A COMMAND, the dev server say, is started after the first build; the two end together.",
    )
    _names(watch, "watch only these models")
    watch.add_argument("--poll", action="store_true", help="look at the files, for network drives and containers")
    watch.set_defaults(command_line=[])
    _loaders(watch)
    _verbose(watch)
    _json(watch)

    verify = commands.add_parser(
        "verify",
        help="run what is published on the site's backends, beside its source",
        epilog="Exit codes: 0 all is right, 1 a model is not, 4 something could not be tried and the rest is right.",
    )
    _names(verify, "verify only these models")
    verify.add_argument(
        "--backend",
        dest="backends",
        action="append",
        choices=("cpu", "wasm", "webgl", "webgpu"),
        help="only this one, given once for each (default: `backends` of the manifest, or all that the project has)",
    )
    verify.add_argument("--browser", metavar="PATH", type=Path, help="the browser for webgl and webgpu")
    verify.add_argument("--serve", action="store_true", help="wait for browsers, a phone's say, that open a page")
    verify.add_argument(
        "--host", metavar="ADDRESS", help="where to serve: 0.0.0.0 for the network (default: this machine only)"
    )
    verify.add_argument("--port", metavar="N", type=_port, default=0, help="the port to serve at (default: any)")
    _verbose(verify)
    _json(verify)

    report = commands.add_parser(
        "report",
        help="a page of where the bytes are, what each coding costs, and what each backend lacks",
        epilog="About what is published. Trying codings takes as long as building with each; what comes of it is kept.",
    )
    _names(report, "report on only these models")
    report.add_argument("--open", action="store_true", help="open the page in the browser")
    report.add_argument("--no-curve", dest="curve", action="store_false", help="try no codings, which takes the time")
    _verbose(report)
    _json(report)

    inspect = commands.add_parser("inspect", help="inputs, outputs, weights and sizes of a model or a file")
    inspect.add_argument("target", metavar="NAME|PATH", help="a model of the manifest, or a source")
    _json(inspect)

    explain = commands.add_parser("explain", help="why a model is stale, and what its fingerprint is made of")
    _names(explain, "explain only these models")
    _json(explain)

    init = commands.add_parser("init", help="write a first tfjs.yaml for the models found here")
    init.add_argument("--force", action="store_true", help="replace an existing tfjs.yaml")

    clean = commands.add_parser("clean", help="delete what tfjs-build has published, and its .tfjs-build folder")
    _json(clean)
    commands.add_parser("doctor", help="check this machine and this project")
    commands.add_parser("schema", help="print the JSON Schema of tfjs.yaml, for editors")
    return result


def _names(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{text} (default: all)")


def _loaders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--loaders",
        metavar="DIR",
        type=Path,
        help="where loaders go, as JavaScript, if the manifest names no `stubs`; relative to the manifest",
    )


def _verbose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verbose", action="store_true", help="show what TensorFlow and your own code print")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")


def _port(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < value < 1 << 16:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, not {text!r}")
    return value


def _positive(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a positive integer, not {text!r}")
    return value
