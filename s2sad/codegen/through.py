"""Write an element of a view as one update of the array that is viewed.

    t = getitem(a, 1:-1); w = setitem(t, k, v); a_1 = setitem(a, 1:-1, w)     ->     a_1 = setitem(a, k, v, 1:-1)

which is printed ``a[1:-1][k] = v`` and costs no copy of the view.  The last operands of such an update are the indices
of the views, the outermost first.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable

from .. import runtime
from ..ir.core import Block, Op, Operand, Value
from ..passes.build import is_basic
from .memory import all_ops, is_array

OPERANDS = {runtime.setitem: 3, runtime.index_add: 3, runtime.clear_item: 2}  # without those of views


def views_of(op: Op) -> list[Operand]:
    """The indices of the views through which an update of an item writes."""
    return op.args[OPERANDS[op.prim] :] if op.prim in OPERANDS else []


def write_through(body: Block, same: Callable[[Operand, Operand], bool]) -> None:
    """Rewrite the updates of a function, in place; ``same`` says whether two operands are the same index."""
    maker = {out: op for op in all_ops(body) for out in op.outs}
    used: Counter[Operand] = Counter()

    def count(block: Block) -> None:
        used.update(block.results)
        for op in block.ops:
            used.update(op.operands())
            for inner in op.blocks:
                count(inner)

    def rewrite(block: Block) -> None:
        for op in list(block.ops):
            for inner in op.blocks:
                rewrite(inner)
            join(op, block)

    def join(op: Op, block: Block) -> None:
        if op.prim is not runtime.setitem or len(op.args) != 3 or not is_array(op.args[0]) or not is_basic(op.args[1]):
            return
        update = maker.get(op.args[2]) if isinstance(op.args[2], Value) else None
        if update is None or update.prim not in OPERANDS or used[update.outs[0]] != 1 or update not in block.ops:
            return
        view = maker.get(update.args[0]) if isinstance(update.args[0], Value) else None
        if view is None or view.prim is not operator.getitem or view.args[0] is not op.args[0]:
            return
        if is_array(view.outs[0]) and same(view.args[1], op.args[1]):
            n = OPERANDS[update.prim]
            op.prim = update.prim
            op.args = [op.args[0], *update.args[1:n], op.args[1], *update.args[n:]]
            block.ops.remove(update)

    count(body)
    rewrite(body)
