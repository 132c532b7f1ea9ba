"""Rules of differences and numerical gradients.

The transpose of a difference is the negative difference of the cotangents with zeros around them.  A numerical gradient
is a weighted sum of the slopes of neighbouring intervals.
"""

import numpy as np

from .table import jvp, vjp

# Differences


@vjp(np.diff)
def diff(y_bar, y, a, n=1, axis=-1, prepend=None, append=None):
    if n == 0:
        return y_bar, None, None, None, None
    for _ in range(n):
        y_bar = -np.diff(y_bar, axis=axis, prepend=0.0, append=0.0)
    if n == 1 and prepend is None and append is None:
        return y_bar if np.size(a) > 0 else np.zeros_like(a), None, None, None, None
    before, size = extent(prepend, axis), np.shape(a)[axis]
    pieces = np.split(y_bar, [before, before + size, before + size + extent(append, axis)], axis)
    return pieces[1], None, None, None if prepend is None else pieces[0], None if append is None else pieces[2]


def extent(x, axis):
    """How many elements ``np.diff`` puts before or after along ``axis``."""
    if x is None:
        return 0
    return 1 if np.ndim(x) == 0 else np.shape(x)[axis]


@jvp(np.diff, 0)
def diff_a(a_dot, y, a, n=1, axis=-1, prepend=None, append=None):
    return difference(a_dot, n, axis, zeros(prepend), zeros(append))


@jvp(np.diff, 3)
def diff_prepend(prepend_dot, y, a, n=1, axis=-1, prepend=None, append=None):
    return difference(np.zeros_like(a, float), n, axis, prepend_dot, zeros(append))


@jvp(np.diff, 4)
def diff_append(append_dot, y, a, n=1, axis=-1, prepend=None, append=None):
    return difference(np.zeros_like(a, float), n, axis, zeros(prepend), append_dot)


def zeros(x):
    """Zeros in the shape of ``x``, which may not be there."""
    if x is None:
        return None
    return np.zeros(np.shape(x))


def difference(a, n, axis, prepend, append):
    """``np.diff`` with None for what is not there."""
    if prepend is None and append is None:
        return np.diff(a, n, axis)
    if append is None:
        return np.diff(a, n, axis, prepend=prepend)
    if prepend is None:
        return np.diff(a, n, axis, append=append)
    return np.diff(a, n, axis, prepend=prepend, append=append)


@vjp(np.ediff1d)
def ediff1d(y_bar, y, ary, to_end=None, to_begin=None):
    begin = 0 if to_begin is None else np.size(to_begin)
    end = np.size(y) - (0 if to_end is None else np.size(to_end))
    ary_bar = -np.diff(y_bar[begin:end], prepend=0.0, append=0.0)[: np.size(ary)]
    return np.reshape(ary_bar, np.shape(ary)), shaped_as(y_bar[end:], to_end), shaped_as(y_bar[:begin], to_begin)


def shaped_as(bar, x):
    """``bar`` in the shape of ``x``, which may not be there."""
    if x is None:
        return None
    return np.reshape(bar, np.shape(x))


@jvp(np.ediff1d, 0)
def ediff1d_ary(ary_dot, y, ary, to_end=None, to_begin=None):
    return np.ediff1d(ary_dot, zeros(to_end), zeros(to_begin))


@jvp(np.ediff1d, 1)
def ediff1d_end(to_end_dot, y, ary, to_end=None, to_begin=None):
    return np.ediff1d(np.zeros_like(ary), to_end_dot, zeros(to_begin))


@jvp(np.ediff1d, 2)
def ediff1d_begin(to_begin_dot, y, ary, to_end=None, to_begin=None):
    return np.ediff1d(np.zeros_like(ary), zeros(to_end), to_begin_dot)


# Numerical gradients.  Along an axis with steps h, the slopes are s = diff(f) / h.  Inside, the result is the mean of
# the slopes to both sides, each with the weight of the step to the other side; at the edges it is the slope, or
# (order 2) what the line through the two nearest slopes gives.


@vjp(np.gradient)
def gradient(y_bar, y, f, *varargs, axis=None, edge_order=1):
    axes = gradient_axes(axis, np.ndim(f))
    f_bar = np.zeros_like(f)
    for i, along in enumerate(axes):
        bar = along_last(y_bar, i, axes)
        if bar is not None:
            steps = steps_of(spacing_of(varargs, i), np.shape(f)[along])
            slopes_bar = slopes_cotangent(bar, steps[:-1] / (steps[:-1] + steps[1:]), edge_order)
            f_bar = f_bar + np.moveaxis(-np.diff(slopes_bar / steps, prepend=0.0, append=0.0), -1, along)
    bars = [spacing_bar(y_bar, f, varargs, k, axes, edge_order) for k, _ in enumerate(varargs)]
    return tuple([f_bar if i == 0 else bars[i - 1] for i, _ in enumerate((f, *varargs))])


def spacing_bar(y_bar, f, varargs, k, axes, edge_order):
    """The cotangent of the ``k``-th step or coordinates."""
    total = 0.0
    for i, along in enumerate(axes):
        bar = along_last(y_bar, i, axes)
        if bar is not None and (i == k or len(varargs) == 1):
            steps = steps_of(varargs[k], np.shape(f)[along])
            slopes = slopes_of(f, along, steps)
            slopes_bar = slopes_cotangent(bar, steps[:-1] / (steps[:-1] + steps[1:]), edge_order)
            steps_bar = weights_to_steps(weights_cotangent(bar, slopes, edge_order), steps)
            steps_bar = steps_bar - summed_product(slopes_bar, slopes) / steps
            total = total + spacing_cotangent(steps_bar, varargs[k])
    return total


