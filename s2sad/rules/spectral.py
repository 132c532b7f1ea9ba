"""Rules of eigenvalues and singular values, with their vectors.

Conventions and the small words are those of `linalg`.  With ``F`` the inverse gaps of the eigenvalues, the vectors turn
by ``F * (v^H a_dot v)`` (Giles 2008); of singular vectors: J. Townsend, "Differentiating the singular value
decomposition", 2016, and Z.-Q. Wan & S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659.
"""

import numpy as np

from .. import runtime
from ..runtime import no_derivative
from .constant import present
from .hermitian import read_bar, read_dot
from .linalg import adjoint, or_zeros, symmetrised, transposed
from .reductions import conjugate
from .table import jvp, vjp


def inverse_gaps(w):
    """``1 / (w_j - w_i)`` at row i, column j; 0 where the two agree to rounding, of which they have a little more."""
    gaps = w[..., None, :] - w[..., :, None]
    scale = np.max(np.abs(w), axis=-1, initial=0.0)[..., None, None]
    equal = np.abs(gaps) <= 16 * np.shape(w)[-1] * np.spacing(scale)
    return np.where(equal, 0, 1 / np.where(equal, 1, gaps))


def check_parting(turned, w):
    """Refuse a derivative that depends on how equal values part: where two of their vectors turn into each other.

    They part along vectors that are not those at hand: what is made of vectors alone does not mind, if it does not
    depend on the choice of them; what is made of vectors and values, such as ``(v * np.sqrt(w)) @ v.T``, does.
    """
    apart = (inverse_gaps(w) != 0) | (np.eye(np.shape(w)[-1]) == 1)
    reach = np.finfo(turned.dtype).eps ** 0.5 * np.max(np.abs(turned), axis=(-2, -1), keepdims=True, initial=0.0)
    if np.any(~apart & (np.abs(turned) > reach)):
        raise no_derivative("vectors of equal eigenvalues or singular values have no derivative where these values are "
                            "used, too: of sqrtm, expm or logm, take SciPy's function")  # fmt: skip


# The derivatives of values are made of vectors.  Differentiated again, they depend on how equal values part, which the
# vectors at hand do not know: refused in reverse mode, NaN in forward mode.


@vjp(runtime.unless_parting)
def unless_parting(y_bar, y, v, w, a, right=None):
    check_parting(transposed(v) @ y_bar, w)
    return y_bar, None, None, None


@jvp(runtime.unless_parting)
def unless_parting_v(v_dot, y, v, w, a, right=None):
    return v_dot


@jvp(runtime.unless_parting, 1)
def unless_parting_w(w_dot, y, v, w, a, right=None):
    return np.zeros_like(v)


@jvp(runtime.unless_parting, 2)
def unless_parting_a(a_dot, y, v, w, a, right=None):
    inner = np.linalg.solve(v, a_dot @ v) if right is None else symmetrised(adjoint(v) @ a_dot @ right)
    together = (inverse_gaps(w) == 0) & (np.eye(np.shape(w)[-1]) == 0)
    reach = np.finfo(inner.dtype).eps ** 0.5 * np.max(np.abs(inner), axis=(-2, -1), keepdims=True, initial=0.0)
    return v @ np.where(together & (np.abs(inner) > reach), np.nan, 0).astype(inner.dtype)


@jvp(runtime.unless_parting, 3)
def unless_parting_right(right_dot, y, v, w, a, right=None):
    return np.zeros_like(v)


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
    inner = on_diagonal(or_zeros(y_bar[0], w))
    turned = transposed(v) @ y_bar[1]
    if y_bar[0] is not None:
        check_parting(turned, w)
    inner = inner + inverse_gaps(w) * turned
    return read_bar(symmetrised(conjugate(v) @ inner @ transposed(v)), a, reads_lower(UPLO))


def values_bar(w_bar, v, a, UPLO):
    """The cotangent of ``a``, of that of its eigenvalues."""
    return read_bar(symmetrised((conjugate(v) * w_bar[..., None, :]) @ transposed(v)), a, reads_lower(UPLO))


@jvp(np.linalg.eigh)
def eigh_jvp(a_dot, y, a, *, UPLO="L"):
    w, v = y[0], y[1]
    change = read_dot(a_dot, a, reads_lower(UPLO))
    return values_dot(change, w, v, a), v @ (inverse_gaps(w) * (adjoint(v) @ change @ v))


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
    w, v = y[0], y[1]
    if y_bar[1] is None:
        return of_eigenvalues(y_bar[0], w, v, a)
    turned = transposed(v) @ normalised_bar(y_bar[1], v)
    if y_bar[0] is not None:
        check_parting(turned, w)
    inner = on_diagonal(or_zeros(y_bar[0], w)) + inverse_gaps(w) * turned
    return np.linalg.solve(transposed(v), inner @ transposed(v))


@jvp(np.linalg.eig)
def eig_jvp(a_dot, y, a):
    w, v = y[0], y[1]
    inner = np.linalg.solve(v, a_dot @ v)
    return eigenvalues_dot(a_dot, w, v, a), normalised_dot(v @ (inverse_gaps(w) * inner), v)


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


