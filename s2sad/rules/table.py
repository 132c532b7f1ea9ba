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
``with_options``   ``def fit(x, y, deg, full=False): return ...``   what calls with some options are, likewise
``maker``          ``def spline(x, y, at): return CubicSpline(x, y)(at)``  what calling an object does that a call makes
``zero_derivative``  a call with functions                              piecewise constant, integer-valued
``infer``          ``def sum(a, *, axis=None): return Type(...)``        what is known of the result
``no_rule``        a call with the reason, and functions                 refused by name
=================  ====================================================  =======================================
"""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import numpy as np


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
        parts: of several results, the pullback takes None as the cotangent of one that nobody uses (others get zeros);
            of a result object, it takes a dict of the entries that have a derivative.
        callbacks: names of the parameters that take a user's function, and last that of the arguments it gets besides.
        spreads: these are given as any sequence, and not as a tuple.
        broadcasts: these are broadcast with each other, so that only numbers can be handed over among them.
        methods: of a ``maker``: what its objects' methods do, how many of their positional arguments come first, and
            the names of the further ones.
        meanings: what calls with some options are, in terms of calls without them: a ``definition`` by option.
        orders: of a ``maker``: the name of the argument of its objects' ``derivative``, where they have one.
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
        self.parts: bool = flags.get("parts", False)
        self.callbacks: tuple[str, ...] = ()
        self.spreads = self.broadcasts = False
        self.methods: dict[Any, tuple[Callable[..., Any], int, list[str]]] = {}
        self.meanings: dict[str, Rule] = {}
        self.orders = ""
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
    def uses(self) -> list[Any]:
        """Of a ``maker``: what may be done with its objects."""
        return [*self.methods, *(("derivative", "antiderivative") if self.orders else ())]

    @property
    def watched(self) -> bool:
        """Whether it lists ``callback``, a function of the user's that is told of iterates and changes no result."""
        return self.pullback is not None and self.of_another_package and "callback" in self.signature()[2]

    @property
    def arguments_by_name(self) -> list[str]:
        """The names of its arguments: all but options."""
        return [] if self.pullback is None or self.signature()[1] else self.signature()[0]

    @property
    def of_another_package(self) -> bool:
        """Whether it is one of ours for another package than NumPy."""
        return str(getattr(self.pullback, "__module__", "")).startswith(tuple(LATE.values()))

    @property
    def of_arrays(self) -> bool:
        """Whether it is one of ours whose arguments have to be arrays where NumPy makes them of lists."""
        module = str(getattr(self.pullback, "__module__", ""))
        several = self.kind == "vjp" and module == "s2sad.rules.elementwise"  # of several results
        formula = (
            self.kind == "multilinear" or module in _OF_ARRAYS or self.functions[0] in (np.sort, np.vander, np.average)
        )
        formula = formula or several
        return self.own and formula and self.signature()[0] != ["arrays"]

    def makes_array(self, x: Any, position: int = 0) -> bool:
        """`makes_arrays` of an argument itself."""
        if not isinstance(x, (list, tuple)):
            return False
        places = all(isinstance(e, (int, type(Ellipsis))) for e in x)
        return self.makes_arrays(list if isinstance(x, list) else tuple, places, position)

    def makes_arrays(self, sequence: type, places: bool, position: int = 0) -> bool:
        """Whether an argument that is a list or tuple (``places``: of whole numbers) is made an array for the rule.

        A tuple may be what another function gave, a factorisation; of whole numbers it may be a shape, but not where
        a product has a factor.
        """
        if self.is_factor(position):
            return True
        if self.kind == "elementwise" and self.own:
            return True
        module = str(getattr(self.pullback, "__module__", ""))
        if self.own and module.startswith(_OF_MATRICES):
            name = str(self.signature()[0][position : position + 1])
            if "_and_" in name or "_or_" in name:  # lu_and_piv, c_or_cr
                return False
        if self.own and sequence is list and module.startswith(_OF_LISTS):
            return not places
        if self.own and module.startswith(_OF_MATRICES):
            return not places
        return self.of_arrays and not places

    def is_factor(self, position: int) -> bool:
        """Whether what stands there is a factor of a product; that of einsum may be its subscripts, too."""
        if self.kind != "multilinear" or not self.own:
            return False
        names, starred, _ = self.signature()
        return not starred and position < len(names)

    def is_linear_in(self, position: int) -> bool:
        """Of a ``linear`` rule: whether the function is linear in the argument at a position, which may be starred."""
        names = self.signature()[0]
        return not self.arguments or names[min(position, len(names) - 1)] in self.arguments

    def argument(self, position: int) -> str:
        """The name of an argument, for messages."""
        names, starred, _ = self.signature()
        return f"its argument {position + 1}" if starred else repr(names[position])


# Modules of rules that are formulas of arrays, and of those that take a tuple for something else than an array.
_OF_ARRAYS = {f"s2sad.rules.{name}" for name in ("hermitian", "linalg", "norms", "spectral", "ufuncs")}
_OF_MATRICES = ("s2sad.rules.scipy.linalg", "s2sad.rules.scipy.spatial", "s2sad.rules.scipy.special")
_OF_LISTS = ("s2sad.rules.complexes", "s2sad.rules.interpolation", *_OF_MATRICES)

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
# rules of ``package.part`` are the module ``part`` of the sub-package that stands here; of a module, that of its name.
LATE = {"scipy": "s2sad.rules.scipy", "statistics": "s2sad.rules.stdlib"}
_late: dict[str, bool] = {}  # which of these modules have been looked for, and whether they are there
_loading = threading.RLock()


