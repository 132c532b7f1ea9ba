"""Filters that pick one of the neighbours: maxima, medians, ranks, and the grey-valued morphology made of these."""

import numpy as np
from scipy import ndimage

from ....runtime import no_derivative
from ...table import definition, jvp, vjp
from .borders import numbered, per_axis, reach, widened
from .filters import in_all_axes

# Filters that pick one of the neighbours; where several are equal, each gets its part


def picked(input, y, size, footprint, output, mode, cval, origin, axes):
    """Which of its neighbours each place takes: ``(the windows' places, the share of each in the result)``.

    SciPy has ``size`` in the order of ``axes`` (and a footprint that is a box is one), other footprints in that of the
    array.
    """
    check_precision(y, input, output)
    ndim = np.ndim(input)
    if footprint is not None and np.all(footprint):
        size, footprint = np.shape(footprint), None
    if footprint is None:
        footprint = np.full([1 if s is None else s for s in per_axis(size, ndim, axes)], True)
        origins = per_axis(origin, ndim, axes)
    else:
        footprint, origins = in_all_axes(np.asarray(footprint, bool), origin, ndim, axes)
    return of_windows(input, y, footprint, mode, cval, origins, axes)


def ranked(input, y, size, footprint, output, mode, cval, origin, axes):
    """`picked` of filters by rank, which have ``size``, too, in the order of the array."""
    check_precision(y, input, output)
    ndim = np.ndim(input)
    box = np.full(per_axis(size, len(numbered(axes, ndim)), None), True) if footprint is None else footprint
    footprint, origins = in_all_axes(np.asarray(box, bool), origin, ndim, axes)
    return of_windows(input, y, footprint, mode, cval, origins, axes)


def check_precision(y, input, output):
    if output is not None and np.result_type(y, input) != y.dtype:
        raise no_derivative("which neighbour was taken is not seen in an output of less precision")


def of_windows(input, y, footprint, mode, cval, origins, axes):
    ndim = np.ndim(input)
    modes = ["reflect" if one is None else one for one in per_axis(mode, ndim, axes)]
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


