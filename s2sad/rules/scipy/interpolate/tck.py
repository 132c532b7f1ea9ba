"""Splines by knots, coefficients and degrees, as FITPACK has them (P. Dierckx, *Curve and Surface Fitting*, 1993)."""

import numpy as np
import scipy
from scipy import interpolate, sparse

from ....runtime import no_derivative, stop_gradient
from ...inference import (
    UNKNOWN,
    an_integer,
    knots_and_coefficients,
    like_floats,
    number,
    some_floats,
    tuple_of,
    unknown,
)
from ...table import definition, infer, jvp, linear, vjp, with_options
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

# A spline through samples: its coefficients solve a banded system, which has the B-splines at the samples


def basis(x, knots, degree, per):
    """The B-splines at points, a row for each.

    Of a periodic spline the last ``degree`` coefficients are the first ones, and the last point is the first one.
    """
    matrix = interpolate.BSpline.design_matrix(x, knots, degree)
    if not per:
        return matrix
    free, end = matrix[:-1, :-degree].tolil(), matrix[:-1, -degree:]
    free[:, :degree] += end
    return free.tocsr()


def spline_at(v, x, knots, degree, per, transposed):
    """The product of `basis`, or its transpose, and a vector."""
    matrix = basis(x, knots, degree, per)
    return (matrix.T if transposed else matrix) @ v


@linear(spline_at, arguments=("v",))
def spline_at_transposed(bar, out, v, x, knots, degree, per, transposed):
    back = spline_at(bar, x, knots, degree, per, not transposed)
    return back, NotImplemented, NotImplemented, None, None, None


infer(spline_at)(lambda *args: some_floats(1))


def collocation(b, x, knots, degree, per, transposed):
    """The solution of the system whose matrix is `basis`, or its transpose."""
    matrix = basis(x, knots, degree, per)
    return sparse.linalg.spsolve((matrix.T if transposed else matrix).tocsc(), b)


@linear(collocation, arguments=("b",))
def collocation_transposed(bar, out, b, x, knots, degree, per, transposed):
    back = collocation(bar, x, knots, degree, per, not transposed)
    return back, NotImplemented, NotImplemented, None, None, None


infer(collocation)(lambda *args: some_floats(1))


def normal_solution(b, w, x, knots, degree, per):
    """The solution of the normal equations of least squares with the weights ``w``."""
    weighted = sparse.diags(w) @ basis(x, knots, degree, per)
    return sparse.linalg.spsolve((weighted.T @ weighted).tocsc(), b)


@vjp(normal_solution)
def normal_solution_vjp(bar, out, b, w, x, knots, degree, per):
    back = normal_solution(bar, w, x, knots, degree, per)
    by_w = spline_at(out, x, knots, degree, per, False) * spline_at(back, x, knots, degree, per, False)
    return back, -2 * w * by_w, NotImplemented, NotImplemented, None, None


@jvp(normal_solution, 0)
def normal_solution_b(b_dot, out, b, w, x, knots, degree, per):
    return normal_solution(b_dot, w, x, knots, degree, per)


@jvp(normal_solution, 1)
def normal_solution_w(w_dot, out, b, w, x, knots, degree, per):
    moved = 2 * w * w_dot * spline_at(out, x, knots, degree, per, False)
    return -normal_solution(spline_at(moved, x, knots, degree, per, True), w, x, knots, degree, per)


infer(normal_solution)(lambda *args: some_floats(1))


def is_through(w, s, t, task):
    """Whether a spline goes through its samples, and is none of least squares with the knots ``t``."""
    if task > 0:
        raise no_derivative("splrep has no derivative rule with task=1, which goes on from what an earlier call left")
    if t is None and (w is not None if s is None else s != 0):
        raise no_derivative("splrep has a derivative rule with s=0 or t only: the knots of a smoothing spline depend "
                            "on all samples")  # fmt: skip
    return t is None


def kept(x, per):
    """The samples that count: of a periodic spline, all but the last one."""
    return x[:-1] if per else x


def folded(c_bar, size, degree, per):
    """The cotangent of the coefficients that are free; ``size``: of all that count."""
    if not per:
        return c_bar[:size]
    return np.concatenate([c_bar[:degree] + c_bar[size - degree : size], c_bar[degree : size - degree]])


def unfolded(c, size, degree, per):
    """All coefficients, with zeros behind them."""
    return padded(np.concatenate([c, c[:degree]]) if per else c, size)


