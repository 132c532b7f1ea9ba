"""Specialise a lowered function to the types of its arguments: lowered IR in, typed IR out.

What is known when compiling is computed here: which function a name means, which method an attribute is, what
``isinstance`` and ``x.ndim == 2`` say.  Types of loop-carried values and of list elements are found by iterating until
nothing changes.  What is not known stays in the program as a general op.

    x.sum(axis=0)     call(getattr(%x, 'sum'), axis=0)     ->   np.ndarray.sum(%x, axis=0) : f8[:]
    for i in range(n) for(any, %r)                         ->   for(range, 0, %n, 1)
    helper(x)         call(global helper, %x)              ->   call {helper specialised to f8[:]}, or its body
"""

from __future__ import annotations

import functools
import operator
import types as python_types
from typing import Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Span, Value, hashable
from ..ir.signature import object_type, signature
from ..ir.types import (
    BOTTOM,
    INT,
    UNKNOWN,
    Dim,
    Type,
    is_named_tuple,
    tuple_of,
)
from ..rules import table
from ..rules.table import Rule, rule_for
from ..wrapper import Checkpointed, CustomVjp, Wrapper
from . import control, effects
from .attributes import Replace, attribute
from .build import Builder, type_of_operand
from .callbacks import hand_over
from .callees import call_lowered, call_python, holds_function
from .calls import HANDLERS, canonical_method, sparing
from .containers import check_store, grown, known_element, make_container, mutated, put_in, unpack
from .known import NO_KEY, Elements
from .made import make, use_of_made, use_with_made
from .operators import overloaded
from .outputs import written_out
from .refusals import refusal
from .session import Callee, Cells, Checkpoint, Session, is_static
from .text import check_text

PATIENCE = 12  # attempts at the types of lists


def specialise(function: Function, types: list[Type | Const], session: Session, environment: Any = None) -> Function:
    """The typed form of a lowered function for arguments of ``types``.

    Args:
        function: lowered.
        types: one for each of its parameters (captured values first); a Const where the argument is known.
        session: the compilation.
        environment: the Python function whose globals, cells and defaults it sees.

    Returns:
        A new Function, typed.
    """
    for attempt in range(2 * PATIENCE):
        if attempt == PATIENCE:  # what does not settle is not known
            session.sites.update(dict.fromkeys(session.sites, UNKNOWN))
        before = dict(session.sites), set(session.mutated)
        reasons = Reasons()
        try:
            result = _specialise_once(function, types, session, environment, reasons)
        except RecursionError:
            raise UnsupportedError(
                f"the calls of {function.name}() have no end when compiling", function.span
            ) from None
        if before == (session.sites, session.mutated):
            reasons.raise_all()
            return result
        session.specialised.clear()
    raise UnsupportedError("what the lists of this function hold can't be found out", function.span)


def _specialise_once(
    function: Function, types: list[Type | Const], session: Session, environment: Any, reasons: Reasons
) -> Function:
    params = [
        Value(p.hint, _lasting(session.settled(type_of_operand(t) if isinstance(t, Const) else t), k), p.span)
        for k, (p, t) in enumerate(zip(function.params, types, strict=True))
    ]
    builder = Builder(Block(params))
    builder.placed, builder.reasons = session.placed, reasons
    walker = Walker(function, session, environment, builder)
    for p, param, t in zip(function.params, params, types, strict=True):
        walker.env[p] = t if isinstance(t, Const) else param
    results = walker.block(function.body)
    typed = Function(
        function.name, builder.block, function.signature, function.captured, function.origin, function.span
    )
    typed.attrs["defs"] = builder.defs
    builder.block.results = results if results is not None else [UNDEFINED] * len(function.results)
    if not (getattr(environment, "__module__", None) or "").startswith("s2sad."):  # rules are ours
        check_text(typed, session)
    return typed


