"""The passes in order: from a Python function and the types of its arguments to the text of its derivative.

lower -> types -> memory -> reverse -> simplify -> save -> emit
"""

from __future__ import annotations

import dataclasses
import operator
import types as python_types
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from . import runtime
from .autodiff.activity import may_vary
from .autodiff.forward import forward
from .autodiff.halves import Halves, cut
from .autodiff.reverse import Adjoint, reverse
from .autodiff.roots import check_asked
from .autodiff.save import save
from .autodiff.settling import watch
from .codegen.emit import Emitted, emit
from .codegen.keep import keep
from .codegen.load import load, unique_filename
from .errors import UnsupportedError
from .ir import prims
from .ir.core import Const, Function, Op, Operand, Parameter, Value
from .ir.types import COMPLEX, FLOAT, Type
from .passes.branches import join_branches
from .passes.build import Builder, type_of_operand
from .passes.floats import settle
from .passes.iterators import check_unseen
from .passes.logs import check_logs
from .passes.memory import functional
from .passes.outside import check_called, check_shared, may_change, read_once
from .passes.returned import leave
from .passes.session import Session
from .passes.simplify import ask_parameters, once_only, simplify
from .passes.types import specialise
from .passes.words import describe
from .rules.table import rule_for

STAGES = ("lower", "types", "memory", "adjoint", "simplified", "python")


@dataclasses.dataclass(frozen=True)
class Selection:
    """What is differentiated, and how the gradient is shaped.

    places: for each gradient the position of the parameter, and which element it is of ``*args`` or ``**kwargs``.
    single: one gradient, otherwise a tuple.
    """

    places: tuple[tuple[int, int | str | None], ...]
    single: bool

    @property
    def params(self) -> tuple[int, ...]:
        """The parameters, in order, once each."""
        return tuple(sorted({p for p, _ in self.places}))


@dataclasses.dataclass
class Program:
    """Generated code, ready to call.

    Attributes:
        text: the Python source of the module.
        functions: the loaded functions, by role: ``main``, or ``forward`` and ``backward``.
        guards: what compilation took for granted outside the arguments.
        written: positions of the parameters that the primal writes.
        parts: what the emitter made, by role.
        seeded: whether the backward half takes a cotangent.
    """

    text: str
    functions: dict[str, Callable]
    session: Session
    written: list[int]
    parts: dict[str, Emitted]
    seeded: bool = False


def prepare(fun: python_types.FunctionType, args: Sequence[Type | Const], session: Session) -> Function:
    """The functional form of a function for arguments of given types (a Const for one that is known)."""
    lowered = session.lowered(fun)
    return _functional(typed_function(lowered, fun, args, session))


def typed_function(lowered: Function, fun: Any, args: Sequence[Type | Const], session: Session) -> Function:
    """The typed stage."""
    typed = specialise(lowered, list(args), session, fun)
    if session.told and may_change(typed):
        session.read_late()
        typed = specialise(lowered, list(args), session, fun)
    if any(type_of_operand(r).holds_function for r in typed.results):  # it has no form outside the compiler
        raise UnsupportedError("returning a function that is defined here is not supported", typed.span)
    check_unseen(typed)
    check_logs(typed)
    check_asked(typed)
    check_called(typed)
    check_shared(typed)
    typed.signature = _signature(lowered, fun)
    return typed


def _functional(typed: Function) -> Function:
    """The functional stage."""
    read_once(typed)
    return functional(typed)


def _signature(lowered: Function, fun: Any) -> list[Parameter]:
    """The parameters with the defaults that the function has now."""
    plain = [p for p in lowered.signature if p.kind in ("plain", "positional_only")]
    values = fun.__defaults__ or ()
    defaults = dict(zip([p.name for p in plain[len(plain) - len(values) :]], values, strict=True))
    defaults.update(fun.__kwdefaults__ or {})
    return [
        dataclasses.replace(
            p, default=Const(defaults[p.name], _default_path(p.name, defaults[p.name])) if p.name in defaults else None
        )
        for p in lowered.signature
    ]


