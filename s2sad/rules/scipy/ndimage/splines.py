"""Splines: rules of prefilters, of values at coordinates, and of what is made of these: zoom, shift, rotation."""

import numpy as np
from scipy import ndimage, special

from ....runtime import index_add
from ...table import definition, jvp, vjp
from ..signal.filters import along_axis
from .borders import fold

# Splines


def spline_transposed(bar, order, axis, mode):
    """The transpose of a prefilter: the inverse of a matrix that is symmetric, up to the weights of the ends."""
    n = np.shape(bar)[axis]
    if order < 2:
        return bar
    if mode == "grid-wrap" or (is_half(mode) and n > 32):
        return ndimage.spline_filter1d(bar, order, axis, mode=mode)
    if is_half(mode):  # SciPy starts its recursion at few samples, which is not quite symmetric
        return along_axis(ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode).T, bar, axis)
    ends = np.where((np.arange(n) == 0) | (np.arange(n) == n - 1), 0.5, 1.0)
    ends = np.reshape(ends, [n if k == axis % np.ndim(bar) else 1 for k in range(np.ndim(bar))])
    return ends * ndimage.spline_filter1d(bar / ends, order, axis, mode=mode)


def is_half(mode):
    """Whether the mirror stands half a sample beyond the last one."""
    return mode in ("reflect", "nearest", "grid-mirror")


@vjp(ndimage.spline_filter1d)
def spline_filter1d(y_bar, y, input, *, order=3, axis=-1, mode="mirror"):
    return spline_transposed(y_bar, order, axis, mode)


@jvp(ndimage.spline_filter1d)
def spline_filter1d_jvp(input_dot, y, input, *, order=3, axis=-1, mode="mirror"):
    return ndimage.spline_filter1d(input_dot, order, axis, mode=mode)


@vjp(ndimage.spline_filter)
def spline_filter(y_bar, y, input, *, order=3, mode="mirror"):
    for axis in range(np.ndim(input)):
        y_bar = spline_transposed(y_bar, order, axis, mode)
    return y_bar


@jvp(ndimage.spline_filter)
def spline_filter_jvp(input_dot, y, input, *, order=3, mode="mirror"):
    return ndimage.spline_filter(input_dot, order, mode=mode)


# Values at places between the samples: products of B-splines of the coordinates times the filtered samples
# (M. Unser, "Splines: a perfect fit for signal and image processing", 1999)


def map_parts(shape, coordinates, order, mode, margin):
    """What `ndimage.map_coordinates` reads of samples that go on by a margin.

    Returns:
        ``(places, weights, slopes, inside)``: for each axis and coordinate the samples that are read, their weights,
        and the derivatives of the weights by the coordinate; and which points are inside.
    """
    places, weights, slopes = [], [], []
    inside = np.full(np.shape(coordinates)[1:], True)
    for n, x in zip(shape, coordinates, strict=True):
        if mode == "constant":
            inside &= (x >= 0) & (x <= n - 1)
        elif mode == "wrap":
            x = wrapped(x, n)
        first = np.floor(x + (0.5 if order % 2 == 0 else 0.0)).astype(int) - order // 2
        offsets = np.arange(order + 1)
        at = np.expand_dims(x - first, -1) - offsets
        places.append(bordered(np.expand_dims(first, -1) + offsets + margin, n + 2 * margin, mode))
        weights.append(b_spline(at, order))
        slopes.append(b_spline(at + 0.5, order - 1) - b_spline(at - 0.5, order - 1) if order > 0 else 0 * at)
    return places, weights, slopes, inside


def wrapped(x, n):
    """A coordinate beyond the border, moved by the distance of the first sample from the last."""
    period = max(n - 1, 1)
    if n == 1:
        return 0 * x
    return np.where(x < 0, x + period * (np.floor(-x / period) + 1), np.where(x > n - 1, np.mod(x, period), x))


