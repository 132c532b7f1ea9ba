"""Continuous distributions that are met less often: rates of the standard density and flows of its quantile.

As in `continuous`; where the distribution function ``F`` is a formula, a flow is ``-(dF/dshape) / f``.  (N. L. Johnson,
S. Kotz, N. Balakrishnan, "Continuous univariate distributions", 2nd edition 1994; SciPy's reference has the others.)
"""

import numpy as np
from scipy import special, stats

from ..special.shapes import beta_flows, gamma_flow
from .continuous import (
    digamma,
    genextreme_flows,
    gennorm,
    gennorm_flows,
    invgauss_flows,
    loguniform,
    loguniform_flows,
    negative,
    normal_density,
    off_unit,
    stretched,
    vonmises,
)
from .families import continuous


def off_symmetric_unit(z, *shapes):
    return np.abs(z) > 1


def positive(z, *shapes):
    return z > 0


def hazard(z):
    """The normal density over the probability below, and over that above of ``-z``."""
    return np.exp(-(z**2) / 2 - special.log_ndtr(z)) / np.sqrt(2 * np.pi)


# Without shapes


@continuous(stats.gibrat, outside=negative)
def gibrat(z):
    return (-(1 + np.log(z)) / z,)


@continuous(stats.wald, outside=negative)
def wald(z):
    return (-1.5 / z - 0.5 + 0.5 / z**2,)


@continuous(stats.levy_l, outside=positive, inner=-0.5)
def levy_l(z):
    return (-1.5 / z - 0.5 / z**2,)


@continuous(stats.semicircular, outside=off_symmetric_unit)
def semicircular(z):
    return (-z / (1 - z**2),)


@continuous(stats.cosine, outside=lambda z: np.abs(z) > np.pi)
def cosine(z):
    return (-np.tan(z / 2),)


@continuous(stats.anglit, outside=lambda z: np.abs(z) > np.pi / 4)
def anglit(z):
    return (-2 * np.tan(2 * z),)


# Relatives of the gamma, beta and normal distributions


def gengamma_flows(z, a, c):
    power = z**c
    return z * gamma_flow(a, power) / (c * power), -z * np.log(z) / c


@continuous(stats.gengamma, outside=negative, flows=gengamma_flows)
def gengamma(z, a, c):
    power, log = z**c, np.log(z)
    return (c * a - 1 - c * power) / z, c * log - digamma(a), 1 / c + (a - power) * log


@continuous(stats.loggamma, flows=lambda z, c: (gamma_flow(c, np.exp(z)) * np.exp(-z),))
def loggamma(z, c):
    return c - np.exp(z), z - digamma(c)


@continuous(stats.dgamma, flows=lambda z, a: (np.sign(z) * gamma_flow(a, np.abs(z)),))
def dgamma(z, a):
    return (a - 1) / z - np.sign(z), np.log(np.abs(z)) - digamma(a)


continuous(stats.halfgennorm, outside=negative, flows=gennorm_flows)(gennorm)


def rdist_flows(z, c):
    """Of ``(z + 1) / 2``, which has a beta distribution."""
    by_a, by_b = beta_flows(c / 2, c / 2, (z + 1) / 2)
    return (by_a + by_b,)


@continuous(stats.rdist, outside=off_symmetric_unit, flows=rdist_flows)
def rdist(z, c):
    by_c = np.log1p(-(z**2)) - digamma(c / 2) + digamma((c + 1) / 2)
    return -(c - 2) * z / (1 - z**2), by_c / 2


@continuous(stats.exponnorm, flows=lambda z, K: ((hazard(z - 1 / K) + z - 1 / K) / K,))
def exponnorm(z, K):
    rate = 1 / K
    slope = hazard(z - rate)
    return slope - rate, rate**2 * (z - rate + slope) - rate


@continuous(stats.foldnorm, outside=negative, flows=lambda z, c: (np.tanh(c * z),))
def foldnorm(z, c):
    bend = np.tanh(c * z)
    return c * bend - z, z * bend - c


@continuous(stats.powernorm, flows=lambda z, c: (special.log_ndtr(-z) / (c * hazard(-z)),))
def powernorm(z, c):
    return -z - (c - 1) * hazard(-z), 1 / c + special.log_ndtr(-z)


