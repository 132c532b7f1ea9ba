"""From arguments to what a compilation depends on: a hashable signature, and a Type."""

from __future__ import annotations

import enum
import functools
import types
from typing import Any

import numpy as np

from ..wrapper import Wrapper, jitted
from .types import UNKNOWN, Type, pretends, type_of

_BY_VALUE = (bool, str, type(None))
_AGAIN = 1_000  # objects that a type tells once more, of those that it has told as near to its root


def signature(x: Any, depth: int = 0, any_length: bool = False, seen: dict[int, tuple[int, int]] | None = None) -> Any:
    """What compiled code depends on of an argument: two arguments with equal signatures can share it.

    Args:
        any_length: lists are told by what is in them, not by how much; see `types.any_length`.
        seen: the objects that are told already: the depth, and which one it was.  Objects that know each other are
            told once, and else as "the third": as a tree, a few dozen of them had more branches than can be walked.
    """
    kind = type(x)
    if kind is np.ndarray:
        shape = x.shape
        return (x.dtype, len(shape), tuple([i for i, n in enumerate(shape) if n == 1]) if 1 in shape else ())
    if kind is float or kind is int or kind is complex:
        return kind
    if kind in _BY_VALUE:
        return (kind, x)
    if depth > 8 or pretends(x):
        return kind
    if isinstance(x, np.generic):
        return (kind,)
    if isinstance(x, enum.Enum):
        return (kind, x.name if isinstance(x.name, str) else x.value)
    if kind is list and any_length:
        return (kind, frozenset([signature(e, depth + 1, any_length) for e in x]))
    seen = {} if seen is None else seen
    if isinstance(x, (list, tuple)):
        return (kind, *[signature(e, depth + 1, any_length, seen) for e in x])
    if kind is dict:
        return (kind, *[(type(k), k, signature(v, depth + 1, any_length, seen)) for k, v in x.items()])
    if is_function(x):
        if is_shared(x):
            return (kind, x.__code__, id(x.__globals__), x.__name__)
        return x if x.__hash__ else (kind, id(x))
    if is_attributed(x):
        before, number = seen.get(id(x), (depth + 1, len(seen)))
        if before <= depth:  # then all that can be reached from here has been told
            return (kind, number)
        seen[id(x)] = depth, number
        return (kind, number, *[(k, signature(v, depth + 1, any_length, seen)) for k, v in x.__dict__.items()])
    return kind


def any_length_signature(x: Any) -> Any:
    """The signature of data with lists of any length."""
    return signature(x, 0, True)


def resized(before: Any, now: Any) -> bool:
    """Whether two signatures tell of lists that have other lengths."""
    if not (isinstance(before, tuple) and isinstance(now, tuple)) or before[:1] != now[:1]:
        return False
    if len(before) != len(now):
        return before[:1] == (list,)
    return any(map(resized, before, now))


def is_shared(x: Any) -> bool:
    """Whether it is a function of which there may be others that do the same: a lambda, say, made in each call anew.

    They share what is compiled, so which of them it is must not count: see `passes.outside.check_shared`.
    """
    if not isinstance(x, types.FunctionType) or x.__closure__ or x.__defaults__ or x.__kwdefaults__ or x.__dict__:
        return False
    return x.__globals__.get(x.__name__) is not x


def is_attributed(x: Any) -> bool:
    """Whether attributes of its own are known; those of modules lead through the whole process."""
    named = not isinstance(x, types.ModuleType) and not pretends(x)
    return named and isinstance(getattr(x, "__dict__", None), dict)


def is_instance(x: Any) -> bool:
    """Whether it is an object of which attributes are read: no function, and nothing that has elements."""
    others = (np.ndarray, np.generic, tuple, list, dict, enum.Enum, np.random.Generator, np.random.RandomState)
    return is_attributed(x) and not is_function(x) and not isinstance(x, others)


def is_function(x: Any) -> bool:
    """Whether an argument is compiled in as the function that it is."""
    return not pretends(x) and _is_function(x)


def _is_function(x: Any) -> bool:
    return isinstance(
        x,
        (Wrapper, types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial, np.ufunc, type,
         types.ModuleType, types.MethodDescriptorType),
    ) or jitted(x) is not None or (
        callable(x) and type(x).__module__ == "numpy" and not isinstance(x, (np.generic, np.ndarray))
    )  # fmt: skip


def object_type(x: Any, name: Any) -> Type:
    """The Type of an argument; of an object of a user's class, with its attributes."""
    return type_of(x, name, 0, _Objects())


class _Objects:
    """Says the types of objects, for one argument.

    Each is told wherever it is nearer to the argument than before, and elsewhere as long as that is not too often.
    """

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.left = _AGAIN

    def __call__(self, x: Any, name: Any, depth: int) -> Type:
        if isinstance(x, (np.random.Generator, np.random.RandomState)):
            return Type("object", cls=type(x), keys=())
        if isinstance(x, enum.Enum) or (is_function(x) and x.__hash__):
            return Type("member", cls=type(x), value=x)
        if depth >= 8 or not is_attributed(x):  # what has none of its own may answer with anything
            return UNKNOWN
        if self.seen.get(id(x), depth + 1) <= depth:
            self.left -= 1
            if self.left < 0:
                return UNKNOWN
        else:
            self.seen[id(x)] = depth
        elems = tuple(type_of(v, (name, k), depth + 1, self) for k, v in x.__dict__.items())
        return Type("object", cls=type(x), keys=tuple(x.__dict__), elems=elems)
