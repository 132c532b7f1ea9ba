"""Append typed ops to a block: every pass that makes ops makes them through a `Builder`.

The builder infers the type of each result, forwards the elements of tuples that it has seen being made, and folds
what is known when compiling.  In a functional program (``algebra``) it also simplifies, and computes nothing twice.
Its invariant: the ops in its block are typed and valid at any time.
"""

from __future__ import annotations

import abc
import enum
import operator
import types
from collections import ChainMap
from typing import Any, overload

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Op, Operand, Span, Value
from ..ir.signature import is_shared
from ..ir.types import Type, in_class, type_of
from ..rules.inference import infer
from ..rules.table import rule_for

# Folded only where the result is a decision or a size, so that formulas keep the form in which they were written.
FOLDABLE = {
    operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.neg, operator.not_,
    operator.is_, operator.is_not, operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
    operator.contains, operator.and_, operator.or_, operator.getitem, operator.index, isinstance, len, bool, abs,
    tuple, callable, issubclass, min, max, int, str, np.ndim, np.isscalar, prims.format_string,
}  # fmt: skip

# What is computed once, besides elementwise functions: not what makes memory to be written, nor views, which are cheap.
_COMMON = {operator.matmul, np.matmul, np.sum, np.shape}
_REDUCTIONS = {np.sum, np.mean, np.prod, np.max, np.min, np.any, np.all, np.std, np.var}
_REDUCTIONS_DEFAULTS = {"axis": None, "keepdims": False}
_NOTHING = object()

_COMPARISONS = {operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge}
_DECISIONS = {*_COMPARISONS, np.ndim, np.isscalar, callable, bool, operator.not_}  # of numbers, too
_ASKED = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__len__", "__index__", "__int__",
          "__contains__", "__add__", "__sub__", "__mul__", "__mod__", "__neg__", "__abs__", "__and__", "__or__",
          "__str__", "__format__", "__hash__"}  # fmt: skip
_IMMUTABLE = (bool, int, str, type(None), tuple, type, types.UnionType, slice, enum.Enum)


def type_of_operand(x: Operand) -> Type:
    """The type of an operand."""
    if isinstance(x, Value):
        return x.type
    if isinstance(x.value, enum.Enum):
        return Type("member", cls=type(x.value), value=x.value)
    return type_of(x.value)


def _computes_itself(x: Any) -> bool:
    """Whether it is a member of an enumeration with methods of the user's for operators or text."""
    return isinstance(x, enum.Enum) and any(
        isinstance(m, types.FunctionType) and m.__module__ != enum.__name__
        for c in type(x).__mro__
        for name, m in vars(c).items()
        if name in _ASKED
    )


