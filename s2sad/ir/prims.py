"""Callables that stand for syntax, so that an op's primitive is always something that can be called.

Operators are the functions of the ``operator`` module, attributes are ``getattr``, subscripts are
``operator.getitem`` and ``operator.setitem``; what Python has no function for is here.
"""

from __future__ import annotations

import importlib
import operator
import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MATCHED_WHOLE = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)

# The operator of each augmented assignment.
AUGMENTED = {
    operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul,
    operator.itruediv: operator.truediv, operator.ipow: operator.pow, operator.imod: operator.mod,
    operator.ifloordiv: operator.floordiv, operator.imatmul: operator.matmul, operator.iand: operator.and_,
    operator.ior: operator.or_, operator.ixor: operator.xor, operator.ilshift: operator.lshift,
    operator.irshift: operator.rshift,
}  # fmt: skip


def make_tuple(*elements: Any) -> tuple[Any, ...]:
    """``(a, b)``"""
    return elements


def make_list(*elements: Any) -> list[Any]:
    """``[a, b]``"""
    return list(elements)


def make_set(*elements: Any) -> set[Any]:
    """``{a, b}``"""
    return set(elements)


def make_dict(*keys_and_values: Any) -> dict[Any, Any]:
    """``{k: v}``: keys and values in turn."""
    return dict(zip(keys_and_values[::2], keys_and_values[1::2], strict=True))


def is_sequence(x: Any) -> bool:
    """Whether a pattern takes an object for a sequence: ``case [a, b]:``."""
    return isinstance(x, Sequence) and not isinstance(x, (str, bytes, bytearray))


def is_mapping(x: Any) -> bool:
    """Whether a pattern takes an object for a mapping: ``case {"a": b}:``."""
    return isinstance(x, Mapping)


def matched_part(x: Any, cls: type, position: int) -> Any:
    """What the pattern ``cls(a, b)`` takes at a position."""
    return x if cls in MATCHED_WHOLE else getattr(x, cls.__match_args__[position])  # type: ignore[attr-defined]


def concat_sequences(*parts: Any) -> list[Any]:
    """``[*a, *b]``: the elements of several iterables in one list."""
    return [element for part in parts for element in part]


def merge_dicts(*parts: Any) -> dict[Any, Any]:
    """``{**a, **b}``"""
    return {k: v for part in parts for k, v in part.items()}


def unpack(value: Any, count: int, after: int = -1) -> tuple[Any, ...]:
    """``a, b = value``; with ``after >= 0`` a starred target stands after ``count`` plain ones and before ``after``.

    One result per target.
    """
    elements = list(value)
    if after < 0:
        if len(elements) < count:
            raise ValueError(f"not enough values to unpack (expected {count}, got {len(elements)})")
        if len(elements) > count:
            raise ValueError(f"too many values to unpack (expected {count})")
        return tuple(elements)
    if len(elements) < count + after:
        raise ValueError(f"not enough values to unpack (expected at least {count + after}, got {len(elements)})")
    stop = len(elements) - after
    return (*elements[:count], elements[count:stop], *elements[stop:])


def format_string(template: tuple[Any, ...], *values: Any) -> str:
    """An f-string: ``template`` has strings, and ``(conversion, format_spec)`` where the next value goes."""
    items, parts = iter(values), []
    for part in template:
        if isinstance(part, str):
            parts.append(part)
        else:
            conversion, spec = part
            value = next(items)
            if conversion != -1:
                convert: Any = {"s": str, "r": repr, "a": ascii}[chr(conversion)]
                value = convert(value)
            parts.append(format(value, spec))
    return "".join(parts)


def import_module(name: str) -> Any:
    """``import name`` inside a function; the whole dotted module."""
    return importlib.import_module(name)


def quantified(function: Any, found: Any, whole: bool) -> Any:
    """What ``any`` (``whole``: ``all``) of a generator gives, which a loop has found; ``function`` has to be that."""
    if function is not (all if whole else any):
        raise TypeError("this any or all is a function of the program")
    return found


def present(x: Any) -> Any:
    """``x``, which is not None where this stands: what reads it would raise.  Generated code has ``x`` itself."""
    return x


def copy(a: Any) -> Any:
    """A copy of an array or list, so that it can be written in place."""
    return a.copy()


def call_dynamic(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A call of a function that is known only when the program runs.

    Raises:
        ValueError: the function changed an argument, or the object that it is a method of.  Such changes are part of
            the program that was compiled, which did not know of this one.
    """
    reachable = (getattr(function, "__self__", None), args, kwargs)
    before = state(reachable)
    result = function(*args, **kwargs)
    if before != state(reachable):
        name = getattr(function, "__name__", function)
        raise ValueError(f"{name}() changes its arguments, and it was not known when compiling that it is called here")
    return result


def state(x: Any, depth: int = 0) -> Any:
    """What can change of an object, in a form that can be compared."""
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype, x.tobytes()
    if depth > 8 or isinstance(x, (type, types.ModuleType, types.FunctionType)):
        return id(x)
    if isinstance(x, (list, tuple)):
        return type(x), *[state(e, depth + 1) for e in x]
    if isinstance(x, dict):
        return tuple(x), state(list(x.values()), depth + 1)
    attributes = getattr(x, "__dict__", None)
    return state(dict(attributes), depth + 1) if isinstance(attributes, dict) else x


def check_length(value: Any, count: int) -> None:
    """What unpacking ``value`` into ``count`` names checks."""
    if len(value) != count:
        word = "not enough" if len(value) < count else "too many"
        raise ValueError(f"{word} values to unpack (expected {count})")


def unpack_tuple(value: Any, count: int) -> tuple[Any, ...]:
    """The elements of any iterable of ``count`` elements."""
    return unpack(value, count)


def add_at(a: Any, index: Any, value: Any) -> None:
    """``np.add.at(a, index, value)``"""
    np.add.at(a, index, value)
