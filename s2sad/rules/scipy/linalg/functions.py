"""Rules of functions of matrices: exponential, logarithm, root and others.

For an analytic function f, the derivative of ``f(a)`` along ``e`` stands in the upper right corner of
``f([[a, e], [0, a]])`` (R. Mathias, "A chain rule for matrix functions and applications", 1996), and its transpose is
that of the transposed matrix (N. J. Higham, "Functions of Matrices", 2008, chapter 3).
"""

import numpy as np
from scipy import linalg

from ....runtime import no_derivative
from ...linalg import or_zeros, transposed
from ...table import jvp, no_rule, vjp
from .stacks import check_matrices, check_stack


def doubled(a, e):
    """The matrices ``[[a, e], [0, a]]``."""
    zero = np.zeros_like(a)
    return np.concatenate([np.concatenate([a, e], axis=-1), np.concatenate([zero, a], axis=-1)], axis=-2)


def corner(x):
    """The upper right quarter of matrices."""
    n = np.shape(x)[-1] // 2
    return x[..., :n, n:]


# The exponential: A. H. Al-Mohy & N. J. Higham, "Computing the Frechet derivative of the matrix exponential", 2009


@vjp(linalg.expm)
def expm(y_bar, y, A):
    if np.ndim(A) < 2:  # a number
        return y_bar * y
    return along(transposed(A), y_bar)


@jvp(linalg.expm)
def expm_jvp(A_dot, y, A):
    if np.ndim(A) < 2:
        return A_dot * y
    return along(A, A_dot)


def along(a, e):
    """The derivative of the exponential at ``a`` along ``e``."""
    if np.ndim(a) == 2 and np.ndim(e) == 2:
        return linalg.expm_frechet(a, e, compute_expm=False)
    return corner(linalg.expm(doubled(a, e)))


@vjp(linalg.expm_frechet, parts=True)
def expm_frechet(y_bar, y, A, E, *, method=None, compute_expm=True, check_finite=True):
    check_stack("expm_frechet", A, E)
    bar = y_bar[1] if compute_expm else y_bar
    a_bar = np.zeros_like(A)
    if compute_expm and y_bar[0] is not None:
        a_bar = along(transposed(A), y_bar[0])
    if bar is None:
        return a_bar, np.zeros_like(E)
    zero = np.zeros_like(A)
    whole = along(transposed(doubled(A, E)), doubled(zero, bar))
    n = np.shape(A)[-1]
    return a_bar + whole[..., :n, :n] + whole[..., n:, n:], whole[..., :n, n:]


@jvp(linalg.expm_frechet)
def expm_frechet_a(A_dot, y, A, E, *, method=None, compute_expm=True, check_finite=True):
    check_stack("expm_frechet", A, E)
    second = corner(along(doubled(A, E), doubled(A_dot, np.zeros_like(A))))
    return (along(A, A_dot), second) if compute_expm else second


@jvp(linalg.expm_frechet, 1)
def expm_frechet_e(E_dot, y, A, E, *, method=None, compute_expm=True, check_finite=True):
    check_stack("expm_frechet", A, E)
    return (None, along(A, E_dot)) if compute_expm else along(A, E_dot)


# The square root, by the equation y y = a


@vjp(linalg.sqrtm, parts=True)
def sqrtm(y_bar, y, A, *, disp=True, blocksize=64):
    check_matrices("sqrtm", A)
    return sylvester(transposed(matrix_of(y)), bar_of(y_bar, y))


@jvp(linalg.sqrtm)
def sqrtm_jvp(A_dot, y, A, *, disp=True, blocksize=64):
    check_matrices("sqrtm", A)
    return with_estimate(sylvester(matrix_of(y), A_dot), y)


def matrix_of(y):
    """The function of a matrix; with ``disp=False`` an estimate of the error stands beside it, mostly."""
    return y[0] if isinstance(y, tuple) else y


