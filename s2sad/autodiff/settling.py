"""Loops that come near something by decisions alone: it moves with what decides, and no operation says so.

    while high - low > 1e-12:                        moves = moved(None, low, high)
        middle = (low + high) / 2                    while high - low > 1e-12:
        too_high = count(middle, p) > 3                  middle = (low + high) / 2
        if too_high:                         ->          too_high = count(middle, p) > 3
            high = middle                                low, high = ...
        else:                                            moves = moved(moves, low, high)
            low = middle                             low, high = settled(low, moves), settled(high, moves)

What such a loop carries depends on ``p`` in no way that a derivative goes, but has a part in it by what is chosen.  The
rule of `runtime.settled` refuses a derivative where the moves have become small: what was only chosen once or twice, or
is counted, is a constant, as everywhere.  `frontend.brackets` and `frontend.roots` say more of the usual forms, which
are left to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .. import runtime
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value
from ..ir.types import Type
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from ..passes.simplify import replace
from .activity import may_vary, passes

_MOVES = Type("moves")

_TOLD = {runtime.found, runtime.as_root, runtime.decided}  # who reads what a loop has found and knows how it moves


def watch(function: Function, active: list[bool]) -> Function:
    """Let loops that may come near something by decisions alone say how they move.

    Args:
        function: the functional form; so are all that it calls, which change in place, as it does itself.
        active: for each parameter, whether it is differentiated by.
    """
    functions = functions_in(function)
    loops = [(f, op) for f in functions for op in all_ops(f.body) if op.prim in ("for", "while")
             and not op.attrs.get("watched")]  # fmt: skip
    if not loops:
        return function
    given = {p for p, on in zip(function.params, active, strict=True) if on}
    moving = _reached(functions, {p for p in given if may_vary(p.type)}, by_data=True)
    still = [(f, op) for f, op in loops if _carried(op, lambda x: x not in moving)]
    told = _reached(functions, given, by_data=False) if still else set()
    solved = {op for f in functions for op in all_ops(f.body) if op.prim is runtime.found and op.args[4] in moving}
    knowing = {op for f in functions for op in all_ops(f.body) if op.prim is runtime.as_root
               and any(op.out is other.args[3] for other in solved)} | solved  # fmt: skip
    for f, op in still:
        places = _carried(op, lambda x: x not in moving and x in told)
        if places:
            told.update(_watch_loop(f, op, places, told - moving, knowing))
    return function


def _is_number(x: Operand) -> bool:
    """Whether it may be a number, or an array of numbers, that is no integer."""
    t = type_of_operand(x)
    if t.kind in ("list", "tuple") and t.elems:
        return any(e.kind != "object" and may_vary(e) for e in t.elems)
    return t.kind in ("float", "scalar", "number", "numeric", "array", "unknown", "optional") and may_vary(t)


def _carried(loop: Op, wanted: Callable[[Value], bool]) -> list[int]:
    """The places of the numbers that a loop carries, from one iteration to the next, that are wanted."""
    count = len(loop.outs) - bool(loop.attrs.get("stops"))
    body = loop.blocks[-1]
    return [
        k for k, (p, r) in enumerate(zip(body.params[len(body.params) - count :], body.results[-count:], strict=True))
        if r is not p and isinstance(r, Value) and wanted(p) and wanted(r) and _is_number(p) and _is_number(r)
        and loop.args[k - count] is not UNDEFINED
    ] if count else []  # fmt: skip


def _watch_loop(function: Function, loop: Op, places: list[int], told: set[Value], knowing: set[Op]) -> list[Value]:
    """Let a loop say how what it carries at ``places`` moves.

    Args:
        told: of what a loop leaves, that is settled where it has become steady.
        knowing: the ops that read it and know how it moves.

    Returns:
        What stands for the results of the loop behind it.
    """
    ops = [op for op in all_ops(function.body) if op not in knowing]
    read = {x for op in ops for x in (*op.operands(), *(r for b in op.blocks for r in b.results))}
    read.update(function.body.results)
    outs = [o for o in loop.outs if o in told and o in read and _is_number(o)]
    if not outs:
        return []
    block = next(b for b in (function.body, *(b for op in ops for b in op.blocks)) if loop in b.ops)
    loop.attrs["watched"] = True
    carried, moves = _moves_of(function, loop, block, places)
    maybe = [o for o in outs if _start(loop, o) is UNDEFINED]  # which may have no value behind the loop
    for o in maybe:
        _settle_inside(function, loop, loop.blocks[-1], loop.outs.index(o) - len(loop.outs), carried)
    outs = [o for o in outs if o not in maybe]
    found = [_made(function, loop, runtime.settled, [o, moves], o.hint, o.type) for o in outs]
    known: dict[Value, Operand] = {o: made.out for o, made in zip(outs, found, strict=True)}
    replace(function.body.ops, known)
    replace(list(knowing), {made: o for o, made in known.items() if isinstance(made, Value)})  # type: ignore[misc]
    function.body.results = [known.get(r, r) if isinstance(r, Value) else r for r in function.body.results]
    k = block.ops.index(loop)
    block.ops[k + 1 : k + 1] = found
    return [*maybe, *(made.out for made in found)]


def _start(loop: Op, out: Value) -> Operand | None:
    """What a loop carries at first, of what it leaves as ``out``; None of how it ended."""
    place = loop.outs.index(out) - len(loop.outs)
    return loop.args[place] if -place <= len(loop.outs) - bool(loop.attrs.get("stops")) else None


def _settle_inside(function: Function, loop: Op, block: Block, place: int, moves: Value) -> None:
    """Let what a block gives to what a loop leaves be settled where it is given, if it is made in the loop."""
    given = block.results[place]
    choice = next((op for op in block.ops if given in op.outs), None)
    if choice is not None and choice.prim == "if" and isinstance(given, Value):
        for inner in choice.blocks:
            _settle_inside(function, loop, inner, choice.outs.index(given) - len(choice.outs), moves)
    elif isinstance(given, Value) and given not in loop.blocks[-1].params:
        made = _made(function, loop, runtime.settled, [given, moves], given.hint, given.type)
        block.ops.append(made)
        block.results[place] = made.out


def _moves_of(function: Function, loop: Op, block: Block, places: list[int]) -> tuple[Value, Value]:
    """How a loop's values move, in it and behind it: another value that it carries, unless it does so already."""
    body = loop.blocks[-1]
    count = len(loop.outs) - bool(loop.attrs.get("stops"))
    made = {op.out for op in body.ops if op.prim is runtime.moved}
    for p, out, r in zip(body.params[-count:], loop.outs[-count:], body.results[-count:], strict=True):
        if r in made:
            return p, out
    inits, results = loop.args[len(loop.args) - count :], body.results[-count:]
    start = _made(function, loop, runtime.moved, [Const(None), *(inits[k] for k in places)])
    block.ops.insert(block.ops.index(loop), start)
    loop.args.append(start.out)
    for inner in loop.blocks:
        inner.params.append(Value("moves", _MOVES, loop.span))
    turn = _made(function, loop, runtime.moved, [body.params[-1], *(results[k] for k in places)])
    body.ops.append(turn)
    body.results.append(turn.out)
    loop.outs.append(Value("moves", _MOVES, loop.span))
    return body.params[-1], loop.outs[-1]


