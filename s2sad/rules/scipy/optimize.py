"""Rules of ``scipy.optimize``: the implicit function theorem.

A root ``f(x, *args) = 0`` moves with the parameters as ``dx = -(df/dx)^-1 (df/dargs) dargs``, and a minimum as a root
of the gradient.  The starting point and the bracket have no influence.  (J. Nocedal, S. J. Wright, "Numerical
optimization", 2006, appendix A.2.)
"""

import numpy as np
from scipy import optimize

from ...runtime import dynamic_gradient, dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import number, result_of, unknown
from ..table import calls_back, definition, infer, jvp, no_rule, vjp, zero_derivative
from .callbacks import as_tuple, pack

NOTHING = NotImplemented

# Rosenbrock's function (H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function",
# 1960), the usual test of minimisers, and what SciPy has of its derivatives


@definition(optimize.rosen)
def rosen(x):
    x = np.asarray(x) * 1.0
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2, axis=0)


@definition(optimize.rosen_der)
def rosen_der(x):
    x = np.asarray(x) * 1.0
    off = x[1:] - x[:-1] ** 2
    slope = np.zeros_like(x)
    slope[1:] = 200 * off
    slope[:-1] += -400 * off * x[:-1] - 2 * (1 - x[:-1])
    return slope


@definition(optimize.rosen_hess)
def rosen_hess(x):
    x = np.asarray(x) * 1.0
    beside = -400 * x[:-1]
    diagonal = np.zeros_like(x)
    diagonal[1:] = 200
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


@definition(optimize.rosen_hess_prod)
def rosen_hess_prod(x, p):
    return rosen_hess(x) @ p


# Equations in one unknown


def scalar_root(x_bar, x, f, args):
    """The cotangents of the parameters of an equation, elementwise in ``x``."""
    given = as_tuple(args)
    pull = dynamic_vjp(f, x, *given)[1]
    slope = pull(np.ones_like(x) if np.ndim(x) else 1.0)[0]
    return pack(tuple(pull(-x_bar / slope)[1:]), args)


def scalar_root_tangent(args_dot, x, f, args):
    given = as_tuple(args)
    slope = dynamic_vjp(f, x, *given)[1](np.ones_like(x) if np.ndim(x) else 1.0)[0]
    return -dynamic_jvp(f, (x, *given), (None, *as_tuple(args_dot))) / slope


@calls_back("f")
@vjp(optimize.brentq, optimize.brenth, optimize.bisect, optimize.ridder, optimize.toms748)
def brentq(x_bar, x, f, a, b, args=(), *, xtol=2e-12, rtol=1e-15, maxiter=100, k=1, disp=True):
    return NOTHING, None, None, scalar_root(x_bar, x, f, args)


@jvp(optimize.brentq, 1)
def brentq_a(a_dot, x, f, a, b, args=(), **options):
    return 0.0


@jvp(optimize.brentq, 2)
def brentq_b(b_dot, x, f, a, b, args=(), **options):
    return 0.0


@jvp(optimize.brentq, 3)
def brentq_args(args_dot, x, f, a, b, args=(), **options):
    return scalar_root_tangent(args_dot, x, f, args)


@calls_back("func", "fprime", "fprime2", spreads=True)
@vjp(optimize.newton)
def newton(x_bar, x, func, x0, fprime=None, args=(), *, tol=1.48e-8, maxiter=50, fprime2=None, x1=None, rtol=0.0,
           disp=True):  # fmt: skip
    return NOTHING, None, NOTHING, scalar_root(x_bar, x, func, args)


@jvp(optimize.newton, 1)
def newton_x0(x0_dot, x, func, x0, fprime=None, args=(), **options):
    return np.zeros_like(x)


@jvp(optimize.newton, 3)
def newton_args(args_dot, x, func, x0, fprime=None, args=(), **options):
    return scalar_root_tangent(args_dot, x, func, args)


