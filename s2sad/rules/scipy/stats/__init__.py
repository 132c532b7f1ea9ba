"""Rules of ``scipy.stats``."""

from . import continuous, discrete, multivariate  # noqa: F401
