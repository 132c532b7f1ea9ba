"""The arguments of a call as its rule names them: by position as the function takes them, by name, left out."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .signatures import parameters, positional
from .table import Rule, of_order, rule_of


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
    if function in OF_GENERATORS:  # their object is not an argument
        args = args[1:]
    if starred:
        arguments, rest = by_position(function, args, {name: x for name, x in kwargs.items() if name not in options})
        rest |= {name: x for name, x in kwargs.items() if name in options}
    else:
        count = _leading(function, rule)
        arguments, rest = list(args[:count]), dict(kwargs)
        if len(args) > count:
            places = positions(function, rule)
            if len(args) > len(places):
                raise TypeError(f"{rule.name} has no derivative rule with more than {len(places)} arguments")
            rest.update(zip(places[count:], args[count:], strict=False))
        assert rule.pullback is not None
        defaults = parameters(rule.pullback) if len(arguments) < len(names) else {}
        for name in names[len(arguments) :]:
            if name not in rest and defaults[name].default is inspect.Parameter.empty:
                given, others = by_position(function, args, kwargs)  # where it has another name than in the rule
                if len(given) > len(args):
                    return bind(function, rule, tuple(given), others, wrap, known)
                raise TypeError(f"{rule.name} needs its argument {name!r}")
            arguments.append(rest.pop(name) if name in rest else wrap(defaults[name].default))
    for name in [name for name in rest if name not in options]:
        if not _says_nothing(function, name, known(rest[name])):
            raise TypeError(f"{rule.name} has no derivative rule with the argument {name!r}")
        del rest[name]
    return arguments, rest


def definition_of(function: Any, rule: Rule, args: Sequence[Any], params: dict[str, Any]) -> Rule | None:
    """What a call is, where that is said in terms of others: always, or with one of the options it has."""
    if rule.meanings:
        names = [*positions(function, rule)[: len(args)], *params]
        rule = next((rule.meanings[name] for name in names if name in rule.meanings), rule)
    return rule if rule.kind == "definition" else None


# What every universal function takes besides its operands, with the defaults: NumPy says so from 2.4 on.
UFUNC_OPTIONS = {"out": None, "where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True}
# Of these, what is about memory, classes and checks alone: whatever it is, the numbers are the same.
OF_MEMORY = ("casting", "order", "subok")


_UNSAID = {"out": None, "copy": True}  # defaults of functions without a signature


def _says_nothing(function: Any, name: str, value: Any) -> bool:
    """Whether an option that a rule does not list changes no number: it has its default, or is about memory alone."""
    if name == "output" and output_of(function) == name and is_dtype(value):
        return np.dtype(value).kind in "fc"  # integers never come here, they are steps
    if isinstance(function, np.ufunc):
        if name in OF_MEMORY:
            return True
        default = UFUNC_OPTIONS.get(name, inspect.Parameter.empty)
    else:
        try:
            parameter = parameters(function).get(name)
        except (TypeError, ValueError):
            parameter = None
        default = getattr(parameter, "default", _UNSAID.get(name, NotImplemented))
    return value is default or (type(value) is type(default) and isinstance(value, (str, tuple)) and value == default)


# Functions of images that give something else than the array ``output``.
_BESIDE = ("label", "binary_fill_holes", "binary_hit_or_miss")
# Those that have read their input when they begin to write, each of which was tried.
_AT_ONCE = {
    "affine_transform", "convolve", "convolve1d", "correlate", "correlate1d", "fourier_ellipsoid",
    "fourier_gaussian", "fourier_shift", "fourier_uniform", "gaussian_filter", "gaussian_filter1d",
    "generic_filter1d", "geometric_transform", "grey_closing", "grey_dilation", "grey_erosion", "grey_opening",
    "map_coordinates", "maximum_filter", "maximum_filter1d", "median_filter", "minimum_filter", "minimum_filter1d",
    "percentile_filter", "prewitt", "rank_filter", "rotate", "shift", "sobel", "spline_filter", "spline_filter1d",
    "uniform_filter", "uniform_filter1d", "zoom",
}  # fmt: skip


def output_of(function: Any) -> str:
    """The name of the argument that a function writes its result into and returns, if it has such an argument.

    That of ``scipy.ndimage`` may be a dtype, too.
    """
    images = str(getattr(function, "__module__", "")).startswith("scipy.ndimage")
    return "output" if images and function.__name__ not in _BESIDE else "out"


def may_write_its_input(function: Any) -> bool:
    """Whether a function that writes into its own input gives what it gives elsewhere."""
    return output_of(function) == "out" or function.__name__ in _AT_ONCE


def is_dtype(x: Any) -> bool:
    """Whether this says of what dtype a result is."""
    return isinstance(x, (type, str, np.dtype))


OF_GENERATORS = {
    f for cls in (np.random.Generator, np.random.RandomState) for f in vars(cls).values() if callable(f)
}  # methods that draw numbers


def _signed(function: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a function that may be arguments of its rule: the object that draws numbers is none."""
    drop = "self" if function in OF_GENERATORS else ""
    return {name: p for name, p in parameters(function).items() if name != drop}


