"""Calls of classes: new objects of classes of the user's, and of native ones."""

from __future__ import annotations

import collections
import dataclasses
import enum
import numbers
from typing import Any

import numpy as np

from ..ir.types import is_bunch, module_of
from ..rules.table import RULES, rule_for
from . import natives
from .classes import FUNCTION, SPARSE, is_plain_python, python_method
from .following import Following
from .lending import original
from .records import Operation
from .substitutes import SUBSTITUTES


class Construction(Following):
    """The part of `Recorder` that makes objects."""

    def construct(self, cls: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a class."""
        if cls not in self.met:
            self.loans.meet(cls)
        if issubclass(cls, (int, np.integer)):  # whole numbers of two texts together are as good as any
            self.check_text((args, kwargs), 0, whole=True)
        rule = rule_for(cls)
        own = python_method(type(args[0]), natives.UNARY[cls]) if cls in natives.UNARY and args else None
        if own is not None:
            return self.call(own, *args, **kwargs)
        if module_of(cls).startswith(SPARSE):
            meaning = self.of_matrices(cls, args, kwargs)
            if meaning is not None:
                return meaning(*args, **kwargs)
        if cls in SUBSTITUTES:
            return self.python(SUBSTITUTES[cls], args, kwargs)
        if natives.kind(cls) is not None and not (rule is not None and cls in (float, complex)):
            return self.native(cls, args, kwargs)
        if rule is not None:
            return self.ruled(cls, rule, args, kwargs)
        meta = type(cls)
        if issubclass(cls, enum.Enum):
            return cls(*args, **kwargs)
        if issubclass(cls, numbers.Number):  # a fraction, of text perhaps
            self.check_text((args, kwargs), 0.0)
        if isinstance(meta.__call__, FUNCTION):
            return self.call(meta.__call__, cls, *args, **kwargs)
        return self.made(cls, *args, **kwargs)

    def made(self, cls: Any, *args: Any, **kwargs: Any) -> Any:
        """What ``type.__call__`` does."""
        if is_bunch(cls):
            return cls(*args, **kwargs)
        written = is_plain_python(cls.__init__)
        if module_of(cls).partition(".")[0] in ("numpy", "scipy") and not hasattr(cls, "_fields") and not written:
            return self.unknown(cls, args, kwargs)
        if module_of(cls).startswith("s2sad."):
            return cls(*args, **kwargs)
        new, init = cls.__new__, cls.__init__
        if isinstance(new, FUNCTION) and not (issubclass(cls, tuple) and hasattr(cls, "_fields")):
            made = self.call(new, cls, *args, **kwargs)
        elif new is object.__new__:
            made = new(cls) if init is not object.__init__ else new(cls, *args, **kwargs)
        elif isinstance(new, FUNCTION):
            made = new(cls, *args, **kwargs)
        else:
            if issubclass(cls, (float, complex)) and args and self.follows(args[0]):
                return self.number_of_class(cls, args, kwargs)
            if not _stores_only(cls):
                return self.unknown(cls, args, kwargs)
            made = new(cls) if issubclass(cls, _FILLED) else new(cls, *self.taken(cls, args), **kwargs)
        if isinstance(made, cls):
            self.initialise(made, args, kwargs)
        return made

    def taken(self, cls: type, args: tuple) -> list[Any]:
        """The arguments of a native class: containers take the elements of theirs, dicts those of pairs."""
        first = int(issubclass(cls, collections.defaultdict))  # what makes the values that are missing
        if issubclass(cls, dict) and len(args) > first and not hasattr(type(args[-1]), "keys"):
            *before, pairs = args
            return [*before, map(self.open, self.iterate(pairs)) if pairs is not None else None]
        return list(args) if issubclass(cls, (BaseException, collections.defaultdict)) else [self.open(a) for a in args]

    def number_of_class(self, cls: Any, args: tuple, kwargs: dict) -> Any:
        """A number of a class that is made of ``float`` or ``complex``."""
        base = float if issubclass(cls, float) else complex
        if cls.__new__ is not base.__new__ or cls.__init__ is not object.__init__ or len(args) > 1 or kwargs:
            raise self.missing(cls)
        return self.number_made(base, cls, args)

    def number_made(self, base: Any, cls: type, args: tuple) -> Any:
        """``float.__new__(cls, x)``, or that of ``complex``."""
        made = self.do.call(base.__new__, cls, *args)
        self.numbers[id(made)] = made
        others = [0.0] if base is complex else []  # the imaginary part
        followed = [True, *(False for _ in others)]
        self.happened(Operation(base, RULES[base], made, made, [*args, *others], {}, followed, self.here()))
        return made

    def initialise(self, made: Any, args: tuple, kwargs: dict) -> None:
        init = type(made).__init__
        if not isinstance(init, FUNCTION):
            if init is not object.__init__:
                init(made, *self.taken(type(made), args), **kwargs)
        else:
            self.call(init, made, *args, **kwargs)

    def initialise_dataclass(self, init: Any, made: Any, args: tuple, kwargs: dict) -> None:
        """What the ``__init__`` of a dataclass does, with its factories and ``__post_init__`` recorded."""
        import inspect

        bound = inspect.signature(init).bind(made, *args, **kwargs)
        later = []
        for name, f in dataclass_of(init, made).__dataclass_fields__.items():
            kind = getattr(f._field_type, "name", "_FIELD")
            if kind == "_FIELD_CLASSVAR":
                continue
            if name in bound.arguments:
                value = bound.arguments[name]
            elif f.default_factory is not dataclasses.MISSING:
                value = self.call(f.default_factory)
            elif f.default is not dataclasses.MISSING:
                value = f.default
            else:
                continue
            if kind == "_FIELD_INITVAR":
                later.append(value)
            elif type(made).__dataclass_params__.frozen:
                object.__setattr__(made, name, value)
            else:
                self.setattribute(made, name, value)
        if hasattr(made, "__post_init__"):
            self.call(made.__post_init__, *later)


def dataclass_of(f: Any, x: Any) -> Any:
    """The class for which `dataclasses` wrote an ``__init__``, among those of an object; None where it did not."""
    if f.__name__ != "__init__" or f.__code__.co_filename != "<string>":
        return None
    classes = [c for c in type(x).__mro__ if "__dataclass_params__" in vars(c) and "__init__" in vars(c)]
    return next((c for c in classes if original(vars(c)["__init__"]) is f), None)


# What is empty when it is made, whatever it is given then: its ``__init__`` fills it.
_FILLED = (dict, list, set, collections.deque)


def _stores_only(cls: type) -> bool:
    """Whether the native class that a class of the user's is made of keeps elements as they are."""
    bases = (list, dict, tuple, set, frozenset, str, BaseException)
    return issubclass(cls, bases) or cls.__module__ in ("collections", "_collections", "functools", "contextlib")
