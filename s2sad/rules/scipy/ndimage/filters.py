"""Filters: rules of correlations, Gaussian and uniform filters, and of those that pick a neighbour.

A filter looks at each place's neighbourhood in the array as it goes on beyond its border.  Its transpose is the
transposed correlation, which gives cotangents to places beyond the border too, and then the transpose of going on:
each of those is a copy of a place inside (`fold`).  What acts on one axis after the other is a product of matrices,
one for each axis, that are found by applying it to unit vectors.
"""

import numpy as np
from scipy import ndimage

from ...table import definition, jvp, vjp
from ..signal import along_axis
from .borders import fold, per_axis, reach, widened

# Correlations


def correlation_transposed(bar, weights, shape, modes, origins):
    """The cotangent of the input of a correlation with ``weights`` of as many axes."""
    widths = [reach(np.shape(weights)[k], origins[k]) for k in range(len(shape))]
    margin = [(np.shape(weights)[k] - 1,) * 2 for k in range(len(shape))]
    wide = ndimage.correlate(np.pad(bar, margin), np.flip(weights), mode="constant")
    for axis, (n, size) in enumerate(zip(shape, np.shape(weights), strict=True)):
        first = size // 2  # where the reversed weights see all of the margin
        taken = np.moveaxis(wide, axis, 0)[first : first + n + size - 1]
        wide = fold(np.moveaxis(taken, 0, axis), axis, n, widths[axis], modes[axis])
    return wide


def weights_cotangent(bar, x, size, modes, cval, origins):
    """The cotangent of the weights of a correlation."""
    wide = x
    for axis in range(np.ndim(x)):
        wide = widened(wide, axis, reach(size[axis], origins[axis]), modes[axis], cval)
    windows = np.lib.stride_tricks.sliding_window_view(wide, np.shape(bar))
    return np.tensordot(windows, bar, np.ndim(bar))


