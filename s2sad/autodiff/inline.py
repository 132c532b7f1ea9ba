"""Put a rule, which is plain Python, into the code that uses it: lowered, specialised to its arguments, spliced in."""

from __future__ import annotations

import functools
import inspect
import operator
import types as python_types
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..errors import MissingRuleError, UnsupportedError
from ..ir.core import Block, Const, Function, Op, Operand, Parameter, Value, constant_key, hashable
from ..ir.types import UNKNOWN, Type
from ..passes.bind import bind as bind_call
from ..passes.build import Builder, type_of_operand
from ..passes.effects import all_ops
from ..passes.known import NO_KEY, Elements, canonical, is_option
from ..passes.memory import functional
from ..passes.refusals import refusal
from ..passes.session import Session
from ..passes.types import Walker, specialise_known
from ..rules import scalar
from ..rules.binding import bind
from ..rules.table import Rule
from . import shelf

LONGEST = 100  # ops in a rule that is put in place; a longer one is called as it is

_SPECIALISED: dict[Any, Function | None] = {}  # rules depend on nothing that may change: these serve every compilation


def apply_rule(rule: Callable[..., Any], args: list[Operand], options: dict[str, Operand], builder: Builder) -> Operand:
    """Append what ``rule(*args, **options)`` computes, and return its result.

    A straight formula is spliced in; a rule with control flow that is not decided when compiling becomes a call to its
    specialised form, and one that can't be specialised a call to the rule itself, which runs on real arrays as well.

    Raises:
        MissingRuleError: the rule refuses, whatever the values of its arguments.
    """
    try:
        return _specialised(cast(python_types.FunctionType, rule), args, options, builder)
    except MissingRuleError:
        raise
    except UnsupportedError:
        out = Value(None, UNKNOWN)
        builder.append(Op(rule, list(args), dict(options), [out], attrs={"rule": True}))
        return out


def _specialised(
    rule: python_types.FunctionType, args: list[Operand], options: dict[str, Operand], builder: Builder
) -> Operand:
    header = _header(rule)
    walker = Walker(header, _session(), rule, builder)
    operands = [_constant(x, builder) for x in bind_call(walker, header, args, options, rule)]
    types, _ = canonical([type_of_operand(x) for x in operands])
    known = tuple(_known(x, builder) for x in operands)
    typed = None
    if any(isinstance(k, (float, complex)) for k in known):  # of which hardly a formula asks
        free = tuple(NO_KEY if isinstance(k, (float, complex)) else k for k in known)
        typed = _of_any_number(rule, types, free, builder)
        known = known if typed is None else free
    if typed is None:
        typed = _formula(rule, types, known, builder)
    passed = [x for o, k in zip(operands, known, strict=True) for x in _passed(o, k, builder)]
    if not _is_formula(typed):
        out = Value(None, _cotangent_result(typed))
        builder.append(Op("call", passed, {}, [out], attrs={"function": typed}))
        return out
    return splice(typed, passed, builder)[0]


def _session() -> Session:
    """One of its own: what other uses put into a rule's lists must not change what is made of this one."""
    session = Session()
    session.unroll = True
    return session


def _of_any_number(
    rule: python_types.FunctionType, types: list[Type], known: tuple, builder: Builder
) -> Function | None:
    """The formula where floats are not known; None where one of them may decide what it is."""
    key = (rule, tuple(types), tuple(map(_key, known)))
    if key not in _SPECIALISED:
        try:
            _formula(rule, types, known, builder)
        except UnsupportedError:
            _SPECIALISED[key] = None
    typed = _SPECIALISED[key]
    decides = typed is None or any(op.blocks or op.prim == "call" for op in typed.body.ops)
    return None if decides else typed


def _formula(rule: python_types.FunctionType, types: list[Type], known: tuple, builder: Builder) -> Function:
    """A rule for arguments of given types, some of which are known.

    Raises:
        MissingRuleError: the rule refuses.
        UnsupportedError: it can't be specialised, or is too long.
    """
    key = (rule, tuple(types), tuple(map(_key, known)))
    typed = _SPECIALISED.get(key)
    if typed is None:
        on_disk = shelf.key_of(rule, tuple(types), known)
        typed = _SPECIALISED[key] = shelf.take(on_disk)
    if typed is None:
        session = _session()
        typed = _settled(session.lowered(rule), types, known, session, rule)
        why = refusal(typed.body.ops)
        if why is not None:
            raise MissingRuleError(why, builder.span)
        if sum(1 for _ in all_ops(typed.body)) > LONGEST:
            raise UnsupportedError(f"the rule {rule.__name__} is an algorithm, not a formula")
        typed = functional(typed)
        typed.attrs["numpy"] = any(p.type.kind in ("scalar", "array", "numeric") for p in typed.params)
        _mark(typed)
        _SPECIALISED[key] = typed
        shelf.put(on_disk, typed)
    return typed


