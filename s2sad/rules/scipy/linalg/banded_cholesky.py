"""Rules of the Cholesky factor of a Hermitian matrix given by half of its diagonals.

Everything is done with the lower factor: row d of ``l`` holds the diagonal d below the main one, ``l[d, j]`` is the
element j + d, j.  The columns of the factor are computed one after the other, each from those to its left, and both
modes go the same way (S. P. Smith, "Differentiation of the Cholesky algorithm", 1995).
"""

import numpy as np
from scipy import linalg

from ...linalg import as_columns
from ...reductions import conjugate
from ...table import jvp, vjp
from .banded import inside
from .stacks import check_one, check_right_side


@vjp(linalg.cholesky_banded)
def cholesky_banded(y_bar, y, ab, *, lower=False, check_finite=True):
    check_one("cholesky_banded", 2, ab)
    bar = as_given(matrix_bar(as_lower(y_bar, lower), as_lower(y, lower)), lower)
    return np.where(inside(ab, 0 if lower else np.shape(ab)[0] - 1), bar, y_bar)  # corners are handed on


@jvp(linalg.cholesky_banded)
def cholesky_banded_jvp(ab_dot, y, ab, *, lower=False, check_finite=True):
    check_one("cholesky_banded", 2, ab)
    dot = as_given(factor_dot(as_lower(ab_dot, lower), as_lower(y, lower)), lower)
    return np.where(inside(ab, 0 if lower else np.shape(ab)[0] - 1), dot, ab_dot)


def as_lower(ab, lower):
    """The lower half of a Hermitian matrix, or the lower factor, of which ``ab`` may be the upper one."""
    if lower:
        return ab * inside(ab, 0)
    u = np.shape(ab)[0] - 1
    kept = conjugate(ab * inside(ab, u))
    return np.stack([np.roll(kept[u - d], -d) for d in range(u + 1)])


def as_given(l, lower):
    """The inverse of `as_lower`."""
    if lower:
        return l
    u = np.shape(l)[0] - 1
    return np.stack([np.roll(conjugate(l[u - r]), u - r) for r in range(u + 1)])


def matrix_bar(l_bar, l):
    """The cotangent of the lower half of a matrix, of that of its factor: column by column, from the last one."""
    rows, n = np.shape(l)
    columns: list[np.ndarray] = []
    for k in range(n):
        j = n - 1 - k
        own = l_bar[:, j]
        for m in range(1, min(rows, k + 1)):  # what the columns to the right took from this one
            g = columns[k - m][: rows - m]
            first = g[:1] * conjugate(l[m, j]) + conjugate(np.sum(g * l[m:, j]))
            own = own - np.concatenate([np.zeros_like(own[:m]), first, g[1:] * conjugate(l[m, j])])
        top = np.real(own[:1]) - np.real(np.sum(own[1:] * l[1:, j])) / np.real(l[0, j])
        columns.append(np.concatenate([top / (2 * np.real(l[0, j])), own[1:] / l[0, j]]))
    return np.stack(columns[::-1], axis=1)


def factor_dot(a_dot, l):
    """The tangent of the factor: column by column, from the first one."""
    rows, n = np.shape(l)
    columns: list[np.ndarray] = []
    for j in range(n):
        own = a_dot[:, j]
        for m in range(1, min(rows, j + 1)):  # what this column took from those to the left
            before, dot = l[:, j - m], columns[j - m]
            taken = dot[m:] * conjugate(before[m]) + before[m:] * conjugate(dot[m])
            own = own - np.concatenate([taken, np.zeros_like(own[:m])])
        top = np.real(own[:1]) / (2 * np.real(l[0, j]))
        columns.append(np.concatenate([top, (own[1:] - l[1:, j] * top) / l[0, j]]))
    return np.stack(columns, axis=1)


@vjp(linalg.cho_solve_banded)
def cho_solve_banded(y_bar, y, cb_and_lower, b, *, check_finite=True):
    check_right_side("cho_solve_banded", cb_and_lower[0], 2, b)
    b_bar = conjugate(linalg.cho_solve_banded(cb_and_lower, conjugate(y_bar)))
    bar = solved_bar(as_columns(b_bar, b), as_columns(y, b), cb_and_lower[0], cb_and_lower[1])
    return (bar, None), b_bar


@jvp(linalg.cho_solve_banded)
def cho_solve_banded_c(cb_and_lower_dot, y, cb_and_lower, b, *, check_finite=True):
    check_right_side("cho_solve_banded", cb_and_lower[0], 2, b)
    change = square_dot(cb_and_lower_dot[0], cb_and_lower[0], cb_and_lower[1], as_columns(y, b))
    return -linalg.cho_solve_banded(cb_and_lower, np.reshape(change, np.shape(y)))


@jvp(linalg.cho_solve_banded, 1)
def cho_solve_banded_b(b_dot, y, cb_and_lower, b, *, check_finite=True):
    check_right_side("cho_solve_banded", cb_and_lower[0], 2, b)
    return linalg.cho_solve_banded(cb_and_lower, b_dot)


def solved_bar(b_bar, x, cb, lower):
    """The cotangent of the factor in the solution ``x`` of ``l l^H x = b``: l_bar = -b_bar (l^H x)^T - (..)^H."""
    l = as_lower(cb, lower)
    right, left = adjoint_product(l, x), conjugate(adjoint_product(conjugate(l), b_bar))
    rows = [
        np.sum(np.roll(b_bar, -d, axis=0) * right + conjugate(np.roll(x, -d, axis=0)) * left, axis=1)
        for d in range(np.shape(l)[0])
    ]
    return as_given(-np.stack(rows) * inside(l, 0), lower)


def square_dot(cb_dot, cb, lower, x):
    """The change of ``l l^H x`` with the factor."""
    l, l_dot = as_lower(cb, lower), as_lower(cb_dot, lower)
    return product(l_dot, adjoint_product(l, x)) + product(l, adjoint_product(l_dot, x))


def product(l, x):
    """``l @ x``."""
    total = np.zeros_like(l[0][:, None] * x)
    for d in range(np.shape(l)[0]):
        total = total + np.roll(l[d][:, None] * x, d, axis=0)
    return total


def adjoint_product(l, x):
    """``l^H @ x``."""
    total = np.zeros_like(l[0][:, None] * x)
    for d in range(np.shape(l)[0]):
        total = total + conjugate(l[d])[:, None] * np.roll(x, -d, axis=0)
    return total
