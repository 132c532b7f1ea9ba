"""What an attribute of a typed value is: an array's size, a method, a property, a field."""

from __future__ import annotations

import dataclasses
import enum
import functools
import operator
import types as python_types
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.core import Const, Operand, Value
from ..ir.signature import is_shared
from ..ir.types import BOTTOM, Type, in_class, is_bunch, is_named_tuple, pretends
from ..rules.table import rule_for
from .build import class_of
from .callees import call_python, check_closures
from .instances import InstanceType
from .objects import known_attribute
from .session import is_read, is_static

if TYPE_CHECKING:
    from .types import Walker

ARRAY_ATTRIBUTES = {"T": np.transpose, "real": np.real, "imag": np.imag, "shape": np.shape, "ndim": np.ndim,
                    "size": np.size}  # fmt: skip
# Methods of numbers and of values that may be numbers: the function of the same meaning.
_METHOD_FUNCTIONS = {name: getattr(np, name) for name in (
    "sum", "mean", "prod", "max", "min", "std", "var", "cumsum", "cumprod", "ravel", "transpose", "dot",
    "clip", "squeeze", "swapaxes", "repeat", "take", "diagonal", "trace", "argmax", "argmin", "any", "all", "round",
    "nonzero", "conjugate", "conj",
)}  # fmt: skip
_METHOD_FUNCTIONS["reshape"] = np.generic.reshape
BOUNDS = ("start", "stop", "step")
_ABSENT = object()
# What a class has for its objects that each of them has: a descriptor of another kind may raise an AttributeError.
_SURE = (python_types.FunctionType, staticmethod, classmethod, python_types.MethodDescriptorType,
         python_types.WrapperDescriptorType)  # fmt: skip
_CLASSES = {"list": list, "dict": dict, "str": str, "tuple": tuple, "float": float, "int": int, "bool": bool,
            "complex": complex, "range": range}  # fmt: skip


def attribute(walker: Walker, obj: Operand, name: str) -> Operand:
    """The operand that ``obj.name`` stands for."""
    if isinstance(obj, Const):
        return _of_const(walker, obj, name)
    t = obj.type
    build = walker.builder
    if t.kind == "bottom":
        return Value(None, BOTTOM)
    if name == "__class__" and t.kind != "object" and class_of(t) is not None:
        return walker.call_const(type, [obj], {})
    if t.is_numeric:
        if name in ARRAY_ATTRIBUTES and (t.kind not in ("float", "int", "complex", "bool") or name in ("real", "imag")):
            if t.kind in ("number", "numeric") and name not in ("real", "imag") and not walker.ours:
                build.make(getattr, (obj, Const(name)), {}, type=Type("unknown"))  # which may raise: see `attempts`
            return build.op(ARRAY_ATTRIBUTES[name], obj)
        if name == "dtype":
            if t.dtype is not None:
                return Const(t.dtype)
            return build.op(getattr, obj, Const(name), type=Type("unknown"))
        if name == "base":
            raise walker.refuse("which array a view is of depends on the copies that are made: use the array itself")
        if t.kind == "array":
            method = getattr(np.ndarray, name, None)
            if isinstance(method, (python_types.MethodDescriptorType, python_types.WrapperDescriptorType)):
                return walker.function_value(method, [obj])
        elif name in _METHOD_FUNCTIONS and t.kind in ("scalar", "numeric", "number"):
            return walker.function_value(_METHOD_FUNCTIONS[name], [obj])
        elif name == "copy" and t.kind == "scalar" and t.inexact:  # np.copy would make it an array
            return walker.function_value(operator.pos, [obj])
        elif name == "item" and t.kind == "scalar":
            return walker.function_value(np.ndarray.item, [obj])
        elif t.kind in _CLASSES and callable(in_class(_CLASSES[t.kind], name)):
            return walker.function_value(getattr(_CLASSES[t.kind], name), [obj])
        elif name == "astype" and t.kind in ("scalar", "numeric"):
            return walker.function_value(np.astype, [obj])
    if t.kind == "dict" and t.cls is not None and name in (t.keys or ()):  # a result of SciPy
        return build.op(operator.getitem, obj, Const(name))
    if t.kind == "tuple" and t.cls is not None and name in getattr(t.cls, "_fields", ()):
        part = build.op(operator.getitem, obj, Const(t.cls._fields.index(name)))
        made = build.defs.get(part) if isinstance(part, Value) else None
        if made is not None and made.prim is operator.getitem and made.args[0] is obj:
            made.attrs["field"] = name
        return part
    if t.kind == "tuple" and t.cls is not None and is_named_tuple(t.cls) and name not in dir(tuple):
        return _of_named_tuple(walker, obj, name)
    if t.kind == "tuple" and is_bunch(t.cls) and name not in dir(tuple):
        raise walker.refuse(f"{t.cls.__name__}.{name} is not supported here: use the fields {', '.join(t.cls._fields)}")
    if t.kind in _CLASSES and callable(in_class(_CLASSES[t.kind], name)):
        return walker.function_value(getattr(_CLASSES[t.kind], name), [obj])
    if t.kind == "object":
        return _of_object(walker, obj, name)
    made = build.defs.get(obj)
    if made is not None and made.prim is np.broadcast and name == "shape":
        return build.op(np.broadcast_shapes, *[build.op(np.shape, x) for x in made.args])
    if t.kind == "slice" and name in BOUNDS:
        if made is None or made.prim is not slice:
            raise walker.refuse("what this slice was made of is not known when compiling")
        return made.args[BOUNDS.index(name)]
    if t.kind == "function" and isinstance(t.value.target, Super):
        return _of_super(walker, t.value.target, build.op(operator.getitem, obj, Const(0)), name)
    check_closures(walker, getattr, [obj])
    return build.op(getattr, obj, Const(name), type=Type("unknown"))