# Singular values.  Of square matrices and of the first min(m, n) vectors, u turns by du and v by dv.  The vectors of a
# full decomposition that stand behind those are some basis of the space that is left: in reverse mode the derivative of
# what does not depend on the choice is exact, and any other is refused; forward mode can't tell, and gives NaN.


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


@vjp(*present(np.linalg, "svdvals"))
def svdvals(y_bar, y, x):
    return singular_values_bar(y_bar, x)


if hasattr(np.linalg, "svdvals"):

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


def check_basis(turned):
    """Refuse a derivative that depends on the basis of a null space, which LAPACK chooses.

    Another basis is the product with a unitary matrix.  A function that does not change with it, such as one of the
    projector on the space, has a cotangent whose products with the vectors, ``turned``, are a Hermitian matrix.
    """
    skew, reach = np.abs(turned - adjoint(turned)), np.finfo(turned.dtype).eps ** 0.5
    if np.max(skew, initial=0.0) > reach * np.max(np.abs(turned), initial=0.0):
        raise no_derivative("the vectors of svd beyond the singular values are any basis of their space, and have no "
                            "derivative: give full_matrices=False, or use the projector on the space")  # fmt: skip


def only_if_single(rest_dot, count):
    """The tangents of the vectors of a null space: NaN where they are not fixed, up to a sign."""
    if count == 1 and not np.iscomplexobj(rest_dot):
        return rest_dot
    return np.full_like(rest_dot, np.nan)


def inverse_sums(s):
    """``1 / (s_i + s_j)`` beside the diagonal; 0 where both are 0."""
    return inverse_or_zero(np.where(np.eye(np.shape(s)[-1]) == 1, 0, s[..., None, :] + s[..., :, None]))


def svd_bar(u_bar, s_bar, vh_bar, u_all, s, vh_all):
    k = np.shape(s)[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    s_inv = inverse_or_zero(s)
    apart, together = 0.5 * inverse_gaps(s), 0.5 * inverse_sums(s)
    inner = on_diagonal(or_zeros(s_bar, s))
    beyond = 0.0  # what does not stay within the spaces of u and v
    if u_bar is not None:
        turned = transposed(u) @ u_bar[..., :k]
        if s_bar is not None:
            check_parting(turned, s)
        inner = inner + (together + apart) * (turned - adjoint(turned))
        if np.iscomplexobj(u):
            inner = inner + on_diagonal(1j * np.imag(diagonal(turned)) * s_inv)
        scaled = (u_bar[..., :k] - conjugate(u) @ turned) * s_inv[..., None, :]
        if np.shape(u_all)[-1] > k and np.any(u_bar[..., k:] != 0):
            rest = u_all[..., k:]
            check_basis(transposed(rest) @ u_bar[..., k:])
            scaled = scaled - conjugate(rest) @ adjoint(u_bar[..., k:]) @ conjugate(u) * s_inv[..., None, :]
        beyond = beyond + scaled @ conjugate(vh)
    if vh_bar is not None:
        turned = vh_bar[..., :k, :] @ transposed(vh)
        if s_bar is not None:
            check_parting(turned, s)
        inner = inner + (together - apart) * (turned - adjoint(turned))
        scaled = s_inv[..., :, None] * (vh_bar[..., :k, :] - turned @ conjugate(vh))
        if np.shape(vh_all)[-2] > k and np.any(vh_bar[..., k:, :] != 0):
            rest = vh_all[..., k:, :]
            check_basis(vh_bar[..., k:, :] @ transposed(rest))
            scaled = scaled - s_inv[..., :, None] * (conjugate(vh) @ adjoint(vh_bar[..., k:, :]) @ conjugate(rest))
        beyond = beyond + conjugate(u) @ scaled
    return conjugate(u) @ inner @ conjugate(vh) + beyond


def svd_dot(a_dot, u_all, s, vh_all, a):
    k = np.shape(s)[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    s_inv = inverse_or_zero(s)
    left, right = adjoint(u) @ a_dot, a_dot @ adjoint(vh)
    inner = left @ adjoint(vh)
    # with one sign the vectors of both sides turn together, by the gaps of the values; with the other, apart
    common = inverse_gaps(s) * symmetrised(inner)
    between = 0.5 * (inner - adjoint(inner)) * inverse_sums(s)
    du, dv = common + between, common - between
    if np.iscomplexobj(u):
        du = du + on_diagonal(1j * np.imag(diagonal(inner)) * s_inv)
    u_dot = u @ du + (right - u @ inner) * s_inv[..., None, :]
    vh_dot = s_inv[..., :, None] * (left - inner @ vh) - dv @ vh
    if np.shape(u_all)[-1] > k:
        rest = u_all[..., k:]
        rest_dot = only_if_single(-u * s_inv[..., None, :] @ adjoint(right) @ rest, np.shape(rest)[-1])
        u_dot = np.concatenate([u_dot, rest_dot], axis=-1)
    if np.shape(vh_all)[-2] > k:
        rest = vh_all[..., k:, :]
        rest_dot = only_if_single(-rest @ adjoint(left) @ (s_inv[..., :, None] * vh), np.shape(rest)[-2])
        vh_dot = np.concatenate([vh_dot, rest_dot], axis=-2)
    return u_dot, of_singular_vectors(a_dot, u, s, vh, a), vh_dot
