"""Give the backward part what it reads of the forward part's loops and branches.

A backward block may read a value of the forward block that it reverses.  Here that is made true:

    for i in range(n):  y = sin(x[i]) * y          s = []
                                                   for i in range(n):  s.append(y); y = sin(x[i]) * y
    for i in reversed(range(n)):             ->    for i in reversed(range(n)):
        ... cos(x[i]) * y ...                          y = s.pop(); ... cos(x[i]) * y ...

What is cheap is computed again (`again`), the rest is pushed on a list, one for each value.  The list is an ordinary
value that the loops carry, so the result is an ordinary program.  What a turn of a loop hands to the next one is pushed
once: the value after a turn is the value before the one that followed it.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, another, constant_key, hashable
from ..ir.types import Type, is_fresh, list_of, same_dtype
from ..passes.simplify import has_effect, replace
from ..rules.table import rule_for
from .absent import Absent, define
from .again import SIZES, Again
from .overwritten import restore_overwritten

_PARTS = {slice, prims.make_tuple, operator.getitem}


def save(function: Function) -> Function:
    """Connect the backward part of an adjoint to its forward part, in place; the function is returned."""
    Save(function).run()
    return function


class Save:
    def __init__(self, function: Function):
        self.body = function.body
        self.tried = bool(function.attrs.get("tried"))
        self.defs: dict[Value, Op] = function.attrs["defs"]
        self.home: dict[Value, Block] = {}  # the block that computes a value
        self.route: dict[Block, list[tuple[Op, int]]] = {}  # from the top to a block: op and number of its block
        self.absent = Absent(function)
        self.first: dict[Value, Value] = {}  # of a value, the first one that is computed in the same way
        self.equal: dict[Any, Value] = {}
        self.chart(self.body, [])

    def chart(self, block: Block, route: list[tuple[Op, int]]) -> None:
        self.route[block] = route
        for p in block.params:
            self.home[p] = block
        for op in block.ops:
            for out in op.outs:
                self.home[out] = block
                self.defs[out] = op
            for k, inner in enumerate(op.blocks):
                self.chart(inner, [*route, (op, k)])

    def run(self) -> None:
        self.reuse(self.body, [])
        for op in list(self.body.ops):
            self.pairs(op)
        define(self.body.ops, self.absent.read)

    def pairs(self, op: Op) -> None:
        """Connect the blocks of a backward op to those of the op that it reverses, the innermost first."""
        for k, block in enumerate(op.blocks):
            for inner in list(block.ops):
                self.pairs(inner)
            primal = op.attrs.get("primal")
            if primal is not None:
                self.connect(op, block, primal, reversed_by(primal, k))

    def connect(self, op: Op, block: Block, primal: Op, source: Block) -> None:
        """Make the values of ``source`` that ``block`` reads available at its beginning."""
        self.move_sizes(block, source)
        self.borrow_forms(block, source)
        self.reuse(block, [x for x in _reads(block) if self.home.get(x) is source])
        wanted = {x: None for x in _reads(block) if self.home.get(x) is source}
        if not wanted:
            return
        again = Again(self, op, primal, source, list(wanted))
        if not self.tried:  # what is read earlier could raise earlier
            restore_overwritten(self, again, op, block, primal, source)
        pushed: dict[Any, Value] = {}
        env, head = again.env, again.head
        handed = self.handed_on(again.to_push, primal, source)
        for x in again.to_push:
            if x in handed:
                continue
            made = self.defs.get(x)
            key = (made.prim, *map(self.identity, made.args)) if made is not None and _one_out(made) else x
            if key in pushed:
                env[x] = pushed[key]
                continue
            steady = primal.prim in ("for", "while") and self.is_steady(x, source, set(_all_blocks(primal)))
            env[x] = pushed[key] = self.last(x, primal) if steady else self.push(x, op, block, primal, source)
        while handed:
            places = {x: source.params[k - len(source.results)] for x, k in handed.items()}
            x = next((x for x, p in places.items() if p in env), next(iter(handed)))
            k = handed.pop(x)
            if places[x] in env:
                env[x] = self.carry(x, env[places[x]], op, block, primal.outs[k])  # type: ignore[arg-type]
            else:  # they are handed on in a circle
                env[x] = self.push(x, op, block, primal, source)
        # those that are computed again read what was popped
        for o in head:
            o.args = [env.get(a, a) if isinstance(a, Value) else a for a in o.args]
            o.params = {k: env.get(a, a) if isinstance(a, Value) else a for k, a in o.params.items()}
        pops = [o for o in block.ops if o.attrs.pop("pop", False)]
        rest = [o for o in block.ops if o not in pops]
        replace(rest, env)
        block.results = [env.get(r, r) if isinstance(r, Value) else r for r in block.results]
        for o in reversed([*pops, *_in_order(head)]):
            place_before_use(o, rest)
        block.ops = rest
        for o in head:
            for out in o.outs:
                self.home[out] = block
                self.defs[out] = o

    def reuse(self, block: Block, known: list[Value]) -> None:
        """Let what backward ops of a block compute in the same way as a forward value be that value."""
        values = {self.identity(x): x for x in reversed(known)}
        same: dict[Value, Operand] = {}
        ops = []
        for op in block.ops:
            costs = hashable(op.prim) and op.prim not in _PARTS
            out = op.outs[0] if costs and len(op.outs) == 1 else None
            back = op.attrs.get("backward")
            if out is not None and back and (x := values.get(self.identity(out))) is not None:
                same[out] = x
                continue
            ops.append(op)
            if out is not None and not back:
                values.setdefault(self.identity(out), out)
        if same:
            block.ops = ops
            replace(ops, same)
            block.results = [same.get(r, r) if isinstance(r, Value) else r for r in block.results]

    def identity(self, x: Operand) -> Any:
        """What is equal for operands that are equal since they are computed in the same way: the first of them."""
        if isinstance(x, Const):
            return constant_key(x.value)
        if x not in self.first:
            made = self.defs.get(x)
            self.first[x] = x
            if made is not None and hashable(made.prim) and _one_out(made):
                rule = rule_for(made.prim)
                if made.prim in _PARTS or (rule is not None and rule.own and rule.kind == "elementwise"):
                    key = (made.prim, *map(self.identity, made.args))
                    self.first[x] = self.equal.setdefault(key, x)
        return self.first[x]

    def handed_on(self, wanted: list[Value], primal: Op, source: Block) -> dict[Value, int]:
        """Those of the wanted values that a loop hands on, where what it got in their place is wanted too."""
        if primal.prim not in ("for", "while"):
            return {}
        before = len(source.params) - len(source.results)  # params and results end with what is carried
        places = range(int(bool(primal.attrs.get("stops"))), len(source.results))
        return {r: k for k in places if (r := source.results[k]) in wanted and source.params[before + k] in wanted
                and r is not source.params[before + k]}  # type: ignore[misc]  # fmt: skip

    def is_steady(self, x: Operand, source: Block, inside: set[Block]) -> bool:
        """Whether each turn of a loop computes the same value; ``inside``: the blocks of the loop."""
        if isinstance(x, Const) or self.home.get(x) not in inside:
            return True
        made = self.defs.get(x)
        if made is None or self.home.get(x) is not source or x in source.params or not _one_out(made):
            return False
        if made.prim is np.shape and isinstance(made.args[0], Value) and _is_of_known_sizes(made.args[0].type):
            return True
        rule = rule_for(made.prim) if hashable(made.prim) else None
        known = (rule is not None and rule.own) or made.prim in _PARTS  # who knows what others give the next time
        return known and all(self.is_steady(a, source, inside) for a in made.args)

    def last(self, x: Value, loop: Op) -> Value:
        """What a value of a loop is as the loop ends: for one that each turn computes in the same way."""
        loop.args.append(UNDEFINED)
        for inner in loop.blocks:
            p = another(x)
            inner.params.append(p)
            self.home[p] = inner
        loop.blocks[-1].results.append(x)
        out = self.left(x, loop)
        self.absent.values.add(out)  # of a loop that may not run
        return out

    def carry(self, x: Value, before: Value, op: Op, block: Block, last: Value) -> Value:
        """Let a backward loop carry ``x``: at first the ``last`` one, then what was popped as the one ``before``.

        Returns:
            ``x`` in the backward loop.
        """
        param, final = another(x), another(x)
        op.args.append(last)
        block.params.append(param)
        block.results.append(before)
        op.outs.append(final)
        self.home[param] = block
        self.home[final], self.defs[final] = self.route_block(op), op
        return param

    def move_sizes(self, block: Block, source: Block) -> None:
        """A backward op that reads only the size of a forward value moves forward, so that the value is not saved."""
        sized = [o for inner in _blocks(block) for o in inner.ops if hashable(o.prim) and o.prim in SIZES]
        saved_anyway = {x for x in _reads(block, set(sized)) if self.home.get(x) is source}
        for inner in _blocks(block):
            for o in list(inner.ops):
                if o not in sized or o.args[0] in saved_anyway:
                    continue
                if isinstance(o.args[0], Value) and self.home.get(o.args[0]) is source:
                    inner.ops.remove(o)
                    o.attrs.pop("backward", None)
                    made = self.defs.get(o.args[0])
                    place = source.ops.index(made) + 1 if made in source.ops else 0
                    o.span = made.span if made is not None and place else o.span
                    source.ops.insert(place, o)
                    self.home[o.out] = source
                    self.defs[o.out] = o

    def borrow_forms(self, block: Block, source: Block) -> None:
        """``zeros_like`` of a forward array that nothing else reads is that of a cotangent of the same form."""
        zeros = [o for inner in _blocks(block) for o in inner.ops if hashable(o.prim) and o.prim in _ZEROS]
        read = set(_reads(block, set(zeros)))
        for inner in _blocks(block):
            seen = [*block.params, *inner.params]
            for o in inner.ops:
                x = o.args[0] if o in zeros else None
                if isinstance(x, Value) and self.home.get(x) is source and x not in read:
                    o.args[0] = next((v for v in reversed(seen) if _same_form(v.type, x.type)), x)
                seen += o.outs

    def push(self, x: Value, op: Op, block: Block, primal: Op, source: Block) -> Value:
        """Carry a value over: on a list, or as a further result where no loop is between.

        What a part of the body of a ``try`` saves is saved in the body, so that nothing is left of a body that raises,
        and the body hands it on at its end.
        """
        route, home, down = self.route[source], self.body, self.route[block]
        outer = next((k for k in reversed(range(len(route) - 1)) if route[k][0].prim == "try"), None)
        if outer is not None:
            home = route[outer][0].blocks[0]
            down = down[next(k for k, (o, _) in enumerate(down) if o.attrs.get("primal") is route[outer][0]) + 1 :]
            route = route[outer + 1 :]
        if not any(o.prim in ("for", "while") for o, _ in route):
            return self.promote(x, route, UNDEFINED if outer is None else Const(None))
        self.absent.reads(x)  # it is saved where it has no value, too
        hint = f"{x.hint or x.word or 't'}_saved"
        t = list_of(x.type)
        start = Value(hint, t, x.span)
        made = Op(prims.make_list, [], {}, [start], span=route[0][0].span)
        home.ops.insert(home.ops.index(route[0][0]), made)
        self.home[start], self.defs[start] = home, made
        end = self.thread(start, route, hint, t)
        appended = Value(hint, t, x.span)
        maker = self.defs.get(x)
        append = Op(runtime.list_append, [end, x], {}, [appended], span=maker.span if maker in source.ops else None)
        place = source.ops.index(maker) + 1 if maker in source.ops else 0
        source.ops.insert(len(source.ops) if route[-1][0].prim == "try" else place, append)
        self.home[appended], self.defs[appended] = source, append
        final = self.close(appended, route)
        popped = another(x)
        shorter = Value(hint, t, x.span)
        top = self.thread(final, down, hint, t)
        pop = Op(runtime.list_pop, [top], {}, [popped, shorter], attrs={"pop": True, "backward": True}, span=x.span)
        block.ops.insert(0, pop)
        for out in pop.outs:
            self.home[out], self.defs[out] = block, pop
        self.close(shorter, down)
        return popped

    def thread(self, start: Value, route: list[tuple[Op, int]], hint: str, t: Type) -> Value:
        """Carry a value down a route; the returned one is visible at its end."""
        current = start
        for op, k in route:
            if op.prim in ("for", "while"):
                op.args.append(current)
                for inner in op.blocks:
                    p = Value(hint, t)
                    inner.params.append(p)
                    self.home[p] = inner
                    if inner is op.blocks[k]:
                        current = p
        return current

    def close(self, value: Value, route: list[tuple[Op, int]]) -> Value:
        """Hand a carried value up the route; the result is its final version at the top."""
        for op, k in reversed(route):
            if op.prim in ("for", "while"):
                op.blocks[k].results.append(value)
            else:
                before = self.incoming(value, op, route)
                for j, inner in enumerate(op.blocks):
                    inner.results.append(value if j == k else before)
            value = self.left(value, op)
        return value

    def left(self, value: Value, op: Op) -> Value:
        """The further result with which a value leaves a loop or branch."""
        out = another(value)
        op.outs.append(out)
        self.defs[out], self.home[out] = op, self.route_block(op)
        return out

    def incoming(self, value: Operand, op: Op, route: list[tuple[Op, int]]) -> Operand:
        """The version of a carried list that enters a branch: what the branch's new version was made from."""
        current: Any = value
        blocks = set(map(id, _all_blocks(op)))
        while isinstance(current, Value) and id(self.home[current]) in blocks:
            made = self.defs.get(current)
            if made is None:  # a carried parameter of a loop inside
                current = self.entering(current)
            elif made.prim is runtime.list_append or made.prim is runtime.list_pop:
                current = made.args[0]
            elif made.prim in ("for", "while"):
                current = made.args[len(made.args) - len(made.outs) + made.outs.index(current)]
            elif made.prim in ("if", "try"):
                current = self.incoming(made.blocks[0].results[made.outs.index(current)], made, route)
            else:
                raise AssertionError(made)
        return current

    def entering(self, param: Value) -> Operand:
        block = self.home[param]
        op, _ = self.route[block][-1]
        place = len(block.params) - block.params.index(param)
        return op.args[len(op.args) - place]

    def route_block(self, op: Op) -> Block:
        for block in self.route:
            if op in block.ops:
                return block
        raise AssertionError("an op outside of every block")

    def promote(self, x: Value, route: list[tuple[Op, int]], without: Const) -> Value:
        """``x`` as a further result of the branches around; ``without``: what it is in the others."""
        value = x
        for op, k in reversed(route):
            for j, inner in enumerate(op.blocks):
                inner.results.append(value if j == k else without)
            value = self.left(value, op)
        return value


