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

# Incomplete gamma functions


@elementwise(special.gammainc)
def gammainc(y, a, x):
    return NotImplemented, gamma_density(a, x)


@elementwise(special.gammaincc)
def gammaincc(y, a, x):
    return NotImplemented, -gamma_density(a, x)


@elementwise(special.gammaincinv)
def gammaincinv(x, a, y):
    return NotImplemented, 1 / gamma_density(a, x)


@elementwise(special.gammainccinv)
def gammainccinv(x, a, y):
    return NotImplemented, -1 / gamma_density(a, x)


def gamma_density(a, x):
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@elementwise(special.chdtr)
def chdtr(y, v, x):
    return NotImplemented, gamma_density(v / 2, x / 2) / 2


@elementwise(special.chdtrc)
def chdtrc(y, v, x):
    return NotImplemented, -gamma_density(v / 2, x / 2) / 2


@elementwise(special.chdtri)
def chdtri(x, v, p):
    return NotImplemented, -2 / gamma_density(v / 2, x / 2)


@elementwise(special.gdtr)
def gdtr(y, a, b, x):
    density = gamma_density(b, a * x)
    return x * density, NotImplemented, a * density


@elementwise(special.gdtrc)
def gdtrc(y, a, b, x):
    density = gamma_density(b, a * x)
    return -x * density, NotImplemented, -a * density


@elementwise(special.gdtrix)
def gdtrix(x, a, b, p):
    return -x / a, NotImplemented, 1 / (a * gamma_density(b, a * x))


@elementwise(special.gdtria)
def gdtria(a, p, b, x):
    return 1 / (x * gamma_density(b, a * x)), NotImplemented, -a / x


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
    return NotImplemented, NotImplemented, beta_density(a, b, x)


if hasattr(special, "betaincc"):

    @elementwise(special.betaincc)
    def betaincc(y, a, b, x):
        return NotImplemented, NotImplemented, -beta_density(a, b, x)

    @elementwise(special.betainccinv)
    def betainccinv(x, a, b, y):
        return NotImplemented, NotImplemented, -1 / beta_density(a, b, x)


@elementwise(special.betaincinv)
def betaincinv(x, a, b, y):
    return NotImplemented, NotImplemented, 1 / beta_density(a, b, x)


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


@elementwise(special.fdtr)
def fdtr(y, dfn, dfd, x):
    return NotImplemented, NotImplemented, f_density(dfn, dfd, x)


@elementwise(special.fdtrc)
def fdtrc(y, dfn, dfd, x):
    return NotImplemented, NotImplemented, -f_density(dfn, dfd, x)


@elementwise(special.fdtri)
def fdtri(x, dfn, dfd, p):
    return NotImplemented, NotImplemented, 1 / f_density(dfn, dfd, x)


def f_density(dfn, dfd, x):
    total = dfn * x + dfd
    return beta_density(dfn / 2, dfd / 2, dfn * x / total) * dfn * dfd / total**2


@elementwise(special.stdtr)
def stdtr(y, df, t):
    return NotImplemented, student_density(df, t)


@elementwise(special.stdtrit)
def stdtrit(t, df, p):
    return NotImplemented, 1 / student_density(df, t)


def student_density(df, t):
    scale = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - np.log(math.pi * df) / 2
    return np.exp(scale - (df + 1) / 2 * np.log1p(t**2 / df))


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
