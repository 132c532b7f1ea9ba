"""Rows of derivatives by what is mostly given by name: numbers to pad with, bases, weights, probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal, positive, uniform

nan, inf = np.nan, np.inf
SIZES = ("size 0", "size 1", "size 3 -> 1", "size 3 -> 0", "size 4 -> 1", "size 4 -> 0", "size 2 -> 1", "size 2 -> 0",
         "size 5 -> 1", "size 5 -> 0", "size 6 -> 1", "size 6 -> 0", "size 7 -> 1", "size 7 -> 0")  # fmt: skip
TWO_VALUES = (*SIZES, "booleans at 0")  # which do not determine a parabola


def by_name(function: Any, program: Any, *args: Any, note: str = "", **flags: Any) -> Row:
    flags.setdefault("without", SIZES)
    return Row(function, args, program=program, note=note or program.__name__, **flags)


def padded(array, c):
    return np.pad(array, (2, 3), constant_values=c)


def padded_sides(array, c, d):
    return np.pad(array, ((1, 2), (3, 0)), constant_values=((c, d), (0.5, c)))


def padded_by_axis(array, values):
    return np.pad(array, 2, constant_values=values)


def ramp(array, c, d):
    return np.pad(array, (2, 3), mode="linear_ramp", end_values=(c, d))


def ramps(array, c, d):
    return np.pad(array, ((2, 1), (1, 3)), "linear_ramp", end_values=((c, 1.5), (d, c)))


def powers(start, stop, base):
    return np.logspace(start, stop, 5, base=base), np.logspace(start, 1.5, 4, False, base)


def powers_of_each(stop, base):
    return np.logspace(0.5, stop, 4, base=base, axis=-1)


def replaced(x, a, b, c):
    return np.nan_to_num(x, nan=a, posinf=b, neginf=c)


def replaced_ones(a, b, c):
    pairs = np.nan_to_num(HOLES * (1 + 0.5j), nan=a, posinf=b, neginf=c)
    return np.nan_to_num(HOLES, True, a, b, c), pairs


def between(x, low, high):
    return np.clip(x, min=low, max=high), np.clip(x, max=high), np.clip(x, min=low)


def fitted(x, y, w):
    return np.polyfit(x, y, 2, w=w)


def with_covariance(x, y, w):
    plain, weighted = np.polyfit(x, y, 2, cov=True), np.polyfit(x, y, 1, w=w, cov=True)
    alone = np.polyfit(x, y, 1, w=w, cov=True)[0]
    return plain, weighted, np.polyfit(x, y, 1, w=w, cov="unscaled")[1], alone


def with_quality(x, y, w):
    p, residuals, rank, values, _ = np.polyfit(x, y, 2, None, True, w)
    return p, residuals, rank * values, np.polyfit(x[:2], y[:2], 1, full=True)[1]


def with_covariances(x, y, w):
    return np.polyfit(x, y, 1, w=w, cov=True)[1], np.polyfit(x, y, 1, cov="unscaled")[1]


def in_double(x, low, high):
    return np.clip(x, low, high, dtype=float), x.clip(low, dtype=float), np.clip(x, None, high, dtype="d")


def weighed(a, w):
    each = {"weights": w, "method": "inverted_cdf"}
    return np.sum(w) * np.quantile(a, 0.6, **each), np.nanpercentile(a, [20.0, 60.0], axis=1, **each)


def counted(weights):
    spread, edges = np.histogram(VALUES, bins=4, weights=weights)
    return spread, np.histogram(VALUES, [0.0, 0.3, 0.5, 2.0], weights=weights, density=True)[0], edges


def counted_there(values, weights):
    spread, edges = np.histogram(values, 3, weights=weights, density=True)
    return spread, edges, np.histogram(values, 3, (-1.0, 1.5), weights=weights)[0], np.histogram(values, 2)[1]


def edges(values):
    return np.histogram_bin_edges(values, 4), np.histogram_bin_edges(values, 2, range=(0, 1))


VALUES = np.array([0.1, 0.6, 0.35, 0.9, 0.2, 0.35])
HOLES = np.array([[nan, 1.0, inf], [-inf, 2.0, nan]])
GAPS = np.array([[1.5, nan, -0.7, 0.2, 0.9], [nan, 0.3, 2.5, -1.5, 0.6]])
CONTINUOUS = ("linear", "hazen", "weibull", "median_unbiased", "normal_unbiased", "interpolated_inverted_cdf")
STEPS = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint", "nearest")

ROWS = [
    by_name(np.pad, padded, normal(3, 2), 1.5),
    by_name(np.pad, padded_sides, normal(2, 3), 1.5, -0.5),
    by_name(np.pad, padded_by_axis, normal(3, 4), normal(2, 1)),
    by_name(np.pad, padded_by_axis, normal(3, 4), normal(2, 2), note="each side"),
    by_name(np.pad, ramp, normal(4), 1.5, -0.5),
    by_name(np.pad, ramps, normal(2, 3), 1.5, -0.5),
    by_name(np.logspace, powers, 0.5, 1.5, 3.0),
    by_name(np.logspace, powers_of_each, normal(3), positive(3)),
    by_name(np.logspace, powers_of_each, normal(2, 3), 2.5, note="one base"),
    by_name(np.nan_to_num, replaced, distinct(2, 3), 1.5, 2.5, -0.5),
    by_name(np.nan_to_num, replaced_ones, 1.5, 2.5, -0.5),
    by_name(np.nan_to_num, replaced_ones, positive(3), positive(2, 1), 0.5, note="each"),
    by_name(np.polyfit, fitted, distinct(6), normal(6), positive(6), float32=False),
    by_name(np.polyfit, fitted, distinct(6), normal(6, 3), positive(6), float32=False, note="columns"),
    by_name(np.polyfit, with_covariance, distinct(7), normal(7), positive(7), float32=False),
    by_name(np.polyfit, with_quality, distinct(6), normal(6), positive(6), float32=False, without=TWO_VALUES),
    by_name(np.polyfit, with_quality, distinct(6), normal(6, 3), positive(6), float32=False, without=TWO_VALUES,
            note="of columns"),
    by_name(np.polyfit, with_covariances, distinct(7), normal(7, 2), positive(7), float32=False),
    *[by_name(f, in_double, normal(2, 3), -0.5, 0.7) for f in (np.clip, np.ndarray.clip)],
    by_name(np.histogram, counted, normal(6), float32=False),
    by_name(np.histogram, counted_there, distinct(6), positive(6), float32=False),
    by_name(np.histogram_bin_edges, edges, distinct(6), float32=False),
    *[Row(np.quantile, (distinct(3, 7), 0.37), {"axis": 1, "method": m}, note=f"{m} by q") for m in CONTINUOUS],
    *[Row(np.quantile, (distinct(3, 7), 0.37), {"axis": 0, "method": m}, note=f"{m} by q") for m in STEPS],
    Row(np.quantile, (distinct(3, 7), uniform(0.2, 0.3, 2)), note="by q"),
    Row(np.quantile, (distinct(2, 3, 3), uniform(0.35, 0.4, 2, 1)), {"axis": (0, 2), "keepdims": True}, note="by q"),
    Row(np.percentile, (distinct(3, 7), 37.0), {"axis": 0}, note="by q"),
    Row(np.percentile, (distinct(3, 7), uniform(31.0, 33.0, 2)), {"method": "hazen"}, note="by q"),
    Row(np.nanquantile, (GAPS, 0.37), {"axis": 1, "method": "weibull"}, note="by q"),
    Row(np.nanquantile, (GAPS, np.array([0.37, 0.62])), note="by q"),
    Row(np.nanpercentile, (GAPS, 37.0), {"axis": 1, "keepdims": True}, note="by q"),
]  # fmt: skip
ROWS.append(by_name(np.clip, between, normal(2, 5), -0.5, uniform(0.4, 0.6, 2, 1)))

POINTS = [
    Point(np.quantile, (np.array([1.0, 2.0, 4.0]), 0.5), (None, 4.0), note="at an element: the interval above it"),
    Point(np.quantile, (np.array([1.0, 2.0, 4.0]), 1.0), (None, 4.0), note="at the end"),
    Point(np.quantile, (np.array([1.0, 2.0, 4.0]), 0.1), (None, 0.0), {"method": "hazen"}, note="before the first"),
    Point(np.quantile, (np.array([2.0]), 0.5), (None, 0.0), note="of one element"),
]  # fmt: skip
