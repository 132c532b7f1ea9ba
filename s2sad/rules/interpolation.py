"""Rules of linear interpolation and of polynomials (highest power first).

Interpolation is a weighted sum of the two samples around a point; at a sample it has the slope of the interval to its
right, and outside of the samples it is constant.
"""

import numpy as np

from ..runtime import index_add, no_derivative
from .creation import powers_derivative
from .inference import an_integer, array, fresh_dim, typed, unknown
from .shaping import nested
from .table import definition, infer, jvp, linear, vjp, with_options, zero_derivative

# Linear interpolation


@vjp(np.interp)
def interp(z_bar, z, x, xp, fp, left=None, right=None, period=None):
    places, knots, values = samples(xp, fp, period)
    at = points(x, period)
    low, weight, slope = located(at, knots, values)
    inner_bar = inside(z_bar, at, knots, left, right)
    low_bar, high_bar = (1 - weight) * inner_bar, weight * inner_bar
    high = np.minimum(low + 1, np.size(knots) - 1)
    fp_bar = index_add(index_add(np.zeros_like(values), low, low_bar), high, high_bar)
    xp_bar = index_add(
        index_add(np.zeros_like(slope, shape=np.shape(knots)), low, -slope * low_bar), high, -slope * high_bar
    )
    x_bar = inner_bar * slope
    if period is None:
        left_bar = None if left is None else np.where(at < knots[0], z_bar, 0)
        return x_bar, xp_bar, fp_bar, left_bar, None if right is None else np.where(at > knots[-1], z_bar, 0), None
    period_bar = np.sum(x_bar * turns(x, period)) + np.sum(xp_bar * turns_of_knots(xp, places, period))
    xp_bar = index_add(np.zeros_like(xp_bar, shape=np.shape(xp)), places, xp_bar)
    return x_bar, xp_bar, index_add(np.zeros_like(fp_bar, shape=np.shape(fp)), places, fp_bar), None, None, period_bar


@jvp(np.interp, 0)
def interp_x(x_dot, z, x, xp, fp, left=None, right=None, period=None):
    _, knots, values = samples(xp, fp, period)
    at = points(x, period)
    _, _, slope = located(at, knots, values)
    return inside(slope * x_dot, at, knots, left, right)


@jvp(np.interp, 1)
def interp_xp(xp_dot, z, x, xp, fp, left=None, right=None, period=None):
    places, knots, values = samples(xp, fp, period)
    knots_dot = xp_dot if period is None else xp_dot[places]
    return moved_knots(knots_dot, points(x, period), knots, values, left, right)


def moved_knots(knots_dot, at, knots, values, left, right):
    """The tangent of the values, of that of the places of the samples."""
    low, weight, slope = located(at, knots, values)
    high = np.minimum(low + 1, np.size(knots) - 1)
    moved = (1 - weight) * knots_dot[low] + weight * knots_dot[high]
    return inside(-slope * moved, at, knots, left, right)


def points(x, period):
    """Where to interpolate, within the period."""
    x = np.array(x) if isinstance(x, list | tuple) else x
    return x if period is None else np.mod(x, np.abs(period))


def turns(x, period):
    """The derivative by the period of points that are taken modulo it."""
    return -np.sign(period) * np.floor_divide(x, np.abs(period))


def turns_of_knots(xp, places, period):
    """The derivative by the period of the places of `samples`."""
    ends = np.zeros(np.shape(places)[0])
    ends[0], ends[-1] = -np.sign(period), np.sign(period)
    return turns(np.asarray(xp), period)[places] + ends


def inside(bar, x, knots, left, right):
    """What belongs to the samples: 0 for points outside that get a constant."""
    if left is not None:
        bar = np.where(x < knots[0], 0, bar)
    return bar if right is None else np.where(x > knots[-1], 0, bar)