def _default_path(name: str, value: Any) -> str | None:
    literal = isinstance(value, (bool, int, float, complex, str, type(None)))
    return None if literal else f"default_{name}"


def gradient(fun: python_types.FunctionType, args: Sequence[Type | Const], selection: Selection, *, value: bool = False,
             has_aux: bool = False, stage: str = "python", session: Session | None = None) -> Any:  # fmt: skip
    """Generate the gradient (with ``value``: value and gradient) of a function.

    Returns:
        A `Program`; or the Function of the ``stage`` asked for.
    """
    session = session or Session()
    lowered = session.lowered(fun)
    if stage == "lower":
        return lowered
    typed = typed_function(lowered, fun, args, session)
    if stage == "types":
        return typed
    function = _functional(typed)
    if stage == "memory":
        return function
    return _gradient(function, selection, value, has_aux, stage, session)


def inner_gradient(function: Function, environment: Any, args: Sequence[Type | Const], selection: Selection, *,
                   value: bool, has_aux: bool, session: Session) -> Program:  # fmt: skip
    """Generate the gradient of a lowered function that another calls, as a function of its parameters by position.

    Args:
        environment: the Python function whose globals, cells and defaults it sees.
        args: what is known of its parameters, captured values first.
    """
    typed = typed_function(function, environment, args, session)
    names = (*function.captured, *[p.name for p in function.signature])
    typed.signature, typed.captured = [Parameter(name) for name in names], ()
    return cast(Program, _gradient(_functional(typed), selection, value, has_aux, "python", session))


def _gradient(
    function: Function, selection: Selection, value: bool, has_aux: bool, stage: str, session: Session
) -> Any:
    """The gradient of a functional program."""
    active = [i in selection.params for i in range(len(function.params))]
    function, aux = _without_aux(function, has_aux)
    _check_scalar(function.results[0])
    adjoint = reverse(watch(function, active), active, session, seed=_seed)
    whole = _with_results(adjoint, selection, value, aux)
    if stage == "adjoint":
        return whole
    simplify(join_branches(simplify(save(describe(settle(leave(simplify(ask_parameters(whole)))))))))
    if stage == "simplified":
        return whole
    name = f"{_identifier(function.name)}_{'value_and_grad' if value else 'grad'}"
    return _as_program(whole, name, session, function.attrs["written"])


def pullback(fun: python_types.FunctionType, args: Sequence[Type | Const], selection: Selection, *,
             has_aux: bool = False, session: Session | None = None) -> Program:  # fmt: skip
    """Generate the forward and the backward half of a function, for ``vjp``."""
    session = session or Session()
    function = prepare(fun, args, session)
    written = function.attrs["written"]
    signature = function.signature
    function, aux = _without_aux(function, has_aux)
    active = tuple(i in selection.params for i in range(len(function.params)))
    made = Halves(_identifier(function.name))
    watch(function, list(active))
    marks = tuple(isinstance(r, Value) and may_vary(r.type) for r in function.results)
    seen: set[Value] = set()
    cut(function, active, marks, session, made, finish=lambda build, b, p: _own(build, _kind(build, b, p), seen))
    value = made.forward.results[0]
    if isinstance(value, Value) and value.type.kind == "array":  # what the caller gets is the caller's to change
        build = Builder(made.forward.body, made.forward.attrs["defs"])
        made.forward.body.results[0] = build.op(prims.copy, value)
    made.forward.signature = signature
    made.forward.body.results[len(function.results) : len(function.results)] = aux
    keep(made.forward)
    first = emit(made.forward, name=made.forward.name)
    second = emit(made.backward, name=made.backward.name)
    parts, functions = {"forward": first, "backward": second}, {}
    for role, emitted in parts.items():
        module = load(emitted.text, emitted.namespace, unique_filename(emitted.name))
        functions[role] = module[emitted.name]
    return Program(first.text + "\n\n" + second.text, functions, session, written, parts, any(marks))


