"""Rules of matrices that are made of few numbers.

Each element of a Toeplitz, Hankel or circulant matrix is one of the arguments': cotangents are sums along diagonals.
"""

import numpy as np
from scipy import linalg

from ....runtime import no_derivative
from ...linalg import as_columns
from ...reductions import conjugate
from ...table import jvp, linear, multilinear, no_rule, vjp, zero_derivative
from .stacks import check_one, check_right_side

# Sums along diagonals


def diagonal_sums(x):
    """The sums along the diagonals of matrices, from the lower left corner to the upper right one."""
    return antidiagonal_sums(x[..., ::-1, :])


def antidiagonal_sums(x):
    """The sums along the antidiagonals of matrices: each row is moved right by its number, and all are added."""
    m, n = np.shape(x)[-2], np.shape(x)[-1]
    wide = np.concatenate([x, np.zeros((*np.shape(x)[:-1], m))], axis=-1)
    flat = np.reshape(wide, (*np.shape(x)[:-2], m * (m + n)))[..., : m * (m + n - 1)]
    return np.sum(np.reshape(flat, (*np.shape(x)[:-2], m, m + n - 1)), axis=-2)


@linear(linalg.toeplitz)
def toeplitz(y_bar, y, c, r=None):
    return toeplitz_bar(y_bar, r)


def toeplitz_bar(y_bar, r):
    """The cotangents of the first column and row; without a row, that is the conjugate of the column."""
    m = np.shape(y_bar)[-2]
    sums = diagonal_sums(y_bar)
    below, above = sums[..., :m][..., ::-1], sums[..., m:]
    if r is not None:
        return below, np.concatenate([np.zeros_like(below[..., :1]), above], axis=-1)
    above = np.concatenate([np.zeros_like(below[..., :1]), above], axis=-1)
    return below + conjugate(above), None


@linear(linalg.hankel)
def hankel(y_bar, y, c, r=None):
    check_one("hankel", 1, c)
    if r is not None:
        check_one("hankel", 1, r)
    m = np.shape(y_bar)[-2]
    sums = antidiagonal_sums(y_bar)
    if r is None:
        return sums[..., :m], None
    return sums[..., :m], np.concatenate([np.zeros_like(sums[..., :1]), sums[..., m:]], axis=-1)


@linear(linalg.circulant)
def circulant(y_bar, y, c):
    return circulant_bar(y_bar)


def circulant_bar(y_bar):
    n = np.shape(y_bar)[-1]
    sums = diagonal_sums(y_bar)
    above = np.concatenate([np.zeros_like(sums[..., :1]), sums[..., n:][..., ::-1]], axis=-1)
    return sums[..., :n][..., ::-1] + above


@linear(linalg.convolution_matrix)
def convolution_matrix(y_bar, y, a, *, n=None, mode="full"):
    m = np.shape(a)[-1]
    cropped = 0 if mode == "full" else min(m, n) - 1
    before = cropped // 2 if mode == "same" else cropped
    after = cropped - cropped // 2 if mode == "same" else cropped
    ends = [(0, 0)] * (np.ndim(y_bar) - 2)
    whole = np.pad(y_bar, [*ends, (before, after), (0, 0)])
    sums = diagonal_sums(whole)[..., : m + n - 1]
    return sums[..., ::-1][..., :m]


# Products with them, and systems of equations


@vjp(linalg.matmul_toeplitz)
def matmul_toeplitz(y_bar, y, c_or_cr, x, *, check_finite=False, workers=None):
    check_toeplitz("matmul_toeplitz", c_or_cr, x)
    bar = as_columns(y_bar, x) @ as_columns(x, x).T
    return toeplitz_argument_bar(bar, c_or_cr), linalg.matmul_toeplitz(toeplitz_transposed(c_or_cr), y_bar)


@jvp(linalg.matmul_toeplitz)
def matmul_toeplitz_c(c_or_cr_dot, y, c_or_cr, x, *, check_finite=False, workers=None):
    check_toeplitz("matmul_toeplitz", c_or_cr, x)
    return linalg.matmul_toeplitz(c_or_cr_dot, x)


@jvp(linalg.matmul_toeplitz, 1)
def matmul_toeplitz_x(x_dot, y, c_or_cr, x, *, check_finite=False, workers=None):
    check_toeplitz("matmul_toeplitz", c_or_cr, x)
    return linalg.matmul_toeplitz(c_or_cr, x_dot)


@vjp(linalg.solve_toeplitz)
def solve_toeplitz(y_bar, y, c_or_cr, b, *, check_finite=True):
    check_toeplitz("solve_toeplitz", c_or_cr, b)
    b_bar = linalg.solve_toeplitz(toeplitz_transposed(c_or_cr), y_bar)
    bar = -as_columns(b_bar, b) @ as_columns(y, b).T
    return toeplitz_argument_bar(bar, c_or_cr), b_bar


@jvp(linalg.solve_toeplitz)
def solve_toeplitz_c(c_or_cr_dot, y, c_or_cr, b, *, check_finite=True):
    check_toeplitz("solve_toeplitz", c_or_cr, b)
    return -linalg.solve_toeplitz(c_or_cr, linalg.matmul_toeplitz(c_or_cr_dot, y))


@jvp(linalg.solve_toeplitz, 1)
def solve_toeplitz_b(b_dot, y, c_or_cr, b, *, check_finite=True):
    check_toeplitz("solve_toeplitz", c_or_cr, b)
    return linalg.solve_toeplitz(c_or_cr, b_dot)


