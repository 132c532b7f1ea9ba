"""What a text such as ``pkg.mod:fun``, ``path/file.py:fun`` or ``pkg.mod:Class.method`` names."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .compiled import Transformed
from .wrapper import Wrapper


class UsageError(ValueError):
    """What is asked for is not possible: a wrong name, a wrong option."""


class TargetError(UsageError):
    """There is no such target; the text has a suggestion where something has a similar name."""


@dataclasses.dataclass(frozen=True)
class Target:
    """A function to differentiate.

    Attributes:
        text: as the user wrote it.
        function: the function.
        owner: the class, where the first parameter is an object of it.
        path: the file as its header names it: relative, with ``/``.
        transformed: the transformation that the name stands for, where it is decorated with one.
    """

    text: str
    function: types.FunctionType
    owner: type | None
    path: str
    transformed: Transformed | None = None


def find_target(text: str) -> Target:
    """Import the module of a target, and find it there.

    Raises:
        TargetError: there is none, or its module can't be imported.
    """
    place, _, name = text.rpartition(":")
    if not place or not name:
        raise TargetError(f"{text!r} is not a target: write package.module:function or path/file.py:function")
    is_path = place.endswith(".py") or "/" in place or "\\" in place
    module = _import_file(Path(place)) if is_path else _import_module(place)
    found, owner = _member(module, name, place)
    path = Path(place).as_posix() if is_path and not Path(place).is_absolute() else None
    return make_target(found, text, owner, path)


def make_target(found: Any, text: str | None = None, owner: type | None = None, path: str | None = None) -> Target:
    """The target that an object is.

    Raises:
        TargetError: it is not a function written in Python.
    """
    transformed = found if isinstance(found, Transformed) else None
    function = found
    while isinstance(function, Wrapper):
        function = function.fun
    if isinstance(function, (staticmethod, classmethod)):
        function = function.__func__
    if not isinstance(function, types.FunctionType):
        raise TargetError(f"{text or function!r} is a {type(function).__name__}, not a function written in Python")
    module = function.__module__ or "__main__"
    return Target(
        text or f"{module}:{function.__qualname__}",
        function,
        owner,
        path or module.replace(".", "/") + ".py",
        transformed,
    )


def _member(module: types.ModuleType, name: str, place: str) -> tuple[Any, type | None]:
    found: Any = module
    owner: type | None = None
    for part in name.split("."):
        holder = found
        try:
            found = inspect.getattr_static(holder, part)
        except AttributeError:
            similar = _similar(part, [k for k in vars(holder) if callable(getattr(holder, k, None))])
            raise TargetError(f"{getattr(holder, '__qualname__', place)} has no {part!r}{similar}") from None
        owner = holder if isinstance(holder, type) and not isinstance(found, (staticmethod, type)) else None
    if isinstance(found, classmethod):
        raise TargetError(f"{place}:{name} is a class method: write a function that calls it")
    return found, owner


def _similar(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _import_module(name: str) -> types.ModuleType:
    with _on_path(str(Path.cwd())):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
                raise TargetError(f"importing {name} failed: {type(error).__name__}: {error}") from error
            parent, _, last = error.name.rpartition(".")
            folders = getattr(sys.modules.get(parent), "__path__", None) if parent else None
            names = [m.name for m in pkgutil.iter_modules(folders)] if folders or not parent else []
            raise TargetError(f"no module named {error.name!r}{_similar(last, names)}") from error
        except Exception as error:
            raise TargetError(f"importing {name} failed: {type(error).__name__}: {error}") from error


def _import_file(path: Path) -> types.ModuleType:
    """A module from its file: by its dotted name where the file stands in a package, so that relative imports work."""
    if not path.is_file():
        folder = path.parent
        names = [p.name for p in folder.glob("*.py")] if folder.is_dir() else []
        raise TargetError(f"no file {path.as_posix()!r}{_similar(path.name, names)}")
    path = path.resolve()
    folder, names = path.parent, [] if path.name == "__init__.py" else [path.stem]
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    name = ".".join(names)
    with _on_path(str(folder)):
        known = sys.modules.get(name)
        if known is not None and _is_file(known, path):
            return known
        try:
            if len(names) > 1 or path.name == "__init__.py":
                return importlib.import_module(name)
            return _load_file(path, name if known is None else f"{name}_{len(sys.modules)}")
        except Exception as error:
            raise TargetError(f"importing {path.name} failed: {type(error).__name__}: {error}") from error


def _is_file(module: types.ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve() == path


def _load_file(path: Path, name: str) -> types.ModuleType:
    found = importlib.util.spec_from_file_location(name, path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _on_path(folder: str) -> Iterator[None]:
    added = folder not in sys.path
    if added:
        sys.path.insert(0, folder)
    try:
        yield
    finally:
        if added:
            sys.path.remove(folder)
