"""Rules of exponentials, logarithms, entropies, error functions, losses, and of softmax and its like."""

import math

import numpy as np
from scipy import special

from ...elementwise import power
from ...inference import INFER, typed
from ...reductions import conjugate, expand
from ...table import elementwise, infer, jvp, vjp, zero_derivative

# Exponentials and logarithms


@elementwise(special.expit)
def expit(y, x):
    return y * (1 - y)


@elementwise(special.log_expit)
def log_expit(y, x):
    return special.expit(-x)


@elementwise(special.logit)
def logit(y, x):
    return 1 / (x * (1 - x))


if hasattr(special, "softplus"):

    @elementwise(special.softplus)
    def softplus(y, x):
        return special.expit(x)


@elementwise(special.exp2)
def exp2(y, x):
    return y * math.log(2)


@elementwise(special.exp10)
def exp10(y, x):
    return y * math.log(10)


@elementwise(special.expm1)
def expm1(y, x):
    return y + 1


@elementwise(special.exprel)
def exprel(y, x):
    return special.hyp1f1(2, 3, x) / 2  # as the function is hyp1f1(1, 2, x): exact near 0, too


@elementwise(special.log1p)
def log1p(y, x):
    return 1 / (1 + x)


@elementwise(special.cbrt)
def cbrt(y, x):
    return 1 / (3 * y**2)


@elementwise(special.cosm1)
def cosm1(y, x):
    return -np.sin(x)


@elementwise(special.powm1)
def powm1(z, x, y):
    return power(z + 1, x, y)


# Sines and cosines of degrees


@elementwise(special.sindg)
def sindg(y, x):
    return special.cosdg(x) * (math.pi / 180)


@elementwise(special.cosdg)
def cosdg(y, x):
    return -special.sindg(x) * (math.pi / 180)


@elementwise(special.tandg)
def tandg(y, x):
    return (1 + y**2) * (math.pi / 180)


@elementwise(special.cotdg)
def cotdg(y, x):
    return -(1 + y**2) * (math.pi / 180)


@elementwise(special.radian)
def radian(y, d, m, s):
    return math.pi / 180, math.pi / (180 * 60), math.pi / (180 * 3600)


# Entropies: where both arguments are 0, the value is 0, and so is the derivative by the second


@elementwise(special.xlogy)
def xlogy(z, x, y):
    return np.log(y), quotient(x, y)


@elementwise(special.xlog1py)
def xlog1py(z, x, y):
    return special.log1p(y), quotient(x, 1 + y)


@elementwise(special.entr)
def entr(y, x):
    return -np.log(x) - 1


@elementwise(special.rel_entr)
def rel_entr(z, x, y):
    return np.log(x / y) + 1, -quotient(x, y)


@elementwise(special.kl_div)
def kl_div(z, x, y):
    return np.log(x / y), 1 - quotient(x, y)


def quotient(x, y):
    """``x / y``, and 0 where both are 0."""
    return x / np.where((x == 0) & (y == 0), 1, y)


# Box and Cox's transformation of x is (x**a - 1) / a = log(x) * exprel(a * log(x))


@elementwise(special.boxcox)
def boxcox(y, x, lmbda):
    return x ** (lmbda - 1), boxcox_by_power(np.log(x), lmbda)


@elementwise(special.boxcox1p)
def boxcox1p(y, x, lmbda):
    return np.exp((lmbda - 1) * np.log1p(x)), boxcox_by_power(np.log1p(x), lmbda)


@elementwise(special.inv_boxcox)
def inv_boxcox(x, y, lmbda):
    slope = x ** (1 - lmbda)
    return slope, -slope * boxcox_by_power(np.log(x), lmbda)


@elementwise(special.inv_boxcox1p)
def inv_boxcox1p(x, y, lmbda):
    slope = np.exp((1 - lmbda) * np.log1p(x))
    return slope, -slope * boxcox_by_power(np.log1p(x), lmbda)


def boxcox_by_power(log_x, lmbda):
    """The derivative of the transformation by its power; at the power 0 it is ``log(x)**2 / 2``."""
    return log_x**2 * special.hyp1f1(2, 3, lmbda * log_x) / 2


# Losses


@elementwise(special.huber)
def huber(y, delta, r):
    return np.maximum(np.abs(r) - delta, 0), np.clip(r, -delta, delta)


@elementwise(special.pseudo_huber)
def pseudo_huber(y, delta, r):
    h = np.hypot(delta, r)
    h = np.where(h == 0, 1, h)
    return (r**2 / (h + delta)) ** 2 / h, delta * r / h


# Error functions


@elementwise(special.erf)
def erf(y, x):
    return 2 / math.sqrt(math.pi) * np.exp(-(x**2))


@elementwise(special.erfc)
def erfc(y, x):
    return -2 / math.sqrt(math.pi) * np.exp(-(x**2))


@elementwise(special.erfcx)
def erfcx(y, x):
    return 2 * x * y - 2 / math.sqrt(math.pi)


@elementwise(special.erfi)
def erfi(y, x):
    return 2 / math.sqrt(math.pi) * np.exp(x**2)


@elementwise(special.erfinv)
def erfinv(y, x):
    return math.sqrt(math.pi) / 2 * np.exp(y**2)


@elementwise(special.erfcinv)
def erfcinv(y, x):
    return -math.sqrt(math.pi) / 2 * np.exp(y**2)


@elementwise(special.dawsn)
def dawsn(y, x):
    return 1 - 2 * x * y


@elementwise(special.wofz)
def wofz(y, z):
    return 2j / math.sqrt(math.pi) - 2 * z * y


@elementwise(special.ndtr)
def ndtr(y, x):
    return normal_density(x)


def normal_density(x):
    return np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)


