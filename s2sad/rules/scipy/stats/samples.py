"""Statistics of samples: definitions, as all of them are short formulas of means, sorts and elementary functions."""

import math
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.stats._stats_py import DescribeResult

from ...reductions import count
from ...table import definition, maker, no_rule, zero_derivative
from ..signal.spectral import in_precision

# Means and spreads


@definition(stats.zscore)
def zscore(a, axis=0, ddof=0):
    return zmap(a, a, axis, ddof)


@definition(stats.zmap)
def zmap(scores, compare, axis=0, ddof=0):
    mean = np.mean(compare, axis=axis, keepdims=True)
    return (scores - mean) / np.std(compare, axis=axis, ddof=ddof, keepdims=True)


@definition(stats.gmean)
def gmean(a, axis=0, *, weights=None, keepdims=False):
    return np.exp(np.average(np.log(a), axis=axis, weights=weights, keepdims=keepdims))


@definition(stats.hmean)
def hmean(a, axis=0, *, weights=None, keepdims=False):
    return 1 / np.average(1 / np.asarray(a), axis=axis, weights=weights, keepdims=keepdims)


@definition(stats.pmean)
def pmean(a, p, *, axis=0, weights=None, keepdims=False):
    if p == 0:
        return gmean(a, axis, weights=weights, keepdims=keepdims)
    return np.average(np.asarray(a) ** p, axis=axis, weights=weights, keepdims=keepdims) ** (1 / p)


@definition(stats.gstd)
def gstd(a, axis=0, ddof=1, *, keepdims=False):
    return np.exp(np.std(np.log(a), axis=axis, ddof=ddof, keepdims=keepdims))


@definition(stats.sem)
def sem(a, axis=0, ddof=1, *, keepdims=False):
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / math.sqrt(count(a, axis, False, True))


@definition(stats.variation)
def variation(a, axis=0, *, ddof=0, keepdims=False):
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.mean(a, axis=axis, keepdims=keepdims)


@definition(stats.iqr)
def iqr(x, axis=None, rng=(25, 75), scale=1.0, *, interpolation="linear", keepdims=False):
    if isinstance(scale, str):
        scale = 2 * OF_NORMAL
    upper = np.percentile(x, max(rng), axis=axis, method=interpolation, keepdims=keepdims)
    return (upper - np.percentile(x, min(rng), axis=axis, method=interpolation, keepdims=keepdims)) / scale


OF_NORMAL = 0.6744897501960817  # the deviation of the standard normal distribution, its quantile at 3/4


@definition(stats.median_abs_deviation)
def median_abs_deviation(x, axis=0, *, scale=1.0, keepdims=False):
    middle = np.median(x, axis=axis, keepdims=True)
    if isinstance(scale, str):
        scale = OF_NORMAL
    return np.median(np.abs(x - middle), axis=axis, keepdims=keepdims) / scale


@definition(stats.trim_mean)
def trim_mean(a, proportiontocut, axis=0):
    ordered = np.sort(a, axis=None) if axis is None else np.moveaxis(np.sort(a, axis=axis), axis, 0)
    cut = int(proportiontocut * np.shape(ordered)[0])
    return np.mean(ordered[cut : np.shape(ordered)[0] - cut], axis=0)


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
def gzscore(a, *, axis=0, ddof=0):
    return zscore(np.log(a), axis, ddof)


# Within limits


def within(a, limits, inclusive):
    """Which samples are between two limits, either of which may be None."""
    low, high = (None, None) if limits is None else limits
    inside = np.full(np.shape(a), True)
    if low is not None:
        inside = inside & (a >= low if inclusive[0] else a > low)
    if high is not None:
        inside = inside & (a <= high if inclusive[1] else a < high)
    if not np.any(inside):
        raise ValueError("No array values within given limits")
    return inside


@definition(stats.tmean)
def tmean(a, limits=None, inclusive=(True, True), axis=None, *, keepdims=False):
    a = np.asarray(a)
    return np.mean(a, axis=axis, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tvar)
