"""A call, of whatever its callee is: a function with a rule, a user's, a class, a method, or nothing that is known."""

from __future__ import annotations

import builtins
import collections
import copy
import functools
import io
import operator
import random
import re
import types as python_types
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import Const, Function, Op, Operand, Value, hashable
from ..ir.types import BOTTOM, UNKNOWN, in_class, is_bunch, is_named_tuple, module_of, tuple_of
from ..rules.binding import bind, by_position, definition_of, has_signature
from ..rules.inference import INFER, infer
from ..rules.own import helper
from ..rules.signatures import positional
from ..rules.table import Rule, reason_against, rule_for
from ..stores import FRAMES, READS_FRAMES
from ..wrapper import Checkpointed, CustomVjp, Wrapper, jitted
from . import effects
from .attributes import Replace
from .bind import bound_by, taken_by
from .build import type_of_operand
from .callbacks import hand_over
from .callees import call_lowered, call_python, check_closures
from .calls import HANDLERS, WALKING, call_partial, canonical_method, of_views, shape_by_tuple, sparing
from .containers import grown, mutated, put_in, unpack, widen
from .iterators import calling, walks_unseen
from .made import make, use_of_made, use_with_made
from .objects import made_object
from .operators import OPERATORS, overloaded
from .optional import raising
from .outputs import written_out
from .refusals import refusal
from .session import Partial, Wrapped
from .transformed import call_transformed, call_wrapped, make_transformed

if TYPE_CHECKING:
    from .types import Walker


def call_op(walker: Walker, op: Op) -> Any:
    callee = walker.read(op.args[0])
    args: list[Operand] = []
    stars = op.attrs.get("stars", ())
    names = taken_by(callee) if len(stars) == 1 and not any(k.startswith("**") for k in op.params) else None
    wanted = None if names is None else len(names - op.params.keys()) - (len(op.args) - 2)
    for position, arg in enumerate(op.args[1:], 1):
        if position in stars:
            args.extend(splice(walker, walker.read(arg), wanted))
        else:
            args.append(walker.read(arg))
    params = {k: walker.read(v) for k, v in op.params.items()}
    for key in [k for k in params if k.startswith("**")]:
        mapping = params.pop(key)
        made = walker.builder.defs.get(mapping) if isinstance(mapping, Value) else None
        t = type_of_operand(mapping)
        keys = [k.value for k in made.args[::2] if isinstance(k, Const)] if made is not None else []
        if (
            made is not None
            and made.prim is prims.make_dict
            and not mutated(walker, mapping)
            and 2 * len(keys) == len(made.args)
        ):
            params.update(zip(keys, made.args[1::2], strict=True))
        elif t.kind == "dict" and t.keys is not None:
            params.update({k: walker.apply(operator.getitem, [mapping, Const(k)], {}) for k in t.keys})
        elif t.kind != "dict" or t.elems or not isinstance(mapping, Const):
            raise walker.refuse("** needs a mapping whose keys are known when compiling")
    builtin = op.attrs.get("builtin")
    if builtin is not None and not (isinstance(callee, Const) and callee.value is getattr(builtins, builtin)):
        raise walker.refuse(f"this {builtin} is a function of your own, which may keep the lambda: define it by name")
    result = walker.call(callee, args, params)
    if op.attrs.get("statement") and (args or params) and isinstance(callee, Value):
        check_statement(walker, callee, result)
    if op.outs:
        walker.define(op.outs[0], result)
    return None


def check_statement(walker: Walker, callee: Value, result: Operand) -> None:
    """Refuse a call for its effect of a method that is not known: it may keep its arguments in its object."""
    method, made = walker.builder.defs.get(callee), isinstance(result, Value) and walker.builder.defs.get(result)
    if method is not None and method.prim is getattr and made and made.prim is prims.call_dynamic:
        name = method.args[1]
        raise walker.refuse(f"{name.value if isinstance(name, Const) else '?'}() may keep its arguments in its "
                          "object, whose class is not known when compiling")  # fmt: skip