class Builder:
    """Appends ops to ``block``; ``defs`` (shared by nested builders) says which op computes a value."""

    def __init__(self, block: Block | None = None, defs: dict[Value, Op] | None = None, outer: Builder | None = None):
        self.block = block or Block()
        self.outer = outer
        self.branch = False  # the block of an ``if``
        self.defs: dict[Value, Op] = defs if defs is not None else outer.defs if outer else {}
        self.own: set[Value] = set()  # what is computed in this block itself
        self.span: Span | None = outer.span if outer else None
        self.attrs: dict[str, Any] = dict(outer.attrs) if outer else {}
        self.algebra: Any = outer.algebra if outer else None  # simplifies ops of a functional program as they are made
        self.absent: Any = outer.absent if outer else None  # which values may be without one (of an adjoint)
        self.sizes: Any = (
            outer.sizes.inside() if outer and outer.sizes is not None else None
        )  # equal ones, of an adjoint
        self.reasons: Any = outer.reasons if outer else None  # collects what is not supported, to be raised at the end
        self.placed: Any = outer.placed if outer else None  # gives lists and dicts that are made the place of that
        self.known: ChainMap[Any, Value] = outer.known.new_child() if outer else ChainMap()  # what is computed already

    def nested(self, params: list[Value] | None = None) -> Builder:
        """A builder for a block inside this one."""
        return Builder(Block(params or []), outer=self)

    def append(self, op: Op) -> Op:
        """Append a finished op."""
        op.span = op.span or self.span
        for key, value in self.attrs.items():
            op.attrs.setdefault(key, value)
        self.block.ops.append(op)
        self.own.update(op.outs)
        for out in op.outs:
            self.defs[out] = op
            out.span = out.span or op.span
        return op

    @overload
    def op(self, prim: Any, *args: Operand, **params: Operand) -> Any: ...

    @overload
    def op(
        self, prim: Any, *args: Operand, hint: str | None = None, type: Type | None = None, **params: Operand
    ) -> Any: ...

    def op(self, prim: Any, *args: Operand, hint: Any = None, type: Any = None, **params: Operand) -> Any:
        """Compute ``prim(*args, **params)``: an operand, new or known already.

        ``hint`` and ``type`` are those of the result, unless they are operands: options of ``prim`` by these names.
        """
        if isinstance(hint, (Value, Const)):
            params, hint = {**params, "hint": hint}, None
        if isinstance(type, (Value, Const)):
            params, type = {**params, "type": type}, None
        forwarded = self.forward(prim, args, params)
        if forwarded is None and self.algebra is not None:
            forwarded = self.algebra(self, prim, args, params)
        return forwarded if forwarded is not None else self.make(prim, args, params, hint, type)

    def make(
        self, prim: Any, args: tuple[Operand, ...], params: dict[str, Operand], hint: Any = None, type: Any = None
    ) -> Value:
        """The op as it stands, or the value that the same op has given before."""
        key = computation(prim, args, params) if self.algebra is not None else None
        if key is not None and key in self.known:
            return self.known[key]
        if params and prim in _REDUCTIONS:
            params = {
                k: v
                for k, v in params.items()
                if not (isinstance(v, Const) and v.value is _REDUCTIONS_DEFAULTS.get(k, _NOTHING))
            }
        if type is None:
            type = infer(prim, [self.expand(a) for a in args], {k: self.expand(v) for k, v in params.items()})
        out = Value(hint, self.placed(type) if self.placed is not None else type)
        self.append(Op(prim, list(args), params, [out]))
        if key is not None and (type.is_numeric or prim is np.shape):
            self.known[key] = out
        return out

    def object(
        self, t: Type, attributes: dict[Any, Operand], hint: str | None = None, type: Type | None = None
    ) -> Value:
        """An object of the class of ``t`` with its attributes, which may be called like our own arguments."""
        return self.make(runtime.make_object, (Const(t.cls, t.cls.__name__),), attributes, hint, type or t)

    def effect(self, prim: Any, *args: Operand, **params: Operand) -> None:
        """An op without a result."""
        self.append(Op(prim, list(args), params))

    def forward(self, prim: Any, args: tuple[Operand, ...], params: dict[str, Operand]) -> Operand | None:
        """What is known of the result without computing it."""
        if prim is operator.getitem and isinstance(args[1], Const):
            parts = self.elements(args[0])
            index = args[1].value
            if parts is not None and isinstance(index, int) and -len(parts) <= index < len(parts):
                return parts[index]
        if prim is operator.getitem and type_of_operand(args[1]).kind == "slice":
            parts, chosen = self.elements(args[0]), self.expand(args[1])
            of_tuple = parts is not None and type_of_operand(args[0]).kind == "tuple"
            if parts is not None and of_tuple and not _has_value(chosen):
                return self.op(prims.make_tuple, *parts[chosen])
        if prim is len:
            parts = self.elements(args[0])
            if parts is not None:
                return Const(len(parts))
            if isinstance(args[0], Value) and args[0].type.kind == "tuple":
                return Const(len(args[0].type.elems))
        if prim is np.ndim and isinstance(args[0], Value) and args[0].type.rank is not None and args[0].type.is_numeric:
            return Const(args[0].type.rank)
        if prim in (np.iscomplexobj, np.isrealobj):
            known = _is_complex(type_of_operand(args[0]))
            return None if known is None else Const(known is (prim is np.iscomplexobj))
        if prim in (operator.is_, operator.is_not):
            same = _identical(args[0], args[1])
            return None if same is None else Const(same is (prim is operator.is_))
        if prim is type and len(args) == 1 and isinstance(args[0], Value) and args[0].type.is_numeric:
            cls = class_of(args[0].type)
            of_numpy = "np." if cls is not None and cls.__module__ == "numpy" else ""
            return None if cls is None else Const(cls, of_numpy + cls.__name__)
        if prim is callable and isinstance(args[0], Value):
            return _callable(args[0].type)
        if prim is isinstance and isinstance(args[0], Value):
            return _isinstance(args[0].type, args[1])
        if prim is isinstance and isinstance(args[1], Const) and isinstance(args[1].value, (type, tuple)):
            x, classes = args[0].value, args[1].value  # type: ignore[union-attr]
            return Const(isinstance(x, classes)) if _by_class(type(x), classes) else None
        if (prim in FOLDABLE or getattr(prim, "__objclass__", None) is str) and not params:
            values = [a.value for a in args if isinstance(a, Const)]
            fixed = (*_IMMUTABLE, float, complex) if prim in _DECISIONS else _IMMUTABLE
            asked = values[1:] if prim is prims.format_string else values  # behind its template
            fixed_all = len(values) == len(args) and all(isinstance(v, fixed) for v in asked)
            if fixed_all and not any(map(_computes_itself, asked)):
                try:
                    result = prim(*values)
                except Exception:  # it raises when the program runs, at its place
                    return None
                if isinstance(result, _IMMUTABLE) and not (isinstance(result, int) and abs(result) > 1 << 62):
                    return Const(result)
        return None

    def elements(self, x: Operand) -> list[Operand] | None:
        """The elements of a tuple, where they are known as operands."""
        if isinstance(x, Const):
            return [Const(e) for e in x.value] if isinstance(x.value, tuple) else None
        op = self.defs.get(x)
        if op is None:
            return None
        if op.prim is prims.make_tuple:
            return list(op.args)
        if op.prim is operator.add and x.type.kind == "tuple":
            left, right = self.elements(op.args[0]), self.elements(op.args[1])
            return None if left is None or right is None else left + right
        if op.prim is operator.mul and x.type.kind == "tuple" and isinstance(op.args[1], Const):
            parts = self.elements(op.args[0])
            return None if parts is None else parts * op.args[1].value
        if op.prim is tuple and len(op.args) == 1:
            return self.elements(op.args[0])
        if op.prim is operator.getitem and x.type.kind == "tuple":
            parts, index = self.elements(op.args[0]), self.expand(op.args[1])
            known = isinstance(index, slice) and not _has_value(index)
            return parts[index] if parts is not None and known else None
        if op.prim is prims.make_list and self.algebra is not None:  # lists of a functional program don't change
            return list(op.args)
        return None

    def expand(self, x: Operand) -> Any:
        """What inference may know of an operand: a plain object, a tuple or slice of such, or a Value."""
        if isinstance(x, Const):
            return x.value
        op = self.defs.get(x)
        if op is not None:
            if op.prim is prims.make_tuple and x.type.kind == "tuple":
                return tuple(map(self.expand, op.args))
            if op.prim is slice:
                parts = list(map(self.expand, op.args))
                return slice(*parts)
        return x


