"""Rows of ``scipy.interpolate``: programs that make an interpolation and use it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate
from scipy.sparse import linalg as sparse_linalg

from s2sad.rules.scipy import interpolate as rules

from .harness import Row, normal, positive, uniform

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


def lines_of_unsorted_samples(at, y):
    mixed = np.array([3.1, 0.0, 4.0, 0.7, 2.0, 1.5])
    return [interpolate.interp1d(mixed, y, kind=kind, axis=0)(at) for kind in ("linear", "cubic", "next")]


def b_spline(at, y):
    return interpolate.make_interp_spline(X, y, k=2)(at), interpolate.make_interp_spline(X, y)(at, nu=1)


def lines(at, y):
    return [interpolate.interp1d(X, y, kind=kind)(at) for kind in ("linear", "quadratic", "cubic", "previous")]


def lines_beyond(at, y):
    inner = interpolate.interp1d(X, y, axis=0, bounds_error=False, fill_value=0.5)
    outer = interpolate.interp1d(X, y, axis=0, fill_value="extrapolate")
    return inner(at), outer(at)


def monotone(at, y):
    made = interpolate.PchipInterpolator(X, y)
    return (
        made(at),
        made(at, 1),
        interpolate.pchip_interpolate(X, y, at),
        interpolate.pchip_interpolate(X, y, at, [1, 2]),
    )


def monotone_once(at, y):
    return interpolate.pchip_interpolate(X, y, at)


def monotone_rows(at, y):
    return interpolate.PchipInterpolator(X, y, axis=1)(at)


def akima(at, y):
    made = interpolate.Akima1DInterpolator(X, y, method="makima", extrapolate=True)
    return made(at, 2), interpolate.Akima1DInterpolator(X[1:5], y[1:5])(at / 2 + 1)


def akima_rows(at, y):
    return interpolate.Akima1DInterpolator(X, y, axis=1)(at)


def values_and_slopes(at, x, y, slopes):
    made = interpolate.CubicHermiteSpline(x, y, slopes)
    return made(at), made(at, 1), made(at, 3)


def piecewise(at, c, x):
    made = interpolate.PPoly(c, x)
    return made(at), made(at, 2), interpolate.PPoly(c, x, "periodic")(at + 4)


def through_all(at, y):
    return interpolate.BarycentricInterpolator(X, y)(at), interpolate.KroghInterpolator(X, y)(at)


def of_coefficients(at, c):
    made = interpolate.BSpline(CURVE[0], c, 3)
    return made(at), made(at, nu=1)


def of_columns(at, c):
    return interpolate.BSpline(CURVE[0], c, 3, axis=1)(at)


def least_squares(at, y):
    t = np.array([0.0, 0, 0, 0, 2, 4, 4, 4, 4])
    return interpolate.make_lsq_spline(X, y, t)(at)


def fitpack(at, y):
    made = interpolate.InterpolatedUnivariateSpline(X, y)
    return made(at), made(at, 1), interpolate.InterpolatedUnivariateSpline(X, y, k=2, ext=3)(at * 2)


def by_s(at, y):
    made = interpolate.UnivariateSpline(X, y, s=0, ext="zeros")
    return made(at), made(at * 2)


def smoothed(at):
    made = interpolate.UnivariateSpline(X, np.sin(X), s=0.1, ext=3)
    return made(at), made(2 * at, 1)


def curve(at, y):
    tck = interpolate.splrep(X, y)
    return interpolate.splev(at, tck), interpolate.splev(at, tck, der=1), interpolate.splev(2 * at, tck, ext=3)


def fitted_curves(at, y, w):
    """Splines of least squares, and one that comes back to where it begins."""
    open_one = interpolate.splrep(X, y, w, xb=-0.3, xe=4.2, task=-1, t=[1.9], quiet=1)
    closed_one, left, _, _ = interpolate.splrep(X, y, w, k=2, t=[1.9], per=True, full_output=1)
    return interpolate.splev(at, open_one), interpolate.splev(at, closed_one), left


def curve_of_weights(at, y, w):
    tck, left, _, _ = interpolate.splrep(X, y, w, s=0, per=True, full_output=True)
    return interpolate.splev(at, tck), left


def slopes_of_curve(at, c):
    return interpolate.splev(at, interpolate.splder((CURVE[0], c, 3)))


def integral_of_curve(a, b, c):
    value, parts = interpolate.splint(a, b, (CURVE[0], c, 3), full_output=1)
    whole = interpolate.splint(a, b, (CURVE[0], c, 3))
    return (whole, value) if parts is None else (whole, value, parts[:6])  # SciPy 1.18 gives none


def on_rectangle(at, across, z):
    made = interpolate.RectBivariateSpline(X, GRID[1], z, ky=2)
    return made(at, across), made(at, across, dx=1), made.ev(at[:2], across), made(2 * at, across - 3)


def on_triangles(at, values):
    made = interpolate.LinearNDInterpolator(PLANE, values, fill_value=0.5)
    return made(at), interpolate.griddata(PLANE, values, at)


def nearest(at, values):
    near = interpolate.griddata(PLANE, values, at, method="nearest")
    return near * at[:, 0], interpolate.NearestNDInterpolator(PLANE, values)(at)


def radial(at, y, d):
    return [
        interpolate.RBFInterpolator(y, d)(at),
        interpolate.RBFInterpolator(y, d, kernel="gaussian", epsilon=1.5, smoothing=0.1)(at),
        interpolate.RBFInterpolator(y, d, kernel="cubic", degree=2)(at),
    ]


def other_kernels(at, d):
    kernels = ["linear", "quintic", "multiquadric", "inverse_multiquadric", "inverse_quadratic"]
    return [interpolate.RBFInterpolator(PLANE, d, kernel=kernel, epsilon=0.8)(at) for kernel in kernels]


def made_outside(at):
    return [made(at) for made in MADE]


def slopes_of_made_outside(at):
    return OUTSIDE(at, 1), UNIVARIATE(at, 1), UNIVARIATE(2 * at)


def grid_made_outside(at):
    return ON_GRID(at)


def on_grid(at, values):
    return interpolate.interpn(GRID, values, at)


def on_grid_beyond(at, values):
    return interpolate.RegularGridInterpolator(GRID, values, bounds_error=False, fill_value=0.3)(at)


def with_fill(at, values, fill):
    made = interpolate.RegularGridInterpolator(GRID, values, bounds_error=False, fill_value=fill)
    return made(at), interpolate.interpn(GRID, values, at, bounds_error=False, fill_value=fill)


def triangles_with_fill(at, values, fill):
    return interpolate.LinearNDInterpolator(PLANE, values, fill_value=fill)(at)


def closed(at, y):
    ends = np.concatenate([y, y[:1]])
    return interpolate.CubicSpline(X, ends, bc_type="periodic")(at)


def on_rectangle_at_one(at, across, z):
    made = interpolate.RectBivariateSpline(X, GRID[1], z, ky=2)
    return made(at, across), made(at, across, dx=1), made(at, across, grid=False)


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


PLANE = np.random.default_rng(3).uniform(-1, 1, (9, 2))
OUTSIDE = interpolate.CubicSpline(X, np.sin(X))
UNIVARIATE = interpolate.UnivariateSpline(X, np.sin(X), s=0.01, ext=3)
MADE = [
    OUTSIDE, interpolate.PchipInterpolator(X, np.stack([X, np.sin(X)]), axis=1), interpolate.BSpline(*CURVE),
    interpolate.make_interp_spline(X, np.stack([X, np.sin(X)]), axis=1), interpolate.interp1d(X, np.sin(X)),
    interpolate.interp1d(X, np.stack([X, np.sin(X)]), "cubic"), interpolate.KroghInterpolator(X, np.sin(X)),
    interpolate.BarycentricInterpolator(X, np.stack([X, np.sin(X)], axis=1)), UNIVARIATE,
]  # fmt: skip
LARGER = (np.arange(5.0) ** 1.1, np.arange(4.0) - 1)
SPREAD = (PLANE[:, 0], PLANE[:, 1])
ON_CURVES = interpolate.RegularGridInterpolator(LARGER, np.random.default_rng(3).uniform(-1, 1, (5, 4)), "pchip")
ON_GRID = interpolate.RegularGridInterpolator(GRID, np.random.default_rng(3).uniform(-1, 1, (3, 4, 2)))


def ascending(low: float, high: float, count: int) -> Any:
    return lambda rng: np.sort(rng.uniform(low, high, count))


def bent(*shape: int) -> Any:
    """Samples whose slopes are far from zero."""
    return lambda rng: (
        np.reshape(np.cumsum(rng.uniform(1, 2, 6) * [1, 1, -1, -1, 1, 1]), (6, 1)) + rng.uniform(-0.1, 0.1, shape)
    )


def increasing(rng: np.random.Generator) -> np.ndarray:
    return X + rng.uniform(-0.1, 0.1, 6)


def by_lagrange(at, x, y):
    found = interpolate.lagrange(x, y)
    return found(at), found.coef


def radial_of_one(at, x, y):
    found = [interpolate.Rbf(x, y, function=name)(at) for name in ("inverse", "linear", "cubic", "thin_plate")]
    return found, interpolate.Rbf(x, y, epsilon=1.5, smooth=0.1)(at), interpolate.Rbf(x, y, function="gaussian")(at)


def radial_of_more(at, x, y):
    two = interpolate.Rbf(x[0], x[1], y)(at[0], at[1])
    return two, interpolate.Rbf(x[0], x[1], x[2], y, function="quintic")(at[0], at[1], at[2])


def orders_of_cubic(at, y):
    made = interpolate.CubicSpline(X, y)
    slope = made.derivative()
    twice = interpolate.CubicSpline(X, y, bc_type="natural").derivative(nu=2)
    return slope(at), slope(at, 1), twice(at), made.antiderivative()(at), made.antiderivative(2).derivative()(at)


def area_of_samples(a, b, y):
    tck = interpolate.splrep(X, y)
    return (
        interpolate.splint(a, b, tck),
        interpolate.splint(-1.0, b, tck),
        interpolate.splev(b, interpolate.splder(tck)),
    )


def areas_of_curve(at, c, y):
    areas = interpolate.splantider((CURVE[0], c, 3), 2)
    return interpolate.splev(at, areas), interpolate.splev(at, interpolate.splantider(interpolate.splrep(X, y)))


def integrals_of_cubic(a, b, y):
    made = interpolate.CubicSpline(X, y, bc_type=((1, 0.5), (2, 0.0)))
    rows = interpolate.CubicSpline(X, np.stack([y, y**2]), axis=1)
    return made.integrate(a, b), made.integrate(b, 0.3), rows.integrate(a, b=b)


def orders_of_curves(at, x, y):
    made = interpolate.PchipInterpolator(x, y), interpolate.Akima1DInterpolator(x, y, method="makima")
    return [(f.derivative()(at), f.antiderivative()(at), f.derivative(2)(at, 1)) for f in made]


def integrals_of_curves(a, b, x, y):
    pchip, akima = interpolate.PchipInterpolator(x, y), interpolate.Akima1DInterpolator(x, y)
    hermite = interpolate.CubicHermiteSpline(x, y, y**2)
    pairs = interpolate.PchipInterpolator(x, np.stack([y, y**2]), axis=1)
    return pchip.integrate(a, b), akima.integrate(a, b), hermite.integrate(b, a), pairs.integrate(a, b)


def orders_of_hermite(at, x, y):
    made = interpolate.CubicHermiteSpline(x, y, y**2)
    return made.derivative()(at), made.antiderivative()(at)


def orders_of_pieces(at, c, x):
    made = interpolate.PPoly(c, x)
    return made.derivative()(at), made.antiderivative()(at), made.integrate(at[0], at[1])


def orders_of_splines(at, y):
    made = interpolate.make_interp_spline(X, y)
    fitted = interpolate.make_lsq_spline(X, y, np.array([0, 0, 0, 0, 2.0, 4, 4, 4, 4]))
    return made.derivative()(at), made.antiderivative(2)(at), fitted.derivative(2)(at), fitted.antiderivative()(at)


def integrals_of_splines(a, b, y):
    made = interpolate.make_interp_spline(X, y, 2)
    fitted = interpolate.make_lsq_spline(X, y, np.array([0, 0, 0, 0, 2.0, 4, 4, 4, 4]))
    return made.integrate(a, b), fitted.integrate(b, a)


def orders_of_knots(at, c):
    made = interpolate.BSpline(np.arange(9.0), c, 3)
    inside = interpolate.BSpline(np.arange(9.0), c, 3, extrapolate=False)
    return made.derivative()(at), made.antiderivative()(at), made.integrate(at[0], 4.4), inside.integrate(2.0, at[1])


def orders_of_fitpack(at, y):
    made = interpolate.UnivariateSpline(X, y, s=0)
    through = interpolate.InterpolatedUnivariateSpline(X, y)
    return made.derivative()(at), made.antiderivative()(at), through.derivative(n=2)(at), through.antiderivative()(at)


def integrals_of_fitpack(a, b, y):
    made = interpolate.UnivariateSpline(X, y, s=0, k=4)
    return made.integral(a, b), interpolate.InterpolatedUnivariateSpline(X, y).integral(b, 9.0)


def slopes_through_all(at, y):
    made = interpolate.BarycentricInterpolator(X, y), interpolate.KroghInterpolator(X, y)
    return [(f.derivative(at), f.derivative(at, der=2)) for f in made]


WEIGHTS = np.array([1.0, 2.0, 1.5, 1.0, 0.5, 1.0])


def bounded(at, y):
    ends = ([(1, 0.4)], [(2, 0.1)])
    made = [
        interpolate.make_interp_spline(X, y, bc_type=bc)
        for bc in ("natural", "clamped", ends, (None, [(1, 0.3), (2, 0.1)]))
    ]
    return [m(at) for m in made[:3]], made[0].integrate(1.0, 2.0), made[1].derivative()(at), made[2](at, nu=1)


def bounded_rows(at, y):
    ends = ([(1, [0.4, 1.0]), (2, [1.0, 2.0])], [(2, [0.1, 0.3]), (1, [0.2, 0.2])])
    return interpolate.make_interp_spline(X, y, 5, bc_type=ends, axis=1, check_finite=False)(at)


def closed_spline(at, y):
    return interpolate.make_interp_spline(X, np.concatenate([y, y[:1]]), bc_type="periodic")(at)


def with_knots(at, y):
    return interpolate.make_interp_spline(X, y, 3, np.concatenate([[X[0]] * 4, [1.4, 2.2], [X[-1]] * 4]))(at)


def smoothing(at, y):
    made = interpolate.make_smoothing_spline(X, y, WEIGHTS, lam=0.3)
    return made(at), made(at, 1), made.derivative()(at), made.antiderivative()(at), made.integrate(0.5, 2.5)


def smoothing_rows(at, y):
    return interpolate.make_smoothing_spline(X, y, lam=3.0, axis=1)(at)


def by_inner_knots(at, y):
    made = interpolate.LSQUnivariateSpline(X, y, [1.6])
    other = interpolate.LSQUnivariateSpline(X, y, [1.3], w=WEIGHTS, bbox=[-0.5, 4.5], k=2, ext=3, check_finite=True)
    return made(at), made(at, nu=1), made.derivative()(at), made.integral(0.5, 2.5), other(at * 2)


def on_steps(at, values):
    made = interpolate.RegularGridInterpolator(GRID, values, method="nearest")
    return made(at), interpolate.interpn(GRID, values, at, "nearest", False, 0.5)


def on_slopes(at, values, fill):
    made = interpolate.RegularGridInterpolator(GRID, values, "slinear", False, None)
    return made(at), interpolate.interpn(GRID, values, at, method="slinear", bounds_error=False, fill_value=fill)


def on_curves(at, values):
    """SciPy's iteration for cubic splines finds five digits; a direct solver finds all of them."""
    exact = {"solver": sparse_linalg.spsolve, "solver_args": {"use_umfpack": False}}
    made = interpolate.RegularGridInterpolator(LARGER, values, "cubic", False, **exact)
    steep = interpolate.RegularGridInterpolator(LARGER, values, "pchip", bounds_error=False, fill_value=None)
    lines = interpolate.RegularGridInterpolator(LARGER, values, method="slinear_legacy")
    return made(at), steep(at), lines(at), interpolate.interpn(LARGER, values, at, "pchip")


