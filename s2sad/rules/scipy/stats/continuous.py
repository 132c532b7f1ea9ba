"""Continuous distributions: the derivatives of the logarithm of each standard density, and the flows of its quantile.

The densities are those of SciPy's reference (N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous univariate
distributions", 2nd edition 1994, has the formulas).
"""

import numpy as np
from scipy import special, stats

from ..special.shapes import beta_flows, gamma_flow
from .families import continuous

digamma = special.psi


def negative(z, *shapes):
    return z < 0


def off_unit(z, *shapes):
    return (z < 0) | (z > 1)


# Without shapes


@continuous(stats.norm)
def norm(z):
    return (-z,)


@continuous(stats.halfnorm, outside=negative)
def halfnorm(z):
    return (-z,)


@continuous(stats.uniform, outside=off_unit)
def uniform(z):
    return (0.0,)


@continuous(stats.expon, outside=negative)
def expon(z):
    return (-1.0,)


@continuous(stats.laplace)
def laplace(z):
    return (-np.sign(z),)


@continuous(stats.logistic)
def logistic(z):
    return (-np.tanh(z / 2),)


@continuous(stats.cauchy)
def cauchy(z):
    return (-2 * z / (1 + z**2),)


@continuous(stats.halfcauchy, outside=negative)
def halfcauchy(z):
    return (-2 * z / (1 + z**2),)


@continuous(stats.gumbel_r)
def gumbel_r(z):
    return (np.exp(-z) - 1,)


@continuous(stats.gumbel_l)
def gumbel_l(z):
    return (1 - np.exp(z),)


@continuous(stats.rayleigh, outside=negative)
def rayleigh(z):
    return (1 / z - z,)


@continuous(stats.maxwell, outside=negative)
def maxwell(z):
    return (2 / z - z,)


@continuous(stats.levy, outside=negative)
def levy(z):
    return (-1.5 / z + 0.5 / z**2,)


@continuous(stats.hypsecant)
def hypsecant(z):
    return (-np.tanh(z),)


@continuous(stats.arcsine, outside=off_unit)
def arcsine(z):
    return (0.5 / (1 - z) - 0.5 / z,)


@continuous(stats.halflogistic, outside=negative)
def halflogistic(z):
    return (-np.tanh(z / 2),)


@continuous(stats.moyal)
def moyal(z):
    return (np.exp(-z) / 2 - 0.5,)


# The gamma and beta families: their probabilities are incomplete gamma and beta functions


@continuous(stats.gamma, outside=negative, flows=lambda z, a: (gamma_flow(a, z),))
def gamma(z, a):
    return (a - 1) / z - 1, np.log(z) - digamma(a)


@continuous(stats.invgamma, outside=negative, flows=lambda z, a: (-(z**2) * gamma_flow(a, 1 / z),))
def invgamma(z, a):
    return 1 / z**2 - (a + 1) / z, -np.log(z) - digamma(a)


@continuous(stats.chi2, outside=negative, flows=lambda z, df: (gamma_flow(df / 2, z / 2),))
def chi2(z, df):
    return (df / 2 - 1) / z - 0.5, (np.log(z / 2) - digamma(df / 2)) / 2


@continuous(stats.chi, outside=negative, flows=lambda z, df: (gamma_flow(df / 2, z**2 / 2) / (2 * z),))
def chi(z, df):
    return (df - 1) / z - z, np.log(z) - (np.log(2) + digamma(df / 2)) / 2


def nakagami_flows(z, nu):
    return ((gamma_flow(nu, nu * z**2) / z - z) / (2 * nu),)


@continuous(stats.nakagami, outside=negative, flows=nakagami_flows)
def nakagami(z, nu):
    return (2 * nu - 1) / z - 2 * nu * z, np.log(nu) + 1 - digamma(nu) + 2 * np.log(z) - z**2


def gennorm_flows(z, beta):
    """Of ``abs(z)**beta``, which has a gamma distribution."""
    size = np.where(z == 0, 1.0, np.abs(z))
    power = size**beta
    return (-z * (gamma_flow(1 / beta, power) / (power * beta**2) + np.log(size)) / beta,)


@continuous(stats.gennorm, flows=gennorm_flows)
def gennorm(z, beta):
    size = np.abs(z)
    by_beta = 1 / beta + digamma(1 / beta) / beta**2 - special.xlogy(size**beta, size)
    return -beta * size ** (beta - 1) * np.sign(z), by_beta


@continuous(stats.beta, outside=off_unit, flows=lambda z, a, b: beta_flows(a, b, z))
def beta(z, a, b):
    both = digamma(a + b)
    return (a - 1) / z - (b - 1) / (1 - z), np.log(z) - digamma(a) + both, np.log1p(-z) - digamma(b) + both


def betaprime_flows(z, a, b):
    by_a, by_b = beta_flows(a, b, z / (1 + z))
    return by_a * (1 + z) ** 2, by_b * (1 + z) ** 2


