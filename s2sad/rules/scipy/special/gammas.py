"""Rules of the gamma and beta functions and of what is made of them (DLMF 5).

At its poles, 0, -1, -2, ..., the reciprocal of the gamma function is 0, and so are the products that have it as a
factor: binomial coefficients, rising factorials.  Their derivatives are finite there, though digamma is not.
"""

import math

import numpy as np
from scipy import special

from ...inference import typed
from ...table import elementwise, infer, zero_derivative

# Gamma and beta


@elementwise(special.gamma)
def gamma(y, x):
    return y * special.digamma(x)


@elementwise(special.gammaln, special.loggamma)
def gammaln(y, x):
    return special.digamma(x)


@elementwise(special.rgamma)
def rgamma(y, x):
    return rgamma_slope(x)


def is_pole(x):
    if np.iscomplexobj(x):
        return (np.real(x) <= 0) & (x == np.floor(np.real(x)))
    return (x <= 0) & (x == np.floor(x))


def rgamma_slope(x):
    """The derivative of ``1 / gamma(x)``: at its zeros -n it is ``(-1)**n * n!`` (DLMF 5.7.1)."""
    pole = is_pole(x)
    regular = np.where(pole, 1, x)
    factorial = special.gamma(1 - np.where(pole, x, 0))
    return np.where(pole, np.cos(math.pi * x) * factorial, -special.rgamma(regular) * special.digamma(regular))


@elementwise(rgamma_slope)
def rgamma_slope_(y, x):
    return NotImplemented if np.iscomplexobj(x) else rgamma_curvature(x)


def rgamma_curvature(x):
    """The second derivative of ``1 / gamma(x)``: at its zeros -n it is ``-2 * (-1)**n * n! * digamma(n + 1)``."""
    pole = is_pole(x)
    regular = np.where(pole, 1, x)
    slope = special.digamma(regular)
    at_pole = -2 * rgamma_slope(x) * special.digamma(1 - np.where(pole, x, 0))
    return np.where(pole, at_pole, special.rgamma(regular) * (slope**2 - special.polygamma(1, regular)))


@elementwise(rgamma_curvature)
def rgamma_curvature_(y, x):
    return NotImplemented


@elementwise(special.digamma)
def digamma(y, x):
    return NotImplemented if np.iscomplexobj(x) else special.polygamma(1, x)


@elementwise(special.polygamma)
def polygamma(y, n, x):
    return NotImplemented, special.polygamma(n + 1, x)


@elementwise(special.zeta)
def zeta(y, x, q=None):
    return NotImplemented, None if q is None else -x * special.zeta(x + 1, q)


@elementwise(special.multigammaln)
def multigammaln(y, a, *, d=None):
    slope = 0
    for i in range(d):
        slope = slope + special.digamma(a - i / 2)
    return slope


@infer(special.multigammaln)
def multigammaln_type(a, d):
    t = typed(a)  # it refuses the small arguments on which functions are tried
    return t if t.kind == "array" and t.dtype == np.float64 else NotImplemented


@elementwise(special.beta)
def beta(y, a, b):
    both = special.digamma(a + b)
    return y * (special.digamma(a) - both), y * (special.digamma(b) - both)


@elementwise(special.betaln)
def betaln(y, a, b):
    both = special.digamma(a + b)
    return special.digamma(a) - both, special.digamma(b) - both


# Rising factorials, factorials, binomial coefficients


@elementwise(special.poch)
def poch(y, z, m):
    return poch_by_start(y, z, m), y * special.digamma(z + m)


def poch_by_start(y, z, m):
    """The derivative of ``gamma(z + m) / gamma(z)`` by ``z``."""
    start, end = is_pole(z), is_pole(z + m)
    # where both are poles, by the reflection of both (DLMF 5.5.4); where the first is, its reciprocal is 0
    a, b = np.where(start, 1 - z, z), np.where(end, 1 - z - m, z + m)
    regular = y * (special.digamma(b) - special.digamma(a))
    at_zero = y * special.digamma(b) + special.gamma(np.where(end, 1, z + m)) * rgamma_slope(z)
    return np.where(start & ~end, at_zero, regular)


@elementwise(special.factorial)
def factorial(y, n, *, exact=False, extend="zero"):
    if exact:
        return None
    if extend != "zero":
        return NotImplemented
    return np.where(n < 0, 0, y * special.digamma(np.maximum(n, 0) + 1))


@elementwise(special.binom)
def binom(y, n, k):
    return binom_slopes(y, n, k)


@elementwise(special.comb)
def comb(y, N, k, *, exact=False, repetition=False):
    if exact:
        return None, None
    if repetition:  # of N + k - 1 things
        inside = (k >= 0) & (N + k >= 1)
        by_n, by_k = binom_slopes(y, np.where(inside, N + k - 1, 0), np.where(inside, k, 0))
        return np.where(inside, by_n, 0), np.where(inside, by_n + by_k, 0)
    inside = (k <= N) & (N >= 0) & (k >= 0)
    by_n, by_k = binom_slopes(y, np.where(inside, N, 0), np.where(inside, k, 0))
    return np.where(inside, by_n, 0), np.where(inside, by_k, 0)


def binom_slopes(y, n, k):
    """The derivatives of ``y = gamma(n + 1) / (gamma(k + 1) * gamma(n - k + 1))`` by ``n`` and ``k``."""
    top, first, second = n + 1, k + 1, n - k + 1
    by_first = special.digamma(np.where(is_pole(first), 1, first))
    by_second = special.digamma(np.where(is_pole(second), 1, second))
    # y * digamma is finite where the gamma function below has a pole
    down = np.where(is_pole(first), -special.gamma(top) * special.rgamma(second) * rgamma_slope(first), y * by_first)
    over = np.where(is_pole(second), -special.gamma(top) * special.rgamma(first) * rgamma_slope(second), y * by_second)
    return y * special.digamma(top) - over, over - down


@elementwise(special.perm)
def perm(y, N, k, *, exact=False):
    if exact:
        return None, None
    inside = (k <= N) & (N >= 0) & (k >= 0)
    a, b = special.digamma(np.where(inside, N + 1, 1)), special.digamma(np.where(inside, N - k + 1, 1))
    return np.where(inside, y * (a - b), 0), np.where(inside, y * b, 0)


zero_derivative(special.gammasgn, special.stirling2)
