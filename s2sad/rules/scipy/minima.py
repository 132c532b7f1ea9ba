"""Rules of ``scipy.optimize`` for minima and least squares: a minimum is a root of the gradient.

With the implicit function theorem it moves with the parameters as ``dx = -H^-1 (dg/dargs) dargs``, of the gradient
``g`` and the matrix ``H`` of second derivatives.  The starting point has no influence; an unknown at a bound stays
there.  (J. Nocedal, S. J. Wright, "Numerical optimization", 2006, appendix A.2.)
"""

import inspect
from collections.abc import Callable

import numpy as np
from scipy import optimize

from ...runtime import dynamic_gradient, dynamic_jvp, dynamic_vjp, no_derivative, rebuild
from ..inference import an_integer, number, result_of, some_floats, tuple_of, unknown
from ..reductions import or_zeros
from ..table import calls_back, definition, infer, jvp, vjp
from .callbacks import NOTHING, as_number, as_tuple, as_vector, check_determined, check_found, first_of, pack, shaped


def minimum(x_bar, value_bar, x, f, args, bounds=None, slope_bar=None, success=None):
    """The cotangents of the parameters of a function that has its minimum at ``x``.

    Args:
        x_bar: of the place; value_bar: of the value, which changes by the parameters alone there; None of what
            nobody reads.
        bounds: as minimisers take them.
        slope_bar: of the gradient, which stays zero by what is free.
        success: see `check_found`.
    """
    given = as_tuple(args)
    value_bar = 0.0 if value_bar is None else np.reshape(value_bar, ())[()]
    value, by_value = dynamic_vjp(f, x, *given)
    direct = by_value(shaped(value_bar, value))[1:]
    gradient = dynamic_gradient(f)
    slope, pull = dynamic_vjp(gradient, x, *given)
    bar, u = np.ravel(or_zeros(x_bar, x)), np.zeros(np.size(x))
    if slope_bar is not None or np.any(bar) or not success:
        second = curvature(pull, x)
        free = inside(x, bounds, slope, second)
        within = second[np.ix_(free, free)]
        check_determined(within)
        step = -np.linalg.solve(within, np.ravel(slope)[free])
        check_found(step, np.ravel(x)[free], success)
        check_smooth(gradient, x, given, slope, within, free, step, bounds)
        if slope_bar is not None:
            u[~free] = -slope_bar[~free]
            bar = bar - second.T @ u
        u[free] = np.linalg.solve(within.T, bar[free])
    through = pull(np.reshape(-u, np.shape(x)) if np.ndim(x) else -u[0])[1:]
    return pack(tuple(add(a, b) for a, b in zip(direct, through, strict=True)), args)


def curvature(pull, x):
    """The matrix of second derivatives, from the pullback of the gradient."""
    rows = [np.reshape(row, np.shape(x)) if np.ndim(x) else row[0] for row in np.eye(np.size(x))]
    return np.stack([np.ravel(pull(row)[0]) for row in rows])


def add(a, b):
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, dict):
        return {k: add(x, b[k]) for k, x in a.items()}
    if isinstance(a, (list, tuple)):
        return rebuild(a, [add(x, y) for x, y in zip(a, b, strict=True)])
    return a + b


def minimum_tangents(args_dot, x, f, args, bounds=None, success=None):
    """The tangents of the place, of the value, and of the gradient."""
    given, dots = as_tuple(args), as_tuple(args_dot)
    value_dot = np.reshape(dynamic_jvp(f, (x, *given), (None, *dots)), ())[()]
    gradient = dynamic_gradient(f)
    slope, pull = dynamic_vjp(gradient, x, *given)
    moved = np.ravel(dynamic_jvp(gradient, (x, *given), (None, *dots)))
    x_dot, second = np.zeros(np.size(x)), curvature(pull, x)
    free = inside(x, bounds, slope, second)
    within = second[np.ix_(free, free)]
    check_determined(within)
    step = -np.linalg.solve(within, np.ravel(slope)[free])
    check_found(step, np.ravel(x)[free], success)
    check_smooth(gradient, x, given, slope, within, free, step, bounds)
    x_dot[free] = -np.linalg.solve(within, moved[free])
    slope_dot = np.where(free, 0.0, moved + second @ x_dot)
    return np.reshape(x_dot, np.shape(x)) if np.ndim(x) else x_dot[0], value_dot, slope_dot


