"""Refuse numbers that are made from text where text is made of what may be differentiated.

In: a function with types.  It stays as it is, or it is refused: nobody could follow a number through its digits.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Function, Value
from ..ir.types import Type, module_of
from ..rules.table import rule_for
from .build import type_of_operand
from .effects import all_ops
from .session import Session

TEXT = (prims.format_string, str, repr, ascii, format, str.format, np.array2string, np.array_repr, np.array_str)
NUMBERS = (
    np.array, np.asarray, np.asanyarray, np.ndarray.astype, np.fromstring, np.loadtxt, np.genfromtxt,
    np.astype,
)  # fmt: skip
# What looks something up by a name, or tells a size or a type: no number of the digits.
LOOKING = (getattr, hasattr, isinstance, issubclass, len, type)
_HOLDERS = (str, bytes, dict, list, tuple, set, frozenset)  # whose methods give what they hold, places and counts
STORES = (operator.setitem, np.ndarray.fill, np.copyto, np.put, np.place, np.putmask)


def check_text(function: Function, session: Session) -> None:
    """Note what a function does with text.

    Raises:
        UnsupportedError: it makes numbers of text, or a function before it did, and one of them makes text of numbers.
    """
    used = used_values(function)
    for op in all_ops(function.body):
        types = list(map(type_of_operand, op.args))
        shown = any(has_floats(type_of_operand(x)) for x in op.operands())
        printed = op.prim is print and "file" in op.params
        if printed or _among(op.prim, TEXT) or (op.prim is operator.mod and types[0].kind == "str"):
            session.writes_text = session.writes_text or shown
            continue
        outs = [out.type for out in op.outs]
        stored = _among(op.prim, STORES) and _is_array_of_text(types[0])  # texts[0] = x
        if stored or (rule_for(op.prim) is not None and any(map(_is_array_of_text, outs))):  # x.astype(str)
            session.writes_text = session.writes_text or shown
        makes = op.args and _makes_numbers(op.prim) and isinstance(op.args[0], Value) and _may_be_text(types[0])
        strange = _is_strange(op.prim) and not used.isdisjoint(op.outs) and any(map(_may_be_text, types))
        if makes or strange:
            session.reads_text = session.reads_text or op.span
    if session.writes_text and session.reads_text:
        message = "a number that is made from text is not supported: the text may hold what is differentiated"
        raise UnsupportedError(message, session.reads_text)


def used_values(function: Function) -> set[Any]:
    """All operands and results."""
    used = {x for op in all_ops(function.body) for x in op.operands()} | set(function.results)
    used.update(r for op in all_ops(function.body) for block in op.blocks for r in block.results)
    return used


def _among(prim: Any, functions: tuple[Any, ...]) -> bool:
    return any(prim is f for f in functions)


def _makes_numbers(prim: Any) -> bool:
    """Whether it makes numbers of text; whole ones, too: those of two texts together are as good as any."""
    is_class = isinstance(prim, type) and issubclass(prim, (int, float, complex, np.number)) and prim is not bool
    return is_class or _among(prim, NUMBERS)


def _is_strange(prim: Any) -> bool:
    """Whether it may make a number of text for all that is known: no rule, form, error, method of text or of a dict."""
    if (
        isinstance(prim, str)
        or _among(prim, LOOKING)
        or rule_for(prim) is not None
        or getattr(prim, "__objclass__", None) in _HOLDERS
    ):
        return False
    if isinstance(prim, type) and issubclass(prim, BaseException):
        return False
    return not module_of(prim).startswith((__name__.partition(".")[0] + ".", "_operator"))


def has_floats(t: Type) -> bool:
    if t.kind in ("array", "scalar"):
        return t.dtype is None or t.dtype.kind in "fcO"
    return t.kind in ("float", "complex", "number", "numeric", "unknown", "object", "exception") or any(
        map(has_floats, t.elems)
    )


def _is_array_of_text(t: Type) -> bool:
    return t.kind in ("array", "scalar") and t.dtype is not None and t.dtype.kind in "SU"


def _may_be_text(t: Type) -> bool:
    if t.kind in ("array", "scalar"):
        return t.dtype is None or t.dtype.kind in "SUO"
    return t.kind in ("str", "unknown") or any(map(_may_be_text, t.elems))
