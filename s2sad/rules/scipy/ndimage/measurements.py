"""Measurements of the regions of an image, and filters of its Fourier transform."""

import numpy as np
from scipy import ndimage

from ....runtime import no_derivative
from ...table import definition, linear
from ..signal.spectral import in_precision

# Over labels


def selected(input, labels, index):
    """For each region, whether a place is in it, as floats; in the shape of the result, then that of the input."""
    if labels is None:
        return np.ones(np.shape(input))
    if index is None:
        return 1.0 * np.broadcast_to(np.asarray(labels) > 0, np.shape(input))
    labels = np.broadcast_to(labels, np.shape(input))
    return 1.0 * (np.reshape(index, np.shape(index) + (1,) * np.ndim(input)) == labels)


@definition(ndimage.sum_labels, ndimage.sum)
def sum_labels(input, labels=None, index=None):
    chosen = selected(input, labels, index)
    if np.ndim(index) == 0:  # of several, SciPy gives sums in double precision
        chosen = in_precision(chosen, np.asarray(input))
    return 1.0 * np.tensordot(chosen, input, np.ndim(input))  # one sum is a number


@definition(ndimage.mean)
def mean(input, labels=None, index=None):
    chosen = selected(input, labels, index)
    return np.tensordot(chosen, input, np.ndim(input)) / np.tensordot(chosen, np.ones(np.shape(input)), np.ndim(input))


@definition(ndimage.variance)
def variance(input, labels=None, index=None):
    chosen, ones = selected(input, labels, index), np.ones(np.shape(input))
    count = np.tensordot(chosen, ones, np.ndim(input))
    middle = np.tensordot(chosen, input, np.ndim(input)) / count
    apart = np.asarray(input) - np.reshape(middle, np.shape(middle) + (1,) * np.ndim(input))
    return np.sum(chosen * apart**2, axis=places(input)) / count


@definition(ndimage.standard_deviation)
def standard_deviation(input, labels=None, index=None):
    return np.sqrt(ndimage.variance(input, labels, index))


def regions(input, labels, index, outside):
    """For each region the input, with a number in place of what is not in it."""
    return np.where(selected(input, labels, index) > 0, input, outside)


def places(input):
    """The axes of what `regions` and `selected` give that are those of the input."""
    return tuple(range(-np.ndim(input), 0))


@definition(ndimage.maximum)
def maximum(input, labels=None, index=None):
    return np.max(regions(input, labels, index, -np.inf), axis=places(input))


@definition(ndimage.minimum)
def minimum(input, labels=None, index=None):
    return np.min(regions(input, labels, index, np.inf), axis=places(input))


@definition(ndimage.median)
def median(input, labels=None, index=None):
    return np.nanmedian(regions(input, labels, index, np.nan), axis=places(input))


@definition(ndimage.center_of_mass)
def center_of_mass(input, labels=None, index=None):
    if index is not None:
        raise no_derivative("center_of_mass has a derivative rule without index: call it for each region's labels")
    weights = selected(input, labels, None) * input
    total = np.sum(weights)
    return tuple([np.sum(weights * grid) / total for grid in np.ogrid[tuple([slice(n) for n in np.shape(input)])]])


@definition(ndimage.extrema)
def extrema(input, labels=None, index=None):
    return (
        ndimage.minimum(input, labels, index), ndimage.maximum(input, labels, index),
        ndimage.minimum_position(input, labels, index), ndimage.maximum_position(input, labels, index),
    )  # fmt: skip


# Products with a fixed transform: the transpose is the same product


@linear(ndimage.fourier_gaussian, arguments=("input",))
def fourier_gaussian(y_bar, y, input, sigma, *, n=-1, axis=-1):
    return ndimage.fourier_gaussian(y_bar, sigma, n, axis), NotImplemented


@linear(ndimage.fourier_uniform, arguments=("input",))
def fourier_uniform(y_bar, y, input, size, *, n=-1, axis=-1):
    return ndimage.fourier_uniform(y_bar, size, n, axis), NotImplemented


@linear(ndimage.fourier_ellipsoid, arguments=("input",))
def fourier_ellipsoid(y_bar, y, input, size, *, n=-1, axis=-1):
    return ndimage.fourier_ellipsoid(y_bar, size, n, axis), NotImplemented


@linear(ndimage.fourier_shift, arguments=("input",))
def fourier_shift(y_bar, y, input, shift, *, n=-1, axis=-1):
    return ndimage.fourier_shift(y_bar, shift, n, axis), NotImplemented