def tvar(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    return np.var(a, axis=axis, ddof=ddof, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tstd)
def tstd(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims, where=within(a, limits, inclusive))


@definition(stats.tsem)
def tsem(a, limits=None, inclusive=(True, True), axis=0, ddof=1, *, keepdims=False):
    a = np.asarray(a)
    inside = within(a, limits, inclusive)
    spread = np.std(a, axis=axis, ddof=ddof, keepdims=keepdims, where=inside)
    return spread / in_precision(np.sqrt(np.sum(inside, axis=axis, keepdims=keepdims)), a)


@definition(stats.tmin)
def tmin(a, lowerlimit=None, axis=0, inclusive=True, *, keepdims=False):
    a = np.asarray(a)
    inside = within(a, (lowerlimit, None), (inclusive, True))
    found = np.min(np.where(inside, a, np.inf), axis=axis, keepdims=keepdims)
    return np.where(np.any(inside, axis=axis, keepdims=keepdims), found, np.nan)[()]


@definition(stats.tmax)
def tmax(a, upperlimit=None, axis=0, inclusive=True, *, keepdims=False):
    return -tmin(-np.asarray(a), None if upperlimit is None else -upperlimit, axis, inclusive, keepdims=keepdims)


# The root of an equation whose weights change by steps: a mean of weights that stay as they are nearby (W. K. Newey,
# J. L. Powell, Econometrica 1987)


@definition(stats.expectile)
def expectile(a, alpha=0.5, *, weights=None):
    below = a <= place_of_expectile(a, alpha, weights)
    sides = np.where(below, 1 - alpha, alpha)
    return np.average(a, weights=sides if weights is None else sides * weights)


def place_of_expectile(a, alpha, weights):
    return stats.expectile(a, alpha, weights=weights)


zero_derivative(place_of_expectile)

# Moments


def central(a, order, axis, keepdims=False):
    return np.mean((a - np.mean(a, axis=axis, keepdims=True)) ** order, axis=axis, keepdims=keepdims)


@definition(stats.moment)
def moment(a, order=1, axis=0, *, center=None, keepdims=False):
    if isinstance(order, (int, float)):
        return moment_of(a, order, axis, center, keepdims)
    return np.stack([moment_of(a, one, axis, center, keepdims) for one in order])


def moment_of(a, order, axis, center, keepdims):
    if center is None:
        return central(a, order, axis, keepdims)
    return np.mean((a - center) ** order, axis=axis, keepdims=keepdims)


@definition(stats.skew)
def skew(a, axis=0, bias=True, *, keepdims=False):
    n = count(a, axis, False, True)
    biased = central(a, 3, axis, keepdims) / central(a, 2, axis, keepdims) ** 1.5
    return biased if bias else biased * (math.sqrt((n - 1.0) * n) / (n - 2.0))


@definition(stats.kurtosis)
def kurtosis(a, axis=0, fisher=True, bias=True, *, keepdims=False):
    n = count(a, axis, False, True)
    ratio = central(a, 4, axis, keepdims) / central(a, 2, axis, keepdims) ** 2
    if not bias:
        ratio = ((n**2 - 1.0) * ratio - 3 * (n - 1.0) ** 2) / ((n - 2.0) * (n - 3.0)) + 3
    return ratio - 3 if fisher else ratio


def powers(data, n, axis, keepdims):
    return [np.sum(data**k, axis=axis, keepdims=keepdims) for k in range(1, n + 1)]


@definition(stats.kstat)
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
def kstatvar(data, n=2, *, axis=None, keepdims=False):
    size, second = count(data, axis, False, True), kstat(data, 2, axis=axis, keepdims=keepdims)
    if n == 1:
        return second / size
    return (2 * size * second**2 + (size - 1) * kstat(data, 4, axis=axis, keepdims=keepdims)) / (size * (size + 1))


# Angles: the mean of the points of the unit circle


def circle(samples, high, low, axis, keepdims):
    angles = (samples - low) * (2 * np.pi / (high - low))
    return np.mean(np.sin(angles), axis=axis, keepdims=keepdims), np.mean(np.cos(angles), axis=axis, keepdims=keepdims)


@definition(stats.circmean)
def circmean(samples, high=2 * np.pi, low=0, axis=None, *, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    return np.mod(np.arctan2(sine, cosine), 2 * np.pi) * ((high - low) / (2 * np.pi)) + low


@definition(stats.circvar)
def circvar(samples, high=2 * np.pi, low=0, axis=None, *, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    return 1 - np.hypot(sine, cosine)


@definition(stats.circstd)
def circstd(samples, high=2 * np.pi, low=0, axis=None, *, normalize=False, keepdims=False):
    sine, cosine = circle(samples, high, low, axis, keepdims)
    spread = np.sqrt(-2 * np.log(np.hypot(sine, cosine)))
    return spread if normalize else spread * ((high - low) / (2 * np.pi))


# Transformations of powers, and their likelihood


@definition(stats.boxcox)
def boxcox(x, lmbda):
    return special.boxcox(x, lmbda)


@definition(stats.yeojohnson)
def yeojohnson(x, lmbda):
    size = np.abs(x)
    return np.where(x >= 0, special.boxcox1p(size, lmbda), -special.boxcox1p(size, 2 - lmbda))


@definition(stats.boxcox_llf)
def boxcox_llf(lmb, data):
    n = np.shape(data)[0]
    return (lmb - 1) * np.sum(np.log(data), axis=0) - n / 2 * np.log(np.var(special.boxcox(data, lmb), axis=0))


@definition(stats.yeojohnson_llf)
def yeojohnson_llf(lmb, data):
    n, logs = np.shape(data)[0], np.sign(data) * np.log1p(np.abs(data))
    return (lmb - 1) * np.sum(logs, axis=0) - n / 2 * np.log(np.var(yeojohnson(data, lmb), axis=0))


# Entropy and distances of distributions


@definition(stats.entropy)
def entropy(pk, qk=None, base=None, axis=0, *, keepdims=False):
    if qk is not None and np.shape(pk) != np.shape(qk):
        pk, qk = np.broadcast_arrays(pk, qk)
    p = pk / np.sum(pk, axis=axis, keepdims=True)
    terms = special.entr(p) if qk is None else special.rel_entr(p, qk / np.sum(qk, axis=axis, keepdims=True))
    total = np.sum(terms, axis=axis, keepdims=keepdims)
    return total if base is None else total / math.log(base)


@definition(stats.differential_entropy)
def differential_entropy(values, *, window_length=None, base=None, axis=0, method="auto"):
    values = np.ravel(values) if axis is None else np.moveaxis(np.asarray(values), axis, -1)
    ordered = np.sort(values, axis=-1)
    n = np.shape(ordered)[-1]
    m = int(np.sqrt(n) + 0.5) if window_length is None else window_length
    if not 2 <= 2 * m < n:
        raise ValueError(f"Window length ({m}) must be positive and less than half the sample size ({n}).")
    found = entropy_of(ordered, n, m, method.lower())
    return found if base is None else found / math.log(base)


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


def between(u_values, v_values):
    """The lengths between all values in order, and the difference of the two cumulative distributions there."""
    together = np.sort(np.concatenate([u_values, v_values]))
    u = np.searchsorted(np.sort(u_values), together[:-1], side="right") / np.size(u_values)
    v = np.searchsorted(np.sort(v_values), together[:-1], side="right") / np.size(v_values)
    return np.diff(together), u - v


@definition(stats.wasserstein_distance)
def wasserstein_distance(u_values, v_values):
    lengths, gaps = between(u_values, v_values)
    return np.sum(np.abs(gaps) * lengths)


@definition(stats.energy_distance)
def energy_distance(u_values, v_values):
    lengths, gaps = between(u_values, v_values)
    return np.sqrt(2 * np.sum(gaps**2 * lengths))


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
def describe(a, axis=0, ddof=1, bias=True):
    count = np.size(a) if axis is None else np.shape(a)[axis]
    ends = np.min(a, axis=axis), np.max(a, axis=axis)
    spread = np.var(a, axis=axis, ddof=ddof)
    shape = skew(a, axis, bias), kurtosis(a, axis, True, bias)
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