def _made(function: Function, place: Op, prim: Callable, args: list[Operand], hint: str | None = "moves",
          t: Type = _MOVES) -> Op:  # fmt: skip
    op = Op(prim, args, {}, [Value(hint, t, place.span)], span=place.span)
    function.attrs.setdefault("defs", {})[op.out] = op
    return op


def _reached(functions: list[Function], values: set[Value], by_data: bool) -> set[Value]:
    """Those values, and what depends on them: as derivatives go (``by_data``), or in any way, by what is chosen too."""
    seen, before = set(values), -1
    while len(seen) > before:
        before = len(seen)
        for f in functions:
            _spread(f.body, seen, by_data)
    return seen


def _spread(block: Block, seen: set[Value], by_data: bool) -> None:

    def on(x: Operand) -> bool:
        return isinstance(x, Value) and x in seen

    def add(*values: Operand) -> None:
        seen.update(x for x in values if isinstance(x, Value) and (not by_data or may_vary(x.type)))

    for op in block.ops:
        for inner in op.blocks:
            _spread(inner, seen, by_data)
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
            if not by_data and any(map(on, ends)):
                add(*op.outs)  # how often it has run
        elif op.blocks:
            add(*(out for inner in op.blocks for out, r in zip(op.outs, inner.results, strict=False) if on(r)))
            raising = [x for o in all_ops(op.blocks[0]) for x in o.operands()] if op.prim == "try" else []
            if not by_data and any(map(on, (*op.args, *raising))):
                add(*op.outs)
        elif any(map(on, _flowing(op) if by_data else op.operands())):
            add(*op.outs)


def _is_complex(x: Operand) -> bool:
    t = type_of_operand(x)
    return t.kind == "complex" or (t.dtype is not None and t.dtype.kind == "c")


def _flowing(op: Op) -> list[Operand]:
    """The operands of a plain op that a derivative may flow from."""
    if op.prim in (np.copysign, math.copysign):
        return op.args[:1]
    if op.prim is np.sign and not any(map(_is_complex, op.args)):
        return []
    return op.operands() if passes(op) else []
