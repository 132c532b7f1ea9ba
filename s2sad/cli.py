"""The command line: ``s2sad show | build | check | rules | cache``.

Exit codes: 0 all is well; 1 generated files are stale, or a check failed; 2 a wrong command line or an unknown target;
3 the function can't be differentiated; 4 s2sad itself failed.
"""

from __future__ import annotations

import argparse
import linecache
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any, TextIO

from . import __version__
from .errors import Error, MissingRuleError
from .targets import UsageError

OK, STALE, USAGE, REFUSED, FAILED = range(5)
_MODES = ("grad", "value_and_grad", "vjp", "jvp", "hvp")
_STAGES = ("lower", "types", "memory", "adjoint", "simplified", "python")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has printed what is wrong, or the help
        return stop.code if isinstance(stop.code, int) else USAGE
    if options.command is None:
        _parser().print_help()
        return USAGE
    try:
        return options.run(options)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Error as error:
        _print_error(error)
        return REFUSED
    except (UsageError, OSError) as error:
        print(f"s2sad: {error}", file=sys.stderr)
        return USAGE
    except Exception as error:
        if isinstance(error, TypeError) and _on_purpose(error):
            print(f"s2sad: {error}", file=sys.stderr)
            return REFUSED
        traceback.print_exc()
        print("s2sad: this is an error in s2sad, not in your function: please report it", file=sys.stderr)
        return FAILED


def _on_purpose(error: TypeError) -> bool:
    """Whether the compiler refuses the function (its result is no scalar, say), and did not stumble itself."""
    frames = traceback.extract_tb(error.__traceback__)
    return os.path.basename(frames[-1].filename) in ("ahead.py", "arguments.py", "compiled.py", "pipeline.py")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="s2sad",
        description="Derivatives of plain Python and NumPy functions, as Python source.",
        epilog="exit codes: 0 ok, 1 stale or check failed, 2 wrong usage or unknown target, "
        "3 the function can't be differentiated",
    )
    parser.add_argument("--version", action="version", version=f"s2sad {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    show = commands.add_parser("show", help="print the derivative of a function, ready to run")
    show.add_argument("target", metavar="TARGET", help=_TARGET)
    _function_options(show)
    show.add_argument("--stage", choices=_STAGES, default="python", help="stop after a stage of the compiler")
    show.add_argument("--why", action="store_true", help="add what varies, what is kept, what waits until it runs")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--side-by-side", action="store_true", help="your function and its derivative in two columns")
    form.add_argument("--html", metavar="FILE", help="the two columns as a page for a browser")
    form.add_argument("--json", action="store_true", help="text, names, types and explanation for programs")
    form.add_argument("--diff", action="store_true", help="what differs between your function and its derivative")
    show.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours (auto: on a terminal)"
    )
    show.set_defaults(run=_show)

    build = commands.add_parser(
        "build", help="write a module with the derivative of a function, which needs NumPy and not s2sad",
        description="Without TARGET, writes what [tool.s2sad] in pyproject.toml lists.",
    )  # fmt: skip
    build.add_argument("target", metavar="TARGET", nargs="?", help=_TARGET)
    build.add_argument("-o", "--output", metavar="FILE", help="the module to write; replaced only where it differs")
    build.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is not up to date")
    build.add_argument("--emit-tests", action="store_true", help="write a test beside each module: test_NAME.py")
    _function_options(build)
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="compare the derivatives of a function with differences")
    check.add_argument("target", metavar="TARGET", help=_TARGET)
    check.add_argument("--at", metavar="FILE.npz", help="the arguments, by their names; otherwise examples are made")
    check.add_argument("--order", type=int, default=1, metavar="N", help="2: check second derivatives too")
    _function_options(check, modes=False)
    check.set_defaults(run=_check)

    rules = commands.add_parser("rules", help="list the functions that have a derivative rule, or print one rule")
    rules.add_argument("name", metavar="NAME", nargs="?", help="a function, such as tanh or np.linalg.inv")
    rules.set_defaults(run=_rules)

    cache = commands.add_parser("cache", help="say where compiled derivatives are kept, and how many")
    cache.add_argument("--clear", action="store_true", help="delete them")
    cache.set_defaults(run=_cache)
    return parser


