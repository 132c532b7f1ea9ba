"""What a typed function does to the memory of its arguments: which it writes, which its results may share."""

from __future__ import annotations

import dataclasses
import itertools
import operator
import types as python_types
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import module_of
from ..rules.signatures import positional
from ..rules.table import rule_for

LIST_WRITERS = {list.append, list.extend, list.insert, list.pop, list.sort, list.reverse, list.clear, list.remove}
ARRAY_WRITERS = {np.ndarray.fill, np.ndarray.sort, np.ndarray.put, np.ndarray.partition, np.ndarray.resize,
                 np.put, np.copyto, np.fill_diagonal, np.place, np.putmask, np.put_along_axis}  # fmt: skip
STORES = {operator.setitem, operator.delitem, setattr, prims.add_at} | LIST_WRITERS | ARRAY_WRITERS

# Methods of built-in classes and of arrays that change their object.
WRITER_NAMES = {f.__name__ for f in LIST_WRITERS | ARRAY_WRITERS} | {
    "add", "appendleft", "byteswap", "difference_update", "discard", "intersection_update", "move_to_end", "popitem",
    "popleft", "rotate", "send", "setdefault", "setfield", "setflags", "sort", "subtract",
    "symmetric_difference_update", "update", "__delitem__", "__init__", "__setattr__", "__setitem__", "__setstate__",
    *(f"__{f.__name__}__" for f in prims.AUGMENTED),
}  # fmt: skip

_OWN = __name__.partition(".")[0] + "."

# What walks over all elements of its arguments when it is called.
COMBINING = {
    itertools.product, itertools.permutations, itertools.combinations, itertools.combinations_with_replacement,
}  # fmt: skip

# Results that hold their arguments as elements.
CONTAINERS = {
    prims.make_tuple,
    prims.make_list,
    prims.make_dict,
    runtime.make_object,
    prims.make_set,
    prims.concat_sequences,
    prims.merge_dicts,
    zip,
    enumerate,
    reversed,
}
# Results that never share memory with an argument, whatever its type.
FRESH = {np.shape, len, np.ndim, np.size, isinstance, float, int, bool, str, operator.not_, operator.is_,
         operator.is_not, operator.contains, np.zeros_like, np.ones_like, np.empty_like, np.copy, prims.copy,
         prims.format_string, operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
         slice, range, hash, id, repr, print, np.array, np.ndarray.copy, np.ndarray.astype,
         np.iscomplexobj}  # fmt: skip


# Results that are, or give, the very elements of their arguments.
_PASSING = {max, min, reversed, sorted, zip, enumerate, iter, next, filter, map, tuple, list, sum}


def all_ops(block: Block) -> Iterator[Op]:
    """Every op of a block and of the blocks inside it, in order."""
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from all_ops(inner)


def functions_in(function: Function) -> list[Function]:
    """A function, and all that it calls, each of them once."""
    found = {function: None}
    queue = [function]
    while queue:
        for op in all_ops(queue.pop().body):
            if op.prim == "call" and op.attrs["function"] not in found:
                found[op.attrs["function"]] = None
                queue.append(op.attrs["function"])
    return list(found)


def written(op: Op) -> Operand | None:
    """The object that an op of the typed stage writes, if any."""
    if op.prim in STORES if hashable(op.prim) else False:
        return op.args[0]
    if hashable(op.prim) and op.prim in prims.AUGMENTED:
        return op.args[0]
    return None


def writing_option(op: Op) -> str | None:
    """The option that makes a function write into an argument, by name or by position: ``out``, ``overwrite_...``."""
    given = dict(op.params)
    names = positional(op.prim) if len(op.args) > 1 and hashable(op.prim) and not _without_options(op.prim) else ()
    given.update(zip(names[: len(op.args)], op.args, strict=False))
    if isinstance(op.prim, np.ufunc) and len(op.args) > op.prim.nin:
        given["out"] = op.args[op.prim.nin]
    for name, value in given.items():
        off = isinstance(value, Const) and (value.value is None or value.value is False)
        if (name == "out" or name.startswith("overwrite_")) and not off:
            return name
        if name in _OUTPUTS and _is_of_ndimage(op.prim) and _may_be_array(value):  # or a dtype, or a flag
            return name
        if op.prim is np.nan_to_num and name == "copy" and not (isinstance(value, Const) and value.value is True):
            return name
    return None


_OUTPUTS = {"output", "distances", "indices"}


def _is_of_ndimage(prim: Any) -> bool:
    return module_of(prim).startswith("scipy.ndimage")