@dataclasses.dataclass(frozen=True)
class Replace:
    """The method ``_replace`` of a named tuple."""

    cls: Any


@dataclasses.dataclass(frozen=True)
class Super:
    """``super(start, self)`` for an object of the class ``cls``, which is captured."""

    start: type
    cls: type


# One object for each: values of functions are told apart by what they call.
replacing = functools.lru_cache(Replace)
above = functools.lru_cache(Super)


def _of_named_tuple(walker: Walker, obj: Value, name: str) -> Operand:
    """A method or property of a named tuple."""
    cls = obj.type.cls
    if name == "_replace":
        parts = {f: walker.builder.op(operator.getitem, obj, Const(i)) for i, f in enumerate(cls._fields)}
        return walker.function_value(replacing(cls), list(parts.values()))
    found = in_class(cls, name)
    if isinstance(found, property) and isinstance(found.fget, python_types.FunctionType):
        walker.session.guard(cls, cls, name, found)
        return call_python(walker, found.fget, [obj], {})
    if isinstance(found, python_types.FunctionType):
        walker.session.guard(cls, cls, name, found)
        return walker.function_value(found, [obj])
    if found is not None and not hasattr(found, "__get__"):
        return _of_const(walker, Const(cls, cls.__name__), name)
    raise walker.refuse(f"{cls.__name__}.{name} is not supported here: use the fields")


def _of_const(walker: Walker, obj: Const, name: str) -> Operand:
    """An attribute of a module, class or other object that is known when compiling."""
    owner = obj.value
    if is_shared(owner) and name != "__name__":
        raise walker.refuse(f"an attribute of the function {owner.__name__!r}: define it in a module")
    path = f"{obj.path}.{name}" if obj.path else None
    try:
        value = getattr(owner, name)
    except AttributeError as error:
        raise walker.refuse(str(error)) from None
    if isinstance(owner, slice) and name in BOUNDS:
        return Const(value)
    if isinstance(owner, (str, float, int, complex, tuple)) and type(owner).__module__ in ("builtins", "numpy"):
        bound = callable(value) and getattr(value, "__self__", None) is owner
        return walker.function_value(getattr(type(owner), name), [obj]) if bound else Const(value)
    kinds = (np.ufunc, np.dtype, np.finfo, np.iinfo)
    fixed = isinstance(owner, kinds) or is_read(owner)  # ``np.add.at`` is a new object each time
    plain = isinstance(value, (int, float, complex, str, np.number)) or value is None
    number = (fixed or is_library(owner)) and plain
    if is_static(value) or number:
        if not fixed:
            walker.session.guard(owner, owner, name, value)
        return Const(value, path)
    t = walker.session.data(owner, owner, name, value)
    if isinstance(value, enum.Enum) and isinstance(owner, enum.EnumMeta):  # which nothing rebinds
        return Const(value, path)
    if isinstance(value, (bool, str, type(None), enum.Enum)) and not walker.session.late:
        walker.session.told = True
        return Const(value, path)  # guarded by its signature: a property may make a new text each time
    return walker.builder.op(getattr, obj, Const(name), type=t)


