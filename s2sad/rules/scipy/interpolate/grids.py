"""Interpolation on grids: linear in each variable, and by splines."""

import numpy as np
from scipy import interpolate

from ....runtime import no_derivative
from ...inference import some_floats
from ...table import definition, infer, jvp, maker, vjp
from ..signal.spectral import in_precision

# Grids: linear in each variable, so a sum over the corners of a cell


def cells(points, xi):
    """The cell of each point along each axis, and how far the point is into it."""
    low, part = [], []
    for axis in range(len(points)):
        knots, x = np.asarray(points[axis]), xi[..., axis]
        first = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, np.size(knots) - 2)
        low.append(first)
        part.append((x - knots[first]) / (knots[first + 1] - knots[first]))
    return low, part


def grid(at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    return interpolate.interpn(points, values, at, method, bounds_error, fill_value)


def check_method(method):
    if method not in ("linear", "slinear", "nearest"):
        raise no_derivative(f"an interpolation on a grid has a derivative rule for method='linear' or 'nearest', not "
                            f"{method!r}, which SciPy finds by iteration, to few digits")  # fmt: skip


def grid_corners(at, points, values, fill_value, method):
    """For each corner of the cells: the index of its value, its weight, and the weight's derivatives by the point."""
    xi = np.atleast_2d(at)
    low, part = cells(points, xi)
    inside = np.full(np.shape(part[0]), True)
    widths = []
    for axis, first in enumerate(low):
        knots = np.asarray(points[axis])
        widths.append(knots[first + 1] - knots[first])
        if fill_value is not None:
            inside = inside & (xi[..., axis] >= knots[0]) & (xi[..., axis] <= knots[-1])
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
        index = tuple(first + c for first, c in zip(low, corner, strict=True))
        found.append((index, np.where(inside, np.prod(factors, axis=0), 0.0), np.stack(slopes, axis=-1)))
    return found


@vjp(grid)
def grid_vjp(bar, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    values = np.asarray(values)
    values_bar, at_bar = np.zeros(np.shape(values)), np.zeros(np.shape(np.atleast_2d(at)))
    rest = tuple(range(np.ndim(at_bar) - 1, np.ndim(bar)))
    for index, weight, slopes in grid_corners(at, points, values, fill_value, method):
        np.add.at(values_bar, index, np.reshape(weight, np.shape(weight) + (1,) * len(rest)) * bar)
        at_bar += np.expand_dims(np.sum(bar * values[index], axis=rest), -1) * slopes
    fill_bar = None if fill_value is None else np.sum(bar[outside_grid(at, points)])
    return np.reshape(at_bar, np.shape(at)), NotImplemented, values_bar, None, None, fill_bar


def outside_grid(at, points):
    """Which points lie beyond the border, where the value is ``fill_value``."""
    xi = np.atleast_2d(at)
    beyond = [(xi[..., k] < np.min(knots)) | (xi[..., k] > np.max(knots)) for k, knots in enumerate(points)]
    return np.any(beyond, axis=0)


@jvp(grid, 0)
def grid_at(at_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    values, total = np.asarray(values), np.zeros(np.shape(out))
    for index, _, slopes in grid_corners(at, points, values, fill_value, method):
        weight_dot = np.sum(slopes * at_dot, axis=-1)
        rest = (1,) * (np.ndim(out) - np.ndim(weight_dot))
        total += np.reshape(weight_dot, np.shape(weight_dot) + rest) * values[index]
    return total


@jvp(grid, 2)
def grid_values(values_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    beyond = None if fill_value is None else 0.0
    return interpolate.interpn(points, values_dot, at, method, bounds_error, beyond)


@jvp(grid, 5)
def grid_fill_value(fill_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    outside = outside_grid(at, points)
    return np.reshape(outside, np.shape(outside) + (1,) * (np.ndim(out) - np.ndim(outside))) * fill_dot + 0.0 * out


@definition(interpolate.interpn)
def interpn(points, values, xi, method="linear", bounds_error=True, fill_value=np.nan):
    if method == "splinef2d":
        return by_surface(np.atleast_2d(xi), points, values, bounds_error, fill_value)
    check_method(method)
    return grid(xi, points, values, method, bounds_error, fill_value)


def by_surface(xi, points, values, bounds_error, fill_value):
    """A surface through all values, by cubic splines along both axes."""
    outside = outside_grid(xi, points)
    if fill_value is None or (bounds_error and np.any(outside)):
        raise ValueError("the method splinef2d does not go on beyond the border")
    found = rect_spline(xi[..., 0], xi[..., 1], points[0], points[1], values, (), 3, 3, 0, 0, 0, False)
    return np.where(outside, fill_value, in_precision(found, xi))


@maker(interpolate.RegularGridInterpolator)
def regular_grid(at, points, values, method="linear", bounds_error=True, fill_value=np.nan, *, solver=None,
                 solver_args=None):  # fmt: skip
    check_method(method)
    return grid(at, points, values, method, bounds_error, fill_value)


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


infer(grid)(lambda *args, **options: some_floats())
