"""Simplify ops of a functional program while they are made: what is multiplied by one, divided by a reciprocal.

y_bar * 1      ->  y_bar            g * (1 / y)  ->  g / y          g * -x  ->  -g * x  (and -(-x) -> x)
x ** 1         ->  x                a[i] = a[i]  ->  a              index_add(clear_item(a, i), i, a[i])  ->  a
2 * (3 * x)    ->  6 * x            x + x        ->  2 * x          x + -2 * y  ->  x - 2 * y
zeros with v added at i  ->  zeros with v put there

Numbers are multiplied before arrays are, and small arrays before large ones:

np.broadcast_to(g, x.shape) * x     ->  g * x                       np.sum(s * x)  ->  s * np.sum(x)

Only what the compiler made is put in another order; a value that the user computed is used as it is.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Op, Operand, Value, hashable
from ..ir.types import DOUBLE, same_dtype, same_sizes
from ..rules.table import rule_for
from .build import Builder, computation, selects_once, type_of_operand

MULTIPLY = (operator.mul, np.multiply)
DIVIDE = (operator.truediv, np.divide)
NEGATE = (operator.neg, np.negative)
ADD = (operator.add, np.add, runtime.accumulate)


def algebra(build: Builder, prim: Any, args: tuple[Operand, ...], params: dict[str, Operand]) -> Operand | None:
    """What an op is worth without computing it, or a simpler one; None to keep it."""
    if prim is np.sum:
        return total(build, *args, **params) if len(args) == 1 else None
    if params:
        return None
    rule = _RULES.get(prim) if not isinstance(prim, str) and hashable(prim) else None
    return rule(build, *args) if rule is not None else None


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


def _ours(build: Builder, x: Operand, prims: tuple[Any, ...]) -> list[Operand] | None:
    """The operands of the op that makes ``x``, if it is among ``prims`` and the compiler made it."""
    made = _made(build, x)
    return made.args if made is not None and made.prim in prims and made.attrs.get("backward") else None


def _is_literal(x: Operand) -> bool:
    """A finite number that stands in the formula."""
    return isinstance(x, Const) and x.path is None and type(x.value) in (int, float) and math.isfinite(x.value)


def _is_tidy(x: Operand, y: Operand) -> bool:
    """Whether both are literals, and their product is one that a reader would write: not 0.010000000000000002."""
    if not (_is_literal(x) and _is_literal(y)):
        return False
    a, b = x.value, y.value  # type: ignore[union-attr]
    return len(repr(a * b)) <= len(repr(a)) + len(repr(b))


def scaled(build: Builder, x: Operand) -> tuple[Operand, Operand] | None:
    """``(s, y)`` where ``x`` was made as ``s * y`` of a number ``s`` that leaves the dtype of ``y`` as it is."""
    args = _ours(build, x, MULTIPLY)
    if args is not None:
        for s, y in (args, args[::-1]):
            if isinstance(y, Value) and _inexact(y) and (_is_literal(s) or (_is_array(y) and _weak(s, y))):
                return s, y
    return None


def _is_array(x: Operand) -> bool:
    return type_of_operand(x).kind == "array"


def spread(build: Builder, x: Operand) -> Operand | None:
    """What an array repeats: ``v`` of ``np.broadcast_to(v, shape)``, and of parts of that where ``v`` is a number."""
    made, part = build.defs.get(x) if isinstance(x, Value) else None, False
    while made is not None and made.prim in (operator.getitem, prims.copy) and _is_array(made.args[0]):
        made, part = build.defs.get(made.args[0]) if isinstance(made.args[0], Value) else None, True
    if made is not None and made.prim is runtime.match and type_of_operand(made.args[1]).dtype == np.float64:
        made = build.defs.get(made.args[0]) if isinstance(made.args[0], Value) else None
    if made is None or made.prim is not np.broadcast_to:
        return None
    t = type_of_operand(made.args[0])
    return made.args[0] if t.is_number or (t.is_numeric and not part) else None


def _weak(x: Operand, y: Operand) -> bool:
    """Whether ``x`` is a number that leaves the dtype of an array as it is."""
    t, dtype = type_of_operand(x), type_of_operand(y).dtype
    return t.kind in ("int", "float") or (t.kind == "scalar" and same_dtype(t.dtype, dtype)) or (
        t.kind == "number" and dtype == np.float64)  # fmt: skip


def _covers(x: Operand, y: Operand) -> bool:
    """Whether ``x`` has at least the sizes of ``y``."""
    s, t = type_of_operand(x), type_of_operand(y)
    if s.dims is None or t.dims is None or len(s.dims) < len(t.dims):
        return False
    return all(
        d.key == e.key or e.one or (d.one is False and e.one is False)
        for d, e in zip(s.dims[len(s.dims) - len(t.dims) :], t.dims, strict=True)
    )


def _smaller(x: Operand, y: Operand) -> bool:
    """Whether ``x`` surely has fewer elements than the array ``y``: it is a number, or is broadcast."""
    s, t = type_of_operand(x), type_of_operand(y)
    if s.is_number or s.dims is None or t.dims is None:
        return s.is_number and t.kind == "array"
    own = (*[None] * (len(t.dims) - len(s.dims)), *s.dims)
    return _covers(y, x) and any((d is None or d.one) and e.one is False for d, e in zip(own, t.dims, strict=False))


def multiply(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a * b``"""
    if _is_tidy(a, b):
        return Const(a.value * b.value)  # type: ignore[union-attr]
    for x, y in ((a, b), (b, a)):
        repeated = spread(build, y)
        if repeated is None or not isinstance(y, Value):
            continue
        product = (operator.mul, repeated, x) if y is a else (operator.mul, x, repeated)
        if y.type == DOUBLE and type_of_operand(x).dtype in (None, np.float64):  # an element
            return build.op(*product)
        if y.type.kind == "array" and type_of_operand(x).is_number and _weak(x, y):
            return build.op(np.broadcast_to, build.op(*product), build.op(np.shape, y), type=y.type)
        if _covers(x, y) and same_dtype(type_of_operand(x).dtype, type_of_operand(y).dtype):
            return build.op(*product)
    for x, y in ((a, b), (b, a)):
        if _is(y, 1) and (_inexact(x) or isinstance(x, Const)):
            return x
        if _is(y, -1) and _inexact(x):
            return build.op(operator.neg, x)
    return _regroup(build, a, b) or _regroup(build, b, a)