def _may_be_array(x: Operand) -> bool:
    return isinstance(x.value, np.ndarray) if isinstance(x, Const) else x.type.mutable


def _without_options(prim: Any) -> bool:
    """Whether a function surely has no parameter that makes it write, but for ``out`` after those of a ufunc."""
    module = module_of(prim)
    return isinstance(prim, (str, np.ufunc)) or module in ("_operator", "builtins") or module.startswith(_OWN)


def reads_only(prim: Any) -> bool:
    """Whether a callable without a rule certainly leaves its arguments as they are."""
    if isinstance(prim, np.ufunc) or (isinstance(prim, type) and prim in COMBINING):
        return True
    owner = getattr(prim, "__self__", None)
    if owner is not None and not isinstance(owner, python_types.ModuleType):
        return False  # a method of an object that is known when compiling
    home = getattr(prim, "__objclass__", None)
    if home is not None:
        return home.__module__ in ("numpy", "builtins") and getattr(prim, "__name__", "") not in WRITER_NAMES
    module = module_of(prim)
    return module.split(".")[0] in ("numpy", "scipy", "math", "builtins") and "random" not in module


def may_call_writer(op: Op) -> bool:
    """Whether a call may hand its arguments to a function that changes them: ``set(map(f, rows))``."""
    unknown = op.prim in (map, filter) and isinstance(op.args[0], Value)
    given = [x.value for x in op.operands() if isinstance(x, Const) and callable(x.value)]
    return unknown or any(f in STORES if rule_for(f) is not None else not reads_only(f) for f in given)


# Functions with rules that return an argument, or a view of one, for some of their options or sizes.
_SOMETIMES_VIEWS = {np.einsum, np.diff, np.linalg.matrix_power, np.broadcast_arrays, np.meshgrid, np.ix_, np.atleast_1d,
                    np.atleast_2d, np.atleast_3d, np.round, np.around, np.ndarray.round}  # fmt: skip


def may_be_view(op: Op) -> bool:
    """Whether an op of `_SOMETIMES_VIEWS` may share memory with any of its arguments."""
    if isinstance(op.prim, type) and issubclass(op.prim, np.generic):
        return True  # np.float64(a) of an array is that array
    if not hashable(op.prim) or op.prim not in _SOMETIMES_VIEWS:
        return False
    arrays = [a for a in op.args if isinstance(a, Value) and not a.type.is_number]
    if op.prim is np.einsum:
        return len(arrays) < 2 or any(a.type.kind != "array" for a in arrays)  # a product is a new array
    return op.prim is not np.diff or len(op.args) > 1 or "n" in op.params


_READ_ONLY = -1  # stands for all arrays that are read-only, among the positions of parameters
_GIVES_READ_ONLY = {np.broadcast_to, np.broadcast_arrays, np.meshgrid, np.diagonal, np.ndarray.diagonal, np.diag,
                    np.imag, np.lib.stride_tricks.sliding_window_view}  # fmt: skip


def sources(op: Op) -> list[Operand]:
    """The operands whose memory the results of a plain op may share: no more than its arguments."""
    prim = op.prim
    if not any(o.type.mutable for o in op.outs):
        return []
    if not hashable(prim):
        return op.args
    if prim in FRESH and "copy" not in op.params:
        return []
    rule = rule_for(prim)
    if may_be_view(op):
        return [a for a in op.operands() if isinstance(a, Value) and a.type.mutable]
    if rule is not None and rule.view:
        return op.args[:1]
    if prim in prims.AUGMENTED:
        return op.args[:1]
    if rule is not None and prim is not operator.getitem and prim not in _PASSING:
        fresh = rule.kind in ("elementwise", "linear", "multilinear", "vjp", "zero") and "copy" not in op.params
        listy = any(isinstance(a, Value) and a.type.kind in ("list", "dict", "object", "unknown") for a in op.args)
        if fresh and not (listy and prim in (operator.add, operator.mul)):
            return []
    if prim is operator.getitem and op.args[1:] and _advanced(op.args[1]):
        base = op.args[0]
        if isinstance(base, Value) and base.type.kind == "array":
            return []
    return [a for a in [*op.args, *op.params.values()] if isinstance(a, Value) and a.type.mutable]


def _advanced(index: Operand) -> bool:
    """Whether an index surely selects by array, which copies."""
    if isinstance(index, Const):
        return False
    t = index.type
    return t.kind in ("array", "list") or (t.kind == "tuple" and any(e.kind in ("array", "list") for e in t.elems))


