"""Which values may share memory.

`Overlap` answers one question: after a write to the object ``x`` itself (to an array's elements, to a list's slots),
could a reader of ``y`` see it?  Two relations are kept between values that exist at the same time.

- ``y`` *reaches* ``x``: ``y`` is ``x``, or a view of it, or holds it.
- ``y`` *meets* ``x``: something that can change is reachable from both.

`OUTSIDE` stands for the caller and for all that is not made in the function: it reaches the parameters, captured
objects, what was handed to functions that may keep it, and what is read-only.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import operator
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..passes.effects import may_be_view
from ..rules.table import rule_for
from .groups import Groups
from .liveness import Timeline
from .memory import all_ops, among, fixed, has_effect, is_array, is_update, may_keep, new_version, operand_type
from .syntax import BINARY, UNARY

OUTSIDE = Value("outside")

SAME, PART, HOLDS = "same", "part", "holds"
_FRESH = {
    runtime.zeros_like, len, np.zeros_like, np.ones_like, np.empty_like, np.copy, np.array, np.ndarray.copy,
    np.ndarray.astype, np.shape, math.prod,
}  # fmt: skip
_READ_ONLY = {np.broadcast_to, runtime.unbroadcast, runtime.sum_to, runtime.as_tangent, np.diagonal,
              np.ndarray.diagonal}  # fmt: skip
_VIEW_NAMES = (
    "transpose", "reshape", "ravel", "squeeze", "swapaxes", "moveaxis", "rollaxis", "expand_dims", "atleast_1d",
    "atleast_2d", "atleast_3d", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "require", "flip",
    "fliplr", "flipud", "rot90", "split", "array_split", "hsplit", "vsplit", "dsplit", "unstack", "matrix_transpose",
    "permute_dims", "real", "imag", "real_if_close", "trim_zeros", "view", "diag", "meshgrid", "nan_to_num",
)  # fmt: skip
_VIEWS = {getattr(home, name, None) for home in (np, np.ndarray) for name in _VIEW_NAMES}
_CONTAINERS = {
    prims.make_tuple,
    prims.make_list,
    prims.make_dict,
    runtime.make_object,
    prims.make_set,
    runtime.rebuild,
    prims.copy,
    copy.copy,
}


def sharing(op: Op) -> list[tuple[Value, str, Operand]]:
    """How the results of an op without blocks may share memory with its operands, and with OUTSIDE."""
    found: list[tuple[Value, str, Operand]] = []
    prim, args = op.prim, op.args
    if is_update(op):
        found.append((new_version(op), SAME, args[0]))
        if prim is runtime.list_pop:
            found.append((op.outs[0], PART, args[0]))
        elif not is_array(args[0]):
            found += [(op.out, HOLDS, a) for a in args[1:]]
        return found
    everything = list(op.operands())
    if all(fixed(out) for out in op.outs) or (among(prim, _FRESH) and "copy" not in op.params):
        return found
    if prim is runtime.accumulate and is_array(op.out) and all(operand_type(a).is_numeric for a in args):
        return found
    if among(prim, _CONTAINERS):
        if among(prim, (prims.copy, copy.copy)) and is_array(args[0]):
            return found
        return [(op.out, HOLDS, a) for a in everything]
    if may_be_view(op):
        return [(out, PART, a) for out in op.outs for a in [*everything, OUTSIDE]]
    if among(prim, _READ_ONLY):
        return [(op.out, PART, args[0]), (op.out, PART, OUTSIDE)]
    if among(prim, (runtime.match, runtime.as_gradient)):
        return [(op.out, PART, args[0])]
    if prim is operator.getitem and is_array(args[0]) and _copies(args[1]):
        return found
    rule = None if isinstance(prim, str) else rule_for(prim)
    if rule is not None and rule.view and not among(prim, _VIEWS):
        return [(op.out, PART, args[0])]
    if among(prim, _VIEWS) or "copy" in op.params:
        return [(out, PART, a) for out in op.outs for a in everything]
    if (rule is not None and prim is not operator.getitem) or among(prim, BINARY) or among(prim, UNARY):
        numeric = is_array(op.outs[0]) or all(operand_type(a).is_numeric for a in args)
        known = numeric or getattr(prim, "__module__", None) not in ("_operator", "operator", "builtins")
        return [] if known else [(op.out, HOLDS, a) for a in everything]
    found = [(out, PART, a) for out in op.outs for a in everything]
    if has_effect(op) or any(isinstance(a, Const) and not fixed(a) for a in everything):
        found += [(out, PART, OUTSIDE) for out in op.outs]
    return found


def _copies(index: Operand) -> bool:
    """Whether indexing an array so gives a copy: an array or a list is among the indices."""
    t = operand_type(index)
    return t.kind in ("array", "list") or (t.kind == "tuple" and any(e.kind in ("array", "list") for e in t.elems))


class Facts:
    """What single ops say, found out once for all analyses of a function whose ops get other operands between them."""

    def __init__(self) -> None:
        self._sharing: dict[Op, tuple[Any, list[tuple[Value, str, Operand]]]] = {}
        self._keeping: dict[Op, bool] = {}

    def sharing(self, op: Op) -> list[tuple[Value, str, Operand]]:
        """`sharing`, of the op as it is now: its operands, its results, what was decided of it."""
        now = op.args, op.outs, op.attrs.get("inplace")
        found = self._sharing.get(op)
        if found is None or found[0] != now:
            found = self._sharing[op] = (list(op.args), list(op.outs), now[2]), sharing(op)
        return found[1]

    def may_keep(self, op: Op) -> bool:
        """`may_keep`, which no operand changes."""
        if op not in self._keeping:
            self._keeping[op] = may_keep(op)
        return self._keeping[op]


class Overlap:
    """See the module.  It holds for the program in which every update happens in place, and so for any other."""

    def __init__(self, function: Function, outside: bool = True, facts: Facts | None = None, folded: bool = False):
        """``outside``: the parameters are the caller's; otherwise they are told apart, to see what results share.

        ``facts``: of the ops, from an earlier analysis of the function.  ``folded``: what is read once may be computed
        only there.
        """
        self._function, self._facts = function, Facts() if facts is None else facts
        self.reaches: dict[Value, set[Value]] = defaultdict(set)
        self.reached_by: dict[Value, set[Value]] = defaultdict(set)
        self.meets: dict[Value, set[Value]] = defaultdict(set)
        self._time = Timeline(function)
        if folded:
            self._time.fold(function)
        self._time.born[OUTSIDE], self._time.dies[OUTSIDE] = -1, math.inf
        plain = [op for op in all_ops(function.body) if not op.blocks and op.prim != "call"]
        self._sharing = {op: self._facts.sharing(op) for op in plain}
        self._relevant, self._groups = _near(function, self._sharing, updates=outside)
        if outside:
            for p in function.params:
                self._relate(p, PART, OUTSIDE, 0)
        else:
            self._time.dies.update(dict.fromkeys(function.params, math.inf))
        self._changed = True
        while self._changed:
            self._changed = False
            self._walk(function.body)

    def sees(self, y: Value, x: Value) -> bool:
        """Whether a reader of ``y`` may notice a write to ``x`` itself."""
        return y is x or y in self.reached_by[x]

    def sees_later(self, y: Value, x: Value) -> bool:
        """`sees`, of a reader of ``y`` that is computed where its own result is read."""
        return self.sees(y, x) or (self._groups.find(y) is self._groups.find(x) and self._folded.sees(y, x))

    @functools.cached_property
    def _folded(self) -> Overlap:
        return Overlap(self._function, facts=self._facts, folded=True)

    def reads(self, y: Value, x: Value) -> bool:
        """Whether ``y`` may have anything in common with ``x``."""
        return y is x or x in self.meets[y]

    def is_alone(self, x: Value, living: set[Operand]) -> bool:
        """Whether nothing that lives, nor the caller, certainly has anything in common with ``x``, itself included."""
        return x in self._relevant and not any(v is OUTSIDE or v in living for v in (x, *self.meets[x]))

    # Building the relations

    def _add(self, y: Value, x: Value) -> None:
        """``y`` reaches ``x``."""
        if y is not x and x not in self.reaches[y]:
            self.reaches[y].add(x)
            self.reached_by[x].add(y)
            self._changed = True
        self._meet(x, y)

    def _meet(self, x: Value, y: Value) -> None:
        if x is not y and y not in self.meets[x]:
            self.meets[x].add(y)
            self.meets[y].add(x)
            self._changed = True

    def _matters(self, v: Value) -> bool:
        return v in self._relevant and not fixed(v)

    def _relate(self, out: Value, how: str, source: Operand, now: int) -> None:
        """Relate a new value to what is alive, by how it shares memory with an older one."""
        if fixed(source) or not self._matters(out):
            return
        source = source if isinstance(source, Value) else OUTSIDE
        dies = self._time.dies
        if how != HOLDS:
            for y in [source, *(self.reached_by if how == SAME else self.meets)[source]]:
                if dies[y] > now:
                    self._add(y, out)
        for x in [source, *self.reaches[source]]:
            if dies[x] > now:
                self._add(out, x)
        for x in [source, *self.meets[source]]:
            if dies[x] > now:
                self._meet(out, x)

    def _walk(self, block: Block) -> None:
        for op in block.ops:
            now = self._time.start[op]
            if op.prim == "for":
                self._for(op)
            elif op.prim == "while":
                self._while(op)
            elif op.prim in ("if", "with", "try"):
                for inner in op.blocks:
                    self._walk(inner)
                    self._flow(op.outs, inner.results, op, self._time.end[op])
            elif op.prim == "call":
                self._call(op, now)
            else:
                for relation in self._sharing[op]:
                    self._relate(*relation, now)
            if not op.blocks and self._facts.may_keep(op):
                self._escape(op, now)

    def _call(self, op: Op, now: int) -> None:
        summary = op.attrs["summary"]
        for k, out in enumerate(op.outs):
            shared = summary.shares[k] if summary.shares else None
            for j, a in enumerate(op.args):
                if shared is None or j in shared:
                    self._relate(out, PART, a, now)
            if shared is None:
                self._relate(out, PART, OUTSIDE, now)
            for j, other in enumerate(op.outs):
                together = summary.shares is None or (j, k) in summary.results
                if other is not out and together and self._matters(out) and not fixed(other):
                    self._add(out, other)

    def _escape(self, op: Op, now: int) -> None:
        for a in op.operands():
            if isinstance(a, Value) and self._matters(a):
                for x in [a, *self.reaches[a]]:
                    if self._time.dies[x] > now:
                        self._add(OUTSIDE, x)
                self._meet(OUTSIDE, a)

    def _for(self, op: Op) -> None:
        (body,) = op.blocks
        start, end = self._time.start[op], self._time.end[op]
        operands, leaves = op.attrs["iter"].operands(), op.attrs["iter"].leaves()
        for element in body.params[:leaves]:
            for a in op.args[:operands]:
                self._relate(element, PART, a, start)
        carried = body.params[leaves:]
        results = body.results[len(body.results) - len(carried) :]
        outs = op.outs[len(op.outs) - len(carried) :]
        self._flow(carried, op.args[operands:], op, start)
        self._walk(body)
        self._flow(carried, results, op, start)
        self._flow(outs, op.args[operands:], op, end)
        self._flow(outs, results, op, end)

    def _while(self, op: Op) -> None:
        condition, body = op.blocks
        start, end = self._time.start[op], self._time.end[op]
        results = body.results[len(body.results) - len(body.params) :]
        outs = op.outs[len(op.outs) - len(body.params) :]
        for _ in range(2):
            for targets, now in ((condition.params, start), (body.params, start), (outs, end)):
                self._flow(targets, op.args, op, now)
                self._flow(targets, results, op, now)
            self._walk(condition)
            self._walk(body)

    def _flow(self, targets: list[Value], sources: list[Operand], op: Op, now: int) -> None:
        """Targets take over from sources all at once: relations among them, and with what was there before the op."""
        pairs = []
        for target, source in zip(targets, sources, strict=True):
            if not fixed(source) and self._matters(target):
                pairs.append((target, source if isinstance(source, Value) else OUTSIDE))
        start, lives = self._time.start[op], self._time.lives
        fed: dict[Value, list[Value]] = {}
        for target, source in pairs:
            fed.setdefault(source, []).append(target)
        for target, source in pairs:
            for x in [source, *self.reaches[source]]:
                if lives(x, start, now):
                    self._add(target, x)
                for other in fed.get(x, ()):
                    if other is not target:
                        self._add(target, other)
            for y in [source, *self.reached_by[source]]:
                if lives(y, start, now):
                    self._add(y, target)
            for x in [source, *self.meets[source]]:
                if lives(x, start, now):
                    self._meet(target, x)
                for other in fed.get(x, ()):
                    if other is not target:
                        self._meet(target, other)


def _near(function: Function, relations: dict[Op, Any], updates: bool) -> tuple[set[Value], Groups]:
    """The values that may share memory with one that is updated (or with a result), roughly: others need no care.

    And the groups of all that may ever share memory with each other.
    """
    groups = Groups()

    def join(a: Operand, b: Operand) -> None:
        if isinstance(a, Value) and isinstance(b, Value) and OUTSIDE not in (a, b) and not fixed(a) and not fixed(b):
            groups.join(a, b)

    ops = list(all_ops(function.body))
    for op in ops:
        if op.prim == "call" or op.blocks:
            plain = op.args[op.attrs["iter"].operands() :] if op.prim == "for" else op.args
            rows: list[list[Any]] = [op.outs, plain, *(b.params for b in op.blocks), *(b.results for b in op.blocks)]
            if op.prim in ("for", "while"):
                for others in rows[1:]:
                    for a, b in zip(reversed(op.outs), reversed(others), strict=False):
                        join(a, b)
                for walked in op.args[: len(op.args) - len(plain)]:
                    for element in op.blocks[-1].params[: op.attrs["iter"].leaves()]:
                        join(element, walked)
            else:
                for others in rows[1:]:
                    for a, b in zip(op.outs, others, strict=False) if op.blocks else _pairs(op.outs, others):
                        join(a, b)
        else:
            for out, _, source in relations[op]:
                join(out, source)
    centres = [op.args[0] for op in ops if is_update(op)] if updates else function.results
    leaders = {groups.find(v) for v in centres if isinstance(v, Value)}
    return {v for v, leader in groups.all().items() if leader in leaders}, groups


def _pairs(some: list[Value], others: list[Operand]) -> Iterator[tuple[Value, Operand]]:
    return ((a, b) for a in some for b in [*others, *some])


@dataclasses.dataclass
class Summary:
    """What a caller must know of a function.

    effect: it has effects.  keeps: it may hold on to its arguments.
    shares: for each result, the positions of the parameters that it may share memory with, or None for
    anything.  results: the pairs of results that may share memory.
    """

    effect: bool = True
    keeps: bool = True
    shares: tuple[set[int] | None, ...] | None = None
    results: set[tuple[int, int]] = dataclasses.field(default_factory=set)


def summarise(function: Function) -> Summary:
    """The summary of a function whose own calls carry theirs (``attrs["summary"]``)."""
    overlap = Overlap(function, outside=False)
    shares: list[set[int] | None] = []
    values = [r for r in function.results if isinstance(r, Value)]
    for r in function.results:
        if fixed(r):
            shares.append(set())
        elif isinstance(r, Const) or overlap.reads(r, OUTSIDE):
            shares.append(None)
        else:
            shares.append({k for k, p in enumerate(function.params) if not fixed(p) and overlap.reads(r, p)})
    pairs = {
        (j, k)
        for j, r in enumerate(function.results)
        for k, s in enumerate(function.results)
        if j != k and r in values and s in values and not fixed(r) and overlap.reads(r, s)
    }
    ops = list(all_ops(function.body))
    return Summary(any(map(has_effect, ops)), any(map(may_keep, ops)), tuple(shares), pairs)
