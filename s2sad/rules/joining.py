"""Rules of functions that join arrays and take them apart.

The cotangent of a joined list is the list of its pieces; the cotangent of what was split is the pieces joined again.
All are linear.
"""

import numpy as np

from .reductions import or_zeros
from .table import linear, present

# Joining


@linear(np.concatenate)
def concatenate(y_bar, y, arrays, *, axis=0, dtype=None, casting="same_kind"):
    if axis is None:
        return cut(y_bar, arrays, [np.size(a) for a in arrays], 0)
    return np.split(y_bar, ends([np.shape(a)[axis] for a in arrays]), axis)


def ends(sizes):
    """Where each piece but the last one ends."""
    return np.cumsum(sizes)[:-1]


def cut(y_bar, arrays, sizes, axis):
    """Pieces of ``y_bar`` of the given sizes, in the shapes of ``arrays``."""
    pieces = np.split(y_bar, ends(sizes), axis)
    return [np.reshape(pieces[i], np.shape(a)) for i, a in enumerate(arrays)]


@linear(np.stack)
def stack(y_bar, y, arrays, *, axis=0, dtype=None, casting="same_kind"):
    rows = np.moveaxis(y_bar, axis, 0)
    return [rows[i] for i, _ in enumerate(arrays)]


@linear(np.hstack)
def hstack(y_bar, y, tup, *, dtype=None, casting="same_kind"):
    axis = 0 if np.ndim(y_bar) == 1 else 1
    return cut(y_bar, tup, [np.shape(np.atleast_1d(a))[axis] for a in tup], axis)


@linear(np.vstack, *present(np, "row_stack"))
def vstack(y_bar, y, tup, *, dtype=None, casting="same_kind"):
    return cut(y_bar, tup, [np.shape(np.atleast_2d(a))[0] for a in tup], 0)


@linear(np.dstack)
def dstack(y_bar, y, tup):
    return cut(y_bar, tup, [np.shape(np.atleast_3d(a))[2] for a in tup], 2)


@linear(np.column_stack)
def column_stack(y_bar, y, tup):
    return cut(y_bar, tup, [1 if np.ndim(a) < 2 else np.shape(a)[1] for a in tup], 1)


@linear(np.block)
def block(y_bar, y, arrays):
    return block_bar(y_bar, arrays, -depth(arrays))


def block_bar(y_bar, x, axis):
    """The cotangent of a nested list whose elements are joined along ``axis``, those of its elements along the next."""
    if not isinstance(x, list):
        return np.reshape(y_bar, np.shape(x))
    pieces = np.split(y_bar, ends([extent(e, axis) for e in x]), axis)
    return [block_bar(pieces[i], e, axis + 1) for i, e in enumerate(x)]


def depth(x):
    """How many lists stand around an array."""
    if isinstance(x, list):
        return 1 + depth(x[0])
    return 0


def extent(x, axis):
    """The size of a block along an axis, counted from the end, along which its own blocks are not joined."""
    if isinstance(x, list):
        return extent(x[0], axis)
    return np.shape(x)[axis] if np.ndim(x) >= -axis else 1


@linear(np.append)
def append(y_bar, y, arr, values, *, axis=None):
    if axis is None:
        return np.reshape(y_bar[: np.size(arr)], np.shape(arr)), np.reshape(y_bar[np.size(arr) :], np.shape(values))
    pieces = np.split(y_bar, [np.shape(arr)[axis]], axis)
    return pieces[0], pieces[1]


@linear(np.insert, arguments=("arr", "values"))
def insert(y_bar, y, arr, obj, values, *, axis=None):
    if axis is None:
        arr_bar, values_bar = insert_bars(y_bar, np.size(arr), obj, 0)
        return np.reshape(arr_bar, np.shape(arr)), None, values_bar
    arr_bar, values_bar = insert_bars(y_bar, np.shape(arr)[axis], obj, axis)
    if np.ndim(obj) == 0:  # then the first axis of the values is the one that is inserted
        return arr_bar, None, np.moveaxis(values_bar, axis, 0)
    return arr_bar, None, values_bar


def insert_bars(y_bar, n, obj, axis):
    """What comes from an array of ``n`` elements along ``axis``, and what was inserted, in the order of the values."""
    inserted = np.shape(y_bar)[axis] - n
    order = np.argsort(np.insert(np.full(n, -1), obj, np.arange(inserted)), kind="stable")
    return np.take(y_bar, order[:n], axis), np.take(y_bar, order[n:], axis)


@linear(np.delete)
def delete(y_bar, y, arr, *, obj=None, axis=None):
    if axis is None:
        return np.reshape(delete_bar(y_bar, np.zeros_like(np.ravel(arr)), obj), np.shape(arr))
    zeros = np.zeros_like(np.moveaxis(arr, axis, 0))
    return np.moveaxis(delete_bar(np.moveaxis(y_bar, axis, 0), zeros, obj), 0, axis)


def delete_bar(y_bar, zeros, obj):
    """``y_bar`` at those rows of ``zeros`` that were not deleted."""
    kept = np.full(np.shape(zeros)[0], True)
    kept[obj] = False
    zeros[kept] = y_bar
    return zeros


# Taking apart.  A piece that nobody used has no cotangent.


@linear(np.split, np.array_split, view=True)
def split(y_bar, y, ary, *, indices_or_sections=None, axis=0):
    return np.concatenate([or_zeros(y_bar[i], y[i]) for i in range(len(y))], axis)


@linear(np.hsplit, view=True)
def hsplit(y_bar, y, ary, *, indices_or_sections=None):
    return np.hstack([or_zeros(y_bar[i], y[i]) for i in range(len(y))])


@linear(np.vsplit, view=True)
def vsplit(y_bar, y, ary, *, indices_or_sections=None):
    return np.concatenate([or_zeros(y_bar[i], y[i]) for i in range(len(y))], 0)


@linear(np.dsplit, view=True)
def dsplit(y_bar, y, ary, *, indices_or_sections=None):
    return np.concatenate([or_zeros(y_bar[i], y[i]) for i in range(len(y))], 2)


@linear(np.unstack, view=True)
def unstack(y_bar, y, x, *, axis=0):
    return np.stack([or_zeros(y_bar[i], y[i]) for i in range(len(y))], axis)