def _regroup(build: Builder, x: Operand, y: Operand) -> Operand | None:
    """``x * y`` by what is known of ``y``"""
    parts = scaled(build, y)
    if parts is not None:
        s, rest = parts
        if _is_tidy(x, s) or (_smaller(x, rest) and _weak(x, rest)):
            return build.op(operator.mul, build.op(operator.mul, x, s), rest)
        if _is_literal(s) and _is_array(x) and _inexact(x) and _smaller(x, rest):
            return build.op(operator.mul, build.op(operator.mul, s, x), rest)
        others = scaled(build, x)
        if _is_literal(s) and others is not None and _is_literal(others[0]):
            return build.op(operator.mul, build.op(operator.mul, build.op(operator.mul, s, others[0]), rest), others[1])
    factors = _ours(build, y, MULTIPLY)
    if _is_literal(x) and factors is not None and scaled(build, factors[0]) is not None:
        return build.op(operator.mul, build.op(operator.mul, x, factors[0]), factors[1])
    made = _made(build, y)
    if made is None:
        return None
    if made.prim in DIVIDE and made.attrs.get("backward") and y in build.own:  # once before a loop, not at each turn
        quotient = _regroup_quotient(build, x, *made.args)
        if quotient is not None:
            return quotient
    if made.prim in NEGATE:
        if _is_literal(x):
            return build.op(operator.mul, Const(-x.value), made.args[0])  # type: ignore[union-attr]
        return build.op(operator.neg, build.op(operator.mul, x, made.args[0]))
    return _under_view(build, operator.mul, y, (x,)) if type_of_operand(x).is_number and _weak(x, y) else None


