"""Rows of reductions, order statistics, cumulative functions, the trapezoidal rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal, positive, uniform

nan = np.nan
mask = np.array([[True, False, True, True], [False, True, True, True], [True, True, True, False]])
holes = np.array([[1.5, nan, -0.7, 0.2], [nan, 0.3, 2.5, -1.5]])


def of(functions: Any, *args: Any) -> list[Row]:
    return [Row(f, args) for f in functions]


def with_zeros(*shape: int) -> Any:
    """Numbers of which some are 0: two in the first row, one in the second."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        a = rng.uniform(0.5, 2, shape)
        a[..., 0, 1] = a[..., 0, 2] = a[..., 1, 0] = 0
        return a

    return draw


def reduction(function: Any, sampler: Any, shapes: bool = True, **flags: Any) -> list[Row]:
    """A reduction with each kind of axis, with and without kept dimensions, and arguments of awkward shapes."""
    rows = [Row(function, (sampler(3, 4),), options, **flags) for options in AXES]
    rows += [Row(function, (sampler(2, 3, 2),), {"axis": axis}, **flags) for axis in ((0, -1), (2, 0), (1,))]
    if shapes:
        rows += [
            Row(function, (sampler(1, 4),), {"axis": 0}, note="size 1", **flags),
            Row(function, (sampler(3, 0),), {"axis": 0}, note="size 0", **flags),
        ]
    return rows


AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}, {"keepdims": True}, {"axis": (0, -1)}]

SUMS = [
    *reduction(np.sum, normal, complex=True),
    Row(np.sum, (normal(0),)),
    Row(np.sum, ([1.0, 2.0, 3.5],), float32=False),
    Row(np.sum, (normal(3, 4),), {"where": mask, "axis": 1}),
    Row(np.sum, (normal(3, 4),), {"where": mask[0], "initial": 2.0, "keepdims": True}),
    Row(np.sum, (normal(3, 4), 1), note="axis by position"),
    Row(np.ndarray.sum, (normal(3, 4),), {"axis": 1}, complex=True),
    *reduction(np.mean, normal, complex=True),
    Row(np.mean, (normal(3, 4),), {"where": mask, "axis": 1}),
    Row(np.mean, (normal(3, 4),), {"where": mask, "keepdims": True}),
    Row(np.ndarray.mean, (normal(3, 4), 0)),
    *reduction(np.var, normal, complex=True),
    Row(np.var, (normal(3, 4),), {"ddof": 1, "axis": 0}, complex=True),
    Row(np.var, (normal(3, 4),), {"where": mask, "axis": 1, "ddof": 1}, complex=True),
    Row(np.var, (normal(3, 4),), {"where": mask}),
    Row(np.ndarray.var, (normal(3, 4),), {"axis": -1}),
    *reduction(np.std, normal, shapes=False, complex=True),
    Row(np.std, (normal(3, 4),), {"ddof": 1, "axis": 0}, complex=True),
    Row(np.std, (normal(3, 4),), {"where": mask, "axis": 1, "ddof": 1, "keepdims": True}),
    Row(np.ndarray.std, (normal(3, 4),), {"axis": -1}),
    *[Row(f, (holes,), options) for f in (np.nansum, np.nanmean) for options in AXES],
    *[Row(f, (holes,), {"ddof": d, "axis": a}) for f in (np.nanvar, np.nanstd) for d in (0, 1) for a in (None, 1)],
    *[Row(f, (holes,), {"where": holes != 0.2, "axis": 1}) for f in (np.nansum, np.nanmean, np.nanvar, np.nanstd)],
    *[Row(np.average, (normal(3, 4),), options) for options in AXES],
    Row(np.average, (normal(3, 4), 0, positive(3)), complex=True),
    Row(np.average, (normal(3, 4), -1, positive(4)), {"keepdims": True}),
    Row(np.average, (normal(3, 4), 1, positive(3, 4))),
    Row(np.average, (normal(3, 4), None, positive(3, 4))),
    Row(np.average, ([0.3, 0.8, 0.1], None, [0.5, 1.0, 0.2]), note="lists"),
    Row(np.average, (normal(3, 2), 1, [0.5, 1.0]), note="list of weights"),
    Row(np.bincount, (np.array([0, 2, 2, 5, 0]), normal(5))),
    Row(np.bincount, (np.array([0, 2, 2]), normal(3)), {"minlength": 6}),
]
SUMS += [Row(f, (normal(3, 4),), {"correction": 1, "axis": 0}) for f in (np.var, np.std)]

