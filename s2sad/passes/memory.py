"""Turn writes into versions: typed IR with stores in, functional IR out.

    row = A[i]; row[0] = 5; use(A)      getitem(%A, %i); setitem(%row, 0, 5)
 -> A_1 = setitem(A, (i, 0), 5)         and every later use of A or of a view of it reads A_1

A value is resolved to a *storage* (an object in memory) and a *path* of views into it.  A store makes a new version of
the storage.  Storages may *alias* (be the same memory, as far as is known) and *hold* others (a list its elements).
Reading what may have been changed by a write to another storage is refused: what is not known is never assumed.
Arguments are written as versions too, so the caller's objects stay as they are.
"""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np

from .. import runtime
from ..errors import Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value
from ..ir.types import Type, element, join
from . import effects
from .build import Builder, type_of_operand

# Views of which NumPy makes a view always, with what puts a new value of the view back into its base.
SURE_VIEWS = {
    np.transpose,
    np.swapaxes,
    np.ndarray.swapaxes,
    np.expand_dims,
    np.squeeze,
    np.ndarray.squeeze,
    np.moveaxis,
}


class Storage:
    """An object in memory: an array, a list."""

    __slots__ = ("number", "outside", "repeated", "values")
    _numbers = itertools.count()

    def __init__(self) -> None:
        self.number = next(self._numbers)  # in the order in which they are met
        self.outside = False  # it belongs to the world around the function
        self.values: list[Value] = []  # what names it, or a view of it
        self.repeated = False  # a list that may hold one object twice


Path = tuple[tuple[Any, tuple[Operand, ...], tuple[tuple[str, Operand], ...]], ...]


def functional(function: Function) -> Function:
    """The function with its stores as versions.

    ``attrs["written"]`` of the result names the parameters that the function writes.

    Raises:
        UnsupportedError: where it is not known which memory a store changes and it matters.
    """
    if all(map(_leaves_all, function.body.ops)):
        function.attrs["written"] = []
        return function
    reasons = Reasons()
    try:
        result = _Memory({}, reasons).function(function)
    except Exception:
        reasons.raise_all()  # which left things undone that were missed later
        raise
    reasons.raise_all()
    return result


def _leaves_all(op: Op) -> bool:
    """Whether an op is a plain one that changes nothing, and gets nothing that could: what rules are made of."""
    if isinstance(op.prim, str) or op.attrs.get("opaque") or effects.written(op) is not None:
        return False
    functions = any(isinstance(a, Value) and a.type.kind == "function" for a in op.operands())
    return not functions and effects.writing_option(op) is None


