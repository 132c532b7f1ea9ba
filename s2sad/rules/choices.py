"""What LAPACK chooses of eigenvectors and singular vectors: those of equal values, and the phases of complex ones.

Of equal values any orthonormal vectors of their space will do.  How such values part, and along which vectors, depends
on the direction in which the matrix changes (T. Kato, "Perturbation theory for linear operators", chapter II), and the
vectors at hand are not those.  What is made of the vectors alone and does not depend on the choice has a derivative, to
which such a pair contributes nothing.  What is made of vectors and values is refused in reverse mode; forward mode
can't tell the two, and gives NaN.

Complex vectors are known up to a phase.  LAPACK's reductions leave the first or the last row as it is, so that one row
of what they give is real, which fixes the phases: `phases_bar` and `phases_dot` ask whether it is.
"""

import numpy as np

from .. import runtime
from ..runtime import no_derivative
from .linalg import adjoint, symmetrised, transposed
from .table import jvp, vjp


def equal(w):
    """Whether values i and j agree to rounding, of which they have a little more."""
    scale = np.max(np.abs(w), axis=-1, initial=0.0)[..., None, None]
    return np.abs(w[..., None, :] - w[..., :, None]) <= 16 * np.shape(w)[-1] * np.spacing(scale)


def inverse_gaps(w):
    """``1 / (w_j - w_i)`` at row i, column j; 0 where the two are equal."""
    return np.where(equal(w), 0, 1 / np.where(equal(w), 1, w[..., None, :] - w[..., :, None]))


def size(x):
    """The largest absolute values of matrices."""
    return np.max(np.abs(x), axis=(-2, -1), keepdims=True, initial=0.0)


def minor(x, beside):
    """Whether elements may be rounding, beside numbers of a given size."""
    return np.abs(x) <= np.finfo(beside.dtype).eps ** 0.5 * beside


def together(w):
    """Whether two values are equal, of two different vectors."""
    return equal(w) & (np.eye(np.shape(w)[-1]) == 0)


def check_parting(turned, w, beside):
    """Refuse a derivative by vectors and values that depends on how equal values part.

    ``turned``: the products of the cotangent with the vectors; ``beside``: the product of their sizes.
    """
    if np.any(together(w) & ~minor(turned, beside)):
        raise no_derivative("vectors of equal eigenvalues or singular values have no derivative where these values are "
                            "used, too: of sqrtm, expm or logm, take SciPy's function")  # fmt: skip


def check_choice(turned, w, beside):
    """Refuse a derivative by vectors alone that depends on which ones are chosen of equal values.

    Others are the products with a unitary matrix: what does not change with it has Hermitian products with cotangents.
    """
    if np.any(together(w) & ~minor(turned - adjoint(turned), beside)):
        raise no_derivative("vectors of equal eigenvalues or singular values are any basis of their space, and this "
                            "result depends on which one it is: it has no derivative")  # fmt: skip


def turning_bar(w_bar, v_bar, w, v):
    """The cotangent of how the vectors turn; ``w_bar``: that of the values, None where they are not used."""
    turned = transposed(v) @ v_bar
    if w_bar is None:
        check_choice(turned, w, size(v) * size(v_bar))
    else:
        check_parting(turned, w, size(v) * size(v_bar))
    return inverse_gaps(w) * turned


def turning(inner, w):
    """How vectors turn where the matrix changes by ``inner``, in their own basis; NaN where equal values part."""
    return np.where(together(w) & ~minor(inner, size(inner)), np.nan, inverse_gaps(w) * inner)


# The derivatives of values are made of vectors.  Differentiated again, they depend on how equal values part.


@vjp(runtime.unless_parting)
def unless_parting(y_bar, y, v, w, a, right=None):
    check_parting(transposed(v) @ y_bar, w, size(v) * size(y_bar))
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
    return v @ np.where(together(w) & ~minor(inner, size(inner)), np.nan, 0).astype(inner.dtype)