@dataclasses.dataclass
class Summary:
    """writes: positions of the parameters that are written; aliases: of those that a result may share memory with."""

    writes: set[int]
    aliases: set[int]


def summary(function: Function) -> Summary:
    """The effects of a typed function (before its stores became versions)."""
    roots, writes = _settled(function.body, function.params)
    aliases = {i for r in function.results if isinstance(r, Value) and r.type.mutable for i in roots.get(r, ())}
    return Summary(writes, aliases - {_READ_ONLY})


def written_in(block: Block, params: list[Value]) -> set[int]:
    """Which of the parameters of a block the block may write, by their positions."""
    return _settled(block, params)[1]


def not_writable(function: Function) -> set[Value]:
    """The values of a function that may share memory with an array that NumPy gives out as read-only, or hold one."""
    roots, _ = _settled(function.body, function.params)
    return {value for value, reached in roots.items() if _READ_ONLY in reached}


def _makes_read_only(op: Op, seen: frozenset[Function] = frozenset()) -> bool:
    """Whether a result may be an array that must not be written: its elements are one in memory, or not its own."""
    prim = op.prim
    if prim == "call":
        function = op.attrs["function"]
        inside = () if function in seen else all_ops(function.body)
        return any(_makes_read_only(o, seen | {function}) for o in inside)
    if not hashable(prim) or prim not in _GIVES_READ_ONLY:
        return False
    if prim is np.diag:
        return op.outs[0].type.rank != 2  # of a vector it is a new matrix
    if prim is np.imag:
        t = op.outs[0].type if not op.args else op.args[0].type if isinstance(op.args[0], Value) else None
        return t is None or t.dtype is None or t.dtype.kind != "c"
    return prim is not np.meshgrid or "copy" in op.params


def _settled(block: Block, params: list[Value]) -> tuple[dict[Value, set[int]], set[int]]:
    """Which parameters each value may share memory with, `_READ_ONLY` among them, and which are written."""
    roots: dict[Value, set[int]] = {p: {i} if p.type.mutable else set() for i, p in enumerate(params)}
    writes: set[int] = set()
    changed = True
    while changed:
        before = sum(map(len, roots.values())) + len(writes)
        _flow(block, roots, writes)
        changed = before != sum(map(len, roots.values())) + len(writes)
    return roots, writes - {_READ_ONLY}


def _flow(block: Block, roots: dict[Value, set[int]], writes: set[int]) -> None:
    def of(x: Operand) -> set[int]:
        return roots.get(x, set()) if isinstance(x, Value) else set()

    for op in block.ops:
        target = written(op)
        if target is not None and not (isinstance(target, Value) and not target.type.mutable):
            writes |= of(target)
            for a in op.args[1:]:  # what is stored in a container can be reached through it
                if (
                    isinstance(target, Value)
                    and target.type.kind != "array"
                    and isinstance(a, Value)
                    and a.type.mutable
                ):
                    roots.setdefault(target, set()).update(of(a))
        for inner in op.blocks:
            carried = op.args[len(op.args) - len(op.outs) :] if op.prim in ("for", "while") else []
            for k, p in enumerate(reversed(inner.params)):
                reached = set().union(*map(of, op.args)) if op.prim == "for" else set()
                if k < len(carried):
                    reached = of(list(reversed(op.args))[k])
                    if inner is op.blocks[-1] and k < len(inner.results):
                        reached = reached | of(list(reversed(inner.results))[k])
                if op.prim == "while" and k < len(op.blocks[-1].results):
                    reached = reached | of(list(reversed(op.blocks[-1].results))[k])
                if p.type.mutable:
                    roots.setdefault(p, set()).update(reached)
            _flow(inner, roots, writes)
        for k, out in enumerate(op.outs):
            if not out.type.mutable:
                continue
            if op.blocks:
                reached = set()
                for inner in op.blocks:
                    if op.prim != "while" or inner is op.blocks[-1]:
                        reached |= of(list(reversed(inner.results))[len(op.outs) - 1 - k]) if inner.results else set()
                if op.prim in ("for", "while"):
                    position = len(op.args) - len(op.outs) + k
                    reached |= of(op.args[position]) if position >= 0 else set()
            elif op.prim == "call":
                aliases = op.attrs["function"].attrs.get("aliases")  # a recursive one: others are inlined
                reached = set().union(*map(of, op.args)) if aliases else set()
            else:
                reached = set().union(set(), *map(of, sources(op)))
            if _makes_read_only(op):
                reached = reached | {_READ_ONLY}
            roots.setdefault(out, set()).update(reached)
