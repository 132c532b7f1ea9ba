"""What one compilation shares: what it assumes (guards), what it has lowered and specialised."""

from __future__ import annotations

import dataclasses
import functools
import threading
import types
from typing import Any

import numpy as np

from ..frontend.lower import lower
from ..ir.core import Function, Value
from ..ir.signature import any_length_signature, is_instance, object_type, resized, signature
from ..ir.types import BOTTOM, Type, any_length, element, join, join_stable, module_of, pretends
from ..rules.table import reason_against, rule_for
from ..source import Source, find
from ..wrapper import Wrapper, jitted
from .instances import MISSING, Instance, InstanceType

_MISSING = object()
_DEEP = 8  # objects that lead to one whose attributes are told apart
_HOLDERS = ("tuple", "list", "dict", "object", "function")


class Globals:
    """The globals of a module, read late, as attributes: generated code says ``models.G``."""

    def __init__(self, namespace: dict[str, Any]):
        object.__setattr__(self, "_namespace", namespace)

    def __getattr__(self, name: str) -> Any:
        namespace = object.__getattribute__(self, "_namespace")
        try:
            return namespace[name]
        except KeyError:
            builtins = namespace.get("__builtins__", {})
            builtins = builtins if isinstance(builtins, dict) else vars(builtins)
            if name in builtins:
                return builtins[name]
            if name.startswith("__"):  # somebody asks what this object can do
                raise AttributeError(name) from None
            raise NameError(f"name {name!r} is not defined") from None


class Cells:
    """The closure of a function, read late, as attributes: generated code says ``closure.a``."""

    def __init__(self, function: types.FunctionType):
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        object.__setattr__(self, "_cells", cells)

    def __getattr__(self, name: str) -> Any:
        cells = object.__getattribute__(self, "_cells")
        if name not in cells:
            raise AttributeError(name)
        try:
            return cells[name].cell_contents
        except ValueError:
            raise NameError(f"free variable {name!r} has no value") from None


class Keywords:
    """The defaults of a function's parameters, or the keywords of a partial, read late, as attributes."""

    def __init__(self, function: types.FunctionType | functools.partial):
        object.__setattr__(self, "_function", function)

    def __getattr__(self, name: str) -> Any:
        function = object.__getattribute__(self, "_function")
        found = function.keywords if isinstance(function, functools.partial) else function.__kwdefaults__ or {}
        if name in found:
            return found[name]
        if isinstance(function, types.FunctionType):
            names, values = function.__code__.co_varnames[: function.__code__.co_argcount], function.__defaults__ or ()
            if name in names[len(names) - len(values) :]:
                return values[names.index(name) - len(names)]
        raise AttributeError(name)


class Bound:
    """The object of a method, as an attribute."""

    def __init__(self, method: types.MethodType):
        self.object = method.__self__


# Methods that are bound each time they are looked up; two are equal if object and function are the same.
_MADE_ANEW = (types.MethodType, types.BuiltinMethodType, types.MethodWrapperType)


@dataclasses.dataclass(frozen=True, eq=False)
class Guard:
    """Something outside the function that compilation took for granted.

    ``holder`` and ``name`` say where it is; ``signature`` is None where the very object ``expected`` must be there, and
    otherwise maps an object to what ``expected`` was computed from.
    """

    holder: Any
    name: str
    expected: Any
    signature: Any = None

    def holds(self) -> bool:
        try:
            found = getattr(self.holder, self.name)
        except (AttributeError, NameError):
            return False
        if self.signature is None:
            return found is self.expected or (type(found) in _MADE_ANEW and bool(found == self.expected))
        return self.signature(found) == self.expected


@dataclasses.dataclass(frozen=True)
class Callee:
    """What a function value calls, after the captured values: ``target`` is a callable or a lowered ``Function``."""

    target: Any

    def __eq__(self, other: object) -> bool:
        if isinstance(self.target, Wrapped):
            return isinstance(other, Callee) and self.target == other.target
        return isinstance(other, Callee) and self.target is other.target

    def __hash__(self) -> int:
        return hash(self.target) if isinstance(self.target, Wrapped) else id(self.target)


@dataclasses.dataclass(frozen=True)
class Wrapped:
    """The target of a function value that wraps another.

    Attributes:
        plain: the type of the other.
        by: the transformation, of whatever function; None for a checkpoint.
    """

    plain: Type
    by: Wrapper | None = None


@dataclasses.dataclass(frozen=True)
class Partial:
    """The target of a function value: a `functools.partial`.

    The function, its first ``count`` arguments, and those of some names are captured.
    """

    count: int
    names: tuple[str, ...]


partial = functools.lru_cache(Partial)  # one object for each: values of functions are told apart by what they call


