"""Interim: the most common rules of shaping and products."""

import operator

import numpy as np

from .table import jvp, linear, multilinear, vjp


@multilinear(np.matmul, operator.matmul, operator.imatmul)
def matmul(z_bar, z, x1, x2):
    if np.ndim(x1) == 1 and np.ndim(x2) == 1:
        return z_bar * x2, z_bar * x1
    if np.ndim(x2) == 1:
        if np.ndim(x1) == 2:
            return np.outer(z_bar, x2), x1.T @ z_bar
        return np.expand_dims(z_bar, -1) * x2, np.sum(np.swapaxes(x1, -1, -2) * np.expand_dims(z_bar, -2), axis=-1)
    if np.ndim(x1) == 1:
        if np.ndim(x2) == 2:
            return x2 @ z_bar, np.outer(x1, z_bar)
        return np.sum(x2 * np.expand_dims(z_bar, -2), axis=-1), np.expand_dims(x1, -1) * np.expand_dims(z_bar, -2)
    if np.ndim(x1) == 2 and np.ndim(x2) == 2:
        return z_bar @ x2.T, x1.T @ z_bar
    return z_bar @ np.swapaxes(x2, -1, -2), np.swapaxes(x1, -1, -2) @ z_bar


@multilinear(np.dot, np.ndarray.dot)
def dot(z_bar, z, a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return z_bar * b, z_bar * a
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return z_bar * b, z_bar * a
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return z_bar @ b.T, a.T @ z_bar
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(z_bar, b), a.T @ z_bar
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ z_bar, np.outer(a, z_bar)
    raise NotImplementedError


@multilinear(np.outer)
def outer(z_bar, z, a, b):
    return z_bar @ np.ravel(b), np.ravel(a) @ z_bar


@linear(np.transpose, np.ndarray.transpose, view=True)
def transpose(y_bar, y, a, *, axes=None):
    if axes is None:
        return np.transpose(y_bar)
    return np.transpose(y_bar, np.argsort(axes))


@linear(np.reshape, np.ndarray.reshape, view=True)
def reshape(y_bar, y, a, *, shape=None, order="C"):
    return np.reshape(y_bar, np.shape(a), order=order)


@linear(np.ravel, np.ndarray.ravel, np.ndarray.flatten, view=True)
def ravel(y_bar, y, a, *, order="C"):
    return np.reshape(y_bar, np.shape(a), order=order)


@linear(np.copy, np.ndarray.copy)
def copy(y_bar, y, a):
    return y_bar


@linear(np.ndarray.astype)
def astype(y_bar, y, a, *, dtype=None):
    return y_bar


@linear(np.broadcast_to, view=True)
def broadcast_to(y_bar, y, array, *, shape=None):
    return y_bar


@linear(np.expand_dims, view=True)
def expand_dims(y_bar, y, a, *, axis=None):
    return np.reshape(y_bar, np.shape(a))


@linear(np.squeeze, np.ndarray.squeeze, view=True)
def squeeze(y_bar, y, a, *, axis=None):
    return np.reshape(y_bar, np.shape(a))


@linear(np.swapaxes, np.ndarray.swapaxes, view=True)
def swapaxes(y_bar, y, a, *, axis1=None, axis2=None):
    return np.swapaxes(y_bar, axis1, axis2)


@linear(np.where, arguments=("x", "y"))
def where(z_bar, z, condition, x, y):
    return None, np.where(condition, z_bar, 0), np.where(condition, 0, z_bar)


@linear(np.array, np.asarray, view=True)
def array(y_bar, y, object, *, dtype=None):
    if isinstance(object, list | tuple):
        return [y_bar[i] for i in range(len(object))]
    return y_bar


@linear(np.stack)
def stack(y_bar, y, arrays, *, axis=0):
    rows = np.moveaxis(y_bar, axis, 0)
    return [rows[i] for i in range(len(arrays))]


@linear(np.moveaxis, view=True)
def moveaxis(y_bar, y, a, *, source=None, destination=None):
    return np.moveaxis(y_bar, destination, source)


@linear(np.concatenate)
def concatenate(y_bar, y, arrays, *, axis=0):
    return np.split(y_bar, np.cumsum([np.shape(a)[axis] for a in arrays])[:-1], axis=axis)


@linear(np.diag)
def diag(y_bar, y, v, *, k=0):
    return np.diag(y_bar, k)


@linear(np.trace)
def trace(y_bar, y, a):
    return y_bar * np.eye(np.shape(a)[0], np.shape(a)[1])


@vjp(np.linalg.solve)
def solve(y_bar, y, a, b):
    b_bar = np.linalg.solve(a.T, y_bar)
    if np.ndim(b) == 1:
        return -np.outer(b_bar, y), b_bar
    return -b_bar @ y.T, b_bar


@jvp(np.linalg.solve, 0)
def solve_a(a_dot, y, a, b):
    return -np.linalg.solve(a, a_dot @ y)


@jvp(np.linalg.solve, 1)
def solve_b(b_dot, y, a, b):
    return np.linalg.solve(a, b_dot)


@vjp(np.linalg.inv)
def inv(y_bar, y, a):
    return -y.T @ y_bar @ y.T


@jvp(np.linalg.inv, 0)
def inv_dot(a_dot, y, a):
    return -y @ a_dot @ y


@vjp(np.linalg.cholesky)
def cholesky(y_bar, y, a):
    p = np.tril(y.T @ y_bar) - 0.5 * np.diag(np.diag(y.T @ y_bar))
    s = np.linalg.solve(y.T, np.linalg.solve(y.T, p.T).T)
    return 0.5 * (s + s.T)
