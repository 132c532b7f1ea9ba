"""What ahead-of-time functions check when they are called.  NumPy only: their modules carry copies of these functions.

The type of an argument is written as the argument is built: ``{"w": "f8[n, 3]", "b": ("float", "float")}``.
"""

import numpy as np


def _check(*arguments):
    """Refuse arguments of other types than this function was generated for: ``(name, value, type)`` each."""
    sizes = {}
    for name, value, expected in arguments:
        if not _fits(value, expected, sizes):
            raise TypeError(f"{name} must be {_text(expected)}, for which this was generated, not {_actual(value)}")


def _fits(value, expected, sizes):
    """Whether a value has a type; ``sizes``: what the symbols of array sizes stand for."""
    if isinstance(expected, type):
        return type(value) is expected
    if isinstance(expected, (tuple, list)):
        same = type(value) is type(expected) and len(value) == len(expected)
        return same and all([_fits(v, e, sizes) for v, e in zip(value, expected, strict=True)])
    if isinstance(expected, dict):
        same = type(value) is dict and list(value) == list(expected)
        return same and all([_fits(value[k], e, sizes) for k, e in expected.items()])
    if expected.startswith("= "):
        return repr(value) == expected[2:]
    if expected.endswith("]"):
        return type(value) is np.ndarray and _fits_array(value, expected, sizes)
    if expected.startswith("np."):
        return isinstance(value, np.generic) and value.dtype == expected[3:]
    if expected.endswith("number or array"):
        if type(value) is np.ndarray or isinstance(value, np.inexact):
            return value.dtype.kind in "fc"
        whole = (int, np.integer) if expected == "number or array" else ()
        return isinstance(value, (float, complex, *whole)) and not isinstance(value, bool)
    return type(value).__name__ == expected


def _fits_array(value, expected, sizes):
    """Whether an array has the dtype, the rank and the sizes of ``"f8[n, 3]"``; a symbol is a size that is not 1."""
    dtype, dims = expected[:-1].split("[")
    if value.dtype != dtype if dtype != "?" else value.dtype.kind not in "biufc":
        return False
    if dims == "...":
        return True
    names = dims.split(", ") if dims else []
    if len(names) != value.ndim:
        return False
    for name, size in zip(names, value.shape, strict=True):
        if name.isdigit():
            if size != int(name):
                return False
        elif name != "?" and (size == 1 or sizes.setdefault(name, size) != size):
            return False
    return True


def _text(expected):
    """A type as text."""
    if isinstance(expected, type):
        return expected.__name__
    if isinstance(expected, dict):
        return "{" + ", ".join(f"{k!r}: {_text(e)}" for k, e in expected.items()) + "}"
    if isinstance(expected, (tuple, list)):
        return f"{type(expected).__name__}[{', '.join(map(_text, expected))}]"
    return expected


def _actual(value):
    """What a value is, as text."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str[1:]}[{', '.join(map(str, value.shape))}]"
    return f"{value!r:.60} of type {type(value).__name__}"


def _apart(*arguments):
    """Refuse arguments that share memory: the function writes one of them."""
    arrays = [a for x in arguments for a in _arrays(x)]
    for i, a in enumerate(arrays):
        for b in arrays[:i]:
            if np.may_share_memory(a, b) and np.shares_memory(a, b):
                raise ValueError("two arguments share memory, and the function writes one of them: pass copies")


def _arrays(x):
    """The arrays in a value."""
    if isinstance(x, np.ndarray):
        return [x]
    elements = x if isinstance(x, (list, tuple)) else x.values() if isinstance(x, dict) else ()
    return [a for e in elements for a in _arrays(e)]


def _check_cotangent(cotangent, value):
    """Refuse a cotangent of another shape than the value's."""
    numbers = (int, float, complex, np.ndarray, np.generic)
    if isinstance(value, numbers) and isinstance(cotangent, numbers) and np.shape(cotangent) != np.shape(value):
        raise ValueError(f"a cotangent of shape {np.shape(cotangent)} for a value of shape {np.shape(value)}")
