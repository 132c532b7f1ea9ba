"""Rules of eigenvalues and singular values, with their vectors.

Conventions and the small words are those of `linalg`.  With ``F`` the inverse gaps of the eigenvalues, the vectors turn
by ``F * (v^H a_dot v)`` (Giles 2008); of singular vectors: J. Townsend, "Differentiating the singular value
decomposition", 2016, and Z.-Q. Wan & S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659.
"""

import numpy as np

from .. import runtime
from ..runtime import no_derivative
from .choices import (
    check_basis,
    check_choice,
    check_parting,
    in_phase_bar,
    in_phase_dot,
    inverse_gaps,
    minor,
    on_row,
    only_if_single,
    phases_bar,
    phases_dot,
    size,
    turning,
    turning_bar,
)
from .hermitian import read_bar, read_dot
from .linalg import adjoint, or_zeros, symmetrised, transposed
from .reductions import conjugate
from .table import jvp, vjp


def inverse_or_zero(s):
    """``1 / s``, and 0 at 0."""
    return np.where(s == 0, 0, 1 / np.where(s == 0, 1, s))


def diagonal(m):
    """The diagonals of matrices."""
    return np.diagonal(m, 0, -2, -1)


def on_diagonal(d):
    """Matrices with the given diagonals."""
    return np.where(np.eye(np.shape(d)[-1]) == 1, d[..., None, :], 0)


# Hermitian matrices


@vjp(np.linalg.eigh, parts=True)
def eigh(y_bar, y, a, *, UPLO="L"):
    w, v = y[0], y[1]
    if y_bar[1] is None:
        return values_bar(y_bar[0], runtime.unless_parting(v, w, a, v), a, UPLO)
    v_bar = in_phase_bar(y_bar[1], v, reads_lower(UPLO))
    inner = on_diagonal(or_zeros(y_bar[0], w)) + turning_bar(y_bar[0], v_bar, w, v)
    return read_bar(symmetrised(conjugate(v) @ inner @ transposed(v)), a, reads_lower(UPLO))


def values_bar(w_bar, v, a, UPLO):
    """The cotangent of ``a``, of that of its eigenvalues."""
    return read_bar(symmetrised((conjugate(v) * w_bar[..., None, :]) @ transposed(v)), a, reads_lower(UPLO))


@jvp(np.linalg.eigh)
def eigh_jvp(a_dot, y, a, *, UPLO="L"):
    w, v = y[0], y[1]
    change = read_dot(a_dot, a, reads_lower(UPLO))
    v_dot = v @ turning(adjoint(v) @ change @ v, w)
    return values_dot(change, w, v, a), in_phase_dot(v_dot, v, reads_lower(UPLO))


def values_dot(change, w, v, a):
    """The tangents of the eigenvalues of ``a``, of that of the Hermitian matrix that is read of it."""
    v = runtime.unless_parting(v, w, a, v)
    return np.real(np.sum(conjugate(v) * (change @ v), axis=-2))


@vjp(np.linalg.eigvalsh)
def eigvalsh(y_bar, y, a, *, UPLO="L"):
    v = np.linalg.eigh(a, UPLO)[1]
    return values_bar(y_bar, runtime.unless_parting(v, y, a, v), a, UPLO)


@jvp(np.linalg.eigvalsh)
def eigvalsh_jvp(a_dot, y, a, *, UPLO="L"):
    return values_dot(read_dot(a_dot, a, reads_lower(UPLO)), y, np.linalg.eigh(a, UPLO)[1], a)


def reads_lower(UPLO):
    """Whether an option says that the lower triangle is read."""
    return UPLO == "L" or UPLO == "l"


# Any square matrix.  NumPy's eigenvectors have length one, and their largest element is real.


@vjp(np.linalg.eig, parts=True)
def eig(y_bar, y, a):
    return eig_bar(y_bar[0], y_bar[1], y[0], y[1], a)


@jvp(np.linalg.eig)
def eig_jvp(a_dot, y, a):
    return eig_dot(a_dot, y[0], y[1], a)


