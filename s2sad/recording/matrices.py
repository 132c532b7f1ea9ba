"""Sparse matrices of SciPy that hold followed numbers: what `rules.scipy.matrices` says of them is recorded.

Such a matrix is SciPy's own object, whose array ``data`` is followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .classes import FUNCTION
from .following import Following

SPARSE = "scipy.sparse"
# Attributes and methods that read no values.
STRUCTURE = {"shape", "nnz", "ndim", "size", "format", "dtype", "get_shape", "getnnz", "getformat", "__len__", "row",
             "col", "has_sorted_indices", "has_canonical_format", "_getnnz", "count_nonzero"}  # fmt: skip


def is_matrix(x: Any) -> bool:
    """Whether a value is a sparse matrix or array."""
    return (type(x).__module__ or "").startswith(SPARSE) and hasattr(x, "tocoo")


class Matrices(Following):
    """The part of `Recorder` that knows sparse matrices."""

    def of_matrices(self, f: Any, args: tuple, kwargs: dict) -> Callable | None:
        """What stands for a function of ``scipy.sparse`` where a matrix holds followed numbers; None for others."""
        from ..rules.scipy import matrices, matrix_algebra

        if not self.reaches((args, kwargs)):
            return None
        made = matrices.MAKERS.get(f)
        if made is not None:
            return lambda *args, **kwargs: self.call(made, *args, **kwargs)
        if not any(is_matrix(x) and self.reaches(x) for x in (*args, *kwargs.values())):
            return None
        found = matrix_algebra.FUNCTIONS.get(f)
        if found is None and is_matrix(args[0]):
            if f.__name__ in STRUCTURE:
                return f
            found = matrices.METHODS.get(f.__name__)
        if found is None:
            raise self.missing(f, f"{getattr(f, '__name__', f)} of a sparse matrix of what is differentiated has no "
                                  "derivative rule")  # fmt: skip
        return lambda *args, **kwargs: self.call(found, *args, **kwargs)

    def matrix_operator(self, f: Any, names: tuple[str, str], a: Any, b: Any) -> Any:
        """A binary operator of which one operand is a sparse matrix."""
        for x, other, name in ((a, b, names[0]), (b, a, names[1])):
            own = getattr(type(x), name, None) if is_matrix(x) else None
            if isinstance(own, FUNCTION):
                y = self.call(own, x, other)
                if y is not NotImplemented:
                    return y
        return f(a, b)
