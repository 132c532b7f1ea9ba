"""Which objects can change, which calls have effects: what the emitter knows of single values and ops."""

from __future__ import annotations

import builtins
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Op, Operand, Value
from ..ir.types import Type, type_of
from ..rules.table import rule_for
from .syntax import BINARY, COMPARE, INPLACE, UNARY

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
_FIXED_OBJECTS = (
    type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type, range, types.ModuleType,
    types.FunctionType, types.BuiltinFunctionType, np.ufunc, np.generic, np.dtype,
)  # fmt: skip


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
    return not t.mutable and t.kind != "function" and (t.kind != "tuple" or bool(t.elems))


def operand_type(x: Operand) -> Type:
    return x.type if isinstance(x, Value) else type_of(x.value)


def is_array(x: Operand) -> bool:
    """Whether it is known to be an array that holds no Python objects."""
    t = operand_type(x)
    return t.kind == "array" and (t.dtype is None or t.dtype.kind != "O")


def is_update(op: Op) -> bool:
    """Whether the op gives a new version of its first operand, and could write into the old one instead."""
    try:
        if op.prim not in UPDATES or fixed(op.args[0]) or op.attrs.get("inplace") is False:  # decided
            return False
    except TypeError:  # callable objects need not be hashable
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
        return prim in ("raise", "with", "try") or any(has_effect(o) for b in op.blocks for o in b.ops)
    if prim is runtime.found:  # it says how a root moves, whoever reads it
        return True
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
    if module in (runtime.__name__, prims.__name__):
        return prim is not prims.call_dynamic and not name.startswith(("dynamic_", "check_"))
    return module in ("math", "cmath", "copy") or module.startswith(_RULES)


def may_keep(op: Op) -> bool:
    """Whether the called function may hold on to its arguments."""
    if op.prim == "call":
        return op.attrs["summary"].keeps
    if isinstance(op.prim, str) or op.prim is print or rule_for(op.prim) is not None:
        return False
    return has_effect(op)
