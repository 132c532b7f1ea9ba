"""What moves, joins, parts and reshapes arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ...ir.core import Value
from ...ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NUMERIC,
    ONE,
    UNKNOWN,
    Type,
    array,
    dummy,
    fresh_dim,
    list_of,
    tuple_of,
)
from ..trial import typed
from .answers import integers
from .creation import array_of, common_dtype, stacked
from .elementwise import broadcast
from .registry import infers
from .sizes import as_dim, dims_of_shape


@infers(np.pad)
def _pad(array_: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Type:
    t = typed(array_)
    if t.kind == "array" and t.dims is not None and t.dtype is not None:
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims))
    return NotImplemented


@infers(np.lib.stride_tricks.sliding_window_view)
def _windows(x: Any, window_shape: Any, axis: Any = None, subok: Any = False, writeable: Any = False) -> Type:
    t, w = typed(x), typed(window_shape)
    count = len(w.elems) if w.kind == "tuple" else 1 if w.kind == "int" else None
    if t.kind != "array" or t.dims is None or count is None:
        return NotImplemented
    return array(t.dtype, tuple(fresh_dim() for _ in range(len(t.dims) + count)))


@infers(np.fft.fftfreq, np.fft.rfftfreq)
def _frequencies(n: Any, d: Any = 1.0, device: Any = None) -> Type:
    return array(np.float64, (fresh_dim(),)) if typed(d).is_number and typed(n).is_number else NotImplemented


def _of_length(transform: Any) -> Any:
    """The type of a Fourier transform of a length that is asked for, which may be any."""

    def infer(a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Type:
        t = typed(a)
        if n is None or t.kind != "array" or not t.dims or type(axis) is not int:
            return NotImplemented
        dims = list(t.dims)
        dims[axis] = fresh_dim()
        return array(transform(dummy(t)).dtype, tuple(dims))

    return infer


for transform in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft):
    infers(transform)(_of_length(transform))


@infers(np.transpose, np.ndarray.transpose)
def _transpose(a: Any, axes: Any = None) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None or isinstance(axes, Value):
        return array(t.dtype, None) if t.kind == "array" else NotImplemented
    order = range(len(t.dims))[::-1] if axes is None else axes
    if any(isinstance(i, Value) for i in order):
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims))
    return array(t.dtype, tuple(t.dims[i] for i in order))


@infers(np.swapaxes, np.ndarray.swapaxes)
def _swapaxes(a: Any, axis1: Any, axis2: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None or isinstance(axis1, Value) or isinstance(axis2, Value):
        return NotImplemented
    dims = list(t.dims)
    dims[axis1], dims[axis2] = dims[axis2], dims[axis1]
    return array(t.dtype, tuple(dims))


@infers(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Type:
    t = typed(a)
    if t.rank is None or not t.is_numeric or t.kind == "number":
        return NotImplemented
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    if isinstance(axis, Value):
        if axis.type.kind != "int":
            return NotImplemented
        return array(dtype, tuple(fresh_dim() for _ in range(t.rank + 1)) if t.rank else (ONE,))
    axes = axis if isinstance(axis, tuple) else (axis,)
    rank = t.rank + len(axes)
    places = {operator.index(i) % rank for i in axes}
    rest = iter(t.dims or ())
    return array(dtype, tuple(ONE if i in places else next(rest) for i in range(rank)))


@infers(np.squeeze, np.ndarray.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Type:
    t = typed(a)
    if isinstance(axis, Value) and axis.type.kind == "int" and t.kind == "array" and t.dims:
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims[1:]))
    if t.kind != "array" or t.dims is None or isinstance(axis, Value):
        return UNKNOWN if t.kind != "array" else array(t.dtype, None)
    if axis is None:
        if any(d.one is None for d in t.dims):
            return array(t.dtype, None)
        return array(t.dtype, tuple(d for d in t.dims if not d.one))
    axes = {i % len(t.dims) for i in (axis if isinstance(axis, tuple) else (axis,))}
    return array(t.dtype, tuple(d for i, d in enumerate(t.dims) if i not in axes))


@infers(np.broadcast_to)
def _broadcast_to(array_: Any, shape: Any) -> Type:
    t = typed(array_)
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    return array(dtype, dims_of_shape(shape))


@infers(np.reshape, np.ndarray.reshape)
def _reshape(a: Any, shape: Any, order: Any = "C") -> Type:
    t = typed(a)
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    dims = dims_of_shape(shape)
    if dims is not None and isinstance(shape, (int, Value)) and not isinstance(shape, Value) and shape == -1:
        dims = (fresh_dim(False if t.dims and len(t.dims) == 1 and t.dims[0].one is False else None),)
    return array(dtype, dims)


@infers(np.ravel, np.ndarray.ravel, np.ndarray.flatten)
def _ravel(a: Any, order: Any = "C") -> Type:
    t = typed(a)
    if t.kind == "array":
        return array(t.dtype, t.dims if t.dims is not None and len(t.dims) == 1 else (fresh_dim(),))
    return NotImplemented


@infers(np.ndarray.tolist)
def _tolist(a: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dtype is None or t.dims is None:
        return UNKNOWN
    result = {"b": BOOL, "i": INT, "u": INT, "f": FLOAT, "c": COMPLEX}.get(t.dtype.kind, UNKNOWN)
    for dim in reversed(t.dims):
        result = list_of(result, 1 if dim.one else None)
    return result


@infers(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Type:
    if x is None and y is None:  # the places where it is true
        rank = typed(condition).rank
        return tuple_of((integers(1),) * rank) if rank else UNKNOWN
    types = [typed(condition), typed(x), typed(y)]
    if any(t.rank is None for t in types):
        return NUMERIC
    if any(t.kind == "number" or (t.kind == "array" and t.dtype is None) for t in types[1:]):
        return array(None, broadcast(*(t.dims or () for t in types)))
    dtype = np.where(np.ones((), bool), *(dummy(Type(t.kind, t.dtype, ())) for t in types[1:])).dtype
    return array(dtype, broadcast(*(t.dims or () for t in types)))


@infers(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Type:
    conditions, choices = ([*map(typed, x)] if isinstance(x, tuple) else typed(x).elems for x in (condlist, choicelist))
    values = [*choices, typed(default)]
    known = all(t.rank is not None and t.is_numeric and t.kind != "number" for t in (*conditions, *values))
    if not conditions or not choices or not known or any(t.kind == "array" and t.dtype is None for t in values):
        return NotImplemented
    *some, other = (dummy(Type(t.kind, t.dtype, ())) for t in values)
    dtype = np.select([np.ones((), bool)] * len(some), some, other).dtype
    return array(dtype, broadcast(*(t.dims or () for t in (*conditions, *values))))


def _as_array(x: Any) -> Type:
    """The type of ``np.asarray(x)``."""
    t = array_of(x) if typed(x).kind == "list" else typed(x)
    return UNKNOWN if t is NotImplemented else t


def _as_array_type(t: Type) -> Type:
    return _as_array(Value(None, t))


@infers(np.concatenate)
def _concatenate(arrays: Any, axis: Any = 0) -> Type:
    elems = (
        [_as_array(a) for a in arrays] if isinstance(arrays, tuple) else list(map(_as_array_type, typed(arrays).elems))
    )
    if axis is None or isinstance(axis, Value) or not elems or any(t.kind != "array" or t.dims is None for t in elems):
        return NotImplemented
    dtypes = {t.dtype for t in elems}
    first = elems[0].dims or ()
    if len(dtypes) != 1 or any(len(t.dims or ()) != len(first) for t in elems):
        return NotImplemented
    others = [t.dims or () for t in elems]
    certain = fresh_dim(False if len(elems) > 1 and any(d[axis].one is False for d in others) else None)
    axis = axis % len(first)
    return array(dtypes.pop(), tuple(certain if i == axis else d for i, d in enumerate(first)))


@infers(np.real, np.imag)
def _real(val: Any) -> Type:
    t = typed(val)
    if t.kind == "array" and t.dtype is not None and t.dims is not None:
        return array(np.real(np.zeros((), t.dtype)).dtype, t.dims)
    return NotImplemented


@infers(np.stack)
def _stack(arrays: Any, axis: Any = 0) -> Type:
    elems = (
        [_as_array(a) for a in arrays] if isinstance(arrays, tuple) else list(map(_as_array_type, typed(arrays).elems))
    )
    if isinstance(axis, Value) or not elems or any(t.rank is None or not t.is_numeric for t in elems):
        return NotImplemented
    forms = [stacked(t) for t in elems]
    if any(f is None for f in forms):
        return UNKNOWN
    dims = broadcast(*(f[1] for f in forms if f is not None))
    length = len(arrays) if isinstance(arrays, tuple) else typed(arrays).length
    first = fresh_dim() if length is None else as_dim(length)
    place = axis % (len(dims) + 1)
    kinds = {k for f in forms if f is not None for k in f[0]}
    return array(common_dtype(kinds), (*dims[:place], first, *dims[place:]))


@infers(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None:
        return NotImplemented
    return array(t.dtype, tuple(fresh_dim() for _ in t.dims))


@infers(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)
def _split(ary: Any, *rest: Any, **options: Any) -> Type:
    t = typed(ary)
    if t.kind != "array":
        return NotImplemented
    dims = None if t.dims is None else tuple(fresh_dim() for _ in t.dims)
    return Type("list", elems=(array(t.dtype, dims),))


@infers(np.diag)
def _diag(v: Any, k: Any = 0) -> Type:
    t = typed(v)
    if t.kind != "array" or t.dims is None or len(t.dims) not in (1, 2):
        return NotImplemented
    if isinstance(k, Value) or k != 0:
        return array(t.dtype, (fresh_dim(), fresh_dim()) if len(t.dims) == 1 else (fresh_dim(),))
    if len(t.dims) == 1:
        return array(t.dtype, t.dims * 2)
    return array(t.dtype, (t.dims[0] if t.dims[0] == t.dims[1] else fresh_dim(),))
