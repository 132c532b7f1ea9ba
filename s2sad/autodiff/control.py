"""Reverse mode through branches, loops, ``with`` and ``try``: each becomes one of its kind, backward.

for i in range(n):          for i in reversed(range(n)):
    y = y * a[i]      ->        a_bar[i] += y_bar * y
                                y_bar = y_bar * a[i]
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..ir.core import Block, Const, Iter, Op, Operand, Value
from ..ir.types import DOUBLE, INT, UNKNOWN, is_fresh, settled
from ..passes.build import Builder, type_of_operand
from ..passes.effects import all_ops
from ..passes.simplify import has_effect
from ..rules.inference import cotangent_type
from .bars import bar_name, restore, zero
from .pieces import Piece, pieces

if TYPE_CHECKING:
    from .reverse import Reverse


def _read_outside(walk: Reverse, blocks: list[Block]) -> list[Value]:
    """The active values from outside that blocks read, in a fixed order."""
    own: set[Value] = set()
    found: dict[Value, None] = {}
    for block in blocks:
        own.update(block.params)
        for op in all_ops(block):
            own.update(op.outs)
            for b in op.blocks:
                own.update(b.params)
    for block in blocks:
        reads = [x for op in all_ops(block) for x in (*op.operands(), *(r for b in op.blocks for r in b.results))]
        for x in [*reads, *block.results]:
            if isinstance(x, Value) and x in walk.active and x not in own:
                found.setdefault(x)
    return list(found)


def branch(walk: Reverse, op: Op) -> None:
    sunk = [walk.sinking.into(block, walk.around) for block in op.blocks] if walk.needs_reverse(op) else []
    _branches(walk, op, op.args[0], op.blocks, sunk)


def try_(walk: Reverse, op: Op) -> None:
    """The body is run backwards where it came to its end."""
    _branches(walk, op, op.outs[0], [op.blocks[1], op.blocks[0]])


def _branches(walk: Reverse, op: Op, condition: Operand, branches: list[Block], sunk: Sequence[list[Op]] = ()) -> None:
    """``sunk``: for each branch, what stands before it, and is walked in it."""
    if not walk.needs_reverse(op):
        return
    out_bars = [walk.take(o) if o in walk.active else None for o in op.outs]
    outside = _read_outside(walk, branches)
    outside += [x for ops in sunk for earlier in ops for x in earlier.args if isinstance(x, Value) and x in walk.active]
    free = pieces(walk, dict.fromkeys(outside), branches)
    before = {x: x.of(walk) for x in free}
    ends = []
    for block, earlier in zip(branches, sunk or ([],) * len(branches), strict=True):
        builder = walk.builder.nested()
        inner = walk.inner(builder)
        for x, old in before.items():
            if old is not None:
                x.put(inner, old)
        for r, bar in zip(block.results, out_bars, strict=True):
            inner.accumulate(r, bar)
        inner.around = walk.around if sunk else ()
        inner.backward(block)
        inner.backward_ops(earlier)
        for done in earlier:
            inner.bars.pop(done.outs[0], None)
        ends.append((inner, builder))
    touched = [x for x in free if any(x.of(inner) is not before[x] for inner, _ in ends)]
    for x in list(touched):
        same = {x.of(inner) for inner, _ in ends}
        if len(same) == 1 and not any(same & builder.own for _, builder in ends):
            x.put(walk, same.pop())  # type: ignore[arg-type]  # whatever branch ran
            touched.remove(x)
    if not touched and not any(has_effect(o) for _, builder in ends for o in builder.block.ops):  # as checks have
        return
    blocks = []
    for inner, builder in ends:
        inner.builder = builder
        builder.block.results = [x.of(inner) or x.zero(builder) for x in touched]
        blocks.append(builder.block)
    outs = [x.bar() for x in touched]
    walk.builder.append(Op("if", [condition], {}, list(outs), blocks, attrs={"primal": walk.pullbacks[op]}))
    for x, out in zip(touched, outs, strict=True):
        x.put(walk, out)


def with_(walk: Reverse, op: Op) -> None:
    if not walk.needs_reverse(op):
        return
    made = walk.builder.defs.get(op.args[0]) if isinstance(op.args[0], Value) else None
    if made is None or made.prim is not np.errstate:
        walk.fail(op, "a with statement with a context manager other than np.errstate is not supported here")
        return
    block = op.blocks[0]
    free = _read_outside(walk, [block])
    builder = walk.builder.nested()
    inner = walk.inner(builder)
    inner.bars = {x: b for x in free if (b := walk.take(x)) is not None}
    for o, r in zip(op.outs, block.results, strict=True):
        if o in walk.active:
            inner.accumulate(r, walk.take(o))
    inner.backward(block)
    touched = [x for x in free if inner.take(x) is not None]
    builder.block.results = [inner.take(x) for x in touched]
    outs = [Value(bar_name(x), cotangent_type(x.type)) for x in touched]
    context = Value(None, UNKNOWN)
    walk.builder.append(Op(np.errstate, list(made.args), dict(made.params), [context]))
    walk.builder.append(Op("with", [context], {}, list(outs), [builder.block], attrs={"primal": walk.pullbacks[op]}))
    for x, out in zip(touched, outs, strict=True):
        walk.bars[x] = out


def loop(walk: Reverse, op: Op) -> None:
    if not walk.needs_reverse(op):
        return
    build, prepared = walk.builder, walk.pullbacks[op]
    body = op.blocks[-1]
    stops = bool(op.attrs.get("stops"))
    count = len(body.results) - stops
    operands, inits = op.args[: len(op.args) - count], op.args[len(op.args) - count :]
    leaves, params = body.params[: len(body.params) - count], body.params[len(body.params) - count :]
    results, outs = body.results[stops:], op.outs[stops:]
    carried = [k for k in range(count) if params[k] in walk.active or outs[k] in walk.active]
    steady = {k: walk.take(outs[k]) for k in carried if _is_summed(body, params[k], results[k], outs[k], inits[k])}
    steady = {k: bar for k, bar in steady.items() if bar is not None}
    carried = [k for k in carried if k not in steady]
    walked = [x for x in operands if isinstance(x, Value) and walk.is_active(x)]
    inside = [x for x in _read_outside(walk, [body]) if x not in walked]
    free = [*pieces(walk, inside, [body]), *map(Piece, dict.fromkeys(walked))]
    index_form, index_args, reverse_attrs = _backward_iteration(build, op, prepared)
    index = Value("i" if not leaves else None, INT)
    if op.prim == "for" and op.attrs["iter"].kind == "range" and not stops:
        index.hint = leaves[0].hint
    bars_in = [
        Value(bar_name(outs[k]) or bar_name(params[k]), cotangent_type(settled(params[k].type))) for k in carried
    ]
    free_in = [x.bar() for x in free]
    builder = build.nested([index, *bars_in, *free_in])
    inner = walk.inner(builder)
    for x, bar in zip(free, free_in, strict=True):
        x.put(inner, bar)
    for k, bar in [*zip(carried, bars_in, strict=True), *steady.items()]:
        inner.accumulate(results[k], bar)
    inner.backward(body)
    _leaves(walk, inner, op, operands, leaves, index)
    ends = [
        inner.take(params[k]) or _zero_before(builder, params[k], bar) for k, bar in zip(carried, bars_in, strict=True)
    ]
    builder.block.results = ends + [x.of(inner) for x in free]  # type: ignore[list-item]
    args = [walk.take(outs[k]) or zero(build, outs[k]) for k in carried]
    args += [x.of(walk) or x.zero(build) for x in free]
    after = [Value(bar_name(inits[k]) or bar_name(params[k]), cotangent_type(settled(params[k].type))) for k in carried]
    after_free = [x.bar() for x in free]
    attrs = {"iter": index_form, "primal": prepared, **reverse_attrs}
    build.append(Op("for", [*index_args, *args], {}, after + after_free, [builder.block], attrs=attrs))
    for x, bar in zip(free, after_free, strict=True):
        x.put(walk, bar)
    for k, bar in [*zip(carried, after, strict=True), *steady.items()]:
        if walk.is_active(inits[k]):
            walk.accumulate(inits[k], restore(build, bar, inits[k]))


def _leaves(walk: Reverse, inner: Reverse, op: Op, operands: list[Operand], leaves: list[Value], index: Value) -> None:
    """Hand the cotangents of the elements to what was iterated over."""
    if op.prim != "for":
        return
    for leaf, (kind, mine) in zip(leaves, op.attrs["iter"].leaf_operands(operands), strict=True):
        bar = inner.take(leaf)
        if bar is None:
            continue
        if kind != "seq":
            walk.fail(op, "the elements of this loop depend on what is differentiated, and its kind is not known")
            continue
        inner.accumulate_index(mine[0], index, bar)


def _is_summed(body: Block, param: Value, result: Operand, *others: Operand) -> bool:
    """Whether a loop only adds numbers to a carried value, so that its cotangent is the same at every turn."""
    ops = list(all_ops(body))
    used = Counter(x for op in ops for x in (*op.operands(), *(r for b in op.blocks for r in b.results)))
    used.update(body.results)
    made = {op.outs[0]: op for op in body.ops if len(op.outs) == 1}
    x = result
    while x is not param:
        op = made.get(x) if isinstance(x, Value) else None
        if op is None or op.prim not in _SUMS or used[x] != 1 or not _is_plain(x):
            return False
        x = op.args[0]
    return used[param] == 1 and all(map(_is_plain, (param, *others)))


def _is_plain(*operands: Operand) -> bool:
    """Whether all are real numbers, none of which is of another precision."""
    return all(t.kind in ("float", "int", "number") or t == DOUBLE for t in map(type_of_operand, operands))


_SUMS = (operator.add, operator.sub, operator.iadd, operator.isub)


def _zero_before(build: Builder, param: Value, bar: Value) -> Operand:
    """The zero cotangent of a carried value that an iteration does not read."""
    sizes = param.type.dims
    steady = sizes is not None and not any(is_fresh(d.key) for d in sizes if not d.one)
    if steady and param in build.absent.values:
        return build.op(runtime.zeros_like, bar, type=bar.type)
    return zero(build, bar if param.type.kind == "array" and steady else param)


def _backward_iteration(build: Builder, op: Op, prepared: Op) -> tuple[Iter, list[Operand], dict[str, Any]]:
    """What the backward loop walks: the same range backwards, or the numbers of the iterations."""
    if "count" in prepared.attrs:
        return Iter("range"), [Const(0), prepared.attrs["count"], Const(1)], {"reverse": True}
    form = op.attrs["iter"]
    leaves = form.leaf_operands(list(op.args))
    if form.kind == "range":
        return Iter("range"), leaves[0][1], {"reverse": True}
    sizes = [build.op(len, mine[0]) for kind, mine in leaves if kind == "seq"]
    size = sizes[0] if len(sizes) == 1 else build.op(min, *sizes, type=INT)
    return Iter("range"), [Const(0), size, Const(1)], {"reverse": True}


def is_counted(op: Op) -> bool:
    """Whether a loop's number of iterations is known before it runs."""
    if op.prim == "while" or op.attrs.get("stops"):
        return False
    return (
        "any" not in [kind for kind, _ in op.attrs["iter"].leaf_operands(list(op.args))]
        and all(kind != "range" for kind, _ in op.attrs["iter"].leaf_operands(list(op.args)))
    ) or op.attrs["iter"].kind == "range"


def count(build: Builder, op: Op) -> None:
    """Count the iterations of a loop in another carried value."""
    total = Value("steps", INT)
    op.args.append(Const(0))
    for block in op.blocks:
        block.params.append(Value("steps", INT))
    body = op.blocks[-1]
    following = Value("steps", INT)
    body.ops.insert(0, Op(operator.add, [body.params[-1], Const(1)], {}, [following], span=op.span))
    build.defs[following] = body.ops[0]
    body.results.append(following)
    op.outs.append(total)
    op.attrs["count"] = total


CONTROL = {"if": branch, "try": try_, "for": loop, "while": loop, "with": with_}
