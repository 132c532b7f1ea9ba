"""Two samples beside each other: correlation and the line through them, with the level of their significance.

Without a relation, and of normal samples, the coefficient of correlation has a beta distribution on (-1, 1) with both
shapes ``n / 2 - 1``; that of the slope's t is the same one (M. G. Kendall, A. Stuart, "The advanced theory of
statistics", volume 2, 1973, 26.24).
"""

import numpy as np
from scipy import special, stats
from scipy.stats._common import ConfidenceInterval

from ....runtime import no_derivative
from ...table import definition
from .policies import check, in_rows, kept

LinregressResult = type(stats.linregress([0.0, 1.0], [0.0, 1.0]))
PearsonRResult = type(stats.pearsonr([0.0, 1.0], [0.0, 1.0]))


def level(r, n, alternative):
    """How probable a coefficient at least as far off would be without a relation."""
    shape = n / 2 - 1
    if alternative == "two-sided":
        return 2 * special.betainc(shape, shape, (1 - np.abs(r)) / 2)
    return special.betainc(shape, shape, (1 - r) / 2 if alternative == "greater" else (1 + r) / 2)


@definition(stats.pearsonr)
def pearsonr(x, y, *, alternative="two-sided", axis=0):
    x, y = np.asarray(x), np.asarray(y)
    if axis is None:
        x, y, axis = np.ravel(x), np.ravel(y), 0
    if np.ndim(x) != np.ndim(y):
        raise no_derivative("pearsonr has a derivative rule for arrays of as many axes only")
    if np.ndim(x) == 1:
        axis = 0
    n = np.shape(x)[axis]
    apart_x, apart_y = x - np.mean(x, axis=axis, keepdims=True), y - np.mean(y, axis=axis, keepdims=True)
    size_x, size_y = np.sqrt(np.sum(apart_x**2, axis=axis)), np.sqrt(np.sum(apart_y**2, axis=axis))
    r = np.clip(np.sum(apart_x * apart_y, axis=axis) / (size_x * size_y), -1.0, 1.0)
    if n == 2:
        r, p = np.round(r), np.ones_like(r)
    else:
        p = level(r, n, alternative)
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    return PearsonRResult(statistic=r, pvalue=p, alternative=alternative, n=n, x=x, y=y, axis=-1)


# Fisher's transformation makes the coefficient roughly normal.
@definition(PearsonRResult.confidence_interval)
def confidence_interval(self, confidence_level=0.95):
    r, n = self.statistic, self._n
    if n <= 3:
        return ConfidenceInterval(-np.ones_like(r), np.ones_like(r))
    tail = (1 + confidence_level) / 2 if self._alternative == "two-sided" else confidence_level
    middle, half = np.arctanh(r), special.ndtri(tail) / np.sqrt(n - 3)
    low = -np.ones_like(r) if self._alternative == "less" else np.tanh(middle - half)
    return ConfidenceInterval(low, np.ones_like(r) if self._alternative == "greater" else np.tanh(middle + half))


@definition(stats.linregress)
def linregress(x, y, alternative="two-sided", *, axis=0, nan_policy="propagate", keepdims=False):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    whole = x
    if axis is None:
        x, y = np.ravel(x), np.ravel(y)
    elif np.ndim(x) > 1 or np.ndim(y) > 1:
        x, y = np.broadcast_arrays(x, y)
        whole = x
        x, y = in_rows(x, axis), in_rows(y, axis)
    check(nan_policy, x)
    check(nan_policy, y)
    if nan_policy == "omit":
        if np.ndim(x) > 1:
            raise no_derivative("linregress has a derivative rule with nan_policy='omit' for vectors only")
        here = ~(np.isnan(x) | np.isnan(y))
        x, y = x[here], y[here]
    n = np.shape(x)[-1]
    mean = np.mean(x, axis=-1)
    if n > 1 and np.any(np.max(x, axis=-1) == np.min(x, axis=-1)):
        raise ValueError("Cannot calculate a linear regression if all x values are identical")
    apart_x, apart_y = x - np.mean(x, axis=-1, keepdims=True), y - np.mean(y, axis=-1, keepdims=True)
    xx, xy, yy = np.mean(apart_x**2, axis=-1), np.mean(apart_x * apart_y, axis=-1), np.mean(apart_y**2, axis=-1)
    slope = xy / xx
    r = np.clip(xy / np.sqrt(xx * yy), -1.0, 1.0)
    if n == 2:
        p, error = np.where(y[..., 0] == y[..., 1], 1.0, 0.0)[()], np.zeros_like(r)
    else:
        p, error = level(r, n, alternative), np.sqrt((1 - r**2) * yy / xx / (n - 2))
    found = slope, np.mean(y, axis=-1) - slope * mean, r, p, error
    shift = error * np.sqrt(xx + mean**2)
    slope, intercept, r, p, error = [kept(number, whole, axis, keepdims) for number in found]
    return LinregressResult(slope, intercept, r, p, error, intercept_stderr=kept(shift, whole, axis, keepdims))
