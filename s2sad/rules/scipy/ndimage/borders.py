"""How arrays go on beyond their borders, and the transpose of that; options that are one for each axis."""

from typing import Any

import numpy as np

from ....runtime import index_add, no_derivative

# NumPy's names for how an array goes on beyond its border
PADDING: dict[str, Any] = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap",
    "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip


def numbered(axes, ndim):
    """The axes that are meant, counted from the first."""
    return range(ndim) if axes is None else [axis % ndim for axis in np.atleast_1d(axes)]


def summed(axes, ndim):
    """The axes of which a filter is a sum; of none, SciPy gives the array itself."""
    chosen = numbered(axes, ndim)
    if len(chosen) == 0:
        raise no_derivative("a sum over no axes has no derivative rule")
    return chosen


def per_axis(value, ndim, axes):
    """An option that is one for all axes or one for each of ``axes``: for every axis; None for those left out."""
    chosen = numbered(axes, ndim)
    values = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * len(chosen)
    found = [None] * ndim
    for axis, one in zip(chosen, values, strict=True):
        found[axis] = one
    return found


def reach(size, origin):
    """How far a filter reaches before and after the place that it is at."""
    before = size // 2 + origin
    return before, size - 1 - before


def fold(bar, axis, n, widths, mode):
    """The transpose of going on beyond the border: ``n`` places from those and what stands before and after them."""
    moved = np.moveaxis(bar, axis, 0)
    before = widths[0]
    inside = moved[before : before + n]
    if PADDING[mode] == "constant":
        return np.moveaxis(inside, 0, axis)
    places = np.pad(np.arange(n), widths, mode=PADDING[mode])
    folded = index_add(inside, places[:before], moved[:before])
    return np.moveaxis(index_add(folded, places[before + n :], moved[before + n :]), 0, axis)


def widened(x, axis, widths, mode, cval):
    """An array as it goes on beyond its border along one axis."""
    pads = [(0, 0)] * np.ndim(x)
    pads[axis] = widths
    if PADDING[mode] == "constant":
        return np.pad(x, pads, constant_values=cval)
    return np.pad(x, pads, mode=PADDING[mode])
