"""Results of elementwise functions and operators: dtypes by trying one element, sizes by broadcasting."""

from __future__ import annotations

import builtins
import functools
import itertools
import operator
from typing import Any

import numpy as np

from ...ir.core import Value
from ...ir.types import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NUMBER,
    NUMERIC,
    ONE,
    STR,
    TRUTH,
    UNKNOWN,
    WHOLE,
    Dim,
    Type,
    array,
    as_result,
    dummy,
    element,
    join,
    scalar,
    tuple_of,
)
from ..table import Rule
from ..trial import typed
from .registry import infers
from .sizes import computed

_SCALAR_OPERATORS = {
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
    operator.neg, operator.pos, operator.abs, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
    operator.ne, operator.and_, operator.or_, operator.xor, operator.invert, operator.lshift, operator.rshift,
}  # fmt: skip


def is_elementwise(prim: Any, rule: Rule | None) -> bool:
    if isinstance(prim, np.ufunc):
        return prim.signature is None  # matmul and its like are not
    return prim in _SCALAR_OPERATORS or (rule is not None and rule.kind == "elementwise" and not rule.effect)


def broadcast(*dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The sizes of a broadcast result."""
    rank = max(map(len, dims), default=0)
    return tuple(broadcast_axis([d[len(d) - rank + i] for d in dims if len(d) - rank + i >= 0]) for i in range(rank))


def broadcast_axis(sizes: list[Dim]) -> Dim:
    sizes = [d for d in dict.fromkeys(sizes) if not d.one]
    if not sizes:
        return ONE
    certain = [d for d in sizes if d.one is False]
    if certain:
        return certain[0]  # the others are equal to it, or 1
    if len(sizes) == 1:
        return sizes[0]
    keys = [d.key[1] if isinstance(d.key, tuple) and d.key[0] == "both" else {d.key} for d in sizes]
    return Dim(("both", frozenset().union(*keys)))


@functools.lru_cache(maxsize=256)
def _sample(kind: str, dtype: Any, zero_rank: bool) -> Any:
    return dummy(Type(kind, dtype, () if zero_rank else (ONE,)) if kind == "array" else Type(kind, dtype))


@functools.lru_cache(maxsize=4096)
def _kind_of_elementwise(prim: Any, kinds: tuple[Any, ...]) -> tuple[str, Any]:
    small = [x.copy() if type(x := _sample(*k)) is np.ndarray else x for k in kinds]  # which may be written into
    if getattr(prim, "__module__", None) == "math":  # whose functions raise outside of their domain
        return "float", None
    with np.errstate(all="ignore"):
        try:
            result = prim(*small)
        except Exception as error:  # whatever the function dislikes about these numbers: nothing is known
            raise LookupError from error
    if type(result) is np.ndarray:
        return "array", result.dtype
    t = as_result(result)
    return t.kind, t.dtype


_PLAIN_KINDS = {"array", "float", "int", "scalar"}


def elementwise_result(prim: Any, types: list[Type]) -> Type:
    given = {t.kind for t in types}
    if not given <= _PLAIN_KINDS:
        if not all(t.is_numeric for t in types):
            return UNKNOWN
        if "numeric" in given:
            return NUMERIC
    if any(t.kind == "array" and t.dims is None for t in types):
        return NUMERIC
    if "number" in given and WHOLE in types:
        each: list[tuple[Type, ...]] = [(INT, scalar(np.int64)) if t == WHOLE else (t,) for t in types]
        return functools.reduce(join, [elementwise_result(prim, list(t)) for t in itertools.product(*each)])
    result_is_bool = prim in _COMPARISONS
    if "number" in given:
        if all(t.is_number for t in types):
            real = all(t.kind != "complex" and not (t.dtype is not None and t.dtype.kind == "c") for t in types)
            return NUMERIC if not real else TRUTH if result_is_bool else NUMBER
        # a number among arrays: its dtype is open, its rank is not
        dims = broadcast(*(t.dims for t in types if t.dims is not None))
        return array(np.bool_ if result_is_bool else _common_float(types), dims) if dims else NUMERIC
    kinds = tuple((t.kind, t.dtype, t.rank == 0) for t in types)
    if isinstance(prim, np.ufunc) and prim.nout > 1:
        return _several(prim, kinds, types)
    kind, dtype = _kind_of_elementwise(prim, kinds)
    if kind == "array":
        return array(dtype, broadcast(*(t.dims or () for t in types)))
    return Type(kind, dtype)


def _several(prim: np.ufunc, kinds: tuple[Any, ...], types: list[Type]) -> Type:
    """The results of a function such as ``np.modf``."""
    dims = broadcast(*(t.dims or () for t in types))
    small = [dummy(Type(k, d, ()) if k == "array" else Type(k, d)) for k, d, _ in kinds]
    with np.errstate(all="ignore"):
        dtypes = [np.asarray(r).dtype for r in prim(*small)]
    whole = any(t.kind == "array" and t.dims for t in types)
    return tuple_of(tuple(array(d, dims) if whole else scalar(d) for d in dtypes))


def _common_float(types: list[Type]) -> Any:
    """The dtype of arrays that meet a number of open kind: certain only for the widest one."""
    dtypes = {t.dtype for t in types if t.kind == "array"}
    return np.float64 if dtypes == {np.dtype(np.float64)} else None


_COMPARISONS = {
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
}  # fmt: skip


@infers(operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.imod,
        operator.ifloordiv, operator.imatmul)  # fmt: skip
def _augmented(a: Any, b: Any) -> Type:
    return typed(a) if typed(a).kind == "array" else NotImplemented


@infers(operator.pow, operator.ipow, builtins.pow)
def _power(a: Any, b: Any, mod: Any = None) -> Type:
    """Of Python's numbers: a negative exponent makes floats of integers, a broken one may make complex numbers."""
    s, t = typed(a), typed(b)
    if s.kind == "array" and s.dtype == bool and t.kind in ("int", "float", "scalar"):  # squares, before NumPy 2.3
        return array(None, s.dims)
    if not {s.kind, t.kind} <= {"bool", "int", "float", "number"}:
        return NotImplemented
    whole = t.kind in ("bool", "int") or (type(b) is float and b.is_integer())
    if s.kind in ("bool", "int") and t.kind in ("bool", "int"):
        return INT if mod is not None or (type(b) is int and b >= 0) else NUMBER
    certain = whole or (type(a) in (int, float) and a > 0)
    return FLOAT if certain and "number" not in (s.kind, t.kind) else NUMBER


@infers(operator.add)
def _add(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.kind == t.kind == "tuple":
        return tuple_of(s.elems + t.elems)
    if s.kind == t.kind == "list":
        elem = join(element(s), element(t))
        length = s.length + t.length if s.length is not None and t.length is not None else None
        return Type("list", elems=() if elem == BOTTOM else (elem,), length=length)
    return STR if s.kind == t.kind == "str" else computed("sum", a, b)


@infers(operator.sub)
def _sub(a: Any, b: Any) -> Type:
    return computed("sum", a, -b) if type(b) is int else computed("difference", a, b)


@infers(operator.floordiv)
def _floordiv(a: Any, b: Any) -> Type:
    return computed("quotient", a, b)


@infers(operator.mul)
def _mul(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if t.kind in ("list", "tuple"):
        a, b, s, t = b, a, t, s
    if s.kind == "tuple" and t.kind == "int":
        return UNKNOWN if isinstance(b, Value) else tuple_of(s.elems * b)
    if s.kind == "list" and t.kind == "int":
        return Type("list", elems=() if element(s) == BOTTOM else (element(s),))
    return computed("product", a, b)


@infers(operator.not_, operator.is_, operator.is_not, operator.contains, isinstance, bool, all, any, callable, hasattr)
def _boolean(*args: Any) -> Type:
    return BOOL


@infers(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)
def _compare(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.kind in ("str", "none") or t.kind in ("str", "none"):
        return BOOL
    python = ("bool", "int", "float", "complex")
    return BOOL if s.kind in python and t.kind in python else NotImplemented
