"""The rule of ``np.pad``: each mode adds its cotangents up where it took its numbers from.

``edge``, ``reflect``, ``symmetric`` and ``wrap`` copy elements; ``maximum``, ``mean``, ``median`` and ``minimum`` pad
with a weighted sum of elements at the edge; ``linear_ramp`` and the odd reflections are linear along each axis.
The numbers that are padded with reach the corners as NumPy fills them: one axis after the other.
"""

import numpy as np

from ..runtime import index_add, sum_to
from .shaping import nested
from .table import jvp, vjp


@vjp(np.pad)
def pad(
    y_bar,
    y,
    array,
    constant_values=0,
    end_values=0,
    *,
    pad_width=None,
    mode="constant",
    stat_length=None,
    reflect_type="even",
):
    if mode == "constant" or mode == "empty":
        pairs = widths(pad_width, np.ndim(array))
        values_bar = None if mode == "empty" else filled_bar(y_bar, constant_values, pairs, np.shape(array))
        return y_bar[inside(pairs, np.shape(array))], values_bar, None
    if mode == "linear_ramp":
        pairs = widths(pad_width, np.ndim(array))
        values_bar = filled_bar(y_bar, end_values, pairs, np.shape(array), True)
        return linear_pad_bar(y_bar, array, pairs, mode, reflect_type), None, values_bar
    if mode == "mean" or mode == "maximum" or mode == "minimum" or mode == "median":
        return stat_pad_bar(y_bar, y, array, widths(pad_width, np.ndim(array)), mode, stat_length), None, None
    if reflect_type == "odd":
        return linear_pad_bar(y_bar, array, widths(pad_width, np.ndim(array)), mode, reflect_type), None, None
    origin = np.pad(np.reshape(np.arange(np.size(array)), np.shape(array)), pad_width, mode)
    return np.reshape(index_add(np.zeros_like(np.ravel(array)), origin, y_bar), np.shape(array)), None, None


@jvp(np.pad)
def pad_jvp(
    array_dot,
    y,
    array,
    constant_values=0,
    end_values=0,
    *,
    pad_width=None,
    mode="constant",
    stat_length=None,
    reflect_type="even",
):
    if mode == "constant" or mode == "empty":
        return np.pad(array_dot, pad_width)
    if mode == "mean" or mode == "maximum" or mode == "minimum" or mode == "median":
        return stat_pad_dot(array_dot, y, array, widths(pad_width, np.ndim(array)), mode, stat_length)
    if mode == "linear_ramp":
        return np.pad(array_dot, pad_width, mode)
    return (
        np.pad(array_dot, pad_width, mode, reflect_type=reflect_type)
        if reflect_type == "odd"
        else np.pad(array_dot, pad_width, mode)
    )


@jvp(np.pad, 1)
def pad_constants(values_dot, y, array, constant_values=0, end_values=0, *, pad_width=None, mode="constant", **options):
    if mode != "constant":
        return np.zeros_like(y)
    return np.pad(np.zeros_like(array), pad_width, mode, constant_values=values_dot)


@jvp(np.pad, 2)
def pad_ends(values_dot, y, array, constant_values=0, end_values=0, *, pad_width=None, mode="constant", **options):
    if mode != "linear_ramp":
        return np.zeros_like(y)
    return np.pad(np.zeros_like(array), pad_width, mode, end_values=values_dot)


def filled_bar(y_bar, values, pairs, shape, ramp=False):
    """The cotangent of the numbers that are padded with on both sides of each axis, or that ramps come from."""
    sides = []
    for axis in reversed(range(len(shape))):  # an axis is padded when those behind it are not
        n, before = shape[axis], pairs[axis][0]
        bar = np.moveaxis(y_bar, axis, 0)
        first, last = bar[:before], bar[before + n :]
        if ramp:
            first, last = fading(first), np.flip(fading(np.flip(last, 0)), 0)
        sides.append((np.sum(first), np.sum(last)))
        kept = bar[before : before + n]
        if ramp:
            matrix = pad_matrix(n, pairs[axis], "linear_ramp", "even")
            kept = np.moveaxis(np.moveaxis(bar, 0, -1) @ matrix, -1, 0)
        y_bar = np.moveaxis(kept, 0, axis)
    both = np.reshape(np.array([[first, last] for first, last in sides[::-1]]), (len(shape), 2))
    bar = sum_to(both, np.shape(values))
    return nested(bar, values) if isinstance(values, list | tuple) else bar


def fading(bar):
    """A cotangent times the weight of the number that a ramp comes from, along the first axis."""
    count = np.shape(bar)[0]
    weights = 1 - np.arange(count) / max(count, 1)
    return np.reshape(weights, (count, *[1] * (np.ndim(bar) - 1))) * bar