@jvp(np.interp, 2)
def interp_fp(fp_dot, z, x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        return np.interp(x, xp, fp_dot, period=period)
    return np.interp(x, xp, fp_dot, None if left is None else 0.0, None if right is None else 0.0)


@jvp(np.interp, 3)
def interp_left(left_dot, z, x, xp, fp, left=None, right=None, period=None):
    return np.where((x < xp[0]) & (period is None), left_dot, 0)


@jvp(np.interp, 4)
def interp_right(right_dot, z, x, xp, fp, left=None, right=None, period=None):
    return np.where((x > xp[-1]) & (period is None), right_dot, 0)


@jvp(np.interp, 5)
def interp_period(period_dot, z, x, xp, fp, left=None, right=None, period=None):
    places, knots, values = samples(xp, fp, period)
    at = points(x, period)
    _, _, slope = located(at, knots, values)
    by_knots = moved_knots(turns_of_knots(xp, places, period), at, knots, values, None, None)
    return period_dot * (slope * turns(x, period) + by_knots)


def samples(xp, fp, period):
    """Which of the samples are interpolated, and their places and values: repeated at both ends for a period."""
    if period is None:
        return np.arange(np.shape(xp)[0]), 1.0 * np.asarray(xp), 1.0 * np.asarray(fp)
    period = np.abs(period)
    order = np.argsort(np.mod(xp, period), kind="stable")
    places = np.concatenate([order[-1:], order, order[:1]])
    shift = np.zeros(np.shape(places)[0])
    shift[0], shift[-1] = -period, period
    return places, np.mod(xp, period)[places] + shift, 1.0 * np.asarray(fp)[places]


def located(x, knots, values):
    """The interval of each point, the weight of its upper end, and its slope."""
    last = np.size(knots) - 1
    low = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, max(last - 1, 0))
    high = np.minimum(low + 1, last)
    width = knots[high] - knots[low]
    divisor = np.where(width == 0, 1, width)
    weight = np.clip(np.where(width == 0, 1.0 * (x >= knots[high]), (x - knots[low]) / divisor), 0, 1)
    outside = (x < knots[0]) | (x > knots[last])
    return low, weight, np.where(outside, 0, (values[high] - values[low]) / divisor)


# Polynomials


@vjp(np.polyval)
def polyval(y_bar, y, p, x):
    if np.ndim(p) != 1:
        raise no_derivative("np.polyval has a derivative for one vector of coefficients only")
    p_bar = np.ravel(y_bar) @ np.vander(np.ravel(x), np.shape(p)[0])
    return p_bar, y_bar * np.polyval(np.polyder(p), x)


@jvp(np.polyval, 0)
def polyval_p(p_dot, y, p, x):
    return np.polyval(p_dot, x)


@jvp(np.polyval, 1)
def polyval_x(x_dot, y, p, x):
    if np.ndim(p) != 1:
        raise no_derivative("np.polyval has a derivative for one vector of coefficients only")
    return x_dot * np.polyval(np.polyder(p), x)


@linear(np.polyder)
def polyder(y_bar, y, p, *, m=1):
    n = np.shape(p)[0]
    return np.concatenate([y_bar * factors(n - m, m), np.zeros(min(m, n))])


@vjp(np.polyint)
def polyint(y_bar, y, p, m=1, k=None):
    n = np.shape(p)[0]
    p_bar = y_bar[:n] / factors(n, m)
    return p_bar, None, None if k is None else nested(y_bar[n:] / factorials(m), k)


@jvp(np.polyint)
def polyint_p(p_dot, y, p, m=1, k=None):
    return np.polyint(p_dot, m)


@jvp(np.polyint, 2)
def polyint_k(k_dot, y, p, m=1, k=None):
    return np.polyint(np.zeros_like(p), m, k_dot)


def factorials(m):
    """``(m - 1)!`` down to ``0!``: the constant of an integral is itself integrated by those that follow."""
    return np.cumprod(np.maximum(np.arange(m), 1))[::-1]


def factors(n, m):
    """What ``m`` derivatives multiply ``x**(m + k)`` with: (k + 1) ... (k + m), for k from n - 1 down to 0."""
    product = np.ones(max(n, 0))
    for i in range(1, m + 1):
        product = product * (np.arange(n)[::-1] + i)
    return product


