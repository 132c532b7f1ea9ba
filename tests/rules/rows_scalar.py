"""Rows of ``math``, ``cmath`` and the builtins: Python numbers, and sequences of them."""

from __future__ import annotations

import cmath
import functools
import math
from typing import Any

import numpy as np

from .harness import Point, Row, normal

inf = math.inf


def floats(function: Any, *points: Any, **flags: Any) -> list[Row]:
    """A row for each point, a number or a tuple of arguments."""
    return [Row(function, p if isinstance(p, tuple) else (p,), float32=False, note=str(p), **flags) for p in points]


def product_from(numbers, start):
    return math.prod(numbers, start=start)


def reduced(*numbers: Any) -> Any:
    return functools.reduce(lambda a, b: a * a + 2 * b, *numbers)


ROWS = [
    *floats(math.sqrt, 0.7),
    *floats(math.cbrt, 0.7, -2.0),
    *floats(math.exp, -0.4),
    *floats(math.exp2, 1.3),
    *floats(math.expm1, 0.2),
    *floats(math.log, 0.7, (0.7, 2.5), (3.0, 2)),
    *floats(math.log2, 0.7),
    *floats(math.log10, 0.7),
    *floats(math.log1p, -0.3),
    *floats(math.sin, 0.7),
    *floats(math.cos, 0.7),
    *floats(math.tan, 0.7),
    *floats(math.asin, 0.7),
    *floats(math.acos, 0.7),
    *floats(math.atan, 0.7),
    *floats(math.atan2, (0.3, -0.7), (-0.3, 0.7)),
    *floats(math.sinh, 0.7),
    *floats(math.cosh, 0.7),
    *floats(math.tanh, 0.7),
    *floats(math.asinh, 0.7),
    *floats(math.acosh, 1.7),
    *floats(math.atanh, 0.7),
    *floats(math.degrees, 0.7),
    *floats(math.radians, 0.7),
    *floats(math.pow, (0.7, 1.3), (1.7, -0.5), (-2.0, 3)),
    *floats(pow, (0.7, 1.3), (2, 0.5)),
    *floats(math.fabs, 0.7, -0.7),
    *floats(abs, 0.7, -0.7, 0.3 - 0.4j),
    *floats(math.hypot, (0.3, -0.7), (0.3, 0.4, -1.2), (-0.7,)),
    *floats(math.dist, ([0.3, 0.5, 1.0], [1.0, 2.0, -1.0]), ((0.3, 0.5), (1.0, 2.0))),
    *floats(math.fmod, (7.3, 2.1), (-7.3, 2.1)),
    *floats(math.remainder, (7.3, 2.1), (-7.3, 2.1)),
    *floats(divmod, (7.3, 2.1), (-7.3, 2.1)),
    *floats(math.copysign, (0.7, -1.0), (-0.7, -1.0)),
    *floats(math.nextafter, (0.7, -1.0)),
    *floats(math.ldexp, (0.7, 3)),
    *floats(math.frexp, 0.7, 5.3),
    *floats(math.modf, 1.7, -1.7),
    *floats(math.erf, 0.7),
    *floats(math.erfc, 0.7),
    *floats(math.gamma, 0.7, 3.2, -1.4),
    *floats(math.lgamma, 0.7, 30.2, -1.4, 0.1),
    *floats(math.fsum, [0.3, 0.4, -1.2], ((0.3, 0.4),)),
    *floats(math.fsum, np.array([0.3, 0.4, -1.2])),
    *floats(math.prod, [0.3, 0.4, -1.2], [0.3, 0.0, -1.2], [0.0, 0.4, 0.0]),
    Row(math.prod, ([0.3, 0.4],), {"start": 3.0}, float32=False),
    Row(math.prod, ([0.3, 0.0], 1.5), program=product_from, note="from a start"),
    *floats(sum, [0.3, 0.4, -1.2], ([0.3, 0.4], 1.5)),
    *floats(sum, np.array([0.3, 0.4, -1.2])),
    Row(functools.reduce, ([0.3, 0.4, -1.2],), program=reduced),
    Row(functools.reduce, ((0.3, 0.4), 1.5), program=reduced, note="from a start"),
    Row(functools.reduce, (normal(3),), program=reduced, without=("size 0", "size 3 -> 0"), note="of an array"),
    Row(sum, ([np.ones(3), np.ones((2, 3)), 2.0],)),
    *floats(max, (0.3, 0.7), (0.3, 0.7, -1.0), (0.3, -2), [0.3, 0.7, -1.0]),
    *floats(max, np.array([0.3, 0.7, -1.0])),
    Row(max, ([0.3, 0.7],), {"default": 0.0}, float32=False),
    *floats(min, (0.3, 0.7), (0.3, 0.7, -1.0), [0.3, 0.7, -1.0]),
    *floats(sorted, [0.3, 0.7, -1.0, 0.5]),
    Row(sorted, ([0.3, 0.7, -1.0, 0.5],), {"reverse": True}, float32=False),
    *floats(float, 0.3, np.array(0.3)),
    *floats(complex, 0.3, (0.3, 0.4), 0.3 + 0.2j),
    *floats(cmath.sqrt, 0.7, -0.7, 0.3 + 0.4j),
    *floats(cmath.exp, 0.7, 0.3 + 0.4j),
    *floats(cmath.log, 0.3 + 0.4j, (0.3 + 0.4j, 1.5 - 0.3j)),
    *floats(cmath.log10, 0.3 + 0.4j),
    *[
        row
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh")
        for row in floats(getattr(cmath, name), 0.3 + 0.4j, -0.3 - 0.4j, 1.3 - 0.4j)
    ],
    *floats(complex.conjugate, 0.3 + 0.4j),
    *floats(float.conjugate, 0.7),
    *floats(cmath.phase, 0.3 + 0.4j, -0.3 - 0.4j),
    *floats(cmath.polar, 0.3 + 0.4j, -0.3 - 0.4j),
    *floats(cmath.rect, (0.3, 0.4)),
]
if hasattr(math, "sumprod"):
    ROWS += floats(math.sumprod, ([0.3, 0.4], [1.5, -2.5]))
