"""Splines: rules of prefilters, zoom and values at coordinates.

What acts on one axis after the other is a product of matrices, one for each axis, that are found by applying it to unit
vectors.
"""

import numpy as np
from scipy import ndimage

from ....runtime import index_add, no_derivative
from ...table import jvp, vjp
from ..signal import along_axis
from .borders import per_axis, widened

# Splines


@vjp(ndimage.spline_filter1d)
def spline_filter1d(y_bar, y, input, *, order=3, axis=-1, mode="mirror"):
    matrix = ndimage.spline_filter1d(np.eye(np.shape(input)[axis]), order, 0, mode=mode)
    return along_axis(matrix.T, y_bar, axis)


@jvp(ndimage.spline_filter1d)
def spline_filter1d_jvp(input_dot, y, input, *, order=3, axis=-1, mode="mirror"):
    return ndimage.spline_filter1d(input_dot, order, axis, mode=mode)


@vjp(ndimage.spline_filter)
def spline_filter(y_bar, y, input, *, order=3, mode="mirror"):
    for axis, n in enumerate(np.shape(input)):
        if order > 1:
            y_bar = along_axis(ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode).T, y_bar, axis)
    return y_bar


@jvp(ndimage.spline_filter)
def spline_filter_jvp(input_dot, y, input, *, order=3, mode="mirror"):
    return ndimage.spline_filter(input_dot, order, mode=mode)


@vjp(ndimage.zoom)
def zoom(y_bar, y, input, zoom, *, order=3, mode="constant", cval=0.0, prefilter=True, grid_mode=False):
    for axis, factor in enumerate(per_axis(zoom, np.ndim(input), None)):
        units = np.eye(np.shape(input)[axis])
        rows = [ndimage.zoom(u, factor, None, order, mode, 0.0, prefilter, grid_mode=grid_mode) for u in units]
        y_bar = along_axis(np.stack(rows), y_bar, axis)
    return y_bar, NotImplemented


@jvp(ndimage.zoom, 0)
def zoom_jvp(input_dot, y, input, zoom, *, order=3, mode="constant", cval=0.0, prefilter=True, grid_mode=False):
    return ndimage.zoom(input_dot, zoom, None, order, mode, 0.0, prefilter, grid_mode=grid_mode)


# Values at places between the samples: products of B-splines of the coordinates times the filtered samples
# (M. Unser, "Splines: a perfect fit for signal and image processing", 1999)


def map_parts(input, coordinates, order, mode, prefilter):
    """What `ndimage.map_coordinates` reads.

    Returns:
        ``(filters, places, weights, slopes, inside)``: for each axis the matrix of the spline's prefilter, and for each
        coordinate the samples that it reads, their weights, the derivatives of the weights by the coordinate; and which
        points are inside.
    """
    margin = 12 if mode in ("nearest", "grid-constant") and prefilter and order > 1 else 0
    filters, places, weights, slopes = [], [], [], []
    inside = np.full(np.shape(coordinates)[1:], True)
    for n, x in zip(np.shape(input), coordinates, strict=True):
        matrix = widened(np.eye(n), 0, (margin, margin), "nearest" if mode == "nearest" else "constant", 0.0)
        if prefilter and order > 1:
            spline_mode = {"constant": "mirror", "nearest": "mirror", "grid-constant": "mirror"}.get(mode, mode)
            matrix = ndimage.spline_filter1d(matrix, order, 0, mode=spline_mode)
        size = n + 2 * margin
        if mode == "constant":
            inside &= (x >= 0) & (x <= n - 1)
        first = np.floor(x + (0.5 if order % 2 == 0 else 0.0)).astype(int) - order // 2
        offsets = np.arange(order + 1)
        at = np.expand_dims(x - first, -1) - offsets
        filters.append(matrix)
        places.append(bordered(np.expand_dims(first, -1) + offsets + margin, size, mode))
        weights.append(b_spline(at, order))
        slopes.append(b_spline(at + 0.5, order - 1) - b_spline(at - 0.5, order - 1) if order > 0 else 0 * at)
    return filters, places, weights, slopes, inside


