"""What the backward part of a loop or branch computes again instead of saving it.

In: the values of a forward block that its backward block reads.  Out: which of them are pushed, and ops that compute
the others from what is at hand: constants, values from outside, the elements of the loop, what is pushed anyway.

    saved: x, rate * x, 1 - x     ->     saved: x;     x = x_saved.pop();  t = rate * x;  t_1 = 1 - x

Indices, sizes, attributes and views cost nothing.  Arithmetic of Python floats costs about half of a push and a pop, so
a few steps of it are taken; NumPy's costs more, and is saved.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir import prims
from ..ir.core import Block, Const, Iter, Op, Operand, Value, another, hashable
from ..ir.types import INT, Type

if TYPE_CHECKING:
    from .save import Save

SIZES = {np.shape, len, np.ndim, np.size}
_FREE = {prims.make_tuple, slice, operator.getitem, np.transpose, operator.not_, operator.is_, operator.is_not,
         *SIZES}  # fmt: skip
_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg}
_FREE_NUMBERS = _ARITHMETIC | {operator.floordiv, operator.mod, operator.lt, operator.le, operator.gt, operator.ge,
                               operator.eq, operator.ne, operator.and_, operator.or_, min, max}  # fmt: skip
STEPS = 3  # of arithmetic with floats
STEPS_FROM_SAVED = 2


class Again:
    """Decides which values of a forward block are computed again at the beginning of the backward block.

    Attributes:
        to_push: the values that are saved.  head: the ops that compute the others.
        env: for what is computed again, its new value.
    """

    def __init__(self, save: Save, op: Op, primal: Op, source: Block, wanted: list[Value]):
        self.save, self.op, self.primal, self.source = save, op, primal, source
        self.env: dict[Value, Operand] = {}
        self.head: list[Op] = []
        self._costs: dict[Value, float] = {}
        self.leaves: dict[Value, Any] = {}
        if primal.prim == "for":
            body = primal.blocks[-1]
            count = len(body.results) - bool(primal.attrs.get("stops"))
            operands = primal.args[: len(primal.args) - count]
            kinds = primal.attrs["iter"].leaf_operands(operands)
            self.leaves = dict(zip(body.params[: len(kinds)], kinds, strict=True))
        self.to_push = [x for x in wanted if self.cost(x) > STEPS]
        self._from_pushed()
        for x in wanted:
            if x not in self.to_push:
                self.rebuild(x)

    def _from_pushed(self) -> None:
        """Take from ``to_push`` what is a few steps away from the rest."""
        rest = set(self.to_push)

        def steps(x: Operand, left: float, itself: bool = False) -> float:
            """The steps to compute ``x``; infinite where there are more than ``left``."""
            if isinstance(x, Value) and x in rest and not itself:
                return 0
            own = self.cost(x)
            op = self.save.defs.get(x) if isinstance(x, Value) and self.save.home.get(x) is self.source else None
            if own <= STEPS or op is None or x in self.source.params:
                return own
            total = _steps(op)
            for a in op.operands():
                total = total + steps(a, left - total) if total <= left else math.inf
            return total

        order = {out: k for k, op in enumerate(self.source.ops) for out in op.outs}
        for x in sorted(self.to_push, key=lambda x: order.get(x, -1)):
            if steps(x, STEPS_FROM_SAVED, True) <= STEPS_FROM_SAVED:
                self.to_push.remove(x)

    def cost(self, x: Operand) -> float:
        """The steps to compute a value in the backward block without pushing anything more; infinite if impossible."""
        if isinstance(x, Const) or self.save.home.get(x) is self.save.body:
            return 0
        if x not in self._costs:
            self._costs[x] = self._cost(x)
        return self._costs[x]

    def _cost(self, x: Value) -> float:
        if self.save.home.get(x) is not self.source:
            return 0 if self.outer(x) else math.inf
        if x in self.leaves:
            return math.inf if self.leaves[x][0] == "any" else 0
        op = self.save.defs.get(x)
        steps = math.inf if op is None or x in self.source.params else _steps(op)
        return steps if op is None or steps == math.inf else steps + sum(map(self.cost, op.operands()))

    def outer(self, x: Value) -> bool:
        """Elements and sizes of an enclosing forward loop: had there without pushing."""
        block = self.save.home.get(x)
        if block is None:
            return False
        route = self.save.route[block]
        if not route or block not in [o.blocks[k] for o, k in self.save.route[self.source]]:
            return False
        op, _ = route[-1]
        if op.prim == "for":
            count = len(op.blocks[-1].results) - bool(op.attrs.get("stops"))
            kinds = op.attrs["iter"].leaf_operands(op.args[: len(op.args) - count])
            names = dict(zip(block.params[: len(kinds)], kinds, strict=True))
            if x in names:
                return names[x][0] != "any"
        made = self.save.defs.get(x)
        return (
            made is not None and not isinstance(made.prim, str) and len(made.outs) == 1
            and x.type.kind in ("int", "tuple", "slice") and _steps(made) == 0
            and all(isinstance(a, Const) or self.save.home.get(a) is self.save.body or self.outer(a)
                                        for a in made.operands())
        )  # fmt: skip

    def rebuild(self, x: Operand) -> Operand:
        """``x`` in the backward block; the ops that compute it go to ``head``."""
        if isinstance(x, Const) or self.save.home.get(x) is not self.source or x in self.to_push:
            return x
        if x in self.env:
            return self.env[x]
        if x in self.leaves:
            self.env[x] = self.leaf(x)
            return self.env[x]
        op = self.save.defs[x]
        new = another(x)
        args, params = list(map(self.rebuild, op.args)), {k: self.rebuild(v) for k, v in op.params.items()}
        self.head.append(Op(op.prim, args, params, [new], span=op.span, attrs={"backward": True}))
        self.env[x] = new
        return new

    def leaf(self, x: Value) -> Operand:
        """The element of the loop, from the element of the backward loop."""
        index = self.op.blocks[-1].params[0]
        kind, mine = self.leaves[x]

        def make(prim: Any, args: list[Operand], t: Type) -> Value:
            out = Value(x.hint if prim is operator.getitem else None, t, x.span)
            self.head.append(Op(prim, args, {}, [out], attrs={"backward": True}, span=x.span))
            return out

        if kind == "seq":
            return make(operator.getitem, [mine[0], index], x.type)
        if kind == "enumerate":
            return index if _is(mine[0], 0) else make(operator.add, [mine[0], index], INT)
        if self.primal.attrs["iter"] == Iter("range") and "count" not in self.primal.attrs:
            return index
        start, _, step = mine
        scaled = index if _is(step, 1) else make(operator.mul, [index, step], INT)
        return scaled if _is(start, 0) else make(operator.add, [start, scaled], INT)


def _is(x: Operand, n: int) -> bool:
    return isinstance(x, Const) and x.value == n


def _steps(op: Op) -> float:
    """What an op costs by itself: nothing, one step, or too much."""
    if isinstance(op.prim, str) or not hashable(op.prim) or len(op.outs) != 1 or op.blocks:
        return math.inf
    t = op.outs[0].type
    if op.prim is operator.getitem:
        read = isinstance(op.args[0], Value) and (t.is_number or t.kind in ("array", "tuple", "list"))
        return 0 if read else math.inf
    if op.prim is getattr and isinstance(op.args[0], Value) and isinstance(op.args[1], Const):
        t = op.args[0].type
        return 0 if t.kind == "object" and t.attribute(op.args[1].value) is not None else math.inf
    if op.prim in _FREE or (op.prim in _FREE_NUMBERS and t.kind in ("int", "bool")):
        return 0
    power = op.prim is operator.pow and isinstance(op.args[1], Const) and op.args[1].value in (2, 3)
    return 1 if (op.prim in _ARITHMETIC or power) and t.kind == "float" else math.inf


def array_steps(op: Op) -> float:
    """What an op of arrays costs by itself: views nothing, arithmetic one step, anything else too much."""
    own = _steps(op)
    if own < math.inf or len(op.outs) != 1 or op.outs[0].type.kind != "array" or not hashable(op.prim):
        return own
    return 1 if op.prim in _ARITHMETIC else math.inf
