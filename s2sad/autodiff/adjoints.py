"""The adjoints of what is not mathematics: making and reading tuples, lists and arrays, and writing into them.

Each takes the `Reverse` walk and the op, reads the cotangents of the op's results, and adds to those of its operands.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Op, Operand, Value
from ..ir.types import Type, element, is_fresh
from ..passes.build import selects_once, type_of_operand
from ..passes.views import is_item, is_view
from ..rules.inference import cotangent_type
from . import roots
from .bars import Parts, part_key, restore, zero

if TYPE_CHECKING:
    from .reverse import Reverse


def make_sequence(walk: Reverse, op: Op) -> None:
    """``(a, b)``, ``[a, b]``: each element gets its part."""
    bar = walk.bars.pop(op.out, None)
    if bar is None:
        return
    for i, x in enumerate(op.args):
        if walk.is_active(x):
            part = bar.bars.get(i) if isinstance(bar, Parts) else walk.builder.op(operator.getitem, bar, Const(i))
            if part is not None:
                walk.accumulate(x, restore(walk.builder, part, x))


def make_dict(walk: Reverse, op: Op) -> None:
    """``{k: v}``"""
    _entries(walk, op, operator.getitem, list(zip(op.args[::2], op.args[1::2], strict=True)))


def make_object(walk: Reverse, op: Op) -> None:
    """``Particle(x=v)``"""
    _entries(walk, op, getattr, [(Const(name), x) for name, x in op.params.items()])


def _entries(walk: Reverse, op: Op, read: Any, entries: list[tuple[Operand, Operand]]) -> None:
    """Each entry or attribute gets its part."""
    found = walk.bars.pop(op.out, None)
    known = found.bars if isinstance(found, Parts) else None
    for key, x in entries:
        if found is None or not walk.is_active(x):
            continue
        if known is None:
            bar = walk.builder.op(read, found, key, type=cotangent_type(type_of_operand(x)))
        else:
            bar = known.get(key.value) if isinstance(key, Const) else None
        if bar is not None:
            walk.accumulate(x, restore(walk.builder, bar, x))


def getitem(walk: Reverse, op: Op) -> None:
    """``a[i]``: the cotangent is added at ``i``."""
    base, index = op.args
    t = type_of_operand(base)
    key = part_key(t, index)
    if key is not None:
        bar = walk.take(op.out)
        if bar is not None:
            walk.accumulate_part(base, key, bar)
        return
    bar = walk.take(op.out)
    if bar is None:
        return
    if t.kind == "array" and t.dims is not None and _keeps_all(walk.builder.expand(index)):
        build = walk.builder
        walk.accumulate(base, restore(build, build.op(np.reshape, bar, build.op(np.shape, base)), base))
        return
    walk.accumulate_index(base, index, bar)


def _keeps_all(index: Any) -> bool:
    """``[:, None]``: an index that selects every element once, in order."""
    parts = index if isinstance(index, tuple) else (index,)
    return bool(parts) and all(i is None or i is Ellipsis or (isinstance(i, slice) and i == slice(None)) for i in parts)


def setitem(walk: Reverse, op: Op) -> None:
    """``a`` with ``a[i] = v``: ``v`` gets what is at ``i``, and nothing of it is left to the old ``a``."""
    base, index, value = op.args
    build = walk.builder
    bar = walk.take(op.out)
    if bar is None:
        return
    if set_through_views(walk, op, bar):
        return
    if walk.is_active(value):
        v_bar = _read(walk, bar, base, index)
        walk.accumulate(value, restore(build, v_bar, value))
    replaced = base in build.defs and type_of_operand(base).kind == "array" and _keeps_all(build.expand(index))
    if walk.is_active(base) and not replaced:  # (the zero of what a loop carries would need its size)
        t = type_of_operand(base)
        if t.kind == "array" or alike(element(t)):
            cleared = build.op(runtime.clear_item, bar, index)
        else:  # the zero is that of the old element, which the new one says nothing of
            old = build.op(operator.getitem, base, index)
            cleared = build.op(runtime.setitem, bar, index, build.op(runtime.zeros_like, old))
        if isinstance(cleared, Value):
            cleared.hint = bar.hint if isinstance(bar, Value) else None
        walk.accumulate(base, cleared)


def set_through_views(walk: Reverse, op: Op, bar: Operand) -> bool:
    """``a`` with ``a[i][j] = v``: what is at ``[i][j]`` alone is read and cleared, instead of all at ``[i]``."""
    build = walk.builder
    base, index, value = op.args
    bars = [bar]
    indices = [index]
    while type_of_operand(base).kind == "array":
        made = build.defs.get(value) if isinstance(value, Value) else None
        view = made.args[0] if made is not None and made.prim is runtime.setitem else None
        read = build.defs.get(view) if isinstance(view, Value) else None
        if made is None or read is None or not is_item(read, base, index) or not is_view(read, in_order=False):
            break
        bars.append(build.op(operator.getitem, bars[-1], index))
        base, index, value = made.args
        indices.append(index)
    if len(bars) == 1:
        return False
    if walk.is_active(value):
        walk.accumulate(value, restore(build, _read(walk, bars[-1], base, index), value))
    if walk.is_active(op.args[0]):
        cleared = build.op(runtime.clear_item, bars.pop(), indices.pop())
        while bars:
            cleared = build.op(runtime.setitem, bars.pop(), indices.pop(), cleared)
        cleared.hint = bar.hint if isinstance(bar, Value) else None
        walk.accumulate(op.args[0], cleared)
    return True


def alike(t: Type) -> bool:
    """Whether all values of a type have the same zero: of numbers, and of arrays whose sizes are certain."""
    if t.kind == "array":
        return t.dims is not None and all(d.one or not is_fresh(d.key) for d in t.dims)
    return t.is_number


def _read(walk: Reverse, bar: Operand, base: Operand, index: Operand) -> Operand:
    """The cotangent at ``index``, apart from its memory."""
    build = walk.builder
    t = type_of_operand(base)
    if t.kind != "array":
        return build.op(operator.getitem, bar, index, type=cotangent_type(element(t)))
    if not selects_once(index, build.defs):
        return build.op(runtime.last_written, bar, index, type=build.op(operator.getitem, bar, index).type)
    taken = build.op(operator.getitem, bar, index)
    t = type_of_operand(index)
    new = type_of_operand(taken).is_number or any(e.kind == "array" for e in (t, *t.elems))  # arrays make a copy
    return taken if new else build.op(prims.copy, taken)


def index_add(walk: Reverse, op: Op) -> None:
    """``a`` with ``v`` added at ``i``"""
    base, index, value = op.args
    bar = walk.take(op.out)
    if bar is not None:
        walk.accumulate(base, bar)
        if walk.is_active(value):
            walk.accumulate(value, restore(walk.builder, walk.builder.op(operator.getitem, bar, index), value))


def clear_item(walk: Reverse, op: Op) -> None:
    """``a`` with zero at ``i``"""
    bar = walk.take(op.out)
    if bar is not None:
        walk.accumulate(op.args[0], walk.builder.op(runtime.clear_item, bar, op.args[1]))


def accumulate(walk: Reverse, op: Op) -> None:
    """The sum of two cotangents, the second of which may be broadcast"""
    bar = walk.take(op.out)
    if bar is not None:
        walk.accumulate(op.args[0], bar)
        t = type_of_operand(op.args[1])
        known = t.rank is not None and type_of_operand(bar).dims is not None
        may_be_real = t.kind == "unknown" or t.is_number  # where the sum is complex
        walk.accumulate(op.args[1], restore(walk.builder, bar, op.args[1]) if known or may_be_real else bar)


def list_append(walk: Reverse, op: Op) -> None:
    """``items`` and ``v`` at its end"""
    bar = walk.take(op.out)
    if bar is None:
        return
    t = type_of_operand(op.args[0])
    last = Value(None, cotangent_type(type_of_operand(op.args[1])))
    rest = Value(bar.hint if isinstance(bar, Value) else None, cotangent_type(t))
    walk.builder.append(Op(runtime.list_pop, [bar], {}, [last, rest]))
    walk.accumulate(op.args[1], last)
    walk.accumulate(op.args[0], rest)


def list_pop(walk: Reverse, op: Op) -> None:
    """The last element, and the list without it"""
    last, rest = op.outs
    build = walk.builder
    rest_bar = walk.take(rest)
    last_bar = walk.take(last)
    if rest_bar is None and last_bar is None:
        return
    if rest_bar is None:
        rest_bar = build.op(runtime.zeros_like, rest, type=cotangent_type(rest.type))
    walk.accumulate(
        op.args[0], build.op(runtime.list_append, rest_bar, last_bar if last_bar is not None else zero(build, last))
    )


def copied(walk: Reverse, op: Op) -> Any:
    """``list(a)``, ``a.copy()``: the same elements."""
    t = type_of_operand(op.args[0])
    bar = walk.take(op.out)
    if bar is None:
        return None
    if op.out.type.kind == "list" and t.kind in ("list", "tuple"):
        if t.kind == "tuple":
            for i in range(len(t.elems)):
                walk.accumulate_part(op.args[0], i, walk.builder.op(operator.getitem, bar, Const(i)))
            return None
        walk.accumulate(op.args[0], bar)
        return None
    if op.prim is prims.copy and t.kind == "array":
        walk.accumulate(op.args[0], bar)
        return None
    if op.prim is list and t.kind == "array":
        walk.accumulate(op.args[0], walk.builder.op(runtime.stack_rows, bar, op.args[0], type=cotangent_type(t)))
        return None
    return NotImplemented


def as_tuple(walk: Reverse, op: Op) -> Any:
    """``tuple(a)`` of a list: the same elements."""
    t = type_of_operand(op.args[0])
    if t.kind != "list":
        return NotImplemented
    bar = walk.take(op.out)
    if bar is not None:
        walk.accumulate(op.args[0], walk.builder.op(list, bar, type=cotangent_type(t)))
    return None


def add(walk: Reverse, op: Op) -> Any:
    """``a + b`` of lists or tuples: one behind the other."""
    a, b = op.args
    if op.out.type.kind not in ("list", "tuple"):
        return NotImplemented
    build = walk.builder
    bar = walk.take(op.out)
    if bar is None:
        return None
    t = type_of_operand(a)
    size = build.op(len, a)
    if walk.is_active(a):
        first = build.op(slice, Const(None), size, Const(None))
        walk.accumulate(a, build.op(operator.getitem, bar, first, type=cotangent_type(t)))
    if walk.is_active(b):
        second = build.op(slice, size, Const(None), Const(None))
        walk.accumulate(b, build.op(operator.getitem, bar, second, type=cotangent_type(type_of_operand(b))))
    return None


def multiply(walk: Reverse, op: Op) -> Any:
    """``[a] * n``: the copies' cotangents add up."""
    if any(type_of_operand(x).kind == "tuple" for x in op.args) and walk.take(op.out) is not None:
        walk.fail(op, "repeating a tuple many times is not supported: use a list")  # (see `repeated_tuple`)
        return None
    if op.out.type.kind != "list":
        return NotImplemented
    bar = walk.take(op.out)
    items = op.args[0] if type_of_operand(op.args[0]).kind == "list" else op.args[1]
    if bar is not None:
        walk.accumulate(
            items, walk.builder.op(runtime.sum_repeats, bar, items, type=cotangent_type(type_of_operand(items)))
        )
    return None