def _in_order(ops: list[Op]) -> list[Op]:
    """Ops, each after those that it reads from."""
    makers = {out: op for op in ops for out in op.outs}
    found: dict[Op, None] = {}

    def add(op: Op) -> None:
        if op not in found:
            for x in op.operands():
                if x in makers:
                    add(makers[x])
            found[op] = None

    for op in ops:
        add(op)
    return list(found)


def reversed_by(primal: Op, k: int) -> Block:
    """The block of a forward op that block ``k`` of its backward op reverses."""
    if primal.prim in ("for", "while"):
        return primal.blocks[-1]
    return primal.blocks[1 - k if primal.prim == "try" else k]


def _one_out(op: Op) -> bool:
    return len(op.outs) == 1 and not op.blocks and not op.params and not isinstance(op.prim, str) and not has_effect(op)


def place_before_use(op: Op, ops: list[Op]) -> None:
    """Insert an op right before the first one that reads its results."""
    outs = set(op.outs)
    for k, other in enumerate(ops):
        inside = [x for b in _all_blocks(other) for o in b.ops for x in o.operands()]
        inside += [r for b in _all_blocks(other) for r in b.results]
        if any(x in outs for x in [*other.operands(), *inside] if isinstance(x, Value)):
            op.span = other.span or op.span
            ops.insert(k, op)
            return
    ops.append(op)