def inside(x, bounds, slope, second):
    """Which unknowns are not at a bound: those that a step of Newton's does not lead to one, each by itself.

    Minimisers end within a tolerance of a bound, some of them far from it.  (M. Hintermueller, K. Ito, K. Kunisch, "The
    primal-dual active set strategy as a semismooth Newton method", 2002, equation 2.3.)
    """
    if bounds is None:
        return np.full(np.size(x), True)
    x, slope = np.ravel(x), np.ravel(slope)
    low, high = limits(bounds, np.shape(x))
    reach = 1e-9 * (1 + np.abs(x))
    step = -slope / np.maximum(np.abs(np.diag(second)), 1e-300)
    return (x + np.minimum(step, 0) > low + reach) & (x + np.maximum(step, 0) < high - reach)


def limits(bounds, shape):
    """The lower and the upper bounds."""
    if isinstance(bounds, optimize.Bounds):
        return np.broadcast_to(bounds.lb, shape), np.broadcast_to(bounds.ub, shape)
    return (
        np.array([-np.inf if b[0] is None else b[0] for b in bounds]),
        np.array([np.inf if b[1] is None else b[1] for b in bounds]),
    )


def check_smooth(gradient, x, given, slope, within, free, step, bounds):
    """Refuse the derivative of a minimum at a kink, such as that of a distance that becomes zero.

    The gradient does not come down to zero there, but jumps: behind a step of Newton's it is as large as before, at the
    bound that a step leads to it points back, and a small way off it is not what the second derivatives say.

    Raises:
        MissingRuleError: it does.
    """
    flat, slope = np.ravel(x), np.ravel(slope)
    small = 1e-6 * (1 + np.abs(flat))

    def slope_at(there):
        return np.ravel(gradient(np.reshape(there, np.shape(x)) if np.ndim(x) else there[0], *given))

    def behind(way):
        there = flat.copy()
        there[free] += way
        return slope_at(there)[free]

    smooth = True
    if np.any(np.abs(step) > small[free]):
        smooth = np.sum(np.abs(behind(step))) <= 0.5 * np.sum(np.abs(slope[free]))
    near = 1e-6 * np.abs(flat[free])
    expected = within @ near
    if np.any(expected):
        smooth = smooth and np.sum(np.abs(behind(near) - slope[free] - expected)) <= 0.5 * np.sum(np.abs(expected))
    if bounds is not None and not np.all(free):
        low, high = limits(bounds, np.shape(flat))
        there = np.where(free | (slope == 0), flat, np.where(slope > 0, low, high))
        if np.any(np.abs(there - flat) > small):
            smooth = smooth and not np.any(slope_at(there)[~free] * slope[~free] < 0)
    if not smooth:
        raise no_derivative("a minimum where the function is not smooth has no derivative rule")


def pairs(bounds):
    """The bounds of least squares, which come as the lower ones and the upper ones."""
    return optimize.Bounds(*bounds) if isinstance(bounds, tuple) else bounds


@calls_back("fun", "jac", "hess", "hessp")
@vjp(optimize.minimize, parts=True)
def minimize(result_bar, result, fun, x0, args=(), *, method=None, jac=None, hess=None, hessp=None, bounds=None,
             tol=None, callback=None, options=None):  # fmt: skip
    value = first_of(fun) if jac is True else fun
    slope_bar = result_bar.get("jac")
    if slope_bar is not None and not has_slope(method):
        raise no_derivative(f"minimize has a derivative rule for x and fun alone with method={method!r}")
    bars = minimum(result_bar["x"], result_bar["fun"], result["x"], value, args, bounds, slope_bar, result["success"])
    return NOTHING, None, bars


