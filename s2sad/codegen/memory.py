"""What the emitter must know of memory: which objects can change, which calls have effects, which values may share.

`Overlap` answers one question: after a write to the object ``x`` itself (to an array's elements, to a list's slots),
could a reader of ``y`` see it?  Two relations are kept between values that exist at the same time.

- ``y`` *reaches* ``x``: ``y`` is ``x``, or a view of it, or holds it.
- ``y`` *meets* ``x``: something that can change is reachable from both.

`OUTSIDE` stands for the caller and for all that is not made in the function: it reaches the parameters, captured
objects, what was handed to functions that may keep it, and what is read-only.
"""

from __future__ import annotations

import builtins
import copy
import dataclasses
import math
import operator
import types
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..ir.types import Type, type_of
from ..rules.table import rule_for
from .syntax import BINARY, COMPARE, INPLACE, UNARY

OUTSIDE = Value("outside")

UPDATES = {
    runtime.setitem,
    runtime.index_add,
    runtime.clear_item,
    runtime.accumulate,
    runtime.list_append,
    runtime.list_pop,
}
UPDATES |= set(INPLACE)

_RULES = runtime.__name__.replace("runtime", "rules.")
_FIXED_KINDS = ("none", "str", "slice", "range", "ellipsis", "module", "class", "shape_tuple", "bottom")
_FIXED_OBJECTS = (
    type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type, range, types.ModuleType,
    types.FunctionType, types.BuiltinFunctionType, np.ufunc, np.generic, np.dtype,
)  # fmt: skip


# ---------------------------------------------------------------- kinds of values and of calls


def fixed(x: Operand) -> bool:
    """Whether an object can't change and holds nothing that can."""
    if isinstance(x, Value):
        return fixed_type(x.type)
    if isinstance(x.value, (tuple, frozenset)):
        return all(fixed(Const(e)) for e in x.value)
    if isinstance(x.value, slice):
        return True
    return isinstance(x.value, _FIXED_OBJECTS)


def fixed_type(t: Type) -> bool:
    """`fixed`, of all objects of a type."""
    if t.kind == "tuple":
        return bool(t.elems) and all(map(fixed_type, t.elems))
    return t.is_number or t.kind in _FIXED_KINDS


def operand_type(x: Operand) -> Type:
    return x.type if isinstance(x, Value) else type_of(x.value)


def is_array(x: Operand) -> bool:
    """Whether it is known to be an array that holds no Python objects."""
    t = operand_type(x)
    return t.kind == "array" and (t.dtype is None or t.dtype.kind != "O")


def is_update(op: Op) -> bool:
    """Whether the op gives a new version of its first operand, and could write into the old one instead."""
    if isinstance(op.prim, str) or not among(op.prim, UPDATES) or fixed(op.args[0]):
        return False
    listed = operand_type(op.args[0]).kind == "list"
    if op.prim is runtime.accumulate:
        return is_array(op.args[0]) and operand_type(op.args[1]).is_numeric
    if op.prim is runtime.index_add:
        return listed or (is_array(op.args[0]) and operand_type(op.args[2]).is_numeric)
    return listed or is_array(op.args[0]) or op.prim is not runtime.clear_item


def new_version(op: Op) -> Value:
    """The result of an update that takes the place of the old object."""
    return op.outs[-1]


def all_ops(block: Block) -> Iterator[Op]:
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from all_ops(inner)


def among(prim: Any, collection: Any) -> bool:
    """``prim in collection``; callable objects need not be hashable."""
    try:
        return prim in collection
    except TypeError:
        return False


_EFFECT_BUILTINS = {
    print, input, open, exec, eval, setattr, delattr, next, compile, vars, globals, locals, __import__, breakpoint,
}  # fmt: skip
_NUMPY_EFFECTS = {
    "copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal", "save", "savez", "savetxt", "seterr",
    "set_printoptions", "load", "loadtxt", "fromfile", "genfromtxt",
}  # fmt: skip
_METHOD_EFFECTS = {
    "append", "extend", "insert", "pop", "sort", "reverse", "clear", "remove", "update", "setdefault", "popitem", "add",
    "discard", "fill", "put", "partition", "resize", "itemset", "setfield", "setflags", "tofile", "dump", "byteswap",
}  # fmt: skip


def has_effect(op: Op) -> bool:
    """Whether the op must happen once and in order, or changes something: whatever is not known to be pure."""
    prim = op.prim
    if prim == "call":
        return op.attrs["summary"].effect
    if isinstance(prim, str):
        return prim in ("raise", "with") or any(map(has_effect, (o for b in op.blocks for o in all_ops(b))))
    rule = rule_for(prim)
    if rule is not None:
        return rule.effect
    return not _known_pure(prim)


