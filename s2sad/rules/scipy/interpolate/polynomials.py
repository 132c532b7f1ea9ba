"""Polynomials: through all samples, and piecewise ones by coefficients or by values and slopes."""

import math

import numpy as np
from scipy import interpolate

from ....runtime import no_derivative
from ...table import definition, jvp, maker, orders, vjp
from .shapes import between, pulled, pushed

# Polynomials through all samples: linear in the values


@vjp(interpolate.barycentric_interpolate)
def barycentric_interpolate(bar, out, xi, yi, x, *, axis=0, der=0, rng=None):
    slopes = interpolate.barycentric_interpolate(xi, yi, x, axis, der=der + 1)
    matrix = interpolate.barycentric_interpolate(xi, np.eye(len(xi)), x, 0, der=der)
    x_bar, yi_bar = pulled(bar, x, yi, axis, slopes, matrix)
    return NotImplemented, yi_bar, x_bar


@jvp(interpolate.barycentric_interpolate, 1)
def barycentric_yi(yi_dot, out, xi, yi, x, *, axis=0, der=0, rng=None):
    return interpolate.barycentric_interpolate(xi, yi_dot, x, axis, der=der)


@jvp(interpolate.barycentric_interpolate, 2)
def barycentric_x(x_dot, out, xi, yi, x, *, axis=0, der=0, rng=None):
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


@maker(interpolate.BarycentricInterpolator)
def barycentric(at, xi, yi, axis=0):
    return interpolate.barycentric_interpolate(xi, yi, at, axis)


@maker(interpolate.KroghInterpolator)
def krogh(at, xi, yi, axis=0):
    return interpolate.krogh_interpolate(xi, yi, at, 0, axis)


@maker(interpolate.BarycentricInterpolator, "derivative", call="x der")
def barycentric_slope(at, xi, yi, axis=0, *, der=1):
    return interpolate.barycentric_interpolate(xi, yi, at, axis, der=der)


@maker(interpolate.KroghInterpolator, "derivative", call="x der")
def krogh_slope(at, xi, yi, axis=0, *, der=1):
    return interpolate.krogh_interpolate(xi, yi, at, der, axis)


# Piecewise polynomials: each point is in one interval, and reads what belongs to that


def intervals(at, x, extrapolate):
    """For each point: the point (moved by periods), its interval, how far it is into it; and which are inside."""
    at, x = np.asarray(at), np.asarray(x)
    if extrapolate == "periodic":
        at = x[0] + np.mod(at - x[0], x[-1] - x[0])
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, np.size(x) - 2)
    return k, at - x[k], (at >= x[0]) & (at <= x[-1])


def placed(values, inside, axis, extrapolate):
    """Values, of which points come first, with the points' axes in place, and NaN for those outside."""
    count = np.ndim(inside)
    if extrapolate is False:
        inside = np.reshape(inside, np.shape(inside) + (1,) * (np.ndim(values) - count))
        values = np.where(inside, values, np.nan)
    return np.moveaxis(values, tuple(range(count)), tuple(range(axis, axis + count)))


def hermite(at, x, y, slopes, axis, extrapolate, nu):
    """The cubic polynomials with given values and slopes at ``x``; a derivative of them."""
    k, s, inside = intervals(at, x, extrapolate)
    y, slopes, x = np.moveaxis(np.asarray(y), axis, 0), np.moveaxis(np.asarray(slopes), axis, 0), np.asarray(x)
    column = np.shape(k) + (1,) * (np.ndim(y) - 1)
    s, h = np.reshape(s, column), np.reshape(x[k + 1] - x[k], column)
    rise, start, end = (y[k + 1] - y[k]) / h, slopes[k], slopes[k + 1]
    square, cube = (3 * rise - 2 * start - end) / h, (start + end - 2 * rise) / h**2
    if nu < -1:
        raise no_derivative("this curve has a derivative rule with one antiderivative only")
    if nu == -1:
        gaps = np.reshape(np.diff(x), (-1,) + (1,) * (np.ndim(y) - 1))
        whole = gaps * (y[:-1] + y[1:]) / 2 + gaps**2 * (slopes[:-1] - slopes[1:]) / 12
        before = np.concatenate([np.zeros_like(whole[:1]), np.cumsum(whole, axis=0)])
        values = before[k] + s * (y[k] + s * (start / 2 + s * (square / 3 + s * cube / 4)))
    elif nu == 0:
        values = y[k] + s * (start + s * (square + s * cube))
    elif nu == 1:
        values = start + s * (2 * square + 3 * s * cube)
    elif nu == 2:
        values = 2 * square + 6 * s * cube
    else:
        values = 6 * cube + 0 * s if nu == 3 else 0 * cube
    return placed(values, inside, axis % np.ndim(y), extrapolate)


@maker(interpolate.CubicHermiteSpline, call="at nu extrapolate")
def cubic_hermite(at, x, y, dydx, axis=0, extrapolate=None, *, nu=0):
    return hermite(at, x, y, dydx, axis, extrapolate, nu)


@maker(interpolate.CubicHermiteSpline, "integrate", call="a b extrapolate")
def hermite_integral(a, x, y, dydx, axis=0, extrapolate=None, *, b):
    ends = hermite(np.stack([a, b]), x, y, dydx, axis, extrapolate, -1)
    return between(ends, axis, extrapolate)


# Slopes that keep what is monotone so: the harmonic mean of both sides' (F. N. Fritsch, J. Butland, "A method for
# constructing local monotone piecewise cubic interpolants", 1984)


@maker(interpolate.PchipInterpolator, call="at nu extrapolate")
def pchip(at, x, y, axis=0, extrapolate=None, *, nu=0):
    slopes = np.moveaxis(monotone_slopes(x, np.moveaxis(np.asarray(y), axis, 0)), 0, axis)
    return hermite(at, x, y, slopes, axis, extrapolate, nu)