def has_signature(function: Any) -> bool:
    """Whether it is known what names the parameters of a function have."""
    try:
        parameters(function)
    except (TypeError, ValueError):
        return False
    return True


def by_position(function: Any, args: Sequence[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """A call with by position what comes next among its parameters and is given by name: ``cg(A=A, b=b)``."""
    by_place = positional(function) if params and callable(function) else ()
    first = {name: params[name] for name in itertools.takewhile(params.__contains__, by_place[len(args) :])}
    return [*args, *first.values()], {name: x for name, x in params.items() if name not in first}


def meaning_of_use(
    rule: Rule, maker: Any, method: Any, made: Sequence[Any], options: dict[str, Any], args: Sequence[Any],
    params: dict[str, Any], wrap: Callable[[Any], Any] = lambda constant: constant,
    known: Callable[[Any], Any] = lambda value: value,
) -> tuple[Any, list[Any], dict[str, Any]] | None:  # fmt: skip
    """What the use of an object is a call of, where a ``maker`` rule says so: ``CubicSpline(x, y)(at, nu)``.

    Args:
        rule: of what has made the object.
        maker: what has made it, called with ``made`` and ``options``.
        method: the name of the method, or the function that takes the object; called with ``args`` and ``params``.
        wrap, known: as for `bind`.

    Returns:
        The function, its positional arguments, and those by name; None where the rule does not know the use.
    """
    order = 0
    if maker is of_order:
        maker, order, made = known(made[0]), known(made[1]), made[2:]
        rule = rule_of(maker)
    if rule.orders and method in ("derivative", "antiderivative"):
        moved = _moved(order, method, known(args[0] if args else params.get(rule.orders, 1)))
        return None if moved is None else (of_order, [wrap(maker), wrap(moved), *made], options)
    if method not in rule.methods:
        return None
    function, first, names = rule.methods[method]
    if isinstance(maker, type) and isinstance(method, str) and len(args) < first:
        placed, params = by_position(getattr(maker, method, None), [None, *args], params)
        args = placed[1:]  # behind the object itself
    if len(args) > first + len(names):
        return None
    further = {**dict(zip(names, args[first:], strict=False)), **params}
    if order:
        nu = known(further.get("nu", 0))
        if not isinstance(nu, int) or "nu" not in parameters(function):
            return None
        further["nu"] = wrap(order + nu)
    try:
        positions = list(inspect.signature(maker).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in positions):
        return function, [*args[:first], *made], {**options, **further}
    given = {**dict(zip([p.name for p in positions], made, strict=False)), **options}
    taken = inspect.signature(function).parameters
    if not given.keys() <= taken.keys():
        return None
    missing = {p.name for p in list(taken.values())[len(args) : first] if p.default is p.empty} - {*given, *further}
    if missing or (params.keys() & given.keys()) - {*names}:  # the object and its use have arguments of one name
        return None
    return function, list(args[:first]), {**given, **further}


def _moved(order: int, method: str, by: Any) -> int | None:
    """The order of a derivative or antiderivative of what has an order itself; None where it is not one.

    The antiderivative of a derivative begins with zero, which the object need not do.
    """
    if not isinstance(by, int) or (method == "antiderivative" and order > 0):
        return None
    return order + (by if method == "derivative" else -by)


def takes(function: Any, name: str, given: int) -> bool:
    """Whether a function, or a method of arrays, takes an argument of this name behind the ``given`` first ones."""
    try:
        return name in list(_signed(function))[given:]
    except (TypeError, ValueError):
        return False


def casts(function: np.ufunc, given: Sequence[np.dtype], options: dict[str, Any]) -> list[np.dtype | None] | None:
    """The dtypes to which ``dtype=`` or ``signature=`` of a universal function casts its operands, of ``given`` ones.

    Args:
        options: those of the call.

    Returns:
        A dtype for each operand, None for integers that stay such; None where the options say something else.
    """
    loops = _loops(function, options.get("dtype"), options.get("signature"))
    kinds = [[np.dtype(c) for c in loop[: loop.index("->")]] for loop in loops]
    for to in kinds:
        stay = [d.kind in "iu" and t.kind in "iu" for d, t in zip(given, to, strict=True)]
        if all(
            s or np.can_cast(d, t, options.get("casting", "same_kind")) for s, d, t in zip(stay, given, to, strict=True)
        ):
            return [None if s else t for s, t in zip(stay, to, strict=True)]
    return None


def _loops(function: np.ufunc, dtype: Any, signature: Any) -> list[str]:
    """Those types of a universal function that ``dtype=`` or ``signature=`` asks for, as ``dd->d``."""
    if isinstance(signature, tuple) and len(signature) == function.nargs:
        if set(signature[: function.nin]) == {None} and len(set(signature[function.nin :])) == 1:
            signature, dtype = None, signature[-1]
        elif None not in signature:
            chars = [np.dtype(d).char for d in signature]
            signature = "".join(chars[: function.nin]) + "->" + "".join(chars[function.nin :])
    if (signature is None) == (dtype is None):
        return []
    if signature is not None:
        return [signature] if signature in function.types else []
    own = np.dtype(dtype).char
    return [t for t in function.types if set(t.partition("->")[2]) == {own} and _of_one(t[: t.index("->")], own)]


def _of_one(operands: str, own: str) -> bool:
    """Whether all operands have a type, but for integers."""
    return own in operands and all(c == own or np.dtype(c).kind in "iu" for c in operands)


@functools.lru_cache(maxsize=4096)
def _leading(function: Any, rule: Rule) -> int:
    """How many of the arguments that a rule names are the first ones of the function, in order."""
    names, _, options = rule.signature()
    if getattr(function, "__module__", None) == "_operator":  # they have no options; their signatures are slow to read
        return len(names)
    try:
        signed = _signed(function)
    except (TypeError, ValueError):
        return len(names)
    if any(p.kind is p.VAR_POSITIONAL for p in signed.values()):
        return len(names)
    places = [p.name for p in signed.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for k, name in enumerate(names):
        elsewhere = name in signed and (k >= len(places) or places[k] != name)
        if elsewhere or (k < len(places) and places[k] in options):
            return k
    return len(names)


def positions(function: Any, rule: Rule) -> list[str]:
    """The names of a function's positional parameters in order; one with ``*args`` has those of its rule."""
    try:
        signed = list(_signed(function).values())
    except (TypeError, ValueError):
        signed = None
    if signed is None or any(p.kind is p.VAR_POSITIONAL for p in signed):
        names, _, options = rule.signature() if rule.pullback is not None else ([], False, {})
        return [*names, *options]
    return [p.name for p in signed if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
