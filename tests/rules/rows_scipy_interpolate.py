"""Rows of ``scipy.interpolate``: programs that make an interpolation and use it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from s2sad.rules.scipy import interpolate as rules

from .harness import Row, normal, uniform

X = np.array([0.0, 0.7, 1.5, 2.0, 3.1, 4.0])
GRID = (np.array([0.0, 1.0, 2.5]), np.array([-1.0, 0.5, 2.0, 3.0]))


def row(function: Any, called: Any, *args: Any, **options: Any) -> Row:
    return Row(function, args, {}, None, float32=False, program=called, note=called.__name__, **options)


def natural(at, y):
    spline = interpolate.CubicSpline(X, y, bc_type="natural")
    return spline(at), spline(at, 1)


def along_second(at, y):
    return interpolate.CubicSpline(X, y, axis=1)(at)


def clamped(at, y):
    return interpolate.CubicSpline(X, y, bc_type=((1, 0.5), (2, 0.0)))(at)


def b_spline(at, y):
    return interpolate.make_interp_spline(X, y, k=2)(at), interpolate.make_interp_spline(X, y)(at, nu=1)


def lines(at, y):
    return [interpolate.interp1d(X, y, kind=kind)(at) for kind in ("linear", "quadratic", "cubic", "previous")]


def lines_beyond(at, y):
    inner = interpolate.interp1d(X, y, axis=0, bounds_error=False, fill_value=0.5)
    outer = interpolate.interp1d(X, y, axis=0, fill_value="extrapolate")
    return inner(at), outer(at)


def monotone(at):
    return interpolate.PchipInterpolator(X, X**2)(at)


def on_grid(at, values):
    return interpolate.interpn(GRID, values, at)


def on_grid_beyond(at, values):
    return interpolate.RegularGridInterpolator(GRID, values, bounds_error=False, fill_value=0.3)(at)


def on_grid_extrapolated(at, values):
    return interpolate.RegularGridInterpolator(GRID, values, "linear", False, None)(at)


def beyond(*shape: int) -> Any:
    return lambda rng: rng.uniform(0.1, 3.9, shape) + 5.0 * (rng.uniform(size=shape) < 0.3)


CURVE = interpolate.splrep(X, np.sin(X))
LINES = interpolate.splrep(X, np.sin(X), k=1)
PLACES = [np.ravel(a) for a in np.meshgrid(np.linspace(0, 3, 7), np.linspace(-1, 2, 6))]
SURFACE = interpolate.bisplrep(*PLACES, np.sin(PLACES[0]) * PLACES[1] ** 2, s=0)
PLANES = interpolate.bisplrep(*PLACES, np.sin(PLACES[0]) * PLACES[1] ** 2, kx=1, ky=2, s=0)


def by_object(at):
    return interpolate.splev(at, interpolate.BSpline(*CURVE))


def ascending(low: float, high: float, count: int) -> Any:
    return lambda rng: np.sort(rng.uniform(low, high, count))


ROWS = [
    row(interpolate.splev, by_object, uniform(-3.0, 9.0, 7)),
    *[
        Row(interpolate.splev, (uniform(*ends, *shape), tck), options, (0,), float32=False)
        for tck in (CURVE, LINES)
        for ends, shape, options in (
            ((0.1, 3.9), (), {}),
            ((0.1, 3.9), (4,), {"der": 1}),
            ((-3.0, 9.0), (7,), {}),
            ((-3.0, 9.0), (7,), {"ext": 3}),
            ((-3.0, 9.0), (7,), {"ext": 1}),
        )
        if not (tck is LINES and options.get("der"))
    ],
    *[
        Row(interpolate.bisplev, (x, y, tck), options, (0, 1), float32=False)
        for tck in (SURFACE, PLANES)
        for x, y, options in (
            (uniform(0.1, 2.9), uniform(-0.9, 1.9), {}),
            (uniform(0.1, 2.9), ascending(-0.9, 1.9, 3), {}),
            (ascending(-1.0, 4.0, 4), ascending(-3.0, 3.0, 3), {}),
            (ascending(0.1, 2.9, 4), uniform(-0.9, 1.9, 1), {"dy": 1}),
        )
    ],
    *[row(f, natural, uniform(0.1, 3.9, 4), normal(6)) for f in (rules.cubic_spline, interpolate.CubicSpline)],
    row(rules.cubic_spline, natural, uniform(0.1, 3.9, 2, 3), normal(6, 2)),
    row(rules.cubic_spline, along_second, uniform(0.1, 3.9, 2, 3), normal(3, 6, 2)),
    row(rules.cubic_spline, clamped, uniform(0.1, 3.9, 2, 3), normal(6)),
    *[row(f, b_spline, uniform(0.1, 3.9, 4), normal(6)) for f in (rules.interp_spline, interpolate.make_interp_spline)],
    *[row(f, lines, uniform(0.1, 3.9, 4), normal(6)) for f in (rules.interp1d, interpolate.interp1d)],
    row(rules.interp1d, lines, uniform(0.1, 3.9, 2, 3), normal(2, 6)),
    row(rules.interp1d, lines_beyond, beyond(5), normal(6, 2)),
    *[row(f, monotone, uniform(0.1, 3.9, 4)) for f in (rules.pchip, interpolate.PchipInterpolator)],
    *[row(f, on_grid, uniform(0.1, 2.4, 5, 2), normal(3, 4)) for f in (rules.grid, interpolate.interpn)],
    row(rules.grid, on_grid, uniform(0.1, 2.4, 2), normal(3, 4)),
    row(rules.grid, on_grid, uniform(0.1, 2.4, 3, 2, 2), normal(3, 4, 2)),
    *[row(interpolate.RegularGridInterpolator, f, beyond(6, 2), normal(3, 4))
      for f in (on_grid_beyond, on_grid_extrapolated)],
    *[
        Row(f, (X, y, uniform(0.1, 3.9, *shape)), {}, (1, 2), float32=False)
        for f in (interpolate.barycentric_interpolate, interpolate.krogh_interpolate)
        for y, shape in ((normal(6), (4,)), (normal(6, 2), (3,)))
    ],
]  # fmt: skip
