"""``s2sad build``: write modules with derivatives, or check that they are up to date.

    s2sad.build.generate("mypkg.models:loss", "src/mypkg/_grad/loss.py", wrt="theta")

A project lists its functions in ``pyproject.toml``::

    [tool.s2sad]
    output-dir = "src/mypkg/_grad"
    [[tool.s2sad.function]]
    source = "mypkg.models:loss"
    wrt = ["theta"]
    emit = ["value_and_grad"]
    args = { theta = "f8[n]" }
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .ahead import Request, Wrt, modules_text, request
from .selftest import tests_text
from .targets import UsageError


@dataclasses.dataclass(frozen=True)
class Output:
    """A generated file.

    Attributes:
        path: where it belongs; None for a text alone.
        text: what it should hold.
        old: what it held before; None if there was no file.
    """

    path: Path | None
    text: str
    old: str | None

    @property
    def stale(self) -> bool:
        return self.old != self.text

    def diff(self) -> str:
        """From what the file held to what it should hold."""
        name = self.path.as_posix() if self.path else "text"
        old, new = (self.old or "").splitlines(keepends=True), self.text.splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, name, f"{name} (generated now)"))


def generate(
    fun: Any,
    output: str | os.PathLike | None = None,
    *,
    wrt: Wrt = None,
    mode: str | Sequence[str] | None = None,
    args: Mapping[str, Any] | None = None,
    has_aux: bool = False,
    check: bool = False,
) -> Output:
    """Write a module with the derivative of a function: ``s2sad build`` for build scripts.

    Args:
        fun, wrt, mode, args, has_aux: as for `module_text`; several modes give a function each.
        output: the file; nothing is written without.  It is replaced at once, and left alone where nothing changes.
        check: write nothing, only compare.
    """
    modes = [mode] if mode is None or isinstance(mode, str) else list(mode)
    text = modules_text([request(fun, wrt, m, args, has_aux=has_aux) for m in modes])
    return finish(text, output, check)


def finish(text: str, output: str | os.PathLike | None, check: bool = False) -> Output:
    """Compare a text with what its file holds, and write it where it differs."""
    if output is None:
        return Output(None, text, None)
    path = Path(output)
    try:
        old: str | None = path.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        old = None
    made = Output(path, text, old)
    if made.stale and not check:
        _write(path, text)
    return made


def finish_tests(requests: Sequence[Request], output: str | os.PathLike, check: bool = False) -> Output:
    """Compare and write the test file beside a module."""
    path = Path(output)
    return finish(tests_text(requests, path), path.with_name(f"test_{path.stem}.py"), check)


def _write(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def generate_project(folder: str | os.PathLike = ".", *, check: bool = False, tests: bool = False) -> list[Output]:
    """Write the modules that the ``pyproject.toml`` of a folder lists: one for each function, by its name.

    With ``tests`` each gets a test file beside it.

    Raises:
        UsageError: there is no such list, or it has an error.
    """
    root = Path(folder)
    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["s2sad"]
        functions, place = settings["function"], root / settings["output-dir"]
    except FileNotFoundError:
        raise UsageError("no target given, and no pyproject.toml here") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"pyproject.toml: {error}") from None
    except KeyError as error:
        raise UsageError(
            f"pyproject.toml has no {error.args[0]!r} under [tool.s2sad]: give a target, or add it"
        ) from None
    made: dict[Path, str] = {}
    outputs: list[Output] = []
    with _importable(root):
        for entry in functions:
            unknown = set(entry) - {"source", "wrt", "emit", "args", "has-aux", "output"}
            if "source" not in entry or unknown:
                what = f"unknown {sorted(unknown)}" if unknown else "no source"
                raise UsageError(f"[[tool.s2sad.function]] {entry.get('source', '')}: {what}")
            modes = entry.get("emit", ["grad"])
            asked = [
                request(
                    entry["source"],
                    _wrt(entry.get("wrt")),
                    mode,
                    entry.get("args"),
                    has_aux=entry.get("has-aux", False),
                )
                for mode in ([modes] if isinstance(modes, str) else modes)
            ]
            name = asked[0].target.function.__qualname__.replace(".", "_")
            path = place / entry.get("output", f"{name}.py")
            if path in made:
                raise UsageError(f'two functions go to {path.as_posix()}: give one of them an output = "name.py"')
            made[path] = modules_text(asked, command="")
            if tests:
                outputs.append(finish_tests(asked, path, check))
    return [finish(text, path, check) for path, text in made.items()] + outputs


def _wrt(given: Any) -> Wrt:
    """One name in a list gives one gradient, as a name does."""
    return given[0] if isinstance(given, list) and len(given) == 1 else given


@contextlib.contextmanager
def _importable(root: Path) -> Iterator[None]:
    """The project's packages can be imported: from its folder, or from ``src``."""
    folders = [str(p.resolve()) for p in (root / "src", root) if p.is_dir()]
    added = [f for f in folders if f not in sys.path]
    sys.path[:0] = added
    try:
        yield
    finally:
        for f in added:
            sys.path.remove(f)
