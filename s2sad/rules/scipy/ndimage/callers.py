"""What calls a function of the user's at every place, along every line or for every label; distances by the spacing."""

import numpy as np
from scipy import ndimage

from ....runtime import no_derivative
from ...inference import array
from ...table import definition, infer, zero_derivative
from .borders import per_axis, reach, summed, widened
from .filters import magnitude

# Windows


@definition(ndimage.generic_filter)
def generic_filter(input, function, size=None, footprint=None, *, output=None, mode="reflect", cval=0.0,
                   origin=0, extra_arguments=(), extra_keywords=None, axes=None):  # fmt: skip
    values, ndim, named = np.asarray(input), np.ndim(input), {} if extra_keywords is None else extra_keywords
    if footprint is None:
        footprint = np.full([1 if s is None else s for s in per_axis(size, ndim, axes)], True)
    elif axes is not None:
        raise no_derivative("generic_filter has a derivative rule with axes and size, or with a footprint for all axes")
    taken = np.asarray(footprint, bool)
    modes, origins = per_axis(mode, ndim, axes), per_axis(origin, ndim, axes)
    for axis in range(ndim):
        widths = reach(np.shape(taken)[axis], origins[axis] or 0)
        values = widened(values, axis, widths, modes[axis] or "reflect", cval)
    windows = np.lib.stride_tricks.sliding_window_view(values, np.shape(taken))[..., taken]
    rows, found = np.reshape(windows, (-1, int(np.sum(taken)))), []
    for k in range(np.shape(rows)[0]):
        found.append(function(rows[k], *extra_arguments, **named))
    return in_dtype(np.reshape(np.array(found), np.shape(input)), output)


def in_dtype(values, output):
    return values if output is None else values.astype(output)


@definition(ndimage.generic_filter1d)
def generic_filter1d(input, function, filter_size, axis=-1, *, output=None, mode="reflect", cval=0.0, origin=0,
                     extra_arguments=(), extra_keywords=None):  # fmt: skip
    n, named = np.shape(input)[axis], {} if extra_keywords is None else extra_keywords
    wide = np.moveaxis(widened(np.asarray(input), axis, reach(filter_size, origin), mode, cval), axis, -1)
    rows, found = np.reshape(wide, (-1, n + filter_size - 1)), []
    for k in range(np.shape(rows)[0]):
        line = np.zeros(n)
        function(rows[k].copy(), line, *extra_arguments, **named)
        found.append(line)
    return in_dtype(np.moveaxis(np.reshape(np.stack(found), (*np.shape(wide)[:-1], n)), -1, axis), output)


# Derivatives along the axes, by a function for one of them


def along_axes(function, input, mode, cval, extra_arguments, extra_keywords, axes):
    """What a function gives for each axis."""
    modes, named = per_axis(mode, np.ndim(input), axes), {} if extra_keywords is None else extra_keywords
    found = []
    for axis in summed(axes, np.ndim(input)):
        part = function(input, axis, None, modes[axis], cval, *extra_arguments, **named)
        if part is None:
            raise no_derivative("a function that writes its output has no derivative rule here: let it return it")
        found.append(part)
    return found


@definition(ndimage.generic_laplace)
def generic_laplace(input, derivative2, *, output=None, mode="reflect", cval=0.0, extra_arguments=(),
                    extra_keywords=None, axes=None):  # fmt: skip
    total = 0.0
    for part in along_axes(derivative2, np.asarray(input), mode, cval, extra_arguments, extra_keywords, axes):
        total = total + part
    return in_dtype(total, output)


@definition(ndimage.generic_gradient_magnitude)
def generic_gradient_magnitude(input, derivative, *, output=None, mode="reflect", cval=0.0, extra_arguments=(),
                               extra_keywords=None, axes=None):  # fmt: skip
    total = 0.0
    for part in along_axes(derivative, np.asarray(input), mode, cval, extra_arguments, extra_keywords, axes):
        total = total + part**2
    return in_dtype(magnitude(total), output)


# Labels


@definition(ndimage.labeled_comprehension)
def labeled_comprehension(input, labels, index, func, out_dtype, default, pass_positions=False):
    places = np.reshape(np.arange(np.size(input)), np.shape(input))
    if labels is None:
        chosen, values = np.ravel(places), np.ravel(input)
        return np.asarray(func(values, chosen) if pass_positions else func(values)).astype(out_dtype)[()]
    labels = np.broadcast_to(np.asarray(labels), np.shape(input))
    masks = [labels > 0] if index is None else [labels == one for one in np.ravel(index)]
    found = []
    for mask in masks:
        chosen, values = places[mask], np.asarray(input)[mask]
        if np.size(chosen) == 0:
            found.append(default)
        else:
            found.append(func(values, chosen) if pass_positions else func(values))
    return np.reshape(np.array(found), () if index is None else np.shape(index)).astype(out_dtype)[()]


# The distance to the next place that is 0, which is the same one for small changes of the spacing


def next_places(input, sampling):
    """The next place that is 0, for each place: an index for each axis."""
    return ndimage.distance_transform_edt(input, sampling, return_distances=False, return_indices=True)


zero_derivative(next_places)
infer(next_places)(lambda *args: array(np.int32, None))


@definition(ndimage.distance_transform_edt)
def distance_transform_edt(input, sampling=None, return_distances=True, return_indices=False):
    places, ndim = next_places(input, sampling), np.ndim(input)
    spacing = 1.0 if sampling is None else np.reshape(sampling, (-1,) + (1,) * ndim)
    if not return_distances:
        return places
    distances = np.linalg.norm((1.0 * places - np.indices(np.shape(input))) * spacing, axis=0)
    return (distances, places) if return_indices else distances
