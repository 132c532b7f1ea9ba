"""What a program keeps from one call to the next, and finds again: a value under the argument it was computed from.

    if x != self.x:
        self.x, self.value = x, compute(x)
    return self.value

Where ``x`` is met again, the value that is kept has no derivative, though the function has one.  That is refused, and
not taken for a constant: a number that is followed and equals one that is kept is such a case, or differs from it by 0
where that is compared with a tolerance.  So is what stands in a dict under a *digest* of the argument: a number that it
was rounded to, or a text made of it.
"""

from __future__ import annotations

import collections
import math
import re
import types
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import numpy as np

from ..ir.types import module_of
from ..stores import Code, changed, methods, stands_in_text, stores
from . import memory
from .classes import FUNCTION, PLAIN, held, positional

_WITHOUT = (type, types.ModuleType, types.BuiltinFunctionType, str, bytes, *PLAIN)
_DEPTH = 8  # how many holders around each other are looked into, and of how many elements
_MOST = 1_000_000
_MANY = 10_000  # numbers of which digests may be made, and how deep these stand
_DEEP = 4


def keeper(
    x: Any,
    frames: list[Frame],
    identical: bool = False,
    by: str = "any",
    equal: Callable[[Any], bool] | None = None,
    arguments: Collection[int] = (),
) -> str | None:
    """The name of what keeps a number or an array between calls, by functions under way; None where nothing does.

    Args:
        identical: it is the very object, which changes when another is put there, and not when it is written.
        by: what may have put it there: ``"any"`` function or method around, those that are ``"running"``, or of these
            and what they call by ``"name"``.
        equal: another object that equals it is one, too, but for those of which this is true: what is followed now.
        arguments: the owners of memory that is followed since the run began, by identity: no element of these is
            from an earlier call.
    """
    if isinstance(x, int) or any(x is c for frame in frames for c in frame.constants):
        return None  # whoever writes such a number has the same object
    codes = [Code(frame.code, frame.names) for frame in frames]
    own = {name for c in codes for name in c.code.co_cellvars}  # variables of functions that run
    given = {id(frames[-1].variables.get(name)) for name in parameters(frames[-1].code)} if frames else set()
    given |= {id(f.names[name]) for f in frames for name in f.code.co_names if name in f.names}
    given |= {id(f.variables.get(name)) for f in frames for name in f.code.co_freevars if name not in own}
    # What functions under way fill that they were given: wherever it is kept, it may be of an earlier call.
    filled = {id(f.variables[name]) for f in frames for name in parameters(f.code)
              if name in f.variables and stores(Code(f.code, f.names), "within", name)}  # fmt: skip
    for code, variables, names, _ in frames:
        functions = [f for f in (*names.values(), *variables.values()) if isinstance(f, FUNCTION)]
        inside = [Code(f.__code__, names) for f in functions if f.__globals__ is names]
        search = Search(x, identical, [*codes, *inside], equal, arguments)
        if by != "any":
            called = [name for c, _ in codes for name in (*c.co_names, *c.co_freevars)] if by == "name" else []
            search.named = {*called, *(c.co_name for c, _ in codes)}
        lasting = set() if identical else filled
        search.filled = lasting
        for f in functions:
            for name, value in defaults(f) if f.__code__ is code else ():
                if search.finds(value, False, stores(Code(code, names), "within", name)):
                    return name
        for name, value in variables.items():
            around = name in code.co_freevars and name not in own
            altered = not identical and id(value) in given and name in parameters(code)
            altered = altered and stores(Code(code, names), "within", name)
            search.filled = lasting if around or id(value) in given else set()  # what a variable holds else is of now
            if search.finds(value, *(search.changes(name, "DEREF", value) if around else (False, altered))):
                return name
        search.filled = lasting
        for name in code.co_names:
            if name in names and search.finds(names[name], *search.changes(name, "GLOBAL", names[name])):
                return name
    return None


def parameters(code: types.CodeType) -> tuple[str, ...]:
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def defaults(f: types.FunctionType) -> list[tuple[str, Any]]:
    """The parameters of a function that have default values, and these."""
    names, given = positional(f.__code__), f.__defaults__ or ()
    return [*zip(names[len(names) - len(given) :], given, strict=True), *(f.__kwdefaults__ or {}).items()]


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Digests:
    """The numbers and texts that were made of what is followed, by steps."""

    def __init__(self) -> None:
        self.values: set[Any] = set()
        self.shown: list[float] = []  # the numbers that text was made of
        self.holders: dict[int, Any] = {}  # the objects that make digests of these, as those of hashlib do

    def add(self, y: Any) -> None:
        """A result of what makes digests."""
        self.values.update(_leaves(y))

    def show(self, x: Any, follows: Callable[[Any], bool], depth: int = 0) -> None:
        """Something of which text is made: the numbers in it that are followed."""
        if isinstance(x, (list, tuple, dict)):
            inside = list(x.values()) if isinstance(x, dict) else x
            for e in inside if depth < _DEEP and len(x) <= _MANY else []:
                self.show(e, follows, depth + 1)
        elif isinstance(x, (np.ndarray, np.generic, float, complex)) and follows(x) and len(self.shown) < _MANY:
            self.shown += [e for e in _leaves(x) if isinstance(e, float)]

    def hand_on(self, f: Any, given: tuple[Any, ...], y: Any) -> None:
        """A native function may make text of what it is given, or keep it in an object, or tell it by a number."""
        if not (self.values or self.shown):
            return
        holder = getattr(f, "__self__", None)
        told = id(holder) in self.holders or any(
            id(x) in self.holders or (isinstance(x, (str, bytes)) and self.has(x)) for x in given
        )
        if isinstance(y, (str, bytes)):
            if told or self.has(given) or self.has(holder):
                self.add(y)
        elif told and type(y) is int:
            self.add(y)
        elif told and not isinstance(y, _TOLD) and not isinstance(x := holder if y is None else y, _TOLD):
            self.holders[id(x)] = x

    def has(self, x: Any) -> bool:
        """Whether a key is a digest, or has one in it."""
        return any(e in self.values or (type(e) is str and self._tells(e)) for e in _leaves(x))

    def _tells(self, text: str) -> bool:
        """Whether the digits of a text are those of a number that was shown."""
        told = [float(digits) for digits in _NUMBER.findall(text)] if self.shown else []
        return any(math.isclose(t, x, rel_tol=1e-2, abs_tol=1e-2) for t in told for x in self.shown)


