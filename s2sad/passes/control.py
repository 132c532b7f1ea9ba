"""Specialise control flow: branches that are decided vanish, loops learn what they walk over and carry."""

from __future__ import annotations

import contextlib
import itertools
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Iter, Op, Operand, Value
from ..ir.types import BOTTOM, INT, UNKNOWN, Type, element, join, join_stable, refreshed, tuple_of
from .build import Builder, range_operands, type_of_operand
from .callees import check_closures
from .containers import is_held, known_elements, mutated
from .effects import COMBINING, all_ops
from .iterators import check_ends, check_parts, check_walked_once, is_iterator, taken
from .optional import narrowed

if TYPE_CHECKING:
    from .types import Walker

UNROLL = 16
PATIENCE = 12  # attempts at the types of a loop's carried values


# ---------------------------------------------------------------- branches


def if_(walker: Walker, op: Op) -> Any:
    """An ``if``: one of its blocks where the condition is known, otherwise both."""
    condition = walker.read(op.args[0])
    known = _truth(walker, condition)
    if known is None and isinstance(condition, Value):
        known = walker.decided.get(condition)
    if known is not None:
        results = walker.block(op.blocks[0] if known else op.blocks[1])
        if results is None:
            return False
        for out, r in zip(op.outs, results, strict=True):
            walker.define(out, r)
        return None
    blocks, ends, inners = [], [], []
    span = walker.builder.span
    for block in op.blocks:
        builder = walker.builder.nested()
        builder.branch = True
        inner = walker.nested(builder)
        inners.append(inner)
        if type_of_operand(condition).kind in ("bool", "int"):
            inner.decided[condition] = block is op.blocks[0]  # type: ignore[index]
        narrowed(inner, condition, block is op.blocks[0])
        ends.append(inner.block(block))
        blocks.append(builder)
    walker.builder.span = span
    if ends[0] is None and ends[1] is None:
        walker.builder.append(Op("if", [condition], {}, [], [_with_results(b, []) for b in blocks]))
        return False
    extended = _extended(walker, inners, ends)
    then, other = (
        [UNDEFINED] * len(op.outs) + [UNDEFINED] * len(extended) if e is None else [*e, *map(inner.read, extended)]
        for e, inner in zip(ends, inners, strict=True)
    )
    columns: list[tuple[Operand, Operand]] = []
    rebuilt: list[Any] = []
    for a, b in zip(then, other, strict=True):
        asked = _is_asked(condition, a, b)
        rebuilt.append((lambda values: condition) if asked else _merge(walker, blocks, a, b, columns, ends))
    outs = []
    for a, b in columns:
        outs.append(Value(_hint(a, b), _join_operands(a, b)))
    new = Op("if", [condition], {}, outs, [_with_results(b, [c[i] for c in columns]) for i, b in enumerate(blocks)])
    if outs or any(b.block.ops for b in blocks):
        walker.builder.append(new)
    values = iter(outs)
    for lowered, build in zip(op.outs, rebuilt, strict=False):
        walker.define(lowered, build(values))
    for lowered, build in zip(extended, rebuilt[len(op.outs) :], strict=True):
        walker.env[lowered] = build(values)
        if not any(is_held(inner.env[lowered], b.block.ops) for inner, b in zip(inners, blocks, strict=True)):
            walker.session.activations[walker.env[lowered]] = walker.activation
    return None


def _extended(walker: Walker, inners: list[Walker], ends: list[Any]) -> list[Value]:
    """The variables whose dicts have got entries in a branch, the same ones wherever it reaches its end.

    Of others nothing is known behind it: what reads them is refused.
    """
    behind = [inner for inner, end in zip(inners, ends, strict=True) if end is not None]
    known = []
    extended = set().union(*(inner.extended for inner in behind))
    for v in [v for v in walker.env if v in extended]:
        found = [inner.env[v] for inner in behind]
        walker.extended.add(v)
        if any(isinstance(x, UnsupportedError) or x.type.keys != found[0].type.keys for x in found):
            walker.env[v] = walker.refuse("a dict that got an entry in one branch alone is not supported")
        else:
            known.append(v)
    return known


