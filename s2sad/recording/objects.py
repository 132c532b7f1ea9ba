"""Attributes of objects: properties, descriptors, `super`, and the methods that classes define for them."""

from __future__ import annotations

import dataclasses
import functools
import types
from typing import Any

import numpy as np

from ..ir.types import is_bunch, module_of
from .classes import ABSENT, BUILT, FUNCTION, PLAIN, STRUCTURE, attributes, is_matrix, lookup, python_method
from .following import Following, parts
from .lending import original
from .made import Made, Use
from .matrices import filled
from .memory import owner


class Objects(Following):
    """The part of `Recorder` that reads and writes attributes."""

    def attribute(self, x: Any, name: str) -> Any:
        """``x.name``."""
        t = type(x)
        if (
            self.closed
            or t is types.ModuleType
            or t in PLAIN
            or (isinstance(x, (list, dict, tuple, str)) and t in BUILT)
        ):
            y = getattr(x, name)
            if isinstance(y, (float, np.generic)) and t is not types.ModuleType and self.follows(x):
                return self.part_of_number(x, name)
            if isinstance(y, np.flatiter) and isinstance(x, np.generic) and self.follows(x):
                return self.call(np.array, x).flat
            if t is np.ndarray and name in _RAW:
                raise self.refuse(f"the memory of an array as {name!r} is not supported: use the array")
            return self.layout(x, name, y) if t is np.ndarray and name in _LAYOUT else y
        if t is Made:
            turned = self.combined(name, x)
            if turned is not None:
                return turned
            if name not in x._of[1].uses:
                raise self.unused(x)
            return Use(x, name)
        if t in self.met and t.__getattribute__ is object.__getattribute__ and name not in _OF_MATRICES:
            held = attributes(x)  # most attributes of most objects
            if name in held and lookup(t, name) is ABSENT:
                return held[name]
        if name in _OF_MATRICES and filled(x):
            raise self.refuse(
                f"the {name} of a lil or dok matrix of what is differentiated is not supported: use tocoo()"
            )
        if isinstance(x, tuple) and is_bunch(t):
            return getattr(x, name)
        if t not in self.met:
            self.loans.meet(t)
        if isinstance(x, type):
            return original(getattr(x, name))
        if isinstance(x, np.generic) and name in ("real", "imag", "T"):
            return self.part_of_number(x, name)
        if isinstance(x, super):
            return self.of_super(x, name)
        look = self.found
        if t.__getattribute__ is not object.__getattribute__ and isinstance(t.__getattribute__, FUNCTION):
            look = functools.partial(self.call, t.__getattribute__)
        if not isinstance(getattr(t, "__getattr__", None), FUNCTION):
            return look(x, name)
        try:
            return look(x, name)
        except AttributeError:
            pass
        return self.call(t.__getattr__, x, name)

    def found(self, x: Any, name: str) -> Any:
        """What ``object.__getattribute__`` finds."""
        t = type(x)
        found = lookup(t, name)
        if found is not ABSENT:
            getter = getattr(type(found), "__get__", None)
            data = hasattr(type(found), "__set__") or hasattr(type(found), "__delete__")
            if isinstance(found, property) and found.fget is not None:
                return getattr(x, name) if name in STRUCTURE and is_matrix(x) else self.call(found.fget, x)
            if data or name not in attributes(x):
                if isinstance(getter, FUNCTION):
                    return self.call(getter, found, x, t)
                if isinstance(found, _CACHED) and getter is not None:
                    vars(x)[found.attrname] = self.call(found.func, x)
                    return vars(x)[name]
                return self.plainly(x, name)
        elif (module_of(t).startswith("scipy.") and isinstance(x, dict)) or module_of(t).startswith("s2sad."):
            return getattr(x, name)  # an object of results; one of ours, by which generated code reads late
        return self.plainly(x, name)

    def read_property(self, found: property, x: Any, owner: Any = None) -> Any:
        """``property.__get__``."""
        return found.__get__(x, owner) if x is None or found.fget is None else self.call(found.fget, x)

    def write_property(self, found: property, x: Any, v: Any) -> None:
        """``property.__set__``."""
        if found.fset is None:
            found.__set__(x, v)  # which raises
        self.call(found.fset, x, v)

    def matched(self, x: Any, names: tuple[str, ...]) -> Any:
        """The subject of a ``match``, which asks objects for attributes (``names``) itself.

        Raises:
            UnsupportedError: something that lends nothing would compute what is asked for, and nobody would follow it.
        """
        todo, seen = [x] if self.reaches(x) else [], set()
        while todo:
            part = todo.pop()
            if id(part) in seen or isinstance(part, (float, complex, str, np.ndarray, type)):
                continue
            seen.add(id(part))
            if type(part) not in self.met:
                self.loans.meet(type(part))
            if _computes(type(part), names):
                raise self.refuse(f"match over a {type(part).__name__} that computes what it is asked for is refused")
            todo += parts(part) or []
        return x

    def plainly(self, x: Any, name: str) -> Any:
        own: Any = type(x).__getattribute__
        return object.__getattribute__(x, name) if isinstance(own, FUNCTION) else own(x, name)

    def of_super(self, x: Any, name: str) -> Any:
        mro = x.__self_class__.__mro__
        for c in mro[mro.index(x.__thisclass__) + 1 :]:
            if name in vars(c):
                found = vars(c)[name]
                if isinstance(found, property) and found.fget is not None:
                    return self.call(found.fget, x.__self__)
                break
        return getattr(x, name)

    def part_of_number(self, x: Any, name: str) -> Any:
        """The real or imaginary part of a followed number."""
        if name in ("real", "imag"):
            y = self.call(np.real if name == "real" else np.imag, x)
            return self.call(type(getattr(x, name)), y) if type(y) is not type(getattr(x, name)) else y
        if name == "T":
            return self.call(np.transpose, x)
        raise self.refuse(f"the attribute {name!r} of a number is not supported")

    def setattribute(self, x: Any, name: str, v: Any) -> None:
        """``x.name = v``."""
        t = type(x)
        if isinstance(t.__setattr__, FUNCTION):
            if dataclasses.is_dataclass(t) and t.__setattr__.__code__.co_filename == "<string>":  # a frozen one
                setattr(x, name, v)
            else:
                self.call(t.__setattr__, x, name, v)
        else:
            self.stored(x, name, v)

    def stored(self, x: Any, name: str, v: Any) -> None:
        """What ``object.__setattr__`` does."""
        t = type(x)
        found = lookup(t, name)
        if isinstance(found, property) and found.fset is not None:
            self.call(found.fset, x, v)
        elif found is not ABSENT and isinstance(getattr(type(found), "__set__", None), FUNCTION):
            self.call(type(found).__set__, found, x, v)
        elif t is np.ndarray and name in ("real", "imag", "flat"):
            self.setitem(getattr(x, name), ... if name != "flat" else slice(None), v)
        elif t is np.ndarray and name in ("shape", "dtype", "strides", "data"):
            raise self.refuse(f"assigning the {name} of an array is not supported: use reshape or astype")
        else:
            if _unboxes(found, x) and self.reaches(v) and not (name == "__dict__" and isinstance(v, dict)):
                raise self.refuse(f"the attribute {name!r} of a {t.__name__} can't hold what is differentiated")
            self.stores(x, name)
            if isinstance(t.__setattr__, FUNCTION):
                object.__setattr__(x, name, v)
            else:
                setattr(x, name, v)

    def delattribute(self, x: Any, name: str) -> None:
        """``del x.name``."""
        own = python_method(type(x), "__delattr__")
        if own is not None and not dataclasses.is_dataclass(type(x)):
            self.call(own, x, name)
        else:
            delattr(x, name)

    def has(self, x: Any, name: str) -> bool:
        try:
            self.attribute(x, name)
        except AttributeError:
            return False
        return True

    def layout(self, x: np.ndarray, name: str, value: Any) -> Any:
        """How an array lies in memory: of an argument, as the caller's array does, of which ``x`` is a copy."""
        root = owner(x)
        if id(root) not in self.originals:
            return value
        if name == "base" or (x is not root and id(root) in self.contiguous):
            raise self.refuse(f"{name!r} of an argument depends on the copies that are made: use the array itself")
        return getattr(self.originals[id(root)][1], name) if x is root else value

    def get(self, x: Any, name: str, *default: Any) -> Any:
        try:
            return self.attribute(x, name)
        except AttributeError:
            if not default:
                raise
            return default[0]

    def decorator(self, d: Any) -> Any:
        """A decorator whose call is recorded."""
        return lambda function: self.call(d, function)

    def manager(self, m: Any) -> Any:
        """A context manager whose methods are recorded."""
        enter = python_method(type(m), "__enter__")
        leave = python_method(type(m), "__exit__")
        return m if enter is None and leave is None else _Manager(self, m)


