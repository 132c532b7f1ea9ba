"""Operators, as Python asks the classes of the operands for them, and the truth of values."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..rules.table import RULES, rule_for
from . import memory, natives
from .classes import PLAIN, is_matrix, python_method
from .following import Following, label
from .made import Made, is_linear_operator
from .records import NATIVE, Update, Write
from .scalars import ARITHMETIC, REAL


def _is_real(x: Any) -> bool:
    return isinstance(x, (int, float, np.floating, np.ndarray))


class Operators(Following):
    """The part of `Recorder` that has the operators."""

    def binary(self, f: Any, names: tuple[str, str], a: Any, b: Any) -> Any:
        """A binary operator, as Python asks the operands' classes for it."""
        ta, tb = type(a), type(b)
        if ta in REAL and tb in REAL and self.do is NATIVE:
            if f in ARITHMETIC and RULES[f].own:
                return self.arithmetic(f, a, b)
            if f in natives.COMPARISONS:
                return self.told_equal(f, f(a, b), a, b)
        if ta in PLAIN and tb in PLAIN:
            return self.told_equal(f, self.ruled(f, RULES[f], (a, b), {}), a, b)
        if is_matrix(a) or is_matrix(b):
            return self.matrix_operator(f, names, a, b)
        if (ta is Made or tb is Made or self.scales(a, b)) and f not in natives.COMPARISONS:
            both = self.combined(f, a, b)
            if both is not None:
                return both
            if ta is not Made or f not in a._of[1].methods:
                raise self.unused(a if ta is Made else b)
            return self.use(a, f, (b,), {})
        left, right = python_method(ta, names[0]), python_method(tb, names[1])
        if left is None and right is not None and _takes(ta, b) and not issubclass(tb, ta):
            right = None
            b = int.__pos__(b) if isinstance(b, int) else b
            tb = type(b)
        if left is None and right is None:
            if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple, int)):
                return f(a, b)
            sequence, number = (a, b) if isinstance(a, (list, tuple)) else (b, a)
            if f is operator.mul and isinstance(sequence, (list, tuple)) and isinstance(number, np.integer):
                return sequence * int(number)  # as NumPy's integers do
            if f is operator.mul and isinstance(sequence, (list, tuple)) and isinstance(number, np.generic):
                f(a, b)  # which raises, as a rule
            if isinstance(a, (str, bytes)):
                return self.told_equal(f, f(a, self.shows(b)), a, b)
            numeric = (np.ndarray, np.generic, float, complex)
            rule = rule_for(f)
            if rule is not None and (isinstance(a, numeric) or isinstance(b, numeric)):
                plain = [int.__pos__(x) if isinstance(x, int) and type(x) not in PLAIN else x for x in (a, b)]
                return self.ruled(f, rule, tuple(plain), {})
            return f(a, b)
        if right is not None and ta is not tb and issubclass(tb, ta) and getattr(ta, names[1], None) is not right:
            y = self.call(right, b, a)
            if y is not NotImplemented:
                return y
            right = None
        if left is not None:
            y = self.call(left, a, b)
            if y is not NotImplemented:
                return y
        elif isinstance(a, (np.ndarray, np.generic)) and not _goes_first(b, a):
            if isinstance(a, np.ndarray) or any(hasattr(tb, name) for name in _AS_ARRAY) or right is None:
                raise self.refuse(
                    f"an array with a {tb.__name__} in an operator is not supported: set __array_ufunc__ = None in it"
                )
            a = self.call(np.generic.item, a)  # which is what NumPy hands to the reflected method
        if right is not None and (ta is not tb or left is None):
            y = self.call(right, b, a)
            if y is not NotImplemented:
                return y
        if f is operator.eq:
            return a is b
        if f is operator.ne:
            if left is None or names[0] not in vars(ta):
                return not self.truth(self.binary(operator.eq, natives.COMPARISONS[operator.eq], a, b))
            return a is not b
        sign = {"__lt__": "<"}.get(names[0], names[0].strip("_"))
        raise TypeError(f"unsupported operand type(s) for {sign}: {ta.__name__!r} and {tb.__name__!r}")

    def scales(self, a: Any, b: Any) -> bool:
        """Whether a number that is followed meets a linear operator that was made elsewhere."""
        return (is_linear_operator(a) and np.isscalar(b) and self.follows(b)) or (
            is_linear_operator(b) and np.isscalar(a) and self.follows(a)
        )

    def decided(self, x: Any, other: Any, a: Any, b: Any, how: str | None = None) -> Any:
        """The end of an interval that a decision has moved (`frontend.brackets`), which is followed as that does.

        Args:
            how: ``taken``: only the numbers of an array count, and not which one it is.  ``met``: the equation is
                solved there, which says nothing where what it compares is not followed, as a count is not.
        """
        if isinstance(x, int) or not all(map(_is_real, (x, other))):
            return x
        if not _is_real(a) or not _is_real(b):  # what a function is asked about, which decides by what it holds
            if self.reaches((a, b)) and np.any(runtime.width(x, other) < 1e-5):
                raise self.refuse("what bisection finds is found by decisions, here by those of an object, and has no "
                                  "derivative: compare numbers, or find it by scipy.optimize.brentq")  # fmt: skip
            return x
        if not any(map(self.follows, (a, b) if how == "met" else (x, a, b))):
            return x
        if isinstance(x, np.ndarray):
            return self.call(runtime.decided_places, x, other, a, b) if how == "taken" else x
        return self.ruled(runtime.decided, RULES[runtime.decided], (x, other, a, b), {})

    def update(self, f: Any, a: Any, b: Any) -> Any:
        """``a += b`` and its kin: the new value of ``a``."""
        plain = natives.INPLACE[f]
        if self.closed:
            return self.do.update(f, a, b)
        if type(a) is np.ndarray and type(b) in PLAIN:
            constant = RULES[plain].kind == "zero" or not (self.follows(a) or self.follows(b))
            if constant or a.dtype.kind not in "fcO":
                return self.overwritten(f, a, b)
            if a.dtype.kind == "O":
                self.array(a)  # which refuses it
            rule = RULES[plain]
            if isinstance(b, np.ndarray) and np.may_share_memory(a, b) and not memory.same_places(a, b):
                b = self.call(np.copy, b)
            self.check_writable(a)
            old = self.do.call(np.copy, a)
            result = self.do.update(f, a, b)
            self.array(a)
            self.wrote(Update(plain, rule, a, b, old))
            return result
        if is_matrix(a) and hasattr(type(a), f"__{f.__name__}__"):
            y = self.call(getattr(type(a), f"__{f.__name__}__"), a, b)
            if y is not NotImplemented:
                return y
        own = python_method(type(a), f"__{f.__name__}__") or python_method(type(a), f"__i{plain.__name__.strip('_')}__")
        if own is not None:
            y = self.call(own, a, b)
            if y is not NotImplemented:
                return y
        if isinstance(a, np.ndarray) and isinstance(b, (list, tuple, np.generic)):
            return self.update(f, a, self.call(np.asarray, b))
        if isinstance(a, np.ndarray):
            if self.follows(a) or self.reaches(b):
                kind = next((type(x).__name__ for x in (a, b) if type(x) not in PLAIN), "number")
                raise self.missing(f, f"{label(f)} with a {kind} is not supported: use np.asarray")
            return self.overwritten(f, a, b)
        if (isinstance(a, (list, set, dict)) or type(a).__name__ == "deque") and not _asked_first(f, plain, b):
            return f(a, self.open(b) if isinstance(a, list) and not isinstance(b, int) else b)
        return self.binary(plain, natives.BINARY[plain], a, b)

    def overwritten(self, f: Any, a: np.ndarray, b: Any) -> Any:
        """``a += b`` where neither has a derivative: what was there comes back on the way back."""
        old = self.do.call(np.copy, a)
        result = self.do.update(f, a, b)
        self.wrote(Write(a, ..., None, old, False))
        return result

    def chained(self, first: Any, *rest: Any) -> Any:
        """``a < b < c``: pairs of a comparison and what gives the next operand."""
        a: Any = first
        result: Any = True
        for compare, operand in zip(rest[::2], rest[1::2], strict=True):
            b = operand()
            result = compare(a, b)
            if not self.truth(result):
                return result
            a = b
        return result

    def within(self, a: Any, b: Any) -> Any:
        """``a in b``."""
        own = python_method(type(b), "__contains__")
        if own is not None:
            return bool(self.call(own, b, a))
        self.loans.look((a, b), 1)
        found = a in b
        if found and isinstance(b, dict):
            self.check_entry(b, a)
        elif found and isinstance(b, (list, tuple, set, frozenset)) and (self.follows(a) or self.digests.has(a)):
            for e in [e for e in b if e is not a and type(e) is type(a) and np.all(e == a)]:
                self.found_equal(a, e)
        return found

    def contains(self, b: Any, a: Any) -> Any:
        """``operator.contains``."""
        return self.within(a, b)

    def not_(self, x: Any) -> bool:
        """``operator.not_``."""
        return not self.truth(x)

    def truth(self, x: Any) -> bool:
        """``bool(x)``."""
        self.decides(x)
        if self.differences:
            self.told_zero(x)
        for name in ("__bool__", "__len__"):
            own = python_method(type(x), name)
            if own is not None:
                return bool(self.call(own, x))
        return bool(x)


def _goes_first(b: Any, a: Any) -> bool:
    """Whether NumPy leaves an operator of one of its own, ``a``, to the class of another operand."""
    if hasattr(type(b), "__array_ufunc__"):
        return type(b).__array_ufunc__ is None
    lowest = -1_000_000.0
    return float(getattr(b, "__array_priority__", lowest)) > (0.0 if isinstance(a, np.ndarray) else lowest)


def _takes(t: type, x: Any) -> bool:
    """Whether a number of Python's takes another in an operator, before the class of that one is asked."""
    return (t is float and isinstance(x, (int, float))) or (t is complex and isinstance(x, (int, float, complex)))


def _asked_first(f: Any, plain: Any, b: Any) -> bool:
    """Whether the class of the right operand is asked before a list, set or dict is changed in place."""
    if isinstance(b, np.generic):
        return f is not operator.imul  # a list is repeated; otherwise NumPy's numbers make an array of it
    return isinstance(b, np.ndarray) or python_method(type(b), natives.BINARY[plain][1]) is not None


# What makes an array of an object where it meets one.
_AS_ARRAY = ("__array__", "__array_ufunc__", "__array_interface__", "__array_struct__", "__array_priority__", "__len__")