def _is_asked(condition: Operand, a: Operand, b: Operand) -> bool:
    """Whether what a branch gives is just its condition: ``x == 0 and True``."""
    yes = a is condition or (isinstance(a, Const) and a.value is True)
    no = b is condition or (isinstance(b, Const) and b.value is False)
    return type_of_operand(condition).kind == "bool" and yes and no


def _merge(walker: Walker, blocks: list[Builder], a: Operand, b: Operand, columns: list, ends: list) -> Any:
    """How the two values of one variable become one: as they are, or element by element where both are tuples."""
    if a is b or (isinstance(a, Const) and isinstance(b, Const) and a.value is b.value):
        return lambda values: a
    ta, tb = type_of_operand(a), type_of_operand(b)
    left, right = blocks[0].elements(a), blocks[1].elements(b)
    alike = ta.kind == tb.kind and ta.cls is tb.cls and (ta.kind == "tuple" or ta.value == tb.value)
    if left is not None and right is not None and len(left) == len(right) and alike:
        parts = [_merge(walker, blocks, x, y, columns, ends) for x, y in zip(left, right, strict=True)]
        kind, cls, value = ta.kind, ta.cls, ta.value

        def rebuild(values: Any) -> Operand:
            elems = [p(values) for p in parts]
            t = Type(kind, elems=tuple(map(type_of_operand, elems)), cls=cls, value=value)
            return walker.builder.op(prims.make_tuple, *elems, type=t)

        return rebuild
    columns.append((a, b))
    return lambda values: next(values)


def _hint(*operands: Operand) -> str | None:
    for x in operands:
        if isinstance(x, Value) and x.hint:
            return x.hint
    return None


def _join_operands(a: Operand, b: Operand) -> Type:
    if a is UNDEFINED or b is UNDEFINED:
        return type_of_operand(b if a is UNDEFINED else a) if a is not b else BOTTOM
    return join(_loose(type_of_operand(a)), _loose(type_of_operand(b)))


def _loose(t: Type) -> Type:
    return INT if t.kind == "int" and t.value is not None else t


def _with_results(builder: Builder, results: list[Operand]) -> Block:
    builder.block.results = list(results)
    return builder.block


def _truth(walker: Walker, condition: Operand) -> bool | None:
    if isinstance(condition, Const):
        try:
            return bool(condition.value)
        except Exception:
            return None
    if condition.type.kind == "none":
        return False
    if condition.type.kind == "function":
        return True
    if condition.type.kind == "object" and not any(hasattr(condition.type.cls, n) for n in ("__bool__", "__len__")):
        return True
    check_closures(walker, operator.truth, [condition])
    parts = walker.builder.elements(condition)
    return None if parts is None or condition.type.cls is not None else bool(parts)


# ---------------------------------------------------------------- loops


def for_(walker: Walker, op: Op) -> Any:
    """A ``for``: unrolled where its elements are of different types, otherwise over an `Iter` tree.

    It is unrolled, too, where its numbers may choose functions: ``for i in range(3): x = steps[i](x)``.
    """
    iterable = walker.present(walker.read(op.args[0]))
    carried = [walker.read(a) for a in op.args[1:]]
    if isinstance(iterable, Value) and iterable.type.kind == "bottom":
        return _never(walker, op, carried)
    check_walked_once(walker, op)
    writes = any(inner.prim is operator.setitem for inner in all_ops(op.blocks[0]))
    unrolled = None if op.attrs.get("stops") else _literal(walker, iterable, writes)
    if unrolled is not None:
        return _unroll(walker, op, unrolled, carried)
    form, operands, make = iteration(walker, iterable)
    if op.attrs.get("guarded") and "any" in [kind for kind, _ in form.leaf_operands(operands)]:
        raise walker.refuse("what this loop in a try walks over must be known: the next element could raise")
    leaves = form.leaf_operands(operands)
    if any(kind == "seq" and _is_empty(type_of_operand(inside)) for kind, (inside, *_) in leaves):
        if form.is_strict() or "any" in [kind for kind, _ in leaves]:
            raise walker.refuse("this loop walks over a list without elements, and over something else")
        return _never(walker, op, carried)
    ops, reasons = walker.builder.block.ops, walker.builder.reasons  # none in rules
    count, chosen, found = len(ops), walker.session.chosen, reasons and reasons.copy()
    result = _loop(walker, op, operands, carried, {"iter": form}, make)
    if walker.session.chosen == chosen or op.attrs.get("stops"):
        return result
    looped = ops[count:]
    del ops[count:]
    unrolled = _short(walker, iterable, writes)
    if unrolled is None:
        ops += looped
        return result
    if reasons is not None:
        reasons.reset(found)
    return _unroll(walker, op, unrolled, carried)


