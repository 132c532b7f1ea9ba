"""Rules of functions that choose elements: where, take, sort, diagonals and triangles.

They are gathers, and a cotangent is added at the places that were gathered.  Sorting uses the stable permutation.
``a[i]`` is not here: it belongs to the compiler.
"""

import numpy as np

from ..runtime import index_add, sum_to
from .table import jvp, linear, vjp

# Choosing between arrays


@linear(np.where, arguments=("x", "y"))
def where(z_bar, z, condition, x, y):
    return None, np.where(condition, z_bar, 0), np.where(condition, 0, z_bar)


@linear(np.select, arguments=("choicelist", "default"))
def select(y_bar, y, condlist, choicelist, default=0):
    n = len(choicelist)
    chosen = np.select(condlist, [np.int64(k) for k in range(n)], np.int64(n))
    return None, chosen_bars(y_bar, chosen, choicelist), np.where(chosen == n, y_bar, 0)


@linear(np.choose, np.ndarray.choose, arguments=("choices",))
def choose(y_bar, y, a, choices, *, mode="raise"):
    chosen = np.choose(a, [np.int64(k) for k in range(len(choices))], mode=mode)
    return None, chosen_bars(y_bar, chosen, choices)


def chosen_bars(y_bar, chosen, choices):
    """For each choice, ``y_bar`` where it was chosen."""
    return [sum_to(np.where(chosen == k, y_bar, 0), np.shape(choice)) for k, choice in enumerate(choices)]


# Choosing elements


@linear(np.take, np.ndarray.take)
def take(y_bar, y, a, *, indices=None, axis=None, mode="raise"):
    if axis is None:
        places = places_in(np.size(a), indices, mode)
        return np.reshape(index_add(np.zeros_like(np.ravel(a)), places, y_bar), np.shape(a))
    axis = axis % np.ndim(a)
    places = places_in(np.shape(a)[axis], indices, mode)
    return index_add(np.zeros_like(a), (slice(None),) * axis + (places,), y_bar)


def places_in(n, indices, mode):
    """``indices`` into ``n`` elements, wrapped or clipped if so asked."""
    if mode == "raise":
        return np.asarray(indices).astype(int)  # an empty list is no array of floats here
    return np.take(np.arange(n), indices, mode=mode)


@linear(np.take_along_axis)
def take_along_axis(y_bar, y, arr, *, indices=None, axis=-1):
    if axis is None:
        return np.reshape(index_add(np.zeros_like(np.ravel(arr)), indices, y_bar), np.shape(arr))
    return index_add(np.zeros_like(arr), places_along(indices, np.shape(arr), axis), y_bar)


def places_along(indices, shape, axis):
    """The index that reads ``indices`` along one axis of an array of a shape, and every place of the others."""
    places = list(np.indices(shape, sparse=True))
    places[axis] = indices
    return tuple(places)


# Its windows overlap: they are followed by the places that they show.
@linear(np.lib.stride_tricks.sliding_window_view, view=True)
def sliding_window_view(y_bar, y, x, *, window_shape=None, axis=None):
    numbered = np.reshape(np.arange(np.size(x)), np.shape(x))
    places = np.lib.stride_tricks.sliding_window_view(numbered, window_shape, axis)
    return np.reshape(index_add(np.zeros_like(np.ravel(x)), places, y_bar), np.shape(x))


@linear(np.compress, arguments=("a",))
def compress(y_bar, y, condition, a, *, axis=None):
    return None, compress_bar(y_bar, condition, a, axis)


@linear(np.ndarray.compress)
def compress_method(y_bar, y, a, *, condition=None, axis=None):
    return compress_bar(y_bar, condition, a, axis)


def compress_bar(y_bar, condition, a, axis):
    places = np.flatnonzero(condition)
    if axis is None:
        return np.reshape(index_add(np.zeros_like(np.ravel(a)), places, y_bar), np.shape(a))
    axis = axis % np.ndim(a)
    return index_add(np.zeros_like(a), (slice(None),) * axis + (places,), y_bar)


@linear(np.extract, arguments=("arr",))
def extract(y_bar, y, condition, arr):
    return None, np.reshape(index_add(np.zeros_like(np.ravel(arr)), np.flatnonzero(condition), y_bar), np.shape(arr))


@vjp(np.trim_zeros, view=True)
def trim_zeros(y_bar, y, filt, *, trim="fb", axis=None):
    return index_add(np.zeros_like(filt), kept(filt, y, trim, axis), y_bar)


@jvp(np.trim_zeros)
def trim_zeros_jvp(filt_dot, y, filt, *, trim="fb", axis=None):
    return filt_dot[kept(filt, y, trim, axis)]


def kept(filt, y, trim, axis):
    """Where in ``filt`` what is left of it lies."""
    rank = np.ndim(filt)
    trimmed = [k % rank for k in (range(rank) if axis is None else np.ravel(axis))]
    firsts = [first_kept(filt, k) if k in trimmed and "f" in trim.lower() else 0 for k in range(rank)]
    return tuple([slice(first, first + n) for first, n in zip(firsts, np.shape(y), strict=True)])