_TARGET = "the function: package.module:function, path/file.py:function, or package.module:Class.method"


def _function_options(parser: argparse.ArgumentParser, modes: bool = True) -> None:
    parser.add_argument(
        "--wrt", metavar="NAMES", help="differentiate by these arguments: names or numbers, with commas"
    )
    if modes:
        parser.add_argument("--mode", choices=_MODES, help="what to generate (grad)")
        parser.add_argument("--has-aux", action="store_true", help="the function returns (value, aux)")
    parser.add_argument(
        "--arg", metavar="NAME:TYPE", action="append", default=[],
        help="what an argument is: x:float, x:int, n:=3, x:f8[n,3], x:c16[n,m], x:f4[...]; may be repeated. "
        "Equal names are equal sizes, and none of them is 1",
    )  # fmt: skip


def _asked(options: argparse.Namespace) -> Any:
    from .ahead import request

    args = _known(options)
    return request(options.target, _wrt(options.wrt), options.mode, args or None, has_aux=options.has_aux)


def _known(options: argparse.Namespace) -> dict[str, str]:
    """What ``--arg`` says, by the names of arguments."""
    args = {}
    for text in options.arg:
        name, colon, written = text.partition(":")
        if not colon or not all(part.isidentifier() for part in name.strip().split(".")):
            raise UsageError(f"--arg {text!r}: write NAME:TYPE, such as x:f8[n]")
        if name.strip() in args:
            raise UsageError(f"--arg {name.strip()} is given twice")
        args[name.strip()] = written.strip()
    return args


def _wrt(text: str | None) -> Any:
    """``"w"`` gives one gradient, ``"w,b"`` a tuple of two."""
    if text is None:
        return None
    names = [int(t) if re.fullmatch(r"-?\d+", t) else t for t in map(str.strip, text.split(",")) if t]
    if not names:
        raise UsageError("--wrt needs a name or a number")
    return names[0] if len(names) == 1 and "," not in text else names


# The commands


def _show(options: argparse.Namespace) -> int:
    from .ahead import generate_program, modules_text

    asked = _asked(options)
    if options.stage != "python":
        if options.side_by_side or options.html or options.json or options.diff or options.why:
            raise UsageError("--stage prints a stage, and nothing else: leave the other options out")
        from .argtypes import type_text
        from .ir.text import text

        typed = type_text if options.stage == "types" else None
        sys.stdout.write(text(generate_program(asked, stage=options.stage), typed))
        return OK
    module = modules_text([asked])
    if options.json:
        return _show_json(asked, module)
    if options.side_by_side or options.html or options.diff:
        _show_beside(options, asked)
    else:
        _print_python(module, options.color, sys.stdout)
    if options.why:
        from .explain import explain, lines

        print("\n" + "\n".join(lines(explain(asked))))
    return OK


def _show_json(asked: Any, module: str) -> int:
    import ast
    import json

    from .explain import explain

    names = [n.name for n in ast.parse(module).body if isinstance(n, ast.FunctionDef)]
    function = asked.target.function
    found = {
        "version": __version__,
        "target": asked.target.text,
        "mode": asked.mode,
        "file": _relative(function.__code__.co_filename),
        "line": function.__code__.co_firstlineno,
        "name": names[0],
        **explain(asked),
        "module": module,
    }
    print(json.dumps(found, indent=1))
    return OK


def _show_beside(options: argparse.Namespace, asked: Any) -> None:
    """The two columns, or the difference."""
    import difflib
    import textwrap

    from .ahead import generate_program
    from .passes.session import Session
    from .sidebyside import as_html, as_text, rows

    session = Session()
    made = generate_program(asked, session).text
    source, *helpers = session.sources.values()
    if options.diff:
        node = source.node
        mine = textwrap.dedent("\n".join(source.lines(node.lineno, node.end_lineno))).splitlines()
        title = f"{asked.target.text} ({asked.mode})"
        sys.stdout.writelines(f"{line}\n" for line in difflib.unified_diff(
            mine, made.splitlines(), asked.target.text, title, lineterm=""))  # fmt: skip
        return
    table = rows([source, *helpers], made)
    if options.html is None:
        sys.stdout.write(as_text(table))
        return
    from .build import finish

    finish(as_html(table, f"{asked.target.text} ({asked.mode})"), options.html)
    print(f"{options.html}: written")


