"""Functions that SciPy calls back: what a nested function captures is handed over as an argument.

    quad(lambda x: np.exp(-p * x), 0, 1)   ->   quad(inner, 0, 1, args=(p,))

so that the call depends on ``p`` by an argument, and its rule sees it.
"""

from __future__ import annotations

import inspect
import operator
import types as python_types
from typing import TYPE_CHECKING, Any

from ..errors import Error
from ..frontend.lift import lifted
from ..ir import prims
from ..ir.core import Const, Function, Operand, Value
from ..rules.table import Rule
from . import effects
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
        if name not in names and type_of_operand(value).holds_function:
            raise walker.refuse(f"{rule.name} can't be given a nested function as {name!r} here")
    nested = {n: x for n in names if isinstance(x := given.get(n), Value) and x.type.kind == "function"}
    check_outside(walker, rule, [given[n] for n in names if n in given])
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


def _is_name(function: Function) -> bool:
    return function.name.isidentifier()


def check_outside(walker: Walker, rule: Rule, functions: list[Operand]) -> None:
    """Refuse functions that write into what is found outside: a rule calls them again, and what they keep is not seen.

    Raises:
        UnsupportedError: there is one, which a recorded run can watch.
    """
    seen: set[Any] = set()
    for x in functions:
        target = x.type.value.target if isinstance(x, Value) and x.type.kind == "function" else None
        if isinstance(target, tuple) and isinstance(target[0], Function):
            found = _text_changes_outside(walker, target[0], target[1], seen)
        else:
            found = isinstance(x, Const) and _changes_outside(walker, x.value, seen)
        if found:
            raise walker.refuse(f"a function that {rule.name} calls changes something outside")


def _changes_outside(walker: Walker, f: Any, seen: set[Any]) -> bool:
    """Whether a function writes into what is found outside of it."""
    if not isinstance(f, python_types.FunctionType) or f in seen or effects.reads_only(f):
        return False
    seen.add(f)
    try:
        return _text_changes_outside(walker, walker.session.lowered(f), f, seen)
    except Error:  # it is refused elsewhere
        return False


def _text_changes_outside(walker: Walker, lowered: Function, environment: Any, seen: set[Any]) -> bool:
    """`_changes_outside` of what a function, and each one that it calls, has been lowered to."""
    made = {out: op for op in effects.all_ops(lowered.body) for out in op.outs}
    scope = getattr(environment, "__globals__", {})

    def value(x: Operand) -> Any:
        """What an operand is, as far as it is a global name or found in a module."""
        op = made.get(x) if isinstance(x, Value) else None
        if op is None or op.prim == "cell":
            return None
        if op.prim == "global":
            return scope.get(op.attrs["name"])
        name = op.args[1] if op.prim is getattr else None
        owner = value(op.args[0]) if isinstance(name, Const) else None
        found = isinstance(owner, python_types.ModuleType) and isinstance(name, Const)
        return getattr(owner, name.value, None) if found else None  # type: ignore[union-attr]

    def is_outside(x: Operand) -> bool:
        op = made.get(x) if isinstance(x, Value) else None
        if op is None or isinstance(value(x), (python_types.ModuleType, type)):
            return False
        return op.prim in ("global", "cell") or (op.prim in (getattr, operator.getitem) and is_outside(op.args[0]))

    for op in effects.all_ops(lowered.body):
        if effects.written(op) is not None and is_outside(op.args[0]):
            return True
        method = made.get(op.args[0]) if op.prim == "call" and isinstance(op.args[0], Value) else None
        if method is None:
            continue
        name = method.args[1] if method.prim is getattr else None
        if isinstance(name, Const) and name.value in effects.WRITER_NAMES and is_outside(method.args[0]):
            return True
        if _changes_outside(walker, value(op.args[0]), seen):
            return True
    return False
