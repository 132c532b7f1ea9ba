"""Rules of ``scipy.ndimage``."""

from scipy import ndimage

from ...table import no_rule, present, zero_derivative
from . import filters, measurements, orders, splines  # noqa: F401

# Piecewise constant, and what is left out

zero_derivative(
    ndimage.binary_closing, ndimage.binary_dilation, ndimage.binary_erosion, ndimage.binary_fill_holes,
    ndimage.binary_hit_or_miss, ndimage.binary_opening, ndimage.binary_propagation, ndimage.find_objects,
    ndimage.histogram, ndimage.label, ndimage.maximum_position, ndimage.minimum_position,
    ndimage.value_indices, ndimage.watershed_ift, ndimage.generate_binary_structure,
)  # fmt: skip
no_rule(
    "it is a step of the input, and of the sampling nothing is known here: pass a mask, and constants",
    ndimage.distance_transform_bf, ndimage.distance_transform_cdt, ndimage.distance_transform_edt,
)  # fmt: skip
no_rule(
    "it calls a function at every place: write it with NumPy",
    *(ndimage.generic_filter, ndimage.generic_filter1d, ndimage.generic_gradient_magnitude, ndimage.generic_laplace),
    *(ndimage.labeled_comprehension, *present(ndimage, "vectorized_filter")),
)
