"""Calls of Python functions: specialised to the types of the arguments, as a call or in its place.

helper(x)         ->   call {helper specialised to f8[:]}, or its body
"""

from __future__ import annotations

import itertools
import operator
import types as python_types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, constant_key, hashable
from ..ir.types import BOTTOM, UNKNOWN, Type, module_of, of_result, tuple_of
from . import effects
from .bind import bind
from .build import constant_tuple, type_of_operand
from .iterators import check_handed_over
from .known import NO_KEY, axes_of, canonical, is_option

if TYPE_CHECKING:
    from .types import Walker


INLINE = 4  # ops in a helper that is short enough to be inlined
NESTED = 3  # short helpers inside of each other that are
INLINED = 2500  # calls that are put in place in one compilation
PATIENCE = 6  # attempts at the type of what a recursive function returns
ENDLESS = 100  # calls of a function inside of its own, each with other types
GENERATED = "<s2sad "  # how the names of modules of generated code begin
LONG_HELPER = 24  # ops of a function that a rule calls: a longer one stays a function


def call_python(
    walker: Walker, f: python_types.FunctionType, args: list[Operand], params: dict[str, Operand]
) -> Operand:
    """A call to a Python function: specialised to its arguments, as a call or inline."""
    known = _evaluated(walker, f, args, params) if walker.session.unroll else None
    if known is not None:
        return known
    try:
        lowered = walker.session.lowered(f)
        walker.session.guard(f, f, "__code__", f.__code__)
        walker.session.guard(f, f, "__defaults__", f.__defaults__)
    except Exception as error:
        from ..errors import Error

        if not isinstance(error, Error):
            raise
        return walker.opaque(f, args, params, f.__name__, error)
    return call_lowered(walker, lowered, args, params, f)


def _evaluated(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]) -> Const | None:
    """The result of a rule's helper whose arguments are sizes, names and choices that are known when compiling."""
    try:
        values = [constant_tuple(a, walker.builder) for a in args]
        named = {k: constant_tuple(v, walker.builder) for k, v in params.items()}
        if not all(map(_is_choice, (*values, *named.values()))):
            return None
        result = f(*values, **named)
    except Exception:  # it raises when the program runs, at its place
        return None
    return Const(result) if _is_choice(result) else None


def call_lowered(
    walker: Walker, function: Function, args: list[Operand], params: dict[str, Operand], environment: Any
) -> Operand:
    marks, walker.marks = walker.marks, {}
    operands = bind(walker, function, args, params, environment)
    if marks and _must_inline(walker, function, operands):
        raise walker.refuse(f"{kind_of(marks)} of {function.name}(), which takes a function, is not supported")
    if not marks and (
        (_is_short(function) and walker.nested_calls < NESTED)
        or _must_inline(walker, function, operands)
        or _takes_made(walker, function, operands)
        or _has_masks(walker, function, environment)
    ):
        return inline(walker, function, operands, environment)
    types, restore = canonical([type_of_operand(x) for x in operands])
    literal = (int, float, complex) if walker.session.unroll else ()  # rules branch on numbers, too
    axes = axes_of(function)
    known = tuple(
        x.value
        if isinstance(x, Const)
        and (is_option(x.value) or isinstance(x.value, literal) or (p in axes and type(x.value) is int))
        else NO_KEY
        for p, x in zip(function.params, operands, strict=True)
    )
    key = (id(function), id(environment), tuple(types), tuple(map(constant_key, known)))
    typed = walker.session.specialised.get(key)
    if typed is None:
        typed = _specialise_call(walker, key, function, types, known, environment)
    typed.attrs["used"] = True
    summary = effects.summary(typed)
    aliases = summary.aliases and not walker.session.unroll  # rules write nothing, so they may hand on views
    if marks and (summary.writes or _has_function_result(typed)):
        raise walker.refuse(f"{kind_of(marks)} of {function.name}(), which changes its arguments, is not supported")
    typed.attrs["aliases"] = bool(aliases)
    functions = any(type_of_operand(x).holds_function for x in operands)
    recursive = typed.attrs.get("recursive") and not functions
    if not marks and (summary.writes or (aliases and not recursive) or _has_function_result(typed)):
        if key in walker.session.results:
            raise walker.refuse(
                f"{function.name}() calls itself and changes or returns its arguments: copy them at its beginning"
            )
        return inline(walker, function, operands, environment)
    short = len(typed.body.ops) <= (LONG_HELPER if walker.session.unroll else 2)
    if not marks and not typed.attrs.get("recursive") and short and _is_flat(typed, walker.session.unroll):
        return inline(walker, function, operands, environment)
    if not marks and not typed.attrs.get("recursive") and any(t.made_here for t in typed.attrs["result_types"]):
        return inline(walker, function, operands, environment)
    passed = [x for x, k in zip(operands, known, strict=True) if k is NO_KEY]
    outs = [Value(None, restore(r)) for r in typed.attrs["result_types"]]
    walker.builder.append(Op("call", passed, {}, outs, attrs={"function": typed}))
    if marks:
        walker.builder.block.ops[-1].attrs.update(marks, known=known)
    tree = typed.attrs["result_tree"]
    if tree is None:
        return outs[0]
    return walker.builder.op(prims.make_tuple, *outs, type=tuple_of(tuple(map(type_of_operand, outs)), tree.cls))


