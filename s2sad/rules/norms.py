"""Rules of norms of vectors and matrices, and of condition numbers.

A norm is real: its rules have one formula each, the derivative by each element, and both modes multiply with it.
At 0 every norm has derivative 0, and where several elements (or singular values, or sums) are the largest they share.
"""

import numpy as np

from .reductions import conjugate, expand
from .spectral import inverse_or_zero
from .table import jvp, vjp


@vjp(np.linalg.norm)
def norm(y_bar, y, x, *, ord=None, axis=None, keepdims=False):
    if ord is None and axis is None:
        return y_bar * two_norm_derivative(y, x)
    return expand(y_bar, axis, keepdims) * norm_derivative(expand(y, axis, keepdims), x, ord, axis)


@jvp(np.linalg.norm)
def norm_jvp(x_dot, y, x, *, ord=None, axis=None, keepdims=False):
    rates = norm_derivative(expand(y, axis, keepdims), x, ord, axis)
    return np.sum(np.real(rates * x_dot), axis=axis, keepdims=keepdims)


@vjp(np.linalg.vector_norm)
def vector_norm(y_bar, y, x, *, axis=None, keepdims=False, ord=2):
    return expand(y_bar, axis, keepdims) * vector_norm_derivative(expand(y, axis, keepdims), x, ord, axis)


@vjp(np.linalg.matrix_norm)
def matrix_norm(y_bar, y, x, *, keepdims=False, ord="fro"):
    return expand(y_bar, (-2, -1), keepdims) * norm_derivative(expand(y, (-2, -1), keepdims), x, ord, (-2, -1))


@jvp(np.linalg.vector_norm)
def vector_norm_jvp(x_dot, y, x, *, axis=None, keepdims=False, ord=2):
    rates = vector_norm_derivative(expand(y, axis, keepdims), x, ord, axis)
    return np.sum(np.real(rates * x_dot), axis=axis, keepdims=keepdims)


@jvp(np.linalg.matrix_norm)
def matrix_norm_jvp(x_dot, y, x, *, keepdims=False, ord="fro"):
    rates = norm_derivative(expand(y, (-2, -1), keepdims), x, ord, (-2, -1))
    return np.sum(np.real(rates * x_dot), axis=(-2, -1), keepdims=keepdims)


def norm_derivative(y, x, ord, axis):
    """The derivative of ``np.linalg.norm`` by each element of ``x``; ``y`` is to broadcast against ``x``."""
    if ord is None or ord == "fro":
        return two_norm_derivative(y, x)
    if axis is None:
        if np.ndim(x) == 1:
            return vector_norm_derivative(y, x, ord, axis)
        return matrix_norm_derivative(x, ord, 0, 1)
    if isinstance(axis, tuple):
        if len(axis) == 2:
            return matrix_norm_derivative(x, ord, axis[0], axis[1])
        return vector_norm_derivative(y, x, ord, axis[0])
    return vector_norm_derivative(y, x, ord, axis)


def two_norm_derivative(y, x):
    return conjugate(x) / np.where(y == 0, 1, y)


def vector_norm_derivative(y, x, ord, axis):
    if ord is None or ord == 2:
        return two_norm_derivative(y, x)
    if ord == 0:
        return np.zeros_like(x)
    size = np.abs(x)
    direction = conjugate(x) / np.where(size == 0, 1, size)
    if ord == 1:
        return direction
    if ord == np.inf or ord == -np.inf:
        return direction * (size == y) / np.sum(size == y, axis=axis, keepdims=True)
    y = np.where(y == 0, 1, y)
    if 1 < ord < 2:  # its slope is infinite at 0
        return direction * (size / y) ** (ord - 1)
    return np.where(size == 0, 0, direction * (np.where(size == 0, 1, size) / y) ** (ord - 1))


def matrix_norm_derivative(x, ord, row_axis, column_axis):
    """With the rows and columns along any two axes."""
    if ord == 1 or ord == -1:
        return sums_derivative(x, row_axis, column_axis, ord == 1)
    if ord == np.inf or ord == -np.inf:
        return sums_derivative(x, column_axis, row_axis, ord == np.inf)
    last = np.moveaxis(x, (row_axis, column_axis), (-2, -1))
    u, s, vh = np.linalg.svd(last, full_matrices=False)
    weights = nonzero(s, np.shape(last)) if ord == "nuc" else extreme_weights(s, ord == 2)
    return np.moveaxis(conjugate((u * weights[..., None, :]) @ vh), (-2, -1), (row_axis, column_axis))


def nonzero(s, shape):
    """Which singular values of matrices of a shape are more than rounding."""
    return s > max(shape[-2:]) * np.spacing(s[..., :1])


def extreme_weights(s, largest):
    """The derivative of the largest (or the smallest) singular value by each of them."""
    chosen = (s == s[..., :1]) if largest else (s == s[..., -1:])
    return (chosen & (s > 0)) / np.sum(chosen, axis=-1, keepdims=True)


def sums_derivative(x, summed, other, largest):
    """The derivative of the largest (or the smallest) sum of absolute values along one axis."""
    size = np.abs(x)
    sums = np.sum(size, axis=summed, keepdims=True)
    extreme = (
        np.max(sums, axis=other, keepdims=True, initial=0.0) if largest else np.min(sums, axis=other, keepdims=True)
    )
    shares = (sums == extreme) / np.sum(sums == extreme, axis=other, keepdims=True)
    return shares * conjugate(x) / np.where(size == 0, 1, size)


@vjp(np.linalg.cond)
def cond(y_bar, y, x, *, p=None):
    if np.iscomplexobj(y):  # which NumPy makes of the number of a complex matrix, before 2.3
        y_bar = np.real(y_bar)
    return np.expand_dims(y_bar, (-2, -1)) * cond_derivative(x, p)


@jvp(np.linalg.cond)
def cond_jvp(x_dot, y, x, *, p=None):
    return np.sum(np.real(cond_derivative(x, p) * x_dot), axis=(-2, -1))


def cond_derivative(x, p):
    if p is None or p == 2 or p == -2:
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        high, low = s[..., :1], s[..., -1:]
        relative = extreme_weights(s, True) * inverse_or_zero(high) - extreme_weights(s, False) * inverse_or_zero(low)
        rates = relative * high / low if p != -2 else -relative * low / high
        return conjugate((u * rates[..., None, :]) @ vh)
    x_inv = np.linalg.inv(x)
    size = np.linalg.norm(x, p, axis=(-2, -1), keepdims=True)
    size_inv = np.linalg.norm(x_inv, p, axis=(-2, -1), keepdims=True)
    turned = np.swapaxes(x_inv, -1, -2)
    inverse_rates = -turned @ norm_derivative(size_inv, x_inv, p, (-2, -1)) @ turned
    return norm_derivative(size, x, p, (-2, -1)) * size_inv + size * inverse_rates