def _known_pure(prim: Any) -> bool:
    if among(prim, BINARY) or among(prim, COMPARE) or among(prim, UNARY) or among(prim, INPLACE):
        return True
    if isinstance(prim, (types.MethodDescriptorType, types.WrapperDescriptorType, types.GetSetDescriptorType)):
        return prim.__name__ not in _METHOD_EFFECTS
    if isinstance(prim, type) and issubclass(prim, (BaseException, np.generic, np.ndarray, np.dtype)):
        return True
    module, name = getattr(prim, "__module__", None) or "", getattr(prim, "__name__", "")
    if isinstance(prim, np.ufunc):
        return True
    if module == "builtins" and vars(builtins).get(name) is prim:
        return not among(prim, _EFFECT_BUILTINS)
    if module.split(".")[0] == "numpy":
        return "random" not in module and name not in _NUMPY_EFFECTS
    if module in ("_operator", "operator"):
        return name not in ("setitem", "delitem", "call")
    if module == runtime.__name__:
        return not name.startswith("dynamic_")  # these run the user's code
    return module in ("math", "cmath", "copy", prims.__name__) or module.startswith(_RULES)


def may_keep(op: Op) -> bool:
    """Whether the called function may hold on to its arguments."""
    if op.prim == "call":
        return op.attrs["summary"].keeps
    if isinstance(op.prim, str) or op.prim is print or rule_for(op.prim) is not None:
        return False
    return has_effect(op)


@dataclasses.dataclass
class Summary:
    """What a caller must know of a function.

    effect: it has effects.  keeps: it may hold on to its arguments.
    shares: for each result, the positions of the parameters that it may share memory with, or None for
    anything.  results: the pairs of results that may share memory.
    """

    effect: bool = True
    keeps: bool = True
    shares: tuple[set[int] | None, ...] | None = None
    results: set[tuple[int, int]] = dataclasses.field(default_factory=set)


def summarise(function: Function) -> Summary:
    """The summary of a function whose own calls carry theirs (``attrs["summary"]``)."""
    overlap = Overlap(function, live_after(function), outside=False)
    shares: list[set[int] | None] = []
    values = [r for r in function.results if isinstance(r, Value)]
    for r in function.results:
        if fixed(r):
            shares.append(set())
        elif isinstance(r, Const) or overlap.reads(r, OUTSIDE):
            shares.append(None)
        else:
            shares.append({k for k, p in enumerate(function.params) if not fixed(p) and overlap.reads(r, p)})
    pairs = {
        (j, k)
        for j, r in enumerate(function.results)
        for k, s in enumerate(function.results)
        if j != k and r in values and s in values and not fixed(r) and overlap.reads(r, s)
    }
    ops = list(all_ops(function.body))
    return Summary(any(map(has_effect, ops)), any(map(may_keep, ops)), tuple(shares), pairs)


# ---------------------------------------------------------------- sharing

SAME, PART, HOLDS = "same", "part", "holds"
_FRESH = {
    runtime.zeros_like, len, np.zeros_like, np.ones_like, np.empty_like, np.copy, np.array, np.ndarray.copy,
    np.ndarray.astype, np.shape, math.prod,
}  # fmt: skip
_READ_ONLY = {np.broadcast_to, np.broadcast_arrays, runtime.unbroadcast, np.diagonal, np.ndarray.diagonal}
_CONTAINERS = {
    prims.make_tuple,
    prims.make_list,
    prims.make_dict,
    prims.make_set,
    runtime.rebuild,
    prims.copy,
    copy.copy,
}


