"""The helpers of generated code, cotangents, and the builtins that go over elements."""

from __future__ import annotations

import builtins
import functools
import math
import operator
from typing import Any

import numpy as np

from ... import runtime
from ...ir.types import (
    BOTTOM,
    FLOAT,
    INT,
    NUMBER,
    NUMERIC,
    UNKNOWN,
    Type,
    array,
    element,
    join,
    present,
    scalar,
    tuple_of,
)
from ..trial import typed
from .elementwise import elementwise_result
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


@infers(getattr)
def _attribute(x: Any, name: Any = None, default: Any = None) -> Type:
    t = typed(x)
    return (t.attribute(name) if t.kind == "object" else None) or UNKNOWN


@infers(runtime.unless_parting)
def _unless_parting(v: Any, w: Any, a: Any, right: Any = None) -> Type:
    return typed(v)


@infers(runtime.decided)
def _decided(x: Any, other: Any, a: Any, b: Any) -> Type:
    return typed(x)


@infers(runtime.moved)
def _moved(moves: Any, *values: Any) -> Type:
    return Type("moves")


@infers(runtime.settled)
def _settled(x: Any, moves: Any, decider: Any = None) -> Type:
    return typed(x)


@infers(runtime.as_root)
def _root(x: Any) -> Type:
    return present(typed(x))  # its equation would raise


@infers(runtime.found)
def _found(x: Any, *others: Any) -> Type:
    return present(typed(x))


@infers(runtime.by_root, runtime.unless_found)
def _by_root(bar: Any, *others: Any) -> Type:
    return typed(bar)


@infers(runtime.triangle_weights)
def _triangle_weights(a: Any, lower: Any) -> Type:
    t = typed(a)
    return (
        UNKNOWN
        if t.kind != "array" or t.dtype is None or t.dims is None
        else array(np.empty(0, t.dtype).real.dtype, t.dims)
    )


@infers(runtime.zeros_like)
def _zero(x: Any) -> Type:
    return cotangent_type(typed(x))


@infers(runtime.seed)
def _seed(y: Any) -> Type:
    t = present(typed(y))
    return FLOAT if t.kind in ("float", "int", "scalar", "number") else t if t.kind == "array" else NUMERIC


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
    if t.kind == "object" and t.value and t.keys is not None:
        return Type("object", elems=tuple(map(cotangent_type, t.elems)), cls=t.cls, keys=t.keys, value=t.value)
    if t.kind in ("float", "number"):
        return NUMBER
    if t.kind in ("complex", "numeric"):
        return t
    if t.kind == "optional":  # nobody reads it where there is None
        return cotangent_type(present(t))
    if t.kind in ("bool", "int", "str", "none", "slice", "range", "ellipsis", "module", "member"):
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


@infers(builtins.sorted)
def _sorted(iterable: Any, key: Any = None, reverse: Any = False) -> Type:
    t = typed(iterable)
    if t.kind == "array" and t.rank == 1 and t.dtype is not None:
        return Type("list", elems=(scalar(t.dtype),))
    if t.kind not in ("list", "tuple") or not t.elems:
        return NotImplemented
    length = t.length if t.kind == "list" else len(t.elems)
    return Type("list", elems=(functools.reduce(join, t.elems),), length=length)


@infers(builtins.sum)
def _builtin_sum(iterable: Any, start: Any = 0) -> Type:
    return _folded(operator.add, typed(iterable), start, 0)


@infers(math.prod)
def _math_prod(iterable: Any, start: Any = 1) -> Type:
    return _folded(operator.mul, typed(iterable), start, 1)


@infers(*[f for name, f in vars(math).items() if name == "sumprod"])  # from Python 3.12 on
def _math_sumprod(p: Any, q: Any) -> Type:
    return UNKNOWN


def _folded(prim: Any, t: Type, start: Any, neutral: int) -> Type:
    """``start + x[0] + x[1] + ...``: where there may be no elements, it may be ``start`` itself."""
    if t.kind == "array" and t.dims is not None and t.dtype is not None and len(t.dims) > 0:
        elem = array(t.dtype, t.dims[1:]) if len(t.dims) > 1 else scalar(t.dtype)
    else:
        elem = element(t) if t.kind in ("list", "tuple") else UNKNOWN
    first = INT if type(start) is int else typed(start)
    if elem == BOTTOM:  # nothing is in the list so far
        return first
    if not elem.is_numeric:
        return UNKNOWN
    plain = type(start) is int and start == neutral and elem.kind in ("int", "float", "complex", "scalar", "number")
    once = elem if plain else elementwise_result(prim, [first, elem])
    more = elementwise_result(prim, [once, elem])
    several = (t.kind == "tuple" and t.elems) or (t.kind == "list" and t.length) or _has_several(t)
    return join(once, more) if several else join(first, join(once, more))


def _has_several(t: Type) -> bool:
    """Whether an array has rows for certain."""
    size = t.dims[0] if t.kind == "array" and t.dims else None
    return size is not None and (bool(size.one) or (isinstance(size.key, int) and size.key > 0))
