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
import math
import operator
from collections import defaultdict

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..rules.table import rule_for
from .liveness import live_after
from .memory import all_ops, among, fixed, has_effect, is_array, is_update, may_keep, new_version, operand_type
from .syntax import BINARY, UNARY

OUTSIDE = Value("outside")

SAME, PART, HOLDS = "same", "part", "holds"
_FRESH = {
    runtime.zeros_like, len, np.zeros_like, np.ones_like, np.empty_like, np.copy, np.array, np.ndarray.copy,
    np.ndarray.astype, np.shape, math.prod,
}  # fmt: skip
_READ_ONLY = {np.broadcast_to, np.broadcast_arrays, runtime.unbroadcast, np.diagonal, np.ndarray.diagonal}
_CONTAINERS = {
    prims.make_tuple,
    prims.make_list,
    prims.make_dict,
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
    if all(fixed(out) for out in op.outs) or among(prim, _FRESH):
        return found
    everything = list(op.operands())
    if among(prim, _CONTAINERS):
        if among(prim, (prims.copy, copy.copy)) and is_array(args[0]):
            return found
        return [(op.out, HOLDS, a) for a in everything]
    if among(prim, _READ_ONLY):
        return [(op.out, PART, args[0]), (op.out, PART, OUTSIDE)]
    if prim is runtime.match:
        return [(op.out, PART, args[0])]
    if prim is operator.getitem and is_array(args[0]) and _copies(args[1]):
        return found
    rule = None if isinstance(prim, str) else rule_for(prim)
    if rule is not None and rule.view:
        return [(op.out, PART, args[0])]
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


class Overlap:
    """See the module.  It holds for the program in which every update happens in place, and so for any other."""

    def __init__(self, function: Function, live_after: dict[Op, set[Value]], outside: bool = True):
        self.reaches: dict[Value, set[Value]] = defaultdict(set)
        self.reached_by: dict[Value, set[Value]] = defaultdict(set)
        self.meets: dict[Value, set[Value]] = defaultdict(set)
        self._live_after = live_after
        self._outer: dict[Block, set[Value]] = {}
        self._changed = False
        for p in function.params if outside else ():
            self._relate(p, PART, OUTSIDE)
        self._scope(function.body, {OUTSIDE})
        while True:
            self._changed = False
            self._walk(function.body)
            if not self._changed:
                return

    def sees(self, y: Value, x: Value) -> bool:
        """Whether a reader of ``y`` may notice a write to ``x`` itself."""
        return y is x or y in self.reached_by[x]

    def reads(self, y: Value, x: Value) -> bool:
        """Whether ``y`` may have anything in common with ``x``."""
        return y is x or x in self.meets[y]

    # Building the relations

    def _scope(self, block: Block, outer: set[Value]) -> None:
        """Remember which values stand outside each block."""
        self._outer[block] = outer
        inside = outer | set(block.params)
        for op in block.ops:
            for inner in op.blocks:
                self._scope(inner, set(inside))
            inside.update(op.outs)

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

    def _relate(self, out: Value, how: str, source: Operand) -> None:
        if isinstance(source, Const):
            if fixed(source):
                return
            source = OUTSIDE
        if fixed(out) or fixed(source):
            return
        if how == SAME:
            for y in [source, *self.reached_by[source]]:
                self._add(y, out)
        elif how == PART:
            for y in [source, *self.meets[source]]:
                self._add(y, out)
        for x in [source, *self.reaches[source]]:
            self._add(out, x)
        for x in [source, *self.meets[source]]:
            self._meet(out, x)

    def _walk(self, block: Block) -> None:
        for op in block.ops:
            if op.prim == "for":
                self._for(op)
            elif op.prim == "while":
                self._while(op)
            elif op.prim in ("if", "with"):
                for inner in op.blocks:
                    self._walk(inner)
                    self._flow(op.outs, inner.results, self._outer[inner])
            elif op.prim == "call":
                self._call(op)
            else:
                for relation in sharing(op):
                    self._relate(*relation)
            if not op.blocks and may_keep(op):
                self._escape(op)

    def _call(self, op: Op) -> None:
        summary = op.attrs["summary"]
        for k, out in enumerate(op.outs):
            shared = summary.shares[k] if summary.shares else None
            for j, a in enumerate(op.args):
                if shared is None or j in shared:
                    self._relate(out, PART, a)
            if shared is None:
                self._relate(out, PART, OUTSIDE)
            for j, other in enumerate(op.outs):
                together = summary.shares is None or (j, k) in summary.results
                if other is not out and together and not fixed(out) and not fixed(other):
                    self._add(out, other)

    def _escape(self, op: Op) -> None:
        live = self._live_after.get(op, set())
        for a in op.operands():
            if isinstance(a, Value) and not fixed(a):
                for x in [a, *(self.reaches[a] & live)]:
                    self._add(OUTSIDE, x)
                self._meet(OUTSIDE, a)

    def _for(self, op: Op) -> None:
        (body,) = op.blocks
        operands, leaves = op.attrs["iter"].operands(), op.attrs["iter"].leaves()
        outer = self._outer[body]
        for element in body.params[:leaves]:
            for a in op.args[:operands]:
                self._relate(element, PART, a)
        carried = body.params[leaves:]
        self._flow(carried, op.args[operands:], outer)
        self._walk(body)
        results = body.results[len(body.results) - len(carried) :]
        outs = op.outs[len(op.outs) - len(carried) :]
        self._flow(carried, results, outer)
        self._flow(outs, op.args[operands:], outer)
        self._flow(outs, results, outer)

    def _while(self, op: Op) -> None:
        condition, body = op.blocks
        results = body.results[len(body.results) - len(body.params) :]
        outs = op.outs[len(op.outs) - len(body.params) :]
        for targets in (condition.params, body.params, outs):
            self._flow(targets, op.args, self._outer[body])
        self._walk(condition)
        self._walk(body)
        for targets in (condition.params, body.params, outs):
            self._flow(targets, results, self._outer[body])

    def _flow(self, targets: list[Value], sources: list[Operand], outer: set[Value]) -> None:
        """Targets take over from sources all at once: relations among them, and with what stands outside the block."""
        pairs = []
        for target, source in zip(targets, sources, strict=True):
            if isinstance(source, Const):
                if fixed(source):
                    continue
                source = OUTSIDE
            if not fixed(target) and not fixed(source):
                pairs.append((target, source))
        for target, source in pairs:
            for x in [source, *self.reaches[source]]:
                if x in outer:
                    self._add(target, x)
            for y in [source, *self.reached_by[source]]:
                if y in outer:
                    self._add(y, target)
            for x in [source, *self.meets[source]]:
                if x in outer:
                    self._meet(target, x)
            for other, other_source in pairs:
                if other is not target:
                    if source is other_source or other_source in self.reaches[source]:
                        self._add(target, other)
                    if source is other_source or other_source in self.meets[source]:
                        self._meet(target, other)


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
    overlap = Overlap(function, live_after(function), outside=False)
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