def is_library(owner: Any) -> bool:
    """A module whose numbers and texts are constants, and whose functions only tests replace."""
    name = getattr(owner, "__name__", "") if isinstance(owner, python_types.ModuleType) else ""
    return name.split(".")[0] in ("numpy", "math", "cmath", "operator", "builtins", "scipy", "itertools", "functools")


def _of_object(walker: Walker, obj: Value, name: str) -> Operand:
    """An attribute of an object of a user's class."""
    t = obj.type
    if t.cls.__getattribute__ is not object.__getattribute__:
        raise walker.refuse(f"{t.cls.__name__} has attributes of its own making (__getattribute__)")
    cls, found = t.cls, in_class(t.cls, name)
    if t.cls in (np.random.Generator, np.random.RandomState) and callable(found):
        return walker.function_value(found, [obj])
    if isinstance(found, property) and rule_for(found.fget) is not None:
        return walker.call_const(found.fget, [obj], {})
    if isinstance(found, property) and isinstance(found.fget, python_types.FunctionType):
        if in_class(cls, "__getattr__") is not None:
            raise walker.refuse(f"{cls.__name__}.{name} is a property, in whose place __getattr__ may be asked")
        walker.session.guard(cls, cls, name, getattr(cls, name))
        return call_python(walker, found.fget, [obj], {})
    if _comes_first(found):
        return walker.builder.op(getattr, obj, Const(name), type=Type("unknown"))
    own = t.attribute(name)
    if own is not None:
        known = known_attribute(walker, obj, name)
        return walker.builder.op(getattr, obj, Const(name), type=own) if known is None else known
    if isinstance(found, python_types.FunctionType):
        walker.session.guard(t.cls, t.cls, name, found)
        return walker.function_value(found, [obj])
    if isinstance(found, staticmethod):
        walker.session.guard(t.cls, t.cls, name, found.__func__)
        return Const(found.__func__, f"{t.cls.__name__}.{name}")
    if isinstance(found, classmethod):
        walker.session.guard(t.cls, t.cls, name, getattr(t.cls, name))
        return walker.function_value(found.__func__, [Const(t.cls, t.cls.__name__)])
    if found is not None and not hasattr(found, "__get__"):
        return _of_const(walker, Const(t.cls, t.cls.__name__), name)
    fallback = getattr(t.cls, "__getattr__", None)
    if found is None and isinstance(fallback, python_types.FunctionType):
        walker.session.guard(t.cls, t.cls, "__getattr__", fallback)
        return call_python(walker, fallback, [obj, Const(name)], {})
    return walker.builder.op(getattr, obj, Const(name), type=Type("unknown"))


def _comes_first(found: Any) -> bool:
    """Whether what a class has under a name comes before what its object has there: a descriptor that also stores."""
    kind = type(found)
    stores = hasattr(kind, "__set__") or hasattr(kind, "__delete__")
    return stores and hasattr(kind, "__get__") and kind is not python_types.MemberDescriptorType


def _of_super(walker: Walker, view: Super, obj: Operand, name: str) -> Operand:
    """A method or property of a base class."""
    classes = view.cls.__mro__
    for cls in classes[classes.index(view.start) + 1 :]:
        if name not in vars(cls):
            continue
        found = vars(cls)[name]
        if pretends(found):
            break
        walker.session.guard(cls, cls, name, getattr(cls, name))
        if isinstance(found, property) and isinstance(found.fget, python_types.FunctionType):
            return call_python(walker, found.fget, [obj], {})
        if isinstance(found, python_types.FunctionType) or found is object.__init__:
            return walker.function_value(found, [obj])
        if isinstance(found, staticmethod):
            return Const(found.__func__, f"{cls.__name__}.{name}")
        if isinstance(found, classmethod):
            return walker.function_value(found.__func__, [Const(view.cls, view.cls.__name__)])
        break
    raise walker.refuse(f"super().{name} is not supported: call the base class's method by its name")


def has_attribute(t: Type, name: str) -> bool | None:
    """Whether an object of a type has an attribute; None where that is not known, as where a property decides."""
    cls = class_of(t)
    if cls is None or (t.cls is not None and t.kind != "object"):
        return None
    found = in_class(cls, name, _ABSENT)
    if t.kind == "object":
        own = in_class(cls, "__getattribute__") is not object.__getattribute__ or in_class(cls, "__getattr__")
        if own or (not isinstance(t, InstanceType) and t.keys is None) or _comes_first(found):
            return None
        if t.attribute(name) is not None:
            return True
    return found is not _ABSENT and (True if isinstance(found, _SURE) or not hasattr(found, "__get__") else None)