def widths(pad_width, ndim):
    """A pair (before, after) for each axis, from a number, a pair, pairs, or a dictionary of these by axis."""
    if isinstance(pad_width, dict):
        pairs = [[0, 0] for _ in range(ndim)]
        for axis in pad_width:
            pairs[axis] = [int(w) for w in np.broadcast_to(pad_width[axis], 2)]
        return pairs
    return np.broadcast_to(pad_width, (ndim, 2)).tolist()


def inside(pairs, shape):
    """The index of the unpadded part."""
    return tuple([slice(pairs[i][0], pairs[i][0] + shape[i]) for i in range(len(shape))])


# Modes that are linear along an axis: the matrix of an axis, transposed


def linear_pad_bar(y_bar, array, pairs, mode, reflect_type):
    for axis in range(np.ndim(array)):
        matrix = pad_matrix(np.shape(array)[axis], pairs[axis], mode, reflect_type)
        y_bar = np.moveaxis(np.moveaxis(y_bar, axis, -1) @ matrix, -1, axis)
    return y_bar


def pad_matrix(n, pair, mode, reflect_type):
    """The matrix that pads a vector of ``n`` elements."""
    if mode == "linear_ramp":
        return np.pad(np.eye(n), [pair, [0, 0]], mode)
    return np.pad(np.eye(n), [pair, [0, 0]], mode, reflect_type=reflect_type)


# Modes that pad with a statistic.  NumPy pads one axis after the other: at an axis, those before it are padded.


def stat_pad_bar(y_bar, y, array, pairs, mode, stat_length):
    lengths = stat_lengths(stat_length, np.shape(array))
    for axis in reversed(range(np.ndim(array))):
        n, before = np.shape(array)[axis], pairs[axis][0]
        source = np.moveaxis(y[unpadded_from(axis, pairs, np.shape(array))], axis, 0)
        bar = np.moveaxis(y_bar, axis, 0)
        first, last = end_weights(source, lengths[axis], mode)
        bar_before, bar_after = np.sum(bar[:before], axis=0), np.sum(bar[before + n :], axis=0)
        y_bar = np.moveaxis(bar[before : before + n] + first * bar_before + last * bar_after, 0, axis)
    return y_bar


def stat_pad_dot(array_dot, y, array, pairs, mode, stat_length):
    lengths = stat_lengths(stat_length, np.shape(array))
    for axis in range(np.ndim(array)):
        source = np.moveaxis(y[unpadded_from(axis, pairs, np.shape(array))], axis, 0)
        dot = np.moveaxis(array_dot, axis, 0)
        first, last = end_weights(source, lengths[axis], mode)
        before = np.repeat(np.sum(first * dot, axis=0, keepdims=True), pairs[axis][0], axis=0)
        after = np.repeat(np.sum(last * dot, axis=0, keepdims=True), pairs[axis][1], axis=0)
        array_dot = np.moveaxis(np.concatenate([before, dot, after], axis=0), 0, axis)
    return array_dot


def end_weights(source, counts, mode):
    """The weights of the elements of ``source`` in the statistics of its first and of its last elements."""
    n = np.shape(source)[0]
    first = stat_weights(source[: counts[0]], mode)
    last = stat_weights(source[n - counts[1] :], mode)
    zeros = np.zeros_like(source)
    first = np.concatenate([first, zeros[counts[0] :]], axis=0)
    return first, np.concatenate([zeros[: n - counts[1]], last], axis=0)


def unpadded_from(axis, pairs, shape):
    """The index of the part that ``np.pad`` has when it comes to ``axis``."""
    return (*[slice(None) for _ in range(axis)], *inside(pairs[axis:], shape[axis:]))


def stat_lengths(stat_length, shape):
    """For each axis, how many elements at its two ends a statistic is made of."""
    if stat_length is None:
        return [(n, n) for n in shape]
    pairs = np.broadcast_to(stat_length, (len(shape), 2)).tolist()
    return [(min(pairs[i][0], n), min(pairs[i][1], n)) for i, n in enumerate(shape)]


def stat_weights(a, mode):
    """The weight of each element of ``a`` in its statistic along the first axis; ties of extremes share evenly."""
    n = np.shape(a)[0]
    if mode == "mean":
        return np.full(np.shape(a), 1 / n)
    if mode == "median":
        ranks = np.argsort(np.argsort(a, axis=0, kind="stable"), axis=0)
        return np.maximum(0.0, 1.0 - np.abs(ranks - (n - 1) / 2))
    extreme = np.max(a, axis=0) if mode == "maximum" else np.min(a, axis=0)
    return (a == extreme) / np.sum(a == extreme, axis=0)
