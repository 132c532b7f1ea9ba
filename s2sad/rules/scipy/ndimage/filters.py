"""Filters: rules of correlations, Gaussian and uniform filters.

A filter looks at each place's neighbourhood in the array as it goes on beyond its border.  Its transpose is the
transposed correlation, which gives cotangents to places beyond the border too, and then the transpose of going on:
each of those is a copy of a place inside (`fold`).  What acts on one
axis after the other has the transposes of these one after the other.
"""

import numpy as np
from scipy import ndimage

from ...binding import is_dtype
from ...inference import array, typed
from ...table import definition, infer, jvp, vjp
from .borders import fold, numbered, per_axis, reach, summed, widened

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


def in_all_axes(weights, origin, ndim, axes):
    """Weights of some of the axes, and their origins, as those of all axes.

    SciPy has the weights in the order of the axes, and the origins in that of ``axes``.
    """
    chosen = numbered(axes, ndim)
    if len(chosen) == ndim:
        return weights, per_axis(origin, ndim, None)
    origins = [0 if one is None else one for one in per_axis(origin, ndim, axes)]
    return np.expand_dims(weights, tuple([axis for axis in range(ndim) if axis not in chosen])), origins


@vjp(ndimage.correlate)
def correlate(y_bar, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    modes = per_axis(mode, np.ndim(input), None)
    whole, origins = in_all_axes(weights, origin, np.ndim(input), axes)
    weights_bar = weights_cotangent(y_bar, input, np.shape(whole), modes, cval, origins)
    if np.iscomplexobj(weights):
        weights_bar = np.conj(weights_bar)
    input_bar = correlation_transposed(y_bar, whole, np.shape(input), modes, origins)
    return input_bar, weights_bar if axes is None else np.reshape(weights_bar, np.shape(weights))


@jvp(ndimage.correlate, 0)
def correlate_input(input_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    whole, origins = in_all_axes(weights, origin, np.ndim(input), axes)
    return ndimage.correlate(input_dot, whole, mode=mode, origin=origins)


@jvp(ndimage.correlate, 1)
def correlate_weights(weights_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    whole, origins = in_all_axes(weights_dot, origin, np.ndim(input), axes)
    return ndimage.correlate(np.asarray(input, y.dtype), whole, mode=mode, cval=cval, origin=origins)


def mirrored(weights, origin, ndim, axes):
    """The weights and origins of a correlation that is a convolution with other ones."""
    whole, origins = in_all_axes(weights, origin, ndim, axes)
    turned = [-o - (size % 2 == 0) for o, size in zip(origins, np.shape(whole), strict=True)]
    return np.flip(whole), turned


@vjp(ndimage.convolve)
def convolve(y_bar, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    modes = per_axis(mode, np.ndim(input), None)
    whole, origins = mirrored(weights, origin, np.ndim(input), axes)
    weights_bar = np.flip(weights_cotangent(y_bar, input, np.shape(whole), modes, cval, origins))
    if np.iscomplexobj(weights):
        whole = np.conj(whole)  # SciPy conjugates those of a correlation
    input_bar = correlation_transposed(y_bar, whole, np.shape(input), modes, origins)
    return input_bar, weights_bar if axes is None else np.reshape(weights_bar, np.shape(weights))


@jvp(ndimage.convolve, 0)
def convolve_input(input_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    whole, origins = in_all_axes(weights, origin, np.ndim(input), axes)
    return ndimage.convolve(input_dot, whole, mode=mode, origin=origins)


@jvp(ndimage.convolve, 1)
def convolve_weights(weights_dot, y, input, weights, *, mode="reflect", cval=0.0, origin=0, axes=None):
    whole, origins = in_all_axes(weights_dot, origin, np.ndim(input), axes)
    return ndimage.convolve(np.asarray(input, y.dtype), whole, mode=mode, cval=cval, origin=origins)


# Along one axis


def spread(bar, axis, size):
    """A cotangent with room before and after it along an axis, as far as a filter of a size reaches."""
    pads = [(0, 0)] * np.ndim(bar)
    pads[axis] = (size - 1, size - 1)
    return np.pad(bar, pads)


def gathered(wide, axis, n, size, origin, mode):
    """What a reversed filter made of a `spread` cotangent, at the places that the filter has read."""
    first = size // 2  # where the reversed weights see all of the room
    taken = np.moveaxis(wide, axis, 0)[first : first + n + size - 1]
    return fold(np.moveaxis(taken, 0, axis), axis, n, reach(size, origin), mode)


def line_transposed(bar, weights, axis, mode, origin):
    """The cotangent of the input of a correlation along one axis."""
    size = np.size(weights)
    wide = ndimage.correlate1d(spread(bar, axis, size), np.flip(weights), axis, mode="constant")
    return gathered(wide, axis, np.shape(bar)[axis], size, origin, mode)


@vjp(ndimage.correlate1d)
def correlate1d(y_bar, y, input, weights, *, axis=-1, mode="reflect", cval=0.0, origin=0):
    size, n = np.size(weights), np.shape(input)[axis]
    wide = np.moveaxis(widened(input, axis, reach(size, origin), mode, cval), axis, 0)
    bars = np.moveaxis(y_bar, axis, 0)
    weights_bar = np.stack([np.sum(bars * wide[k : k + n]) for k in range(size)])
    if np.iscomplexobj(weights):
        weights_bar = np.conj(weights_bar)
    return line_transposed(y_bar, weights, axis, mode, origin), weights_bar


@jvp(ndimage.correlate1d, 0)
def correlate1d_input(input_dot, y, input, weights, *, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate1d(input_dot, weights, axis, mode=mode, origin=origin)


@jvp(ndimage.correlate1d, 1)
def correlate1d_weights(weights_dot, y, input, weights, *, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.correlate1d(np.asarray(input, y.dtype), weights_dot, axis, mode=mode, cval=cval, origin=origin)


def in_dtype(input, output):
    """The type of an array in the dtype that is asked for."""
    t = typed(input)
    known = output is None or t.kind != "array" or (is_dtype(output) and np.dtype(output) == t.dtype)
    return t if known else array(np.dtype(output), t.dims)


@infer(ndimage.correlate1d)
def correlate1d_type(input, weights, axis=-1, output=None, *args, **options):
    t, w = in_dtype(input, output), typed(weights)
    real = w.kind == "array" and w.dtype in (np.float32, np.float64)
    return t if real and t.kind == "array" and t.dtype in (np.float32, np.float64) else NotImplemented


@definition(ndimage.convolve1d)
def convolve1d(input, weights, axis=-1, *, output=None, mode="reflect", cval=0.0, origin=0):
    shifted, turned = -origin - (1 if len(weights) % 2 == 0 else 0), np.flip(weights)
    if np.iscomplexobj(turned):
        turned = np.conj(turned)  # SciPy conjugates those of a correlation
    return ndimage.correlate1d(input, turned, axis, output, mode, cval, shifted)


def gaussian_weights(sigma, order, truncate, radius):
    """Samples of the derivative of a Gaussian, normalised by those of the Gaussian; the polynomial by recursion."""
    reach = int(truncate * sigma + 0.5) if radius is None else radius
    x = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 / (sigma * sigma) * x**2)
    factor, before = np.ones(len(x)), np.zeros(len(x))
    for k in range(order):  # q' + q p' of Hermite's polynomials, for correlation and not convolution
        factor, before = (x * factor - k * before) / (sigma * sigma), factor
    return factor * (bell / np.sum(bell))


@definition(ndimage.gaussian_filter1d)
def gaussian_filter1d(input, sigma, axis=-1, order=0, *, output=None, mode="reflect", cval=0.0, truncate=4.0,
                      radius=None):  # fmt: skip
    weights = gaussian_weights(sigma, order, truncate, radius)
    return ndimage.correlate1d(input, weights, axis, output, mode, cval)


def weights_by_sigma(sigma, order, truncate, radius):
    """The derivative of `gaussian_weights` by ``sigma``, in which they are smooth until their number changes."""
    reach = int(truncate * sigma + 0.5) if radius is None else radius
    x = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 / (sigma * sigma) * x**2)
    bell = bell / np.sum(bell)
    by_bell = bell * (x**2 - np.sum(bell * x**2)) / sigma**3
    factor, before = np.ones(len(x)), np.zeros(len(x))
    by_factor, by_before = np.zeros(len(x)), np.zeros(len(x))
    for k in range(order):
        after = (x * factor - k * before) / (sigma * sigma)
        by_after = (x * by_factor - k * by_before) / (sigma * sigma) - 2 * after / sigma
        factor, before, by_factor, by_before = after, factor, by_after, by_factor
    return by_factor * bell + factor * by_bell


@vjp(ndimage.gaussian_filter)
def gaussian_filter(y_bar, y, input, sigma, *, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None, axes=None):
    ndim = np.ndim(input)
    sigmas, orders, modes, radii = [per_axis(option, ndim, axes) for option in (sigma, order, mode, radius)]
    sigma_bar = by_sigmas(y_bar, input, sigmas, orders, modes, cval, truncate, radii)
    for axis, width in enumerate(sigmas):
        if width is not None and width > 1e-15:
            weights = gaussian_weights(width, orders[axis], truncate, radii[axis])
            y_bar = line_transposed(y_bar, weights, axis, modes[axis], 0)
    return y_bar, of_sigma(sigma_bar, sigma)


def by_sigmas(bar, input, sigmas, orders, modes, cval, truncate, radii):
    """The cotangents of the widths; each axis is filtered as those before it are."""
    found, stages = [], [np.asarray(input, bar.dtype)]
    filtered = [k for k, width in enumerate(sigmas) if width is not None and width > 1e-15]
    for axis in filtered:
        weights = gaussian_weights(sigmas[axis], orders[axis], truncate, radii[axis])
        stages.append(ndimage.correlate1d(stages[-1], weights, axis, mode=modes[axis], cval=cval))
    for k in reversed(range(len(filtered))):
        axis = filtered[k]
        given = sigmas[axis], orders[axis], truncate, radii[axis]
        moved = ndimage.correlate1d(stages[k], weights_by_sigma(*given), axis, mode=modes[axis], cval=cval)
        found.append(np.sum(bar * moved))
        bar = line_transposed(bar, gaussian_weights(*given), axis, modes[axis], 0)
    bars = dict(zip(filtered, found[::-1], strict=True))
    return [bars.get(k, 0.0) for k, width in enumerate(sigmas) if width is not None]


def of_sigma(bars, sigma):
    """The cotangents of the widths of all axes as that of one width, or of as many as there are."""
    return (
        sum(bars) if np.ndim(sigma) == 0 else type(sigma)(bars) if isinstance(sigma, list | tuple) else np.array(bars)
    )


@jvp(ndimage.gaussian_filter, 0)
def gaussian_filter_jvp(input_dot, y, input, sigma, *, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None,
                        axes=None):  # fmt: skip
    return ndimage.gaussian_filter(input_dot, sigma, order, mode=mode, truncate=truncate, radius=radius, axes=axes)


@jvp(ndimage.gaussian_filter, 1)
def gaussian_filter_sigma(sigma_dot, y, input, sigma, *, order=0, mode="reflect", cval=0.0, truncate=4.0, radius=None,
                          axes=None):  # fmt: skip
    ndim = np.ndim(input)
    sigmas, orders, modes, radii = [per_axis(option, ndim, axes) for option in (sigma, order, mode, radius)]
    dots = per_axis(sigma_dot, ndim, axes)
    value, dot = np.asarray(input, y.dtype), np.zeros_like(y)
    for axis, width in enumerate(sigmas):
        if width is not None and width > 1e-15:
            weights = gaussian_weights(width, orders[axis], truncate, radii[axis])
            by_width = 0.0 if dots[axis] is None else dots[axis]
            moved = weights_by_sigma(width, orders[axis], truncate, radii[axis]) * by_width
            dot = ndimage.correlate1d(dot, weights, axis, mode=modes[axis]) + ndimage.correlate1d(
                value, moved, axis, mode=modes[axis], cval=cval
            )
            value = ndimage.correlate1d(value, weights, axis, mode=modes[axis], cval=cval)
    return dot


@infer(ndimage.gaussian_filter)
def gaussian_filter_type(input, sigma, order=0, output=None, *args, **options):
    t = in_dtype(input, output)
    return t if t.kind == "array" and t.dtype in (np.float32, np.float64) else NotImplemented


def mean_transposed(bar, size, axis, mode, origin):
    wide = ndimage.uniform_filter1d(spread(bar, axis, size), size, axis, mode="constant")
    return gathered(wide, axis, np.shape(bar)[axis], size, origin, mode)


@vjp(ndimage.uniform_filter1d)
def uniform_filter1d(y_bar, y, input, *, size=None, axis=-1, mode="reflect", cval=0.0, origin=0):
    return mean_transposed(y_bar, size, axis, mode, origin)


@jvp(ndimage.uniform_filter1d)
def uniform_filter1d_jvp(input_dot, y, input, *, size=None, axis=-1, mode="reflect", cval=0.0, origin=0):
    return ndimage.uniform_filter1d(input_dot, size, axis, mode=mode, origin=origin)


@vjp(ndimage.uniform_filter)
def uniform_filter(y_bar, y, input, *, size=3, mode="reflect", cval=0.0, origin=0, axes=None):
    sizes, modes, origins = [per_axis(option, np.ndim(input), axes) for option in (size, mode, origin)]
    for axis, width in enumerate(sizes):
        if width is not None and width > 1:
            y_bar = mean_transposed(y_bar, width, axis, modes[axis], origins[axis])
    return y_bar


@jvp(ndimage.uniform_filter)
def uniform_filter_jvp(input_dot, y, input, *, size=3, mode="reflect", cval=0.0, origin=0, axes=None):
    return ndimage.uniform_filter(input_dot, size, mode=mode, origin=origin, axes=axes)


def lines(y_bar, axis, mode, slope, across):
    """The transpose of a filter that takes a difference along one axis and averages along the others."""
    for k, one in enumerate(per_axis(mode, np.ndim(y_bar), None)):
        weights = slope if k == axis % np.ndim(y_bar) else across
        y_bar = line_transposed(y_bar, np.array(weights), k, one, 0)
    return y_bar


@vjp(ndimage.sobel)
def sobel(y_bar, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return lines(y_bar, axis, mode, [-1.0, 0.0, 1.0], [1.0, 2.0, 1.0])


@jvp(ndimage.sobel)
def sobel_jvp(input_dot, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return ndimage.sobel(input_dot, axis, mode=mode)


@vjp(ndimage.prewitt)
def prewitt(y_bar, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return lines(y_bar, axis, mode, [-1.0, 0.0, 1.0], [1.0, 1.0, 1.0])


@jvp(ndimage.prewitt)
def prewitt_jvp(input_dot, y, input, *, axis=-1, mode="reflect", cval=0.0):
    return ndimage.prewitt(input_dot, axis, mode=mode)


@vjp(ndimage.laplace)
def laplace(y_bar, y, input, *, mode="reflect", cval=0.0, axes=None):
    modes, total = per_axis(mode, np.ndim(input), axes), np.zeros_like(y_bar)
    for axis in summed(axes, np.ndim(input)):
        total = total + line_transposed(y_bar, np.array([1.0, -2.0, 1.0]), axis, modes[axis], 0)
    return total


@jvp(ndimage.laplace)
def laplace_jvp(input_dot, y, input, *, mode="reflect", cval=0.0, axes=None):
    modes, total = per_axis(mode, np.ndim(input), axes), np.zeros_like(input_dot)
    for axis in summed(axes, np.ndim(input)):
        total = total + ndimage.correlate1d(input_dot, np.array([1.0, -2.0, 1.0]), axis, mode=modes[axis])
    return total


def along(axis, input, sigma, order, output, mode, cval, options):
    """A Gaussian filter that takes derivatives along one axis."""
    orders = [order if k == axis else 0 for k in range(np.ndim(input))]
    return ndimage.gaussian_filter(input, sigma, orders, output, mode, cval, **options)


@definition(ndimage.gaussian_laplace)
def gaussian_laplace(input, sigma, *, output=None, mode="reflect", cval=0.0, axes=None, truncate=4.0, radius=None):
    ndim, options, total = np.ndim(input), {"truncate": truncate, "radius": radius}, 0.0
    modes = per_axis(mode, ndim, axes)  # which are those of the terms, not of the axes
    sigmas, chosen = sigma, summed(axes, ndim)
    if len(chosen) < ndim:  # widths for all axes are in their order, whatever that of ``axes``
        sigmas = [0 if one is None else one for one in per_axis(sigma, ndim, axes)]
    for axis in chosen:
        total = total + along(axis, input, sigmas, 2, output, modes[axis], cval, options)
    return total


@definition(ndimage.gaussian_gradient_magnitude)
def gaussian_gradient_magnitude(input, sigma, *, output=None, mode="reflect", cval=0.0, axes=None, truncate=4.0,
                                radius=None):  # fmt: skip
    ndim, options, total = np.ndim(input), {"truncate": truncate, "radius": radius}, 0.0
    modes = per_axis(mode, ndim, axes)
    for axis in summed(axes, ndim):
        total = total + along(axis, input, sigma, 1, output, modes[axis], cval, options) ** 2
    return magnitude(total)


def magnitude(squares):
    """A square root that is flat at 0, as a norm is."""
    return np.where(squares > 0, np.sqrt(np.where(squares > 0, squares, 1.0)), 0.0)