def bordered(places, n, mode):
    """The samples that stand for places beyond the border."""
    if mode in ("mirror", "constant"):
        period = max(2 * n - 2, 1)
        places = np.mod(places, period)
        return np.minimum(places, period - places) if n > 1 else 0 * places
    if mode in ("reflect", "grid-mirror"):
        places = np.mod(places, 2 * n)
        return np.minimum(places, 2 * n - 1 - places)
    if mode == "grid-wrap":
        return np.mod(places, n)
    if mode == "nearest":
        return np.clip(places, 0, n - 1)
    raise no_derivative(f"map_coordinates with the mode {mode!r} has no derivative rule")


def b_spline(x, order):
    """The central B-spline of an order at ``x``, by the recursion of de Boor and Cox."""
    if order == 0:
        return np.where((x >= -0.5) & (x < 0.5), 1.0, 0.0)
    half = (order + 1) / 2
    lower, upper = b_spline(x + 0.5, order - 1), b_spline(x - 0.5, order - 1)
    return ((half + x) * lower + (half - x) * upper) / order


def gathered(samples, places, factors):
    """The sum over the samples at ``places`` of each point, times a factor for each axis."""
    ndim, points = len(places), np.shape(places[0])[:-1]
    flat = [np.reshape(p, (-1, np.shape(p)[-1])) for p in places]
    index = tuple(np.reshape(p, (-1,) + (1,) * k + (p.shape[1],) + (1,) * (ndim - 1 - k)) for k, p in enumerate(flat))
    values = samples[index]
    for factor in reversed(factors):
        values = np.einsum("p...k,pk->p...", values, np.reshape(factor, (np.shape(values)[0], -1)))
    return np.reshape(values, points)


def scattered(bar, places, factors, shape):
    """The transpose of `gathered`."""
    ndim = len(places)
    flat = [np.reshape(p, (-1, np.shape(p)[-1])) for p in places]
    index = tuple(np.reshape(p, (-1,) + (1,) * k + (p.shape[1],) + (1,) * (ndim - 1 - k)) for k, p in enumerate(flat))
    values = np.reshape(bar, (-1,) + (1,) * ndim)
    for k, factor in enumerate(factors):
        rows = np.reshape(factor, (np.shape(values)[0], -1))
        values = values * np.reshape(rows, (-1,) + (1,) * k + (rows.shape[1],) + (1,) * (ndim - 1 - k))
    return index_add(np.zeros(shape, np.result_type(bar, float)), index, values)


@vjp(ndimage.map_coordinates)
def map_coordinates(y_bar, y, input, coordinates, *, order=3, mode="constant", cval=0.0, prefilter=True):
    coordinates = np.asarray(coordinates)
    filters, places, weights, slopes, inside = map_parts(input, coordinates, order, mode, prefilter)
    bar = np.where(inside, y_bar, 0.0)
    input_bar = scattered(bar, places, weights, [np.shape(m)[0] for m in filters])
    for axis, matrix in enumerate(filters):
        input_bar = along_axis(matrix.T, input_bar, axis)
    samples = filtered(input, filters)
    rows = []
    for axis in range(np.ndim(input)):
        factors = [slopes[k] if k == axis else weights[k] for k in range(np.ndim(input))]
        rows.append(bar * gathered(samples, places, factors))
    return input_bar, np.stack(rows)


def filtered(input, filters):
    for axis, matrix in enumerate(filters):
        input = along_axis(matrix, input, axis)
    return input


@jvp(ndimage.map_coordinates, 0)
def map_coordinates_input(input_dot, y, input, coordinates, *, order=3, mode="constant", cval=0.0, prefilter=True):
    return ndimage.map_coordinates(input_dot, coordinates, order=order, mode=mode, prefilter=prefilter)


@jvp(ndimage.map_coordinates, 1)
def map_coordinates_places(coordinates_dot, y, input, coordinates, *, order=3, mode="constant", cval=0.0,
                           prefilter=True):  # fmt: skip
    filters, places, weights, slopes, inside = map_parts(input, coordinates, order, mode, prefilter)
    samples = filtered(input, filters)
    total = np.zeros(np.shape(y))
    for axis in range(np.ndim(input)):
        factors = [slopes[k] if k == axis else weights[k] for k in range(np.ndim(input))]
        total = total + coordinates_dot[axis] * gathered(samples, places, factors)
    return np.where(inside, total, 0.0)
