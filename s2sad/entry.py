"""What ahead-of-time functions check when they are called.

NumPy only: the generated modules carry copies of these functions.
"""

import numpy as np


def _check(name, x, kind):
    """Refuse an argument of another type than this was generated for."""
    if type(x) is not kind:
        raise TypeError(f"{name} must be a {kind.__name__}, for which this was generated, not {_described(x)}")


def _check_array(name, x, expected):
    """Refuse an array of another dtype, rank or sizes than ``"f8[n, 3]"``; a name is a size that is not 1."""
    dtype, sizes = expected[:-1].split("[")
    fits = type(x) is np.ndarray and (x.dtype == dtype or (dtype == "?" and x.dtype.kind in "biufc"))
    if fits and sizes != "...":
        sizes = sizes.split(", ") if sizes else []
        fits = len(sizes) == x.ndim and all(
            n == int(size) if size.isdigit() else n != 1 or size == "?" for n, size in zip(x.shape, sizes, strict=True)
        )
    if not fits:
        raise TypeError(f"{name} must be {expected}, for which this was generated, not {_described(x)}")


def _check_sizes(name, *sizes):
    """Refuse arrays whose sizes of one name differ."""
    if any(n != sizes[0] for n in sizes):
        raise TypeError(f"the sizes named {name} must be equal, for which this was generated, not {sizes}")


def _check_number(name, x, kinds):
    """Refuse what is no number (of ``kinds``: a float or complex one, perhaps an integer), and no array of floats."""
    dtype = x.dtype.kind if isinstance(x, (np.ndarray, np.generic)) else ""
    numbers = {"f": float, "c": complex, "i": int}
    plain = dtype == "" and any(isinstance(x, numbers[k]) for k in kinds) and not isinstance(x, bool)
    if not plain and dtype not in ("f", "c") and not (isinstance(x, np.integer) and "i" in kinds):
        expected = "a number or an array of floats" if "i" in kinds else "a float or an array of floats"
        raise TypeError(f"{name} must be {expected}, for which this was generated, not {_described(x)}")


def _check_scalar(name, x, dtype):
    """Refuse what is no NumPy number of a dtype."""
    if not isinstance(x, np.generic) or x.dtype != dtype:
        raise TypeError(f"{name} must be a np.{dtype}, for which this was generated, not {_described(x)}")


def _check_value(name, x, expected):
    """Refuse a value other than the one that this was generated for."""
    if type(x) is not type(expected) or x != expected:
        raise TypeError(f"{name} must be {expected!r}, for which this was generated, not {x!r:.60}")


def _described(x):
    """What an argument is, as text."""
    if isinstance(x, np.ndarray):
        return f"{x.dtype.str[1:]}[{', '.join(map(str, x.shape))}]"
    return f"a {type(x).__name__}"


def _check_apart(*arguments):
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


def _check_cotangent(cotangent, value, name="cotangent"):
    """Refuse a cotangent of another shape or structure than the value's."""
    numbers = (int, float, complex, np.ndarray, np.generic)
    if isinstance(value, numbers) and isinstance(cotangent, numbers) and np.shape(cotangent) != np.shape(value):
        raise ValueError(f"a {name} of shape {np.shape(cotangent)} for a value of shape {np.shape(value)}")
    if isinstance(value, numbers) and isinstance(cotangent, (list, tuple, dict, str)) and name == "cotangent":
        raise TypeError(f"a {name} that is a {type(cotangent).__name__} for a value that is a {type(value).__name__}")
    if hasattr(type(value), "tocoo") and cotangent is not None and name == "tangent":
        raise TypeError(f"a {name} for a {type(value).__name__}, which is a constant: pass its data")
    if isinstance(value, (list, tuple)) and cotangent is not None:
        if not isinstance(cotangent, (list, tuple)) or len(cotangent) != len(value):
            raise ValueError(f"a {name} must have the structure of its value, a {type(value).__name__} of {len(value)}")
        for c, v in zip(cotangent, value, strict=True):
            _check_cotangent(c, v, name)
    if isinstance(value, dict) and cotangent is not None:
        if not isinstance(cotangent, dict) or list(cotangent) != list(value):
            raise ValueError(f"a {name} must have the keys of its value, {list(value)}")
        for key in value:
            _check_cotangent(cotangent[key], value[key], name)
