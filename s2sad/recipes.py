"""Where things are found: objects and guards as lists of text and numbers (for JSON), and back, in another process.

A recipe is a list: ``["module", "math"]``, ``["object", "pkg.models", "Loss", "type"]`` (its own name, and that of its
type), ``["globals", "pkg.models"]`` (the view of a module's globals; without a name, those of the function that is
differentiated), ``["cells"]`` (its closure), ``["default", "x"]`` (a default value of its own), ``["keywords",
recipe]`` (the defaults of a function's keyword-only parameters), ``["bound"]`` (the object of a method), ``["instance",
recipe, "name"]`` (the attributes of an object), ``["at", recipe, "name"]`` (what a guard looks at).
"""

from __future__ import annotations

import ast
import hashlib
import sys
import types
from typing import Any

import numpy as np

from .ir.core import UNDEFINED
from .ir.signature import signature
from .passes.instances import MISSING, Instance, place
from .passes.session import Bound, Cells, Globals, Guard, Keywords
from .source import find
from .wrapper import Wrapper

_LITERALS = (bool, int, float, complex, str, type(None))
_OWN = (__name__.partition(".")[0] + ".", "<s2sad ")  # our modules, and generated ones, which nothing changes
_SIGNATURES = {by.__name__: by for by in (signature, type)}  # of guards
_MOST = 4096  # parts of a signature: more is no gain over compiling


class Indescribable(Exception):
    """An object that another process could not find."""


class Stale(Exception):
    """What a recipe describes is not there, or is another thing now."""


def digest(function: Any, defaults: bool = True) -> str:
    """A hash of a function: its text as it stands (generated code quotes it), and its default values.

    ``defaults``: those that are no literals must be describable; otherwise it is enough that there is one.
    """
    if not isinstance(function, types.FunctionType):
        raise Indescribable(function)
    source = find(function)
    node = source.node
    columns = [node.col_offset, node.end_col_offset] if isinstance(node, ast.Lambda) else []
    text = source.lines(node.lineno, node.end_lineno)
    values = [*enumerate(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())]
    written = [(k, describe_value(v) if defaults or isinstance(v, _LITERALS) else "a value") for k, v in values]
    parts = [source.name, source.cls, source.flags, columns, text, written]
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()


def describe_value(value: Any) -> str:
    """A value that is compiled in, as text: a literal, a function, or a tuple of them."""
    if isinstance(value, _LITERALS):
        return repr(value)
    return repr(list(map(describe_value, value)) if type(value) is tuple else _by_name(value))


def describe(sign: Any) -> Any:
    """A signature (see `ir.signature`) as lists of text and numbers."""
    return _describe(sign, [_MOST])


