"""Rules of distribution functions and incomplete integrals (DLMF 8).

Densities are computed by their logarithms, so that none of their factors overflows.  Of distribution functions that
round an argument to an integer, the derivative by that argument is 0.  The derivative of an inverse is that of the
function, inverted.
"""

import math

import numpy as np
from scipy import special

from ...table import elementwise
from .elementary import normal_density
from .shapes import beta_by_shapes, gamma_by_shape

# Incomplete gamma functions


@elementwise(special.gammainc)
def gammainc(y, a, x):
    return gamma_by_shape(a, x), gamma_density(a, x)


@elementwise(special.gammaincc)
def gammaincc(y, a, x):
    return -gamma_by_shape(a, x), -gamma_density(a, x)


@elementwise(special.gammaincinv)
def gammaincinv(x, a, y):
    slope = 1 / gamma_density(a, x)
    return -slope * gamma_by_shape(a, x), slope


@elementwise(special.gammainccinv)
def gammainccinv(x, a, y):
    slope = 1 / gamma_density(a, x)
    return -slope * gamma_by_shape(a, x), -slope


def gamma_density(a, x):
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@elementwise(special.chdtr)
def chdtr(y, v, x):
    return gamma_by_shape(v / 2, x / 2) / 2, gamma_density(v / 2, x / 2) / 2


@elementwise(special.chdtrc)
def chdtrc(y, v, x):
    return -gamma_by_shape(v / 2, x / 2) / 2, -gamma_density(v / 2, x / 2) / 2


@elementwise(special.chdtri)
def chdtri(x, v, p):
    slope = 1 / gamma_density(v / 2, x / 2)
    return -slope * gamma_by_shape(v / 2, x / 2), -2 * slope


@elementwise(special.gdtr)
def gdtr(y, a, b, x):
    density = gamma_density(b, a * x)
    return x * density, gamma_by_shape(b, a * x), a * density


@elementwise(special.gdtrc)
def gdtrc(y, a, b, x):
    density = gamma_density(b, a * x)
    return -x * density, -gamma_by_shape(b, a * x), -a * density


@elementwise(special.gdtrix)
def gdtrix(x, a, b, p):
    slope = 1 / (a * gamma_density(b, a * x))
    return -x / a, -slope * gamma_by_shape(b, a * x), slope


@elementwise(special.gdtria)
def gdtria(a, p, b, x):
    slope = 1 / (x * gamma_density(b, a * x))
    return slope, -slope * gamma_by_shape(b, a * x), -a / x


@elementwise(special.pdtr)
def pdtr(y, k, m):
    return None, -gamma_density(np.floor(k) + 1, m)


@elementwise(special.pdtrc)
def pdtrc(y, k, m):
    return None, gamma_density(np.floor(k) + 1, m)


@elementwise(special.pdtri)
def pdtri(m, k, y):
    return None, -1 / gamma_density(np.floor(k) + 1, m)


# Incomplete beta functions


@elementwise(special.betainc)
def betainc(y, a, b, x):
    by_a, by_b = beta_by_shapes(a, b, x)
    return by_a, by_b, beta_density(a, b, x)


@elementwise(special.betaincinv)
def betaincinv(x, a, b, y):
    by_a, by_b = beta_by_shapes(a, b, x)
    slope = 1 / beta_density(a, b, x)
    return -slope * by_a, -slope * by_b, slope


if hasattr(special, "betaincc"):

    @elementwise(special.betaincc)
    def betaincc(y, a, b, x):
        by_a, by_b = beta_by_shapes(a, b, x)
        return -by_a, -by_b, -beta_density(a, b, x)

    @elementwise(special.betainccinv)
    def betainccinv(x, a, b, y):
        by_a, by_b = beta_by_shapes(a, b, x)
        slope = 1 / beta_density(a, b, x)
        return -slope * by_a, -slope * by_b, -slope


def beta_density(a, b, x):
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


@elementwise(special.bdtr)
def bdtr(y, k, n, p):
    return None, None, -beta_density(np.floor(k) + 1, n - np.floor(k), p)


