"""Lists, dicts and tuples: how they are made, unpacked, filled and written, and what is known of their elements."""

from __future__ import annotations

import dataclasses
import operator
from typing import TYPE_CHECKING, Any

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Op, Operand, Value, hashable
from ..ir.types import BOTTOM, INT, UNKNOWN, Type, element, tuple_of
from ..rules.inference import getitem
from . import effects
from .build import type_of_operand
from .flat import check_stored, made_flat
from .iterators import calling
from .known import NO_KEY

if TYPE_CHECKING:
    from .types import Walker


UNROLL = 16  # longest literal sequence whose loop is unrolled because its elements differ in type


def mutated(walker: Walker, x: Operand) -> bool:
    """Whether something is written into a list or dict."""
    sites = x.type.value if isinstance(x, Value) and x.type.kind in ("list", "dict") else None
    return any(site in walker.session.mutated for site in sites or ())


def known_elements(walker: Walker, x: Operand) -> list[Operand] | None:
    """The elements of a tuple, or of a list that is written out and stays so, where they are known one by one."""
    made = walker.builder.defs.get(x) if isinstance(x, Value) else None
    if made is not None and made.prim is prims.make_list and not mutated(walker, x):
        return list(made.args)
    if type_of_operand(x).kind in ("function", "closure"):  # which has its captured values for elements
        return None
    return walker.builder.elements(x)


def joined_tuples(walker: Walker, x: Operand) -> Type | None:
    """The type of ``(*a, *b)``, of which ``x`` is the sequence, where those of its parts are known."""
    made = walker.builder.defs.get(x) if isinstance(x, Value) else None
    if made is None or made.prim is not prims.concat_sequences or walker.builder.block.ops[-1] is not made:
        return None
    parts = [type_of_operand(part) for part in made.args]
    return tuple_of(tuple(e for t in parts for e in t.elems)) if all(t.kind == "tuple" for t in parts) else None


def known_element(walker: Walker, container: Operand, index: Operand) -> Operand | None:
    """``container[index]`` where a literal list or dict is known not to change."""
    if isinstance(container, Value) and isinstance(index, Const):
        op = walker.builder.defs.get(container)
        of_list = op is not None and op.prim is prims.make_list and isinstance(index.value, int)
        if (
            op is not None
            and of_list
            and -len(op.args) <= index.value < len(op.args)
            and not mutated(walker, container)
        ):
            return op.args[index.value]
        if op is not None and op.prim is prims.make_dict and hashable(index.value):
            keys = [k.value if isinstance(k, Const) else NO_KEY for k in op.args[::2]]
            entry = op.args[2 * keys.index(index.value) + 1] if NO_KEY not in keys and index.value in keys else None
            written = any((site, index.value) in walker.session.mutated for site in container.type.value or ())
            if entry is not None and type_of_operand(entry).mutable:  # what is written of it is written of the dict
                written = mutated(walker, container)
            return None if written else entry
    return None


def store(walker: Walker, prim: Any, args: list[Operand]) -> None:
    """``a[i] = v``, ``del a[i]``: noted, for the types of lists and dicts.

    Raises:
        UnsupportedError: for what has no versions.
    """
    target = type_of_operand(args[0])
    if isinstance(args[0], Const):
        raise walker.refuse("writing into an object outside the function is not supported: pass it as an argument")
    if target.kind == "dict" and prim is operator.setitem and isinstance(args[1], Const) and hashable(args[1].value):
        if target.cls is not None:  # some of its entries are not known
            raise walker.refuse(
                f"changing an entry of a result ({target.cls.__name__}) is not supported: make a dict of its own"
            )
        if extended(walker, args[0], args[1].value, args[2]):
            return
        if target.keys is not None and args[1].value in target.keys:
            widen(walker, target, type_of_operand(args[2]), args[1].value)
        elif made_anew(walker, args[0], args[1], args[2]):
            return
        else:
            raise walker.refuse("a new entry of a dict that was read before is not supported: make it with its entries")
    elif target.kind in ("list", "dict"):
        if prim is operator.delitem or target.kind == "dict":
            raise walker.refuse(f"changing the keys or entries of a {target.kind} this way is not supported")
        widen(walker, target, type_of_operand(args[2]))
    elif prim is operator.delitem or target.kind not in ("array", "bottom"):
        what = (
            "is not known to be an array when compiling"
            if target.kind in ("unknown", "numeric")
            else "can't be written"
        )
        raise walker.refuse(f"assignment into a value that {what} ({target.kind})")
    if made_flat(walker, args[0]):
        check_stored(walker, *args)
    walker.builder.effect(prim, *args)


