"""What names mean: globals, cells of a closure, functions that are defined inside.

Functions, modules and constants are taken for granted, and guarded; data is read when the program runs.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from ..ir import prims
from ..ir.core import Const, Function, Op, Operand
from ..ir.types import Type
from .build import type_of_operand
from .iterators import check_handed_over
from .session import Callee, Cells, is_static

if TYPE_CHECKING:
    from .types import Walker


def global_(walker: Walker, op: Op) -> None:
    name = op.attrs["name"]
    if walker.environment is None:
        raise walker.refuse(f"the name {name!r} has no meaning here")
    namespace = walker.environment.__globals__
    holder, path = walker.session.globals(namespace), _module_path(walker.environment)
    walker.define(op.outs[0], outside(walker, holder, namespace, name, path))


def cell(walker: Walker, op: Op) -> None:
    cells = Cells(walker.environment)
    walker.define(op.outs[0], outside(walker, cells, walker.environment.__closure__, op.attrs["name"], "closure"))


def outside(walker: Walker, holder: Any, owner: Any, name: str, path: str) -> Operand:
    """A name of the world around the function: functions and modules are guarded, data is read late."""
    if name == "__class__" and isinstance(holder, Cells):  # nothing rebinds it
        try:
            cls = Cells.__getattr__(holder, name)
        except (AttributeError, NameError):
            raise walker.refuse("super() is not supported outside a class: call the base class's method") from None
        return Const(cls, cls.__name__)
    if hasattr(object, name):
        raise walker.refuse(f"the name {name} is not supported: give it another one")
    try:
        value = getattr(holder, name)
    except NameError as error:
        walker.builder.append(Op("raise", [Const(error)]))
        raise walker.refuse(str(error)) from None
    if is_static(value):
        walker.session.guard(holder, owner, name, value)
        return Const(value, name)
    if value is Ellipsis or value is NotImplemented:
        return Const(value)
    constant = isinstance(holder, Cells) and walker.session.unroll and isinstance(value, (int, float))  # of a rule
    if (isinstance(value, (bool, str, type(None))) and not walker.session.late) or constant:
        walker.session.guard(holder, owner, name, value)
        walker.session.told = walker.session.told or not constant
        return Const(value)
    t = walker.session.data(holder, owner, name, value)
    return walker.builder.op(getattr, Const(holder, path), Const(name), type=t, hint=name)


def closure(walker: Walker, op: Op) -> None:
    captured = [walker.read(a) for a in op.args]
    check_handed_over(walker, captured)
    walker.define(op.outs[0], walker.function_value(op.attrs["function"], captured))


def function_value(walker: Walker, target: Any, captured: list[Operand]) -> Operand:
    """A function with the values that it carries along."""
    types = tuple(map(type_of_operand, captured))
    key = (target, walker.environment) if isinstance(target, Function) else target
    return walker.builder.op(prims.make_tuple, *captured, type=Type("function", elems=types, value=_callee(key)))


def _callee(target: Any) -> Callee:
    key = tuple(map(id, target)) if isinstance(target, tuple) else id(target)
    return _CALLEES.setdefault(key, Callee(target))


_CALLEES: dict[Any, Callee] = {}


def _module_path(environment: Any) -> str:
    name = environment.__globals__.get("__name__") or "module"
    return name.rpartition(".")[2].strip("_") or "module"


def imported(walker: Walker, name: str) -> Operand:
    """The module of an import inside a function; ``name`` begins with dots where it is relative."""
    place = name
    if name.startswith("."):
        package = getattr(walker.environment, "__globals__", {}).get("__package__")
        if not package:
            raise walker.refuse("a relative import is not supported outside of a package")
        place = importlib.util.resolve_name(name, package)
    try:
        return Const(prims.import_module(place), place)
    except ImportError:  # of a module that is not there: it may be that none needs it
        return walker.builder.op(prims.import_module, Const(place))
