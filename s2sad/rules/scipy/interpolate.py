"""Rules of ``scipy.interpolate``.

What interpolates is linear in the values: the matrix of a method is what it makes of unit vectors.  By the points it
has the derivative that SciPy computes.  By the places of the samples there is none.
"""

import numpy as np
from scipy import interpolate

from ...runtime import no_derivative
from ..table import definition, jvp, maker, no_rule, vjp

# One variable: of samples ``y`` at ``x``, along an axis


def rows_of(bar, shape, axis):
    """A cotangent of values at points of a shape, with a row for each point."""
    count = len(shape)
    start = axis % (np.ndim(bar) - count + 1)
    moved = np.moveaxis(bar, range(start, start + count), range(count))
    return np.reshape(moved, (int(np.prod(shape)), -1))


def pulled(bar, at, y, axis, slopes, matrix):
    """The cotangents of the points and of the values of an interpolation.

    Args:
        slopes: the derivatives at the points, shaped as the values.
        matrix: what the interpolation makes of unit vectors, along axis 0.
    """
    shape = np.shape(at)
    bars = rows_of(bar, shape, axis)
    at_bar = np.reshape(np.sum(bars * rows_of(slopes, shape, axis), axis=1), shape)
    columns = np.reshape(matrix, (-1, np.shape(matrix)[-1])).T @ bars
    rest = np.shape(np.moveaxis(y, axis, 0))[1:]
    return at_bar, np.moveaxis(np.reshape(columns, (-1, *rest)), 0, axis)


def pushed(at_dot, slopes, at, axis):
    """The tangents of the values of an interpolation from those of the points."""
    count = np.ndim(at)
    start = axis % (np.ndim(slopes) - count + 1)
    return slopes * np.reshape(at_dot, np.shape(at) + (1,) * (np.ndim(slopes) - count - start))


