"""Refuse calls by which an object of NumPy's or SciPy's may keep what is differentiated, where nobody follows it.

    solver.set_f_params(p)   # its result is not used: what it does with p, it does later

In: a function with types.  It stays as it is, or it is refused.
"""

from __future__ import annotations

from ..errors import UnsupportedError
from ..ir.core import Const, Function, Op, Operand, Value
from ..ir.types import module_of
from .build import type_of_operand
from .effects import all_ops
from .text import has_floats, used_values


def check_kept(function: Function) -> None:
    """Look for methods of library objects that get numbers and whose results nobody uses.

    Raises:
        UnsupportedError: there is one.
    """
    used = used_values(function)
    for op in all_ops(function.body):
        if op.attrs.get("opaque") and used.isdisjoint(op.outs) and op.args and _is_of_library(op.args[0]):
            given = [*op.args[1:], *op.params.values()]
            if any(isinstance(x, Value) and has_floats(type_of_operand(x)) for x in given):
                raise UnsupportedError(f"{_name(op)}() may keep what it is given in an object", op.span)


def _is_of_library(x: Operand) -> bool:
    cls = type(x.value) if isinstance(x, Const) else x.type.cls if x.type.kind == "object" else None
    return module_of(cls).partition(".")[0] in ("numpy", "scipy")


def _name(op: Op) -> str:
    return getattr(op.prim, "__name__", str(op.prim))