@vjp(ndimage.maximum_filter, ndimage.minimum_filter)
def order_filter(y_bar, y, input, *, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    places, shares = picked(input, y, size, footprint, output, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.maximum_filter)
def order_filter_jvp(input_dot, y, input, *, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0,
                     axes=None):  # fmt: skip
    return picked_forward(input_dot, *picked(input, y, size, footprint, output, mode, cval, origin, axes))


@vjp(ndimage.median_filter)
def median_filter(y_bar, y, input, *, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0,
                  axes=None):  # fmt: skip
    places, shares = ranked(input, y, size, footprint, output, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.median_filter)
def median_filter_jvp(input_dot, y, input, *, size=None, footprint=None, output=None, mode="reflect", cval=0.0,
                      origin=0, axes=None):  # fmt: skip
    return picked_forward(input_dot, *ranked(input, y, size, footprint, output, mode, cval, origin, axes))


@vjp(ndimage.rank_filter)
def rank_filter(y_bar, y, input, *, rank=None, size=None, footprint=None, output=None,
                mode="reflect", cval=0.0, origin=0, axes=None):  # fmt: skip
    places, shares = ranked(input, y, size, footprint, output, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.rank_filter)
def rank_filter_jvp(input_dot, y, input, *, rank=None, size=None, footprint=None, output=None,
                    mode="reflect", cval=0.0, origin=0, axes=None):  # fmt: skip
    return picked_forward(input_dot, *ranked(input, y, size, footprint, output, mode, cval, origin, axes))


@vjp(ndimage.percentile_filter)
def percentile_filter(y_bar, y, input, *, percentile=None, size=None, footprint=None, output=None,
                      mode="reflect", cval=0.0, origin=0, axes=None):  # fmt: skip
    places, shares = ranked(input, y, size, footprint, output, mode, cval, origin, axes)
    return picked_transposed(y_bar, input, places, shares)


@jvp(ndimage.percentile_filter)
def percentile_filter_jvp(input_dot, y, input, *, percentile=None, size=None, footprint=None, output=None,
                          mode="reflect", cval=0.0, origin=0, axes=None):  # fmt: skip
    return picked_forward(input_dot, *ranked(input, y, size, footprint, output, mode, cval, origin, axes))


@definition(ndimage.maximum_filter1d)
def maximum_filter1d(input, size, axis=-1, *, output=None, mode="reflect", cval=0.0, origin=0):
    return ndimage.maximum_filter(input, size, None, output, mode, cval, origin, axes=(axis,))


@definition(ndimage.minimum_filter1d)
def minimum_filter1d(input, size, axis=-1, *, output=None, mode="reflect", cval=0.0, origin=0):
    return ndimage.minimum_filter(input, size, None, output, mode, cval, origin, axes=(axis,))


# Morphology of grey values with a flat structure (P. Soille, *Morphological Image Analysis*, 2003)


def check_flat(structure):
    if structure is not None:
        raise no_derivative("the morphology of grey values has a derivative rule without structure only")


def eroded(input, size, footprint, output, mode, cval, origin, axes):
    return ndimage.minimum_filter(input, size, footprint, output, mode, cval, origin, **among(axes))


def dilated(input, size, footprint, output, mode, cval, origin, axes):
    """With the reflected footprint, which has its origin on the other side."""
    count = len(numbered(axes, np.ndim(input)))
    if footprint is not None:
        shape, footprint = np.shape(footprint), np.flip(footprint)
    else:
        shape = per_axis(size, count, None)
    origins = [-o - (1 if n % 2 == 0 else 0) for o, n in zip(per_axis(origin, count, None), shape, strict=True)]
    return ndimage.maximum_filter(input, size, footprint, output, mode, cval, origins, **among(axes))


def among(axes):
    """The option for some of the axes, which came to SciPy late."""
    return {} if axes is None else {"axes": axes}


@definition(ndimage.grey_erosion)
def grey_erosion(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    check_flat(structure)
    return eroded(input, size, footprint, output, mode, cval, origin, axes)


@definition(ndimage.grey_dilation)
def grey_dilation(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                  axes=None):  # fmt: skip
    check_flat(structure)
    return dilated(input, size, footprint, output, mode, cval, origin, axes)


@definition(ndimage.grey_opening)
def grey_opening(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    check_flat(structure)
    low = eroded(input, size, footprint, None, mode, cval, origin, axes)
    return dilated(low, size, footprint, output, mode, cval, origin, axes)


@definition(ndimage.grey_closing)
def grey_closing(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    check_flat(structure)
    high = dilated(input, size, footprint, None, mode, cval, origin, axes)
    return eroded(high, size, footprint, output, mode, cval, origin, axes)


@definition(ndimage.morphological_gradient)
def morphological_gradient(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0,
                           origin=0, axes=None):  # fmt: skip
    check_flat(structure)
    high = dilated(input, size, footprint, None, mode, cval, origin, axes)
    return high - eroded(input, size, footprint, None, mode, cval, origin, axes)  # whatever the output


@definition(ndimage.morphological_laplace)
def morphological_laplace(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0,
                          origin=0, axes=None):  # fmt: skip
    check_flat(structure)
    high = dilated(input, size, footprint, None, mode, cval, origin, axes)
    return high + eroded(input, size, footprint, None, mode, cval, origin, axes) - 2 * np.asarray(input)


@definition(ndimage.white_tophat)
def white_tophat(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    check_flat(structure)
    low = eroded(input, size, footprint, None, mode, cval, origin, axes)
    return minus(input, dilated(low, size, footprint, output, mode, cval, origin, axes), output)


@definition(ndimage.black_tophat)
def black_tophat(input, size=None, footprint=None, structure=None, *, output=None, mode="reflect", cval=0.0, origin=0,
                 axes=None):  # fmt: skip
    check_flat(structure)
    high = dilated(input, size, footprint, None, mode, cval, origin, axes)
    return minus(eroded(high, size, footprint, output, mode, cval, origin, axes), input, output)


def minus(a, b, output):
    """A difference in the precision that is asked for."""
    difference = np.asarray(a) - np.asarray(b)
    return difference if output is None else difference.astype(output)