@jvp(optimize.minimize, 1)
def minimize_x0(x0_dot, result, fun, x0, args=(), *, method=None, **options):
    still = np.zeros_like(result["x"])
    return told(still, 0.0, still if has_slope(method) else None)


@jvp(optimize.minimize, 2)
def minimize_args(args_dot, result, fun, x0, args=(), *, method=None, jac=None, bounds=None, **options):
    value = first_of(fun) if jac is True else fun
    x_dot, value_dot, slope_dot = minimum_tangents(args_dot, result["x"], value, args, bounds, result["success"])
    return told(x_dot, value_dot, slope_dot if has_slope(method) else None)


# What minimisers have besides the place and the value: all but these, the gradient there

WITHOUT_SLOPE = ("nelder-mead", "powell", "cobyla", "cobyqa", "trust-constr")


def has_slope(method):
    return method is None or (isinstance(method, str) and method.lower() not in WITHOUT_SLOPE)


def told(x_dot, value_dot, slope_dot=None):
    """The tangents of what a minimiser finds, by name."""
    found = {"x": x_dot, "fun": value_dot}
    return found if slope_dot is None else {**found, "jac": slope_dot}


@infer(optimize.minimize)
def minimize_type(fun=None, x0=None, args=(), method=None, **options):
    entries = ("x", "jac") if has_slope(method) else ("x",)
    return result_of(optimize.OptimizeResult, *entries, fun=number())


@calls_back("fun")
@vjp(optimize.minimize_scalar)
def minimize_scalar(result_bar, result, fun, bracket=None, bounds=None, args=(), *, method=None, tol=None,
                    options=None):  # fmt: skip
    around = None if bounds is None else [bounds]
    found = as_number(result["x"])
    bars = minimum(result_bar["x"], result_bar["fun"], found, fun, args, around, success=result["success"])
    return NOTHING, NOTHING, NOTHING, bars


@jvp(optimize.minimize_scalar, 3)
def minimize_scalar_args(args_dot, result, fun, bracket=None, bounds=None, args=(), **options):
    around = None if bounds is None else [bounds]
    found = minimum_tangents(args_dot, as_number(result["x"]), fun, args, around, result["success"])
    return told(*(np.reshape(dot, np.shape(result[k]))[()] for dot, k in zip(found, ("x", "fun"), strict=False)))


@calls_back("fun", "jac", spreads=True)
@vjp(optimize.least_squares, parts=True)
def least_squares(result_bar, result, fun, x0, jac="2-point", bounds=(-np.inf, np.inf), method="trf", ftol=1e-8,
                  xtol=1e-8, gtol=1e-8, x_scale=None, loss="linear", f_scale=1.0, diff_step=None, tr_solver=None,
                  tr_options=None, jac_sparsity=None, max_nfev=None, verbose=0, args=()):  # fmt: skip
    x, given, cost = result["x"], as_tuple(args), cost_of(fun, loss, f_scale)
    x_bar, direct = or_zeros(result_bar["x"], x), (None,) * len(given)
    slopes_bar = result_bar.get("jac")
    if slopes_bar is not None and not as_it_is(result, loss):
        raise no_derivative("least_squares has a derivative rule for jac with loss='linear' and a dense Jacobian")
    for f, bar in ((as_vector(fun), result_bar["fun"]), (slopes_of(fun), slopes_bar)):
        if bar is not None:
            by_place, *by_args = dynamic_vjp(f, x, *given)[1](bar)
            x_bar, direct = x_bar + by_place, add(direct, tuple(by_args))
    rest = (pairs(bounds), result_bar["grad"], result["success"])
    bars = as_tuple(minimum(x_bar, result_bar["cost"], x, cost, args, *rest))
    return (NOTHING, None, *(NOTHING,) * 15, pack(add(bars, direct), args))


def as_it_is(result, loss):
    """Whether what is given as the Jacobian is an array, without the factors of a loss that is not linear."""
    return loss == "linear" and isinstance(result["jac"], np.ndarray)


