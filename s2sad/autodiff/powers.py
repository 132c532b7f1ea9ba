"""Powers of Python's numbers that are complex where the base is negative and the exponent broken.

Their derivatives are those of real numbers: `may_be_complex` says which powers must be checked when the program runs,
that is all but those whose base is certainly not negative (or NaN).
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Collection, Mapping

import numpy as np

from ..ir.core import Const, Op, Operand, Value, hashable
from ..ir.types import NUMBER
from ..passes.build import type_of_operand
from .inline import POWERS as RULED

POWERS = (*RULED, builtins.pow)
_NEVER_NEGATIVE = {abs, operator.abs, math.fabs, math.exp, math.sqrt, math.cosh, math.hypot, np.abs, np.exp,
                   np.sqrt, np.cosh, np.hypot, np.square}  # fmt: skip
_IF_ALL_ARE = {operator.add, operator.iadd, operator.mul, operator.imul, operator.truediv, operator.itruediv, min}
_DEEPEST = 8


def may_be_complex(op: Op, defs: Mapping[Value, Op], known: Collection[Operand] = ()) -> bool:
    """Whether an op is a power of real numbers of Python that may be complex; ``known`` are not negative."""
    if not hashable(op.prim) or op.prim not in POWERS or op.outs[0].type != NUMBER:
        return False
    base, exponent = op.args[:2]
    whole = type_of_operand(exponent).kind in ("bool", "int")
    if isinstance(exponent, Const):
        whole = whole or float(exponent.value).is_integer()
    return not whole and not (_is_real(exponent) and not_negative(base, defs, known))


def _is_real(x: Operand) -> bool:
    """Whether a number certainly is real: one of unknown class may come from a power that is complex."""
    t = type_of_operand(x)
    return t.kind in ("bool", "int", "float") or (t.kind == "scalar" and t.dtype is not None and t.dtype.kind in "biuf")


def not_negative(x: Operand, defs: Mapping[Value, Op], known: Collection[Operand], depth: int = 0) -> bool:
    """Whether a number certainly is real, and not negative."""
    if isinstance(x, Const):
        return isinstance(x.value, (bool, int, float)) and x.value >= 0
    op = defs.get(x)
    if x in known or op is None or depth > _DEEPEST or not hashable(op.prim):
        return x in known
    real = all(map(_is_real, op.args))
    if op.prim in _NEVER_NEGATIVE:
        return real
    if op.prim in POWERS:
        exponent = op.args[1]
        even = isinstance(exponent, Const) and isinstance(exponent.value, int) and exponent.value % 2 == 0
        return (even and real) or (_is_real(exponent) and not_negative(op.args[0], defs, known, depth + 1))
    if op.prim in (operator.mul, operator.imul) and op.args[0] is op.args[1]:
        return real
    some = any if op.prim is max and real else all if op.prim in _IF_ALL_ARE and len(op.args) == 2 else None
    return some is not None and not op.params and some([not_negative(a, defs, known, depth + 1) for a in op.args])


def known_in(op: Op, branch: int, defs: Mapping[Value, Op]) -> set[Operand]:
    """What is not negative in a branch of an ``if``, by its condition."""
    test = defs.get(op.args[0]) if op.prim == "if" and isinstance(op.args[0], Value) else None
    if test is None or not hashable(test.prim) or len(test.args) != 2:
        return set()
    larger = {operator.gt: 0, operator.ge: 0, operator.lt: 1, operator.le: 1}.get(test.prim)
    if larger is None:
        return set()
    if branch:  # not a < b: a >= b, unless one of them is NaN, whose powers are real
        larger = 1 - larger
    x, y = test.args[larger], test.args[1 - larger]
    return {x} if isinstance(y, Const) and isinstance(y.value, (int, float)) and y.value >= 0 else set()
