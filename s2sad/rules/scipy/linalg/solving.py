"""Rules of inverses, determinants, norms, systems of equations, and of the factorisations that solve them.

Of ``x = a^-1 b`` the cotangents are ``b_bar = a^-T x_bar`` and ``a_bar = -b_bar x^T`` (Giles 2008), each in the form in
which the function takes its matrix: a triangle, a Hermitian matrix, triangular factors.
"""

import numpy as np
from scipy import linalg

from ....runtime import no_derivative
from ...hermitian import cholesky_bar, cholesky_dot, read_bar, read_dot
from ...linalg import (
    adjoint,
    as_columns,
    cofactor,
    cut_lstsq_bar,
    cut_lstsq_dot,
    cut_pinv_bar,
    cut_pinv_dot,
    leaves_out,
    lstsq_bars,
    symmetrised,
    transposed,
)
from ...norms import norm, norm_jvp
from ...reductions import conjugate
from ...table import jvp, vjp, zero_derivative

# What a solver reads of a matrix of which it assumes a structure


def assumed_bar(bar, a, kind, lower):
    """The cotangent of a matrix ``a`` of which only some elements are read, of those."""
    if is_mirrored(a, kind):
        return read_bar(symmetrised(bar), a, lower)
    return assumed(bar, kind)


def assumed_dot(a_dot, a, kind, lower):
    """The tangent of what is read of ``a``."""
    if is_mirrored(a, kind):
        return read_dot(a_dot, a, lower)
    return assumed(a_dot, kind)


def is_mirrored(a, kind):
    """Whether a kind of matrices is Hermitian, and one triangle is read."""
    if kind == "sym" or kind == "symmetric":
        return not np.iscomplexobj(a)
    return kind == "her" or kind == "hermitian" or kind == "pos" or kind == "positive definite"


def assumed(bar, kind):
    if kind == "sym" or kind == "symmetric":
        return 0.5 * (bar + transposed(bar))
    if kind == "upper triangular":
        return np.triu(bar)
    if kind == "lower triangular":
        return np.tril(bar)
    if kind == "diagonal":
        return bar * np.eye(np.shape(bar)[-1])
    if kind == "tridiagonal":
        return np.tril(np.triu(bar, -1), 1)
    return bar


def mirrored(kind):
    """The structure of the transposed matrix."""
    if kind == "upper triangular":
        return "lower triangular"
    if kind == "lower triangular":
        return "upper triangular"
    return kind


@vjp(linalg.inv)
def inv(y_bar, y, a, *, check_finite=True, assume_a=None, lower=False):
    return assumed_bar(-transposed(y) @ y_bar @ transposed(y), a, assume_a, lower)


@jvp(linalg.inv)
def inv_jvp(a_dot, y, a, *, check_finite=True, assume_a=None, lower=False):
    return -y @ assumed_dot(a_dot, a, assume_a, lower) @ y


@vjp(linalg.det)
def det(y_bar, y, a, *, check_finite=True):
    return np.expand_dims(y_bar, (-2, -1)) * cofactor(a, y)


@jvp(linalg.det)
def det_jvp(a_dot, y, a, *, check_finite=True):
    return np.sum(cofactor(a, y) * a_dot, axis=(-2, -1))


@vjp(linalg.norm)
def norm_(y_bar, y, a, *, ord=None, axis=None, keepdims=False, check_finite=True):
    return norm(y_bar, y, a, ord=ord, axis=axis, keepdims=keepdims)


@jvp(linalg.norm)
def norm_jvp_(a_dot, y, a, *, ord=None, axis=None, keepdims=False, check_finite=True):
    return norm_jvp(a_dot, y, a, ord=ord, axis=axis, keepdims=keepdims)


# Systems of equations


