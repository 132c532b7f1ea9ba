"""Splines by knots, coefficients and degrees, as FITPACK has them (P. Dierckx, *Curve and Surface Fitting*, 1993)."""

import numpy as np
from scipy import interpolate, sparse

from ....runtime import no_derivative, stop_gradient
from ...inference import knots_and_coefficients, like_floats, number, some_floats
from ...table import definition, infer, jvp, linear, vjp
from .splines import slope_mode

# Splines by knots, coefficients and degrees (``tck``), by the points


def spline_slopes(x, tck, der, ext):
    """The derivative of ``splev`` by its points; outside of the knots zero where it is constant there."""
    if not isinstance(tck, interpolate.BSpline) and not isinstance(tck[1], np.ndarray):
        raise no_derivative("splev of several coordinates has no derivative rule: call it for each of them")
    degree = tck.k if isinstance(tck, interpolate.BSpline) else tck[2]
    if der >= degree:
        return np.zeros(np.shape(x))
    return interpolate.splev(x, tck, der + 1, slope_mode(ext, der))


def spline_matrix(x, knots, degree, der, ext):
    """A derivative of the B-splines at points, a row for each."""
    low, high = knots[degree], knots[-degree - 1]
    splines = interpolate.BSpline(knots, np.eye(len(knots) - degree - 1), degree)
    places = np.clip(x, low, high) if ext in (3, "const") and der == 0 else x
    inside = (low <= x) & (x <= high) if ext in (1, "zeros") else np.full(np.shape(x), True)
    return splines(places, der) * np.reshape(inside, (-1, 1))


def padded(c, size):
    """Coefficients with as many zeros behind them as FITPACK puts there."""
    return np.concatenate([c, np.zeros(size - np.size(c))])


@vjp(interpolate.splev)
def splev(bar, out, x, tck, der=0, ext=0):
    x_bar = bar * spline_slopes(x, tck, der, ext)
    if not isinstance(tck, tuple):
        return x_bar, NotImplemented, None, None
    matrix = spline_matrix(np.ravel(x), stop_gradient(tck[0]), tck[2], der, ext)
    by_knots = np.full(np.shape(tck[0]), np.nan)  # not known, and mostly not needed
    return x_bar, (by_knots, padded(np.ravel(bar) @ matrix, np.size(tck[1])), None), None, None


@jvp(interpolate.splev, 0)
def splev_x(x_dot, out, x, tck, der=0, ext=0):
    return x_dot * spline_slopes(x, tck, der, ext)


@jvp(interpolate.splev, 1)
def splev_tck(tck_dot, out, x, tck, der=0, ext=0):
    check_knots(tck_dot[0])
    return interpolate.splev(x, (stop_gradient(tck[0]), tck_dot[1], tck[2]), der, ext)


def check_knots(knots_dot):
    if knots_dot is not None and np.any(knots_dot != 0):
        raise no_derivative("a spline has no derivative rule by its knots")


infer(interpolate.splev)(lambda x, *args, **options: like_floats(x))

# An interpolating spline: its coefficients solve a banded system


def collocation(b, x, knots, degree, transposed):
    """The solution of the system whose matrix has the B-splines at ``x``, or of the transposed one."""
    matrix = interpolate.BSpline.design_matrix(x, knots, degree)
    return sparse.linalg.spsolve((matrix.T if transposed else matrix).tocsc(), b)


@linear(collocation, arguments=("b",))
def collocation_transposed(bar, out, b, x, knots, degree, transposed):
    return collocation(bar, x, knots, degree, not transposed), NotImplemented, NotImplemented, None, None


infer(collocation)(lambda b, *args: like_floats(b))


@vjp(interpolate.splrep)
def splrep(bar, out, x, y, *, k=3, s=None):
    check_smoothing(s)
    c_bar = bar[1][: np.size(y)]
    return NotImplemented, collocation(c_bar, x, stop_gradient(out[0]), out[2], True)


