"""Rows of SciPy's distributions: every method, by the variable, the shapes, the location and the scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from s2sad.rules.scipy.stats.shapes import CONTINUOUS
from s2sad.rules.scipy.stats.shapes import DISCRETE as DISCRETE_MOMENTS
from s2sad.rules.table import rule_for

from .harness import Point, Row, distinct, normal, positive, uniform

# Shapes for each distribution: two sets, as arrays of one shape for each of them.
SHAPES: dict[str, list[tuple[float, float]]] = {
    "norm": [], "halfnorm": [], "uniform": [], "expon": [], "laplace": [], "logistic": [], "cauchy": [],
    "halfcauchy": [], "gumbel_r": [], "gumbel_l": [], "rayleigh": [], "maxwell": [], "levy": [], "hypsecant": [],
    "arcsine": [], "halflogistic": [], "moyal": [],
    "gamma": [(2.5, 0.7)], "invgamma": [(2.5, 0.7)], "chi2": [(3.5, 1.5)], "chi": [(3.5, 1.5)],
    "nakagami": [(1.5, 0.7)], "gennorm": [(1.5, 2.5)], "beta": [(2.5, 0.7), (1.5, 0.8)],
    "betaprime": [(2.5, 0.7), (1.5, 2.8)], "f": [(3.5, 5.0), (4.5, 7.0)], "t": [(3.5, 6.0)],
    "lognorm": [(0.5, 1.2)], "weibull_min": [(0.8, 1.7)], "weibull_max": [(0.8, 1.7)], "pareto": [(2.5, 1.2)],
    "lomax": [(2.5, 1.2)], "powerlaw": [(0.7, 2.2)], "loguniform": [(0.5, 1.2), (2.5, 3.1)], "triang": [(0.3, 0.6)],
    "gompertz": [(0.7, 1.5)], "fisk": [(1.5, 2.5)], "invweibull": [(1.5, 2.5)], "genpareto": [(0.3, -0.4)],
    "genextreme": [(0.3, -0.4)], "truncnorm": [(-0.5, 0.8), (1.5, 2.2)], "skewnorm": [(1.5, -0.6)],
    "invgauss": [(0.8, 1.4)], "johnsonsu": [(0.4, -0.6), (1.2, 1.8)], "vonmises": [(1.5, 0.6)], "rice": [(0.8, 1.4)],
    "norminvgauss": [(1.5, 2.0), (0.4, -0.8)], "wrapcauchy": [(0.4, 0.7)],
    "gibrat": [], "wald": [], "levy_l": [], "semicircular": [], "cosine": [], "anglit": [],
    "gengamma": [(1.5, 0.7), (1.8, -1.2)], "loggamma": [(0.7, 2.5)], "dgamma": [(1.5, 2.5)],
    "halfgennorm": [(1.5, 0.8)],
    "rdist": [(1.5, 3.5)], "exponnorm": [(1.5, 0.4)], "foldnorm": [(0.7, 1.5)], "powernorm": [(0.7, 2.5)],
    "powerlognorm": [(0.7, 2.5), (0.5, 1.2)], "fatiguelife": [(0.6, 1.5)], "johnsonsb": [(0.4, -0.6), (1.2, 1.8)],
    "recipinvgauss": [(0.8, 1.4)], "alpha": [(1.5, 3.5)], "argus": [(0.8, 2.0)],
    "crystalball": [(1.2, 0.4), (2.5, 3.5)],
    "bradford": [(0.7, 2.5)], "burr": [(1.5, 2.5), (0.7, 1.8)], "burr12": [(1.5, 2.5), (0.7, 1.8)],
    "mielke": [(1.5, 2.5), (0.7, 1.8)], "exponweib": [(0.7, 1.8), (1.5, 0.8)], "exponpow": [(0.7, 1.8)],
    "genlogistic": [(0.7, 1.8)], "genhalflogistic": [(0.3, 0.7)], "dweibull": [(1.5, 2.5)], "loglaplace": [(1.5, 2.5)],
    "laplace_asymmetric": [(0.7, 1.8)], "skewcauchy": [(0.4, -0.6)], "foldcauchy": [(0.7, 1.5)], "kappa3": [(0.7, 1.8)],
    "reciprocal": [(0.5, 1.2), (2.5, 3.1)], "vonmises_line": [(1.5, 0.6)], "truncexpon": [(1.5, 2.5)],
    "truncpareto": [(0.7, 1.8), (2.5, 3.5)], "truncweibull_min": [(0.8, 1.7), (0.2, 0.4), (1.5, 2.2)],
}  # fmt: skip
METHODS = ("pdf", "logpdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf")


def known(function: Any, args: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions of the arguments that the rule has a derivative by."""
    rule = rule_for(function)
    partials = rule.pullback(function(*args), *args)  # type: ignore
    return tuple(k for k, partial in enumerate(partials) if partial is not NotImplemented)


