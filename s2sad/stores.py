"""What code stores: under which names, so that it may change from one call to the next, and into which objects."""

from __future__ import annotations

import collections
import contextlib
import dis
import functools
import itertools
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

_MAKING = {"__init__", "__new__", "__post_init__", "__setstate__"}  # what they store is there before the first call
_CHANGING = {"append", "appendleft", "extend", "insert", "update", "setdefault", "copyto", "put", "fill"}


def changed(name: str, kind: str, codes: Iterable[types.CodeType]) -> bool:
    """Whether code stores under a name, or with the kind ``"within"`` may change what it holds.

    Args:
        kind: ``"ATTR"`` for an attribute, ``"GLOBAL"``, or ``"DEREF"`` for a variable of a function around.
    """
    return any(_mentions(code, name) and name in stored(code)[kind] for code in codes)


def _mentions(code: types.CodeType, name: str) -> bool:
    if name in code.co_names or name in code.co_freevars or name in code.co_cellvars:
        return True
    return any(isinstance(c, types.CodeType) and _mentions(c, name) for c in code.co_consts)


@functools.lru_cache(maxsize=4096)
def stored(code: types.CodeType) -> dict[str, set[str]]:
    """The names that code stores, by kind; ``within``: that it reads, where it changes what something holds."""
    found: dict[str, set[str]] = {"ATTR": set(), "GLOBAL": set(), "DEREF": set(), "within": set()}
    read: set[str] = set()
    changes = bool(_CHANGING & set(code.co_names))
    for instruction in dis.get_instructions(code):
        kind, _, what = instruction.opname.partition("_")
        if kind == "STORE" and what in found:
            found[what].add(instruction.argval)
        elif kind == "STORE" and what in ("SUBSCR", "SLICE"):
            changes = True
        elif kind == "LOAD" and isinstance(instruction.argval, str):
            read.add(instruction.argval)
    if changes:
        found["within"] |= read
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            for kind, names in stored(inner).items():
                found[kind] |= names
    return found


def methods(cls: type) -> list[types.CodeType]:
    """The code of a class that may run after its objects are made."""
    found = []
    for c in cls.__mro__:
        for name, value in vars(c).items():
            functions = [value, *(getattr(value, a, None) for a in ("__func__", "fget", "fset", "func"))]
            found += [f.__code__ for f in functions if isinstance(f, types.FunctionType) and name not in _MAKING]
    return found


def functions(names: dict[str, Any]) -> list[types.CodeType]:
    """The code of the functions of a module with the given globals."""
    return [f.__code__ for f in names.values() if isinstance(f, types.FunctionType) and f.__globals__ is names]


# What else changes an object: methods, functions of NumPy, and the option of nearly all of them.
_WRITING = _CHANGING | {
    "add", "byteswap", "clear", "discard", "fill_diagonal", "insort", "itemset", "out", "partition", "place", "pop",
    "popitem", "popleft", "put_along_axis", "putmask", "remove", "resize", "reverse", "setfield", "shuffle", "sort",
}  # fmt: skip
_DATA = (np.ndarray, list, dict, set, collections.deque, bytearray)
_LIBRARIES = {*sys.stdlib_module_names, "numpy", "scipy", "pandas", "sklearn", "matplotlib",
              __name__.partition(".")[0]} - {"__main__"}  # fmt: skip
_FAR = 400  # functions: who reaches more may change anything


def changes_outside(function: Any) -> tuple[str, bool] | None:
    """What code that is not compiled may change besides what it makes, as far as its text tells.

    Looked at are the function and whatever of a user it names, at any depth; functions of libraries change nothing but
    their arguments.

    Returns:
        The name of a list, array or object that it may change, and whether anything but attributes of objects; or None.
    """
    reached = list(itertools.islice(_reached(function), _FAR))
    if len(reached) == _FAR:
        return "what it reaches", True
    written = any(_writes(f.__code__) for f, _ in reached)
    if not written and not any(stored(f.__code__)["ATTR"] for f, _ in reached):
        return None
    for name, value in [*_bound(function), *(known for f, names in reached for known in _carried(f, names))]:
        if _is_data(value) and (written or not isinstance(value, _DATA)):
            return name, written
    return None


