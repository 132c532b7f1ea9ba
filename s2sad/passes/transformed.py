"""Calls of gradients inside of what is compiled.

slope(x)         ->   call {the generated gradient, specialised to f8[:]}

A gradient is generated for the types at its call, as text, and that is compiled as a function of the user's is: what
is generated can be differentiated again.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import types as python_types
from typing import TYPE_CHECKING, Any

from ..errors import Error, UnsupportedError, said
from ..ir import prims
from ..ir.core import Const, Function, Operand, Parameter, Value, constant_key
from ..ir.types import BOTTOM, Type
from ..rules.table import rule_for
from ..wrapper import Checkpointed, Wrapper
from .bind import bind, bound_by
from .build import constant_tuple, type_of_operand
from .callees import call_lowered
from .instances import InstanceType
from .known import canonical
from .session import Callee, Partial, Session, Wrapped

if TYPE_CHECKING:
    from .types import Walker

NESTED = 4  # gradients of functions that call gradients


@dataclasses.dataclass
class Target:
    """What is differentiated at a call: a lowered function, and the operands that it gets there.

    Attributes:
        function, environment: lowered, and the Python function whose globals it sees.
        operands: of all its parameters, captured values first.
        signature: the parameters that the caller knows, the last ones of the function.
        bound: how many of these the caller does not give.
        given: how many are given by position, these included.
        names: of those that are given by name.
    """

    function: Function
    environment: Any
    operands: list[Operand]
    signature: list[Parameter]
    bound: int
    given: int
    names: frozenset[str]


def call_transformed(
    walker: Walker, f: Wrapper, args: list[Operand], params: dict[str, Operand], path: str | None
) -> Operand:
    """A call of a transformation: of the gradient that it generates, where the types decide which, or when it runs."""
    callee = Const(f, path or "transformed")
    if any(type_of_operand(x) == BOTTOM for x in (*args, *params.values())):
        return walker.builder.make(prims.call_dynamic, (callee, *args), params, type=BOTTOM)
    try:
        return _call(walker, _transformed(walker, f, Const(getattr(f, "fun", None)), args, params))
    except (Error, TypeError, ValueError) as error:  # what it is, or what it raises, is known when it runs
        made = walker.builder.op(prims.call_dynamic, callee, *args, **params)
        walker.builder.block.ops[-1].attrs["reason"] = error
        return made


def call_wrapped(walker: Walker, f: Wrapper, fun: Operand, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """A call of the transformation of a function that is defined in what is compiled."""
    if any(type_of_operand(x) == BOTTOM for x in (fun, *args, *params.values())):
        return walker.builder.make(prims.call_dynamic, (fun, *args), params, type=BOTTOM)
    try:
        return _call(walker, _transformed(walker, f, fun, args, params))
    except (Error, TypeError, ValueError) as error:
        raise walker.refuse(f"this gradient is not compiled: {said(error)}") from error


def make_transformed(walker: Walker, make: Any, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
    """``s2sad.grad(fun, 1)``; None where not all of it is known."""
    named = {**dict(zip(("fun", "argnums"), args, strict=False)), **params}
    fun = named.pop("fun", Const(None))
    options = {k: constant_tuple(x, walker.builder) for k, x in named.items()}
    if isinstance(fun, Value) and fun.type.kind == "function":
        by = _made(walker, make, _any, options)
        return wrapped(walker, fun, Wrapped(fun.type, by))
    if isinstance(fun, Const) and isinstance(fun.value, (python_types.FunctionType, Wrapper)):
        return Const(_made(walker, make, fun.value, options))
    return None


def _any() -> None:
    """Stands for the function of a transformation, which is a value in what is compiled."""


def _made(walker: Walker, make: Any, fun: Any, options: dict[str, Any]) -> Any:
    """The transformation, the same one each time that the types of what is compiled are asked."""
    key = (make, fun, tuple(options.items()))
    if key not in walker.session.generated:
        walker.session.generated[key] = make(fun, **options)
    return walker.session.generated[key]


def wrapped(walker: Walker, f: Value, how: Wrapped) -> Operand:
    """A function value that wraps another, with all that the other has captured."""
    captured = [walker.builder.op(operator.getitem, f, Const(i)) for i in range(len(f.type.elems))]
    return walker.builder.op(prims.make_tuple, *captured, type=dataclasses.replace(f.type, value=Callee(how)))


def _call(walker: Walker, target: Target) -> Operand:
    return call_lowered(walker, target.function, target.operands, {}, target.environment)


def _transformed(walker: Walker, f: Any, fun: Any, args: list[Operand], params: dict[str, Operand]) -> Target:
    """The generated function of a transformation of a function, with its operands.

    Raises:
        UnsupportedError: there is none for the types of the arguments.
        TypeError, ValueError: the call itself raises.
    """
    if not hasattr(f, "of_types") or f.mode not in ("grad", "value_and_grad"):
        raise UnsupportedError(f"{f!r} is not compiled in a call")
    target = _behind(walker, fun, args, params)
    session = walker.session
    places = _places(f.argnums, target)
    known = [_known(session, x) for x in target.operands]
    types, _ = canonical([t for t in known if isinstance(t, Type)])
    renamed = iter(types)
    known = [next(renamed) if isinstance(t, Type) else t for t in known]
    if not all(_is_inexact(known[p], k) for p, k in places):
        raise UnsupportedError(f"whether {f!r} is by floating-point numbers is known only when the program runs")
    constants = [t if isinstance(t, Type) else constant_key(t.value) for t in known]
    key = (f, id(target.function), id(target.environment), *constants)
    if key not in session.generated:
        session.generated[key] = _compiled(f, target, known, places, session)
    made = session.generated[key]
    if isinstance(made, Exception):
        raise made
    return dataclasses.replace(target, function=session.lowered(made), environment=made)


def _behind(walker: Walker, fun: Operand, args: list[Operand], params: dict[str, Operand]) -> Target:
    """The function behind a callable, with the operands of a call."""
    if isinstance(fun, Value):
        return _behind_value(walker, fun, args, params)
    f = fun.value
    if isinstance(f, Checkpointed):
        return _behind(walker, Const(f.fun), args, params)
    if isinstance(f, Wrapper):
        return _transformed(walker, f, Const(getattr(f, "fun", None)), args, params)
    if isinstance(f, functools.partial):
        return _with_bound(walker, Const(f.func), *bound_by(walker, f), args, params)
    if isinstance(f, python_types.MethodType):
        return _with_bound(walker, Const(f.__func__), [Const(f.__self__)], {}, args, params)
    if not isinstance(f, python_types.FunctionType) or rule_for(f) is not None:
        raise UnsupportedError(f"{f!r} is not compiled in a call")
    function = walker.session.lowered(f)
    walker.session.guard(f, f, "__code__", f.__code__)
    walker.session.guard(f, f, "__defaults__", f.__defaults__)
    return Target(
        function, f, bind(walker, function, args, params, f), function.signature, 0, len(args), frozenset(params)
    )


def _behind_value(walker: Walker, fun: Value, args: list[Operand], params: dict[str, Operand]) -> Target:
    target = fun.type.value.target
    captured: list[Operand] = [walker.builder.op(operator.getitem, fun, Const(i)) for i in range(len(fun.type.elems))]
    if isinstance(target, Wrapped):
        inner = walker.builder.op(prims.make_tuple, *captured, type=target.plain)
        if target.by is None:
            return _behind(walker, inner, args, params)
        return _transformed(walker, target.by, inner, args, params)
    if isinstance(target, tuple):
        function, environment = target
        operands = bind(walker, function, [*captured, *args], params, environment)
        return Target(function, environment, operands, function.signature, 0, len(args), frozenset(params))
    if isinstance(target, Partial):
        first, rest = captured[1 : target.count + 1], captured[target.count + 1 :]
        return _with_bound(walker, captured[0], first, dict(zip(target.names, rest, strict=True)), args, params)
    return _with_bound(walker, Const(target), captured, {}, args, params)


def _with_bound(walker: Walker, fun: Operand, first: list[Operand], named: dict[str, Operand],
                args: list[Operand], params: dict[str, Operand]) -> Target:  # fmt: skip
    """What is behind a callable that brings arguments along."""
    target = _behind(walker, fun, [*first, *args], {**named, **params})
    return dataclasses.replace(target, bound=target.bound + len(first))


def _places(argnums: Any, target: Target) -> tuple[tuple[int, int | str | None], ...]:
    """The parameters that ``argnums`` says, and which elements of them.

    Raises:
        UnsupportedError: the call does not give them as ever.
    """
    first = len(target.function.params) - len(target.signature)
    plain = [k for k, p in enumerate(target.signature) if p.kind in ("plain", "positional_only")]
    rest = [k for k, p in enumerate(target.signature) if p.kind == "args"]
    found: list[tuple[int, int | str | None]] = []
    for a in (argnums,) if isinstance(argnums, (int, str)) else argnums:
        names = [k for k, p in enumerate(target.signature) if p.name == a and p.kind not in ("args", "kwargs")]
        others = [k for k, p in enumerate(target.signature) if p.kind == "kwargs" and a in target.names]
        at = -1
        if isinstance(a, int) and not (a < 0 and rest):
            at = a + (len(plain) if a < 0 else target.bound)
        if names or others:
            found.append((first + (names or others)[0], None if names else a))
        elif target.bound <= at < len(plain):
            found.append((first + plain[at], None))
        elif rest and len(plain) <= at < target.given:
            found.append((first + rest[0], at - len(plain)))
        else:
            raise UnsupportedError(f"argnums {a!r} is not compiled in a call")
    return tuple(found)


def _compiled(
    f: Any, target: Target, known: list[Type | Const], places: tuple[tuple[int, int | str | None], ...], outer: Session
) -> Any:
    """The generated Python function; or the error that says why there is none."""
    inner = Session(outer.growing, outer.nested + 1)
    inner.late = outer.late
    if inner.nested > NESTED:
        return UnsupportedError(f"the gradients in {target.function.name}() have no end when compiling")
    try:
        return f.of_types(target.function, target.environment, known, places, inner)
    except (Error, TypeError, ValueError) as error:
        return error
    finally:  # also of a refusal, which may not be one later
        outer.take(inner.guards)
        outer.told = outer.told or inner.told


def _known(session: Session, x: Operand) -> Type | Const:
    """What is known of an argument of a call, as if it came from outside.

    Raises:
        UnsupportedError: it has no form outside of the compiler, or is known only when the program runs.
    """
    if isinstance(x, Const) and type_of_operand(x).kind in ("bool", "str", "none", "member", "unknown"):
        return x
    return _from_outside(session.settled(type_of_operand(x)))


def _from_outside(t: Type) -> Type:
    if t.kind in ("function", "closure", "bottom", "unknown", "optional"):
        raise UnsupportedError("the arguments of this gradient are known only when the program runs")
    if isinstance(t, InstanceType):
        return t
    value = None if t.kind in ("list", "dict", "object") else t.value
    return dataclasses.replace(t, elems=tuple(map(_from_outside, t.elems)), value=value)


def _is_inexact(t: Type | Const, place: int | str | None = None) -> bool:
    """Whether an argument (an element of it) surely is a floating-point number or array, or a container of them."""
    if isinstance(t, Const):
        return False
    if place is not None:
        at = (t.keys or ()).index(place) if isinstance(place, str) else place
        return _is_inexact(t.elems[at])
    holder = t.kind in ("tuple", "list", "dict")
    return bool(t.elems and all(map(_is_inexact, t.elems))) if holder else t.inexact is True