def rows_of(name: str) -> list[Row]:
    distribution = getattr(stats, name)
    shapes = [np.array(s) for s in SHAPES[name]]
    loc, scale = np.array([0.3, -0.2]), np.array([1.3, 0.8])
    q = np.array([0.35, 0.65])
    x = distribution.ppf(q, *shapes, loc, scale)
    rows = []
    for method in METHODS:
        function = getattr(distribution, method)
        first = q if method in ("ppf", "isf") else x
        args = (first, *shapes, loc, scale)
        rows.append(Row(function, args, {}, known(function, args), float32=False, note=name))

    def drawn(*parameters):
        return distribution.rvs(*parameters, random_state=3)

    of_place = (len(shapes), len(shapes) + 1)
    rows += moment_rows(name, shapes, (loc, scale))
    return [*rows, Row(distribution.rvs, (*shapes, loc, scale), {}, of_place, float32=False, program=drawn, note=name)]


# Shapes at which there is a variance.
WITH_VARIANCE = {
    "invgamma": [(3.5, 2.7)], "pareto": [(3.5, 2.4)], "lomax": [(3.5, 2.4)], "invweibull": [(3.5, 2.4)],
    "fisk": [(3.5, 2.4)], "betaprime": [(2.5, 0.7), (3.5, 2.8)],
}  # fmt: skip
SOME = ("norm", "gamma", "poisson")


def moment_rows(name: str, shapes: list[Any], place: tuple[Any, ...]) -> list[Row]:
    """What the shapes of a distribution do to its moments; the rest of these rules is alike for all distributions."""
    if name not in {*SOME, *CONTINUOUS, *DISCRETE_MOMENTS}:
        return []
    distribution = getattr(stats, name)
    args = (*(np.array(s) for s in WITH_VARIANCE.get(name, shapes)), *place)

    def of(method: str, *first: Any, by: tuple[int, ...] | None = None, **options: Any) -> Row:
        function = getattr(distribution, method)
        argnums = known(function, (*first, *args)) if by is None else by
        if method == "moment":  # its order is an integer
            argnums = argnums[1:]
        return Row(function, (*first, *args), options, argnums, float32=False, note=f"{name} {method} {first}")

    methods = [m for m in ("mean", "var", "entropy") if known(getattr(distribution, m), args)[:-1]]
    by = [set(known(getattr(distribution, m), args)) for m in methods]

    def moments_of(*parameters):
        return [getattr(distribution, m)(*parameters) for m in methods]

    rows = []
    if name in {**CONTINUOUS, **DISCRETE_MOMENTS}:
        rows = [
            Row(distribution.mean, args, {}, tuple(set.intersection(*by)), float32=False, program=moments_of, note=name)
        ]
    if name in SOME:
        by_quantiles = known(distribution.ppf, (0.5, *args))[1:]
        by_variance = tuple(set.intersection(*by[:2]))
        rows += [of(method) for method in ("mean", "var", "std", "entropy")]
        rows += [of("moment", order) for order in (0, 1, 2, 3)]
        rows += [of("median", by=tuple(k - 1 for k in by_quantiles)), of("interval", 0.8, by=by_quantiles)]
        rows += [of("stats", moments=m, by=by_variance) for m in ("mv", "m", "v")]
    return rows


# Shapes of the discrete distributions.
DISCRETE: dict[str, list[Any]] = {
    "poisson": [(2.5, 3.5)], "bernoulli": [(0.3, 0.6)], "binom": [(5, 7), (0.3, 0.6)], "geom": [(0.3, 0.6)],
    "nbinom": [(2.5, 4.0), (0.3, 0.6)], "betabinom": [(5, 7), (1.5, 0.8), (2.5, 1.2)], "dlaplace": [(0.8, 1.2)],
    "planck": [(0.3, 0.6)], "logser": [(0.3, 0.6)], "yulesimon": [(1.5, 2.5)],
}  # fmt: skip
DISCRETE_METHODS = ("pmf", "logpmf", "cdf", "sf", "logcdf", "logsf")