def eig_bar(w_bar, v_bar, w, v, a):
    if v_bar is None:
        return of_eigenvalues(or_zeros(w_bar, w), w, v, a)
    turned = transposed(v) @ normalised_bar(v_bar, v)
    check_parting(turned, w, size(v_bar))  # of equal values, these vectors need not even be orthogonal
    inner = on_diagonal(or_zeros(w_bar, w)) + inverse_gaps(w) * turned
    return np.linalg.solve(transposed(v), inner @ transposed(v))


def eig_dot(a_dot, w, v, a):
    inner = np.linalg.solve(v, a_dot @ v)
    return eigenvalues_dot(a_dot, w, v, a), normalised_dot(v @ turning(inner, w), v)


@vjp(np.linalg.eigvals)
def eigvals(y_bar, y, a):
    return of_eigenvalues(y_bar, y, np.linalg.eig(a)[1], a)


@jvp(np.linalg.eigvals)
def eigvals_jvp(a_dot, y, a):
    return eigenvalues_dot(a_dot, y, np.linalg.eig(a)[1], a)


def of_eigenvalues(w_bar, w, v, a):
    """The cotangent of ``a``, of that of its eigenvalues alone."""
    return np.linalg.solve(transposed(v), w_bar[..., :, None] * transposed(runtime.unless_parting(v, w, a)))


def eigenvalues_dot(a_dot, w, v, a):
    """The tangents of the eigenvalues of ``a``."""
    return diagonal(np.linalg.solve(v, a_dot @ runtime.unless_parting(v, w, a)))


def largest(v):
    """Whether an element is the largest of its column."""
    if np.size(v) == 0:
        return v == v
    places = np.argmax(np.abs(v), axis=-2)
    return np.arange(np.shape(v)[-2])[:, None] == places[..., None, :]


def normalised_dot(v_dot, v):
    """What is left of ``v_dot`` when each column keeps its length and the phase of its largest element."""
    stretch = np.real(np.sum(conjugate(v) * v_dot, axis=-2, keepdims=True))
    if not np.iscomplexobj(v):
        return v_dot - v * stretch
    top = largest(v)
    turn = np.imag(np.sum(top * v_dot, axis=-2, keepdims=True)) / np.real(np.sum(top * v, axis=-2, keepdims=True))
    return v_dot - v * (stretch + 1j * turn)


def normalised_bar(v_bar, v):
    """The transpose of `normalised_dot`."""
    along = np.sum(v_bar * v, axis=-2, keepdims=True)
    if not np.iscomplexobj(v):
        return v_bar - v * along
    top = largest(v)
    turn = np.imag(along) / np.real(np.sum(top * v, axis=-2, keepdims=True))
    return v_bar - np.conj(v) * np.real(along) - 1j * top * turn


# Singular values.  Of square matrices and of the first min(m, n) vectors, u turns by du and v by dv.