def on_curves_beyond(at, values, fill):
    how = {"method": "cubic_legacy", "bounds_error": False}
    steep = interpolate.interpn(LARGER, values, at, "pchip", False, fill)
    filled = interpolate.RegularGridInterpolator(LARGER, values, fill_value=fill, **how)
    return steep, filled(at), interpolate.RegularGridInterpolator(LARGER, values, fill_value=None, **how)(at)


def by_iteration(at, values):
    return interpolate.interpn(LARGER, values, at, "cubic"), ON_CURVES(at, "cubic")


def in_three_dimensions(at, values):
    return interpolate.interpn((*LARGER, np.array([2.0, 0.9, 0.5, 0.0])), values, at, method="pchip")


def on_a_descending_grid(at, values):
    downwards = (LARGER[0][::-1], LARGER[1])
    steep = interpolate.RegularGridInterpolator(downwards, values, "pchip")
    return interpolate.interpn(downwards, values, at), steep(at), interpolate.interpn(downwards, values, at, "nearest")


def by_coordinates(x, y, values):
    """Points as a tuple of their coordinates, and as one vector."""
    made = interpolate.RegularGridInterpolator(LARGER, values, "pchip")
    both = made((x, y)), interpolate.interpn(LARGER, values, (x, 1.5)), ON_GRID((x, y / 4)), ON_CURVES((y[0], x))
    return both, interpolate.interpn((LARGER[0],), values, y), made(x, "linear")


