"""The helpers of generated code, cotangents, and the builtins that go over elements."""

from __future__ import annotations

import builtins
import functools
from typing import Any

from ... import runtime
from ...ir.types import BOTTOM, INT, NUMBER, NUMERIC, UNKNOWN, Type, array, element, join, scalar, tuple_of
from ..trial import typed
from .registry import infers
from .sizes import dims_of_shape


@infers(runtime.setitem, runtime.index_add, runtime.clear_item, runtime.list_append)
def _updated(a: Any, *rest: Any) -> Type:
    return typed(a)


@infers(runtime.accumulate)
def _accumulate(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    return s if s.kind == "array" else t if t.kind == "array" else join(s, t)


@infers(runtime.unbroadcast, runtime.match, runtime.as_tangent)
def _unbroadcast(g: Any, x: Any) -> Type:
    return cotangent_type(typed(x))


@infers(runtime.sum_to)
def _sum_to(g: Any, shape: Any) -> Type:
    dims = dims_of_shape(shape)
    if typed(g).dtype is None or dims is None:
        return UNKNOWN
    return array(typed(g).dtype, dims) if dims else scalar(typed(g).dtype)


@infers(runtime.rebuild)
def _rebuild(x: Any, elements: Any) -> Type:
    t = typed(x)
    if t.kind != "tuple" or typed(elements).kind != "tuple":
        return typed(elements) if t.kind == typed(elements).kind == "list" else UNKNOWN
    return tuple_of(typed(elements).elems, t.cls)


@infers(runtime.zeros_like)
def _zero(x: Any) -> Type:
    return cotangent_type(typed(x))


@functools.lru_cache(maxsize=4096)
def cotangent_type(t: Type) -> Type:
    """The type of the cotangent of a value: of a real number, some real number."""
    if t.kind == "scalar" and t.dtype is not None and t.dtype.kind == "f":
        return NUMBER if t.dtype.itemsize <= 8 else UNKNOWN  # a wider one would widen what it multiplies
    if t.kind in ("array", "scalar"):
        return t if t.inexact is not False else Type("none")
    if t.kind == "tuple":
        return tuple_of(tuple(map(cotangent_type, t.elems)), t.cls)
    if t.kind == "list":
        return Type("list", elems=tuple(map(cotangent_type, t.elems)), length=t.length)
    if t.kind == "dict":
        return Type("dict", elems=tuple(map(cotangent_type, t.elems)), keys=t.keys)
    if t.kind in ("float", "number"):
        return NUMBER
    if t.kind in ("complex", "numeric"):
        return t
    if t.kind in ("bool", "int", "str", "none", "slice", "range", "ellipsis", "module"):
        return Type("none")
    return UNKNOWN


@infers(builtins.abs)
def _abs(x: Any) -> Type:
    t = typed(x)
    return t if t.kind in ("int", "float", "number") else NotImplemented


@infers(builtins.max, builtins.min)
def _max(*args: Any, key: Any = None) -> Type:
    if len(args) < 2:
        t = typed(args[0])
        return element(t) if t.kind in ("list", "tuple") else NotImplemented
    result = BOTTOM
    for t in map(typed, args):
        result = join(result, t if not (t.kind == "int" and t.value) else INT)
    return result


@infers(builtins.sum)
def _builtin_sum(iterable: Any, start: Any = 0) -> Type:
    t = typed(iterable)
    if t.kind == "array" and t.dims is not None and t.dtype is not None:
        return array(t.dtype, t.dims[1:]) if len(t.dims) > 1 else scalar(t.dtype) if t.dtype.kind in "fc" else UNKNOWN
    elem = element(t) if t.kind in ("list", "tuple") else UNKNOWN
    return elem if elem.is_number and elem.kind != "bool" else NUMERIC if elem.is_numeric else UNKNOWN