class _Memory:
    """The state of the walk: where each value lives, and the current version of each storage."""

    def __init__(self, done: dict[int, Function], reasons: Reasons):
        self.done = done
        self.reasons = reasons
        self.where: dict[Value, tuple[Storage, Path]] = {}
        self.version: dict[Storage, Operand] = {}
        self.aliases: dict[Storage, set[Storage]] = {}  # itself too: so storages with the same aliases share one set
        self.holds: dict[Storage, set[Storage]] = {}
        self.views: dict[Value, tuple[Operand, Operand]] = {}  # value -> (version of its storage, view of it)
        self.written: set[Storage] = set()
        self.position: dict[Op, int] = {}
        self.last_use: dict[Value, int] = {}
        self.users: dict[Value, list[Op]] = {}
        self.home: dict[Value, Builder] = {}  # where a view was made
        self.builder = Builder()

    def function(self, function: Function) -> Function:
        known = self.done.get(id(function))
        if known is not None:
            return known
        result = Function(function.name, Block(list(function.params)), function.signature, function.captured,
                          function.origin, function.span)  # fmt: skip
        result.attrs.update(function.attrs)
        result.attrs["typed"] = function  # keeps the key of ``done`` alive
        self.done[id(function)] = result
        inner = _Memory(self.done, self.reasons)
        _positions(function.body, inner.position, inner.last_use)
        for op in effects.all_ops(function.body):
            for x in [*op.operands(), *(r for b in op.blocks for r in b.results)]:
                if isinstance(x, Value):
                    inner.users.setdefault(x, []).append(op)
        inner.builder = Builder(result.body)
        for p in function.params:
            inner.fresh(p, p)
            if p in inner.where and p.type.kind != "array":
                inner.contents(inner.where[p][0], p)
        inner.ops(function.body)
        result.body.results = [inner.read(r) for r in function.results]
        result.attrs["defs"] = inner.builder.defs
        result.attrs["written"] = [
            i for i, p in enumerate(function.params) if p in inner.where and inner.where[p][0] in inner.written
        ]
        return result

    # ------------------------------------------------------------ storages

    def fresh(self, value: Value, operand: Operand, shares: set[Storage] | None = None, holds: Any = ()) -> None:
        """``value`` lives in a storage of its own, which may be the same memory as others, and may hold others."""
        if not value.type.mutable:
            return
        storage = Storage()
        storage.values.append(value)
        self.where[value] = (storage, ())
        self.version[storage] = operand
        self.aliases[storage] = {storage}
        self.holds[storage] = set(holds)
        for other in shares or ():
            self.may_alias(storage, other)
            self.holds[storage] |= self.holds.get(other, set())

    def contents(self, storage: Storage, operand: Operand) -> None:
        """What a parameter holds, as one storage without a name."""
        inside = Storage()
        self.version[inside] = operand
        self.aliases[inside] = {inside}
        self.holds[inside] = {inside}
        self.holds[storage] = {inside}

    def may_alias(self, a: Storage, b: Storage) -> None:
        if a is b:
            return
        made: dict[int, tuple[set[Storage], set[Storage]]] = {}  # old and new: one for all that share the old one
        some, others = self.aliases[a], self.aliases[b]
        for group, added in ((some, others), (others, some)):
            for x in group:
                old = self.aliases[x]
                if id(old) not in made:
                    new = old | added
                    made[id(old)] = old, next((m for _, m in made.values() if m == new), new)
                self.aliases[x] = made[id(old)][1]

    def held(self, storages: Any) -> set[Storage]:
        """What storages hold, and what those hold."""
        found: set[Storage] = set()
        queue = list(storages)
        while queue:
            for s in self.holds.get(queue.pop(), ()):
                if s not in found:
                    found.add(s)
                    queue.append(s)
        return found

    def holders(self, storages: set[Storage]) -> set[Storage]:
        """What holds one of the storages."""
        return {h for h in self.holds if self.held([h]) & storages}

    def storages(self, operands: Any) -> set[Storage]:
        return {self.where[x][0] for x in operands if isinstance(x, Value) and x in self.where}

    def read(self, x: Operand) -> Operand:
        """The current version of an operand."""
        if not isinstance(x, Value) or x not in self.where:
            return x
        storage, path = self.where[x]
        current = self.version[storage]
        if not path:
            return current
        cached = self.views.get(x)
        if cached is not None and cached[0] is current:
            return cached[1]
        base = current
        for prim, args, params in path:
            base = self.builder.op(prim, base, *map(self.read, args), **dict(params))
        if isinstance(base, Value) and base.hint is None:
            base.hint = x.hint
        self.views[x] = (current, base)
        return base

    def write(self, target: Operand, update: Any) -> None:
        """Make a new version of the storage of ``target``; ``update`` maps the old value of ``target`` to the new."""
        if not isinstance(target, Value) or target not in self.where:
            raise self.refuse("writing into a value that is not known to be an array or list of this function")
        storage, path = self.where[target]
        if storage.outside:
            raise self.refuse("writing into an object outside the function is not supported: pass it as an argument")
        if storage.repeated and path and path[0][0] is operator.getitem:
            raise self.refuse("this writes an element of a list that may hold one object twice: copy it first")
        self.check(storage, target)
        bases = [self.version[storage]]
        for prim, args, params in path:
            bases.append(self.builder.op(prim, bases[-1], *map(self.read, args), **dict(params)))
        new = update(bases[-1])
        for (prim, args, params), base in zip(reversed(path), reversed(bases[:-1]), strict=True):
            if prim is operator.getitem:
                new = self.merge_store(base, args[0], new)
            else:
                new = self.undo(prim, args, params, new)
        if isinstance(new, Value) and isinstance(bases[0], Value):
            new.hint = bases[0].hint
        self.version[storage] = new
        self.written.add(storage)

    def merge_store(self, base: Operand, index: Operand, new: Operand) -> Operand:
        """``base`` with ``base[index] = new``; a store of one element of a row is a store of one element."""
        made = self.builder.defs.get(new) if isinstance(new, Value) else None
        array = type_of_operand(base).kind == "array"
        if array and made is not None and made.prim is runtime.setitem and self.builder.block.ops[-1] is made:
            first, second = self.joined(index), self.joined(made.args[1])
            viewed = self.builder.defs.get(made.args[0]) if isinstance(made.args[0], Value) else None
            if first and second and viewed is not None and viewed.prim is operator.getitem and viewed.args[0] is base:
                self.builder.block.ops.remove(made)
                both = self.builder.op(prims.make_tuple, *first, *second)
                return self.builder.op(runtime.setitem, base, both, made.args[2])
        return self.builder.op(runtime.setitem, base, index, new)

    def joined(self, index: Operand) -> list[Operand] | None:
        """The parts of an index of integers (rows), or of anything after them."""
        parts = self.builder.elements(index)
        parts = parts if parts is not None else [index]
        return parts if all(type_of_operand(p).kind == "int" for p in parts) else None

    def undo(self, prim: Any, args: tuple[Operand, ...], params: Any, new: Operand) -> Operand:
        build = self.builder
        if prim is np.transpose and not args and not params:
            return build.op(np.transpose, new)
        if prim in (np.swapaxes, np.ndarray.swapaxes):
            return build.op(prim, new, *args)
        if prim is np.expand_dims:
            return build.op(np.squeeze, new, *args, **dict(params))
        raise self.refuse(f"writing through {getattr(prim, '__name__', prim)} is not supported: write the array itself")

    def check(self, storage: Storage, target: Value) -> None:
        """Refuse a write that might change a value which is read later and lives elsewhere as far as is known."""
        now = self.now
        base, path = self.where[target]
        same = set(self.aliases[storage])
        if path and any(v.type.kind != "array" for v in base.values[:1]):  # an element of a list is written
            inside = self.held([storage])
            same |= inside | {a for s in inside for a in self.aliases.get(s, ())}
        for other in sorted((same | self.holders(same)) - {storage}, key=lambda s: s.number):
            for value in other.values:
                lives_here = self.where[value][0] is other  # an earlier attempt at a loop may have said so
                if lives_here and self.last_use.get(value, -1) > now and value is not target:
                    a, b = target.hint or "this array", value.hint or "another value"
                    raise self.refuse(
                        f"this writes {a}, which may share memory with {b}, and {b} is read later: "
                        f"copy one of them first"
                    )

    def refuse(self, message: str) -> UnsupportedError:
        return UnsupportedError(message, self.builder.span)

    # ------------------------------------------------------------ ops

    def ops(self, block: Block) -> None:
        for op in block.ops:
            self.now = self.position[op]
            self.builder.span = op.span or self.builder.span
            builder = self.builder
            try:
                self.op(op)
            except UnsupportedError as error:  # look further, as if the results were new objects
                self.reasons.add(error)
                self.builder = builder
                for out in op.outs:  # where it is known to live may be from an earlier attempt at a loop
                    if out not in self.where or self.where[out][0] not in self.version:
                        self.fresh(out, out)

    def op(self, op: Op) -> None:
        if op.prim == "if" or op.prim == "with":
            self.branches(op)
        elif op.prim in ("for", "while"):
            self.loop(op)
        elif op.prim == "call":
            copied = self.copy(op)
            copied.attrs["function"] = self.function(op.attrs["function"])
            self.builder.append(copied)
            shared: set[Storage] = set()
            if "known" in op.attrs:  # others that may return their arguments are inlined
                shared = self.storages([a for a in op.args if type_of_operand(a).mutable])
                shared = shared | self.held(shared)
            for out in op.outs:
                self.fresh(out, out, shared if out.type.mutable else set())
        elif isinstance(op.prim, str):
            self.builder.append(self.copy(op))
        elif effects.written(op) is not None and type_of_operand(op.args[0]).mutable:
            self.store(op)
        else:
            self.plain(op)

    def copy(self, op: Op) -> Op:
        args, params = [self.read(a) for a in op.args], {k: self.read(v) for k, v in op.params.items()}
        return Op(op.prim, args, params, list(op.outs), span=op.span, attrs=dict(op.attrs))

    def plain(self, op: Op) -> None:
        option = effects.writing_option(op)
        if option is not None:
            raise self.refuse(f"{option}= is not supported: assign the result to a slice instead")
        if op.attrs.get("opaque"):
            self.opaque(op)
        self.callbacks(op)
        self.builder.append(self.copy(op))
        if not op.outs or not op.outs[0].type.mutable:
            return
        out = op.outs[0]
        if self.sure_view(op):
            base, path = self.where[op.args[0]]  # type: ignore[index]
            step = (op.prim, tuple(op.args[1:]), tuple(op.params.items()))
            self.where[out] = (base, (*path, step))
            self.home[out] = self.builder
            base.values.append(out)
            self.views[out] = (self.version[base], out)
            return
        self.place(op, out)
        if out in self.where and op.prim is getattr and isinstance(op.args[0], Const):
            self.where[out][0].outside = True
        if op.prim is operator.mul and out.type.kind == "list" and out in self.where:
            self.where[out][0].repeated = True

    def place(self, op: Op, out: Value) -> None:
        """Where the result of an op lives that is not certainly a view."""
        from_args = self.storages(effects.sources(op))
        if op.prim in effects.CONTAINERS:
            self.fresh(out, out, holds=from_args)
            each = [s for a in op.args for s in {*self.storages([a]), *self.held(self.storages([a]))}]
            found = set(each)
            if out in self.where and (len(found) < len(each) or self.overlapping(found, found)):
                self.where[out][0].repeated = True
        elif (
            out.type.kind == "list"
            and all(type_of_operand(a).kind in ("list", "tuple", "int", "slice") for a in op.args)
            and not (op.prim is operator.getitem and type_of_operand(op.args[1]).kind == "int")
        ):
            self.fresh(out, out, holds=self.held(from_args))  # list(a), a + b, a * n, a[i:j]
            parts = [self.held(self.storages([a])) for a in op.args]
            again = op.prim is operator.add and self.overlapping(*parts)
            if out in self.where and (again or any(s.repeated for s in from_args)):
                self.where[out][0].repeated = True
        elif op.prim is operator.getitem and type_of_operand(op.args[0]).kind in ("list", "tuple", "dict", "function"):
            elements = self.held(from_args)
            self.fresh(out, out, elements)
            if not elements and out in self.where:
                for s in from_args:  # what it holds was not known so far
                    self.holds[s] = self.holds[s] | {self.where[out][0]}
        elif any(type_of_operand(a).kind not in ("array", "numeric") for a in effects.sources(op)):
            self.fresh(out, out, from_args | self.held(from_args), holds=from_args)
        else:
            self.fresh(out, out, from_args, holds=() if out.type.kind in ("array", "numeric") else from_args)

    def overlapping(self, some: set[Storage], others: set[Storage]) -> bool:
        """Whether two groups of storages may have memory in common (a group with itself: two of its members)."""
        return (some is not others and bool(some & others)) or any(
            (self.aliases.get(s, set()) & others) - {s} for s in some
        )

    def sure_view(self, op: Op) -> bool:
        """Whether the result certainly is a view of the first argument, or an element of it."""
        base = op.args[0] if op.args else None
        if not isinstance(base, Value) or base not in self.where:
            return False
        out = op.outs[0].type
        if op.prim is operator.getitem:
            index = type_of_operand(op.args[1])
            if base.type.kind == "array" and out.kind == "array":
                kinds = [e.kind for e in index.elems] if index.kind == "tuple" else [index.kind]
                return all(k in ("int", "slice", "none", "ellipsis") for k in kinds)
            return base.type.kind == "list" and index.kind == "int" and not self.where[base][0].repeated
        return op.prim in SURE_VIEWS and base.type.kind == "array" and out.kind == "array"

    def opaque(self, op: Op) -> None:
        """A call of which nothing is known must not get objects that it could change."""
        if effects.reads_only(op.prim):
            return
        for a in op.operands():
            if isinstance(a, Value) and a.type.mutable:
                reason = op.attrs.get("reason")
                if reason is not None:
                    raise reason
                name = getattr(op.prim, "__name__", op.prim)
                raise self.refuse(f"{name}() is not known: it might change its arguments")

    def callbacks(self, op: Op) -> None:
        """A function that carries arrays or lists along could change them wherever it is called."""
        if op.prim in (*effects.CONTAINERS, operator.getitem, operator.is_, operator.is_not):
            return
        if any(isinstance(a, Value) and a.type.kind == "function" and a.type.mutable for a in op.operands()):
            name = getattr(op.prim, "__name__", op.prim)
            raise self.refuse(f"{name}() gets a function that reads or changes arrays or lists of this function")

    def outside_log(self, op: Op) -> bool:
        """Whether an op appends to a list of the world around the function, which the function does not read."""
        target = op.args[0]
        if op.prim is not list.append or not isinstance(target, Value) or target not in self.where:
            return False
        storage, path = self.where[target]
        reads = [
            o for v in storage.values for o in self.users.get(v, ())
            if not (o.prim is prims.make_tuple and o.out.type.kind == "function")
        ]  # fmt: skip
        return (
            storage.outside
            and not path
            and all(o.prim is list.append and o.args[1] not in storage.values for o in reads)
        )

    def store(self, op: Op) -> None:
        prim, target, build = op.prim, op.args[0], self.builder
        if self.outside_log(op):
            value = op.args[1]
            if isinstance(value, Value) and value.type.mutable:
                raise self.refuse("appending an array to a list outside the function is not supported: append a copy")
            build.append(Op(list.append, [self.read(target), self.read(value)], {}, [], attrs={"opaque": True}))
            return
        rest = [self.read(a) for a in op.args[1:]]
        if prim in prims.AUGMENTED:
            self.put(target, self.held(self.storages([op.args[1]])))
            self.write(target, lambda old: build.op(prim, old, *rest))
            self.where[op.out] = self.where[target]  # type: ignore[index]
            self.where[op.out][0].values.append(op.out)
        elif prim is operator.setitem:
            index, value = rest
            if self.unchanged(target, index, value):
                return
            self.detach(target)
            self.write(target, lambda old: build.op(runtime.setitem, old, index, value))
            self.put(target, self.storages([op.args[2]]))
        elif prim is prims.add_at:
            index, value = rest
            self.write(target, lambda old: build.op(runtime.index_add, old, index, value))
        elif prim in (np.ndarray.fill, np.copyto) and not op.params:
            self.write(target, lambda old: build.op(runtime.setitem, old, Const(Ellipsis), rest[0]))
        elif prim is np.ndarray.sort and not op.params and not rest:
            self.write(target, lambda old: build.op(runtime.setitem, old, Const(Ellipsis), build.op(np.sort, old)))
        elif prim is list.append:
            self.detach(target, at_end=True)
            self.write(target, lambda old: build.op(runtime.list_append, old, rest[0]))
            self.put(target, self.storages([op.args[1]]))
        elif prim is list.extend and type_of_operand(op.args[1]).kind == "list":
            self.detach(target, at_end=True)
            self.write(target, lambda old: build.op(operator.add, old, rest[0], type=type_of_operand(old)))
            self.put(target, self.held(self.storages([op.args[1]])))
        elif prim is list.pop and not rest:
            self.pop(op, target)
        else:
            raise self.refuse(f"{getattr(prim, '__name__', prim)} writes its argument in a way that is not supported")

    def pop(self, op: Op, target: Operand) -> None:
        elem = element(type_of_operand(target))
        shorter = Value(None, Type("list", elems=() if elem.kind == "bottom" else (elem,)))

        def update(old: Operand) -> Operand:
            self.builder.append(Op(runtime.list_pop, [old], {}, [op.out, shorter]))
            return shorter

        self.detach(target)
        self.write(target, update)
        self.fresh(op.out, op.out, self.held(self.storages([target])))

    def unchanged(self, target: Operand, index: Operand, value: Operand) -> bool:
        """``a[i] = a[i]``, which is what is left of ``a[i] += v`` on a view."""
        made = self.builder.defs.get(value) if isinstance(value, Value) else None
        return (
            made is not None
            and made.prim is operator.getitem
            and made.args[1] is index
            and made.args[0] is self.read(target)
            and type_of_operand(value).kind == "array"
        )

    def detach(self, target: Operand, at_end: bool = False) -> None:
        """A list gets other elements: what was one of them, and is read later, is an object of its own from now on."""
        if not isinstance(target, Value) or target.type.kind == "array" or target not in self.where:
            return
        storage, path = self.where[target]
        for value in storage.values:
            here, way = self.where[value]
            later = self.last_use.get(value, -1) > self.now
            if (
                here is not storage
                or not later
                or len(way) <= len(path)
                or (at_end and _counts_from_start(way[len(path)]))
            ):
                continue
            if self.home.get(value) is not self.builder:
                name, other = target.hint or "this list", value.hint or "an element of it"
                raise self.refuse(f"this changes what {name} holds, and {other} is read later: copy one of them first")
            self.fresh(value, self.read(value), self.held([storage]))

    def put(self, container: Operand, elements: set[Storage]) -> None:
        """A list holds what was put into it."""
        if isinstance(container, Value) and container.type.kind != "array":
            storage = self.where[container][0]
            if self.overlapping({storage, *self.held([storage])}, {*elements, *self.held(elements)}):
                storage.repeated = True
            self.holds[storage] = self.holds[storage] | elements

    # ------------------------------------------------------------ control

    def snapshot(self) -> tuple:
        return dict(self.version), dict(self.aliases), dict(self.views), self.builder, dict(self.holds)

    def restore(self, state: tuple) -> None:
        version, aliases, views, self.builder, holds = state
        self.version, self.aliases, self.views, self.holds = dict(version), dict(aliases), dict(views), dict(holds)

    def lifted(self, storages: Any, outside: Any) -> set[Storage]:
        """Storages as far as they exist outside of the loop that is being left."""
        return {o for s in storages for o in ((s,) if s in outside else self.aliases.get(s, set()) & outside.keys())}

    def branches(self, op: Op) -> None:
        state = self.snapshot()
        ends = []
        for block in op.blocks:
            self.restore(state)
            self.builder = state[3].nested(list(block.params))
            for p in block.params:
                self.fresh(p, p)
            self.ops(block)
            places = [self.where.get(r) if isinstance(r, Value) else None for r in block.results]
            ends.append(([self.read(r) for r in block.results], self.version, self.aliases, self.builder.block, places,
                         _ends_in_raise(block), self.holds))  # fmt: skip
        self.restore(state)
        for *_, holds in ends:
            for storage, inside in holds.items():
                self.holds[storage] = self.holds.get(storage, set()) | inside
        for _, _, aliases, *_ in ends:
            for storage, others in aliases.items():
                if storage in self.aliases:
                    if not others <= self.aliases[storage]:
                        self.aliases[storage] = self.aliases[storage] | others
                else:
                    self.aliases[storage] = others
        for _, versions, *_ in ends:
            for storage, operand in versions.items():
                self.version.setdefault(storage, operand)
        changed = [s for s in state[0] if any(e[1][s] is not state[0][s] for e in ends)]
        outs = list(op.outs)
        for storage in changed:
            latest = [UNDEFINED if e[5] else e[1][storage] for e in ends]
            merged = Value(_hint_of(latest), _join_all(latest))
            outs.append(merged)
            self.version[storage] = merged
            for (results, *_), v in zip(ends, latest, strict=True):
                results.append(v)
        for results, _, _, block, *_ in ends:
            block.results = results
        copied = Op(op.prim, [self.read(a) for a in op.args], {}, outs, [e[3] for e in ends], op.span, dict(op.attrs))
        self.builder.append(copied)
        for k, out in enumerate(op.outs):
            known = [place for e in ends if (place := e[4][k]) is not None]
            if known and len(known) == len(ends) and all(p == known[0] for p in known) and known[0][0] in state[0]:
                self.where[out] = known[0]
                known[0][0].values.append(out)
            else:
                self.fresh(out, out, {p[0] for p in known})

    def loop(self, op: Op) -> None:
        stops = bool(op.attrs.get("stops"))
        body = op.blocks[-1]
        count = len(body.results) - stops
        operands, inits = op.args[: len(op.args) - count], op.args[len(op.args) - count :]
        leaves = body.params[: len(body.params) - count]
        changing: list[Storage] = []  # storages from outside that an iteration writes
        separate: set[int] = set()  # carried values that are not always the same storage
        together: set[frozenset[int]] = set()  # pairs of them that may share memory
        reached: set[Storage] = set()  # from outside, that carried values may share memory with
        state = self.snapshot()
        while True:
            self.restore(state)
            blocks, ends, versions = self.iteration(op, inits, leaves, changing, separate, together, stops, reached)
            more = [s for s in state[0] if s not in changing and versions[s] is not state[0][s]]
            apart = {
                k for k in range(count)
                if k not in separate and _place(self.where, inits[k]) is not None
                and _place(self.where, ends[k]) != _place(self.where, inits[k])
            }  # fmt: skip
            mixed = self.mixed(ends, separate, inits) - together
            shared = {o for k in separate for s in self.storages([ends[k]]) for o in self.aliases[s]}
            shared = {s for s in shared if s in state[0]} - reached
            shared |= (
                self.lifted({o for k in separate for o in self.held(self.storages([ends[k]]))}, state[0]) - reached
            )
            grown = {s: self.aliases[s] & state[0].keys() for s in state[0]}
            filled = {s: self.lifted(self.holds[s], state[0]) for s in state[0]}
            if not (more or apart or mixed or shared) and all(
                grown[s] <= state[1][s] and filled[s] <= state[4][s] for s in grown
            ):
                break
            changing += more
            separate |= apart
            together |= mixed
            reached |= shared
            state = (state[0], {s: state[1][s] | grown[s] for s in grown}, state[2], state[3],
                     {s: state[4][s] | filled[s] for s in filled})  # fmt: skip
        iterated = self.storages(operands)
        if any(s in changing for i in iterated for s in self.aliases[i]):
            self.builder.span = op.span or self.builder.span
            raise self.refuse("the loop writes what it iterates over: iterate over a copy, or over indices")
        inner_aliases = self.aliases
        self.restore(state)
        for storage, others in inner_aliases.items():
            if storage in self.aliases:
                self.aliases[storage] = self.aliases[storage] | {o for o in others if o in state[0]}
        same = [k for k in range(count) if k not in separate and _place(self.where, inits[k]) is not None]
        kept = [k for k in range(count) if k not in same]
        outs = (op.outs[:1] if stops else []) + [op.outs[k + stops] for k in kept]
        finals = [Value(_hint_of([state[0][s]]), type_of_operand(state[0][s])) for s in changing]
        args = [self.read(a) for a in operands] + [self.read(inits[k]) for k in kept] + [state[0][s] for s in changing]
        self.builder.append(Op(op.prim, args, {}, outs + finals, blocks, op.span, dict(op.attrs)))
        for storage, final in zip(changing, finals, strict=True):
            self.version[storage] = final
        for k in same:
            out = op.outs[k + stops]
            self.where[out] = self.where[inits[k]]  # type: ignore[index]
            self.where[out][0].values.append(out)
        places = {}
        for k in kept:
            out = op.outs[k + stops]
            everywhere = {s for j in kept for s in self.storages([inits[j], ends[j]]) if s in state[0]}
            self.fresh(out, out, everywhere if out.type.mutable else set())
            places[k] = self.where.get(out)
        for pair in together:
            a, b = tuple(pair) if len(pair) == 2 else (next(iter(pair)),) * 2
            if places.get(a) and places.get(b):
                self.may_alias(places[a][0], places[b][0])  # type: ignore[index]

    def mixed(self, ends: list[Operand], separate: set[int], inits: list[Operand]) -> set[frozenset[int]]:
        """Pairs of carried values that may share memory at the beginning or the end of an iteration."""
        pairs = set()
        for column in (ends, inits):
            for i in separate:
                for j in separate:
                    if i < j:
                        a, b = _place(self.where, column[i]), _place(self.where, column[j])
                        if a and b and (a[0] is b[0] or b[0] in self.aliases.get(a[0], ())):
                            pairs.add(frozenset((i, j)))
        return pairs

    def iteration(self, op: Op, inits: list[Operand], leaves: list[Value], changing: list[Storage], separate: set[int],
                  together: set, stops: bool, reached: set[Storage]) -> Any:  # fmt: skip
        """Walk a loop's blocks once under the assumptions so far."""
        outer = self.builder
        outside = {s for k in separate for s in self.storages([inits[k]])}
        origins = {o for s in outside for o in self.aliases[s]} | reached
        blocks, ends = [], []
        iterated = self.storages(op.args[: len(op.args) - len(inits)])
        for block in op.blocks:
            carried = block.params[len(block.params) - len(inits) :]
            own = leaves if block is op.blocks[-1] else []
            self.builder = outer.nested()
            kept = []
            fresh = []
            for k, (p, init) in enumerate(zip(carried, inits, strict=True)):
                place = _place(self.where, init)
                if place is not None and k not in separate:
                    self.where[p] = place
                    place[0].values.append(p)
                else:
                    kept.append(p)
                    if p.type.mutable:
                        storage = Storage()
                        storage.values.append(p)
                        self.where[p] = (storage, ())
                        self.version[storage] = p
                        self.aliases[storage] = {storage, *origins}
                        self.holds[storage] = self.held(origins) | (reached if p.type.kind != "array" else set())
                        for o in origins:
                            self.aliases[o] = self.aliases[o] | {storage}
                        fresh.append((k, storage))
            for i, a in fresh:
                for j, b in fresh:
                    if i < j and frozenset((i, j)) in together:
                        self.aliases[a] = self.aliases[a] | {b}
                        self.aliases[b] = self.aliases[b] | {a}
            for p in own:
                self.fresh(p, p, iterated | self.held(iterated))
            versions = []
            for s in changing:
                v = Value(_hint_of([self.version[s]]), type_of_operand(self.version[s]))
                versions.append(v)
                self.version[s] = v
            self.views = {}
            self.ops(block)
            self.builder.block.params = [*own, *kept, *versions]
            blocks.append(self.builder.block)
            if block is op.blocks[-1]:
                ends = block.results[stops:]
                rows = [self.read(r) for k, r in enumerate(ends) if carried[k] in kept]
                flag = [self.read(block.results[0])] if stops else []
                self.builder.block.results = [*flag, *rows, *[self.version[s] for s in changing]]
                after = dict(self.version)
            else:
                for s, v in zip(changing, versions, strict=True):
                    if self.version[s] is not v:
                        raise self.refuse("a loop condition that writes an array is not supported")
                self.builder.block.results = [self.read(r) for r in block.results]
        self.builder = outer
        for s in changing:
            after.pop(s, None)
        return blocks, ends, {**{s: self.version[s] for s in self.version}, **after}


