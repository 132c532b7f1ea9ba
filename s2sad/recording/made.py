"""Objects that functions with a ``maker`` rule make of what is followed, such as interpolations and distributions.

    spline = CubicSpline(x, y)
    spline(at)                   is recorded as   cubic_spline(at, x, y)

While the run lasts, a `Made` stands for the object: what its rule knows is recorded, all else is refused.  What is
left of it behind the run is the object itself, to whoever asks.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from .. import runtime
from ..rules.binding import meaning_of_use
from ..rules.table import Rule, of_order, rule_of
from .following import Following, label


class Made:
    """Stands for an object in the run that makes it.

    Attributes:
        _of: the recorder while it is there, the rule, the maker, and what it was called with, as it was then.
        _itself: the object.
    """

    def __init__(self, of: tuple[Any, ...], itself: Any):
        self._of, self._itself = of, itself

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_of") or name == "_itself":  # asked for before they are there
            raise AttributeError(name)
        return getattr(self._behind(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._behind()(*args, **kwargs)

    def _behind(self) -> Any:
        """The object, when the run is over."""
        recorder = self._of[0]()
        if recorder is not None and not recorder.closed:
            raise recorder.unused(self)
        return self._itself

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # for isinstance
        return type(self._itself)


class Use:
    """A method of an object that a `Made` stands for."""

    def __init__(self, made: Made, name: str):
        self.made, self.name = made, name


class Making(Following):
    """The part of `Recorder` that makes such objects, and calls them."""

    def made_by_rule(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> Any:
        """The object that a call makes; what it is made of stays as it is now."""
        rule = rule_of(args[0]) if f is of_order else rule
        args, kwargs = tuple(map(self.kept, args)), {k: self.kept(v) for k, v in kwargs.items()}
        return Made((weakref.ref(self), rule, f, args, kwargs), self.do.call(f, *args, **kwargs))

    def kept(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self.call(np.array, x)
        return runtime.rebuild(x, list(map(self.kept, x))) if isinstance(x, (list, tuple)) else x

    def use(self, made: Made, name: str, args: tuple, kwargs: dict) -> Any:
        """A call of an object, or of one of its methods."""
        _, rule, f, parts, options = made._of
        found = meaning_of_use(rule, f, name, parts, options, args, kwargs)
        if found is None:
            raise self.unused(made)
        function, positional, named = found
        try:
            return self.call(function, *positional, **named)
        except NotImplementedError as error:
            raise self.missing(f, str(error)) if runtime.is_refusal(error) else error from None

    def combined(self, f: Any, *operands: Any) -> Any:
        """What an operator or the attribute ``f`` makes of linear operators that such objects are; None for others."""
        if not all(map(is_linear, operands)):
            return None
        from ..rules.scipy import operators

        meaning = operators.ALGEBRA.get(f)
        if f in ("shape", "dtype"):
            return getattr(_plain(operands[0]), f)
        if meaning is None:
            return None
        plain = [_plain(x) for x in operands]
        dtype = (getattr(plain[0], f) if isinstance(f, str) else f(*plain)).dtype
        return self.call(meaning, *map(self.functions_of, operands), dtype)

    def functions_of(self, x: Any) -> Any:
        """The shape of a linear operator, its function and that of its adjoint; a number as it is."""
        from ..rules.scipy import operators

        if type(x) is Made:
            return self.use(x, "_functions", (), {})
        return operators.functions_elsewhere(x) if is_linear_operator(x) else x

    def unused(self, made: Made) -> Exception:
        """Why something else can't be done with an object."""
        _, rule, f, _, _ = made._of
        names = [m for m in rule.uses if isinstance(m, str) and (m == "__call__" or not m.startswith("_"))]
        uses = ", ".join("a call of it" if m == "__call__" else f".{m}()" for m in names)
        return self.missing(f, f"{label(f)}: of this object, {uses} can be differentiated, and nothing else")


def is_linear(x: Any) -> bool:
    """Whether a value is a linear operator, or a number by which one may be multiplied."""
    return is_linear_operator(x) or (type(x) is not Made and np.isscalar(x))


def is_linear_operator(x: Any) -> bool:
    return "_functions" in x._of[1].methods if type(x) is Made else hasattr(type(x), "_matvec")


def _plain(x: Any) -> Any:
    """The object of SciPy's that one stands for."""
    while type(x) is Made:
        x = x._itself
    return x
