"""Leave in place what an adjoint takes out of a cotangent only to put it back: ``leave(function)``.

The adjoint of ``a[i] += 2 * a[j]``, as it is made and as it is left:

    t = a_bar[i].copy()                  t = a_bar[i].copy()
    a_bar[i] = 0.0                ->     a_bar[j] += 2 * t
    a_bar[j] += 2 * t
    a_bar[i] += t

Between the two things are only added to the cotangent, and nothing reads it, so that the order makes no difference.
What is added at once where zero was put is put there:

    a_bar[i] = 0.0;  a_bar[i] += 2 * t       ->       a_bar[i] = 2 * t
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, constant_key
from .build import selects_once, type_of_operand
from .effects import all_ops


def leave(function: Function) -> Function:
    """Do so in a functional program, in place; the function is returned."""
    cleared = {op for op in all_ops(function.body) if op.prim is runtime.clear_item}
    if cleared:
        _Leaving(function, cleared).block(function.body)
    return function


def _dtype(x: Operand) -> Any:
    """The dtype that an array or a number certainly has."""
    t = type_of_operand(x)
    return np.dtype(float) if t.kind in ("float", "number") else t.dtype if t.kind in ("array", "scalar") else None


class _Leaving:
    """``defs``: which op makes a value.  ``users``: the ops, and the blocks at their ends, that read a value."""

    def __init__(self, function: Function, cleared: set[Op]):
        self.cleared = cleared
        self.defs: dict[Value, Op] = {}
        self.users: dict[Value, list[Op | Block]] = {}
        self._index(function.body)

    def _index(self, block: Block) -> None:
        for op in block.ops:
            for out in op.outs:
                self.defs[out] = op
            for x in op.operands():
                if isinstance(x, Value):
                    self.users.setdefault(x, []).append(op)
            for inner in op.blocks:
                self._index(inner)
        for r in block.results:
            if isinstance(r, Value):
                self.users.setdefault(r, []).append(block)

    def block(self, block: Block) -> None:
        for op in [op for op in block.ops if op in self.cleared]:
            put_back = self._put_back(op, set(block.ops))
            added = self._added(op)
            if put_back is not None:
                self._replace(op.out, op.args[0])
                self._replace(put_back.out, put_back.args[0])
                block.ops = [o for o in block.ops if o is not op and o is not put_back]
            elif added is not None:
                self._replace(op.out, op.args[0])
                added.prim = runtime.setitem
                block.ops.remove(op)
        for op in block.ops:
            for inner in op.blocks:
                self.block(inner)

    def _put_back(self, cleared: Op, beside: set[Op]) -> Op | None:
        """The op that adds what was at the index that another has cleared."""
        a, i = cleared.args
        if type_of_operand(a).kind != "array" or not selects_once(i, self.defs):
            return None
        version = cleared.out
        while len(self.users.get(version, [])) == 1:
            user = self.users[version][0]
            if user not in beside or not isinstance(user, Op) or user.args[0] is not version:
                return None
            if user.prim is runtime.index_add:
                if self._same(user.args[1], i) and self._is_taken(user.args[2], a, i):
                    return user
            elif user.prim is not runtime.accumulate:
                return None
            version = user.out
        return None

    def _added(self, cleared: Op) -> Op | None:
        """The op that adds what replaces what was cleared, and is the first to read what is left."""
        a, i = cleared.args
        user, *others = self.users.get(cleared.out, [cleared])
        if others or isinstance(user, Block) or user.prim is not runtime.index_add or user.args[0] is not cleared.out:
            return None
        alike = type_of_operand(a).dtype is not None and type_of_operand(a).dtype == _dtype(user.args[2])
        return user if alike and selects_once(i, self.defs) and self._same(user.args[1], i) else None

    def _is_taken(self, v: Operand, a: Operand, i: Operand) -> bool:
        """Whether a value is ``a[i]``."""
        made = self._made(v)
        if made is not None and made.prim is prims.copy:
            made = self._made(made.args[0])
        return made is not None and made.prim is operator.getitem and made.args[0] is a and self._same(made.args[1], i)

    def _same(self, i: Operand, j: Operand) -> bool:
        """Whether two indices are the same: one value, or built alike of the same."""
        if i is j:
            return True
        if isinstance(i, Const) and isinstance(j, Const):
            return constant_key(i.value) == constant_key(j.value)
        one, two = self._made(i), self._made(j)
        if one is None or two is None or one.prim is not two.prim or len(one.args) != len(two.args):
            return False
        return one.prim in (slice, prims.make_tuple) and all(map(self._same, one.args, two.args))

    def _made(self, x: Operand) -> Op | None:
        return self.defs.get(x) if isinstance(x, Value) else None

    def _replace(self, old: Value, new: Operand) -> None:
        for user in self.users.pop(old, []):
            if isinstance(user, Block):
                user.results = [new if r is old else r for r in user.results]
            else:
                user.args = [new if x is old else x for x in user.args]
                user.params = {k: new if x is old else x for k, x in user.params.items()}
            if isinstance(new, Value):
                self.users.setdefault(new, []).append(user)