def discrete_rows_of(name: str) -> list[Row]:
    distribution = getattr(stats, name)
    shapes = [np.array(s) for s in DISCRETE[name]]
    rows = []
    for method in DISCRETE_METHODS:
        function = getattr(distribution, method)
        if rule_for(function) is None:
            continue
        low = np.maximum(distribution.support(*shapes)[0], 0)
        for k in (low, low + np.array([0, 1]), low + np.array([[1, 2], [0, 9]])):
            if method.startswith("log") and not np.all(np.isfinite(function(k, *shapes))):
                continue
            args = (k, *shapes, 0)
            rows.append(Row(function, args, {}, known(function, args), float32=False, note=f"{name} {np.shape(k)}"))
    q = distribution.cdf(low + 1, *shapes) - distribution.pmf(low + 1, *shapes) / 2  # in the middle of a step
    loc = np.array([0.5, 1.5])
    argnums = (0, len(shapes) + 1)
    rows += moment_rows(name, shapes, (loc,))
    rows.append(Row(distribution.ppf, (q, *shapes, loc), {}, argnums, float32=False))
    rows.append(Row(distribution.isf, (1 - q, *shapes, loc), {}, argnums, float32=False))
    return rows


def vectors(name: str, method: str, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(getattr(getattr(stats, name), method), args, options, float32=False, note=f"{method} {note}")


def of_shares(method: Any) -> Any:
    return lambda x, n, p: method(x, n, p / np.sum(p))  # which SciPy wants to add up to one


half, covariance = np.float64(0.5), np.array([[1.3, 0.4, -0.2], [0.4, 0.9, 0.1], [-0.2, 0.1, 1.1]])
VECTORS = [
    *[vectors("multivariate_normal", m, normal(3), normal(3), positive(3), note="diagonal") for m in ("pdf", "logpdf")],
    *[
        vectors("multivariate_normal", m, normal(4), 0.3, 1.4, note="numbers")
        for m in ("pdf", "logpdf", "cdf", "logcdf")
    ],
    *[
        vectors(
            "multivariate_normal", m, normal(4, 2), normal(2), positive(2), note="perhaps singular", allow_singular=True
        )
        for m in ("pdf", "logpdf")
    ],
    *[vectors("multivariate_normal", m, normal(4, 1), normal(1), positive(1, 1), note="one") for m in ("logpdf",)],
    *[
        vectors("multivariate_normal", m, normal(4, 2), normal(2), positive(2), note="rows")
        for m in ("pdf", "cdf", "logcdf")
    ],
    *[vectors("multivariate_normal", m, normal(4), note="standard") for m in ("pdf", "logpdf", "cdf")],
    *[vectors("multivariate_t", m, normal(3), normal(3), positive(), 3.5, note="vector") for m in ("pdf", "logpdf")],
    *[vectors("multivariate_t", m, normal(2, 3), normal(3), 1.4, 3.5, note="rows") for m in ("pdf", "logpdf")],
    vectors("multivariate_normal", "entropy", normal(3), positive(3), note="diagonal"),
    *[vectors("dirichlet", m, positive(3)) for m in ("mean", "var", "entropy")],
    vectors("dirichlet", "entropy", [0.6, 1.2], note="list"),
    *[vectors("dirichlet", m, uniform(0.1, 0.3, 2), positive(3)) for m in ("pdf", "logpdf")],
    *[vectors("dirichlet", m, uniform(0.1, 0.3, 2, 4), positive(3), note="columns") for m in ("pdf", "logpdf")],
    *[
        Row(f, (np.array(x), 5, np.array([0.2, 0.5, 0.3])), {}, (2,), float32=False, program=of_shares(f))
        for f in (stats.multinomial.pmf, stats.multinomial.logpmf)
        for x in ([1, 3, 1], [0, 2, 3], [[1, 3, 1], [2, 2, 1]])
    ],
]

ROWS: list[Any] = [row for name in SHAPES for row in rows_of(name)]
ROWS += [row for name in DISCRETE for row in discrete_rows_of(name)]
ROWS += VECTORS


def statistic(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    argnums = None if function not in (stats.iqr, stats.trim_mean, stats.moment) else (0,)
    return Row(function, args, options, argnums, note=note)


def estimated(at: Any, data: Any) -> Any:
    smooth = stats.gaussian_kde(data, 0.4)
    return stats.gaussian_kde(data)(at), stats.gaussian_kde(data, "silverman").pdf(at), smooth.evaluate(at)


def program(called: Any, *args: Any) -> Row:
    return Row(stats.gaussian_kde, args, {}, None, float32=False, program=called, note=f"{len(args)}")


def described(a):
    found = stats.describe(a, nan_policy="raise")
    rows = stats.describe(np.stack([a, a**2]), axis=1, ddof=0, bias=False)
    return found.mean, found.variance, found.minmax, found.skewness, found.kurtosis, rows.variance, rows.kurtosis


def definite(a):
    return a @ a.T + np.eye(len(a))


def of_wishart(x, df, scale):
    x, scale = definite(x), definite(scale)
    pair = np.stack([x, scale], -1)
    made = stats.wishart(df + 3, scale).logpdf(pair), stats.invwishart(df + 3, scale).pdf(pair)
    return made, stats.wishart.pdf(x, df + 3, scale), stats.invwishart.logpdf(x, None, scale)


def of_diagonals(x, scale):
    logpdf = stats.wishart.logpdf
    return logpdf(x, 4.5, scale[0]), logpdf(x, 4.5, scale), stats.invwishart.logpdf(x[0], 4.5, scale)


def of_matrices(x, mean, rows, columns):
    rows, columns = definite(rows), definite(columns)
    found = stats.matrix_normal(mean, rows, columns).logpdf(x)
    return found, stats.matrix_normal.pdf(x, None, rows, columns), stats.matrix_normal.logpdf(x[0], mean, 1.5, columns)


def entropy_of_normal(mean, cov):
    entropy = stats.multivariate_normal.entropy
    return entropy(mean, definite(cov)), entropy(cov=definite(cov)), stats.multivariate_normal(mean, 2.0).entropy()


def correlated(x, y):
    less = stats.pearsonr(x, y, alternative="less")
    return less.statistic, less[1], stats.pearsonr(x, y).pvalue, stats.pearsonr(x, y, alternative="greater").pvalue


def of_rows(x, y):
    r, p = stats.pearsonr(x, y, axis=1)
    return r, p, stats.pearsonr(x[:, :2], x[:, 3:], axis=None)[0]


def correlation_limits(x, y):
    found = [stats.pearsonr(x, y, alternative=a) for a in ("two-sided", "less", "greater")]
    limits = [f.confidence_interval(0.9) for f in found]
    return found[1].correlation, limits[0].low, limits[0][1], limits[1].high, limits[2].low


def fitted(x, y):
    slope, intercept, r, p, error = stats.linregress(x, y)
    return slope, intercept, r, p, error, stats.linregress(x, y, alternative="less").pvalue


def fitted_as_a_whole(x, y):
    found = stats.linregress(x, y)
    return found.intercept_stderr, found.stderr, found


def calling(function: Any, called: Any, *args: Any, **flags: Any) -> Row:
    return Row(function, args, {}, program=called, float32=False, note=called.__name__, **flags)


MATRICES = [
    *[
        calling(f, of_wishart, normal(2, 2), positive(), normal(2, 2), twice=f is stats.wishart.logpdf)
        for f in (stats.wishart.logpdf, stats.wishart.pdf, stats.invwishart.logpdf, stats.invwishart.pdf)
    ],
    calling(stats.multivariate_normal.entropy, entropy_of_normal, normal(2), normal(2, 2)),
    calling(stats.wishart.logpdf, of_diagonals, positive(3), positive(3)),
    *[
        calling(
            f,
            of_matrices,
            normal(2, 3, 2),
            normal(3, 2),
            normal(3, 3),
            normal(2, 2),
            twice=f is stats.matrix_normal.pdf,
        )
        for f in (stats.matrix_normal.logpdf, stats.matrix_normal.pdf)
    ],
]
STATISTICS = [
    *MATRICES,
    calling(stats.pearsonr, correlated, normal(6), normal(6)),
    calling(stats.pearsonr, of_rows, normal(2, 5), normal(1, 5)),
    calling(type(stats.pearsonr([1, 2], [3, 4])).confidence_interval, correlation_limits, normal(6), normal(6),
            compiles=False),
    calling(stats.linregress, fitted, normal(6), normal(6)),
    calling(stats.linregress, fitted_as_a_whole, normal(6), normal(6), compiles=False),
    *[statistic(stats.differential_entropy, distinct(7), method=m)
      for m in ("auto", "vasicek", "van es", "ebrahimi", "correa")],
    statistic(stats.differential_entropy, distinct(3, 12), window_length=3, base=2.0, axis=1),
    Row(stats.describe, (distinct(6),), {}, None, float32=False, program=described, note="all"),
    *[statistic(f, normal(5)) for f in (stats.zscore, stats.sem, stats.skew, stats.kurtosis)],
    *[statistic(f, normal(3, 5), axis=1) for f in (stats.zscore, stats.sem, stats.skew, stats.kurtosis)],
    *[statistic(f, positive(5)) for f in (stats.gmean, stats.hmean, stats.gstd, stats.variation)],
    *[statistic(f, positive(5, 3), axis=None) for f in (stats.gmean, stats.hmean, stats.variation)],
    *[statistic(f, positive(4), weights=np.array([1.0, 2.0, 0.5, 1.5])) for f in (stats.gmean, stats.hmean)],
    *[statistic(f, normal(7), bias=False, keepdims=True) for f in (stats.skew, stats.kurtosis)],
    statistic(stats.kurtosis, normal(7), fisher=False),
    statistic(stats.zmap, normal(3), normal(5), ddof=1),
    statistic(stats.pmean, positive(5), 2.5),
    Row(stats.pmean, (positive(3, 5), 0), {"axis": 1, "keepdims": True}),
    *[statistic(f, normal(3, 5, 2), axis=(0, -1)) for f in (stats.sem, stats.skew, stats.kurtosis)],
    *[statistic(f, normal(3, 5, 2), axis=(0, 1), bias=False) for f in (stats.skew, stats.kurtosis)],
    statistic(stats.entropy, positive(3, 4), positive(4), axis=1, note="broadcast"),
    statistic(stats.sem, normal(5, 3), axis=None, ddof=0),
    statistic(stats.variation, positive(5, 3), ddof=1, keepdims=True),
    statistic(stats.iqr, distinct(9)),
    statistic(stats.iqr, distinct(4, 5), axis=1, rng=(10, 80), keepdims=True),
    statistic(stats.iqr, distinct(4, 5), axis=1, rng=(80, 10), scale="normal"),
    statistic(stats.median_abs_deviation, normal(7)),
    statistic(stats.median_abs_deviation, normal(3, 6), axis=1, scale=1.4),
    statistic(stats.trim_mean, distinct(10), 0.2),
    statistic(stats.trim_mean, distinct(3, 8), 0.2, axis=1),
    statistic(stats.trim_mean, distinct(3, 4), 0.2, axis=None),
    *[statistic(f, distinct(6), **options) for f in (stats.tmean, stats.tvar, stats.tstd, stats.tsem)
      for options in ({}, {"limits": (-2.0, None)}, {"limits": (None, 1.5), "inclusive": (True, False)})],
    *[statistic(f, uniform(-3.0, 3.0, 4, 6), limits=(-2.5, 2.5), axis=1, keepdims=True)
      for f in (stats.tmean, stats.tvar, stats.tstd, stats.tsem)],
    *[statistic(f, distinct(4, 5), axis=None, ddof=0) for f in (stats.tvar, stats.tstd, stats.tsem)],
    *[statistic(f, distinct(4, 5), axis=axis) for f in (stats.tmin, stats.tmax) for axis in (None, 1)],
    statistic(stats.tmin, distinct(6), lowerlimit=-1.0, inclusive=False, keepdims=True),
    statistic(stats.tmax, distinct(6), upperlimit=1.0, keepdims=True, inclusive=False),
    *[statistic(stats.kstat, normal(6), n=n) for n in (1, 2, 3, 4)],
    *[statistic(stats.kstatvar, normal(6), n=n) for n in (1, 2)],
    *[statistic(f, normal(3, 6), axis=1, keepdims=True) for f in (stats.kstat, stats.kstatvar)],
    *[statistic(stats.trimboth, distinct(5, 4), proportiontocut=0.25, axis=axis) for axis in (0, 1, None)],
    *[statistic(stats.trim1, distinct(5, 4), proportiontocut=0.25, axis=axis, tail=tail)
      for axis in (0, None) for tail in ("left", "right")],
    *[statistic(stats.scoreatpercentile, distinct(4, 5), per=30, interpolation_method=method, axis=1)
      for method in ("fraction", "lower", "higher")],
    statistic(stats.scoreatpercentile, distinct(8), per=[20, 60], limit=(-3.0, 3.0)),
    statistic(stats.gzscore, positive(4, 5), axis=1, ddof=1),
    statistic(stats.expectile, distinct(6), 0.3),
    statistic(stats.expectile, distinct(6), 0.7, weights=np.array([1.0, 2.0, 0.5, 1.5, 1.0, 2.5])),
    statistic(stats.differential_entropy, distinct(3, 4), axis=None),
    *[statistic(stats.moment, normal(6), order) for order in (2, 3)],
    statistic(stats.moment, normal(6, 2), 3, center=0.5),
    *[statistic(f, uniform(0.5, 2.5, 6)) for f in (stats.circmean, stats.circvar, stats.circstd)],
    *[statistic(f, uniform(50.0, 90.0, 6, 2), high=180.0, low=-180.0, axis=0) for f in (stats.circmean, stats.circstd)],
    *[statistic(f, positive(5), lam) for f in (stats.boxcox, stats.yeojohnson) for lam in (0.7, np.float64(0.0))],
    statistic(stats.yeojohnson, distinct(6), 1.3),
    statistic(stats.yeojohnson, [0.3, -1.6, 0.5], 1.3, note="list"),
    *[statistic(stats.yeojohnson_llf, lam, distinct(5)) for lam in (0.7, 1.2)],
    *[statistic(stats.boxcox_llf, lam, positive(5)) for lam in (0.7, 1.2)],
    statistic(stats.entropy, positive(4)),
    statistic(stats.entropy, positive(4, 2), positive(4, 2), base=2.0, note="relative"),
    *[statistic(f, distinct(5), lambda rng: distinct(4)(rng) + 0.4)
      for f in (stats.wasserstein_distance, stats.energy_distance)],
    program(estimated, normal(4), normal(7)),
    program(lambda data: stats.gaussian_kde(data)(np.array([[0.1, 0.3], [0.5, -0.2]])), normal(2, 7)),
]  # fmt: skip
ROWS += STATISTICS

outside = np.array([-1.0])
far = np.array([-800.0, 800.0])
POINTS = [
    *[
        Point(getattr(getattr(stats, name), method), (0.5, 2.0), (by_loc, by_scale))
        for name, y in (("cauchy", np.nan), ("halfcauchy", np.inf), ("levy", np.inf))
        for method, by_loc, by_scale in (("mean", 1.0, y), ("var", 0.0, y), ("std", 0.0, y))
    ],
    *[
        Point(f, (far,), ([0.0, 0.0],), note="far out")
        for f in (stats.gumbel_r.pdf, stats.gumbel_l.pdf, stats.norm.pdf, stats.gumbel_r.cdf)
    ],
    Point(stats.t.pdf, (far * 1e160, 2.5), ([0.0, 0.0], 0.0), note="far out"),
    Point(stats.moyal.pdf, (np.array([-800.0]),), ([0.0],), note="far out"),
    Point(stats.gompertz.cdf, (far, 1.5), ([0.0, 0.0], 0.0), note="far out"),
    Point(stats.t.var, (np.array([2.0, 1.0]), 0.0, 1.0), ([np.nan, np.nan], 0.0, None), note="infinite"),
    *[Point(f, (outside, 2.0), ([0.0], 0.0), note="outside") for f in (stats.gamma.logpdf, stats.gamma.pdf)],
    *[Point(f, (outside,), ([0.0],), note="outside") for f in (stats.expon.cdf, stats.expon.logsf, stats.expon.logcdf)],
    Point(stats.norm.logpdf, (np.array([1.0, 2.0]), 0.0, 2.0), ([-0.25, -0.5], 0.75, -0.375)),
    Point(stats.norm.ppf, (0.5, 1.0, 2.0), (2.0 * np.sqrt(2 * np.pi), 1.0, 0.0)),
    Point(stats.poisson.logpmf, ([1, 2, 3], 2.0, 0), (None, 0.0), note="list"),
]