@elementwise(special.log_ndtr)
def log_ndtr(y, x):
    # density / ndtr(x), where neither under- nor overflows
    return math.sqrt(2 / math.pi) / special.erfcx(-x / math.sqrt(2))


@elementwise(special.ndtri)
def ndtri(x, y):
    return 1 / normal_density(x)


@elementwise(special.ndtri_exp)
def ndtri_exp(x, y):
    return special.erfcx(-x / math.sqrt(2)) * math.sqrt(math.pi / 2)


# Exponential integrals


@elementwise(special.exp1)
def exp1(y, x):
    return -np.exp(-x) / x


@elementwise(special.expi)
def expi(y, x):
    return np.exp(x) / x


@elementwise(special.expn)
def expn(y, n, x):
    # the order 0 is exp(-x) / x
    return None, np.where(n == 0, -y * (1 + 1 / x), -special.expn(np.maximum(n - 1, 0), x))


@vjp(special.sici)
def sici(y_bar, y, x):
    return y_bar[0] * np.sinc(x / math.pi) + y_bar[1] * np.cos(x) / x


@jvp(special.sici)
def sici_jvp(x_dot, y, x):
    return x_dot * np.sinc(x / math.pi), x_dot * np.cos(x) / x


@vjp(special.shichi)
def shichi(y_bar, y, x):
    return y_bar[0] * sinh_quotient(x) + y_bar[1] * np.cosh(x) / x


@jvp(special.shichi)
def shichi_jvp(x_dot, y, x):
    return x_dot * sinh_quotient(x), x_dot * np.cosh(x) / x


def sinh_quotient(x):
    """``sinh(x) / x``."""
    if np.iscomplexobj(x):
        return np.sinc(1j / math.pi * x)
    return (special.exprel(x) + special.exprel(-x)) / 2


@vjp(special.fresnel)
def fresnel(y_bar, y, z):
    angle = math.pi / 2 * z**2
    return y_bar[0] * np.sin(angle) + y_bar[1] * np.cos(angle)


@jvp(special.fresnel)
def fresnel_jvp(z_dot, y, z):
    angle = math.pi / 2 * z**2
    return z_dot * np.sin(angle), z_dot * np.cos(angle)


# Softmax and its like


@vjp(special.softmax)
def softmax(y_bar, y, x, *, axis=None):
    return y * (y_bar - np.sum(y * y_bar, axis=axis, keepdims=True))


@jvp(special.softmax)
def softmax_jvp(x_dot, y, x, *, axis=None):
    return y * (x_dot - np.sum(y * x_dot, axis=axis, keepdims=True))


@vjp(special.log_softmax)
def log_softmax(y_bar, y, x, *, axis=None):
    return y_bar - np.exp(y) * np.sum(y_bar, axis=axis, keepdims=True)


@jvp(special.log_softmax)
def log_softmax_jvp(x_dot, y, x, *, axis=None):
    return x_dot - np.sum(np.exp(y) * x_dot, axis=axis, keepdims=True)


@infer(special.softmax, special.log_softmax)
def softmax_type(x, axis=None):
    t = typed(x)
    return t if t.kind == "array" and t.dtype is not None and t.dtype.kind == "f" else NotImplemented


# The sum of b * exp(a) is exp(y), or with its sign given apart, sign * exp(y).  Where it is 0, all derivatives are 0


@vjp(special.logsumexp)
def logsumexp(y_bar, y, a, axis=None, b=None, *, keepdims=False, return_sign=False):
    if return_sign:
        rates, y = log_rates(y_bar, y), y[0]
    else:
        rates = y_bar
    terms = expand(rates, axis, keepdims) * np.exp(a - expand(top(y), axis, keepdims))
    if b is None:
        return terms, None, None
    return np.where(b == 0, 0, b * terms), None, terms


@jvp(special.logsumexp)
def logsumexp_a(a_dot, y, a, axis=None, b=None, *, keepdims=False, return_sign=False):
    return logsumexp_dot(a_dot if b is None else np.where(b == 0, 0, b) * a_dot, y, a, axis, keepdims, return_sign)


@jvp(special.logsumexp, 2)
def logsumexp_b(b_dot, y, a, axis=None, b=None, *, keepdims=False, return_sign=False):
    return logsumexp_dot(b_dot, y, a, axis, keepdims, return_sign)


@infer(special.logsumexp)
def logsumexp_type(a, axis=None, b=None, keepdims=False, return_sign=False):
    t = typed(a)
    if b is not None or return_sign is not False or t.kind != "array" or t.dtype is None or t.dtype.kind != "f":
        return NotImplemented
    return INFER[np.sum](a, axis, keepdims=keepdims)


def logsumexp_dot(terms_dot, y, a, axis, keepdims, return_sign):
    size = y[0] if return_sign else y
    rate = np.sum(terms_dot * np.exp(a - expand(top(size), axis, keepdims)), axis=axis, keepdims=keepdims)
    if not return_sign:
        return rate
    rate = rate * conjugate(y[1])
    if np.iscomplexobj(rate):
        return np.real(rate), 1j * y[1] * np.imag(rate)
    return rate, None


def top(y):
    """``y``, and 0 where it is the logarithm of 0."""
    return np.where(y == -np.inf, 0, y)


def log_rates(y_bar, y):
    """The cotangent of ``log(s)``, of those of ``log(abs(s))`` and of the sign of ``s``, divided by the sign."""
    rates = np.zeros_like(y[0]) if y_bar[0] is None else y_bar[0]
    if np.iscomplexobj(y[1]) and y_bar[1] is not None:  # the sign turns with the imaginary part of the logarithm
        rates = rates + 1j * np.imag(y_bar[1] * y[1])
    return rates * conjugate(y[1])


zero_derivative(special.round)
