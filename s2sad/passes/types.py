"""Specialise a lowered function to the types of its arguments: lowered IR in, typed IR out.

What is known when compiling is computed here: which function a name means, which method an attribute is, what
``isinstance`` and ``x.ndim == 2`` say.  Types of loop-carried values and of list elements are found by iterating until
nothing changes.  What is not known stays in the program as a general op.

    x.sum(axis=0)     call(getattr(%x, 'sum'), axis=0)     ->   np.ndarray.sum(%x, axis=0) : f8[:]
    for i in range(n) for(any, %r)                         ->   for(range, 0, %n, 1)
    helper(x)         call(global helper, %x)              ->   call {helper specialised to f8[:]}, or its body
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
import types as python_types
from typing import Any, cast

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Span, Value, constant_key, hashable
from ..ir.signature import object_type, signature
from ..ir.types import (
    BOTTOM,
    INT,
    UNKNOWN,
    Dim,
    Type,
    element,
    fresh_dim,
    is_named_tuple,
    tuple_of,
)
from ..rules import table
from ..rules.inference import getitem
from ..rules.table import Rule, rule_for
from ..wrapper import Checkpointed, CustomVjp, Wrapper
from . import effects
from .attributes import Replace, attribute
from .build import Builder, constant_tuple, type_of_operand
from .callbacks import hand_over
from .calls import HANDLERS, bind, canonical_method, sparing
from .outputs import written_out
from .refusals import refusal
from .session import Callee, Cells, Checkpoint, Session, is_static

PATIENCE = 12  # attempts at the types of lists
UNROLL = 16  # longest literal sequence whose loop is unrolled because its elements differ in type
INLINE = 4  # ops in a helper that is short enough to be inlined
ENDLESS = 100  # calls of a function inside of its own, each with other types
LONG_HELPER = 24  # ops of a function that a rule calls: a longer one stays a function


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
            return self.unpack(args[0], *(a.value for a in args[1:] if isinstance(a, Const)))
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
            self.check_store(prim, args)
            build.effect(prim, *args)
            return None
        if prim is prims.import_module and isinstance(args[0], Const):
            return Const(prims.import_module(args[0].value), args[0].value)
        if prim is prims.make_list or prim is prims.make_dict:
            return self.make_container(prim, args)
        if prim is prims.concat_sequences:
            sequences = [build.elements(a) for a in args]
            if all(p is not None for p in sequences):
                return self.make_container(prims.make_list, [e for p in sequences if p is not None for e in p])
        if prim is tuple and len(args) == 1:
            made = build.defs.get(args[0]) if isinstance(args[0], Value) else None
            if made is not None and made.prim is prims.make_list and not self.mutated(args[0]):
                return build.op(prims.make_tuple, *made.args)
            parts = build.elements(args[0])
            if parts is not None:
                return build.op(prims.make_tuple, *parts)
        if prim is operator.getitem:
            known = self.known_element(args[0], args[1])
            if known is not None:
                return known
        overloaded = self.overloaded(prim, args)
        if overloaded is not None:
            return overloaded
        return build.op(prim, *args, **params)

    def mutated(self, x: Operand) -> bool:
        return isinstance(x, Value) and any(site in self.session.mutated for site in x.type.value or ())

    def known_element(self, container: Operand, index: Operand) -> Operand | None:
        """``container[index]`` where a literal list or dict is known not to change."""
        if isinstance(container, Value) and isinstance(index, Const):
            op = self.builder.defs.get(container)
            if op is not None and not self.mutated(container):
                if (
                    op.prim is prims.make_list
                    and isinstance(index.value, int)
                    and -len(op.args) <= index.value < len(op.args)
                ):
                    return op.args[index.value]
                if op.prim is prims.make_dict:
                    keys = [k.value if isinstance(k, Const) else NO_KEY for k in op.args[::2]]
                    if NO_KEY not in keys and index.value in keys:
                        return op.args[2 * keys.index(index.value) + 1]
        return None

    def overloaded(self, prim: Any, args: list[Operand]) -> Operand | None:
        """An operator on objects of users' classes: the method that Python would call."""
        if not hashable(prim) or prim not in OPERATORS or not args:
            return None
        used = self.use_with_made(prim, args, {})
        if used is not None:
            return used
        name, reflected = OPERATORS[prim]
        owner, *others = args if prim is not operator.contains else args[:2]
        if _is_instance(type_of_operand(owner), name):
            return self.call_operator(owner, name, others)
        if len(args) != 2 or not _is_instance(type_of_operand(args[1]), reflected):
            return None
        mirrored = getattr(type_of_operand(args[1]).cls, f"__{reflected}__", None)
        if reflected is not None and rule_for(mirrored) is not None:
            return self.call_const(mirrored, [args[1], owner], {})
        if reflected is None or type_of_operand(owner).kind not in ("int", "float", "complex", "bool", "number"):
            raise self.refuse(f"__{name}__ of an object on the right is not supported")
        return self.call_operator(args[1], reflected, [owner])

    def call_operator(self, owner: Operand, name: str, others: list[Operand]) -> Operand | None:
        """The call of an operator's method; None where the class has what every object has."""
        cls = type_of_operand(owner).cls
        method = getattr(cls, f"__{name}__", None)
        if rule_for(method) is not None:
            return self.call_const(method, [owner, *others], {})
        if method is getattr(object, f"__{name}__", None):
            return None
        plain = isinstance(method, python_types.FunctionType) and "NotImplemented" not in method.__code__.co_names
        kinds = [type_of_operand(x) for x in others]
        if not plain or any(t.kind == "unknown" or (t.kind == "object" and t.cls is not cls) for t in kinds):
            raise self.refuse(f"which method {cls.__name__}.__{name}__ means here is not known when compiling")
        self.session.guard(cls, cls, f"__{name}__", method)
        return self.call_python(cast(python_types.FunctionType, method), [owner, *others], {})

    def check_store(self, prim: Any, args: list[Operand]) -> None:
        """Note what a store writes, for the types of lists; refuse what has no versions."""
        target = type_of_operand(args[0])
        if prim is setattr:
            raise self.refuse("writing an attribute of an object is not supported: return the new value instead")
        if isinstance(args[0], Const):
            raise self.refuse("writing into an object outside the function is not supported: pass it as an argument")
        if target.kind in ("list", "dict"):
            if prim is operator.delitem or target.kind == "dict":
                raise self.refuse(f"changing the keys or entries of a {target.kind} this way is not supported")
            self.session.widen(target.value, type_of_operand(args[2]))
        elif prim is operator.delitem or target.kind not in ("array", "bottom"):
            what = (
                "is not known to be an array when compiling"
                if target.kind in ("unknown", "numeric")
                else "can't be written"
            )
            raise self.refuse(f"assignment into a value that {what} ({target.kind})")

    def make_container(self, prim: Any, args: list[Operand]) -> Value:
        """A list or dict of elements that are known one by one."""
        elems = tuple(type_of_operand(a) for a in (args if prim is prims.make_list else args[1::2]))
        if prim is prims.make_list:
            same = len(set(elems)) == 1 or len(elems) > UNROLL
            t = Type("list", elems=(element(Type("tuple", elems=elems)),) if same and elems else elems,
                     length=len(args))  # fmt: skip
        elif all(isinstance(k, Const) for k in args[::2]):
            entries = {k.value: (k, v) for k, v in zip(args[::2], args[1::2], strict=True) if isinstance(k, Const)}
            args = [x for entry in entries.values() for x in entry]  # of one key the last value
            t = Type("dict", elems=tuple(map(type_of_operand, args[1::2])), keys=tuple(entries))
        else:
            t = Type("dict", elems=elems)
        return self.builder.op(prim, *args, type=t)

    def unpack(self, value: Operand, count: int, after: int = -1) -> list[Operand]:
        """The targets of an unpacking."""
        build = self.builder
        parts = build.elements(value)
        t = type_of_operand(value)
        if parts is None and t.kind == "tuple":
            parts = [build.op(operator.getitem, value, Const(i)) for i in range(len(t.elems))]
        if (
            parts is None
            and t.kind == "list"
            and t.length is not None
            and isinstance(value, Value)
            and not self.mutated(value)
        ):
            parts = [self.apply(operator.getitem, [value, Const(i)], {}) for i in range(t.length)]
        if parts is not None:
            if after < 0 and len(parts) == count:
                return parts
            if after >= 0 and len(parts) >= count + after:
                stop = len(parts) - after
                return [*parts[:count], self.make_container(prims.make_list, parts[count:stop]), *parts[stop:]]
        if after >= 0:
            raise self.refuse("a starred target needs a right-hand side whose length is known when compiling")
        if t.kind == "array" and (t.rank or 0) >= 1:
            build.effect(prims.check_length, value, Const(count))
            return [build.op(operator.getitem, value, Const(i)) for i in range(count)]
        if t.kind in ("list", "shape_tuple"):
            build.effect(prims.check_length, value, Const(count))
            return [self.apply(operator.getitem, [value, Const(i)], {}) for i in range(count)]
        if t.kind == "bottom":
            return [Value(None, BOTTOM) for _ in range(count)]
        as_tuple = build.op(prims.unpack_tuple, value, Const(count), type=tuple_of((UNKNOWN,) * count))
        return [build.op(operator.getitem, as_tuple, Const(i)) for i in range(count)]

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
                and not self.mutated(mapping)
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
                return self.call_lowered(target, [*captured, *args], params, environment)
            return self.call_const(target, [*captured, *args], params)
        if t.kind == "object":
            method = getattr(t.cls, "__call__", None)  # noqa: B004 (the method itself)
            if isinstance(method, python_types.FunctionType):
                self.session.guard(t.cls, t.cls, "__call__", method)
                return self.call_python(method, [callee, *args], params)
        if t.kind == "bottom":
            return Value(None, BOTTOM)
        used = self.use_of_made(callee, args, params)
        if used is not None:
            return used
        made = self.builder.defs.get(callee)
        if made is not None and made.prim is getattr and made.args[1].value in effects.WRITER_NAMES:  # type: ignore[union-attr]
            raise self.refuse(f"{made.args[1].value}() of an object whose class is not known when compiling")  # type: ignore[union-attr]
        return self.builder.op(prims.call_dynamic, callee, *args, **params)

    def use_of_made(self, callee: Value, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
        """A call of an object that was made here, or of its method, as one of what it was made of; None for others."""
        made, method = self.builder.defs.get(callee), "__call__"
        if made is not None and made.prim is getattr and isinstance(made.args[1], Const) and len(made.args) == 2:
            owner, method = made.args[0], made.args[1].value
            made = self.builder.defs.get(owner) if isinstance(owner, Value) else None
        return self.call_of_made(made, method, args, params)

    def use_with_made(self, f: Any, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
        """A call whose first argument was made here; None for others."""
        made = self.builder.defs.get(args[0]) if args and isinstance(args[0], Value) else None
        return self.call_of_made(made, f, args[1:], params)

    def call_of_made(
        self, made: Op | None, method: Any, args: list[Operand], params: dict[str, Operand]
    ) -> Operand | None:
        rule = made.attrs.get("maker") if made is not None else None
        if made is None or rule is None or not hashable(method) or method not in rule.methods:
            return None
        function, names = rule.methods[method]
        further = {**dict(zip(names, args[1:], strict=False)), **params}
        try:
            positions = list(inspect.signature(made.prim).parameters.values())
        except (TypeError, ValueError):
            return None
        if any(p.kind is p.VAR_POSITIONAL for p in positions):
            return self.call_const(function, [*args[:1], *made.args], {**made.params, **further})
        given = {**dict(zip([p.name for p in positions], made.args, strict=False)), **made.params}
        if not given.keys() <= inspect.signature(function).parameters.keys():
            return None
        return self.call_const(function, args[:1], {**given, **further})

    def make(self, rule: Rule, f: Any, args: list[Operand], params: dict[str, Operand], path: str | None) -> Operand:
        """An object that is used by its methods; what it is made of stays as it is now."""

        def kept(x: Operand) -> Operand:
            return self.builder.op(prims.copy, x) if type_of_operand(x).kind == "array" else x

        out = Value(None, UNKNOWN)
        attrs = {"maker": rule, **({"path": path} if path else {})}
        self.builder.append(Op(f, list(map(kept, args)), {k: kept(x) for k, x in params.items()}, [out], attrs=attrs))
        return out

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
        used = self.use_with_made(f, args, params)
        if used is not None:
            return used
        rule = rule_for(f)
        if rule is not None and rule.kind == "maker":
            return self.make(rule, f, args, params, path)
        if rule is not None or (hashable(f) and f in effects.STORES):
            return self.call_builtin(f, args, params)
        ufunc = getattr(f, "__self__", None)
        if isinstance(ufunc, np.ufunc) and f.__name__ == "at":
            return self.ufunc_at(ufunc, args)
        if isinstance(f, python_types.FunctionType) and not _is_library(f) and not _is_ours(f):
            return self.call_python(f, args, params)
        inner = getattr(type(f), "__call__", None)  # noqa: B004 (the method itself)
        if rule_for(inner) is not None:
            return self.call_builtin(inner, [Const(f, path), *args], params)
        if isinstance(inner, python_types.FunctionType) and not isinstance(f, type) and not _is_library(inner):
            return self.call_python(inner, [Const(f), *args], params)
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
        if any(_holds_function(type_of_operand(a)) for a in [*args, *params.values()]):
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
        if f is list.append and self.session.unroll and self.grown(*args):
            return Const(None)
        if hashable(f) and f in effects.LIST_WRITERS:
            self.session.widen(type_of_operand(args[0]).value, self.put_in(f, args))
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
        result = self.call_python(rule.pullback, arguments, options)  # type: ignore[arg-type]
        self.quoted = outer
        why = refusal(ops[before:])
        if why is not None:  # it matters only where the call is active
            del ops[before:]
            return self.opaque(f, args, params, rule.name, MissingRuleError(why, self.builder.span))
        return result

    def grown(self, items: Operand, value: Operand) -> bool:
        """Put a value at the end of a literal list of a rule, made in this block and not read yet.

        So the list of a comprehension that is unrolled is the literal list of its elements.
        """
        if not isinstance(items, Value):
            return False
        made, ops = self.builder.defs.get(items), self.builder.block.ops
        place = next((i for i, op in enumerate(ops) if op is made), None)
        if place is None or made is None or made.prim is not prims.make_list or self.mutated(items):
            return False
        assert isinstance(items, Value)
        bound = [op for op in ops if op.outs and op.outs[0].type.kind == "function" and items in op.args]  # its methods
        later = [op for op in ops[place + 1 :] if op not in bound]
        if any(x is items for op in effects.all_ops(Block(ops=later)) for x in op.operands()):
            return False
        made.args = [*made.args, value]
        elems = tuple(map(type_of_operand, made.args))
        same = len(set(elems)) == 1 or len(elems) > UNROLL
        t = Type("tuple", elems=elems)
        items.type = dataclasses.replace(items.type, elems=(element(t),) if same else elems, length=len(elems))
        self.builder.block.ops[:] = [*ops[:place], *later, made]
        return True

    def put_in(self, f: Any, args: list[Operand]) -> Type:
        """The type of what a method of lists puts into its list."""
        if f in (list.append, list.insert):
            return type_of_operand(args[-1])
        if f is not list.extend:
            return BOTTOM
        t = type_of_operand(args[1])
        if t.kind == "array":
            return getitem(args[1], Value(None, INT))
        return element(t) if t.kind in ("list", "tuple") else UNKNOWN

    def ufunc_at(self, f: np.ufunc, args: list[Operand]) -> Operand:
        """``np.add.at(a, i, v)``: writes its argument."""
        if f is not np.add:
            raise self.refuse(f"np.{f.__name__}.at is not supported: only np.add.at")
        if isinstance(args[0], Const) or type_of_operand(args[0]).kind != "array":
            raise self.refuse("np.add.at needs an array that is known when compiling")
        self.builder.effect(prims.add_at, *args)
        return Const(None)

    def call_python(self, f: python_types.FunctionType, args: list[Operand], params: dict[str, Operand]) -> Operand:
        """A call to a Python function: specialised to its arguments, as a call or inline."""
        known = self.evaluated(f, args, params) if self.session.unroll else None
        if known is not None:
            return known
        try:
            lowered = self.session.lowered(f)
            self.session.guard(f, f, "__code__", f.__code__)
            self.session.guard(f, f, "__defaults__", f.__defaults__)
        except Exception as error:
            from ..errors import Error

            if not isinstance(error, Error):
                raise
            return self.opaque(f, args, params, f.__name__, error)
        return self.call_lowered(lowered, args, params, f)

    def evaluated(self, f: Any, args: list[Operand], params: dict[str, Operand]) -> Const | None:
        """The result of a rule's helper whose arguments are sizes, names and choices that are known when compiling."""
        try:
            values = [constant_tuple(a, self.builder) for a in args]
            named = {k: constant_tuple(v, self.builder) for k, v in params.items()}
            if not all(map(_is_choice, (*values, *named.values()))):
                return None
            result = f(*values, **named)
        except Exception:  # it raises when the program runs, at its place
            return None
        return Const(result) if _is_choice(result) else None

    def call_lowered(
        self, function: Function, args: list[Operand], params: dict[str, Operand], environment: Any
    ) -> Operand:
        marks, self.marks = self.marks, {}
        operands = bind(self, function, args, params, environment)
        if marks and self.must_inline(function, operands):
            raise self.refuse(f"{_kind_of(marks)} of {function.name}(), which takes a function, is not supported")
        if not marks and (_is_short(function) or self.must_inline(function, operands)):
            return self.inline(function, operands, environment)
        types, restore = canonical([type_of_operand(x) for x in operands])
        literal = (int, float, complex) if self.session.unroll else ()  # rules branch on numbers, too
        axes = _axes(function)
        known = tuple(
            x.value
            if isinstance(x, Const)
            and (is_option(x.value) or isinstance(x.value, literal) or (p in axes and type(x.value) is int))
            else NO_KEY
            for p, x in zip(function.params, operands, strict=True)
        )
        key = (id(function), id(environment), tuple(types), tuple(map(constant_key, known)))
        typed = self.session.specialised.get(key)
        if typed is None:
            typed = self.specialise_call(key, function, types, known, environment)
        typed.attrs["used"] = True
        summary = effects.summary(typed)
        aliases = summary.aliases and not self.session.unroll  # rules write nothing, so they may hand on views
        if marks and (summary.writes or _has_function_result(typed)):
            raise self.refuse(f"{_kind_of(marks)} of {function.name}(), which changes its arguments, is not supported")
        if not marks and (summary.writes or aliases or _has_function_result(typed)):
            if key in self.session.results:
                raise self.refuse(
                    f"{function.name}() calls itself and changes or returns its arguments: copy them at its beginning"
                )
            return self.inline(function, operands, environment)
        short = len(typed.body.ops) <= (LONG_HELPER if self.session.unroll else 2)
        if not marks and not typed.attrs.get("recursive") and short and not any(o.blocks for o in typed.body.ops):
            return self.inline(function, operands, environment)
        passed = [x for x, k in zip(operands, known, strict=True) if k is NO_KEY]
        outs = [Value(None, restore(r)) for r in typed.attrs["result_types"]]
        self.builder.append(Op("call", passed, {}, outs, attrs={"function": typed}))
        if marks:
            self.builder.block.ops[-1].attrs.update(marks, known=known)
        tree = typed.attrs["result_tree"]
        if tree is None:
            return outs[0]
        return self.builder.op(prims.make_tuple, *outs, type=tuple_of(tuple(map(type_of_operand, outs)), tree.cls))

    def must_inline(self, function: Function, operands: list[Operand]) -> bool:
        """Function values have no form outside the compiler, so their receivers are inlined."""
        if self.path.count(id(function)):
            return False
        return any(
            type_of_operand(x).kind == "function" or (isinstance(x, Const) and callable(x.value)) for x in operands
        )

    def specialise_call(
        self, key: Any, function: Function, types: list[Type], known: tuple, environment: Any
    ) -> Function:
        """Specialise a callee; a recursive one until the type of its result is stable."""
        session = self.session
        if self.path.count(id(function)) > ENDLESS:
            raise self.refuse(f"the calls of {function.name}() have no end when compiling: its types grow in each")
        placeholder = Function(function.name, Block(), origin=function.origin)
        placeholder.attrs.update(result_types=[session.results.get(key, BOTTOM)], result_tree=None, recursive=True)
        session.specialised[key] = placeholder
        while True:
            placeholder.attrs["used"] = False
            finished = set(session.specialised)
            try:
                path = (*self.path, id(function))
                typed = specialise_known(function, types, known, session, environment, path, self.builder.reasons)
            except BaseException:  # what is half done must not be found by the next call
                del session.specialised[key]
                raise
            result = typed.results[0]
            t = type_of_operand(result)
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

    def inline(self, function: Function, operands: list[Operand], environment: Any) -> Operand:
        """The body of a callee in place of its call."""
        if self.path.count(id(function)) > 8:
            raise self.refuse(f"{function.name}() calls itself with functions as arguments, or changes its arguments")
        span, attrs = self.builder.span, self.builder.attrs
        inner = Walker(function, self.session, environment, self.builder, (*self.path, id(function)))
        inner.env.update(zip(function.params, operands, strict=True))
        inner.quoted = self.quoted
        results = inner.block(function.body)
        self.builder.span, self.builder.attrs = span, attrs
        return results[0] if results is not None else UNDEFINED

    # ------------------------------------------------------------ control

    def op_raise(self, op: Op) -> bool:
        args = [self.read(a) for a in op.args]
        self.builder.append(Op("raise", args))
        return False

    def op_with(self, op: Op) -> Any:
        from .control import with_

        return with_(self, op)

    def op_if(self, op: Op) -> Any:
        from .control import if_

        return if_(self, op)

    def op_for(self, op: Op) -> Any:
        from .control import for_

        return for_(self, op)

    def op_while(self, op: Op) -> Any:
        from .control import while_

        return while_(self, op)


@dataclasses.dataclass(frozen=True)
class Elements:
    """What is known of the elements of an argument that is a tuple."""

    known: tuple[Any, ...]


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


def canonical(types: list[Type]) -> tuple[list[Type], Any]:
    """Types with their sizes renamed in order of appearance, so that calls of the same form share one callee."""

    names: dict[Dim, Dim] = {}

    def rename(t: Type) -> Type:
        dims = t.dims
        if dims is not None:
            dims = tuple(
                d if d.one or isinstance(d.key, int) else names.setdefault(d, Dim(("p", len(names)), d.one))
                for d in dims
            )
        value = t.value
        if isinstance(value, Dim):
            value = value if isinstance(value.key, int) else names.setdefault(value, Dim(("p", len(names)), value.one))
        elems = tuple(map(rename, t.elems))
        return dataclasses.replace(t, dims=dims, elems=elems, value=value)

    renamed = [rename(t) for t in types]
    back = {v: k for k, v in names.items()}

    def restore(t: Type) -> Type:
        dims = t.dims
        if dims is not None:
            dims = tuple(back.get(d, d if d.one or isinstance(d.key, int) else fresh_dim(d.one)) for d in dims)
        value = t.value
        if isinstance(value, Dim):
            value = back.get(value, value if isinstance(value.key, int) else None)
        return dataclasses.replace(t, dims=dims, elems=tuple(map(restore, t.elems)), value=value)

    return renamed, restore


def _axes(function: Function) -> set[Operand]:
    """The parameters of a lowered function that name an axis: ranks and sizes depend on their values."""
    found = function.attrs.get("axes")
    if found is None:
        own = set(function.params)
        read = [x for op in effects.all_ops(function.body) for k, x in op.params.items() if k in ("axis", "axes")]
        found = function.attrs["axes"] = {x for x in read if x in own}
    return found


class _NoKey:
    def __repr__(self) -> str:
        return "NO_KEY"


NO_KEY = _NoKey()

# Operators: the method that Python calls, and the one of the right operand where the left one has none.
OPERATORS: dict[Any, tuple[str, str | None]] = {
    **{getattr(operator, name): (name.strip("_"), f"r{name.strip('_')}") for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift",
    )},
    operator.lt: ("lt", "gt"), operator.gt: ("gt", "lt"), operator.le: ("le", "ge"), operator.ge: ("ge", "le"),
    operator.eq: ("eq", "eq"), operator.ne: ("ne", "ne"), operator.neg: ("neg", None), operator.pos: ("pos", None),
    operator.invert: ("invert", None), abs: ("abs", None), operator.abs: ("abs", None), len: ("len", None),
    operator.getitem: ("getitem", None), operator.contains: ("contains", None), float: ("float", None),
    int: ("int", None), bool: ("bool", None), round: ("round", None), divmod: ("divmod", "rdivmod"),
    pow: ("pow", "rpow"),
}  # fmt: skip


def _callee(target: Any) -> Callee:
    key = tuple(map(id, target)) if isinstance(target, tuple) else id(target)
    return _CALLEES.setdefault(key, Callee(target))


_CALLEES: dict[Any, Callee] = {}


def is_option(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(is_option, value))
    return isinstance(value, (bool, str, type(None), type, np.dtype, python_types.ModuleType))


def _kind_of(marks: dict[str, Any]) -> str:
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


def _has_function_result(function: Function) -> bool:
    return any(_holds_function(t) for t in function.attrs["result_types"])


def _holds_function(t: Type) -> bool:
    return t.kind == "function" or any(map(_holds_function, t.elems))


_LIBRARIES = ("numpy", "scipy", "builtins", "math", "pandas", "sklearn", "matplotlib", "warnings", "logging", "copy",
              "functools", "itertools", "collections", "contextlib", "random", "time", "os", "sys", "re")  # fmt: skip


def _is_listed(t: Type) -> bool:
    """Whether a type is that of a list or tuple of more than places: ``einsum(a, [0, 1])``."""
    return t.kind in ("list", "tuple") and not all(e.kind in ("int", "ellipsis") for e in t.elems)


def _is_instance(t: Type, name: str | None) -> bool:
    """Whether an operator's method is one of a user's class."""
    method = f"__{name}__"
    return t.kind == "object" or (
        t.kind == "tuple" and t.cls is not None and getattr(t.cls, method, None) is not getattr(tuple, method, None)
    )


def _is_library(f: Any) -> bool:
    module = getattr(f, "__module__", None) or ""
    return module.split(".")[0] in _LIBRARIES


def _is_ours(f: Any) -> bool:
    """Whether it is one of the functions that make transformations."""
    return getattr(f, "__module__", None) == "s2sad.api"


def _module_path(environment: Any) -> str:
    name = environment.__globals__.get("__name__") or "module"
    return name.rpartition(".")[2].strip("_") or "module"
