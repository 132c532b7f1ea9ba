"""Rules of QR, of singular values, of the polar decomposition, and of subspaces."""

import numpy as np
from scipy import linalg

from ....runtime import no_derivative
from ...linalg import adjoint, or_zeros, qr_bar, qr_dot, symmetrised, transposed
from ...reductions import conjugate
from ...spectral import inverse_or_zero, of_singular_values, singular_values_bar, singular_values_dot, svd_bar, svd_dot
from ...table import definition, jvp, no_rule, vjp
from .stacks import check_one

# QR: the first columns of a, as many as there are rows, fix q


@vjp(linalg.qr)
def qr(y_bar, y, a, *, lwork=None, mode="full", pivoting=False, check_finite=True):
    q, r, q_bar, r_bar = qr_parts(y_bar, y, a, mode, pivoting)
    bar = qr_bar(q_bar, r_bar, q, r, columns_of(a, y, pivoting))
    return ordered(bar, np.argsort(y[-1], axis=-1)) if pivoting else bar


@jvp(linalg.qr)
def qr_jvp(a_dot, y, a, *, lwork=None, mode="full", pivoting=False, check_finite=True):
    q, r, _, _ = qr_parts(None, y, a, mode, pivoting)
    q_dot, r_dot = qr_dot(columns_of(a_dot, y, pivoting), q, r)
    if mode == "r" and np.shape(a)[-2] > np.shape(a)[-1]:  # rows of zeros below
        r_dot = np.concatenate([r_dot, np.zeros_like(y[0][..., np.shape(a)[-1] :, :])], axis=-2)
    parts = (r_dot,) if mode == "r" else (q_dot, r_dot)
    return (*parts, None) if pivoting else parts


def qr_parts(y_bar, y, a, mode, pivoting):
    """The factors, small ones, and their cotangents, of what ``scipy.linalg.qr`` returned."""
    if mode == "r":
        check_one("qr with mode='r'", 2, a)
    tall = np.shape(a)[-2] > np.shape(a)[-1]
    if mode == "raw" or (mode == "full" and tall):
        raise no_derivative(
            f"scipy.linalg.qr has no derivative with mode={mode!r} for a matrix with more rows than columns: "
            "use mode='economic'"
        )
    n = min(np.shape(a)[-2], np.shape(a)[-1])
    if mode == "r":
        q = linalg.qr(columns_of(a, y, pivoting), mode="economic")[0]
        r_bar = None if y_bar is None else or_zeros(y_bar[0], y[0])[..., :n, :]
        return q, y[0][..., :n, :], np.zeros_like(q), r_bar
    if y_bar is None:
        return y[0], y[1], None, None
    return y[0], y[1], or_zeros(y_bar[0], y[0]), or_zeros(y_bar[1], y[1])


def columns_of(a, y, pivoting):
    """The columns in the order in which they were taken."""
    return ordered(a, y[-1]) if pivoting else a


def ordered(a, order):
    """The columns of matrices in another order."""
    if np.ndim(a) == 2:
        return np.take(a, order, axis=-1)
    return np.take_along_axis(a, order[..., None, :], axis=-1)


# RQ is QR of the adjoint, with rows and columns in reverse


@vjp(linalg.rq, parts=True)
def rq(y_bar, y, a, *, lwork=None, mode="full", check_finite=True):
    if mode == "r":
        q = linalg.rq(a, mode="economic")[1]
        r_bar, q_bar, r = y_bar, np.zeros_like(q), y[..., -np.shape(q)[-2] :]
        r_bar = r_bar[..., -np.shape(q)[-2] :]
    else:
        check_rq(a, mode)
        r, q = y[0], y[1]
        r_bar, q_bar = or_zeros(y_bar[0], r), or_zeros(y_bar[1], q)
    bar = qr_bar(turned_rows(q_bar), turned(r_bar), turned_rows(q), turned(r), turned_rows(a))
    return turned_rows_back(bar)


@jvp(linalg.rq)
def rq_jvp(a_dot, y, a, *, lwork=None, mode="full", check_finite=True):
    if mode == "r":
        q = linalg.rq(a, mode="economic")[1]
        k = np.shape(q)[-2]
        r_dot = turned(qr_dot(turned_rows(a_dot), turned_rows(q), turned(y[..., -k:]))[1])
        return np.concatenate([np.zeros_like(y[..., :-k]), r_dot], axis=-1)
    check_rq(a, mode)
    q_dot, r_dot = qr_dot(turned_rows(a_dot), turned_rows(y[1]), turned(y[0]))
    return turned(r_dot), turned_rows_back(q_dot)


