"""Rules of linear algebra: solving, determinants, factorisations, eigenvalues.  Norms are in `norms`.

Matrices are the last two axes, stacks of them the others.  Sources: M. B. Giles, "An extended collection of matrix
derivative results for forward and reverse mode algorithmic differentiation", Oxford 2008; others where they stand.
Cotangents of complex matrices pull back without conjugation: ``Re(sum(a_bar * a_dot)) = Re(sum(y_bar * y_dot))``, so
that the adjoint of ``y = p @ a @ q`` is ``a_bar = p.T @ y_bar @ q.T`` and a conjugate stays where it was.

Where two eigenvalues or singular values agree, the turning of their vectors contributes 0.  Hermitian matrices are in
`hermitian`.
"""

import numpy as np

from ..runtime import no_derivative
from .reductions import conjugate, or_zeros
from .table import jvp, vjp

# Small words


def transposed(a):
    """The transpose of matrices."""
    if np.ndim(a) == 2:
        return a.T
    return np.swapaxes(a, -1, -2)


def adjoint(a):
    """The conjugate transpose of matrices."""
    return conjugate(transposed(a))


def symmetrised(a):
    """The Hermitian part of matrices."""
    return 0.5 * (a + adjoint(a))


def halved(a):
    """Matrices with half of their diagonal."""
    return np.where(np.eye(np.shape(a)[-2], np.shape(a)[-1]) == 1, 0.5 * a, a)


# Inverse, solving


@vjp(np.linalg.inv)
def inv(y_bar, y, a):
    return -transposed(y) @ y_bar @ transposed(y)


@jvp(np.linalg.inv)
def inv_jvp(a_dot, y, a):
    return -y @ a_dot @ y


@vjp(np.linalg.solve)
def solve(y_bar, y, a, b):
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        b_bar = np.linalg.solve(a.T, y_bar)
        return -np.outer(b_bar, y), b_bar
    if np.ndim(b) == 1:
        columns = np.linalg.solve(transposed(a), y_bar[..., None])
        return -columns * y[..., None, :], columns[..., 0]
    b_bar = np.linalg.solve(transposed(a), y_bar)
    return -b_bar @ transposed(y), b_bar


@jvp(np.linalg.solve)
def solve_a(a_dot, y, a, b):
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return -np.linalg.solve(a, a_dot @ y)
    if np.ndim(b) == 1:
        return -np.linalg.solve(a, a_dot @ y[..., None])[..., 0]
    return -np.linalg.solve(a, a_dot @ y)


@jvp(np.linalg.solve, 1)
def solve_b(b_dot, y, a, b):
    return np.linalg.solve(a, b_dot)


@vjp(np.linalg.tensorinv)
def tensorinv(y_bar, y, a, *, ind=2):
    n = np.size(a[(..., *[0 for _ in range(np.ndim(a) - ind)])])
    matrix = np.reshape(y, (n, n))
    return np.reshape(-matrix.T @ np.reshape(y_bar, (n, n)) @ matrix.T, np.shape(a))


@jvp(np.linalg.tensorinv)
def tensorinv_jvp(a_dot, y, a, *, ind=2):
    n = np.size(a[(..., *[0 for _ in range(np.ndim(a) - ind)])])
    matrix = np.reshape(y, (n, n))
    return np.reshape(-matrix @ np.reshape(a_dot, (n, n)) @ matrix, np.shape(y))


@vjp(np.linalg.tensorsolve)
def tensorsolve(y_bar, y, a, b, *, axes=None):
    moved = tensorsolve_order(a, axes)
    b_bar = np.linalg.solve(np.reshape(moved, (np.size(b), np.size(b))).T, np.ravel(y_bar))
    moved_bar = np.reshape(-np.outer(b_bar, y), np.shape(moved))
    if axes is None:
        return moved_bar, np.reshape(b_bar, np.shape(b))
    return np.moveaxis(moved_bar, tuple(range(-len(axes), 0)), axes), np.reshape(b_bar, np.shape(b))


