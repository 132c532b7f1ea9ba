"""Sparse matrices of SciPy that hold followed numbers: what `rules.scipy.matrices` says of them is recorded.

Such a matrix is SciPy's own object, whose array ``data`` is followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..rules.table import rule_for
from ..runtime import is_refusal
from .classes import FUNCTION, STRUCTURE, is_matrix
from .following import Following


class Matrices(Following):
    """The part of `Recorder` that knows sparse matrices."""

    def of_matrices(self, f: Any, args: tuple, kwargs: dict) -> Callable | None:
        """What stands for a function of ``scipy.sparse`` where a matrix holds followed numbers; None for others."""
        from ..rules.scipy import assembling, matrices, matrix_algebra

        if not self.reaches((args, kwargs)):
            return None
        if getattr(f, "__name__", "") == "__setitem__" and is_matrix(args[0]):
            if not filled(args[0]):
                self.assembled.append(args[0])
            return self.said(f, assembling.assigned)
        if any(map(holds_filled, (*args, *kwargs.values()))):
            return self.of_filled(f, args)
        made = matrices.MAKERS.get(f)
        if made is not None:
            return self.said(f, made)
        rule = rule_for(f)
        if rule is not None and rule.kind == "maker":
            return None
        constant = not any(is_matrix(x) and self.reaches(x) for x in (*args, *kwargs.values()))
        if constant and (not args or not is_matrix(args[0])):
            return None
        if constant and rule is not None and all(isinstance(x, np.ndarray) and x.ndim for x in args[1:]):
            return None  # a product of a constant matrix with an array
        found = matrix_algebra.FUNCTIONS.get(f)
        if found is None and is_matrix(args[0]):
            if f.__name__ in STRUCTURE:
                return f
            found = matrices.METHODS.get(f.__name__)
        if found is None:
            raise self.missing(f, f"{getattr(f, '__name__', f)} of a sparse matrix of what is differentiated has no "
                                  "derivative rule")  # fmt: skip
        return self.said(f, found)

    def of_filled(self, f: Any, args: tuple) -> Callable:
        """A function of matrices that were filled entry by entry: of such with arrays of values."""
        from ..rules.scipy import assembling

        name = f.__name__
        if name in STRUCTURE:
            return f
        if name == "__getitem__" and assembling.is_place(args[1]):
            return self.said(f, assembling.entry)
        if name.startswith("__i"):
            raise self.missing(f, f"{name} of a lil or dok matrix of what is differentiated has no derivative rule")

        def with_arrays(x: Any) -> Any:
            if type(x) in (list, tuple):
                return type(x)([with_arrays(e) for e in x])
            return self.call(assembling.with_array, x) if filled(x) else x

        def call(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = with_arrays(args), {k: with_arrays(x) for k, x in kwargs.items()}
            own = getattr(type(args[0]), name, None) if args and is_matrix(args[0]) else None
            return self.call(own.fget if isinstance(own, property) else own or f, *args, **kwargs)

        return call

    def said(self, f: Any, meaning: Callable) -> Callable:
        """A function that records what ``f`` means."""

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return self.call(meaning, *args, **kwargs)
            except NotImplementedError as error:
                raise self.missing(f, str(error)) if is_refusal(error) else error from None

        return call

    def matrix_operator(self, f: Any, names: tuple[str, str], a: Any, b: Any) -> Any:
        """A binary operator of which one operand is a sparse matrix."""
        for x, other, name in ((a, b, names[0]), (b, a, names[1])):
            own = getattr(type(x), name, None) if is_matrix(x) else None
            if isinstance(own, FUNCTION):
                y = self.call(own, x, other)
                if y is not NotImplemented:
                    return y
        return f(a, b)


def holds_filled(x: Any) -> bool:
    """Whether a value is such a matrix, or a list or tuple with one."""
    return any(map(holds_filled, x)) if type(x) in (list, tuple) else filled(x)


def filled(x: Any) -> bool:
    """Whether a matrix was filled entry by entry with what is differentiated."""
    if not is_matrix(x):
        return False
    from ..rules.scipy.assembling import BESIDE

    return BESIDE in vars(x)