def _must_inline(walker: Walker, function: Function, operands: list[Operand]) -> bool:
    """Function values have no form outside the compiler, so their receivers are inlined."""
    if walker.path.count(id(function)):
        return False
    return any(
        type_of_operand(x).kind == "function"
        or (isinstance(x, Const) and callable(x.value))
        or x in walker.session.unfinished  # which gets its attributes there
        for x in operands
    )


def _takes_made(walker: Walker, function: Function, operands: list[Operand]) -> bool:
    """Whether it gets an object that is made here, or a dict that it fills: in its place these are plain values."""
    made = any(t.kind == "object" and t.value for t in map(type_of_operand, operands))
    filled = any(_fills(function, p, type_of_operand(x)) for p, x in zip(function.params, operands, strict=True))
    return (made or filled) and not walker.path.count(id(function))


def _fills(function: Function, param: Value, t: Type) -> bool:
    """Whether a function may give new entries to a dict that it gets."""
    if t.kind != "dict" or t.keys is None or t.cls is not None:
        return False
    for op in effects.all_ops(function.body):
        stored = op.prim is operator.setitem and op.args[0] is param
        if stored and not (isinstance(op.args[1], Const) and hashable(op.args[1].value) and op.args[1].value in t.keys):
            return True
        if not t.keys and op.prim == "call" and param in op.args:  # hands on an empty one
            return True
    return False


def _has_masks(walker: Walker, function: Function, environment: Any) -> bool:
    """Whether it belongs to a gradient that sets cotangents to zero where an array is left out.

    Its derivative leaves the same elements out; which ones, is known where the halves of all calls stand in one body.
    """
    if not module_of(environment).startswith(GENERATED) or walker.path.count(id(function)):
        return False
    known = walker.session.masked
    if environment.__module__ not in known:
        own = [f for f in environment.__globals__.values() if isinstance(f, python_types.FunctionType)]
        lowered = [walker.session.lowered(f) for f in own if f.__module__ == environment.__module__]
        known[environment.__module__] = any(_is_mask(op) for f in lowered for op in effects.all_ops(f.body))
    return known[environment.__module__]


def _is_mask(op: Op) -> bool:
    """``x_bar[left_out] = 0.0``, or the ``np.where`` of ``np.where(taken, g / root, 0)``."""
    last = op.args[-1] if op.args else None
    if op.prim is operator.setitem and isinstance(op.args[1], Value):
        return isinstance(last, Const) and isinstance(last.value, float) and last.value == 0.0
    return op.prim is getattr and isinstance(last, Const) and last.value == "where"


