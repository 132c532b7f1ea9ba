"""How the arguments of a call meet the parameters of a lowered function: `bind`."""

from __future__ import annotations

import functools
import inspect
import types as python_types
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir import prims
from ..ir.core import Const, Function, Operand, Value
from ..wrapper import jitted
from .containers import make_container

if TYPE_CHECKING:
    from .types import Walker


def bind(
    walker: Walker, function: Function, args: list[Operand], params: dict[str, Operand], environment: Any
) -> list[Operand]:
    """The operands of a function's parameters, in order, captured values first.

    Raises:
        UnsupportedError: for arguments that the function does not take (Python's own message would come at run time).
    """
    captured = len(function.captured)
    operands, args, given = list(args[:captured]), args[captured:], dict(params)
    defaults = _defaults(function, environment)
    name = f"{function.name}()"
    for p in function.signature:
        if p.kind == "args":
            operands.append(walker.builder.op(prims.make_tuple, *args))
            args = []
        elif p.kind == "kwargs":
            flat = [x for k, v in given.items() for x in (Const(k), v)]
            operands.append(make_container(walker, prims.make_dict, flat))
            given = {}
        elif args and p.kind != "keyword_only":
            if p.name in given and p.kind != "positional_only":
                raise walker.refuse(f"{name} got multiple values for argument {p.name!r}")
            operands.append(args.pop(0) if isinstance(args, list) else args[0])
        elif p.name in given and p.kind != "positional_only":
            operands.append(given.pop(p.name))
        elif p.name in defaults:
            if p.kind == "keyword_only" and _is_constant(defaults[p.name]):  # of others, it is seen what they are
                walker.session.guard_keyword(environment, p.name, defaults[p.name])
            operands.append(_default(walker, environment, p.name, defaults[p.name]))
        elif isinstance(p.default, Value):  # evaluated at the definition: one of the captured values
            operands.append(operands[function.params.index(p.default)])
        else:
            raise walker.refuse(f"{name} misses the argument {p.name!r}")
    if args or given:
        raise walker.refuse(
            f"{name} got {'unexpected keyword ' + repr(next(iter(given))) if given else 'too many arguments'}"
        )
    return operands


def _defaults(function: Function, environment: Any) -> dict[str, Any]:
    if environment is None or not hasattr(environment, "__defaults__") or function.origin is None:
        return {}
    names = [p.name for p in function.signature if p.kind in ("plain", "positional_only")]
    values = environment.__defaults__ or ()
    found = dict(zip(names[len(names) - len(values) :], values, strict=True))
    found.update(environment.__kwdefaults__ or {})
    return found


def _default(walker: Walker, environment: Any, name: str, value: Any) -> Operand:
    if _is_constant(value):
        return Const(value, getattr(value, "__name__", None) if callable(value) else None)
    if not isinstance(environment, python_types.FunctionType):
        raise walker.refuse(f"the default of {name!r} is a mutable object: pass the argument, or use None")
    view = walker.session.defaults(environment)
    t = walker.session.data(view, view, name, value)
    holder = Const(view, f"defaults_of_{environment.__name__}")
    return walker.builder.op(getattr, holder, Const(name), type=t, hint=name)


def _is_constant(value: Any) -> bool:
    """Whether a default value is compiled in."""
    if isinstance(value, tuple):
        return all(isinstance(v, (bool, int, float, str, type(None))) for v in value)
    return isinstance(value, (bool, int, float, complex, str, type(None), type)) or callable(value)


def bound_by(walker: Walker, f: functools.partial) -> tuple[list[Operand], dict[str, Operand]]:
    """The arguments that a partial brings along."""
    walker.session.guard(f, f, "keywords", tuple(f.keywords), tuple)
    for k, v in f.keywords.items():
        walker.session.guard_keyword(f, k, v)
    return [*map(Const, f.args)], {k: Const(v) for k, v in f.keywords.items()}


def taken_by(callee: Operand) -> set[str] | None:
    """The names of the arguments of a callee that takes a certain number of them; None for any other."""
    if isinstance(callee, Const):
        f = jitted(callee.value) or callee.value
        if isinstance(f, np.ufunc):
            return {str(k) for k in range(f.nin)}
        if not isinstance(f, python_types.FunctionType):
            return None
        parameters = inspect.signature(f, follow_wrapped=False).parameters.values()
        plain = all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters)
        return {p.name for p in parameters} if plain else None
    target = callee.type.value.target if callee.type.kind == "function" else None
    function = target[0] if isinstance(target, tuple) else target
    if not isinstance(function, Function) or any(p.kind != "plain" or p.default for p in function.signature):
        return None
    return {p.name for p in function.signature}