def pushforward(fun: python_types.FunctionType, args: Sequence[Type | Const], selection: Selection, *,
                repeatable: bool = False, stage: str = "python", session: Session | None = None) -> Any:  # fmt: skip
    """Generate the function that also pushes tangents forward, for ``jvp``: its tangents follow its arguments.

    ``repeatable``: it will be called again for every column of a Jacobian, so effects are refused.
    """
    session = session or Session()
    function = prepare(fun, args, session)
    again = once_only(function) if repeatable else []
    if again:
        reasons = [(s, f"jacfwd would call {n}() again for every column: use s2sad.jacrev") for s, n in again]
        raise UnsupportedError(reasons[0][1], reasons[0][0], reasons)
    written = function.attrs["written"]
    active = [i in selection.params for i in range(len(function.params))]
    whole = _pushed(watch(function, active), active, session)
    count = len(function.results)
    build = Builder(whole.body, whole.attrs["defs"])
    seen = _made_for(build, whole.results[:count])
    whole.body.results[count:] = [_own(build, dot, seen) for dot in whole.results[count:]]
    if stage == "adjoint":
        return whole
    simplify(join_branches(simplify(ask_parameters(whole))))
    if stage == "simplified":
        return whole
    return _as_program(whole, f"{_identifier(function.name)}_jvp", session, written)


def hessian_product(fun: python_types.FunctionType, args: Sequence[Type | Const], selection: Selection,
                    moving: tuple[int, ...], *, has_aux: bool = False, stage: str = "python",
                    session: Session | None = None) -> Any:  # fmt: skip
    """Generate the derivative of the gradient along a direction: forward mode over reverse mode, for ``hvp``.

    The parameters are those of the function, and a tangent for each of ``moving``.  Forward over reverse costs a small
    multiple of the gradient (Pearlmutter, Fast exact multiplication by the Hessian, 1994).
    """
    session = session or Session()
    whole = gradient(fun, args, selection, has_aux=has_aux, stage="simplified", session=session)
    if has_aux:
        whole.body.results = whole.results[:1]
    written = whole.attrs["written"]
    pushed = _pushed(whole, [i in moving for i in range(len(whole.params))], session)
    pushed.body.results = pushed.results[len(whole.results) :]
    build = Builder(pushed.body, pushed.attrs["defs"])
    seen: set[Value] = set()
    pushed.body.results = [_own(build, r, seen) for r in pushed.results]
    if stage == "adjoint":
        return pushed
    simplify(join_branches(simplify(ask_parameters(pushed))))
    if stage == "simplified":
        return pushed
    name = f"{_identifier(session.lowered(fun).name)}_hvp"
    return _as_program(pushed, name, session, written)


def _pushed(function: Function, active: list[bool], session: Session) -> Function:
    """A function with tangents, of the kinds of its results."""
    whole = forward(function, active, session)
    build = Builder(whole.body, whole.attrs["defs"])
    values, dots = function.results, whole.results[len(function.results) :]
    dots = [_tangent(build, d, y) if isinstance(y, Value) else d for d, y in zip(dots, values, strict=True)]
    whole.body.results = [*values, *dots]
    return whole


def _as_program(whole: Function, name: str, session: Session, written: list[int]) -> Program:
    """Emit and load a program of one function."""
    emitted = emit(whole, name=name)
    module = load(emitted.text, emitted.namespace, unique_filename(emitted.name))
    return Program(emitted.text, {"main": module[emitted.name]}, session, written, {"main": emitted})


def _without_aux(function: Function, has_aux: bool) -> tuple[Function, list[Operand]]:
    """With ``has_aux``: the function of the first element of its result, and the operand of the second."""
    if not has_aux:
        return function, []
    build = Builder(function.body, function.attrs["defs"])
    result = function.results[0]
    parts = build.elements(result)
    if parts is None or len(parts) != 2:
        raise UnsupportedError("with has_aux the function must return a tuple (value, aux)", function.span)
    function.body.results = [parts[0]]
    return function, [parts[1]]


