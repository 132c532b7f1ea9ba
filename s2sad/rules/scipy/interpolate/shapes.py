"""Cotangents and tangents of what is interpolated along an axis: the points' and the values'."""

import numpy as np

from ....runtime import no_derivative


def coordinates(points, d):
    """Points as an array with their ``d`` coordinates along the last axis, as SciPy takes them.

    A tuple has a coordinate of all of them in each entry; a vector has one point behind the other.
    """
    if isinstance(points, tuple) and len(points) > 1:
        return np.stack(np.broadcast_arrays(*points), axis=-1)
    points = np.asarray(points[0] if isinstance(points, tuple) else points)
    return np.reshape(points, (-1, d)) if np.ndim(points) == 1 else points


def rows_of(bar, shape, axis):
    """A cotangent of values at points of a shape, with a row for each point."""
    count = len(shape)
    start = axis % (np.ndim(bar) - count + 1)
    moved = np.moveaxis(bar, range(start, start + count), range(count))
    return np.reshape(moved, (int(np.prod(shape)), -1))


def pulled(bar, at, y, axis, slopes, matrix):
    """The cotangents of the points and of the values of an interpolation.

    Args:
        slopes: the derivatives at the points, shaped as the values.
        matrix: what the interpolation makes of unit vectors, along axis 0.
    """
    shape = np.shape(at)
    bars = rows_of(bar, shape, axis)
    at_bar = np.reshape(np.sum(bars * rows_of(slopes, shape, axis), axis=1), shape)
    columns = np.reshape(matrix, (-1, np.shape(matrix)[-1])).T @ bars
    rest = np.shape(np.moveaxis(y, axis, 0))[1:]
    return at_bar, np.moveaxis(np.reshape(columns, (-1, *rest)), 0, axis)


def pushed(at_dot, slopes, at, axis):
    """The tangents of the values of an interpolation from those of the points."""
    count = np.ndim(at)
    start = axis % (np.ndim(slopes) - count + 1)
    return slopes * np.reshape(at_dot, np.shape(at) + (1,) * (np.ndim(slopes) - count - start))


def between(ends, axis, *kinds):
    """The integral, of an antiderivative at the two ends; ``kinds``: how the curve goes on."""
    if "periodic" in [kind for kind in kinds if isinstance(kind, str)]:
        raise no_derivative("the integral of a periodic curve has no derivative rule")
    moved = np.moveaxis(ends, axis, 0)
    return moved[1] - moved[0]