@jvp(np.linalg.tensorsolve)
def tensorsolve_a(a_dot, y, a, b, *, axes=None):
    return -np.linalg.tensorsolve(a, np.tensordot(tensorsolve_order(a_dot, axes), y, np.ndim(y)), axes)


@jvp(np.linalg.tensorsolve, 1)
def tensorsolve_b(b_dot, y, a, b, *, axes=None):
    return np.linalg.tensorsolve(a, b_dot, axes)


def tensorsolve_order(a, axes):
    """``a`` with the axes of the right side first, and those of the solution, ``axes``, last."""
    if axes is None:
        return a
    return np.moveaxis(a, axes, tuple(range(-len(axes), 0)))


# Determinants


@vjp(np.linalg.det)
def det(y_bar, y, a):
    return np.expand_dims(y_bar, (-2, -1)) * cofactor(a, y)


@jvp(np.linalg.det)
def det_jvp(a_dot, y, a):
    return np.sum(cofactor(a, y) * a_dot, axis=(-2, -1))


def cofactor(a, determinant):
    """The derivative of the determinant by each element: by the inverse, or of a singular matrix by its minors.

    The inverse and the determinant come from the same triangular factors, so that their product is as exact as those
    are, and bounded where the matrix comes near to a singular one.
    """
    if np.all(determinant != 0):
        return np.expand_dims(determinant, (-2, -1)) * transposed(np.linalg.inv(a))
    n = np.shape(a)[-1]
    kept = np.arange(n - 1) + (np.arange(n - 1) >= np.arange(n)[:, None])  # the other rows, for each row
    minors = a[..., kept[:, None, :, None], kept[None, :, None, :]]
    signs = 1 - 2 * ((np.arange(n)[:, None] + np.arange(n)) % 2)
    return signs * np.linalg.det(minors)


@vjp(np.linalg.slogdet, parts=True)
def slogdet(y_bar, y, a):
    sign_bar, log_bar = y_bar[0], y_bar[1]
    rates = np.zeros(np.shape(y[1])) if log_bar is None else log_bar
    if np.iscomplexobj(a) and sign_bar is not None:  # the sign turns with the imaginary part of the logarithm
        rates = rates + 1j * np.imag(sign_bar * y[0])
    return np.expand_dims(rates, (-2, -1)) * transposed(np.linalg.inv(a))


@jvp(np.linalg.slogdet)
def slogdet_jvp(a_dot, y, a):
    rate = np.sum(transposed(np.linalg.inv(a)) * a_dot, axis=(-2, -1))
    if np.iscomplexobj(a):
        return 1j * y[0] * np.imag(rate), np.real(rate)
    return np.zeros_like(y[0]), rate


# QR: S. F. Walter & L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
# experimental design", 2010.  Of a wide matrix, the first square part fixes q, and the rest of r is q^H times the rest.


@vjp(np.linalg.qr, parts=True)
def qr(y_bar, y, a, *, mode="reduced"):
    if mode == "r":
        q = np.linalg.qr(a)[0]
        return qr_bar(np.zeros_like(q), y_bar, q, y, a)
    check_qr(a, mode)
    q, r = y[0], y[1]
    return qr_bar(or_zeros(y_bar[0], q), or_zeros(y_bar[1], r), q, r, a)


@jvp(np.linalg.qr)
def qr_jvp(a_dot, y, a, *, mode="reduced"):
    if mode == "r":
        return qr_dot(a_dot, np.linalg.qr(a)[0], y)[1]
    check_qr(a, mode)
    return qr_dot(a_dot, y[0], y[1])


def check_qr(a, mode):
    if mode not in ("reduced", "complete", "raw"):
        raise no_derivative(f"np.linalg.qr has a derivative rule with mode 'reduced', 'complete' and 'r', not {mode!r}")
    if mode == "raw" or (mode == "complete" and np.shape(a)[-2] > np.shape(a)[-1]):
        raise no_derivative(
            f"np.linalg.qr has no derivative with mode={mode!r} for a matrix with more rows than columns"
        )


