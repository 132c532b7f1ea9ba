"""Statistics of samples: definitions, as all of them are short formulas of means, sorts and elementary functions."""

import math
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.stats._stats_py import DescribeResult

from ....runtime import no_derivative
from ...reductions import count
from ...table import definition, maker, no_rule, zero_derivative
from ..signal.spectral import in_precision
from .policies import by_policy, check, in_rows, kept

# Means and spreads


@definition(stats.zscore)
def zscore(a, axis=0, ddof=0, *, nan_policy="propagate"):
    return standardised(a, a, axis, ddof, nan_policy, unless_constant)


@definition(stats.zmap)
def zmap(scores, compare, axis=0, ddof=0, *, nan_policy="propagate"):
    return standardised(scores, compare, axis, ddof, nan_policy, spread_itself)


def standardised(scores, compare, axis, ddof, nan_policy, spread_of):
    check(nan_policy, compare)
    if nan_policy != "omit":
        center = np.mean(compare, axis=axis, keepdims=True)
        return (scores - center) / spread_of(np.std(compare, axis=axis, ddof=ddof, keepdims=True), center)
    here, center = ~np.isnan(scores), np.nanmean(compare, axis=axis, keepdims=True)
    spread = spread_of(np.nanstd(compare, axis=axis, ddof=ddof, keepdims=True), center)
    return np.where(here, (np.where(here, scores, 0.0) - center) / spread, np.nan)


def unless_constant(spread, center):
    """The spread of samples; NaN where it is one of rounding alone."""
    return np.where(spread > np.finfo(spread.dtype).eps * np.abs(center), spread, np.nan)


def spread_itself(spread, center):
    return spread


def average(a, weights, axis, keepdims):
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    if axis is not None:
        a, weights = np.broadcast_arrays(a, weights)
    return np.average(a, axis=axis, weights=weights, keepdims=keepdims)


@definition(stats.gmean)
def gmean(a, axis=0, *, dtype=None, weights=None, keepdims=False, nan_policy="propagate"):
    a, weights = in_dtype(a, dtype), in_dtype(weights, dtype)
    return geometric(a, weights, axis=axis, keepdims=keepdims, nan_policy=nan_policy)


def in_dtype(x, dtype):
    return x if x is None or dtype is None else np.asarray(x, dtype=dtype)


@by_policy(paired=True)
def geometric(a, weights=None, axis=0, *, keepdims=False):
    return np.exp(average(np.log(a), weights, axis, keepdims))


@definition(stats.hmean)
def hmean(a, axis=0, *, dtype=None, weights=None, keepdims=False, nan_policy="propagate"):
    a, weights = in_dtype(a, dtype), in_dtype(weights, dtype)
    return harmonic(a, weights, axis=axis, keepdims=keepdims, nan_policy=nan_policy)


@by_policy(paired=True)
def harmonic(a, weights=None, axis=0, *, keepdims=False):
    return 1 / average(1 / unless_negative(a), weights, axis, keepdims)


def unless_negative(a):
    a = np.asarray(a)
    return np.where(a < 0, np.nan, a)


@definition(stats.pmean)
def pmean(a, p, *, axis=0, dtype=None, weights=None, keepdims=False, nan_policy="propagate"):
    a, weights = in_dtype(a, dtype), in_dtype(weights, dtype)
    if p == 0:
        return geometric(a, weights, axis=axis, keepdims=keepdims, nan_policy=nan_policy)
    return of_powers(a, weights, axis=axis, p=p, keepdims=keepdims, nan_policy=nan_policy)


@by_policy(paired=True)
def of_powers(a, weights=None, axis=0, *, p, keepdims=False):
    return average(unless_negative(a) ** p, weights, axis, keepdims) ** (1 / p)


@definition(stats.gstd)
@by_policy()
def gstd(a, axis=0, ddof=1, *, keepdims=False):
    return np.exp(np.std(np.log(a), axis=axis, ddof=ddof, keepdims=keepdims))


@definition(stats.sem)
@by_policy()
def sem(a, axis=0, ddof=1, *, keepdims=False):
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / math.sqrt(count(a, axis, False, True))


