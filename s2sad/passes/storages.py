"""Where values live while writes become versions: storages, the views into them, and what may be the same memory.

A value is resolved to a `Storage` (an object in memory) and a path of views into it.  `Storages` keeps the current
version of each, which ones may *alias* (be the same memory, as far as is known), and which ones *hold* others (a list
its elements); it reads and writes along the paths, and refuses a write that a value elsewhere might notice.
"""

from __future__ import annotations

import itertools
import operator
from typing import Any

from .. import runtime
from ..errors import Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import Const, Function, Op, Operand, Value
from .build import Builder, type_of_operand
from .views import Step, back, keeps_order

_WHOLE = (Ellipsis, slice(None), ())  # indices of a whole array


class Storage:
    """An object in memory: an array, a list."""

    __slots__ = ("in_order", "number", "outside", "repeated", "values")
    _numbers = itertools.count()

    def __init__(self) -> None:
        self.number = next(self._numbers)  # in the order in which they are met
        self.outside = False  # it belongs to the world around the function
        self.values: list[Value] = []  # what names it, or a view of it
        self.repeated = False  # a container that may hold one object twice, or something that does
        self.in_order = False  # an array whose elements certainly lie in C order, without gaps


Path = tuple[Step, ...]


class Storages:
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
        self.not_writable: set[Value] = set()  # what may be an array that NumPy makes read-only
        self.position: dict[Op, int] = {}
        self.last_use: dict[Value, int] = {}
        self.users: dict[Value, list[Op]] = {}
        self.forgotten: set[Value] = set()  # objects of ``maker`` rules of which nothing is left
        self.home: dict[Value, Builder] = {}  # where a view was made
        self.builder = Builder()
        self.now = 0  # the position of the op at hand

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
        alike: set[Storage] = set()  # all of whom have just these aliases, so that one of them tells nothing new
        for other in shares or ():
            if other not in alike:
                self.may_alias(storage, other)
                found = self.aliases[storage]
                alike = found if all(self.aliases[x] is found for x in found) else set()
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
            new = self.holds.get(queue.pop(), set()) - found
            found |= new
            queue += new
        return found

    def repeats(self, operand: Operand) -> bool:
        """Whether a value may hold one object twice, itself or in what it holds."""
        found = self.storages([operand])
        return any(s.repeated for s in found | self.held(found))

    def holders(self, storages: set[Storage]) -> set[Storage]:
        """What holds one of the storages."""
        return {h for h in self.holds if self.held([h]) & storages}

    def storages(self, operands: Any) -> set[Storage]:
        """What operands may be: the storage of each, and of an element of a list whatever that holds."""
        found: set[Storage] = set()
        for x in operands:
            if isinstance(x, Value) and x in self.where:
                storage, path = self.where[x]
                found.add(storage)
                if path and _is_container(storage):
                    found |= self.held([storage])
        return found

    def overlapping(self, some: set[Storage], others: set[Storage]) -> bool:
        """Whether two groups of storages may have memory in common (a group with itself: two of its members)."""
        return (some is not others and bool(some & others)) or any(
            (self.aliases.get(s, set()) & others) - {s} for s in some
        )

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
        if target in self.not_writable and target.type.kind in ("array", "numeric", "unknown"):
            name = target.hint or "an array"
            raise self.refuse(f"writing into {name}, which may be read-only or repeat its elements, is not supported")
        storage, path = self.where[target]
        reached = {storage, *(self.held([storage]) if path and target.type.kind != "object" else ())}
        if any(s.outside for r in reached for s in self.aliases[r]):
            raise self.refuse("writing into an object outside the function is not supported: pass it as an argument")
        if storage.repeated and path and path[0][0] in (operator.getitem, getattr):
            raise self.refuse("this writes an element of a list that may hold one object twice: copy it first")
        self.check(storage, target)
        bases = [self.version[storage]]
        for prim, args, params in path:
            bases.append(self.builder.op(prim, bases[-1], *map(self.read, args), **dict(params)))
        new = update(bases[-1])
        for (prim, args, params), base in zip(reversed(path), reversed(bases[:-1]), strict=True):
            if type_of_operand(base).kind in ("dict", "object"):
                new = self.with_entry(base, args[0], new)
            elif prim is operator.getitem:
                new = self.merge_store(base, args[0], new)
            else:
                new = self.put_back(base, (prim, args, params), new)
        if isinstance(new, Value) and isinstance(bases[0], Value):
            new.hint = bases[0].hint
        self.version[storage] = new
        self.written.update(*(self.aliases[r] for r in reached))

    def merge_store(self, base: Operand, index: Operand, new: Operand) -> Operand:
        """``base`` with ``base[index] = new``; a store of one element, or of the whole, of a row is one store."""
        made = self.builder.defs.get(new) if isinstance(new, Value) else None
        array = type_of_operand(base).kind == "array"
        if array and made is not None and made.prim is runtime.setitem and self.builder.block.ops[-1] is made:
            first, second = self.joined(index), self.joined(made.args[1])
            if type_of_operand(made.args[1]).kind != "array" and self.builder.expand(made.args[1]) in _WHOLE:
                first, second = [index], []
            viewed = self.builder.defs.get(made.args[0]) if isinstance(made.args[0], Value) else None
            of_base = viewed is not None and viewed.prim is operator.getitem and viewed.args[0] is base
            if first and second is not None and of_base:
                self.builder.block.ops.remove(made)
                both = self.builder.op(prims.make_tuple, *first, *second) if second else index
                return self.builder.op(runtime.setitem, base, both, made.args[2])
        return self.builder.op(runtime.setitem, base, index, new)

    def with_entry(self, base: Operand, key: Operand, new: Operand) -> Operand:
        """A dict or object like ``base``, with another entry or attribute ``key``: made of all that it holds."""
        t = type_of_operand(base)
        assert isinstance(key, Const) and t.keys is not None
        read = getattr if t.kind == "object" else operator.getitem
        entries: dict[Any, Operand] = {
            k: new if k == key.value else self.builder.op(read, base, Const(k), type=e)
            for k, e in zip(t.keys, t.elems, strict=True)
        }
        if t.kind == "object":
            return self.builder.object(t, entries)
        return self.builder.op(prims.make_dict, *[x for k, v in entries.items() for x in (Const(k), v)], type=t)

    def joined(self, index: Operand) -> list[Operand] | None:
        """The parts of an index of integers (rows), or of anything after them."""
        parts = self.builder.elements(index)
        parts = parts if parts is not None else [index]
        return parts if all(type_of_operand(p).kind == "int" for p in parts) else None

    def put_back(self, base: Operand, step: Step, new: Operand) -> Operand:
        made = back(self.builder, base, step, new)
        if made is None:
            name = getattr(step[0], "__name__", step[0])
            raise self.refuse(f"writing through {name} is not supported: write the array itself")
        return made

    def lies_in_order(self, x: Operand) -> bool:
        """Whether the elements of an array certainly lie in C order, without gaps."""
        if not isinstance(x, Value) or x not in self.where:
            return False
        storage, path = self.where[x]
        return storage.in_order and all(keeps_order(self.builder, step) for step in path)

    def check(self, storage: Storage, target: Value) -> None:
        """Refuse a write that might change a value which is read later and lives elsewhere as far as is known."""
        now = self.now
        base, path = self.where[target]
        same = set(self.aliases[storage])
        if path and _is_container(base):  # an element of a list is written
            inside = self.held([storage])
            same |= inside | {a for s in inside for a in self.aliases.get(s, ())}
        for other in sorted((same | self.holders(same)) - {storage}, key=lambda s: s.number):
            for value in other.values:
                lives_here = value in self.where and self.where[value][0] is other  # it may have been forgotten
                if lives_here and self.last_use.get(value, -1) > now and value is not target:
                    a, b = target.hint or "this array", value.hint or "another value"
                    raise self.refuse(
                        f"this writes {a}, which may share memory with {b}, and {b} is read later: "
                        f"copy one of them first"
                    )

    def refuse(self, message: str) -> UnsupportedError:
        return UnsupportedError(message, self.builder.span)

    def detach(self, target: Operand, at_end: bool = False, key: Any = None) -> None:
        """A list gets other elements: what was one of them, and is read later, is an object of its own from now on.

        ``at_end``: nothing else changes.  ``key``: nothing but this entry of a dict, or attribute of an object, does.
        """
        if not isinstance(target, Value) or target.type.kind == "array" or target not in self.where:
            return
        storage, path = self.where[target]
        for value in [v for v in storage.values if v in self.where]:
            here, way = self.where[value]
            later = self.last_use.get(value, -1) > self.now
            if (
                here is not storage
                or not later
                or len(way) <= len(path)
                or (at_end and _counts_from_start(way[len(path)]))
                or (key is not None and way[len(path)][1][0].value != key)  # type: ignore[union-attr]
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
            inside = self.held(elements)
            again = self.overlapping({storage, *self.held([storage])}, {*elements, *inside})
            storage.repeated |= again or any(s.repeated for s in {*elements, *inside})
            self.holds[storage] = self.holds[storage] | elements

    def snapshot(self) -> tuple:
        return dict(self.version), dict(self.aliases), dict(self.views), self.builder, dict(self.holds)

    def restore(self, state: tuple) -> None:
        version, aliases, views, self.builder, holds = state
        self.version, self.aliases, self.views, self.holds = dict(version), dict(aliases), dict(views), dict(holds)

    def forget(self, values: list[Value]) -> None:
        """Where values of a loop live is found out again, now that more is known of what the loop carries."""
        for value in values:
            self.where.pop(value, None)

    def lifted(self, storages: Any, outside: Any) -> set[Storage]:
        """Storages as far as they exist outside of the loop that is being left."""
        return {o for s in storages for o in ((s,) if s in outside else self.aliases.get(s, set()) & outside.keys())}


def _is_container(storage: Storage) -> bool:
    return any(v.type.kind != "array" for v in storage.values[:1])


def _counts_from_start(step: Any) -> bool:
    index = step[1][0] if step[1] else None
    return isinstance(index, Const) and isinstance(index.value, int) and index.value >= 0