@calls_back("f", "fprime", "fprime2")
@vjp(optimize.root_scalar)
def root_scalar(result_bar, result, f, args=(), *, method=None, bracket=None, fprime=None, fprime2=None, x0=None,
                x1=None, xtol=None, rtol=None, maxiter=None, options=None):  # fmt: skip
    return NOTHING, scalar_root(result_bar["root"], result["root"], f, args)


@jvp(optimize.root_scalar, 1)
def root_scalar_args(args_dot, result, f, args=(), **options):
    return {"root": scalar_root_tangent(args_dot, result["root"], f, args)}


for solver in (optimize.brentq, optimize.newton):
    infer(solver)(lambda f, *args, **options: unknown())
infer(optimize.root_scalar)(lambda *args, **options: result_of(optimize.RootResults, root=number()))

# Systems of equations


def jacobian(pull, size):
    """The matrix whose rows a pullback gives."""
    return np.stack([np.ravel(pull(row)[0]) for row in np.eye(size)])


def system(x_bar, x, f, args):
    given = as_tuple(args)
    value, pull = dynamic_vjp(as_vector(f), np.ravel(x), *given)
    u = np.linalg.solve(jacobian(pull, np.size(value)).T, np.ravel(x_bar))
    return pack(tuple(pull(-u)[1:]), args)


def system_tangent(args_dot, x, f, args):
    given, vector = as_tuple(args), as_vector(f)
    value, pull = dynamic_vjp(vector, np.ravel(x), *given)
    moved = dynamic_jvp(vector, (np.ravel(x), *given), (None, *as_tuple(args_dot)))
    return np.reshape(-np.linalg.solve(jacobian(pull, np.size(value)), moved), np.shape(x))


def as_vector(f):
    """A system whose result may be a list, as one that returns a vector."""

    def vector(x, *args):
        return np.ravel(np.array(f(x, *args)))

    return vector


@calls_back("func", "fprime")
@vjp(optimize.fsolve)
def fsolve(x_bar, x, func, x0, args=(), *, fprime=None, col_deriv=0, xtol=1.49e-8, maxfev=0, band=None, epsfcn=None,
           factor=100, diag=None):  # fmt: skip
    return NOTHING, None, system(x_bar, x, func, args)


@jvp(optimize.fsolve, 1)
def fsolve_x0(x0_dot, x, func, x0, args=(), **options):
    return np.zeros_like(x)


@jvp(optimize.fsolve, 2)
def fsolve_args(args_dot, x, func, x0, args=(), **options):
    return system_tangent(args_dot, x, func, args)


@calls_back("fun", "jac")
@vjp(optimize.root)
def root(result_bar, result, fun, x0, args=(), *, method="hybr", jac=None, tol=None, callback=None, options=None):
    return NOTHING, None, system(result_bar["x"], result["x"], first_of(fun) if jac is True else fun, args)


@jvp(optimize.root, 1)
def root_x0(x0_dot, result, fun, x0, args=(), **options):
    return {"x": np.zeros_like(result["x"])}


@jvp(optimize.root, 2)
def root_args(args_dot, result, fun, x0, args=(), *, jac=None, **options):
    return {"x": system_tangent(args_dot, result["x"], first_of(fun) if jac is True else fun, args)}


def first_of(fun):
    """A function that returns a value and its derivative, without the latter."""

    def value(x, *args):
        return fun(x, *args)[0]

    return value


@calls_back("func", spreads=True)
@vjp(optimize.fixed_point)
def fixed_point(x_bar, x, func, x0, args=(), *, xtol=1e-8, maxiter=500, method="del2"):
    return NOTHING, None, system(x_bar, x, remainder(func), args)


@jvp(optimize.fixed_point, 1)
def fixed_point_x0(x0_dot, x, func, x0, args=(), **options):
    return np.zeros_like(x)


@jvp(optimize.fixed_point, 2)
def fixed_point_args(args_dot, x, func, x0, args=(), **options):
    return system_tangent(args_dot, x, remainder(func), args)


def remainder(func):
    def left(x, *args):
        return func(x, *args) - x

    return left