def _never(walker: Walker, op: Op, carried: list[Operand]) -> None:
    """A loop over nothing: its body does not run, as far as is known."""
    for out, init in zip(op.outs[len(op.outs) - len(carried) :], carried, strict=True):
        walker.define(out, init)
    if op.attrs.get("stops"):
        walker.define(op.outs[0], Const(False))


def _is_empty(t: Type) -> bool:
    """Whether nothing is in a sequence, as far as is known."""
    return t.kind in ("list", "tuple") and element(t) == BOTTOM


def _literal(walker: Walker, iterable: Operand, writes: bool) -> list[Any] | None:
    """The elements of a short sequence that must be walked by the compiler; or what makes them when their turn comes.

    ``writes``: the loop writes elements of something.
    """
    entries = _entries(walker, iterable, writes)
    if entries is not None:
        return entries
    t = type_of_operand(iterable)
    parts = known_elements(walker, iterable)
    made = walker.builder.defs.get(iterable) if isinstance(iterable, Value) else None
    if (
        made is not None
        and made.prim is range
        and walker.session.unroll
        and all(isinstance(a, Const) for a in made.args)
    ):
        numbers = range(*[a.value for a in made.args if isinstance(a, Const)])
        return [Const(n) for n in numbers] if len(numbers) <= UNROLL else None
    if made is not None and made.prim is reversed:
        inner_parts = _literal(walker, made.args[0], writes)
        return None if inner_parts is None else inner_parts[::-1]
    if made is not None and made.prim in (zip, enumerate):
        check_parts(walker, made.args)
        if made.prim is zip:
            check_ends(walker, made)
        known = _literals(walker, made.args[: 1 if made.prim is enumerate else None], writes)
        if known:
            if made.prim is enumerate:
                start = made.args[1] if len(made.args) > 1 else Const(0)
                if not isinstance(start, Const):
                    return None
                return [_row(walker, [Const(start.value + i), e]) for i, e in enumerate(known[0])]
            if "strict" in made.params and len({len(p) for p in known}) > 1:
                return None  # which raises when it runs
            return [_row(walker, row) for row in zip(*known, strict=False)]
        return None
    if made is not None and made.prim is map:
        check_parts(walker, made.args)
        known = _literals(walker, made.args[1:], writes)
        if not known:
            return None
        f = taken(walker, made)[0]
        return [_called(walker, f, row) for row in zip(*known, strict=False)]
    if parts is None and t.kind in ("list", "tuple"):
        length = t.length if t.kind == "list" else len(t.elems)
        if length is None or (t.kind == "list" and isinstance(iterable, Value) and mutated(walker, iterable)):
            return None
        if length <= UNROLL and (len(t.elems) > 1 or walker.session.unroll):
            return [walker.apply(operator.getitem, [iterable, Const(i)], {}) for i in range(length)]
        return None
    if parts is None or len(parts) > UNROLL:
        return None
    return parts


