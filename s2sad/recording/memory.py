"""Arrays as places in memory: who owns the memory of an array, and the same places in the memory of its cotangent.

A *shadow* is memory of the size of an owner's.  The part of it that belongs to a view has the offset and the strides
that the view has in its owner, so that whatever is added to the cotangent of a view is seen in that of every other
array that shares the memory.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..errors import UnsupportedError


def owner(x: np.ndarray) -> np.ndarray:
    """The array that owns the memory of ``x``."""
    while True:
        base: Any = x.base
        if base is None:
            return x
        if isinstance(base, np.ndarray):
            x = base
        elif isinstance(getattr(base, "base", None), np.ndarray):  # as_strided keeps its array in an object
            x = base.base
        else:
            return x


def own(x: np.ndarray) -> np.ndarray:
    """The owner of the memory of ``x``, where every view of that memory is known to have the same one.

    Raises:
        UnsupportedError: for memory of something else than an array (a buffer, a file), which others may have too.
    """
    root = owner(x)
    if root.base is not None:
        raise UnsupportedError(
            f"an array whose memory belongs to a {type(root.base).__name__} is not supported here: pass a copy of it"
        )
    return root


def shadow(root: np.ndarray) -> np.ndarray:
    """Zeroed memory for the cotangent of an owner's."""
    dtype = _real(root.dtype) if root.dtype.kind in "fc" else np.dtype(np.uint8)
    return np.zeros(max(root.nbytes // dtype.itemsize, 1), dtype)


def part(memory: np.ndarray, root: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The places of ``x``, an array in the memory of ``root``, in a shadow of it."""
    if x.size == 0:
        return np.zeros(x.shape, x.dtype)
    offset = 0 if x is root else _address(x) - _address(root)
    return np.ndarray(x.shape, x.dtype, memory, offset, x.strides)


def _address(x: np.ndarray) -> int:
    return int(x.__array_interface__["data"][0])


def same_places(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether two arrays are the same view of the same memory."""
    return x.shape == y.shape and x.strides == y.strides and x.dtype == y.dtype and _address(x) == _address(y)


def same_numbers(a: np.dtype, b: np.dtype) -> bool:
    """Whether the numbers of one dtype are those of another, or their real and imaginary parts, or its fields."""
    return a == b or b.kind == "V" or (a.kind in "fc" and b.kind in "fc" and _real(a) == _real(b))


def _real(dtype: np.dtype) -> np.dtype:
    return np.zeros((), dtype).real.dtype


def accumulate(do: Any, places: np.ndarray, g: Any) -> None:
    """``places += g``, where places that occur several times (broadcast, windows) receive each of their parts."""
    if not overlaps_itself(places):
        do.update(operator.iadd, places, g)
        return
    g = do.call(np.broadcast_to, g, places.shape)
    repeated = tuple(k for k, (n, s) in enumerate(zip(places.shape, places.strides, strict=True)) if s == 0 and n > 1)
    if repeated:
        once = tuple(slice(0, 1) if k in repeated else slice(None) for k in range(places.ndim))
        accumulate(do, places[once], do.call(np.sum, g, axis=repeated, keepdims=True))
        return
    for index in np.ndindex(*places.shape):
        do.setitem(places, index, do.call(operator.add, do.getitem(places, index), do.getitem(g, index)))


def overlaps_itself(x: np.ndarray) -> bool:
    """Whether two elements of an array may be in the same place."""
    if x.flags.c_contiguous or x.size == 0:
        return False
    reach = x.itemsize
    for stride, size in sorted((abs(s), n) for s, n in zip(x.strides, x.shape, strict=True) if n > 1):
        if stride < reach:
            return True
        reach += stride * (size - 1)
    return False