def margin_of(order, mode, prefilter):
    """By how many samples SciPy has the array go on before it is filtered."""
    return 12 if mode in ("nearest", "grid-constant") and prefilter and order > 1 else 0


def ring_of(mode):
    """How many coefficients stand for all those beyond the border, which are ``cval``."""
    return 1 if mode == "grid-constant" else 0


def prefiltered(input, order, mode, prefilter, cval):
    """The coefficients of the spline through the samples."""
    margin, ring = margin_of(order, mode, prefilter), ring_of(mode)
    if margin > 0:
        input = np.pad(input, margin, mode="edge") if ring == 0 else np.pad(input, margin, constant_values=cval)
    found = ndimage.spline_filter(input, order, mode=mode) if prefilter and order > 1 else input
    return found if ring == 0 else np.pad(found, ring, constant_values=cval)


def prefiltered_transposed(bar, shape, order, mode, prefilter):
    margin = margin_of(order, mode, prefilter)
    if ring_of(mode) > 0:
        bar = bar[(slice(1, -1),) * len(shape)]
    for axis, n in enumerate(shape):
        if prefilter:
            bar = spline_transposed(bar, order, axis, mode)
        if margin > 0:
            bar = fold(bar, axis, n, (margin, margin), mode)
    return bar


def bordered(places, n, mode):
    """The samples that stand for places beyond the border."""
    if mode in ("mirror", "constant", "wrap"):
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
    return np.clip(places, -1, n) + 1  # of "grid-constant", with a ring around


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
    input, coordinates = np.asarray(input), np.asarray(coordinates)
    margin = margin_of(order, mode, prefilter)
    places, weights, slopes, inside = map_parts(np.shape(input), coordinates, order, mode, margin)
    bar = np.where(inside, y_bar, 0.0)
    input_bar = scattered(bar, places, weights, [n + 2 * (margin + ring_of(mode)) for n in np.shape(input)])
    input_bar = prefiltered_transposed(input_bar, np.shape(input), order, mode, prefilter)
    samples = prefiltered(input, order, mode, prefilter, cval)
    rows = []
    for axis in range(np.ndim(input)):
        factors = [slopes[k] if k == axis else weights[k] for k in range(np.ndim(input))]
        rows.append(bar * gathered(samples, places, factors))
    return input_bar, np.stack(rows)


@jvp(ndimage.map_coordinates, 0)
def map_coordinates_input(input_dot, y, input, coordinates, *, order=3, mode="constant", cval=0.0, prefilter=True):
    return ndimage.map_coordinates(input_dot, coordinates, order=order, mode=mode, prefilter=prefilter)


@jvp(ndimage.map_coordinates, 1)
def map_coordinates_places(coordinates_dot, y, input, coordinates, *, order=3, mode="constant", cval=0.0,
                           prefilter=True):  # fmt: skip
    input, coordinates = np.asarray(input), np.asarray(coordinates)
    margin = margin_of(order, mode, prefilter)
    places, weights, slopes, inside = map_parts(np.shape(input), coordinates, order, mode, margin)
    samples = prefiltered(input, order, mode, prefilter, cval)
    total = np.zeros(np.shape(y))
    for axis in range(np.ndim(input)):
        factors = [slopes[k] if k == axis else weights[k] for k in range(np.ndim(input))]
        total = total + np.asarray(coordinates_dot[axis]) * gathered(samples, places, factors)
    return np.where(inside, total, 0.0)


# Values at the places that a motion gives


