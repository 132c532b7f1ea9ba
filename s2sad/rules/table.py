"""The rule table: for each function, its derivative, written as mathematics in plain Python.

Conventions
-----------
- ``y`` is the result of the function, ``x`` an argument, ``y_bar`` the cotangent of ``y``, ``x_dot`` the tangent of
  ``x``.
- A rule's parameters carry the function's own names, so that arguments bind by name as the function binds them.
  After ``*`` stand the options, which are never differentiated.  An option that a rule does not list is refused when
  it is used.  Aliases, methods and operators are listed with the function: they share its rule.
- Rules return the mathematics and nothing else: broadcasting is undone, and dtype, kind and real part are restored,
  in one place (`unbroadcast`), for every rule.
- A rule may branch on options, types and ranks (``axis is None``, ``np.ndim(x) == 1``, ``isinstance``,
  ``np.iscomplexobj(x)``): such branches are decided when compiling where the answer is known.
- A rule returns ``None`` for an argument by which the derivative is zero, and ``NotImplemented`` for one by which it is
  not known: that is refused where the argument is differentiated by.  ``raise no_derivative("why")`` refuses a call.
- Rules import NumPy and this table, nothing else, and are themselves differentiable.  Rules of another package stand in
  a sub-package of this one, which is imported when one of its functions is met (`LATE`).
- Complex numbers: cotangents pull back without conjugation, ``x_bar = y_bar * f'(x)``.

Which decorator
---------------
=================  ====================================================  =======================================
``elementwise``    ``def tanh(y, x): return 1 - y**2``                   the partial derivative (a tuple, for more)
``linear``         ``def trace(y_bar, y, a): return ...``                linear in its arguments jointly
``multilinear``    ``def matmul(z_bar, z, x1, x2): return ..., ...``     linear in each argument
``vjp``            ``def inv(y_bar, y, a): return ...``                  anything; one cotangent per argument
``jvp``            ``def inv(a_dot, y, a): return ...``                  the forward half of a ``vjp``, one per argument
``definition``     ``def zscore(a): return (a - np.mean(a)) / np.std(a)``  what the function is, in terms of others
``maker``          ``def spline(x, y, at): return CubicSpline(x, y)(at)``  what calling an object does that a call makes
``zero_derivative``  a call with functions                              piecewise constant, integer-valued
``infer``          ``def sum(a, *, axis=None): return Type(...)``        what is known of the result
``no_rule``        a call with the reason, and functions                 refused by name
=================  ====================================================  =======================================
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import pkgutil
import sys
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import runtime


class Rule:
    """The derivative of one function and its aliases.

    Attributes:
        name: for people.
        functions: every callable that shares the rule.
        kind: the decorator's name.
        pullback: the decorated function (for ``elementwise``: its partial derivatives).
        pushforwards: for ``vjp``: by position of the argument, the function that pushes its tangent forward.
        arguments: for ``linear``: names of the jointly linear arguments; empty for all.
        view: the result may share memory with the first argument.
        effect: calling it twice differs from calling it once.
        callbacks: names of the parameters that take a user's function, and last that of the arguments it gets besides.
        methods: of a ``maker``: what its objects' methods do, and the names of their further positional arguments.
        late: it came with the rules of another package, when a function of that was met.
        own: it is one of s2sad's rules, not a user's.
    """

    def __init__(self, kind: str, functions: tuple[Any, ...], pullback: Callable[..., Any] | None, **flags: Any):
        self.kind = kind
        self.functions = functions
        self.pullback = pullback
        self.pushforwards: dict[int, Callable[..., Any]] = {}
        self.arguments: tuple[str, ...] = flags.get("arguments", ())
        self.view: bool = flags.get("view", False)
        self.effect: bool = flags.get("effect", False)
        self.callbacks: tuple[str, ...] = ()
        self.methods: dict[Any, tuple[Callable[..., Any], list[str]]] = {}
        self.late = False
        self.own = True
        self.infer: Callable[..., Any] | None = None
        self._bound: tuple[list[str], bool, dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        return public_path(self.functions[0]) or str(getattr(self.functions[0], "__name__", self.functions[0]))

    def signature(self) -> tuple[list[str], bool, dict[str, Any]]:
        """Names of the arguments, whether the last one is ``*args``, and the options with their defaults."""
        if self._bound is None:
            assert self.pullback is not None
            skip = {"definition": 0, "elementwise": 1}.get(self.kind, 2)
            parameters = list(inspect.signature(self.pullback).parameters.values())[skip:]
            plain = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
            self._bound = (
                [p.name for p in plain],
                any(p.kind is p.VAR_POSITIONAL for p in plain),
                {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY},
            )
        return self._bound

    def number(self, x: Any) -> Any:
        """An argument of an elementwise rule: SciPy's functions take a boolean for a float, as NumPy's log does not."""
        of_bool = isinstance(x, (bool, np.bool_)) or (isinstance(x, np.ndarray) and x.dtype == np.bool_)
        return np.asarray(x, float) if of_bool and self.of_another_package else x

    @property
    def of_another_package(self) -> bool:
        """Whether it is one of ours for another package than NumPy."""
        return str(getattr(self.pullback, "__module__", "")).startswith(tuple(LATE.values()))

    def argument(self, position: int) -> str:
        """The name of an argument, for messages."""
        names, starred, _ = self.signature()
        return f"its argument {position + 1}" if starred else repr(names[position])


RULES: dict[Any, Rule] = {}
REASONS: dict[Any, str] = {}  # why a function has no rule, of those that were left out on purpose


def rule_for(function: Any) -> Rule | None:
    """The rule of a function, method or operator; None where there is none."""
    try:
        rule = RULES.get(function)
    except TypeError:  # not hashable
        return None
    if rule is None and _load_late(function):
        rule = RULES.get(function)
    return rule


def public_path(function: Any) -> str | None:
    """``scipy.stats.norm.pdf``: where an object of a module, or its method, is found; None for the rest."""
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):
        return f"numpy.{ufunc.__name__}.{function.__name__}"
    owner = function.__self__ if isinstance(function, types.MethodType) else function
    module = getattr(owner, "__module__", None)
    if hasattr(owner, "__name__") or not isinstance(module, str):  # functions, classes and modules have names
        return None
    public = ".".join(part for part in module.split(".") if not part.startswith("_"))
    for name, found in vars(sys.modules.get(public, types)).items():
        if found is owner:
            return f"{public}.{name}" + (f".{function.__name__}" if function is not owner else "")
    return None


def reason_against(function: Any) -> str | None:
    """Why a function was left without a rule on purpose; None where nobody said."""
    try:
        return REASONS.get(function)
    except TypeError:
        return None


# Packages whose rules wait until one of their functions is met, by which time the package itself is imported: the
# rules of ``package.part`` are the module ``part`` of the sub-package that stands here.
LATE = {"scipy": "s2sad.rules.scipy"}
_late: dict[str, bool] = {}  # which of these modules have been looked for, and whether they are there
_loading = threading.RLock()


def load_late(package: str, part: str) -> bool:
    """Import the rules of one module of a package; whether there are any.

    Args:
        package: a name in `LATE`.
        part: the name of a module of it: ``"special"`` for ``scipy.special``.
    """
    name = f"{LATE[package]}.{part}"
    if name not in _late:
        with _loading:
            if name in sys.modules:  # it is under way, and registers its rules
                return True
            found = all(map(_is_there, (package, f"{package}.{part}", name)))
            if found:
                before = set(RULES)
                importlib.import_module(name)
                for function in RULES.keys() - before:
                    RULES[function].late = True
            _late[name] = found
    return _late[name]


def load_all() -> None:
    """Import the rules of every package that is installed, with the package."""
    for package, place in LATE.items():
        for module in pkgutil.iter_modules(importlib.import_module(place).__path__):
            load_late(package, module.name)


def _is_there(module: str) -> bool:
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _load_late(function: Any) -> bool:
    """Import the rules of the module that a function comes from, where they wait for it; whether there are any."""
    module = getattr(function, "__module__", None)
    if module is None and isinstance(function, np.ufunc) and "scipy.special" in sys.modules:
        module = "scipy.special"  # a universal function does not say where it comes from
    if not isinstance(module, str):
        return False
    package, _, rest = module.partition(".")
    return package in LATE and load_late(package, rest.partition(".")[0])


def _register(rule: Rule) -> None:
    for function in rule.functions:
        _load_late(function)  # what is registered later stays
        RULES[function] = rule


def _rule(function: Any) -> Rule:
    """The rule of a function that has one.

    Raises:
        KeyError: it has none.
    """
    rule = rule_for(function)
    if rule is None:
        raise KeyError(function)
    return rule


def elementwise(*functions: Any) -> Callable[[Callable], Callable]:
    """Register the partial derivatives of an elementwise function.

    The decorated function takes the result, then the arguments, and returns the partial derivative (a tuple of them
    for several arguments; ``None`` for one that has none).  The chain rule, broadcasting and dtypes are done centrally.

    Example:
        >>> @elementwise(np.tanh)
        ... def tanh(y, x):
        ...     return 1 - y**2
    """

    def decorate(partials: Callable) -> Callable:
        _register(Rule("elementwise", functions, partials))
        return partials

    return decorate


def linear(*functions: Any, arguments: tuple[str, ...] = (), view: bool = False) -> Callable[[Callable], Callable]:
    """Register the transpose of a function that is jointly linear in its arguments (or in ``arguments``, by name).

    The decorated function takes ``(y_bar, y, *args, **options)`` and returns the cotangent (a tuple of them for several
    arguments; ``None`` for those it is not linear in).  ``view``: the result may share memory with the first argument.
    """

    def decorate(transpose: Callable) -> Callable:
        _register(Rule("linear", functions, transpose, arguments=arguments, view=view))
        return transpose

    return decorate


def multilinear(*functions: Any) -> Callable[[Callable], Callable]:
    """Register the transposes of a function that is linear in each of its arguments (a product)."""

    def decorate(transposes: Callable) -> Callable:
        _register(Rule("multilinear", functions, transposes))
        return transposes

    return decorate


def vjp(*functions: Any, view: bool = False) -> Callable[[Callable], Callable]:
    """Register a pullback: ``(y_bar, y, *args, **options)`` gives the cotangent (a tuple for several arguments)."""

    def decorate(pullback: Callable) -> Callable:
        _register(Rule("vjp", functions, pullback, view=view))
        return pullback

    return decorate


def jvp(function: Any, argument: int = 0) -> Callable[[Callable], Callable]:
    """Add the pushforward of one argument to a ``vjp`` rule: ``(x_dot, y, *args, **options)`` gives ``y_dot``.

    A rule with ``*args`` has one pushforward for all of them: it takes the list of their tangents, ``None`` for those
    of integers.  Where a result is a
    tuple, so is the tangent, with ``None`` for what does not change.
    """

    def decorate(pushforward: Callable) -> Callable:
        _rule(function).pushforwards[argument] = pushforward
        return pushforward

    return decorate


def definition(*functions: Any) -> Callable[[Callable], Callable]:
    """Register what a function is in terms of others: a call is compiled as one to the definition.

    For functions that are short formulas of others, whose derivatives are there already.  The definition returns what
    the function does, to rounding.  Options that it does not list are refused where the call is active.

    Example:
        >>> @definition(stats.gmean)
        ... def gmean(a, axis=0):
        ...     return np.exp(np.mean(np.log(a), axis=axis))
    """

    def decorate(meaning: Callable) -> Callable:
        _register(Rule("definition", functions, meaning))
        return meaning

    return decorate


def maker(cls: Any, method: Any = "__call__", call: str = "") -> Callable[[Callable], Callable]:
    """Register what a method does of an object that a call makes.

    Where the object is made and used in one function, the use is compiled as a call of the decorated function, which
    takes what the method takes and what the object was made of.

    Args:
        cls: what makes the object when it is called.
        method: the name of the method, or a function or operator that takes the object first.
        call: the names of the method's positional arguments, where it has more than one.

    Example:
        >>> @maker(interpolate.CubicSpline, call="at nu")
        ... def cubic_spline(at, x, y, axis=0, nu=0):
        ...     return interpolate.CubicSpline(x, y, axis)(at, nu)
    """

    def decorate(function: Callable) -> Callable:
        if cls not in RULES:
            _register(Rule("maker", (cls,), None))
        RULES[cls].methods[method] = (function, call.split()[1:])
        return function

    return decorate


def zero_derivative(*functions: Any, view: bool = False, effect: bool = False) -> None:
    """Register functions whose derivative is zero wherever it exists: piecewise constant, integer-valued, creation.

    ``effect``: the call must happen exactly once and in order (printing, random draws).
    """
    for function in functions:
        _register(Rule("zero", (function,), None, view=view, effect=effect))


def no_rule(reason: str, *functions: Any) -> None:
    """Say why functions have no rule: the reason stands in the error of whoever differentiates a call to one."""
    for function in functions:
        REASONS[function] = reason


def present(module: Any, *names: str) -> list[Any]:
    """Those of some functions that the version of a module has which is installed."""
    return [getattr(module, name) for name in names if hasattr(module, name)]


def calls_back(*names: str, args: str = "args") -> Callable[[Callable], Callable]:
    """Say which parameters of a function take functions of the user's, and which one what these get as well.

    What a nested function captures is handed over through ``args``, so that the rule sees all that the function
    depends on there.  Stands above the decorator of the rule.
    """

    def decorate(rule: Callable) -> Callable:
        for found in RULES.values():
            if found.pullback is rule:
                found.callbacks = (*names, args)
        return rule

    return decorate


def infer(*functions: Any) -> Callable[[Callable], Callable]:
    """Add to rules what is known of a result when compiling; without it the function is tried on small arrays."""

    def decorate(result: Callable) -> Callable:
        for function in functions:
            _rule(function).infer = result
        return result

    return decorate


def bind(
    function: Any,
    rule: Rule,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    wrap: Callable[[Any], Any] = lambda default: default,
    known: Callable[[Any], Any] = lambda value: value,
) -> tuple[list[Any], dict[str, Any]]:
    """Sort the arguments of a call into a rule's differentiable arguments and its options.

    Args:
        function: the callable as the user wrote it; its own signature says which position is which name.
        rule: its rule.
        args, kwargs: the call's.
        wrap: makes an argument of a default (``Const``, where arguments are operands).
        known: the object that an argument is, where that is known (of a ``Const``, its value).

    Returns:
        ``(arguments, options)``: one argument for each that the rule names, with the rule's default where it is left
        out; options without those that are not given.  What the rule does not list may be given with its default
        (``out=None``), and says nothing.

    Raises:
        TypeError: for an option that the rule does not list; the text names it.
    """
    names, starred, options = rule.signature()
    if starred:
        arguments, rest = list(args), dict(kwargs)
    else:
        count = _leading(function, rule)
        arguments, rest = list(args[:count]), dict(kwargs)
        if len(args) > count:
            places = _positions(function, rule)
            if len(args) > len(places):
                raise TypeError(f"{rule.name} has no derivative rule with more than {len(places)} arguments")
            rest.update(zip(places[count:], args[count:], strict=False))
        assert rule.pullback is not None
        defaults = _parameters(rule.pullback) if len(arguments) < len(names) else {}
        for name in names[len(arguments) :]:
            if name not in rest and defaults[name].default is inspect.Parameter.empty:
                raise TypeError(f"{rule.name} needs its argument {name!r}")
            arguments.append(rest.pop(name) if name in rest else wrap(defaults[name].default))
    for name in [name for name in rest if name not in options]:
        if not _says_nothing(function, name, known(rest[name])):
            raise TypeError(f"{rule.name} has no derivative rule with the argument {name!r}")
        del rest[name]
    return arguments, rest


@functools.lru_cache(maxsize=4096)
def _parameters(function: Any) -> Any:
    return inspect.signature(function).parameters


# What every universal function takes besides its operands, with the defaults: NumPy says so from 2.4 on.
UFUNC_OPTIONS = {"out": None, "where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True}
# Of these, what is about memory, classes and checks alone: whatever it is, the numbers are the same.
_OF_MEMORY = ("casting", "order", "subok")


_UNSAID = {"out": None, "copy": True}  # defaults of functions without a signature


def _says_nothing(function: Any, name: str, value: Any) -> bool:
    """Whether an option that a rule does not list changes no number: it has its default, or is about memory alone."""
    if isinstance(function, np.ufunc):
        if name in _OF_MEMORY:
            return True
        default = UFUNC_OPTIONS.get(name, inspect.Parameter.empty)
    else:
        try:
            parameter = _parameters(function).get(name)
        except (TypeError, ValueError):
            parameter = None
        default = getattr(parameter, "default", _UNSAID.get(name, NotImplemented))
    return value is default or (type(value) is type(default) and isinstance(value, (str, tuple)) and value == default)


def _signed(function: Any) -> Any:
    """The parameters of a function, or of the one that a method of arrays without a signature is named after."""
    if getattr(function, "__objclass__", None) is np.ndarray:
        try:
            return _parameters(function)
        except (TypeError, ValueError):
            function = getattr(np, function.__name__)
    return _parameters(function)


def computes_in(function: Any, dtype: Any, given: Sequence[Any]) -> bool:
    """Whether ``dtype=`` of a universal function means that its operands, of ``given`` dtypes, are cast to it first."""
    alike = any(set(t) - set("->") == {np.dtype(dtype).char} for t in function.types)
    return alike and all(np.can_cast(d, dtype, "same_kind") for d in given)


@functools.lru_cache(maxsize=4096)
@functools.lru_cache(maxsize=4096)
def _leading(function: Any, rule: Rule) -> int:
    """How many of the arguments that a rule names are the first ones of the function, in order."""
    names, _, options = rule.signature()
    if getattr(function, "__module__", None) == "_operator":  # they have no options; their signatures are slow to read
        return len(names)
    try:
        parameters = _signed(function)
    except (AttributeError, TypeError, ValueError):
        return len(names)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
        return len(names)
    places = [p.name for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for k, name in enumerate(names):
        elsewhere = name in parameters and (k >= len(places) or places[k] != name)
        if elsewhere or (k < len(places) and places[k] in options):
            return k
    return len(names)


def _positions(function: Any, rule: Rule) -> list[str]:
    """The names of a function's positional parameters in order; one with ``*args`` has those of its rule."""
    names, _, options = rule.signature()
    try:
        parameters = _signed(function).values()
    except (AttributeError, TypeError, ValueError):
        return [*names, *options]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return names
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def apply_vjp(function: Any, y_bar: Any, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Pull a cotangent back through one call, on real arrays: one cotangent for each positional argument.

    This is what generated code does, done at run time; it serves where types are not known when compiling, and the
    tests.
    """
    rule = _rule(function)
    if rule.kind == "zero":
        return (None,) * len(args)
    return apply_bound_vjp(rule, y_bar, y, *bind(function, rule, args, kwargs))


def apply_bound_vjp(rule: Rule, y_bar: Any, y: Any, arguments: list[Any], options: dict[str, Any]) -> tuple[Any, ...]:
    """`apply_vjp` of arguments and options that `bind` has sorted: one cotangent for each of the arguments."""
    assert rule.pullback is not None
    if rule.kind == "elementwise":
        partials = rule.pullback(y, *map(rule.number, arguments), **options)
        if not isinstance(partials, tuple):
            partials = (partials,)
        bars = tuple(p if p is None or p is NotImplemented else y_bar * p for p in partials)
    else:
        bars = rule.pullback(y_bar, y, *arguments, **options)
        names, starred, _ = rule.signature()
        if (len(names) == 1 and not starred) or not isinstance(bars, tuple):  # it may be a tuple itself
            bars = (bars,)
    return tuple(_restore(bar, x) for bar, x in zip(bars, arguments, strict=True))


def _restore(bar: Any, x: Any) -> Any:
    if type(bar) is float and type(x) is float:
        return bar
    if bar is None or not _differentiable(x):
        return None
    if bar is NotImplemented:
        return NotImplemented
    if isinstance(x, (list, tuple)):
        return runtime.rebuild(x, [_restore(b, e) for b, e in zip(bar, x, strict=True)])
    return runtime.unbroadcast(bar, x)


def _differentiable(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_differentiable, x))
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def apply_jvp(function: Any, dots: tuple[Any, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Push tangents (``None`` for zero) forward through one call, on real arrays."""
    rule = _rule(function)
    if rule.kind == "zero" or all(d is None for d in dots):
        return runtime.zeros_like(y)
    return apply_bound_jvp(function, rule, dots, y, *bind(function, rule, args, kwargs))


def apply_bound_jvp(
    function: Any, rule: Rule, dots: Sequence[Any], y: Any, arguments: list[Any], options: dict[str, Any]
) -> Any:
    """`apply_jvp` of arguments and options that `bind` has sorted.

    Raises:
        NotImplementedError: the rule does not know the derivative by one of the arguments that have a tangent.
    """
    assert rule.pullback is not None
    terms = []
    if rule.kind == "elementwise":
        partials = rule.pullback(y, *map(rule.number, arguments), **options)
        partials = partials if isinstance(partials, tuple) else (partials,)
        if any(p is NotImplemented and d is not None for p, d in zip(partials, dots, strict=False)):
            raise runtime.no_derivative(f"the derivative of {rule.name} by one of its arguments is not known")
        terms = [p * d for p, d in zip(partials, dots, strict=False) if p is not None and d is not None]
    elif rule.kind == "linear":
        names = rule.signature()[0]
        full = [
            x if rule.arguments and name not in rule.arguments else _filled(d, x)
            for x, d, name in zip(arguments, dots, names + names[-1:] * len(arguments), strict=False)
        ]
        terms = [function(*full, **options)]
    elif rule.kind == "vjp" and rule.signature()[1]:
        full = [runtime.zeros_like(x) if d is None else d for x, d in zip(arguments, dots, strict=True)]
        terms = [rule.pushforwards[0](full, y, *arguments, **options)]
    else:
        for k, dot in enumerate(dots):
            if dot is not None and rule.kind == "multilinear":
                terms.append(function(*arguments[:k], dot, *arguments[k + 1 :], **options))
            elif dot is not None and k not in rule.pushforwards:
                raise runtime.no_derivative(f"{rule.name} has no forward rule by {rule.argument(k)}")
            elif dot is not None:
                terms.append(rule.pushforwards[k](dot, y, *arguments, **options))
    total = None
    for term in terms:
        total = runtime.accumulate(total, term)
    return runtime.as_tangent(total, y)


def _filled(dot: Any, x: Any) -> Any:
    """The tangent of ``x`` with zeros, of integers too, in place of ``None``."""
    if isinstance(x, (list, tuple)):
        elements = [_filled(None if dot is None else dot[k], e) for k, e in enumerate(x)]
        return elements if isinstance(x, list) else runtime.rebuild(x, elements)
    if dot is not None or x is None:
        return dot
    return np.zeros_like(x) if isinstance(x, np.ndarray) else type(x)(0)
