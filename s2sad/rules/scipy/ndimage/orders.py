"""Filters that pick one of the neighbours: maxima, medians, ranks, and the grey-valued morphology made of these."""

import numpy as np
from scipy import ndimage

from ....runtime import no_derivative
from ...table import definition, jvp, vjp
from .borders import per_axis, reach, widened

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


@definition(ndimage.maximum_filter1d)
def maximum_filter1d(input, size, axis=-1, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.maximum_filter(input, size, mode=mode, cval=cval, origin=origin, axes=(axis,))


@definition(ndimage.minimum_filter1d)
def minimum_filter1d(input, size, axis=-1, *, mode="reflect", cval=0.0, origin=0):
    return ndimage.minimum_filter(input, size, mode=mode, cval=cval, origin=origin, axes=(axis,))


# Morphology of grey values with a flat structure (P. Soille, *Morphological Image Analysis*, 2003)


def check_flat(structure):
    if structure is not None:
        raise no_derivative("the morphology of grey values has a derivative rule without structure only")


def eroded(input, size, footprint, mode, cval, origin):
    return ndimage.minimum_filter(input, size, footprint, mode=mode, cval=cval, origin=origin)


def dilated(input, size, footprint, mode, cval, origin):
    """With the reflected footprint, which has its origin on the other side."""
    if footprint is not None:
        shape, footprint = np.shape(footprint), np.flip(footprint)
    else:
        shape = per_axis(size, np.ndim(input), None)
    origins = [-o - (1 if n % 2 == 0 else 0) for o, n in zip(per_axis(origin, len(shape), None), shape, strict=True)]
    return ndimage.maximum_filter(input, size, footprint, mode=mode, cval=cval, origin=origins)


@definition(ndimage.grey_erosion)
def grey_erosion(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    return eroded(input, size, footprint, mode, cval, origin)


@definition(ndimage.grey_dilation)
def grey_dilation(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    return dilated(input, size, footprint, mode, cval, origin)


@definition(ndimage.grey_opening)
def grey_opening(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    return dilated(eroded(input, size, footprint, mode, cval, origin), size, footprint, mode, cval, origin)


@definition(ndimage.grey_closing)
def grey_closing(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    return eroded(dilated(input, size, footprint, mode, cval, origin), size, footprint, mode, cval, origin)


@definition(ndimage.morphological_gradient)
def morphological_gradient(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    return dilated(input, size, footprint, mode, cval, origin) - eroded(input, size, footprint, mode, cval, origin)


@definition(ndimage.morphological_laplace)
def morphological_laplace(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    outer, inner = (
        dilated(input, size, footprint, mode, cval, origin),
        eroded(input, size, footprint, mode, cval, origin),
    )
    return outer + inner - 2 * np.asarray(input)


@definition(ndimage.white_tophat)
def white_tophat(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    opened = dilated(eroded(input, size, footprint, mode, cval, origin), size, footprint, mode, cval, origin)
    return np.asarray(input) - opened


@definition(ndimage.black_tophat)
def black_tophat(input, size=None, footprint=None, structure=None, *, mode="reflect", cval=0.0, origin=0):
    check_flat(structure)
    closed = eroded(dilated(input, size, footprint, mode, cval, origin), size, footprint, mode, cval, origin)
    return closed - np.asarray(input)
