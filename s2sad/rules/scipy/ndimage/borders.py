"""How arrays go on beyond their borders, and the transpose of that; options that are one for each axis."""

from typing import Any

import numpy as np

from ....runtime import index_add

# NumPy's names for how an array goes on beyond its border
PADDING: dict[str, Any] = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap",
    "grid-wrap": "wrap", "constant": "constant", "grid-constant": "constant",
}  # fmt: skip


def per_axis(value, ndim, axes):
    """An option that is one for all axes or one for each of ``axes``: for every axis; None for those left out."""
    chosen = range(ndim) if axes is None else [axis % ndim for axis in np.atleast_1d(axes)]
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
