"""What code stores under a name: which attributes and variables may change from one call to the next."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable
from typing import Any

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
