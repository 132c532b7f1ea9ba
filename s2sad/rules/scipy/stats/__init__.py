"""Rules of ``scipy.stats``."""

from scipy import stats

from ...table import zero_derivative
from . import continuous, discrete, multivariate, samples  # noqa: F401
from .frozen import frozen

METHODS = "pdf logpdf pmf logpmf cdf sf logcdf logsf ppf isf"

for name in stats.__all__:
    distribution = getattr(stats, name)
    if hasattr(distribution, "rvs"):
        zero_derivative(distribution.rvs, effect=True)
        frozen(distribution, [m for m in METHODS.split() if hasattr(distribution, m)])