@definition(np.polydiv)
def polydiv(u, v):
    if isinstance(u, np.poly1d) or isinstance(v, np.poly1d):
        quotient, rest = polydiv(np.poly1d(u).coeffs, np.poly1d(v).coeffs)
        return np.poly1d(quotient), np.poly1d(rest)
    v = np.atleast_1d(v)
    rest = np.atleast_1d(u) + 0.0 * v[0]
    count, quotient = max(np.size(rest) - np.size(v) + 1, 0), []
    for k in range(count):
        factor = 1.0 / v[0] * rest[k]
        quotient.append(factor)
        rest = np.concatenate([rest[:k], rest[k : k + np.size(v)] - factor * v, rest[k + np.size(v) :]])
    return (np.stack(quotient) if count else np.zeros_like(rest[:1])), rest[small_ones(rest) :]


def small_ones(rest):
    """How many coefficients of a remainder come before the first one that is not nearly 0, or the last one."""
    return int(np.argmax(np.append(~np.isclose(rest[:-1], 0, rtol=1e-14), True)))


infer(np.polydiv)(lambda u, v: unknown())  # its sizes depend on the values
zero_derivative(small_ones)
infer(small_ones)(lambda rest: an_integer())


# A root moves so that the polynomial stays 0 there: r_dot = -p_dot(r) / p'(r).


@vjp(np.roots)
def roots(y_bar, y, p):
    return -(y_bar / np.polyval(np.polyder(p), y)) @ np.vander(y, np.size(p))


@jvp(np.roots)
def roots_jvp(p_dot, y, p):
    return -np.polyval(p_dot, y) / np.polyval(np.polyder(p), y)


# With V the Vandermonde matrix, W the weights, A = W V and b = W y, the coefficients are pinv(A) b: Golub & Pereyra
# 1973, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate".
@vjp(np.polyfit)
def polyfit(p_bar, p, x, y, w=None, *, deg=None, rcond=None):
    matrix, weights, inverse, residual = least_squares(p, x, y, deg, w, rcond)
    data_bar = inverse.T @ np.reshape(p_bar, (deg + 1, -1))
    matrix_bar = residual @ (inverse @ data_bar).T - data_bar @ np.reshape(p, (deg + 1, -1)).T
    by_powers = (weights * matrix_bar)[:, ::-1] * powers_derivative(matrix[:, ::-1])
    y_columns = np.reshape(y, (np.size(x), -1))
    w_bar = None if w is None else np.sum(matrix_bar * matrix, axis=1) + np.sum(data_bar * y_columns, axis=1)
    return np.sum(by_powers, axis=1), np.reshape(weights * data_bar, np.shape(y)), w_bar


@jvp(np.polyfit, 0)
def polyfit_x(x_dot, p, x, y, w=None, *, deg=None, rcond=None):
    matrix, weights, _, _ = least_squares(p, x, y, deg, w, rcond)
    matrix_dot = weights * powers_derivative(matrix[:, ::-1])[:, ::-1] * x_dot[:, None]
    return fit_dot(matrix_dot, np.zeros_like(y), p, x, y, deg, w, rcond)


@jvp(np.polyfit, 1)
def polyfit_y(y_dot, p, x, y, w=None, *, deg=None, rcond=None):
    weights = 1.0 if w is None else np.reshape(w, (np.size(x), *[1] * (np.ndim(y) - 1)))
    return fit_dot(np.zeros((np.size(x), deg + 1)), weights * y_dot, p, x, y, deg, w, rcond)


@jvp(np.polyfit, 2)
def polyfit_w(w_dot, p, x, y, w=None, *, deg=None, rcond=None):
    data_dot = np.reshape(w_dot, (np.size(x), *[1] * (np.ndim(y) - 1))) * y
    return fit_dot(w_dot[:, None] * np.vander(x, deg + 1), data_dot, p, x, y, deg, w, rcond)