def check_rq(a, mode):
    if mode == "full" and np.shape(a)[-2] < np.shape(a)[-1]:
        raise no_derivative(
            "scipy.linalg.rq has no derivative with mode='full' for a matrix with more columns than rows: "
            "use mode='economic'"
        )


def turned_rows(x):
    return adjoint(x[..., ::-1, :])


def turned_rows_back(x):
    return adjoint(x)[..., ::-1, :]


def turned(x):
    return adjoint(x[..., ::-1, ::-1])


# Singular values


@vjp(linalg.svd, parts=True)
def svd(y_bar, y, a, *, full_matrices=True, compute_uv=True, check_finite=True, lapack_driver="gesdd"):
    if not compute_uv:
        return singular_values_bar(y_bar, a)
    if y_bar[0] is None and y_bar[2] is None:
        return of_singular_values(y_bar[1], y[0], y[1], y[2], a)
    return svd_bar(y_bar[0], y_bar[1], y_bar[2], y[0], y[1], y[2])


@jvp(linalg.svd)
def svd_jvp(a_dot, y, a, *, full_matrices=True, compute_uv=True, check_finite=True, lapack_driver="gesdd"):
    if compute_uv:
        return svd_dot(a_dot, y[0], y[1], y[2], a)
    return singular_values_dot(a_dot, a)


@vjp(linalg.svdvals)
def svdvals(y_bar, y, a, *, check_finite=True):
    return singular_values_bar(y_bar, a)


@jvp(linalg.svdvals)
def svdvals_jvp(a_dot, y, a, *, check_finite=True):
    return singular_values_dot(a_dot, a)


@vjp(linalg.orth)
def orth(y_bar, y, A, *, rcond=None):
    u, s, vh = linalg.svd(A, full_matrices=False)
    rest = np.zeros_like(u[..., np.shape(y)[-1] :])
    return svd_bar(np.concatenate([y_bar, rest], axis=-1), None, None, u, s, vh)


@jvp(linalg.orth)
def orth_jvp(A_dot, y, A, *, rcond=None):
    u, s, vh = linalg.svd(A, full_matrices=False)
    return svd_dot(A_dot, u, s, vh, A)[0][..., : np.shape(y)[-1]]


# The polar decomposition a = u p of a matrix of full rank, p the root of a^H a: p p' + p' p = (a^H a)'


@vjp(linalg.polar, parts=True)
def polar(y_bar, y, a, *, side="right"):
    u_bar, p_bar = or_zeros(y_bar[0], y[0]), or_zeros(y_bar[1], y[1])
    if side == "right":
        return polar_bar(u_bar, p_bar, y[0], y[1], a)
    return adjoint(polar_bar(adjoint(u_bar), adjoint(p_bar), adjoint(y[0]), y[1], adjoint(a)))


@jvp(linalg.polar)
def polar_jvp(a_dot, y, a, *, side="right"):
    if side == "right":
        return polar_dot(a_dot, y[0], y[1], a)
    u_dot, p_dot = polar_dot(adjoint(a_dot), adjoint(y[0]), y[1], adjoint(a))
    return adjoint(u_dot), adjoint(p_dot)


def polar_bar(u_bar, p_bar, u, p, a):
    check_polar(a)
    direct = transposed(linalg.solve(p, transposed(u_bar)))  # u = a p^-1
    inner = p_bar - transposed(u) @ direct
    g = linalg.solve_sylvester(transposed(p), transposed(p), inner)
    return direct + conjugate(a) @ (g + adjoint(g))


def polar_dot(a_dot, u, p, a):
    check_polar(a)
    p_dot = linalg.solve_sylvester(p, p, 2 * symmetrised(adjoint(a) @ a_dot))
    return adjoint(linalg.solve(p, adjoint(a_dot - u @ p_dot))), p_dot


def check_polar(a):
    if np.shape(a)[-2] < np.shape(a)[-1]:
        raise no_derivative("scipy.linalg.polar has no derivative where the factor p is singular: choose the side")