class Session:
    """One compilation."""

    def __init__(self, growing: frozenset[int] = frozenset(), nested: int = 0) -> None:
        """``growing``: the ids of objects outside whose lists have any length.  ``nested``: compilations around it."""
        self.growing = growing
        self.nested = nested
        self.generated: dict[
            Any, Any
        ] = {}  # gradients that are called: the function for some types, or why there is none
        self.guards: dict[Any, Guard] = {}
        self.specialised: dict[Any, Function] = {}
        self.results: dict[Any, Type] = {}
        self.place: Any = None  # the lowered op that is being specialised
        self.places: dict[Any, int] = {}  # where data outside stands
        self.instances: dict[Any, Type] = {}  # objects there
        self.activations: dict[Value, object] = {}  # dicts: the activation of the function that made them
        self.masked: dict[str, bool] = {}  # generated modules: whether they set cotangents to zero by masks
        self.sites: dict[Any, Type] = {}  # where lists are made -> what is written into them
        self.mutated: set[Any] = set()
        self.filled: set[Any] = set()  # those of them that comprehensions fill
        self.sizes: set[Any] = set()  # made by joining the types of elements
        self.sources: dict[Any, Source] = {}
        self.views: dict[int, Globals] = {}
        self.keywords: dict[types.FunctionType | functools.partial, Keywords] = {}
        self.unfinished: set[Any] = set()  # objects whose ``__init__`` is at work
        self.makes_objects = False  # of users' classes
        self.writes_text = False  # of what may be differentiated
        self.reads_text: Any = None  # where numbers may be made from text
        self.told = False  # texts and switches that were found outside, or inside of arguments, are compiled in
        self.late = False  # they are read when the program runs, as code may run there that changes them
        self.chosen = 0  # how often one of several functions is chosen by a number that is not known
        self.inlined = 0  # calls in whose place the body of the callee is
        self.catches = False  # a function has a ``try``
        self.unroll = False  # walk sequences of known length when compiling (in rules)

    def globals(self, namespace: dict[str, Any]) -> Globals:
        """The view of a module's globals: one for each module, so that generated code has one name for it."""
        return self.views.setdefault(id(namespace), Globals(namespace))

    def grown(self) -> frozenset[int]:
        """The ids of what has lists of other lengths in it than was taken for granted, or had before."""
        data = [(getattr(g.holder, g.name, None), g) for g in self.guards.values() if g.signature is signature]
        return self.growing.union(id(x) for x, g in data if resized(g.expected, signature(x)))

    def read_late(self) -> None:
        """Compile no texts and switches in from now on: what was specialised so far has some."""
        self.late = True
        self.specialised.clear()
        self.generated.clear()

    def forget(self) -> None:
        """Drop what only compiling needs; the guards stay."""
        self.specialised.clear()
        self.generated.clear()
        self.instances.clear()
        self.activations.clear()
        self.results.clear()
        self.sites.clear()
        self.mutated.clear()
        self.filled.clear()
        self.sizes.clear()

    def guard(self, holder: Any, owner: Any, name: str, expected: Any, signature: Any = None) -> None:
        """Take for granted that ``holder.name`` is (or has the signature) ``expected``; ``owner`` identifies it."""
        self.guards.setdefault((id(owner), name), Guard(holder, name, expected, signature))

    def take(self, guards: dict[Any, Guard]) -> None:
        """Take for granted what another compilation does."""
        for key, guard in guards.items():
            if self.guards.setdefault(key, guard).signature is type:  # the other's may ask for more
                self.guards[key] = guard

    def data(self, holder: Any, owner: Any, name: str, value: Any, depth: int = 0) -> Type:
        """The type of data outside, which is taken for granted; ``depth``: how many objects lead to it."""
        called = ("outside", self.places.setdefault((id(owner), name), len(self.places)), name)  # of its sizes
        if id(value) in self.growing:
            self.guard(holder, owner, name, any_length_signature(value), any_length_signature)
            return any_length(object_type(value, called))
        if depth < _DEEP and is_instance(value):
            return self._instance(holder, owner, name, value, depth)
        self.guard(holder, owner, name, signature(value), signature)
        return object_type(value, called)

    def _instance(self, holder: Any, owner: Any, name: str, x: Any, depth: int) -> Type:
        """The type of an object outside, of which what is read is taken for granted."""
        place = id(owner), name
        if place in self.instances:
            return self.instances[place]
        view = Instance(holder, name)

        def read(attribute: str) -> Type | None:
            if attribute in x.__dict__:
                return self.data(view, view, attribute, x.__dict__[attribute], depth + 1)
            self.guard(view, view, attribute, MISSING)
            return None

        def whole() -> Type:
            self.guards[place] = Guard(holder, name, signature(x), signature)
            return object_type(x, ("outside", self.places[place], name))

        self.guard(holder, owner, name, type(x), type)
        made = self.instances[place] = InstanceType.of(x, read, whole)
        return made

    def guard_keyword(self, function: types.FunctionType | functools.partial, name: str, value: Any) -> None:
        """Take for granted what the default of a keyword-only parameter is, or a keyword of a partial."""
        view = self.defaults(function)
        self.guard(view, view, name, value)

    def defaults(self, function: types.FunctionType | functools.partial) -> Keywords:
        """The view of a function's defaults: one for each function."""
        return self.keywords.setdefault(function, Keywords(function))

    def widen(self, sites: Any, elem: Type, key: Any = None) -> None:
        """What was made at one of ``sites`` gets an element of a type: a list any, a dict or an object that of ``key``.

        Of dicts and objects the keys are fixed, and each has a place of its own: the pair of where and which.
        """
        for site in sites or ():
            place = site if key is None else (site, key)
            self.mutated |= {site, place}
            self.sites[place] = join_stable(self.sites.get(place, BOTTOM), elem, self.sizes)

    def placed(self, t: Type) -> Type:
        """The type of a result: a list or dict in it that comes from nowhere else is made here, by the op at hand.

        Every list has a place of creation, so that whatever is written into it later, anywhere, widens its type; those
        in a list have one of their own.
        """
        return self.settled(self._placed(t, self.place))

    def _placed(self, t: Type, place: Any) -> Type:
        if isinstance(t, InstanceType):
            return t
        if t.kind in ("list", "dict") and not t.value:
            t = dataclasses.replace(t, value=frozenset([place]))
        if t.kind in _HOLDERS and t.elems:
            own = t.kind in ("list", "dict") and not isinstance(place, tuple)  # types may nest without end
            inner = ("within", place) if own else place
            t = dataclasses.replace(t, elems=tuple(self._placed(e, inner) for e in t.elems))
        return t

    def settled(self, t: Type) -> Type:
        """A type, with lists, dicts and objects as they are after everything that is known to be written into them."""
        if isinstance(t, InstanceType):  # its parts are settled as they are read
            return t
        if t.kind in _HOLDERS and t.elems:
            t = dataclasses.replace(t, elems=tuple(map(self.settled, t.elems)))
        if t.kind in ("dict", "object") and t.keys is not None and t.value:
            elems = tuple(join(e, self._written(t.value, key)) for key, e in zip(t.keys, t.elems, strict=True))
            return dataclasses.replace(t, elems=elems)
        if t.kind == "list" and t.value and not self.mutated.isdisjoint(t.value):
            elem = element(t)
            for site in t.value:
                elem = join(elem, self.sites.get(site, BOTTOM))
            return Type("list", elems=() if elem == BOTTOM else (elem,), value=t.value)
        return t

    def _written(self, sites: Any, key: Any) -> Type:
        """What is written into an entry or attribute of what was made at ``sites``."""
        written = BOTTOM
        for site in sites:
            written = join(written, self.sites.get((site, key), BOTTOM))
        return written

    def lowered(self, function: types.FunctionType) -> Function:
        """The lowered form of a user's function; made once per process for each code object."""
        with _LOCK:
            found = _LOWERED.get(function.__code__, _MISSING)
        if found is _MISSING:
            source = find(function)
            found = lower(source, function.__code__.co_freevars)
            found.origin = source
            with _LOCK:
                _LOWERED[function.__code__] = found
        self.sources.setdefault(function.__code__, found.origin)
        return found


_LOCK = threading.Lock()
_LOWERED: dict[Any, Any] = {}


def _is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def is_static(value: Any) -> bool:
    """Whether a name bound to it is compiled in: modules, functions, classes."""
    return not pretends(value) and (
        (isinstance(value, tuple) and bool(value) and all(map(_is_exception, value)))
        or isinstance(value, (Wrapper, Globals, Cells, type, types.ModuleType, functools.partial, types.MethodType))
        or (callable(value) and not hasattr(value, "__dict__") and not isinstance(value, np.ndarray))
        or isinstance(value, (types.FunctionType, types.BuiltinFunctionType, np.ufunc))
        or (module_of(type(value)).partition(".")[0] in ("numpy", "scipy") and (callable(value) or is_read(value)))
        or isinstance(value, functools._lru_cache_wrapper)
        or jitted(value) is not None
        or rule_for(value) is not None
        or reason_against(value) is not None
    )


def is_read(value: Any) -> bool:
    """Whether it is one of NumPy's objects that make an array where an element is read of them."""
    return any(value is x for x in (np.r_, np.c_, np.mgrid, np.ogrid))