infer(optimize.fsolve)(lambda *args, **options: unknown())
infer(optimize.fixed_point)(lambda *args, **options: unknown())
infer(optimize.root)(lambda *args, **options: result_of(optimize.OptimizeResult, "x"))

# Minima


def minimum(x_bar, value_bar, x, f, args, free):
    """The cotangents of the parameters of a function that has its minimum at ``x``.

    Args:
        x_bar: of the place; value_bar: of the value, which changes by the parameters alone there.
        free: which unknowns are not at a bound.
    """
    given = as_tuple(args)
    direct = dynamic_vjp(f, x, *given)[1](np.reshape(value_bar, ())[()])[1:]
    _, pull = dynamic_vjp(dynamic_gradient(f), x, *given)
    u = np.zeros(np.size(x))
    if np.any(np.ravel(x_bar)):
        second = curvature(pull, x)[np.ix_(free, free)]
        u[free] = np.linalg.solve(second.T, np.ravel(x_bar)[free])
    through = pull(np.reshape(-u, np.shape(x)) if np.ndim(x) else -u[0])[1:]
    return pack(tuple(add(a, b) for a, b in zip(direct, through, strict=True)), args)


def curvature(pull, x):
    """The matrix of second derivatives, from the pullback of the gradient."""
    rows = [np.reshape(row, np.shape(x)) if np.ndim(x) else row[0] for row in np.eye(np.size(x))]
    return np.stack([np.ravel(pull(row)[0]) for row in rows])


def add(a, b):
    if isinstance(a, (list, tuple)):
        return type(a)(add(x, y) for x, y in zip(a, b, strict=True))
    return b if a is None else a if b is None else a + b


def minimum_tangents(args_dot, x, f, args, free):
    """The tangents of the place and of the value."""
    given, dots = as_tuple(args), as_tuple(args_dot)
    value_dot = dynamic_jvp(f, (x, *given), (None, *dots))
    gradient = dynamic_gradient(f)
    pull = dynamic_vjp(gradient, x, *given)[1]
    moved = np.ravel(dynamic_jvp(gradient, (x, *given), (None, *dots)))
    x_dot = np.zeros(np.size(x))
    x_dot[free] = -np.linalg.solve(curvature(pull, x)[np.ix_(free, free)], moved[free])
    return np.reshape(x_dot, np.shape(x)) if np.ndim(x) else x_dot[0], value_dot


def inside(x, bounds):
    """Which unknowns are not at a bound."""
    if bounds is None:
        return np.full(np.size(x), True)
    if isinstance(bounds, optimize.Bounds):
        low, high = np.broadcast_to(bounds.lb, np.shape(x)), np.broadcast_to(bounds.ub, np.shape(x))
    else:
        low = np.array([-np.inf if b[0] is None else b[0] for b in bounds])
        high = np.array([np.inf if b[1] is None else b[1] for b in bounds])
    reach = 1e-9 * (1 + np.abs(x))
    return (x > low + reach) & (x < high - reach)


@calls_back("fun", "jac", "hess", "hessp")
@vjp(optimize.minimize)
def minimize(result_bar, result, fun, x0, args=(), *, method=None, jac=None, hess=None, hessp=None, bounds=None,
             tol=None, callback=None, options=None):  # fmt: skip
    value = first_of(fun) if jac is True else fun
    bars = minimum(result_bar["x"], result_bar["fun"], result["x"], value, args, inside(result["x"], bounds))
    return NOTHING, None, bars


@jvp(optimize.minimize, 1)
def minimize_x0(x0_dot, result, fun, x0, args=(), **options):
    return {"x": np.zeros_like(result["x"]), "fun": 0.0}


@jvp(optimize.minimize, 2)
def minimize_args(args_dot, result, fun, x0, args=(), *, jac=None, bounds=None, **options):
    value = first_of(fun) if jac is True else fun
    x_dot, value_dot = minimum_tangents(args_dot, result["x"], value, args, inside(result["x"], bounds))
    return {"x": x_dot, "fun": value_dot}


