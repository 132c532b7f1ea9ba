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

import operator
from collections.abc import Callable

import numpy as np

from .. import runtime
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import Type
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from ..passes.simplify import replace
from .activity import flowing, may_vary

_MOVES = Type("moves")
_Way = Callable[[Op], list[Operand]]
_SIZES = {len, np.shape, np.ndim, np.size, isinstance}
_KNOWING = {runtime.by_root, runtime.unless_found, runtime.is_found}  # they ask themselves whether a search has ended


def watch(function: Function, active: list[bool]) -> Function:
    """Let loops that may come near something by decisions alone say how they move.

    Args:
        function: the functional form; so are all that it calls, which change in place, as it does itself.
        active: for each parameter, whether it is differentiated by.
    """
    functions = functions_in(function)
    ops = [(f, op) for f in functions for op in all_ops(f.body)]
    loops = [(f, op) for f, op in ops if op.prim in ("for", "while") and not _is_watched(op)]
    if not loops:
        return function
    given = {p for p, on in zip(function.params, active, strict=True) if on}
    moving = _reached(functions, {p for p in given if may_vary(p.type)}, flowing)
    alone = {op: _by_itself(op, moving) for _, op in loops}
    if not any(_carried(op, alone[op]) for _, op in loops):
        return function
    told = _reached(functions, given, _telling)
    chosen = _reached(functions, _asked(functions, told), Op.operands)
    knowing = _knowing(functions, moving)
    for f, op in loops:
        if not _carried(op, alone[op]):
            continue
        body = op.blocks[-1]
        here = _within(op, _asked([_function(op)], _within(op, _outside(op, told), _telling)), Op.operands)
        places = {k for k in alone[op] if {body.params[k], body.results[k]}
                  <= (here if body.results[k] in moving else chosen)}  # fmt: skip
        if _carried(op, places):
            chosen.update(_watch_loop(f, op, places, knowing))
    return function


def _knowing(functions: list[Function], moving: set[Value]) -> set[Op]:
    """The ops that know how what a search has found moves: an equation, and what is computed for it alone."""
    ops = [op for f in functions for op in all_ops(f.body)]
    results = {r for f in functions for r in f.body.results}
    knowing = {op for op in ops if hashable(op.prim) and op.prim in _KNOWING}
    knowing |= {op for op in ops if op.prim is runtime.found and op.args[4] in moving}
    roots = {op.args[3] for op in knowing if op.prim is runtime.found}
    knowing |= {op for op in ops if op.prim is runtime.as_root and op.out in roots}
    readers: dict[Operand, list[Op]] = {}
    for op in ops:
        for x in (*op.operands(), *(r for b in op.blocks for r in b.results)):
            readers.setdefault(x, []).append(op)
    for op in reversed(ops):
        read = [other for out in op.outs for other in readers.get(out, [])]
        plain = not isinstance(op.prim, str) and results.isdisjoint(op.outs)
        if plain and read and all(other in knowing for other in read):
            knowing.add(op)
    return knowing


def _is_watched(loop: Op) -> bool:
    """Whether it has been looked at, as a loop of generated code has: those that say how they move settle there."""
    generated = loop.span is not None and loop.span.file.startswith("<s2sad")
    return generated and not any(op.prim is runtime.moved for op in loop.blocks[-1].ops)


def _function(loop: Op) -> Function:
    """The body of a loop, on its own."""
    return Function("", loop.blocks[-1])


def _by_itself(loop: Op, moving: set[Value]) -> set[int]:
    """The places, from the end, of numbers that a loop carries and computes from each other, and nothing that moves.

    Wherever they began: the ends of an interval may.  What comes out of a table, or is one of a few constants, is none.

    Args:
        moving: what a derivative reaches, in all of the program.
    """
    body, seen = loop.blocks[-1], _within(loop, _outside(loop, moving), flowing)
    found = {
        k for k in _places(loop) if isinstance(body.results[k], Value) and body.results[k] is not body.params[k]
        and body.results[k] not in seen and _is_number(body.params[k]) and _is_number(body.results[k])
    }  # fmt: skip
    carried = _within(loop, {p for k in found for p in (body.params[k],) if isinstance(p, Value)}, flowing)
    computed = {out for op in all_ops(body) if _computes(op) and any(x in carried for x in op.operands())
                for out in op.outs}  # fmt: skip
    made = _within(loop, computed, flowing) if computed else computed
    return {k for k in found if body.results[k] in made}


def _computes(op: Op) -> bool:
    """Whether an op gives numbers that are new, and not elements, or a container with another element."""
    own = (getattr(op.prim, "__module__", None) or "").startswith("s2sad.")
    return op.prim == "call" or not (isinstance(op.prim, str) or own or op.prim is operator.getitem)


def _places(loop: Op) -> range:
    """Those of what a loop carries, from the end."""
    return range(bool(loop.attrs.get("stops")) - len(loop.outs), 0)


def _outside(loop: Op, values: set[Value]) -> set[Value]:
    """Those of some values that are not made in a loop."""
    blocks = [*loop.blocks, *(b for inner in loop.blocks for op in all_ops(inner) for b in op.blocks)]
    return values.difference(*(b.params for b in blocks), *(op.outs for b in blocks for op in b.ops))


