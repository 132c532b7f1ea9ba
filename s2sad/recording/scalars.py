"""Arithmetic of plain real numbers, which loops are full of: nobody need be asked what else the operands might be."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..rules.table import RULES
from .following import Following
from .records import NATIVE, Bars, Operation

REAL = frozenset({float, int, np.float64})
ARITHMETIC = frozenset({operator.add, operator.sub, operator.mul, operator.truediv})


class Scalars(Following):
    """The part of `Recorder` that computes with plain real numbers."""

    def arithmetic(self, f: Any, a: Any, b: Any) -> Any:
        """``f(a, b)``, one of `ARITHMETIC`."""
        try:
            y = f(a, b)
        except Exception:
            self.decides(a, b)
            raise
        by_a, by_b = id(a) in self.numbers, id(b) in self.numbers
        if not (by_a or by_b):
            return y
        if y == 0 if f is operator.sub else y == 1 and f is operator.truediv:
            self.told_apart((a, b))
        y = self.number(y)
        self.happened(Arithmetic(f, RULES[f], y, y, [a, b], {}, [by_a, by_b], None))
        return y


class Arithmetic(Operation):
    """A record of `Scalars.arithmetic`."""

    __slots__ = ()

    def pull(self, bars: Bars) -> None:
        if bars.do is not NATIVE or bars.branches or bars.unknown:
            super().pull(bars)
            return
        g = bars.numbers.pop(id(self.made), None)
        if g is None:
            return
        f, (a, b), (by_a, by_b) = self.function, self.arguments, self.followed
        if by_a:
            _add(bars, a, g if f is operator.add or f is operator.sub else g * b if f is operator.mul else g / b)
        if by_b:
            _add(bars, b, g if f is operator.add else -g if f is operator.sub
                 else g * a if f is operator.mul else -g * self.y / b)  # fmt: skip


def _add(bars: Bars, x: Any, g: Any) -> None:
    """Add to the cotangent of a number, as one of its class."""
    old = bars.numbers.get(id(x))
    total = g if old is None else old + g
    bars.numbers[id(x)] = total if type(total) is type(x) else type(x)(total)