@jvp(optimize.least_squares, 1)
def least_squares_x0(x0_dot, result, fun, x0, jac, bounds, method, ftol, xtol, gtol, x_scale, loss, *rest):
    names = ("x", "fun", "grad", "jac") if as_it_is(result, loss) else ("x", "fun", "grad")
    return {"cost": 0.0, **{k: np.zeros_like(result[k]) for k in names}}


@jvp(optimize.least_squares, 17)
def least_squares_args(args_dot, result, fun, x0, jac, bounds, method, ftol, xtol, gtol, x_scale, loss, f_scale,
                       *rest):  # fmt: skip
    x, args = result["x"], rest[-1]
    found = minimum_tangents(args_dot, x, cost_of(fun, loss, f_scale), args, pairs(bounds), result["success"])
    given, dots = (x, *as_tuple(args)), (found[0], *as_tuple(args_dot))
    known = {**dict(zip(("x", "cost", "grad"), found, strict=True)), "fun": dynamic_jvp(as_vector(fun), given, dots)}
    return {**known, "jac": dynamic_jvp(slopes_of(fun), given, dots)} if as_it_is(result, loss) else known


def slopes_of(fun):
    """The Jacobian of the residuals, a row for each."""

    def slopes(x, *args):
        rest = (None,) * len(args)
        return np.stack([dynamic_jvp(as_vector(fun), (x, *args), (unit, *rest)) for unit in np.eye(len(x))], axis=1)

    return slopes


def cost_of(fun, loss, f_scale):
    """Half the sum of the losses of the residuals: of ``z = (f / f_scale)^2``, in units of ``f_scale^2``.

    (B. Triggs et al., "Bundle adjustment: a modern synthesis", 2000, section 3.3.)
    """
    losses: dict[str, Callable] = {
        "linear": itself,
        "soft_l1": soft_l1,
        "huber": huber,
        "cauchy": np.log1p,
        "arctan": np.arctan,
    }
    if not isinstance(loss, str):
        raise no_derivative("least_squares has a derivative rule for the losses that it knows by name")
    rho = losses[loss]

    def cost(x, *args):
        return 0.5 * f_scale**2 * np.sum(rho((np.array(fun(x, *args)) / f_scale) ** 2))

    return cost


def half_square(fun):
    return cost_of(fun, "linear", 1.0)


def itself(z):
    return z


def soft_l1(z):
    return 2 * (np.sqrt(1 + z) - 1)


def huber(z):
    near = z <= 1
    return np.where(near, z, 2 * np.sqrt(np.where(near, 1.0, z)) - 1)


infer(optimize.minimize_scalar)(lambda *args, **options: result_of(optimize.OptimizeResult, x=number(), fun=number()))


@infer(optimize.least_squares)
def least_squares_type(fun=None, x0=None, jac="2-point", bounds=None, method=None, ftol=None, xtol=None, gtol=None,
                       x_scale=None, loss="linear", f_scale=None, diff_step=None, tr_solver=None, tr_options=None,
                       jac_sparsity=None, *rest, **options):  # fmt: skip
    known = {"cost": number()}
    if isinstance(loss, str) and loss == "linear" and jac_sparsity is None:
        known["jac"] = some_floats(2) if isinstance(jac, str) else unknown()  # it may be sparse, or an operator
    return result_of(optimize.OptimizeResult, "x", "fun", "grad", **known)


# The older names: the place alone, of functions of a vector and of a number


@calls_back("func")
@vjp(optimize.fmin, optimize.fmin_powell)
def fmin(x_bar, x, func, x0, args=(), *, xtol=1e-4, ftol=1e-4, maxiter=None, maxfun=None, disp=1):
    return NOTHING, None, minimum(x_bar, 0.0, x, func, args)


@jvp(optimize.fmin, 1)
def fmin_x0(x0_dot, x, func, x0, args=(), **options):
    return np.zeros_like(x)


@jvp(optimize.fmin, 2)
def fmin_args(args_dot, x, func, x0, args=(), **options):
    return minimum_tangents(args_dot, x, func, args)[0]


