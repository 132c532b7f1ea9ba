"""Functions that SciPy calls back: what a nested function captures is handed over as an argument.

    quad(lambda x: np.exp(-p * x), 0, 1)   ->   quad(inner, 0, 1, args=(p,))

so that the call depends on ``p`` by an argument, and its rule sees it.
"""

from __future__ import annotations

import inspect
import operator
from typing import TYPE_CHECKING, Any

from ..frontend.lift import lifted
from ..ir import prims
from ..ir.core import Const, Function, Operand, Value
from ..ir.types import Type
from ..rules.table import Rule
from .build import type_of_operand

if TYPE_CHECKING:
    from .types import Walker


def hand_over(
    walker: Walker, rule: Rule, f: Any, args: list[Operand], params: dict[str, Operand]
) -> tuple[list[Operand], dict[str, Operand]]:
    """The arguments of a call to ``f``, with nested functions made functions of their own.

    Raises:
        UnsupportedError: a function is of a kind that can't be handed over.
    """
    *names, place = rule.callbacks
    positions = list(inspect.signature(f).parameters)
    given: dict[str, Operand] = {**dict(zip(positions, args, strict=False)), **params}
    if rule.spreads and place in given and type_of_operand(given[place]).kind not in ("tuple", "none"):
        given[place] = walker.call_const(tuple, [given[place]], {})
    for name, value in given.items():
        if name not in names and _holds_function(type_of_operand(value)):
            raise walker.refuse(f"{rule.name} can't be given a nested function as {name!r} here")
    nested = {n: x for n in names if isinstance(x := given.get(n), Value) and x.type.kind == "function"}
    if not nested:
        return _placed(positions[: len(args)], given)
    if walker.session.unroll:
        raise walker.refuse("this rule runs as it is")
    captured = {n: _captured(walker, x) for n, x in nested.items()}
    count = sum(map(len, captured.values()))
    types = [type_of_operand(x) for found in captured.values() for x in found]
    if rule.broadcasts and not all(t.is_number and t.inexact for t in types):
        raise walker.refuse(f"{rule.name} broadcasts its args: hand over what the nested function captures as args")
    if count and any(isinstance(other := given.get(n), Const) and callable(other.value) for n in names):
        raise walker.refuse(f"{rule.name} is called with nested functions and others here: make all of them nested")
    before = 0
    for name, x in nested.items():
        target, environment = x.type.value.target
        after = count - before - len(captured[name])
        given[name] = Const(lifted(target, environment, before, after), target.name if _is_name(target) else "inner")
        before += len(captured[name])
    if count:
        given[place] = walker.builder.op(
            prims.make_tuple, *_elements(walker, given.get(place)), *[x for found in captured.values() for x in found]
        )
    return _placed(positions[: len(args)], given)


def _placed(first: list[str], given: dict[str, Operand]) -> tuple[list[Operand], dict[str, Operand]]:
    """Arguments by name as they are passed, the first ones by position."""
    return [given[p] for p in first], {k: x for k, x in given.items() if k not in first}


def _captured(walker: Walker, x: Value) -> list[Operand]:
    """What a function value carries along."""
    target = x.type.value.target
    if not isinstance(target, tuple) or not isinstance(target[0], Function):
        raise walker.refuse("this function can't be handed to SciPy here: make it a lambda that calls it")
    return [walker.builder.op(operator.getitem, x, Const(i)) for i in range(len(x.type.elems))]


def _elements(walker: Walker, extra: Operand | None) -> list[Operand]:
    """The arguments that the call hands over already."""
    if extra is None or (isinstance(extra, Const) and extra.value is None):
        return []
    kind = type_of_operand(extra).kind
    if kind in ("tuple", "unknown"):
        return walker.splice(extra)
    return [extra]


def _holds_function(t: Type) -> bool:
    return t.kind in ("function", "closure") or any(map(_holds_function, t.elems))


def _is_name(function: Function) -> bool:
    return function.name.isidentifier()
