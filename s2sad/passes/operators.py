"""Operators on objects of users' classes: ``overloaded(walker, prim, args)`` calls the method that Python would."""

from __future__ import annotations

import operator
import types as python_types
from typing import TYPE_CHECKING, Any, cast

from ..ir.core import Const, Operand, hashable
from ..ir.types import Type, in_class, module_of
from ..rules.table import rule_for
from . import grids
from .build import type_of_operand
from .callees import call_python
from .made import use_with_made
from .session import is_read

if TYPE_CHECKING:
    from .types import Walker


# Operators: the method that Python calls, and the one of the right operand where the left one has none.
OPERATORS: dict[Any, tuple[str, str | None]] = {
    **{getattr(operator, name): (name.strip("_"), f"r{name.strip('_')}") for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift",
    )},
    operator.lt: ("lt", "gt"), operator.gt: ("gt", "lt"), operator.le: ("le", "ge"), operator.ge: ("ge", "le"),
    operator.eq: ("eq", "eq"), operator.ne: ("ne", "ne"), operator.neg: ("neg", None), operator.pos: ("pos", None),
    operator.invert: ("invert", None), abs: ("abs", None), operator.abs: ("abs", None), len: ("len", None),
    operator.getitem: ("getitem", None), operator.contains: ("contains", None), float: ("float", None),
    int: ("int", None), bool: ("bool", None), round: ("round", None), divmod: ("divmod", "rdivmod"),
    pow: ("pow", "rpow"),
}  # fmt: skip


def _is_instance(t: Type, name: str | None) -> bool:
    """Whether an operator's method is one of a user's class."""
    method = f"__{name}__"
    return t.kind == "object" or (
        t.kind == "tuple" and t.cls is not None and in_class(t.cls, method) is not in_class(tuple, method)
    )


def overloaded(walker: Walker, prim: Any, args: list[Operand]) -> Operand | None:
    """An operator on objects of users' classes: the method that Python would call."""
    if not hashable(prim) or prim not in OPERATORS or not args:
        return None
    used = use_with_made(walker, prim, args, {})
    if used is not None:
        return used
    name, reflected = OPERATORS[prim]
    owner, *others = args if prim is not operator.contains else args[:2]
    if prim is operator.getitem and isinstance(owner, Const) and is_read(owner.value):
        return grids.read(walker, owner, others[0])
    if _is_instance(type_of_operand(owner), name):
        return _call_operator(walker, owner, name, others)
    method = getattr(type(owner.value), f"__{name}__", None) if isinstance(owner, Const) else None
    if type_of_operand(owner).kind == "unknown" and rule_for(method) is not None:
        return walker.call_const(method, [owner, *others], {})
    if len(args) != 2 or not _is_instance(type_of_operand(args[1]), reflected):
        return None
    mirrored = in_class(type_of_operand(args[1]).cls, f"__{reflected}__")
    if reflected is not None and rule_for(mirrored) is not None:
        return walker.call_const(mirrored, [args[1], owner], {})
    if reflected is None or type_of_operand(owner).kind not in ("int", "float", "complex", "bool", "number"):
        raise walker.refuse(f"__{name}__ of an object on the right is not supported")
    return _call_operator(walker, args[1], reflected, [owner])


def in_place(walker: Walker, prim: Any, args: list[Operand]) -> Operand | None:
    """``v += w`` or ``v[i] = x`` by the method of the class of ``v``; None where it has none."""
    name = prim.__name__.strip("_")
    cls = type_of_operand(args[0]).cls
    if module_of(cls).partition(".")[0] in ("numpy", "scipy"):
        raise walker.refuse(f"writing into a {cls.__name__} is not supported when compiling")
    return _call_operator(walker, args[0], name, args[1:]) if in_class(cls, f"__{name}__") else None


def _call_operator(walker: Walker, owner: Operand, name: str, others: list[Operand]) -> Operand | None:
    """The call of an operator's method; None where the class has what every object has."""
    cls = type_of_operand(owner).cls
    method = in_class(cls, f"__{name}__")
    if rule_for(method) is not None:
        return walker.call_const(method, [owner, *others], {})
    if method is in_class(object, f"__{name}__"):
        return None
    plain = isinstance(method, python_types.FunctionType) and "NotImplemented" not in method.__code__.co_names
    kinds = [type_of_operand(x) for x in others]
    if not plain or any(t.kind == "unknown" or (t.kind == "object" and t.cls is not cls) for t in kinds):
        raise walker.refuse(f"which method {cls.__name__}.__{name}__ means here is not known when compiling")
    walker.session.guard(cls, cls, f"__{name}__", method)
    return call_python(walker, cast(python_types.FunctionType, method), [owner, *others], {})
