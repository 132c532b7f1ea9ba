"""What depends on what in a functional program: as derivatives go, as choices do, and in one loop alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from .. import runtime
from ..ir.core import Block, Function, Op, Operand, Value, hashable
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from .activity import flowing, may_vary

Way = Callable[[Op], list[Operand]]
_SIZES = {len, np.shape, np.ndim, np.size, isinstance}


def outside(loop: Op, values: set[Value]) -> set[Value]:
    """Those of some values that are not made in a loop."""
    blocks = [*loop.blocks, *(b for inner in loop.blocks for op in all_ops(inner) for b in op.blocks)]
    return values.difference(*(b.params for b in blocks), *(op.outs for b in blocks for op in b.ops))


def within(loop: Op, values: set[Value], by: Way) -> set[Value]:
    """Those values, and what depends on them in a loop; not by what it carries as it begins."""
    functions, body, seen, before = functions_in(body_of(loop)), loop.blocks[-1], values, -1
    while len(seen) > before:
        before = len(seen)
        seen = reached(functions, seen, by)
        seen.update(body.params[k] for k in places_of(loop) if body.results[k] in seen)
    return seen


def behind(body: Block, values: Iterable[Operand]) -> set[Value]:
    """What some values of a loop's body are computed from in it, as derivatives go."""
    made = {out: (op, k) for op in all_ops(body) for k, out in enumerate(op.outs)}
    carries: dict[Value, list[Operand]] = {}
    for op in all_ops(body):
        if op.prim in ("for", "while"):
            inner = op.blocks[-1]
            for k in places_of(op):
                for b in op.blocks:
                    carries[b.params[k]] = [inner.results[k], op.args[k]]
    seen: set[Value] = set()
    todo = [*values]
    while todo:
        x = todo.pop()
        if not isinstance(x, Value) or x in seen:
            continue
        seen.add(x)
        if x in carries:
            todo += carries[x]
        elif x in made:
            op, k = made[x]
            if op.prim in ("for", "while"):
                place = k - len(op.outs)
                todo += [op.blocks[-1].results[place], op.args[place]]
            elif op.blocks:
                todo += [b.results[k] for b in op.blocks if k < len(b.results)]
            else:
                todo += op.operands() if op.prim == "call" else flowing(op)
    return seen


def telling(op: Op) -> list[Operand]:
    """The operands of a plain op that what it gives says something of; of an array, its shape does not."""
    return [] if hashable(op.prim) and op.prim in _SIZES else op.operands()


def asked(functions: list[Function], told: set[Value]) -> set[Value]:
    """What ops say of ``told`` that no derivative flows through, or that may raise: there the program chooses."""
    asked: set[Value] = set()
    for op in (op for f in functions for op in all_ops(f.body)):
        if op.prim == "try":
            by = [x for o in all_ops(op.blocks[0]) for x in o.operands()]
        else:
            by = [] if isinstance(op.prim, str) else [x for x in telling(op) if x not in flowing(op)]
        if any(x in told for x in by):
            asked.update(op.outs)
    return asked


def reached(functions: list[Function], values: set[Value], by: Way) -> set[Value]:
    """Those values, and what depends on them: by those operands of plain ops that ``by`` gives; and by what is chosen.

    With `flowing`, as derivatives go, which choices do not count for.
    """
    seen, before = set(values), -1
    while len(seen) > before:
        before = len(seen)
        for f in functions:
            _spread(f.body, seen, by)
    return seen


def _spread(block: Block, seen: set[Value], by: Way, stop: Operand | None = None) -> None:
    """Add what depends on ``seen`` in a block; ``stop``: what says that a loop ends, of which it is the body."""

    def on(x: Operand) -> bool:
        return isinstance(x, Value) and x in seen

    def add(*values: Operand) -> None:
        seen.update(x for x in values if isinstance(x, Value) and (by is not flowing or may_vary(x.type)))

    for op in block.ops:
        for inner in op.blocks:
            of_loop = op.attrs.get("stops") and inner is op.blocks[-1]
            _spread(inner, seen, by, inner.results[0] if of_loop else None)
        if op.prim == "call":
            callee = op.attrs["function"]
            add(*(p for p, x in zip(callee.params, op.args, strict=True) if on(x)))
            add(*(out for out, r in zip(op.outs, callee.results, strict=True) if on(r)))
        elif op.prim in ("for", "while"):
            stops, body = bool(op.attrs.get("stops")), op.blocks[-1]
            count = len(op.outs) - stops
            walked, inits = op.args[: len(op.args) - count], op.args[len(op.args) - count :]
            if any(map(on, walked)):
                add(*body.params[: len(body.params) - count])
            for k, (init, result) in enumerate(zip(inits, body.results[stops:], strict=True)):
                if on(init) or on(result):
                    add(op.outs[k + stops], *(b.params[len(b.params) - count + k] for b in op.blocks))
            ends = [*body.results[:stops], *(r for b in op.blocks[:-1] for r in b.results)]
            ends += [x for x in walked if type_of_operand(x).kind != "array"]
            if by is not flowing and any(map(on, ends)):
                add(*op.outs)  # how often it has run
        elif op.blocks:
            add(*(out for inner in op.blocks for out, r in zip(op.outs, inner.results, strict=False) if on(r)))
            asked = [] if op.args[:1] == [stop] else op.args  # where it ends there is one way to go on
            if by is not flowing and any(map(on, asked)):
                add(*op.outs)
        elif any(map(on, by(op))):
            add(*op.outs)
            if op.prim is runtime.found and on(op.args[4]):  # the root moves with its equation
                add(op.args[3])


def body_of(loop: Op) -> Function:
    """The body of a loop, on its own."""
    return Function("", loop.blocks[-1])


def places_of(loop: Op) -> range:
    """Those of what a loop carries, from the end."""
    return range(bool(loop.attrs.get("stops")) - len(loop.outs), 0)