@continuous(stats.betaprime, outside=negative, flows=betaprime_flows)
def betaprime(z, a, b):
    both = digamma(a + b) - np.log1p(z)
    return (a - 1) / z - (a + b) / (1 + z), np.log(z) - digamma(a) + both, both - digamma(b)


def f_flows(z, dfn, dfd):
    by_a, by_b = betaprime_flows(z * dfn / dfd, dfn / 2, dfd / 2)
    return by_a * dfd / dfn / 2 - z / dfn, by_b * dfd / dfn / 2 + z / dfd


@continuous(stats.f, outside=negative, flows=f_flows)
def f(z, dfn, dfd):
    total = dfd + dfn * z
    half = digamma((dfn + dfd) / 2) - np.log(total) + 1
    by_dfn = half + np.log(dfn * z) - digamma(dfn / 2) - (dfn + dfd) * z / total
    by_dfd = half + np.log(dfd) - digamma(dfd / 2) - (dfn + dfd) / total
    return (dfn / 2 - 1) / z - (dfn + dfd) / 2 * dfn / total, by_dfn / 2, by_dfd / 2


def t_flows(z, df):
    """Of ``df / (df + z**2)``, which has a beta distribution."""
    apart = np.where(z == 0, 1.0, z)
    x = df / (df + apart**2)
    by_half, _ = beta_flows(df / 2, 0.5, x)
    return (np.where(z == 0, 0.0, (apart**2 / df - df * by_half / (2 * x**2)) / (2 * apart)),)


@continuous(stats.t, flows=t_flows)
def t(z, df):
    by_df = digamma((df + 1) / 2) - digamma(df / 2) - 1 / df - np.log1p(z**2 / df)
    return -(df + 1) * z / (df + z**2), (by_df + (df + 1) * z**2 / (df * (df + z**2))) / 2


# Powers and exponentials of simple variables: the quantile is a formula, and so are its flows


@continuous(stats.lognorm, outside=negative, flows=lambda z, s: (z * np.log(z) / s,))
def lognorm(z, s):
    log = np.log(z)
    return -(1 + log / s**2) / z, log**2 / s**3 - 1 / s


@continuous(stats.weibull_min, outside=negative, flows=lambda z, c: (-z * np.log(z) / c,))
def weibull_min(z, c):
    power = z**c
    return (c - 1 - c * power) / z, 1 / c + np.log(z) * (1 - power)


@continuous(stats.weibull_max, outside=lambda z, c: z > 0, inner=-0.5, flows=lambda z, c: (-z * np.log(-z) / c,))
def weibull_max(z, c):
    power = (-z) ** c
    return (c - 1 - c * power) / z, 1 / c + np.log(-z) * (1 - power)


@continuous(stats.pareto, outside=lambda z, b: z < 1, flows=lambda z, b: (-z * np.log(z) / b,))
def pareto(z, b):
    return -(b + 1) / z, 1 / b - np.log(z)


@continuous(stats.lomax, outside=negative, flows=lambda z, c: (-(1 + z) * np.log1p(z) / c,))
def lomax(z, c):
    return -(c + 1) / (1 + z), 1 / c - np.log1p(z)


@continuous(stats.powerlaw, outside=off_unit, flows=lambda z, a: (-z * np.log(z) / a,))
def powerlaw(z, a):
    return (a - 1) / z, 1 / a + np.log(z)


def loguniform_flows(z, a, b):
    q = np.log(z / a) / np.log(b / a)
    return z * (1 - q) / a, z * q / b


@continuous(stats.loguniform, outside=lambda z, a, b: (z < a) | (z > b), flows=loguniform_flows)
def loguniform(z, a, b):
    width = np.log(b / a)
    return -1 / z, 1 / (a * width), -1 / (b * width)


def triang_flows(z, c):
    return (np.where(z < c, z / (2 * np.where(c == 0, 1, c)), (1 - z) / (2 * np.where(c == 1, 1, 1 - c))),)


@continuous(stats.triang, outside=off_unit, flows=triang_flows)
def triang(z, c):
    rising = z < c
    by_z = 1 / np.where(rising, z, z - 1)
    return by_z, np.where(rising, -1 / np.where(c == 0, 1, c), 1 / np.where(c == 1, 1, 1 - c))


@continuous(stats.gompertz, outside=negative, flows=lambda z, c: (np.expm1(-z) / c,))
def gompertz(z, c):
    return 1 - c * np.exp(z), 1 / c - np.expm1(z)


@continuous(stats.fisk, outside=negative, flows=lambda z, c: (-z * np.log(z) / c,))
def fisk(z, c):
    odds = special.expit(c * np.log(z))
    return (c - 1 - 2 * c * odds) / z, 1 / c + np.log(z) * (1 - 2 * odds)


@continuous(stats.invweibull, outside=negative, flows=lambda z, c: (-z * np.log(z) / c,))
def invweibull(z, c):
    power = z**-c
    return (c * power - c - 1) / z, 1 / c + np.log(z) * (power - 1)