@jvp(runtime.unless_parting, 3)
def unless_parting_right(right_dot, y, v, w, a, right=None):
    return np.zeros_like(v)


# Phases.  ``fixed``: the numbers, one for each vector, that are real with the phases that LAPACK chooses.


def rounding(fixed):
    """What may be rounding, beside the largest of some numbers."""
    return 64 * np.shape(fixed)[-1] * np.spacing(np.max(np.abs(fixed), axis=-1, keepdims=True, initial=0.0))


def phases_bar(turned, fixed, beside):
    """The cotangent of ``fixed``, of a result that changes by ``-imag(diagonal(turned))`` where the phases do.

    Refused where it depends on phases that are not known.
    """
    change = -np.imag(np.diagonal(turned, 0, -2, -1))
    is_real = np.max(np.abs(np.imag(fixed)), axis=-1, keepdims=True, initial=0.0) <= rounding(fixed)
    known = is_real & (np.abs(fixed) > rounding(fixed))
    if np.any(~known & ~minor(change, beside[..., 0])):
        raise no_derivative("complex eigenvectors and singular vectors are known up to a phase, on which this result "
                            "depends: it has no derivative")  # fmt: skip
    moved = known & (np.abs(change) > 64 * np.shape(fixed)[-1] * np.spacing(beside[..., 0]))
    return 1j * np.where(moved, change / np.where(moved, np.real(fixed), 1), 0)


def phases_dot(fixed_dot, fixed):
    """How fast the phases turn, so that ``fixed`` stays real: NaN if it is not, 0 where it is 0 and may have any."""
    is_real = np.max(np.abs(np.imag(fixed)), axis=-1, keepdims=True, initial=0.0) <= rounding(fixed)
    zero = np.abs(fixed) <= rounding(fixed)
    rate = np.where(zero, 0, -np.imag(fixed_dot) / np.where(zero, 1, np.real(fixed)))
    return 1j * np.where(is_real, rate, np.nan)


def on_row(row, v, first):
    """A matrix as large as ``v``, zero but for its first or last row."""
    place = 0 if first else np.shape(v)[-2] - 1
    return np.where(np.arange(np.shape(v)[-2])[:, None] == place, row[..., None, :], 0)


def in_phase_bar(v_bar, v, first):
    """The cotangent of vectors whose phases are free, of that of those whose first (or last) row is real."""
    if not np.iscomplexobj(v):
        return v_bar
    fixed = v[..., 0, :] if first else v[..., -1, :]
    return v_bar + on_row(phases_bar(transposed(v) @ v_bar, fixed, size(v) * size(v_bar)), v, first)


def in_phase_dot(v_dot, v, first):
    """The tangent of vectors whose first (or last) row is real, of that of vectors whose phases are free."""
    if not np.iscomplexobj(v):
        return v_dot
    if first:
        return v_dot + v * phases_dot(v_dot[..., 0, :], v[..., 0, :])[..., None, :]
    return v_dot + v * phases_dot(v_dot[..., -1, :], v[..., -1, :])[..., None, :]


# The vectors of a full decomposition that stand behind those of the singular values are some basis of the space that is
# left: in reverse mode the derivative of what does not depend on the choice is exact, and any other is refused; forward
# mode can't tell, and gives NaN.


def check_basis(turned):
    """Refuse a derivative that depends on the basis of a null space, by the products of cotangent and vectors."""
    if np.any(~minor(turned - adjoint(turned), size(turned))):
        raise no_derivative("the vectors of svd beyond the singular values are any basis of their space, and have no "
                            "derivative: give full_matrices=False, or use the projector on the space")  # fmt: skip


def only_if_single(rest_dot, count):
    """The tangents of the vectors of a null space: NaN where they are not fixed, up to a sign."""
    if count == 1 and not np.iscomplexobj(rest_dot):
        return rest_dot
    return np.full_like(rest_dot, np.nan)
