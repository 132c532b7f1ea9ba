"""Turn writes into versions: typed IR with stores in, functional IR out.

    row = A[i]; row[0] = 5; use(A)      getitem(%A, %i); setitem(%row, 0, 5)
 -> A_1 = setitem(A, (i, 0), 5)         and every later use of A or of a view of it reads A_1

A value is resolved to a *storage* (an object in memory) and a *path* of views into it.  A store makes a new version of
the storage.  Storages may *alias* (be the same memory, as far as is known) and *hold* others (a list its elements).
Reading what may have been changed by a write to another storage is refused: what is not known is never assumed.
Arguments are written as versions too, so the caller's objects stay as they are.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import runtime
from ..errors import Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import Type, element
from . import effects
from .apart import take_apart
from .attempts import mark
from .build import Builder, type_of_operand
from .rows import by_index
from .storages import Storage, Storages
from .versions import branches, loop
from .views import is_copy, is_same, is_view, made_in_order, same_step


def functional(function: Function) -> Function:
    """The function with its stores as versions.

    ``attrs["written"]`` of the result names the parameters that the function writes.

    Raises:
        UnsupportedError: where it is not known which memory a store changes and it matters.
    """
    if all(map(_leaves_all, effects.all_ops(function.body))):
        function.attrs["written"] = []
        take_apart(function)
        return function
    reasons = Reasons()
    try:
        result = Memory({}, reasons).function(function)
    except Exception:
        reasons.raise_all()  # which left things undone that were missed later
        raise
    reasons.raise_all()
    take_apart(result)
    mark(result)
    return result


def _leaves_all(op: Op) -> bool:
    """Whether an op changes nothing, and gets nothing that could."""
    if op.prim in ("call", "try") or op.attrs.get("opaque") or _is_store(op):
        return False
    return not _functions(op) and effects.writing_option(op) is None


def _is_store(op: Op) -> bool:
    """Whether an op writes into an object."""
    return effects.written(op) is not None and type_of_operand(op.args[0]).mutable


def forgotten(function: Function, users: dict[Value, list[Op]]) -> set[Value]:
    """The objects that are made of functions, with their methods, all of whose uses are said by what they were made of.

    See `passes.made`; here they would hold functions whose variables are versions.
    """

    def is_left(op: Op) -> bool:
        return op.prim is not getattr or bool(users.get(op.out)) or op.out in returned

    returned = {r for r in function.results if isinstance(r, Value)}
    found: set[Value] = set()
    for op in effects.all_ops(function.body):
        if "maker" not in op.attrs or op.attrs.get("raises") or not _functions(op):
            continue
        uses = users.get(op.out, [])
        if op.out not in returned and not any(map(is_left, uses)):
            found |= {op.out, *(use.out for use in uses)}
    return found


def _functions(op: Op) -> list[Type]:
    """The types of the functions that an op gets."""
    return [a.type for a in op.operands() if isinstance(a, Value) and a.type.kind == "function"]


class Memory(Storages):
    """Walks one function, and appends what its ops become."""

    def function(self, function: Function) -> Function:
        known = self.done.get(id(function))
        if known is not None:
            return known
        result = Function(function.name, Block(list(function.params)), function.signature, function.captured,
                          function.origin, function.span)  # fmt: skip
        result.attrs.update(function.attrs)
        result.attrs["typed"] = function  # keeps the key of ``done`` alive
        self.done[id(function)] = result
        by_index(function.body, function.attrs.get("defs", {}))
        inner = Memory(self.done, self.reasons)
        inner.not_writable = effects.not_writable(function)
        for op in effects.all_ops(function.body):
            for x in [*op.operands(), *(r for b in op.blocks for r in b.results)]:
                if isinstance(x, Value):
                    inner.users.setdefault(x, []).append(op)
        _positions(function.body, inner.position, inner.last_use, inner.users)
        inner.forgotten = forgotten(function, inner.users)
        inner.builder = Builder(result.body)
        for p in function.params:
            inner.fresh(p, p)
            if p in inner.where and p.type.kind != "array":
                inner.contents(inner.where[p][0], p)
        inner.ops(function.body)
        result.body.results = [inner.read(r) for r in function.results]
        result.attrs["defs"] = inner.builder.defs
        result.attrs["repeats"] = any(map(inner.repeats, function.results))
        result.attrs["written"] = [
            i for i, p in enumerate(function.params) if p in inner.where and inner.where[p][0] in inner.written
        ]
        return result

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
        if op.prim in ("if", "with", "try"):
            branches(self, op)
        elif op.prim in ("for", "while"):
            loop(self, op)
        elif op.prim == "call":
            copied = self.copy(op)
            copied.attrs["function"] = self.function(op.attrs["function"])
            self.builder.append(copied)
            shared: set[Storage] = set()
            if "known" in op.attrs or op.attrs["function"].attrs.get("aliases"):  # others are inlined
                shared = self.storages([a for a in op.args if type_of_operand(a).mutable])
                shared = shared | self.held(shared)
            repeats = copied.attrs["function"].attrs.get("repeats", True)  # not known yet where it calls itself
            for out in op.outs:
                container = out.type.kind != "array"
                self.fresh(out, out, shared, holds=shared if container else ())
                if out in self.where and container:
                    self.where[out][0].repeated = repeats
        elif isinstance(op.prim, str):
            self.builder.append(self.copy(op))
        elif _is_store(op):
            self.store(op)
        else:
            self.plain(op)

    def copy(self, op: Op) -> Op:
        args, params = [self.read(a) for a in op.args], {k: self.read(v) for k, v in op.params.items()}
        return Op(op.prim, args, params, list(op.outs), span=op.span, attrs=dict(op.attrs))

    def plain(self, op: Op) -> None:
        if any(out in self.forgotten for out in op.outs):
            return
        option = effects.writing_option(op)
        if option is not None:
            raise self.refuse(f"{option}= is not supported: assign the result to a slice instead")
        if op.attrs.get("opaque"):
            self.opaque(op)
        self.callbacks(op)
        if op.outs and op.args and op.args[0] in self.where and is_same(op, self.lies_in_order(op.args[0])):
            self.where[op.outs[0]] = base, _ = self.where[op.args[0]]  # type: ignore[index]
            base.values.append(op.outs[0])
            return
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
        if out in self.where and made_in_order(op, self.lies_in_order):
            self.where[out][0].in_order = True
        if out in self.where and op.prim is getattr and isinstance(op.args[0], Const):
            self.where[out][0].outside = True
        if op.prim is operator.mul and out.type.kind == "list" and out in self.where and self.holds_objects(op.args):
            self.where[out][0].repeated = True

    def place(self, op: Op, out: Value) -> None:
        """Where the result of an op lives that is not certainly a view."""
        from_args = set() if is_copy(op) or _reads_keys(op) else self.storages(effects.sources(op))
        if hashable(op.prim) and op.prim in effects.CONTAINERS:
            self.fresh(out, out, holds=from_args)
            each = [s for a in op.operands() for s in {*self.storages([a]), *self.held(self.storages([a]))}]
            found = set(each)
            if out in self.where:
                again = len(found) < len(each) or self.overlapping(found, found)
                self.where[out][0].repeated = again or any(s.repeated for s in found)
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
        else:
            inside = any(type_of_operand(a).kind not in ("array", "numeric") for a in effects.sources(op))
            holds = () if out.type.kind in ("array", "numeric") else from_args
            self.fresh(out, out, from_args | self.held(from_args) if inside else from_args, holds=holds)

    def holds_objects(self, operands: list[Operand]) -> bool:
        """Whether one of them is a list that may hold something that can be written, and not numbers alone."""
        lists = [x for x in operands if isinstance(x, Value) and x.type.kind == "list"]
        made = [self.builder.defs.get(x) for x in lists]
        first = [op.args if op is not None and op.prim is prims.make_list else None for op in made]
        objects = any(args is None or any(type_of_operand(a).mutable for a in args) for args in first)
        return objects or not lists or bool(self.held(self.storages(lists)))

    def sure_view(self, op: Op) -> bool:
        """Whether the result certainly is a view of the first argument, or an element of it."""
        base = op.args[0] if op.args else None
        if not isinstance(base, Value) or base not in self.where:
            return False
        if op.prim is operator.getitem:
            index = type_of_operand(op.args[1])
            if base.type.kind == "dict" and base.type.keys is not None:
                return _is_among(op.args[1], base.type.keys) and not self.where[base][0].repeated
            if base.type.kind == "list":
                return index.kind == "int" and not self.where[base][0].repeated
        if op.prim is getattr and base.type.kind == "object" and base.type.value:
            return _is_among(op.args[1], base.type.keys or ()) and not self.where[base][0].repeated
        return is_view(op, self.lies_in_order(base))

    def opaque(self, op: Op) -> None:
        """A call of which nothing is known must not get objects that it could change."""
        if effects.reads_only(op.prim) and not effects.may_call_writer(op):
            return
        for a in op.operands():
            if isinstance(a, Value) and (a.type.mutable or a.type.kind == "function"):
                reason = op.attrs.get("reason")
                if reason is not None:
                    raise reason
                name = getattr(op.prim, "__name__", op.prim)
                raise self.refuse(f"{name}() is not known: it might change its arguments")

    def callbacks(self, op: Op) -> None:
        """A function that carries arrays or lists along could change them wherever it is called."""
        if op.prim in (*effects.CONTAINERS, operator.getitem, operator.is_, operator.is_not):
            return
        given = _functions(op)
        if given and "maker" in op.attrs:
            raise self.refuse("an object that is made of a function defined here is used in a way that has no rule")
        if any(t.mutable for t in given):
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
            if self.unchanged(target, operator.getitem, index, op.args[2]):
                return
            if type_of_operand(target).kind == "dict":
                self.store_entry(target, index, value, op.args[2])
                return
            self.check_order(target, op.args[1], op.args[2])
            self.detach(target)
            self.write(target, lambda old: build.op(runtime.setitem, old, index, value))
            self.put(target, self.storages([op.args[2]]))
        elif prim is setattr:
            name, value = rest
            if not self.unchanged(target, getattr, name, op.args[2]):
                self.store_entry(target, name, value, op.args[2])
        elif prim is prims.add_at:
            index, value = rest
            self.write(target, lambda old: build.op(runtime.index_add, old, index, value))
        elif prim in (np.ndarray.fill, np.copyto) and not op.params and len(rest) == 1:
            self.write(target, lambda old: build.op(runtime.setitem, old, Const(Ellipsis), rest[0]))
        elif prim is np.ndarray.sort and not op.params and not rest:
            self.write(target, lambda old: build.op(runtime.setitem, old, Const(Ellipsis), build.op(np.sort, old)))
        elif prim is np.fill_diagonal and self.is_plain_diagonal(op):
            k = build.op(np.arange, build.op(min, build.op(np.shape, self.read(target))))
            diagonal = build.op(prims.make_tuple, k, k)
            self.write(target, lambda old: build.op(runtime.setitem, old, diagonal, rest[0]))
        elif prim is list.append:
            self.detach(target, at_end=True)
            self.write(target, lambda old: build.op(runtime.list_append, old, rest[0]))
            self.put(target, self.storages([op.args[1]]))
        elif prim is list.extend and type_of_operand(op.args[1]).kind == "list":
            self.detach(target, at_end=True)
            self.write(target, lambda old: build.op(operator.add, old, rest[0], type=type_of_operand(old)))
            self.put(target, self.held(self.storages([op.args[1]])))
        elif prim is list.insert and type_of_operand(op.args[1]).kind == "int":
            self.detach(target)
            self.write(target, lambda old: self.inserted(old, *rest))
            self.put(target, self.storages([op.args[2]]))
        elif prim is list.pop and not rest:
            self.pop(op, target)
        else:
            raise self.refuse(f"{getattr(prim, '__name__', prim)} writes its argument in a way that is not supported")

    def store_entry(self, target: Operand, key: Operand, value: Operand, origin: Operand) -> None:
        """An entry of a dict, or an attribute of an object, becomes ``value``, the current version of ``origin``."""
        assert isinstance(key, Const)
        self.detach(target, key=key.value)
        self.write(target, lambda old: self.with_entry(old, key, value))
        self.put(target, self.storages([origin]))

    def inserted(self, items: Operand, place: Operand, value: Operand) -> Operand:
        """A list with one more element before ``place``, as a new list."""
        build, t = self.builder, type_of_operand(items)
        one = build.op(prims.make_list, value, type=Type("list", elems=t.elems, length=1))
        if isinstance(place, Const) and place.value == 0:
            return build.op(operator.add, one, items, type=t)
        first, last = (
            build.op(operator.getitem, items, build.op(slice, *bounds, Const(None)), type=t)
            for bounds in ((Const(None), place), (place, Const(None)))
        )
        return build.op(operator.add, build.op(operator.add, first, one, type=t), last, type=t)

    def is_plain_diagonal(self, op: Op) -> bool:
        """Whether ``np.fill_diagonal`` puts one number on the diagonal of a matrix."""
        t = type_of_operand(op.args[0])
        return len(op.args) == 2 and not op.params and t.rank == 2 and type_of_operand(op.args[1]).is_number

    def pop(self, op: Op, target: Operand) -> None:
        elem = element(type_of_operand(target))
        shorter = Value(None, Type("list", elems=() if elem.kind == "bottom" else (elem,)))

        def update(old: Operand) -> Operand:
            self.builder.append(Op(runtime.list_pop, [old], {}, [op.out, shorter]))
            return shorter

        self.detach(target)
        self.write(target, update)
        self.fresh(op.out, op.out, self.held(self.storages([target])))

    def unchanged(self, target: Operand, prim: Any, index: Operand, value: Operand) -> bool:
        """``a[i] = a[i]``, which is what is left of ``a[i] += v`` on a view."""
        if not isinstance(value, Value) or value not in self.where or target not in self.where:
            return False
        (base, path), (storage, way) = self.where[target], self.where[value]  # type: ignore[index]
        steps = (*path, (prim, (index,), ()))
        return (
            value.type.kind == "array"
            and storage is base
            and len(way) == len(steps)
            and all(map(same_step, way, steps))
        )

    def check_order(self, target: Operand, index: Operand, value: Operand) -> None:
        """Refuse ``a[mask] = a[::-1]``: NumPy copies element by element, and reads some that it has written."""
        masks = type_of_operand(index).elems or (type_of_operand(index),)
        several = type_of_operand(value).kind in ("array", "numeric") and type_of_operand(value).rank != 0
        by_mask = len(masks) == 1 and masks[0].kind == "array" and (masks[0].dtype is None or masks[0].dtype == bool)
        if by_mask and several and self.overlapping(self.storages([target]), self.storages([value])):
            raise self.refuse(
                "assigning a view of an array to what a mask selects of it is not supported: copy it before"
            )

    # ------------------------------------------------------------ control


def _is_among(key: Operand, keys: tuple) -> bool:
    return isinstance(key, Const) and hashable(key.value) and key.value in keys


def _reads_keys(op: Op) -> bool:
    """Whether an op reads nothing of a dict but which keys it has; they stay."""
    return (op.prim is list or op.prim is len) and type_of_operand(op.args[0]).kind == "dict"


def _is_left(op: Op, users: dict[Value, list[Op]]) -> bool:
    """Whether an op makes an iterator, or a bound method, that nothing asks any more: the compiler has walked it."""
    if isinstance(op.prim, str) or len(op.outs) != 1 or op.out.type.kind not in ("iterator", "function"):
        return False
    return all(_is_left(u, users) for u in users.get(op.out, ()))


def _positions(block: Block, position: dict[Op, int], last_use: dict[Value, int], users: dict[Value, list[Op]]) -> None:
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
            for x in () if _reads_keys(op) or _is_left(op, users) else op.operands():
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
