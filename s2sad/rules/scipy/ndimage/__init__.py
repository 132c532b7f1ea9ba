"""Rules of ``scipy.ndimage``."""

import numpy as np
from scipy import ndimage

from ...table import definition, no_rule, zero_derivative
from . import filters, splines  # noqa: F401

# Sums over labels


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
    return np.tensordot(selected(input, labels, index), input, np.ndim(input))


@definition(ndimage.mean)
def mean(input, labels=None, index=None):
    chosen = selected(input, labels, index)
    return np.tensordot(chosen, input, np.ndim(input)) / np.tensordot(chosen, np.ones(np.shape(input)), np.ndim(input))


# Piecewise constant, and what is left out

zero_derivative(
    ndimage.binary_closing, ndimage.binary_dilation, ndimage.binary_erosion, ndimage.binary_fill_holes,
    ndimage.binary_hit_or_miss, ndimage.binary_opening, ndimage.binary_propagation, ndimage.distance_transform_bf,
    ndimage.distance_transform_cdt, ndimage.distance_transform_edt, ndimage.find_objects, ndimage.histogram,
    ndimage.label, ndimage.maximum_position, ndimage.minimum_position, ndimage.value_indices, ndimage.watershed_ift,
    ndimage.generate_binary_structure, ndimage.iterate_structure,
)  # fmt: skip
no_rule(
    "it calls a function at every place: write it with NumPy",
    *(ndimage.generic_filter, ndimage.generic_filter1d, ndimage.generic_gradient_magnitude, ndimage.generic_laplace),
    *(ndimage.geometric_transform, ndimage.labeled_comprehension, ndimage.vectorized_filter),
)
no_rule(
    "write it with scipy.ndimage.map_coordinates, which has a rule by the array and by the coordinates",
    *(ndimage.affine_transform, ndimage.rotate, ndimage.shift),
)
no_rule(
    "write it with scipy.ndimage.maximum_filter and minimum_filter, which have rules",
    *(ndimage.grey_closing, ndimage.grey_dilation, ndimage.grey_erosion, ndimage.grey_opening),
    *(ndimage.black_tophat, ndimage.white_tophat, ndimage.morphological_gradient, ndimage.morphological_laplace),
    *(ndimage.maximum_filter1d, ndimage.minimum_filter1d),
)
no_rule(
    "write it with NumPy, where the places are known",
    *(ndimage.maximum, ndimage.minimum, ndimage.median, ndimage.extrema, ndimage.center_of_mass),
    *(ndimage.variance, ndimage.standard_deviation),
)
no_rule(
    "write it as a product with the transform",
    *(ndimage.fourier_ellipsoid, ndimage.fourier_gaussian, ndimage.fourier_shift, ndimage.fourier_uniform),
)
