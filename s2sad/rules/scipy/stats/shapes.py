"""The derivatives of means, variances and entropies of standard distributions by their shapes."""

import numpy as np
from scipy import special, stats

digamma = special.psi


def trigamma(x):
    return special.polygamma(1, x)


# Each takes the moment and the shapes, see `moments.moments`.


def beta_var(v, a, b):
    both = 2 / (a + b) + 1 / (a + b + 1)
    return v * (1 / a + 1 / b - both - 1 / b), v * (1 / b - both)


def beta_entropy(h, a, b):
    both = (a + b - 2) * trigamma(a + b)
    return both - (a - 1) * trigamma(a), both - (b - 1) * trigamma(b)


def t_entropy(h, df):
    return ((df + 1) / 4 * (trigamma((df + 1) / 2) - trigamma(df / 2)) + 1 / (2 * df),)


def weibull_var(v, c):
    one, two = special.gamma(1 + 1 / c), special.gamma(1 + 2 / c)
    return (2 / c**2 * (one**2 * digamma(1 + 1 / c) - two * digamma(1 + 2 / c)),)


def invweibull_var(v, c):
    one, two = special.gamma(1 - 1 / c), special.gamma(1 - 2 / c)
    return (2 / c**2 * (two * digamma(1 - 2 / c) - one**2 * digamma(1 - 1 / c)),)


def chi_mean(m, df):
    return (m * (digamma((df + 1) / 2) - digamma(df / 2)) / 2,)


def chi_var(v, df):
    m = np.sqrt(2) * special.poch(df / 2, 0.5)
    return (1 - 2 * m * chi_mean(m, df)[0],)


def nakagami_mean(m, nu):
    return (m * (digamma(nu + 0.5) - digamma(nu) - 0.5 / nu),)


def nakagami_var(v, nu):
    m = special.poch(nu, 0.5) / np.sqrt(nu)
    return (-2 * m * nakagami_mean(m, nu)[0],)


def f_var(v, dfn, dfd):
    total = 1 / (dfn + dfd - 2)
    return v * (total - 1 / dfn), v * (2 / dfd + total - 2 / (dfd - 2) - 1 / (dfd - 4))


def betaprime_var(v, a, b):
    total = 1 / (a + b - 1)
    return v * (1 / a + total), v * (total - 2 / (b - 1) - 1 / (b - 2))


def loguniform_mean(m, a, b):
    width = np.log(b / a)
    return (m / a - 1) / width, (1 - m / b) / width


def loguniform_var(v, a, b):
    width = np.log(b / a)
    m, square = (b - a) / width, (b**2 - a**2) / (2 * width)
    by_a, by_b = loguniform_mean(m, a, b)
    return (square / a - a) / width - 2 * m * by_a, (b - square / b) / width - 2 * m * by_b


def loguniform_entropy(h, a, b):
    width = np.log(b / a)
    return (0.5 - 1 / width) / a, (0.5 + 1 / width) / b


def fisk_mean(m, c):
    u = np.pi / c
    return (-m / c * (1 - u / np.tan(u)),)


def fisk_var(v, c):
    u = np.pi / c
    m, square = u / np.sin(u), 2 * u / np.sin(2 * u)
    return (-square / c * (1 - 2 * u / np.tan(2 * u)) - 2 * m * fisk_mean(m, c)[0],)


def gennorm_var(v, beta):
    return (v * (digamma(1 / beta) - 3 * digamma(3 / beta)) / beta**2,)


def skewnorm_mean(m, a):
    return (np.sqrt(2 / np.pi) * (1 + a**2) ** -1.5,)


# Where a truncated distribution is cut moves a mean of g(z) by the density there, times what g has more there.


def cut(z, a, b):
    """The truncated density at a bound, and the bound; an infinite one does not matter."""
    inner = np.where(np.isinf(z), 0.0, z)
    return np.where(np.isinf(z), 0.0, np.exp(stats.truncnorm.logpdf(inner, a, b))), inner


def truncnorm_mean(m, a, b):
    (low, a_), (high, b_) = cut(a, a, b), cut(b, a, b)
    return low * (m - a_), high * (b_ - m)


def truncnorm_var(v, a, b):
    m = stats.truncnorm.mean(a, b)
    (low, a_), (high, b_) = cut(a, a, b), cut(b, a, b)
    return low * (v - (a_ - m) ** 2), high * ((b_ - m) ** 2 - v)


def truncnorm_entropy(h, a, b):
    low, high = cut(a, a, b)[0], cut(b, a, b)[0]
    return special.xlogy(low, low) + low * (h - 1), -special.xlogy(high, high) - high * (h - 1)


EULER = np.euler_gamma

