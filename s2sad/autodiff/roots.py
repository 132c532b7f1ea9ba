"""What a loop of decisions found is the root of an equation: the implicit function theorem, in both modes.

A root ``f(x, p) = 0`` moves as ``x_dot = -f_dot / f_x``, where ``f_dot`` is the tangent of the residual for a fixed
root.  (J. Nocedal, S. J. Wright, "Numerical optimization", 2006, appendix A.2.)  `frontend.roots` writes the equation
behind such a loop: the ops between `runtime.as_root`, which is ``x``, and `runtime.found`.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir.core import Block, Const, Function, Op, Operand, Value, again
from ..ir.types import present
from ..passes import effects
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from ..passes.simplify import callees_ops, has_effect, once_only
from .activity import dependent
from .bars import bar_name, zero
from .sinking import Sinking

if TYPE_CHECKING:
    from .forward import Forward
    from .reverse import Reverse

_NO_SLOPE = "what decides here, between the ends of an interval, is no number, or not known when compiling"


def check_asked(function: Function) -> None:
    """Look at the equations of what loops of decisions find, in a typed function and all that it calls.

    Raises:
        UnsupportedError: one that is asked for anew does more than compute, or one is not there.
    """
    if not any(op.prim in (runtime.as_root, runtime.found) for op in callees_ops(function)):
        return
    for block in _blocks(function):
        roots = {op.outs[0]: k for k, op in enumerate(block.ops) if op.prim is runtime.as_root}
        for op in block.ops:
            known = op.prim is not runtime.found or op.args[3] in roots
            _certain(known and (op.prim is not runtime.as_root or _last(block.ops, op.out) is not None),
                     "the equation of what decisions find is not known here", op)  # fmt: skip
        for unknown, k in roots.items():
            last: Any = _last(block.ops, unknown)
            between = Function("", Block([], [o for o in block.ops[k + 1 : last] if o.prim is not runtime.found]))
            stores = any(o.prim == "raise" or effects.written(o) is not None for o in callees_ops(between))
            changes = stores or once_only(between) or any(map(has_effect, between.body.ops))
            _certain(len(block.ops[last].args) < 6 or _is_known(block.ops[last]), _NO_SLOPE, block.ops[k])
            _certain(len(block.ops[last].args) < 6 or not changes, "what decides here, between the ends of an "
                     "interval, does more than compute: it would do it again", block.ops[k])  # fmt: skip


def _certain(condition: bool, otherwise: str, op: Op) -> None:
    if not condition:
        raise UnsupportedError(otherwise, op.span)


def _last(ops: Sequence[Op], root: Operand) -> int | None:
    """Where a block last says that an equation is solved."""
    return max((k for k, op in enumerate(ops) if _is_told(op, root)), default=None)


def _blocks(function: Function) -> list[Block]:
    """The blocks of a function, and of all that it calls."""
    return [b for f in functions_in(function) for b in (f.body, *(b for op in all_ops(f.body) for b in op.blocks))]


def is_asked(ops: Sequence[Op], root: Operand) -> bool:
    """Whether the equation of a root is one: what counts or tells sides is no function of it (`settling`)."""
    last = _last(ops, root)
    t = type_of_operand(ops[last].args[4]) if last is not None else None
    return t is not None and t.kind != "bool" and t.inexact is not False


def moving_with(ops: Sequence[Op], root: Operand) -> list[Op]:
    """The ops of a block that depend on the unknown of an equation."""
    moving: set[Operand] = {root}
    found: list[Op] = []
    for op in ops:
        if not _is_told(op, root) and moving.intersection(_read(op)):
            moving.update(op.outs)
            found.append(op)
    return found


def _is_told(op: Op, root: Operand) -> bool:
    """Whether an op says that the equation of an unknown is solved."""
    return op.prim is runtime.found and op.args[3] is root


def _is_known(op: Op) -> bool:
    """Whether it is known to be of numbers, or of arrays of one rank."""
    types = [present(type_of_operand(x)) for x in op.args[:5]]
    ranks = {t.rank for t in types if t.kind == "array"}
    return all(t.is_number or t.kind in ("int", "array") for t in types) and (
        not ranks or (ranks == {types[4].rank} and types[3].kind == "array")
    )


def needed(ops: Sequence[Op], residual: Operand) -> list[Op]:
    """Those of some ops that the residual depends on."""
    wanted: set[Operand] = {residual}
    found: list[Op] = []
    for op in reversed(ops):
        if wanted.intersection(op.outs):
            wanted.update(_read(op))
            found.insert(0, op)
    return found


def _read(op: Op) -> list[Operand]:
    """What an op reads, and what is inside of it."""
    inside = [x for b in op.blocks for o in all_ops(b) for x in o.operands()]
    return [*op.operands(), *inside, *(r for b in op.blocks for r in b.results)]


# ------------------------------------------------------------ reverse mode


def found(walk: Reverse, op: Op) -> None:
    """The last one before `root`, on the way back: what lies between waits until all is known that moves with it."""
    unknown = op.args[3]
    ops = walk.around[-1].ops
    between = ops[_place(ops, unknown) + 1 : next(k for k, o in enumerate(ops) if o is op)]
    walk.waiting.update(o for o in between if not _is_told(o, unknown))
    bar = walk.bars.pop(op.out, None)
    if bar is not None:
        walk.found.setdefault(unknown, []).append((op, bar))  # type: ignore[arg-type]


def root(walk: Reverse, op: Op) -> None:
    """The cotangents of roots are one of the residual; the unknown itself is what was found there."""
    ops = walk.around[-1].ops
    last = _last(ops, op.out) or 0
    between = [o for o in ops[_place(ops, op.out) + 1 : last] if not _is_told(o, op.out)]
    residual = ops[last].args[4]
    walk.waiting.difference_update(between)
    walk.backward_ops(reversed(between))  # of what reads the equation elsewhere
    pairs = walk.found.pop(op.out, [])
    reached = walk.bars.pop(op.out, None)
    if reached is not None:
        pairs.append((Op(runtime.found, [op.args[0], *ops[last].args[1:]], span=op.span), reached))
    if not is_asked(ops, op.out):
        for made, bar in pairs:
            walk.accumulate(made.args[0], bar)
        return
    if not pairs:
        return
    slope = _slope(walk, between, op.out, residual) if _is_known(ops[last]) else None
    if slope is None:
        walk.fail(op, _NO_SLOPE)
        return
    build, inner = walk.builder, walk.inner(walk.builder)
    inner.around = walk.around
    for made, bar in pairs:
        x, *_ = told = (*made.args[:5], slope)
        walk.accumulate(x, build.op(runtime.unless_found, bar, *told))
        inner.accumulate(residual, build.op(runtime.by_root, bar, *told, hint="residual_bar"))
    inner.backward_ops(reversed(between))
    own = {op.out, *(out for o in between for out in o.outs)}
    for x in inner.bars:
        if x not in own:
            walk.accumulate(x, inner.take(x))


def _slope(walk: Reverse, between: Sequence[Op], unknown: Value, residual: Operand) -> Operand | None:
    """The derivative of the residual by the unknown; None where it is not known how."""
    build = walk.builder
    path = needed(moving_with(between, unknown), residual)
    if not isinstance(residual, Value) or not any(residual in op.outs for op in path):
        return Const(0.0)
    if residual.type.kind != "array":
        return _pulled(walk, path, unknown, residual, Const(1.0))
    slope = _pulled(walk, path, unknown, residual, build.op(np.ones_like, residual))
    weights = build.op(runtime.weights_like, residual)
    weighted = _pulled(walk, path, unknown, residual, weights)
    if slope is None or weighted is None:
        return None
    build.effect(runtime.check_each, slope, weights, weighted)
    return slope


def _pulled(walk: Reverse, path: list[Op], unknown: Value, residual: Value, bar: Operand) -> Operand | None:
    """The cotangent of the unknown, for one of the residual; None where it is not known how.

    Loops, which are gone back through by what they leave in lists, run once more for that.
    """
    inner = walk.inner(walk.builder)
    straight = not any(o.blocks or o.prim == "call" for o in path)
    end: Any = residual
    if not straight:
        env: dict[Value, Operand] = {}
        path = [again(op, env) for op in path]
        end = env[residual]
    block = Block([], path)
    inner.active = dependent(Function("", block), {unknown})
    inner.around, inner.sinking = (block,), Sinking(Function("", block), inner.active)
    if not straight:
        inner.forward(block)
    elif any(map(inner.is_unknown, path)):
        return None
    inner.bars[end] = bar
    inner.backward_ops(reversed(path))
    slope = inner.take(unknown) or zero(walk.builder, unknown)
    if isinstance(slope, Value) and slope.hint == bar_name(unknown):
        slope.hint = "slope"
    return slope


def _place(ops: Sequence[Op], x: Operand) -> int:
    """Where a value of a block is made."""
    return next(k for k, o in enumerate(ops) if x in o.outs)


# ------------------------------------------------------------ forward mode


class Equation:
    """How the root of an equation moves, in forward mode.

    Its ops are put in twice more, before those that are there: for the slope, and for a root that does not move.
    """

    def __init__(self, walk: Forward, block: Block, op: Op):
        last = _last(block.ops, op.out)
        self.told = block.ops[last].args[:5]  # type: ignore[index]
        _certain(_is_known(block.ops[last]), _NO_SLOPE, op)  # type: ignore[index]
        unknown, residual = op.out, self.told[4]
        path = needed(block.ops[_place(block.ops, unknown) + 1 : last], residual)
        dots = {x: dot for x, dot in walk.dots.items() if x is not unknown}
        self.slope = _slope_along(walk, path, unknown, residual)
        self.told[4], self.fixed = _along(walk, path, dots, residual)

    def moved(self, walk: Forward, x: Operand) -> Operand:
        """The tangent of ``x``, which is the root, or an end of the interval around it."""
        told = (x, *self.told[1:], self.slope)
        dot = walk.builder.op(runtime.by_root, self.fixed, *told)
        if not walk.moves(x):
            return dot
        return walk.builder.op(operator.add, dot, walk.builder.op(runtime.unless_found, walk.dot(x), *told))


def _slope_along(walk: Forward, path: list[Op], unknown: Value, residual: Operand) -> Operand:
    """The derivative of the residual by the unknown."""
    if type_of_operand(residual).kind != "array":
        return _along(walk, path, {unknown: Const(1.0)}, residual)[1]
    slope = _along(walk, path, {unknown: walk.builder.op(np.ones_like, unknown)}, residual)[1]
    weights = walk.builder.op(runtime.weights_like, unknown)
    walk.builder.effect(runtime.check_each, slope, weights, _along(walk, path, {unknown: weights}, residual)[1])
    return slope


def _along(walk: Forward, path: list[Op], dots: Any, residual: Operand) -> tuple[Operand, Operand]:
    """The value of the residual, and its tangent by those that are given."""
    env: dict[Value, Operand] = {}
    ops = [again(op, env) for op in path]
    block, inner = Block([], ops), walk.inner(walk.builder)
    inner.dots, inner.on = dict(dots), dependent(Function("", block), set(dots))
    inner.block(block)
    value = env.get(residual, residual) if isinstance(residual, Value) else residual
    return value, inner.dot(value)
