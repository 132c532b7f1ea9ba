"""What is differentiated meets a value that is kept from an earlier call: left to runs that are recorded.

    if x == self.x: return self.value

Where the two are equal, the value that is kept has no derivative, though the function has one.  Whether a value is kept
so, a recorded run asks where it happens (`recording.kept`); here it is asked whether it may.
"""

from __future__ import annotations

import math
import operator
import sys
import types
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..ir.core import Const, Function, Op, hashable
from ..passes.build import type_of_operand
from ..passes.effects import all_ops
from ..passes.session import Cells, Globals
from ..stores import changed, functions, methods
from .activity import dependent, varied

EQUAL = {operator.eq, operator.ne, np.equal, np.not_equal, np.array_equal, np.array_equiv, np.allclose, np.isclose,
         math.isclose}  # fmt: skip
_LOOKUPS = {operator.contains, operator.getitem, dict.get}
_REASON = "whether what is differentiated equals a value that may be kept from an earlier call is not known"


def check_kept(function: Function, active: list[bool]) -> None:
    """Refuse to compile a program in which what is differentiated is compared with what may be kept.

    Raises:
        UnsupportedError: with the place.
    """
    if any(_is_comparison(op) for f in _functions(function, []) for op in all_ops(f.body)):
        _check(function, active, [False] * len(active), set())


def _functions(function: Function, found: list[Function]) -> list[Function]:
    """A function, and all that it calls."""
    if not any(function is f for f in found):
        found.append(function)
        for op in all_ops(function.body):
            if op.prim == "call":
                _functions(op.attrs["function"], found)
    return found


def _is_comparison(op: Op) -> bool:
    return hashable(op.prim) and (op.prim in EQUAL or op.prim in _LOOKUPS) and len(op.args) > 1


def _check(function: Function, active: list[bool], kept: list[bool], seen: set[Any]) -> None:
    if (id(function), *active, *kept) in seen:
        return
    seen.add((id(function), *active, *kept))
    moving = varied(function, active)
    held = {p for p, k in zip(function.params, kept, strict=True) if k}
    for op in all_ops(function.body):
        called = _functions(op.attrs["function"], []) if op.prim == "call" else []
        if _reads_kept(op) or any(_reads_kept(inner) for f in called for inner in all_ops(f.body)):
            held.update(op.outs)
    held = dependent(function, held)
    for op in all_ops(function.body):
        if op.prim == "call":
            _check(op.attrs["function"], [a in moving for a in op.args], [a in held for a in op.args], seen)
        elif _is_comparison(op):
            a, b = op.args[:2]
            if op.prim in _LOOKUPS:
                refused = b in moving and type_of_operand(a).kind in ("dict", "unknown")
            else:
                refused = (a in moving) != (b in moving) and (b if a in moving else a) in held
            if refused:
                raise UnsupportedError(_REASON, op.span)


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


def _may_change(op: Op, name: str, kind: str, codes: list[types.CodeType]) -> bool:
    number = op.outs[0].type.kind in ("int", "float", "scalar", "number", "bool")
    return changed(name, kind, codes) or (not number and changed(name, "within", codes))
