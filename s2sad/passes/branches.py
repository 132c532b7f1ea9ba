"""Two branches that ask the same become one: ``join_branches(function)``.

    if caught: a_bar = x                                  if caught:
    else: y_bar = x                                           a_bar = x
    v = v_saved.pop()                            ->       else:
    if not caught:                                            y_bar = x
        a_bar = a_bar + y_bar * v                             a_bar = a_bar + y_bar * v

Joined are those of the backward part, and those that ask what a ``try`` has caught; what stands between them is done
before, if it needs nothing of the first.
"""

from __future__ import annotations

from ..ir.core import UNDEFINED, Block, Function, Op, Operand, Value
from .effects import all_ops
from .simplify import has_effect, replace


def join_branches(function: Function) -> Function:
    """Do so, in place; the function is returned."""
    flags = {op.outs[0] for op in all_ops(function.body) if op.prim == "try"}
    _join(function.body, flags)
    return function


def _join(block: Block, flags: set[Value]) -> None:
    k = 0
    while k < len(block.ops):
        first = block.ops[k]
        while (second := _partner(block, k, flags)) is not None:
            between = block.ops[k + 1 : second]
            _append(first, block.ops[second])
            block.ops[k : second + 1] = [*between, first]
            k += len(between)
        for inner in first.blocks:
            _join(inner, flags)
        k += 1


def _partner(block: Block, k: int, flags: set[Value]) -> int | None:
    """The place of the next branch that asks what the branch at ``k`` asks, if it can be joined with it."""
    first = block.ops[k]
    if first.prim != "if" or not isinstance(first.args[0], Value) or first.args[0].type.kind not in ("bool", "int"):
        return None
    backward = first.attrs.get("backward")
    if not backward and first.args[0] not in flags:
        return None
    made = set(first.outs)
    for j in range(k + 1, len(block.ops)):
        op = block.ops[j]
        if op.prim == "if" and op.args == first.args and op.attrs.get("backward") == backward:
            return j
        if op.blocks or has_effect(op) or made & set(op.operands()):
            return None
    return None


def _append(first: Op, second: Op) -> None:
    """Let a branch do what another does behind it."""
    for one, two in zip(first.blocks, second.blocks, strict=True):
        if one.ops and one.ops[-1].prim == "raise":
            one.results = [*one.results, *[UNDEFINED] * len(second.outs)]
            continue
        known: dict[Value, Operand] = dict(zip(first.outs, one.results, strict=True))
        replace(two.ops, known)
        one.ops = [*one.ops, *two.ops]
        one.results = [*one.results, *(known.get(r, r) if isinstance(r, Value) else r for r in two.results)]
    first.outs = [*first.outs, *second.outs]
