"""Simplify ops of a functional program while they are made: what is multiplied by one, divided by a reciprocal.

y_bar * 1      ->  y_bar            g * (1 / y)  ->  g / y          g * -x  ->  -g * x  (and -(-x) -> x)
x ** 1         ->  x                a[i] = a[i]  ->  a              index_add(clear_item(a, i), i, a[i])  ->  a
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Op, Operand, Value
from .build import Builder, type_of_operand

MULTIPLY = (operator.mul, np.multiply)
DIVIDE = (operator.truediv, np.divide)
NEGATE = (operator.neg, np.negative)


def algebra(build: Builder, prim: Any, args: tuple[Operand, ...], params: dict[str, Operand]) -> Operand | None:
    """What an op is worth without computing it, or a simpler one; None to keep it."""
    if params:
        return None
    rule = _RULES.get(prim) if not isinstance(prim, str) and _hashable(prim) else None
    return rule(build, *args) if rule is not None else None


def _hashable(x: Any) -> bool:
    try:
        hash(x)
    except TypeError:
        return False
    return True


def _is(x: Operand, number: float) -> bool:
    return (
        isinstance(x, Const)
        and isinstance(x.value, (int, float))
        and not isinstance(x.value, bool)
        and x.value == number
    )


def _inexact(x: Operand) -> bool:
    return type_of_operand(x).inexact is True


def _made(build: Builder, x: Operand) -> Op | None:
    op = build.defs.get(x) if isinstance(x, Value) else None
    return op if op is not None and not op.params else None


def spread(build: Builder, x: Operand) -> Operand | None:
    """The number that an array holds everywhere."""
    made = build.defs.get(x) if isinstance(x, Value) else None
    if made is not None and made.prim is runtime.match and type_of_operand(made.args[1]).dtype == np.float64:
        made = build.defs.get(made.args[0]) if isinstance(made.args[0], Value) else None
    if made is not None and made.prim is np.broadcast_to and type_of_operand(made.args[0]).is_number:
        return made.args[0]
    return None


def _weak(x: Operand, y: Value) -> bool:
    """Whether a number leaves the dtype of an array as it is."""
    t = type_of_operand(x)
    return t.kind in ("int", "float") or (t.kind == "scalar" and t.dtype == y.type.dtype)


def _covers(x: Operand, y: Operand) -> bool:
    """Whether ``x`` has at least the sizes of ``y``."""
    s, t = type_of_operand(x), type_of_operand(y)
    if s.dims is None or t.dims is None or len(s.dims) < len(t.dims):
        return False
    return all(
        d == e or e.one or (d.one is False and e.one is False)
        for d, e in zip(s.dims[len(s.dims) - len(t.dims) :], t.dims, strict=True)
    )


def multiply(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a * b``"""
    for x, y in ((a, b), (b, a)):
        number = spread(build, y)
        if number is not None and type_of_operand(x).is_number and isinstance(y, Value) and _weak(x, y):
            product = build.op(operator.mul, number, x) if y is a else build.op(operator.mul, x, number)
            return build.op(np.broadcast_to, product, build.op(np.shape, y), type=y.type)
        if number is not None and _covers(x, y) and type_of_operand(x).dtype == type_of_operand(y).dtype:
            return build.op(operator.mul, number, x) if y is a else build.op(operator.mul, x, number)
    for x, y in ((a, b), (b, a)):
        if _is(y, 1) and (_inexact(x) or isinstance(x, Const)):
            return x
        if _is(y, -1) and _inexact(x):
            return build.op(operator.neg, x)
    for x, y in ((a, b), (b, a)):
        made = _made(build, y)
        if made is not None and made.prim in DIVIDE and (not isinstance(x, Const) or y is b):
            top, bottom = made.args
            if _is(top, 1):
                return build.op(operator.truediv, x, bottom)
            if _is(top, -1):
                return build.op(operator.neg, build.op(operator.truediv, x, bottom))
        if made is not None and made.prim in NEGATE:
            return build.op(operator.neg, build.op(operator.mul, x, made.args[0]))
    return None