def qr_bar(q_bar, r_bar, q, r, a):
    k = np.shape(q)[-1]
    if np.shape(a)[-1] == k:
        return square_qr_bar(q_bar, r_bar, q, r)
    rest_bar = r_bar[..., k:]
    q_bar = q_bar + conjugate(a[..., k:] @ transposed(rest_bar))
    return np.concatenate([square_qr_bar(q_bar, r_bar[..., :k], q, r[..., :k]), conjugate(q) @ rest_bar], axis=-1)


def square_qr_bar(q_bar, r_bar, q, r):
    upper = halved(np.triu(r_bar @ transposed(r) - transposed(q) @ q_bar))
    bar = q_bar + conjugate(q) @ (upper + adjoint(upper))
    return transposed(np.linalg.solve(r, transposed(bar)))


def qr_dot(a_dot, q, r):
    k = np.shape(q)[-1]
    scaled = transposed(np.linalg.solve(transposed(r[..., :k]), transposed(a_dot[..., :k])))
    inner = adjoint(q) @ scaled
    upper = halved(np.triu(inner) + adjoint(np.tril(inner)))
    q_dot = scaled - q @ upper
    if np.shape(r)[-1] == k:
        return q_dot, upper @ r
    rest_dot = adjoint(q) @ a_dot[..., k:] + adjoint(q_dot) @ q @ r[..., k:]
    return q_dot, np.concatenate([upper @ r[..., :k], rest_dot], axis=-1)


# Least squares: G. H. Golub & V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems
# whose variables separate", 1973; for matrices whose rank does not change


def pinv_bar(y_bar, y, a):
    turned = adjoint(y_bar)
    left = turned @ conjugate(y @ adjoint(y))
    right = conjugate(adjoint(y) @ y) @ turned
    through = -transposed(y) @ y_bar @ transposed(y)
    return through + left - conjugate(a @ y) @ left + right - right @ conjugate(y @ a)


def pinv_dot(a_dot, y, a):
    turned = adjoint(a_dot)
    left = y @ adjoint(y) @ turned
    right = turned @ adjoint(y) @ y
    return -y @ a_dot @ y + left - left @ a @ y + right - y @ a @ right


def cut_pinv_bar(y_bar, y, a, atol, rtol):
    """Of pseudo-inverses for which singular values up to ``atol`` and ``rtol`` times the largest one are left out."""
    bar = pinv_bar(y_bar, y, a)
    if atol is None and rtol is None:
        return bar
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = s > cutoff(s, atol, rtol)
    return bar + truncation_bar(y_bar, u, s, vh, kept) if leaves_out(s, kept, a) else bar


def cut_pinv_dot(a_dot, y, a, atol, rtol):
    dot = pinv_dot(a_dot, y, a)
    if atol is None and rtol is None:
        return dot
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = s > cutoff(s, atol, rtol)
    return dot + truncation_dot(a_dot, u, s, vh, kept) if leaves_out(s, kept, a) else dot


def cutoff(s, atol, rtol):
    """What singular values have to exceed."""
    relative = 0.0 if rtol is None else np.asarray(rtol)[..., None] * np.max(s, axis=-1, keepdims=True, initial=0.0)
    return relative if atol is None else atol + relative


def leaves_out(s, kept, a):
    """Whether a singular value is left out that is not 0 but for rounding."""
    zero = (
        np.finfo(s.dtype).eps * max(np.shape(a)[-2], np.shape(a)[-1]) * np.max(s, axis=-1, keepdims=True, initial=0.0)
    )
    return np.any(~kept & (s > zero))


# Of singular values that are left out and not 0, the vectors turn into those that are kept: what pseudo-inverses then
# have beyond the formula of constant rank (V. Noferini, "A formula for the Frechet derivative of a generalized matrix
# function", 2017, with 1/s for what is kept and 0 for the others).  With h = u^H a' v, the terms of i kept, j left out
# are h_ij / (s_i^2 - s_j^2) + h_ji^* s_j / (s_i (s_i^2 - s_j^2)), of which the first formula has h_ij / s_i^2.


def truncation_bar(y_bar, u, s, vh, kept):
    own, other = truncation_factors(s, kept)
    inner = conjugate(vh) @ y_bar @ conjugate(u)
    return conjugate(u) @ (own * adjoint(inner) + other * inner) @ conjugate(vh)