def powerlognorm_flows(z, c, s):
    place = np.log(z) / s
    return z * s * special.log_ndtr(-place) / (c * hazard(-place)), z * place


@continuous(stats.powerlognorm, outside=negative, flows=powerlognorm_flows)
def powerlognorm(z, c, s):
    place = np.log(z) / s
    slope = place + (c - 1) * hazard(-place)
    return -(1 + slope / s) / z, 1 / c + special.log_ndtr(-place), (place * slope - 1) / s


@continuous(stats.fatiguelife, outside=negative, flows=lambda z, c: (2 * z * (z - 1) / (c * (z + 1)),))
def fatiguelife(z, c):
    return 1 / (z + 1) - 1.5 / z - (1 - 1 / z**2) / (2 * c**2), (z - 1) ** 2 / (z * c**3) - 1 / c


@continuous(stats.johnsonsb, outside=off_unit,
            flows=lambda z, a, b: (-z * (1 - z) / b, -z * (1 - z) * special.logit(z) / b))  # fmt: skip
def johnsonsb(z, a, b):
    place = special.logit(z)
    normal = a + b * place
    return (2 * z - 1 - normal * b) / (z * (1 - z)), -normal, 1 / b - normal * place


@continuous(stats.recipinvgauss, outside=negative, flows=lambda z, mu: (-(z**2) * invgauss_flows(1 / z, mu)[0],))
def recipinvgauss(z, mu):
    return 0.5 / (mu * z) ** 2 - 0.5 / z - 0.5, 1 / (mu**3 * z) - 1 / mu**2


def alpha_flows(z, a):
    place = a - 1 / z
    return (z**2 * (hazard(a) / hazard(place) - 1),)


@continuous(stats.alpha, outside=negative, flows=alpha_flows)
def alpha(z, a):
    place = a - 1 / z
    return -(2 + place / z) / z, -place - hazard(a)


def argus_mass(chi):
    """``Phi(chi) - chi phi(chi) - 1 / 2``, of which the density is made."""
    return special.gammainc(1.5, chi**2 / 2) / 2


def argus_flows(z, chi):
    rest = 1 - z**2
    inner, whole = chi * np.sqrt(rest), argus_mass(chi)
    density = chi**3 * z * np.sqrt(rest) * normal_density(inner)
    ratio = argus_mass(inner) / whole
    return ((inner**2 * normal_density(inner) * np.sqrt(rest) - ratio * chi**2 * normal_density(chi)) / density,)


@continuous(stats.argus, outside=off_unit, flows=argus_flows)
def argus(z, chi):
    rest = 1 - z**2
    return 1 / z - z / rest + chi**2 * z, 3 / chi - chi**2 * normal_density(chi) / argus_mass(chi) - chi * rest


def crystalball_mass(beta, m):
    """The sum of the tail's and the core's weights, and its relative derivatives by the shapes."""
    edge = np.exp(-(beta**2) / 2)
    mass = m / beta * edge / (m - 1) + np.sqrt(2 * np.pi) * special.ndtr(beta)
    return -m / (m - 1) * edge / beta**2 / mass - edge / (m - 1) / mass, -edge / beta / (m - 1) ** 2 / mass


def crystalball_flows(z, beta, m):
    core, (by_beta, by_m) = z > -beta, crystalball_mass(beta, m)
    above = np.sqrt(np.pi / 2) * special.erfcx(np.where(core, z, 0.0) / np.sqrt(2))
    w = np.where(core, 1.0, m / beta - beta - z)
    of_beta = (m - 1) * (m / beta**2 + 1) / w - m / beta - beta - by_beta
    of_m = np.log(m / beta / w) + 1 - (m - 1) / (beta * w) - 1 / (m - 1) - by_m
    factor = -w / (m - 1)
    return np.where(core, -above * by_beta, factor * of_beta), np.where(core, -above * by_m, factor * of_m)


@continuous(stats.crystalball, flows=crystalball_flows)
def crystalball(z, beta, m):
    core, (by_beta, by_m) = z > -beta, crystalball_mass(beta, m)
    w = np.where(core, 1.0, m / beta - beta - z)
    of_beta = m * (m / beta**2 + 1) / w - m / beta - beta
    of_m = np.log(m / beta / w) + 1 - m / (beta * w)
    return np.where(core, -z, m / w), np.where(core, 0.0, of_beta) - by_beta, np.where(core, 0.0, of_m) - by_m