def sharing(op: Op) -> list[tuple[Value, str, Operand]]:
    """How the results of an op without blocks may share memory with its operands, and with OUTSIDE."""
    found: list[tuple[Value, str, Operand]] = []
    prim, args = op.prim, op.args
    if is_update(op):
        found.append((new_version(op), SAME, args[0]))
        if prim is runtime.list_pop:
            found.append((op.outs[0], PART, args[0]))
        elif not is_array(args[0]):
            found += [(op.out, HOLDS, a) for a in args[1:]]
        return found
    if all(fixed(out) for out in op.outs) or among(prim, _FRESH):
        return found
    everything = list(op.operands())
    if among(prim, _CONTAINERS):
        if among(prim, (prims.copy, copy.copy)) and is_array(args[0]):
            return found
        return [(op.out, HOLDS, a) for a in everything]
    if among(prim, _READ_ONLY):
        return [(op.out, PART, args[0]), (op.out, PART, OUTSIDE)]
    if prim is runtime.match:
        return [(op.out, PART, args[0])]
    if prim is operator.getitem and is_array(args[0]) and _copies(args[1]):
        return found
    rule = None if isinstance(prim, str) else rule_for(prim)
    if rule is not None and rule.view:
        return [(op.out, PART, args[0])]
    if (rule is not None and prim is not operator.getitem) or among(prim, BINARY) or among(prim, UNARY):
        numeric = is_array(op.outs[0]) or all(operand_type(a).is_numeric for a in args)
        known = numeric or getattr(prim, "__module__", None) not in ("_operator", "operator", "builtins")
        return [] if known else [(op.out, HOLDS, a) for a in everything]
    found = [(out, PART, a) for out in op.outs for a in everything]
    if has_effect(op) or any(isinstance(a, Const) and not fixed(a) for a in everything):
        found += [(out, PART, OUTSIDE) for out in op.outs]
    return found


def _copies(index: Operand) -> bool:
    """Whether indexing an array so gives a copy: an array or a list is among the indices."""
    t = operand_type(index)
    return t.kind in ("array", "list") or (t.kind == "tuple" and any(e.kind in ("array", "list") for e in t.elems))


class Overlap:
    """See the module.  It holds for the program in which every update happens in place, and so for any other."""

    def __init__(self, function: Function, live_after: dict[Op, set[Value]], outside: bool = True):
        self.reaches: dict[Value, set[Value]] = defaultdict(set)
        self.reached_by: dict[Value, set[Value]] = defaultdict(set)
        self.meets: dict[Value, set[Value]] = defaultdict(set)
        self._live_after = live_after
        self._outer: dict[Block, set[Value]] = {}
        self._changed = False
        for p in function.params if outside else ():
            self._relate(p, PART, OUTSIDE)
        self._scope(function.body, {OUTSIDE})
        while True:
            self._changed = False
            self._walk(function.body)
            if not self._changed:
                return

    def sees(self, y: Value, x: Value) -> bool:
        """Whether a reader of ``y`` may notice a write to ``x`` itself."""
        return y is x or y in self.reached_by[x]

    def reads(self, y: Value, x: Value) -> bool:
        """Whether ``y`` may have anything in common with ``x``."""
        return y is x or x in self.meets[y]

    # Building the relations

    def _scope(self, block: Block, outer: set[Value]) -> None:
        """Remember which values stand outside each block."""
        self._outer[block] = outer
        inside = outer | set(block.params)
        for op in block.ops:
            for inner in op.blocks:
                self._scope(inner, set(inside))
            inside.update(op.outs)

    def _add(self, y: Value, x: Value) -> None:
        """``y`` reaches ``x``."""
        if y is not x and x not in self.reaches[y]:
            self.reaches[y].add(x)
            self.reached_by[x].add(y)
            self._changed = True
        self._meet(x, y)

    def _meet(self, x: Value, y: Value) -> None:
        if x is not y and y not in self.meets[x]:
            self.meets[x].add(y)
            self.meets[y].add(x)
            self._changed = True

    def _relate(self, out: Value, how: str, source: Operand) -> None:
        if isinstance(source, Const):
            if fixed(source):
                return
            source = OUTSIDE
        if fixed(out) or fixed(source):
            return
        if how == SAME:
            for y in [source, *self.reached_by[source]]:
                self._add(y, out)
        elif how == PART:
            for y in [source, *self.meets[source]]:
                self._add(y, out)
        for x in [source, *self.reaches[source]]:
            self._add(out, x)
        for x in [source, *self.meets[source]]:
            self._meet(out, x)

    def _walk(self, block: Block) -> None:
        for op in block.ops:
            if op.prim == "for":
                self._for(op)
            elif op.prim == "while":
                self._while(op)
            elif op.prim in ("if", "with"):
                for inner in op.blocks:
                    self._walk(inner)
                    self._flow(op.outs, inner.results, self._outer[inner])
            elif op.prim == "call":
                self._call(op)
            else:
                for relation in sharing(op):
                    self._relate(*relation)
            if not op.blocks and may_keep(op):
                self._escape(op)

    def _call(self, op: Op) -> None:
        summary = op.attrs["summary"]
        for k, out in enumerate(op.outs):
            shared = summary.shares[k] if summary.shares else None
            for j, a in enumerate(op.args):
                if shared is None or j in shared:
                    self._relate(out, PART, a)
            if shared is None:
                self._relate(out, PART, OUTSIDE)
            for j, other in enumerate(op.outs):
                together = summary.shares is None or (j, k) in summary.results
                if other is not out and together and not fixed(out) and not fixed(other):
                    self._add(out, other)

    def _escape(self, op: Op) -> None:
        live = self._live_after.get(op, set())
        for a in op.operands():
            if isinstance(a, Value) and not fixed(a):
                for x in [a, *(self.reaches[a] & live)]:
                    self._add(OUTSIDE, x)
                self._meet(OUTSIDE, a)

    def _for(self, op: Op) -> None:
        (body,) = op.blocks
        operands, leaves = op.attrs["iter"].operands(), op.attrs["iter"].leaves()
        outer = self._outer[body]
        for element in body.params[:leaves]:
            for a in op.args[:operands]:
                self._relate(element, PART, a)
        carried = body.params[leaves:]
        self._flow(carried, op.args[operands:], outer)
        self._walk(body)
        results = body.results[len(body.results) - len(carried) :]
        outs = op.outs[len(op.outs) - len(carried) :]
        self._flow(carried, results, outer)
        self._flow(outs, op.args[operands:], outer)
        self._flow(outs, results, outer)

    def _while(self, op: Op) -> None:
        condition, body = op.blocks
        results = body.results[len(body.results) - len(body.params) :]
        outs = op.outs[len(op.outs) - len(body.params) :]
        for targets in (condition.params, body.params, outs):
            self._flow(targets, op.args, self._outer[body])
        self._walk(condition)
        self._walk(body)
        for targets in (condition.params, body.params, outs):
            self._flow(targets, results, self._outer[body])

    def _flow(self, targets: list[Value], sources: list[Operand], outer: set[Value]) -> None:
        """Targets take over from sources all at once: relations among them, and with what stands outside the block."""
        pairs = []
        for target, source in zip(targets, sources, strict=True):
            if isinstance(source, Const):
                if fixed(source):
                    continue
                source = OUTSIDE
            if not fixed(target) and not fixed(source):
                pairs.append((target, source))
        for target, source in pairs:
            for x in [source, *self.reaches[source]]:
                if x in outer:
                    self._add(target, x)
            for y in [source, *self.reached_by[source]]:
                if y in outer:
                    self._add(y, target)
            for x in [source, *self.meets[source]]:
                if x in outer:
                    self._meet(target, x)
            for other, other_source in pairs:
                if other is not target:
                    if source is other_source or other_source in self.reaches[source]:
                        self._add(target, other)
                    if source is other_source or other_source in self.meets[source]:
                        self._meet(target, other)