def _regroup_quotient(build: Builder, x: Operand, top: Operand, bottom: Operand) -> Operand | None:
    """``x * (top / bottom)``"""
    if _is(top, -1):
        return build.op(operator.neg, build.op(operator.truediv, x, bottom))
    if _is_literal(top) or _is_literal(x):
        return build.op(operator.truediv, build.op(operator.mul, top, x), bottom)
    inverse = _made(build, top)
    if inverse is not None and inverse.prim in DIVIDE and inverse.args[1] is bottom and _is(inverse.args[0], 1):
        return build.op(operator.mul, build.op(operator.mul, x, top), top)
    share = build.known.get(computation(operator.truediv, (x, bottom), {})) if isinstance(x, Value) else None
    if share is not None:  # x / bottom is there already
        return build.make(operator.mul, (share, top), {})
    if _is_array(x) and _is_array(top) and _inexact(top) and _weak(bottom, top):
        return build.op(operator.truediv, build.op(operator.mul, x, top), bottom)
    return None


def _under_view(build: Builder, prim: Any, x: Operand, rest: tuple[Operand, ...]) -> Operand | None:
    """An op with numbers on a view: a view of its result, so that it meets what was done before."""
    made = build.defs.get(x) if isinstance(x, Value) else None
    if made is None or made.prim not in (np.expand_dims, np.transpose) or not made.attrs.get("backward"):
        return None
    inner = made.args[0]
    if not isinstance(inner, Value) or not _is_array(inner) or not _inexact(inner):
        return None
    return build.op(made.prim, build.op(prim, *rest, inner), *made.args[1:], **made.params)