@jvp(interpolate.splrep, 1)
def splrep_y(y_dot, out, x, y, *, k=3, s=None):
    check_smoothing(s)
    c_dot = collocation(y_dot, x, stop_gradient(out[0]), out[2], False)
    return None, padded(c_dot, np.size(out[1])), None


def check_smoothing(s):
    if s is not None and s != 0:
        raise no_derivative("splrep has a derivative rule with s=0 only: the knots of a smoothing spline depend on all "
                            "samples")  # fmt: skip


@infer(interpolate.splrep)
def splrep_type(x, y, *args, **options):
    return knots_and_coefficients()


@definition(interpolate.splder)
def splder(tck, n=1):
    if not isinstance(tck, tuple) or n < 0:
        raise no_derivative("splder has a derivative rule for a tuple (t, c, k) and n >= 0")
    t, c, k = tck
    for _ in range(n):
        c = (c[1 : -1 - k] - c[: -2 - k]) * k / (t[k + 1 : -1] - t[1 : -k - 1])
        c = np.concatenate([c, np.zeros(k)])
        t = t[1:-1]
        k = k - 1
    return t, c, k


@definition(interpolate.splantider)
def splantider(tck, n=1):
    if not isinstance(tck, tuple) or n < 0:
        raise no_derivative("splantider has a derivative rule for a tuple (t, c, k) and n >= 0")
    t, c, k = tck
    for _ in range(n):
        c = np.cumsum(c[: -k - 1] * (t[k + 1 :] - t[: -k - 1])) / (k + 1)
        c = np.concatenate([np.zeros(1), c, c[-1:] * np.ones(k + 2)])
        t = np.concatenate([t[:1], t, t[-1:]])
        k = k + 1
    return t, c, k


@vjp(interpolate.splint)
def splint(bar, out, a, b, tck):
    by_coefficients = bar * basis_integrals(a, b, stop_gradient(tck[0]), tck[2])
    by_knots = np.full(np.shape(tck[0]), np.nan)  # not known, and mostly not needed
    tck_bar = by_knots, padded(by_coefficients, np.size(tck[1])), None
    return -bar * interpolate.splev(a, tck, 0, 1), bar * interpolate.splev(b, tck, 0, 1), tck_bar


@jvp(interpolate.splint, 0)
def splint_a(a_dot, out, a, b, tck):
    return -a_dot * interpolate.splev(a, tck, 0, 1)


@jvp(interpolate.splint, 1)
def splint_b(b_dot, out, a, b, tck):
    return b_dot * interpolate.splev(b, tck, 0, 1)


@jvp(interpolate.splint, 2)
def splint_tck(tck_dot, out, a, b, tck):
    check_knots(tck_dot[0])
    integrals = basis_integrals(a, b, stop_gradient(tck[0]), tck[2])
    return np.sum(tck_dot[1][: np.size(integrals)] * integrals)


infer(interpolate.splint)(lambda *args, **options: number())


def basis_integrals(a, b, t, k):
    """The integrals of the B-splines, which end with the knots."""
    splines = interpolate.BSpline(t, np.eye(len(t) - k - 1), k)
    low, high = t[k], t[-k - 1]
    return splines.integrate(np.clip(a, low, high), np.clip(b, low, high))


@vjp(basis_integrals)
def basis_integrals_vjp(bar, out, a, b, t, k):
    at_ends = spline_matrix(np.array([a, b]), t, k, 0, 1) @ bar
    return -at_ends[0], at_ends[1], NotImplemented, None


@jvp(basis_integrals, 0)
def basis_integrals_a(a_dot, out, a, b, t, k):
    return -a_dot * spline_matrix(np.array([a]), t, k, 0, 1)[0]


@jvp(basis_integrals, 1)
def basis_integrals_b(b_dot, out, a, b, t, k):
    return b_dot * spline_matrix(np.array([b]), t, k, 0, 1)[0]


infer(basis_integrals)(lambda *args: some_floats(1))
