"""What is read from ``np.r_``, ``np.c_``, ``np.mgrid`` and ``np.ogrid``, said in Python: the recorder follows these.

``np.r_[a, 0.0, b]`` joins its index to one array; the grids count along their slices.
"""

import math

import numpy as np


def joined(owner, key):
    """``np.r_[key]`` and ``np.c_[key]``."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays = [row(e) for e in parts] if owner is np.r_ else [column(e) for e in parts]
    numbers = [e if isinstance(e, float | int | complex) else a for e, a in zip(parts, arrays, strict=True)]
    return np.concatenate(arrays, axis=owner.axis, dtype=np.result_type(*numbers))


def row(item):
    """An element of the index of ``np.r_``: an array."""
    return np.atleast_1d(counted(item) if isinstance(item, slice) else item)


def column(item):
    """An element of the index of ``np.c_``: a matrix."""
    array = row(item)
    return array[:, np.newaxis] if np.ndim(array) == 1 else array


def counted(s):
    """What a slice counts: from its start to its stop, as many as a complex step says, or step by step."""
    start = 0 if s.start is None else s.start
    if isinstance(s.step, complex):
        return np.linspace(start, s.stop, int(abs(s.step)))
    return np.arange(start, s.stop, 1 if s.step is None else s.step)


def grid(owner, key):
    """``np.mgrid[key]`` and ``np.ogrid[key]``."""
    if not isinstance(key, tuple):
        return spaced(key) if isinstance(key.step, complex) else counted(key)
    axes = np.meshgrid(*[spaced(s) for s in key], indexing="ij", sparse=owner.sparse)
    return tuple(axes) if owner.sparse else np.stack(axes)


def spaced(s):
    """One axis of a grid: what `counted` counts, multiplied out as NumPy does it here."""
    start = 0 if s.start is None else s.start
    if isinstance(s.step, complex):
        count = int(abs(s.step))
        return np.arange(count) * ((s.stop - start) / (count - 1) if count != 1 else 1.0) + start
    step = 1 if s.step is None else s.step
    return np.arange(math.ceil((s.stop - start) / step)) * step + start


GRIDS = {type(np.r_): joined, type(np.c_): joined, type(np.mgrid): grid, type(np.ogrid): grid}
