"""What functions take: names, order and defaults of their parameters, by which options and places to write are known.

NumPy tells it of its functions in C from 2.4 on, and of some methods of arrays not even there, which have ``**kwargs``.
Here it stands for all versions.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

_TEXT = """
arange(start_or_stop, /, stop=None, step=1, *, dtype=None, device=None, like=None)
array(object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, ndmax=0, like=None)
asanyarray(a, dtype=None, order=None, *, device=None, copy=None, like=None)
asarray(a, dtype=None, order=None, *, device=None, copy=None, like=None)
ascontiguousarray(a, dtype=None, *, like=None)
asfortranarray(a, dtype=None, *, like=None)
bincount(x, /, weights=None, minlength=0)
busday_count(begindates, enddates, weekmask='1111100', holidays=(), busdaycal=None, out=None)
busday_offset(dates, offsets, roll='raise', weekmask='1111100', holidays=None, busdaycal=None, out=None)
can_cast(from_, to, casting='safe')
concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting='same_kind')
copyto(dst, src, casting='same_kind', where=True)
dot(a, b, out=None)
empty(shape, dtype=None, order='C', *, device=None, like=None)
empty_like(prototype, /, dtype=None, order='K', subok=True, shape=None, *, device=None)
frombuffer(buffer, dtype=None, count=-1, offset=0, *, like=None)
fromiter(iter, dtype, count=-1, *, like=None)
inner(a, b, /)
is_busday(dates, weekmask='1111100', holidays=None, busdaycal=None, out=None)
lexsort(keys, axis=-1)
may_share_memory(a, b, /, max_work=0)
min_scalar_type(a, /)
packbits(a, /, axis=None, bitorder='big')
promote_types(type1, type2, /)
putmask(a, /, mask, values)
ravel_multi_index(multi_index, dims, mode='raise', order='C')
result_type(*arrays_and_dtypes)
shares_memory(a, b, /, max_work=-1)
unpackbits(a, /, axis=None, count=None, bitorder='big')
unravel_index(indices, shape, order='C')
vdot(a, b, /)
where(condition, x=None, y=None, /)
zeros(shape, dtype=None, order='C', *, device=None, like=None)
ndarray.all(self, /, axis=None, out=None, keepdims=False, *, where=True)
ndarray.any(self, /, axis=None, out=None, keepdims=False, *, where=True)
ndarray.argmax(self, /, axis=None, out=None, *, keepdims=False)
ndarray.argmin(self, /, axis=None, out=None, *, keepdims=False)
ndarray.argpartition(self, kth, /, axis=-1, kind='introselect', order=None)
ndarray.argsort(self, /, axis=-1, kind=None, order=None, *, stable=None)
ndarray.astype(self, /, dtype, order='K', casting='unsafe', subok=True, copy=True)
ndarray.byteswap(self, /, inplace=False)
ndarray.choose(self, /, choices, out=None, mode='raise')
ndarray.clip(self, /, min=None, max=None, out=None, *, where=True, casting='same_kind', dtype=None)
ndarray.compress(self, /, condition, axis=None, out=None)
ndarray.conj(self, /)
ndarray.conjugate(self, /)
ndarray.copy(self, /, order='C')
ndarray.cumprod(self, /, axis=None, dtype=None, out=None)
ndarray.cumsum(self, /, axis=None, dtype=None, out=None)
ndarray.diagonal(self, /, offset=0, axis1=0, axis2=1)
ndarray.dot(self, other, /, out=None)
ndarray.fill(self, /, value)
ndarray.flatten(self, /, order='C')
ndarray.item(self, /, *args)
ndarray.max(self, /, axis=None, out=None, keepdims=False, initial=None, where=True)
ndarray.mean(self, /, axis=None, dtype=None, out=None, keepdims=False, *, where=True)
ndarray.min(self, /, axis=None, out=None, keepdims=False, initial=None, where=True)
ndarray.nonzero(self, /)
ndarray.partition(self, kth, /, axis=-1, kind='introselect', order=None)
ndarray.prod(self, /, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True)
ndarray.put(self, indices, values, /, mode='raise')
ndarray.ravel(self, /, order='C')
ndarray.repeat(self, repeats, /, axis=None)
ndarray.reshape(self, /, *shape, order='C', copy=None)
ndarray.resize(self, /, *new_shape, refcheck=True)
ndarray.round(self, /, decimals=0, out=None)
ndarray.searchsorted(self, v, /, side='left', sorter=None)
ndarray.sort(self, /, axis=-1, kind=None, order=None, *, stable=None)
ndarray.squeeze(self, /, axis=None)
ndarray.std(self, /, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None)
ndarray.sum(self, /, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True)
ndarray.swapaxes(self, axis1, axis2, /)
ndarray.take(self, indices, /, axis=None, out=None, mode='raise')
ndarray.tobytes(self, /, order='C')
ndarray.tolist(self, /)
ndarray.trace(self, /, offset=0, axis1=0, axis2=1, dtype=None, out=None)
ndarray.transpose(self, /, *axes)
ndarray.var(self, /, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None)
ufunc.reduce(array, /, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True)
"""

_KNOWN = dict(line[:-1].split("(", 1) for line in _TEXT.split("\n") if line)


@functools.lru_cache(maxsize=4096)
def parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a callable, by name and in order; those of a method begin with its object.

    Raises:
        TypeError, ValueError: it does not tell.
    """
    known = _KNOWN.get(_path(function))
    try:
        told = inspect.signature(function).parameters
    except (TypeError, ValueError):
        if known is None:
            raise
        return of_text(known)
    hidden = any(p.kind is p.VAR_KEYWORD for p in told.values())  # NumPy tells no more of some methods
    return told if known is None or not hidden else of_text(known)


def of_text(parameters: str) -> Mapping[str, inspect.Parameter]:
    """The parameters that a line of the table says."""
    return inspect.signature(eval(f"lambda {parameters}: None")).parameters


def positional(function: Any) -> tuple[str, ...]:
    """The names of the parameters that may be given by position; none where a callable does not tell."""
    try:
        return _positional(function)
    except TypeError:  # objects that can be called need not be hashable
        return ()


@functools.lru_cache(maxsize=4096)
def _positional(function: Any) -> tuple[str, ...]:
    try:
        found = parameters(function).values()
    except (TypeError, ValueError):
        return ()
    return tuple([p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)])


def _path(function: Any) -> str:
    name = getattr(function, "__name__", "")
    if getattr(function, "__objclass__", None) is np.ndarray:
        return f"ndarray.{name}"
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return f"ufunc.{name}"
    return name if name and getattr(np, name, None) is function else ""
