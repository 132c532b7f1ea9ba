"""Splines through samples of one variable, and splines by knots and coefficients.

What interpolates is linear in the values: the matrix of a method is what it makes of unit vectors.  By the points it
has the derivative that SciPy computes.
"""

import numpy as np
from scipy import interpolate

from ....runtime import no_derivative
from ...inference import like_floats, some_floats, typed
from ...table import infer, jvp, maker, orders, vjp
from .shapes import between, pulled, pushed

# Through samples ``y`` at ``x``, along an axis; derivatives of a negative order are antiderivatives


def cubic_values(at, nu, x, y, axis, bc_type, extrapolate):
    spline = interpolate.CubicSpline(x, y, axis, bc_type, extrapolate)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


@maker(interpolate.CubicSpline, call="at nu extrapolate")
def cubic_spline(at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    return cubic_values(at, nu, x, y, axis, bc_type, extrapolate)


@vjp(cubic_spline)
def cubic_spline_vjp(bar, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    slopes = cubic_values(at, nu + 1, x, y, axis, bc_type, extrapolate)
    units = unit_samples(len(x), bc_type)
    matrix = cubic_values(at, nu, x, units, 0, homogeneous(bc_type, len(x)), extrapolate)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, None, NotImplemented, None


def unit_samples(n, bc_type):
    """Unit vectors; of a periodic spline the first and the last sample are one, which gets half of each."""
    units = np.eye(n)
    if not isinstance(bc_type, str) or bc_type != "periodic":
        return units
    return 0.5 * (units + units[np.concatenate([[n - 1], np.arange(1, n - 1), [0]])])


def homogeneous(bc_type, shape):
    """Boundary conditions with zeros for their values, of the shape that one sample's values have."""
    if isinstance(bc_type, str):
        return bc_type
    return tuple(one if isinstance(one, str) else (one[0], np.zeros(shape)) for one in bc_type)


@jvp(cubic_spline, 0)
def cubic_spline_at(at_dot, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    slopes = cubic_values(at, nu + 1, x, y, axis, bc_type, extrapolate)
    return pushed(at_dot, slopes, at, axis)


@jvp(cubic_spline, 2)
def cubic_spline_y(y_dot, out, at, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, nu=0):
    shape = np.shape(np.moveaxis(y_dot, axis, 0))[1:]
    return cubic_values(at, nu, x, y_dot, axis, homogeneous(bc_type, shape), extrapolate)


@maker(interpolate.CubicSpline, "integrate", call="a b extrapolate")
def cubic_integral(a, x, y, axis=0, bc_type="not-a-knot", extrapolate=None, *, b):
    ends = cubic_spline(np.stack([a, b]), x, y, axis, bc_type, extrapolate, nu=-1)
    return between(ends, axis, bc_type, extrapolate)


def interp_values(at, nu, x, y, k, t=None, bc_type=None, axis=0):
    spline = interpolate.make_interp_spline(x, y, k, t, bc_type, axis)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


@maker(interpolate.make_interp_spline, call="at nu extrapolate")
def interp_spline(at, x, y, k=3, t=None, bc_type=None, *, axis=0, check_finite=True, nu=0):
    return interp_values(at, nu, x, y, k, t, bc_type, axis)


def without_values(bc_type, shape):
    """Boundary conditions of `make_interp_spline` with zeros for their values, of the shape that one sample has."""
    if bc_type is None or isinstance(bc_type, str):
        return bc_type
    return tuple(
        one if one is None or isinstance(one, str) else [(order, np.zeros(shape)) for order, _ in one]
        for one in bc_type
    )  # fmt: skip


@vjp(interp_spline)
def interp_spline_vjp(bar, out, at, x, y, k=3, t=None, bc_type=None, *, axis=0, check_finite=True, nu=0):
    slopes = interp_values(at, nu + 1, x, y, k, t, bc_type, axis)
    matrix = interp_values(at, nu, x, unit_samples(len(x), bc_type), k, t, without_values(bc_type, len(x)))
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, None, NotImplemented, NotImplemented


@jvp(interp_spline, 0)
def interp_spline_at(at_dot, out, at, x, y, k=3, t=None, bc_type=None, *, axis=0, check_finite=True, nu=0):
    return pushed(at_dot, interp_values(at, nu + 1, x, y, k, t, bc_type, axis), at, axis)


@jvp(interp_spline, 2)
def interp_spline_y(y_dot, out, at, x, y, k=3, t=None, bc_type=None, *, axis=0, check_finite=True, nu=0):
    shape = np.shape(np.moveaxis(y_dot, axis, 0))[1:]
    return interp_values(at, nu, x, y_dot, k, t, without_values(bc_type, shape), axis)


@maker(interpolate.make_interp_spline, "integrate", call="a b extrapolate")
def interp_spline_integral(a, x, y, k=3, t=None, bc_type=None, *, axis=0, check_finite=True, b):
    ends = interp_spline(np.stack([a, b]), x, y, k, t, bc_type, axis=axis, nu=-1)
    return between(ends, axis, bc_type)


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


def interp1d_slopes(at, x, y, kind, axis, fill_value, nu=1):
    """The derivatives by the points; those outside that get a constant have none."""
    order = order_of(kind)
    if order == 0:
        return np.zeros(np.shape(interpolate.interp1d(x, y, kind, axis, fill_value="extrapolate")(at)))
    places = np.argsort(x, kind="stable")  # interp1d sorts what it is made of
    slopes = interpolate.make_interp_spline(np.take(x, places), np.take(y, places, axis), order, axis=axis)(at, nu)
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


# By least squares, and smoothing; the interpolating spline of FITPACK has the knots of make_interp_spline


def lsq_values(at, nu, x, y, t, k, w, axis=0):
    spline = interpolate.make_lsq_spline(x, y, t, k, w, axis)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


@maker(interpolate.make_lsq_spline, call="at nu extrapolate")
def lsq_spline(at, x, y, t, k=3, w=None, axis=0, *, nu=0):
    return lsq_values(at, nu, x, y, t, k, w, axis)


@vjp(lsq_spline)
def lsq_spline_vjp(bar, out, at, x, y, t, k=3, w=None, axis=0, *, nu=0):
    slopes = lsq_values(at, nu + 1, x, y, t, k, w, axis)
    matrix = lsq_values(at, nu, x, np.eye(len(x)), t, k, w)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, NotImplemented, None, NotImplemented, None


@jvp(lsq_spline, 0)
def lsq_spline_at(at_dot, out, at, x, y, t, k=3, w=None, axis=0, *, nu=0):
    return pushed(at_dot, lsq_values(at, nu + 1, x, y, t, k, w, axis), at, axis)


@jvp(lsq_spline, 2)
def lsq_spline_y(y_dot, out, at, x, y, t, k=3, w=None, axis=0, *, nu=0):
    return lsq_values(at, nu, x, y_dot, t, k, w, axis)


@maker(interpolate.make_lsq_spline, "integrate", call="a b extrapolate")
def lsq_integral(a, x, y, t, k=3, w=None, axis=0, *, b):
    return between(lsq_spline(np.stack([a, b]), x, y, t, k, w, axis, nu=-1), axis)


# The smoothing spline of a given parameter; without one, SciPy looks for the best by cross-validation


def smooth_values(at, nu, x, y, w, lam, axis=0):
    if lam is None:
        raise no_derivative("make_smoothing_spline has a derivative rule with lam= only: otherwise it is found by "
                            "cross-validation")  # fmt: skip
    spline = interpolate.make_smoothing_spline(x, y, w, lam, axis=axis)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


@maker(interpolate.make_smoothing_spline, call="at nu extrapolate")
def smoothing_spline(at, x, y, w=None, lam=None, axis=0, *, nu=0):
    return smooth_values(at, nu, x, y, w, lam, axis)


@vjp(smoothing_spline)
def smoothing_spline_vjp(bar, out, at, x, y, w=None, lam=None, axis=0, *, nu=0):
    slopes = smooth_values(at, nu + 1, x, y, w, lam, axis)
    matrix = smooth_values(at, nu, x, np.eye(len(x)), w, lam)
    at_bar, y_bar = pulled(bar, at, y, axis, slopes, matrix)
    return at_bar, NotImplemented, y_bar, NotImplemented, NotImplemented, None


@jvp(smoothing_spline, 0)
def smoothing_spline_at(at_dot, out, at, x, y, w=None, lam=None, axis=0, *, nu=0):
    return pushed(at_dot, smooth_values(at, nu + 1, x, y, w, lam, axis), at, axis)


@jvp(smoothing_spline, 2)
def smoothing_spline_y(y_dot, out, at, x, y, w=None, lam=None, axis=0, *, nu=0):
    return smooth_values(at, nu, x, y_dot, w, lam, axis)


@maker(interpolate.make_smoothing_spline, "integrate", call="a b extrapolate")
def smoothing_integral(a, x, y, w=None, lam=None, axis=0, *, b):
    return between(smoothing_spline(np.stack([a, b]), x, y, w, lam, axis, nu=-1), axis)


@maker(interpolate.InterpolatedUnivariateSpline, call="at nu ext")
def interpolated(at, x, y, w=None, bbox=(None, None), k=3, ext=0, *, nu=0):
    return smoothed(at, x, y, w, bbox, k, 0, ext, nu)


@maker(interpolate.UnivariateSpline, call="at nu ext")
def univariate(at, x, y, w=None, bbox=(None, None), k=3, s=None, ext=0, *, nu=0):
    return smoothed(at, x, y, w, bbox, k, s, ext, nu)


@maker(interpolate.LSQUnivariateSpline, call="at nu ext")
def by_knots(at, x, y, t, w=None, bbox=(None, None), k=3, ext=0, check_finite=False, *, nu=0):
    return smoothed(at, x, y, w, bbox, k, None, ext, nu, t)


@maker(interpolate.InterpolatedUnivariateSpline, "integral", call="a b")
def interpolated_integral(a, x, y, w=None, bbox=(None, None), k=3, ext=0, *, b):
    return univariate_integral(a, x, y, w, bbox, k, 0, ext, b=b)


@maker(interpolate.LSQUnivariateSpline, "integral", call="a b")
def by_knots_integral(a, x, y, t, w=None, bbox=(None, None), k=3, ext=0, check_finite=False, *, b):
    return univariate_integral(a, x, y, w, bbox, k, None, ext, b=b, t=t)


@maker(interpolate.UnivariateSpline, "integral", call="a b")
def univariate_integral(a, x, y, w=None, bbox=(None, None), k=3, s=None, ext=0, *, b, t=None):
    # FITPACK leaves out what is beyond the samples
    low, high = x[0] if bbox[0] is None else bbox[0], x[-1] if bbox[1] is None else bbox[1]
    ends = smoothed(np.clip(np.stack([a, b]), low, high), x, y, w, bbox, k, s, 0, -1, t)
    return float(ends[1] - ends[0])


orders("n", interpolate.UnivariateSpline, interpolate.InterpolatedUnivariateSpline, interpolate.LSQUnivariateSpline)


def smoothed_values(at, nu, x, y, w, bbox, k, s, ext, t=None):
    if t is None:
        spline = interpolate.UnivariateSpline(x, y, w, bbox, k, s, ext)
    else:
        spline = interpolate.LSQUnivariateSpline(x, y, t, w, bbox, k, ext)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


def smoothed(at, x, y, w, bbox, k, s, ext, nu, t=None):
    if nu < 0 and ext not in (0, "extrapolate"):
        raise no_derivative("the antiderivative of a UnivariateSpline has a derivative rule with ext=0")
    return smoothed_values(at, nu, x, y, w, bbox, k, s, ext, t)


def smoothed_slopes(at, x, y, w, bbox, k, s, ext, nu, t):
    """Where FITPACK takes the value at the border, the derivative is zero beyond it."""
    if nu >= k:
        return np.zeros(np.shape(at))
    return smoothed(at, x, y, w, bbox, k, s, slope_mode(ext, nu), nu + 1, t)


def slope_mode(ext, nu):
    """How a derivative goes on beyond the border; only values stop at it, derivatives of FITPACK's go on."""
    return 1 if ext in (3, "const") and nu == 0 else ext


@vjp(smoothed)
def smoothed_vjp(bar, out, at, x, y, w, bbox, k, s, ext, nu, t=None):
    at_bar = bar * smoothed_slopes(at, x, y, w, bbox, k, s, ext, nu, t)
    y_bar = np.ravel(bar) @ unit_splines(at, x, w, bbox, k, s, ext, nu, t) if is_linear(s, t) else NotImplemented
    return at_bar, NotImplemented, y_bar, NotImplemented, NotImplemented, None, NotImplemented, None, None, None


def is_linear(s, t):
    """Whether the knots do not depend on the samples: where they are is given, or all are met."""
    return t is not None or (s is not None and s == 0)


def unit_splines(at, x, w, bbox, k, s, ext, nu, t):
    """What a spline with given knots makes of unit vectors."""
    columns = [smoothed_values(np.ravel(at), nu, x, unit, w, bbox, k, s, ext, t) for unit in np.eye(len(x))]
    return np.stack(columns, axis=1)


@jvp(smoothed, 2)
def smoothed_y(y_dot, out, at, x, y, w, bbox, k, s, ext, nu, t=None):
    if not is_linear(s, t):
        raise no_derivative("UnivariateSpline has a derivative by y with s=0 only")
    return smoothed(at, x, y_dot, w, bbox, k, s, ext, nu, t)


@jvp(smoothed, 0)
def smoothed_at(at_dot, out, at, x, y, w, bbox, k, s, ext, nu, t=None):
    return at_dot * smoothed_slopes(at, x, y, w, bbox, k, s, ext, nu, t)


infer(smoothed)(lambda at, *args, **options: like_floats(at))


# By knots and coefficients


def b_values(at, nu, t, c, k, extrapolate, axis=0):
    spline = interpolate.BSpline(t, c, k, extrapolate, axis)
    return spline(at, nu) if nu >= 0 else spline.antiderivative(-nu)(at)


@maker(interpolate.BSpline, call="at nu extrapolate")
def b_spline(at, t, c, k, extrapolate=True, axis=0, *, nu=0):
    return b_values(at, nu, t, c, k, extrapolate, axis)


@vjp(b_spline)
def b_spline_vjp(bar, out, at, t, c, k, extrapolate=True, axis=0, *, nu=0):
    slopes = b_values(at, nu + 1, t, c, k, extrapolate, axis)
    matrix = b_values(at, nu, t, np.eye(np.shape(c)[axis]), k, extrapolate)
    at_bar, c_bar = pulled(bar, at, c, axis, slopes, matrix)
    return at_bar, NotImplemented, c_bar, None, None, None


@jvp(b_spline, 0)
def b_spline_at(at_dot, out, at, t, c, k, extrapolate=True, axis=0, *, nu=0):
    return pushed(at_dot, b_values(at, nu + 1, t, c, k, extrapolate, axis), at, axis)


@jvp(b_spline, 2)
def b_spline_c(c_dot, out, at, t, c, k, extrapolate=True, axis=0, *, nu=0):
    return b_values(at, nu, t, c_dot, k, extrapolate, axis)


@maker(interpolate.BSpline, "integrate", call="a b extrapolate")
def b_spline_integral(a, t, c, k, extrapolate=True, axis=0, *, b):
    if extrapolate is False:  # SciPy leaves out what is beyond the knots
        a, b = np.clip(a, t[k], t[-k - 1]), np.clip(b, t[k], t[-k - 1])
    ends = b_spline(np.stack([a, b]), t, c, k, extrapolate, axis, nu=-1)
    return between(ends, axis, extrapolate)


orders("nu", interpolate.CubicSpline, interpolate.make_interp_spline, interpolate.make_lsq_spline, interpolate.BSpline,
       interpolate.make_smoothing_spline)  # fmt: skip


@infer(b_spline, lsq_spline, cubic_spline, interp_spline, smoothing_spline)
def along_axis(at, *args, **options):
    y = args[1] if len(args) > 1 else options.get("y", options.get("c"))
    points, samples = typed(at).rank if typed(at).kind == "array" else 0, typed(y).rank
    return some_floats(None if points is None or samples is None else points + samples - 1)
