"""Rules of products: matmul, dot, inner, outer, kron, tensordot, cross, and their relatives.

All are linear in each factor, so that tangents need no rules.  Batches of matrices are broadcast, and the table sums
the cotangents of batches down again.  Products that conjugate their first factor (vdot, vecdot, vecmat) give it the
conjugate of what an ordinary factor would get.  Names follow the functions: ``z`` is the product.
"""

import operator

import numpy as np

from ..runtime import sum_to
from .reductions import conjugate
from .shaping import inverse
from .table import multilinear, present, with_options


@multilinear(
    np.matmul,
    operator.matmul,
    operator.imatmul,
    np.ndarray.__matmul__,
    np.ndarray.__imatmul__,
    np.linalg.matmul,
)
def matmul(z_bar, z, x1, x2):
    if np.ndim(x1) == 2 and np.ndim(x2) == 2:
        return z_bar @ x2.T, x1.T @ z_bar
    if np.ndim(x1) == 2 and np.ndim(x2) == 1:
        return np.outer(z_bar, x2), x1.T @ z_bar
    if np.ndim(x1) == 1 and np.ndim(x2) == 2:
        return x2 @ z_bar, np.outer(x1, z_bar)
    if np.ndim(x1) == 1 and np.ndim(x2) == 1:
        return z_bar * x2, z_bar * x1
    if np.ndim(x2) == 1:
        return z_bar[..., None] * x2, np.tensordot(z_bar, x1, np.ndim(z_bar))
    if np.ndim(x1) == 1:
        return (x2 @ z_bar[..., None])[..., 0], x1[:, None] * z_bar[..., None, :]
    if np.ndim(x2) == 2:
        batch = tuple(range(np.ndim(x1) - 1))
        return z_bar @ x2.T, np.tensordot(x1, z_bar, (batch, batch))
    return z_bar @ np.swapaxes(x2, -1, -2), np.swapaxes(x1, -1, -2) @ z_bar


@multilinear(*present(np, "matvec"))
def matvec(z_bar, z, x1, x2):
    return z_bar[..., None] * x2[..., None, :], (np.swapaxes(x1, -1, -2) @ z_bar[..., None])[..., 0]


@multilinear(*present(np, "vecmat"))
def vecmat(z_bar, z, x1, x2):
    x1_bar = (x2 @ z_bar[..., None])[..., 0]
    return conjugate(x1_bar), conjugate(x1)[..., None] * z_bar[..., None, :]


@multilinear(np.vdot)
def vdot(z_bar, z, a, b):
    return np.reshape(conjugate(z_bar * np.ravel(b)), np.shape(a)), np.reshape(
        z_bar * conjugate(np.ravel(a)), np.shape(b)
    )


@multilinear(np.vecdot, np.linalg.vecdot)
def vecdot(z_bar, z, x1, x2, *, axis=-1):
    bar = np.expand_dims(z_bar, -1)
    if axis == -1:
        return conjugate(bar * x2), bar * conjugate(x1)
    first, second = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    first_bar = sum_to(conjugate(bar * second), np.shape(first))
    second_bar = sum_to(bar * conjugate(first), np.shape(second))
    return np.moveaxis(first_bar, -1, axis), np.moveaxis(second_bar, -1, axis)


def along_axes(function):
    """A product of the matrices or vectors that lie along given axes of its factors, and go to those of the result."""

    def product(x1, x2, *, axes):
        z = function(to_the_end(x1, axes[0]), to_the_end(x2, axes[1]))
        if len(axes) == 2 or axes[2] == ():
            return z
        own = axes[2] if isinstance(axes[2], tuple) else (axes[2],)
        return np.moveaxis(z, tuple(range(-len(own), 0)), own)

    return product


def to_the_end(x, axes):
    own = axes if isinstance(axes, tuple) else (axes,)
    return np.moveaxis(x, own, tuple(range(-len(own), 0)))


