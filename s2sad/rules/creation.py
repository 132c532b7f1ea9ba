"""Rules of functions that make arrays of given numbers: full, linspace, logspace, geomspace, meshgrid, ix_, vander.

The spaces are interpolations between two ends: with weights ``t`` from 0 to 1, ``linspace`` is ``(1 - t) * start +
t * stop``, and so are the exponents of ``logspace`` and the logarithms of ``geomspace``.
"""

import numpy as np

from ..runtime import sum_to
from .shaping import nested
from .table import definition, jvp, linear, vjp

# One value everywhere


@linear(np.full, arguments=("fill_value",))
def full(y_bar, y, shape, fill_value, *, dtype=None, order="C", device=None):
    return None, fill_bar(y_bar, fill_value)


@linear(np.full_like, arguments=("fill_value",))
def full_like(y_bar, y, a, fill_value, *, dtype=None, order="K", subok=True, shape=None, device=None):
    return None, fill_bar(y_bar, fill_value)


def fill_bar(y_bar, fill_value):
    """The cotangent of a value that is repeated; of a list, element by element."""
    if isinstance(fill_value, list | tuple):
        return nested(sum_to(y_bar, np.shape(fill_value)), fill_value)
    return y_bar


# Numbers between two ends


@linear(np.linspace)
def linspace(y_bar, y, start, stop, *, num=50, endpoint=True, retstep=False, dtype=None, axis=0, device=None):
    t = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    if retstep:
        steps = num - 1 if endpoint else num
        bars = np.moveaxis(y_bar[0], axis, -1)
        return bars @ (1 - t) - y_bar[1] / steps, bars @ t + y_bar[1] / steps
    return np.moveaxis(y_bar, axis, -1) @ (1 - t), np.moveaxis(y_bar, axis, -1) @ t


@vjp(np.logspace)
def logspace(y_bar, y, start, stop, base=10.0, *, num=50, endpoint=True, dtype=None, axis=0):
    t = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    exponents_bar = np.moveaxis(y_bar * y * logspace_scale(start, stop, base, axis), axis, -1)
    base_bar = np.sum(y_bar * y * exponents(start, stop, base, num, endpoint, axis), axis=axis) / base
    return exponents_bar @ (1 - t), exponents_bar @ t, base_bar


@jvp(np.logspace, 0)
def logspace_start(start_dot, y, start, stop, base=10.0, *, num=50, endpoint=True, dtype=None, axis=0):
    exponents_dot = np.linspace(
        start_dot + np.zeros(np.shape(base)), np.zeros_like(stop, float), num, endpoint=endpoint, axis=axis
    )
    return y * logspace_scale(start, stop, base, axis) * exponents_dot


@jvp(np.logspace, 1)
def logspace_stop(stop_dot, y, start, stop, base=10.0, *, num=50, endpoint=True, dtype=None, axis=0):
    exponents_dot = np.linspace(
        np.zeros_like(start, float), stop_dot + np.zeros(np.shape(base)), num, endpoint=endpoint, axis=axis
    )
    return y * logspace_scale(start, stop, base, axis) * exponents_dot


@jvp(np.logspace, 2)
def logspace_base(base_dot, y, start, stop, base=10.0, *, num=50, endpoint=True, dtype=None, axis=0):
    rate = base_dot / base
    if np.ndim(base) > 0:
        rate = np.expand_dims(np.broadcast_arrays(rate, start, stop)[0], axis)
    return y * exponents(start, stop, base, num, endpoint, axis) * rate


def exponents(start, stop, base, num, endpoint, axis):
    if np.ndim(base) > 0:
        start = start + np.zeros(np.shape(base))
    return np.linspace(start, stop, num, endpoint=endpoint, axis=axis)


def logspace_scale(start, stop, base, axis):
    """The logarithm of ``base``, broadcast with the ends as ``np.logspace`` does."""
    if np.ndim(base) == 0:
        return np.log(base)
    return np.expand_dims(np.log(np.broadcast_arrays(base, start, stop)[0]), axis)


@vjp(np.geomspace)
def geomspace(y_bar, y, start, stop, *, num=50, endpoint=True, dtype=None, axis=0):
    t = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    logarithms_bar = np.moveaxis(y_bar * y, axis, -1)
    return logarithms_bar @ (1 - t) / start, logarithms_bar @ t / stop


@jvp(np.geomspace, 0)
def geomspace_start(start_dot, y, start, stop, *, num=50, endpoint=True, dtype=None, axis=0):
    return y * np.linspace(start_dot / start, np.zeros_like(stop, float), num, endpoint=endpoint, axis=axis)


@jvp(np.geomspace, 1)
def geomspace_stop(stop_dot, y, start, stop, *, num=50, endpoint=True, dtype=None, axis=0):
    return y * np.linspace(np.zeros_like(start, float), stop_dot / stop, num, endpoint=endpoint, axis=axis)


# Grids


@linear(np.meshgrid)
def meshgrid(y_bar, y, *xi, copy=True, sparse=False, indexing="xy"):
    return tuple([meshgrid_bar(y_bar[i], x, grid_axis(i, len(xi), indexing)) for i, x in enumerate(xi)])


def grid_axis(i, count, indexing):
    """The axis along which the grid of argument ``i`` varies."""
    if indexing == "xy" and count > 1 and i < 2:
        return 1 - i
    return i


def meshgrid_bar(y_bar, x, axis):
    """The sum of ``y_bar`` over all axes but one."""
    if y_bar is None:
        return None
    return np.reshape(np.sum(np.moveaxis(y_bar, axis, -1), axis=tuple(range(np.ndim(y_bar) - 1))), np.shape(x))


@vjp(np.ix_, view=True)
def ix_(y_bar, y, *args):
    return tuple([None if bar is None else np.reshape(bar, np.shape(a)) for bar, a in zip(y_bar, args, strict=True)])


@jvp(np.ix_)
def ix_jvp(dots, y, *args):
    return tuple([meshed(dot, e) for dot, e in zip(dots, y, strict=True)])


def meshed(dot, e):
    """The tangent of one result; that of a mask, which became places, does not change."""
    return None if dot is None or e.dtype.kind == "i" else np.reshape(dot, np.shape(e))


@definition(np.kaiser)
def kaiser(M, beta):
    if M == 1:
        return np.ones(1)
    places = np.linspace(-1.0, 1.0, M)
    return np.i0(beta * np.sqrt(1 - places**2)) / np.i0(beta)


@definition(np.fromfunction)
def fromfunction(function, shape, *, dtype=float):
    return function(*np.indices(shape, dtype=dtype))


@vjp(np.vander)
def vander(y_bar, y, x, *, N=None, increasing=False):
    if increasing:
        return np.sum(y_bar * powers_derivative(y), axis=1)
    return np.sum(y_bar[:, ::-1] * powers_derivative(y[:, ::-1]), axis=1)


@jvp(np.vander)
def vander_jvp(x_dot, y, x, *, N=None, increasing=False):
    if increasing:
        return powers_derivative(y) * x_dot[:, None]
    return powers_derivative(y[:, ::-1])[:, ::-1] * x_dot[:, None]


def powers_derivative(y):
    """The derivatives of the columns 1, x, x**2, ...: 0, 1, 2 x, ..."""
    n = np.shape(y)[1]
    return np.arange(n) * np.concatenate([np.zeros_like(y[:, :1]), y[:, :-1]], axis=1)