def first_kept(filt, axis):
    """The first place along an axis where something is not zero."""
    return np.argmax(np.any(np.moveaxis(filt, axis, 0) != 0, axis=tuple(range(1, np.ndim(filt)))))


# Sorting


@vjp(np.sort)
def sort(y_bar, y, a, *, axis=-1, kind=None, stable=None):
    if axis is None:
        order = np.argsort(a, axis=None, kind="stable")
        return np.reshape(y_bar[np.argsort(order)], np.shape(a))
    order = np.argsort(a, axis=axis, kind="stable")
    return np.take_along_axis(y_bar, np.argsort(order, axis=axis), axis)


@jvp(np.sort)
def sort_jvp(a_dot, y, a, *, axis=-1, kind=None, stable=None):
    if axis is None:
        return np.ravel(a_dot)[np.argsort(a, axis=None, kind="stable")]
    return np.take_along_axis(a_dot, np.argsort(a, axis=axis, kind="stable"), axis)


@vjp(np.sort_complex)
def sort_complex(y_bar, y, a):
    order = np.argsort(a, kind="stable")
    return np.take_along_axis(y_bar, np.argsort(order), -1)


@jvp(np.sort_complex)
def sort_complex_jvp(a_dot, y, a):
    return np.take_along_axis(a_dot, np.argsort(a, kind="stable"), -1)


# The order within the parts is NumPy's own: an element of the result is the one of equal rank in the argument.
@vjp(np.partition)
def partition(y_bar, y, a, *, kth=None, axis=-1, kind="introselect"):
    if axis is None:
        return np.reshape(y_bar[matching(y, np.ravel(a), 0)], np.shape(a))
    return np.take_along_axis(y_bar, matching(y, a, axis), axis)


@jvp(np.partition)
def partition_jvp(a_dot, y, a, *, kth=None, axis=-1, kind="introselect"):
    if axis is None:
        return np.ravel(a_dot)[matching(np.ravel(a), y, 0)]
    return np.take_along_axis(a_dot, matching(a, y, axis), axis)


def matching(x, y, axis):
    """Where each element of ``y`` is in ``x``, which has the same elements in another order."""
    ranks = np.argsort(np.argsort(y, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(np.argsort(x, axis=axis, kind="stable"), ranks, axis)


# Diagonals and triangles


@linear(np.diagonal, np.ndarray.diagonal, view=True)
def diagonal(y_bar, y, a, *, offset=0, axis1=0, axis2=1):
    return diagonal_bar(y_bar, a, offset, axis1, axis2)


@linear(np.linalg.diagonal, view=True)
def linalg_diagonal(y_bar, y, x, *, offset=0):
    return diagonal_bar(y_bar, x, offset, -2, -1)


def diagonal_bar(y_bar, a, offset, axis1, axis2):
    """``y_bar`` on a diagonal of zeros, in the shape of ``a``."""
    k = np.arange(np.shape(y_bar)[-1])
    if np.ndim(a) == 2 and axis1 % 2 == 0 and axis2 % 2 == 1:
        if offset == 0:
            return index_add(np.zeros_like(a), (k, k), y_bar)
        return index_add(np.zeros_like(a), (k + max(-offset, 0), k + max(offset, 0)), y_bar)
    zeros = np.zeros_like(np.moveaxis(a, (axis1, axis2), (-2, -1)))
    filled = index_add(zeros, (Ellipsis, k + max(-offset, 0), k + max(offset, 0)), y_bar)
    return np.moveaxis(filled, (-2, -1), (axis1, axis2))


@linear(np.trace, np.ndarray.trace)
def trace(y_bar, y, a, *, offset=0, axis1=0, axis2=1, dtype=None):
    return trace_bar(y_bar, a, offset, axis1, axis2)


@linear(np.linalg.trace)
def linalg_trace(y_bar, y, x, *, offset=0, dtype=None):
    return trace_bar(y_bar, x, offset, -2, -1)


def trace_bar(y_bar, a, offset, axis1, axis2):
    """``y_bar`` all along a diagonal of zeros, in the shape of ``a``."""
    eye = np.eye(np.shape(a)[axis1], np.shape(a)[axis2], offset)
    if np.ndim(a) == 2 and axis1 % 2 == 0:
        return y_bar * eye
    if np.ndim(a) == 2:
        return y_bar * eye.T
    return np.moveaxis(np.expand_dims(y_bar, (-2, -1)) * eye, (-2, -1), (axis1, axis2))


@linear(np.diag, view=True)
def diag(y_bar, y, v, *, k=0):
    if np.ndim(v) == 1:
        return np.diagonal(y_bar) if k == 0 else np.diagonal(y_bar, k)
    return diagonal_bar(y_bar, v, k, 0, 1)


@linear(np.diagflat)
def diagflat(y_bar, y, v, *, k=0):
    return np.reshape(np.diagonal(y_bar, k), np.shape(v))


@linear(np.tril)
def tril(y_bar, y, m, *, k=0):
    return np.tril(y_bar, k)


@linear(np.triu)
def triu(y_bar, y, m, *, k=0):
    return np.triu(y_bar, k)
