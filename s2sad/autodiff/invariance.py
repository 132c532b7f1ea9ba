"""Maxima that cancel: ``invariant(function)`` finds the values on which nothing that is computed depends.

    top = np.max(x, axis=1, keepdims=True)          does not depend on top: it is there to keep the exponentials small
    y = top + np.log(np.sum(np.exp(x - top), axis=1, keepdims=True))

Held against fixed ``x``, every value in a formula with ``top`` has one of two forms: ``a + k * top`` or
``a * exp(k * top)``, where ``a`` does not depend on ``top``.  Sums along the axis of the maximum, on which ``top`` does
not vary, keep the second form, ``exp`` and ``log`` lead from one to the other.  Where ``k`` gets zero the value is free
of ``top``; where all uses of ``top`` end so, its cotangent is zero, and nothing of it needs to be computed.
"""

from __future__ import annotations

import dataclasses
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..passes.build import Builder, identity, type_of_operand
from .activity import may_vary, passes

_EXTREMES = {np.max, np.min, np.ndarray.max, np.ndarray.min}
_SUMS = {np.sum, np.mean, np.ndarray.sum, np.ndarray.mean}


@dataclasses.dataclass(frozen=True)
class Form:
    """How a value depends on the maximum.

    power: ``a * exp(k * top)`` instead of ``a + k * top``.
    k: a sum of terms, each a number and what it is multiplied by (a sorted tuple).
    kept: it has the rank of what the maximum was taken of; otherwise it lacks the axis.
    rank: its own.
    """

    power: bool
    k: tuple[tuple[Any, Fraction], ...]
    kept: bool
    rank: int


_ONCE = (((), Fraction(1)),)


class _Leak(Exception):
    """The maximum is used in a way that is not understood."""


def invariant(function: Function) -> set[Value]:
    """The maxima and minima of a functional program on which no other value depends, given what they are taken of."""
    builder = Builder(Block(), function.attrs.get("defs", {}))
    return {op.outs[0] for block, op in _extremes(function.body) if _cancels(op, block, builder)}


def _extremes(block: Block) -> Iterator[tuple[Block, Op]]:
    for op in block.ops:
        if not isinstance(op.prim, str) and _among(op.prim, _EXTREMES) and set(op.params) <= {"axis", "keepdims"}:
            yield block, op
        for inner in op.blocks:
            yield from _extremes(inner)


def _among(prim: Any, collection: Any) -> bool:
    try:
        return prim in collection
    except TypeError:
        return False


def _cancels(op: Op, block: Block, builder: Builder) -> bool:
    rank = type_of_operand(op.args[0]).rank
    axis, keep = _options(op)
    if rank is None or keep is None or len(op.args) > 2:
        return False
    try:
        _Walk(_axis(axis, rank), builder, block, op, Form(False, _ONCE, keep or _none(axis), rank))
    except _Leak:
        return False
    return True


def _options(op: Op) -> tuple[Operand, bool | None]:
    """``axis`` and ``keepdims`` of a reduction; None where the latter is not known."""
    axis = op.args[1] if len(op.args) > 1 else op.params.get("axis", Const(None))
    keep = op.params.get("keepdims", Const(False))
    return axis, keep.value if isinstance(keep, Const) and isinstance(keep.value, bool) else None


def _none(x: Operand) -> bool:
    return isinstance(x, Const) and x.value is None


def _axis(axis: Operand, rank: int) -> Any:
    """What is equal for equal axes."""
    if isinstance(axis, Const) and isinstance(axis.value, int) and rank:
        return axis.value % rank
    return None if _none(axis) else identity(axis)


class _Walk:
    """Follows one maximum through the ops of its block; ``forms`` has None for a use that is not understood."""

    def __init__(self, axis: Any, builder: Builder, block: Block, top: Op, form: Form):
        self.axis = axis
        self.builder = builder
        self.forms: dict[Value, Form | None] = {
            top.outs[0]: dataclasses.replace(form, rank=form.rank if form.kept else form.rank - 1)
        }
        for op in block.ops[block.ops.index(top) + 1 :]:
            if any(self.reads(inner) for inner in op.blocks):
                raise _Leak
            if any(isinstance(x, Value) and x in self.forms for x in op.operands()):
                self.follow(op)
        if any(isinstance(r, Value) and r in self.forms for r in block.results):
            raise _Leak

    def reads(self, block: Block) -> bool:
        for op in block.ops:
            if any(isinstance(x, Value) and x in self.forms for x in op.operands()) or any(map(self.reads, op.blocks)):
                return True
        return any(isinstance(r, Value) and r in self.forms for r in block.results)

    def follow(self, op: Op) -> None:
        outs = [o for o in op.outs if may_vary(o.type)]
        if not outs or (not isinstance(op.prim, str) and not passes(op)):
            return
        if isinstance(op.prim, str):
            raise _Leak
        try:
            form = self.step(op, outs[0].type.rank)
        except _Leak:
            self.forms.update(dict.fromkeys(outs))  # nobody may read them
            return
        if form.k:
            self.forms[outs[0]] = form

    def step(self, op: Op, rank: int | None) -> Form:
        known = len(op.outs) == 1 and _among(op.prim, _STEPS) and rank is not None
        if not known or any(self.forms.get(x, self) is None for x in op.operands() if isinstance(x, Value)):
            raise _Leak
        form = _STEPS[op.prim](self, op)
        if form.k and rank != form.rank and self.axis is not None:
            raise _Leak
        return dataclasses.replace(form, rank=rank or 0)

    def form(self, x: Operand) -> Form | None:
        return self.forms.get(x) if isinstance(x, Value) else None