def truncation_dot(a_dot, u, s, vh, kept):
    own, other = truncation_factors(s, kept)
    inner = adjoint(u) @ a_dot @ adjoint(vh)
    return adjoint(vh) @ (own * adjoint(inner) + other * inner) @ adjoint(u)


def truncation_factors(s, kept):
    apart = kept[..., :, None] != kept[..., None, :]
    large = np.where(apart, np.maximum(s[..., :, None], s[..., None, :]), 1.0)
    small = np.where(apart, np.minimum(s[..., :, None], s[..., None, :]), 0.0)
    other = small / (large * (large**2 - small**2))
    return other * small / large, other


@vjp(np.linalg.lstsq)
def lstsq(y_bar, y, a, b, *, rcond=None):
    tolerance = rank_tolerance(a, y[0], rcond)
    a_bar, b_bar = lstsq_bars(y_bar, y, a, b, np.linalg.pinv(a, tolerance))
    if rcond is not None and y_bar[0] is not None:
        a_bar = a_bar + cut_lstsq_bar(y_bar[0], y, a, b, tolerance)
    return a_bar, b_bar


def cut_lstsq_bar(x_bar, y, a, b, tolerance):
    """What the matrix of a least squares problem gets where singular values are left out that are not 0."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = same_rank(s, tolerance, y[2])
    if not leaves_out(s, kept, a):
        return np.zeros_like(a)
    return truncation_bar(as_columns(x_bar, b) @ transposed(as_columns(b, b)), u, s, vh, kept)


def cut_lstsq_dot(a_dot, y, a, b, tolerance):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = same_rank(s, tolerance, y[2])
    if not leaves_out(s, kept, a):
        return np.zeros_like(y[0])
    x_dot = truncation_dot(a_dot, u, s, vh, kept) @ as_columns(b, b)
    return x_dot[..., 0] if np.ndim(b) == 1 else x_dot


def same_rank(s, tolerance, rank):
    """The singular values that are kept; LAPACK has to have kept as many."""
    kept = s > cutoff(s, None, tolerance)
    if np.any(np.sum(kept, axis=-1) != rank):
        raise no_derivative(
            "lstsq has no derivative where rounding decides which singular values count: choose the cutoff"
        )
    return kept


def lstsq_bars(y_bar, y, a, b, a_inv):
    """The cotangents of a least squares problem's matrix and right-hand sides; `a_inv` is the pseudo-inverse."""
    x, columns = as_columns(y[0], b), as_columns(b, b)
    residual = columns - a @ x
    x_bar = np.zeros_like(x) if y_bar[0] is None else as_columns(y_bar[0], b)
    b_bar = transposed(a_inv) @ x_bar
    a_bar = conjugate(residual) @ adjoint(x_bar) @ conjugate(a_inv @ adjoint(a_inv)) - b_bar @ transposed(x)
    turned = conjugate(adjoint(a_inv) @ x) @ adjoint(x_bar)
    a_bar = a_bar + turned - turned @ conjugate(a_inv @ a)
    if y_bar[1] is not None and np.size(y_bar[1]) > 0:  # of the sums of squared residuals
        sums_bar = np.reshape(np.real(y_bar[1]), (*np.shape(x)[:-2], 1, np.shape(x)[-1]))  # SciPy's may be complex
        rate = 2 * sums_bar * conjugate(residual)
        b_bar, a_bar = b_bar + rate, a_bar - rate @ transposed(x)
    if y_bar[3] is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        a_bar = a_bar + conjugate((u * y_bar[3][..., None, :]) @ vh)
    return a_bar, b_bar[..., 0] if np.ndim(b) == 1 else b_bar


