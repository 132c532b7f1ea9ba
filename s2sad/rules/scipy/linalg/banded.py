"""Rules of matrices given by their diagonals.

``ab[u + i - j, j]`` is the element i, j of a matrix with u diagonals above the main one.  Row r of ``ab`` is the
diagonal ``u - r``; its corners outside of the matrix are never read.
"""

import numpy as np
from scipy import linalg

from .... import runtime
from ...choices import in_phase_bar, in_phase_dot, turning, turning_bar
from ...linalg import adjoint, as_columns, or_zeros
from ...reductions import conjugate
from ...spectral import on_diagonal
from ...table import jvp, vjp
from .eigen import check_select, values_dot
from .stacks import check_one, check_right_side

# Any band.  np.roll moves a row of ab from the columns of the matrix to its rows: what comes around is outside


@vjp(linalg.solve_banded)
def solve_banded(y_bar, y, l_and_u, ab, b, *, check_finite=True):
    check_right_side("solve_banded", ab, 2, b)
    l, u = l_and_u
    b_bar = linalg.solve_banded((u, l), band_transposed(ab, l, u), y_bar)
    left, right = as_columns(b_bar, b), as_columns(y, b)
    rows = [np.sum(np.roll(left, u - r, axis=0) * right, axis=1) for r in range(l + u + 1)]
    return None, -np.stack(rows) * inside(ab, u), b_bar


@jvp(linalg.solve_banded, 1)
def solve_banded_ab(ab_dot, y, l_and_u, ab, b, *, check_finite=True):
    check_right_side("solve_banded", ab, 2, b)
    l, u = l_and_u
    x = as_columns(y, b)
    change, kept = np.zeros_like(x), ab_dot * inside(ab, u)
    for r in range(l + u + 1):
        change = change + np.roll(kept[r][:, None] * x, r - u, axis=0)
    return -linalg.solve_banded(l_and_u, ab, np.reshape(change, np.shape(y)))


@jvp(linalg.solve_banded, 2)
def solve_banded_b(b_dot, y, l_and_u, ab, b, *, check_finite=True):
    check_right_side("solve_banded", ab, 2, b)
    return linalg.solve_banded(l_and_u, ab, b_dot)


def band_transposed(ab, l, u):
    """The diagonals of the transposed matrix, which has u of them below the main one."""
    return np.stack([np.roll(ab[l + u - r], l - r) for r in range(l + u + 1)])


def inside(ab, u):
    """Which elements of ``ab`` are in the matrix."""
    rows, n = np.shape(ab)[-2], np.shape(ab)[-1]
    i = np.arange(n) + np.arange(rows)[:, None] - u
    return (i >= 0) & (i < n)


# Hermitian bands, of which one half is given


@vjp(linalg.solveh_banded)
def solveh_banded(y_bar, y, ab, b, *, lower=False, check_finite=True):
    check_right_side("solveh_banded", ab, 2, b)
    b_bar = conjugate(linalg.solveh_banded(ab, conjugate(y_bar), lower=lower))
    left, right = -as_columns(b_bar, b), as_columns(y, b)
    return half_bar(left, right, ab, lower), b_bar


@jvp(linalg.solveh_banded)
def solveh_banded_ab(ab_dot, y, ab, b, *, lower=False, check_finite=True):
    check_right_side("solveh_banded", ab, 2, b)
    change = half_product(ab_dot, as_columns(y, b), lower)
    return -linalg.solveh_banded(ab, np.reshape(change, np.shape(y)), lower=lower)


@jvp(linalg.solveh_banded, 1)
def solveh_banded_b(b_dot, y, ab, b, *, lower=False, check_finite=True):
    check_right_side("solveh_banded", ab, 2, b)
    return linalg.solveh_banded(ab, b_dot, lower=lower)


