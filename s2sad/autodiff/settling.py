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

What a turn computes from what moves, for something that is read behind the loop and that no other turn goes on from
but to add to it, is computed from what is settled there.  A function that calls itself so has no place for the moves:
it is refused, and recorded (`recording.turns`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import Type, module_of
from ..passes.build import type_of_operand
from ..passes.effects import all_ops, functions_in
from ..passes.simplify import replace
from .activity import flowing, may_vary
from .reaching import asked, behind, body_of, outside, places_of, reached, telling, within

_MOVES = Type("moves")
_KEEPING = {runtime.setitem, runtime.list_append, runtime.index_add}
_SUMS = {operator.add, operator.iadd, operator.sub, operator.isub, np.add, np.subtract}
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
    recursive = _recursive(functions)
    if not loops and not recursive:
        return function
    given = {p for p, on in zip(function.params, active, strict=True) if on}
    moving = reached(functions, {p for p in given if may_vary(p.type)}, flowing)
    alone = {op: _by_itself(op, moving) for _, op in loops}
    loops = [(f, op) for f, op in loops if _carried(op, alone[op])]
    if not loops and not recursive:
        return function
    told = reached(functions, given, telling)
    chosen = reached(functions, asked(functions, told), Op.operands)
    if recursive:
        _check_recursion(functions, recursive, moving, told, chosen)
    knowing = _knowing(functions, moving)
    for f, op in loops:
        body = op.blocks[-1]
        here = within(op, asked([body_of(op)], within(op, outside(op, told), telling)), Op.operands)
        places = {k for k in alone[op] if {body.params[k], body.results[k]}
                  <= (here if body.results[k] in moving else chosen)}  # fmt: skip
        if _carried(op, places):
            chosen.update(_watch_loop(f, op, places, knowing, moving))
    return function


def _recursive(functions: list[Function]) -> list[Function]:
    """Those that call themselves, be it through others."""
    called = {f: {op.attrs["function"] for op in all_ops(f.body) if op.prim == "call"} for f in functions}
    found, more = called, {f: fs.union(*(called[g] for g in fs)) for f, fs in called.items()}
    while more != found:
        found, more = more, {f: fs.union(*(more[g] for g in fs)) for f, fs in more.items()}
    return [f for f in functions if f in found[f]]


def _check_recursion(
    functions: list[Function], recursive: list[Function], moving: set[Value], told: set[Value], chosen: set[Value]
) -> None:
    """Refuse functions that hand on to themselves numbers that they compute and choose, as loops carry them."""
    calls = [op for f in recursive for op in all_ops(f.body) if _calls(op, recursive)]
    given = [(p, x, op) for op in calls for p, x in zip(op.attrs["function"].params, op.args, strict=True)]
    params = {p for f in recursive for p in f.params}
    kept = params - {p for p, x, _ in given if x not in params}
    carried = {p for p in params - kept - reached(functions, kept & moving, flowing) if _is_number(p)}
    after = reached(functions, carried, flowing)
    ops = [op for f in recursive for op in all_ops(f.body)]
    computed = {out for op in ops if _computes(op) and any(x in after for x in op.operands()) for out in op.outs}
    made = reached(functions, computed, flowing)
    here = reached(functions, asked(functions, reached(functions, kept & told, telling)), Op.operands)
    for p, x, call in given:
        if p not in carried or x not in made:
            continue
        by = here if p in moving else chosen
        ways = [op for op in ops if op.prim == "if" and op.args[0] in by
                and all(any(_calls(o, recursive) for o in all_ops(b)) for b in op.blocks)
                and any(o is call for b in op.blocks for o in all_ops(b))]  # fmt: skip
        if x in by or ways:
            raise UnsupportedError("a function that calls itself with numbers that it computes and chooses by "
                                   "decisions is not compiled: it may find something by them", call.span)  # fmt: skip


def _calls(op: Op, functions: list[Function]) -> bool:
    return op.prim == "call" and op.attrs["function"] in functions


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


def _by_itself(loop: Op, moving: set[Value]) -> set[int]:
    """The places, from the end, of numbers that a loop carries and computes from each other, and nothing that moves.

    Wherever they began: the ends of an interval may.  What comes out of a table, or is one of a few constants, is none.

    Args:
        moving: what a derivative reaches, in all of the program.
    """
    body, seen = loop.blocks[-1], within(loop, outside(loop, moving), flowing)
    found = {
        k for k in places_of(loop) if isinstance(body.results[k], Value) and body.results[k] is not body.params[k]
        and body.results[k] not in seen and _is_number(body.params[k]) and _is_number(body.results[k])
    }  # fmt: skip
    carried = within(loop, {p for k in found for p in (body.params[k],) if isinstance(p, Value)}, flowing)
    computed = {out for op in all_ops(body) if _computes(op) and any(x in carried for x in op.operands())
                for out in op.outs}  # fmt: skip
    made = within(loop, computed, flowing) if computed else computed
    return {k for k in found if body.results[k] in made}


def _computes(op: Op) -> bool:
    """Whether an op gives numbers that are new, and not elements, or a container with another element."""
    own = module_of(op.prim).startswith("s2sad.")
    return op.prim == "call" or not (isinstance(op.prim, str) or own or op.prim is operator.getitem)


def _carried(loop: Op, places: set[int]) -> list[int]:
    """Those places of what has a value before the loop, in order."""
    return [k for k in sorted(places) if loop.args[k] is not UNDEFINED]


def _is_number(x: Operand) -> bool:
    """Whether it may be a number, or an array of numbers, that is no integer."""
    t = type_of_operand(x)
    if t.kind in ("list", "tuple", "dict") and t.elems:
        return any(e.kind != "object" and may_vary(e) for e in t.elems)
    return t.kind in ("float", "scalar", "number", "numeric", "array", "unknown", "optional") and may_vary(t)


def _watch_loop(function: Function, loop: Op, places: set[int], knowing: set[Op], moving: set[Value]) -> list[Value]:
    """Let a loop say how what it carries at ``places`` moves, and settle what it leaves there.

    Args:
        knowing: the ops that read it and know how it moves.
        moving: what a derivative reaches.

    Returns:
        What stands for the results of the loop behind it.
    """
    ops = [op for op in all_ops(function.body) if op not in knowing]
    read = {x for op in ops for x in (*op.operands(), *(r for b in op.blocks for r in b.results))}
    read.update(function.body.results)
    left = [k for k in sorted(places) if loop.outs[k] in read]
    uses = _uses(loop, places, {k for k in places_of(loop) if loop.outs[k] in read}, moving, knowing)
    if not left and not uses:
        return []
    block = next(b for b in (function.body, *(b for op in ops for b in op.blocks)) if loop in b.ops)
    outs = {k: loop.outs[k] for k in left}
    maybe = [k for k in left if loop.args[k] is UNDEFINED]  # which may have no value behind the loop
    carried, moves, shift = _moves_of(function, loop, block, _carried(loop, places))
    for k in maybe:
        _settle_inside(function, loop, loop.blocks[-1], k - shift, carried)
    for x in dict.fromkeys(operands[j] for operands, j in uses):
        assert isinstance(x, Value)
        made = _made(function, loop, runtime.settled, [x, carried], x.hint, x.type)
        inner, k = _place_of(loop, x)
        inner.ops.insert(k, made)
        for operands, j in uses:
            if operands[j] is x:
                operands[j] = made.out
    found = [_made(function, loop, runtime.settled, [o, moves], o.hint, o.type) for k, o in outs.items()
             if k not in maybe]  # fmt: skip
    known: dict[Value, Operand] = {op.args[0]: op.out for op in found if isinstance(op.args[0], Value)}
    replace(function.body.ops, known)
    replace(list(knowing), {made: o for o, made in known.items() if isinstance(made, Value)})
    function.body.results = [known.get(r, r) if isinstance(r, Value) else r for r in function.body.results]
    k = block.ops.index(loop)
    block.ops[k + 1 : k + 1] = found
    return [*(outs[k] for k in maybe), *(made.out for made in found)]


_Use = tuple[list[Operand], int]


def _uses(loop: Op, places: set[int], read: set[int], moving: set[Value], knowing: set[Op]) -> list[_Use]:
    """Where what moves by decisions is read for what a turn of the loop leaves, and no other turn goes on from.

    Each as a list of operands (or of the results of a block) and a place in it.
    """
    body, ops = loop.blocks[-1], list(all_ops(loop.blocks[-1]))
    own = {x for k in places for x in (body.params[k], body.results[k]) if isinstance(x, Value)}
    near = {x for x in within(loop, own, flowing) - moving if _is_number(x)}
    left = {*body.results, *(x for op in ops for x in (*op.operands(), *(r for b in op.blocks for r in b.results)))}
    used = [op for op in ops if not left.isdisjoint(op.outs)]
    gone_on, but_sums = ({x for op in used for x in _going_on(op, sums)} for sums in ((), body.params))
    again = {k for k in places_of(loop) if body.params[k] in (but_sums if body.results[k] in moving else gone_on)}
    steering = behind(body, {body.results[k] for k in again if body.results[k] not in moving})
    begun = {body.params[k] for k in again if body.results[k] in moving}
    out = steering | reached([body_of(loop)], begun, flowing)
    last = behind(body, {r for k in read if (r := body.results[k]) in moving})
    last = behind(body, (last & moving) - out) - out
    found: list[_Use] = []
    for op in ops:
        made = [j for j, out in enumerate(op.outs) if out in last and op not in knowing]
        if op.prim in ("for", "while"):
            found += [(op.args, j - len(op.outs)) for j in made]
        elif op.blocks:
            found += [(b.results, j) for b in op.blocks for j in made if j < len(b.results)]
        else:
            found += [(op.args, j) for j in range(len(op.args)) if made]
    near &= steering | set(body.params)
    return [(operands, j) for operands, j in found if operands[j] in near]


def _going_on(op: Op, sums: Sequence[Operand]) -> list[Operand]:
    """What the derivative of an op goes on from: not the elements beside one that it stores, nor ``sums`` to add to."""
    if op.blocks or op.prim == "call":
        return op.args
    if not hashable(op.prim):
        return flowing(op)
    return [x for k, x in enumerate(flowing(op))
            if not (k == 0 and op.prim in _KEEPING) and not (op.prim in _SUMS and x in sums)]  # fmt: skip


def _place_of(loop: Op, x: Value) -> tuple[Block, int]:
    """The first place in a loop, as a block and an index, where a value is known."""
    body = loop.blocks[-1]
    for block in (body, *(b for op in all_ops(body) for b in op.blocks)):
        if x in block.params:
            return block, 0
        for k, op in enumerate(block.ops):
            if x in op.outs:
                return block, k + 1
    return body, 0


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
