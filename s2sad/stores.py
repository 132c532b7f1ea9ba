"""What code stores: under which names, so that it may change from one call to the next, and into which objects."""

from __future__ import annotations

import collections
import contextlib
import dis
import functools
import inspect
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from .ir.types import module_of
from .stored import fills_its_own, literals

_MAKING = {"__init__", "__new__", "__post_init__", "__setstate__"}  # what they store is there before the first call
_CHANGING = {"append", "appendleft", "extend", "insert", "update", "setdefault", "copyto", "put", "fill"}


class Code(NamedTuple):
    """The code of a function, and its globals."""

    code: types.CodeType
    names: dict[str, Any]


def changed(name: str, kind: str, codes: Iterable[Code]) -> bool:
    """Whether code stores under a name, or with the kind ``"within"`` may change what it holds.

    Args:
        kind: ``"ATTR"`` for an attribute, ``"GLOBAL"``, or ``"DEREF"`` for a variable of a function around.
    """
    return any(_mentions(c.code, name) and stores(c, kind, name) for c in codes)


def stores(c: Code, kind: str, name: str) -> bool:
    """`changed`, of one code; ``name`` may be one of its parameters."""
    return name in stored(c.code)[kind] and (kind != "within" or not fills_its_own(*c, _CHANGING))


def stands_in_text(x: Any, name: str, kind: str, codes: Iterable[Code]) -> bool:
    """Whether a number, an array or a list of numbers is one that the text of all that stores the name says.

    What is kept of an argument is the value of that; where it has become another value since, it is no such one.
    """
    if not isinstance(x, (float, np.floating, np.ndarray, list, tuple)):
        return False
    known = [literals(*c, name) for c in codes if _mentions(c.code, name) and stores(c, kind, name)]
    return None not in known and any(_equal(x, value) for values in known for value in values or ())


def _equal(x: Any, y: Any) -> bool:
    if type(x) is not type(y):
        return False
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(_equal, x, y))
    same = not isinstance(x, np.ndarray) or x.dtype == y.dtype
    return same and isinstance(x, (int, float, np.generic, np.ndarray)) and np.array_equal(x, y)


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


def methods(cls: type) -> list[Code]:
    """The code of a class that may run after its objects are made."""
    found = []
    for c in cls.__mro__:
        for name, value in vars(c).items():
            functions = [value, *(getattr(value, a, None) for a in ("__func__", "fget", "fset", "func"))]
            inside = [f for f in functions if isinstance(f, types.FunctionType) and name not in _MAKING]
            found += [Code(f.__code__, f.__globals__) for f in inside]
    return found


def functions(names: dict[str, Any]) -> list[Code]:
    """The code of the functions of a module with the given globals."""
    inside = [f for f in names.values() if isinstance(f, types.FunctionType) and f.__globals__ is names]
    return [Code(f.__code__, names) for f in inside]


# What else changes an object: methods, functions of NumPy, and the option of nearly all of them.
_WRITING = _CHANGING | {
    "add", "byteswap", "clear", "discard", "fill_diagonal", "insort", "itemset", "out", "partition", "place", "pop",
    "popitem", "popleft", "put_along_axis", "putmask", "remove", "resize", "reverse", "setfield", "shuffle", "sort",
}  # fmt: skip
_HIDING = {
    "exec",
    "eval",
    "getattr",
    "globals",
    "vars",
    "locals",
    "setattr",
    "delattr",
    "__import__",
    "import_module",
    "__dict__",
}
# What reads the frames of the functions that are running: they are other ones where a function is differentiated.
FRAMES = {sys._getframe, sys._current_frames, inspect.currentframe, inspect.stack, traceback.extract_stack,
          traceback.walk_stack}  # fmt: skip
READS_FRAMES = "{}() reads the frames of running functions, which are other ones here: pass what it is to find"
_DATA = (np.ndarray, list, dict, set, collections.deque, bytearray)
_PLAIN = (int, float, complex, str, bytes, type(None), np.generic)
_AROUND = (types.MethodType, tuple)  # what only leads to others
LIBRARIES = {*sys.stdlib_module_names, "numpy", "scipy", __name__.partition(".")[0]} - {"__main__"}
_FAR = 2000  # objects: who reaches more may change anything


def changes_outside(function: Any) -> str | None:
    """What code that is not compiled may change besides what it makes.

    Looked at are the function and whatever of a user it can reach by names, attributes and elements; functions of
    libraries change nothing but their arguments.  Code that hides what it reads may change anything.

    Returns:
        The name of a list, array or object that it may change; None where there is none.
    """
    codes, data, written = [], None, False
    for count, (name, x) in enumerate(_reached(function)):
        if count == _FAR:
            return "what it reaches"
        if isinstance(x, types.FunctionType):
            codes.append(x.__code__)
        elif isinstance(x, types.BuiltinFunctionType):
            written = written or x.__name__ in _WRITING
        elif isinstance(x, functools.partial):
            written = written or is_of_library(x.func)  # which gets what stands in it
        elif not isinstance(x, type):
            data = data or name
    if any(map(_hides, codes)):
        return "what its text does not tell"
    return data if written or any(map(_writes, codes)) else None