def splice(walker: Walker, x: Operand, wanted: int | None = None) -> list[Operand]:
    """The operands that ``*x`` stands for; ``wanted``: as many as the callee takes, where that is known."""
    if calling(walker, x):
        x = walker.call_const(list, [x], {})
    parts = walker.builder.elements(x)
    t = type_of_operand(x)
    if parts is None and (t.kind == "tuple" or (t.kind == "list" and t.length is not None)):
        count = len(t.elems) if t.kind == "tuple" else t.length
        parts = [walker.apply(operator.getitem, [x, Const(i)], {}) for i in range(count or 0)]
    if parts is None and t.kind == "array" and t.dims and isinstance(t.dims[0].key, int):
        parts = [walker.builder.op(operator.getitem, x, Const(i)) for i in range(t.dims[0].key)]
    if parts is None and wanted is not None and t.kind in ("array", "list"):
        return unpack(walker, x, wanted)
    if parts is None:
        raise walker.refuse("* in a call needs a sequence whose length is known when compiling")
    return parts


def call(walker: Walker, callee: Operand, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """A call to whatever ``callee`` is."""
    if isinstance(callee, Const):
        return walker.call_const(callee.value, args, params, callee.path)
    t = callee.type
    if t.kind == "function":
        captured = [walker.builder.op(operator.getitem, callee, Const(i)) for i in range(len(t.elems))]
        if isinstance(t.value.target, Wrapped):
            inner = walker.builder.op(prims.make_tuple, *captured, type=t.value.target.plain)
            if t.value.target.by is not None:
                return call_wrapped(walker, t.value.target.by, inner, args, params)
            return marked(walker, {"recompute": True}, inner, args, params)
        target, environment = t.value.target if isinstance(t.value.target, tuple) else (t.value.target, None)
        if isinstance(target, Function):
            return call_lowered(walker, target, [*captured, *args], params, environment)
        return walker.call_const(target, [*captured, *args], params)
    if t.kind == "object":
        method = in_class(t.cls, "__call__")
        if isinstance(method, python_types.FunctionType):
            walker.session.guard(t.cls, t.cls, "__call__", method)
            return call_python(walker, method, [callee, *args], params)
    if t.kind == "bottom":  # of a list that nothing is put into, as far as is known
        return walker.builder.make(prims.call_dynamic, (callee, *args), params, type=BOTTOM)
    check_closures(walker, call, [callee])
    used = use_of_made(walker, callee, args, params)
    if used is not None:
        return used
    made = walker.builder.defs.get(callee)
    if made is not None and made.prim is getattr:
        if not isinstance(made.args[1], Const):
            raise walker.refuse("a method is called here whose name is not known when compiling")
        if made.args[1].value in effects.WRITER_NAMES:
            raise walker.refuse(f"{made.args[1].value}() of an object whose class is not known when compiling")
    return walker.builder.op(prims.call_dynamic, callee, *args, **params)


def marked(
    walker: Walker, marks: dict[str, Any], callee: Operand, args: list[Operand], params: dict[str, Operand]
) -> Operand:
    """A call that is differentiated in a way of its own.

    marks: ``recompute``: the inner values are computed again; ``custom``: the derivative is the user's.
    """
    walker.marks = marks
    try:
        return walker.call(callee, args, params)
    finally:
        walker.marks = {}


def custom(walker: Walker, f: CustomVjp, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """A call of a function with a derivative of the user's own."""
    if f.forward is None or not isinstance(f.fun, python_types.FunctionType):
        raise walker.refuse(f"{f!r} needs a plain Python function, and its defvjp(forward, backward)")
    for half in ("forward", "backward"):
        walker.session.guard(f, f, half, getattr(f, half))
    return marked(walker, {"custom": f}, Const(f.fun, f.fun.__name__), args, params)


def call_const(
    walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None = None
) -> Operand:
    args = raising(walker, f, args)
    if f is None:
        raise walker.refuse("None is called here")
    if hashable(f) and f in FRAMES:
        raise walker.refuse(READS_FRAMES.format(f.__name__))
    if _is_bound_outside(f):
        raise walker.refuse("a method is called here that was bound to an object outside, which is not compiled")
    f = helper(f) if type(f) is python_types.FunctionType else f
    if isinstance(f, Checkpointed):
        return marked(walker, {"recompute": True}, Const(f.fun, getattr(f, "__name__", None)), args, params)
    if isinstance(f, CustomVjp):
        return custom(walker, f, args, params)
    if isinstance(f, Wrapper):
        return call_transformed(walker, f, args, params, path)
    if isinstance(f, functools.partial):
        first, named = bound_by(walker, f)
        return walker.call_const(f.func, [*first, *args], {**named, **params})
    if isinstance(f, python_types.MethodType) and rule_for(f) is None:
        owner = Const(f.__self__)
        return walker.call_const(f.__func__, [owner, *args], params)
    if (text := jitted(f)) is not None:
        return walker.call_const(text, args, params, path)
    if isinstance(f, functools._lru_cache_wrapper):
        return remembered(walker, f, args, params, path)
    if isinstance(f, Partial):
        return call_partial(walker, f, args, params)
    if isinstance(f, Replace):
        fields = dict(zip(f.cls._fields, args, strict=True))
        return named_tuple(walker, f.cls, [], {**fields, **params})
    if is_named_tuple(f):
        return named_tuple(walker, f, args, params)
    if is_bunch(f):
        return bunch(walker, f, args, params)
    if params and not args and is_known(f):  # the passes look for operands by position
        args, params = by_position(f, args, params)
    if hashable(f) and f in OPERATORS and not params and any(type_of_operand(a).kind == "object" for a in args):
        found = overloaded(walker, f, args)
        if found is not None:
            return found
    if hashable(f) and f in WALKING:
        args = of_views(walker, f, args)
    least, most = _TAKES.get(f, (0, None)) if hashable(f) else (0, None)
    if len(args) < least or (most is not None and len(args) > most):
        raise walker.refuse(f"{f.__name__}() does not take {len(args)} arguments")
    if _is_ours(f) and f.__name__ in ("grad", "value_and_grad"):
        transformed = make_transformed(walker, f, args, params)
        if transformed is not None:
            return transformed
    if hashable(f) and f in HANDLERS:
        handled = HANDLERS[f](walker, args, params)
        if handled is not NotImplemented:
            return handled
    if getattr(f, "__module__", None) == "_operator" and not isinstance(f, type) and not params:
        return walker.apply(f, args, {}) or Const(None)
    if walker.session.unroll and f in (runtime.dynamic_vjp, runtime.dynamic_jvp, runtime.dynamic_gradient):
        raise walker.refuse("a rule that differentiates a function which is known only now runs as it is")
    if getattr(f, "__module__", None) == runtime.__name__ or f is prims.call_dynamic:
        return walker.builder.op(f, *args, **params)
    args, params = shape_by_tuple(walker, f, *sparing(f, args, params))
    used = use_with_made(walker, f, args, params)
    if used is not None:
        return used
    rule = rule_for(f)
    if rule is not None and rule.kind == "maker":
        return make(walker, rule, f, args, params, path)
    if rule is not None or (hashable(f) and f in effects.STORES):
        return call_builtin(walker, f, args, params)
    ufunc = getattr(f, "__self__", None)
    if isinstance(ufunc, np.ufunc) and f.__name__ == "at":
        return ufunc_at(walker, ufunc, args)
    if isinstance(f, python_types.FunctionType) and not _is_library(f) and not _is_ours(f):
        return call_python(walker, f, args, params)
    made = made_object(walker, f, args, params) if isinstance(f, type) else None
    if made is not None:
        return made
    if f is object.__init__ and len(args) == 1 and not params:
        return Const(None)
    inner = in_class(type(f), "__call__")
    if rule_for(inner) is not None:
        return call_builtin(walker, inner, [Const(f, path), *args], params)
    if isinstance(inner, python_types.FunctionType) and not isinstance(f, type) and not _is_library(inner):
        return call_python(walker, inner, [Const(f), *args], params)
    return walker.opaque(f, args, params, path)


# How many arguments, by position alone, what is handled here takes: with others it raises, or is left to a run.
_TAKES = {len: (1, 1), sum: (1, 2), float: (1, 1), isinstance: (2, 2), getattr: (2, 3), hasattr: (2, 2),
          setattr: (3, 3), callable: (1, 1), map: (1, None), filter: (1, None), range: (1, 3), slice: (1, 3),
          copy.copy: (1, 1), copy.deepcopy: (1, 2)}  # fmt: skip

_BOUND = (python_types.BuiltinMethodType, python_types.MethodWrapperType)
_CONTAINERS = (list, dict, set, collections.deque, bytearray)
# What is bound to these gives numbers, draws and text, and puts nothing where the program may meet it again.
_HARMLESS = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type, re.Pattern, io.IOBase, random.Random,
    np.ufunc, np.dtype, np.generic, np.random.Generator, np.random.RandomState, np.random.BitGenerator,
    python_types.ModuleType,
)  # fmt: skip


def _is_bound_outside(f: Any) -> bool:
    """Whether a callable has an object with it that may change, and that the program may reach under another name."""
    if isinstance(f, functools.partial):
        return any(isinstance(x, _CONTAINERS) for x in (*f.args, *f.keywords.values()))
    return isinstance(f, _BOUND) and not isinstance(f.__self__, _HARMLESS)


def is_known(f: Any) -> bool:
    """Whether a call of this is more than a call of a function of which nothing is known."""
    return rule_for(f) is not None or (hashable(f) and (f in HANDLERS or f in effects.STORES))


def remembered(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None) -> Operand:
    """A call of a function under `functools.lru_cache`: as it is, with the type of what the function itself returns."""
    out = opaque(walker, f, args, params, path)
    discrete = all(
        isinstance(x, Const) or x.type.kind in ("int", "bool", "str", "none") for x in (*args, *params.values())
    )
    if discrete and isinstance(f.__wrapped__, python_types.FunctionType):
        builder = walker.builder
        walker.builder = builder.nested()  # for what is forgotten, its reasons included
        walker.builder.reasons = Reasons()
        try:
            out.type = type_of_operand(call_python(walker, f.__wrapped__, list(args), dict(params)))  # type: ignore[union-attr]
        except UnsupportedError:
            pass
        finally:
            walker.builder = builder
    return out


def named_tuple(walker: Walker, cls: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``Point(x, y=1.0)``"""
    given = {**{k: Const(v) for k, v in cls._field_defaults.items()}, **dict(zip(cls._fields, args, strict=False))}
    given.update(params)
    if len(args) > len(cls._fields) or given.keys() != set(cls._fields) or params.keys() & cls._fields[: len(args)]:
        raise walker.refuse(f"{cls.__name__}() gets other arguments than {', '.join(cls._fields)}")
    elems = [given[name] for name in cls._fields]
    return walker.builder.op(prims.make_tuple, *elems, type=tuple_of(tuple(map(type_of_operand, elems)), cls))


def bunch(walker: Walker, cls: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``LinregressResult(slope, ..., intercept_stderr=...)``: its fields, as long as nobody asks for more."""
    elems = [*args, *(params[name] for name in cls._fields[len(args) :])]
    return walker.builder.op(prims.make_tuple, *elems, type=tuple_of(tuple(map(type_of_operand, elems)), cls))


def opaque(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None = None,
           reason: Exception | None = None) -> Operand:  # fmt: skip
    """A call of which nothing is known but that it happens once, and perhaps a type: an error where it is active."""
    build = walker.builder
    if isinstance(f, type) and issubclass(f, (int, float, complex)) and not runtime.computes_plainly(f):
        raise walker.refuse(f"{f.__name__} is a class of numbers with an arithmetic of its own")
    if getattr(f, "__name__", "") in effects.WRITER_NAMES and any(isinstance(a, Value) for a in args[1:]):
        raise walker.refuse(f"{path or f.__name__}() may keep what it is given in an object")
    if f is next or any(isinstance(a, Const) and walks_unseen(a.value) for a in args):
        raise walker.refuse("an iterator that was made outside is not compiled: it may compute with what is given here")
    if any(type_of_operand(a).holds_function for a in [*args, *params.values()]):
        why = reason_against(f)
        raise walker.refuse(why or f"{path or f.__name__}() gets a function that is defined here: define it outside")
    folded = build.forward(f, tuple(args), params) if hashable(f) else None
    if folded is not None:
        return folded
    t = UNKNOWN
    if hashable(f) and f in INFER:
        t = infer(f, [build.expand(a) for a in args], {k: build.expand(v) for k, v in params.items()})
    out = Value(None, t)
    attrs = {"opaque": True, "reason": reason}
    build.append(Op(f, args, params, [out], attrs={k: v for k, v in attrs.items() if v}))
    if path:
        build.block.ops[-1].attrs["path"] = path
    return out


def call_builtin(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """A function with a rule, or a method of a built-in class."""
    f, args, params = canonical_method(walker, f, args, params)
    rule, writes = rule_for(f), hashable(f) and f in effects.ARRAY_WRITERS
    args, params = operands_first(walker, f, args, params, _OPERANDS.get(f, 1) if writes else 0)
    if f is list.append and grown(walker, *args):
        return Const(None)
    if hashable(f) and f in effects.LIST_WRITERS:
        widen(walker, type_of_operand(args[0]), put_in(walker, f, args))
        if f in (list.append, list.extend, list.insert):
            walker.builder.effect(f, *args)
            return Const(None)
    if rule is not None and rule.watched:
        told = {**dict(zip(positional(f), args, strict=False)), **params}.get("callback", Const(None))
        if not isinstance(told, Const) or told.value is not None:
            raise walker.refuse("what a callback keeps of what it is told is known only when the program runs")
    written = written_out(walker, f, rule, args, params)
    if written is not NotImplemented:
        return written
    if rule is not None and rule.callbacks:
        args, params = hand_over(walker, rule, f, args, params)
    of_arrays = f is divmod and any(type_of_operand(a).kind == "array" for a in args)
    if rule is not None and (of_arrays or getattr(f, "__module__", None) not in ("_operator", "math", "builtins")):
        args = [as_array(walker, rule, a, i) for i, a in enumerate(args)]
        params = {k: as_array(walker, rule, v) if k in rule.arguments_by_name else v for k, v in params.items()}
    meaning = rule and definition_of(f, rule, args, params)
    if meaning and all_known(args, params):
        return call_definition(walker, meaning, f, args, params)
    check_closures(walker, f, [*args, *params.values()])
    if writes:
        walker.builder.effect(f, *args, **params)
        return Const(None)
    made = walker.builder.op(f, *args, **params)
    dtype = type_of_operand(made).dtype
    if dtype is not None and dtype.kind in "OV":
        raise walker.refuse(f"an array of dtype {dtype} is not supported: use an array of floats")
    return made


def operands_first(
    walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand], written: int
) -> tuple[list[Operand], dict[str, Operand]]:
    """A call with its arrays by position: there the passes look for what is written or shared.

    Args:
        written: how many arguments are needed there by what writes its first one; 0 for what writes none.

    Raises:
        UnsupportedError: for arrays by name, where the function does not tell the order of its parameters.
    """
    if written:
        args, params = by_position(f, args, params)
    rule = rule_for(f)
    nameless = rule is not None and not args and bool(params) and rule.kind != "zero" and not has_signature(f)
    if nameless or len(args) < written or (rule is not None and rule.view and not args):
        raise walker.refuse(f"{f.__name__}() of an array by name is not supported: give it by position")
    if f in (np.ndarray.astype, np.ndarray.choose) and len(args) > 2:  # which have no options by position, or no others
        raise walker.refuse(f"{f.__name__}() of more arguments is not supported: name options, list arrays")
    return args, params


# How many arguments of what writes an array are by position, where there are several
_OPERANDS = {np.copyto: 2, np.put: 3, np.place: 3, np.putmask: 3, np.put_along_axis: 3, np.fill_diagonal: 2,
             np.ndarray.fill: 2, np.ndarray.put: 3, np.ndarray.partition: 2}  # fmt: skip


def all_known(args: list[Operand], params: dict[str, Operand]) -> bool:
    return all(isinstance(x, Const) or x.type.kind != "unknown" for x in (*args, *params.values()))


def call_definition(walker: Walker, rule: Rule, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """What a function is defined as, in place of its call; its derivative is that of the definition."""
    try:
        arguments, options = bind(f, rule, tuple(args), params, Const, lambda x: getattr(x, "value", x))
    except TypeError as error:
        return walker.opaque(f, args, params, rule.name, MissingRuleError(str(error), walker.builder.span))
    outer, walker.quoted = walker.quoted, True  # what comes of it stems from the user's line
    ops = walker.builder.block.ops
    before = len(ops)
    result = call_python(walker, rule.pullback, arguments, options)  # type: ignore[arg-type]
    walker.quoted = outer
    why = refusal(ops[before:])
    if why is not None:  # it matters only where the call is active
        del ops[before:]
        return walker.opaque(f, args, params, rule.name, MissingRuleError(why, walker.builder.span))
    return result


def ufunc_at(walker: Walker, f: np.ufunc, args: list[Operand]) -> Operand:
    """``np.add.at(a, i, v)``: writes its argument."""
    if f not in (np.add, np.subtract):
        raise walker.refuse(f"np.{f.__name__}.at is not supported: only np.add.at and np.subtract.at")
    if isinstance(args[0], Const) or type_of_operand(args[0]).kind != "array":
        raise walker.refuse(f"np.{f.__name__}.at needs an array that is known when compiling")
    target, index, value = args
    if f is np.subtract:
        t = type_of_operand(value)
        if not t.inexact and t.kind != "int":  # small integers wrap
            raise walker.refuse("np.subtract.at needs a value that is known to be a number or an array of floats")
        value = walker.apply(operator.neg, [value], {})
    walker.builder.effect(prims.add_at, target, index, value)
    return Const(None)


_LIBRARIES = ("numpy", "scipy", "builtins", "math", "pandas", "sklearn", "matplotlib", "warnings", "logging", "copy",
              "functools", "itertools", "collections", "contextlib", "random", "time", "os", "sys", "re")  # fmt: skip


def as_array(walker: Walker, rule: Rule, x: Operand, position: int = 0) -> Operand:
    """An argument of a rule, an array where the function makes one of a list or tuple."""
    t = type_of_operand(x)
    if t.kind not in ("list", "tuple"):
        return x
    places = all(e.kind in ("int", "ellipsis") for e in t.elems)  # einsum(a, [0, 1])
    listed = rule.makes_arrays(list if t.kind == "list" else tuple, places, position)
    return walker.call_const(np.asarray, [x], {}) if listed else x


def _is_library(f: Any) -> bool:
    module = module_of(f)
    if module.startswith("numpy.polynomial."):  # values of polynomials are plain Python; what makes them stays a call
        return not f.__name__.endswith("val") and f.__name__ not in ("__call__", "mapdomain", "mapparms")
    return module.split(".")[0] in _LIBRARIES


def _is_ours(f: Any) -> bool:
    """Whether it is one of the functions that make transformations, or of those that recorded runs put together."""
    module = module_of(f)
    return module == "s2sad.api" or module.startswith("s2sad.recording.")
