"""Calls of interpolations that were made elsewhere, of constants: the derivatives by the points.

The objects know their derivatives, of any order: `slope_at` asks them, and its own derivative is the next one.
"""

import numpy as np
from scipy import interpolate

from ...inference import an_integer, some_floats
from ...table import infer, jvp, vjp, zero_derivative
from .grids import grid_at, grid_vjp
from .shapes import coordinates, pushed, rows_of
from .splines import interp1d_slopes, slope_mode


def slope_at(self, x, order, option=None):
    """The derivative of an order at points; ``option``: how it goes on beyond the border, where the call says so."""
    if isinstance(self, interpolate.interp1d):
        kind = self._spline.k if self._kind == "spline" else self._kind
        return interp1d_slopes(x, self.x, self.y, kind, self.axis, self.fill_value, order)
    if isinstance(self, interpolate.UnivariateSpline):
        mode = slope_mode(self.ext if option is None else option, 0)
        return self(x, order, mode) if order <= self._eval_args[2] else np.zeros(np.shape(x))
    if isinstance(self, (interpolate.KroghInterpolator, interpolate.BarycentricInterpolator)):
        return self.derivative(x, order)
    return self(x, order, option)


def axis_of(self):
    """The axis of the samples."""
    if isinstance(self, interpolate.UnivariateSpline):
        return 0
    return self.axis if isinstance(self, (interpolate.PPoly, interpolate.BSpline)) else self._y_axis


zero_derivative(axis_of)
infer(axis_of)(lambda self: an_integer())


def points_bar(bar, x, slopes, axis):
    """The cotangent of points, from those of the values there."""
    products = rows_of(bar, np.shape(x), axis) * rows_of(slopes, np.shape(x), axis)
    return np.reshape(np.sum(products, axis=1), np.shape(x))


@vjp(slope_at)
def slope_at_vjp(bar, out, self, x, order, option=None):
    slopes = slope_at(self, x, order + 1, option)
    return NotImplemented, points_bar(bar, x, slopes, axis_of(self)), None, None


@jvp(slope_at, 1)
def slope_at_x(x_dot, out, self, x, order, option=None):
    return pushed(x_dot, slope_at(self, x, order + 1, option), x, axis_of(self))


infer(slope_at)(lambda *args: some_floats())

# Piecewise polynomials, B-splines, FITPACK's splines: ``spline(x, nu, ...)``


@vjp(interpolate.PPoly.__call__, interpolate.BSpline.__call__)
def of_spline(bar, out, self, x, nu=0, extrapolate=None):
    return NotImplemented, points_bar(bar, x, slope_at(self, x, nu + 1, extrapolate), axis_of(self)), None, None


@jvp(interpolate.PPoly.__call__, 1)
def of_spline_x(x_dot, out, self, x, nu=0, extrapolate=None):
    return pushed(x_dot, slope_at(self, x, nu + 1, extrapolate), x, axis_of(self))


@vjp(interpolate.UnivariateSpline.__call__)
def of_univariate(bar, out, self, x, nu=0, ext=None):
    return NotImplemented, bar * slope_at(self, x, nu + 1, beyond(self, ext, nu)), None, None


@jvp(interpolate.UnivariateSpline.__call__, 1)
def of_univariate_x(x_dot, out, self, x, nu=0, ext=None):
    return x_dot * slope_at(self, x, nu + 1, beyond(self, ext, nu))


def beyond(self, ext, nu):
    """Values may stop at the border; derivatives of FITPACK's go on then."""
    ext = self.ext if ext is None else ext
    return 0 if nu > 0 and ext in (3, "const") else ext


zero_derivative(beyond)
infer(beyond)(lambda *args: an_integer())

# Through all samples, and interp1d

any_interpolator = interpolate.interp1d.__call__


@vjp(any_interpolator, interpolate.BarycentricInterpolator.__call__)
def of_interpolator(bar, out, self, x):
    return NotImplemented, points_bar(bar, x, slope_at(self, x, 1), axis_of(self))


@jvp(any_interpolator, 1)
def of_interpolator_x(x_dot, out, self, x):
    return pushed(x_dot, slope_at(self, x, 1), x, axis_of(self))


# Grids


@vjp(interpolate.RegularGridInterpolator.__call__)
def of_grid(bar, out, self, xi, method=None):
    at, chosen = coordinates(xi, len(self.grid)), self.method if method is None else method
    at_bar = grid_vjp(bar, out, at, self.grid, self.values, chosen, fill_value=self.fill_value)[0]
    if isinstance(xi, tuple) and len(xi) > 1:
        return NotImplemented, tuple(at_bar[..., k] for k in range(len(xi))), None
    return NotImplemented, np.reshape(at_bar, np.shape(xi)), None


@jvp(interpolate.RegularGridInterpolator.__call__, 1)
def of_grid_xi(xi_dot, out, self, xi, method=None):
    at, at_dot = (coordinates(x, len(self.grid)) for x in (xi, xi_dot))
    chosen = self.method if method is None else method
    return grid_at(at_dot, out, at, self.grid, self.values, chosen, fill_value=self.fill_value)


@infer(interpolate.PPoly.__call__, interpolate.BSpline.__call__, any_interpolator,
       interpolate.UnivariateSpline.__call__, interpolate.RegularGridInterpolator.__call__)  # fmt: skip
def values_at(self, x, *args, **options):
    return some_floats()
