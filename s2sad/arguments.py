"""The arguments of calls: how they meet parameters, what `argnums` selects, what has a derivative."""

from __future__ import annotations

import collections
import enum
import inspect
import types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .ir.signature import is_function, object_type
from .runtime import slots
from .trees import is_leaf, parts

if TYPE_CHECKING:  # the compiler is imported when there is something to compile
    from .ir.core import Const
    from .ir.types import Type
    from .pipeline import Selection


class Arguments:
    """How the arguments of calls of one function meet its parameters."""

    def __init__(self, function: types.FunctionType):
        self.function = function
        self.signature = inspect.signature(function, follow_wrapped=False)
        self.parameters = list(self.signature.parameters.values())
        self.names = [p.name for p in self.parameters]

    def plain_names(self) -> list[str]:
        """The parameters that take one argument each."""
        return [p.name for p in self.parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    def spread(self, values: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """A call's arguments from a value for each parameter."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for p, value in zip(self.parameters, values, strict=True):
            if p.kind is p.VAR_POSITIONAL:
                args.extend(value)
            elif p.kind is p.VAR_KEYWORD:
                kwargs.update(value)
            elif p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = value
            else:
                args.append(value)
        return args, kwargs

    def values(self, args: tuple, kwargs: dict[str, Any]) -> list[Any]:
        """A value for each parameter."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return [bound.arguments[name] for name in self.names]

    def own(self, first: tuple, args: tuple, named: dict[str, Any], kwargs: dict[str, Any]) -> set[int]:
        """The positions of values that are not the caller's: what a callable brings along, and defaults."""
        given = self.signature.bind(*first, *args, **{**named, **kwargs}).arguments
        left_out = {i for i, p in enumerate(self.parameters) if p.default is not p.empty and p.name not in given}
        brought = {self.names.index(name) for name in named if name in self.names and name not in kwargs}
        return left_out | brought | set(range(len(first)))

    def select(self, argnums: Any, skip: int, given: int, keywords: Iterable[str] = ()) -> Selection:
        """What ``argnums`` (int, name, or a sequence of them) names.

        ``skip`` arguments are bound already, ``given`` is how many positional ones the call has, those included, and
        ``keywords`` are the names of the others.
        """
        from .pipeline import Selection

        plain = [p for p in self.parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        count = max(given, len(plain))
        single = isinstance(argnums, (int, str))
        chosen: list[tuple[int, int | str | None]] = []
        for a in (argnums,) if single else argnums:
            if isinstance(a, str):
                chosen.append(self.named(a, given, keywords))
                continue
            place = self.place(a + skip if a >= 0 else count + a, count)
            if place is None or a + skip >= count or (a < 0 and count + a < skip):
                raise ValueError(f"argnums {a} is out of range for a call with {count - skip} arguments")
            chosen.append(place)
        return Selection(tuple(chosen), single)

    def named(self, name: str, given: int, keywords: Iterable[str]) -> tuple[int, int | str | None]:
        """Which parameter, and which element of ``*args`` or ``**kwargs``, a name is: of a decorated function, too.

        ``def decorated(*args, **kwargs)`` has the parameters of the function that it wraps (`functools.wraps`).
        """
        kinds = [p.kind for p in self.parameters]
        if name in self.names:
            return self.names.index(name), None
        if name in keywords and inspect.Parameter.VAR_KEYWORD in kinds:
            return kinds.index(inspect.Parameter.VAR_KEYWORD), name
        wrapped = list(inspect.signature(self.function).parameters)
        place = self.place(wrapped.index(name), given) if name in wrapped[:given] else None
        if place is None:
            known = wrapped if hasattr(self.function, "__wrapped__") else self.names
            if name in known:
                raise ValueError(f"this call does not give the argument {name!r}")
            raise ValueError(f"no parameter {name!r}; the parameters are {', '.join(known)}")
        return place

    def place(self, position: int, count: int) -> tuple[int, int | None] | None:
        """Which parameter, and which element of ``*args``, the positional argument of a number meets."""
        plain = [i for i, p in enumerate(self.parameters) if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if position < len(plain):
            return plain[position], None
        for i, p in enumerate(self.parameters):
            if p.kind is p.VAR_POSITIONAL:
                return i, position - len(plain)
        return None


def argument_type(value: Any, name: str) -> Type | Const:
    """What compilation knows of an argument."""
    from .ir.core import constant

    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        raise TypeError(f"{name!r} is a {type(value).__name__}, whose operators are its own: pass np.asarray({name})")
    if isinstance(value, (bool, str, type(None), enum.Enum)) or is_function(value):
        return constant(value)
    return object_type(value, name)


def check_differentiable(t: Type | Const, value: Any, name: str) -> None:
    """Refuse to differentiate by what has no derivative."""
    from .ir.core import Const

    kind = "function" if isinstance(t, Const) else t.kind
    if isinstance(t, Const):
        advice = ": pass a float" if isinstance(value, bool) else ""
        raise TypeError(f"can't differentiate with respect to {name!r}, which is {value!r}{advice}")
    if kind == "int" or (kind in ("array", "scalar") and t.dtype is not None and t.dtype.kind in "biu"):
        raise TypeError(
            f"can't differentiate with respect to {name!r}, which is an integer ({value!r:.40}): pass a float"
        )
    if kind in ("array", "scalar") and t.dtype is not None and t.dtype.kind not in "fc":
        raise TypeError(f"can't differentiate with respect to {name!r}, an array of dtype {t.dtype}")
    if kind in ("str", "none", "slice", "range"):
        raise TypeError(f"can't differentiate with respect to {name!r}, which is {value!r}")
    strange = unsupported(value, name)
    if strange is not None or (kind == "unknown" and not isinstance(value, dict) and not slots(value)):
        where, what = strange or (name, value)
        raise TypeError(f"can't differentiate with respect to {where!r}, a {type(what).__name__}: pass its numbers")
    if hasattr(type(value), "tocoo"):  # a sparse matrix is a constant, which no tangent may be given for
        raise TypeError(f"can't differentiate with respect to {name!r}, a {type(value).__name__}: pass its data")


def has_slots(x: Any, depth: int = 0) -> bool:
    """Whether objects in an argument hold attributes in slots, which the compiler does not see."""
    return depth < 8 and (bool(slots(x)) or any(has_slots(e, depth + 1) for _, e in parts(x)))


def holds_itself(x: Any) -> bool:
    """Whether following what an argument holds comes to no end: a node that knows its parent, a logger."""
    around: set[int] = set()
    known: set[int] = set()  # to end

    def endless(x: Any) -> bool:
        if id(x) in around:
            return True
        inside = [] if id(x) in known else parts(x)
        around.add(id(x))
        found = any(endless(e) for _, e in inside)
        around.discard(id(x))
        known.add(id(x))
        return found

    return endless(x)


def unsupported(x: Any, name: str, depth: int = 0) -> tuple[str, Any] | None:
    """A part of an argument, and its name, that holds numbers in a way in which they can't have derivatives."""
    if isinstance(x, _HOLDERS) or (isinstance(x, np.ndarray) and x.dtype == object):
        inside = x.values() if isinstance(x, types.MappingProxyType) else x.ravel() if isinstance(x, np.ndarray) else x
        return (name, x) if any(map(is_leaf, inside)) else None
    for key, e in parts(x) if depth < 8 else ():
        found = unsupported(e, name + key, depth + 1)
        if found is not None:
            return found
    return None


_HOLDERS = (set, frozenset, collections.deque, types.MappingProxyType)


def has_derivative(t: Type | Const) -> bool:
    """Whether an argument of the type has anything to differentiate by."""
    from .autodiff.activity import may_vary
    from .ir.core import Const

    return not isinstance(t, Const) and may_vary(t)
