"""Rules of eigenvalues, with their vectors: of Hermitian and of any matrices, alone or with a second one.

The conventions are those of `rules.spectral`.  Of ``a v = w b v`` with ``v^H b v = 1``, the vectors turn by the inverse
gaps of the values times ``v^H (a_dot - w b_dot) v``, and stretch by ``-v^H b_dot v / 2`` (Giles 2008).
"""

import numpy as np
from scipy import linalg

from .... import runtime
from ....runtime import no_derivative
from ...choices import on_row, phases_bar, phases_dot, size, turning, turning_bar
from ...hermitian import read_bar, read_dot
from ...linalg import adjoint, or_zeros, symmetrised, transposed
from ...reductions import conjugate
from ...spectral import diagonal, eig_bar, eig_dot, eigenvalues_dot, of_eigenvalues, on_diagonal
from ...table import jvp, vjp
from .stacks import check_one, check_stack

# Hermitian matrices


@vjp(linalg.eigh, parts=True)
def eigh(y_bar, y, a, b=None, *, lower=True, eigvals_only=False, type=1, check_finite=True, subset_by_index=None,
         subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    if eigvals_only:
        v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
        return values_bar(y_bar, y, v, a, b, lower)
    w, v = y[0], y[1]
    if y_bar[1] is None:
        return values_bar(y_bar[0], w, v, a, b, lower)
    check_subset(subset_by_index, subset_by_value)
    v_bar, fixed_bar = y_bar[1], None
    if np.iscomplexobj(v):
        fixed_bar = phases_bar(transposed(v) @ v_bar, fixed_row(v, b, lower), size(v) * size(v_bar))
        v_bar = fixed_row_bar(v_bar, fixed_bar, v, b, lower)
    inner = on_diagonal(or_zeros(y_bar[0], w)) + turning_bar(y_bar[0], v_bar, w, v)
    a_bar = read_bar(symmetrised(conjugate(v) @ inner @ transposed(v)), a, lower)
    if b is None:
        return a_bar, None
    stretch = -inner * w[..., None, :] - 0.5 * on_diagonal(diagonal(transposed(v) @ v_bar))
    b_bar = conjugate(v) @ stretch @ transposed(v)
    if fixed_bar is not None and lower:
        b_bar = b_bar + on_row((v @ fixed_bar[..., None])[..., 0], b, True)
    return a_bar, read_bar(symmetrised(b_bar), b, lower)


@jvp(linalg.eigh)
def eigh_a(a_dot, y, a, b=None, *, lower=True, eigvals_only=False, type=1, check_finite=True, subset_by_index=None,
           subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    if eigvals_only:
        v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
        return values_dot(read_dot(a_dot, a, lower), y, v, a, b)
    check_subset(subset_by_index, subset_by_value)
    w, v = y[0], y[1]
    change = read_dot(a_dot, a, lower)
    v_dot = v @ turning(adjoint(v) @ change @ v, w)
    if np.iscomplexobj(v):
        v_dot = v_dot + v * phases_dot(fixed_row(v_dot, b, lower), fixed_row(v, b, lower))[..., None, :]
    return values_dot(change, w, v, a, b), v_dot


@jvp(linalg.eigh, 1)
def eigh_b(b_dot, y, a, b=None, *, lower=True, eigvals_only=False, type=1, check_finite=True, subset_by_index=None,
           subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    if eigvals_only:
        v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
        return -y * values_dot(read_dot(b_dot, b, lower), y, v, a, b)
    check_subset(subset_by_index, subset_by_value)
    w, v = y[0], y[1]
    change = read_dot(b_dot, b, lower)
    inner = adjoint(v) @ change @ v
    v_dot = -v @ (turning(inner, w) * w[..., None, :] + 0.5 * on_diagonal(np.real(diagonal(inner))))
    if np.iscomplexobj(v):
        fixed_dot = fixed_row(v_dot, b, lower)
        if lower:
            fixed_dot = fixed_dot + (change @ v)[..., 0, :]
        v_dot = v_dot + v * phases_dot(fixed_dot, fixed_row(v, b, lower))[..., None, :]
    return -w * values_dot(change, w, v, a, b), v_dot


def fixed_row(v, b, lower):
    """The row of complex vectors, or of their product with the second matrix, that LAPACK makes real."""
    if not lower:
        return v[..., -1, :]
    return v[..., 0, :] if b is None else (read_dot(b, b, lower) @ v)[..., 0, :]


def fixed_row_bar(v_bar, fixed_bar, v, b, lower):
    """The cotangent of vectors with that of their `fixed_row`."""
    if b is None or not lower:
        return v_bar + on_row(fixed_bar, v, lower)
    return v_bar + read_dot(b, b, lower)[..., 0, :, None] * fixed_bar[..., None, :]


@vjp(linalg.eigvalsh)
def eigvalsh(y_bar, y, a, b=None, *, lower=True, type=1, check_finite=True, subset_by_index=None,
             subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
    return values_bar(y_bar, y, v, a, b, lower)


@jvp(linalg.eigvalsh)
def eigvalsh_a(a_dot, y, a, b=None, *, lower=True, type=1, check_finite=True, subset_by_index=None,
               subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
    return values_dot(read_dot(a_dot, a, lower), y, v, a, b)


@jvp(linalg.eigvalsh, 1)
def eigvalsh_b(b_dot, y, a, b=None, *, lower=True, type=1, check_finite=True, subset_by_index=None,
               subset_by_value=None, driver=None):  # fmt: skip
    check_type(a, b, type)
    v = vectors(a, b, lower, subset_by_index, subset_by_value, driver)
    return -y * values_dot(read_dot(b_dot, b, lower), y, v, a, b)


def vectors(a, b, lower, subset_by_index, subset_by_value, driver):
    if subset_by_index is None and subset_by_value is None:
        return linalg.eigh(a, b, lower=lower)[1]
    return linalg.eigh(a, b, lower=lower, subset_by_index=subset_by_index, subset_by_value=subset_by_value)[1]


def values_bar(w_bar, w, v, a, b, lower):
    v = unless_either_parts(v, w, a, b)
    a_bar = read_bar(symmetrised((conjugate(v) * w_bar[..., None, :]) @ transposed(v)), a, lower)
    if b is None:
        return a_bar, None
    return a_bar, read_bar(-symmetrised((conjugate(v) * (w_bar * w)[..., None, :]) @ transposed(v)), b, lower)


def values_dot(change, w, v, a, b):
    """The tangents of the eigenvalues, of that of ``a``; divided by the negative values, of that of ``b``."""
    v = unless_either_parts(v, w, a, b)
    return np.real(np.sum(conjugate(v) * (change @ v), axis=-2))


def unless_either_parts(v, w, a, b):
    """The vectors, which have no derivative where equal values part with one of the matrices."""
    once = runtime.unless_parting(v, w, a, v)
    return once if b is None else runtime.unless_parting(once, w, b, once)


def check_type(a, b, type):
    if b is not None:
        check_stack("eigh", a, b)
    if b is not None and type != 1:
        raise no_derivative(f"scipy.linalg.eigh has no derivative with type={type}: only of a v = w b v, type=1")


def check_subset(subset_by_index, subset_by_value):
    if subset_by_index is not None or subset_by_value is not None:
        raise no_derivative(
            "the eigenvectors of scipy.linalg.eigh have no derivative with subset_by_index or subset_by_value, "
            "as the others are needed: take all, and slice"
        )


# Tridiagonal matrices, by their diagonals


@vjp(linalg.eigh_tridiagonal, parts=True)
def eigh_tridiagonal(y_bar, y, d, e, *, eigvals_only=False, select="a", select_range=None, check_finite=True, tol=0.0,
                     lapack_driver="auto"):  # fmt: skip
    check_one("eigh_tridiagonal", 1, d, e)
    if eigvals_only:
        return tridiagonal_values_bar(y_bar, y, d, e, select, select_range)
    w, v = y[0], y[1]
    if y_bar[1] is None:
        return squares_bar(y_bar[0], w, v, d, e)
    check_select(select)
    inner = on_diagonal(or_zeros(y_bar[0], w)) + turning_bar(y_bar[0], y_bar[1], w, v)
    a_bar = v @ inner @ v.T
    return np.diag(a_bar), np.diag(a_bar, 1) + np.diag(a_bar, -1)


@jvp(linalg.eigh_tridiagonal)
def eigh_tridiagonal_d(d_dot, y, d, e, *, eigvals_only=False, select="a", select_range=None, check_finite=True,
                       tol=0.0, lapack_driver="auto"):  # fmt: skip
    check_one("eigh_tridiagonal", 1, d, e)
    v = linalg.eigh_tridiagonal(d, e, False, select, select_range)[1] if eigvals_only else y[1]
    return tridiagonal_dot(d_dot, np.zeros_like(e), y, v, d, e, eigvals_only, select)


@jvp(linalg.eigh_tridiagonal, 1)
def eigh_tridiagonal_e(e_dot, y, d, e, *, eigvals_only=False, select="a", select_range=None, check_finite=True,
                       tol=0.0, lapack_driver="auto"):  # fmt: skip
    check_one("eigh_tridiagonal", 1, d, e)
    v = linalg.eigh_tridiagonal(d, e, False, select, select_range)[1] if eigvals_only else y[1]
    return tridiagonal_dot(np.zeros_like(d), e_dot, y, v, d, e, eigvals_only, select)


@vjp(linalg.eigvalsh_tridiagonal)
def eigvalsh_tridiagonal(y_bar, y, d, e, *, select="a", select_range=None, check_finite=True, tol=0.0,
                         lapack_driver="auto"):  # fmt: skip
    check_one("eigvalsh_tridiagonal", 1, d, e)
    return tridiagonal_values_bar(y_bar, y, d, e, select, select_range)


@jvp(linalg.eigvalsh_tridiagonal)
def eigvalsh_tridiagonal_d(d_dot, y, d, e, *, select="a", select_range=None, check_finite=True, tol=0.0,
                           lapack_driver="auto"):  # fmt: skip
    check_one("eigvalsh_tridiagonal", 1, d, e)
    v = linalg.eigh_tridiagonal(d, e, False, select, select_range)[1]
    return tridiagonal_dot(d_dot, np.zeros_like(e), y, v, d, e, True, select)


@jvp(linalg.eigvalsh_tridiagonal, 1)
def eigvalsh_tridiagonal_e(e_dot, y, d, e, *, select="a", select_range=None, check_finite=True, tol=0.0,
                           lapack_driver="auto"):  # fmt: skip
    check_one("eigvalsh_tridiagonal", 1, d, e)
    v = linalg.eigh_tridiagonal(d, e, False, select, select_range)[1]
    return tridiagonal_dot(np.zeros_like(d), e_dot, y, v, d, e, True, select)


def tridiagonal_values_bar(w_bar, w, d, e, select, select_range):
    return squares_bar(w_bar, w, linalg.eigh_tridiagonal(d, e, False, select, select_range)[1], d, e)


def squares_bar(w_bar, w, v, d, e):
    v = runtime.unless_parting(v, w, tridiagonal(d, e), v)
    return v**2 @ w_bar, 2 * (v[:-1] * v[1:]) @ w_bar


def tridiagonal(d, e):
    """The matrix with these diagonals."""
    return np.diag(d) + np.diag(e, 1) + np.diag(e, -1)


def tridiagonal_dot(d_dot, e_dot, y, v, d, e, eigvals_only, select):
    """Of values and vectors ``v``, where the diagonals change."""
    w, change = y if eigvals_only else y[0], tridiagonal(d_dot, e_dot)
    w_dot = values_dot(change, w, v, tridiagonal(d, e), None)
    if eigvals_only:
        return w_dot
    check_select(select)
    return w_dot, v @ turning(v.T @ change @ v, w)


def check_select(select):
    if select != "a":
        raise no_derivative(
            f"eigenvectors have no derivative with select={select!r}, as the others are needed: take all, and slice"
        )


# Any square matrix.  The left vectors are the right ones of the adjoint, whose values are the conjugate ones


@vjp(linalg.eig, parts=True)
def eig(y_bar, y, a, b=None, *, left=False, right=True, check_finite=True, homogeneous_eigvals=False):
    check_eig(b, homogeneous_eigvals)
    if not left and not right:
        return eigvals(y_bar, y, a)
    w, v = y[0], y[-1]
    if left and not right:
        v = linalg.eig(a)[1]
    bar = eig_bar(y_bar[0], y_bar[-1] if right else None, w, v, a)
    if left and y_bar[1] is not None:
        bar = bar + adjoint(eig_bar(None, y_bar[1], conjugate(w), y[1], adjoint(a)))
    return bar, None


@jvp(linalg.eig)
def eig_jvp(a_dot, y, a, b=None, *, left=False, right=True, check_finite=True, homogeneous_eigvals=False):
    check_eig(b, homogeneous_eigvals)
    if not left and not right:
        return eigvals_a(a_dot, y, a)
    w = y[0]
    if not left:
        return eig_dot(a_dot, w, y[1], a)
    left_dot = eig_dot(adjoint(a_dot), conjugate(w), y[1], adjoint(a))
    if not right:
        return conjugate(left_dot[0]), left_dot[1]
    w_dot, v_dot = eig_dot(a_dot, w, y[2], a)
    return w_dot, left_dot[1], v_dot


def check_eig(b, homogeneous_eigvals):
    if homogeneous_eigvals:
        raise no_derivative("scipy.linalg.eig has no derivative with homogeneous_eigvals=True")
    if b is not None:
        raise no_derivative(
            "the eigenvectors of scipy.linalg.eig have no derivative with b: take scipy.linalg.eigvals, or solve(b, a)"
        )


@vjp(linalg.eigvals)
def eigvals(y_bar, y, a, b=None, *, check_finite=True, homogeneous_eigvals=False):
    check_eig(None, homogeneous_eigvals)
    if b is None:
        return of_eigenvalues(y_bar, y, linalg.eig(a)[1], a), None
    left, v = pencil(y, a, b)
    turned = transposed(left)
    a_bar = (turned * y_bar[..., None, :]) @ transposed(v)
    return a_bar, -(turned * (y_bar * y)[..., None, :]) @ transposed(v)


@jvp(linalg.eigvals)
def eigvals_a(a_dot, y, a, b=None, *, check_finite=True, homogeneous_eigvals=False):
    check_eig(None, homogeneous_eigvals)
    if b is None:
        return eigenvalues_dot(a_dot, y, linalg.eig(a)[1], a)
    left, v = pencil(y, a, b)
    return np.sum(transposed(left) * (a_dot @ v), axis=-2)


@jvp(linalg.eigvals, 1)
def eigvals_b(b_dot, y, a, b=None, *, check_finite=True, homogeneous_eigvals=False):
    check_eig(None, homogeneous_eigvals)
    left, v = pencil(y, a, b)
    return -y * np.sum(transposed(left) * (b_dot @ v), axis=-2)


def pencil(w, a, b):
    """Left and right vectors of ``a v = w b v``, such that ``left @ b @ v`` is the identity, for equal values, too."""
    v = linalg.eig(a, b)[1]
    return np.linalg.inv(b @ v), v
