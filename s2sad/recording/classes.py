"""What classes have: the methods of the user's that Python would call."""

from __future__ import annotations

import enum
import logging
import types
from typing import Any

import numpy as np

from ..ir.types import in_class, module_of
from ..runtime import slots

PLAIN = frozenset({float, int, bool, complex, np.ndarray, np.float64, np.float32, np.int64, np.bool_, np.complex128})

FUNCTION = types.FunctionType

# Modules of NumPy whose functions and classes are followed as those of users are: polynomials are plain Python.
PLAIN_PYTHON = ("numpy.polynomial.", "numpy.lib._polynomial_impl", "numpy.lib.polynomial")

BUILT = frozenset({list, dict, tuple, str})

ABSENT = object()

SPARSE = "scipy.sparse"
# Attributes and methods of sparse matrices that read no values.
STRUCTURE = {"shape", "nnz", "ndim", "size", "format", "dtype", "get_shape", "getnnz", "getformat", "__len__", "row",
             "col", "has_sorted_indices", "has_canonical_format", "_getnnz", "count_nonzero", "nonzero",
             "issparse", "isspmatrix",
             "isspmatrix_csr", "isspmatrix_csc", "isspmatrix_coo"}  # fmt: skip


def positional(code: types.CodeType) -> tuple[str, ...]:
    """The names of the parameters that may be given by position."""
    return code.co_varnames[: code.co_argcount]


def lookup(t: type, name: str) -> Any:
    """What a class or one of its bases has under a name, as it stands there; `ABSENT` where none has."""
    return in_class(t, name, ABSENT)


def attributes(x: Any) -> dict[str, Any]:
    """The attributes that an object holds itself, without asking a method of its class for them."""
    try:
        found: dict[str, Any] = object.__getattribute__(x, "__dict__")
    except AttributeError:
        return {}
    return found


def is_plain_python(f: Any) -> bool:
    """Whether a function is one of NumPy's that are followed."""
    return module_of(f).startswith(PLAIN_PYTHON)


def held(x: Any) -> dict[str, Any]:
    """All that an object holds: its attributes, and what is in its slots."""
    return {**slots(x), **attributes(x)}


def is_object(x: Any) -> bool:
    """Whether a value is a plain object of a class of the user's, with attributes or slots.

    A number, an array, a text or a member of an enumeration is a value, and has no copies.
    """
    if isinstance(x, (type, types.ModuleType, FUNCTION, types.MethodType, logging.Logger, *_VALUES)):
        return False
    if module_of(type(x)).partition(".")[0] in ("s2sad", "numpy", "scipy", "numba", "functools", "builtins"):
        return is_plain_python(type(x).__init__)
    return type(x).__dictoffset__ != 0 or bool(held(x))


_VALUES = (int, float, complex, np.ndarray, np.generic, str, bytes, enum.Enum)


def has_state_in_c(t: type) -> bool:
    """Whether objects of a class hold more than attributes, as a generator of random numbers does: no copy has that."""
    made = (vars(c).get("__new__") for c in t.__mro__ if c not in (object, types.SimpleNamespace))
    return any(type(new) is types.BuiltinFunctionType for new in made)


def python_method(t: type, name: str) -> Any:
    """The method of a class of the user's that Python would call for an operation; None for native ones."""
    if t in PLAIN or t in BUILT:
        return None
    found = getattr(t, name, None)
    if type(found) is not FUNCTION:
        return None
    if module_of(found).partition(".")[0] in ("numpy", "scipy", "s2sad") and not is_plain_python(found):
        return None
    made = found.__code__.co_filename == "<string>" and name in _MADE  # by dataclass: it compares
    return None if made else found


def says_how_to_copy(t: type) -> bool:
    """Whether a class has methods of the user's that make or take what is copied of an object."""
    return any(python_method(t, f"__{name}__") for name in ("reduce", "reduce_ex", "getstate", "setstate"))


def native_method(t: type, name: str) -> Any:
    """The first method of a class or of its bases that is not written in Python."""
    for c in t.__mro__:
        found = vars(c).get(name)
        if getattr(found, "__objclass__", None) is not None:
            return found
    return None


_MADE = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__repr__"}


def is_matrix(x: Any) -> bool:
    """Whether a value is a sparse matrix or array."""
    return module_of(type(x)).startswith(SPARSE) and hasattr(x, "tocoo")