def by_coordinates_in_a_plane(x, y, values):
    made = interpolate.LinearNDInterpolator(SPREAD, values, fill_value=0.5)
    near = interpolate.NearestNDInterpolator((PLANE[:, 0], PLANE[:, 1]), values)
    apart = interpolate.griddata((PLANE[:, 0], PLANE[:, 1]), values, (x, y), fill_value=0.2)
    return made((x, y)), made(x, y), apart, near(x, 1.5), interpolate.griddata(PLANE, values, x, "nearest")


def on_surface(at, values):
    return interpolate.interpn(LARGER, values, at, "splinef2d", False, 0.7)


ORDERS = [
    row(interpolate.CubicSpline, orders_of_cubic, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.CubicSpline, integrals_of_cubic, 0.4, 3.3, normal(6)),
    row(interpolate.PchipInterpolator, orders_of_curves, uniform(0.1, 3.9, 4), X, normal(6)),
    row(interpolate.PchipInterpolator, integrals_of_curves, 0.4, 3.3, X, normal(6)),
    row(interpolate.CubicHermiteSpline, orders_of_hermite, uniform(0.1, 3.9, 4), X, normal(6)),
    row(interpolate.PPoly, orders_of_pieces, uniform(0.1, 3.9, 4), normal(3, 5), X),
    row(interpolate.make_interp_spline, orders_of_splines, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.make_interp_spline, integrals_of_splines, 0.4, 3.3, normal(6)),
    row(interpolate.BSpline, orders_of_knots, uniform(3.1, 4.9, 4), normal(5)),
    row(interpolate.UnivariateSpline, orders_of_fitpack, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.UnivariateSpline, integrals_of_fitpack, 0.4, 3.3, normal(6)),
    row(interpolate.splint, area_of_samples, 0.4, 3.3, normal(6)),
    row(interpolate.splantider, areas_of_curve, uniform(0.1, 3.9, 4), normal(10), normal(6)),
    row(interpolate.BarycentricInterpolator, slopes_through_all, uniform(0.1, 3.9, 4), normal(6)),
]
OPTIONS = [
    row(interpolate.make_interp_spline, bounded, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.make_interp_spline, bounded_rows, uniform(0.1, 3.9, 3), normal(2, 6)),
    row(interpolate.make_interp_spline, closed_spline, uniform(0.1, 3.9, 4), normal(5)),
    row(interpolate.make_interp_spline, with_knots, uniform(0.1, 3.9, 4), normal(6)),
    *[row(f, smoothing, uniform(0.1, 3.9, 4), normal(6))
      for f in (interpolate.make_smoothing_spline, rules.smoothing_spline)],
    row(interpolate.make_smoothing_spline, smoothing_rows, uniform(0.1, 3.9, 4), normal(2, 6)),
    row(interpolate.LSQUnivariateSpline, by_inner_knots, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.RegularGridInterpolator, on_steps, uniform(0.1, 2.4, 5, 2), normal(3, 4, 2)),
    row(interpolate.RegularGridInterpolator, on_slopes, beyond(6, 2), normal(3, 4), 0.3),
    row(interpolate.interpn, on_surface, uniform(0.1, 2.6, 3, 2), normal(5, 4)),
    row(interpolate.interpn, on_surface, beyond(6, 2), normal(5, 4)),
]  # fmt: skip
ROWS = [
    *ORDERS,
    *OPTIONS,
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
    row(rules.interp1d, lines_of_unsorted_samples, uniform(0.1, 3.9, 4), normal(6, 2)),
    *[row(f, lines, uniform(0.1, 3.9, 4), normal(6)) for f in (rules.interp1d, interpolate.interp1d)],
    row(rules.interp1d, lines, uniform(0.1, 3.9, 2, 3), normal(2, 6)),
    row(rules.interp1d, lines_beyond, beyond(5), normal(6, 2)),
    row(interpolate.PchipInterpolator, monotone, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.pchip_interpolate, monotone_once, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.pchip_interpolate, monotone, uniform(0.1, 3.9, 4), normal(6), twice=False),
    row(interpolate.PchipInterpolator, monotone, uniform(0.1, 3.9, 4), ascending(0, 1, 6)),
    row(interpolate.PchipInterpolator, monotone_rows, uniform(0.2, 3.8, 2, 3), bent(2, 6, 2)),
    row(interpolate.Akima1DInterpolator, akima, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.Akima1DInterpolator, akima_rows, uniform(0.1, 3.9, 2, 3), normal(2, 6)),
    row(interpolate.CubicHermiteSpline, values_and_slopes, uniform(0.1, 3.9, 4), increasing, normal(6), normal(6)),
    row(interpolate.PPoly, piecewise, uniform(0.1, 3.9, 4), normal(4, 5), increasing),
    row(interpolate.PPoly, piecewise, uniform(0.1, 3.9, 3), normal(3, 5, 2), increasing),
    *[row(f, through_all, uniform(0.1, 3.9, 4), normal(6))
      for f in (interpolate.BarycentricInterpolator, interpolate.KroghInterpolator)],
    *[row(f, of_coefficients, uniform(0.1, 3.9, 4), normal(6)) for f in (rules.b_spline, interpolate.BSpline)],
    row(interpolate.BSpline, of_columns, uniform(0.1, 3.9, 4), normal(2, 6)),
    *[row(f, least_squares, uniform(0.1, 3.9, 4), normal(6))
      for f in (rules.lsq_spline, interpolate.make_lsq_spline)],
    row(interpolate.InterpolatedUnivariateSpline, fitpack, uniform(0.1, 3.9, 4), normal(6)),
    row(interpolate.UnivariateSpline, by_s, uniform(0.1, 3.9, 4), normal(6)),
    *[row(f, smoothed, uniform(0.1, 3.9, 4)) for f in (rules.smoothed, interpolate.UnivariateSpline)],
    *[row(f, curve, uniform(0.1, 3.9, 4), normal(6)) for f in (interpolate.splrep, rules.collocation)],
    *[row(f, fitted_curves, uniform(0.1, 3.9, 4), normal(6), positive(6))
      for f in (interpolate.splrep, rules.spline_at, rules.normal_solution)],
    row(interpolate.splrep, curve_of_weights, uniform(0.1, 3.9, 4), normal(6), positive(6)),
    row(interpolate.splder, slopes_of_curve, uniform(0.1, 3.9, 4), normal(10)),
    *[row(f, integral_of_curve, uniform(0.1, 1.9), uniform(2.1, 4.9), normal(10))
      for f in (interpolate.splint, rules.basis_integrals)],
    row(interpolate.RectBivariateSpline, on_rectangle, ascending(0.1, 3.9, 3), ascending(-0.9, 2.9, 2), normal(6, 4)),
    row(interpolate.RectBivariateSpline, on_rectangle_at_one, 1.7, 0.4, normal(6, 4)),
    row(interpolate.CubicSpline, closed, uniform(0.1, 3.9, 4), normal(5)),
    row(interpolate.CubicSpline, closed, uniform(0.1, 3.9, 4), normal(5, 2)),
    row(interpolate.RegularGridInterpolator, with_fill, beyond(6, 2), normal(3, 4), 0.3),
    row(interpolate.RegularGridInterpolator, with_fill, beyond(6, 2), normal(3, 4, 2), 0.3),
    row(interpolate.LinearNDInterpolator, triangles_with_fill, beyond(4, 2), normal(9), 0.3),
    row(interpolate.LinearNDInterpolator, triangles_with_fill, beyond(4, 2), normal(9, 2), 0.3),
    *[row(f, on_triangles, uniform(-0.3, 0.3, 4, 2), normal(9))
      for f in (interpolate.LinearNDInterpolator, rules.linear_nd, interpolate.griddata)],
    row(interpolate.LinearNDInterpolator, on_triangles, uniform(-0.3, 0.3, 4, 2), normal(9, 2)),
    row(interpolate.NearestNDInterpolator, nearest, uniform(-0.3, 0.3, 4, 2), normal(9)),
    row(interpolate.RBFInterpolator, radial, uniform(-1, 1, 3, 2), uniform(-1, 1, 8, 2), normal(8), tolerance=1e-11),
    row(interpolate.lagrange, by_lagrange, uniform(0.1, 1.9, 3), ascending(0, 2, 4), normal(4), compiles=False),
    row(interpolate.Rbf, radial_of_one, uniform(0.1, 1.9, 3), X[:5], normal(5), tolerance=1e-10),
    row(interpolate.Rbf, radial_of_more, uniform(-1, 1, 3, 2), uniform(-1, 1, 3, 6), normal(6), tolerance=1e-10),
    row(interpolate.RBFInterpolator, other_kernels, uniform(-1, 1, 3, 2), normal(9, 2)),
    *[row(f, made_outside, uniform(0.1, 3.9, 4))
      for f in (interpolate.PPoly.__call__, interpolate.BSpline.__call__, interpolate.interp1d.__call__,
                interpolate.BarycentricInterpolator.__call__, rules.objects.slope_at)],
    row(interpolate.UnivariateSpline.__call__, slopes_of_made_outside, uniform(0.1, 3.9, 4)),
    row(interpolate.RegularGridInterpolator.__call__, grid_made_outside, uniform(0.1, 2.4, 3, 2)),
    *[row(f, on_grid, uniform(0.1, 2.4, 5, 2), normal(3, 4)) for f in (rules.grid, interpolate.interpn)],
    row(rules.grid, on_grid, uniform(0.1, 2.4, 2), normal(3, 4)),
    row(rules.grid, on_grid, uniform(0.1, 2.4, 3, 2, 2), normal(3, 4, 2)),
    *[row(interpolate.RegularGridInterpolator, f, beyond(6, 2), normal(3, 4))
      for f in (on_grid_beyond, on_grid_extrapolated)],
    *[row(f, on_curves, uniform(0.1, 1.9, 5, 2), normal(5, 4)) for f in (interpolate.interpn, rules.grids.solved_grid)],
    row(rules.grid, on_curves, uniform(0.1, 1.9, 2, 2, 2), normal(5, 4, 2)),
    row(rules.grid, on_curves_beyond, uniform(-2.0, 5.0, 6, 2), normal(5, 4), normal()),
    row(rules.grid, by_iteration, uniform(0.1, 1.9, 5, 2), normal(5, 4), exact=1e-2),
    row(rules.grid, in_three_dimensions, uniform(0.1, 1.9, 4, 3), normal(5, 4, 4)),
    row(rules.grid, on_a_descending_grid, uniform(0.1, 1.9, 5, 2), normal(5, 4)),
    row(rules.grid, by_coordinates, uniform(0.1, 1.9, 2), uniform(0.1, 1.9, 2), normal(5, 4)),
    row(rules.linear_nd, by_coordinates_in_a_plane, uniform(-0.3, 0.3, 2), uniform(-0.3, 0.3, 2), normal(9)),
    *[
        Row(f, (X, y, uniform(0.1, 3.9, *shape)), {}, (1, 2), float32=False)
        for f in (interpolate.barycentric_interpolate, interpolate.krogh_interpolate)
        for y, shape in ((normal(6), (4,)), (normal(6, 2), (3,)))
    ],
]  # fmt: skip
