"""Frozen distributions: ``norm(loc, scale).logpdf(x)`` is ``norm.logpdf(x, loc, scale)``."""

from ...table import RULES, maker


def frozen(distribution, names):
    """Let the methods of what a distribution makes be those of the distribution."""
    for name in names:
        method = getattr(distribution, name)
        if method in RULES:
            maker(distribution, name)(method)
    if hasattr(distribution, "stats") and distribution.stats in RULES:
        maker(distribution, "stats", call="moments", first=0)(distribution.stats)
