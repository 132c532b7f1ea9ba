"""Interpolation on grids: linear in each variable, and by curves along one axis after another."""

import numpy as np
from scipy import interpolate

from ....runtime import dynamic_jvp, dynamic_vjp, no_derivative
from ...inference import some_floats
from ...table import definition, infer, jvp, maker, vjp
from ..signal.spectral import in_precision
from .polynomials import monotone_slopes
from .shapes import coordinates

# Grids: linear in each variable, so a sum over the corners of a cell


def cells(points, xi):
    """The cell of each point along each axis, and how far the point is into it."""
    low, part = [], []
    for axis in range(len(points)):
        knots, x = ascending(points[axis]), xi[..., axis]
        first = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, np.size(knots) - 2)
        low.append(first)
        part.append((x - knots[first]) / (knots[first + 1] - knots[first]))
    return low, part


def ascending(knots):
    return np.flip(knots) if is_descending(knots) else np.asarray(knots)


def is_descending(knots):
    return knots[0] > knots[-1]


def grid(at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    return interpolate.interpn(points, values, at, method, bounds_error, fill_value)


def grid_corners(at, points, values, fill_value, method):
    """For each corner of the cells: the index of its value, its weight, and the weight's derivatives by the point."""
    low, part = cells(points, at)
    inside = np.full(np.shape(part[0]), True)
    widths = []
    for axis, first in enumerate(low):
        knots = ascending(points[axis])
        widths.append(knots[first + 1] - knots[first])
        if fill_value is not None:
            inside = inside & (at[..., axis] >= knots[0]) & (at[..., axis] <= knots[-1])
    if method == "nearest":
        part = [1.0 * (p > 0.5) for p in part]
    found = []
    for corner in np.ndindex(*(2,) * len(low)):
        factors = [p if c else 1 - p for p, c in zip(part, corner, strict=True)]
        slopes = []
        for axis, c in enumerate(corner):
            others = np.prod([f for k, f in enumerate(factors) if k != axis], axis=0)
            moving = inside & (method != "nearest")
            slopes.append(np.where(moving, (1.0 if c else -1.0) / widths[axis] * others, 0.0))
        index = tuple(
            np.size(knots) - 1 - first - c if is_descending(knots) else first + c
            for first, c, knots in zip(low, corner, points, strict=True)
        )
        found.append((index, np.where(inside, np.prod(factors, axis=0), 0.0), np.stack(slopes, axis=-1)))
    return found


@vjp(grid)
def grid_vjp(bar, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    fill_bar = None if fill_value is None else np.sum(bar[outside_grid(at, points)])
    if method not in BY_CELLS:
        pull = dynamic_vjp(along_axes(points, method), at, values)[1]
        at_bar, values_bar = pull(bar * inside_of(bar, at, points, fill_value))
        return at_bar, NotImplemented, values_bar, None, None, fill_bar
    values = np.asarray(values)
    values_bar, at_bar = np.zeros(np.shape(values)), np.zeros(np.shape(at))
    rest = tuple(range(np.ndim(at_bar) - 1, np.ndim(bar)))
    for index, weight, slopes in grid_corners(at, points, values, fill_value, method):
        np.add.at(values_bar, index, np.reshape(weight, np.shape(weight) + (1,) * len(rest)) * bar)
        at_bar += np.expand_dims(np.sum(bar * values[index], axis=rest), -1) * slopes
    return at_bar, NotImplemented, values_bar, None, None, fill_bar


def outside_grid(at, points):
    """Which points lie beyond the border, where the value is ``fill_value``."""
    beyond = [(at[..., k] < np.min(knots)) | (at[..., k] > np.max(knots)) for k, knots in enumerate(points)]
    return np.any(beyond, axis=0)


def inside_of(out, at, points, fill_value):
    """Which of the values of an interpolation are not ``fill_value``, to be multiplied by."""
    outside = outside_grid(at, points) & (fill_value is not None)
    return 1.0 - np.reshape(outside, np.shape(outside) + (1,) * (np.ndim(out) - np.ndim(outside)))


@jvp(grid, 0)
def grid_at(at_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    if method not in BY_CELLS:
        moved = dynamic_jvp(along_axes(points, method), (at, values), (at_dot, None))
        return moved * inside_of(out, at, points, fill_value)
    values, total = np.asarray(values), np.zeros(np.shape(out))
    for index, _, slopes in grid_corners(at, points, values, fill_value, method):
        weight_dot = np.sum(slopes * at_dot, axis=-1)
        rest = (1,) * (np.ndim(out) - np.ndim(weight_dot))
        total += np.reshape(weight_dot, np.shape(weight_dot) + rest) * values[index]
    return total


@jvp(grid, 2)
def grid_values(values_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    if method not in BY_CELLS:
        moved = dynamic_jvp(along_axes(points, method), (at, values), (None, values_dot))
        return moved * inside_of(out, at, points, fill_value)
    beyond = None if fill_value is None else 0.0
    return interpolate.interpn(points, values_dot, at, method, bounds_error, beyond)


@jvp(grid, 5)
def grid_fill_value(fill_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    outside = outside_grid(at, points)
    return np.reshape(outside, np.shape(outside) + (1,) * (np.ndim(out) - np.ndim(outside))) * fill_dot + 0.0 * out


@definition(interpolate.interpn)
def interpn(points, values, xi, method="linear", bounds_error=True, fill_value=np.nan):
    if method == "splinef2d":
        return by_surface(coordinates(xi, 2), points, values, bounds_error, fill_value)
    return grid(coordinates(xi, len(points)), points, values, method, bounds_error, fill_value)


def by_surface(xi, points, values, bounds_error, fill_value):
    """A surface through all values, by cubic splines along both axes."""
    outside = outside_grid(xi, points)
    if fill_value is None or (bounds_error and np.any(outside)):
        raise ValueError("the method splinef2d does not go on beyond the border")
    found = rect_spline(xi[..., 0], xi[..., 1], points[0], points[1], values, (), 3, 3, 0, 0, 0, False)
    return np.where(outside, fill_value, in_precision(found, xi))


@maker(interpolate.RegularGridInterpolator, call="at method")
def regular_grid(at, points, values, method="linear", bounds_error=True, fill_value=np.nan, *, solver=None,
                 solver_args=None):  # fmt: skip
    at = coordinates(at, len(points))
    if solver is None and solver_args is None:
        return grid(at, points, values, method, bounds_error, fill_value)
    return solved_grid(at, points, values, method, bounds_error, fill_value, solver, solver_args)


def solved_grid(at, points, values, method, bounds_error, fill_value, solver, solver_args):
    """`grid` with another way to find the coefficients of the splines."""
    how = {"solver": solver, "solver_args": solver_args}
    return interpolate.RegularGridInterpolator(points, values, method, bounds_error, fill_value, **how)(at)


@vjp(solved_grid)
def solved_grid_vjp(bar, out, at, points, values, method, bounds_error, fill_value, solver, solver_args):
    return *grid_vjp(bar, out, at, points, values, method, bounds_error, fill_value), None, None


@jvp(solved_grid, 0)
def solved_grid_at(at_dot, out, at, points, values, method, bounds_error, fill_value, *how):
    return grid_at(at_dot, out, at, points, values, method, bounds_error, fill_value)


@jvp(solved_grid, 2)
def solved_grid_values(values_dot, out, at, points, values, method, bounds_error, fill_value, *how):
    return grid_values(values_dot, out, at, points, values, method, bounds_error, fill_value)


@jvp(solved_grid, 5)
def solved_grid_fill_value(fill_dot, out, at, points, values, method, bounds_error, fill_value, *how):
    return grid_fill_value(fill_dot, out, at, points, values, method, bounds_error, fill_value)


# Curves along one axis after another: splines, which are linear in the values, and those that keep what is monotone.
# SciPy finds the coefficients of the former by iteration, if not told otherwise; the derivatives are exact.
# (C. de Boor, *A Practical Guide to Splines*, 1978, chapter XVII)

BY_CELLS = ("linear", "slinear", "nearest")
DEGREES = {"cubic": 3, "quintic": 5, "slinear_legacy": 1, "cubic_legacy": 3, "quintic_legacy": 5}


def along_axes(points, method):
    """What an interpolation on a grid is, of the points and of the values, at points inside."""
    knots = [np.asarray(ascending(k), float) for k in points]
    turned = tuple(axis for axis, k in enumerate(points) if is_descending(k))

    def value(at, values):
        places = np.reshape(at, (-1, len(knots)))
        found = np.flip(values, turned)[None]
        for axis in range(len(knots) - 1, -1, -1):
            found = along_axis(knots[axis], places[:, axis], np.moveaxis(found, 1 + axis, 1), method)
        return np.reshape(found, (*np.shape(at)[:-1], *np.shape(values)[len(knots) :]))

    return value


def along_axis(knots, x, samples, method):
    """What curves are at points: of samples along axis 1, in a row for each point or in one for all of them."""
    units = np.eye(len(knots))
    if method != "pchip":
        return weighted(interpolate.make_interp_spline(knots, units, DEGREES[method])(x), samples)
    slopes = np.moveaxis(monotone_slopes(knots, np.moveaxis(samples, 1, 0)), 0, 1)
    by_values = interpolate.CubicHermiteSpline(knots, units, 0 * units)(x)
    by_slopes = interpolate.CubicHermiteSpline(knots, 0 * units, units)(x)
    return weighted(by_values, samples) + weighted(by_slopes, slopes)


def weighted(weights, samples):
    """For each row of weights, the sum of the samples along axis 1."""
    if np.shape(samples)[0] == 1:
        return np.tensordot(weights, samples[0], 1)
    return np.sum(np.reshape(weights, np.shape(weights) + (1,) * (np.ndim(samples) - 2)) * samples, axis=1)


def basis(x, knots, degree, order):
    """A derivative of the B-splines at points, a row for each; constant outside, as FITPACK has surfaces."""
    low, high = knots[degree], knots[-degree - 1]
    splines = interpolate.BSpline(knots, np.eye(len(knots) - degree - 1), degree)
    inside = (low <= x) & (x <= high) | (order == 0)
    return splines(np.clip(x, low, high), order) * np.reshape(inside, (-1, 1))


def surface(x, y, tck, dx, dy):
    """A derivative of a spline surface on a grid (P. Dierckx, *Curve and Surface Fitting with Splines*, 1993)."""
    x_knots, y_knots, c, kx, ky = tck
    of_x, of_y = basis(np.ravel(x), x_knots, kx, dx), basis(np.ravel(y), y_knots, ky, dy)
    return of_x @ np.reshape(c, (np.shape(of_x)[1], np.shape(of_y)[1])) @ of_y.T


@vjp(interpolate.bisplev)
def bisplev(bar, out, x, y, tck, dx=0, dy=0):
    bars = np.reshape(bar, (np.size(x), np.size(y)))
    by_x = np.sum(bars * surface(x, y, tck, dx + 1, dy), axis=1)
    by_y = np.sum(bars * surface(x, y, tck, dx, dy + 1), axis=0)
    return np.reshape(by_x, np.shape(x)), np.reshape(by_y, np.shape(y)), NotImplemented, None, None


@jvp(interpolate.bisplev, 0)
def bisplev_x(x_dot, out, x, y, tck, dx=0, dy=0):
    return np.reshape(np.reshape(x_dot, (-1, 1)) * surface(x, y, tck, dx + 1, dy), np.shape(out))


@jvp(interpolate.bisplev, 1)
def bisplev_y(y_dot, out, x, y, tck, dx=0, dy=0):
    return np.reshape(np.reshape(y_dot, (1, -1)) * surface(x, y, tck, dx, dy + 1), np.shape(out))


# By splines along both axes; beyond the border the value at it (P. Dierckx, 1993)


def rect_spline(at, at_y, x, y, z, bbox, kx, ky, s, dx, dy, grid):
    if not isinstance(s, (int, float)) or s != 0:
        raise no_derivative("RectBivariateSpline has a derivative rule with s=0 only")
    if np.sum([b is not None for b in bbox]) > 0:
        raise no_derivative("RectBivariateSpline has a derivative rule without bbox only")
    if grid:
        at, at_y = np.atleast_1d(at), np.atleast_1d(at_y)
    rows = interpolate.make_interp_spline(x, z, kx)(np.clip(at, x[0], x[-1]), dx)
    places = np.clip(at_y, y[0], y[-1])
    if grid:
        return interpolate.make_interp_spline(y, rows, ky, axis=1)(places, dy)
    weights = interpolate.make_interp_spline(y, np.eye(len(y)), ky)(places, dy)
    return np.asarray(np.sum(rows * weights, axis=-1))


@maker(interpolate.RectBivariateSpline, call="at at_y dx dy grid")
def rect_call(at, x, y, z, bbox=(None, None, None, None), kx=3, ky=3, s=0, *, at_y=None, dx=0, dy=0, grid=True):
    return rect_spline(at, at_y, x, y, z, bbox, kx, ky, s, dx, dy, grid)


@maker(interpolate.RectBivariateSpline, "ev", call="xi yi dx dy")
def rect_ev(xi, x, y, z, bbox=(None, None, None, None), kx=3, ky=3, s=0, *, yi=None, dx=0, dy=0):
    return rect_spline(xi, yi, x, y, z, bbox, kx, ky, s, dx, dy, False)


infer(grid, solved_grid)(lambda *args, **options: some_floats())