def array_of_numbers(walk: Reverse, op: Op) -> Any:
    """``np.array(values)`` of a list of real numbers: its cotangent is such a list.

    Of a literal matrix of numbers, ``np.array([[c, -s], [s, c]])``, each gets its element.
    """
    values, t = op.args[0], type_of_operand(op.args[0])
    bar = walk.take(op.out)
    rank = op.out.type.rank or 0
    numbers = _numbers(walk, values, rank) if rank > 1 and len(op.args) == 1 and not op.params else None
    if bar is not None and numbers is not None:
        for place, x in numbers:
            if walk.is_active(x):
                part = walk.builder.op(operator.getitem, bar, Const(place))
                walk.accumulate(x, restore(walk.builder, part, x))
        return None
    found = type_of_operand(bar) if bar is not None else None
    if len(op.args) != 1 or op.params or t.kind != "list" or walk.builder.elements(values) is not None:
        return NotImplemented
    if element(cotangent_type(t)).kind not in ("float", "number") or found is None or found.rank != 1:
        return NotImplemented
    if found.kind != "array" or found.dtype != np.float64:
        return NotImplemented
    walk.accumulate(values, walk.builder.op(np.ndarray.tolist, bar, type=cotangent_type(t)))
    return None


def _numbers(walk: Reverse, values: Operand, depth: int) -> list[tuple[tuple[int, ...], Operand]] | None:
    """The numbers of a nested list that this block makes, with their places; None of any other list.

    What a list from outside of a loop was made of has no cotangent in the loop.
    """
    if depth == 0:
        return [((), values)] if type_of_operand(values).is_number else None
    here = walk.around[-1].ops if walk.around else []
    made = next((op for op in here if op.outs and op.outs[0] is values), None)
    if made is None or made.prim not in (prims.make_list, prims.make_tuple):
        return None
    inside = [_numbers(walk, x, depth - 1) for x in made.args]
    if not inside or any(found is None for found in inside):
        return None
    return [((k, *place), x) for k, found in enumerate(inside) for place, x in found or ()]