def _bound(function: Any) -> list[tuple[str, Any]]:
    """What an object that is called has with it, and itself."""
    if isinstance(function, functools.partial):
        inside = _bound(function.func)
        return [*inside, *(("an argument of it", x) for x in (*function.args, *function.keywords.values()))]
    owner = getattr(function, "__self__", function)
    return [(f"its {type(owner).__name__}", owner)]


def _carried(f: types.FunctionType, names: dict[str, Any]) -> list[tuple[str, Any]]:
    """The objects that a function names, or has for defaults."""
    defaults = [("a default value", x) for x in (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values())]
    return [*((name, names[name]) for name in sorted(_named(f.__code__)) if name in names), *defaults]


def _reached(function: Any) -> Iterator[tuple[types.FunctionType, dict[str, Any]]]:
    """The functions that may run, with what their names mean."""
    queue, seen = list(_of_python(function)), set()
    while queue:
        f = queue.pop()
        if f.__code__ in seen or _is_of_library(f):
            continue
        seen.add(f.__code__)
        names = {**f.__globals__, **_cells(f)}
        yield f, names
        said = _named(f.__code__)
        for value in [names[name] for name in said if name in names]:
            if isinstance(value, types.ModuleType):
                queue += [g for name in said for g in _of_python(vars(value).get(name))]
            elif isinstance(value, (list, tuple, dict)):
                held = value.values() if isinstance(value, dict) else value
                queue += [g for v in held if callable(v) for g in _of_python(v)]
            else:
                queue += _of_python(value)


def _of_python(x: Any) -> Iterator[types.FunctionType]:
    """The functions that may run where an object is used: itself, or the methods of its class."""
    x = getattr(x, "__func__", x)
    if isinstance(x, functools.partial):
        yield from _of_python(x.func)
    elif isinstance(x, types.FunctionType):
        yield x
        yield from _of_python(getattr(x, "__wrapped__", None))
    elif not isinstance(x, types.ModuleType) and not _is_of_library(x if isinstance(x, type) else type(x)):
        for c in (x if isinstance(x, type) else type(x)).__mro__:
            for value in vars(c).values():
                found = [value, *(getattr(value, a, None) for a in ("__func__", "fget", "fset", "func"))]
                yield from [f for f in found if isinstance(f, types.FunctionType)]


def _is_of_library(f: Any) -> bool:
    return (getattr(f, "__module__", None) or "").partition(".")[0] in _LIBRARIES


def _cells(f: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # not assigned yet
            found[name] = cell.cell_contents
    return found


@functools.lru_cache(maxsize=4096)
def _named(code: types.CodeType) -> frozenset[str]:
    """The names of variables of the world around, and of attributes."""
    inner = [_named(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return frozenset({*code.co_names, *code.co_freevars}.union(*inner))


@functools.lru_cache(maxsize=4096)
def _writes(code: types.CodeType) -> bool:
    """Whether code may change what an object holds, whichever it is."""
    texts = {x for c in code.co_consts if isinstance(c, tuple) for x in c if isinstance(x, str)}  # names of options
    if _WRITING & {*code.co_names, *texts}:
        return True
    added: set[Any] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_SUBSCR", "STORE_SLICE", "DELETE_SUBSCR"):
            return True
        if instruction.opname in ("STORE_GLOBAL", "STORE_DEREF") and added:  # ``A += 1`` changes an array
            return True
        added = {1} if instruction.argrepr.endswith("=") and instruction.opname.startswith("BINARY") else set()
    return any(_writes(c) for c in code.co_consts if isinstance(c, types.CodeType))


def _is_data(x: Any) -> bool:
    """Whether it is something that code may change, and a program may read."""
    if isinstance(x, tuple):
        return any(map(_is_data, x))
    return isinstance(x, _DATA) or not _is_of_library(type(x))