def _reached(function: Any) -> Iterator[tuple[str, Any]]:
    """The functions, classes and data of a user that may be reached, and what has such data with it, with names."""
    queue: list[tuple[Any, Any]] = [(getattr(function, "__name__", "it"), function)]
    seen = set()
    while queue:
        name, x = queue.pop()
        if id(x) in seen or isinstance(x, (*_PLAIN, types.ModuleType)):  # of a module, what code names
            continue
        seen.add(id(x))
        named = isinstance(x, (types.FunctionType, type))
        holds = isinstance(x, (*_DATA, *_AROUND, functools.partial)) or (
            isinstance(x, types.BuiltinFunctionType) and isinstance(x.__self__, _DATA)
        )
        if not holds and is_of_library(x if named else type(x)):
            continue
        if not isinstance(x, _AROUND):
            yield name, x
        queue += [(n if isinstance(n, str) else name, y) for n, y in _parts(x)]


def _parts(x: Any) -> Iterable[tuple[Any, Any]]:
    """What is reached from an object, with the names there are."""
    if isinstance(x, types.FunctionType):
        names = {**x.__globals__, **_cells(x)}
        said = _named(x.__code__)
        values = [(name, names[name]) for name in sorted(said) if name in names]
        modules = [v for _, v in values if isinstance(v, types.ModuleType) and not is_of_library(v)]
        members = [(name, vars(m)[name]) for m in modules for name in said if name in vars(m)]
        others = [*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values(), getattr(x, "__wrapped__", None)]
        data = [(name, v) for name, v in values if not isinstance(v, types.ModuleType)]
        return [*data, *members, *((type(y).__name__, y) for y in others)]
    if isinstance(x, types.MethodType):
        return [(None, x.__func__), (type(x.__self__).__name__, x.__self__)]
    if isinstance(x, functools.partial):
        return [(None, y) for y in (x.func, *x.args, *x.keywords.values())]
    if isinstance(x, dict):
        return [(None, y) for y in x.values() if not isinstance(y, _PLAIN)]
    if isinstance(x, (list, tuple, set, collections.deque)):
        return [(None, y) for y in x if not isinstance(y, _PLAIN)]
    if isinstance(x, types.BuiltinFunctionType):
        return [(type(x.__self__).__name__, x.__self__)]
    if isinstance(x, type):
        own = [(n, v) for n, v in vars(x).items() if callable(v) or not n.startswith("__")]
        of = {staticmethod: ("__func__",), classmethod: ("__func__",), property: ("fget", "fset"),
              functools.cached_property: ("func",)}  # fmt: skip
        found = [(n, getattr(v, a)) for n, v in own for a in of.get(type(v), ())]
        found += [(n, v) for n, v in own if type(v) not in of]
        return [*found, *((base.__name__, base) for base in x.__bases__)]
    if isinstance(x, (np.ndarray, bytearray)):
        return []
    descriptors = [m for c in type(x).__mro__ for m in vars(c).values() if isinstance(m, types.MemberDescriptorType)]
    slots: list[tuple[Any, Any]] = []
    for member in descriptors:
        with contextlib.suppress(AttributeError):  # not assigned yet
            slots.append((member.__name__, member.__get__(x)))
    with contextlib.suppress(AttributeError):  # an object of slots alone
        slots += object.__getattribute__(x, "__dict__").items()
    return [*slots, (type(x).__name__, type(x))]


def is_of_library(x: Any) -> bool:
    """Whether a function, class or module is not of the user's."""
    if isinstance(x, np.ufunc):  # few have a module
        return _is_compiled(x)
    name = x.__name__ if isinstance(x, types.ModuleType) else module_of(x)
    return name.partition(".")[0] in LIBRARIES


@functools.lru_cache(maxsize=4096)
def _is_compiled(ufunc: np.ufunc) -> bool:
    """Whether a universal function has loops in C: those of np.frompyfunc have loops of objects alone."""
    return any(set(loop) - set("O->") for loop in ufunc.types)


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
def _hides(code: types.CodeType) -> bool:
    """Whether names do not tell what code reads: it imports modules of the user's, or looks names up."""
    imported = [i.argval for i in dis.get_instructions(code) if i.opname == "IMPORT_NAME"]
    if _HIDING & {*code.co_names} or any(str(name).partition(".")[0] not in LIBRARIES for name in imported):
        return True
    return any(_hides(c) for c in code.co_consts if isinstance(c, types.CodeType))


@functools.lru_cache(maxsize=4096)
def _writes(code: types.CodeType) -> bool:
    """Whether code may change what an object holds, whichever it is: ``a += 1`` changes an array."""
    texts = {x for c in code.co_consts if isinstance(c, tuple) for x in c if isinstance(x, str)}  # names of options
    if _WRITING & {*code.co_names, *texts}:
        return True
    for i in dis.get_instructions(code):
        if i.opname in ("STORE_SUBSCR", "STORE_SLICE", "STORE_ATTR", "DELETE_SUBSCR", "DELETE_ATTR"):
            return True
        if i.opname.startswith("BINARY") and i.argrepr.endswith("="):
            return True
    return any(_writes(c) for c in code.co_consts if isinstance(c, types.CodeType))
