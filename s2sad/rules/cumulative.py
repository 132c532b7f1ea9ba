"""Rules of order statistics (median, quantiles), cumulative sums and products, and the trapezoidal rule.

An order statistic is linear in the sorted elements: its weights are those of a linear interpolation between two ranks.
Cumulative products are exact with zeros: nothing is divided by a factor.
"""

import numpy as np

from .reductions import apart, expand, together
from .table import jvp, linear, vjp

# Order statistics


@vjp(np.median)
def median(y_bar, y, a, *, axis=None, keepdims=False):
    return expand(y_bar, axis, keepdims) * apart(median_weights(together(a, axis)), a, axis)


@jvp(np.median)
def median_jvp(a_dot, y, a, *, axis=None, keepdims=False):
    return np.sum(a_dot * apart(median_weights(together(a, axis)), a, axis), axis=axis, keepdims=keepdims)


@vjp(np.nanmedian)
def nanmedian(y_bar, y, a, *, axis=None, keepdims=False):
    weights = apart(nanmedian_weights(together(a, axis)), a, axis)
    return np.where(np.isnan(a), 0, expand(y_bar, axis, keepdims) * weights)


@jvp(np.nanmedian)
def nanmedian_jvp(a_dot, y, a, *, axis=None, keepdims=False):
    weights = apart(nanmedian_weights(together(a, axis)), a, axis)
    return np.sum(np.where(weights == 0, 0, a_dot * weights), axis=axis, keepdims=keepdims)


def median_weights(flat):
    return weights_at((np.shape(flat)[-1] - 1) / 2, flat)


def nanmedian_weights(flat):
    return weights_at((np.sum(~np.isnan(flat), axis=-1, keepdims=True) - 1) / 2, flat)


def weights_at(place, flat):
    """Linear interpolation at ``place`` in the sorted order of the last axis: the weight of each element."""
    return np.maximum(0.0, 1.0 - np.abs(stable_ranks(flat) - place))


def stable_ranks(flat):
    """Which place each element has in the sorted order of the last axis; equal ones keep theirs."""
    return np.argsort(np.argsort(flat, axis=-1, kind="stable"), axis=-1)