@elementwise(special.bdtrc)
def bdtrc(y, k, n, p):
    return None, None, beta_density(np.floor(k) + 1, n - np.floor(k), p)


@elementwise(special.bdtri)
def bdtri(p, k, n, y):
    return None, None, -1 / beta_density(np.floor(k) + 1, n - np.floor(k), p)


@elementwise(special.nbdtr)
def nbdtr(y, k, n, p):
    return None, None, beta_density(np.floor(n), np.floor(k) + 1, p)


@elementwise(special.nbdtrc)
def nbdtrc(y, k, n, p):
    return None, None, -beta_density(np.floor(n), np.floor(k) + 1, p)


@elementwise(special.nbdtri)
def nbdtri(p, k, n, y):
    return None, None, 1 / beta_density(np.floor(n), np.floor(k) + 1, p)


@elementwise(special.fdtr)
def fdtr(y, dfn, dfd, x):
    by_dfn, by_dfd = f_by_freedom(dfn, dfd, x)
    return by_dfn, by_dfd, f_density(dfn, dfd, x)


@elementwise(special.fdtrc)
def fdtrc(y, dfn, dfd, x):
    by_dfn, by_dfd = f_by_freedom(dfn, dfd, x)
    return -by_dfn, -by_dfd, -f_density(dfn, dfd, x)


@elementwise(special.fdtri)
def fdtri(x, dfn, dfd, p):
    by_dfn, by_dfd = f_by_freedom(dfn, dfd, x)
    slope = 1 / f_density(dfn, dfd, x)
    return -slope * by_dfn, -slope * by_dfd, slope


def f_density(dfn, dfd, x):
    total = dfn * x + dfd
    return beta_density(dfn / 2, dfd / 2, dfn * x / total) * dfn * dfd / total**2


def f_by_freedom(dfn, dfd, x):
    """The derivatives of the distribution function by both degrees of freedom."""
    total = dfn * x + dfd
    by_dfn, by_dfd = beta_by_shapes(dfn / 2, dfd / 2, dfn * x / total)
    moved = f_density(dfn, dfd, x) * x
    return by_dfn / 2 + moved / dfn, by_dfd / 2 - moved / dfd


@elementwise(special.stdtr)
def stdtr(y, df, t):
    return student_by_freedom(df, t), student_density(df, t)


@elementwise(special.stdtrit)
def stdtrit(t, df, p):
    slope = 1 / student_density(df, t)
    return -slope * student_by_freedom(df, t), slope


def student_density(df, t):
    scale = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - np.log(math.pi * df) / 2
    return np.exp(scale - (df + 1) / 2 * np.log1p(t**2 / df))


def student_by_freedom(df, t):
    """The derivative of the distribution function, 1 - betainc(df / 2, 1 / 2, df / (df + t**2)) / 2 for positive t."""
    by_half, _ = beta_by_shapes(df / 2, 0.5, df / (df + t**2))
    return -np.sign(t) * by_half / 4 - student_density(df, t) * t / (2 * df)


# Of several normal variables


@elementwise(special.nrdtrimn)
def nrdtrimn(mn, p, std, x):
    z = (x - mn) / std
    return -std / normal_density(z), -z, 1


@elementwise(special.nrdtrisd)
def nrdtrisd(std, mn, p, x):
    z = (x - mn) / std
    return -1 / z, -std / (z * normal_density(z)), 1 / z


@elementwise(special.owens_t)
def owens_t(y, h, a):
    s = 1 + a**2
    by_h = -normal_density(h) * special.erf(a * h / math.sqrt(2)) / 2
    return by_h, np.exp(-(h**2) * s / 2) / (2 * math.pi * s)


@elementwise(special.voigt_profile)
def voigt_profile(y, x, sigma, gamma):
    # the real part of wofz(z) / (sigma * sqrt(2 pi)) (DLMF 7.19)
    scale = sigma * math.sqrt(2)
    z = (x + 1j * gamma) / scale
    slope = (2j / math.sqrt(math.pi) - 2 * z * special.wofz(z)) / (scale**2 * math.sqrt(math.pi))
    return np.real(slope), -y / sigma - math.sqrt(2) * np.real(slope * z), -np.imag(slope)