def _lasting(t: Type, k: int) -> Type:
    """The type of parameter ``k``: a whole number is a size by which arrays may be made."""
    return Type("int", value=Dim(("number", k, "of the call"))) if t == INT else t


class Walker:
    """Walks the lowered blocks of one function and appends typed ops to a builder."""

    def __init__(self, function: Function, session: Session, environment: Any, builder: Builder, path: tuple = ()):
        self.function = function
        self.session = session
        self.environment = environment
        self.builder = builder
        self.env: dict[Value, Operand] = {}
        self.path = path
        self.quoted = False  # inside of a definition, whose lines are not the user's
        self.marks: dict[str, Any] = {}  # of the next call, which stays one: see `marked`

    # ------------------------------------------------------------ blocks and ops

    def read(self, x: Operand) -> Operand:
        return self.env[x] if isinstance(x, Value) else x

    def block(self, block: Block) -> list[Operand] | None:
        """The results of a block; None where it never reaches its end."""
        for op in block.ops:
            if not self.quoted:
                self.builder.span = op.span or self.builder.span
            try:
                if self.op(op) is False:
                    return None
            except UnsupportedError as error:
                if self.builder.reasons is None:
                    raise
                self.builder.reasons.add(error)
                self.env.update((out, Value(out.hint, BOTTOM, out.span)) for out in op.outs)  # and look further
        return [self.read(r) for r in block.results]

    def op(self, op: Op) -> Any:
        """Append what one lowered op becomes; False where control does not continue."""
        self.session.place = id(op)
        if isinstance(op.prim, str):
            return getattr(self, "op_" + op.prim.rstrip("_"))(op)
        args = [self.read(a) for a in op.args]
        params = {k: self.read(v) for k, v in op.params.items()}
        result = self.apply(op.prim, args, params, op)
        results = result if isinstance(result, list) else [result]  # a list: the targets of an unpacking
        if op.outs:
            for out, value in zip(op.outs, results, strict=True):
                self.define(out, value)
        return None

    def define(self, lowered: Value, operand: Operand) -> None:
        t = type_of_operand(operand)
        if isinstance(operand, Value) and t.kind == "array" and t.dtype is not None and t.dtype.kind in "OV":
            raise self.refuse(f"an array of dtype {t.dtype} is not supported: use a list, or an array of numbers")
        if isinstance(operand, Value) and operand.hint is None:  # of several names the first one stays
            operand.hint = lowered.hint
        self.env[lowered] = operand

    def refuse(self, message: str, span: Span | None = None) -> UnsupportedError:
        return UnsupportedError(message, span or self.builder.span)

    def specialised(
        self, function: Function, types: list[Type], known: tuple, environment: Any, path: tuple
    ) -> Function:
        """A callee for its arguments: see `specialise_known`."""
        return specialise_known(function, types, known, self.session, environment, path, self.builder.reasons)

    def nested(self, builder: Builder) -> Walker:
        """This walker, appending to another block."""
        inner = Walker(self.function, self.session, self.environment, builder, self.path)
        inner.env, inner.quoted = dict(self.env), self.quoted
        return inner

    # ------------------------------------------------------------ plain ops

    def apply(self, prim: Any, args: list[Operand], params: dict[str, Operand], op: Op | None = None) -> Any:
        """``prim(*args, **params)`` on operands."""
        build = self.builder
        if prim is getattr:
            return self.getattr(args[0], args[1].value if isinstance(args[1], Const) else None, args)
        if prim is prims.unpack:
            return unpack(self, args[0], *(a.value for a in args[1:] if isinstance(a, Const)))
        if prim in prims.AUGMENTED:
            kind = type_of_operand(args[0]).kind
            if type_of_operand(args[0]).is_number or kind in ("tuple", "str", "bottom", "none"):
                prim = prims.AUGMENTED[prim]
            elif kind == "list" and prim is operator.iadd:
                self.call_builtin(list.extend, args, {})
                return args[0]
            elif kind in ("list", "dict"):
                raise self.refuse(f"changing a {kind} with an operator is not supported: make a new one")
        joined = prim is operator.or_ and all(type_of_operand(a).kind in ("dict", "unknown") for a in args)
        if joined and not (getattr(self.environment, "__module__", None) or "").startswith(
            "s2sad."
        ):  # rules join masks
            raise self.refuse("joining dicts with an operator is not supported: write {**a, **b}")
        if prim in (operator.setitem, operator.delitem, setattr):
            check_store(self, prim, args)
            build.effect(prim, *args)
            return None
        if prim is prims.import_module and isinstance(args[0], Const):
            return Const(prims.import_module(args[0].value), args[0].value)
        if prim is prims.make_list or prim is prims.make_dict:
            return make_container(self, prim, args)
        if prim is prims.concat_sequences:
            sequences = [build.elements(a) for a in args]
            if all(p is not None for p in sequences):
                return make_container(self, prims.make_list, [e for p in sequences if p is not None for e in p])
        if prim is tuple and len(args) == 1:
            made = build.defs.get(args[0]) if isinstance(args[0], Value) else None
            if made is not None and made.prim is prims.make_list and not mutated(self, args[0]):
                return build.op(prims.make_tuple, *made.args)
            parts = build.elements(args[0])
            if parts is not None:
                return build.op(prims.make_tuple, *parts)
        if prim is operator.getitem:
            known = known_element(self, args[0], args[1])
            if known is not None:
                return known
        found = overloaded(self, prim, args)
        if found is not None:
            return found
        return build.op(prim, *args, **params)

    def getattr(self, obj: Operand, name: str | None, args: list[Operand]) -> Operand:
        if name is None:
            return self.builder.op(getattr, *args)
        return attribute(self, obj, name)

    # ------------------------------------------------------------ names

    def op_global(self, op: Op) -> None:
        name = op.attrs["name"]
        if self.environment is None:
            raise self.refuse(f"the name {name!r} has no meaning here")
        namespace = self.environment.__globals__
        holder, path = self.session.globals(namespace), _module_path(self.environment)
        self.define(op.outs[0], self.outside(holder, namespace, name, path))

    def op_cell(self, op: Op) -> None:
        cells = Cells(self.environment)
        self.define(op.outs[0], self.outside(cells, self.environment.__closure__, op.attrs["name"], "closure"))

    def outside(self, holder: Any, owner: Any, name: str, path: str) -> Operand:
        """A name of the world around the function: functions and modules are guarded, data is read late."""
        if name == "__class__" and isinstance(holder, Cells):  # nothing rebinds it
            try:
                cls = Cells.__getattr__(holder, name)
            except (AttributeError, NameError):
                raise self.refuse("super() is not supported outside a class: call the base class's method") from None
            return Const(cls, cls.__name__)
        if hasattr(object, name):
            raise self.refuse(f"the name {name} is not supported: give it another one")
        try:
            value = getattr(holder, name)
        except NameError as error:
            self.builder.append(Op("raise", [Const(error)]))
            raise self.refuse(str(error)) from None
        if is_static(value):
            self.session.guard(holder, owner, name, value)
            return Const(value, name)
        if value is Ellipsis or value is NotImplemented:
            return Const(value)
        constant = isinstance(holder, Cells) and self.session.unroll and isinstance(value, (int, float))  # of a rule
        if isinstance(value, (bool, str, type(None))) or constant:
            self.session.guard(holder, owner, name, value)
            return Const(value)
        t = object_type(value, name)
        self.session.guard(holder, owner, name, signature(value), signature)
        return self.builder.op(getattr, Const(holder, path), Const(name), type=t, hint=name)

    def op_closure(self, op: Op) -> None:
        captured = [self.read(a) for a in op.args]
        self.define(op.outs[0], self.function_value(op.attrs["function"], captured))

    def function_value(self, target: Any, captured: list[Operand]) -> Operand:
        """A function with the values that it carries along."""
        types = tuple(map(type_of_operand, captured))
        key = (target, self.environment) if isinstance(target, Function) else target
        return self.builder.op(prims.make_tuple, *captured, type=Type("function", elems=types, value=_callee(key)))

    # ------------------------------------------------------------ calls

    def op_call(self, op: Op) -> Any:
        callee = self.read(op.args[0])
        args: list[Operand] = []
        stars = op.attrs.get("stars", ())
        for position, arg in enumerate(op.args[1:], 1):
            if position in stars:
                args.extend(self.splice(self.read(arg)))
            else:
                args.append(self.read(arg))
        params = {k: self.read(v) for k, v in op.params.items()}
        for key in [k for k in params if k.startswith("**")]:
            mapping = params.pop(key)
            made = self.builder.defs.get(mapping) if isinstance(mapping, Value) else None
            t = type_of_operand(mapping)
            keys = [k.value for k in made.args[::2] if isinstance(k, Const)] if made is not None else []
            if (
                made is not None
                and made.prim is prims.make_dict
                and not mutated(self, mapping)
                and 2 * len(keys) == len(made.args)
            ):
                params.update(zip(keys, made.args[1::2], strict=True))
            elif t.kind == "dict" and t.keys is not None:
                params.update({k: self.apply(operator.getitem, [mapping, Const(k)], {}) for k in t.keys})
            elif t.kind != "dict" or t.elems or not isinstance(mapping, Const):
                raise self.refuse("** needs a mapping whose keys are known when compiling")
        result = self.call(callee, args, params)
        if op.attrs.get("statement") and (args or params) and isinstance(callee, Value):
            self.check_statement(callee, result)
        if op.outs:
            self.define(op.outs[0], result)
        return None

    def check_statement(self, callee: Value, result: Operand) -> None:
        """Refuse a call for its effect of a method that is not known: it may keep its arguments in its object."""
        method, made = self.builder.defs.get(callee), isinstance(result, Value) and self.builder.defs.get(result)
        if method is not None and method.prim is getattr and made and made.prim is prims.call_dynamic:
            name = method.args[1]
            raise self.refuse(f"{name.value if isinstance(name, Const) else '?'}() may keep its arguments in its "
                              "object, whose class is not known when compiling")  # fmt: skip

    def splice(self, x: Operand) -> list[Operand]:
        """The operands that ``*x`` stands for."""
        parts = self.builder.elements(x)
        t = type_of_operand(x)
        if parts is None and (t.kind == "tuple" or (t.kind == "list" and t.length is not None)):
            count = len(t.elems) if t.kind == "tuple" else t.length
            parts = [self.apply(operator.getitem, [x, Const(i)], {}) for i in range(count or 0)]
        if parts is None and t.kind == "array" and t.dims and isinstance(t.dims[0].key, int):
            parts = [self.builder.op(operator.getitem, x, Const(i)) for i in range(t.dims[0].key)]
        if parts is None:
            raise self.refuse("* in a call needs a sequence whose length is known when compiling")
        return parts

    def call(self, callee: Operand, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """A call to whatever ``callee`` is."""
        if isinstance(callee, Const):
            return self.call_const(callee.value, args, params, callee.path)
        t = callee.type
        if t.kind == "function":
            captured = [self.builder.op(operator.getitem, callee, Const(i)) for i in range(len(t.elems))]
            if isinstance(t.value.target, Checkpoint):
                inner = self.builder.op(prims.make_tuple, *captured, type=t.value.target.plain)
                return self.marked({"recompute": True}, inner, args, params)
            target, environment = t.value.target if isinstance(t.value.target, tuple) else (t.value.target, None)
            if isinstance(target, Function):
                return call_lowered(self, target, [*captured, *args], params, environment)
            return self.call_const(target, [*captured, *args], params)
        if t.kind == "object":
            method = getattr(t.cls, "__call__", None)  # noqa: B004 (the method itself)
            if isinstance(method, python_types.FunctionType):
                self.session.guard(t.cls, t.cls, "__call__", method)
                return call_python(self, method, [callee, *args], params)
        if t.kind == "bottom":
            return Value(None, BOTTOM)
        used = use_of_made(self, callee, args, params)
        if used is not None:
            return used
        made = self.builder.defs.get(callee)
        if made is not None and made.prim is getattr and made.args[1].value in effects.WRITER_NAMES:  # type: ignore[union-attr]
            raise self.refuse(f"{made.args[1].value}() of an object whose class is not known when compiling")  # type: ignore[union-attr]
        return self.builder.op(prims.call_dynamic, callee, *args, **params)

    def marked(
        self, marks: dict[str, Any], callee: Operand, args: list[Operand], params: dict[str, Operand]
    ) -> Operand:
        """A call that is differentiated in a way of its own.

        marks: ``recompute``: the inner values are computed again; ``custom``: the derivative is the user's.
        """
        self.marks = marks
        try:
            return self.call(callee, args, params)
        finally:
            self.marks = {}

    def custom(self, f: CustomVjp, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """A call of a function with a derivative of the user's own."""
        if f.forward is None or not isinstance(f.fun, python_types.FunctionType):
            raise self.refuse(f"{f!r} needs a plain Python function, and its defvjp(forward, backward)")
        for half in ("forward", "backward"):
            self.session.guard(f, f, half, getattr(f, half))
        return self.marked({"custom": f}, Const(f.fun, f.fun.__name__), args, params)

    def call_const(self, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None = None) -> Operand:
        if isinstance(f, Checkpointed):
            return self.marked({"recompute": True}, Const(f.fun, getattr(f, "__name__", None)), args, params)
        if isinstance(f, CustomVjp):
            return self.custom(f, args, params)
        if isinstance(f, Wrapper):  # a transformation: it finds what it generates when it is called
            return self.builder.op(prims.call_dynamic, Const(f, path or "transformed"), *args, **params)
        if isinstance(f, functools.partial):
            bound = {k: Const(v) for k, v in f.keywords.items()}
            return self.call_const(f.func, [*map(Const, f.args), *args], {**bound, **params})
        if isinstance(f, python_types.MethodType) and rule_for(f) is None:
            owner = Const(f.__self__)
            return self.call_const(f.__func__, [owner, *args], params)
        if isinstance(f, Replace):
            fields = dict(zip(f.cls._fields, args, strict=True))
            return self.named_tuple(f.cls, [], {**fields, **params})
        if is_named_tuple(f):
            return self.named_tuple(f, args, params)
        if hashable(f) and f in HANDLERS:
            handled = HANDLERS[f](self, args, params)
            if handled is not NotImplemented:
                return handled
        if getattr(f, "__module__", None) == "_operator" and not isinstance(f, type) and not params:
            return self.apply(f, args, {}) or Const(None)
        if self.session.unroll and f in (runtime.dynamic_vjp, runtime.dynamic_jvp, runtime.dynamic_gradient):
            raise self.refuse("a rule that differentiates a function which is known only now runs as it is")
        if getattr(f, "__module__", None) == runtime.__name__ or f is prims.call_dynamic:
            return self.builder.op(f, *args, **params)
        args, params = sparing(f, args, params)
        used = use_with_made(self, f, args, params)
        if used is not None:
            return used
        rule = rule_for(f)
        if rule is not None and rule.kind == "maker":
            return make(self, rule, f, args, params, path)
        if rule is not None or (hashable(f) and f in effects.STORES):
            return self.call_builtin(f, args, params)
        ufunc = getattr(f, "__self__", None)
        if isinstance(ufunc, np.ufunc) and f.__name__ == "at":
            return self.ufunc_at(ufunc, args)
        if isinstance(f, python_types.FunctionType) and not _is_library(f) and not _is_ours(f):
            return call_python(self, f, args, params)
        inner = getattr(type(f), "__call__", None)  # noqa: B004 (the method itself)
        if rule_for(inner) is not None:
            return self.call_builtin(inner, [Const(f, path), *args], params)
        if isinstance(inner, python_types.FunctionType) and not isinstance(f, type) and not _is_library(inner):
            return call_python(self, inner, [Const(f), *args], params)
        return self.opaque(f, args, params, path)

    def named_tuple(self, cls: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """``Point(x, y=1.0)``"""
        given = {**{k: Const(v) for k, v in cls._field_defaults.items()}, **dict(zip(cls._fields, args, strict=False))}
        given.update(params)
        if len(args) > len(cls._fields) or given.keys() != set(cls._fields) or params.keys() & cls._fields[: len(args)]:
            raise self.refuse(f"{cls.__name__}() gets other arguments than {', '.join(cls._fields)}")
        elems = [given[name] for name in cls._fields]
        return self.builder.op(prims.make_tuple, *elems, type=tuple_of(tuple(map(type_of_operand, elems)), cls))

    def opaque(self, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None = None,
               reason: Exception | None = None) -> Operand:  # fmt: skip
        """A call of which nothing is known but that it happens once: an error where it is active."""
        build = self.builder
        if isinstance(f, type) and issubclass(f, (int, float, complex)) and not runtime.computes_plainly(f):
            raise self.refuse(f"{f.__name__} is a class of numbers with an arithmetic of its own")
        if any(holds_function(type_of_operand(a)) for a in [*args, *params.values()]):
            why = table.reason_against(f)
            raise self.refuse(why or f"{path or f.__name__}() gets a function that is defined here: define it outside")
        out = Value(None, UNKNOWN)
        attrs = {"opaque": True, "reason": reason}
        build.append(Op(f, args, params, [out], attrs={k: v for k, v in attrs.items() if v}))
        if path:
            build.block.ops[-1].attrs["path"] = path
        return out

    def call_builtin(self, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """A function with a rule, or a method of a built-in class."""
        f, args, params = canonical_method(self, f, args, params)
        if f is list.append and self.session.unroll and grown(self, *args):
            return Const(None)
        if hashable(f) and f in effects.LIST_WRITERS:
            self.session.widen(type_of_operand(args[0]).value, put_in(self, f, args))
            if f in (list.append, list.extend, list.insert):
                self.builder.effect(f, *args)
                return Const(None)
        rule = rule_for(f)
        written = written_out(self, f, rule, args, params)
        if written is not NotImplemented:
            return written
        if rule is not None and rule.callbacks:
            args, params = hand_over(self, rule, f, args, params)
        listed = any(map(_is_listed, map(type_of_operand, args)))
        if rule is not None and rule.kind == "multilinear" and rule.own and listed:
            raise self.refuse(f"{rule.name} of a list is not supported: use np.array")
        if rule is not None and rule.kind == "definition" and self.all_known(args, params):
            return self.call_definition(rule, f, args, params)
        made = self.builder.op(f, *args, **params)
        dtype = type_of_operand(made).dtype
        if dtype is not None and dtype.kind in "OV":
            raise self.refuse(f"an array of dtype {dtype} is not supported: use an array of floats")
        return made

    def all_known(self, args: list[Operand], params: dict[str, Operand]) -> bool:
        return all(isinstance(x, Const) or x.type.kind != "unknown" for x in (*args, *params.values()))

    def call_definition(self, rule: Rule, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """What a function is defined as, in place of its call; its derivative is that of the definition."""
        try:
            arguments, options = table.bind(f, rule, tuple(args), params, Const, lambda x: getattr(x, "value", x))
        except TypeError as error:
            return self.opaque(f, args, params, rule.name, MissingRuleError(str(error), self.builder.span))
        outer, self.quoted = self.quoted, True  # what comes of it stems from the user's line
        ops = self.builder.block.ops
        before = len(ops)
        result = call_python(self, rule.pullback, arguments, options)  # type: ignore[arg-type]
        self.quoted = outer
        why = refusal(ops[before:])
        if why is not None:  # it matters only where the call is active
            del ops[before:]
            return self.opaque(f, args, params, rule.name, MissingRuleError(why, self.builder.span))
        return result

    def ufunc_at(self, f: np.ufunc, args: list[Operand]) -> Operand:
        """``np.add.at(a, i, v)``: writes its argument."""
        if f is not np.add:
            raise self.refuse(f"np.{f.__name__}.at is not supported: only np.add.at")
        if isinstance(args[0], Const) or type_of_operand(args[0]).kind != "array":
            raise self.refuse("np.add.at needs an array that is known when compiling")
        self.builder.effect(prims.add_at, *args)
        return Const(None)

    # ------------------------------------------------------------ control

    def op_raise(self, op: Op) -> bool:
        args = [self.read(a) for a in op.args]
        self.builder.append(Op("raise", args))
        return False

    def op_with(self, op: Op) -> Any:
        return control.with_(self, op)

    def op_if(self, op: Op) -> Any:
        return control.if_(self, op)

    def op_for(self, op: Op) -> Any:
        return control.for_(self, op)

    def op_while(self, op: Op) -> Any:
        return control.while_(self, op)


def specialise_known(function: Function, types: list[Type], known: tuple, session: Session, environment: Any,
                      path: tuple, reasons: Reasons | None = None) -> Function:  # fmt: skip
    """Specialise a function to the types of its arguments, and to those that are known.

    ``known`` has an entry for each argument: a constant, ``NO_KEY``, or `Elements` for a tuple of these.
    """
    builder = Builder(Block())
    builder.placed, builder.reasons = session.placed, reasons
    walker = Walker(function, session, environment, builder, path)

    def parameter(p: Value, t: Type, k: Any) -> Operand:
        if isinstance(k, Elements):
            parts = [parameter(p, e, part) for e, part in zip(t.elems, k.known, strict=True)]
            return builder.op(prims.make_tuple, *parts, type=t, hint=p.hint)
        if k is not NO_KEY:
            return Const(k)
        builder.block.params.append(Value(p.hint, t, p.span))
        return builder.block.params[-1]

    for p, t, k in zip(function.params, types, known, strict=True):
        walker.env[p] = parameter(p, t, k)
    results = walker.block(function.body)
    typed = Function(function.name, builder.block, [], (), function.origin, function.span)
    typed.attrs["defs"] = builder.defs
    builder.block.results = results if results is not None else [UNDEFINED]
    return typed


def _callee(target: Any) -> Callee:
    key = tuple(map(id, target)) if isinstance(target, tuple) else id(target)
    return _CALLEES.setdefault(key, Callee(target))


_CALLEES: dict[Any, Callee] = {}


_LIBRARIES = ("numpy", "scipy", "builtins", "math", "pandas", "sklearn", "matplotlib", "warnings", "logging", "copy",
              "functools", "itertools", "collections", "contextlib", "random", "time", "os", "sys", "re")  # fmt: skip


def _is_listed(t: Type) -> bool:
    """Whether a type is that of a list or tuple of more than places: ``einsum(a, [0, 1])``."""
    return t.kind in ("list", "tuple") and not all(e.kind in ("int", "ellipsis") for e in t.elems)


def _is_library(f: Any) -> bool:
    module = getattr(f, "__module__", None) or ""
    return module.split(".")[0] in _LIBRARIES


def _is_ours(f: Any) -> bool:
    """Whether it is one of the functions that make transformations."""
    return getattr(f, "__module__", None) == "s2sad.api"


def _module_path(environment: Any) -> str:
    name = environment.__globals__.get("__name__") or "module"
    return name.rpartition(".")[2].strip("_") or "module"
