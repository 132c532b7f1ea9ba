"""What only one branch reads of the ops before it, and may have no finite slope: its adjoint belongs into that branch.

    v = np.sqrt(u)                    if test:                 On the way back, the branch that does not read ``v``
    if test: y = 2 * u         ->         u_bar = 2 * y_bar    has no cotangent for it: that would be 0, and 0 times
    else:    y = v                    else:                    an infinite slope is NaN.
                                          u_bar = y_bar * 0.5 / v

``Sinking(function, active).into(branch, blocks)`` gives these ops, last one first.
"""

from __future__ import annotations

import heapq
import math
import operator
from collections import Counter
from collections.abc import Iterable

import numpy as np

from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..passes.build import type_of_operand
from ..passes.effects import all_ops
from ..rules.table import rule_for

# Their slopes are finite wherever they are computed from finite numbers.
_SMOOTH = {
    operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.abs, abs, np.add, np.subtract,
    np.multiply, np.negative, np.positive, np.square, np.abs, np.fabs, np.sin, np.cos, np.tanh, np.arctan, np.maximum,
    np.minimum, np.where, math.sin, math.cos, math.tanh, math.atan, max, min, np.max, np.min, np.clip,
}  # fmt: skip


class Sinking:
    """Where the values of a functional program are read by what has a derivative."""

    def __init__(self, function: Function, active: set[Value]):
        self.active = active
        self.made: dict[Block, dict[Value, tuple[int, Op]]] = {}
        self.reads = self._reads(function.body)

    def into(self, branch: Block, blocks: tuple[Block, ...]) -> list[Op]:
        """The ops whose adjoints belong into a branch, last one first.

        Args:
            branch: a block of an ``if`` op.
            blocks: those around it, the outermost first, that run exactly as often as the test.
        """
        inside = self._reads(branch)
        queue: list[tuple[int, int]] = []
        waiting: dict[tuple[int, int], Op] = {}
        taken: list[Op] = []

        def look_for(values: Iterable[Value]) -> None:
            for x in values:
                for depth, block in enumerate(blocks):
                    place, op = self._made_in(block).get(x, (0, None))
                    if op is not None and (-depth, -place) not in waiting and _may_move(op):
                        waiting[-depth, -place] = op
                        heapq.heappush(queue, (-depth, -place))

        look_for(list(inside))
        while queue:
            op = waiting[heapq.heappop(queue)]
            if inside[op.outs[0]] == self.reads[op.outs[0]]:
                taken.append(op)
                read = self._read_by(op)
                inside.update(read)
                look_for(read)
        steep: set[Operand] = set()
        for op in reversed(taken):
            if is_steep(op) or steep & set(op.args):
                steep.add(op.outs[0])
        return [op for op in taken if op.outs[0] in steep]

    def _reads(self, block: Block) -> Counter[Value]:
        found: Counter[Value] = Counter()
        for op in all_ops(block):
            found.update(self._read_by(op))
            for inner in op.blocks:
                found.update(r for r in inner.results if isinstance(r, Value))
        found.update(r for r in block.results if isinstance(r, Value))
        return found

    def _read_by(self, op: Op) -> list[Value]:
        """What an op reads and may have a cotangent from it."""
        if not op.blocks and not any(o in self.active for o in op.outs):
            return []
        return [x for x in op.operands() if isinstance(x, Value) and x in self.active]

    def _made_in(self, block: Block) -> dict[Value, tuple[int, Op]]:
        if block not in self.made:
            ops = enumerate(block.ops)
            self.made[block] = {op.outs[0]: (k, op) for k, op in ops if len(op.outs) == 1 and not op.blocks}
        return self.made[block]


def _may_move(op: Op) -> bool:
    """Whether an op is a function of numbers and arrays that the rule table knows, or reads an element."""
    if isinstance(op.prim, str) or op.attrs.keys() - {"path"} or not op.outs[0].type.is_numeric:
        return False
    if op.prim is operator.getitem:
        return type_of_operand(op.args[0]).kind == "array"
    return rule_for(op.prim) is not None and all(type_of_operand(x).is_numeric for x in op.args)


def is_steep(op: Op) -> bool:
    """Whether the slope of an op may be infinite or NaN."""
    rule = rule_for(op.prim)
    if rule is None or rule.kind in ("linear", "multilinear", "zero") or (hashable(op.prim) and op.prim in _SMOOTH):
        return False
    by = op.args[1] if len(op.args) > 1 else None
    number = by.value if isinstance(by, Const) and isinstance(by.value, (int, float)) else None
    if op.prim in (operator.truediv, np.divide):
        return not number
    return not (op.prim in (operator.pow, np.power) and number is not None and number >= 1)