@calls_back("f", "fprime")
@vjp(optimize.fmin_bfgs, optimize.fmin_cg)
def fmin_bfgs(x_bar, x, f, x0, fprime=None, args=(), *, gtol=1e-5, maxiter=None, disp=1):
    return NOTHING, None, NOTHING, minimum(x_bar, 0.0, x, f, args)


@jvp(optimize.fmin_bfgs, 1)
def fmin_bfgs_x0(x0_dot, x, f, x0, fprime=None, args=(), **options):
    return np.zeros_like(x)


@jvp(optimize.fmin_bfgs, 3)
def fmin_bfgs_args(args_dot, x, f, x0, fprime=None, args=(), **options):
    return minimum_tangents(args_dot, x, f, args)[0]


@calls_back("func")
@vjp(optimize.brent, optimize.golden)
def brent(x_bar, x, func, args=(), *, brack=None, tol=1.48e-8, maxiter=500):
    return NOTHING, minimum(x_bar, 0.0, as_number(x), func, args)


@jvp(optimize.brent, 1)
def brent_args(args_dot, x, func, args=(), **options):
    return np.reshape(minimum_tangents(args_dot, as_number(x), func, args)[0], np.shape(x))[()]


@calls_back("func")
@vjp(optimize.fminbound)
def fminbound(x_bar, x, func, x1, x2, args=(), *, xtol=1e-5, maxfun=500, disp=1):
    return NOTHING, NOTHING, NOTHING, minimum(x_bar, 0.0, as_number(x), func, args, [(x1, x2)])


@jvp(optimize.fminbound, 3)
def fminbound_args(args_dot, x, func, x1, x2, args=(), **options):
    x_dot = minimum_tangents(args_dot, as_number(x), func, args, [(x1, x2)])[0]
    return np.reshape(x_dot, np.shape(x))[()]


for solver in (optimize.fmin, optimize.fmin_bfgs, optimize.brent, optimize.fminbound):
    infer(solver)(lambda *args, **options: unknown())

# Fits: the parameters that SciPy finds, which move as those that minimise the squares do


@calls_back("func")
@vjp(optimize.leastsq)
def leastsq(bars, out, func, x0, args=(), *, ftol=1.49012e-8, xtol=1.49012e-8, gtol=0.0, maxfev=0):
    return NOTHING, None, minimum(bars[0], 0.0, out[0], half_square(func), args)


@jvp(optimize.leastsq, 1)
def leastsq_x0(x0_dot, out, func, x0, args=(), **options):
    return np.zeros_like(out[0]), None


@jvp(optimize.leastsq, 2)
def leastsq_args(args_dot, out, func, x0, args=(), **options):
    return minimum_tangents(args_dot, out[0], half_square(func), args)[0], None


@definition(optimize.curve_fit)
def curve_fit(f, xdata, ydata, p0=None, sigma=None, absolute_sigma=False, check_finite=None,
              bounds=(-np.inf, np.inf), method=None, *, maxfev=None, ftol=None, xtol=None, gtol=None):  # fmt: skip
    if np.ndim(sigma) == 2:
        raise no_derivative("curve_fit has a derivative rule with sigma=None, or of one deviation for each point")
    options = {"absolute_sigma": absolute_sigma, "check_finite": check_finite, "method": method, "maxfev": maxfev,
               "ftol": ftol, "xtol": xtol, "gtol": gtol}  # fmt: skip
    return best_curve(f, xdata, ydata, p0, sigma, bounds, options)


def best_curve(f, xdata, ydata, p0, sigma, bounds, options, args=()):
    """`optimize.curve_fit` of a curve that takes further arguments behind its parameters."""

    def curve(x, *p):
        return f(x, *p, *args)

    taken = list(inspect.signature(f).parameters.values())
    known = inspect.Signature(taken[: len(taken) - len(args)])  # which says how many parameters there are
    curve.__signature__ = known  # type: ignore[attr-defined]
    given = {k: v for k, v in options.items() if v is not None}
    return optimize.curve_fit(curve, xdata, ydata, p0, sigma, bounds=bounds, **given)


