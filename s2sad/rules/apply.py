"""A rule applied to real arrays: what generated code does, done at run time."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import runtime
from .table import Rule


def apply_vjp(
    rule: Rule,
    y_bar: Any,
    y: Any,
    arguments: list[Any],
    options: dict[str, Any],
    branch: bool = False,
    mask: Any = None,
) -> tuple[Any, ...]:
    """Pull a cotangent back through one call: one cotangent for each of the arguments, as `bind` has sorted them.

    branch: where the cotangent is 0, nobody takes the result: there a partial derivative that is NaN does not matter.
    mask: of an elementwise function, where nobody takes the result.
    """
    assert rule.pullback is not None
    given, arguments = arguments, _arrays(rule, y, arguments)
    if rule.kind == "elementwise":
        partials = partials_of(rule, y, arguments, options)
        bars = tuple(p if p is None or p is NotImplemented else _product(y_bar, p, branch, mask) for p in partials)
    else:
        bars = rule.pullback(y_bar, y, *arguments, **options)
        names, starred, _ = rule.signature()
        if (len(names) == 1 and not starred) or not isinstance(bars, tuple):  # it may be a tuple itself
            bars = (bars,)
    return tuple(_restore(bar, x) for bar, x in zip(bars, given, strict=True))


def _product(y_bar: Any, partial: Any, branch: bool, mask: Any) -> Any:
    product = y_bar * partial
    if mask is not None:
        product = np.where(mask, 0, product)
    if branch and isinstance(product, np.ndarray) and np.isnan(product).any():
        return np.where(y_bar == 0, 0, product)
    return product


def _arrays(rule: Rule, y: Any, arguments: Sequence[Any]) -> list[Any]:
    """The arguments; lists and tuples are arrays where the function makes them, and a list of tangents likewise."""
    repeated = rule.kind == "elementwise" and isinstance(y, (list, tuple))  # [x] * 3
    if repeated or not any(isinstance(x, (list, tuple)) for x in arguments):
        return list(arguments)
    return [np.asarray(x) if rule.makes_array(x, i) else x for i, x in enumerate(arguments)]


def partials_of(rule: Rule, y: Any, arguments: list[Any], options: dict[str, Any]) -> tuple[Any, ...]:
    """The partial derivatives of an elementwise function, None for zero."""
    assert rule.pullback is not None
    numbers = _numbers(rule, y, arguments)
    try:
        partials = rule.pullback(y, *numbers, **options)
    except ZeroDivisionError:  # of Python's numbers, where NumPy's function did not raise
        partials = rule.pullback(y, *[np.asarray(x)[()] for x in numbers], **options)
    return partials if isinstance(partials, tuple) else (partials,)


def _numbers(rule: Rule, y: Any, arguments: list[Any]) -> list[Any]:
    """The arguments of an elementwise rule: where the power of real numbers is complex, they are complex numbers."""
    numbers = list(map(rule.number, arguments))
    if type(y) is complex and operator.pow in rule.functions and all(isinstance(x, (int, float)) for x in numbers):
        return list(map(complex, numbers))
    return numbers


def _restore(bar: Any, x: Any) -> Any:
    if type(bar) is float and type(x) is float:
        return bar
    if bar is None or not _differentiable(x):
        return None
    if bar is NotImplemented:
        return NotImplemented
    if isinstance(x, (list, tuple)):
        if isinstance(bar, np.ndarray) and bar.shape != np.shape(x):  # it was broadcast
            bar = runtime.sum_to(bar, np.shape(x))
        return runtime.rebuild(x, [_restore(b, e) for b, e in zip(bar, x, strict=True)])
    if isinstance(x, dict):
        return {k: _restore(bar[k], e) for k, e in x.items()}
    return runtime.unbroadcast(bar, x)


def _differentiable(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_differentiable, x))
    if isinstance(x, dict):
        return any(map(_differentiable, x.values()))
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def apply_jvp(
    function: Any, rule: Rule, dots: Sequence[Any], y: Any, arguments: list[Any], options: dict[str, Any]
) -> Any:
    """Push tangents (``None`` for zero) forward through one call, whose arguments `bind` has sorted.

    Raises:
        NotImplementedError: the rule does not know the derivative by one of the arguments that have a tangent.
    """
    assert rule.pullback is not None
    terms = []
    # in a list, an integer among what varies has the tangent 0
    dots = [None if d is None else _filled(d, x) for d, x in zip(dots, arguments, strict=False)]
    dots, arguments = _arrays(rule, y, dots), _arrays(rule, y, arguments)
    if rule.kind == "elementwise":
        partials = partials_of(rule, y, arguments, options)
        if any(p is NotImplemented and d is not None for p, d in zip(partials, dots, strict=False)):
            raise runtime.no_derivative(f"the derivative of {rule.name} by one of its arguments is not known")
        terms = [p * d for p, d in zip(partials, dots, strict=False) if p is not None and d is not None]
    elif rule.kind == "linear":
        linear = [rule.is_linear_in(k) for k in range(len(dots))]
        full = [_filled(d, x) if by else x for x, d, by in zip(arguments, dots, linear, strict=False)]
        if any(by and d is not None for by, d in zip(linear, dots, strict=True)):
            terms.append(function(*full, **options))
        terms += _beside_linear(rule, dots, y, arguments, options)
    elif rule.kind == "vjp" and rule.signature()[1] and rule.pushforwards:
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


def _beside_linear(rule: Rule, dots: Sequence[Any], y: Any, arguments: list[Any], options: dict[str, Any]) -> list[Any]:
    """What the arguments contribute in which a linear function is not linear."""
    terms, bars = [], None
    for k, dot in enumerate(dots):
        if dot is None or rule.is_linear_in(k):
            continue
        if k in rule.pushforwards:
            terms.append(rule.pushforwards[k](dot, y, *arguments, **options))
            continue
        if bars is None:
            assert rule.pullback is not None
            bars = rule.pullback(y, y, *arguments, **options)
        if bars[k] is not None:
            raise runtime.no_derivative(f"{rule.name} has no derivative by {rule.argument(k)}")
    return terms


def _filled(dot: Any, x: Any) -> Any:
    """The tangent of ``x`` with zeros, of integers too, in place of ``None``."""
    if isinstance(x, (list, tuple)):
        elements = [_filled(None if dot is None else dot[k], e) for k, e in enumerate(x)]
        return elements if isinstance(x, list) else runtime.rebuild(x, elements)
    if dot is not None or x is None:
        return dot
    return np.zeros_like(x) if isinstance(x, (np.ndarray, range)) else type(x)(0)