def _seed(build: Builder, y: Value) -> Operand:
    """The cotangent of a real scalar result."""
    t = y.type
    if t.kind in ("float", "number") or (t.kind == "scalar" and t.dtype is not None and t.dtype.kind == "f"):
        return Const(1.0)
    if (
        t.kind == "array"
        and t.dims is not None
        and all(d.one for d in t.dims)
        and t.dtype is not None
        and t.dtype.kind == "f"
    ):
        return build.op(np.ones_like, y)
    if t.kind == "optional":
        return build.op(runtime.seed, y)
    if t.kind in ("array", "numeric", "unknown") and not (
        t.kind == "array" and t.dims and any(d.one is False for d in t.dims)
    ):
        return build.op(runtime.seed, y, type=Type("numeric") if t.kind != "array" else t)
    raise TypeError(_not_scalar(t))


def _check_scalar(y: Operand) -> None:
    """Refuse a result that certainly is not a real scalar."""
    t = type_of_operand(y)
    if t.kind in ("str", "none", "tuple", "list", "dict", "complex", "slice", "range", "function"):
        raise TypeError(_not_scalar(t))


def _not_scalar(t: Type) -> str:
    return (
        f"the function must return a real scalar (a float, a 0-d or one-element array) to have a gradient, not {t!r}: "
        f"use s2sad.vjp or s2sad.jacobian"
    )


def _with_results(adjoint: Adjoint, selection: Selection, value: bool, aux: list[Operand]) -> Function:
    """Give an adjoint the results of a gradient function."""
    function = adjoint.function
    build = Builder(function.body, function.attrs["defs"])
    build.attrs = {"backward": True}
    bars = {p: _kind(build, b, function.params[p]) for p, b in zip(selection.params, adjoint.bars, strict=True)}
    grads = [bars[p] if k is None else build.op(operator.getitem, bars[p], Const(k)) for p, k in selection.places]
    seen = _made_for(build, [*adjoint.results, *aux])
    grads = [_own(build, g, seen) for g in grads]
    gradient = grads[0] if selection.single else _tuple(build, grads)
    results: list[Operand] = [*adjoint.results] if value else []
    if aux and value:
        results = [_tuple(build, [*adjoint.results, *aux])]
    results.append(gradient)
    if aux and not value:
        results += aux
    function.body.results = results
    return function


def _own(build: Builder, bar: Operand, seen: set[Value]) -> Operand:
    """The gradient in memory of its own: not that of an argument, of a constant, or of another gradient (``seen``)."""
    if not isinstance(bar, Value) or not bar.type.mutable:
        return bar
    made = build.defs.get(bar)
    held = _holding_places(made)
    if made is not None and held:
        args = [_own(build, x, seen) if k in held else x for k, x in enumerate(made.args)]
        return bar if args == made.args else build.op(made.prim, *args, type=bar.type, hint=bar.hint)
    origins = _origins(build.defs, bar)
    if origins is None or origins & seen:
        return build.op(prims.copy if bar.type.kind == "array" else runtime.detached, bar, hint=bar.hint, type=bar.type)
    seen |= origins
    return bar


def _made_for(build: Builder, results: list[Operand]) -> set[Value]:
    """The values whose memory results have, those in containers that are written out included."""
    found: set[Value] = set()
    for x in results:
        made = build.defs.get(x) if isinstance(x, Value) else None
        found |= _origins(build.defs, x) or set()
        found |= _made_for(build, [made.args[k] for k in _holding_places(made)]) if made is not None else set()
    return found


def _holding_places(made: Op | None) -> tuple[int, ...] | range:
    """Which operands of an op a container that it writes out consists of."""
    if made is None or made.prim in (prims.make_tuple, prims.make_list):
        return range(0 if made is None else len(made.args))
    if made.prim is prims.make_dict:
        return range(1, len(made.args), 2)
    return (1,) if made.prim in (runtime.rebuild, runtime.rebuild_object) else ()