def widen(walker: Walker, target: Type, elem: Type, key: Any = None) -> None:
    """A list, dict or object gets an element of a type: see `Session.widen`.

    Raises:
        UnsupportedError: it may be put into itself, or into what it holds: versions know no circles.
    """
    inside = [elem]
    for t in inside:  # grows while it is walked
        if t.kind in ("list", "dict", "object") and not frozenset(t.value or ()).isdisjoint(target.value or ()):
            raise walker.refuse(f"{target.kind}s that may hold themselves are not supported")
        inside += t.elems
    walker.session.widen(target.value, elem, key)


def make_container(walker: Walker, prim: Any, args: list[Operand]) -> Value:
    """A list or dict of elements that are known one by one."""
    elems = tuple(type_of_operand(a) for a in (args if prim is prims.make_list else args[1::2]))
    if prim is prims.make_list:
        same = len(set(elems)) == 1 or len(elems) > UNROLL
        t = Type("list", elems=(element(Type("tuple", elems=elems)),) if same and elems else elems,
                 length=len(args))  # fmt: skip
        return walker.builder.op(prim, *args, type=t)
    args = [x if k % 2 else as_constant(walker, x) for k, x in enumerate(args)]
    if all(isinstance(k, Const) for k in args[::2]):
        entries = {k.value: (k, v) for k, v in zip(args[::2], args[1::2], strict=True) if isinstance(k, Const)}
        args = [x for entry in entries.values() for x in entry]  # of one key the last value
        t = Type("dict", elems=tuple(map(type_of_operand, args[1::2])), keys=tuple(entries))
    else:
        t = Type("dict", elems=elems)
    out: Value = walker.builder.op(prim, *args, type=t)
    walker.session.activations[out] = walker.activation
    return out


def as_constant(walker: Walker, key: Operand) -> Operand:
    """A key that is a tuple of constants, as a constant."""
    parts = walker.builder.elements(key) if isinstance(key, Value) and key.type.kind == "tuple" else None
    plain = parts is not None and key.type.cls is None and all(isinstance(p, Const) for p in parts)  # type: ignore[union-attr]
    return Const(tuple(p.value for p in parts or [] if isinstance(p, Const))) if plain else key


def repeated_tuple(walker: Walker, a: Operand, b: Operand) -> Operand | None:
    """``t * n`` or ``n * t`` of a tuple and a known number, as the tuple of its elements; None for anything else."""
    value, count = (a, b) if type_of_operand(a).kind == "tuple" else (b, a)
    t = type_of_operand(value)
    if t.kind != "tuple" or t.cls is not None or not isinstance(count, Const) or not isinstance(count.value, int):
        return None
    if len(t.elems) * count.value > UNROLL:
        return None
    parts = walker.builder.elements(value)
    if parts is None:
        parts = [walker.builder.op(operator.getitem, value, Const(i)) for i in range(len(t.elems))]
    return walker.builder.op(prims.make_tuple, *parts * count.value)


def unpack(walker: Walker, value: Operand, count: int, after: int = -1) -> list[Operand]:
    """The targets of an unpacking."""
    build = walker.builder
    if calling(walker, value) or type_of_operand(value).kind == "iterator":
        value = walker.call_const(list, [value], {})
    parts = build.elements(value)
    t = type_of_operand(value)
    if parts is None and t.kind == "tuple":
        parts = [build.op(operator.getitem, value, Const(i)) for i in range(len(t.elems))]
    if (
        parts is None
        and t.kind == "list"
        and t.length is not None
        and isinstance(value, Value)
        and not mutated(walker, value)
    ):
        parts = [walker.apply(operator.getitem, [value, Const(i)], {}) for i in range(t.length)]
    if parts is not None:
        if after < 0 and len(parts) == count:
            return parts
        if after >= 0 and len(parts) >= count + after:
            stop = len(parts) - after
            return [*parts[:count], make_container(walker, prims.make_list, parts[count:stop]), *parts[stop:]]
    if after >= 0:
        raise walker.refuse("a starred target needs a right-hand side whose length is known when compiling")
    if t.kind == "array" and (t.rank or 0) >= 1:
        build.effect(prims.check_length, value, Const(count))
        return [build.op(operator.getitem, value, Const(i)) for i in range(count)]
    if t.kind in ("list", "shape_tuple"):
        build.effect(prims.check_length, value, Const(count))
        return [walker.apply(operator.getitem, [value, Const(i)], {}) for i in range(count)]
    if t.kind == "bottom":
        return [Value(None, BOTTOM) for _ in range(count)]
    as_tuple = build.op(prims.unpack_tuple, value, Const(count), type=tuple_of((UNKNOWN,) * count))
    return [build.op(operator.getitem, as_tuple, Const(i)) for i in range(count)]