# Powers and exponentials of simple variables


def bradford_flows(z, c):
    whole = np.log1p(c)
    return (np.log1p(c * z) * (1 + c * z) / (whole * c * (1 + c)) - z / c,)


@continuous(stats.bradford, outside=off_unit, flows=bradford_flows)
def bradford(z, c):
    return -c / (1 + c * z), 1 / c - 1 / ((1 + c) * np.log1p(c)) - z / (1 + c * z)


def burr_flows(z, c, d):
    place = c * np.log(z)
    return -z * np.log(z) / c, -z * special.log_expit(place) / (d * c * special.expit(-place))


@continuous(stats.burr, outside=negative, flows=burr_flows)
def burr(z, c, d):
    log = np.log(z)
    part = (d + 1) * special.expit(-c * log)
    return (c * part - c - 1) / z, 1 / c + (part - 1) * log, 1 / d + special.log_expit(c * log)


def burr12_flows(z, c, d):
    place = c * np.log(z)
    return -z * np.log(z) / c, z * special.log_expit(-place) / (d * c * special.expit(place))


@continuous(stats.burr12, outside=negative, flows=burr12_flows)
def burr12(z, c, d):
    log = np.log(z)
    part = (d + 1) * special.expit(c * log)
    return (c - 1 - c * part) / z, 1 / c + (1 - part) * log, 1 / d + special.log_expit(-c * log)


def mielke_flows(z, k, s):
    place = s * np.log(z)
    rest = special.expit(-place)
    by_k = np.log(z) + special.log_expit(-place) / s
    by_s = special.expit(place) * np.log(z) + special.log_expit(-place) / s
    return -z * by_k / (k * rest), z * by_s / (s * rest)


@continuous(stats.mielke, outside=negative, flows=mielke_flows)
def mielke(z, k, s):
    log = np.log(z)
    part, whole = special.expit(s * log), -special.log_expit(-s * log)
    return (k - 1 - (s + k) * part) / z, 1 / k + log - whole / s, k * whole / s**2 - (1 + k / s) * part * log


def exponweib_flows(z, a, c):
    power = z**c
    return -z * np.log(-np.expm1(-power)) * np.expm1(power) / (a * c * power), -z * np.log(z) / c


@continuous(stats.exponweib, outside=negative, flows=exponweib_flows)
def exponweib(z, a, c):
    power = z**c
    inner = power * ((a - 1) / np.expm1(power) - 1)
    return (c - 1 + c * inner) / z, 1 / a + np.log(-np.expm1(-power)), 1 / c + np.log(z) * (1 + inner)


@continuous(stats.exponpow, outside=negative, flows=lambda z, b: (-z * np.log(z) / b,))
def exponpow(z, b):
    inner = -(z**b) * np.expm1(z**b)
    return (b - 1 + b * inner) / z, 1 / b + np.log(z) * (1 + inner)


@continuous(stats.genlogistic, flows=lambda z, c: (-special.log_expit(z) / (c * special.expit(-z)),))
def genlogistic(z, c):
    return (c + 1) * special.expit(-z) - 1, 1 / c + special.log_expit(z)


@continuous(stats.genhalflogistic, outside=lambda z, c: (z < 0) | (c * z > 1), inner=0.0, flows=genextreme_flows)
def genhalflogistic(z, c):
    value, slope = stretched(z, -c)  # F = tanh(value / 2)
    rate = c - np.tanh(value / 2)
    return rate / (1 - c * z), value - slope * rate


def dweibull_flows(z, c):
    return (-special.xlogy(z, np.abs(z)) / c,)


@continuous(stats.dweibull, flows=dweibull_flows)
def dweibull(z, c):
    power = np.abs(z) ** c
    return (c - 1 - c * power) / z, 1 / c + np.log(np.abs(z)) * (1 - power)


@continuous(stats.loglaplace, outside=negative, flows=lambda z, c: (-z * np.log(z) / c,))
def loglaplace(z, c):
    log = np.log(z)
    return -(1 + c * np.sign(log)) / z, 1 / c - np.abs(log)