def bar_of(y_bar, y):
    if not isinstance(y, tuple):
        return y_bar
    if y_bar[1] is not None and np.any(y_bar[1] != 0):
        raise no_derivative("the estimate of the error that disp=False gives has no derivative rule")
    return or_zeros(y_bar[0], y[0])


def with_estimate(y_dot, y):
    return (y_dot, None) if isinstance(y, tuple) else y_dot


def sylvester(y, q):
    """The solution of ``y @ x + x @ y = q``."""
    return linalg.solve_sylvester(y, y, q)


# Powers


@vjp(linalg.fractional_matrix_power)
def fractional_matrix_power(y_bar, y, A, t):
    a_bar = corner(linalg.fractional_matrix_power(doubled(transposed(A), y_bar), t))
    return a_bar, np.sum(y_bar * (y @ linalg.logm(A)))


@jvp(linalg.fractional_matrix_power)
def fractional_matrix_power_a(A_dot, y, A, t):
    return corner(linalg.fractional_matrix_power(doubled(A, A_dot), t))


@jvp(linalg.fractional_matrix_power, 1)
def fractional_matrix_power_t(t_dot, y, A, t):
    return t_dot * (y @ linalg.logm(A))


# The others, each by its own value


@vjp(linalg.logm, parts=True)
def logm(y_bar, y, A, *, disp=True):
    return corner(linalg.logm(doubled(transposed(A), bar_of(y_bar, y))))


@jvp(linalg.logm)
def logm_jvp(A_dot, y, A, *, disp=True):
    return with_estimate(corner(linalg.logm(doubled(A, A_dot))), y)


@vjp(linalg.sinm)
def sinm(y_bar, y, A):
    return corner(linalg.sinm(doubled(transposed(A), y_bar)))


@jvp(linalg.sinm)
def sinm_jvp(A_dot, y, A):
    return corner(linalg.sinm(doubled(A, A_dot)))


@vjp(linalg.cosm)
def cosm(y_bar, y, A):
    return corner(linalg.cosm(doubled(transposed(A), y_bar)))


@jvp(linalg.cosm)
def cosm_jvp(A_dot, y, A):
    return corner(linalg.cosm(doubled(A, A_dot)))


@vjp(linalg.tanm)
def tanm(y_bar, y, A):
    return corner(linalg.tanm(doubled(transposed(A), y_bar)))


@jvp(linalg.tanm)
def tanm_jvp(A_dot, y, A):
    return corner(linalg.tanm(doubled(A, A_dot)))


@vjp(linalg.sinhm)
def sinhm(y_bar, y, A):
    return corner(linalg.sinhm(doubled(transposed(A), y_bar)))


@jvp(linalg.sinhm)
def sinhm_jvp(A_dot, y, A):
    return corner(linalg.sinhm(doubled(A, A_dot)))


@vjp(linalg.coshm)
def coshm(y_bar, y, A):
    return corner(linalg.coshm(doubled(transposed(A), y_bar)))


@jvp(linalg.coshm)
def coshm_jvp(A_dot, y, A):
    return corner(linalg.coshm(doubled(A, A_dot)))


@vjp(linalg.tanhm)
def tanhm(y_bar, y, A):
    return corner(linalg.tanhm(doubled(transposed(A), y_bar)))


@jvp(linalg.tanhm)
def tanhm_jvp(A_dot, y, A):
    return corner(linalg.tanhm(doubled(A, A_dot)))


@vjp(linalg.signm, parts=True)
def signm(y_bar, y, A, *, disp=True):
    return corner(linalg.signm(doubled(transposed(A), bar_of(y_bar, y))))


@jvp(linalg.signm)
def signm_jvp(A_dot, y, A, *, disp=True):
    return with_estimate(corner(linalg.signm(doubled(A, A_dot))), y)


no_rule("what it calls is not known here; write the function of the eigenvalues out", linalg.funm)
