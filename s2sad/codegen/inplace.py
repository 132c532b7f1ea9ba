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
import dataclasses
import functools
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.absent import perhaps_none
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, constant_key
from ..passes.simplify import replace
from ..rules.table import rule_for
from .groups import Groups
from .liveness import live_after
from .memory import all_ops, among, has_effect, is_array, is_update, new_version, operand_type
from .overlap import OUTSIDE, Facts, Overlap, Summary
from .syntax import INPLACE
from .through import views_of, write_through

Undo = Callable[[], None]

ROUNDS = 60  # of analysis; what is left then is copied where it stands


def decide(function: Function) -> Overlap:
    """Decide in place, in a `clone`; returns what shares memory in it."""
    _ask_early(function.body, function.params)
    write_through(function.body, _Decider(function).same)
    return _Decider(function).run()


def clone(function: Function, summaries: dict[Function, Summary]) -> Function:
    """A copy with blocks and ops of its own; calls carry the summary of what they call."""
    new = Function(
        function.name,
        _clone(function.body, summaries, {}),
        function.signature,
        function.captured,
        function.origin,
        function.span,
    )
    new.attrs = dict(function.attrs)
    return new


def _clone(block: Block, summaries: dict[Function, Summary], same: dict[Operand, Operand]) -> Block:
    """``same``: values that are what another one is, where that is not None."""
    ops = []
    for op in block.ops:
        args = [same.get(a, a) for a in op.args]
        if op.prim is prims.present:
            same[op.outs[0]] = args[0]
            continue
        params = {k: same.get(v, v) for k, v in op.params.items()}
        inner = [_clone(b, summaries, same) for b in op.blocks]
        new = Op(op.prim, args, params, list(op.outs), inner, op.span, dict(op.attrs))
        if op.prim == "call":
            new.attrs["summary"] = summaries.get(op.attrs["function"], Summary())
        ops.append(new)
    return Block(list(block.params), ops, [same.get(r, r) for r in block.results])


def _ask_early(block: Block, params: list[Value]) -> None:
    """What is only asked for its form is asked before it is written, so that it need not be kept as it was.

    Parameters are the caller's, and kept anyway.
    """
    for op in block.ops:
        for inner in op.blocks:
            _ask_early(inner, params)
    asked = [op for op in block.ops if among(op.prim, (np.shape, np.size)) and is_array(op.args[0])]
    for form in [op for op in asked if op.args[0] not in params]:
        place = block.ops.index(form)
        seen = {form.args[0]}  # and its views
        for op in block.ops[:place]:
            if op.args and op.args[0] in seen and _makes_view(op):
                seen.update(op.outs)
        writes = (k for k, op in enumerate(block.ops[:place]) if any(_may_write(op, x) for x in seen))
        first = next(writes, None)
        if first is not None:
            form.span = None  # no line of its own
            block.ops.insert(first, block.ops.pop(place))


def _read_in(block: Block) -> set[Operand]:
    inner = [b for op in all_ops(block) for b in op.blocks]
    return {x for op in all_ops(block) for x in op.operands()} | {r for b in [block, *inner] for r in b.results}


def _may_write(op: Op, x: Operand) -> bool:
    """Whether the op updates ``x``, or is a loop that carries it."""
    return x in op.args if op.prim in ("for", "while") else is_update(op) and op.args[0] is x


def _makes_view(maker: Any) -> bool:
    """Whether it makes a view of an array by a plain call."""
    if not isinstance(maker, Op) or isinstance(maker.prim, str) or is_update(maker) or not maker.outs:
        return False
    rule = rule_for(maker.prim)
    view = (maker.prim is operator.getitem and is_array(maker.args[0])) or (rule is not None and rule.view)
    return view and is_array(maker.outs[0])


@dataclasses.dataclass
class _Plan:
    """Copies that may solve a conflict: ``apply`` puts them in and returns the steps that take them back."""

    touches: set[Op]
    apply: Callable[[], list[Undo]]