@maker(interpolate.CubicSpline, call="at nu extrapolate")
def cubic_spline(at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    return interpolate.CubicSpline(x, y, axis, bc_type, extrapolate)(at, nu)


@vjp(cubic_spline)
def cubic_spline_vjp(bar, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    slopes = interpolate.CubicSpline(x, y, axis, bc_type, extrapolate)(at, nu + 1)
    matrix = interpolate.CubicSpline(x, np.eye(len(x)), 0, homogeneous(bc_type, len(x)), extrapolate)(at, nu)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, None, NotImplemented, None


def homogeneous(bc_type, shape):
    """Boundary conditions with zeros for their values, of the shape that one sample's values have."""
    if isinstance(bc_type, str):
        return bc_type
    return tuple(one if isinstance(one, str) else (one[0], np.zeros(shape)) for one in bc_type)


@jvp(cubic_spline, 0)
def cubic_spline_at(at_dot, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    slopes = interpolate.CubicSpline(x, y, axis, bc_type, extrapolate)(at, nu + 1)
    return pushed(at_dot, slopes, at, axis)


@jvp(cubic_spline, 2)
def cubic_spline_y(y_dot, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    shape = np.shape(np.moveaxis(y_dot, axis, 0))[1:]
    return interpolate.CubicSpline(x, y_dot, axis, homogeneous(bc_type, shape), extrapolate)(at, nu)


@maker(interpolate.make_interp_spline, call="at nu extrapolate")
def interp_spline(at, x, y, k=3, *, axis=0, nu=0):
    return interpolate.make_interp_spline(x, y, k, axis=axis)(at, nu)


@vjp(interp_spline)
def interp_spline_vjp(bar, out, at, x, y, k=3, *, axis=0, nu=0):
    slopes = interpolate.make_interp_spline(x, y, k, axis=axis)(at, nu + 1)
    matrix = interpolate.make_interp_spline(x, np.eye(len(x)), k)(at, nu)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, None


@jvp(interp_spline, 0)
def interp_spline_at(at_dot, out, at, x, y, k=3, *, axis=0, nu=0):
    return pushed(at_dot, interpolate.make_interp_spline(x, y, k, axis=axis)(at, nu + 1), at, axis)


@jvp(interp_spline, 2)
def interp_spline_y(y_dot, out, at, x, y, k=3, *, axis=0, nu=0):
    return interpolate.make_interp_spline(x, y_dot, k, axis=axis)(at, nu)


def order_of(kind):
    """The degree of the polynomials of a kind of interpolation."""
    if not isinstance(kind, str):
        return kind
    if kind in ("linear", "slinear"):
        return 1
    return 2 if kind == "quadratic" else 3 if kind == "cubic" else 0


@maker(interpolate.interp1d)
def interp1d(at, x, y, kind="linear", axis=-1, *, bounds_error=None, fill_value=np.nan):
    return interpolate.interp1d(x, y, kind=kind, axis=axis, bounds_error=bounds_error, fill_value=fill_value)(at)


def interp1d_slopes(at, x, y, kind, axis, fill_value):
    """The derivatives by the points; those outside that get a constant have none."""
    order = order_of(kind)
    if order == 0:
        return np.zeros(np.shape(interpolate.interp1d(x, y, kind, axis, fill_value="extrapolate")(at)))
    slopes = interpolate.make_interp_spline(x, y, order, axis=axis)(at, 1)
    if isinstance(fill_value, str):
        return slopes
    inside = (np.asarray(at) >= np.min(x)) & (np.asarray(at) <= np.max(x))
    return np.where(pushed(np.ones(np.shape(at)) * inside, np.ones_like(slopes), at, axis) > 0, slopes, 0.0)


@vjp(interp1d)
def interp1d_vjp(bar, out, at, x, y, kind="linear", axis=-1, *, bounds_error=None, fill_value=np.nan):
    slopes = interp1d_slopes(at, x, y, kind, axis, fill_value)
    beyond = "extrapolate" if isinstance(fill_value, str) else 0.0
    matrix = interpolate.interp1d(x, np.eye(len(x)), kind=kind, axis=0, bounds_error=False, fill_value=beyond)(at)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, None, None


@jvp(interp1d, 0)
def interp1d_at(at_dot, out, at, x, y, kind="linear", axis=-1, *, bounds_error=None, fill_value=np.nan):
    return pushed(at_dot, interp1d_slopes(at, x, y, kind, axis, fill_value), at, axis)


@jvp(interp1d, 2)
def interp1d_y(y_dot, out, at, x, y, kind="linear", axis=-1, *, bounds_error=None, fill_value=np.nan):
    beyond = "extrapolate" if isinstance(fill_value, str) else 0.0
    return interpolate.interp1d(x, y_dot, kind=kind, axis=axis, bounds_error=False, fill_value=beyond)(at)


@maker(interpolate.PchipInterpolator, call="at nu extrapolate")
def pchip(at, x, y, axis=0, extrapolate=None, *, nu=0):
    return interpolate.PchipInterpolator(x, y, axis, extrapolate)(at, nu)


@vjp(pchip)
def pchip_vjp(bar, out, at, x, y, axis=0, extrapolate=None, *, nu=0):
    slopes = interpolate.PchipInterpolator(x, y, axis, extrapolate)(at, nu + 1)
    shape = np.shape(at)
    at_bar = np.sum(rows_of(bar, shape, axis) * rows_of(slopes, shape, axis), axis=1)
    return np.reshape(at_bar, shape), NotImplemented, NotImplemented, None, None


@jvp(pchip, 0)
def pchip_at(at_dot, out, at, x, y, axis=0, extrapolate=None, *, nu=0):
    return pushed(at_dot, interpolate.PchipInterpolator(x, y, axis, extrapolate)(at, nu + 1), at, axis)


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
    if method != "linear":
        raise no_derivative(f"an interpolation on a grid has a derivative rule for method='linear', not {method!r}")


def grid_corners(at, points, values, fill_value):
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
    found = []
    for corner in np.ndindex(*(2,) * len(low)):
        factors = [p if c else 1 - p for p, c in zip(part, corner, strict=True)]
        slopes = []
        for axis, c in enumerate(corner):
            others = np.prod([f for k, f in enumerate(factors) if k != axis], axis=0)
            slopes.append(np.where(inside, (1.0 if c else -1.0) / widths[axis] * others, 0.0))
        index = tuple(first + c for first, c in zip(low, corner, strict=True))
        found.append((index, np.where(inside, np.prod(factors, axis=0), 0.0), np.stack(slopes, axis=-1)))
    return found


@vjp(grid)
def grid_vjp(bar, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    values = np.asarray(values)
    values_bar, at_bar = np.zeros(np.shape(values)), np.zeros(np.shape(np.atleast_2d(at)))
    rest = tuple(range(np.ndim(at_bar) - 1, np.ndim(bar)))
    for index, weight, slopes in grid_corners(at, points, values, fill_value):
        np.add.at(values_bar, index, np.reshape(weight, np.shape(weight) + (1,) * len(rest)) * bar)
        at_bar += np.expand_dims(np.sum(bar * values[index], axis=rest), -1) * slopes
    return np.reshape(at_bar, np.shape(at)), NotImplemented, values_bar, None, None, None


@jvp(grid, 0)
def grid_at(at_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    values, total = np.asarray(values), np.zeros(np.shape(out))
    for index, _, slopes in grid_corners(at, points, values, fill_value):
        weight_dot = np.sum(slopes * at_dot, axis=-1)
        rest = (1,) * (np.ndim(out) - np.ndim(weight_dot))
        total += np.reshape(weight_dot, np.shape(weight_dot) + rest) * values[index]
    return total


@jvp(grid, 2)
def grid_values(values_dot, out, at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    return interpolate.interpn(points, values_dot, at, method, bounds_error, None if fill_value is None else 0.0)


@definition(interpolate.interpn)
def interpn(points, values, xi, method="linear", bounds_error=True, fill_value=np.nan):
    check_method(method)
    return grid(xi, points, values, method, bounds_error, fill_value)


@maker(interpolate.RegularGridInterpolator)
def regular_grid(at, points, values, method="linear", bounds_error=True, fill_value=np.nan):
    check_method(method)
    return grid(at, points, values, method, bounds_error, fill_value)


# Polynomials through all samples: linear in the values


@vjp(interpolate.barycentric_interpolate)
def barycentric_interpolate(bar, out, xi, yi, x, *, axis=0, der=0):
    slopes = interpolate.barycentric_interpolate(xi, yi, x, axis, der=der + 1)
    matrix = interpolate.barycentric_interpolate(xi, np.eye(len(xi)), x, 0, der=der)
    x_bar, yi_bar = pulled(bar, x, yi, axis, slopes, matrix)
    return NotImplemented, yi_bar, x_bar


@jvp(interpolate.barycentric_interpolate, 1)
def barycentric_yi(yi_dot, out, xi, yi, x, *, axis=0, der=0):
    return interpolate.barycentric_interpolate(xi, yi_dot, x, axis, der=der)


@jvp(interpolate.barycentric_interpolate, 2)
def barycentric_x(x_dot, out, xi, yi, x, *, axis=0, der=0):
    return pushed(x_dot, interpolate.barycentric_interpolate(xi, yi, x, axis, der=der + 1), x, axis)


@vjp(interpolate.krogh_interpolate)
def krogh_interpolate(bar, out, xi, yi, x, *, der=0, axis=0):
    slopes = interpolate.krogh_interpolate(xi, yi, x, der + 1, axis)
    matrix = interpolate.krogh_interpolate(xi, np.eye(len(xi)), x, der, 0)
    x_bar, yi_bar = pulled(bar, x, yi, axis, slopes, matrix)
    return NotImplemented, yi_bar, x_bar


@jvp(interpolate.krogh_interpolate, 1)
def krogh_yi(yi_dot, out, xi, yi, x, *, der=0, axis=0):
    return interpolate.krogh_interpolate(xi, yi_dot, x, der, axis)


@jvp(interpolate.krogh_interpolate, 2)
def krogh_x(x_dot, out, xi, yi, x, *, der=0, axis=0):
    return pushed(x_dot, interpolate.krogh_interpolate(xi, yi, x, der + 1, axis), x, axis)


# Splines by knots, coefficients and degrees (``tck``), by the points


def spline_slopes(x, tck, der, ext):
    """The derivative of ``splev`` by its points; outside of the knots zero where it is constant there."""
    if not isinstance(tck, interpolate.BSpline) and not isinstance(tck[1], np.ndarray):
        raise no_derivative("splev of several coordinates has no derivative rule: call it for each of them")
    degree = tck.k if isinstance(tck, interpolate.BSpline) else tck[2]
    if der >= degree:
        return np.zeros(np.shape(x))
    return interpolate.splev(x, tck, der + 1, 1 if ext in (3, "const") else ext)


@vjp(interpolate.splev)
def splev(bar, out, x, tck, der=0, ext=0):
    return bar * spline_slopes(x, tck, der, ext), NotImplemented, None, None


@jvp(interpolate.splev, 0)
def splev_x(x_dot, out, x, tck, der=0, ext=0):
    return x_dot * spline_slopes(x, tck, der, ext)


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


USE = "use CubicSpline, make_interp_spline, interp1d, interpn or RegularGridInterpolator, which have rules"
no_rule(
    USE,
    *(interpolate.Akima1DInterpolator, interpolate.BSpline, interpolate.BarycentricInterpolator, interpolate.PPoly),
    *(interpolate.CloughTocher2DInterpolator, interpolate.CubicHermiteSpline, interpolate.InterpolatedUnivariateSpline),
    *(interpolate.KroghInterpolator, interpolate.LinearNDInterpolator, interpolate.RBFInterpolator, interpolate.Rbf),
    *(interpolate.RectBivariateSpline, interpolate.UnivariateSpline, interpolate.griddata, interpolate.lagrange),
    *(interpolate.make_lsq_spline, interpolate.pchip_interpolate, interpolate.splder),
    *(interpolate.splint, interpolate.splprep, interpolate.splrep),
)