@functools.cache
def _header(rule: python_types.FunctionType) -> Function:
    """A rule as calls bind its arguments, without its body."""
    code = rule.__code__
    kinds = ["positional_only"] * code.co_posonlyargcount
    kinds += ["plain"] * (code.co_argcount - len(kinds)) + ["keyword_only"] * code.co_kwonlyargcount
    kinds += ["args"] * bool(code.co_flags & inspect.CO_VARARGS) + ["kwargs"] * bool(
        code.co_flags & inspect.CO_VARKEYWORDS
    )
    taken = [Parameter(name, kind) for name, kind in zip(code.co_varnames, kinds, strict=False)]
    order = ["positional_only", "plain", "args", "keyword_only", "kwargs"]
    return Function(rule.__name__, Block(), sorted(taken, key=lambda p: order.index(p.kind)), origin=rule)


def _settled(lowered: Function, types: list[Type], known: tuple, session: Session, rule: Any) -> Function:
    """The typed rule, once what is known of the elements of its lists does not change any more."""
    for _ in range(12):
        before, finished = (dict(session.sites), set(session.mutated)), set(session.specialised)
        typed = specialise_known(lowered, types, known, session, rule, ("rule", id(rule)))
        if before == (session.sites, session.mutated):
            return typed
        for made in set(session.specialised) - finished:
            del session.specialised[made]
    raise UnsupportedError(f"the types of the lists in the rule {rule.__name__} do not settle")


def _mark(function: Function) -> None:
    """Say of a specialised rule, and of what it calls, that no line in them is the user's."""
    function.attrs["rule"] = True
    for op in all_ops(function.body):
        if op.prim == "call" and not op.attrs["function"].attrs.get("rule"):
            _mark(op.attrs["function"])


def _known(x: Operand, builder: Builder) -> Any:
    """A constant, ``NO_KEY``, or `Elements` for a tuple some of whose elements are constants."""
    if isinstance(x, Const):
        return x.value if _is_known(x.value) else NO_KEY
    parts = builder.elements(x) if x.type.kind == "tuple" and x.type.cls is None else None
    if parts is None or not any(isinstance(p, Const) for p in parts):
        return NO_KEY
    return Elements(tuple(p.value if isinstance(p, Const) and _is_known(p.value) else NO_KEY for p in parts))


def _key(known: Any) -> Any:
    return ("elements", *map(constant_key, known.known)) if isinstance(known, Elements) else constant_key(known)


def _passed(x: Operand, known: Any, builder: Builder) -> list[Operand]:
    """What a specialised rule takes of an argument: nothing where it is known."""
    if isinstance(known, Elements):
        parts = builder.elements(x) or []
        return [p for p, k in zip(parts, known.known, strict=True) if k is NO_KEY]
    return [x] if known is NO_KEY else []


def bound(op: Op, rule: Rule) -> tuple[list[Operand], dict[str, Operand]]:
    """The arguments and options of a call as its rule names them.

    Raises:
        TypeError: for an option that the rule does not have.
    """
    arguments, options = bind(op.prim, rule, tuple(op.args), dict(op.params), known=known_value)
    return [x if isinstance(x, (Value, Const)) else Const(x) for x in arguments], options


def known_value(x: Operand) -> Any:
    """What an operand is known to be; itself where nothing is known."""
    return x.value if isinstance(x, Const) else x


def is_missing(x: Operand) -> bool:
    """Whether a rule says so of a derivative that it doesn't have."""
    return isinstance(x, Const) and x.value is NotImplemented


def _is_known(x: Any) -> bool:
    return is_option(x) or isinstance(x, (int, float, complex, slice)) or x is Ellipsis


def _constant(x: Operand, builder: Builder) -> Operand:
    """A tuple of constants is a constant."""
    parts = builder.elements(x) if isinstance(x, Value) and x.type.kind == "tuple" else None
    if parts is not None and all(isinstance(p, Const) for p in parts):
        return Const(tuple(p.value for p in parts if isinstance(p, Const)))
    return x


def _is_formula(function: Function) -> bool:
    """Straight code, or small choices between values, which read well as conditional expressions."""
    for op in function.body.ops:
        if op.blocks and (op.prim != "if" or any(o.blocks for b in op.blocks for o in b.ops) or len(op.outs) != 1):
            return False
        if op.prim == "if" and not all(o.type.is_number for o in op.outs):
            return False
    return True


def _cotangent_result(function: Function) -> Type:
    from ..ir.types import as_open

    return as_open(type_of_operand(function.results[0]))


def splice(function: Function, args: list[Operand], builder: Builder) -> list[Operand]:
    """Append the ops of a formula, with ``args`` for its parameters."""
    return _splice(function, dict(zip(function.params, args, strict=True)), builder)