_BASIC = ("int", "slice", "none", "ellipsis")


def is_basic(index: Operand) -> bool:
    """Whether an index certainly is one of integers, slices, None and ``...``, which gives a view."""
    t = type_of_operand(index)
    if t.kind == "tuple":  # of one without known elements nothing is certain
        return bool(t.elems) and all(e.kind in _BASIC for e in t.elems)
    return t.kind in _BASIC


def selects_once(index: Operand, defs: Any) -> bool:
    """Whether an index certainly selects no element twice.

    That is one of integers, slices, None and ``...``, with a mask or with places that are certainly different.
    ``defs`` says which op computes a value.
    """
    made = defs.get(index) if isinstance(index, Value) else None
    parts: list[Operand] = list(made.args) if made is not None and made.prim is prims.make_tuple else [index]
    types = [type_of_operand(p) for p in parts]
    if len(parts) == 1 and types[0].kind == "tuple":
        return is_basic(parts[0])
    others = [
        (p, t) for p, t in zip(parts, types, strict=True)
        if t.kind not in _BASIC and not (t.kind == "scalar" and t.dtype is not None and t.dtype.kind in "iu")
    ]  # fmt: skip
    if len(others) == 1 and others[0][1].kind == "array" and others[0][1].dtype == np.bool_:
        return True
    in_line = all(t.kind == "array" and t.rank == 1 and t.dtype is not None and t.dtype.kind in "iu" for _, t in others)
    return not others or (in_line and any(_are_different(p, defs) for p, _ in others))