@definition(ndimage.affine_transform)
def affine_transform(input, matrix, offset=0.0, output_shape=None, *, output=None, order=3, mode="constant", cval=0.0,
                     prefilter=True):  # fmt: skip
    ndim, matrix = np.ndim(input), np.asarray(matrix)
    shape = np.shape(input) if output_shape is None else tuple(output_shape)
    offset = np.asarray(offset) + np.zeros(ndim)
    if np.ndim(matrix) == 2 and np.shape(matrix)[1] == ndim + 1:  # homogeneous coordinates
        offset = matrix[:ndim, ndim]
        matrix = matrix[:ndim, :ndim]
    places = np.indices(shape)
    column = (-1,) + (1,) * len(shape)
    turned = np.reshape(matrix, column) * places if np.ndim(matrix) == 1 else np.tensordot(matrix, places, 1)
    at = turned + np.reshape(offset, column)
    return ndimage.map_coordinates(input, at, output, order, mode, cval, prefilter)


@definition(ndimage.geometric_transform)
def geometric_transform(input, mapping, output_shape=None, output=None, order=3, mode="constant", cval=0.0,
                        prefilter=True, extra_arguments=(), extra_keywords=None):  # fmt: skip
    shape = np.shape(input) if output_shape is None else tuple(output_shape)
    further = {} if extra_keywords is None else extra_keywords
    places = np.array([mapping(place, *extra_arguments, **further) for place in np.ndindex(*shape)])
    at = np.reshape(np.transpose(places), (-1, *shape))
    return ndimage.map_coordinates(input, at, output, order, mode, cval, prefilter)


@definition(ndimage.shift)
def shift(input, shift, *, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    column = (-1,) + (1,) * np.ndim(input)
    at = np.indices(np.shape(input)) - np.reshape(np.asarray(shift) + np.zeros(np.ndim(input)), column)
    return ndimage.map_coordinates(input, at, output, order, mode, cval, prefilter)


@definition(ndimage.zoom)
def zoom(input, zoom, *, output=None, order=3, mode="constant", cval=0.0, prefilter=True, grid_mode=False):
    given = np.array(np.shape(input))
    factors = np.asarray(zoom) + np.zeros(np.ndim(input))
    made = np.round(given * factors).astype(int)
    column, half = (-1,) + (1,) * np.ndim(input), 0.5 if grid_mode else 0.0
    one = 0 if grid_mode else 1
    ratio = np.where(made > one, (given - one) / np.where(made > one, made - one, 1), 1.0)
    at = (np.indices(tuple(made)) + half) * np.reshape(ratio, column) - half
    return ndimage.map_coordinates(input, at, output, order, mode, cval, prefilter)


@definition(ndimage.rotate)
def rotate(input, angle, axes=(1, 0), reshape=True, *, output=None, order=3, mode="constant", cval=0.0,
           prefilter=True):  # fmt: skip
    ndim, shape = np.ndim(input), np.shape(input)
    first, second = min(axes[0] % ndim, axes[1] % ndim), max(axes[0] % ndim, axes[1] % ndim)
    c, s = special.cosdg(angle), special.sindg(angle)
    turn = np.array([[c, s], [-s, c]])
    given = np.array([shape[first], shape[second]])
    made = given.copy()
    if reshape:
        made[0] = int(np.abs(c) * given[0] + np.abs(s) * given[1] + 0.5)
        made[1] = int(np.abs(s) * given[0] + np.abs(c) * given[1] + 0.5)
    offset = (given - 1) / 2 - turn @ ((made - 1) / 2)
    at = np.tensordot(turn, np.indices((int(made[0]), int(made[1]))), 1) + np.reshape(offset, (-1, 1, 1))
    if ndim == 2:
        return ndimage.map_coordinates(input, at, output, order, mode, cval, prefilter)
    planes = np.moveaxis(np.asarray(input), (first, second), (0, 1))  # one of which knows nothing of another
    flat, found = np.reshape(planes, (shape[first], shape[second], -1)), []
    for k in range(np.shape(flat)[2]):
        found.append(ndimage.map_coordinates(flat[:, :, k], at, output, order, mode, cval, prefilter))
    turned = np.reshape(np.stack(found, axis=-1), (int(made[0]), int(made[1]), *np.shape(planes)[2:]))
    return np.moveaxis(turned, (0, 1), (first, second))
