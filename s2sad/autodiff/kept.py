"""What is differentiated meets a value that is kept from an earlier call: left to runs that are recorded.

    if x == self.x: return self.value

Where the two are equal, the value that is kept has no derivative, though the function has one.  Whether a value is kept
so, a recorded run asks where it happens (`recording.kept`); here it is asked whether it may.
"""

from __future__ import annotations

import bisect
import math
import operator
import sys
import types
from typing import Any, NamedTuple

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Const, Function, Op, Operand, Value, hashable
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from ..passes.session import Cells, Globals
from ..stores import Code, changed, functions, methods
from .activity import dependent, varied

EQUAL = {operator.eq, operator.ne, np.equal, np.not_equal, np.array_equal, np.array_equiv, np.allclose, np.isclose,
         math.isclose}  # fmt: skip
LESS = {operator.lt, operator.le, np.less, np.less_equal}
ORDER = LESS | {operator.gt, operator.ge, np.greater, np.greater_equal}
APART = {operator.sub, operator.truediv, np.subtract, np.divide, max, min, np.maximum, np.minimum, np.fmax, np.fmin,
         math.dist}  # fmt: skip
# What looks for a place among others, or for one that is equal.
PLACING = {np.isin, np.searchsorted, bisect.bisect, bisect.bisect_left, bisect.bisect_right}
# What else asks whether there is any difference.
ASKING = {bool, any, np.any, np.all, np.ndarray.any, np.ndarray.all, np.count_nonzero, np.sign}
# What makes digests.  Whole numbers that tell a place or a size are none.
DIGESTING = {round, int, hash, id, str, repr, format, prims.format_string, math.floor, math.ceil, math.trunc,
             operator.floordiv, np.round, np.rint, np.floor, np.ceil, np.trunc, np.fix, np.floor_divide,
             np.ndarray.round}  # fmt: skip
# What may put something into a list or a dict that the caller has given.
_CHANGES = {runtime.list_append, runtime.setitem}
_CASTS = {np.ndarray.astype, np.asarray, np.array}
_LOOKUPS = {operator.contains, operator.getitem, dict.get}
TOLERANCE = 1e-6  # the largest one by which two values are taken for one
_REASON = "whether what is differentiated equals a value that may be kept from an earlier call is not known"


def check_kept(function: Function, active: list[bool]) -> None:
    """Refuse to compile a program in which what is differentiated is compared with what may be kept.

    Raises:
        UnsupportedError: with the place.
    """
    ops = [op for f in functions_in(function) for op in all_ops(f.body)]
    none = [False] * len(active)
    lists = [not on and _is_list(p) for p, on in zip(function.params, active, strict=True)]
    changes = any(lists) and _changes_given(function, lists)
    held = [changes and is_list for is_list in lists]
    tables = any(_looks_up(op) and _is_table(op.args[0]) for op in ops)
    if tables or (_compares(ops) and (any(held) or any(map(_reads_kept, ops)))):
        _check(function, Marks(active, held, none, none), set())


def _changes_given(function: Function, lists: list[bool]) -> bool:
    """Whether a function may put something into lists or dicts that it is given, or into what they hold."""
    own = list(all_ops(function.body))
    made = [x for op in own for x in (*op.outs, *(p for b in op.blocks for p in b.params))]
    numbers = frozenset(x for x in made if x.type.is_numeric)  # which lead to no list
    given = dependent(function, {p for p, on in zip(function.params, lists, strict=True) if on}, numbers)
    for op in own:
        if op.prim == "call":
            inner = _within(op) if any(x in given for x in op.operands()) else []
        else:
            inner = [op] if op.operands() and next(iter(op.operands())) in given else []
        if any(hashable(o.prim) and o.prim in _CHANGES and _is_list(o.args[0]) for o in inner):
            return True
    return False


def _compares(ops: list[Op]) -> bool:
    orders = sum(map(_is_order, ops))
    return orders > 1 or any(map(_is_comparison, ops)) or (orders > 0 and any(map(_is_apart, ops)))


class Marks(NamedTuple):
    """Which parameters of a function are what: in each list, one mark for each."""

    moving: list[bool]  # what is differentiated by reaches it
    held: list[bool]  # it may be kept from an earlier call
    told: list[bool]  # it is a digest of what is differentiated by, or computed from one
    near: list[bool]  # it is a difference of the two, or computed from one


def _is_comparison(op: Op) -> bool:
    if not hashable(op.prim) or len(op.args) < 2:
        return False
    same = op.prim in EQUAL or op.prim in PLACING or op.prim is operator.contains
    return same or (_looks_up(op) and _is_table(op.args[0]))


def _looks_up(op: Op) -> bool:
    return hashable(op.prim) and op.prim in _LOOKUPS


def _is_list(x: Operand) -> bool:
    return type_of_operand(x).kind in ("list", "dict", "unknown")


def _is_table(x: Operand) -> bool:
    return type_of_operand(x).kind in ("dict", "unknown")