@definition(stats.variation)
@by_policy()
def variation(a, axis=0, *, ddof=0, keepdims=False):
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.mean(a, axis=axis, keepdims=keepdims)


@definition(stats.iqr)
@by_policy()
def iqr(x, axis=None, rng=(25, 75), scale=1.0, *, interpolation="linear", keepdims=False):
    if isinstance(scale, str):
        scale = 2 * OF_NORMAL
    upper = np.percentile(x, max(rng), axis=axis, method=interpolation, keepdims=keepdims)
    return (upper - np.percentile(x, min(rng), axis=axis, method=interpolation, keepdims=keepdims)) / scale


OF_NORMAL = 0.6744897501960817  # the deviation of the standard normal distribution, its quantile at 3/4


@definition(stats.median_abs_deviation)
@by_policy()
def median_abs_deviation(x, axis=0, *, center=None, scale=1.0, keepdims=False):
    if isinstance(scale, str):
        scale = OF_NORMAL
    if center is None:
        middle = np.median(x, axis=axis, keepdims=True)
        return np.median(np.abs(x - middle), axis=axis, keepdims=keepdims) / scale
    rows = in_rows(x, axis)
    middle = np.expand_dims(center(rows, axis=-1), -1)
    return kept(np.median(np.abs(rows - middle), axis=-1) / scale, x, axis, keepdims)


@definition(stats.trim_mean)
@by_policy()
def trim_mean(a, proportiontocut, axis=0, *, keepdims=False):
    ordered = np.sort(in_rows(a, axis), axis=-1)
    n = np.shape(ordered)[-1]
    cut = int(proportiontocut * n)
    if cut > n - cut:
        raise ValueError("Proportion too big.")
    found = np.mean(ordered[..., cut : n - cut], axis=-1)
    return kept(np.where(np.any(np.isnan(ordered), axis=-1), np.nan, found)[()], a, axis, keepdims)


@definition(stats.trimboth)
def trimboth(a, proportiontocut, axis=0):
    a = np.asarray(a)
    n = np.size(a) if axis is None else np.shape(a)[axis]
    cut = int(proportiontocut * n)
    if cut >= n - cut:
        raise ValueError("Proportion too big.")
    return cut_out(a, cut, n - cut, axis)


@definition(stats.trim1)
def trim1(a, proportiontocut, tail="right", axis=0):
    a = np.asarray(a)
    n = np.size(a) if axis is None else np.shape(a)[axis]
    cut = int(proportiontocut * n)
    return cut_out(a, 0, n - cut, axis) if tail.lower() == "right" else cut_out(a, cut, n, axis)


def cut_out(a, first, end, axis):
    """The samples from one place to another, of all in order, as a partition has them."""
    if axis is None:
        return np.partition(np.ravel(a), (first, end - 1))[first:end]
    return np.moveaxis(np.moveaxis(np.partition(a, (first, end - 1), axis), axis, 0)[first:end], 0, axis)


@definition(stats.scoreatpercentile)
def scoreatpercentile(a, per, limit=(), interpolation_method="fraction", axis=None):
    a = np.asarray(a, float)
    if limit:
        a = a[(limit[0] <= a) & (a <= limit[1])]
    method: Any = "linear" if interpolation_method == "fraction" else interpolation_method
    return np.percentile(a, per, axis=axis, method=method)


@definition(stats.gzscore)
def gzscore(a, *, axis=0, ddof=0, nan_policy="propagate"):
    if nan_policy == "omit":
        here = ~np.isnan(a)
        return zscore(np.where(here, np.log(np.where(here, a, 1.0)), np.nan), axis, ddof, nan_policy="omit")
    return zscore(np.log(a), axis, ddof, nan_policy=nan_policy)


# Within limits


def within(a, limits, inclusive):
    """Which samples are not beyond two limits, either of which may be None; NaN is not."""
    low, high = (None, None) if limits is None else limits
    beyond = np.zeros(np.shape(a), dtype=bool)
    if low is not None:
        beyond = beyond | (a < low if inclusive[0] else a <= low)
    if high is not None:
        beyond = beyond | (a > high if inclusive[1] else a >= high)
    if np.all(beyond) and np.size(a) > 0:
        raise ValueError("No array values within given limits")
    return ~beyond