def _literals(walker: Walker, iterables: Sequence[Operand], writes: bool) -> list[list[Any]]:
    """`_literal` of several sequences that are walked together; none where it is not known of all of them."""
    found = [_literal(walker, x, writes) for x in iterables]
    if any(parts is not None for parts in found):  # by the compiler, so all of them
        found = [_short(walker, x, writes) if p is None else p for x, p in zip(iterables, found, strict=True)]
    known = [parts for parts in found if parts is not None]
    return known if len(known) == len(found) else []


def _short(walker: Walker, iterable: Operand, writes: bool) -> list[Any] | None:
    """The elements of a short sequence, whatever they are."""
    unroll, walker.session.unroll = walker.session.unroll, True
    try:
        return _literal(walker, iterable, writes)
    finally:
        walker.session.unroll = unroll


def _row(walker: Walker, elements: Sequence[Any]) -> Callable[[], Operand]:
    """What makes a tuple of elements."""
    return lambda: walker.builder.op(prims.make_tuple, *map(_now, elements))


def _called(walker: Walker, f: Operand, elements: Sequence[Any]) -> Callable[[], Operand]:
    """What calls a function of elements."""
    return lambda: walker.call(f, list(map(_now, elements)), {})


def _now(element: Any) -> Operand:
    return element() if callable(element) else element


def _entries(walker: Walker, iterable: Operand, writes: bool) -> list[Any] | None:
    """What makes the keys, values or items of a dict whose keys are known.

    One that was given is walked by its keys when the program runs, unless it holds functions, or the loop writes
    elements of something.
    """
    made = walker.builder.defs.get(iterable) if isinstance(iterable, Value) else None
    view = made.prim if made is not None and made.prim in (dict.keys, dict.values, dict.items) else dict.keys
    mapping = iterable if made is None or view is not made.prim else made.args[0]
    t = type_of_operand(mapping)
    if t.kind != "dict" or t.cls is not None or not t.keys or len(t.keys) > UNROLL:
        return None
    known = view is not dict.keys and any(e.kind == "member" for e in t.elems)  # functions, say
    if not writes and not known and not (t.value and all(isinstance(site, int) for site in t.value)):
        return None
    walker.builder.op(list, mapping, type=_keys_type(t))  # while it is walked, it gets no new entries

    def entry(key: Any) -> Callable[[], Operand]:
        def read() -> Operand:
            if view is dict.keys:
                return Const(key)
            value = walker.apply(operator.getitem, [mapping, Const(key)], {})
            return value if view is dict.values else walker.builder.op(prims.make_tuple, Const(key), value)

        return read

    return list(map(entry, t.keys))


def _unroll(walker: Walker, op: Op, elements: list[Any], carried: list[Operand]) -> Any:
    """The body for one element after the other; an element, or what makes it when its turn comes."""
    body = op.blocks[0]
    for x in elements:
        for p, value in zip(body.params, [walker.told(_now(x)), *carried], strict=True):
            walker.env[p] = value
        results = walker.block(body)
        if results is None:
            return False
        carried = results
    for out, value in zip(op.outs, carried, strict=True):
        walker.env[out] = value
    return None