# Generalised Pareto and extreme values: log1p(c z) / c is z where c is 0


def stretched(z, c):
    """``log1p(c z) / c`` and its derivative by ``c``, also at 0."""
    near = np.abs(c * z) < 1e-5
    safe = np.where(near, 1, c)
    inside = np.where(near, 0.5, np.where(near, 0.5, c) * z)
    value = np.where(near, z * (1 - c * z / 2 + (c * z) ** 2 / 3), np.log1p(inside) / safe)
    slope = np.where(near, z**2 * (-1 / 2 + 2 * c * z / 3), (z / (1 + c * z) - value) / safe)
    return value, slope


def genpareto_flows(z, c):
    return (-(1 + c * z) * stretched(z, c)[1],)


@continuous(stats.genpareto, outside=lambda z, c: (z < 0) | (1 + c * z < 0), inner=0.0, flows=genpareto_flows)
def genpareto(z, c):
    value, by_c = stretched(z, c)
    return -(c + 1) / (1 + c * z), -value - (c + 1) * by_c


def genextreme_flows(z, c):
    return ((1 - c * z) * stretched(z, -c)[1],)


@continuous(stats.genextreme, outside=lambda z, c: 1 - c * z < 0, inner=0.0, flows=genextreme_flows)
def genextreme(z, c):
    value, slope = stretched(z, -c)  # F = exp(-exp(-value))
    rate = np.exp(-value) - 1 + c
    return rate / (1 - c * z), -slope * rate + value


# Around the normal distribution


def truncnorm_mass(a, b):
    return np.where(a > 0, special.ndtr(-a) - special.ndtr(-b), special.ndtr(b) - special.ndtr(a))


def normal_density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def truncnorm_flows(z, a, b):
    q = truncnorm_mass(a, z) / truncnorm_mass(a, b)
    return np.exp((z**2 - a**2) / 2) * (1 - q), np.exp((z**2 - b**2) / 2) * q


@continuous(stats.truncnorm, outside=lambda z, a, b: (z < a) | (z > b), inner=0.0, flows=truncnorm_flows)
def truncnorm(z, a, b):
    mass = truncnorm_mass(a, b)
    return -z, normal_density(a) / mass, -normal_density(b) / mass


# F = Phi(z) - 2 T(z, a), with Owen's function T, whose derivative by a is exp(-z^2 (1 + a^2) / 2) / (2 pi (1 + a^2)).
def skewnorm_flows(z, a):
    return (np.exp(-((a * z) ** 2) / 2 - special.log_ndtr(a * z)) / (np.sqrt(2 * np.pi) * (1 + a**2)),)


@continuous(stats.skewnorm, flows=skewnorm_flows)
def skewnorm(z, a):
    hazard = np.exp(-((a * z) ** 2) / 2 - special.log_ndtr(a * z)) / np.sqrt(2 * np.pi)
    return a * hazard - z, z * hazard


def invgauss_flows(z, mu):
    return (z**1.5 * np.sqrt(2 * np.pi) * special.erfcx((z / mu + 1) / np.sqrt(2 * z)) / mu**2,)


@continuous(stats.invgauss, outside=negative, flows=invgauss_flows)
def invgauss(z, mu):
    return -1.5 / z - 0.5 / mu**2 + 0.5 / z**2, (z - mu) / mu**3


@continuous(stats.johnsonsu, flows=lambda z, a, b: (-np.sqrt(1 + z**2) / b, -np.sqrt(1 + z**2) * np.arcsinh(z) / b))
def johnsonsu(z, a, b):
    root, place = np.sqrt(1 + z**2), np.arcsinh(z)
    normal = a + b * place
    return -z / root**2 - normal * b / root, -normal, 1 / b - normal * place


# Bessel functions: exponentially scaled ones, as only their ratios are needed


@continuous(stats.vonmises)
def vonmises(z, kappa):
    return -kappa * np.sin(z), np.cos(z) - special.i1e(kappa) / special.i0e(kappa)


@continuous(stats.rice, outside=negative)
def rice(z, b):
    ratio = special.i1e(b * z) / special.i0e(b * z)
    return 1 / z - z + b * ratio, z * ratio - b


@continuous(stats.norminvgauss)
def norminvgauss(z, a, b):
    root, width = np.sqrt(1 + z**2), np.sqrt(a**2 - b**2)
    decay = -special.k0e(a * root) / special.k1e(a * root) - 1 / (a * root)  # (log K1)'
    return a * decay * z / root - z / root**2 + b, 1 / a + root * decay + a / width, z - b / width


@continuous(stats.wrapcauchy, outside=lambda z, c: (z < 0) | (z > 2 * np.pi))
def wrapcauchy(z, c):
    place = 1 + c**2 - 2 * c * np.cos(z)
    return -2 * c * np.sin(z) / place, -2 * c / (1 - c**2) - 2 * (c - np.cos(z)) / place