if hasattr(math, "fma"):
    ROWS += floats(math.fma, (0.3, 0.4, 1.5))

POINTS = [
    Point(math.sqrt, (0.0,), (inf,)),
    Point(math.cbrt, (0.0,), (inf,)),
    Point(math.asin, (1.0,), (inf,)),
    Point(math.acos, (-1.0,), (-inf,)),
    Point(math.acosh, (1.0,), (inf,)),
    Point(math.atan, (1e200,), (0.0,)),
    Point(math.erf, (1e200,), (0.0,)),
    Point(math.asinh, (1e200,), (1e-200,)),
    Point(math.atan2, (0.0, 0.0), (0.0, 0.0)),
    Point(math.hypot, (0.0, 0.0), (0.0, 0.0)),
    Point(math.dist, ([0.0, 1.0], [0.0, 1.0]), ([0.0, 0.0], [0.0, 0.0])),
    Point(math.fabs, (0.0,), (0.0,)),
    Point(math.copysign, (0.0, 1.0), (0.0, 0.0)),
    Point(math.pow, (0.0, 0.0), (0.0, 0.0)),
    Point(math.pow, (0.0, 1.0), (1.0, 0.0)),
    Point(math.pow, (0.0, 2.0), (0.0, 0.0)),
    Point(math.pow, (0.0, 0.5), (inf, 0.0)),
    Point(math.pow, (-2.0, 2.0), (-4.0, math.nan)),
    Point(math.prod, ([0.0, 3.0, 4.0],), ([12.0, 0.0, 0.0],)),
    Point(max, (1.0, 1.0), (0.5, 0.5)),
    Point(min, (1.0, 1.0), (0.5, 0.5)),
    Point(max, (1.0, np.nan), (1.0, 0.0), note="NaN second"),
    Point(min, (1.0, np.nan), (1.0, 0.0), note="min with NaN second"),
    Point(max, (np.nan, 1.0), (1.0, 0.0), note="NaN first"),
    Point(min, (1.0, 1.0, 2.0), (0.5, 0.5, 0.0)),
    Point(max, ([1.0, 0.0, 1.0, 1.0],), ([1 / 3, 0.0, 1 / 3, 1 / 3],)),
    Point(sorted, ([1.0, 0.0, 1.0],), ([2.0, 1.0, 3.0],), y_bar=[1.0, 2.0, 3.0]),
    Point(sorted, ([1.0, 0.0, 1.0],), ([1.0, 3.0, 2.0],), {"reverse": True}, y_bar=[1.0, 2.0, 3.0]),
    Point(cmath.sqrt, (0.0,), (inf,)),
    Point(cmath.phase, (0j,), (0j,)),
    Point(cmath.polar, (0j,), (0j,)),
]