def iteration(walker: Walker, iterable: Operand) -> tuple[Iter, list[Operand], Any]:
    """How to walk an iterable: its `Iter`, the operands, and what makes the element from the leaves' values.

    The maker takes an iterator over fresh leaf Values (it says their types) and returns the element.
    """
    build = walker.builder
    t = type_of_operand(iterable)
    made = build.defs.get(iterable) if isinstance(iterable, Value) else None
    prim = made.prim if made is not None else None
    if isinstance(iterable, Const) and isinstance(iterable.value, range):
        r = iterable.value
        return Iter("range"), [Const(r.start), Const(r.stop), Const(r.step)], _leaf(INT)
    if made is not None and prim is range:
        start, stop, step = range_operands(made.args)
        return Iter("range"), [start, stop, step], _leaf(INT)
    if is_iterator(walker, iterable):
        check_parts(walker, made.args)  # type: ignore[union-attr]
    if made is not None and prim is zip:
        check_ends(walker, made)
        parts = [iteration(walker, a) for a in made.args]
        operands = [x for _, xs, _ in parts for x in xs]

        def make_zip(leaf: Any) -> Operand:
            return walker.builder.op(prims.make_tuple, *[make(leaf) for _, _, make in parts])

        return Iter("zip", tuple(form for form, _, _ in parts), "strict" in made.params), operands, make_zip
    if made is not None and prim is map:
        f, *iterables = taken(walker, made)
        mapped = [iteration(walker, a) for a in iterables]

        def make_call(leaf: Any) -> Operand:
            return walker.call(f, [make(leaf) for _, _, make in mapped], {})

        form = Iter("zip", tuple(form for form, _, _ in mapped)) if len(mapped) > 1 else mapped[0][0]
        return form, [x for _, xs, _ in mapped for x in xs], make_call
    if made is not None and prim is enumerate:
        form, operands, make = iteration(walker, made.args[0])
        start = made.args[1] if len(made.args) > 1 else made.params.get("start", Const(0))

        def make_enumerate(leaf: Any) -> Operand:
            index = leaf(INT)
            return walker.builder.op(prims.make_tuple, index, make(leaf))

        return Iter("enumerate", (form,)), [start, *operands], make_enumerate
    if made is not None and prim is reversed:
        return _reversed(walker, made.args[0])
    if made is not None and prim in (dict.items, dict.values, dict.keys):
        keys = build.op(list, made.args[0], type=_keys_type(type_of_operand(made.args[0])))
        mapping = made.args[0]

        def make_item(leaf: Any) -> Operand:
            key = leaf(element(keys.type))
            if prim is dict.keys:
                return key
            value = walker.apply(operator.getitem, [mapping, key], {})
            return value if prim is dict.values else walker.builder.op(prims.make_tuple, key, value)

        return Iter("seq"), [keys], make_item
    if made is not None and prim in COMBINING:
        indices = _of_indices(build, made)
        if indices is not None:
            return Iter("any"), [iterable], _leaf(indices)
    if t.kind == "dict":
        keys = build.op(list, iterable, type=_keys_type(t))
        return Iter("seq"), [keys], _leaf(element(keys.type))
    if t.kind == "array" and t.dims:
        from ..rules.inference import getitem

        return Iter("seq"), [iterable], _leaf(getitem(iterable, Value(None, INT)))
    if t.kind in ("list", "tuple"):
        return Iter("seq"), [iterable], _leaf(refreshed(element(t)))
    if t.kind == "str":
        return Iter("seq"), [iterable], _leaf(t)
    if t.kind == "range":
        return Iter("seq"), [iterable], _leaf(INT)
    if t.kind in ("array", "numeric"):
        return Iter("seq"), [iterable], _leaf(Type("numeric"))
    return Iter("any"), [iterable], _leaf(UNKNOWN)


def _of_indices(build: Builder, made: Op) -> Type | None:
    """The type of what `itertools.product` and its like draw from ranges and lists of whole numbers; else None."""
    pools, count = made.args, made.params.get("repeat", Const(1))
    if made.prim is not itertools.product:
        pools, count = made.args[:1], made.args[1] if len(made.args) > 1 else made.params.get("r", Const(None))
    whole = [type_of_operand(x) for x in pools]
    if not all(t.kind == "range" or (t.kind in ("list", "tuple") and element(t) == INT) for t in whole):
        return None
    each = count.value if isinstance(count, Const) else None
    if each is None and made.prim is itertools.permutations:  # all of them
        whole_pool = build.defs.get(pools[0]) if isinstance(pools[0], Value) else None
        if whole_pool is not None and whole_pool.prim is range and all(isinstance(a, Const) for a in whole_pool.args):
            each = len(range(*[a.value for a in whole_pool.args if isinstance(a, Const)]))
    return tuple_of((INT,) * (len(pools) * each)) if type(each) is int else None


