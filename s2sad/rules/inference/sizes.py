"""Sizes as values, and values as sizes: ``np.shape``, ``len``, arithmetic of whole numbers, containers of them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ...ir import prims
from ...ir.core import Value
from ...ir.types import FLOAT, INT, NUMBER, ONE, SLICE, STR, UNKNOWN, Dim, Type, element, fresh_dim, is_fresh, tuple_of
from ..trial import typed
from .registry import infers


def _size(dim: Dim) -> Type:
    return Type("int", value=dim)


def computed(name: str, a: Any, b: Any) -> Any:
    """The type of a whole number that is computed from sizes and arguments: as equal as what it is computed from.

    Its key is ``("sum", key, 2)`` for ``n + 2``, ``("product", key, key)`` and so on; nothing is said of other numbers.
    """
    keys = [whole_key(a), whole_key(b)]
    if None in keys:
        return NotImplemented
    if name in ("sum", "product") and type(keys[0]) is int:
        keys.reverse()
    if name == "sum" and type(keys[1]) is int:
        base, more = base_and_more(keys[0])
        return _size(Dim(("sum", base, more + keys[1]))) if more + keys[1] else _size(Dim(base))
    return _size(Dim((name, *keys)))


def whole_key(x: Any) -> Any:
    """The key of a whole number that stays what it is for the whole call; None for another."""
    if not isinstance(x, Value):
        return x if type(x) is int else None
    size = x.type.value if x.type.kind == "int" else None
    return size.key if isinstance(size, Dim) and not is_fresh(size.key) else None


def base_and_more(key: Any) -> tuple[Any, int]:
    """``n`` and 2 of ``n + 2``."""
    return (key[1], key[2]) if is_sum(key) else (key, 0)


def is_sum(key: Any) -> bool:
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "sum" and type(key[2]) is int


@infers(np.shape)
def _shape(a: Any) -> Type:
    t = typed(a)
    if t.rank is None:
        return UNKNOWN if t.kind in ("list", "tuple", "unknown") else Type("shape_tuple")
    return tuple_of(tuple(_size(d) for d in t.dims or ()))


@infers(len)
def _len(a: Any) -> Type:
    t = typed(a)
    if t.kind == "array" and t.dims:
        return _size(t.dims[0])
    return INT


@infers(np.ndim, np.size, int, round, operator.index)
def _int(a: Any, *rest: Any) -> Type:
    return NUMBER if rest else INT


@infers(float)
def _float(a: Any = 0.0) -> Type:
    return FLOAT


@infers(str, repr, format, prims.format_string)
def _str(*args: Any) -> Type:
    return STR


@infers(range)
def _range(*args: Any) -> Type:
    return Type("range")


@infers(slice)
def _slice(*args: Any) -> Type:
    return SLICE


@infers(prims.make_tuple)
def _make_tuple(*elems: Any) -> Type:
    return tuple_of(tuple(map(typed, elems)))


@infers(prims.make_list)
def _make_list(*elems: Any) -> Type:
    if not elems:  # to be filled
        return NotImplemented
    return Type("list", elems=(element(tuple_of(tuple(map(typed, elems)))),))


@infers(tuple)
def _tuple(a: Any = ()) -> Type:
    t = typed(a)
    if t.kind == "tuple":
        return tuple_of(t.elems)
    if t.kind == "list" and t.length is not None and t.elems:
        return tuple_of(tuple(element(t, i if len(t.elems) > 1 else None) for i in range(t.length)))
    return UNKNOWN


def dims_of_shape(shape: Any) -> tuple[Dim, ...] | None:
    """The sizes that a ``shape`` argument asks for."""
    if isinstance(shape, Value):
        t = shape.type
        if t.kind == "tuple":
            return tuple(_dim_of(e) for e in t.elems)
        if t.kind == "list" and t.length is not None:
            return tuple(map(_dim_of, t.elems if len(t.elems) == t.length else t.elems[:1] * t.length))
        return (_dim_of(t),) if t.kind in ("int", "bool", "number") else None
    if isinstance(shape, (tuple, list)):
        return tuple(as_dim(n) for n in shape)
    return (as_dim(shape),)


def as_dim(n: Any) -> Dim:
    if isinstance(n, Value):
        return _dim_of(n.type)
    n = operator.index(n)
    return ONE if n == 1 else Dim(n, False) if n >= 0 else fresh_dim()


def _dim_of(t: Type) -> Dim:
    dim = t.value if t.kind == "int" and isinstance(t.value, Dim) else fresh_dim()
    if is_sum(dim.key) and dim.key[2] < 0:  # as the size of a slice, which can't be negative either
        return Dim(("less", dim.key[1], -dim.key[2]))
    return dim


def as_dtype(dtype: Any, default: Any = np.float64) -> Any:
    if dtype is None:
        return default
    if isinstance(dtype, Value):
        if dtype.type.kind == "dtype":
            return dtype.type.dtype
        raise LookupError
    return np.dtype(dtype)