@dataclasses.dataclass
class _Trial:
    """A plan that was carried out, to be judged after the next analysis: it must leave fewer conflicts.

    Several may touch the same ops where each is for memory from outside, which no copy of anything else solves: then
    just that conflict must be gone.
    """

    conflicts: list[Value]
    touches: set[Op]
    steps: list[Undo]
    crowded: bool = False

    def has_helped(self, conflicts: list[Value]) -> bool:
        return OUTSIDE not in conflicts if self.crowded else len(conflicts) < len(self.conflicts)

    def undo(self) -> None:
        for step in reversed(self.steps):
            step()


class _Decider:
    def __init__(self, function: Function):
        self.function = function
        self.where: dict[Op, Block] = {}
        self.owner: dict[Block, tuple[Op, Block]] = {}  # the op that a block belongs to, and that op's block
        self.maker: dict[Value, Op | Block] = {}
        self._index(function.body)
        self.facts = Facts()
        self.settled: set[Op] = set()  # updates that are copied for, or stay functional
        self.plans: dict[Op, list[_Plan]] = {}  # what is still to be tried for an update
        self.trials: dict[Op, _Trial] = {}

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
        self._join_assignments()
        for _ in range(ROUNDS):
            self._analyse()
            if not self._round():
                self._leave_out_copies()
                break
        else:
            self._analyse()
            for op in self._unsettled():
                if self._conflicts(op):
                    self._give_up(op)
        for op in all_ops(self.function.body):
            if is_update(op):
                op.attrs["inplace"] = True
        return self.overlap

    def _leave_out_copies(self) -> None:
        """A gradient is the caller's: it was copied where it might be other memory, too, which is known better now."""
        body = self.function.body
        same: dict[Value, Operand] = {}
        packed = [x for op in body.ops if op.prim is prims.make_tuple and op.outs[0] in body.results for x in op.args]
        returned = {x for x in (*body.results, *packed) if self.used[x] == 1}
        for op in [op for op in body.ops if op.prim is prims.copy and returned.intersection(op.outs)]:
            x, rest = op.args[0], Block(ops=body.ops[body.ops.index(op) + 1 :], results=body.results)
            if not op.attrs.get("backward") or not isinstance(x, Value) or not is_array(x):
                continue
            if self.overlap.is_alone(x, _read_in(rest)):
                body.ops.remove(op)
                same[op.outs[0]] = x
        replace(body.ops, same)
        body.results = [same.get(r, r) if isinstance(r, Value) else r for r in body.results]

    def _join_assignments(self) -> None:
        """``a[i] += w`` came as ``t = a[i]; t += w; a[i] = t``: let the sum be an expression, printed as it was."""
        used: Counter[Operand] = Counter(x for o in all_ops(self.function.body) for x in o.operands())
        used.update(r for b in [self.function.body, *self.owner] for r in b.results)
        for op in list(all_ops(self.function.body)):
            total = self._maker(op.args[2]) if op.prim is runtime.setitem else None
            if not isinstance(total, Op) or not among(total.prim, INPLACE) or used[total.outs[0]] > 1:
                continue
            read = self._maker(total.args[0])
            if not isinstance(read, Op) or read.prim is not operator.getitem:
                continue
            beside = self.where[op] is self.where[total] is self.where[read] and self._reads_target(read.args[0], op)
            if beside and operand_type(op.args[0]).inexact and self.same(op.args[1], read.args[1]):
                if used[read.outs[0]] > 1:  # by others, too
                    total.args = [self._again(read, total), *total.args[1:]]
                total.attrs["inplace"] = False
                self.settled.add(total)

    def _again(self, read: Op, user: Op) -> Value:
        """The result of an op that reads an array, or a view of one, computed once more before its user."""
        view, whole = self._maker(read.args[0]), read.args[0]
        if isinstance(view, Op) and view.prim is operator.getitem and is_array(view.args[0]):
            whole = self._again(view, user)
        out = Value(None, read.outs[0].type)
        made = Op(read.prim, [whole, *read.args[1:]], {}, [out], span=user.span, attrs=dict(read.attrs))
        block = self.where[made] = self.where[user]
        block.ops.insert(block.ops.index(user), made)
        self.maker[out] = made
        return out

    def _reads_target(self, x: Operand, op: Op) -> bool:
        """Whether an operand is what an update writes into: an array, or a view of it."""
        for index in reversed(views_of(op)):
            view = self._maker(x)
            if not isinstance(view, Op) or view.prim is not operator.getitem or not self.same(view.args[1], index):
                return False
            x = view.args[0]
        return x is op.args[0]

    def same(self, i: Operand, j: Operand) -> bool:
        """Whether two indices are the same."""
        if i is j:
            return True
        if isinstance(i, Const) and isinstance(j, Const):
            return constant_key(i.value) == constant_key(j.value)
        a, b = self._maker(i), self._maker(j)
        if not isinstance(a, Op) or not isinstance(b, Op) or a.prim is not b.prim or len(a.args) != len(b.args):
            return False
        return a.prim in (slice, prims.make_tuple) and all(map(self.same, a.args, b.args))

    def _unsettled(self) -> list[Op]:
        return [op for op in self.ops if is_update(op) and op not in self.settled]

    def _round(self) -> bool:
        """Look at every update once; whether anything was done, so that the analysis must be repeated."""
        busy: set[Value] = set()
        copied: dict[Value, Op] = {}  # the update of a chain that has just got a copy
        for op in self._unsettled():
            chain = self._chain(op)
            conflicts = self._conflicts(op)
            trial = self.trials.pop(op, None)
            if trial is not None and trial.has_helped(conflicts):
                self.plans.pop(op)  # it helped; see what is left
            elif trial is not None:
                trial.undo()
            elif chain in busy:  # what is done for an earlier update of the same object may do for this one
                conflicts = self._conflicts_since(copied.get(chain), op, conflicts)
                if not conflicts or (self.plans[op] if op in self.plans else self._ways_out(op, conflicts)):
                    continue
            if conflicts or trial is not None:
                busy.add(chain)
            if conflicts:
                self._try_next(op, conflicts)
                if op in self.settled:
                    copied[chain] = op
        return bool(busy)

    def _conflicts_since(self, copied: Op | None, op: Op, conflicts: list[Value]) -> list[Value]:
        """The conflicts of an update of what an earlier one wrote that a copy for that one does not solve: newer views.

        What stands in other blocks is left to the next analysis.
        """
        if copied is None or self.where[copied] is not self.where[op]:
            return []
        ops = self.where[op].ops
        made: set[Any] = {new_version(copied)}
        for other in ops[ops.index(copied) + 1 : ops.index(op)]:
            if not other.blocks and other.prim != "call":
                made.update(out for out, _, source in self.facts.sharing(other) if source in made)
        return [v for v in conflicts if v in made] if op.args[0] in made else []

    def _analyse(self) -> None:
        self.live = live_after(self.function)
        self.overlap = Overlap(self.function, facts=self.facts)
        self.ops = list(all_ops(self.function.body))
        self.chains = self._chains()
        self.pushes = [op for op in self.ops if op.prim is runtime.list_append]
        self.used: Counter[Operand] = Counter(x for o in self.ops for x in o.operands() if isinstance(x, Value))
        self.used.update(r for b in [self.function.body, *self.owner] for r in b.results if isinstance(r, Value))

    def _conflicts(self, op: Op) -> list[Value]:
        """Values that would notice the update."""
        old = op.args[0]
        if isinstance(old, Const):
            return [OUTSIDE]
        order = [v for v in self.overlap.reached_by[old] | {old} if v in self.live[op] or v is OUTSIDE]
        return sorted(order, key=lambda v: v.hint or "")

    def _chains(self) -> dict[Value, Value]:
        """For each value, one that stands for its chain: what updates, loops and branches say is one object."""
        groups = Groups()

        def join(some: list[Any], others: list[Any]) -> None:
            for a, b in zip(reversed(some), reversed(others), strict=False):
                if isinstance(a, Value) and isinstance(b, Value):
                    groups.join(a, b)

        for op in self.ops:
            if is_update(op):
                join([new_version(op)], op.args[:1])
            for block in op.blocks:
                if op.prim != "while" or block is op.blocks[1]:
                    join(op.outs, block.results)
                if op.prim in ("for", "while"):
                    carried = op.args[op.attrs["iter"].operands() :] if op.prim == "for" else op.args
                    join(block.params[len(block.params) - len(carried) :], carried)
                    join(block.params[len(block.params) - len(carried) :], op.outs)
        return groups.all()

    def _chain(self, op: Op) -> Value:
        return self.chains[new_version(op)]

    # Ways out of a conflict, best first

    def _try_next(self, op: Op, conflicts: list[Value]) -> None:
        if op not in self.plans:
            self.plans[op] = self._ways_out(op, conflicts)
        if not self.plans[op]:
            self._give_up(op)
            return
        touches = self.plans[op][0].touches
        beside = [trial for trial in self.trials.values() if trial.touches & touches]
        if all(OUTSIDE in found for found in [conflicts, *(trial.conflicts for trial in beside)]) or not beside:
            for trial in beside:
                trial.crowded = True
            self.trials[op] = _Trial(conflicts, touches, self.plans[op].pop(0).apply(), bool(beside))

    def _ways_out(self, op: Op, conflicts: list[Value]) -> list[_Plan]:
        return [*self._copy_readers(op, conflicts), *self._copy_before_loops(op)]

    def _give_up(self, op: Op) -> None:
        """Do without writing into the old object: a sum is a new one, anything else works on a copy."""
        self.settled.add(op)
        if op.prim is runtime.accumulate:
            op.attrs["inplace"] = False
        else:
            self._copy_target(op)

    def _copy_readers(self, op: Op, conflicts: list[Value]) -> list[_Plan]:
        """Copy the views that are read later, or what was put into a list, instead of the whole object."""
        if op.prim is runtime.accumulate:  # a sum is a new object: nothing needs a copy
            return []
        old = op.args[0]
        views, pushes = [], []
        for v in conflicts:
            maker = self.maker.get(v)
            if isinstance(maker, Op) and _makes_view(maker):
                views.append(maker)
        for push in self.pushes:
            pushed = push.args[1]
            if isinstance(pushed, Value) and isinstance(old, Value) and self._is_part(pushed, old):
                pushes.append(push)
        plans = []
        if len(pushes) == 1 or (pushes and all(_makes_view(self._maker(p.args[1])) for p in pushes)):
            plans.append(_Plan(set(pushes), functools.partial(self._copy_pushed, pushes)))
        if views:
            plans.append(_Plan(set(views), functools.partial(self._copy_results, views)))
        return plans

    def _maker(self, x: Operand) -> Op | Block | None:
        return self.maker.get(x) if isinstance(x, Value) else None

    def _is_part(self, pushed: Value, old: Value) -> bool:
        return (self.overlap.sees(pushed, old) or self.overlap.sees(old, pushed)) and is_array(pushed)

    def _copy_before_loops(self, op: Op) -> list[_Plan]:
        """Copy the initial value of a loop that carries the object; the outermost loop first."""
        chain = self._chain(op)
        plans: list[_Plan] = []
        block = self.where[op]
        while block in self.owner:
            loop, around = self.owner[block]
            if loop.prim in ("for", "while"):
                first = loop.attrs["iter"].operands() if loop.prim == "for" else 0
                for k in range(first, len(loop.args)):
                    param = loop.blocks[-1].params[k - len(loop.args)]
                    if self.chains.get(param) is chain:
                        copied = functools.partial(self._copy_initial, loop, k, around)
                        plans.append(_Plan({loop}, copied))
            block = around
        return plans[::-1]

    def _copy_pushed(self, pushes: list[Op]) -> list[Undo]:
        return [self._copy_operand(p, 1, self.where[p], p) for p in pushes]

    def _copy_results(self, makers: list[Op]) -> list[Undo]:
        return [self._copy_result(m) for m in makers]

    def _copy_initial(self, loop: Op, k: int, around: Block) -> list[Undo]:
        return [self._copy_operand(loop, k, around, loop)]

    def _copy_operand(self, user: Op, k: int, block: Block, before: Op) -> Undo:
        """Copy an operand right before an op.  Returns how to take it back."""
        old = user.args[k]
        new = Value(_hint(user, k), operand_type(old))
        made = Op(self._copier(old), [old], outs=[new], span=before.span, attrs=_kept(before))
        block.ops.insert(block.ops.index(before), made)
        self.where[made], self.maker[new] = block, made
        user.args[k] = new

        def undo() -> None:
            block.ops.remove(made)
            user.args[k] = old

        return undo

    def _copier(self, x: Operand) -> Any:
        """What copies an object: its method where it surely has one."""
        ops = self.function.body.ops
        if operand_type(x).kind not in ("array", "list", "dict") or x in perhaps_none(ops):
            return copy.copy
        return runtime.detached if is_array(x) and x in perhaps_none(ops, self._bars_of_nothing()) else prims.copy

    def _bars_of_nothing(self) -> list[Value]:
        """The cotangents of what may be None: of a variable that has no value on some path, or had none when saved.

        Whether what is read of a list, or of what the forward half has saved, had a value is not known.
        """
        body = self.function.body
        saved = [o for op in all_ops(body) if _unpacks(op) for o in op.outs]
        nothing = perhaps_none(body.ops, saved)
        return [op.outs[0] for op in all_ops(body) if among(op.prim, _BARS) and nothing & set(op.args)]

    def _copy_target(self, op: Op) -> None:
        """Copy what an update writes: before the expression that is written, which then reads the copy."""
        block, old = self.where[op], op.args[0]
        readers = [o for o in self._tree(op) if old in o.args] if is_array(old) else []
        before = min([op, *readers], key=block.ops.index)
        self._copy_operand(op, 0, block, before)
        for reader in readers:
            self.used[old] -= reader.args.count(old)
            reader.args = [op.args[0] if x is old else x for x in reader.args]

    def _tree(self, op: Op) -> list[Op]:
        """The ops of the block whose results serve nothing but this op."""
        found: list[Op] = []
        todo = list(op.args[1:])
        while todo:
            x = todo.pop()
            maker = self._maker(x) if isinstance(x, Value) and self.used[x] == 1 else None
            if not isinstance(maker, Op) or self.where[maker] is not self.where[op] or len(maker.outs) != 1:
                continue
            if not maker.blocks and not is_update(maker) and not has_effect(maker):
                found.append(maker)
                todo += maker.operands()
        return found

    def _copy_result(self, maker: Op) -> Undo:
        """Copy the result of an op right after it; all its readers get the copy."""
        old = maker.out
        block = self.where[maker]
        copier, view = self._copier(old), Value(None, old.type)
        maker.outs = [view]
        made = Op(copier, [view], outs=[old], span=maker.span, attrs=_kept(maker))
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


def _unpacks(op: Op) -> bool:
    """Whether it reads an object of a list or of a tuple."""
    if op.prim is operator.getitem:
        return operand_type(op.args[0]).kind in ("list", "tuple")
    return among(op.prim, (runtime.list_pop, prims.unpack))


_BARS = (runtime.zeros_like, runtime.unbroadcast, runtime.match)  # the cotangent of None is None