class _Manager:
    """Enters and leaves a context through the recorder."""

    def __init__(self, tape: Any, manager: Any):
        self.tape, self.inner = tape, manager

    def __enter__(self) -> Any:
        return self.tape.call(type(self.inner).__enter__, self.inner)

    def __exit__(self, *error: Any) -> Any:
        return self.tape.call(type(self.inner).__exit__, self.inner, *error)


_OF_MATRICES = ("data", "rows", "__dict__")
_LAYOUT = ("base", "flags", "strides")
_RAW = ("data", "ctypes", "__array_interface__", "__array_struct__")
_CACHED = (functools.cached_property,)


def _unboxes(found: Any, x: Any) -> bool:
    """Whether setting an attribute, with this descriptor, may take the number out of its object: a field in C."""
    if found is ABSENT or isinstance(found, types.MemberDescriptorType) or not hasattr(type(found), "__set__"):
        return False
    return not isinstance(x, (BaseException, FUNCTION, type)) and not isinstance(found, property)


def _computes(t: type, names: tuple[str, ...]) -> bool:
    """Whether a class has something behind its attributes, as patterns ask for them, that it does not lend."""
    asked = [*names, *getattr(t, "__match_args__", ())]
    if asked and python_method(t, "__getattribute__") is not None:
        return True
    found = [lookup(t, name) for name in asked]
    return any(hasattr(type(f), "__get__") and not isinstance(f, _LENT) and not _is_slot(f) for f in found)


_LENT = (types.MemberDescriptorType, types.GetSetDescriptorType, property, *_CACHED)


def _is_slot(found: Any) -> bool:
    """Whether a descriptor is one of a named tuple's, or of a class of the user's, which lends its method."""
    return type(found).__module__ == "_collections" or isinstance(getattr(type(found), "__get__", None), FUNCTION)