@vjp(linalg.orthogonal_procrustes, parts=True)
def orthogonal_procrustes(y_bar, y, A, B, *, check_finite=True):
    m = adjoint(A) @ B  # the rotation is its unitary polar factor, the scale the sum of its singular values
    p = adjoint(y[0]) @ m
    m_bar = polar_bar(or_zeros(y_bar[0], y[0]), np.zeros_like(p), y[0], p, m)
    if y_bar[1] is not None:
        m_bar = m_bar + np.expand_dims(y_bar[1], (-2, -1)) * conjugate(y[0])
    return conjugate(B) @ adjoint(m_bar), conjugate(A) @ m_bar


@jvp(linalg.orthogonal_procrustes)
def orthogonal_procrustes_a(A_dot, y, A, B, *, check_finite=True):
    return procrustes_dot(adjoint(A_dot) @ B, y[0], adjoint(A) @ B)


@jvp(linalg.orthogonal_procrustes, 1)
def orthogonal_procrustes_b(B_dot, y, A, B, *, check_finite=True):
    return procrustes_dot(adjoint(A) @ B_dot, y[0], adjoint(A) @ B)


def procrustes_dot(m_dot, u, m):
    return polar_dot(m_dot, u, adjoint(u) @ m, m)[0], np.real(np.sum(conjugate(u) * m_dot, axis=(-2, -1)))


# Angles between subspaces: their cosines are the singular values of qa^H qb.  A subspace turns only towards what it
# does not hold, (1 - qa qa^H) a' ra^-1.  An angle of 0 has derivative 0, as norms have.


@vjp(linalg.subspace_angles)
def subspace_angles(y_bar, y, A, B):
    qa, ra, qb, rb, u, v = principal(A, B, y)
    rate = (-y_bar * inverse_or_zero(np.sin(y)))[..., None, :]
    away_a, away_b = qb @ v - qa @ (adjoint(qa) @ qb @ v), qa @ u - qb @ (adjoint(qb) @ qa @ u)
    return (
        (conjugate(away_a) * rate) @ transposed(linalg.solve_triangular(ra, u)),
        (conjugate(away_b) * rate) @ transposed(linalg.solve_triangular(rb, v)),
    )


@jvp(linalg.subspace_angles)
def subspace_angles_a(A_dot, y, A, B):
    qa, ra, qb, _, u, v = principal(A, B, y)
    away = qb @ v - qa @ (adjoint(qa) @ qb @ v)
    change = np.real(np.sum(conjugate(away) * (A_dot @ linalg.solve_triangular(ra, u)), axis=-2))
    return -change * inverse_or_zero(np.sin(y))


@jvp(linalg.subspace_angles, 1)
def subspace_angles_b(B_dot, y, A, B):
    qa, _, qb, rb, u, v = principal(A, B, y)
    away = qa @ u - qb @ (adjoint(qb) @ qa @ u)
    change = np.real(np.sum(conjugate(away) * (B_dot @ linalg.solve_triangular(rb, v)), axis=-2))
    return -change * inverse_or_zero(np.sin(y))


def principal(A, B, y):
    """Bases of both subspaces, their triangular factors, and the principal vectors, the largest angle first."""
    qa, ra = linalg.qr(A, mode="economic")
    qb, rb = linalg.qr(B, mode="economic")
    u, _, vh = linalg.svd(adjoint(qa) @ qb, full_matrices=False)
    return qa, ra, qb, rb, u[..., ::-1], adjoint(vh)[..., ::-1]


@definition(linalg.qr_multiply)
def qr_multiply(a, c, mode="right", pivoting=False, conjugate=False):
    if pivoting or conjugate:
        raise no_derivative("qr_multiply has no derivative rule with pivoting or conjugate")
    q, r = linalg.qr(a, mode="economic")
    product = q @ c if mode == "left" else c @ q
    return (product.astype(np.float32) if q.dtype == np.float32 else product), r


no_rule("its basis is any of many; use the projector, np.eye(n) - scipy.linalg.pinv(A) @ A", linalg.null_space)
no_rule(
    "the phases of its vectors and the order of its values are not determined; use scipy.linalg.eig or eigvals",
    linalg.qz,
    linalg.ordqz,
    linalg.rsf2csf,
    linalg.cdf2rdf,
)
no_rule("write it with scipy.linalg.svd", linalg.cossin)
no_rule("factorise the changed matrix with scipy.linalg.qr", linalg.qr_delete, linalg.qr_insert, linalg.qr_update)
no_rule("it estimates, balances or draws at random; compute it before, as a constant", linalg.expm_cond,
        linalg.matrix_balance, linalg.clarkson_woodruff_transform)  # fmt: skip
