"""Hermitian matrices of which a function reads one triangle: Cholesky's factors, and what other rules give and take.

The cotangent of a Hermitian matrix is Hermitian, as if the argument were ``(a + a^H) / 2``: whoever has such a matrix
moves both triangles together.  Of any other matrix (one triangle was filled, and the other one holds zeros) it is that
of the triangle that is read, and 0 in the other.  The conventions and small words are those of `linalg`.
"""

import numpy as np

from ..runtime import triangle_weights
from .linalg import adjoint, cut_pinv_bar, cut_pinv_dot, halved, symmetrised, transposed
from .reductions import conjugate
from .table import jvp, vjp


def read_dot(a_dot, a, lower):
    """The tangent of the Hermitian matrix that is read of ``a``."""
    return symmetrised(a_dot * triangle_weights(a, lower))


def read_bar(bar, a, lower):
    """The cotangent of ``a``, of the Hermitian cotangent of what is read of it."""
    return bar * triangle_weights(a, lower)


# Cholesky: S. P. Smith, "Differentiation of the Cholesky algorithm", 1995; I. Murray, arXiv:1602.07527


@vjp(np.linalg.cholesky)
def cholesky(y_bar, y, a, *, upper=False):
    if upper:
        return cholesky_bar(adjoint(y_bar), adjoint(y), a, False)
    return cholesky_bar(y_bar, y, a, True)


@jvp(np.linalg.cholesky)
def cholesky_jvp(a_dot, y, a, *, upper=False):
    if upper:
        return adjoint(cholesky_dot(a_dot, adjoint(y), a, False))
    return cholesky_dot(a_dot, y, a, True)


def cholesky_bar(y_bar, y, a, lower):
    """The cotangent of a matrix, of that of its lower factor ``y``; ``lower``: which triangle was read."""
    p = transposed(y) @ y_bar
    half = np.tril(p)
    p = symmetrised(halved(half)) if np.iscomplexobj(p) else 0.5 * (half + transposed(np.tril(p, -1)))
    y_inv = np.linalg.inv(y)
    return read_bar(transposed(y_inv) @ p @ conjugate(y_inv), a, lower)


def cholesky_dot(a_dot, y, a, lower):
    """The tangent of the lower factor ``y``."""
    y_inv = np.linalg.inv(y)
    return y @ halved(np.tril(y_inv @ read_dot(a_dot, a, lower) @ adjoint(y_inv)))


@vjp(np.linalg.pinv)
def pinv(y_bar, y, a, *, rcond=None, hermitian=False, rtol=None):
    relative = rtol if rcond is None else rcond
    if hermitian:
        return read_bar(symmetrised(cut_pinv_bar(y_bar, y, read_dot(a, a, True), None, relative)), a, True)
    return cut_pinv_bar(y_bar, y, a, None, relative)


@jvp(np.linalg.pinv)
def pinv_jvp(a_dot, y, a, *, rcond=None, hermitian=False, rtol=None):
    relative = rtol if rcond is None else rcond
    if hermitian:
        return cut_pinv_dot(read_dot(a_dot, a, True), y, read_dot(a, a, True), None, relative)
    return cut_pinv_dot(a_dot, y, a, None, relative)