@vjp(np.linalg.svd, parts=True)
def svd(y_bar, y, a, *, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        bar = svd(y_bar, y, read_dot(a, a, True), full_matrices=full_matrices, compute_uv=compute_uv)
        return read_bar(symmetrised(bar), a, True)
    if not compute_uv:
        return singular_values_bar(y_bar, a)
    if y_bar[0] is None and y_bar[2] is None:
        return of_singular_values(y_bar[1], y[0], y[1], y[2], a)
    return svd_bar(y_bar[0], y_bar[1], y_bar[2], y[0], y[1], y[2])


@jvp(np.linalg.svd)
def svd_jvp(a_dot, y, a, *, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        a_dot, a = read_dot(a_dot, a, True), read_dot(a, a, True)
    if compute_uv:
        return svd_dot(a_dot, y[0], y[1], y[2], a)
    return singular_values_dot(a_dot, a)


@vjp(np.linalg.svdvals)
def svdvals(y_bar, y, x):
    return singular_values_bar(y_bar, x)


@jvp(np.linalg.svdvals)
def svdvals_jvp(x_dot, y, x):
    return singular_values_dot(x_dot, x)


def singular_values_bar(s_bar, a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return of_singular_values(s_bar, u, s, vh, a)


def of_singular_values(s_bar, u_all, s, vh_all, a):
    """The cotangent of ``a``, of that of its singular values alone."""
    k = np.shape(s)[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    return conjugate((runtime.unless_parting(u, s, a, adjoint(vh)) * s_bar[..., None, :]) @ vh)


def singular_values_dot(a_dot, a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return of_singular_vectors(a_dot, u, s, vh, a)


def of_singular_vectors(a_dot, u, s, vh, a):
    """The tangents of the singular values of ``a``."""
    u = runtime.unless_parting(u, s, a, adjoint(vh))
    return np.real(np.sum(conjugate(u) * (a_dot @ adjoint(vh)), axis=-2))


def over(x, s, beside):
    """``x / s``; where ``s`` is 0, 0 of what may be rounding beside others, and NaN of what is not."""
    return np.where(s == 0, np.where(minor(x, beside), 0, np.nan), x / np.where(s == 0, 1, s))


def over_sums(skew, s, beside):
    """``skew / (s_i + s_j) / 2`` beside the diagonal, as by `over`."""
    quotients = over(0.5 * skew, s[..., None, :] + s[..., :, None], beside)
    return np.where(np.eye(np.shape(s)[-1]) == 1, 0, quotients)


def check_zeros(s_bar, s, pairs):
    """Refuse a derivative by vectors and values that are 0, whose vectors are any of two spaces.

    ``pairs``: whether those of a single one are a pair, up to a sign.
    """
    zero = s <= 16 * np.shape(s)[-1] * np.spacing(np.max(s, axis=-1, keepdims=True, initial=0.0))
    free = np.sum(zero, axis=-1, keepdims=True) > 1
    if not pairs:
        free = free | (s == 0)
    reach = np.finfo(s.dtype).eps ** 0.5 * np.max(np.abs(s_bar), axis=-1, keepdims=True, initial=0.0)
    if np.any(zero & free & (np.abs(s_bar) > reach)):
        raise no_derivative("singular vectors of values that are 0 have no derivative where these values are used, too")


def svd_bar(u_bar, s_bar, vh_bar, u_all, s, vh_all):
    k = np.shape(s)[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    if s_bar is not None:
        check_zeros(s_bar, s, np.shape(u)[-2] == np.shape(vh)[-1] and not np.iscomplexobj(u))
    if np.iscomplexobj(u):
        u_bar, vh_bar = svd_in_phase_bar(or_zeros(u_bar, u_all), or_zeros(vh_bar, vh_all), u, vh)
    apart = 0.5 * inverse_gaps(s)
    inner = on_diagonal(or_zeros(s_bar, s))
    jointly = beside = 0.0  # the products with what moves where both sides turn together
    beyond = 0.0  # what does not stay within the spaces of u and v
    if u_bar is not None:
        turned = transposed(u) @ u_bar[..., :k]
        if s_bar is not None:
            check_parting(turned, s, size(u_bar))
        jointly, beside = jointly + turned, beside + size(u_bar)
        skew = turned - adjoint(turned)
        inner = inner + over_sums(skew, s, size(u_bar)) + apart * skew
        if np.iscomplexobj(u):
            inner = inner + 1j * over(on_diagonal(np.imag(diagonal(turned))), s[..., None, :], size(u_bar))
        scaled = over(u_bar[..., :k] - conjugate(u) @ turned, s[..., None, :], size(u_bar))
        if np.shape(u_all)[-1] > k and np.any(u_bar[..., k:] != 0):
            rest = u_all[..., k:]
            check_basis(transposed(rest) @ u_bar[..., k:])
            turn = adjoint(u_bar[..., k:]) @ conjugate(u)
            scaled = scaled - over(conjugate(rest) @ turn, s[..., None, :], size(u_bar))
        beyond = beyond + scaled @ conjugate(vh)
    if vh_bar is not None:
        turned = vh_bar[..., :k, :] @ transposed(vh)
        if s_bar is not None:
            check_parting(turned, s, size(vh_bar))
        jointly, beside = jointly - turned, beside + size(vh_bar)
        skew = turned - adjoint(turned)
        inner = inner + over_sums(skew, s, size(vh_bar)) - apart * skew
        scaled = over(vh_bar[..., :k, :] - turned @ conjugate(vh), s[..., :, None], size(vh_bar))
        if np.shape(vh_all)[-2] > k and np.any(vh_bar[..., k:, :] != 0):
            rest = vh_all[..., k:, :]
            check_basis(vh_bar[..., k:, :] @ transposed(rest))
            turn = conjugate(vh) @ adjoint(vh_bar[..., k:, :])
            scaled = scaled - over(turn @ conjugate(rest), s[..., :, None], size(vh_bar))
        beyond = beyond + conjugate(u) @ scaled
    if s_bar is None:
        check_choice(jointly, s, beside)
    return conjugate(u) @ inner @ conjugate(vh) + beyond


def svd_dot(a_dot, u_all, s, vh_all, a):
    k = np.shape(s)[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    left, right = adjoint(u) @ a_dot, a_dot @ adjoint(vh)
    inner = left @ adjoint(vh)
    # with one sign the vectors of both sides turn together, by the gaps of the values; with the other, apart
    common = turning(symmetrised(inner), s)
    between = over_sums(inner - adjoint(inner), s, size(inner))
    du, dv = common + between, common - between
    if np.iscomplexobj(u):
        du = du + 1j * over(on_diagonal(np.imag(diagonal(inner))), s[..., None, :], size(inner))
    u_dot = u @ du + over(right - u @ inner, s[..., None, :], size(a_dot))
    vh_dot = over(left - inner @ vh, s[..., :, None], size(a_dot)) - dv @ vh
    if np.iscomplexobj(u):
        u_dot, vh_dot = svd_in_phase_dot(u_dot, vh_dot, u, vh)
    if np.shape(u_all)[-1] > k:
        rest = u_all[..., k:]
        rest_dot = only_if_single(-over(u, s[..., None, :], size(u)) @ adjoint(right) @ rest, np.shape(rest)[-1])
        u_dot = np.concatenate([u_dot, rest_dot], axis=-1)
    if np.shape(vh_all)[-2] > k:
        rest = vh_all[..., k:, :]
        rest_dot = only_if_single(-rest @ adjoint(left) @ over(vh, s[..., :, None], size(vh)), np.shape(rest)[-2])
        vh_dot = np.concatenate([vh_dot, rest_dot], axis=-2)
    return u_dot, of_singular_vectors(a_dot, u, s, vh, a), vh_dot


# Both sides turn with one phase.  LAPACK leaves the first row of the longer side as it is, so that of u^H or v^H it is
# the first column of the shorter one that is real.


def svd_in_phase_bar(u_bar, vh_bar, u, vh):
    """The cotangents of vectors whose phases are free, of those of vectors as LAPACK gives them."""
    k = np.shape(u)[-1]
    jointly = transposed(u) @ u_bar[..., :k] - vh_bar[..., :k, :] @ transposed(vh)
    beside = size(u_bar) + size(vh_bar)
    if np.shape(u)[-2] < np.shape(vh)[-1]:
        return u_bar + on_row(padded(phases_bar(jointly, u[..., 0, :], beside), u_bar), u_bar, True), vh_bar
    row = padded(phases_bar(jointly, vh[..., :, 0], beside), transposed(vh_bar))
    return u_bar, vh_bar - transposed(on_row(row, transposed(vh_bar), True))


def svd_in_phase_dot(u_dot, vh_dot, u, vh):
    """The tangents of vectors as LAPACK gives them, of those of vectors whose phases are free."""
    if np.shape(u)[-2] < np.shape(vh)[-1]:
        turn = phases_dot(u_dot[..., 0, :], u[..., 0, :])
    else:
        turn = -phases_dot(vh_dot[..., :, 0], vh[..., :, 0])
    return u_dot + u * turn[..., None, :], vh_dot - vh * turn[..., :, None]


def padded(row, m):
    """A row with zeros behind it, as long as those of a matrix."""
    return np.concatenate([row, np.zeros_like(m[..., 0, np.shape(row)[-1] :])], axis=-1)