def _counts_from_start(step: Any) -> bool:
    index = step[1][0] if step[1] else None
    return isinstance(index, Const) and isinstance(index.value, int) and index.value >= 0


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


def _positions(block: Block, position: dict[Op, int], last_use: dict[Value, int]) -> None:
    """Number the ops, and find the last position at which each value is read; uses inside a loop last to its end."""
    defined: dict[Value, list[Op]] = {}
    counter = [0]

    def use(x: Operand, loops: list[Op], at: int, ends: dict[Op, list[Value]]) -> None:
        if isinstance(x, Value):
            around = defined.get(x, [])
            for loop in loops[len(around) :]:
                ends.setdefault(loop, []).append(x)
                break
            last_use[x] = max(last_use.get(x, -1), at)

    def walk(block: Block, loops: list[Op], ends: dict[Op, list[Value]]) -> None:
        for p in block.params:
            defined[p] = loops
        for op in block.ops:
            counter[0] += 1
            position[op] = counter[0]
            for x in op.operands():
                use(x, loops, counter[0], ends)
            inner = [*loops, op] if op.prim in ("for", "while") else loops
            for b in op.blocks:
                walk(b, inner, ends)
            counter[0] += 1
            for x in ends.pop(op, []):
                last_use[x] = max(last_use.get(x, -1), counter[0])
            for o in op.outs:
                defined[o] = loops
        counter[0] += 1
        for r in block.results:
            use(r, loops, counter[0], ends)

    walk(block, [], {})