@maker(interpolate.PchipInterpolator, "integrate", call="a b extrapolate")
def pchip_integral(a, x, y, axis=0, extrapolate=None, *, b):
    return between(pchip(np.stack([a, b]), x, y, axis, extrapolate, nu=-1), axis, extrapolate)


@definition(interpolate.pchip_interpolate)
def pchip_interpolate(xi, yi, x, der=0, axis=0):
    if isinstance(der, (list, tuple)):
        return [pchip(x, xi, yi, axis, nu=nu) for nu in der]
    return pchip(x, xi, yi, axis, nu=der)


def monotone_slopes(x, y):
    h = np.reshape(np.diff(x), (-1,) + (1,) * (np.ndim(y) - 1))
    m = np.diff(y, axis=0) / h
    if np.shape(y)[0] == 2:
        return np.concatenate([m, m])
    left, right = m[:-1], m[1:]
    same = left * right > 0
    before, after = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    mean = (before / np.where(same, left, 1.0) + after / np.where(same, right, 1.0)) / (before + after)
    inner = np.where(same, 1.0 / np.where(same, mean, 1.0), 0.0)
    return np.concatenate(
        [end_slope(h[:1], h[1:2], m[:1], m[1:2]), inner, end_slope(h[-1:], h[-2:-1], m[-1:], m[-2:-1])]
    )


def end_slope(h0, h1, m0, m1):
    """Of the parabola through three points, as far as that keeps the shape (C. Moler, 2004)."""
    slope = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    steep = (np.sign(m0) != np.sign(m1)) & (np.abs(slope) > 3.0 * np.abs(m0))
    return np.where(np.sign(slope) != np.sign(m0), 0.0, np.where(steep, 3.0 * m0, slope))


# Slopes that weigh both sides' by how they change next to them (H. Akima, 1970; C. Moler, C. Ionita, 2019)


@maker(interpolate.Akima1DInterpolator, call="at nu extrapolate")
def akima(at, x, y, axis=0, *, method="akima", extrapolate=None, nu=0):
    slopes = np.moveaxis(akima_slopes(x, np.moveaxis(np.asarray(y), axis, 0), method), 0, axis)
    return hermite(at, x, y, slopes, axis, False if extrapolate is None else extrapolate, nu)


@maker(interpolate.Akima1DInterpolator, "integrate", call="a b extrapolate")
def akima_integral(a, x, y, axis=0, *, method="akima", extrapolate=None, b):
    ends = akima(np.stack([a, b]), x, y, axis, method=method, extrapolate=extrapolate, nu=-1)
    return between(ends, axis, extrapolate)


def akima_slopes(x, y, method):
    m = np.diff(y, axis=0) / np.reshape(np.diff(x), (-1,) + (1,) * (np.ndim(y) - 1))
    if np.shape(y)[0] == 2:
        return np.concatenate([m, m])
    left, right = 2 * m[:1] - m[1:2], 2 * m[-1:] - m[-2:-1]
    m = np.concatenate([2 * left - m[:1], left, m, right, 2 * right - m[-1:]])
    change = np.abs(np.diff(m, axis=0))
    if method == "makima":
        change = change + np.abs(m[1:] + m[:-1]) / 2
    after, before = change[2:], change[:-2]
    total = after + before
    clear = total > 1e-9 * np.max(total)
    weighted = m[1:-2] + before / np.where(clear, total, 1.0) * (m[2:-1] - m[1:-2])
    return np.where(clear, weighted, (m[3:] + m[:-3]) / 2)


@maker(interpolate.PPoly, call="at nu extrapolate")
def p_poly(at, c, x, extrapolate=True, axis=0, *, nu=0):
    c = np.moveaxis(np.asarray(c), (axis, axis + 1), (0, 1))
    k, s, inside = intervals(at, x, extrapolate)
    s = np.reshape(s, np.shape(s) + (1,) * (np.ndim(c) - 2))
    degree = np.shape(c)[0] - 1
    values = 0.0 * c[0][k] * s
    if nu < -1:
        raise no_derivative("PPoly has a derivative rule with one antiderivative only")
    if nu == -1:
        gaps = np.reshape(np.diff(x), (-1,) + (1,) * (np.ndim(c) - 2))
        whole = 0.0 * c[0] * gaps
        for j in range(degree + 1):
            values = (values + c[j][k] / (degree - j + 1)) * s
            whole = (whole + c[j] / (degree - j + 1)) * gaps
        before = np.concatenate([np.zeros_like(whole[:1]), np.cumsum(whole, axis=0)])
        return placed(before[k] + values, inside, axis, extrapolate)
    for j in range(degree + 1 - nu):
        values = values * s + c[j][k] * float(math.perm(degree - j, nu))
    return placed(values, inside, axis, extrapolate)


@maker(interpolate.PPoly, "integrate", call="a b extrapolate")
def p_poly_integral(a, c, x, extrapolate=True, axis=0, *, b):
    return between(p_poly(np.stack([a, b]), c, x, extrapolate, axis, nu=-1), axis, extrapolate)


orders("nu", interpolate.CubicHermiteSpline, interpolate.PchipInterpolator, interpolate.Akima1DInterpolator,
       interpolate.PPoly)  # fmt: skip


@definition(interpolate.lagrange)
def lagrange(x, w):
    x, total = np.asarray(x), 0.0
    for j in range(np.size(x)):
        others = np.concatenate([x[:j], x[j + 1 :]])
        total = total + w[j] / np.prod(x[j] - others) * np.poly(others)
    return np.poly1d(total)