def _makes_digest(op: Op) -> bool:
    if not hashable(op.prim):
        return False
    whole = op.prim in _CASTS and any(out.type.dtype is None or out.type.dtype.kind not in "fc" for out in op.outs)
    return whole or op.prim in DIGESTING


def _is_order(op: Op) -> bool:
    return hashable(op.prim) and (op.prim in ORDER or op.prim in ASKING)


def _within(op: Op) -> list[Op]:
    """An op, or those of all that it calls."""
    called = functions_in(op.attrs["function"]) if op.prim == "call" else []
    return [inner for f in called for inner in all_ops(f.body)] or [op]


def _is_apart(op: Op) -> bool:
    return hashable(op.prim) and op.prim in APART


def _is_far(x: Operand) -> bool:
    """Whether it is no tolerance."""
    return isinstance(x, Const) and isinstance(x.value, (int, float)) and abs(x.value) > TOLERANCE


def _check(function: Function, marks: Marks, seen: set[Any]) -> None:
    key = (id(function), *map(tuple, marks))
    if key in seen:
        return
    seen.add(key)
    _, held, told, near = ({p for p, on in zip(function.params, m, strict=True) if on} for m in marks)
    moving = varied(function, marks.moving)
    for op in all_ops(function.body):
        if any(map(_reads_kept, _within(op))):
            held.update(op.outs)
    held = dependent(function, held)
    for op in all_ops(function.body):
        if any(x in moving for x in op.operands()) and any(map(_makes_digest, _within(op))):
            told.update(op.outs)
    told = _reached(function, told)
    for op in all_ops(function.body):
        if _is_apart(op):
            if _meet(op.operands(), moving, held):
                near.update(op.outs)
        elif op.prim == "call" and any(x in moving for x in op.args) and any(map(_is_apart, _within(op))):
            near.update(out for out in op.outs if out in held)
    near = _reached(function, near)
    sides = set()
    for op in all_ops(function.body):
        if op.prim == "call":
            given = Marks(*([x in values for x in op.args] for values in (moving, held, told, near)))
            _check(op.attrs["function"], given, seen)
        elif _is_comparison(op):
            a, b = op.args[:2]
            if _looks_up(op):
                refused = (b in moving and _is_table(a)) or (b in told and a in held)
            else:
                refused = _meet([a, b], moving, held)
                refused = refused or ((a in told) != (b in told) and (b if a in told else a) in held)
                refused = refused or ((a in near or b in near) and not any(map(_is_far, (a, b))))
            if refused:
                raise UnsupportedError(_REASON, op.span)
        elif _is_order(op) and any(x in near - told for x in op.args) and not any(map(_is_far, op.args)):
            raise UnsupportedError(_REASON, op.span)
        elif hashable(op.prim) and op.prim in ORDER:
            a, b = op.args[:2]
            if _meet([a, b], moving, held):
                sides.add((a in moving) == (op.prim in LESS))
            if len(sides) == 2:  # between two of these, it may be what is kept
                raise UnsupportedError(_REASON, op.span)


def _meet(operands: list[Operand], moving: set[Value], held: set[Value]) -> bool:
    """Whether one of them is differentiated, and another may be kept: a list that is given may hold both."""
    return any(a in moving and b in held for a in operands for b in operands if a is not b)


def _reached(function: Function, values: set[Value]) -> set[Value]:
    """Those values, and what is computed from them in any way but comparisons."""
    seen, before = set(values), -1
    while values and len(seen) > before:
        before = len(seen)
        for op in all_ops(function.body):
            if hashable(op.prim) and (op.prim in ORDER or op.prim in EQUAL):
                continue
            if any(x in seen for x in op.operands()) or any(r in seen for inner in op.blocks for r in inner.results):
                seen.update(op.outs)
                for inner in op.blocks:
                    seen.update(inner.params)
    return seen


def _reads_kept(op: Op) -> bool:
    """Whether an op reads what code may store between two calls."""
    if op.prim is not getattr or not isinstance(op.args[1], Const):
        return False
    name, holder = op.args[1].value, op.args[0]
    if isinstance(holder, Const) and isinstance(holder.value, Globals):
        return _may_change(op, name, "GLOBAL", functions(object.__getattribute__(holder.value, "_namespace")))
    if isinstance(holder, Const) and isinstance(holder.value, types.ModuleType):
        return _may_change(op, name, "GLOBAL", functions(vars(holder.value)))
    cls = type_of_operand(holder).cls
    if isinstance(holder, Const):
        cls = holder.value if isinstance(holder.value, type) else type(holder.value)
    if cls is None or not isinstance(cls, type) or issubclass(cls, Cells):
        return True
    module = sys.modules.get(cls.__module__)
    return _may_change(op, name, "ATTR", [*methods(cls), *([] if module is None else functions(vars(module)))])


def _may_change(op: Op, name: str, kind: str, codes: list[Code]) -> bool:
    number = op.outs[0].type.kind in ("int", "float", "scalar", "number", "bool")
    return changed(name, kind, codes) or (not number and changed(name, "within", codes))
