"""Functions whose derivative is said to be zero are steps: a small move of an argument moves no result in proportion.

Each is called with whatever of many argument lists it takes; what it refuses says nothing.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from . import harness

RULES = [rule for rule in harness.load_rules() if rule.kind == "zero" and not rule.effect]
CURVE = np.array([2.68, 0.87, 1.61, 0.16, 3.05, 1.24, 2.31, 0.52, 1.98])
MATRIX = np.array([[5.1, 0.4, -0.3], [0.4, 4.2, 0.7], [-0.3, 0.7, 4.9]])
ARGUMENTS: list[tuple[Any, ...]] = [
    (0.37,), (0.37, 0.8), (0.2, 0.4, 0.8), (0.2, 0.35, 3.0, 40.0), (60.0, 0.1), (4, 0.3), (4, 0.3, 0.5),
    (CURVE,), (CURVE, 2), (CURVE, [1, 4, 6]), (CURVE, 0.5), (CURVE, 0.2, 0.7), (CURVE, CURVE[::-1].copy()),
    (CURVE, np.ones(9), CURVE), (CURVE > 1,), (np.array([0.0, 1.1, 2.0]),), ("x", CURVE), (3, CURVE),
    (MATRIX,), (MATRIX, CURVE[:3]), (MATRIX, 0.5), (MATRIX > 0, 0.5), (MATRIX > 0, CURVE[:2]),
]  # fmt: skip
# Not steps, for a reason.
OTHERS = {
    "empty_like": "its numbers are those that the memory had",
    "stop_gradient": "that is what it is for",
    "moved": "it says where values are",
    "beyond": "an option comes out as it went in",
    "mintypecode": "it is for the letters of types",
    "correlation_lags": "it is for whole numbers",
    "T": "of matrices that are not followed",
    "place_of_expectile": "it decides of each number whether it is below, and no more",
}
STEP = 1e-6


def floats(y: Any) -> list[np.ndarray]:
    """The arrays of floats in a result."""
    if isinstance(y, dict):
        y = list(y.values())
    elif not isinstance(y, (list, tuple, np.ndarray, np.generic)) and getattr(y, "__dict__", None):
        y = list(vars(y).values())
    if isinstance(y, (list, tuple)):
        return [a for e in y for a in floats(e)]
    a = np.asarray(y)
    return [a.astype(complex)] if a.dtype.kind in "fc" else []


def moved(x: Any, by: float) -> Any:
    if isinstance(x, np.ndarray):
        return x + by * np.cos(np.arange(x.size)).reshape(x.shape) if x.dtype.kind == "f" else x.copy()
    return x + by if type(x) is float else x


def slope(function: Any, args: tuple[Any, ...], k: int) -> float:
    """The largest derivative of a result along the argument ``k`` that two steps agree on."""

    def results(steps: int) -> list[np.ndarray]:
        return floats(function(*[moved(x, steps * STEP if i == k else 0.0) for i, x in enumerate(args)]))

    try:
        now, once, twice = results(0), results(1), results(2)
    except Exception:  # it does not take such arguments
        return 0.0
    found = 0.0
    for a, b, c in zip(now, once, twice, strict=False):
        if a.shape == b.shape == c.shape and a.size:
            first, second = np.abs(b - a) / STEP, np.abs(c - a) / (2 * STEP)
            agree = np.isfinite(first) & (np.abs(first - second) < 1e-3 * first)
            found = max(found, float(np.max(first, where=agree, initial=0.0)))
    return found


@pytest.mark.parametrize("rule", [pytest.param(r, id=harness.function_name(r.functions[0])) for r in RULES])
def test_a_step_stays_where_it_is(rule: Any) -> None:
    (function,) = rule.functions
    if getattr(function, "__name__", "") in OTHERS:
        pytest.skip(OTHERS[function.__name__])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for args in ARGUMENTS:
            for k in range(len(args)):
                assert slope(function, args, k) < 1e-3, f"argument {k} of {args}"


def test_a_slope_is_seen() -> None:
    assert slope(np.cumsum, (CURVE,), 0) > 0.1
    assert slope(np.floor, (CURVE,), 0) == 0.0
