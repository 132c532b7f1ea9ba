"""Check derivatives against differences: ``check_grads`` raises an AssertionError that names the worst entry.

Three things are compared, for arguments x, a random direction v and a random cotangent c:

- reverse mode: <J^T c, v> with central differences of <c, f(x)> along v;
- forward mode: <c, J v> with the same differences;
- both: <J^T c, v> = <c, J v>, which has no truncation error and so must hold nearly to rounding.

Differences are extrapolated once (Richardson), so that their error is of fourth order in the step.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .compiled import Transformed
from .derived import push
from .trees import filled, is_leaf, leaves

DIRECTIONS = 2
_ENTRIES = 200  # most entries of a gradient that are differenced one by one, to find the worst


def check_grads(
    fun: Callable, args: Sequence[Any], order: int = 1, modes: Sequence[str] = ("rev", "fwd"),
    rtol: float | None = None, atol: float | None = None,
) -> None:  # fmt: skip
    """Compare the derivatives of a function with differences of its values, in random directions.

    The function is called many times.  Its floats, arrays and structures of them are moved; integers stay.

    Args:
        fun: any Python function, whose result is a number, an array, or a structure of them.
        args: its positional arguments.
        order: 2 checks the derivative of the gradient too, and so on.
        modes: ``"rev"`` for `vjp`, ``"fwd"`` for `jvp`; with both, the identity between them is checked as well.
        rtol, atol: how far derivative and differences may be apart, relative to the derivative and absolutely; by
            default 1e-6 and 1e-8 times the largest value, and 1e-2 in single precision.

    Raises:
        AssertionError: they differ; the text says where most.
        ValueError: there is nothing to differentiate by, or a mode that does not exist.

    Example:
        >>> import s2sad
        >>> s2sad.check_grads(lambda x: np.sin(x) * x, (np.array([0.5, 1.5]),), order=2)
    """
    if not isinstance(args, (tuple, list)):
        raise TypeError(f"args must be a tuple of the arguments of the function, not {type(args).__name__}")
    if isinstance(modes, str) or not set(modes) <= {"rev", "fwd"} or not modes:
        raise ValueError(f"modes must be a sequence of 'rev' and 'fwd', not {modes!r}")
    check_places(fun, tuple(args), None, order, modes, rtol, atol)


def check_places(
    fun: Callable, args: tuple[Any, ...], places: tuple[int, ...] | None, order: int, modes: Sequence[str],
    rtol: float | None = None, atol: float | None = None,
) -> None:  # fmt: skip
    """`check_grads` of some of the arguments."""
    check = _Check(fun, args, places, rtol, atol)
    for number in range(DIRECTIONS):
        check.direction(np.random.default_rng(number), modes)
    if order > 1:
        weights = check.cotangent(np.random.default_rng(DIRECTIONS))
        check_places(_Pulled(fun, weights, check.places), args, check.places, order - 1, modes, rtol, atol)


class _Pulled:
    """The gradient of <c, fun(x)> for a fixed c, as a function of the arguments."""

    def __init__(self, fun: Callable, weights: Any, places: tuple[int, ...]):
        self.fun = Transformed(_weighed(fun, weights), "grad", places)

    def __call__(self, *args: Any) -> Any:
        return self.fun(*args)

    def generated(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        return self.fun.generated(args, kwargs)


def _weighed(fun: Callable, weights: Any) -> Callable:
    weigh = _weigher(weights)

    def weighed(*args: Any) -> Any:
        return weigh(weights, fun(*args))

    return weighed


def _weigher(weights: Any) -> Callable:
    """A function of weights and a value that gives <weights, value>: plain Python, as it will be differentiated."""
    if is_leaf(weights):
        return _weigh_leaf
    found: Callable = _weigh_nothing
    keys = range(len(weights)) if isinstance(weights, (list, tuple)) else list(weights or ())
    for key in keys:
        if any(leaves(weights[key])):
            found = functools.partial(_weigh_part, key, _weigher(weights[key]), found)
    return found


def _weigh_leaf(weights: Any, y: Any) -> Any:
    return np.sum(np.real(weights * y))


def _weigh_nothing(weights: Any, y: Any) -> Any:
    return 0.0


def _weigh_part(key: Any, weigh: Callable, rest: Callable, weights: Any, y: Any) -> Any:
    return weigh(weights[key], y[key]) + rest(weights, y)


class _Check:
    """One function at one place."""

    def __init__(self, fun: Callable, args: tuple[Any, ...], places: tuple[int, ...] | None, rtol: float | None,
                 atol: float | None):  # fmt: skip
        self.fun = fun
        self.args = args
        self.places = places or tuple(i for i, x in enumerate(args) if any(leaves(x)))
        if not self.places:
            raise ValueError("none of the arguments is a float, an array of floats, or holds one: nothing to check")
        self.value = self.at(args)
        numbers = [x for i in self.places for _, x in leaves(args[i])] + [y for _, y in leaves(self.value)]
        single = any(np.asarray(x).dtype.char in "efF" for x in numbers)
        self.step = 1e-2 if single else 1e-4
        self.rtol = rtol if rtol is not None else 1e-2 if single else 1e-6
        size = max([1.0, *(float(np.max(np.abs(y), initial=0.0)) for _, y in leaves(self.value))])
        self.atol = atol if atol is not None else 1e-2 * size if single else 1e-8 * size  # what differences can tell

    def at(self, args: tuple[Any, ...]) -> Any:
        return self.fun(*copy.deepcopy(args))  # which may write into them

    def cotangent(self, rng: np.random.Generator) -> Any:
        return _random(self.value, rng)

    def direction(self, rng: np.random.Generator, modes: Sequence[str]) -> None:
        weights = self.cotangent(rng)
        tangents = tuple(_random(x, rng) if i in self.places else None for i, x in enumerate(self.args))
        expected = self.difference(weights, tangents)
        pulled = pushed = None
        if "rev" in modes:
            _, pullback = Transformed(self.fun, "vjp", self.places).once(self.args, {})
            bars = pullback(weights)
            pulled = sum(_dot(bar, tangents[i]) for i, bar in zip(self.places, bars, strict=True))
            self.compare("reverse mode", pulled, expected, lambda: self.worst(weights, dict(zip(self.places, bars))))  # noqa: B905
        if "fwd" in modes:
            _, dots = push(Transformed(self.fun, "jvp", self.places), self.args, tangents, {})
            pushed = _dot(weights, dots)
            self.compare("forward mode", pushed, expected, lambda: "")
        if pulled is not None and pushed is not None:
            size = max(abs(pulled), abs(pushed), 1.0)
            if not abs(pulled - pushed) <= size * min(1e-3 * self.rtol, 1e-8 if self.step < 1e-3 else 1e-3):
                raise AssertionError(
                    f"{self.name}: reverse and forward mode disagree: <J^T c, v> = {pulled!r}, <c, J v> = {pushed!r}"
                )

    def compare(self, mode: str, found: float, expected: float, detail: Callable[[], str]) -> None:
        if not abs(found - expected) <= self.atol + self.rtol * max(abs(expected), abs(found)):
            raise AssertionError(
                f"{mode} of {self.name} in a random direction: derivative {found!r}, differences {expected!r}{detail()}"
            )

    @property
    def name(self) -> str:
        return getattr(self.fun, "__qualname__", None) or repr(self.fun)

    def difference(self, weights: Any, tangents: tuple[Any, ...]) -> float:
        """The derivative of <c, f(x)> along tangents."""

        def along(t: float) -> float:
            moved = tuple(x if d is None else _moved(x, d, t) for x, d in zip(self.args, tangents, strict=True))
            return _dot(weights, self.at(moved))

        h = self.step
        wide, narrow = (along(h) - along(-h)) / (2 * h), (along(h / 2) - along(-h / 2)) / h
        return (4 * narrow - wide) / 3

    def worst(self, weights: Any, bars: dict[int, Any]) -> str:
        """The entry of the gradient that is farthest from its difference."""
        names = list(_names(self.fun, len(self.args)))
        found: list[tuple[float, str]] = []
        for i, bar in bars.items():
            flat = [x for _, x in leaves(self.args[i])]
            for k, ((path, x), (_, g)) in enumerate(zip(leaves(self.args[i]), leaves(bar), strict=True)):
                places = list(np.ndindex(np.shape(x)))
                for place in places[:: max(1, len(places) // _ENTRIES)]:
                    units = [np.zeros_like(e) for e in flat]
                    units[k][place] = 1.0
                    unit = filled(self.args[i], units)
                    expected = self.difference(weights, tuple(unit if j == i else None for j in range(len(self.args))))
                    entry = float(np.real(np.asarray(g)[place]))
                    index = f"[{', '.join(map(str, place))}]" if place else ""
                    text = f"; worst entry: {names[i]}{path}{index} has {entry!r}, differences {expected!r}"
                    found.append((abs(entry - expected) / (1 + abs(expected)), text))
        return max(found)[1]


def _names(fun: Callable, count: int) -> list[str]:
    try:
        names = list(inspect.signature(fun).parameters)
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else f"argument {i}" for i in range(count)]


def _random(x: Any, rng: np.random.Generator) -> Any:
    """A random structure like ``x``."""
    new = []
    for _, leaf in leaves(x):
        made = rng.normal(size=np.shape(leaf)) + (1j * rng.normal(size=np.shape(leaf)) if np.iscomplexobj(leaf) else 0)
        kind = isinstance(leaf, (np.ndarray, np.generic))
        new.append(np.asarray(made).astype(leaf.dtype)[()] if kind else type(leaf)(made))
    return filled(x, new)


def _moved(x: Any, tangent: Any, t: float) -> Any:
    """``x`` moved by ``t`` along a tangent; what is no leaf stays as it is."""
    made = []
    for (_, a), (_, d) in zip(leaves(x), leaves(tangent), strict=True):
        m = a + np.asarray(t, np.asarray(d).real.dtype)[()] * d
        made.append(m.astype(a.dtype) if isinstance(a, np.ndarray) else type(a)(m))
    return filled(x, made, keep=True)


def _dot(weights: Any, y: Any) -> float:
    """<c, y>: the real part, without conjugation, as pullbacks have it."""
    pairs = zip(leaves(weights), leaves(y), strict=True)
    return float(sum(np.sum(np.real(np.asarray(w) * v)) for (_, w), (_, v) in pairs))