@vjp(ndimage.correlate)
def correlate(y_bar, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    ndim = np.ndim(input)
    modes, origins = per_axis(mode, ndim, None), per_axis(origin, ndim, None)
    input_bar = correlation_transposed(y_bar, weights, np.shape(input), modes, origins)
    return input_bar, weights_cotangent(y_bar, input, np.shape(weights), modes, cval, origins)


@jvp(ndimage.correlate, 0)
def correlate_input(input_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate(input_dot, weights, mode=mode, origin=origin)


@jvp(ndimage.correlate, 1)
def correlate_weights(weights_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate(input, weights_dot, mode=mode, cval=cval, origin=origin)


def mirrored(origin, shape):
    """The origins of a correlation that is a convolution with other ones."""
    origins = per_axis(origin, len(shape), None)
    return [-o - (size % 2 == 0) for o, size in zip(origins, shape, strict=True)]


@vjp(ndimage.convolve)
def convolve(y_bar, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    modes, origins = per_axis(mode, np.ndim(input), None), mirrored(origin, np.shape(weights))
    input_bar = correlation_transposed(y_bar, np.flip(weights), np.shape(input), modes, origins)
    return input_bar, np.flip(weights_cotangent(y_bar, input, np.shape(weights), modes, cval, origins))


@jvp(ndimage.convolve, 0)
def convolve_input(input_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.convolve(input_dot, weights, mode=mode, origin=origin)


@jvp(ndimage.convolve, 1)
def convolve_weights(weights_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.convolve(input, weights_dot, mode=mode, cval=cval, origin=origin)


def as_line(weights, axis, ndim):
    """Weights along one axis as weights of all axes."""
    return np.reshape(weights, [-1 if k == axis % ndim else 1 for k in range(ndim)])


@definition(ndimage.correlate1d)
def correlate1d(input, weights, axis=-1, *, mode="reflect", cval=0.0, origin=0):
    line, origins = as_line(weights, axis, np.ndim(input)), along(axis, origin, np.ndim(input))
    return ndimage.correlate(input, line, mode=mode, cval=cval, origin=origins)


@definition(ndimage.convolve1d)
def convolve1d(input, weights, axis=-1, *, mode="reflect", cval=0.0, origin=0):
    line, origins = as_line(weights, axis, np.ndim(input)), along(axis, origin, np.ndim(input))
    return ndimage.convolve(input, line, mode=mode, cval=cval, origin=origins)


def along(axis, origin, ndim):
    return [origin if k == axis % ndim else 0 for k in range(ndim)]


# Filters that act on one axis after the other: each is a matrix


def gaussian_matrix(n, sigma, order, mode, truncate, radius):
    return ndimage.gaussian_filter1d(np.eye(n), sigma, 0, order, mode=mode, truncate=truncate, radius=radius)


@vjp(ndimage.gaussian_filter1d)
def gaussian_filter1d(y_bar, y, input, sigma, *, axis=-1, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None):
    matrix = gaussian_matrix(np.shape(input)[axis], sigma, order, mode, truncate, radius)
    return along_axis(matrix.T, y_bar, axis), NotImplemented


@jvp(ndimage.gaussian_filter1d, 0)
def gaussian_filter1d_jvp(input_dot, y, input, sigma, *, axis=-1, order=0, mode="reflect", cval=0.0, truncate=4.0,
                          radius=None):  # fmt: skip
    return ndimage.gaussian_filter1d(input_dot, sigma, axis, order, mode=mode, truncate=truncate, radius=radius)


@vjp(ndimage.gaussian_filter)
def gaussian_filter(y_bar, y, input, sigma, *, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None, axes=None):
    ndim = np.ndim(input)
    sigmas, orders, modes, radii = [per_axis(option, ndim, axes) for option in (sigma, order, mode, radius)]
    for axis, (n, width) in enumerate(zip(np.shape(input), sigmas, strict=True)):
        if width is not None and width > 1e-15:
            matrix = gaussian_matrix(n, width, orders[axis], modes[axis], truncate, radii[axis])
            y_bar = along_axis(matrix.T, y_bar, axis)
    return y_bar, NotImplemented


@jvp(ndimage.gaussian_filter, 0)
def gaussian_filter_jvp(input_dot, y, input, sigma, *, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None,
                        axes=None):  # fmt: skip
    return ndimage.gaussian_filter(input_dot, sigma, order, mode=mode, truncate=truncate, radius=radius, axes=axes)


@vjp(ndimage.uniform_filter1d)
def uniform_filter1d(y_bar, y, input, *, size=None, axis=-1, mode="reflect", cval=0.0, origin=0):
    matrix = ndimage.uniform_filter1d(np.eye(np.shape(input)[axis]), size, 0, mode=mode, origin=origin)
    return along_axis(matrix.T, y_bar, axis)


@jvp(ndimage.uniform_filter1d)
def uniform_filter1d_jvp(input_dot, y, input, *, size=None, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.uniform_filter1d(input_dot, size, axis, mode=mode, origin=origin)


@vjp(ndimage.uniform_filter)
def uniform_filter(y_bar, y, input, *, size=3, mode="reflect", cval=0.0, origin=0, axes=None):
    sizes, modes, origins = [per_axis(option, np.ndim(input), axes) for option in (size, mode, origin)]
    for axis, (n, width) in enumerate(zip(np.shape(input), sizes, strict=True)):
        if width is not None and width > 1:
            matrix = ndimage.uniform_filter1d(np.eye(n), width, 0, mode=modes[axis], origin=origins[axis])
            y_bar = along_axis(matrix.T, y_bar, axis)
    return y_bar


@jvp(ndimage.uniform_filter)
def uniform_filter_jvp(input_dot, y, input, *, size=3, mode="reflect", cval=0.0, origin=0, axes=None):
    return ndimage.uniform_filter(input_dot, size, mode=mode, origin=origin, axes=axes)


def lines(y_bar, axis, mode, slope, across):
    """The transpose of a filter that takes a difference along one axis and averages along the others."""
    for k, one in enumerate(per_axis(mode, np.ndim(y_bar), None)):
        weights = slope if k == axis % np.ndim(y_bar) else across
        matrix = ndimage.correlate1d(np.eye(np.shape(y_bar)[k]), weights, 0, mode=one)
        y_bar = along_axis(matrix.T, y_bar, k)
    return y_bar


@vjp(ndimage.sobel)
def sobel(y_bar, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return lines(y_bar, axis, mode, [-1, 0, 1], [1, 2, 1])


@jvp(ndimage.sobel)
def sobel_jvp(input_dot, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return ndimage.sobel(input_dot, axis, mode=mode)


@vjp(ndimage.prewitt)
def prewitt(y_bar, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return lines(y_bar, axis, mode, [-1, 0, 1], [1, 1, 1])


@jvp(ndimage.prewitt)
def prewitt_jvp(input_dot, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return ndimage.prewitt(input_dot, axis, mode=mode)


@vjp(ndimage.laplace)
def laplace(y_bar, y, input, *, mode="reflect", cval=0.0):
    total = np.zeros_like(y_bar)
    for axis, one in enumerate(per_axis(mode, np.ndim(input), None)):
        matrix = ndimage.correlate1d(np.eye(np.shape(input)[axis]), [1, -2, 1], 0, mode=one)
        total = total + along_axis(matrix.T, y_bar, axis)
    return total


@jvp(ndimage.laplace)
def laplace_jvp(input_dot, y, input, *, mode="reflect", cval=0.0):
    return ndimage.laplace(input_dot, mode=mode)


def second_along(axis, ndim, order):
    return [order if k == axis else 0 for k in range(ndim)]


@definition(ndimage.gaussian_laplace)
def gaussian_laplace(input, sigma, *, mode="reflect", cval=0.0, truncate=4.0):
    total = 0.0
    for axis in range(np.ndim(input)):
        order = second_along(axis, np.ndim(input), 2)
        total = total + ndimage.gaussian_filter(input, sigma, order, mode=mode, cval=cval, truncate=truncate)
    return total


@definition(ndimage.gaussian_gradient_magnitude)
def gaussian_gradient_magnitude(input, sigma, *, mode="reflect", cval=0.0, truncate=4.0):
    total = 0.0
    for axis in range(np.ndim(input)):
        order = second_along(axis, np.ndim(input), 1)
        total = total + ndimage.gaussian_filter(input, sigma, order, mode=mode, cval=cval, truncate=truncate) ** 2
    return np.sqrt(total)


# Filters that pick one of the neighbours; where several are equal, each gets its part


def picked(input, y, size, footprint, mode, cval, origin, axes):
    """Which of its neighbours each place takes: ``(the windows' places, the share of each in the result)``."""
    ndim = np.ndim(input)
    if footprint is None:
        footprint = np.full([1 if s is None else s for s in per_axis(size, ndim, axes)], True)
    footprint = np.asarray(footprint, bool)
    modes, origins = per_axis(mode, ndim, None), per_axis(origin, ndim, axes)
    values, numbers = input, np.reshape(np.arange(np.size(input)), np.shape(input))
    for axis, n in enumerate(np.shape(footprint)):
        widths = reach(n, origins[axis] or 0)
        values = widened(values, axis, widths, modes[axis], cval)
        numbers = widened(numbers, axis, widths, modes[axis], -1)
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(values, np.shape(footprint))[..., footprint]
    equal = windows == np.expand_dims(y, -1)
    return view(numbers, np.shape(footprint))[..., footprint], equal / np.sum(equal, axis=-1, keepdims=True)


def picked_transposed(y_bar, input, places, shares):
    parts = np.where(places >= 0, np.expand_dims(y_bar, -1) * shares, 0.0)
    total = np.zeros(np.size(input))
    np.add.at(total, places, parts)
    return np.reshape(total, np.shape(input))


def picked_forward(input_dot, places, shares):
    return np.sum(np.where(places >= 0, np.ravel(input_dot)[places], 0.0) * shares, axis=-1)


@vjp(ndimage.maximum_filter, ndimage.minimum_filter, ndimage.median_filter)
def order_filter(y_bar, y, input, *, size=None, footprint=None, mode="reflect", cval=0.0, origin=0, axes=None):
    places, shares = picked(input, y, size, footprint, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.maximum_filter)
def order_filter_jvp(input_dot, y, input, *, size=None, footprint=None, mode="reflect", cval=0.0, origin=0, axes=None):
    return picked_forward(input_dot, *picked(input, y, size, footprint, mode, cval, origin, axes))


@vjp(ndimage.rank_filter)
def rank_filter(y_bar, y, input, *, rank=None, size=None, footprint=None, mode="reflect", cval=0.0, origin=0,
                axes=None):  # fmt: skip
    places, shares = picked(input, y, size, footprint, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.rank_filter)
def rank_filter_jvp(input_dot, y, input, *, rank=None, size=None, footprint=None, mode="reflect", cval=0.0, origin=0,
                    axes=None):  # fmt: skip
    return picked_forward(input_dot, *picked(input, y, size, footprint, mode, cval, origin, axes))


@vjp(ndimage.percentile_filter)
def percentile_filter(y_bar, y, input, *, percentile=None, size=None, footprint=None, mode="reflect", cval=0.0,
                      origin=0, axes=None):  # fmt: skip
    places, shares = picked(input, y, size, footprint, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.percentile_filter)
def percentile_filter_jvp(input_dot, y, input, *, percentile=None, size=None, footprint=None, mode="reflect", cval=0.0,
                          origin=0, axes=None):  # fmt: skip
    return picked_forward(input_dot, *picked(input, y, size, footprint, mode, cval, origin, axes))