def _scaled(k: tuple, factor: Fraction, by: tuple = ()) -> tuple:
    return tuple((tuple(sorted((*symbols, *by), key=repr)), n * factor) for symbols, n in k)


def _plus(a: tuple, b: tuple, sign: Fraction) -> tuple:
    total: Counter[Any] = Counter()
    for symbols, n in (*a, *_scaled(b, sign)):
        total[symbols] += n  # type: ignore[assignment]
    return tuple((symbols, n) for symbols, n in total.items() if n)


def _together(walk: _Walk, op: Op, power: bool, sign: int) -> Form:
    """``f + g`` or ``f - g`` of the first form, ``f * g`` or ``f / g`` of the second."""
    a, b = walk.form(op.args[0]), walk.form(op.args[1])
    one = a or b
    if one is None or len(op.args) != 2 or any(f is not None and f.power != power for f in (a, b)):
        raise _Leak
    if a is not None and b is not None and walk.axis is not None and (a.kept, a.rank) != (b.kept, b.rank):
        raise _Leak
    return dataclasses.replace(one, k=_plus(a.k if a else (), b.k if b else (), Fraction(sign)))


def _sum(sign: int) -> Callable[[_Walk, Op], Form]:
    return lambda walk, op: _together(walk, op, False, sign)


def _product(sign: int) -> Callable[[_Walk, Op], Form]:
    def step(walk: _Walk, op: Op) -> Form:
        a, b = walk.form(op.args[0]), walk.form(op.args[1])
        for f, x, other in ((a, op.args[1], b), (b, op.args[0], a)):
            by_fixed = other is None and type_of_operand(x).is_number  # top * top is of neither form
            if f is not None and not f.power and by_fixed and (sign > 0 or f is a):
                if isinstance(x, Const) and type(x.value) in (int, float) and x.value and math.isfinite(x.value):
                    return dataclasses.replace(f, k=_scaled(f.k, Fraction(x.value) ** sign))
                return dataclasses.replace(f, k=_scaled(f.k, Fraction(1), ((sign, identity(x)),)))
        return _together(walk, op, True, sign)

    return step


def _negative(walk: _Walk, op: Op) -> Form:
    f = walk.form(op.args[0])
    if f is None:
        raise _Leak
    return f if f.power else dataclasses.replace(f, k=_scaled(f.k, Fraction(-1)))


def _turned(power: bool) -> Callable[[_Walk, Op], Form]:
    def step(walk: _Walk, op: Op) -> Form:
        f = walk.form(op.args[0])
        if f is None or f.power == power or len(op.args) != 1 or op.params:
            raise _Leak
        return dataclasses.replace(f, power=power)

    return step


def _reduced(walk: _Walk, op: Op) -> Form:
    """A sum along the axis of the maximum, or an extreme."""
    axis, keep = _options(op)
    f = walk.form(op.args[0])
    known = f is not None and f.kept and keep is not None and set(op.params) <= {"axis", "keepdims"}
    if f is None or not known or len(op.args) > 2 or f.power is not _among(op.prim, _SUMS):
        raise _Leak
    if walk.axis is None:
        return dataclasses.replace(f, rank=type_of_operand(op.outs[0]).rank or 0)
    if _axis(axis, f.rank) != walk.axis:
        raise _Leak
    return f if keep else dataclasses.replace(f, kept=False, rank=f.rank - 1)


def _squeezed(walk: _Walk, op: Op) -> Form:
    f = walk.form(op.args[0])
    axis = op.args[1] if len(op.args) > 1 else op.params.get("axis", Const(None))
    if f is None or not f.kept or walk.axis is None or _axis(axis, f.rank) != walk.axis:
        raise _Leak
    return dataclasses.replace(f, kept=False, rank=f.rank - 1)


def _expanded(walk: _Walk, op: Op) -> Form:
    """``np.expand_dims(t, axis)``, ``t[:, None]``"""
    f = walk.form(op.args[0])
    if f is None or f.kept:
        raise _Leak
    if op.prim is np.expand_dims:
        axis = op.args[1] if len(op.args) > 1 else op.params["axis"]
    else:
        index = walk.builder.expand(op.args[1])
        parts = index if isinstance(index, tuple) else (index,)
        full = all(i is None or (isinstance(i, slice) and i == slice(None)) for i in parts)
        if not full or sum(i is None for i in parts) != 1:
            raise _Leak
        axis = Const(next(n for n, i in enumerate(parts) if i is None))
    if _axis(axis, f.rank + 1) != walk.axis:
        raise _Leak
    return dataclasses.replace(f, kept=True, rank=f.rank + 1)


_STEPS: dict[Any, Callable[[_Walk, Op], Form]] = {
    operator.add: _sum(1), np.add: _sum(1), operator.sub: _sum(-1), np.subtract: _sum(-1),
    operator.mul: _product(1), np.multiply: _product(1), operator.truediv: _product(-1),
    np.divide: _product(-1), operator.neg: _negative, np.negative: _negative, np.exp: _turned(True),
    np.log: _turned(False), np.squeeze: _squeezed, np.ndarray.squeeze: _squeezed, np.expand_dims: _expanded,
    operator.getitem: _expanded, **dict.fromkeys(_SUMS | _EXTREMES, _reduced),
}  # fmt: skip
