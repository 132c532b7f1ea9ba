"""The halves of a function whose derivative is the user's own (`s2sad.extend.custom_vjp`): his functions, specialised.

y, saved = forward(x)          ...          x_bar, = backward(saved, y_bar)
"""

from __future__ import annotations

import operator
from typing import Any

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Block, Const, Function, Operand, Value
from ..ir.types import Type, same_dtype
from ..passes.build import Builder, type_of_operand
from ..passes.containers import unpack
from ..passes.known import NO_KEY
from ..passes.memory import functional
from ..passes.session import Session
from ..passes.types import Walker
from ..rules.inference import cotangent_type
from .bars import zero


def own_halves(function: Function, attrs: dict[str, Any], active: tuple[bool, ...], results: tuple[bool, ...],
               session: Session) -> tuple[Function, Function]:  # fmt: skip
    """The forward and the backward half.

    Args:
        function: the function itself, for the types of its parameters and results.
        attrs: of the call: ``custom`` has the two functions, ``known`` the arguments that are known when compiling.
        active, results: which parameters and results are differentiated.

    Raises:
        UnsupportedError: a half does not take or give what it should, or can't be compiled.
    """
    custom, known = attrs["custom"], attrs["known"]
    name = function.name
    params = [Value(p.hint, p.type, p.span) for p in function.params]

    def forward(walker: Walker) -> list[Operand]:
        rest = iter(params)
        args = [next(rest) if k is NO_KEY else Const(k) for k in known]
        found = walker.call(Const(custom.forward, f"{name}_forward"), args, {})
        value, saved = _pair(walker, found, f"the forward function of {name}()")
        values = [value] if len(function.results) == 1 else unpack(walker, value, len(function.results))
        for ours, theirs in zip(values, function.results, strict=True):
            _check_like(type_of_operand(ours), type_of_operand(theirs), name)
        idle = [v for v, m in zip(values, results, strict=True) if not m]  # of which the cotangent is zero
        return [*values, walker.builder.op(prims.make_tuple, saved, *idle)]

    first = _specialised(f"{name}_forward", params, forward, session, function)
    kept = Value("saved", type_of_operand(first.results[-1]))
    seeds = [
        Value("result_bar", cotangent_type(type_of_operand(r)))
        for r, m in zip(function.results, results, strict=True)
        if m
    ]

    def read(walker: Walker, k: int) -> Operand:
        return walker.builder.op(operator.getitem, kept, Const(k))

    def backward(walker: Walker) -> list[Operand]:
        rest = iter(seeds)
        idle = iter(range(1, len(results) + 1))
        bars = [next(rest) if m else zero(walker.builder, read(walker, next(idle))) for m in results]
        bar = bars[0] if len(bars) == 1 else walker.builder.op(prims.make_tuple, *bars)
        found = walker.call(Const(custom.backward, f"{name}_backward"), [read(walker, 0), bar], {})
        t = type_of_operand(found)
        if t.kind != "tuple" or len(t.elems) != len(known):
            raise UnsupportedError(
                f"the backward function of {name}() must return a tuple of {len(known)}: a cotangent for each argument",
                function.span,
            )
        each = [x for x, k in zip(unpack(walker, found, len(known)), known, strict=True) if k is NO_KEY]
        return [x for x, a in zip(each, active, strict=True) if a]

    return first, _specialised(f"{name}_backward", [kept, *seeds], backward, session, function)


def _specialised(name: str, params: list[Value], write: Any, session: Session, like: Function) -> Function:
    """The functional form of what ``write`` appends, once the types of lists are settled."""
    while True:
        before = dict(session.sites), set(session.mutated)
        builder = Builder(Block(list(params)))
        function = Function(name, builder.block, origin=like.origin, span=like.span)
        builder.span = like.span
        builder.block.results = write(Walker(function, session, None, builder, (id(write),)))
        if before == (session.sites, session.mutated):
            break
        session.specialised.clear()
    function.attrs["defs"] = builder.defs
    return functional(function)


def _pair(walker: Walker, found: Operand, what: str) -> list[Operand]:
    t = type_of_operand(found)
    if t.kind != "tuple" or len(t.elems) != 2:
        raise UnsupportedError(f"{what} must return the tuple (value, saved)", walker.builder.span)
    return unpack(walker, found, 2)


def _check_like(ours: Type, theirs: Type, name: str) -> None:
    """The value of the forward function is of the type that the function's own is."""
    known = "unknown" not in (ours.kind, theirs.kind)
    same = same_dtype(ours.dtype, theirs.dtype) or ours.dtype is theirs.dtype is None
    if not known or ours.kind != theirs.kind or not same or ours.rank != theirs.rank:
        raise UnsupportedError(
            f"the forward function of {name}() must return the value of {name}() first: {ours} is not {theirs}"
        )
