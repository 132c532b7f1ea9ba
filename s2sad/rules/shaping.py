"""Rules of functions that give elements another place or shape: reshape, transpose, flip, repeat, tile, copies.

All are linear: a cotangent goes back the way the elements came, and is summed where an element was repeated.
Broadcasting needs no rule of its own: the table sums a cotangent down to the shape of its argument.
"""

import numpy as np

from ..runtime import index_add, no_derivative
from .table import jvp, linear, vjp

# One shape for another.  (What the methods take as several arguments comes here as one tuple.)


@vjp(np.reshape, np.ndarray.reshape, view=True)
def reshape(y_bar, y, a, shape, *, order="C", copy=None):
    return put_back(y_bar, a, order), None


@jvp(np.reshape)
def reshape_jvp(a_dot, y, a, shape, *, order="C", copy=None):
    if order == "C":
        return np.reshape(a_dot, np.shape(y))
    return np.reshape(a_dot, np.shape(y), order=reading_order(a, order))


@vjp(np.ravel, np.ndarray.ravel, view=True)
def ravel(y_bar, y, a, *, order="C"):
    return put_back(y_bar, a, order)


@jvp(np.ravel)
def ravel_jvp(a_dot, y, a, *, order="C"):
    return taken_out(a_dot, a, order)


@vjp(np.ndarray.flatten)
def flatten(y_bar, y, a, *, order="C"):
    return put_back(y_bar, a, order)


@jvp(np.ndarray.flatten)
def flatten_jvp(a_dot, y, a, *, order="C"):
    return taken_out(a_dot, a, order)


def taken_out(a_dot, a, order):
    """The elements of ``a_dot`` in one row, as ``order`` reads ``a``."""
    if order == "C":
        return np.ravel(a_dot)
    return np.ravel(a_dot, order=reading_order(a, order))


def put_back(y_bar, a, order):
    """The cotangent ``y_bar`` of reshaped elements in the shape of ``a``."""
    if order == "C":
        return np.reshape(y_bar, np.shape(a))
    return np.reshape(y_bar, np.shape(a), order=reading_order(a, order))


def reading_order(a, order):
    """Whether ``a`` is read row by row ("C") or column by column ("F"): the order "A" asks its memory.

    So does "K", in more detail than copies of an argument keep.
    """
    if order == "C" or order == "F":
        return order
    if np.ndim(a) < 2:
        return "C"
    if order == "K":
        raise no_derivative("order='K' has no derivative for an array of more than one axis: give 'C' or 'F'")
    return "F" if np.isfortran(np.asarray(a)) else "C"


@linear(np.expand_dims, view=True)
def expand_dims(y_bar, y, a, *, axis=None):
    return np.reshape(y_bar, np.shape(a))


@linear(np.squeeze, np.ndarray.squeeze, view=True)
def squeeze(y_bar, y, a, *, axis=None):
    return np.reshape(y_bar, np.shape(a))


@linear(np.atleast_1d, np.atleast_2d, np.atleast_3d, view=True)
def atleast(y_bar, y, *arys):
    if len(arys) == 1:
        return (np.reshape(y_bar, np.shape(arys[0])),)
    return tuple([reshaped(y_bar[i], a) for i, a in enumerate(arys)])


def reshaped(y_bar, a):
    """``y_bar`` in the shape of ``a``; None stays None."""
    if y_bar is None:
        return None
    return np.reshape(y_bar, np.shape(a))


# Axes in another order


@linear(np.transpose, np.ndarray.transpose, arguments=("a",), view=True)
def transpose(y_bar, y, a, axes=None):
    if axes is None:
        return np.transpose(y_bar), None
    return np.transpose(y_bar, inverse([axis % np.ndim(a) for axis in axes])), None


def inverse(axes):
    """The permutation that undoes the permutation ``axes``."""
    return tuple([axes.index(i) for i in range(len(axes))])


@linear(np.matrix_transpose, np.linalg.matrix_transpose, view=True)
def matrix_transpose(y_bar, y, x):
    return np.swapaxes(y_bar, -1, -2)


@linear(np.swapaxes, np.ndarray.swapaxes, arguments=("a",), view=True)
def swapaxes(y_bar, y, a, axis1, axis2):
    return np.swapaxes(y_bar, axis1, axis2), None, None


@linear(np.moveaxis, view=True)
def moveaxis(y_bar, y, a, *, source=None, destination=None):
    return np.moveaxis(y_bar, destination, source)


@linear(np.rollaxis, view=True)
def rollaxis(y_bar, y, a, *, axis=None, start=0):
    return np.moveaxis(y_bar, rolled_to(axis % np.ndim(a), start, np.ndim(a)), axis)


def rolled_to(axis, start, ndim):
    """Where ``np.rollaxis`` puts ``axis``: in front of the axis ``start`` of before."""
    if start < 0:
        start = start + ndim
    if axis < start:
        return start - 1
    return start


# Elements in another order


@linear(np.flip, view=True)
def flip(y_bar, y, m, *, axis=None):
    return np.flip(y_bar, axis)


@linear(np.fliplr, view=True)
def fliplr(y_bar, y, m):
    return np.fliplr(y_bar)


@linear(np.flipud, view=True)
def flipud(y_bar, y, m):
    return np.flipud(y_bar)


@linear(np.rot90, view=True)
def rot90(y_bar, y, m, *, k=1, axes=(0, 1)):
    return np.rot90(y_bar, -k, axes)


