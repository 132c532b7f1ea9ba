"""Copies of functions and of what they reach: other values in the place of some, and nothing changed outside.

In: a function, a method or an object that can be called.  Out: one that does the same with other values.
"""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from .classes import FUNCTION, is_object
from .following import Following, parts

COUNTED = (int, str, type(None), type, types.ModuleType)
_OPAQUE = (*COUNTED, bytes, np.dtype, Following, types.BuiltinFunctionType, np.ufunc)


def reached(x: Any) -> list[Any]:
    """All that can be reached from a value, it included, in a fixed order."""
    found, todo, seen = [], [x], set()
    while todo:
        x = todo.pop()
        if id(x) in seen or isinstance(x, _OPAQUE):
            continue
        seen.add(id(x))
        found.append(x)
        if not isinstance(x, (float, complex, np.generic, np.ndarray)):
            todo += reversed(parts(x) or [])
    return found


def substituted(function: Any, leaves: list[Any], values: tuple, apart: bool) -> Any:
    """A copy of a function, and of all on the way to ``leaves``, with other values in their place.

    ``apart``: of all else that could change, too.
    """
    return _Copy({id(x): v for x, v in zip(leaves, values, strict=True)}, apart).of(function)


class _Copy:
    def __init__(self, values: dict[int, Any], apart: bool):
        self.made = dict(values)  # by the identity of what it stands for
        self.known = set(values)
        self.apart = apart

    def of(self, x: Any) -> Any:
        if id(x) in self.made:
            return self.made[id(x)]
        if not self.changes(x):
            return x
        made: Any
        if isinstance(x, FUNCTION):
            return self.function(x)
        if isinstance(x, types.MethodType):
            made = types.MethodType(self.of(x.__func__), self.of(x.__self__))
        elif isinstance(x, functools.partial):
            made = functools.partial(
                self.of(x.func), *map(self.of, x.args), **{k: self.of(v) for k, v in x.keywords.items()}
            )
        elif isinstance(x, tuple):
            made = runtime.rebuild(x, [self.of(e) for e in x])
        elif isinstance(x, list) and type(x) is list:
            made = self.made[id(x)] = []
            made.extend(map(self.of, x))
        elif type(x) is dict:
            made = self.made[id(x)] = {}
            made.update({k: self.of(e) for k, e in x.items()})
        elif is_object(x) and not isinstance(x, (list, dict)):
            made = self.made[id(x)] = runtime.rebuild_object(x, {})
            for k, e in runtime.attributes(x).items():
                object.__setattr__(made, k, self.of(e))
        elif self.apart and not any(id(e) in self.known for e in reached(x)):
            return x
        else:
            raise UnsupportedError(f"a {type(x).__name__} that a function called by SciPy reads is not supported")
        self.made[id(x)] = made
        return made

    def changes(self, x: Any) -> bool:
        """Whether the copy of a value is another one."""
        return not isinstance(x, _OPAQUE) and (self.apart or any(id(e) in self.known for e in reached(x)))

    def function(self, f: types.FunctionType) -> types.FunctionType:
        cells = [types.CellType() for _ in f.__closure__ or ()]
        names = {n: x for n, x in f.__globals__.items() if n in f.__code__.co_names}
        own_scope = self.apart or any(map(self.changes, names.values()))
        scope = dict(f.__globals__) if own_scope else f.__globals__
        made = types.FunctionType(f.__code__, scope, f.__name__, None, tuple(cells))
        self.made[id(f)] = made  # before what it reads, which may be itself
        if own_scope:
            scope.update({n: self.of(x) for n, x in names.items()})
        for cell, own in zip(cells, f.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(own.cell_contents)
            except ValueError:  # not assigned yet
                continue
        made.__defaults__ = self.of(f.__defaults__)
        made.__kwdefaults__ = self.of(f.__kwdefaults__)
        made.__qualname__, made.__module__ = f.__qualname__, f.__module__
        return made