def _within(loop: Op, values: set[Value], by: _Way) -> set[Value]:
    """Those values, and what depends on them in a loop; not by what it carries as it begins."""
    functions, body, seen, before = functions_in(_function(loop)), loop.blocks[-1], values, -1
    while len(seen) > before:
        before = len(seen)
        seen = _reached(functions, seen, by)
        seen.update(body.params[k] for k in _places(loop) if body.results[k] in seen)
    return seen


def _carried(loop: Op, places: set[int]) -> list[int]:
    """Those places of what has a value before the loop, in order."""
    return [k for k in sorted(places) if loop.args[k] is not UNDEFINED]


def _is_number(x: Operand) -> bool:
    """Whether it may be a number, or an array of numbers, that is no integer."""
    t = type_of_operand(x)
    if t.kind in ("list", "tuple", "dict") and t.elems:
        return any(e.kind != "object" and may_vary(e) for e in t.elems)
    return t.kind in ("float", "scalar", "number", "numeric", "array", "unknown", "optional") and may_vary(t)


def _watch_loop(function: Function, loop: Op, places: set[int], knowing: set[Op]) -> list[Value]:
    """Let a loop say how what it carries at ``places`` moves, and settle what it leaves there.

    Args:
        knowing: the ops that read it and know how it moves.

    Returns:
        What stands for the results of the loop behind it.
    """
    ops = [op for op in all_ops(function.body) if op not in knowing]
    read = {x for op in ops for x in (*op.operands(), *(r for b in op.blocks for r in b.results))}
    read.update(function.body.results)
    left = [k for k in sorted(places) if loop.outs[k] in read]
    if not left:
        return []
    block = next(b for b in (function.body, *(b for op in ops for b in op.blocks)) if loop in b.ops)
    outs = {k: loop.outs[k] for k in left}
    maybe = [k for k in left if loop.args[k] is UNDEFINED]  # which may have no value behind the loop
    carried, moves, shift = _moves_of(function, loop, block, _carried(loop, places))
    for k in maybe:
        _settle_inside(function, loop, loop.blocks[-1], k - shift, carried)
    found = [_made(function, loop, runtime.settled, [o, moves], o.hint, o.type) for k, o in outs.items()
             if k not in maybe]  # fmt: skip
    known: dict[Value, Operand] = {op.args[0]: op.out for op in found if isinstance(op.args[0], Value)}
    replace(function.body.ops, known)
    replace(list(knowing), {made: o for o, made in known.items() if isinstance(made, Value)})
    function.body.results = [known.get(r, r) if isinstance(r, Value) else r for r in function.body.results]
    k = block.ops.index(loop)
    block.ops[k + 1 : k + 1] = found
    return [*(outs[k] for k in maybe), *(made.out for made in found)]


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


def _moves_of(function: Function, loop: Op, block: Block, places: list[int]) -> tuple[Value, Value, int]:
    """How a loop's values move, in it and behind it: another value that it carries, unless it does so already.

    Also by how much that shifts the places from the end.
    """
    body = loop.blocks[-1]
    count = len(loop.outs) - bool(loop.attrs.get("stops"))
    made = {op.out for op in body.ops if op.prim is runtime.moved}
    for p, out, r in zip(body.params[-count:], loop.outs[-count:], body.results[-count:], strict=True):
        if r in made:
            return p, out, 0
    results = [body.results[k] for k in places]
    start = _made(function, loop, runtime.moved, [Const(None), *(loop.args[k] for k in places)])
    block.ops.insert(block.ops.index(loop), start)
    loop.args.append(start.out)
    for inner in loop.blocks:
        inner.params.append(Value("moves", _MOVES, loop.span))
    turn = _made(function, loop, runtime.moved, [body.params[-1], *results])
    body.ops.append(turn)
    body.results.append(turn.out)
    loop.outs.append(Value("moves", _MOVES, loop.span))
    return body.params[-1], loop.outs[-1], 1


def _made(function: Function, place: Op, prim: Callable, args: list[Operand], hint: str | None = "moves",
          t: Type = _MOVES) -> Op:  # fmt: skip
    op = Op(prim, args, {}, [Value(hint, t, place.span)], span=place.span)
    function.attrs.setdefault("defs", {})[op.out] = op
    return op


def _telling(op: Op) -> list[Operand]:
    """The operands of a plain op that what it gives says something of; of an array, its shape does not."""
    return [] if hashable(op.prim) and op.prim in _SIZES else op.operands()


def _asked(functions: list[Function], told: set[Value]) -> set[Value]:
    """What ops say of ``told`` that no derivative flows through, or that may raise: there the program chooses."""
    asked: set[Value] = set()
    for op in (op for f in functions for op in all_ops(f.body)):
        if op.prim == "try":
            by = [x for o in all_ops(op.blocks[0]) for x in o.operands()]
        else:
            by = [] if isinstance(op.prim, str) else [x for x in _telling(op) if x not in flowing(op)]
        if any(x in told for x in by):
            asked.update(op.outs)
    return asked


def _reached(functions: list[Function], values: set[Value], by: _Way) -> set[Value]:
    """Those values, and what depends on them: by those operands of plain ops that ``by`` gives; and by what is chosen.

    With `flowing`, as derivatives go, which choices do not count for.
    """
    seen, before = set(values), -1
    while len(seen) > before:
        before = len(seen)
        for f in functions:
            _spread(f.body, seen, by)
    return seen


def _spread(block: Block, seen: set[Value], by: _Way, stop: Operand | None = None) -> None:
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
