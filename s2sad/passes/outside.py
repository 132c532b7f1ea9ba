"""What stands around a function: globals, variables of a closure, data of modules and classes.

`read_once` reads it once, where the function begins:

    b = R * x                        R = main.R
    for k in range(n): b = b * R     b = R * x; for k in range(n): b = b * R

Nothing that is compiled gives such a name another value.  Where code is called as it is, which could, every read stays
in its place; and `check_called` sees to it that such code does not change an array that the function reads.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Iterable, Iterator
from typing import Any

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.signature import is_shared
from ..ir.types import Type, module_of
from ..stores import changes_outside, is_of_library
from .effects import all_ops, functions_in
from .iterators import looks_only
from .session import Cells, Globals, Keywords
from .simplify import is_error, replace

_TEXT = (print, str, repr, format, str.format, prims.format_string)  # of what an object is as text, its class says
# What is in lists and dicts is not looked at by these.
_MOVING = {operator.getitem, operator.setitem, len, list, tuple, dict, reversed, zip, enumerate,
           dict.keys, dict.values, dict.items, dict.get, dict.pop, dict.setdefault, dict.update, dict.copy,
           list.append, list.extend, list.insert, list.pop, list.copy, list.reverse}  # fmt: skip
# These call a function, or pass it on, whichever of those that do the same it is.
_NUMERICAL = ("numpy", "scipy")
_TAKING = {map, filter, sorted, min, max, list.sort, callable, isinstance, type, functools.reduce, functools.partial,
           functools.cmp_to_key}  # fmt: skip
_PLAIN = {"array", "bool", "complex", "float", "int", "none", "number", "numeric", "scalar", "str"}


def read_once(function: Function) -> None:
    """Move the reads, in place, in a typed function and in all that it calls."""
    functions = functions_in(function)
    ops = [op for f in functions for op in all_ops(f.body)]
    if any(map(_reads, ops)) and not may_change(function):
        for f in functions:
            _move(f)


def may_change(function: Function) -> bool:
    """Whether code that is not compiled may run in a typed function, and give what is read another value meanwhile."""
    ops = [op for f in functions_in(function) for op in all_ops(f.body)]
    errors = {op.outs[0] for op in ops if is_error(op.prim)}
    return any(_may_rebind(op) for op in ops if op.prim != "raise" or not errors.issuperset(op.args))


def check_called(function: Function) -> None:
    """Look at what a typed function, and all that it calls, calls as it is.

    Raises:
        UnsupportedError: it may change what the function reads, before the derivative reads it again.
    """
    ops = [op for f in functions_in(function) for op in all_ops(f.body)]
    called = [op for op in ops if _calls(op)]
    read = [x.type for x in [*function.params, *(out for op in ops if _reads(op) for out in op.outs)]]
    for op in called if any(t.mutable for t in read) else ():
        callbacks = [x.value for x in op.operands() if isinstance(x, Const) and callable(x.value)]
        for f in [op.prim, *callbacks]:
            found = changes_outside(f)
            if found is not None:
                name = getattr(f, "__name__", type(f).__name__)
                message = f"{name}() is called as it is, and may change {found}: the derivative may read that again"
                raise UnsupportedError(message, op.span)


def check_shared(function: Function) -> None:
    """Look at what becomes of functions of which there may be others that do the same: see `signature.is_shared`.

    Raises:
        UnsupportedError: it may depend on which of them it is.
    """
    for op in [op for f in functions_in(function) for op in all_ops(f.body)]:
        shared = [x.value for x in op.operands() if isinstance(x, Const) and is_shared(x.value)]
        if shared and not (hashable(op.prim) and (op.prim in _TAKING or module_of(op.prim).startswith(_NUMERICAL))):
            raise UnsupportedError(
                f"which function {shared[0].__name__!r} is may count here: define it in a module", op.span
            )


def _move(function: Function) -> None:
    first: dict[Any, Op] = {}
    same: dict[Value, Operand] = {}
    for op in [op for op in all_ops(function.body) if _reads(op)]:
        known = first.setdefault((*_place(op), op.outs[0].type), op)
        if known is not op:
            same[op.outs[0]] = known.outs[0]
    _without(function.body)
    for op in first.values():
        op.span = None  # no line of its own
    function.body.ops[:0] = first.values()
    replace(function.body.ops, same)
    function.body.results = [same.get(r, r) if isinstance(r, Value) else r for r in function.body.results]


def _without(block: Block) -> None:
    block.ops = [op for op in block.ops if not _reads(op)]
    for op in block.ops:
        for inner in op.blocks:
            _without(inner)


def _reads(op: Op) -> bool:
    if op.prim is not getattr or len(op.args) != 2:
        return False
    holder, name = op.args
    return (
        isinstance(holder, Const)
        and isinstance(name, Const)
        and isinstance(holder.value, (Globals, Cells, Keywords, types.ModuleType, type))
    )


def _place(op: Op) -> tuple[Any, ...]:
    """Which variable it is: a closure has a view for each read."""
    holder, name = op.args[0].value, op.args[1].value  # type: ignore[union-attr]
    if isinstance(holder, Cells):
        return (id(object.__getattribute__(holder, "_cells")[name]),)
    return id(holder), name


def _calls(op: Op) -> bool:
    """Whether a function is called as it is: one of which nothing is known, or one of the user's with a rule."""
    owner = getattr(op.prim, "__objclass__", op.prim)  # of a method like dict.items: the class
    if op.attrs.get("opaque") and owner not in (str, bytes, dict):
        return not is_error(op.prim)
    return not isinstance(op.prim, (str, type)) and not is_of_library(owner) and callable(op.prim)


def _may_rebind(op: Op) -> bool:
    """Whether code that is not compiled may run here."""
    if _calls(op):
        return True
    if is_error(op.prim):
        return False
    given = [x.type for x in op.operands() if isinstance(x, Value)]
    kinds = {t.kind for t in given}
    if not hashable(op.prim) or op.prim in (prims.call_dynamic, runtime.dynamic_vjp) or "unknown" in kinds:
        return True
    if op.prim in _TEXT:
        return not kinds <= _PLAIN
    if op.prim == "for":
        return "object" in kinds
    return not looks_only(op.prim) and any(map(_by_class, given if op.prim in _MOVING else _parts(given)))


def _by_class(t: Type) -> bool:
    """Whether the class of an object says what is done with it."""
    return t.kind in ("object", "unknown")


def _parts(types: Iterable[Type]) -> Iterator[Type]:
    """The types, and those of what is in lists and the like, which may be compared."""
    for t in types:
        yield t
        yield from _parts(t.parts if t.kind != "object" else ())