def _describe(x: Any, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise Indescribable("too large")
    if isinstance(x, (tuple, list)):
        return [type(x).__name__, *[_describe(e, left) for e in x]]
    if isinstance(x, np.dtype):
        if x.fields or x.kind == "O":
            raise Indescribable(x)
        return ["dtype", x.str]
    if isinstance(x, _LITERALS):
        return ["literal", repr(x)]
    return _by_name(x)


def _by_name(x: Any) -> list[Any]:
    """The recipe of a module, or of what stands in one under its own name."""
    if isinstance(x, types.ModuleType):
        if sys.modules.get(x.__name__) is not x:
            raise Indescribable(x)
        return ["module", x.__name__]
    if isinstance(x, types.BuiltinMethodType) and isinstance(x.__self__, np.ufunc):
        return ["at", _by_name(x.__self__), x.__name__]
    if x is UNDEFINED.value:
        return ["undefined"]
    if x is type(None):
        return ["none"]
    name = getattr(x, "__qualname__", None) or getattr(x, "__name__", None)
    owner = getattr(x, "__objclass__", None)  # methods of builtin classes have no module
    modules = [getattr(x, "__module__", None) or getattr(owner, "__module__", None)]
    if isinstance(x, np.ufunc):
        modules = ["numpy", "scipy.special"]
    if isinstance(getattr(x, "__self__", None), np.random.RandomState):  # ``np.random.normal`` is a method of one
        modules, name = ["numpy.random"], x.__name__
    for module in modules:
        recipe = ["object", module, name, type(x).__qualname__]
        if isinstance(module, str) and isinstance(name, str):
            try:
                if _resolve(module, name) is x:
                    return recipe
            except Stale:
                pass
    raise Indescribable(x)


def _described(recipe: list[Any]) -> Any:
    """What stands where an ``object`` was, if it says of itself that it is that: somebody may have replaced it."""
    _, module, name, _ = recipe
    found = _resolve(module, name)
    try:
        same = _by_name(found) == recipe
    except Indescribable:
        same = False
    if not same:
        raise Stale(f"{module}.{name}")
    return found


def _resolve(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    if found is None:
        raise Stale(module)
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise Stale(f"{module}.{name}") from None
    return found


def _namespace(view: Globals) -> dict[str, Any]:
    return object.__getattribute__(view, "_namespace")


class Writer:
    """Makes recipes, for code that was generated from ``function``."""

    def __init__(self, function: types.FunctionType):
        self.function = function
        self.seen: dict[int, list[Any]] = {}  # what guards look at, by id
        self.kept: list[Any] = []  # so that no id is used twice

    def recipe(self, x: Any, name: str = "") -> list[Any]:
        """The recipe of an object that generated code calls ``name``.

        Raises:
            Indescribable: there is none.
        """
        if isinstance(x, Globals):
            namespace = _namespace(x)
            if namespace is self.function.__globals__:
                return ["globals"]
            module = namespace.get("__name__")
            if vars(sys.modules.get(str(module), types)) is not namespace:
                raise Indescribable(x)
            return ["globals", module]
        if isinstance(x, Cells):
            own = dict(zip(self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True))
            if own != object.__getattribute__(x, "_cells"):
                raise Indescribable(x)
            return ["cells"]
        if isinstance(x, Keywords):
            return ["keywords", self.recipe(object.__getattribute__(x, "_function"))]
        if isinstance(x, Bound):
            return ["bound"]
        if isinstance(x, Instance):
            return ["instance", self.recipe(place(x)[0]), place(x)[1]]
        if x is MISSING:
            return ["missing"]
        if id(x) in self.seen:
            return self.seen[id(x)]
        default = name.removeprefix("default_")
        if name.startswith("default_") and _default(self.function, default) is x:
            return ["default", default]
        return _by_name(x)

    def guard(self, guard: Guard) -> dict[str, Any] | None:
        """A guard, as a dict; None for what our own version vouches for."""
        if _is_ours(guard.holder):
            return None
        holder = self.recipe(guard.holder)
        expected = guard.expected
        if guard.signature is not None:
            if guard.signature not in _SIGNATURES.values():
                raise Indescribable(guard.signature)
            sign = describe(expected)
            return {"holder": holder, "name": guard.name, "by": guard.signature.__name__, "signature": sign}
        kind: list[Any]
        if isinstance(expected, types.CodeType) and guard.name == "__code__":
            kind = ["code", digest(guard.holder)]
        elif isinstance(expected, types.FunctionType) and not _is_ours(expected):
            kind = ["function", digest(expected), _home(expected, self.function)]
            self.see(expected, ["at", holder, guard.name])
        elif isinstance(expected, property):
            kind = ["property", digest(expected.fget)]
            self.see(expected.fget, ["at", ["at", holder, guard.name], "fget"])
        elif isinstance(expected, Wrapper):
            kind = ["wrapper", *_wrapper(expected, self.function)]
            inner, at = expected, ["at", holder, guard.name]
            while isinstance(inner, Wrapper):
                inner, at = inner.fun, ["at", at, "fun"]
                self.see(inner, at)
        elif isinstance(expected, (tuple, *_LITERALS)):
            kind = ["value", describe_value(expected)]
        else:
            kind = ["is", *self.recipe(expected)]
        return {"holder": holder, "name": guard.name, "expected": kind}

    def see(self, x: Any, recipe: list[Any]) -> None:
        self.seen.setdefault(id(x), recipe)
        self.kept.append(x)


def _home(function: types.FunctionType, main: types.FunctionType) -> Any:
    """The globals that a function sees: those of ``main`` (None), or of a module."""
    if function.__globals__ is main.__globals__:
        return None
    name = function.__globals__.get("__name__")
    if vars(sys.modules.get(str(name), types)) is not function.__globals__:
        raise Indescribable(function)
    return name


def _wrapper(x: Any, main: types.FunctionType) -> list[Any]:
    """A transformation, or a checkpoint: of which function, and how."""
    fun, *options = x.made_of()
    if isinstance(fun, Wrapper):
        inner = _wrapper(fun, main)
    elif isinstance(fun, types.FunctionType):
        inner = [digest(fun), _home(fun, main)]
    else:
        raise Indescribable(x)
    return [type(x).__qualname__, describe_value(tuple(options)), inner]


def _is_ours(x: Any) -> bool:
    name = _namespace(x).get("__name__") if isinstance(x, Globals) else getattr(x, "__module__", None)
    if isinstance(x, types.ModuleType):
        name = x.__name__
    return isinstance(name, str) and name.startswith(_OWN) and not isinstance(x, (Cells, Keywords, Instance, Bound))


def _default(function: types.FunctionType, name: str) -> Any:
    """The default value of a parameter."""
    import inspect

    parameter = inspect.signature(function, follow_wrapped=False).parameters.get(name)
    if parameter is None or parameter.default is parameter.empty:
        raise Stale(name)
    return parameter.default


class Reader:
    """Follows recipes, for the same function in this process."""

    def __init__(self, function: types.FunctionType, bound: Bound | None = None):
        """``bound``: the object, where it is a method."""
        self.function = function
        self.bound = bound

    def find(self, recipe: list[Any]) -> Any:
        """The object.

        Raises:
            Stale: there is none.
        """
        kind, *rest = recipe
        if kind == "globals":
            return Globals(vars(_module(rest[0])) if rest else self.function.__globals__)
        if kind == "cells":
            return Cells(self.function)
        if kind == "keywords":
            return Keywords(self.find(rest[0]))
        if kind == "bound" and self.bound is not None:
            return self.bound
        if kind == "instance":
            return Instance(self.find(rest[0]), rest[1])
        if kind == "missing":
            return MISSING
        if kind == "default":
            return _default(self.function, rest[0])
        if kind == "module":
            return _module(rest[0])
        if kind == "undefined":
            return UNDEFINED.value
        if kind == "none":
            return type(None)
        if kind == "object":
            return _described(recipe)
        if kind == "at":
            try:
                return getattr(self.find(rest[0]), rest[1])
            except (AttributeError, NameError):
                raise Stale(recipe) from None
        raise Stale(recipe)

    def guard(self, written: dict[str, Any]) -> Guard:
        """The guard, if it holds now.

        Raises:
            Stale: it does not.
        """
        holder, name = self.find(written["holder"]), written["name"]
        found = self.find(["at", written["holder"], name])
        if "signature" in written:
            by = _SIGNATURES[written["by"]]
            sign = by(found)
            return self.checked(describe(sign) == written["signature"], Guard(holder, name, sign, by))
        kind, *rest = written["expected"]
        if kind == "code":
            fits = digest(holder) == rest[0]
        elif kind == "function":
            fits = isinstance(found, types.FunctionType) and [digest(found), _home(found, self.function)] == rest
        elif kind == "property":
            fits = isinstance(found, property) and digest(found.fget) == rest[0]
        elif kind == "wrapper":
            fits = isinstance(found, Wrapper) and _wrapper(found, self.function) == rest
        elif kind == "value":
            fits = describe_value(found) == rest[0]
        else:
            fits = kind == "is" and self.find(rest) is found
        return self.checked(fits, Guard(holder, name, found))

    def checked(self, fits: bool, guard: Guard) -> Guard:
        if not fits:
            raise Stale(guard.name)
        return guard


def _module(name: str) -> types.ModuleType:
    """A module that is there already: importing one could run anything."""
    found = sys.modules.get(name)
    if found is None:
        raise Stale(name)
    return found