def divide(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a / b``"""
    if _is(b, 1) and _inexact(a):
        return a
    repeated = spread(build, a)
    if repeated is not None and _covers(b, a) and same_dtype(type_of_operand(a).dtype, type_of_operand(b).dtype):
        return build.op(operator.truediv, repeated, b)
    negated = _made(build, a)
    if negated is not None and negated.prim in NEGATE and not isinstance(negated.args[0], Const):
        return build.op(operator.neg, build.op(operator.truediv, negated.args[0], b))
    number = _made(build, b)
    if number is not None and number.prim is np.float64 and type_of_operand(a).kind in ("scalar", "array"):
        return build.op(operator.truediv, a, number.args[0])  # which does not raise for a zero, either
    return None


def negate(build: Builder, a: Operand) -> Operand | None:
    """``-a``"""
    if isinstance(a, Const) and isinstance(a.value, (int, float)) and not isinstance(a.value, bool) and a.path is None:
        return Const(-a.value)
    made = _made(build, a)
    if made is not None and made.prim is np.broadcast_to and type_of_operand(made.args[0]).inexact:
        return build.op(np.broadcast_to, build.op(operator.neg, made.args[0]), made.args[1], type=type_of_operand(a))
    if made is not None and made.prim in NEGATE:
        return made.args[0]
    return None


def add(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a + b``: adding the negative is subtracting, twice the same is a product."""
    for x, y in ((a, b), (b, a)):
        if _is(y, 0) and isinstance(y, Const) and _inexact(x):
            return x
    if a is b and isinstance(a, Value) and _inexact(a):
        return _twice(build, a)
    sums = _ours(build, a, ADD)
    if sums is not None and sums[1] is b and isinstance(b, Value) and _inexact(b):
        return build.op(operator.add, sums[0], _twice(build, b))
    return _subtract(build, a, b) or _subtract(build, b, a)


def _subtract(build: Builder, x: Operand, y: Operand) -> Operand | None:
    """``x + y`` where ``y`` is a negative"""
    made = _made(build, y)
    if made is not None and made.prim in NEGATE:
        less = made.args[0]
        differences = _ours(build, x, (operator.sub,))
        if differences is not None and differences[1] is less and _inexact(less):
            return build.op(operator.sub, differences[0], _twice(build, less))
        return build.op(operator.sub, x, less)
    parts = scaled(build, y)
    if parts is not None and _is_literal(parts[0]) and parts[0].value < 0:  # type: ignore[union-attr]
        return build.op(operator.sub, x, build.op(operator.mul, Const(-parts[0].value), parts[1]))  # type: ignore[union-attr]
    return None


def subtract(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """``a - b``"""
    return a if isinstance(b, Const) and b.path is None and _is(b, 0) and _inexact(a) else None


def accumulate(build: Builder, a: Operand, b: Operand) -> Operand | None:
    """The sum of two cotangents."""
    for x, y in ((a, b), (b, a)):
        if isinstance(y, Const) and (y.value is None or _is(y, 0)):
            return x
    if not (isinstance(a, Value) and isinstance(b, Value) and _is_array(a) and _is_array(b) and _inexact(b)):
        return None
    chosen = _chosen_alike(build, a, b)
    if chosen is not None:
        return chosen
    for x, y in ((a, b), (b, a)):
        repeated = spread(build, y)
        if (
            repeated is not None
            and _covers(x, y)
            and same_dtype(x.type.dtype, y.type.dtype)
            and spread(build, x) is None
        ):
            return build.op(runtime.accumulate, x, repeated, type=x.type)
    if a is b:
        return _twice(build, a)
    sums = _ours(build, a, (runtime.accumulate,))
    if sums is not None and sums[1] is b:
        return build.op(runtime.accumulate, sums[0], _twice(build, b))
    if _ours(build, a, NEGATE) is not None and _ours(build, b, NEGATE) is None and _covers(b, a):
        return build.op(runtime.accumulate, b, a)  # to be written as a difference
    return None


def _chosen_alike(build: Builder, a: Value, b: Value) -> Operand | None:
    """``where(c, p, 0) + where(c, q, 0)`` is ``where(c, p + q, 0)``, and stays 0 where another sum would not be."""
    first, second = _ours(build, a, (np.where,)), _ours(build, b, (np.where,))
    if first is None or second is None or len(first) != 3 or first[0] is not second[0]:
        return None
    if a.type != b.type or not any(_is(x, 0) for x in (*first[1:], *second[1:])):
        return None
    arms = [p if _is(q, 0) else q if _is(p, 0) else build.op(operator.add, p, q)
            for p, q in zip(first[1:], second[1:], strict=True)]  # fmt: skip
    return build.op(np.where, first[0], *arms)


def _steady(x: Operand, a: Value, axis: Operand | None = None, keepdims: Operand | None = None) -> bool:
    """Whether ``x``, broadcast to the shape of ``a``, is the same along the axes of a sum, and stays aligned."""
    dims, rank = type_of_operand(x).dims, a.type.rank or 0
    axes = axis.value if isinstance(axis, Const) else None
    if dims is None or not isinstance(axes, (int, tuple)) or not _is_array(x):
        return False
    lacking = rank - len(dims)
    places = {i % rank for i in (axes if isinstance(axes, tuple) else (axes,))}
    if keepdims is None:
        return places == set(range(len(places))) and len(places) <= lacking
    return all(i < lacking or dims[i - lacking].one for i in places)


def _twice(build: Builder, x: Operand) -> Operand:
    """``x + x``"""
    factors = _ours(build, x, MULTIPLY)
    if factors is not None and not _smaller(factors[1], factors[0]):
        return build.op(operator.mul, build.op(operator.mul, Const(2), factors[0]), factors[1])
    return build.op(operator.mul, Const(2), x)


def total(build: Builder, a: Operand, **params: Operand) -> Operand | None:
    """``np.sum(a)``: signs and numbers are taken out of it."""
    if not isinstance(a, Value) or not _is_array(a) or not set(params) <= {"axis", "keepdims"}:
        return None
    made = _ours(build, a, NEGATE)
    if made is not None and _inexact(made[0]):
        return build.op(operator.neg, build.op(np.sum, made[0], **params))
    parts = scaled(build, a)
    if parts is not None and _is_array(parts[1]):
        return build.op(operator.mul, parts[0], build.op(np.sum, parts[1], **params))
    x, y = _ours(build, a, MULTIPLY) or (a, a)
    parts = scaled(build, x)
    if (
        parts is not None
        and _is_array(parts[1])
        and _is_array(y)
        and same_dtype(type_of_operand(parts[1]).dtype, a.type.dtype)
    ):
        product = build.op(operator.mul, parts[1], y)
        return build.op(operator.mul, parts[0], build.op(np.sum, product, **params))
    for p, q in ((x, y), (y, x)) if x is not y else ():
        if _covers(p, a) and same_dtype(type_of_operand(p).dtype, a.type.dtype) and _steady(q, a, **params):
            return build.op(operator.mul, build.op(np.sum, p, **params), q)
    made = _ours(build, a, DIVIDE)
    if made is not None and _is_array(made[0]) and _inexact(made[0]) and _weak(made[1], made[0]):
        return build.op(operator.truediv, build.op(np.sum, made[0], **params), made[1])
    return build.op(operator.matmul, x, y) if x is not a and _is_inner(x, y) and not _axis(params) else None


def _axis(params: dict[str, Operand]) -> bool:
    """Whether a sum is not of everything to a number."""
    return any(not (isinstance(v, Const) and (v.value is None or v.value is False)) for v in params.values())


def _is_inner(x: Operand, y: Operand) -> bool:
    """Whether the sum of a product is ``x @ y``: both are rows of numbers, of one length if they can be multiplied."""
    s, t = type_of_operand(x), type_of_operand(y)
    return s.kind == t.kind == "array" and s.rank == 1 and s.dtype == t.dtype == np.float64 and same_sizes(s, t)


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
    if _is_zero_at(build, a, i) and type_of_operand(v).is_numeric:
        return build.op(runtime.setitem, a, i, v, type=type_of_operand(a))
    repeated = spread(build, v)
    one = repeated is not None and type_of_operand(repeated).is_number
    if repeated is not None and one and type_of_operand(a).dtype == np.float64 and selects_once(i, build.defs):
        return build.op(runtime.index_add, a, i, repeated, type=type_of_operand(a))
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


def _is_zero_at(build: Builder, a: Operand, index: Operand) -> bool:
    """Whether an array surely is zero at an index, which names no element twice."""
    t = type_of_operand(index)
    if not all(e.kind in ("int", "slice", "none", "ellipsis") for e in (t.elems if t.kind == "tuple" else (t,))):
        return False
    made = _made(build, a)
    while made is not None and made.prim is runtime.setitem and _is_apart(index, made.args[1]):
        made = _made(build, made.args[0])
    return made is not None and made.prim is np.zeros_like


def _is_apart(i: Operand, j: Operand) -> bool:
    """Whether two indices are different elements."""
    if not (isinstance(i, Const) and isinstance(j, Const) and type(i.value) is type(j.value) is int):
        return False
    return i.value != j.value and (i.value < 0) == (j.value < 0)


def reshape(build: Builder, a: Operand, shape: Operand) -> Operand | None:
    """``np.reshape(a, x.shape)``: nothing where that is the shape already; a sum need not keep what goes."""
    like, made = _made(build, shape), build.defs.get(a) if isinstance(a, Value) else None
    wanted = type_of_operand(like.args[0]).dims if like is not None and like.prim is np.shape else None
    own = type_of_operand(a).dims
    if wanted is None or own is None or not isinstance(a, Value):
        return None
    if own == wanted:
        return a
    negated = _ours(build, a, NEGATE)
    if negated is not None:
        return build.op(operator.neg, build.op(np.reshape, *negated, shape))
    if made is not None and made.prim is np.sum and made.params.keys() == {"axis", "keepdims"}:
        plain = build.op(np.sum, *made.args, axis=made.params["axis"])
        return plain if type_of_operand(plain).dims == wanted else None
    return None


def transpose(build: Builder, a: Operand, *axes: Operand) -> Operand | None:
    """``a.T.T``"""
    made = _made(build, a)
    negated = _ours(build, a, NEGATE)
    if not axes and negated is not None:
        return build.op(operator.neg, build.op(np.transpose, *negated))
    if not axes and made is not None and made.prim is np.outer:
        return build.op(np.outer, *made.args[::-1])
    if not axes and made is not None and made.prim is np.transpose and len(made.args) == 1:
        return made.args[0]
    if not axes and made is not None and made.prim in (operator.matmul, np.matmul):
        left, right = made.args
        if type_of_operand(left).rank == type_of_operand(right).rank == 2:
            return build.op(made.prim, build.op(np.transpose, right), build.op(np.transpose, left))
    if not axes and type_of_operand(a).rank is not None and (type_of_operand(a).rank or 0) < 2 and isinstance(a, Value):
        return a if a.type.kind == "array" else None
    return None


def zeros_like(build: Builder, x: Operand, *options: Operand) -> Operand | None:
    """``np.zeros_like(x)``, where ``x`` is such an array itself."""
    made = _made(build, x)
    if (
        options
        or made is None
        or len(made.args) != 1
        or made.prim is not np.zeros_like
        or type_of_operand(made.args[0]) != type_of_operand(x)
    ):
        return None
    return build.op(np.zeros_like, made.args[0])


def form(prim: Any) -> Any:
    """``(x**2).size`` is ``x.size``: an array that is only asked for its form need not be computed."""

    def rule(build: Builder, x: Operand) -> Operand | None:
        made = _made(build, x)
        if prim is np.shape and made is not None and made.prim is np.broadcast_to:
            return made.args[1] if type_of_operand(made.args[1]).kind == "tuple" else None
        like = _of_form(build, x)
        return build.op(prim, like) if like is not None else None

    return rule


def sum_to(build: Builder, g: Operand, shape: Operand) -> Operand | None:
    """``g`` itself where it surely has the sizes already."""
    made = _made(build, shape)
    if made is None or made.prim is not np.shape:
        return None
    own, target = type_of_operand(g), type_of_operand(made.args[0])
    known = own.kind == target.kind == "array" and own.dims is not None
    return g if known and own.dims == target.dims else None


def _of_form(build: Builder, x: Operand) -> Value | None:
    """What an elementwise function of one array was computed from, surely in the same form."""
    made = _made(build, x)
    if not isinstance(x, Value) or made is None or not _is_array(x) or x.hint is not None or isinstance(made.prim, str):
        return None
    rule = rule_for(made.prim)
    arrays = [a for a in made.args if not type_of_operand(a).is_number]
    if rule is None or rule.kind != "elementwise" or rule.effect:
        return None
    if len(arrays) != 1 or not isinstance(arrays[0], Value):
        return None
    return arrays[0] if _is_array(arrays[0]) and arrays[0].type.rank == x.type.rank else None


_RULES: dict[Any, Any] = {
    operator.mul: multiply, np.multiply: multiply, operator.truediv: divide, np.divide: divide,
    operator.neg: negate, np.negative: negate, operator.add: add, np.add: add, runtime.accumulate: accumulate,
    operator.sub: subtract, np.subtract: subtract,
    operator.pow: power, runtime.setitem: setitem, runtime.list_append: list_append, runtime.index_add: index_add,
    np.shape: form(np.shape), np.size: form(np.size), np.transpose: transpose, np.reshape: reshape,
    np.zeros_like: zeros_like, runtime.sum_to: sum_to,
}  # fmt: skip
