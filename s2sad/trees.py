"""Structures of numbers: nested lists, tuples, dicts and objects, whose leaves are floats, complex numbers and arrays.

``leaves`` takes one apart, ``filled`` puts it together again with other leaves.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from . import runtime
from .ir.types import module_of


def is_leaf(x: Any) -> bool:
    """Whether ``x`` is a number or an array that can have a derivative."""
    return isinstance(x, (float, complex)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc")


def parts(x: Any) -> list[tuple[str, Any]]:
    """What a container or an object holds, each with the text that selects it; nothing for anything else."""
    if isinstance(x, dict):
        return [(f"[{k!r}]", v) for k, v in x.items()]
    if isinstance(x, (list, tuple)):
        return [(f"[{i}]", v) for i, v in enumerate(x)]
    return [(f".{k}", v) for k, v in attributes(x).items()]


def attributes(x: Any) -> dict[str, Any]:
    """The attributes of an object of a user's class, with those in its slots; nothing for anything else."""
    if isinstance(x, (type, types.ModuleType, types.FunctionType, types.MethodType, *_NUMBERS)):
        return {}
    if callable(x) and module_of(type(x)).partition(".")[0] in ("s2sad", "numpy", "scipy", "functools"):
        return {}
    return runtime.attributes(x)


_NUMBERS = (int, float, complex, str, np.ndarray, np.generic)


def leaves(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves in order, each with the text that selects it.

    Example:
        >>> list(leaves({"w": [1.0, 2], "b": 3.0}))
        [("['w'][0]", 1.0), ("['b']", 3.0)]
    """
    if is_leaf(x):
        yield path, x
    else:
        for key, part in parts(x):
            yield from leaves(part, path + key)


def filled(x: Any, new: Iterable[Any], keep: bool = False) -> Any:
    """The structure of ``x`` with other leaves, and ``None`` for what is no leaf (with ``keep``, itself).

    Example:
        >>> filled({"w": [1.0, 2], "b": 3.0}, [10.0, 20.0])
        {'w': [10.0, None], 'b': 20.0}
    """
    return _filled(x, iter(new), keep)


def _filled(x: Any, new: Iterator[Any], keep: bool) -> Any:
    if is_leaf(x):
        return next(new)
    values = [_filled(part, new, keep) for _, part in parts(x)]
    if isinstance(x, dict):
        return dict(zip(x, values, strict=True))
    if isinstance(x, (list, tuple)):
        return runtime.rebuild(x, values)
    return runtime.rebuild_object(x, dict(zip(attributes(x), values, strict=True))) if values else x if keep else None