@definition(stats.tmean)
@by_policy()
def tmean(a, limits=None, inclusive=(True, True), axis=None, *, keepdims=False):
    a = np.asarray(a)
    return np.mean(a, axis=axis, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tvar)
@by_policy()
def tvar(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    if limits is None:
        return variance(a, axis, ddof, keepdims)
    return np.var(a, axis=axis, ddof=ddof, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tstd)
@by_policy()
def tstd(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tsem)
@by_policy()
def tsem(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    inside = within(a, limits, inclusive)
    spread = np.std(a, axis=axis, ddof=ddof, keepdims=keepdims, where=inside)
    return spread / np.sqrt(np.sum(inside, axis=axis, keepdims=keepdims, dtype=spread.dtype))


@definition(stats.tmin)
@by_policy()
def tmin(a, lowerlimit=None, axis=0, inclusive=True, *, keepdims=False):
    a = np.asarray(a)
    inside = within(a, (lowerlimit, None), (inclusive, True))
    found = np.min(np.where(inside, a, np.inf), axis=axis, keepdims=keepdims)
    return np.where(np.any(inside, axis=axis, keepdims=keepdims), found, np.nan)[()]


@definition(stats.tmax)
@by_policy()
def tmax(a, upperlimit=None, axis=0, inclusive=True, *, keepdims=False):
    a, limit = -np.asarray(a), None if upperlimit is None else -upperlimit
    return -tmin(a, lowerlimit=limit, axis=axis, inclusive=inclusive, keepdims=keepdims)


# The root of an equation whose weights change by steps: a mean of weights that stay as they are nearby (W. K. Newey,
# J. L. Powell, Econometrica 1987)


@definition(stats.expectile)
def expectile(a, alpha=0.5, *, weights=None):
    place = place_of_expectile(a, alpha, weights)
    sides = np.where(a <= place, 1 - alpha, alpha)
    return np.astype(np.average(a, weights=sides if weights is None else sides * weights), place.dtype)


def place_of_expectile(a, alpha, weights):
    return stats.expectile(a, alpha, weights=weights)


zero_derivative(place_of_expectile)

# Moments


def central(a, order, axis, keepdims=False):
    apart = a - np.mean(a, axis=axis, keepdims=True)
    if order == 3:  # multiplied as SciPy does, to the last bit
        return np.mean(apart**2 * apart, axis=axis, keepdims=keepdims)
    if order == 4:
        return np.mean((apart**2) ** 2, axis=axis, keepdims=keepdims)
    return np.mean(apart**order, axis=axis, keepdims=keepdims)


def squares(a, axis, keepdims):
    """The mean square of the deviations; NaN where they are of rounding alone."""
    mean, square = np.mean(a, axis=axis, keepdims=keepdims), central(a, 2, axis, keepdims)
    return np.where(square > (np.finfo(square.dtype).eps * mean) ** 2, square, np.nan)[()]


def variance(a, axis, ddof, keepdims=False):
    """`np.var`, multiplied as SciPy does, to the last bit."""
    n = count(a, axis, False, True)
    return central(a, 2, axis, keepdims) * (n / (n - ddof) if n > ddof else np.nan)


@definition(stats.moment)
def moment(a, order=1, axis=0, *, center=None, keepdims=False, nan_policy="propagate"):
    if np.ndim(order) == 0:
        return moment_of(a, order=order, axis=axis, center=center, keepdims=keepdims, nan_policy=nan_policy)
    found = []
    for one in order:
        found.append(moment_of(a, order=one, axis=axis, center=center, keepdims=keepdims, nan_policy=nan_policy))
    return np.stack(found)


@by_policy()
def moment_of(a, axis=0, *, order, center, keepdims=False):
    if center is None:
        return central(a, order, axis, keepdims)
    return np.mean((a - center) ** order, axis=axis, keepdims=keepdims)


@definition(stats.skew)
@by_policy()
def skew(a, axis=0, bias=True, *, keepdims=False):
    n = count(a, axis, False, True)
    cube, square = central(a, 3, axis, keepdims), squares(a, axis, keepdims)
    if bias or n <= 2:
        return cube / square**1.5
    return ((n - 1.0) * n) ** 0.5 / (n - 2.0) * cube / square**1.5


@definition(stats.kurtosis)
@by_policy()
def kurtosis(a, axis=0, fisher=True, bias=True, *, keepdims=False):
    n = count(a, axis, False, True)
    fourth, square = central(a, 4, axis, keepdims), squares(a, axis, keepdims)
    if not bias and n > 3:
        unbiased = 1.0 / (n - 2) / (n - 3) * ((n**2 - 1.0) * fourth / square**2 - 3 * (n - 1) ** 2.0)
        ratio = unbiased + 3.0
    else:
        ratio = fourth / square**2
    return ratio - 3 if fisher else ratio


def powers(data, n, axis, keepdims):
    return [np.sum(data**k, axis=axis, keepdims=keepdims) for k in range(1, n + 1)]


@definition(stats.kstat)
@by_policy()
def kstat(data, n=2, *, axis=None, keepdims=False):
    """R. A. Fisher, Proc. London Math. Soc. 1930: estimates of cumulants, of the sums of powers."""
    data = np.asarray(data)
    size, sums = count(data, axis, False, True), powers(data, n, axis, keepdims)
    if n == 1:
        return sums[0] / size
    if n == 2:
        return (size * sums[1] - sums[0] ** 2) / (size * (size - 1.0))
    if n == 3:
        total = 2 * sums[0] ** 3 - 3 * size * sums[0] * sums[1] + size**2 * sums[2]
        return total / (size * (size - 1.0) * (size - 2.0))
    total = -6 * sums[0] ** 4 + 12 * size * sums[0] ** 2 * sums[1] - 3 * size * (size - 1.0) * sums[1] ** 2
    total = total - 4 * size * (size + 1) * sums[0] * sums[2] + size**2 * (size + 1) * sums[3]
    return total / (size * (size - 1.0) * (size - 2.0) * (size - 3.0))


@definition(stats.kstatvar)
@by_policy()
def kstatvar(data, n=2, *, axis=None, keepdims=False):
    size, second = count(data, axis, False, True), kstat(data, n=2, axis=axis, keepdims=keepdims)
    if n == 1:
        return second / size
    return (2 * size * second**2 + (size - 1) * kstat(data, n=4, axis=axis, keepdims=keepdims)) / (size * (size + 1))


# Angles: the mean of the points of the unit circle


def circle(samples, high, low, axis, keepdims):
    angles = (samples - low) * (2 * np.pi / (high - low))
    return np.mean(np.sin(angles), axis=axis, keepdims=keepdims), np.mean(np.cos(angles), axis=axis, keepdims=keepdims)


@definition(stats.circmean)
@by_policy()
def circmean(samples, high=2 * np.pi, low=0, axis=None, *, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    return np.mod(np.arctan2(sine, cosine), 2 * np.pi) * ((high - low) / (2 * np.pi)) + low


@definition(stats.circvar)
@by_policy()
def circvar(samples, high=2 * np.pi, low=0, axis=None, *, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    return 1 - np.hypot(sine, cosine)


@definition(stats.circstd)
@by_policy()
def circstd(samples, high=2 * np.pi, low=0, axis=None, *, normalize=False, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    spread = np.sqrt(-2 * np.log(np.minimum(np.hypot(sine, cosine), 1.0)))
    return spread if normalize else spread * ((high - low) / (2 * np.pi))


# Transformations of powers, and their likelihood


@definition(stats.boxcox)
def boxcox(x, lmbda):
    return special.boxcox(x, lmbda)


@definition(stats.yeojohnson)
def yeojohnson(x, lmbda):
    x, size = np.asarray(x), np.abs(x)
    return np.where(x >= 0, special.boxcox1p(size, lmbda), -special.boxcox1p(size, 2 - lmbda))


@definition(stats.boxcox_llf)
def boxcox_llf(lmb, data, *, axis=0, keepdims=False, nan_policy="propagate"):
    return boxcox_likelihood(data, axis=axis, lmb=lmb, keepdims=keepdims, nan_policy=nan_policy)


@by_policy()
def boxcox_likelihood(data, axis=0, *, lmb, keepdims=False):
    logs = np.sum(np.log(data), axis=axis, keepdims=keepdims)
    return likelihood((lmb - 1) * logs, special.boxcox(data, lmb), axis, keepdims)


@definition(stats.yeojohnson_llf)
def yeojohnson_llf(lmb, data, *, axis=0, keepdims=False, nan_policy="propagate"):
    return yeojohnson_likelihood(data, axis=axis, lmb=lmb, keepdims=keepdims, nan_policy=nan_policy)


@by_policy()
def yeojohnson_likelihood(data, axis=0, *, lmb, keepdims=False):
    logs = np.sum(np.sign(data) * np.log1p(np.abs(data)), axis=axis, keepdims=keepdims)
    return likelihood((lmb - 1) * logs, yeojohnson(data, lmb), axis, keepdims)


def likelihood(log_volume, transformed, axis, keepdims):
    variance = np.var(transformed, axis=axis, keepdims=keepdims)
    return log_volume - count(transformed, axis, False, True) / 2 * np.log(variance)


# Entropy and distances of distributions


def nought(rows, size):
    return np.zeros_like(rows, shape=size)


@definition(stats.entropy)
@by_policy(nought, paired=True)
def entropy(pk, qk=None, base=None, axis=0, *, keepdims=False):
    if qk is not None and np.shape(pk) != np.shape(qk):
        pk, qk = np.broadcast_arrays(pk, qk)
    p = pk / np.sum(pk, axis=axis, keepdims=True)
    terms = special.entr(p) if qk is None else special.rel_entr(p, qk / np.sum(qk, axis=axis, keepdims=True))
    total = np.sum(terms, axis=axis, keepdims=keepdims)
    return total if base is None else total / math.log(base)


@definition(stats.differential_entropy)
@by_policy()
def differential_entropy(values, *, window_length=None, base=None, axis=0, method="auto", keepdims=False):
    ordered = np.sort(in_rows(values, axis), axis=-1)
    n = np.shape(ordered)[-1]
    m = int(np.sqrt(n) + 0.5) if window_length is None else window_length
    if 2 <= 2 * m < n:
        found = entropy_of(ordered, n, m, method.lower())
    elif np.ndim(ordered) > 1:
        raise ValueError(f"Window length ({m}) must be positive and less than half the sample size ({n}).")
    else:
        found = np.nan * np.sum(ordered)
    return kept(found if base is None else found / math.log(base), values, axis, keepdims)


# O. Vasicek, J. R. Stat. Soc. B 1976; B. Van Es, Scand. J. Stat. 1992; N. Ebrahimi, K. Pflughoeft, E. S. Soofi, Stat.
# Probab. Lett. 1994; J. C. Correa, Commun. Stat. Theory Methods 1995.
def entropy_of(ordered, n, m, method):
    """The entropy of ordered samples by the gaps between those that are ``m`` (or on each side ``m``) apart."""
    if method == "van es" or (method == "auto" and n <= 10):
        fixed = float(np.sum(1 / np.arange(m, n + 1)) + np.log(m) - np.log(n + 1))
        return np.sum(np.log((n + 1) / m * (ordered[..., m:] - ordered[..., :-m])), axis=-1) / (n - m) + fixed
    places, offsets = np.arange(n), np.arange(-m, m + 1)
    near = ordered[..., np.clip(places[:, None] + offsets, 0, n - 1)]
    if method == "correa":
        apart = near - np.mean(near, axis=-1, keepdims=True)
        return -np.mean(
            np.log(np.sum(apart * in_precision(offsets, ordered), axis=-1) / (n * np.sum(apart**2, axis=-1))), axis=-1
        )
    gaps = near[..., -1] - near[..., 0]
    if method == "vasicek" or (method == "auto" and n > 1000):
        return np.mean(np.log(n / (2 * m) * gaps), axis=-1)
    from_end = np.minimum(places, n - 1 - places)
    return np.mean(
        np.log(n * gaps / (m * in_precision(np.where(from_end < m, 1 + from_end / m, 2.0), ordered))), axis=-1
    )


def between(u_values, v_values, u_weights, v_weights):
    """The lengths between all values in order, and the difference of the two cumulative distributions there."""
    together = np.sort(np.concatenate([u_values, v_values]))
    u, v = cumulative(u_values, u_weights, together[:-1]), cumulative(v_values, v_weights, together[:-1])
    return np.diff(together), u - v


def cumulative(values, weights, at):
    """Which part of the values, or of their weights, is not above some others."""
    if weights is None:
        return np.searchsorted(np.sort(values), at, side="right") / np.size(values)
    weights = np.asarray(weights, dtype=float)
    if np.shape(weights) != np.shape(values):
        raise ValueError("Value and weight array-likes for the same empirical distribution must be of the same size.")
    if np.any(weights < 0):
        raise ValueError("All weights must be non-negative.")
    if not 0 < np.sum(weights) < np.inf:
        raise ValueError("Weight array-like sum must be positive and finite. Set as None for an equal distribution.")
    order = np.argsort(values)
    sums = np.cumsum(np.append(0.0, weights[order]))
    return sums[np.searchsorted(np.asarray(values)[order], at, side="right")] / sums[-1]


@definition(stats.wasserstein_distance)
def wasserstein_distance(u_values, v_values, u_weights=None, v_weights=None):
    lengths, gaps = between(u_values, v_values, u_weights, v_weights)
    return np.sum(np.abs(gaps) * lengths)


@definition(stats.energy_distance)
def energy_distance(u_values, v_values, u_weights=None, v_weights=None):
    lengths, gaps = between(u_values, v_values, u_weights, v_weights)
    return np.sqrt(2 * np.sum(gaps**2 * lengths))


@maker(stats.gaussian_kde, "pdf")
@maker(stats.gaussian_kde, "evaluate")
@maker(stats.gaussian_kde)
def gaussian_kde(at, dataset, bw_method=None):
    data, points = np.atleast_2d(dataset), np.atleast_2d(at)
    d, n = np.shape(data)
    points = np.reshape(points, (d, -1))
    factor = bandwidth(d, n, bw_method)
    centred = data - np.mean(data, axis=1, keepdims=True)
    inverse = np.linalg.inv(centred @ centred.T / (n - 1) * factor**2)
    apart = points[:, None, :] - data[:, :, None]
    lengths = np.sum(apart * np.tensordot(inverse, apart, 1), axis=0)
    scale = np.sqrt(np.linalg.det(inverse) / (2 * np.pi) ** d)
    return scale * np.mean(np.exp(-lengths / 2), axis=0)


def bandwidth(d, n, bw_method):
    """D. W. Scott, "Multivariate density estimation", 1992; B. W. Silverman, "Density estimation", 1986."""
    if bw_method is None or (isinstance(bw_method, str) and bw_method == "scott"):
        return n ** (-1.0 / (d + 4))
    if isinstance(bw_method, str):
        return (n * (d + 2.0) / 4.0) ** (-1.0 / (d + 4))
    return bw_method


# Ranks and counts; tests

zero_derivative(stats.rankdata, stats.percentileofscore, stats.kendalltau, stats.spearmanr, stats.tiecorrect)
no_rule("its counts are steps, but the limits of its bins follow the extremes: use np.searchsorted",
        stats.cumfreq, stats.relfreq)  # fmt: skip


@definition(stats.describe)
def describe(a, axis=0, ddof=1, bias=True, *, nan_policy="propagate"):
    if nan_policy == "omit":
        raise no_derivative("describe gives masked arrays with nan_policy='omit', which have no derivative rule")
    check(nan_policy, a)
    count = np.size(a) if axis is None else np.shape(a)[axis]
    ends = np.min(a, axis=axis), np.max(a, axis=axis)
    spread = variance(a, axis, ddof)
    shape = skew(a, axis=axis, bias=bias), kurtosis(a, axis=axis, bias=bias)
    return DescribeResult(count, ends, np.mean(a, axis=axis), spread, *shape)


no_rule(
    "write it with NumPy, whose mean, var, polyfit and corrcoef have rules",
    *(stats.mode, stats.binned_statistic),
)
no_rule(
    "it is a test of a hypothesis, whose result is not differentiated",
    *(stats.ttest_ind, stats.ttest_1samp, stats.ttest_rel, stats.ks_2samp, stats.kstest, stats.shapiro),
    *(stats.chisquare, stats.mannwhitneyu, stats.f_oneway),
)
