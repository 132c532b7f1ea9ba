"""Values that may be None: ``best = None; for x in xs: if best is None or x < best: best = x``.

Where an op would raise if its operand were None, it reads ``present(best)``, of which the type is known; generated code
has ``best`` itself there, and raises what the program raises.  Where it is known which branch control is in
(``if best is not None:``), every op reads that.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Operand, Value, hashable
from ..rules.table import rule_for
from .build import type_of_operand

if TYPE_CHECKING:
    from .types import Walker

_OPERATORS = {getattr(operator, name) for name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "lt", "le", "gt", "ge",
    "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul",
)}  # fmt: skip
_FUNCTIONS = {abs, operator.abs, float, int, complex, round, divmod, pow, len}
_BY_CLASS = ("unknown", "object", "closure", "bottom", "str")  # kinds whose operators may take None


def raising(walker: Walker, prim: Any, args: list[Operand]) -> list[Operand]:
    """The operands of an op or call, as they are where they are not None, if it raises where they are."""
    types = list(map(type_of_operand, args))
    if prim is operator.getitem and types[1].kind in ("optional", "tuple"):
        args = [args[0], _index(walker, args[1])]
    if not any(t.kind == "optional" for t in types) or not hashable(prim):
        return args
    present = walker.present
    if prim in (operator.getitem, prims.unpack):
        return [present(args[0]), *args[1:]]
    if prim in _OPERATORS:
        return args if any(t.kind in _BY_CLASS for t in types) else list(map(present, args))
    rule = rule_for(prim)
    of_numbers = isinstance(prim, np.ufunc) and rule is not None and rule.kind == "elementwise"
    of_math = getattr(prim, "__module__", None) == "math" and prim is not math.perm
    return list(map(present, args)) if of_numbers or of_math or prim in _FUNCTIONS else args


def _index(walker: Walker, index: Operand) -> Operand:
    """An index none of whose parts is None, which would make an axis: that is asked when the program runs."""
    t = type_of_operand(index)
    if t.kind == "optional" and t.elems[0].is_number:
        walker.builder.effect(runtime.check_index, index)
        return walker.present(index)
    parts = walker.builder.elements(index) if any(e.kind == "optional" for e in t.elems) else None
    if parts is None:
        return index
    return walker.builder.op(prims.make_tuple, *[_index(walker, x) for x in parts])


def narrowed(walker: Walker, condition: Operand, truth: bool) -> None:
    """Let what follows read a value that a condition, which is known there, says is not None."""
    asked = walker.builder.defs.get(condition) if isinstance(condition, Value) else None
    if type_of_operand(condition).kind == "optional" and truth:
        _read_present(walker, condition)
    elif asked is not None and asked.prim is operator.not_:
        narrowed(walker, asked.args[0], not truth)
    elif asked is not None and asked.prim in (operator.is_, operator.is_not) and (asked.prim is operator.is_) != truth:
        for x, other in (asked.args, asked.args[::-1]):
            if isinstance(other, Const) and other.value is None and type_of_operand(x).kind == "optional":
                _read_present(walker, x)


def _read_present(walker: Walker, x: Operand) -> None:
    same = walker.present(x)
    walker.env.update({lowered: same for lowered, found in walker.env.items() if found is x})
