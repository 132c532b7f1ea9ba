"""Decide which ops are printed inside the expression that uses them instead of as a statement of their own.

A pure op that is used once is folded into its user where the value does not change by being computed later, the
expression stays readable, and it is not a variable that the user named.
"""

from __future__ import annotations

import copy
import functools
import operator
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value
from ..passes.build import selects_once
from ..rules.table import rule_for
from .memory import all_ops, among, fixed, has_effect, is_array, is_update, operand_type
from .overlap import Overlap, sharing
from .syntax import BINARY, COMPARE, INPLACE, UNARY

WIDTH = 96  # of an expression, roughly
_GENERATED = ("_bar", "_dot", "_saved")
_SUMS = {operator.add, operator.sub, runtime.accumulate}
_BRACKETS = {operator.getitem, prims.make_tuple, prims.make_list}
_REBUILT = (prims.make_tuple, slice)  # cheaper and clearer where they are used, even when used often
_CHEAP = (np.transpose, np.shape, np.ndim, np.size)


class Folding:
    """inline: the ops that are printed where they are used.  choices: those that are ``a if c else b``.

    bare: copies among them that nobody could tell from what they are copies of.
    """

    def __init__(self, function: Function, overlap: Overlap):
        self.inline: set[Op] = set()
        self.choices: set[Op] = set()
        self.bare: set[Op] = set()
        self.maker: dict[Value, Op] = {}
        self._overlap = overlap
        self._place: dict[Op, tuple[Block, int]] = {}
        self._users: dict[Value, list[Op | None]] = {}
        self._width: dict[Op, int] = {}
        self._popped: dict[Op, list[Value]] = defaultdict(list)  # the lists that are left by pops folded into an op
        self._effects: Counter[Op | Block] = Counter()  # folded effects per expression, or end of a block
        self._body = function.body
        self._tries = any(op.attrs.get("raises") for op in all_ops(function.body))
        self._index(function.body)
        self._block(function.body, fold_results=True)

    @functools.cached_property
    def read(self) -> set[Value]:
        """The variables that are read by any statement."""
        return _read(self._body, self)

    def leaves(self, x: Operand) -> list[Value]:
        """The variables that stand in the text of an operand, in order."""
        if not isinstance(x, Value):
            return []
        op = self.folded(x)
        if op is None:
            return [x]
        found = [v for a in op.operands() for v in self.leaves(a)]
        for block in op.blocks:
            found += [v for r in block.results for v in self.leaves(r)]
        return found

    def folded(self, x: Operand) -> Op | None:
        """The op that is printed in place of an operand, if any."""
        op = self.maker.get(x) if isinstance(x, Value) else None
        return op if op in self.inline and op is not None and op.outs[0] is x else None

    def is_for(self, x: Value, ops: list[Op]) -> bool:
        """Whether nothing but these ops reads a value."""
        return all(user in ops for user in self._users.get(x, []))

    def has_effect(self, op: Op) -> bool:
        """Whether an op, or anything that is printed inside it, has an effect."""
        return has_effect(op) or bool(self._effects[op])

    def is_expression(self, block: Block) -> bool:
        """Whether a block is nothing but the expressions of its results."""
        return all(op in self.inline for op in block.ops)

    def _index(self, block: Block) -> None:
        for k, op in enumerate(block.ops):
            self._place[op] = (block, k)
            for out in op.outs:
                self.maker[out] = op
            for x in op.operands():
                if isinstance(x, Value):
                    self._users.setdefault(x, []).append(op)
            for inner in op.blocks:
                self._index(inner)
        for x in block.results:
            if isinstance(x, Value):
                self._users.setdefault(x, []).append(None)

    def _block(self, block: Block, fold_results: bool) -> None:
        for k, op in enumerate(block.ops):
            for b, inner in enumerate(op.blocks):
                tail = fold_results and op.attrs.get("tail", False)
                self._block(inner, tail or (op.prim == "while" and b == 0) or self._may_choose(op))
            if op.prim is runtime.accumulate and op.attrs.get("inplace"):
                self._sum(op, block, k)
            for x in self._latest_first(_foldable_operands(op)):
                self._try(x, op, block, k)
            self._width[op] = self._measure(op)
            if self._may_choose(op) and all(map(self.is_expression, op.blocks)) and self._width[op] <= WIDTH:
                self.choices.add(op)
            if self._is_rebuilt(op):
                self.inline.add(op)
        if fold_results and not (block.ops and block.ops[-1].attrs.get("tail")):
            for x in self._latest_first(block.results):
                self._try(x, None, block, len(block.ops))

    def _sum(self, op: Op, block: Block, position: int) -> None:
        """Print ``a_bar = g; a_bar += h`` as ``a_bar = g + h`` where that is one statement of the user's."""
        old = op.args[0]
        first = self.maker.get(old) if isinstance(old, Value) else None
        if first is None or first.prim in (np.zeros_like, runtime.zeros_like, prims.copy, copy.copy):
            return
        op.attrs["inplace"] = False
        for x in self._latest_first(op.args):
            self._try(x, op, block, position)
        op.attrs["inplace"] = not self.folded(op.args[0])

    def _latest_first(self, operands: list[Operand]) -> list[Value]:
        """The operands that ops make, so that what stands between an op and its user may already be folded."""
        made = [x for x in operands if isinstance(x, Value) and x in self.maker]
        return sorted(made, key=lambda x: self._place[self.maker[x]][1], reverse=True)

    def _is_rebuilt(self, op: Op) -> bool:
        """Whether it is written out again at each of several uses."""
        users = self._users.get(op.outs[0], []) if len(op.outs) == 1 else []
        if len(users) < 2 or op.outs[0].hint is not None:
            return False
        if any(u is not None and is_update(u) and u.attrs.get("inplace") and u.args[0] is op.outs[0] for u in users):
            return False  # what is written has a name
        if among(op.prim, _REBUILT) or _is_step(op):
            return all(self._is_index(x) for x in op.operands())
        if any(self.folded(x) and self.leaves(x) for x in op.operands()):
            return False
        cheap = among(op.prim, _CHEAP) and len(op.args) == 1 and not op.params
        cheap = cheap or (
            op.prim is getattr and isinstance(op.args[1], Const) and op.args[1].value in ("T", "shape", "ndim")
        )
        block, start = self._place[op]
        if not cheap or any(u is None or self._place[u][0] is not block for u in users):
            return False
        return self._unchanged(op, block, start, max(self._place[u][1] for u in users if u is not None))

    def _is_index(self, x: Operand) -> bool:
        """Whether it is a variable, or an index made of integers that no update can change."""
        op = self.folded(x)
        if op is None:
            return True
        return (among(op.prim, _REBUILT) or _is_step(op)) and all(map(self._is_index, op.operands()))

    # One operand

    def _try(self, x: Value, user: Op | None, block: Block, position: int) -> None:
        """Fold the op that makes ``x`` into its user (None: the end of the block)."""
        op = self.maker[x]
        if op in self.inline or self._place[op][0] is not block:
            return
        if not self._is_used_once(x, user) or not self._is_printable(op) or self._is_named(op, user):
            return
        if self._width[op] + (self._measure(user) if user is not None else 0) > WIDTH:
            return
        if not self._unchanged(op, block, self._place[op][1], position):
            return
        if self._is_impure(op) or self._effects[op]:
            if user is not None and _reads_item(user) and x is user.args[1]:
                return  # an index that is printed twice
            rest = [*op.outs[1:], *self._popped[op]]  # what pop leaves must not be read in the same breath
            read = user.operands() if user is not None else block.results
            if self._effects[user or block] or any(v in rest for a in read for v in self.leaves(a)):
                return
            self._effects[user or block] += 1
            if user is not None:
                self._popped[user] += rest
        self.inline.add(op)
        if op.prim is prims.copy and op.attrs.get("backward") and user is not None and self._only_reads(user, x):
            self.bare.add(op)

    def _only_reads(self, user: Op, x: Value) -> bool:
        """Whether an op has read an array when it writes anything, and what it gives shares no memory with it."""
        if user.blocks or isinstance(user.prim, str) or not is_array(x) or (x is user.args[0] and is_update(user)):
            return False
        if is_update(user) and user.attrs.get("inplace"):  # NumPy's operators see to operands that overlap
            sums = user.prim is runtime.accumulate or among(user.prim, INPLACE)
            return is_array(user.args[0]) and (
                sums or (user.prim is runtime.index_add and selects_once(user.args[1], self.maker))
            )
        return rule_for(user.prim) is not None and not has_effect(user) and not sharing(user)

    def _is_used_once(self, x: Value, user: Op | None) -> bool:
        """Whether the user is the only one; the condition of ``a and b`` is its result too."""
        users = self._users[x]
        if len(users) == 2 and user is not None and self._may_choose(user) and None in users:
            return any(b.results == [x] for b in user.blocks) and not self._is_impure(self.maker[x])
        return len(users) == 1

    def _is_printable(self, op: Op) -> bool:
        """Whether the op can stand in an expression."""
        if op.prim is runtime.list_pop:
            return bool(op.attrs.get("inplace"))
        if op.prim == "if":
            return op in self.choices
        if op.blocks or op.prim == "raise" or op.prim is prims.unpack or len(op.outs) != 1:
            return False
        return not (is_update(op) and op.attrs.get("inplace"))

    def _may_choose(self, op: Op) -> bool:
        """Whether an ``if`` may become ``a if c else b``: on one line for the user, small, without effects."""
        if op.prim != "if" or op.attrs.get("tail") or op.attrs.get("arm"):
            return False
        one_line = op.span is not None and op.span.line == op.span.end_line
        if len(op.outs) != 1 or (is_named(op.outs[0]) and not one_line):
            return False
        if not is_named(op.outs[0]) and any(_stays(op.outs[0], b) for b in op.blocks):
            return False  # ``if c: a_bar = ...`` and not ``a_bar = ... if c else a_bar``
        if any(r is UNDEFINED for b in op.blocks for r in b.results):
            return False  # ``if c: a = ...``
        inner = [o for b in op.blocks for o in all_ops(b)]
        return len(inner) <= 6 and not any(map(self._is_impure, inner))

    def _is_named(self, op: Op, user: Op | None) -> bool:
        out = op.outs[0]
        if is_named(out):
            return True
        if out.hint is None:
            return False
        if user is None:
            return len(self._place[op][0].results) > 1
        return _statement(op) != _statement(user)

    def _is_impure(self, op: Op) -> bool:
        return op.prim is runtime.list_pop or (is_update(op) and bool(op.attrs.get("inplace"))) or has_effect(op)

    def _unchanged(self, op: Op, block: Block, start: int, end: int) -> bool:
        """Whether computing the op at ``end`` instead of ``start`` keeps its value and the order of effects."""
        reads = [v for a in op.operands() for v in self.leaves(a)]
        for inner in op.blocks:
            reads += [v for r in inner.results for v in self.leaves(r)]
        changeable = [v for v in reads if not fixed(v)]
        outside = any(isinstance(a, Const) and not fixed(a) for a in op.operands())
        hints = {v.hint for v in reads if v.hint}
        impure = self._is_impure(op) or bool(self._effects[op])
        raises = self._raises(op)
        for other in block.ops[start + 1 : end]:
            inline = other in self.inline
            if raises and not inline and self._raises(other):  # in a `try`: what raises first, decides
                return False
            if not inline and (other.blocks or impure):
                return False
            if impure and any(not fixed(v) for a in other.operands() for v in self.leaves(a)):
                return False
            if is_update(other) and other.attrs.get("inplace"):
                target = other.args[0]
                if any(isinstance(target, Const) or self._overlap.sees_later(v, target) for v in changeable):
                    return False
            elif has_effect(other) and (changeable or outside):
                return False
            if not inline and any(o.hint in hints and o not in reads for o in other.outs):
                return False  # the variable gets a new value
        return True

    def _raises(self, op: Op) -> bool:
        """Whether an op of a ``try``, or anything that is printed inside it, may raise."""
        if not self._tries:
            return False
        folded = [inner for inner in map(self.folded, op.operands()) if inner is not None]
        inside = [o for b in op.blocks for o in all_ops(b)]
        return (
            bool(op.attrs.get("raises")) or any(map(self._raises, folded)) or any(o.attrs.get("raises") for o in inside)
        )

    def raises(self, ops: Iterable[Op | None]) -> bool:
        """Whether any of the ops of a ``try`` may raise."""
        return any(op is not None and self._raises(op) for op in ops)

    def _measure(self, op: Op) -> int:
        """About how many columns the op takes."""
        prim, parts = op.prim, [self._columns(x) for x in _foldable_operands(op)]
        if op.prim == "if" and len(op.outs) == 1:
            return sum(parts) + 10 + sum(self._columns(block.results[0]) for block in op.blocks)
        if isinstance(prim, str):
            return sum(parts)
        if among(prim, BINARY) or among(prim, COMPARE) or prim is runtime.accumulate:
            sums = [x for x in op.args if among(getattr(self.folded(x), "prim", None), _SUMS)]
            return sum(parts) + 3 + 2 * len(sums) * (not among(prim, _SUMS))
        if among(prim, UNARY):
            return sum(parts) + 1
        if prim is slice:
            return 1 + sum(n for n, x in zip(parts, op.args, strict=True) if not _is_none(x))
        commas = 2 * max(len(parts) - 1, 0)
        if among(prim, _BRACKETS):
            return sum(parts) + commas + (0 if prim is operator.getitem else 2)
        if prim is getattr:
            return sum(parts) - 1
        name = 1 if among(prim, _CHEAP) or is_update(op) else len(getattr(prim, "__name__", "")) + 5
        return sum(parts) + commas + name + sum(len(k) + 1 for k in op.params)

    def _columns(self, x: Operand) -> int:
        if isinstance(x, Value):
            op = self.folded(x)
            return self._width[op] if op is not None else len(x.hint or "t")
        return len(x.path or repr(x.value))


