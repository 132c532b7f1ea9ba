"""What covariances, correlations, and sums and products of polynomials are, in terms of other functions.

Their derivatives are those of the definitions.
"""

import numpy as np

from ..runtime import no_derivative
from .table import definition, no_rule, present

# Covariance and correlation


@definition(np.cov)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    return np.squeeze(covariances(m, y, rowvar, bias, ddof, fweights, aweights, dtype))


def covariances(m, y, rowvar, bias=False, ddof=None, fweights=None, aweights=None, dtype=None):
    """The matrix, also of one variable."""
    x = as_rows(m, rowvar, dtype)
    if y is not None:
        x = np.concatenate([x, as_rows(y, rowvar, dtype)], axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    if fweights is None and aweights is None:
        x = x - np.mean(x, axis=1, keepdims=True)
        return x @ np.conj(x.T) / (np.shape(x)[1] - ddof)
    w = product(fweights, aweights)
    total = np.sum(w)
    x = x - np.sum(x * w, axis=1, keepdims=True) / total
    lost = ddof if aweights is None else ddof * np.sum(w * aweights) / total
    return x @ np.conj((x * w).T) / (total - lost)


def as_rows(m, rowvar, dtype):
    """Variables as rows, in ``dtype``, or at least in double precision."""
    x = np.atleast_2d(m) + np.zeros(1) if dtype is None else np.asarray(np.atleast_2d(m), dtype=dtype)
    return x if rowvar or np.ndim(m) == 1 else x.T


def product(fweights, aweights):
    """The weights of observations in double precision; one of the two may be None."""
    if fweights is None:
        return np.asarray(aweights, dtype=float)
    return np.asarray(fweights) if aweights is None else np.asarray(fweights) * np.asarray(aweights, dtype=float)


@definition(np.corrcoef)
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = covariances(x, y, rowvar, dtype=dtype)
    deviations = np.sqrt(np.real(np.diag(c)))
    return np.squeeze(c / deviations[:, None] / deviations)


# Histograms: what falls into a bin is a step; weights count, and the edges follow the extremes of what is counted


@definition(np.histogram)
def histogram(a, bins=10, range=None, density=None, weights=None):
    edges = histogram_bin_edges(a, bins, range)
    counts = counted(np.ravel(a), edges, weights)
    if density:
        return counts / (edges[1:] - edges[:-1]) / np.sum(counts), edges
    return counts, edges


@definition(np.histogram_bin_edges)
def histogram_bin_edges(a, bins=10, range=None, weights=None):
    if isinstance(bins, str):
        raise no_derivative(f"a histogram has a derivative rule with a number of bins, or their edges, not {bins!r}")
    if np.ndim(bins) == 1:
        return np.asarray(bins)
    if np.size(a) == 0:
        raise no_derivative("a histogram of nothing has a derivative rule with given edges only")
    low, high = (np.min(a), np.max(a)) if range is None else range
    apart = 0.5 if low == high else 0.0
    return np.linspace(low - apart, high + apart, bins + 1)


def counted(values, edges, weights):
    """How many values are in each bin, or the sum of their weights; the last bin has its upper edge."""
    count = np.size(edges) - 1
    places = np.where(values == edges[-1], count - 1, np.searchsorted(edges, values, side="right") - 1)
    within = (places >= 0) & (places < count)
    if weights is None:
        return np.bincount(places[within], minlength=count)
    if np.iscomplexobj(weights):
        raise no_derivative("np.histogram has a derivative rule for real weights")
    weights = np.ravel(weights)
    sums = np.bincount(np.where(within, places, 0), np.where(within, weights, 0), minlength=count)
    return sums.astype(weights.dtype)


# A function by cases


@definition(np.piecewise)
def piecewise(x, condlist, funclist, *args):
    x = np.asarray(x)
    y = np.zeros_like(x)
    if not isinstance(condlist[0], list | np.ndarray) and np.ndim(x) > 0:  # one condition, as NumPy takes it
        condlist = [condlist]
    rest = np.ones(np.shape(condlist[0]), bool)
    for condition, function in zip(condlist, funclist, strict=False):
        fill(y, x, condition, function, args)
        rest = rest & np.logical_not(condition)
    if len(funclist) > len(condlist):
        fill(y, x, rest, funclist[-1], args)
    return y


def fill(y, x, condition, function, args):
    """Write what a function makes of those elements for which a condition holds, if there are any; or a constant."""
    if callable(function):
        if np.any(condition):
            y[condition] = function(x[condition], *args)
    else:
        y[condition] = function


# Polynomials, highest power first


@definition(np.polyadd)
def polyadd(a1, a2):
    return padded(a1, np.size(a2)) + padded(a2, np.size(a1))


@definition(np.polysub)
def polysub(a1, a2):
    return padded(a1, np.size(a2)) - padded(a2, np.size(a1))


def padded(a, size):
    """With zeros in front, as many as it takes to have a size."""
    coefficients = np.atleast_1d(a)
    return np.concatenate([np.zeros(max(size - np.size(a), 0), coefficients.dtype), coefficients])


@definition(np.polymul)
def polymul(a1, a2):
    return np.convolve(trimmed(np.atleast_1d(a1)), trimmed(np.atleast_1d(a2)))


def trimmed(a):
    """Without the zeros in front."""
    if np.any(a != 0):
        return a[np.argmax(a != 0) :]
    return a[-1:] if np.size(a) else np.zeros(1, a.dtype)


@definition(np.poly)
def poly(seq_of_zeros):
    if np.ndim(seq_of_zeros) != 1 or np.iscomplexobj(seq_of_zeros):
        raise no_derivative("np.poly has a derivative for a vector of real roots only")
    roots = np.asarray(seq_of_zeros)
    coefficients = np.ones_like(roots, shape=1)
    for root in roots:
        coefficients = np.convolve(coefficients, np.array([1.0, -root], dtype=coefficients.dtype))
    return coefficients


# A function along several axes


@definition(np.apply_over_axes)
def apply_over_axes(func, a, axes):
    for axis in axes if isinstance(axes, list | tuple) else (axes,):
        reduced = func(a, axis)
        a = reduced if np.ndim(reduced) == np.ndim(a) else np.expand_dims(reduced, axis)
    return a


# Refused with a reason

no_rule("write the loop over the slices, or pass the function an axis", np.apply_along_axis)
SETS = "unique union1d intersect1d setdiff1d setxor1d unique_all unique_counts unique_inverse unique_values"
no_rule("its order of values depends on the values: sort, and take what you need by an index", *present(np, SETS))
no_rule("use np.histogram along each axis, or np.searchsorted, and np.bincount with weights",
        np.histogram2d, np.histogramdd)  # fmt: skip
no_rule("use arrays, and @ for their product", np.matrix, np.asmatrix, np.bmat)
no_rule("use np.polyval", np.poly1d)
no_rule("it changes the size of an array that others may see: use np.resize, or np.concatenate", np.ndarray.resize)
no_rule("loop over the elements, or use np.vectorize", np.nditer, np.nested_iters, np.frompyfunc)