def grown(walker: Walker, items: Operand, value: Operand) -> bool:
    """Put a value at the end of the list of a comprehension (or any of a rule), made in this block and not read yet.

    So the list of a comprehension that is unrolled is the literal list of its elements.
    """
    sites = type_of_operand(items).value or ()
    if not walker.session.unroll and walker.session.filled.isdisjoint(sites):
        return False
    made = walker.builder.defs.get(items) if isinstance(items, Value) else None
    if not isinstance(items, Value) or made is None or made.prim is not prims.make_list or mutated(walker, items):
        return False
    if not moved_behind(walker, items, made):
        return False
    made.args = [*made.args, value]
    elems = tuple(map(type_of_operand, made.args))
    same = len(set(elems)) == 1 or len(elems) > UNROLL
    t = Type("tuple", elems=elems)
    items.type = dataclasses.replace(items.type, elems=(element(t),) if same else elems, length=len(elems))
    return True


def extended(walker: Walker, target: Operand, key: Any, value: Operand) -> bool:
    """Give a dict or an object that was made in this block, and not read yet, another entry or attribute.

    So what is made empty and filled line by line is what is made of all its parts.
    """
    made = walker.builder.defs.get(target) if isinstance(target, Value) else None
    if not isinstance(target, Value) or made is None or target.type.keys is None or value is target:
        return False
    if made.prim not in (prims.make_dict, runtime.make_object) or not moved_behind(walker, target, made):
        return False
    if made.prim is prims.make_dict:
        entries = dict(zip([k.value for k in made.args[::2] if isinstance(k, Const)], made.args[1::2], strict=True))
        entries[key] = value
        made.args = [x for k, v in entries.items() for x in (Const(k), v)]
    else:
        made.params = entries = {**made.params, key: value}
    t = dataclasses.replace(target.type, elems=tuple(map(type_of_operand, entries.values())), keys=tuple(entries))
    target.type = walker.session.settled(t)
    return True


def made_anew(walker: Walker, target: Operand, key: Const, value: Operand) -> bool:
    """Give a dict that was made outside of this branch another entry here: as a new dict, for the same variable.

        d = {}                        d = {}
        if n > 3: return 0.0          if n > 3: ...
        d["y"] = x                    else: d = {"y": x}

    Nothing else may hold the dict, which would have to see the entry, too.
    """
    made = walker.builder.defs.get(target) if isinstance(target, Value) else None
    if not isinstance(target, Value) or made is None or target.type.keys is None or value is target:
        return False
    if walker.session.activations.get(target) is not walker.activation:
        return False
    builder: Any = walker.builder
    ops: list[Op] = list(builder.block.ops)
    while made not in builder.block.ops:
        if builder.outer is None or not builder.branch:  # in a loop, the next turn would find the entry
            return False
        builder = builder.outer
        ops += builder.block.ops
    variables = [v for v, x in walker.env.items() if x is target]
    if len(variables) != 1 or is_held(target, ops):
        return False
    entries = [x for k in target.type.keys for x in (Const(k), walker.apply(operator.getitem, [target, Const(k)], {}))]
    new = make_container(walker, prims.make_dict, [*entries, key, value])
    new.hint = target.hint
    walker.env[variables[0]] = new
    walker.extended.add(variables[0])
    return True


def is_held(x: Value, ops: list[Op]) -> bool:
    """Whether one of the ops may give a dict away."""
    return any(_holds(x, op) for op in effects.all_ops(Block(ops=ops)))


def _holds(x: Value, op: Op) -> bool:
    if x in [r for b in op.blocks for r in b.results]:
        return True
    bound = op.outs[0].type.value.target if op.outs and op.outs[0].type.kind == "function" else None
    looks = op.prim in _LOOKING or getattr(bound, "__objclass__", None) is dict  # a method of the dict, to be called
    return x in (op.args[1:] if looks else op.operands())


_LOOKING = {operator.getitem, operator.setitem, operator.contains, len}


def moved_behind(walker: Walker, x: Value, made: Op) -> bool:
    """Whether what makes ``x`` stands at the end of the block now: it does where nothing has read it."""
    ops = walker.builder.block.ops
    place = next((i for i, op in enumerate(ops) if op is made), None)
    if place is None:
        return False
    bound = [op for op in ops[place:] if op.outs and op.outs[0].type.kind == "function" and x in op.args]  # its methods
    later = [op for op in ops[place + 1 :] if op not in bound]
    own = {x, *(op.outs[0] for op in bound)}
    for op in effects.all_ops(Block(ops=later)):
        if not own.isdisjoint([*op.operands(), *(r for b in op.blocks for r in b.results)]):
            return False
    ops[:] = [*ops[:place], *later, made, *bound]
    return True


def put_in(walker: Walker, f: Any, args: list[Operand]) -> Type:
    """The type of what a method of lists puts into its list."""
    if f in (list.append, list.insert):
        return type_of_operand(args[-1])
    if f is not list.extend:
        return BOTTOM
    t = type_of_operand(args[1])
    if t.kind == "array":
        return getitem(args[1], Value(None, INT))
    return element(t) if t.kind in ("list", "tuple") else UNKNOWN