def _splice(function: Function, env: dict[Value, Operand], builder: Builder) -> list[Operand]:

    def read(x: Operand) -> Operand:
        return env[x] if isinstance(x, Value) else x

    for op in function.body.ops:
        if op.prim == "if":
            blocks = []
            for block in op.blocks:
                inner = builder.nested()
                inside = Function("", Block(list(function.params), block.ops, block.results))
                inside.attrs["numpy"] = function.attrs.get("numpy")
                inner.block.results = _splice(inside, dict(env), inner)
                blocks.append(inner.block)
            outs = [Value(o.hint, o.type) for o in op.outs]
            builder.append(Op("if", [read(op.args[0])], {}, outs, blocks))
            env.update(zip(op.outs, outs, strict=True))
        elif op.prim == "call" or len(op.outs) != 1:
            outs = [Value(o.hint, o.type) for o in op.outs]
            builder.append(Op(op.prim, list(map(read, op.args)), {k: read(v) for k, v in op.params.items()}, outs,
                              attrs=dict(op.attrs)))  # fmt: skip
            env.update(zip(op.outs, outs, strict=True))
        else:
            args = [*map(read, op.args)]
            if op.prim is operator.truediv and function.attrs.get("numpy"):
                args[1] = _divisor(args[0], args[1], builder)
            env[op.out] = builder.op(op.prim, *args, **{k: read(v) for k, v in op.params.items()})
    return [read(r) for r in function.results]


def _divisor(top: Operand, bottom: Operand, builder: Builder) -> Operand:
    """What a rule divides by: Python's numbers raise where it is zero, as NumPy, whose function it is of, did not."""
    kinds = [type_of_operand(x).kind for x in (top, bottom)]
    plain = all(k in ("int", "float", "complex", "number") for k in kinds) and kinds[1] != "int"  # which is a size
    if not plain or isinstance(bottom, Const):
        return bottom
    return builder.op(np.complex128 if kinds[1] == "complex" else np.float64, bottom)


def partials(
    op: Op, rule: Rule, arguments: list[Operand], options: dict[str, Operand], build: Builder
) -> list[Operand]:
    """The partial derivatives of an elementwise function, one for each argument; a Const None where there is none."""
    if op.prim in POWERS and not options:
        by_base = _literal_power(op, arguments[0], arguments[1], build)
        if by_base is not None:
            return [by_base, Const(None)]
    assert rule.pullback is not None
    given = [_number(x, build) if rule.of_another_package else x for x in arguments]
    result = apply_rule(rule.pullback, [op.outs[0], *given], options, build)
    return columns(result, rule, len(arguments), build)


def _number(x: Operand, build: Builder) -> Operand:
    """`Rule.number`, when compiling."""
    t = type_of_operand(x)
    of_bool = t.kind == "bool" or (t.kind in ("array", "scalar") and t.dtype == bool)
    return build.op(np.asarray, x, Const(float, "float")) if of_bool else x


def columns(result: Operand, rule: Rule, count: int, build: Builder) -> list[Operand]:
    """What a rule returned for each argument: a rule of one argument returns it by itself."""
    names, starred, _ = rule.signature()
    if len(names) == 1 and not starred:
        return [result]
    parts = build.elements(result)
    if parts is None:
        return [build.op(operator.getitem, result, Const(i)) for i in range(count)]
    return parts[:count]  # a rule may have more for arguments that were not given


POWERS = (operator.pow, operator.ipow, np.power)
_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg}


def _literal_power(op: Op, x: Operand, y: Operand, build: Builder) -> Operand | None:
    """The derivative of ``x**y`` by ``x`` for an exponent of literals, as ``-1.5`` or ``2 / 3``, other than zero."""
    n, base = _literal(y, build), type_of_operand(x)
    if n is None or not (n < 0 or n > 0):
        return None
    if n == 1:
        return Const(1)
    if 0 < n < 1 and base.kind not in ("array", "scalar"):  # at zero, Python's own numbers have no negative powers
        return apply_rule(scalar.power_below_one, [op.outs[0], x, y], {}, build) if base.is_number else None
    if n == 2:
        return build.op(operator.mul, Const(n), x)
    less = Const(n - 1) if isinstance(y, Const) else build.op(operator.sub, y, Const(1))
    return build.op(operator.mul, y, build.op(operator.pow, x, less))


def _literal(x: Operand, build: Builder, depth: int = 4) -> Any:
    """The number that an operand is, where the program says it by literals; or None."""
    if isinstance(x, Const):
        return x.value if type(x.value) in (int, float) else None
    made = build.defs.get(x)
    if made is None or not hashable(made.prim) or made.prim not in _ARITHMETIC or made.params or depth == 0:
        return None
    parts = [_literal(a, build, depth - 1) for a in made.args]
    try:
        return None if None in parts else made.prim(*parts)
    except ArithmeticError:  # the program raises it itself
        return None
