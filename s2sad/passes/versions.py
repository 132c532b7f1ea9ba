"""Branches and loops of a program whose writes become versions: they carry the versions of what is written in them.

    for i in range(n): a[i] = i          a_2 = for i in range(n), a = a: a_1 = setitem(a, i, i) -> a_1

``branches(memory, op)`` and ``loop(memory, op)`` append what an op becomes.  A loop is walked until what it changes,
and what may be the same memory in it, is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ir.core import UNDEFINED, Block, Const, Op, Operand, Value
from ..ir.types import Type, join
from .attempts import settled
from .build import type_of_operand
from .effects import all_ops
from .storages import Storage

if TYPE_CHECKING:
    from .memory import Memory


def branches(memory: Memory, op: Op) -> None:
    """An ``if``, ``with`` or ``try``."""
    args = [memory.read(a) for a in op.args]  # ``if items: ... items.pop()`` asks what was there before
    state = memory.snapshot()
    ends = []
    for block in op.blocks:
        memory.restore(state)
        memory.builder = state[3].nested(list(block.params))
        for p in block.params:
            memory.fresh(p, p)
        memory.ops(block)
        places = [(memory.where.get(r) if isinstance(r, Value) else None, memory.storages([r])) for r in block.results]
        results = [memory.read(r) for r in block.results]
        dead = _ends_in_raise(block)
        repeats = [memory.repeats(r) for r in block.results]
        ends.append(
            (results, memory.version, memory.aliases, memory.builder.block, places, dead, repeats, memory.holds)
        )
    memory.restore(state)
    for *_, holds in ends:
        for storage, inside in holds.items():
            memory.holds[storage] = memory.holds.get(storage, set()) | inside
    for _, _, aliases, *_ in ends:
        for storage, others in aliases.items():
            if storage in memory.aliases:
                if not others <= memory.aliases[storage]:
                    memory.aliases[storage] = memory.aliases[storage] | others
            else:
                memory.aliases[storage] = others
    for _, versions, *_ in ends:
        for storage, operand in versions.items():
            memory.version.setdefault(storage, operand)
    changed = [s for s in state[0] if any(e[1][s] is not state[0][s] for e in ends)]
    if op.prim == "try" and not all(settled(op, ends[0][3], ends[0][1][s], state[0][s]) for s in changed):
        memory.builder.span = op.span or memory.builder.span
        raise memory.refuse("this try changes an array or list, and may raise after that: a handler could see it")
    outs = list(op.outs)
    for storage in changed:
        latest = [UNDEFINED if e[5] else e[1][storage] for e in ends]
        merged = Value(_hint_of(latest), _join_all(latest))
        outs.append(merged)
        memory.version[storage] = merged
        for (results, *_), v in zip(ends, latest, strict=True):
            results.append(v)
    for results, _, _, block, *_ in ends:
        block.results = results
    copied = Op(op.prim, args, {}, outs, [e[3] for e in ends], op.span, dict(op.attrs))
    memory.builder.append(copied)
    for k, out in enumerate(op.outs):
        known = [place for e in ends if (place := e[4][k][0]) is not None]
        tried = op.prim == "try"
        elsewhere = any(e[4][k][0] is None and not (tried and e[0][k] is UNDEFINED) for e in ends)
        broken_up = tried and any(path for _, path in known)  # an index may be known in the body only
        if known and not elsewhere and not broken_up and all(p == known[0] for p in known) and known[0][0] in state[0]:
            memory.where[out] = known[0]
            known[0][0].values.append(out)
        else:
            memory.fresh(out, out, {s for e in ends for s in e[4][k][1]})
            if out in memory.where:
                memory.where[out][0].repeated = any(e[6][k] for e in ends)


def loop(memory: Memory, op: Op) -> None:
    """A ``for`` or ``while``."""
    stops = bool(op.attrs.get("stops"))
    body = op.blocks[-1]
    count = len(body.results) - stops
    operands, inits = op.args[: len(op.args) - count], op.args[len(op.args) - count :]
    leaves = body.params[: len(body.params) - count]
    changing: list[Storage] = []  # storages from outside that an iteration writes
    carried = body.params[len(leaves) :]
    # carried values that are not always the same storage: as one that is None at first
    separate = {k for k in range(count) if carried[k].type.mutable and _place(memory.where, inits[k]) is None}
    together: set[frozenset[int]] = set()  # pairs of them that may share memory
    repeating = {k for k in range(count) if memory.repeats(inits[k])}  # carried values that may hold one object twice
    earlier = Earlier(memory)
    state = memory.snapshot()
    inside = [v for b in op.blocks for inner in all_ops(b) for v in inner.outs]
    while True:
        memory.restore(state)
        memory.forget(inside)
        assumed = changing, separate, together, repeating, earlier
        blocks, ends, versions = _iteration(memory, op, inits, leaves, stops, *assumed)
        more = [s for s in state[0] if s not in changing and versions[s] is not state[0][s]]
        apart = {
            k for k in range(count)
            if k not in separate and _place(memory.where, inits[k]) is not None
            and _place(memory.where, ends[k]) != _place(memory.where, inits[k])
        }  # fmt: skip
        mixed = _mixed(memory, ends, separate, inits) - together
        twice = {k for k in range(count) if memory.repeats(ends[k])} - repeating
        known = earlier.found()
        holds = earlier.learn({k: ends[k] for k in separate}, state[0])
        grown = {s: memory.aliases.get(s, {s}) & state[0].keys() | {s} for s in [*state[0], *holds]}
        for made, others in earlier.same.items():
            grown[made] |= others
            for s in others:
                grown[s] |= {made}
        filled = {s: memory.lifted(memory.holds.get(s, ()), state[0]) | holds[s] for s in holds}
        new = more or apart or mixed or twice or known != earlier.found()
        if not new and all(grown[s] <= state[1][s] and filled[s] <= state[4][s] for s in grown):
            break
        changing += more
        separate |= apart
        together |= mixed
        repeating |= twice
        state = ({**dict.fromkeys(holds, Const(None)), **state[0]},
                 {s: state[1].get(s, set()) | grown[s] for s in grown}, state[2], state[3],
                 {s: state[4].get(s, set()) | filled[s] for s in grown})  # fmt: skip
    iterated = memory.storages(operands)
    if any(s in changing for i in iterated for s in memory.aliases[i]):
        memory.builder.span = op.span or memory.builder.span
        raise memory.refuse("the loop writes what it iterates over: iterate over a copy, or over indices")
    inner_aliases = memory.aliases
    memory.restore(state)
    for storage, others in inner_aliases.items():
        if storage in memory.aliases:
            memory.aliases[storage] = memory.aliases[storage] | {o for o in others if o in state[0]}
    same = [k for k in range(count) if k not in separate and _place(memory.where, inits[k]) is not None]
    kept = [k for k in range(count) if k not in same]
    outs = (op.outs[:1] if stops else []) + [op.outs[k + stops] for k in kept]
    finals = [Value(_hint_of([state[0][s]]), type_of_operand(state[0][s])) for s in changing]
    args = [memory.read(a) for a in operands] + [memory.read(inits[k]) for k in kept] + [state[0][s] for s in changing]
    memory.builder.append(Op(op.prim, args, {}, outs + finals, blocks, op.span, dict(op.attrs)))
    for storage, final in zip(changing, finals, strict=True):
        memory.version[storage] = final
    for k in same:
        out = op.outs[k + stops]
        memory.where[out] = memory.where[inits[k]]  # type: ignore[index]
        memory.where[out][0].values.append(out)
    places = {}
    for k in kept:
        out = op.outs[k + stops]
        memory.fresh(
            out, out, memory.storages([inits[k]]) | earlier.carried.get(k, set()) if out.type.mutable else set()
        )
        if out in memory.where:
            memory.holds[memory.where[out][0]] |= earlier.held.get(k, set())
            memory.where[out][0].repeated = k in repeating
        places[k] = memory.where.get(out)
    for pair in together:
        a, b = tuple(pair) if len(pair) == 2 else (next(iter(pair)),) * 2
        if places.get(a) and places.get(b):
            memory.may_alias(places[a][0], places[b][0])  # type: ignore[index]


def _mixed(memory: Memory, ends: list[Operand], separate: set[int], inits: list[Operand]) -> set[frozenset[int]]:
    """Pairs of carried values that may share memory at the beginning or the end of an iteration."""
    pairs = set()
    for column in (ends, inits):
        for i in separate:
            for j in separate:
                if i < j:
                    a, b = _place(memory.where, column[i]), _place(memory.where, column[j])
                    if a and b and (a[0] is b[0] or b[0] in memory.aliases.get(a[0], ())):
                        pairs.add(frozenset((i, j)))
    return pairs


class Earlier:
    """What a loop's carried values may be at the beginning of an iteration, and what containers may hold then.

    rows.append(row)        in one iteration, and in the next one, before ``row`` is another array:
    row[0] = 1.0            ``row`` and an element of ``rows`` may be the same

    These are storages from outside of the loop, and for what each value was in earlier iterations one storage.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.made: dict[Value, Storage] = {}
        self.stood_for: dict[Storage, set[Storage]] = {}  # those of an iteration that one of ``made`` stands for
        self.carried: dict[int, set[Storage]] = {}  # what a carried value may be
        self.held: dict[int, set[Storage]] = {}  # and what it may hold
        self.same: dict[Storage, set[Storage]] = {}  # what one of ``made`` may be, of what is outside

    def learn(self, ends: dict[int, Operand], outside: Any) -> dict[Storage, set[Storage]]:
        """Look at the end of an iteration: what each storage, one for earlier ones included, holds in the next one."""
        memory = self.memory
        for k, x in ends.items():
            inside = memory.held(memory.storages([x]))
            self.held[k] = self.held.get(k, set()) | self.standing(inside, outside) | memory.lifted(inside, outside)
        holds = {h: self.standing(memory.holds.get(h, ()), outside) for h in outside}
        known = -1
        while known != (known := sum(map(len, self.stood_for.values()))):  # what they hold is one of them, too
            for value, storage in list(self.made.items()):
                now = set(self.stood_for[storage])
                now |= {memory.where[value][0]} if value in memory.where else set()
                inside = {h for s in now for h in memory.holds.get(s, ())}
                holds[storage] = self.standing(inside, outside) | memory.lifted(inside, outside)
                self.same[storage] = self.same.get(storage, set()) | memory.lifted(now, outside)
        for k, x in ends.items():
            same = {a for s in memory.storages([x]) for a in memory.aliases[s]}
            before = {self.made[a.values[0]] for a in same - outside.keys() if a.values and a.values[0] in self.made}
            self.carried[k] = self.carried.get(k, set()) | before | (same & outside.keys())
        return holds

    def standing(self, storages: Any, outside: Any) -> set[Storage]:
        """What stands for storages of an iteration in the next one."""
        found = set()
        for s in storages:
            if s not in outside and s.values:
                made = self.made.setdefault(s.values[0], Storage())
                made.values[:] = s.values[:1]
                made.repeated |= s.repeated
                self.stood_for.setdefault(made, set()).add(s)
                found.add(made)
        return found

    def found(self) -> Any:
        """All that is known now."""
        known = (self.carried, self.held, self.same)
        return len(self.made), *({k: set(v) for k, v in each.items() if v} for each in known)  # type: ignore[attr-defined]