PRODUCTS = [
    *reduction(np.prod, normal, complex=True),
    *[Row(np.prod, (with_zeros(3, 4),), options, note="zeros") for options in AXES],
    Row(np.prod, (normal(3, 4),), {"where": mask, "axis": 1, "initial": 3.0}),
    Row(np.prod, (with_zeros(3, 4),), {"where": mask}, note="zeros"),
    Row(np.ndarray.prod, (normal(3, 4),), {"axis": 0}),
    *[Row(np.nanprod, (holes,), options) for options in AXES],
]

EXTREMES = [
    *[row for f in (np.max, np.min) for row in reduction(f, distinct, complex=False)],
    *[Row(f, (distinct(3, 4),), {"initial": 3.9, "axis": 1}) for f in (np.max, np.min)],
    Row(np.max, (distinct(3, 4),), {"where": mask, "initial": -9.0, "axis": 1}),
    Row(np.min, (distinct(3, 4),), {"where": mask, "initial": 99.0}),
    Row(np.ndarray.max, (distinct(3, 4), 1)),
    Row(np.ndarray.min, (distinct(3, 4),)),
    *[Row(f, (holes,), options) for f in (np.nanmax, np.nanmin) for options in AXES],
    *reduction(np.ptp, distinct),
    *reduction(np.median, distinct, shapes=False),
    Row(np.median, (distinct(3, 5),), {"axis": 1}),
    *[Row(np.nanmedian, (holes,), options) for options in AXES],
    *[Row(np.nanmedian, (distinct(3, 5),), options) for options in AXES],
]

METHODS = [
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
]
QUANTILES = [
    *[Row(np.quantile, (distinct(3, 4), 0.3), options, argnums=(0,)) for options in AXES],
    *[Row(np.quantile, (distinct(3, 7), 0.3), {"axis": 1, "method": method}, argnums=(0,)) for method in METHODS],
    Row(np.quantile, (distinct(3, 7), np.array([[0.1, 0.6, 1.0]])), {"axis": 0, "keepdims": True}, argnums=(0,)),
    Row(np.quantile, (distinct(2, 3, 2), np.array([0.1, 0.6])), {"axis": (0, 2)}, argnums=(0,)),
    Row(np.percentile, (distinct(3, 7), 30.0), {"axis": 1}, argnums=(0,)),
    Row(np.percentile, (distinct(3, 7), [30, 90]), argnums=(0,)),
]

CUMULATIVE = [
    *[Row(f, (normal(3, 4),), options, complex=True) for f in (np.cumsum, np.cumprod) for options in AXES[:3]],
    *[Row(f, (normal(3, 0),), {"axis": a}, note="size 0") for f in (np.cumsum, np.cumprod) for a in (0, 1)],
    Row(np.cumprod, (normal(3, 1),), {"axis": 1}, note="size 1"),
    Row(np.cumprod, (normal(9),), note="nine"),
    *[Row(np.cumprod, (with_zeros(3, 4),), options, note="zeros") for options in AXES[:3]],
    Row(np.ndarray.cumsum, (normal(3, 4), 1)),
    Row(np.ndarray.cumprod, (normal(3, 4), 1)),
    *[Row(f, (holes,), options) for f in (np.nancumsum, np.nancumprod) for options in AXES[:3]],
    Row(np.arange, (0.3, 2.45, 0.5), argnums=(0, 2), float32=False),
    Row(np.arange, (0.3, 2.45), argnums=(0,), float32=False),
    Row(np.arange, (2.45,), float32=False),
]
CUMULATIVE += [
    Row(f, (normal(3, 4),), {"axis": axis, "include_initial": initial})
    for f in (np.cumulative_sum, np.cumulative_prod)
    for axis in (0, -1)
    for initial in (False, True)
]
CUMULATIVE += [Row(f, (normal(5),)) for f in (np.cumulative_sum, np.cumulative_prod)]

TRAPEZOIDS = [
    Row(np.trapezoid, (normal(5),)),
    Row(np.trapezoid, (normal(3, 5),), {"axis": 0}),
    Row(np.trapezoid, (normal(3, 5), None, 0.3)),
    Row(np.trapezoid, (normal(3, 5),), {"dx": 0.3}),
    Row(np.trapezoid, (normal(3, 5), normal(5))),
    Row(np.trapezoid, (normal(3, 5), normal(3)), {"axis": 0}),
    Row(np.trapezoid, (normal(3, 5), normal(3, 5)), {"axis": -2}, complex=True),
    Row(np.trapezoid, (normal(3, 5), normal(3, 1)), {"axis": 0}, note="x broadcasts"),
]


