"""Discrete distributions: derivatives by the shapes.

The rates are those of the logarithm of the mass function.  A cumulative distribution ``F(k)`` changes by a multiple of
the mass at ``k``, as its sum telescopes.  Nothing has a derivative by ``k`` or by the location, which are integers.
"""

import numpy as np
from scipy import special, stats

from ...table import no_rule
from .families import method_rule, shifted, times, unless

digamma = special.psi


def completed(found, parameters):
    """The derivatives by ``k``, shapes and location: of those by the last shapes, the others being integers."""
    return (*(NotImplemented,) * (len(parameters) - len(found)), *found, NotImplemented)


def discrete(distribution, steps=None):
    """Register the rules of a discrete distribution.

    The decorated function takes ``(k, *shapes)`` and returns the tuple of the derivatives of the logarithm of the
    standard mass function by the last shapes, those that are not integers.

    Args:
        distribution: of ``scipy.stats``.
        steps: takes ``(k, *shapes)``, returns by how many times the mass at ``k`` the cumulative distribution changes
            with each of the last shapes.  Without it the methods that need it have no rule.

    Example:
        >>> @discrete(stats.poisson, steps=lambda k, mu: (-1,))
        ... def poisson(k, mu):
        ...     return (k / mu - 1,)
    """

    def decorate(rates):
        def logpmf(y, k, *parameters):
            found = rates(shifted(k, parameters[-1]), *parameters[:-1])
            return completed(unless(np.isinf(y), found), parameters)

        def pmf(y, k, *parameters):
            found = rates(shifted(k, parameters[-1]), *parameters[:-1])
            return completed(unless(y == 0, times(y, found)), parameters)

        def cdf(y, k, *parameters):
            mass = distribution.pmf(np.floor(k), *parameters)
            return completed(times(mass, stepped(k, *parameters)), parameters)

        def sf(y, k, *parameters):
            mass = distribution.pmf(np.floor(k), *parameters)
            return completed(times(-mass, stepped(k, *parameters)), parameters)

        def logcdf(y, k, *parameters):
            ratio = np.exp(distribution.logpmf(np.floor(k), *parameters) - np.where(np.isinf(y), 0, y))
            return completed(times(ratio, stepped(k, *parameters)), parameters)

        def logsf(y, k, *parameters):
            ratio = np.exp(distribution.logpmf(np.floor(k), *parameters) - np.where(np.isinf(y), 0, y))
            return completed(times(-ratio, stepped(k, *parameters)), parameters)

        def stepped(k, *parameters):
            return steps(shifted(np.floor(k), parameters[-1]), *parameters[:-1])

        def ppf(k, q, *parameters):
            return (None,) * len(parameters) + (1,)

        def isf(k, q, *parameters):
            return (None,) * len(parameters) + (1,)

        cumulative = (cdf, sf, logcdf, logsf)
        for rule in (pmf, logpmf, *cumulative):
            method = getattr(distribution, rule.__name__)
            if steps is None and rule in cumulative:
                no_rule("its derivative by the shapes is not in SciPy", method)
                continue
            method_rule(method, rule, "k", loc=0)
        method_rule(distribution.ppf, ppf, "q", loc=0)
        method_rule(distribution.isf, isf, "q", loc=0)
        return rates

    return decorate


@discrete(stats.poisson, steps=lambda k, mu: (-1,))
def poisson(k, mu):
    return (k / mu - 1,)


@discrete(stats.bernoulli, steps=lambda k, p: ((k - 1) / (1 - p),))
def bernoulli(k, p):
    return (k / p - (1 - k) / (1 - p),)


@discrete(stats.binom, steps=lambda k, n, p: ((k - n) / (1 - p),))
def binom(k, n, p):
    return (k / p - (n - k) / (1 - p),)


@discrete(stats.geom, steps=lambda k, p: (k / p,))
def geom(k, p):
    return (1 / p - (k - 1) / (1 - p),)


@discrete(stats.nbinom, steps=lambda k, n, p: ((n + k) / p,))
def nbinom(k, n, p):
    return digamma(k + n) - digamma(n) + np.log(p), n / p - k / (1 - p)


@discrete(stats.betabinom)
def betabinom(k, n, a, b):
    both = digamma(a + b) - digamma(n + a + b)
    return digamma(k + a) - digamma(a) + both, digamma(n - k + b) - digamma(b) + both


@discrete(stats.dlaplace)
def dlaplace(k, a):
    return (1 / np.sinh(a) - np.abs(k),)


@discrete(stats.planck, steps=lambda k, lambda_: ((k + 1) / np.expm1(lambda_),))
def planck(k, lambda_):
    return (1 / np.expm1(lambda_) - k,)


@discrete(stats.logser)
def logser(k, p):
    return (k / p + 1 / ((1 - p) * np.log1p(-p)),)


@discrete(stats.yulesimon)
def yulesimon(k, alpha):
    return (1 / alpha + digamma(alpha + 1) - digamma(k + alpha + 1),)