@vjp(np.quantile)
def quantile(y_bar, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    flat = together(a, axis)
    a_bar, q_bar = quantile_bar(y_bar, a, q, axis, method, weights), by_probability(y_bar, flat, q, method, weights)
    return a_bar, q_bar, None


@jvp(np.quantile)
def quantile_jvp(a_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return quantile_dot(a_dot, y, a, q, axis, method, weights)


@jvp(np.quantile, 1)
def quantile_q(q_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return np.reshape(quantile_slopes(together(a, axis), q, method, weights, q_dot), np.shape(y))


@vjp(np.percentile)
def percentile(y_bar, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    q = np.divide(q, 100)
    flat = together(a, axis)
    a_bar, q_bar = quantile_bar(y_bar, a, q, axis, method, weights), by_probability(y_bar, flat, q, method, weights)
    return a_bar, q_bar / 100, None


@jvp(np.percentile)
def percentile_jvp(a_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return quantile_dot(a_dot, y, a, np.divide(q, 100), axis, method, weights)


@jvp(np.percentile, 1)
def percentile_q(q_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    slopes = quantile_slopes(together(a, axis), np.divide(q, 100), method, weights, np.divide(q_dot, 100))
    return np.reshape(slopes, np.shape(y))


def quantile_bar(y_bar, a, q, axis, method, weights):
    flat = together(a, axis)
    parts = quantile_parts(flat, q, method, None if weights is None else weights_together(weights, a, axis))
    g = np.reshape(y_bar, (np.size(q), *np.shape(flat)[:-1], 1))
    return apart(np.sum(g * parts, axis=0), a, axis)


def quantile_dot(a_dot, y, a, q, axis, method, weights):
    flat = together(a, axis)
    parts = quantile_parts(flat, q, method, None if weights is None else weights_together(weights, a, axis))
    return np.reshape(np.sum(parts * together(a_dot, axis), axis=-1), np.shape(y))


def weights_together(weights, a, axis):
    """Weights in the shape of ``together(a, axis)``: one for each element, or those of one axis for all others."""
    if np.ndim(weights) == np.ndim(a):
        return together(weights, axis)
    return np.broadcast_to(weights, np.shape(together(a, axis)))


def quantile_parts(flat, q, method, weights):
    """The part of each element in each quantile, the quantiles along a new first axis."""
    # the quantile of the ranks 0, 1, 2 ... is the place where the method reads the sorted elements, whatever the method
    if weights is None:
        places = np.quantile(np.arange(np.shape(flat)[-1]), np.ravel(q), method=method)
        return weights_at(np.reshape(places, (np.size(q), *[1] * np.ndim(flat))), flat)
    places = np.quantile(stable_ranks(flat), np.ravel(q), axis=-1, method=method, weights=weights)
    return weights_at(np.expand_dims(places, -1), flat)


# By the probability: what lies between two of the elements in order, times how fast the place among them moves.
# Methods that take elements as they are have steps.  (R. J. Hyndman, Y. Fan, "Sample quantiles in statistical
# packages", 1996.)


def by_probability(y_bar, flat, q, method, weights=None):
    """The cotangent of the probabilities."""
    g = np.reshape(y_bar, (np.size(q), *np.shape(flat)[:-1]))
    moved = g * quantile_slopes(flat, q, method, weights, np.ones_like(q, float))
    return np.reshape(np.sum(moved, axis=tuple(range(1, np.ndim(moved)))), np.shape(q))


def quantile_slopes(flat, q, method, weights, q_dot):
    """The tangent of the quantiles, along a new first axis, of that of the probabilities."""
    shape = (np.size(q), *[1] * (np.ndim(flat) - 1))
    first, last = plotting_position(method)
    if weights is not None or first is None:
        return np.zeros((np.size(q), *np.shape(flat)[:-1]))
    count = np.sum(~np.isnan(flat), axis=-1)
    rate = count + 1 - first - last
    place = np.reshape(q, shape) * rate + first - 1
    low = np.clip(np.floor(place), 0, np.maximum(count - 2, 0)).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    ordered = np.expand_dims(np.sort(flat, axis=-1), 0)
    gap = np.take_along_axis(ordered, np.expand_dims(high, -1), -1) - np.take_along_axis(
        ordered, np.expand_dims(low, -1), -1
    )
    slopes = np.where((place < 0) | (place > count - 1), 0, rate * np.squeeze(gap, -1))
    return slopes * np.reshape(q_dot, shape)


def plotting_position(method):
    """Hyndman's and Fan's alpha and beta of a continuous method; None of the others."""
    if method == "linear":
        return 1.0, 1.0
    if method == "hazen":
        return 0.5, 0.5
    if method == "weibull":
        return 0.0, 0.0
    if method == "median_unbiased":
        return 1 / 3, 1 / 3
    if method == "normal_unbiased":
        return 0.375, 0.375
    return (0.0, 1.0) if method == "interpolated_inverted_cdf" else (None, None)


@vjp(np.nanquantile)
def nanquantile(y_bar, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    by_q = by_probability(y_bar, together(a, axis), q, method, weights)
    return np.where(np.isnan(a), 0, nanquantile_bar(y_bar, a, q, axis, method, weights)), by_q, None


@jvp(np.nanquantile)
def nanquantile_jvp(a_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    own = None if weights is None else weights_together(weights, a, axis)
    parts = nanquantile_parts(together(a, axis), q, method, own)
    return np.reshape(np.sum(np.where(parts == 0, 0, parts * together(a_dot, axis)), axis=-1), np.shape(y))


@jvp(np.nanquantile, 1)
def nanquantile_q(q_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return np.reshape(quantile_slopes(together(a, axis), q, method, weights, q_dot), np.shape(y))


@vjp(np.nanpercentile)
def nanpercentile(y_bar, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    q = np.divide(q, 100)
    by_q = by_probability(y_bar, together(a, axis), q, method, weights) / 100
    return np.where(np.isnan(a), 0, nanquantile_bar(y_bar, a, q, axis, method, weights)), by_q, None


@jvp(np.nanpercentile)
def nanpercentile_jvp(a_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return nanquantile_jvp(a_dot, y, a, np.divide(q, 100), weights, axis=axis, method=method)


@jvp(np.nanpercentile, 1)
def nanpercentile_q(q_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return nanquantile_q(np.divide(q_dot, 100), y, a, np.divide(q, 100), weights, axis=axis, method=method)


def nanquantile_bar(y_bar, a, q, axis, method, weights):
    flat = together(a, axis)
    g = np.reshape(y_bar, (np.size(q), *np.shape(flat)[:-1], 1))
    own = None if weights is None else weights_together(weights, a, axis)
    return apart(np.sum(g * nanquantile_parts(flat, q, method, own), axis=0), a, axis)


def nanquantile_parts(flat, q, method, weights):
    """As `quantile_parts`; NaN is last in the order, and has no part."""
    ranks = np.where(np.isnan(flat), np.nan, stable_ranks(flat))
    if weights is None:
        places = np.nanquantile(ranks, np.ravel(q), axis=-1, method=method)
    else:
        places = np.nanquantile(ranks, np.ravel(q), axis=-1, method=method, weights=weights)
    return weights_at(np.expand_dims(places, -1), flat)


# The quantiles with weights are elements, which one changes by steps


@jvp(np.quantile, 2)
@jvp(np.percentile, 2)
@jvp(np.nanquantile, 2)
@jvp(np.nanpercentile, 2)
def quantile_weights(weights_dot, y, a, q, weights=None, *, axis=None, method="linear", keepdims=False):
    return np.zeros_like(y)


# Cumulative sums and products


@linear(np.cumsum, np.ndarray.cumsum)
def cumsum(y_bar, y, a, *, axis=None, dtype=None):
    if axis is None or np.ndim(a) == 0:
        return np.reshape(sum_from(y_bar, None), np.shape(a))
    return sum_from(y_bar, axis)


@vjp(np.nancumsum)
def nancumsum(y_bar, y, a, *, axis=None, dtype=None):
    return np.where(np.isnan(a), 0, cumsum(y_bar, y, a, axis=axis))


@jvp(np.nancumsum)
def nancumsum_jvp(a_dot, y, a, *, axis=None, dtype=None):
    return np.cumsum(np.where(np.isnan(a), 0, a_dot), axis=axis)


def sum_from(y, axis):
    """For each place the sum from there to the end."""
    return np.flip(np.cumsum(np.flip(y, axis=axis), axis=axis), axis=axis)


@vjp(np.cumprod, np.ndarray.cumprod)
def cumprod(y_bar, y, a, *, axis=None, dtype=None):
    return apart(cumprod_bar(together(y_bar, axis), together(a, axis)), a, axis)


@jvp(np.cumprod)
def cumprod_jvp(a_dot, y, a, *, axis=None, dtype=None):
    dot = cumprod_dot(together(a_dot, axis), together(a, axis))
    return dot if axis is None or np.ndim(a) == 0 else np.moveaxis(dot, -1, axis)


@vjp(np.nancumprod)
def nancumprod(y_bar, y, a, *, axis=None, dtype=None):
    return np.where(np.isnan(a), 0, cumprod(y_bar, y, np.where(np.isnan(a), 1, a), axis=axis))


@jvp(np.nancumprod)
def nancumprod_jvp(a_dot, y, a, *, axis=None, dtype=None):
    return cumprod_jvp(np.where(np.isnan(a), 0, a_dot), y, np.where(np.isnan(a), 1, a), axis=axis)


def cumprod_bar(y_bar, a):
    ones = np.ones_like(a[..., :1])
    before = np.cumprod(np.concatenate([ones, a[..., :-1]], axis=-1), axis=-1)
    return before * scan(y_bar, np.concatenate([a[..., 1:], ones], axis=-1))


def cumprod_dot(a_dot, a):
    ones = np.ones_like(a[..., :1])
    before = np.cumprod(np.concatenate([ones, a[..., :-1]], axis=-1), axis=-1)
    return scan((before * a_dot)[..., ::-1], a[..., ::-1])[..., ::-1]


def scan(b, a):
    """``s[i] = b[i] + a[i] * s[i + 1]`` along the last axis, from the end, in log2(n) steps.

    Composing the recurrence is associative, so its steps double (Blelloch, Prefix sums and their applications, 1990).
    """
    n = np.shape(b)[-1]
    step = 1
    while step < n:
        zeros = np.zeros_like(a[..., :step])
        b = b + a * np.concatenate([b[..., step:], zeros], axis=-1)
        a = a * np.concatenate([a[..., step:], zeros], axis=-1)
        step = 2 * step
    return b


@linear(np.cumulative_sum)
def cumulative_sum(y_bar, y, x, *, axis=None, dtype=None, include_initial=False):
    g = sum_from(y_bar, axis)
    return apart(together(g, axis)[..., 1:], x, axis) if include_initial else g


@vjp(np.cumulative_prod)
def cumulative_prod(y_bar, y, x, *, axis=None, dtype=None, include_initial=False):
    g = together(y_bar, axis)
    return apart(cumprod_bar(g[..., 1:] if include_initial else g, together(x, axis)), x, axis)


@jvp(np.cumulative_prod)
def cumulative_prod_jvp(x_dot, y, x, *, axis=None, dtype=None, include_initial=False):
    dot = cumprod_dot(together(x_dot, axis), together(x, axis))
    if include_initial:
        dot = np.concatenate([np.zeros_like(np.sum(dot, axis=-1, keepdims=True)), dot], axis=-1)
    return dot if axis is None or np.ndim(x) == 0 else np.moveaxis(dot, -1, axis)


# The sum of steps


@vjp(np.arange)
def arange(y_bar, y, start, stop=None, step=None, *, dtype=None, device=None):
    if stop is None:
        return None, None, None
    return np.sum(y_bar), None, np.sum(y_bar * np.arange(np.size(y)))


@jvp(np.arange)
def arange_jvp1(start_dot, y, start, stop=None, step=None, *, dtype=None, device=None):
    return None if stop is None else np.broadcast_to(start_dot, np.shape(y))


@jvp(np.arange, 1)
def arange_jvp2(stop_dot, y, start, stop=None, step=None, *, dtype=None, device=None):
    return None


@jvp(np.arange, 2)
def arange_jvp3(step_dot, y, start, stop=None, step=None, *, dtype=None, device=None):
    return step_dot * np.arange(np.size(y))


# The trapezoidal rule


@vjp(np.trapezoid)
def trapezoid(z_bar, z, y, x=None, dx=1.0, *, axis=-1):
    g = np.expand_dims(z_bar, -1)
    halves = g * widths(x, dx, axis) / 2
    means = g * middles(y, axis)
    y_bar = np.moveaxis(ends(halves, np.moveaxis(y, axis, -1)), -1, axis)
    if x is None:
        return y_bar, None, means
    zero = np.zeros_like(means[..., :1])
    x_bar = np.concatenate([zero, means], axis=-1) - np.concatenate([means, zero], axis=-1)
    return y_bar, x_bar if np.ndim(x) == 1 else np.moveaxis(x_bar, -1, axis), None


@jvp(np.trapezoid)
def trapezoid_jvp1(y_dot, z, y, x=None, dx=1.0, *, axis=-1):
    return np.sum(widths(x, dx, axis) * middles(y_dot, axis), axis=-1)


@jvp(np.trapezoid, 1)
def trapezoid_jvp2(x_dot, z, y, x=None, dx=1.0, *, axis=-1):
    return np.sum(widths(x_dot, dx, axis) * middles(y, axis), axis=-1)


@jvp(np.trapezoid, 2)
def trapezoid_jvp3(dx_dot, z, y, x=None, dx=1.0, *, axis=-1):
    if x is None:
        return np.sum(dx_dot * middles(y, axis), axis=-1)
    return None


def widths(x, dx, axis):
    """Of the intervals, along the last axis."""
    if x is None:
        return dx
    return np.diff(x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1))


def middles(y, axis):
    """The mean of ``y`` at both ends of each interval, along the last axis."""
    y = np.moveaxis(y, axis, -1)
    return (y[..., 1:] + y[..., :-1]) / 2


def ends(halves, y):
    """Half of each interval's width to both of its ends."""
    halves = np.broadcast_to(halves, np.shape(y[..., 1:]))
    zero = np.zeros_like(y[..., :1])
    return np.concatenate([halves, zero], axis=-1) + np.concatenate([zero, halves], axis=-1)