def divide(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a / b``"""
    if _is(b, 1) and _inexact(a):
        return a
    number = spread(build, a)
    if number is not None and _covers(b, a) and type_of_operand(a).dtype == type_of_operand(b).dtype:
        return build.op(operator.truediv, number, b)
    made = _made(build, a)
    if made is not None and made.prim in NEGATE and not isinstance(made.args[0], Const):
        return build.op(operator.neg, build.op(operator.truediv, made.args[0], b))
    return None


def negate(build: Builder, a: Operand) -> Operand | None:
    """``-a``"""
    if isinstance(a, Const) and isinstance(a.value, (int, float)) and not isinstance(a.value, bool) and a.path is None:
        return Const(-a.value)
    made = _made(build, a)
    if made is not None and made.prim is np.broadcast_to and isinstance(made.args[0], Const):
        return build.op(np.broadcast_to, Const(-made.args[0].value), made.args[1], type=type_of_operand(a))
    made = _made(build, a)
    if made is not None and made.prim in NEGATE:
        return made.args[0]
    return None


def add(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a + b``: adding the negative is subtracting."""
    for x, y in ((a, b), (b, a)):
        if _is(y, 0) and isinstance(y, Const) and _inexact(x):
            return x
    for x, y in ((a, b), (b, a)):
        made = _made(build, y)
        if made is not None and made.prim in NEGATE:
            return build.op(operator.sub, x, made.args[0])
    return None


def subtract(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a - b``"""
    return a if isinstance(b, Const) and b.path is None and _is(b, 0) and _inexact(a) else None


def accumulate(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """The sum of two cotangents."""
    for x, y in ((a, b), (b, a)):
        if isinstance(y, Const) and (y.value is None or _is(y, 0)):
            return x
    return None


def power(build: Builder, x: Operand, y: Operand) -> Operand | None:
    """``x ** y``"""
    return x if _is(y, 1) and _inexact(x) else None


def list_append(build: Builder, items: Operand, v: Operand) -> Operand | None:
    """A list that is known by its elements, and one more."""
    made = _made(build, items)
    if made is not None and made.prim is prims.make_list:
        return build.op(prims.make_list, *made.args, v)
    return None


def setitem(build: Builder, a: Operand, i: Operand, v: Operand) -> Operand | None:
    """``a`` with ``a[i] = v``"""
    made = _made(build, v)
    if made is not None and made.prim is operator.getitem and made.args[0] is a and made.args[1] is i:
        return a
    return None


def index_add(build: Builder, a: Operand, i: Operand, v: Operand) -> Operand | None:
    """``a`` with ``v`` added at ``i``: undone where it was just taken from there."""
    if isinstance(v, Const) and (v.value is None or _is(v, 0)):
        return a
    cleared, taken = _made(build, a), _made(build, v)
    if taken is not None and taken.prim is prims.copy:
        taken = _made(build, taken.args[0])
    if (
        cleared is not None and taken is not None
        and cleared.prim is runtime.clear_item and taken.prim is operator.getitem
        and cleared.args[0] is taken.args[0] and cleared.args[1] is taken.args[1] is i
    ):  # fmt: skip
        return cleared.args[0]
    return None


def transpose(build: Builder, a: Operand, *axes: Operand) -> Operand | None:
    """``a.T.T``"""
    made = _made(build, a)
    if not axes and made is not None and made.prim is np.transpose and len(made.args) == 1:
        return made.args[0]
    if not axes and made is not None and made.prim in (operator.matmul, np.matmul):
        left, right = made.args
        if type_of_operand(left).rank == type_of_operand(right).rank == 2:
            return build.op(made.prim, build.op(np.transpose, right), build.op(np.transpose, left))
    if not axes and type_of_operand(a).rank is not None and (type_of_operand(a).rank or 0) < 2 and isinstance(a, Value):
        return a if a.type.kind == "array" else None
    return None


_RULES: dict[Any, Any] = {
    operator.mul: multiply, np.multiply: multiply, operator.truediv: divide, np.divide: divide,
    operator.neg: negate, np.negative: negate, operator.add: add, np.add: add, runtime.accumulate: accumulate,
    operator.sub: subtract, np.subtract: subtract,
    operator.pow: power, runtime.setitem: setitem, runtime.list_append: list_append, runtime.index_add: index_add,
    np.transpose: transpose,
}  # fmt: skip