def check_toeplitz(name, c_or_cr, b):
    if isinstance(c_or_cr, tuple):
        check_right_side(name, c_or_cr[0], 1, b)
        check_one(name, 1, c_or_cr[1])
    else:
        check_right_side(name, c_or_cr, 1, b)


def toeplitz_transposed(c_or_cr):
    """What stands for the transposed matrix: row and column change places, but the corner is the column's."""
    if isinstance(c_or_cr, tuple):
        c, r = c_or_cr
        return np.concatenate([c[:1], r[1:]]), c
    if np.iscomplexobj(c_or_cr):
        return np.concatenate([c_or_cr[:1], np.conj(c_or_cr[1:])]), c_or_cr
    return c_or_cr


def toeplitz_argument_bar(bar, c_or_cr):
    if isinstance(c_or_cr, tuple):
        return toeplitz_bar(bar, c_or_cr[1])
    return toeplitz_bar(bar, None)[0]


@vjp(linalg.solve_circulant)
def solve_circulant(y_bar, y, c, b, *, singular="raise", tol=None, caxis=-1, baxis=0, outaxis=0):
    check_circulant(c, singular, caxis, baxis, outaxis)
    b_bar = linalg.solve_circulant(reversed_circle(c), y_bar)
    # of each element of c the sum of the products of b_bar and y that far apart: a circular correlation
    spectrum = np.fft.fft(as_columns(b_bar, b), axis=0) * np.fft.fft(reversed_circle(as_columns(y, b)), axis=0)
    c_bar = -np.sum(np.fft.ifft(spectrum, axis=0), axis=1)
    return c_bar if np.iscomplexobj(c) else np.real(c_bar), b_bar


@jvp(linalg.solve_circulant)
def solve_circulant_c(c_dot, y, c, b, *, singular="raise", tol=None, caxis=-1, baxis=0, outaxis=0):
    check_circulant(c, singular, caxis, baxis, outaxis)
    return -linalg.solve_circulant(c, linalg.circulant(c_dot) @ y)


@jvp(linalg.solve_circulant, 1)
def solve_circulant_b(b_dot, y, c, b, *, singular="raise", tol=None, caxis=-1, baxis=0, outaxis=0):
    check_circulant(c, singular, caxis, baxis, outaxis)
    return linalg.solve_circulant(c, b_dot)


def reversed_circle(c):
    """The first element, then the others from the last to the second."""
    return np.roll(c[::-1], 1, axis=0)


def check_circulant(c, singular, caxis, baxis, outaxis):
    plain = singular == "raise" and caxis in (-1, 0) and baxis == 0 and outaxis == 0 and np.ndim(c) == 1
    if not plain:
        raise no_derivative(
            "scipy.linalg.solve_circulant has no derivative with singular, caxis, baxis, outaxis or several matrices"
        )


# Diagonals and blocks


@linear(linalg.block_diag)
def block_diag(y_bar, y, *arrs):
    bars, row, column = [], 0, 0
    for a in arrs:
        m, n = np.shape(np.atleast_2d(a))[-2], np.shape(np.atleast_2d(a))[-1]
        block = y_bar[..., row : row + m, column : column + n]
        bars.append(np.reshape(block, np.shape(a)) if np.ndim(a) < 2 else block)
        row, column = row + m, column + n
    return tuple(bars)


@linear(linalg.diagsvd)
def diagsvd(y_bar, y, s, *, M=None, N=None):
    return np.diagonal(y_bar)


@multilinear(linalg.khatri_rao)
def khatri_rao(y_bar, y, a, b):
    pairs = np.reshape(y_bar, (*np.shape(y)[:-2], np.shape(a)[-2], np.shape(b)[-2], np.shape(a)[-1]))
    return np.sum(pairs * b[..., None, :, :], axis=-2), np.sum(pairs * a[..., :, None, :], axis=-3)


@linear(linalg.leslie)
def leslie(y_bar, y, f, s):
    return y_bar[..., 0, :], np.diagonal(y_bar, -1, -2, -1)


@vjp(linalg.companion)
def companion(y_bar, y, a):
    first = y_bar[..., 0, :] / a[..., :1]
    own = -np.sum(first * y[..., 0, :], axis=-1, keepdims=True)
    return np.concatenate([own, -first], axis=-1)


@jvp(linalg.companion)
def companion_jvp(a_dot, y, a):
    first = -(a_dot[..., 1:] + y[..., 0, :] * a_dot[..., :1]) / a[..., :1]
    return np.concatenate([first[..., None, :], np.zeros_like(y[..., 1:, :])], axis=-2)


@vjp(linalg.fiedler)
def fiedler(y_bar, y, a):
    if np.ndim(a) == 0:
        return np.zeros_like(a)
    signs = np.sign(a[..., :, None] - a[..., None, :])
    return np.sum(signs * (y_bar + np.swapaxes(y_bar, -1, -2)), axis=-1)


@jvp(linalg.fiedler)
def fiedler_jvp(a_dot, y, a):
    if np.ndim(a) == 0:
        return np.zeros_like(y)
    return np.sign(a[..., :, None] - a[..., None, :]) * (a_dot[..., :, None] - a_dot[..., None, :])


zero_derivative(
    linalg.bandwidth,
    linalg.ishermitian,
    linalg.issymmetric,
    linalg.dft,
    linalg.hadamard,
    linalg.helmert,
    linalg.hilbert,
    linalg.invhilbert,
    linalg.invpascal,
    linalg.pascal,
)
no_rule("nobody needed it; use scipy.linalg.companion", linalg.fiedler_companion)