_PLACES = (np.flatnonzero, np.argsort, np.ndarray.argsort)  # of an array of rank 1


def _are_different(x: Operand, defs: Any) -> bool:
    """Whether the integers of an array of rank 1 are certainly different places: none is counted from the other end."""
    made = defs.get(x) if isinstance(x, Value) else None
    if made is None:
        return False
    if made.prim is np.arange:
        return len(made.args) < 4 and not made.params and _is_on_one_side(made.args)
    if made.prim is np.setdiff1d:
        return _are_different(made.args[0], defs)
    if made.prim is operator.getitem and type_of_operand(made.args[0]).kind == "array":
        kept = type_of_operand(made.args[1])  # some of them, each once
        part = kept.kind == "slice" or (kept.kind == "array" and kept.dtype == np.bool_)
        return part and _are_different(made.args[0], defs)
    if made.prim is operator.getitem and isinstance(made.args[0], Value):  # the places of an array of rank 1
        made = defs.get(made.args[0])
        return (
            made is not None and made.prim in (np.nonzero, np.where) and len(made.args) == 1 and _in_line(made.args[0])
        )
    return made.prim in _PLACES and _in_line(made.args[0])


def _in_line(x: Operand) -> bool:
    t = type_of_operand(x)
    return t.kind == "array" and t.rank == 1


def _is_on_one_side(bounds: list[Operand]) -> bool:
    """Whether the numbers of a range are certainly all negative, or none of them is."""
    start, stop, step = range_operands(bounds)
    if not isinstance(step, Const):
        return False
    first = start.value if isinstance(start, Const) else None
    end = stop.value if isinstance(stop, Const) else None
    if step.value > 0:
        return (first is not None and first >= 0) or (end is not None and end <= 0)
    return (first is not None and first < 0) or (end is not None and end >= -1)


def range_operands(args: list[Operand]) -> tuple[Operand, Operand, Operand]:
    """Start, stop and step, as ``range`` takes them."""
    if len(args) == 1:
        return Const(0), args[0], Const(1)
    return args[0], args[1], args[2] if len(args) > 2 else Const(1)


def computation(prim: Any, args: tuple[Operand, ...], params: dict[str, Operand]) -> Any:
    """What is equal for computations of one value; None for an op that is not to be shared."""
    rule = None if isinstance(prim, str) else rule_for(prim)
    if rule is None or rule.effect or (rule.kind != "elementwise" and prim not in _COMMON):
        return None
    return prim, tuple(map(identity, args)), tuple((k, identity(v)) for k, v in params.items())


def identity(x: Operand) -> Any:
    """What is equal for equal operands."""
    if isinstance(x, Value):
        return x
    plain = x.value is None or isinstance(x.value, (bool, int, float, complex, str))
    return ("const", type(x.value), repr(x.value) if plain else id(x.value))