def keeping_axis(function):
    """A product of vectors with an axis of length 1 in place of the one that is summed."""

    def product(x1, x2, *, axis=-1, keepdims=False):
        z = function(x1, x2, axis=axis)
        return np.expand_dims(z, axis) if keepdims else z

    return product


for function in (np.matmul, np.vecdot, *present(np, "matvec", "vecmat")):
    with_options("axes", function)(along_axes(function))
with_options("keepdims", np.vecdot)(keeping_axis(np.vecdot))


@multilinear(np.dot, np.ndarray.dot)
def dot(z_bar, z, a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return z_bar * b, z_bar * a
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return z_bar @ b.T, a.T @ z_bar
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(z_bar, b), a.T @ z_bar
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ z_bar, np.outer(a, z_bar)
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return z_bar * b, z_bar * a
    if np.ndim(b) == 1:
        return z_bar[..., None] * b, np.tensordot(z_bar, a, np.ndim(z_bar))
    return dot_bars(z_bar, a, b)


def dot_bars(z_bar, a, b):
    """Of ``np.dot`` in general: the last axis of ``a`` is summed with the last but one of ``b``."""
    own = tuple(range(np.ndim(a) - 1))  # the axes of z that are those of a; those of b stand behind
    a_bar = np.tensordot(z_bar, np.moveaxis(b, -2, -1), np.ndim(b) - 1)
    b_bar = np.moveaxis(np.tensordot(a, z_bar, (own, own)), 0, -2)
    return a_bar, b_bar


@multilinear(np.inner)
def inner(z_bar, z, a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return z_bar * b, z_bar * a
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return z_bar * b, z_bar * a
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return z_bar @ b, z_bar.T @ a
    own = tuple(range(np.ndim(a) - 1))
    return np.tensordot(z_bar, b, np.ndim(b) - 1), np.tensordot(z_bar, a, (own, own))


@multilinear(np.outer, np.linalg.outer)
def outer(z_bar, z, a, b):
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return z_bar @ b, a @ z_bar
    return np.reshape(z_bar @ np.ravel(b), np.shape(a)), np.reshape(np.ravel(a) @ z_bar, np.shape(b))


@multilinear(np.multiply.outer)
def multiply_outer(z_bar, z, a, b):
    return np.tensordot(z_bar, b, np.ndim(b)), np.tensordot(a, z_bar, np.ndim(a))


@multilinear(np.kron)
def kron(z_bar, z, a, b):
    return kron_bars(z_bar, a, b)


def kron_bars(z_bar, a, b):
    """Unfold each axis of ``z_bar`` into (axis of a, axis of b), and sum with the other factor."""
    ndim = max(np.ndim(a), np.ndim(b))
    a_shape = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    b_shape = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    pairs = []
    for i in range(ndim):
        pairs += [a_shape[i], b_shape[i]]
    unfolded = np.reshape(z_bar, pairs)
    own, others = tuple(range(0, 2 * ndim, 2)), tuple(range(1, 2 * ndim, 2))
    every = tuple(range(ndim))
    a_bar = np.tensordot(unfolded, np.reshape(b, b_shape), (others, every))
    b_bar = np.tensordot(unfolded, np.reshape(a, a_shape), (own, every))
    return np.reshape(a_bar, np.shape(a)), np.reshape(b_bar, np.shape(b))


@multilinear(np.tensordot, np.linalg.tensordot)
def tensordot(z_bar, z, a, b, *, axes=2):
    if isinstance(axes, int):
        own, others = np.ndim(a) - axes, np.ndim(b) - axes
        a_bar = np.tensordot(z_bar, b, (tuple(range(own, own + others)), tuple(range(axes, axes + others))))
        b_bar = np.tensordot(a, z_bar, (tuple(range(own)), tuple(range(own))))
        return a_bar, b_bar
    if isinstance(axes[0], int):
        return tensordot_bars(z_bar, a, b, [axes[0] % np.ndim(a)], [axes[1] % np.ndim(b)])
    return tensordot_bars(z_bar, a, b, [i % np.ndim(a) for i in axes[0]], [i % np.ndim(b) for i in axes[1]])


def tensordot_bars(z_bar, a, b, summed_a, summed_b):
    """The cotangents of a sum over the axes ``summed_a`` of ``a`` with ``summed_b`` of ``b``.

    The sum of ``z_bar`` with the other factor has the kept axes first, and then the summed ones in the order that they
    have in the other factor.
    """
    kept_a = [i for i in range(np.ndim(a)) if i not in summed_a]
    kept_b = [i for i in range(np.ndim(b)) if i not in summed_b]
    of_a, of_b = list(range(len(kept_a))), list(range(len(kept_a), np.ndim(z_bar)))
    a_axes = [*kept_a, *[summed_a[summed_b.index(i)] for i in sorted(summed_b)]]
    b_axes = [*kept_b, *[summed_b[summed_a.index(i)] for i in sorted(summed_a)]]
    a_bar = np.transpose(np.tensordot(z_bar, b, (of_b, kept_b)), inverse(a_axes))
    b_bar = np.transpose(np.tensordot(z_bar, a, (of_a, kept_a)), inverse(b_axes))
    return a_bar, b_bar


@multilinear(np.cross, np.linalg.cross)
def cross(z_bar, z, a, b, *, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        return cross_bars(z_bar, a, b, axis, axis, axis)
    return cross_bars(z_bar, a, b, axisa, axisb, axisc)


def cross_bars(z_bar, a, b, axisa, axisb, axisc):
    """The cotangents of the cross product of vectors along any axes; broadcasting is undone with the vectors last.

    Vectors of two numbers are those of three whose last one is 0; of the product of two such, the last one is left.
    """
    a_last, b_last = moved(a, axisa, -1), moved(b, axisb, -1)
    if np.shape(a_last)[-1] == 2 and np.shape(b_last)[-1] == 2:
        bar = np.stack([np.zeros_like(z_bar), np.zeros_like(z_bar), z_bar], -1)
    else:
        bar = moved(z_bar, axisc, -1)
    a_bar = sum_to(np.cross(in_space(b_last), bar)[..., : np.shape(a_last)[-1]], np.shape(a_last))
    b_bar = sum_to(np.cross(bar, in_space(a_last))[..., : np.shape(b_last)[-1]], np.shape(b_last))
    return moved(a_bar, -1, axisa), moved(b_bar, -1, axisb)


def moved(x, source, destination):
    return x if source == destination else np.moveaxis(x, source, destination)


def in_space(vectors):
    """Vectors of three numbers; those of two get a 0."""
    if np.shape(vectors)[-1] == 2:
        return np.concatenate([vectors, np.zeros_like(vectors[..., :1])], -1)
    return vectors


@multilinear(np.convolve)
def convolve(z_bar, z, a, v, *, mode="full"):
    full_bar = as_full(z_bar, np.size(a), np.size(v), mode)
    return np.convolve(full_bar, turned(v), "valid"), np.convolve(full_bar, turned(a), "valid")


def turned(v):
    """A vector from its end; a number, which counts as a vector of one, as it is."""
    return v[::-1] if np.ndim(v) > 0 else v


def as_full(z_bar, n, m, mode):
    """The cotangent of a full convolution of sizes ``n`` and ``m`` from that of the part that was kept."""
    if mode == "full":
        return z_bar
    short = min(n, m)
    before = short - 1 if mode == "valid" else (short - 1) // 2
    return np.pad(z_bar, (before, n + m - 1 - before - np.size(z_bar)))


@multilinear(np.correlate)
def correlate(z_bar, z, a, v, *, mode="valid"):
    full_bar = as_full_correlation(z_bar, np.size(a), np.size(v), mode)
    return np.convolve(full_bar, conjugate(v), "valid"), conjugate(np.convolve(full_bar, turned(a), "valid")[::-1])


def as_full_correlation(z_bar, n, m, mode):
    """As `as_full`; with the longer argument second, "same" keeps the part that is the mirror image."""
    if n < m:
        return as_full(z_bar[::-1], n, m, mode)[::-1]
    return as_full(z_bar, n, m, mode)
