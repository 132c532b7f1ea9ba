"""Rules of ``scipy.stats``."""

from scipy import stats

from . import continuous, discrete, multivariate  # noqa: F401
from .frozen import frozen

METHODS = "pdf logpdf pmf logpmf cdf sf logcdf logsf ppf isf"

for name in stats.__all__:
    distribution = getattr(stats, name)
    if hasattr(distribution, "rvs"):
        frozen(distribution, [m for m in METHODS.split() if hasattr(distribution, m)])