def _is_step(op: Op) -> bool:
    """``i + 1``, ``n - 1``"""
    step = among(op.prim, (operator.add, operator.sub)) and len(op.outs) == 1 and op.outs[0].type.kind == "int"
    return step and isinstance(op.args[1], Const) and operand_type(op.args[0]).kind == "int"


def _stays(out: Value, branch: Block) -> bool:
    """Whether a branch leaves a cotangent as it was."""
    x = branch.results[0]
    return isinstance(x, Value) and out.hint is not None and x.hint == out.hint and not branch.ops


def _is_none(x: Operand) -> bool:
    return isinstance(x, Const) and x.value is None


def _read(block: Block, folding: Folding) -> set[Value]:
    found = {v for r in block.results for v in folding.leaves(r)}
    for op in block.ops:
        if op not in folding.inline:
            found.update(v for x in op.operands() for v in folding.leaves(x))
            found.update(*(_read(inner, folding) for inner in op.blocks))
    return found


def is_named(v: Value) -> bool:
    """Whether the user gave the value its name."""
    return v.hint is not None and not v.hint.endswith(_GENERATED)


def _foldable_operands(op: Op) -> list[Operand]:
    """The operands that may be any expression."""
    if op.prim == "while":
        return []
    if op.prim == "for":
        return op.args[: op.attrs["iter"].operands()]
    if is_update(op) and op.attrs.get("inplace"):
        return [*op.args[1:], *op.params.values()]
    return list(op.operands())


def _reads_item(op: Op) -> bool:
    """Whether it is printed as ``a[i] = f(a[i])``."""
    return among(op.prim, (runtime.index_add, runtime.clear_item)) and not is_array(op.args[0])


def _statement(op: Op) -> Any:
    """The user's statement that an op belongs to."""
    return op.span and (op.span.file, op.span.statement), bool(op.attrs.get("backward"))
