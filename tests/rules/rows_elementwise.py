"""Rows of elementwise functions and of functions of complex numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .harness import Point, Row, normal, positive, uniform

inf, nan = np.inf, np.nan
small = uniform(-0.8, 0.8, 2, 3)
# two shapes that broadcast, apart from each other by more than a difference's step
apart = (uniform(0.1, 0.4, 2, 1), uniform(0.5, 0.9, 3))


def row(function: Any, *args: Any, **flags: Any) -> Row:
    return Row(function, args, elementwise=True, **flags)


# Function, domain; analytic ones are checked with complex arguments too.
UNARY = [
    row(np.negative, normal(2, 3), complex=True),
    row(np.positive, normal(2, 3), complex=True),
    row(np.square, normal(2, 3), complex=True),
    row(np.reciprocal, positive(2, 3), complex=True),
    row(np.sqrt, positive(2, 3), complex=True),
    row(np.cbrt, positive(2, 3)),
    row(np.cbrt, uniform(-2, -0.5, 3), note="negative"),
    row(np.exp, normal(2, 3), complex=True),
    row(np.exp2, normal(2, 3), complex=True),
    row(np.expm1, normal(2, 3), complex=True),
    row(np.log, positive(2, 3), complex=True),
    row(np.log2, positive(2, 3), complex=True),
    row(np.log10, positive(2, 3), complex=True),
    row(np.log1p, positive(2, 3), complex=True),
    row(np.emath.sqrt, positive(2, 3), complex=True),
    row(np.emath.sqrt, uniform(-2, -0.5, 3), note="negative"),
    row(np.emath.log, positive(2, 3), complex=True),
    row(np.emath.log, uniform(-2, -0.5, 3), note="negative"),
    row(np.emath.log2, uniform(-2, -0.5, 3), note="negative"),
    row(np.emath.log10, uniform(-2, -0.5, 3), note="negative"),
    row(np.emath.arcsin, small, complex=True),
    row(np.emath.arcsin, uniform(1.5, 3, 3), note="outside"),
    row(np.emath.arccos, uniform(-3, -1.5, 3), note="outside"),
    row(np.emath.arctanh, uniform(1.5, 3, 3), note="outside"),
    row(np.sin, normal(2, 3), complex=True),
    row(np.cos, normal(2, 3), complex=True),
    row(np.tan, small, complex=True),
    row(np.arcsin, small, complex=True),
    row(np.arccos, small, complex=True),
    row(np.arctan, small, complex=True),
    row(np.sinh, normal(2, 3), complex=True),
    row(np.cosh, normal(2, 3), complex=True),
    row(np.tanh, normal(2, 3), complex=True),
    row(np.arcsinh, small, complex=True),
    row(np.arccosh, uniform(1.5, 3, 2, 3), complex=True),
    row(np.arctanh, small, complex=True),
    row(np.deg2rad, normal(2, 3)),
    row(np.rad2deg, normal(2, 3)),
    row(np.degrees, normal(2, 3)),
    row(np.radians, normal(2, 3)),
    row(np.sinc, normal(2, 3), complex=True),
    row(np.sinc, uniform(0.004, 0.02, 3), note="series"),
    Row(np.i0, (uniform(-3, 3, 2, 3),), float32=True),
    Row(np.i0, (uniform(20, 25, 3),), float32=False, note="large"),
    row(np.modf, uniform(1.1, 1.9, 2, 3)),
    row(np.frexp, uniform(1.1, 1.9, 2, 3)),
    row(np.absolute, positive(2, 3)),
    Row(np.absolute, (normal(2, 3),), complex=True),
    row(np.fabs, uniform(-2, -0.5, 2, 3)),
    row(operator.abs, uniform(-2, -0.5, 2, 3), complex=True),
    row(abs, positive(2, 3), complex=True),
    row(np.sign, positive(2, 3)),
    Row(np.sign, (normal(2, 3),), complex=True),
    row(np.real, normal(2, 3), complex=True),
    row(np.imag, normal(2, 3), complex=True),
    row(np.conjugate, normal(2, 3), complex=True),
    Row(np.ndarray.conj, (normal(2, 3),), complex=True),
    row(np.angle, positive(2, 3), complex=True),
    Row(np.angle, (normal(2, 3),), {"deg": True}, complex=True),
    Row(np.real_if_close, (normal(2, 3),), complex=True),
    row(np.nan_to_num, normal(2, 3), complex=True),
    Row(np.nan_to_num, (normal(2),), {"nan": 1.0, "posinf": 5.0, "neginf": -5.0}),
    row(operator.neg, normal(2, 3), complex=True),
    row(operator.pos, normal(2, 3), complex=True),
    Row(np.unwrap, (lambda rng: np.cumsum(rng.uniform(2, 6, (3, 4)), axis=0),), {"axis": 0}),
    Row(np.unwrap, (lambda rng: np.cumsum(rng.uniform(0.3, 0.9, 5)),), {"period": 1.0, "discont": 0.6}),
    *[Row(f, (uniform(0.5, 2, 3),), float32=False) for f in (np.float64, np.longdouble)],
    *[Row(f, (uniform(0.5, 2, 3),), float32=False, complex=True) for f in (np.complex128,)],
]

BINARY = [
    row(np.add, normal(2, 1), normal(3), complex=True),
    row(operator.add, normal(2, 1), normal(3), complex=True),
    *[Row(getattr(operator, name), (1.5, 2.25)) for name in ("iadd", "isub", "imul", "itruediv", "imod", "ipow")],
    row(np.subtract, normal(2, 1), normal(3), complex=True),
    row(operator.sub, normal(2, 3), normal(3), complex=True),
    row(np.multiply, normal(2, 1), normal(3), complex=True),
    row(operator.mul, normal(2, 1), normal(2, 3), complex=True),
    row(operator.mul, normal(2, 1), 3),
    row(np.divide, normal(2, 1), positive(3), complex=True),
    row(operator.truediv, normal(3), positive(2, 3), complex=True),
    row(operator.truediv, 3, positive(2, 3)),
    row(np.power, positive(2, 1), normal(3), complex=True),
    row(np.emath.power, positive(2, 1), normal(3), complex=True),
    row(np.emath.power, uniform(-2, -0.5, 2, 1), normal(3), note="negative"),
    row(np.emath.logn, uniform(1.5, 3, 2, 1), positive(3), complex=True),
    row(np.emath.logn, uniform(1.5, 3, 2, 1), uniform(-2, -0.5, 3), note="negative"),
    row(operator.pow, positive(2, 1), normal(3), complex=True),
    row(operator.pow, positive(3), uniform(-2, -1, 3), note="negative exponent"),
    row(operator.pow, normal(2, 3), 2, complex=True, note="square"),
    row(operator.pow, normal(2, 3), 3, complex=True, note="cube"),
    row(operator.pow, positive(2, 3), -1, complex=True, note="inverse"),
    row(operator.pow, positive(2, 3), 0.5, complex=True, note="root"),
    row(operator.pow, normal(2, 3), 0, complex=True, note="exponent 0"),
    row(operator.pow, 2, normal(3), note="base 2"),
    row(
        operator.pow,
        normal(2, 3),
        np.array([[0, 1, 2], [3, 4, 5]]),
        argnums=(0,),
        without=("size 0",),
        note="integer exponents",
    ),
    row(pow, positive(3), normal(3)),
    Row(np.float_power, (positive(2, 1), normal(3)), float32=False),
    row(np.remainder, uniform(1.1, 1.9, 2, 1), uniform(0.91, 0.99, 3)),
    row(np.remainder, uniform(-1.9, -1.1, 2, 1), uniform(0.95, 0.99, 3), note="negative"),
    row(operator.mod, uniform(5.1, 5.9, 2, 3), uniform(-0.99, -0.97, 3)),
    row(np.fmod, uniform(-1.9, -1.1, 2, 1), uniform(0.95, 0.99, 3)),
    Row(np.divmod, (uniform(5.1, 5.9, 2, 1), uniform(0.97, 0.99, 3))),
    row(divmod, uniform(-1.9, -1.1, 2, 3), uniform(0.95, 0.99, 3)),
    row(np.logaddexp, normal(2, 1), normal(3)),
    row(np.logaddexp2, normal(2, 1), normal(3)),
    row(np.arctan2, normal(2, 1), positive(3)),
    row(np.arctan2, positive(2, 1), uniform(-2, -1, 3), note="left"),
    row(np.hypot, normal(2, 1), positive(3)),
    *[row(f, *pair) for f in (np.maximum, np.minimum, np.fmax, np.fmin) for pair in (apart, apart[::-1])],
    row(np.heaviside, normal(2, 1), normal(3)),
    Row(np.heaviside, (np.array([0.0, 1.0, -2.0]), normal(2, 3)), argnums=(1,)),
    row(np.copysign, positive(2, 1), uniform(-2, -1, 3)),
    row(np.copysign, uniform(-2, -1, 2, 1), uniform(-2, -1, 3), note="negative"),
    row(np.nextafter, normal(2, 1), normal(3), float32=False),
    Row(np.ldexp, (normal(2, 1), np.array([0, 3, -2]))),
]

METHODS = [
    *[
        Row(getattr(np.ndarray, name), (positive(2, 3), uniform(2.1, 2.9, 3)))
        for name in [
            *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__"),
            *("__mod__", "__pow__", "__rpow__", "__divmod__"),
        ]
    ],
    Row(np.ndarray.__rmod__, (uniform(0.95, 0.99, 3), uniform(1.1, 1.9, 3))),
    *[Row(getattr(np.ndarray, name), (normal(2, 3),), complex=True) for name in ("__neg__", "__pos__", "__abs__")],
]

CLIP = [
    row(np.clip, normal(2, 5), -0.5, 0.6),
    row(np.clip, normal(2, 5), uniform(-0.5, -0.3, 5), uniform(0.4, 0.6, 2, 1)),
    row(np.clip, normal(2, 5), uniform(0.5, 0.6, 5), uniform(-0.6, -0.5, 2, 1), note="bounds crossed"),
    row(np.clip, normal(2, 5), None, uniform(0.2, 0.3, 5)),
    row(np.clip, normal(2, 5), uniform(0.2, 0.3, 5), None),
    Row(np.clip, (normal(2, 5),), {"a_max": 0.3, "a_min": None}),
    Row(np.clip, (normal(2, 5),), {"min": -0.3, "max": 0.3}),
    Row(np.ndarray.clip, (normal(2, 5), uniform(-0.5, -0.3, 5)), {"max": 0.6}),
    Row(np.ndarray.clip, (normal(2, 5),), {"max": 0.6}),
]

ROWS = [*UNARY, *BINARY, *METHODS, *CLIP]

a0 = np.array([0.0, 1.0])
POINTS = [
    *[Point(f, (0.0,), (0.0,)) for f in (np.abs, np.fabs, abs, operator.abs, np.sign, np.sinc, np.angle)],
    Point(np.abs, (np.array([0.0, -2.0]),), ([0.0, -1.0],)),
    Point(np.abs, (np.array([0j, 3 + 4j]),), ([0j, 0.6 - 0.8j],)),
    Point(np.abs, (0j,), (0j,)),
    Point(np.angle, (np.array([0j, 2j]),), ([0j, -0.5],)),
    Point(np.sign, (np.array([0j]),), ([0j],)),
    Point(np.sqrt, (a0,), ([inf, 0.5],)),
    Point(np.log, (a0,), ([inf, 1.0],)),
    Point(np.hypot, (0.0, 0.0), (0.0, 0.0)),
    Point(np.arctan2, (0.0, 0.0), (0.0, 0.0)),
    Point(np.arctan2, (1e-200, 0.0), (0.0, -1e200), note="tiny"),
    Point(np.maximum, (np.array([1.0, 2.0]), 1.0), ([0.5, 1.0], 0.5)),
    Point(np.minimum, (np.array([1.0, 2.0]), 1.0), ([0.5, 0.0], 1.5)),
    Point(np.fmax, (np.array([1.0, nan]), np.array([1.0, 3.0])), ([0.5, 0.0], [0.5, 1.0])),
    Point(np.fmin, (np.array([1.0, nan]), np.array([1.0, 3.0])), ([0.5, 0.0], [0.5, 1.0])),
    Point(np.clip, (np.array([0.0, 0.5, 1.0, 2.0, -1.0]), 0.0, 1.0), ([1, 1, 1, 0, 0], 1.0, 1.0)),
    Point(np.clip, (np.array([0.5]), 2.0, 1.0), ([0.0], 0.0, 1.0), note="bounds crossed"),
    Point(np.power, (np.zeros(4), np.array([0.0, 1.0, 2.0, 0.5])), ([0.0, 1.0, 0.0, inf], [0.0, 0.0, 0.0, 0.0])),
    Point(np.power, (np.array([-2.0]), np.array([3.0])), ([12.0], [nan])),
    *[
        Point(f, (x, y), (by_x, by_y))
        for f in (operator.pow, pow)
        for x, y, by_x, by_y in (
            (0.0, 0.0, 0.0, 0.0),
            (0.0, 1.0, 1.0, 0.0),
            (0.0, 2.0, 0.0, 0.0),
            (0.0, 0.5, inf, 0.0),
            (-2.0, 3.0, 12.0, nan),
            (1e-200, -1.0, -inf, 1e200 * np.log(1e-200)),
        )
    ],
    Point(operator.pow, (0.0, 2), (0.0,)),
    Point(operator.pow, (0.0, 0), (0.0,)),
    Point(operator.pow, (np.zeros(2), 1), ([1.0, 1.0],)),
    Point(operator.pow, (np.zeros(2), 0.5), ([inf, inf],)),
    Point(operator.mod, (-7.5, 2.0), (1.0, 4.0)),
    Point(np.fmod, (-7.5, 2.0), (1.0, 3.0)),
    Point(np.logaddexp, (-inf, -inf), (0.0, 0.0)),
    Point(np.logaddexp, (-inf, 1.0), (0.0, 1.0)),
    Point(np.nan_to_num, (np.array([nan, inf, -inf, 1.0]),), ([0.0, 0.0, 0.0, 1.0],)),
    Point(np.nan_to_num, (np.array([complex(nan, 2.0)]),), ([1j],), y_bar=np.array([1 + 1j])),
    Point(np.heaviside, (np.array([0.0, 1.0]), 0.5), ([0.0, 0.0], 1.0)),
    Point(np.copysign, (0.0, -1.0), (0.0, None)),
    Point(np.float32, (1.5,), (1.0,)),
    Point(np.float16, (1.5,), (1.0,)),
    Point(np.complex64, (1.5,), (1.0,)),
]
