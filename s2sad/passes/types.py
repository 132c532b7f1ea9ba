"""Specialise a lowered function to the types of its arguments: lowered IR in, typed IR out.

What is known when compiling is computed here: which function a name means, which method an attribute is, what
``isinstance`` and ``x.ndim == 2`` say.  Types of loop-carried values and of list elements are found by iterating until
nothing changes.  What is not known stays in the program as a general op.

    x.sum(axis=0)     call(getattr(%x, 'sum'), axis=0)     ->   np.ndarray.sum(%x, axis=0) : f8[:]
    for i in range(n) for(any, %r)                         ->   for(range, 0, %n, 1)
    helper(x)         call(global helper, %x)              ->   call {helper specialised to f8[:]}, or its body
"""

from __future__ import annotations

import builtins
import operator
from typing import Any

import numpy as np

from ..errors import Reasons, UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Span, Value, constant
from ..ir.types import BOTTOM, INT, UNKNOWN, Dim, Type, module_of
from . import attempts, control, dicts, invoke, names
from .attributes import attribute
from .build import Builder, type_of_operand
from .callees import check_closures
from .containers import joined_tuples, known_element, known_elements, make_container, repeated_tuple, store, unpack
from .flat import element_of_flat, flat, is_flat, made_flat
from .iterators import calling, check_handed_over
from .kept import check_kept
from .known import NO_KEY, Elements
from .objects import check_objects
from .objects import store as store_attribute
from .operators import in_place, overloaded
from .optional import raising
from .session import Session
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
    if not walker.ours:
        check_text(typed, session)
        check_kept(typed)
        if session.catches:
            attempts.check_exceptions(typed)
        if session.makes_objects:
            check_objects(typed)
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
        self.env: dict[Value, Any] = {}  # operands; or the error that reading it raises
        self.decided: dict[Value, bool] = {}  # conditions that are known where this is
        self.extended: set[Value] = set()  # variables whose dicts have got entries in this branch
        self.activation = object()  # of a function: those of its blocks have the same
        self.path = path
        self.quoted = False  # inside of a definition, whose lines are not the user's
        self.called_at: int | None = None  # the lowered op that the definition stands for: what it makes is made there
        self.nested_calls = 0  # that are written out around this one
        self.marks: dict[str, Any] = {}  # of the next call, which stays one: see `marked`

    # ------------------------------------------------------------ blocks and ops

    def read(self, x: Operand) -> Operand:
        found = self.env[x] if isinstance(x, Value) else x
        if isinstance(found, UnsupportedError):
            raise self.refuse(str(found.msg))
        return found

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
        self.session.place = id(op) if self.called_at is None else hash((self.called_at, id(op)))
        if isinstance(op.prim, str):
            return _FORMS[op.prim](self, op)
        args = [self.read(a) for a in op.args]
        params = {k: self.read(v) for k, v in op.params.items()}
        args = raising(self, op.prim, args)
        result = self.apply(op.prim, args, params, op)
        results = result if isinstance(result, list) else [result]  # a list: the targets of an unpacking
        if op.outs:
            for out, value in zip(op.outs, results, strict=True):
                self.define(out, value)
        return None

    @property
    def ours(self) -> bool:
        """Whether this is a rule, or a helper of one: no line of it is the user's."""
        return module_of(self.environment).startswith("s2sad.")

    def present(self, x: Operand) -> Operand:
        """An operand of what raises where it is None."""
        t = type_of_operand(x)
        if t.kind != "optional":
            return x
        return self.builder.op(prims.present, x, hint=getattr(x, "hint", None), type=t.elems[0])

    def told(self, operand: Operand) -> Operand:
        """A text, a switch, a member of an enumeration or a function, which was found somewhere, as a constant."""
        t = type_of_operand(operand)
        if t.kind not in ("bool", "str", "member") or t.value is None or self.session.late:
            return operand
        self.session.told = True
        return constant(t.value)

    def define(self, lowered: Value, operand: Operand) -> None:
        t = type_of_operand(operand)
        if isinstance(operand, Value) and t.kind == "array" and t.dtype is not None and t.dtype.kind in "OV":
            raise self.refuse(f"an array of dtype {t.dtype} is not supported: use a list, or an array of numbers")
        operand = self.told(operand)
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
        inner.env, inner.quoted, inner.decided = dict(self.env), self.quoted, dict(self.decided)
        inner.called_at, inner.nested_calls = self.called_at, self.nested_calls
        inner.activation = self.activation
        return inner

    # ------------------------------------------------------------ plain ops

    def apply(self, prim: Any, args: list[Operand], params: dict[str, Operand], op: Op | None = None) -> Any:
        """``prim(*args, **params)`` on operands."""
        build = self.builder
        if prim is getattr and op is not None and op.attrs.get("indexed") and is_flat(args):
            return flat(self, args[0])
        if prim is getattr:
            return self.getattr(args[0], args[1].value if isinstance(args[1], Const) else None, args)
        if prim is prims.quantified:
            name = "all" if args[2].value else "any"  # type: ignore[union-attr]
            if not isinstance(args[0], Const) or args[0].value is not getattr(builtins, name):
                raise self.refuse(f"{name} is a function of your own here, which gets a generator: pass it a list")
            return args[1]
        if prim is prims.unpack:
            return unpack(self, args[0], *(a.value for a in args[1:] if isinstance(a, Const)))
        if prim in prims.AUGMENTED:
            kind = type_of_operand(args[0]).kind
            other = type_of_operand(args[1]).kind
            if kind == "list" and (other == "array" or (other == "scalar" and prim is not operator.imul)):
                prim = prims.AUGMENTED[prim]  # NumPy is asked first, and makes an array of the list
                args = [self.call_const(np.asarray, [args[0]], {}), args[1]]
            elif type_of_operand(args[0]).is_number or kind in ("tuple", "str", "bottom", "none"):
                prim = prims.AUGMENTED[prim]
            elif kind == "list" and prim is operator.iadd:
                self.call_builtin(list.extend, args, {})
                return args[0]
            elif kind == "dict" and prim is operator.ior and dicts.update(self, args, {}) is not NotImplemented:
                return args[0]
            elif kind in ("list", "dict"):
                raise self.refuse(f"changing a {kind} with an operator is not supported: make a new one")
            elif kind == "object":
                own = in_place(self, prim, args)
                if own is not None:
                    return own
                prim = prims.AUGMENTED[prim]
        joined = prim is operator.or_ and all(type_of_operand(a).kind in ("dict", "unknown") for a in args)
        joined = joined and any(isinstance(a, Value) for a in args)  # others are known, such as flags
        if prim is prims.merge_dicts or (joined and not self.ours):  # rules join masks
            together = dicts.merged(self, args)
            if together is not None:
                return together
        if joined and not self.ours:
            raise self.refuse("joining dicts with an operator is not supported: write {**a, **b}")
        if prim in (operator.setitem, operator.delitem, setattr):
            if prim is setattr:
                store_attribute(self, *args)
            elif type_of_operand(args[0]).kind != "object" or in_place(self, prim, args) is None:
                store(self, prim, args)
            return None
        if prim is operator.getitem and isinstance(args[1], Value):
            kept = type_of_operand(args[0])
            self.session.chosen += kept.kind in ("list", "tuple") and "member" in [t.kind for t in kept.elems[1:]]
        if prim is prims.import_module and isinstance(args[0], Const):
            return names.imported(self, args[0].value)
        if prim in (prims.make_tuple, prims.make_list, prims.make_dict):
            check_handed_over(self, args)
        if prim is prims.make_list or prim is prims.make_dict:
            if op is not None and op.attrs.get("filled"):
                self.session.filled.add(self.session.place)
            return make_container(self, prim, args)
        if prim is prims.concat_sequences:
            args = [self.call_const(list, [a], {}) if calling(self, a) else a for a in args]
            sequences = [known_elements(self, a) for a in args]
            if all(p is not None for p in sequences):
                return make_container(self, prims.make_list, [e for p in sequences if p is not None for e in p])
        if prim is tuple and len(args) == 1:
            parts = known_elements(self, args[0])
            if parts is not None:
                return build.op(prims.make_tuple, *parts)
            whole = joined_tuples(self, args[0])
            if whole is not None:
                return build.op(tuple, *args, type=whole)
        if prim is operator.getitem:
            known = known_element(self, args[0], args[1])
            if known is not None:
                return known
            if made_flat(self, args[0]):
                return element_of_flat(self, *args)
        if prim is operator.mul:
            repeated = repeated_tuple(self, *args)
            if repeated is not None:
                return repeated
        kinds = [type_of_operand(a).kind for a in args]
        if prim in _OF_ARRAYS and ("array" in kinds or ("scalar" in kinds and prim is operator.pow)):
            listed = [kind in ("list", "tuple") for kind in kinds]  # which they make arrays of
            args = [self.call_const(np.asarray, [a], {}) if one else a for a, one in zip(args, listed, strict=True)]
        check_closures(self, prim, args)
        found = overloaded(self, prim, args)
        if found is not None:
            return found
        return build.op(prim, *args, **params)

    def getattr(self, obj: Operand, name: str | None, args: list[Operand]) -> Operand:
        if name is not None and not hasattr(None, name):
            obj = self.present(obj)
            args = [obj, *args[1:]]
        if name is None:
            return self.builder.op(getattr, *args)
        return attribute(self, obj, name)

    # ------------------------------------------------------------ what stands in modules of its own

    call = invoke.call
    call_const = invoke.call_const
    call_builtin = invoke.call_builtin
    opaque = invoke.opaque
    splice = invoke.splice
    function_value = names.function_value


# Operators that make arrays of lists where their other operand is one.
_OF_ARRAYS = {
    getattr(operator, name)
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lt", "le", "gt", "ge", "eq", "ne")
}
_OF_ARRAYS |= {prim for prim, plain in prims.AUGMENTED.items() if plain in _OF_ARRAYS}


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
        return walker.told(builder.block.params[-1])

    for p, t, k in zip(function.params, types, known, strict=True):
        walker.env[p] = parameter(p, t, k)
    results = walker.block(function.body)
    typed = Function(function.name, builder.block, [], (), function.origin, function.span)
    typed.attrs["defs"] = builder.defs
    builder.block.results = results if results is not None else [UNDEFINED]
    if session.catches:
        attempts.check_exceptions(typed)
    if session.makes_objects:
        check_objects(typed)
    return typed


_FORMS = {
    "global": names.global_,
    "cell": names.cell,
    "closure": names.closure,
    "call": invoke.call_op,
    "raise": control.raise_,
    "with": control.with_,
    "try": attempts.try_,
    "if": control.if_,
    "for": control.for_,
    "while": control.while_,
}
