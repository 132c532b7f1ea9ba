"""Take dicts and objects apart where their entries are known: loops and branches carry what they hold.

    p = for ..., p = p0:                              x = for ..., x = x0:
        make_object(P, x=p.x + 1, m=p.m)       ->         x + 1
    p.x                                               x

In goes a functional program: nothing is written, so an entry is what the dict or object was made with.  What is read
of it whole is still made of its parts, where it is read; if nobody does, that goes as everything that nobody reads.
"""

from __future__ import annotations

import operator
from typing import Any

from .. import runtime
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import Type
from .build import type_of_operand
from .effects import all_ops

MOST = 32  # entries of what is taken apart
_READ = {"dict": operator.getitem, "object": getattr}

Leaf = tuple[tuple[Any, ...], Type]  # the keys on the way to it, and its type


def take_apart(function: Function) -> None:
    """Do so, in place, in a function and in all that it calls."""
    queue, seen = [function], {function}
    while queue:
        f = queue.pop()
        ops = list(all_ops(f.body))
        if any(op.prim in (prims.make_dict, runtime.make_object) for op in ops if hashable(op.prim)):
            _Walk(f.attrs["defs"]).block(f.body)
        for op in ops:
            if op.prim == "call" and op.attrs["function"] not in seen:
                seen.add(op.attrs["function"])
                queue.append(op.attrs["function"])


class _Walk:
    def __init__(self, defs: dict[Value, Op]):
        self.defs = defs
        self.same: dict[Value, Operand] = {}  # what is read of a known dict or object -> what it was made with
        self.parts: dict[Value, dict[Any, Operand]] = {}
        self.ops: list[Op] = []  # of the block at hand

    def read(self, x: Operand) -> Operand:
        return self.same.get(x, x) if isinstance(x, Value) else x

    def append(self, op: Op) -> None:
        self.ops.append(op)
        for out in op.outs:
            self.defs[out] = op

    def block(self, block: Block, first: list[Op] | None = None, carried: Any = None) -> None:
        """Rewrite a block that begins with other ops; ``carried``: which of its results are taken apart, and how."""
        outer, self.ops = self.ops, []
        for op in [*(first or ()), *block.ops]:
            self.op(op)
        results = list(map(self.read, block.results))
        block.results = [x for k, r in enumerate(results) for x in self.leaves(r, (carried or {}).get(k))]
        block.ops, self.ops = self.ops, outer

    def op(self, op: Op) -> None:
        op.args = list(map(self.read, op.args))
        op.params = {k: self.read(v) for k, v in op.params.items()}
        if op.prim in ("for", "while", "if", "with"):
            self.control(op)
            return
        if op.prim == "try":
            for inner in op.blocks:
                self.block(inner)
        elif op.prim is runtime.make_object:
            self.parts[op.out] = op.params
        elif op.prim is prims.make_dict and all(isinstance(k, Const) for k in op.args[::2]):
            self.parts[op.out] = dict(zip([k.value for k in op.args[::2]], op.args[1::2], strict=True))  # type: ignore[union-attr]
        elif op.outs and (known := self.known(op)) is not None:
            self.same[op.out] = known
            del self.defs[op.out]
            return
        self.append(op)

    def known(self, op: Op) -> Operand | None:
        """The entry or attribute that an op reads, where it is known."""
        if op.prim not in (operator.getitem, getattr) or not isinstance(op.args[1], Const) or len(op.args) != 2:
            return None
        base, key = op.args[0], op.args[1].value
        if not isinstance(base, Value) or base not in self.parts or op.prim is not _READ.get(base.type.kind):
            return None
        return self.parts[base].get(key) if hashable(key) else None

    # ------------------------------------------------------------ loops and branches

    def control(self, op: Op) -> None:
        loop = op.prim in ("for", "while")
        first = int(bool(op.attrs.get("stops")))  # the number of the first result that is carried
        count = len(op.outs) - first
        split = {}
        for k in range(count):
            ends = op.blocks[-1:] if loop else [b for b in op.blocks if not _ends_in_raise(b)]
            same = [op.outs[first + k], *(b.results[first + k] for b in ends)]
            if loop:
                same += [op.args[len(op.args) - count + k], *(b.params[len(b.params) - count + k] for b in op.blocks)]
            types = [type_of_operand(x) for x in same if not (loop and x is UNDEFINED)]  # its parts have no values, too
            leaves = _leaves(types[0])
            if len(leaves) <= MOST and leaves[0][0] and all(_shape(t) == _shape(types[0]) for t in types):
                split[first + k] = leaves
        for block in op.blocks:
            begins: list[Op] = []
            if loop:
                block.params, begins = self.from_leaves(block.params, len(block.params) - count - first, split)
            self.block(block, begins, split if block is op.blocks[-1] or not loop else None)
        if loop:
            start = len(op.args) - count
            inits = [x for k in range(count) for x in self.leaves(op.args[start + k], split.get(first + k))]
            op.args = [*op.args[:start], *inits]
        op.outs, again = self.from_leaves(op.outs, 0, split)
        self.append(op)
        for made in again:
            self.op(made)

    def leaves(self, x: Operand, leaves: list[Leaf] | None) -> list[Operand]:
        """What ``x`` holds at the leaves; itself where it is not taken apart."""
        if leaves is None:
            return [x]
        found = []
        for path, _ in leaves:
            part = x
            for key in path:
                part = UNDEFINED if part is UNDEFINED else self.part(part, key)
            found.append(part)
        return found

    def part(self, x: Operand, key: Any) -> Operand:
        """An entry or attribute, read if it is not known."""
        if isinstance(x, Value) and key in self.parts.get(x, {}):
            return self.parts[x][key]
        t = type_of_operand(x)
        assert t.keys is not None
        out = Value(_name(x, key), t.elems[t.keys.index(key)])
        self.append(Op(_READ[t.kind], [x, Const(key)], {}, [out]))
        return out

    def from_leaves(
        self, values: list[Value], start: int, split: dict[int, list[Leaf]]
    ) -> tuple[list[Value], list[Op]]:
        """Values with those that are taken apart replaced by their leaves, and the ops that make them again."""
        new: list[Value] = []
        ops: list[Op] = []
        for k, x in enumerate(values):
            if k - start not in split:
                new.append(x)
                continue
            found = [Value(_name(x, *path), t) for path, t in _leaves(x.type)]
            new += found
            _make(x, iter(found), ops)
        return new, ops