def _print_python(text: str, color: str, stream: TextIO) -> None:
    if color == "always" or (color == "auto" and stream.isatty() and not os.environ.get("NO_COLOR")):
        try:
            import pygments
            from pygments.formatters import TerminalFormatter
            from pygments.lexers import PythonLexer
        except ImportError:
            if color == "always":
                print("s2sad: colours need the package pygments", file=sys.stderr)
        else:
            text = pygments.highlight(text, PythonLexer(stripnl=False), TerminalFormatter())
    stream.write(text)


def _build(options: argparse.Namespace) -> int:
    from .ahead import modules_text
    from .build import finish, finish_tests, generate_project

    if options.target is None:
        if options.output or options.wrt or options.mode or options.arg:
            raise UsageError("these options need a TARGET; without one, pyproject.toml says what to build")
        outputs, command = generate_project(check=options.check, tests=options.emit_tests), "s2sad build"
    else:
        if options.output is None:
            raise UsageError("build needs -o FILE (s2sad show prints the text)")
        asked = _asked(options)
        module = modules_text([asked])
        tests = [finish_tests([asked], options.output, options.check)] if options.emit_tests else []
        outputs = [finish(module, options.output, options.check), *tests]
        command = f"s2sad build {asked.command} -o {options.output}"
    command += " --emit-tests" if options.emit_tests else ""
    stale = [o for o in outputs if o.stale]
    for output in outputs:
        assert output.path is not None
        if not options.check:
            print(f"{output.path.as_posix()}: {'written' if output.stale else 'unchanged'}")
        elif output.stale:
            print(f"{output.path.as_posix()}: {'stale' if output.old is not None else 'missing'}")
            sys.stdout.write(output.diff())
    if options.check and stale:
        print(f"to update: {command}")
        return STALE
    return OK


def _check(options: argparse.Namespace) -> int:
    from .checktarget import check_target

    try:
        for line in check_target(options.target, _wrt(options.wrt), _known(options), options.at, options.order):
            print(line)
    except AssertionError as error:
        print(f"wrong: {error}")
        return STALE
    return OK


def _rules(options: argparse.Namespace) -> int:
    from .rulebook import formula, listing

    sys.stdout.write(listing() if options.name is None else formula(options.name))
    return OK


def _cache(options: argparse.Namespace) -> int:
    from . import cache, disk

    folder = disk.folder()
    if options.clear:
        print(f"{cache.clear()} entries deleted from {folder}")
        return OK
    entries = cache.entries()
    size = sum(e.stat().st_size for e in entries)
    print(f"{folder}: {len(entries)} entries, {size / 1024:.0f} KiB")
    return OK


# Errors


def _print_error(error: Any) -> None:
    """Every reason, with the user's line and carets."""
    reasons = getattr(error, "reasons", None)
    if not reasons:
        print(f"s2sad: {error}", file=sys.stderr)
        return
    for span, message in reasons:
        if span is None:
            print(f"s2sad: error: {message}", file=sys.stderr)
            continue
        line = linecache.getline(span.file, span.line).rstrip("\n")
        end = span.end_col if span.end_line == span.line else len(line)
        first = line[: span.col]
        blank = "".join(c if c == "\t" else " " for c in first)
        print(f"{_relative(span.file)}:{span.line}:{span.col + 1}: error: {message}", file=sys.stderr)
        print(f"    {line}\n    {blank}{'^' * max(end - span.col, 1)}", file=sys.stderr)
    if not isinstance(error, MissingRuleError):
        print("s2sad: in Python, s2sad.grad records each run of a function like this, where it can: slower, no code",
              file=sys.stderr)  # fmt: skip


def _relative(file: str) -> str:
    try:
        short = os.path.relpath(file)
    except ValueError:  # another drive
        return file
    return file if short.startswith("..") or file.startswith("<") else short
