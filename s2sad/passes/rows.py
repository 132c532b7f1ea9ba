"""Loops that write what they walk over: ``for row in a: row *= 2`` walks over the numbers of the rows instead.

    for row in a:                     for i in range(len(a)):
        row *= 2             ->           row = a[i]; row *= 2

In and out goes typed IR.  Lists, and views of arrays (``a[1:]``), are left as they are: a version of a list, or of a
view, for each element that is written would cost its length each time.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

from ..ir.core import Block, Const, Iter, Op, Operand, Value, hashable
from ..ir.types import INT
from ..rules.table import rule_for
from . import effects


def by_index(block: Block, defs: dict[Value, Op]) -> None:
    """Rewrite the loops of a block, in place; ``defs`` says which op computes a value."""
    ops: list[Op] = []
    for op in block.ops:
        for inner in op.blocks:
            by_index(inner, defs)
        if op.prim == "for":
            ops += _rewritten(op, defs)
        ops.append(op)
    block.ops = ops


def _rewritten(op: Op, defs: dict[Value, Op]) -> list[Op]:
    """Let a loop walk by index where it writes the elements; what stands before it then."""
    form, body = op.attrs["iter"], op.blocks[0]
    leaves = form.leaf_operands(op.args)
    params = body.params[: len(leaves)]
    written = effects.written_in(body, params)
    chosen = []
    for k, (kind, operands) in enumerate(leaves):
        sequence = operands[0]
        walked = kind == "seq" and k in written and isinstance(sequence, Value) and sequence.type.kind == "array"
        chosen.append(walked and not _is_view(sequence, defs))
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


def _is_view(x: Operand, defs: dict[Value, Op]) -> bool:
    made = defs.get(x) if isinstance(x, Value) else None
    rule = rule_for(made.prim) if made is not None and hashable(made.prim) else None
    return made is not None and (made.prim is operator.getitem or (rule is not None and rule.view))


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
