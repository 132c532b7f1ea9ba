"""Rules of ``scipy.ndimage``."""

from scipy import ndimage

from ...table import no_rule, present, zero_derivative
from . import callers, filters, measurements, orders, splines  # noqa: F401

# Piecewise constant, and what is left out

zero_derivative(
    ndimage.binary_closing, ndimage.binary_dilation, ndimage.binary_erosion, ndimage.binary_fill_holes,
    ndimage.binary_hit_or_miss, ndimage.binary_opening, ndimage.binary_propagation, ndimage.find_objects,
    ndimage.histogram, ndimage.label, ndimage.maximum_position, ndimage.minimum_position,
    ndimage.value_indices, ndimage.watershed_ift, ndimage.generate_binary_structure,
)  # fmt: skip
no_rule(
    "it is a step of the input; by the sampling distance_transform_edt has a rule",
    ndimage.distance_transform_bf, ndimage.distance_transform_cdt,
)  # fmt: skip
no_rule(
    "take numpy.lib.stride_tricks.sliding_window_view of the array with its border",
    *present(ndimage, "vectorized_filter"),
)