_ZEROS = (np.zeros_like, runtime.zeros_like)


def _is_of_known_sizes(t: Type) -> bool:
    """Whether the sizes of an array are always the same: they were named before the loop."""
    return t.kind == "array" and t.dims is not None and not any(is_fresh(d.key) for d in t.dims)


def _same_form(a: Type, b: Type) -> bool:
    """Whether arrays of the two types certainly have the same shape and dtype."""
    known = a.kind == b.kind == "array" and a.dims is not None and same_dtype(a.dtype, b.dtype)
    return known and a.dims == b.dims and not any(is_fresh(d.key) for d in a.dims or ())


def _reads(block: Block, without: set[Op] | None = None) -> list[Value]:
    """The values that a block reads, in the ops other than those ``without``."""
    found: list[Value] = []
    for inner in _blocks(block):
        for op in inner.ops:
            if without and op in without:
                continue
            found.extend(x for x in op.operands() if isinstance(x, Value))
        found.extend(r for r in inner.results if isinstance(r, Value))
    return found


def _blocks(block: Block) -> list[Block]:
    found = [block]
    for op in block.ops:
        for inner in op.blocks:
            found.extend(_blocks(inner))
    return found


def _all_blocks(op: Op) -> list[Block]:
    return [b for inner in op.blocks for b in _blocks(inner)]