def constant_tuple(x: Operand, builder: Builder) -> Any:
    """The plain object behind an operand, all of it known; raises LookupError otherwise."""
    value = builder.expand(x)
    if _has_value(value):
        raise LookupError(x)
    return value


def _has_value(x: Any) -> bool:
    if isinstance(x, tuple):
        return any(map(_has_value, x))
    if isinstance(x, slice):
        return any(map(_has_value, (x.start, x.stop, x.step)))
    return isinstance(x, Value)


def _is_complex(t: Type) -> bool | None:
    if t.kind == "complex":
        return True
    if t.kind in ("float", "int", "bool", "number", "str", "none"):
        return False
    if t.kind in ("array", "scalar") and t.dtype is not None:
        return t.dtype.kind == "c"
    return None


_CERTAIN = ("bool", "int", "float", "complex", "scalar", "number", "array", "numeric", "str", "slice", "range", "tuple",
            "list", "dict", "object", "function")  # fmt: skip


def _identical(a: Operand, b: Operand) -> bool | None:
    if isinstance(a, Const) and isinstance(b, Const):
        if isinstance(a.value, types.FunctionType) and isinstance(b.value, types.FunctionType):
            known = a.value.__code__ is not b.value.__code__ or not (is_shared(a.value) or is_shared(b.value))
            return a.value is b.value if known else None
        if a.value is b.value:
            return True
        return False if a.value is None or b.value is None or type(a.value) is not type(b.value) else None
    for x, y in ((a, b), (b, a)):
        if isinstance(x, Const) and (x.value is None or x.value is NotImplemented):
            kind = type_of_operand(y).kind
            return True if kind == "none" and x.value is None else False if kind in _CERTAIN else None
        if isinstance(x, Const) and isinstance(x.value, bool) and class_of(type_of_operand(y)) not in (None, bool):
            return False
    return None


_CLASSES = {
    "bool": bool, "int": int, "float": float, "complex": complex, "array": np.ndarray, "str": str, "slice": slice,
    "range": range, "list": list, "dict": dict, "none": type(None),
}  # fmt: skip


def class_of(t: Type) -> Any:
    """The class of every object of a type; None where it is not known."""
    if t.kind in _CLASSES:
        return _CLASSES[t.kind]
    if t.kind == "scalar" and t.dtype is not None:
        return t.dtype.type
    if t.kind == "tuple":
        return t.cls or tuple
    return t.cls if t.kind == "object" else None


def _callable(t: Type) -> Const | None:
    cls = class_of(t)
    if t.kind == "function":
        return Const(True)
    return None if cls is None else Const(in_class(cls, "__call__", cls) is not cls)  # None is callable, too


def _by_class(cls: Any, asked: Any) -> bool:
    """Whether the class of an object decides of what classes it is: none of them has an answer of its own."""
    if isinstance(asked, (tuple, types.UnionType)):
        return all(_by_class(cls, c) for c in (asked if isinstance(asked, tuple) else asked.__args__))
    answers = in_class(type(asked), "__instancecheck__")
    return in_class(cls, "__class__") is _CLASS and answers in _ANSWERS and not getattr(asked, "_is_protocol", False)


_CLASS = vars(object)["__class__"]
_ANSWERS = [vars(c)["__instancecheck__"] for c in (type, abc.ABCMeta)]


def _isinstance(t: Type, classes: Operand) -> Const | None:
    cls = class_of(t)
    if t.kind in ("number", "numeric", "function") and isinstance(classes, Const):
        asked = classes.value if isinstance(classes.value, tuple) else (classes.value,)
        others = (list, tuple, dict, str, *((int, float, complex, np.ndarray) if t.kind == "function" else ()))
        return Const(False) if all(c in others for c in asked) else None
    if cls is None or not isinstance(classes, Const) or not _by_class(cls, classes.value):
        return None
    try:
        return Const(issubclass(cls, classes.value))
    except TypeError:
        return None