def _origins(defs: dict[Value, Op], x: Operand, inside: tuple[Function, ...] = (),
             carried: frozenset[Value] = frozenset()) -> set[Value] | None:  # fmt: skip
    """The values of which one has the memory of ``x``, if this function made them all; None where that is not certain.

    ``inside``: the functions that are looked into.  ``carried``: what loops around carry.
    """
    if not isinstance(x, Value):
        return None
    x = _viewed(defs, x)
    made = defs.get(x)
    if made is None:
        return {x} if x in carried else None
    array = x.type.kind == "array"
    if made.prim in ("for", "while"):
        return _carried_origins(defs, made, x, inside, carried)
    if made.prim == "call":
        callee = made.attrs["function"]
        if callee in inside or "defs" not in callee.attrs:
            return None
        each = [_origins(callee.attrs["defs"], r, (*inside, callee)) for r in callee.results]
        own = dict(zip(made.outs, each, strict=False)).get(x)
        return {x} if own is not None and sum(bool(own & (e or set())) for e in each) == 1 else None
    if isinstance(made.prim, str) or made.prim in (np.broadcast_to, operator.getitem, getattr):
        return None
    if made.prim in (runtime.index_add, runtime.accumulate) and not all(map(_never_none, made.args)):
        return None  # it gives what is not None as it is
    if made.prim is runtime.accumulate:
        return {x}
    if made.prim in (runtime.index_add, runtime.clear_item) and not array:  # all other elements stay
        return _origins(defs, made.args[0], inside, carried)
    if made.prim in (runtime.index_add, runtime.clear_item, runtime.setitem, prims.copy):
        return {x} if array else None
    known = made.prim in (runtime.zeros_like, runtime.detached) or (array and rule_for(made.prim) is not None)
    return {x} if known else None


def _viewed(defs: dict[Value, Op], x: Value) -> Value:
    """What a view shows, or a value that only has been given a type: the value whose memory it certainly has."""
    made = defs.get(x)
    if made is None or isinstance(made.prim, str) or made.prim in (np.broadcast_to, operator.getitem, getattr):
        return x
    if made.prim not in (runtime.match, runtime.unbroadcast, runtime.sum_to, runtime.as_gradient):
        rule = rule_for(made.prim)
        if rule is None or not rule.view:
            return x
    return _viewed(defs, made.args[0]) if made.args and isinstance(made.args[0], Value) else x


def _never_none(x: Operand) -> bool:
    """Whether no part of a cotangent can be None."""

    def numbers(t: Type) -> bool:
        return t.is_number or t.kind == "array" or (t.kind in ("list", "tuple", "dict") and all(map(numbers, t.elems)))

    t = type_of_operand(x)
    return t.kind in ("int", "slice") or numbers(t)


def _carried_origins(defs: dict[Value, Op], made: Op, x: Value, inside: tuple[Function, ...],
                     carried: frozenset[Value]) -> set[Value] | None:  # fmt: skip
    """The origins of a result of a loop: of the values that it starts from, and of those that iterations make."""
    body = made.blocks[-1]
    count = len(body.results) - bool(made.attrs.get("stops"))
    ends, params = body.results[len(body.results) - count :], body.params[len(body.params) - count :]
    inits = made.args[len(made.args) - count :]
    place = made.outs.index(x) - (len(made.outs) - count)
    found: set[Value] = set()
    reached = [place] if place >= 0 else []
    for k in reached:
        for start in (
            _origins(defs, inits[k], inside, carried), _origins(defs, ends[k], inside, carried | {*params}),
        ):  # fmt: skip
            if start is None:
                return None
            reached += [j for j, p in enumerate(params) if p in start and j not in reached]
            found |= start - {*params}
    return found or None


def _tuple(build: Builder, elements: list[Operand]) -> Operand:
    return build.op(prims.make_tuple, *elements)


