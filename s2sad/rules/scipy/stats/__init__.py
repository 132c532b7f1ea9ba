"""Rules of ``scipy.stats``."""

from scipy import stats

from ...draws import refused
from ...table import RULES, no_rule, zero_derivative
from . import continuous, discrete, less_common, matrices, multivariate, relations, samples  # noqa: F401
from .frozen import frozen
from .moments import MOMENTS, moments
from .shapes import CONTINUOUS, DISCRETE

METHODS = "pdf logpdf pmf logpmf cdf sf logcdf logsf ppf isf"

moving = []  # draws that move with their parameters in a way that is not known
for name in stats.__all__:
    distribution = getattr(stats, name)
    if callable(getattr(distribution, "rvs", None)):
        if isinstance(distribution, stats.rv_discrete):  # whole numbers
            zero_derivative(distribution.rvs, effect=True)
        elif distribution.rvs not in RULES:
            moving.append(distribution.rvs)
        if getattr(distribution, "ppf", None) in RULES:
            moments(distribution, *{**CONTINUOUS, **DISCRETE}.get(name, ()))
        frozen(distribution, [m for m in METHODS.split() + MOMENTS if hasattr(distribution, m)])
refused(*moving)

# Distributions without rules, whose mass functions have no closed derivative
REASON = "write its density with NumPy and scipy.special, which have rules"
for distribution in (stats.zipf, stats.hypergeom):
    for name in METHODS.split():
        method = getattr(distribution, name, None)
        if method is not None and method not in RULES:
            no_rule(REASON, method)
