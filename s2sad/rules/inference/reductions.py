"""Sums, means, extrema and what else runs along axes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ...ir.core import Value
from ...ir.types import NUMBER, NUMERIC, ONE, UNKNOWN, Dim, Type, array, dummy, fresh_dim, scalar
from ..trial import typed
from .creation import array_of
from .registry import infers
from .sizes import as_dtype


def _reduced(t: Type, axis: Any, keepdims: Any) -> tuple[Dim, ...] | None:
    if t.rank is None or isinstance(keepdims, Value):
        return None
    dims = t.dims or ()
    if isinstance(axis, Value):
        if axis.type.kind != "int" or not dims:
            return None
        if len(dims) > 1:  # which axis is known when the program runs
            return tuple(fresh_dim() for _ in range(len(dims) - (not keepdims)))
        axis = 0
    axes = range(len(dims)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reduced = {operator.index(i) % max(len(dims), 1) for i in axes}
    if keepdims:
        return tuple(ONE if i in reduced else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in reduced)


def _reduction(reduce: Any, floating: bool) -> Callable[..., Type]:
    def result(a: Any, axis: Any = None, *, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
               initial: Any = None, where: Any = True) -> Type:  # fmt: skip
        t = typed(a)
        if t.kind == "list":
            t = array_of(a)
        if t is NotImplemented or not t.is_numeric:
            return UNKNOWN
        dims = _reduced(t, axis, keepdims)
        if t.kind == "number" or dims is None or (t.kind == "array" and t.dtype is None):
            return array(None, dims) if dims else NUMBER if t.is_number else NUMERIC
        kind = _kind_of_reduction(reduce, t.kind, t.dtype)
        if dtype is not None:
            kind = as_dtype(dtype)
        return array(kind, dims) if dims else scalar(kind)

    return result


@functools.lru_cache(maxsize=256)
def _kind_of_reduction(reduce: Any, kind: str, dtype: Any) -> Any:
    small = dummy(Type(kind, dtype, (ONE,)) if kind == "array" else Type(kind, dtype))
    with np.errstate(all="ignore"):
        return np.asarray(reduce(np.asarray(small))).dtype


for _function, _method in [
    (np.sum, np.ndarray.sum), (np.mean, np.ndarray.mean), (np.prod, np.ndarray.prod), (np.max, np.ndarray.max),
    (np.min, np.ndarray.min), (np.nansum, None), (np.nanmean, None), (np.any, np.ndarray.any),
    (np.all, np.ndarray.all), (np.ptp, None),
]:  # fmt: skip
    infers(_function, *([_method] if _method else []))(_reduction(_function, False))


@infers(np.argmax, np.argmin, np.ndarray.argmax, np.ndarray.argmin)
def _argmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Type:
    dims = _reduced(typed(a), axis, keepdims)
    return UNKNOWN if dims is None else array(np.intp, dims) if dims else scalar(np.intp)


@infers(np.std, np.var, np.ndarray.std, np.ndarray.var)
def _std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False) -> Type:
    return _reduction(np.std, True)(a, axis, dtype=dtype, keepdims=keepdims)


@infers(np.cumsum, np.ndarray.cumsum, np.cumprod, np.ndarray.cumprod)
def _cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Type:
    t = typed(a)
    if t.kind == "array" and t.dims is not None and t.dtype is not None and t.dtype.kind in "fc":
        return array(as_dtype(dtype, t.dtype), t.dims if axis is not None or len(t.dims) == 1 else (fresh_dim(),))
    return NotImplemented
