"""Elementwise functions of plain real numbers and arrays of these, which programs are full of: the short way.

Nobody need be asked what else the operands might be, and each operand has a cotangent of its own form.  What is special
about a call (lists, other dtypes, options, functions of Python) goes the long way, through `ruled`.
"""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.kept import APART
from ..rules.apply import partials_of
from ..rules.binding import bind
from ..rules.table import Rule
from .following import Following
from .records import NATIVE, Bars, Operation
from .scalars import REAL

_DOUBLE = np.dtype(float)
_OPERANDS = REAL | {np.ndarray}


class Elementwise(Following):
    """The part of `Recorder` that computes with plain real numbers and arrays, element by element."""

    def is_elementwise(self, f: Any, rule: Rule, args: tuple) -> bool:
        """Whether a call goes the short way, through `elementwise`."""
        if rule.kind != "elementwise" or self.do is not NATIVE:
            return False
        kinds = set(map(type, args))
        if kinds <= REAL:
            return True
        return (
            kinds <= _OPERANDS
            and all([type(a) is not np.ndarray or a.dtype is _DOUBLE for a in args])  # noqa: C419 (faster)
            and _is_plain(f, rule, len(args))
            and _is_fresh(f, rule, len(args))
        )

    def elementwise(self, f: Any, rule: Rule, args: tuple) -> Any:
        """A call of an elementwise function by position, of real numbers, or of these and arrays."""
        try:
            y = f(*args)
        except Exception:  # by which a program may go on in another way
            self.decides(*args)
            raise
        followed = list(map(self.follows, args))
        if not any(followed):
            return y
        if f in APART:
            self.told_apart(args)
        if type(y) is np.ndarray and y.dtype is _DOUBLE and y.base is None:
            self.roots[id(y)] = y
        elif type(y) in REAL and _is_plain(f, rule, len(args)):
            y = self.number(y)
        else:
            return self.operation(f, rule, args, {}, lambda: y)
        self.happened(Mapped(f, rule, y, y, list(args), {}, followed, self.here()))
        return y


@functools.lru_cache(maxsize=1024)
def _is_plain(f: Any, rule: Rule, count: int) -> bool:
    """Whether a rule takes so many arguments of a function as they come, and nothing else."""
    given = tuple([object() for _ in range(count)])
    try:
        return bind(f, rule, given, {}) == (list(given), {})
    except TypeError:
        return False


@functools.lru_cache(maxsize=1024)
def _is_fresh(f: Any, rule: Rule, count: int) -> bool:
    """Whether the result for arrays is a new one, and there is nothing else to be known of it."""
    new = (isinstance(f, np.ufunc) and f.nout == 1 and count == f.nin) or (
        isinstance(f, types.BuiltinFunctionType) and f.__module__ == "_operator"
    )
    return new and not rule.view and not rule.meanings and not rule.effect


class Mapped(Operation):
    """A record of `Elementwise.elementwise`."""

    __slots__ = ()

    def pull(self, bars: Bars) -> None:
        if bars.do is not NATIVE or bars.branches or bars.unknown or bars.cleared:
            super().pull(bars)
            return
        made = self.made
        g = bars.of(made) if bars.any(made) else None
        if g is None:
            return
        try:
            partials = partials_of(self.rule, self.y, self.arguments, self.options)
        except NotImplementedError as error:
            raise self.unknown(error) from None
        bars.forget(made)
        for x, partial, followed in zip(self.arguments, partials, self.followed, strict=True):
            if followed and partial is NotImplemented:
                raise self.unknown()
            if followed and partial is not None:
                _add(bars, x, g if type(partial) is float and partial == 1.0 else g * partial)


def _add(bars: Bars, x: Any, g: Any) -> None:
    """Add to the cotangent of a number or an array what is of its form, or was broadcast from it."""
    if type(x) is np.ndarray and type(g) is np.ndarray and g.shape == x.shape and g.dtype is x.dtype:
        bars.gather(x, g)
    else:
        bars.add(x, bars.conjugate(runtime.unbroadcast(g, x)))