# mean, var, entropy, by the shapes
CONTINUOUS = {
    "gamma": (lambda m, a: (1.0,), lambda v, a: (1.0,), lambda h, a: (1 + (1 - a) * trigamma(a),)),
    "chi2": (lambda m, df: (1.0,), lambda v, df: (2.0,), lambda h, df: (0.5 * (1 + (1 - df / 2) * trigamma(df / 2)),)),
    "chi": (chi_mean, chi_var, lambda h, df: (0.5 - (df - 1) / 4 * trigamma(df / 2),)),
    "invgamma": (lambda m, a: (-(m**2),), lambda v, a: (-v * (2 / (a - 1) + 1 / (a - 2)),),
                 lambda h, a: (1 - (1 + a) * trigamma(a),)),
    "nakagami": (nakagami_mean, nakagami_var, None),
    "beta": (lambda m, a, b: ((1 - m) / (a + b), -m / (a + b)), beta_var, beta_entropy),
    "betaprime": (lambda m, a, b: (1 / (b - 1), -m / (b - 1)), betaprime_var, None),
    "f": (lambda m, dfn, dfd: (0.0, -2 / (dfd - 2) ** 2), f_var, None),
    "t": (lambda m, df: (0.0,), lambda v, df: (-2 / (df - 2) ** 2,), t_entropy),
    "lognorm": (lambda m, s: (s * m,), lambda v, s: (2 * s * (v + np.exp(2 * s**2)),), lambda h, s: (1 / s,)),
    "weibull_min": (lambda m, c: (-m * digamma(1 + 1 / c) / c**2,), weibull_var,
                    lambda h, c: (EULER / c**2 - 1 / c,)),
    "weibull_max": (lambda m, c: (-m * digamma(1 + 1 / c) / c**2,), weibull_var,
                    lambda h, c: (EULER / c**2 - 1 / c,)),
    "invweibull": (lambda m, c: (m * digamma(1 - 1 / c) / c**2,), invweibull_var,
                   lambda h, c: (-EULER / c**2 - 1 / c,)),
    "pareto": (lambda m, b: (-1 / (b - 1) ** 2,), lambda v, b: (v * (1 / b - 2 / (b - 1) - 1 / (b - 2)),),
               lambda h, b: (-1 / b**2 - 1 / b,)),
    "lomax": (lambda m, c: (-1 / (c - 1) ** 2,), lambda v, c: (v * (1 / c - 2 / (c - 1) - 1 / (c - 2)),),
              lambda h, c: (-1 / c**2 - 1 / c,)),
    "powerlaw": (lambda m, a: (1 / (a + 1) ** 2,), lambda v, a: (v * (1 / a - 1 / (a + 2) - 2 / (a + 1)),),
                 lambda h, a: (1 / a**2 - 1 / a,)),
    "loguniform": (loguniform_mean, loguniform_var, loguniform_entropy),
    "triang": (lambda m, c: (1.0 / 3,), lambda v, c: ((2 * c - 1) / 18,), lambda h, c: (0.0,)),
    "fisk": (fisk_mean, fisk_var, lambda h, c: (-1 / c,)),
    "genpareto": (lambda m, c: (1 / (1 - c) ** 2,), lambda v, c: (v * (2 / (1 - c) + 2 / (1 - 2 * c)),),
                  lambda h, c: (1.0,)),
    "genextreme": (None, None, lambda h, c: (-EULER,)),
    "gennorm": (lambda m, beta: (0.0,), gennorm_var, lambda h, beta: (-(1 + beta + digamma(1 / beta)) / beta**2,)),
    "truncnorm": (truncnorm_mean, truncnorm_var, truncnorm_entropy),
    "skewnorm": (skewnorm_mean, lambda v, a: (-4 * a / (np.pi * (1 + a**2) ** 2),), None),
    "invgauss": (lambda m, mu: (1.0,), lambda v, mu: (3 * mu**2,), None),
}  # fmt: skip

DISCRETE = {
    "poisson": (lambda m, mu: (1.0,), lambda v, mu: (1.0,), None),
    "bernoulli": (lambda m, p: (1.0,), lambda v, p: (1 - 2 * p,), lambda h, p: (-special.logit(p),)),
    "binom": (lambda m, n, p: (n,), lambda v, n, p: (n * (1 - 2 * p),), None),
    "geom": (lambda m, p: (-1 / p**2,), lambda v, p: ((p - 2) / p**3,), None),
    "nbinom": (lambda m, n, p: ((1 - p) / p, -n / p**2), lambda v, n, p: ((1 - p) / p**2, n * (p - 2) / p**3), None),
    "planck": (lambda m, lambda_: (-m * (1 + m),), lambda v, lambda_: (-v / np.tanh(lambda_ / 2),), None),
}