@calls_back("fun")
@vjp(optimize.minimize_scalar)
def minimize_scalar(result_bar, result, fun, bracket=None, bounds=None, args=(), *, method=None, tol=None,
                    options=None):  # fmt: skip
    free = inside(np.ravel(result["x"]), None if bounds is None else [bounds])
    bars = minimum(result_bar["x"], result_bar["fun"], float(result["x"]), fun, args, free)
    return NOTHING, NOTHING, NOTHING, bars


@jvp(optimize.minimize_scalar, 3)
def minimize_scalar_args(args_dot, result, fun, bracket=None, bounds=None, args=(), **options):
    free = inside(np.ravel(result["x"]), None if bounds is None else [bounds])
    x_dot, value_dot = minimum_tangents(args_dot, float(result["x"]), fun, args, free)
    return {"x": x_dot, "fun": value_dot}


@calls_back("fun", "jac", spreads=True)
@vjp(optimize.least_squares)
def least_squares(result_bar, result, fun, x0, jac="2-point", bounds=(-np.inf, np.inf), method="trf", ftol=1e-8,
                  xtol=1e-8, gtol=1e-8, x_scale=None, loss="linear", f_scale=1.0, diff_step=None, tr_solver=None,
                  tr_options=None, jac_sparsity=None, max_nfev=None, verbose=0, args=()):  # fmt: skip
    check_linear(loss)
    free = inside(result["x"], optimize.Bounds(*bounds) if isinstance(bounds, tuple) else bounds)
    bars = minimum(result_bar["x"], result_bar["cost"], result["x"], half_square(fun), args, free)
    return (NOTHING, None, *(NOTHING,) * 15, bars)


@jvp(optimize.least_squares, 1)
def least_squares_x0(x0_dot, result, fun, x0, *rest):
    return {"x": np.zeros_like(result["x"]), "cost": 0.0}


@jvp(optimize.least_squares, 17)
def least_squares_args(args_dot, result, fun, x0, jac, bounds, method, ftol, xtol, gtol, x_scale, loss, *rest):
    check_linear(loss)
    free = inside(result["x"], optimize.Bounds(*bounds) if isinstance(bounds, tuple) else bounds)
    x_dot, cost_dot = minimum_tangents(args_dot, result["x"], half_square(fun), rest[-1], free)
    return {"x": x_dot, "cost": cost_dot}


def check_linear(loss):
    if loss != "linear":
        raise no_derivative("least_squares has a derivative rule for loss='linear' only")


def half_square(fun):
    def half(x, *args):
        return 0.5 * np.sum(np.array(fun(x, *args)) ** 2)

    return half


infer(optimize.minimize)(lambda *args, **options: result_of(optimize.OptimizeResult, "x", fun=number()))
infer(optimize.minimize_scalar)(lambda *args, **options: result_of(optimize.OptimizeResult, x=number(), fun=number()))
infer(optimize.least_squares)(lambda *args, **options: result_of(optimize.OptimizeResult, "x", cost=number()))

zero_derivative(optimize.linear_sum_assignment)
no_rule(
    "use scipy.optimize.minimize, whose result has a derivative by args",
    *(optimize.fmin, optimize.fmin_bfgs, optimize.fmin_cg, optimize.fmin_l_bfgs_b, optimize.fmin_ncg),
    *(optimize.fmin_powell, optimize.fmin_slsqp, optimize.fmin_tnc, optimize.fmin_cobyla, optimize.fminbound),
    *(optimize.brent, optimize.golden),
)
no_rule("use scipy.optimize.least_squares, whose result has a derivative by args", optimize.curve_fit, optimize.leastsq)
no_rule(
    "a search over the whole domain is not differentiated: minimise again from its result with scipy.optimize.minimize",
    *(optimize.basinhopping, optimize.brute, optimize.differential_evolution, optimize.direct),
    *(optimize.dual_annealing, optimize.shgo),
)
no_rule("programs with constraints have no rule", optimize.linprog, optimize.milp, optimize.nnls, optimize.lsq_linear)
