"""Decide which updates happen in place: a functional program in, the same program with marks and copies out.

In the IR every update gives a new object (``a1 = setitem(a0, i, v)``).  It may write into the old one where nobody
reads the old one afterwards, through any alias, and where the memory is the function's own.  Then the op gets
``attrs["inplace"]``.  Elsewhere a copy is put in, once and where it costs least:

- a view that is read after the write, or that was put into a list, is copied itself: ``saved.append(u[1:-1].copy())``;
- a variable that a loop updates is copied before the loop: ``u = u.copy()``;
- otherwise the object is copied just before the update.

The interpreter gives the same results before and after.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from typing import Any

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..rules.table import rule_for
from .memory import (
    OUTSIDE,
    Overlap,
    Summary,
    all_ops,
    has_effect,
    is_array,
    is_update,
    live_after,
    new_version,
    operand_type,
)

ROUNDS = 60  # of analysis; what is left then is copied where it stands


def decide(function: Function, summaries: dict[Function, Summary]) -> tuple[Function, Overlap]:
    """Returns a copy of the function (values are shared) with the decisions, and what shares memory in it."""
    function = clone(function, summaries)
    overlap = _Decider(function).run()
    return function, overlap


def clone(function: Function, summaries: dict[Function, Summary]) -> Function:
    """A copy with blocks and ops of its own; calls carry the summary of what they call."""
    new = Function(
        function.name,
        _clone(function.body, summaries),
        function.signature,
        function.captured,
        function.origin,
        function.span,
    )
    new.attrs = dict(function.attrs)
    return new


def _clone(block: Block, summaries: dict[Function, Summary]) -> Block:
    ops = []
    for op in block.ops:
        inner = [_clone(b, summaries) for b in op.blocks]
        new = Op(op.prim, list(op.args), dict(op.params), list(op.outs), inner, op.span, dict(op.attrs))
        if op.prim == "call":
            new.attrs["summary"] = summaries.get(op.attrs["function"], Summary())
        ops.append(new)
    return Block(list(block.params), ops, list(block.results))


class _Decider:
    def __init__(self, function: Function):
        self.function = function
        self.where: dict[Op, Block] = {}
        self.owner: dict[Block, tuple[Op, Block]] = {}  # the op that a block belongs to, and that op's block
        self.maker: dict[Value, Op | Block] = {}
        self._index(function.body)
        self.settled: set[Op] = set()  # updates that are copied for, or stay functional
        self.functional: set[Op] = set()
        self.plans: dict[Op, list[Any]] = {}  # what is still to be tried for an update

    def _index(self, block: Block) -> None:
        for p in block.params:
            self.maker[p] = block
        for op in block.ops:
            self.where[op] = block
            for out in op.outs:
                self.maker[out] = op
            for inner in op.blocks:
                self.owner[inner] = (op, block)
                self._index(inner)

    def run(self) -> Overlap:
        trials: dict[Op, tuple[int, list[Any]]] = {}  # conflicts before what was tried, and how to take it back
        for round_ in range(ROUNDS):
            self._analyse()
            busy: set[Value] = set()
            for op in list(all_ops(self.function.body)):
                if not is_update(op) or op in self.settled:
                    continue
                conflicts = self._conflicts(op)
                if op in trials:
                    before, undo = trials.pop(op)
                    if len(conflicts) >= before:
                        for step in undo:
                            step()
                        busy |= self._chain(op)
                        self._try_next(op, trials, conflicts, keep_plan=True)
                        continue
                    self.plans.pop(op)
                chain = self._chain(op)
                if not conflicts or (chain & busy and round_ < ROUNDS - 1):
                    continue  # what is done for an earlier update of the same object may do for this one
                busy |= chain
                self._try_next(op, trials, conflicts, keep_plan=False, last=round_ >= ROUNDS - 2)
            if not busy:
                break
        for op in all_ops(self.function.body):
            if is_update(op) and op not in self.functional:
                op.attrs["inplace"] = True
        return self.overlap

    def _analyse(self) -> None:
        self.live = live_after(self.function)
        self.overlap = Overlap(self.function, self.live)

    def _conflicts(self, op: Op) -> list[Value]:
        """Values that would notice the update."""
        old = op.args[0]
        if isinstance(old, Const):
            return [OUTSIDE]
        order = [v for v in self.overlap.reached_by[old] | {old} if v in self.live[op] or v is OUTSIDE]
        return sorted(order, key=lambda v: v.hint or "")

    def _chain(self, op: Op) -> set[Value]:
        """The values that are this object under other names, as far as the updates, loops and branches say."""
        chain: set[Value] = set()
        todo = [op.args[0], new_version(op)]
        while todo:
            v = todo.pop()
            if isinstance(v, Const) or v in chain:
                continue
            chain.add(v)
            maker = self.maker.get(v)
            if isinstance(maker, Op) and is_update(maker):
                todo.append(maker.args[0])
            elif isinstance(maker, Op) and maker.blocks:
                k = maker.outs.index(v) - len(maker.outs)
                todo += [b.results[k] for b in maker.blocks if maker.prim != "while" or b is maker.blocks[1]]
                if maker.prim in ("for", "while") and -k <= len(maker.args):
                    todo.append(maker.args[k])
            elif isinstance(maker, Block) and maker in self.owner:
                k = maker.params.index(v) - len(maker.params)
                loop = self.owner[maker][0]
                if loop.prim == "while" or -k <= len(loop.args) - loop.attrs["iter"].operands():
                    todo += [loop.args[k], loop.blocks[-1].results[k]]
        return chain

    # Ways out of a conflict, best first

    def _try_next(self, op: Op, trials: dict, conflicts: list[Value], keep_plan: bool, last: bool = False) -> None:
        if not keep_plan or op not in self.plans:
            self.plans[op] = [] if last else [*self._copy_readers(op, conflicts), *self._copy_before_loops(op)]
        if self.plans[op]:
            trials[op] = (len(conflicts), self.plans[op].pop(0)())
        elif op.prim is runtime.accumulate:
            self.functional.add(op)
            self.settled.add(op)
        else:
            self._copy_target(op)
            self.settled.add(op)

    def _copy_readers(self, op: Op, conflicts: list[Value]) -> list[Any]:
        """Copy the views that are read later, or what was put into a list, instead of the whole object."""
        if op.prim is runtime.accumulate:  # a sum is a new object: nothing needs a copy
            return []
        old = op.args[0]
        views, pushes = [], []
        for v in conflicts:
            maker = self.maker.get(v)
            if isinstance(maker, Op) and self._is_view(maker):
                views.append(maker)
        for other in all_ops(self.function.body):
            pushed = other.args[1] if other.prim is runtime.list_append else None
            if isinstance(pushed, Value) and isinstance(old, Value) and self._is_part(pushed, old):
                pushes.append(other)
        plans = []
        if len(pushes) == 1:
            plans.append(lambda: [self._copy_operand(pushes[0], 1, self.where[pushes[0]], pushes[0])])
        elif pushes and all(self._is_view(self.maker[p.args[1]]) for p in pushes):
            plans.append(lambda: [self._copy_operand(p, 1, self.where[p], p) for p in pushes])
        if views:
            plans.append(lambda: [self._copy_result(m) for m in views])
        return plans

    def _is_part(self, pushed: Value, old: Value) -> bool:
        return (self.overlap.sees(pushed, old) or self.overlap.sees(old, pushed)) and is_array(pushed)

    def _is_view(self, maker: Any) -> bool:
        """Whether it makes a view of an array by a plain call."""
        if not isinstance(maker, Op) or isinstance(maker.prim, str) or is_update(maker) or not is_array(maker.outs[0]):
            return False
        rule = rule_for(maker.prim)
        return maker.prim is operator.getitem or (rule is not None and rule.view)

    def _copy_before_loops(self, op: Op) -> list[Any]:
        """Copy the initial value of a loop that carries the object; the outermost loop first."""
        chain = self._chain(op)
        plans = []
        block = self.where[op]
        while block in self.owner:
            loop, around = self.owner[block]
            if loop.prim in ("for", "while"):
                first = loop.attrs["iter"].operands() if loop.prim == "for" else 0
                for k in range(first, len(loop.args)):
                    param = loop.blocks[-1].params[k - len(loop.args)]
                    if param in chain:
                        plans.append(lambda k=k, b=around, loop=loop: [self._copy_operand(loop, k, b, loop)])
            block = around
        return plans[::-1]

    def _copy_operand(self, user: Op, k: int, block: Block, before: Op) -> Any:
        """Copy an operand right before an op.  Returns how to take it back."""
        old = user.args[k]
        new = Value(_hint(user, k), operand_type(old))
        made = Op(_copier(old), [old], outs=[new], span=before.span, attrs=_kept(before))
        block.ops.insert(block.ops.index(before), made)
        self.where[made], self.maker[new] = block, made
        user.args[k] = new

        def undo() -> None:
            block.ops.remove(made)
            user.args[k] = old

        return undo

    def _copy_target(self, op: Op) -> None:
        """Copy what an update writes: before the expression that is written, which then reads the copy."""
        block, old = self.where[op], op.args[0]
        readers = [o for o in self._tree(op) if old in o.args] if is_array(old) else []
        before = min([op, *readers], key=block.ops.index)
        self._copy_operand(op, 0, block, before)
        for reader in readers:
            reader.args = [op.args[0] if x is old else x for x in reader.args]

    def _tree(self, op: Op) -> list[Op]:
        """The ops of the block whose results serve nothing but this op."""
        used = Counter(x for o in all_ops(self.function.body) for x in o.operands() if isinstance(x, Value))
        used.update(r for b in [self.function.body, *self.owner] for r in b.results if isinstance(r, Value))
        found, todo = [], list(op.args[1:])
        while todo:
            x = todo.pop()
            maker = self.maker.get(x) if isinstance(x, Value) and used[x] == 1 else None
            if isinstance(maker, Op) and self.where[maker] is self.where[op] and len(maker.outs) == 1:
                if not maker.blocks and not is_update(maker) and not has_effect(maker):
                    found.append(maker)
                    todo += maker.operands()
        return found

    def _copy_result(self, maker: Op) -> Any:
        """Copy the result of an op right after it; all its readers get the copy."""
        old = maker.out
        block = self.where[maker]
        view = Value(None, old.type)
        maker.outs = [view]
        made = Op(_copier(old), [view], outs=[old], span=maker.span, attrs=_kept(maker))
        block.ops.insert(block.ops.index(maker) + 1, made)
        self.where[made], self.maker[old], self.maker[view] = block, made, maker

        def undo() -> None:
            block.ops.remove(made)
            maker.outs = [old]
            self.maker[old] = maker

        return undo


def _hint(user: Op, k: int) -> str | None:
    """The name of a copy is the name of what it is for."""
    old = user.args[k]
    if user.prim in ("for", "while"):
        return user.blocks[-1].params[k - len(user.args)].hint
    if k == 0 and is_update(user):
        return (old.hint if isinstance(old, Value) else None) or new_version(user).hint
    return None


def _kept(op: Op) -> dict[str, Any]:
    return {"backward": True} if op.attrs.get("backward") else {}


def _copier(x: Operand) -> Any:
    """What copies an object: its method where it surely has one."""
    return prims.copy if operand_type(x).kind in ("array", "list", "dict") else copy.copy
