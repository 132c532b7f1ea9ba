"""Loops that write what they walk over: ``for row in a: row *= 2`` walks over the numbers of the rows instead.

    for row in a:                     for i in range(len(a)):
        row *= 2             ->           row = a[i]; row *= 2

In and out goes typed IR.  A list that the loop may make longer or shorter is left as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

from ..ir.core import Block, Const, Iter, Op, Operand, Value, hashable
from ..ir.types import INT
from . import effects
from .build import type_of_operand


def by_index(block: Block) -> None:
    """Rewrite the loops of a block, in place."""
    ops: list[Op] = []
    for op in block.ops:
        for inner in op.blocks:
            by_index(inner)
        if op.prim == "for":
            ops += _rewritten(op)
        ops.append(op)
    block.ops = ops


def _rewritten(op: Op) -> list[Op]:
    """Let a loop walk by index where it writes the elements; what stands before it then."""
    form, body = op.attrs["iter"], op.blocks[0]
    leaves = form.leaf_operands(op.args)
    params = body.params[: len(leaves)]
    written = effects.written_in(body, params)
    resized = any(hashable(o.prim) and o.prim in effects.LIST_WRITERS for o in effects.all_ops(body))
    chosen = []
    for k, (kind, operands) in enumerate(leaves):
        t = type_of_operand(operands[0])
        walked = kind == "seq" and isinstance(operands[0], Value) and k in written
        chosen.append(walked and (t.kind == "array" or (t.kind == "list" and not resized)))
    if not any(chosen):
        return []
    before: list[Op] = []
    first: list[Op] = []
    for k, (_, operands) in enumerate(leaves):
        if chosen[k]:
            index = Value(None, INT)
            first.append(Op(operator.getitem, [operands[0], index], {}, [params[k]], span=op.span))
            params[k] = index
    op.attrs["iter"], operands = _walked(form, iter(chosen), list(op.args), before, op)
    op.args = operands
    body.params = [*params, *body.params[len(leaves) :]]
    body.ops = [*first, *body.ops]
    return before


def _walked(
    form: Iter, chosen: Iterator[bool], rest: list[Operand], before: list[Op], loop: Op
) -> tuple[Iter, list[Operand]]:
    """The form and the operands with the chosen sequences walked by index, and after these all other operands."""

    def walk(form: Iter) -> tuple[Iter, list[Operand]]:
        if form.kind == "range":
            next(chosen)
            return form, [rest.pop(0) for _ in range(3)]
        if form.kind in ("seq", "any"):
            sequence = rest.pop(0)
            if not next(chosen):
                return form, [sequence]
            count = Value(None, INT)
            before.append(Op(len, [sequence], {}, [count], span=loop.span))
            return Iter("range"), [Const(0), count, Const(1)]
        own = [rest.pop(0)] if form.kind == "enumerate" and next(chosen) is not None else []
        parts, operands = [], own
        for part in form.parts:
            new, given = walk(part)
            parts.append(new)
            operands = [*operands, *given]
        return Iter(form.kind, tuple(parts), form.strict), operands

    new, operands = walk(form)
    return new, [*operands, *rest]