def _specialise_call(
    walker: Walker, key: Any, function: Function, types: list[Type], known: tuple, environment: Any
) -> Function:
    """Specialise a callee; a recursive one until the type of its result is stable."""
    session = walker.session
    if walker.path.count(id(function)) > ENDLESS:
        raise walker.refuse(f"the calls of {function.name}() have no end when compiling: its types grow in each")
    placeholder = Function(function.name, Block(), origin=function.origin)
    placeholder.attrs.update(result_types=[session.results.get(key, BOTTOM)], result_tree=None, recursive=True)
    session.specialised[key] = placeholder
    for attempt in itertools.count():
        placeholder.attrs["used"] = False
        finished = set(session.specialised)
        try:
            path = (*walker.path, id(function))
            typed = walker.specialised(function, types, known, environment, path)
        except BaseException:  # what is half done must not be found by the next call
            del session.specialised[key]
            raise
        result = typed.results[0]
        if isinstance(result, Const) and type(result.value) in (bool, str):  # see `Walker.told`
            t = Type(type(result.value).__name__, value=result.value)
        else:
            t = of_result(type_of_operand(result)) if attempt < PATIENCE else UNKNOWN  # a tuple with one like it in it
        recursive = placeholder.attrs["used"]
        if not recursive or placeholder.attrs["result_types"] == [t]:
            break
        for other in set(session.specialised) - finished:  # made under an assumption that did not hold
            del session.specialised[other]
        session.results[key] = t
        placeholder.attrs["result_types"] = [t]
    defs = typed.attrs["defs"]
    placeholder.attrs["recursive"] = recursive
    made = defs.get(result) if isinstance(result, Value) else None
    placeholder.body, placeholder.signature = typed.body, []
    placeholder.span, placeholder.attrs["defs"] = function.span, defs
    placeholder.attrs["result_types"] = [t]
    if made is not None and made.prim is prims.make_tuple and t.kind == "tuple" and not recursive and made.args:
        placeholder.body.results = list(made.args)
        placeholder.attrs["result_types"] = list(map(type_of_operand, made.args))
        placeholder.attrs["result_tree"] = t
    return placeholder


def inline(walker: Walker, function: Function, operands: list[Operand], environment: Any) -> Operand:
    """The body of a callee in place of its call."""
    if walker.path.count(id(function)) > 8:
        raise walker.refuse(f"{function.name}() calls itself with functions as arguments, or changes its arguments")
    walker.session.inlined += 1
    if walker.session.inlined > INLINED:
        raise walker.refuse(f"a program that calls {function.name}() and the like in very many ways is not compiled")
    check_handed_over(walker, operands)
    span, attrs = walker.builder.span, walker.builder.attrs
    inner = type(walker)(function, walker.session, environment, walker.builder, (*walker.path, id(function)))
    inner.env.update(zip(function.params, operands, strict=True))
    inner.quoted, inner.called_at = walker.quoted, walker.called_at
    inner.nested_calls = walker.nested_calls + 1
    results = inner.block(function.body)
    walker.builder.span, walker.builder.attrs = span, attrs
    return results[0] if results is not None else UNDEFINED


def in_place_of(walker: Walker, meaning: Any, args: list[Operand]) -> Operand:
    """What a call means, as a function of ours says it, in place of the call."""
    outer = walker.quoted, walker.called_at
    walker.quoted, walker.called_at = True, walker.session.place  # what comes of it stems from the user's line
    try:
        return inline(walker, walker.session.lowered(meaning), args, meaning)
    finally:
        walker.quoted, walker.called_at = outer


def kind_of(marks: dict[str, Any]) -> str:
    return "a checkpoint" if "recompute" in marks else "a custom derivative"


def _is_choice(x: Any) -> bool:
    return all(map(_is_choice, x)) if isinstance(x, tuple) else x is None or type(x) in (bool, int, str)


def _is_short(function: Function) -> bool:
    """One expression: reads better in place."""
    ops = function.body.ops
    return (
        len(ops) <= 3 * INLINE
        and sum(op.prim not in ("global", "cell", getattr) for op in ops) <= INLINE
        and all(not op.blocks and op.prim != "raise" for op in ops)
    )


def _is_flat(function: Function, choices: bool) -> bool:
    """Whether a function is straight code; with ``choices`` between numbers, which become conditional expressions."""
    for op in function.body.ops:
        numbers = len(op.outs) == 1 and op.outs[0].type.is_number
        simple = (
            op.prim == "if"
            and numbers
            and not any(o.blocks or o.prim in ("call", "raise") for b in op.blocks for o in b.ops)
        )
        if op.blocks and not (choices and simple):
            return False
    return True


def _has_function_result(function: Function) -> bool:
    return any(t.holds_function for t in function.attrs["result_types"])


# What may be done with a function of which only the captured values are there when the program runs.
_PASSING = {prims.make_tuple, prims.make_list, prims.make_dict, operator.is_, operator.is_not, list.append, list.insert,
            callable}  # fmt: skip


def check_closures(walker: Walker, prim: Any, args: Iterable[Operand]) -> None:
    """Refuse what asks a function that is defined here for more than whether it is some object.

    It has no form of its own in generated code: it is called, or stored.

    Raises:
        UnsupportedError: for anything else than storing it.
    """
    if any(type_of_operand(a).kind in ("closure", "function") for a in args) and prim not in _PASSING:
        raise walker.refuse(
            "which of the functions that are defined here, or of the objects that are made here, this uses is known "
            "only when the program runs"
        )