def _keys_type(t: Type) -> Type:
    if not t.keys:
        return Type("list", elems=(UNKNOWN,))
    kinds = BOTTOM
    for k in t.keys:
        kinds = join(kinds, type_of_operand(Const(k)))
    return Type("list", elems=(kinds,), length=len(t.keys))


def _leaf(t: Type) -> Any:
    return lambda leaf: leaf(t)


def _reversed(walker: Walker, inner: Operand) -> tuple[Iter, list[Operand], Any]:
    build = walker.builder
    made = build.defs.get(inner) if isinstance(inner, Value) else None
    if made is not None and made.prim is range:
        start, stop, step = range_operands(made.args)
        if isinstance(step, Const) and step.value in (1, -1):
            last = build.op(operator.sub, stop, step)
            return Iter("range"), [last, build.op(operator.sub, start, step), Const(-step.value)], _leaf(INT)
        backwards = build.op(operator.getitem, inner, Const(slice(None, None, -1)), type=Type("range"))
        return Iter("any"), [backwards], _leaf(INT)
    t = type_of_operand(inner)
    if t.kind in ("list", "array", "tuple"):
        index = Const(slice(None, None, -1))
        return iteration(walker, build.op(operator.getitem, inner, index))
    return Iter("any"), [build.op(reversed, inner, type=UNKNOWN)], _leaf(UNKNOWN)


def while_(walker: Walker, op: Op) -> Any:
    """A ``while``: as it is."""
    carried = [walker.read(a) for a in op.args]
    return _loop(walker, op, [], carried, {}, None)


def _loop(walker: Walker, op: Op, operands: list[Operand], carried: list[Operand], attrs: dict, make: Any) -> Any:
    """A loop whose carried values have types that hold in every iteration."""
    stops = bool(op.attrs.get("stops"))
    types = [_loose(type_of_operand(x)) if x is not UNDEFINED else BOTTOM for x in carried]
    fixed: dict[int, Operand] = {}
    own: set = set()  # sizes that this loop made for its carried values
    moved: set[int] = set()  # what was taken for steady, and is not
    attempts = 0
    span = walker.builder.span
    while True:
        walker.builder.span = span
        attempts += 1
        attempt = _attempt(walker, op, types, carried, fixed, make)
        if attempt is None:
            break
        blocks, leaves, params, results = attempt
        if results is None:  # the body never reaches its end
            break
        ends = results[1:] if stops else results
        new_types = [
            t if k in fixed else join_stable(t, _loose(type_of_operand(r)) if r is not UNDEFINED else BOTTOM, own)
            for k, (t, r) in enumerate(zip(types, ends, strict=True))
        ]
        loosened = {k for k in fixed if not _same(ends[k], fixed[k])}
        if loosened:
            moved |= loosened
            for k in loosened:
                fixed.pop(k)
                types[k] = join_stable(_loose(type_of_operand(carried[k])), _loose(type_of_operand(ends[k])), own)
            continue
        # a value that every iteration hands on as it got it is not carried
        steady = {
            k
            for k, (p, r) in enumerate(zip(params, ends, strict=True))
            if k not in fixed and k not in moved and r is p and p is not None
        }
        if steady:
            fixed.update({k: carried[k] for k in steady})
            continue
        if new_types == types:
            break
        if attempts > PATIENCE:  # what does not settle is not known
            new_types = [t if old in (t, UNKNOWN) else UNKNOWN for t, old in zip(new_types, types, strict=True)]
        types = new_types
    assert attempt is not None
    blocks, leaves, params, results = attempt
    moving = [k for k in range(len(carried)) if k not in fixed]
    body = blocks[-1]
    if results is None:
        body.block.results = [UNDEFINED] * (len(moving) + stops)
    else:
        body.block.results = ([results[0]] if stops else []) + [results[k + stops] for k in moving]
    body.block.params = leaves + [params[k] for k in moving]
    if len(blocks) > 1:
        blocks[0].block.params = [blocks[0].carried[k] for k in moving]  # type: ignore[attr-defined]
    outs = [Value(op.outs[k + stops].hint, types[k]) for k in moving]
    flag = [Value(op.outs[0].hint, Type("bool"))] if stops else []
    keep = {**attrs, **({"stops": True} if stops else {})}
    args = [*operands, *[carried[k] for k in moving]]
    walker.builder.append(Op(op.prim, args, {}, flag + outs, [b.block for b in blocks], attrs=keep))
    if stops:
        walker.define(op.outs[0], flag[0])
    final = dict(zip(moving, outs, strict=True))
    for k in range(len(carried)):
        walker.define(op.outs[k + stops], final[k] if k in final else fixed[k])
    return None