def _iteration(memory: Memory, op: Op, inits: list[Operand], leaves: list[Value], stops: bool, changing: list[Storage],
               separate: set[int], together: set, repeating: set[int], earlier: Earlier) -> Any:  # fmt: skip
    """Walk a loop's blocks once under the assumptions so far."""
    outer = memory.builder
    before = [{o for s in memory.storages([x]) for o in memory.aliases[s]} for x in inits]
    blocks, ends = [], []
    iterated = memory.storages(op.args[: len(op.args) - len(inits)])
    for block in op.blocks:
        carried = block.params[len(block.params) - len(inits) :]
        own = leaves if block is op.blocks[-1] else []
        memory.builder = outer.nested()
        kept = []
        fresh = []
        for k, (p, init) in enumerate(zip(carried, inits, strict=True)):
            place = _place(memory.where, init)
            if place is not None and k not in separate:
                memory.where[p] = place
                place[0].values.append(p)
            else:
                kept.append(p)
                if p.type.mutable:
                    storage = Storage()
                    storage.values.append(p)
                    storage.repeated = k in repeating
                    memory.where[p] = (storage, ())
                    memory.version[storage] = p
                    others = before[k] | earlier.carried.get(k, set())
                    memory.aliases[storage] = {storage, *others}
                    memory.holds[storage] = memory.held(others) | earlier.held.get(k, set())
                    for o in others:
                        memory.aliases[o] = memory.aliases[o] | {storage}
                    fresh.append((k, storage))
        for i, a in fresh:
            for j, b in fresh:
                if i < j and frozenset((i, j)) in together:
                    memory.aliases[a] = memory.aliases[a] | {b}
                    memory.aliases[b] = memory.aliases[b] | {a}
        for p in own:
            memory.fresh(p, p, iterated | memory.held(iterated))
        versions = []
        for s in changing:
            v = Value(_hint_of([memory.version[s]]), type_of_operand(memory.version[s]))
            versions.append(v)
            memory.version[s] = v
        memory.views = {}
        memory.ops(block)
        memory.builder.block.params = [*own, *kept, *versions]
        blocks.append(memory.builder.block)
        if block is op.blocks[-1]:
            ends = block.results[stops:]
            rows = [memory.read(r) for k, r in enumerate(ends) if carried[k] in kept]
            flag = [memory.read(block.results[0])] if stops else []
            memory.builder.block.results = [*flag, *rows, *[memory.version[s] for s in changing]]
            after = dict(memory.version)
        else:
            for s, v in zip(changing, versions, strict=True):
                if memory.version[s] is not v:
                    raise memory.refuse("a loop condition that writes an array is not supported")
            memory.builder.block.results = [memory.read(r) for r in block.results]
    memory.builder = outer
    for s in changing:
        after.pop(s, None)
    return blocks, ends, {**{s: memory.version[s] for s in memory.version}, **after}


def _place(where: dict, x: Operand) -> Any:
    return where.get(x) if isinstance(x, Value) else None


def _ends_in_raise(block: Block) -> bool:
    return bool(block.ops) and block.ops[-1].prim == "raise"


def _hint_of(operands: list[Operand]) -> str | None:
    return next((x.hint for x in operands if isinstance(x, Value) and x.hint), None)


def _join_all(operands: list[Operand]) -> Type:
    result = Type("bottom")
    for x in operands:
        if x is not UNDEFINED:
            result = join(result, type_of_operand(x))
    return result
