"""Rules of hypergeometric functions, elliptic integrals, orthogonal polynomials and a few of their relatives.

There is no derivative by the parameters of a hypergeometric function, nor by the degree of a polynomial.
"""

import math

import numpy as np
from scipy import special

from ....runtime import no_derivative
from ...table import elementwise, jvp, no_rule, vjp

# Hypergeometric functions (DLMF 13.3.15, 15.5.1)


@elementwise(special.hyp0f1)
def hyp0f1(y, v, z):
    return NotImplemented, special.hyp0f1(v + 1, z) / v


@elementwise(special.hyp1f1)
def hyp1f1(y, a, b, x):
    return NotImplemented, NotImplemented, a / b * special.hyp1f1(a + 1, b + 1, x)


@elementwise(special.hyp2f1)
def hyp2f1(y, a, b, c, z):
    return NotImplemented, NotImplemented, NotImplemented, a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z)


@elementwise(special.hyperu)
def hyperu(y, a, b, x):
    return NotImplemented, NotImplemented, -a * special.hyperu(a + 1, b + 1, x)


if hasattr(special, "log_wright_bessel"):

    @elementwise(special.log_wright_bessel)
    def log_wright_bessel(y, a, b, x):
        return NotImplemented, NotImplemented, np.exp(special.log_wright_bessel(a, a + b, x) - y)


@elementwise(special.wright_bessel)
def wright_bessel(y, a, b, x):
    return NotImplemented, NotImplemented, special.wright_bessel(a, a + b, x)


@elementwise(special.spence)
def spence(y, z):
    near = np.abs(1 - z) < 0.5  # where the hypergeometric function is as exact at 1, too
    series = special.hyp2f1(1, 1, 2, np.where(near, 1 - z, 0))
    return np.where(near, -series, np.log(z) / np.where(near, 1, 1 - z))


@elementwise(special.lambertw)
def lambertw(y, z, *, k=0, tol=1e-8):
    return 1 / (z + np.exp(y))


@elementwise(special.wrightomega)
def wrightomega(y, z):
    return y / (1 + y)


# Elliptic integrals (DLMF 19.4, 19.25).  Of the complete ones the derivative is a hypergeometric function, of the
# others a symmetric integral: nothing cancels near m = 0


@elementwise(special.ellipk)
def ellipk(y, m):
    return math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, m)


@elementwise(special.ellipkm1)
def ellipkm1(y, p):
    return -math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, 1 - p)


@elementwise(special.ellipe)
def ellipe(y, m):
    return -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2, m)


@elementwise(special.ellipkinc)
def ellipkinc(y, phi, m):
    turns, s, c = quarter_turns(phi)
    whole = math.pi / 4 * special.hyp2f1(1.5, 1.5, 2, np.where(turns == 0, 0, m))
    return 1 / np.sqrt(1 - m * s**2), turns * whole + s**3 * special.elliprd(c**2, 1, 1 - m * s**2) / 6


@elementwise(special.ellipeinc)
def ellipeinc(y, phi, m):
    turns, s, c = quarter_turns(phi)
    whole = math.pi / 4 * special.hyp2f1(0.5, 1.5, 2, np.where(turns == 0, 0, m))
    return np.sqrt(1 - m * s**2), -turns * whole - s**3 * special.elliprd(c**2, 1 - m * s**2, 1) / 6


def quarter_turns(phi):
    """How many half turns an angle is made of, and sine and cosine of the rest, between -pi/2 and pi/2."""
    turns = np.round(phi / math.pi)
    rest = phi - math.pi * turns
    return turns, np.sin(rest), np.cos(rest)


@elementwise(special.elliprf)
def elliprf(r, x, y, z):
    return -special.elliprd(y, z, x) / 6, -special.elliprd(z, x, y) / 6, -special.elliprd(x, y, z) / 6


@elementwise(special.elliprc)
def elliprc(r, x, y):
    return -special.elliprd(y, y, x) / 6, -special.elliprd(x, y, y) / 3


no_rule(
    "what SciPy has would cancel where two arguments are close; of elliprf and elliprc there is a first derivative",
    special.elliprd,
    special.elliprg,
    special.elliprj,
)


# Orthogonal polynomials (DLMF 18.9): the derivative of one of degree n is made of one of degree n - 1


@elementwise(special.eval_chebyt)
def eval_chebyt(y, n, x):
    return NotImplemented, n * special.eval_chebyu(n - 1, x)


@elementwise(special.eval_chebyu)
def eval_chebyu(y, n, x):
    return NotImplemented, 2 * special.eval_gegenbauer(n - 1, 2, x)


@elementwise(special.eval_legendre)
def eval_legendre(y, n, x):
    return NotImplemented, special.eval_gegenbauer(n - 1, 1.5, x)


@elementwise(special.eval_gegenbauer)
def eval_gegenbauer(y, n, alpha, x):
    return NotImplemented, NotImplemented, 2 * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x)


@elementwise(special.eval_jacobi)
def eval_jacobi(y, n, alpha, beta, x):
    slope = (n + alpha + beta + 1) / 2 * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    return NotImplemented, NotImplemented, NotImplemented, slope


@elementwise(special.eval_hermite)
def eval_hermite(y, n, x):
    return None, 2 * n * special.eval_hermite(np.maximum(n - 1, 0), x)


@elementwise(special.eval_hermitenorm)
def eval_hermitenorm(y, n, x):
    return None, n * special.eval_hermitenorm(np.maximum(n - 1, 0), x)


@elementwise(special.eval_laguerre)
def eval_laguerre(y, n, x):
    return NotImplemented, -special.eval_genlaguerre(n - 1, 1, x)


@elementwise(special.eval_genlaguerre)
def eval_genlaguerre(y, n, alpha, x):
    return NotImplemented, NotImplemented, -special.eval_genlaguerre(n - 1, alpha + 1, x)


if hasattr(special, "legendre_p"):

    @vjp(special.legendre_p)
    def legendre_p(y_bar, y, n, z, *, diff_n=0):
        z_bar = y_bar * legendre_slope(n, z, diff_n)
        return NotImplemented, np.sum(z_bar, axis=0) if diff_n > 0 else z_bar

    @jvp(special.legendre_p, 1)
    def legendre_p_jvp(z_dot, y, n, z, *, diff_n=0):
        return z_dot * legendre_slope(n, z, diff_n)

    def legendre_slope(n, z, diff_n):
        """The derivatives of order 1 .. diff_n + 1 of a Legendre polynomial, without the first axis if there is one."""
        if diff_n > 1:
            raise no_derivative("scipy.special.legendre_p has no derivative with diff_n=2, as there is no third one")
        if diff_n == 1:
            return special.legendre_p(n, z, diff_n=2)[1:]
        return special.legendre_p(n, z, diff_n=1)[1]