def half_bar(left, right, ab, lower):
    """The cotangent of the half that is given, where that of the whole matrix is ``left @ right.T``."""
    u = 0 if lower else np.shape(ab)[-2] - 1
    rows = []
    for r in range(np.shape(ab)[-2]):
        here = np.sum(np.roll(left, u - r, axis=0) * right, axis=1)
        mirrored = conjugate(np.sum(np.roll(right, u - r, axis=0) * left, axis=1))
        rows.append(np.real(here) if r == u else here + mirrored)
    return np.stack(rows) * inside(ab, u)


def half_product(ab, x, lower):
    """The product of the Hermitian matrix with a half ``ab`` with ``x``."""
    u = 0 if lower else np.shape(ab)[-2] - 1
    kept = ab * inside(ab, u)
    total = np.zeros_like(x)
    for r in range(np.shape(ab)[-2]):
        if r == u:
            total = total + np.real(kept[r])[:, None] * x
        else:
            total = total + np.roll(kept[r][:, None] * x, r - u, axis=0)
            total = total + conjugate(kept[r])[:, None] * np.roll(x, u - r, axis=0)
    return total


@vjp(linalg.eigvals_banded)
def eigvals_banded(y_bar, y, a_band, *, lower=False, select="a", select_range=None, check_finite=True):
    check_one("eigvals_banded", 2, a_band)
    v = linalg.eig_banded(a_band, lower, select=select, select_range=select_range)[1]
    return half_values_bar(y_bar, y, v, a_band, lower)


@jvp(linalg.eigvals_banded)
def eigvals_banded_jvp(a_band_dot, y, a_band, *, lower=False, select="a", select_range=None, check_finite=True):
    check_one("eigvals_banded", 2, a_band)
    v = linalg.eig_banded(a_band, lower, select=select, select_range=select_range)[1]
    return half_values_dot(a_band_dot, y, v, a_band, lower)


def half_values_bar(w_bar, w, v, a_band, lower):
    """The cotangent of the half that is given, of that of the eigenvalues."""
    v = runtime.unless_parting(v, w, whole(a_band, lower), v)
    return half_bar(conjugate(v) * w_bar, v, a_band, lower)


def half_values_dot(a_band_dot, w, v, a_band, lower):
    return values_dot(whole(a_band_dot, lower), w, v, whole(a_band, lower), None)


def whole(ab, lower):
    """The Hermitian matrix with a half ``ab``."""
    return half_product(ab, np.eye(np.shape(ab)[-1], dtype=ab.dtype), lower)


@vjp(linalg.eig_banded, parts=True)
def eig_banded(y_bar, y, a_band, *, lower=False, eigvals_only=False, select="a", select_range=None, max_ev=0,
               check_finite=True):  # fmt: skip
    check_one("eig_banded", 2, a_band)
    if eigvals_only:
        return eigvals_banded(y_bar, y, a_band, lower=lower, select=select, select_range=select_range)
    w, v = y[0], y[1]
    if y_bar[1] is None:
        return half_values_bar(y_bar[0], w, v, a_band, lower)
    check_select(select)
    v_bar = in_phase_bar(y_bar[1], v, True)
    inner = on_diagonal(or_zeros(y_bar[0], w)) + turning_bar(y_bar[0], v_bar, w, v)
    return half_bar(conjugate(v) @ inner, v, a_band, lower)


@jvp(linalg.eig_banded)
def eig_banded_jvp(a_band_dot, y, a_band, *, lower=False, eigvals_only=False, select="a", select_range=None, max_ev=0,
                   check_finite=True):  # fmt: skip
    check_one("eig_banded", 2, a_band)
    if eigvals_only:
        return eigvals_banded_jvp(a_band_dot, y, a_band, lower=lower, select=select, select_range=select_range)
    check_select(select)
    w, v = y[0], y[1]
    inner = adjoint(v) @ half_product(a_band_dot, v, lower)
    v_dot = in_phase_dot(v @ turning(inner, w), v, True)
    return half_values_dot(a_band_dot, w, v, a_band, lower), v_dot