def along_last(y_bar, i, axes):
    """The cotangent of the ``i``-th gradient, with its axis last; None for none."""
    bar = y_bar[i] if len(axes) > 1 else y_bar
    if bar is None:
        return None
    return np.moveaxis(bar, axes[i], -1)


@jvp(np.gradient)
def gradient_jvp(dots, y, f, *varargs, axis=None, edge_order=1):
    axes = gradient_axes(axis, np.ndim(f))
    results = []
    for i, along in enumerate(axes):
        steps = steps_of(spacing_of(varargs, i), np.shape(f)[along])
        weights = steps[:-1] / (steps[:-1] + steps[1:])
        slopes = slopes_of(f, along, steps)
        slopes_dot = 0 * slopes if dots[0] is None else np.diff(np.moveaxis(dots[0], along, -1)) / steps
        weights_dot = 0 * weights
        spacing_dot = spacing_of(dots[1:], i) if len(varargs) > 0 else None
        if spacing_dot is not None:
            steps_dot = steps_of(spacing_dot, np.shape(f)[along])
            slopes_dot = slopes_dot - slopes * steps_dot / steps
            both = steps[:-1] + steps[1:]
            weights_dot = (steps_dot[:-1] * steps[1:] - steps[:-1] * steps_dot[1:]) / both**2
        result = from_slopes(slopes_dot, weights, edge_order) + from_weights(slopes, weights_dot, edge_order)
        results += [np.moveaxis(result, -1, along)]
    return tuple(results) if len(axes) > 1 else results[0]


def gradient_axes(axis, ndim):
    """The axes along which a gradient is taken."""
    if axis is None:
        return tuple(range(ndim))
    return axis if isinstance(axis, tuple) else (axis,)


def spacing_of(varargs, i):
    """The step or the coordinates along the ``i``-th axis."""
    if len(varargs) == 0:
        return 1.0
    return varargs[i] if len(varargs) > 1 else varargs[0]


def steps_of(spacing, n):
    """The steps between ``n`` places."""
    if np.ndim(spacing) == 0:
        return np.full(n - 1, spacing)
    return np.diff(spacing)


def slopes_of(f, along, steps):
    """The slopes between neighbours along an axis, as the last one."""
    values = np.moveaxis(f, along, -1)
    return (1.0 * values[..., 1:] - values[..., :-1]) / steps


def from_slopes(slopes, weights, edge_order):
    """The gradient made of slopes."""
    inner = weights * slopes[..., 1:] + (1 - weights) * slopes[..., :-1]
    first, last = slopes[..., :1], slopes[..., -1:]
    if edge_order == 2:
        first = first + weights[:1] * (first - slopes[..., 1:2])
        last = last + (1 - weights[-1:]) * (last - slopes[..., -2:-1])
    return np.concatenate([first, inner, last], axis=-1)


def from_weights(slopes, weights_dot, edge_order):
    """The derivative of `from_slopes` along ``weights_dot``."""
    bends = slopes[..., 1:] - slopes[..., :-1]
    inner = weights_dot * bends
    if edge_order == 2:
        return np.concatenate([-inner[..., :1], inner, -inner[..., -1:]], axis=-1)
    edge = np.zeros_like(slopes[..., :1])
    return np.concatenate([edge, inner, edge], axis=-1)


def slopes_cotangent(bar, weights, edge_order):
    """The transpose of `from_slopes`."""
    inner, first, last = bar[..., 1:-1], bar[..., :1], bar[..., -1:]
    to_right, to_left = weights * inner, (1 - weights) * inner
    if edge_order == 2:
        to_right = np.concatenate([to_right[..., :1] - weights[:1] * first, to_right[..., 1:]], axis=-1)
        to_left = np.concatenate([to_left[..., :-1], to_left[..., -1:] - (1 - weights[-1:]) * last], axis=-1)
        first, last = (1 + weights[:1]) * first, (2 - weights[-1:]) * last
    return np.concatenate([first, to_right], axis=-1) + np.concatenate([to_left, last], axis=-1)


def weights_cotangent(bar, slopes, edge_order):
    """The transpose of `from_weights`."""
    bends = slopes[..., 1:] - slopes[..., :-1]
    if edge_order == 1:
        return summed_product(bar[..., 1:-1], bends)
    first = np.concatenate([bar[..., :1], np.zeros_like(bar[..., 3:])], axis=-1)
    last = np.concatenate([np.zeros_like(bar[..., 3:]), bar[..., -1:]], axis=-1)
    return summed_product(bar[..., 1:-1] - first - last, bends)


def summed_product(a, b):
    """The sum of ``a * b`` over all axes but the last."""
    return np.sum(a * b, axis=tuple(range(np.ndim(b) - 1)))


def weights_to_steps(weights_bar, steps):
    """The cotangent of steps from that of the weights ``steps[:-1] / (steps[:-1] + steps[1:])``."""
    scaled = weights_bar / (steps[:-1] + steps[1:]) ** 2
    zero = np.zeros(1)
    return np.concatenate([scaled * steps[1:], zero]) - np.concatenate([zero, scaled * steps[:-1]])


def spacing_cotangent(steps_bar, spacing):
    """The cotangent of a step, or of coordinates, from that of the steps."""
    if np.ndim(spacing) == 0:
        return np.sum(steps_bar)
    return -np.diff(steps_bar, prepend=0.0, append=0.0)