def half_squares(f, count):
    """Half of the sum of the squared deviations of a curve of ``count`` parameters."""

    def half(p, xdata, ydata, sigma, *args):
        r = f(xdata, *[p[k] for k in range(count)], *args) - np.asarray(ydata)
        return 0.5 * np.sum((r if sigma is None else r / np.asarray(sigma)) ** 2)

    return half


def covariance_of(f, count, absolute):
    """The covariance of the parameters of a fit: the inverse of ``J^T J``, of the derivatives ``J`` of the curve.

    ``absolute``: the deviations are those of the data; otherwise they are scaled so that those of the fit have them.
    """

    def covariance(p, xdata, ydata, sigma, *args):
        def curve(p, xdata, *args):
            return f(xdata, *[p[k] for k in range(count)], *args)

        rest = (None,) * (1 + len(args))
        weight = 1.0 if sigma is None else 1 / np.asarray(sigma)
        columns = [weight * dynamic_jvp(curve, (p, xdata, *args), (unit, *rest)) for unit in np.eye(count)]
        slopes = np.stack(columns, axis=1)
        found = np.linalg.inv(slopes.T @ slopes)
        if absolute:
            return found
        residual = weight * (curve(p, xdata, *args) - np.asarray(ydata))
        return found * (np.sum(residual**2) / (np.size(residual) - count))

    return covariance


def absolute_in(options):
    """Whether the deviations that are given are those of the data."""
    return bool(options.get("absolute_sigma"))


@calls_back("f")
@vjp(best_curve, parts=True)
def best_curve_vjp(bars, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    p, given = out[0], (xdata, ydata, sigma, *args)
    p_bar, direct = or_zeros(bars[0], p), (None,) * len(given)
    if bars[1] is not None and np.any(bars[1] != 0):
        covariance = covariance_of(f, np.size(p), absolute_in(options))
        by_place, *direct = dynamic_vjp(covariance, p, *given)[1](bars[1])
        p_bar = p_bar + by_place
    through = minimum(p_bar, 0.0, p, half_squares(f, np.size(p)), given, pairs(bounds))
    found = [add(a, b) for a, b in zip(through, direct, strict=True)]
    return NOTHING, found[0], found[1], None, found[2], NOTHING, None, tuple(found[3:])


def curve_tangent(dots, out, f, given, bounds, options):
    """Of the parameters and of their covariance."""
    squares = half_squares(f, np.size(out[0]))
    p_dot = minimum_tangents(dots, out[0], squares, given, pairs(bounds))[0]
    covariance = covariance_of(f, np.size(out[0]), absolute_in(options))
    return p_dot, dynamic_jvp(covariance, (out[0], *given), (p_dot, *dots))


@jvp(best_curve, 1)
def best_curve_x(x_dot, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    return curve_tangent(
        (x_dot, None, None, *[None] * len(args)), out, f, (xdata, ydata, sigma, *args), bounds, options
    )


@jvp(best_curve, 2)
def best_curve_y(y_dot, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    return curve_tangent(
        (None, y_dot, None, *[None] * len(args)), out, f, (xdata, ydata, sigma, *args), bounds, options
    )


@jvp(best_curve, 4)
def best_curve_sigma(sigma_dot, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    return curve_tangent(
        (None, None, sigma_dot, *[None] * len(args)), out, f, (xdata, ydata, sigma, *args), bounds, options
    )


@jvp(best_curve, 7)
def best_curve_args(args_dot, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    return curve_tangent((None, None, None, *args_dot), out, f, (xdata, ydata, sigma, *args), bounds, options)


@jvp(best_curve, 3)
def best_curve_p0(p0_dot, out, f, xdata, ydata, p0, sigma, bounds, options, args=()):
    return np.zeros_like(out[0]), np.zeros_like(out[1])


infer(best_curve)(lambda *args, **options: tuple_of((some_floats(1), some_floats(2))))
infer(optimize.leastsq)(lambda *args, **options: tuple_of((some_floats(1), an_integer())))
