"""Numbers that are Python floats for certain: ``settle(function)`` types them so, and drops what made sure of it.

    a_bar = 1.0                                          a_bar = 1.0
    for _ in range(n):  a_bar = a_bar * x         ->     for _ in range(n):  a_bar = a_bar * x
    return float(a_bar)                                  return a_bar

Cotangents are typed as numbers of Python or NumPy while a loop is made, as its body is not there yet.  Here all are
taken to be floats at first; what an op, a loop or a branch may make into something else is not, until nothing changes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from ..ir.core import Block, Function, Op, Operand, Value
from ..ir.types import FLOAT, NUMBER
from .build import type_of_operand
from .effects import all_ops

_ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg)


def settle(function: Function) -> Function:
    """Type the floats of a functional program, in place; the function is returned."""
    ops = list(all_ops(function.body))
    floats = {v for op in ops for v in [*op.outs, *(p for b in op.blocks for p in b.params)] if v.type == NUMBER}
    before = -1
    while len(floats) != before:
        before = len(floats)
        for op in ops:
            _check(op, floats)
    for v in floats:
        v.type = FLOAT
    made = {op.outs[0]: op.args[0] for op in ops if op.prim is float and type_of_operand(op.args[0]) == FLOAT}
    if made:
        _replace(function.body, made)
    return function


def _check(op: Op, floats: set[Value]) -> None:
    """Take from ``floats`` what the op may make into something else."""

    def sure(x: Operand) -> bool:
        return x in floats or type_of_operand(x) == FLOAT

    def join(*columns: Sequence[Operand]) -> None:
        """What is one variable is a float everywhere or nowhere."""
        for values in zip(*map(reversed, columns), strict=False):
            if not all(map(sure, values)):
                floats.difference_update(v for v in values if isinstance(v, Value))

    if op.prim in ("for", "while"):
        count = len(op.blocks[-1].results) - bool(op.attrs.get("stops"))
        first = op.args[len(op.args) - count :]
        carried = [b.params[len(b.params) - count :] for b in op.blocks]
        join(first, op.blocks[-1].results[len(op.blocks[-1].results) - count :], op.outs, *carried)
        for b in op.blocks:
            floats.difference_update(b.params[: len(b.params) - count])
    elif op.prim == "if":
        join(op.outs, *(b.results for b in op.blocks))
    elif not (op.prim in _ARITHMETIC and _gives_float(op, sure)):
        floats.difference_update(op.outs)


def _gives_float(op: Op, sure: Callable[[Operand], bool]) -> bool:
    """Whether arithmetic of Python's own numbers gives a float."""
    kinds = [type_of_operand(x).kind for x in op.args]
    plain = all(sure(x) or kind in ("int", "bool") for x, kind in zip(op.args, kinds, strict=True))
    return plain and (op.prim is operator.truediv or any(map(sure, op.args)))


def _replace(block: Block, made: dict[Value, Operand]) -> None:
    def read(x: Operand) -> Operand:
        return made.get(x, x) if isinstance(x, Value) else x

    for op in block.ops:
        op.args = list(map(read, op.args))
        op.params = {k: read(v) for k, v in op.params.items()}
        for inner in op.blocks:
            _replace(inner, made)
    block.results = list(map(read, block.results))