@vjp(interpolate.splrep)
def splrep(bar, out, x, y, w=None, *, xb=None, xe=None, k=3, task=0, s=None, t=None, full_output=0, per=0, quiet=1):
    through = is_through(w, s, t, task)
    tck, c_bar = (out[0], bar[0][1]) if full_output else (out, bar[1])
    knots, size = stop_gradient(tck[0]), len(tck[0]) - k - 1
    free = folded(c_bar, size, k, per)
    if through:
        return NotImplemented, unkept(collocation(free, x, knots, k, per, True), per), None
    y, weights = kept(y, per), np.ones(len(kept(x, per))) if w is None else kept(w, per)
    left = y - spline_at(tck[1][: len(free)], x, knots, k, per, False)
    by_c = spline_at(normal_solution(free, weights, x, knots, k, per), x, knots, k, per, False)
    if full_output:  # of the sum of squares
        by_c = by_c + 2 * bar[1] * left
    y_bar, w_bar = weights**2 * by_c, 2 * weights * left * by_c
    if full_output:
        w_bar = w_bar - 2 * bar[1] * weights * left**2
    return NotImplemented, unkept(y_bar, per), unkept(w_bar, per)


def unkept(bar, per):
    """The cotangent of samples from that of those that count."""
    return np.concatenate([bar, np.zeros(1)]) if per else bar


def as_found(c_dot, fp_dot, out, k, per, full_output):
    """The tangent of what ``splrep`` gives."""
    tck = out[0] if full_output else out
    tck_dot = None, unfolded(c_dot, np.size(tck[1]), k, per), None
    return (tck_dot, fp_dot, None, None) if full_output else tck_dot


@jvp(interpolate.splrep, 1)
def splrep_y(y_dot, out, x, y, w=None, *, xb=None, xe=None, k=3, task=0, s=None, t=None, full_output=0, per=0, quiet=1):
    tck, moved = out[0] if full_output else out, kept(y_dot, per)
    knots, size = stop_gradient(tck[0]), len(tck[0]) - k - 1
    if is_through(w, s, t, task):
        return as_found(collocation(moved, x, knots, k, per, False), 0.0, out, k, per, full_output)
    weights = np.ones(len(moved)) if w is None else kept(w, per)
    c = tck[1][: size - k if per else size]
    left = kept(y, per) - spline_at(c, x, knots, k, per, False)
    c_dot = normal_solution(spline_at(weights**2 * moved, x, knots, k, per, True), weights, x, knots, k, per)
    return as_found(c_dot, 2 * np.sum(weights**2 * left * moved), out, k, per, full_output)


@jvp(interpolate.splrep, 2)
def splrep_w(w_dot, out, x, y, w=None, *, xb=None, xe=None, k=3, task=0, s=None, t=None, full_output=0, per=0, quiet=1):
    tck, moved = out[0] if full_output else out, kept(w_dot, per)
    knots, size = stop_gradient(tck[0]), len(tck[0]) - k - 1
    c = tck[1][: size - k if per else size]
    if is_through(w, s, t, task):
        return as_found(np.zeros(len(c)), 0.0, out, k, per, full_output)
    weights, left = kept(w, per), kept(y, per) - spline_at(c, x, knots, k, per, False)
    sides = spline_at(2 * weights * moved * left, x, knots, k, per, True)
    c_dot = normal_solution(sides, weights, x, knots, k, per)
    return as_found(c_dot, 2 * np.sum(weights * moved * left**2), out, k, per, full_output)


@infer(interpolate.splrep)
def splrep_type(x, y, w=None, xb=None, xe=None, k=3, task=0, s=None, t=None, full_output=0, per=0, quiet=1):
    if full_output is True or full_output == 1:
        return tuple_of((knots_and_coefficients(), number(), an_integer(), UNKNOWN))
    return knots_and_coefficients() if full_output == 0 else unknown()


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


WITHOUT_INTEGRALS = np.lib.NumpyVersion(scipy.__version__) >= "1.18.0"


@with_options("full_output", interpolate.splint)
def splint_with_integrals(a, b, tck, full_output=0):
    """The integral, and those of the B-splines; behind these SciPy has whatever its memory held, and later nothing."""
    value = interpolate.splint(a, b, tck)
    if not full_output or not isinstance(tck, tuple):
        return value
    if WITHOUT_INTEGRALS:
        return value, None
    return value, padded(basis_integrals(a, b, tck[0], tck[2]), np.size(tck[0]))


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