@linear(np.roll)
def roll(y_bar, y, a, *, shift=None, axis=None):
    if isinstance(shift, tuple):
        return np.roll(y_bar, tuple([-s for s in shift]), axis)
    return np.roll(y_bar, -shift, axis)


# Repetition


@linear(np.repeat, np.ndarray.repeat)
def repeat(y_bar, y, a, *, repeats=None, axis=None):
    if np.ndim(repeats) > 0:
        return repeat_bar(y_bar, a, repeats, axis)
    if np.ndim(a) == 0:
        return np.sum(y_bar)
    if axis is None:
        return np.reshape(np.sum(np.reshape(y_bar, (np.size(a), repeats)), axis=1), np.shape(a))
    shape = np.shape(a)
    axis = axis % np.ndim(a)
    unfolded = shape[: axis + 1] + (repeats,) + shape[axis + 1 :]  # noqa: RUF005 (a sum reads better when generated)
    return np.sum(np.reshape(y_bar, unfolded), axis=axis + 1)


def repeat_bar(y_bar, a, repeats, axis):
    """The cotangent of ``a`` where each element is repeated a number of times of its own."""
    if axis is None or np.ndim(a) == 0:
        origin = np.repeat(np.arange(np.size(a)), repeats)
        return np.reshape(index_add(np.zeros_like(np.ravel(a)), origin, y_bar), np.shape(a))
    origin = np.repeat(np.arange(np.shape(a)[axis]), repeats)
    sums = index_add(np.zeros_like(np.moveaxis(a, axis, 0)), origin, np.moveaxis(y_bar, axis, 0))
    return np.moveaxis(sums, 0, axis)


@linear(np.tile)
def tile(y_bar, y, A, *, reps=None):
    if isinstance(reps, np.ndarray):
        reps = reps.astype(int).tolist()
    return tile_bar(y_bar, A, tuple(reps) if isinstance(reps, tuple | list) else (reps,))


def tile_bar(y_bar, a, reps):
    """Fold each axis of ``y_bar`` into (times, size), and sum over the times."""
    ndim = np.ndim(y_bar)
    reps = (1,) * (ndim - len(reps)) + reps
    shape = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    folded = []
    for i in range(ndim):
        folded += [reps[i], shape[i]]
    return np.reshape(np.sum(np.reshape(y_bar, folded), axis=tuple(range(0, 2 * ndim, 2))), np.shape(a))


@linear(np.resize)
def resize(y_bar, y, a, *, new_shape=None):
    if np.size(a) == 0:
        return np.zeros_like(a)
    origin = np.resize(np.arange(np.size(a)), np.shape(y_bar))
    return np.reshape(index_add(np.zeros_like(np.ravel(a)), origin, y_bar), np.shape(a))


@linear(np.broadcast_to, view=True)
def broadcast_to(y_bar, y, array, *, shape=None, subok=False):
    return y_bar


@linear(np.broadcast_arrays, view=True)
def broadcast_arrays(y_bar, y, *args):
    return tuple([y_bar[i] for i, _ in enumerate(args)])


# Copies, conversions


@linear(np.copy, np.ndarray.copy, np.ndarray.__copy__)
def copy(y_bar, y, a, *, order="K", subok=False):
    return y_bar


# The option ``copy`` is left out: with copy=False the result may be the argument itself, and mostly it must not be.
@linear(np.ndarray.astype)
def astype(y_bar, y, a, *, dtype=None, order="K", casting="unsafe", subok=True):
    return y_bar


@linear(np.astype, arguments=("x",))
def astype_function(y_bar, y, x, dtype, *, device=None):
    return y_bar, None


@linear(np.array)
def array(y_bar, y, object, *, dtype=None, order="K", subok=False, ndmin=0):
    if ndmin > 0:
        return nested(np.reshape(y_bar, np.shape(object)), object)
    return nested(y_bar, object)


@linear(np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite, view=True)
def asarray(y_bar, y, a, *, dtype=None, order=None, copy=None, device=None):
    return nested(y_bar, a)


@linear(np.require, view=True)
def require(y_bar, y, a, *, dtype=None, requirements=None):
    return nested(y_bar, a)


def nested(y_bar, x):
    """The cotangent of a nested list from that of the array made of it."""
    if isinstance(x, list | tuple):
        return [nested(y_bar[i], x[i]) for i in range(len(x))]
    return y_bar


@linear(np.ndarray.item, arguments=("a",))
def item(y_bar, y, a, *args):
    a_bar = np.reshape(item_bar(y_bar, np.zeros_like(np.ravel(a)), np.shape(a), args), np.shape(a))
    return tuple([a_bar if i == 0 else None for i, _ in enumerate((a, *args))])


def item_bar(y_bar, zeros, shape, place):
    """The flat array ``zeros`` with ``y_bar`` at a place, which is given as ``ndarray.item`` takes it."""
    if len(place) == 1 and isinstance(place[0], tuple):
        place = place[0]
    if len(place) == 0:
        zeros[0] = y_bar
    elif len(place) == 1:
        zeros[place[0]] = y_bar
    else:
        zeros[np.ravel_multi_index([p % shape[i] for i, p in enumerate(place)], shape)] = y_bar
    return zeros


@linear(np.ndarray.tolist)
def tolist(y_bar, y, a):
    return np.reshape(np.array(y_bar), np.shape(a))