# ---------------------------------------------------------------- liveness


def live_after(function: Function) -> dict[Op, set[Value]]:
    """For each update, and each call that may keep its arguments: the values that are read later."""
    found: dict[Op, set[Value]] = {}
    _live(function.body, set(), found)
    return found


def _live(block: Block, live: set[Value], found: dict[Op, set[Value]]) -> set[Value]:
    """Walk a block backwards from what is live at its end (besides its results); returns what is live before it."""
    live = live | {r for r in block.results if isinstance(r, Value)}
    for op in reversed(block.ops):
        live -= set(op.outs)
        if is_update(op) or (not op.blocks and may_keep(op)):
            found[op] = set(live)
        if op.prim in ("for", "while"):
            around = live | set().union(*map(free_values, op.blocks))
            if op.prim == "for":  # Python reads what it walks over during the loop
                around |= {a for a in op.args[: op.attrs["iter"].operands()] if isinstance(a, Value)}
            for inner in op.blocks:
                leaving = set(inner.params) if op.prim == "while" and inner is op.blocks[0] else set()
                _live(inner, around | leaving, found)
            live |= around
        elif op.blocks:
            live = set().union(*(_live(inner, live, found) for inner in op.blocks))
        live |= {a for a in op.operands() if isinstance(a, Value)}
    return live - set(block.params)


def free_values(block: Block) -> set[Value]:
    """The values that a block reads and that are computed outside."""
    used: set[Value] = set()
    made = set(block.params)
    for op in block.ops:
        made |= set(op.outs)
        used |= {a for a in op.operands() if isinstance(a, Value)}
        for inner in op.blocks:
            used |= free_values(inner)
    used |= {r for r in block.results if isinstance(r, Value)}
    return used - made
