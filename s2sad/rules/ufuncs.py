"""Rules of the methods of universal functions: ``reduce``, ``accumulate``, and ``outer``.

``np.add.reduce`` is ``np.sum`` along the first axis, and so on; ``f.outer(a, b)`` is ``f`` of all pairs.
"""

import numpy as np

from ..runtime import index_add
from .cumulative import cumprod, cumprod_jvp, cumsum
from .indexing import take_along_axis
from .inference import integers, tuple_of
from .reductions import expand, max, max_initial, max_jvp, prod, prod_initial, prod_jvp, sum, sum_jvp
from .table import definition, infer, jvp, linear, vjp, zero_derivative

# Reductions


@vjp(np.add.reduce)
def add_reduce(y_bar, y, array, initial=0, *, axis=0, dtype=None, keepdims=False, where=True):
    return sum(y_bar, y, array, axis=axis, keepdims=keepdims, where=where)


@jvp(np.add.reduce)
def add_reduce_jvp(array_dot, y, array, initial=0, *, axis=0, dtype=None, keepdims=False, where=True):
    return sum_jvp(array_dot, y, array, axis=axis, keepdims=keepdims, where=where)


@jvp(np.add.reduce, 1)
def add_reduce_initial(initial_dot, y, array, initial=0, **options):
    return np.broadcast_to(initial_dot, np.shape(y))


@vjp(np.multiply.reduce)
def multiply_reduce(y_bar, y, array, initial=1, *, axis=0, dtype=None, keepdims=False, where=True):
    return prod(y_bar, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@jvp(np.multiply.reduce)
def multiply_reduce_jvp(array_dot, y, array, initial=1, *, axis=0, dtype=None, keepdims=False, where=True):
    return prod_jvp(array_dot, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@jvp(np.multiply.reduce, 1)
def multiply_reduce_initial(initial_dot, y, array, initial=1, *, axis=0, dtype=None, keepdims=False, where=True):
    return prod_initial(initial_dot, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@vjp(np.maximum.reduce, np.minimum.reduce, np.fmax.reduce, np.fmin.reduce)
def maximum_reduce(y_bar, y, array, initial=None, *, axis=0, dtype=None, keepdims=False, where=True):
    return max(y_bar, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@jvp(np.maximum.reduce)
def maximum_reduce_jvp(array_dot, y, array, initial=None, *, axis=0, dtype=None, keepdims=False, where=True):
    return max_jvp(array_dot, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@jvp(np.maximum.reduce, 1)
def maximum_reduce_initial(initial_dot, y, array, initial=None, *, axis=0, dtype=None, keepdims=False, where=True):
    return max_initial(initial_dot, y, array, initial, axis=axis, keepdims=keepdims, where=where)


@vjp(np.logaddexp.reduce)
def logaddexp_reduce(y_bar, y, array, *, axis=0, keepdims=False):
    return expand(y_bar, axis, keepdims) * softmax(array, expand(y, axis, keepdims))


@jvp(np.logaddexp.reduce)
def logaddexp_reduce_jvp(array_dot, y, array, *, axis=0, keepdims=False):
    return np.sum(softmax(array, expand(y, axis, keepdims)) * array_dot, axis=axis, keepdims=keepdims)


def softmax(a, total):
    """The part of each element in a sum of exponentials, whose logarithm is ``total``; 0 where all are 0."""
    return np.exp(a - np.where(total == -np.inf, 0, total))


# Running totals


@linear(np.add.accumulate)
def add_accumulate(y_bar, y, array, *, axis=0, dtype=None):
    return cumsum(y_bar, y, array, axis=axis)


@vjp(np.multiply.accumulate)
def multiply_accumulate(y_bar, y, array, *, axis=0, dtype=None):
    return cumprod(y_bar, y, array, axis=axis)


@jvp(np.multiply.accumulate)
def multiply_accumulate_jvp(array_dot, y, array, *, axis=0, dtype=None):
    return cumprod_jvp(array_dot, y, array, axis=axis)


# Of equal ones, the first is the extreme.
@vjp(np.maximum.accumulate, np.minimum.accumulate)
def maximum_accumulate(y_bar, y, array, *, axis=0, dtype=None):
    return take_along_axis(y_bar, y, array, indices=reached(y, axis), axis=axis)


@jvp(np.maximum.accumulate)
def maximum_accumulate_jvp(array_dot, y, array, *, axis=0, dtype=None):
    return np.take_along_axis(array_dot, reached(y, axis), axis)


def reached(y, axis):
    """Where each running extreme was reached: the last place at which it changed."""
    count = np.shape(y)[axis]
    before = np.take(y, np.maximum(np.arange(count) - 1, 0), axis)
    places = np.where(y == before, 0, np.indices(np.shape(y), sparse=True)[axis])
    return np.maximum.accumulate(places, axis=axis)


# Segments, from each of some indices to the next one; a single element where that is not greater


def segments(indices, n):
    """The elements of all segments behind each other, and which segment each belongs to."""
    starts = np.asarray(indices)
    lengths = np.maximum(np.append(starts[1:], n) - starts, 1)
    owners = np.repeat(np.arange(np.size(starts)), lengths)
    return np.arange(np.size(owners)) - (np.cumsum(lengths) - lengths - starts)[owners], owners


zero_derivative(segments)
infer(segments)(lambda indices, n: tuple_of((integers(1), integers(1))))


@linear(np.add.reduceat, arguments=("array",))
def add_reduceat(y_bar, y, array, indices, *, axis=0, dtype=None):
    places, owners = segments(indices, np.shape(array)[axis])
    moved = np.moveaxis(np.zeros_like(y_bar, shape=np.shape(array)), axis, 0)
    return np.moveaxis(index_add(moved, places, np.moveaxis(y_bar, axis, 0)[owners]), 0, axis), None


def by_segments(function):
    def reduceat(array, indices, axis=0):
        moved, parts = np.moveaxis(array, axis, 0), []
        for k in range(len(indices)):
            start, end = int(indices[k]), int(indices[k + 1]) if k + 1 < len(indices) else np.shape(array)[axis]
            parts.append(function(moved[start : end if end > start else start + 1], axis=0))
        return np.stack(parts, axis=axis)

    return reduceat


for ufunc, whole in ((np.multiply, np.prod), (np.maximum, np.max), (np.minimum, np.min)):
    definition(ufunc.reduceat)(by_segments(whole))


# All pairs


def all_pairs(function):
    def outer(A, B):
        return function(np.reshape(A, np.shape(A) + (1,) * np.ndim(B)), B)

    return outer


for function in (np.add, np.subtract, np.divide, np.power, np.float_power, np.maximum, np.minimum, np.fmax, np.fmin,
                 np.hypot, np.arctan2, np.logaddexp, np.logaddexp2, np.copysign, np.remainder, np.fmod):  # fmt: skip
    definition(function.outer)(all_pairs(function))