_TOLD = (types.ModuleType, type, np.ndarray, list, tuple, dict, set, frozenset, bool)  # by what is in them, if at all


def _leaves(x: Any, depth: int = 0) -> list[Any]:
    if isinstance(x, np.ndarray):
        return x.ravel().tolist() if x.size <= _MANY and x.dtype.kind in "fciSU" else []
    if isinstance(x, (tuple, list, frozenset)):
        return [leaf for e in x for leaf in _leaves(e, depth + 1)] if depth < _DEEP and len(x) <= _MANY else []
    x = x.item() if isinstance(x, np.generic) else x
    return [x] if isinstance(x, (int, float, complex, str, bytes)) and not isinstance(x, bool) else []


class Frame(NamedTuple):
    """A function that runs: its code as the user wrote it, its variables, its globals, its constants as it runs."""

    code: types.CodeType
    variables: dict[str, Any]
    names: dict[str, Any]
    constants: tuple[Any, ...]


class Search:
    """Looks for a value in what outlives a call; ``codes``: what may have put it there."""

    def __init__(
        self,
        x: Any,
        identical: bool,
        codes: list[Code],
        equal: Callable[[Any], bool] | None,
        arguments: Collection[int],
    ):
        self.x = x
        self.identical = identical
        self.equal = equal
        self.arguments = arguments
        self.codes = codes
        self.seen: set[tuple[int, bool, bool]] = set()
        self.filled: set[int] = set()  # the ids of what may have been changed, wherever it is
        self.named: set[str] | None = None  # the names of the functions that count, where not all do

    def finds(self, holder: Any, put: bool, altered: bool, depth: int = 0) -> bool:
        """Whether a holder is, or may hold, the value; of what is too deep or too large, nobody knows.

        Args:
            put, altered: the holder may have been put where it is, or something in it may have been changed.
        """
        x = self.x
        altered = altered or id(holder) in self.filled
        if self.equal is not None and isinstance(holder, (float, np.floating, np.ndarray)) and self.equal(holder):
            return False
        if type(holder) is np.ndarray:
            if id(memory.owner(holder)) in self.arguments:
                return False
            if type(x) is np.ndarray and memory.owner(holder) is memory.owner(x):
                return put or (altered and not self.identical)
            same = isinstance(x, np.generic) and holder.dtype == x.dtype
            if self.equal is not None:
                return (put or altered) and (np.array_equal(holder, x) if np.ndim(x) else bool(np.any(holder == x)))
            return same and (put or altered) and bool(np.any(holder == x))  # an element has no identity
        alike = self.equal is not None and isinstance(holder, (float, np.floating))
        if holder is x or (alike and np.array_equal(holder, x)):
            return put
        if (id(holder), put, altered) in self.seen or (isinstance(holder, _WITHOUT) and not _is_of_the_users(holder)):
            return False
        if module_of(type(holder)).startswith("numba."):  # what it compiles keeps nothing
            return False
        if depth >= _DEPTH:
            return put or altered
        self.seen.add((id(holder), put, altered))
        if isinstance(holder, (dict, list, tuple, set, collections.deque)):
            inside = [*holder, *holder.values()] if isinstance(holder, dict) else holder
            new = put or (altered and not isinstance(holder, tuple))
            if len(holder) > _MOST:
                return put or altered
            return any(self.finds(e, new, put or altered, depth + 1) for e in inside)
        cls = holder if isinstance(holder, type) else type(holder)
        search = Search(x, self.identical, [*self.codes, *methods(cls)], self.equal, self.arguments)
        search.seen, search.named, search.filled = self.seen, self.named, self.filled
        data = held(holder) if isinstance(holder, FUNCTION) else _data(holder)
        return any(search.finds(e, *search.changes(name, "ATTR", e), depth + 1) for name, e in data.items())

    def changes(self, name: str, kind: str, value: Any) -> tuple[bool, bool]:
        """Whether what a name holds now may have been put there, or something in it may have been changed."""
        codes = [c for c in self.codes if self.named is None or c.code.co_name in self.named]
        put = changed(name, kind, codes)
        if put and not self.identical and stands_in_text(value, name, kind, codes):
            put = False
        return put, changed(name, "within", codes)


def _is_of_the_users(cls: Any) -> bool:
    """Whether it is a class written in Python, whose attributes may change."""
    library = module_of(cls).partition(".")[0] in ("numpy", "scipy", "builtins", "s2sad")
    return isinstance(cls, type) and cls.__flags__ & _MUTABLE != 0 and not library


_MUTABLE = 1 << 9  # Py_TPFLAGS_HEAPTYPE


def _data(x: Any) -> dict[str, Any]:
    """What an object or its class holds, but for functions."""
    classes = x.__mro__ if isinstance(x, type) else type(x).__mro__
    found = {k: v for c in classes[::-1] if c is not object for k, v in vars(c).items()}
    own = {} if isinstance(x, type) else held(x)
    return {k: v for k, v in {**found, **own}.items() if not k.startswith("__")}
