"""Where a tangent is zero for certain, as a branch leaves a constant: an infinite slope there moves nothing.

a = 0.0 if c else 2 * x      ->   a_dot = 0.0 if c else 2 * x_dot
y = np.sqrt(a)                    y_dot = 0.0 if c else a_dot * (0.5 / y)

In reverse mode nothing goes back into the constant; in forward mode its tangent is a number, and 0 times infinity is
NaN.  A tangent that only happens to be 0, as that of ``x**2`` at 0, is none of these: its product stays what it is.
"""

from __future__ import annotations

import operator
from typing import NamedTuple

import numpy as np

from ..ir.core import Block, Const, Op, Operand, Value, hashable
from ..ir.types import BOOL, join
from ..passes.build import Builder, type_of_operand

_POWERS = (operator.pow, operator.ipow, np.power)
_DIVISIONS = {operator.truediv, np.divide, np.reciprocal, *_POWERS}


class Still(NamedTuple):
    """A tangent is zero where ``condition`` is true (``when``), or where it is false.

    ``each``: the condition is that of an ``np.where``, element by element; otherwise it is that of a branch.
    """

    condition: Operand
    when: bool
    each: bool


def of_branches(
    build: list[Builder], op: Op, results: list[tuple[bool, Still | None]]
) -> tuple[Still | None, list[Operand]]:
    """What is known of a tangent that an ``if`` gives, and what its blocks have to give for that, if anything.

    Args:
        build: of each block.
        results: of each block, whether the value moves there, and what is known of its tangent.
    """
    flags: list[Operand] = []
    for builder, (moves, still) in zip(build, results, strict=True):
        if not moves or still is None or still.each:
            flags.append(Const(not moves))
        else:
            flags.append(still.condition if still.when else builder.op(operator.not_, still.condition))
    if all(isinstance(f, Const) and f.value is False for f in flags):
        return None, []
    if len(flags) == 2 and all(isinstance(f, Const) for f in flags):
        return Still(op.args[0], flags[0].value, False), []  # type: ignore[union-attr]
    return Still(Value("still", BOOL), True, False), flags


def of_where(op: Op, moves: list[bool]) -> Still | None:
    """What is known of the tangent of ``np.where(c, x, y)``; ``moves``: whether each of its arguments does."""
    one = op.prim is np.where and len(moves) == 3 and moves[1] != moves[2]
    return Still(op.args[0], moves[2], True) if one else None


def scaled(build: Builder, dot: Operand, partial: Operand, still: Still | None, by: list[Operand]) -> Operand:
    """``dot * partial``: 0 where the tangent is zero for certain, if the slope can be infinite there.

    by: the argument and the result: only they make the slope another one where they are constant.
    """
    if still is None or not _divides(build, partial, by):
        return build.op(operator.mul, dot, partial)
    if still.each:
        product = build.op(operator.mul, dot, partial)
        return build.op(np.where, still.condition, *((Const(0), product) if still.when else (product, Const(0))))
    inner = build.nested()
    product = inner.op(operator.mul, dot, partial)
    inner.block.results = [product]
    t, d = type_of_operand(product), type_of_operand(dot)
    zero = Const(0.0) if t.is_number else dot
    if not t.is_number and t != d:  # the tangent need not have the shape of the product
        return build.op(operator.mul, dot, partial)
    blocks = [Block([], [], [zero]), inner.block]
    out = Value(None, join(type_of_operand(zero), t))
    build.append(Op("if", [still.condition], {}, [out], blocks if still.when else blocks[::-1]))
    return out


def _divides(build: Builder, partial: Operand, by: list[Operand]) -> bool:
    """Whether a partial derivative is computed from ``by`` with divisions, powers or decisions: it may be infinite."""
    todo, seen, divides = [partial], {*by}, False
    reaches = partial in by
    while todo:
        x = todo.pop()
        made = build.defs.get(x) if isinstance(x, Value) and x not in seen else None
        seen.add(x)
        if made is not None:
            divides = divides or _is_division(made)
            reaches = reaches or any(a in by for a in made.operands())
            todo += [*made.operands(), *(r for b in made.blocks for r in b.results)]
    return divides and reaches


def _is_division(op: Op) -> bool:
    if isinstance(op.prim, str):
        return op.prim in ("if", "call")
    if not hashable(op.prim) or op.prim not in _DIVISIONS:
        return False
    n = op.args[-1]
    if not isinstance(n, Const) or not isinstance(n.value, (int, float)):
        return True
    return n.value < 0 or n.value % 1 != 0 if op.prim in _POWERS else n.value == 0