@vjp(linalg.solve)
def solve(y_bar, y, a, b, *, lower=False, check_finite=True, assume_a=None, transposed=False):
    kind = assume_a
    if np.ndim(a) < 2:  # a number
        b_bar = y_bar / number_of(a, kind)
        return assumed_bar(np.reshape(-np.sum(b_bar * y), (1, 1)), np.reshape(a, (1, 1)), kind, lower), b_bar
    right = as_right_side(y_bar, a, b)
    if transposed:
        b_bar = as_result(plain_solve(a, right, lower, kind), a, b)
        a_bar = -flipped(solution_bar(b_bar, y, a, b))
    else:
        b_bar = as_result(plain_solve(flipped(a), right, not lower, mirrored(kind)), a, b)
        a_bar = -solution_bar(b_bar, y, a, b)
    return assumed_bar(a_bar, a, kind, lower), b_bar


@jvp(linalg.solve)
def solve_a(a_dot, y, a, b, *, lower=False, check_finite=True, assume_a=None, transposed=False):
    if np.ndim(a) < 2:  # a number
        change = assumed_dot(np.reshape(a_dot, (1, 1)), np.reshape(a, (1, 1)), assume_a, lower)
        return -y * np.reshape(change, ()) / number_of(a, assume_a)
    change = assumed_dot(a_dot, a, assume_a, lower)
    if transposed:
        change = flipped(change)
    right = as_right_side(-solution_product(change, y, a, b), a, b)
    if transposed:
        return as_result(linalg.solve(a, right, lower=lower, assume_a=assume_a, transposed=True), a, b)
    return as_result(plain_solve(a, right, lower, assume_a), a, b)


@jvp(linalg.solve, 1)
def solve_b(b_dot, y, a, b, *, lower=False, check_finite=True, assume_a=None, transposed=False):
    return linalg.solve(a, b_dot, lower=lower, assume_a=assume_a, transposed=transposed)


def solution_bar(g, x, a, b):
    """The cotangent of ``a`` in `solution_product`."""
    if np.ndim(a) == 2 and np.ndim(b) < 3:
        sizes = np.shape(a)[0], np.size(x) // max(np.shape(a)[0], 1)
        return np.reshape(g, sizes) @ transposed(np.reshape(x, sizes))
    return vector_product_bar(g, x, b)


def solution_product(change, x, a, b):
    """``change @ x``, where a matrix of size 1 divides as many right sides as there are."""
    if np.ndim(a) == 2 and np.ndim(b) < 3:
        sizes = np.shape(a)[0], np.size(x) // max(np.shape(a)[0], 1)
        return np.reshape(change @ np.reshape(x, sizes), np.shape(x))
    return vector_product(change, x, b)


def number_of(a, kind):
    return np.reshape(np.real(a) if is_mirrored(a, kind) else a, ())


def plain_solve(a, b, lower, kind):
    if kind is None:
        return linalg.solve(a, b)
    return linalg.solve(a, b, lower=lower, assume_a=kind)


flipped = transposed  # where an option has that name


def as_right_side(g, a, b):
    """``g``, which is like the result, as the right side of an equation: a stack of vectors is one of columns."""
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        return g[..., None]
    return g


def as_result(x, a, b):
    """What `as_right_side` made."""
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        return x[..., 0]
    return x


def vector_product(a, x, b):
    """``a @ x``, where ``b`` says whether ``x`` is a stack of vectors."""
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        return (a @ x[..., None])[..., 0]
    return a @ x


def vector_product_bar(g, x, b):
    """The cotangent of ``a`` in `vector_product`."""
    if np.ndim(x) == 1:
        return np.outer(g, x)
    if np.ndim(b) == 1:
        return g[..., :, None] * x[..., None, :]
    return g @ transposed(x)


