"""Rules of reductions by similarity and by congruence: Hessenberg's form, Schur's form, and ``L D L^T``.

(G. H. Golub, C. F. Van Loan, "Matrix computations", 4th edition 2013, 7.4.2, 7.1.3 and 4.4.)
"""

import numpy as np
from scipy import linalg

from ....runtime import no_derivative
from ...linalg import or_zeros, symmetrised
from ...table import definition, jvp, vjp
from .stacks import check_one

# Hessenberg's form by Householder's reflections, with LAPACK's signs; its derivative is that of the reflections


@definition(linalg.hessenberg)
def hessenberg(a, calc_q=False, *, check_finite=True):
    if np.iscomplexobj(a):
        raise no_derivative("hessenberg has a derivative rule for real matrices only")
    if np.ndim(a) == 2:
        form, q = hessenberg_of_one(a)
    else:
        pairs = [hessenberg_of_one(matrix) for matrix in np.reshape(a, (-1, *np.shape(a)[-2:]))]
        form = np.reshape(np.stack([pair[0] for pair in pairs]), np.shape(a))
        q = np.reshape(np.stack([pair[1] for pair in pairs]), np.shape(a))
    return (form, q) if calc_q else form


def hessenberg_of_one(a):
    h, n = np.asarray(a) * 1.0, np.shape(a)[0]
    q, unit = np.eye(n, dtype=h.dtype), np.eye(n, dtype=h.dtype)
    for k in range(n - 2):
        x = h[k + 1 :, k]
        if np.any(x[1:] != 0):
            size = np.linalg.norm(x)
            beta = -size if x[0] >= 0 else size
            v = np.concatenate([unit[k + 1, : k + 2], x[1:] / (x[0] - beta)])
            tau = (beta - x[0]) / beta
            h = h - tau * np.outer(h @ v, v)
            h = h - tau * np.outer(v, v @ h)
            q = q - tau * np.outer(q @ v, v)
    return np.triu(h, -1), q


# Schur's form A = Z T Z^T with real eigenvalues: with Z_dot = Z (W - W^T), W strictly lower, and G = Z^T A_dot Z,
# what is below the diagonal stays 0: low(T W - W T) = -low(G), which is solved from the lower left corner on.


@vjp(linalg.schur, parts=True)
def schur(y_bar, y, a, *, output="real", lwork=None, sort=None, check_finite=True):
    t, z = triangular(y, a, output, sort)
    t_bar, z_bar = np.triu(or_zeros(y_bar[0], t)), or_zeros(y_bar[1], z)
    turned = z.T @ z_bar + t.T @ t_bar - t_bar @ t.T
    return z @ (t_bar - below_transposed(np.tril(turned - turned.T, -1), t)) @ z.T


@jvp(linalg.schur)
def schur_jvp(a_dot, y, a, *, output="real", lwork=None, sort=None, check_finite=True):
    t, z = triangular(y, a, output, sort)
    moved = z.T @ a_dot @ z
    lower = below(moved, t)
    turn = lower - lower.T
    dots = np.triu(moved + t @ turn - turn @ t), z @ turn
    return dots if sort is None else (*dots, None)


def triangular(y, a, output, sort):
    check_one("schur", 2, a)
    if callable(sort):
        raise no_derivative("schur has a derivative rule with sort= by its name, and not by a function")
    if output not in ("real", "r") or np.iscomplexobj(a):
        raise no_derivative("schur has a derivative rule for real matrices and output='real', as the phases of complex "
                            "vectors are any")  # fmt: skip
    if np.any(np.diagonal(y[0], -1) != 0):
        raise no_derivative("schur has a derivative rule for matrices with real eigenvalues only")
    return y[0], y[1]


def below(moved, t):
    n = np.shape(t)[0]
    w = np.zeros((n, n))
    for j in range(n - 1):
        for i in range(n - 1, j, -1):
            known = w[i, :j] @ t[:j, j] - t[i, i + 1 :] @ w[i + 1 :, j]
            w[i, j] = (known - moved[i, j]) / (t[i, i] - t[j, j])
    return w


def below_transposed(bar, t):
    n = np.shape(t)[0]
    w = np.zeros((n, n))
    for i in range(1, n):
        for j in range(i - 1, -1, -1):
            known = w[i, j + 1 : i] @ t[j, j + 1 : i] - t[j + 1 : i, i] @ w[j + 1 : i, j]
            w[i, j] = (bar[i, j] + known) / (t[i, i] - t[j, j])
    return w


# A = L D L^T with pivots of size 1 and 2, whose order stays for small changes: with F = L^-1 A_dot L^-T, the blocks of
# F are those of D_dot, and what is below them is K D, where L_dot = L K.


@vjp(linalg.ldl, parts=True)
def ldl(y_bar, y, A, *, lower=True, hermitian=True, check_finite=True):
    check_one("ldl", 2, A)
    factor, d, same, under = pivoted(y, A, lower)
    factor_bar, d_bar = or_zeros(y_bar[0], y[0])[y[2]], or_zeros(y_bar[1], d)
    if not lower:
        factor_bar = factor_bar[::-1, ::-1]
        d_bar = d_bar[::-1, ::-1]
    inner = same * d_bar + under * (np.linalg.solve(d, (factor.T @ factor_bar).T).T)
    outer = np.linalg.solve(factor.T, np.linalg.solve(factor.T, inner.T).T)
    places = np.argsort(y[2])
    return symmetrised((outer if lower else outer[::-1, ::-1])[places][:, places])


@jvp(linalg.ldl)
def ldl_jvp(A_dot, y, A, *, lower=True, hermitian=True, check_finite=True):
    check_one("ldl", 2, A)
    factor, d, same, under = pivoted(y, A, lower)
    moved = symmetrised(A_dot)[y[2]][:, y[2]]
    if not lower:
        moved = moved[::-1, ::-1]
    inner = np.linalg.solve(factor, np.linalg.solve(factor, moved).T)
    factor_dot, d_dot = factor @ (under * np.linalg.solve(d, inner.T).T), same * inner
    if not lower:
        factor_dot, d_dot = factor_dot[::-1, ::-1], d_dot[::-1, ::-1]
    return factor_dot[np.argsort(y[2])], d_dot, None


def pivoted(y, A, lower):
    """The unit lower triangular factor, the pivots, and which places are in their blocks and below them.

    An upper factor is a lower one with rows and columns in reverse.
    """
    if np.iscomplexobj(A):
        raise no_derivative("ldl has a derivative rule for real matrices only")
    factor, d = y[0][y[2]], y[1]
    if not lower:
        factor, d = factor[::-1, ::-1], d[::-1, ::-1]
    number = np.concatenate([np.zeros(1), np.cumsum(np.diagonal(d, -1) == 0)])
    return factor, d, number[:, None] == number, number[:, None] > number
