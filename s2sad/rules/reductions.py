"""Rules of reductions: sum, mean, variance, product, maximum, and what follows them.

``axis`` is None, a number or a tuple everywhere, negative or not.  A cotangent of the result is stretched back with
`expand` (sizes of 1) or `spread` (the full shape).  Ties of extremes share evenly, the standard deviation of a constant
has derivative 0, and products are exact with zeros among the factors: nothing is divided by a factor.
"""

import math

import numpy as np

from .table import jvp, linear, vjp

# Stretching, counting


def expand(y, axis, keepdims):
    """The result ``y`` of a reduction with sizes of 1 where it was reduced, to broadcast against the argument."""
    if axis is None or keepdims:
        return y
    return np.expand_dims(y, axis)


def spread(y, a, axis, keepdims):
    """The result ``y`` of a reduction, repeated in the shape of the argument ``a``; a read-only view."""
    if np.ndim(a) == 0:  # a number, which NumPy takes for a row of one
        return y
    if np.ndim(a) == 1 and not keepdims:  # to a number
        return np.broadcast_to(y, np.shape(a))
    return np.broadcast_to(expand(y, axis, keepdims), np.shape(a))


def masked(g, where):
    """``g`` where it counts, else 0."""
    if where is True:
        return g
    return np.where(where, g, 0)


def count(a, axis, keepdims, where):
    """How many elements of ``a`` a result is made of."""
    if np.ndim(a) == 0:
        return 1
    if where is not True:
        return np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    if axis is None:
        return np.size(a)
    if isinstance(axis, tuple):
        return math.prod([np.shape(a)[i] for i in axis])
    return np.shape(a)[axis]


def divided(y_bar, n):
    """``y_bar / n``; of no elements NumPy makes NaN or infinity, where Python would raise."""
    if isinstance(y_bar, float):
        return np.divide(y_bar, n)
    return y_bar / n


def conjugate(a):
    """The complex conjugate, nothing for a real array."""
    if np.iscomplexobj(a):
        return np.conj(a)
    return a


# Sum, mean, variance


@vjp(np.sum, np.ndarray.sum)
def sum(y_bar, y, a, initial=0, *, axis=None, dtype=None, keepdims=False, where=True):
    return masked(spread(y_bar, a, axis, keepdims), where), y_bar


@jvp(np.sum)
def sum_jvp(a_dot, y, a, initial=0, *, axis=None, dtype=None, keepdims=False, where=True):
    return np.sum(masked(a_dot, where), axis=axis, keepdims=keepdims)


@vjp(np.nansum)
def nansum(y_bar, y, a, initial=0, *, axis=None, dtype=None, keepdims=False, where=True):
    return np.where(np.isnan(a), 0, masked(spread(y_bar, a, axis, keepdims), where)), y_bar


@jvp(np.nansum)
def nansum_jvp(a_dot, y, a, initial=0, *, axis=None, dtype=None, keepdims=False, where=True):
    return np.sum(np.where(np.isnan(a), 0, masked(a_dot, where)), axis=axis, keepdims=keepdims)


@jvp(np.sum, 1)
@jvp(np.nansum, 1)
def sum_initial(initial_dot, y, a, initial=0, **options):
    return np.broadcast_to(initial_dot, np.shape(y))


@linear(np.mean, np.ndarray.mean)
def mean(y_bar, y, a, *, axis=None, dtype=None, keepdims=False, where=True):
    return masked(spread(divided(y_bar, count(a, axis, keepdims, where)), a, axis, keepdims), where)


@vjp(np.nanmean)
def nanmean(y_bar, y, a, *, axis=None, dtype=None, keepdims=False, where=True):
    valid = ~np.isnan(a) & where
    return np.where(valid, spread(divided(y_bar, np.sum(valid, axis=axis, keepdims=keepdims)), a, axis, keepdims), 0)


@jvp(np.nanmean)
def nanmean_jvp(a_dot, y, a, *, axis=None, dtype=None, keepdims=False, where=True):
    return np.mean(a_dot, axis=axis, keepdims=keepdims, where=~np.isnan(a) & where)


# A variance is about the mean, or about what is given as ``mean`` (which keeps the dimensions of the argument).