def load_late(package: str, part: str) -> bool:
    """Import the rules of one module of a package; whether there are any.

    Args:
        package: a name in `LATE`.
        part: the name of a module of it: ``"special"`` for ``scipy.special``; none of what is a module itself.
    """
    name, of = f"{LATE[package]}.{part or package}", f"{package}.{part}" if part else package
    if name not in _late:
        with _loading:
            if name in sys.modules:  # it is under way, and registers its rules
                return True
            found = all(map(_is_there, (package, of, name)))
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
            load_late(package, "" if module.name == package else module.name)


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


def rule_of(function: Any) -> Rule:
    """The rule of a function that has one.

    Raises:
        KeyError: it has none.
    """
    rule = rule_for(function)
    if rule is None:
        raise KeyError(function)
    return rule


def elementwise(*functions: Any, effect: bool = False) -> Callable[[Callable], Callable]:
    """Register the partial derivatives of an elementwise function.

    The decorated function takes the result, then the arguments, and returns the partial derivative (a tuple of them
    for several arguments; ``None`` for one that has none).  The chain rule, broadcasting and dtypes are done centrally.

    Example:
        >>> @elementwise(np.tanh)
        ... def tanh(y, x):
        ...     return 1 - y**2
    """

    def decorate(partials: Callable) -> Callable:
        _register(Rule("elementwise", functions, partials, effect=effect))
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


def vjp(
    *functions: Any, view: bool = False, effect: bool = False, parts: bool = False
) -> Callable[[Callable], Callable]:
    """Register a pullback: ``(y_bar, y, *args, **options)`` gives the cotangent (a tuple for several arguments)."""

    def decorate(pullback: Callable) -> Callable:
        _register(Rule("vjp", functions, pullback, view=view, effect=effect, parts=parts))
        return pullback

    return decorate


def jvp(function: Any, argument: int = 0) -> Callable[[Callable], Callable]:
    """Add the pushforward of one argument to a ``vjp`` rule: ``(x_dot, y, *args, **options)`` gives ``y_dot``.

    A rule with ``*args`` has one pushforward for all of them: it takes the list of their tangents, ``None`` for those
    of integers.  Where a result is a
    tuple, so is the tangent, with ``None`` for what does not change.
    """

    def decorate(pushforward: Callable) -> Callable:
        rule_of(function).pushforwards[argument] = pushforward
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


def with_options(options: str, function: Any) -> Callable[[Callable], Callable]:
    """Register what a call of a function (or an alias) with one of some options is, in terms of calls without them.

    Example:
        >>> @with_options("dtype", np.clip)
        ... def clip_in(a, a_min=None, a_max=None, dtype=None):
        ...     return np.clip(np.positive(a, dtype=dtype), a_min, a_max)
    """

    def decorate(meaning: Callable) -> Callable:
        rule = rule_of(function)
        rule.meanings.update(dict.fromkeys(options.split(), Rule("definition", rule.functions, meaning)))
        return meaning

    return decorate


def maker(cls: Any, method: Any = "__call__", call: str = "", first: int = 1) -> Callable[[Callable], Callable]:
    """Register what a method does of an object that a call makes.

    Where the object is made and used in one function, the use is compiled as a call of the decorated function, which
    takes what the method takes and what the object was made of.

    Args:
        cls: what makes the object when it is called.
        method: the name of the method, or a function or operator that takes the object first.
        call: the names of the method's positional arguments, where it has more than one.
        first: how many of them the decorated function takes before what the object was made of; the others by name.

    Example:
        >>> @maker(interpolate.CubicSpline, call="at nu")
        ... def cubic_spline(at, x, y, axis=0, nu=0):
        ...     return interpolate.CubicSpline(x, y, axis)(at, nu)
    """

    def decorate(function: Callable) -> Callable:
        if cls not in RULES:
            _register(Rule("maker", (cls,), None))
        RULES[cls].methods[method] = (function, first, call.split()[first:])
        return function

    return decorate


def orders(name: str, *makers: Any) -> None:
    """Say that what calls make has ``derivative`` and ``antiderivative``: objects whose calls are those of the object.

    Args:
        name: of their argument, which is how many times.
        makers: what their objects' uses are compiled as takes ``nu``, which may be negative.
    """
    for made in makers:
        RULES[made].orders = name


def of_order(make: Any, order: int, *args: Any, **options: Any) -> Any:
    """A derivative of what a call makes, or its antiderivative where the order is negative."""
    made = make(*args, **options)
    return made.derivative(order) if order > 0 else made.antiderivative(-order)


_register(Rule("maker", (of_order,), None))  # its uses are those of what is made: see `binding.meaning_of_use`


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
    """Those of some functions, several names in a text, that the installed version of a module has."""
    return [getattr(module, name) for text in names for name in text.split() if hasattr(module, name)]


def calls_back(
    *names: str, args: str = "args", spreads: bool = False, broadcasts: bool = False
) -> Callable[[Callable], Callable]:
    """Say which parameters of a function take functions of the user's, and which one what these get as well.

    ``spreads``: the elements of any sequence, where other functions take what is no tuple as one argument.
    ``broadcasts``: arrays among them are broadcast with the others.

    What a nested function captures is handed over through ``args``, so that the rule sees all that the function
    depends on there.  Stands above the decorator of the rule.
    """

    def decorate(rule: Callable) -> Callable:
        for found in RULES.values():
            if found.pullback is rule:
                found.callbacks, found.spreads, found.broadcasts = (*names, args), spreads, broadcasts
        return rule

    return decorate


def infer(*functions: Any) -> Callable[[Callable], Callable]:
    """Add to rules what is known of a result when compiling; without it the function is tried on small arrays."""

    def decorate(result: Callable) -> Callable:
        for function in functions:
            rule_of(function).infer = result
        return result

    return decorate