def _make(x: Value, leaves: Any, ops: list[Op]) -> None:
    """Append the ops that make ``x`` of what it holds."""
    parts: list[Value] = []
    for key, e in zip(x.type.keys or (), x.type.elems, strict=True):
        if _leaves(e)[0][0]:
            parts.append(Value(_name(x, key), e))
            _make(parts[-1], leaves, ops)
        else:
            parts.append(next(leaves))
    keys = x.type.keys or ()
    if x.type.kind == "object":
        cls = Const(x.type.cls, x.type.cls.__name__)
        made = Op(runtime.make_object, [cls], dict(zip(keys, parts, strict=True)), [x])
    else:
        made = Op(prims.make_dict, [y for k, v in zip(keys, parts, strict=True) for y in (Const(k), v)], {}, [x])
    made.attrs["again"] = True  # of parts without values it is nothing
    ops.append(made)


def _ends_in_raise(block: Block) -> bool:
    return bool(block.ops) and block.ops[-1].prim == "raise"


def _leaves(t: Type) -> list[Leaf]:
    """What a value of a type holds, down to what is not taken apart."""
    if not _is_known(t):
        return [((), t)]
    return [((k, *path), leaf) for k, e in zip(t.keys or (), t.elems, strict=True) for path, leaf in _leaves(e)]


def _is_known(t: Type) -> bool:
    """Whether a type is that of dicts or objects of known entries; of objects, of those that the program makes."""
    return bool(t.keys) and (t.kind == "dict" or (t.kind == "object" and bool(t.value)))


def _shape(t: Type) -> Any:
    return (t.kind, t.cls, t.keys, *map(_shape, t.elems)) if _is_known(t) else None


def _name(x: Operand, *path: Any) -> str | None:
    """``p_x`` for the attribute ``x`` of ``p``."""
    parts = [x.hint if isinstance(x, Value) else None, *path]
    name = "_".join(str(p) for p in parts if p is not None)
    return name if name.isidentifier() else None