def by_weights(a, weights):
    return np.average(a, axis=(2, 0), weights=weights)


# By position, and by the value that they begin with.
POSITIONS = [
    *of([np.sum, np.prod, np.nansum, np.nanprod, np.ndarray.sum, np.ndarray.prod, np.add.reduce, np.multiply.reduce],
        normal(3, 3), 1, None, None, True, normal()),
    *of([np.sum, np.prod, np.add.reduce, np.multiply.reduce], normal(3, 4), 1, None, None, False, normal(), mask),
    *of([np.max, np.min, np.nanmax, np.nanmin, np.ndarray.max, np.ndarray.min], distinct(3, 3), 1, None, True,
        uniform(0.5, 0.9)),
    *of([np.max, np.min], distinct(3, 4), None, None, False, uniform(0.5, 0.9), mask),
    *of([np.maximum.reduce, np.minimum.reduce, np.fmax.reduce], distinct(3, 3), 1, None, None, True,
        uniform(0.5, 0.9)),
    *[Row(f, (holes, 1, None, None, False, normal()), without=("integers at 0",)) for f in (np.nansum, np.nanprod)],
    *[Row(f, (holes, 1, None, False, normal()), without=("integers at 0",)) for f in (np.nanmax, np.nanmin)],
    *of([np.mean, np.nanmean, np.ndarray.mean], normal(3, 3), 1, None, None, True),
    *of([np.std, np.var, np.nanstd, np.nanvar, np.ndarray.std], normal(3, 3), 1, None, None, 1, True),
    Row(np.ptp, (distinct(3, 3), 1, None, True)),
]  # fmt: skip

WEIGHTS = [
    Row(np.average, (normal(2, 3, 4), (2, 0), positive(4, 2)), {"keepdims": True}),
    Row(np.average, (normal(2, 3, 4), (0, -1), positive(2, 4)), {"returned": True}),
    Row(np.average, (normal(3, 3), (1, 0), positive(3, 3))),
    Row(np.average, (normal(2, 3, 4), positive(4, 2)), program=by_weights),
]  # fmt: skip
ROWS = [*SUMS, *PRODUCTS, *EXTREMES, *QUANTILES, *CUMULATIVE, *TRAPEZOIDS, *POSITIONS, *WEIGHTS]

POINTS = [
    Point(np.std, (np.array([0.5, 0.5, 0.5]),), ([0.0, 0.0, 0.0],)),
    Point(np.max, (np.array([1.0, 3.0, 3.0]),), ([0.0, 0.5, 0.5],)),
    Point(np.min, (np.array([[1.0, 1.0], [1.0, 3.0]]),), ([[0.5, 0.5], [1.0, 0.0]],), {"axis": 1}),
    Point(np.max, (np.array([1.0, 3.0]),), ([0.0, 0.0],), {"initial": 5.0}),
    Point(np.max, (np.array([1.0, 3.0]), None, None, False, 3.0), ([0.0, 0.5], None, None, None, 0.5)),
    Point(np.min, (np.array([1.0, 3.0]), None, None, False, 0.5), ([0.0, 0.0], None, None, None, 1.0)),
    Point(np.prod, (np.array([0.0, 3.0]), None, None, None, False, 0.0), ([0.0, 0.0], None, None, None, None, 0.0)),
    Point(np.ptp, (np.array([1.0, 3.0, 3.0, 1.0]),), ([-0.5, 0.5, 0.5, -0.5],)),
    Point(np.ptp, (np.array([2.0, 2.0]),), ([0.0, 0.0],)),
    Point(np.median, (np.array([3.0, 1.0, 1.0, 2.0]),), ([0.0, 0.0, 0.5, 0.5],)),
    Point(np.prod, (np.array([0.0, 3.0, 4.0]),), ([12.0, 0.0, 0.0],)),
    Point(np.prod, (np.array([0.0, 3.0, 0.0]),), ([0.0, 0.0, 0.0],)),
    Point(np.cumprod, (np.array([2.0, 0.0, 4.0]),), ([1.0, 10.0, 0.0],)),
    Point(np.nansum, (np.array([2.0, nan]),), ([1.0, 0.0],)),
    Point(np.nanmean, (np.array([2.0, nan, 1.0]),), ([0.5, 0.0, 0.5],)),
    Point(np.nanmax, (np.array([2.0, nan, 1.0]),), ([1.0, 0.0, 0.0],)),
    Point(np.nanprod, (np.array([2.0, nan, 3.0]),), ([3.0, 0.0, 2.0],)),
]