@infer(np.polyfit)
def polyfit_type(x, y, deg=None, rcond=None, full=False, w=None, cov=False):
    samples = typed(y)
    double = all(t.kind == "array" and t.dtype == np.float64 for t in (typed(x), samples))
    if not double or full is not False or cov is not False or samples.rank not in (1, 2):
        return NotImplemented
    size = fresh_dim()
    return array(np.float64, (size,) if samples.rank == 1 else (size, fresh_dim()))


def fit_dot(matrix_dot, data_dot, p, x, y, deg, w, rcond):
    """The tangent of the coefficients, of those of the weighted matrix and data."""
    _, _, inverse, residual = least_squares(p, x, y, deg, w, rcond)
    data_dot = np.reshape(data_dot, (np.size(x), -1)) - matrix_dot @ np.reshape(p, (deg + 1, -1))
    moved = inverse @ (inverse.T @ (matrix_dot.T @ residual) + data_dot)
    return np.reshape(moved, np.shape(p))


def least_squares(p, x, y, deg, w, rcond):
    """The problem that ``np.polyfit`` solves: matrix, weights, inverse of the weighted matrix, weighted residual."""
    matrix = np.vander(x, deg + 1)
    weights = np.ones((np.size(x), 1)) if w is None else np.reshape(w, (np.size(x), 1))
    scaled = weights * matrix
    if fitted_rank(scaled / np.sqrt(np.sum(scaled**2, axis=0)), rcond)[1] < deg + 1:
        raise no_derivative("np.polyfit has a derivative rule where the samples determine the coefficients: the rank "
                            "is lower here, with this degree or rcond")  # fmt: skip
    residual = weights * (np.reshape(y, (np.size(x), -1)) - matrix @ np.reshape(p, (deg + 1, -1)))
    return matrix, weights, np.linalg.pinv(scaled), residual


def fitted_rank(scaled, rcond):
    """The singular values of a matrix with columns of length 1, and how many of them count."""
    s = np.linalg.svd(scaled, compute_uv=False)
    least = np.shape(scaled)[0] * np.finfo(scaled.dtype).eps if rcond is None else rcond
    return s, int(np.sum(s > least * s[0]))


@with_options("full cov", np.polyfit)
def polyfit_and_more(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """The coefficients with how well they are known: residuals, rank and singular values, or covariances."""
    x, y = np.asarray(x) + 0.0, np.asarray(y) + 0.0
    p = np.polyfit(x, y, deg, rcond, w=w)
    if not full and not cov:
        return p
    weights = np.ones((np.size(x), 1)) if w is None else np.reshape(w, (np.size(x), 1))
    matrix = weights * np.vander(x, deg + 1)
    lengths = np.sqrt(np.sum(matrix**2, axis=0))
    if full:
        values, rank = fitted_rank(matrix / lengths, rcond)
        squares = squared_residuals(p, matrix, weights, y)
        determined = rank == deg + 1 and np.size(x) > rank
        least = np.size(x) * np.finfo(x.dtype).eps if rcond is None else rcond
        return p, squares if determined else squares[:0], rank, values, least
    covariance = np.linalg.inv((matrix / lengths).T @ (matrix / lengths)) / np.outer(lengths, lengths)
    if cov != "unscaled":
        if np.size(x) <= deg + 1:
            raise ValueError("the number of data points must exceed order to scale the covariance matrix")
        factors = squared_residuals(p, matrix, weights, y) / (np.size(x) - deg - 1)
        covariance = covariance * factors if np.ndim(y) == 1 else covariance[:, :, None] * factors
    elif np.ndim(y) == 2:
        covariance = covariance[:, :, None]
    return p, covariance


def squared_residuals(p, matrix, weights, y):
    """Their sums, for each column of samples."""
    residual = weights * np.reshape(y, (np.shape(matrix)[0], -1)) - matrix @ np.reshape(p, (np.shape(matrix)[1], -1))
    return np.sum(np.real(residual) ** 2 + np.imag(residual) ** 2 if np.iscomplexobj(residual) else residual**2, axis=0)