@vjp(linalg.solve_triangular)
def solve_triangular(y_bar, y, a, b, *, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    right = as_right_side(y_bar, a, b)
    b_bar = as_result(triangular_transposed(a, right, trans, lower, unit_diagonal), a, b)
    a_bar = undone(-vector_product_bar(b_bar, y, b), trans)
    return triangle(a_bar, lower, unit_diagonal), b_bar


@jvp(linalg.solve_triangular)
def solve_triangular_a(a_dot, y, a, b, *, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    change = undone(triangle(a_dot, lower, unit_diagonal), trans)
    right = as_right_side(-vector_product(change, y, b), a, b)
    return as_result(linalg.solve_triangular(a, right, trans, lower, unit_diagonal), a, b)


@jvp(linalg.solve_triangular, 1)
def solve_triangular_b(b_dot, y, a, b, *, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    return linalg.solve_triangular(a, b_dot, trans, lower, unit_diagonal)


def triangular_transposed(a, g, trans, lower, unit_diagonal):
    """Solve with the transpose of ``a``, of its transpose (1), or of its adjoint (2)."""
    if trans == 0 or trans == "N":
        return linalg.solve_triangular(a, g, 1, lower, unit_diagonal)
    if trans == 1 or trans == "T":
        return linalg.solve_triangular(a, g, 0, lower, unit_diagonal)
    return conjugate(linalg.solve_triangular(a, conjugate(g), 0, lower, unit_diagonal))


def undone(a, trans):
    """``a``, its transpose (1) or its adjoint (2)."""
    if trans == 0 or trans == "N":
        return a
    if trans == 1 or trans == "T":
        return transposed(a)
    return adjoint(a)


def triangle(a, lower, unit_diagonal):
    """The triangle that is read."""
    if lower:
        return np.tril(a, -1 if unit_diagonal else 0)
    return np.triu(a, 1 if unit_diagonal else 0)


# Cholesky's factors


@vjp(linalg.cholesky)
def cholesky(y_bar, y, a, *, lower=False, check_finite=True):
    if np.ndim(a) < 2:  # a number
        return np.real(y_bar) / (2 * y)
    if lower:
        return cholesky_bar(y_bar, y, a, True)
    return cholesky_bar(adjoint(y_bar), adjoint(y), a, False)


@jvp(linalg.cholesky)
def cholesky_jvp(a_dot, y, a, *, lower=False, check_finite=True):
    if np.ndim(a) < 2:
        return np.real(a_dot) / (2 * y)
    if lower:
        return cholesky_dot(a_dot, y, a, True)
    return adjoint(cholesky_dot(a_dot, adjoint(y), a, False))


@vjp(linalg.cho_factor)
def cho_factor(y_bar, y, a, *, lower=False, check_finite=True):
    if np.ndim(a) < 2:
        return np.real(y_bar[0]) / (2 * y[0])
    # the other triangle is whatever stood there: it has no derivative
    if lower:
        return cholesky_bar(np.tril(y_bar[0]), np.tril(y[0]), a, True)
    return cholesky_bar(adjoint(np.triu(y_bar[0])), adjoint(np.triu(y[0])), a, False)


@jvp(linalg.cho_factor)
def cho_factor_jvp(a_dot, y, a, *, lower=False, check_finite=True):
    if np.ndim(a) < 2:
        return np.real(a_dot) / (2 * y[0]), None
    if lower:
        return cholesky_dot(a_dot, np.tril(y[0]), a, True), None
    return adjoint(cholesky_dot(a_dot, adjoint(np.triu(y[0])), a, False)), None


@vjp(linalg.cho_solve)
def cho_solve(y_bar, y, c_and_lower, b, *, check_finite=True):
    right = as_right_side(conjugate(y_bar), c_and_lower[0], b)
    b_bar = as_result(conjugate(linalg.cho_solve(c_and_lower, right)), c_and_lower[0], b)
    product = -vector_product_bar(b_bar, y, b)
    factor_bar = factor_of_square_bar(product + adjoint(product), conjugate(c_and_lower[0]), c_and_lower[1])
    return (factor_bar, None), b_bar


@jvp(linalg.cho_solve)
def cho_solve_c(c_and_lower_dot, y, c_and_lower, b, *, check_finite=True):
    half = factor_of_square_dot(c_and_lower_dot[0], c_and_lower[0], c_and_lower[1])
    right = as_right_side(-vector_product(half + adjoint(half), y, b), c_and_lower[0], b)
    return as_result(linalg.cho_solve(c_and_lower, right), c_and_lower[0], b)


def factor_of_square_bar(bar, factor, lower):
    """The cotangent of a triangular factor, of twice the Hermitian part of that of the matrix, and its conjugate."""
    if lower:
        return np.tril(bar @ np.tril(factor))
    return np.triu(np.triu(factor) @ bar)


def factor_of_square_dot(factor_dot, factor, lower):
    """Half of the change of the matrix; its adjoint is the other half."""
    if lower:
        return np.tril(factor_dot) @ adjoint(np.tril(factor))
    return adjoint(np.triu(factor)) @ np.triu(factor_dot)


@jvp(linalg.cho_solve, 1)
def cho_solve_b(b_dot, y, c_and_lower, b, *, check_finite=True):
    return linalg.cho_solve(c_and_lower, b_dot)


# Triangular factors, a[permutation] = l @ u.  Both are completed to square matrices with ones on the diagonal, so that
# the formula of square matrices holds for all.


@vjp(linalg.lu_factor)
def lu_factor(y_bar, y, a, *, check_finite=True):
    if np.ndim(a) < 2:
        return y_bar[0]
    permutation = permutation_of(y[1], np.shape(a)[-2])
    return unpermuted(lu_bar(y_bar[0], whole_lower(y[0]), whole_upper(y[0])), permutation)


@jvp(linalg.lu_factor)
def lu_factor_jvp(a_dot, y, a, *, check_finite=True):
    if np.ndim(a) < 2:
        return a_dot, None
    permutation = permutation_of(y[1], np.shape(a)[-2])
    return lu_dot(permuted(a_dot, permutation), whole_lower(y[0]), whole_upper(y[0])), None


@vjp(linalg.lu)
def lu(y_bar, y, a, *, permute_l=False, check_finite=True, p_indices=False):
    permutation, l, u = lu_parts(y, a, permute_l, p_indices)
    l_bar, u_bar = (y_bar[0], y_bar[1]) if permute_l else (y_bar[1], y_bar[2])
    both = np.zeros_like(a)
    if l_bar is not None:
        both = both + completed(np.tril(permuted(l_bar, permutation) if permute_l else l_bar, -1), np.shape(a), 0)
    if u_bar is not None:
        both = both + completed(np.triu(u_bar), np.shape(a), 0)
    return unpermuted(lu_bar(both, l, u), permutation)


@jvp(linalg.lu)
def lu_jvp(a_dot, y, a, *, permute_l=False, check_finite=True, p_indices=False):
    permutation, l, u = lu_parts(y, a, permute_l, p_indices)
    both = lu_dot(permuted(a_dot, permutation), l, u)
    k = min(np.shape(a)[-2], np.shape(a)[-1])
    l_dot, u_dot = np.tril(both[..., :k], -1), np.triu(both[..., :k, :])
    if permute_l:
        return unpermuted(l_dot, permutation), u_dot
    return None, l_dot, u_dot


def lu_parts(y, a, permute_l, p_indices):
    """The permutation, and the completed factors, of what ``scipy.linalg.lu`` returned."""
    if permute_l:
        permutation = inverse_permutation(linalg.lu(a, p_indices=True)[0])
        l, u = permuted(y[0], permutation), y[1]
    else:
        permutation = inverse_permutation(y[0]) if p_indices else np.argmax(np.abs(y[0]), axis=-2)
        l, u = y[1], y[2]
    m, n = np.shape(a)[-2], np.shape(a)[-1]
    return permutation, completed(l, (m, m), 1), completed(u, (n, n), 1)


def lu_bar(bar, l, u):
    inner = np.tril(transposed(l) @ np.tril(bar, -1), -1) + np.triu(np.triu(bar) @ transposed(u))
    left = linalg.solve_triangular(transposed(l), inner, unit_diagonal=True)
    return transposed(linalg.solve_triangular(u, transposed(left)))


def lu_dot(a_dot, l, u):
    left = linalg.solve_triangular(l, a_dot, lower=True, unit_diagonal=True)
    inner = transposed(linalg.solve_triangular(transposed(u), transposed(left), lower=True))
    return l @ np.tril(inner, -1) + np.triu(inner) @ u


def whole_lower(lu):
    m, n = np.shape(lu)[-2], np.shape(lu)[-1]
    return completed(np.tril(lu, -1)[..., : min(m, n)], (m, m), 0) + np.eye(m)


def unit_lower(lu):
    """The lower factor of square matrices."""
    return np.tril(lu, -1) + np.eye(np.shape(lu)[-1])


def whole_upper(lu):
    m, n = np.shape(lu)[-2], np.shape(lu)[-1]
    return completed(np.triu(lu)[..., : min(m, n), :], (n, n), 1)


def completed(x, shape, diagonal):
    """``x`` in the upper left corner of matrices whose further diagonal elements are all ``diagonal``."""
    m, n = shape[-2], shape[-1]
    rows, columns = m - np.shape(x)[-2], n - np.shape(x)[-1]
    if rows == 0 and columns == 0:
        return x
    whole = np.pad(x, [(0, 0)] * (np.ndim(x) - 2) + [(0, rows), (0, columns)])
    if diagonal == 0:
        return whole
    return whole + np.diag(np.arange(m) >= min(np.shape(x)[-2], np.shape(x)[-1]))


def permuted(a, permutation):
    """The rows of matrices in another order."""
    if np.ndim(a) == 2:
        return a[permutation]
    if np.ndim(permutation) == 1:  # of one matrix, where a stack of right sides makes the other one
        return np.take(a, permutation, axis=-2)
    return np.take_along_axis(a, permutation[..., None], axis=-2)


def unpermuted(a, permutation):
    return permuted(a, inverse_permutation(permutation))


def inverse_permutation(permutation):
    return np.argsort(permutation, axis=-1)


def permutation_of(piv, m):
    """The order of rows that LAPACK's interchanges make: row i with row ``piv[i]``, one after the other."""
    order = np.broadcast_to(np.arange(m), (*np.shape(piv)[:-1], m)).copy()
    for i in range(np.shape(piv)[-1]):
        other = piv[..., i : i + 1]
        here, there = order[..., i : i + 1].copy(), np.take_along_axis(order, other, -1)
        np.put_along_axis(order, other, here, -1)
        order[..., i : i + 1] = there
    return order


zero_derivative(permutation_of)


@vjp(linalg.lu_solve)
def lu_solve(y_bar, y, lu_and_piv, b, *, trans=0, check_finite=True):
    lu, piv = lu_and_piv
    b_bar = as_result(lu_solve_transposed(lu_and_piv, as_right_side(y_bar, lu, b), trans), lu, b)
    a_bar = undone(-vector_product_bar(b_bar, y, b), trans)
    bar = permuted(a_bar, permutation_of(piv, np.shape(lu)[-1]))
    l_bar = np.tril(bar @ transposed(np.triu(lu)), -1)
    return (l_bar + np.triu(transposed(unit_lower(lu)) @ bar), None), b_bar


@jvp(linalg.lu_solve)
def lu_solve_lu(lu_and_piv_dot, y, lu_and_piv, b, *, trans=0, check_finite=True):
    lu, piv = lu_and_piv
    change = np.tril(lu_and_piv_dot[0], -1) @ np.triu(lu) + unit_lower(lu) @ np.triu(lu_and_piv_dot[0])
    change = undone(unpermuted(change, permutation_of(piv, np.shape(lu)[-1])), trans)
    right = as_right_side(-vector_product(change, y, b), lu, b)
    return as_result(linalg.lu_solve(lu_and_piv, right, trans), lu, b)


@jvp(linalg.lu_solve, 1)
def lu_solve_b(b_dot, y, lu_and_piv, b, *, trans=0, check_finite=True):
    return linalg.lu_solve(lu_and_piv, b_dot, trans)


def lu_solve_transposed(lu_and_piv, g, trans):
    if trans == 0:
        return linalg.lu_solve(lu_and_piv, g, 1)
    if trans == 1:
        return linalg.lu_solve(lu_and_piv, g, 0)
    return conjugate(linalg.lu_solve(lu_and_piv, conjugate(g), 0))


# Least squares, of matrices whose rank does not change (Golub and Pereyra 1973)


@vjp(linalg.pinv)
def pinv(y_bar, y, a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    if return_rank:
        return cut_pinv_bar(y_bar[0], y[0], a, atol, rtol)
    return cut_pinv_bar(y_bar, y, a, atol, rtol)


@jvp(linalg.pinv)
def pinv_jvp(a_dot, y, a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    if return_rank:
        return cut_pinv_dot(a_dot, y[0], a, atol, rtol), None
    return cut_pinv_dot(a_dot, y, a, atol, rtol)


@vjp(linalg.pinvh)
def pinvh(y_bar, y, a, *, atol=None, rtol=None, lower=True, return_rank=False, check_finite=True):
    if return_rank:
        return read_bar(symmetrised(cut_pinv_bar(y_bar[0], y[0], read_dot(a, a, lower), atol, rtol)), a, lower)
    return read_bar(symmetrised(cut_pinv_bar(y_bar, y, read_dot(a, a, lower), atol, rtol)), a, lower)


@jvp(linalg.pinvh)
def pinvh_jvp(a_dot, y, a, *, atol=None, rtol=None, lower=True, return_rank=False, check_finite=True):
    if return_rank:
        return cut_pinv_dot(read_dot(a_dot, a, lower), y[0], read_dot(a, a, lower), atol, rtol), None
    return cut_pinv_dot(read_dot(a_dot, a, lower), y, read_dot(a, a, lower), atol, rtol)


@vjp(linalg.lstsq)
def lstsq(y_bar, y, a, b, *, cond=None, check_finite=True, lapack_driver=None):
    a_bar, b_bar = lstsq_bars(y_bar, y, a, b, linalg.pinv(a, rtol=tolerance(a, cond)))
    if cond is not None and y_bar[0] is not None:
        check_driver(y[2], a, lapack_driver)
        a_bar = a_bar + cut_lstsq_bar(y_bar[0], y, a, b, cond)
    return a_bar, b_bar


@jvp(linalg.lstsq)
def lstsq_a(a_dot, y, a, b, *, cond=None, check_finite=True, lapack_driver=None):
    x, columns = as_columns(y[0], b), as_columns(b, b)
    a_inv, residual = linalg.pinv(a, rtol=tolerance(a, cond)), columns - a @ x
    x_dot = a_inv @ (adjoint(a_inv) @ (adjoint(a_dot) @ residual) - a_dot @ x)
    turned = adjoint(a_dot) @ (adjoint(a_inv) @ x)
    x_dot = x_dot + turned - a_inv @ (a @ turned)
    s_dot = None
    if y[3] is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        s_dot = np.real(np.sum(conjugate(u) * (a_dot @ adjoint(vh)), axis=-2))
    x_dot = np.reshape(x_dot, np.shape(y[0]))
    if cond is not None:
        check_driver(y[2], a, lapack_driver)
        x_dot = x_dot + cut_lstsq_dot(a_dot, y, a, b, cond)
    return x_dot, residuals_dot(-a_dot @ x, residual, y[1]), None, s_dot


@jvp(linalg.lstsq, 1)
def lstsq_b(b_dot, y, a, b, *, cond=None, check_finite=True, lapack_driver=None):
    residual = as_columns(b, b) - a @ as_columns(y[0], b)
    if cond is not None:
        check_driver(y[2], a, lapack_driver)
    x_dot = np.reshape(linalg.pinv(a, rtol=tolerance(a, cond)) @ as_columns(b_dot, b), np.shape(y[0]))
    return x_dot, residuals_dot(as_columns(b_dot, b), residual, y[1]), None, None


def check_driver(rank, a, lapack_driver):
    if lapack_driver == "gelsy":  # which leaves out a part of a triangular factor, and no singular values
        s = np.linalg.svd(a, compute_uv=False)
        if np.any(leaves_out(s, np.arange(np.shape(s)[-1]) < rank, a)):
            raise no_derivative("scipy.linalg.lstsq has no derivative where lapack_driver='gelsy' leaves something out")


def tolerance(a, cond):
    """The singular values that ``scipy.linalg.lstsq`` takes for zero, relative to the largest."""
    return np.finfo(a.dtype).eps if cond is None else cond


def residuals_dot(error_dot, residual, residuals):
    """Of the sums of squares; there are none if the rank is not full."""
    if np.size(residuals) == 0:
        return np.zeros_like(residuals)
    return np.reshape(2 * np.sum(np.real(conjugate(residual) * error_dot), axis=-2), np.shape(residuals))
