"""Objects that a call makes and that are used by their methods: a use is a call of what the object was made of.

CubicSpline(x, y)(at)        ->   cubic_spline(at, x, y)        (the rule of a ``maker``)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ir import prims
from ..ir.core import Const, Op, Operand, Value, hashable
from ..ir.types import UNKNOWN
from ..rules.binding import by_position, meaning_of_use
from ..rules.table import Rule, of_order, rule_of
from .build import type_of_operand

if TYPE_CHECKING:
    from .types import Walker


def use_of_made(walker: Walker, callee: Value, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
    """A call of an object that was made here, or of its method, as one of what it was made of; None for others."""
    made, method = walker.builder.defs.get(callee), "__call__"
    if made is not None and made.prim is getattr and isinstance(made.args[1], Const) and len(made.args) == 2:
        owner, method = made.args[0], made.args[1].value
        made = walker.builder.defs.get(owner) if isinstance(owner, Value) else None
    return _call_of_made(walker, made, method, args, params)


def use_with_made(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
    """A call whose first argument was made here; None for others."""
    if not args:
        args, params = by_position(f, args, params)
    made = walker.builder.defs.get(args[0]) if args and isinstance(args[0], Value) else None
    return _call_of_made(walker, made, f, args[1:], params)


def _call_of_made(
    walker: Walker, made: Op | None, method: Any, args: list[Operand], params: dict[str, Operand]
) -> Operand | None:
    rule = made.attrs.get("maker") if made is not None else None
    if made is None or rule is None or not hashable(method):
        return None
    found = meaning_of_use(rule, made.prim, method, made.args, made.params, args, params, Const, _value)
    return None if found is None else walker.call_const(*found)


def _value(x: Operand) -> Any:
    return x.value if isinstance(x, Const) else x


def make(
    walker: Walker, rule: Rule, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None
) -> Operand:
    """An object that is used by its methods; what it is made of stays as it is now."""

    def kept(x: Operand) -> Operand:
        return walker.builder.op(prims.copy, x) if type_of_operand(x).kind == "array" else x

    out = Value(None, UNKNOWN)
    rule = rule_of(args[0].value) if f is of_order and isinstance(args[0], Const) else rule
    attrs = {"maker": rule, **({"path": path} if path else {})}
    walker.builder.append(Op(f, list(map(kept, args)), {k: kept(x) for k, x in params.items()}, [out], attrs=attrs))
    return out