def laplace_asymmetric_flows(z, kappa):
    both = 1 + kappa**2
    return (np.where(z < 0, z / kappa - 2 / both, -z / kappa - 2 / both),)


@continuous(stats.laplace_asymmetric, flows=laplace_asymmetric_flows)
def laplace_asymmetric(z, kappa):
    whole = (1 - kappa**2) / (kappa * (1 + kappa**2))
    return np.where(z < 0, 1 / kappa, -kappa), whole - np.where(z < 0, z / kappa**2, z)


def skewcauchy_flows(z, a):
    side = np.sign(z)
    s = 1 + a * side
    return ((np.pi / 2 - side * (np.arctan(z / s) - z * s / (s**2 + z**2))) * (s**2 + z**2) / s**2,)


@continuous(stats.skewcauchy, flows=skewcauchy_flows)
def skewcauchy(z, a):
    s = 1 + a * np.sign(z)
    return -2 * z / (s**2 + z**2), 2 * z**2 * np.sign(z) / (s * (s**2 + z**2))


def folded(z, c):
    return 1 / (1 + (z - c) ** 2), 1 / (1 + (z + c) ** 2)


def foldcauchy_flows(z, c):
    right, left = folded(z, c)
    return ((right - left) / (right + left),)


@continuous(stats.foldcauchy, outside=negative, flows=foldcauchy_flows)
def foldcauchy(z, c):
    right, left = folded(z, c)
    of_right, of_left = 2 * (z - c) * right**2, 2 * (z + c) * left**2
    return -(of_right + of_left) / (right + left), (of_right - of_left) / (right + left)


def kappa3_flows(z, a):
    total = a + z**a
    return (z * ((1 + special.xlogy(z**a, z)) / a - np.log(total) * total / a**2) / a,)


@continuous(stats.kappa3, outside=negative, flows=kappa3_flows)
def kappa3(z, a):
    total = a + z**a
    moved = (a + 1) / a * (1 + special.xlogy(z**a, z)) / total
    return -(a + 1) * z ** (a - 1) / total, 1 / a + np.log(total) / a**2 - moved


# Cut off at both ends


continuous(stats.reciprocal, outside=lambda z, a, b: (z < a) | (z > b), flows=loguniform_flows)(loguniform)
continuous(stats.vonmises_line, outside=lambda z, kappa: np.abs(z) > np.pi)(vonmises)


@continuous(stats.truncexpon, outside=lambda z, b: (z < 0) | (z > b), inner=0.0,
            flows=lambda z, b: (np.expm1(z) / np.expm1(b),))  # fmt: skip
def truncexpon(z, b):
    return -1.0, -1 / np.expm1(b)


def truncpareto_flows(z, b, c):
    q = np.expm1(-b * np.log(z)) / np.expm1(-b * np.log(c))
    power = (z / c) ** b
    return z / b * (q * np.log(c) * power - np.log(z)), q * power * z / c


@continuous(stats.truncpareto, outside=lambda z, b, c: (z < 1) | (z > c), inner=1.0, flows=truncpareto_flows)
def truncpareto(z, b, c):
    rest = np.expm1(b * np.log(c))
    return -(b + 1) / z, 1 / b - np.log(z) - np.log(c) / rest, -b / (c * rest)


def survival(z, c):
    """Of Weibull's distribution, with its derivatives by ``z`` and ``c``."""
    value = np.exp(-(z**c))
    return value, -c * z ** (c - 1) * value, -special.xlogy(z**c, z) * value


def truncweibull_flows(z, c, a, b):
    low, high, here = survival(a, c), survival(b, c), survival(z, c)
    q = (low[0] - here[0]) / (low[0] - high[0])
    by_c = (1 - q) * low[2] + q * high[2] - here[2]
    return by_c / here[1], (1 - q) * low[1] / here[1], q * high[1] / here[1]


@continuous(stats.truncweibull_min, outside=lambda z, c, a, b: (z < a) | (z > b), inner=0.5, flows=truncweibull_flows)
def truncweibull_min(z, c, a, b):
    low, high, power = survival(a, c), survival(b, c), z**c
    mass = low[0] - high[0]
    by_c = 1 / c + np.log(z) * (1 - power) - (low[2] - high[2]) / mass
    return (c - 1 - c * power) / z, by_c, -low[1] / mass, high[1] / mass