@vjp(np.var, np.ndarray.var)
def var(y_bar, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction)
    g = expand(divided(2 * y_bar, n), axis, keepdims) * conjugate(deviation(a, mean, axis, where))
    return g, None if mean is None else -g


@jvp(np.var)
def var_jvp(a_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction)
    d = conjugate(deviation(a, mean, axis, where))
    return 2 * np.real(np.sum(d * a_dot, axis=axis, keepdims=keepdims)) / n


@jvp(np.var, 1)
def var_mean(mean_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction)
    d = conjugate(deviation(a, mean, axis, where))
    return -2 * np.real(np.sum(d * mean_dot, axis=axis, keepdims=keepdims)) / n


@vjp(np.std, np.ndarray.std)
def std(y_bar, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction) * np.where(y == 0, 1, y)
    g = expand(divided(y_bar, n), axis, keepdims) * conjugate(deviation(a, mean, axis, where))
    return g, None if mean is None else -g


@jvp(np.std)
def std_jvp(a_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction) * np.where(y == 0, 1, y)
    return np.real(np.sum(conjugate(deviation(a, mean, axis, where)) * a_dot, axis=axis, keepdims=keepdims)) / n


@jvp(np.std, 1)
def std_mean(mean_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    n = freedom(a, axis, keepdims, where, ddof, correction) * np.where(y == 0, 1, y)
    return -np.real(np.sum(conjugate(deviation(a, mean, axis, where)) * mean_dot, axis=axis, keepdims=keepdims)) / n


def freedom(a, axis, keepdims, where, ddof, correction):
    """What a variance divides by."""
    if correction is not None:
        return count(a, axis, keepdims, where) - correction
    if ddof == 0:
        return count(a, axis, keepdims, where)
    return count(a, axis, keepdims, where) - ddof


def deviation(a, mean, axis, where):
    """The difference of each element from the mean; 0 where it does not count."""
    if mean is not None:
        return masked(a - mean, where)
    if where is True:
        return a - np.mean(a, axis=axis, keepdims=True)
    return np.where(where, a - np.mean(a, axis=axis, keepdims=True, where=where), 0)


@vjp(np.nanvar)
def nanvar(y_bar, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    valid = ~np.isnan(a) & where
    g, other = var(y_bar, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)
    return np.where(valid, np.broadcast_to(g, np.shape(a)), 0), other


@jvp(np.nanvar)
def nanvar_jvp(a_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    valid = ~np.isnan(a) & where
    a_dot = np.where(valid, a_dot, 0)
    return var_jvp(a_dot, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)


@jvp(np.nanvar, 1)
def nanvar_mean(
    mean_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):
    valid = ~np.isnan(a) & where
    return var_mean(mean_dot, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)


@vjp(np.nanstd)
def nanstd(y_bar, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    valid = ~np.isnan(a) & where
    g, other = std(y_bar, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)
    return np.where(valid, g, 0), other


@jvp(np.nanstd)
def nanstd_jvp(a_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    valid = ~np.isnan(a) & where
    a_dot = np.where(valid, a_dot, 0)
    return std_jvp(a_dot, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)


@jvp(np.nanstd, 1)
def nanstd_mean(
    mean_dot, y, a, mean=None, *, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
):
    valid = ~np.isnan(a) & where
    return std_mean(mean_dot, y, a, mean, axis=axis, ddof=ddof, keepdims=keepdims, where=valid, correction=correction)


@vjp(np.average, parts=True)
def average(y_bar, y, a, axis=None, weights=None, *, keepdims=False, returned=False):
    if weights is None:
        g = or_zeros(y_bar[0], y[0]) if returned else y_bar
        return spread(divided(g, count(a, axis, keepdims, True)), a, axis, keepdims), None, None
    if returned:
        g, z, total = or_zeros(y_bar[0], y[0]), y[0], or_zeros(y_bar[1], y[1])
    else:
        g, z, total = y_bar, y, None
    w = along(weights, a, axis)
    g = expand(g, axis, keepdims) / np.sum(np.broadcast_to(w, np.shape(a)), axis=axis, keepdims=True)
    by_weight = g * (a - expand(z, axis, keepdims))
    if total is not None:
        by_weight = by_weight + expand(total, axis, keepdims)
    return np.broadcast_to(g * w, np.shape(a)), None, only_along(by_weight, weights, a, axis)


@jvp(np.average)
def average_jvp1(a_dot, y, a, axis=None, weights=None, *, keepdims=False, returned=False):
    y_dot = np.average(a_dot, axis=axis, weights=weights, keepdims=keepdims)
    return (y_dot, None) if returned else y_dot


@jvp(np.average, 2)
def average_jvp2(weights_dot, y, a, axis=None, weights=None, *, keepdims=False, returned=False):
    mean = y[0] if returned else y
    change = along(weights_dot, a, axis) * (a - expand(mean, axis, keepdims))
    total = np.sum(np.broadcast_to(along(weights, a, axis), np.shape(a)), axis=axis, keepdims=keepdims)
    y_dot = np.sum(change, axis=axis, keepdims=keepdims) / total
    if returned:
        weight = np.broadcast_to(along(weights_dot, a, axis), np.shape(a))
        return y_dot, np.sum(weight, axis=axis, keepdims=keepdims)
    return y_dot


def or_zeros(bar, y):
    """``bar``, or zeros where it is None."""
    if bar is None:
        return np.zeros_like(y)
    return bar


def along(weights, a, axis):
    """Weights of one axis or of several, in the order in which these are given, as they broadcast against ``a``."""
    if np.shape(weights) == np.shape(a):
        return weights
    if isinstance(axis, tuple):
        weights = np.transpose(weights, sorted(range(len(axis)), key=lambda k: axis[k] % np.ndim(a)))
    return np.expand_dims(weights, other_axes(a, axis))


def only_along(g, weights, a, axis):
    """The transpose of `along`."""
    if np.shape(weights) == np.shape(a):
        return g
    g = np.sum(g, axis=other_axes(a, axis))
    if isinstance(axis, tuple):
        places = [i % np.ndim(a) for i in axis]
        g = np.transpose(g, [sorted(places).index(i) for i in places])
    return g


def other_axes(a, axis):
    """All axes but those given."""
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple([i for i in range(np.ndim(a)) if i not in [k % np.ndim(a) for k in given]])


@linear(np.bincount, arguments=("weights",))
def bincount(y_bar, y, x, weights=None, *, minlength=0):
    return None, y_bar[x]


# Products


@vjp(np.prod, np.ndarray.prod)
def prod(y_bar, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    others = product_of_others(factors(a, where), axis)
    a_bar = masked(expand(y_bar * initial, axis, keepdims) * others, where)
    return a_bar, y_bar * product(a, axis, keepdims, where)


@jvp(np.prod)
def prod_jvp(a_dot, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    others = product_of_others(factors(a, where), axis)
    return initial * np.sum(masked(others * a_dot, where), axis=axis, keepdims=keepdims)


@jvp(np.prod, 1)
def prod_initial(initial_dot, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    return initial_dot * product(a, axis, keepdims, where)


@vjp(np.nanprod)
def nanprod(y_bar, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    valid = ~np.isnan(a) & where
    a_bar, initial_bar = prod(y_bar, y, a, initial, axis=axis, keepdims=keepdims, where=valid)
    return np.where(valid, a_bar, 0), initial_bar


@jvp(np.nanprod)
def nanprod_jvp(a_dot, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    valid = ~np.isnan(a) & where
    return prod_jvp(np.where(valid, a_dot, 0), y, a, initial, axis=axis, keepdims=keepdims, where=valid)


@jvp(np.nanprod, 1)
def nanprod_initial(initial_dot, y, a, initial=1, *, axis=None, dtype=None, keepdims=False, where=True):
    return initial_dot * product(a, axis, keepdims, ~np.isnan(a) & where)


def product(a, axis, keepdims, where):
    """The product of what counts."""
    return np.prod(factors(a, where), axis=axis, keepdims=keepdims)


def factors(a, where):
    """``a``, with 1 where an element does not count."""
    if where is True:
        return a
    return np.where(where, a, 1)


def product_of_others(a, axis):
    """For each element the product of all the others that it is reduced with; exact with zeros."""
    flat = together(a, axis)
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], axis=-1), axis=-1)
    return apart(before * after[..., ::-1], a, axis)


def together(a, axis):
    """``a`` with the axes that are reduced in one, the last."""
    if axis is None or np.ndim(a) == 0:
        return np.ravel(a)
    if isinstance(axis, tuple):
        moved = np.moveaxis(a, axis, tuple(range(-len(axis), 0)))
        return np.reshape(moved, (*np.shape(moved)[: np.ndim(a) - len(axis)], count(a, axis, False, True)))
    return np.moveaxis(a, axis, -1)


def apart(flat, a, axis):
    """The inverse of `together`: ``flat`` in the shape of ``a``."""
    if axis is None or np.ndim(a) == 0:
        return np.reshape(flat, np.shape(a))
    if isinstance(axis, tuple):
        moved = np.reshape(flat, np.shape(flat)[:-1] + tuple([np.shape(a)[i] for i in axis]))
        return np.moveaxis(moved, tuple(range(-len(axis), 0)), axis)
    return np.moveaxis(flat, -1, axis)


# Extremes


@vjp(np.max, np.min, np.amax, np.amin, np.ndarray.max, np.ndarray.min)
def max(y_bar, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    chosen = extremes(a, y, axis, keepdims, where)
    count = np.sum(chosen, axis=axis, keepdims=keepdims)
    if initial is None:
        return expand(y_bar / count, axis, keepdims) * chosen, None
    first = is_initial(y, initial, count)
    share = y_bar / (count + first)
    return expand(share, axis, keepdims) * chosen, share * first


@jvp(np.max)
def max_jvp(a_dot, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    chosen = extremes(a, y, axis, keepdims, where)
    count = np.sum(chosen, axis=axis, keepdims=keepdims)
    ties = count if initial is None else count + is_initial(y, initial, count)
    return np.sum(a_dot * chosen, axis=axis, keepdims=keepdims) / ties


@jvp(np.max, 1)
def max_initial(initial_dot, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    count = np.sum(extremes(a, y, axis, keepdims, where), axis=axis, keepdims=keepdims)
    first = is_initial(y, initial, count)
    return initial_dot * first / (count + first)


@vjp(np.nanmax, np.nanmin)
def nanmax(y_bar, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    a_bar, initial_bar = max(y_bar, y, a, initial, axis=axis, keepdims=keepdims, where=where)
    return np.where(np.isnan(a), 0, a_bar), initial_bar


@jvp(np.nanmax)
def nanmax_jvp(a_dot, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    a_dot = np.where(np.isnan(a), 0, a_dot)
    return max_jvp(a_dot, y, a, initial, axis=axis, keepdims=keepdims, where=where)


@jvp(np.nanmax, 1)
def nanmax_initial(initial_dot, y, a, initial=None, *, axis=None, keepdims=False, where=True):
    return max_initial(initial_dot, y, a, initial, axis=axis, keepdims=keepdims, where=where)


def extremes(a, y, axis, keepdims, where):
    """Which elements of ``a`` are the extreme ``y``."""
    chosen = a == expand(y, axis, keepdims)
    if where is True:
        return chosen
    return chosen & where


def is_initial(y, initial, count):
    """Whether ``initial`` is the extreme ``y``, alone or beside ``count`` elements."""
    return (count == 0) | (y == initial)


@vjp(*([np.ptp, np.ndarray.ptp] if hasattr(np.ndarray, "ptp") else [np.ptp]))
def ptp(y_bar, y, a, *, axis=None, keepdims=False):
    return expand(y_bar, axis, keepdims) * range_shares(a, axis)


@jvp(np.ptp)
def ptp_jvp(a_dot, y, a, *, axis=None, keepdims=False):
    return np.sum(a_dot * range_shares(a, axis), axis=axis, keepdims=keepdims)


def range_shares(a, axis):
    """The part that each element has in maximum minus minimum."""
    top = a == np.max(a, axis=axis, keepdims=True)
    bottom = a == np.min(a, axis=axis, keepdims=True)
    return top / np.sum(top, axis=axis, keepdims=True) - bottom / np.sum(bottom, axis=axis, keepdims=True)