def attribute(walk: Reverse, op: Op) -> Any:
    """``obj.x``"""
    base, name = op.args[0], op.args[1]
    if type_of_operand(base).kind != "object" or not isinstance(name, Const):
        return NotImplemented
    bar = walk.take(op.out)
    if bar is not None and name.value not in (base.type.keys or ()):  # type: ignore[union-attr]
        walk.fail(op, f"{name.value} is not among the attributes of the object when compiling")
    elif bar is not None:
        walk.accumulate_part(base, name.value, bar)
    return None


def dynamic(walk: Reverse, op: Op) -> None:
    """What `runtime.dynamic_vjp` gave: differentiating it again needs types."""
    walk.fail(op, "this was not known when compiling, so it can't be differentiated twice")


def present(walk: Reverse, op: Op) -> Any:
    """What may be None elsewhere, and is not here."""
    bar = walk.bars.get(op.out)
    if isinstance(bar, Parts):
        for key, part_bar in bar.bars.items():
            walk.accumulate_part(op.args[0], key, part_bar)
    else:
        walk.accumulate(op.args[0], bar)
    return None


ADJOINTS: dict[Any, Any] = {
    prims.make_tuple: make_sequence,
    prims.make_list: make_sequence,
    prims.make_dict: make_dict,
    runtime.make_object: make_object,
    operator.getitem: getitem,
    runtime.setitem: setitem,
    runtime.index_add: index_add,
    runtime.clear_item: clear_item,
    runtime.accumulate: accumulate,
    runtime.list_append: list_append,
    runtime.list_pop: list_pop,
    prims.copy: copied,
    prims.present: present,
    runtime.as_root: roots.root,
    runtime.found: roots.found,
    np.array: array_of_numbers,
    list: copied,
    tuple: as_tuple,
    operator.add: add,
    operator.mul: multiply,
    getattr: attribute,
}