def _kind(build: Builder, bar: Operand, param: Value) -> Operand:
    """The gradient of a Python float is a Python float, that of a NumPy number one of its dtype."""
    if param.type.kind in ("int", "bool", "str", "none") or (param.type.is_number and param.type.inexact is False):
        return Const(None)
    if isinstance(bar, Const) and param.type.kind == "float":
        return Const(float(bar.value))
    if param.type.kind == "number":
        return build.op(runtime.match, bar, param)
    if param.type.kind == "float" and type_of_operand(bar) != FLOAT:
        out = Value(bar.hint if isinstance(bar, Value) else None, FLOAT)
        build.append(Op(float, [bar], {}, [out]))
        return out
    if param.type.kind == "complex" and isinstance(bar, Value):
        out = Value(bar.hint, COMPLEX)
        build.append(Op(complex, [bar], {}, [out]))
        return out
    made = build.defs.get(bar) if isinstance(bar, Value) else None
    if param.type.kind in ("tuple", "list", "dict", "object") and _holds_number(param.type):
        if made is not None and made.prim is prims.make_dict and _keys(made) == (param.type.keys or ()):
            elems = [_part(build, param, k, t) for k, t in zip(_keys(made), param.type.elems, strict=True)]
            kinds = [_kind(build, b, e) for b, e in zip(made.args[1::2], elems, strict=True)]
            entries = [x for k, bar in zip(made.args[::2], kinds, strict=True) for x in (k, bar)]
            return build.op(prims.make_dict, *entries, type=_holding(bar, kinds), hint=bar.hint)  # type: ignore[union-attr]
        if (
            made is not None
            and made.prim in (prims.make_tuple, prims.make_list)
            and len(made.args) == len(param.type.elems)
        ):
            elems = [_part(build, param, i, t) for i, t in enumerate(param.type.elems)]
            kinds = [_kind(build, b, e) for b, e in zip(made.args, elems, strict=True)]
            return build.op(made.prim, *kinds, type=_holding(bar, kinds), hint=bar.hint)  # type: ignore[union-attr]
        return build.op(runtime.as_gradient, bar, param, type=param.type)
    if param.type.kind == "scalar" and param.type.dtype is not None and type_of_operand(bar) != param.type:
        return build.op(param.type.dtype.type, bar, type=param.type)
    if param.type.kind == "array" and param.type.rank == 0 and isinstance(bar, Value):  # NumPy computes a number of it
        return build.op(np.asarray, bar)
    return bar


def _tangent(build: Builder, dot: Operand, y: Value) -> Operand:
    """The tangent of a result as a caller gets it; that of one whose kind is not known is like the result."""
    if y.type.kind in ("number", "numeric", "unknown", "optional"):
        return build.op(runtime.as_gradient, dot, y, type=y.type)
    return _kind(build, dot, y)


def _holding(container: Operand, parts: list[Operand]) -> Type:
    """The type of a container, with these parts in place of its own."""
    t = type_of_operand(container)
    return dataclasses.replace(
        t, elems=tuple(map(type_of_operand, parts)), length=len(parts) if t.kind == "list" else None
    )


def _keys(made: Op) -> tuple[Any, ...]:
    """The keys of a dict that is written out."""
    return tuple(k.value if isinstance(k, Const) else k for k in made.args[::2])


def _part(build: Builder, param: Value, i: Any, t: Type) -> Value:
    """An element of a parameter; of a number only its type is asked."""
    if (t.is_number and t.kind != "number") or t.kind in ("str", "none"):
        return Value(None, t)
    return build.op(operator.getitem, param, Const(i), type=t)


def _holds_number(t: Type) -> bool:
    """Whether a part has a gradient of another kind than its cotangent: a number, or an integer, which has none."""
    whole = t.kind == "array" and (t.dtype is None or t.dtype.kind not in "fc")
    return whole or t.is_number or t.kind == "unknown" or any(map(_holds_number, t.elems))


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "function"