def _same(a: Operand, b: Operand) -> bool:
    return a is b or (isinstance(a, Const) and isinstance(b, Const) and a.value is b.value)


def _attempt(
    walker: Walker, op: Op, types: list[Type], carried: list[Operand], fixed: dict[int, Operand], make: Any
) -> Any:
    """Walk the loop's blocks for carried values of ``types``."""
    blocks = []
    if op.prim == "while":
        condition = walker.builder.nested()
        inner = walker.nested(condition)
        own_params = _enter(inner, op.blocks[0].params, types, fixed)
        ends = inner.block(op.blocks[0])
        if ends is None:
            raise walker.refuse("a loop condition that always raises")
        condition.block.results = ends
        condition.carried = own_params  # type: ignore[attr-defined]
        blocks.append(condition)
    body = walker.builder.nested()
    inner = walker.nested(body)
    leaves: list[Value] = []
    lowered = op.blocks[-1].params
    if make is not None:
        hint = lowered[0].hint

        def leaf(t: Type) -> Operand:
            leaves.append(Value(hint, _loose(t)))
            return walker.told(leaves[-1])

        outer, walker.builder = walker.builder, body
        inner.env[lowered[0]] = make(leaf)
        walker.builder = outer
        lowered = lowered[1:]
        if len(leaves) > 1:
            for x in leaves:
                x.hint = None
    params = _enter(inner, lowered, types, fixed)
    results = inner.block(op.blocks[-1])
    blocks.append(body)
    return blocks, leaves, params, results


def _enter(inner: Walker, lowered: list[Value], types: list[Type], fixed: dict[int, Operand]) -> list[Any]:
    params: list[Any] = []
    for k, (p, t) in enumerate(zip(lowered, types, strict=True)):
        if k in fixed:
            inner.env[p] = fixed[k]
            params.append(None)
        else:
            params.append(Value(p.hint, t))
            inner.env[p] = params[-1]
    return params


# ---------------------------------------------------------------- with


# Context managers that let every exception of their body pass.
_TRANSPARENT = (
    np.errstate, np.printoptions, warnings.catch_warnings, contextlib.nullcontext, contextlib.redirect_stdout,
    contextlib.redirect_stderr, open,
)  # fmt: skip


def with_(walker: Walker, op: Op) -> Any:
    """A ``with``: its body in its own block, which it leaves at its end or with an exception."""
    context = walker.read(op.args[0])
    made = walker.builder.defs.get(context) if isinstance(context, Value) else None
    if made is None or made.prim not in _TRANSPARENT:
        raise walker.refuse("with is not supported here: its context manager may swallow an exception of its body")
    if op.blocks[0].params:
        raise walker.refuse("with ... as a variable is not supported")
    builder = walker.builder.nested()
    inner = walker.nested(builder)
    results = inner.block(op.blocks[0])
    if results is None:
        builder.block.results = []
        walker.builder.append(Op("with", [context], {}, [], [builder.block]))
        return False
    builder.block.results = results
    outs = [Value(_hint(r), _loose(type_of_operand(r))) for r in results]
    walker.builder.append(Op("with", [context], {}, outs, [builder.block]))
    for out, value in zip(op.outs, outs, strict=True):
        walker.define(out, value)
    return None


def raise_(walker: Walker, op: Op) -> bool:
    walker.builder.append(Op("raise", [walker.read(a) for a in op.args]))
    return False