@jvp(np.linalg.lstsq)
def lstsq_a(a_dot, y, a, b, *, rcond=None):
    x, columns = as_columns(y[0], b), as_columns(b, b)
    a_inv, residual = np.linalg.pinv(a, rank_tolerance(a, y[0], rcond)), columns - a @ x
    x_dot = a_inv @ (adjoint(a_inv) @ (adjoint(a_dot) @ residual) - a_dot @ x)
    turned = adjoint(a_dot) @ (adjoint(a_inv) @ x)
    x_dot = x_dot + turned - a_inv @ (a @ turned)
    x_dot = np.reshape(x_dot, np.shape(y[0]))
    if rcond is not None:
        x_dot = x_dot + cut_lstsq_dot(a_dot, y, a, b, rank_tolerance(a, y[0], rcond))
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    s_dot = np.real(np.sum(conjugate(u) * (a_dot @ adjoint(vh)), axis=0))
    return x_dot, residuals_dot(-a_dot @ x, residual, y[1]), None, s_dot


@jvp(np.linalg.lstsq, 1)
def lstsq_b(b_dot, y, a, b, *, rcond=None):
    residual = as_columns(b, b) - a @ as_columns(y[0], b)
    x_dot = np.linalg.pinv(a, rank_tolerance(a, y[0], rcond)) @ b_dot
    return x_dot, residuals_dot(as_columns(b_dot, b), residual, y[1]), None, None


def as_columns(x, b):
    """A vector as a matrix of one column, where the right side ``b`` is a vector."""
    if np.ndim(b) == 1:
        return x[..., None]
    return x


def rank_tolerance(a, x, rcond):
    """The singular values that ``np.linalg.lstsq`` takes for zero, relative to the largest; ``x``: what it found."""
    if rcond is None or rcond == -1:
        return np.finfo(x.dtype).eps * max(np.shape(a))
    return rcond


def residuals_dot(error_dot, residual, residuals):
    """Of the sums of squares; NumPy gives none if the rank is not full."""
    if np.size(residuals) == 0:
        return np.zeros_like(residuals)
    return 2 * np.sum(np.real(conjugate(residual) * error_dot), axis=0)


# Products of many


@vjp(np.linalg.matrix_power)
def matrix_power(y_bar, y, a, *, n=None):
    if n == 0:
        return np.zeros_like(a)
    if n > 0:
        return power_sum(transposed(a), y_bar, n)
    a_inv = transposed(np.linalg.inv(a))
    return -a_inv @ power_sum(a_inv, y_bar, -n) @ a_inv


@jvp(np.linalg.matrix_power)
def matrix_power_jvp(a_dot, y, a, *, n=None):
    if n == 0:
        return np.zeros_like(a_dot)
    if n > 0:
        return power_sum(a, a_dot, n)
    a_inv = np.linalg.inv(a)
    return power_sum(a_inv, -a_inv @ a_dot @ a_inv, -n)


def power_sum(a, g, n):
    """The sum of ``a**i @ g @ a**j`` over all ``i + j == n - 1``."""
    total, left = g, g
    for _ in range(n - 1):
        left = a @ left
        total = total @ a + left
    return total


@vjp(np.linalg.multi_dot)
def multi_dot(y_bar, y, arrays):
    arrays = [np.asarray(a) for a in arrays]
    rows = 1 if np.ndim(arrays[0]) == 1 else np.shape(arrays[0])[0]
    bar = np.reshape(y_bar, (rows, np.size(y_bar) // rows if rows > 0 else np.shape(y_bar)[-1]))
    return [multi_dot_bar(bar, arrays[:k], a, arrays[k + 1 :][::-1]) for k, a in enumerate(arrays)]


def multi_dot_bar(bar, before, a, after):
    """The cotangent of a factor from that of the product; ``after`` has the last factor first."""
    for matrix in before:
        bar = np.atleast_2d(matrix).T @ bar
    for matrix in after:
        bar = bar @ np.atleast_2d(matrix.T)
    return np.reshape(bar, np.shape(a))


@jvp(np.linalg.multi_dot)
def multi_dot_jvp(arrays_dot, y, arrays):
    total = np.zeros_like(y)
    for k in range(len(arrays)):
        if arrays_dot[k] is not None:
            factors = [np.asarray(arrays_dot[i]) if i == k else arrays[i] for i in range(len(arrays))]
            total = total + np.linalg.multi_dot(factors)
    return total
