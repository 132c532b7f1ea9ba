"""Rules of ``scipy.optimize``: the implicit function theorem.

A root ``f(x, *args) = 0`` moves with the parameters as ``dx = -(df/dx)^-1 (df/dargs) dargs``.  The starting point and
the bracket have no influence.  (J. Nocedal, S. J. Wright, "Numerical optimization", 2006, appendix A.2.)  Minima, which
are roots of the gradient, are in `minima`.
"""

import numpy as np
from scipy import optimize

from ...runtime import dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import number, result_of, some_floats, tuple_of, typed, unknown
from ..reductions import or_zeros
from ..table import calls_back, definition, infer, jvp, no_rule, vjp, zero_derivative
from . import minima  # noqa: F401
from .callbacks import NOTHING, as_tuple, as_vector, check_determined, check_found, first_of, pack, shaped

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


def root_of(out, full_output):
    """The root, which comes with a report where all is asked for."""
    return out[0] if full_output else out


def root_bar(bar, full_output):
    """The cotangent of the root: the report has it, too; None of what nobody reads."""
    if not full_output:
        return bar
    reported = None if bar[1] is None else bar[1]["root"]
    if bar[0] is None or reported is None:
        return reported if bar[0] is None else bar[0]
    return bar[0] + reported


def root_dot(dot, full_output):
    return (dot, {"root": dot}) if full_output else dot


def scalar_root(x_bar, x, f, args):
    """The cotangents of the parameters of an equation, elementwise in ``x``."""
    given = as_tuple(args)
    value, pull = dynamic_vjp(f, x, *given)
    slope = pull(shaped(np.ones_like(x) if np.ndim(x) else 1.0, value))[0]
    check_found(value / slope, x)
    return pack(tuple(pull(shaped(-x_bar / slope, value))[1:]), args)


def scalar_root_tangent(args_dot, x, f, args):
    given = as_tuple(args)
    value, pull = dynamic_vjp(f, x, *given)
    slope = pull(shaped(np.ones_like(x) if np.ndim(x) else 1.0, value))[0]
    check_found(value / slope, x)
    moved = dynamic_jvp(f, (x, *given), (None, *as_tuple(args_dot)))
    return -np.reshape(moved, np.shape(x))[()] / slope


@calls_back("f")
@vjp(optimize.brentq, optimize.brenth, optimize.bisect, optimize.ridder, optimize.toms748)
def brentq(bar, out, f, a, b, args=(), *, xtol=2e-12, rtol=1e-15, maxiter=100, k=1, full_output=False, disp=True):
    return NOTHING, None, None, scalar_root(root_bar(bar, full_output), root_of(out, full_output), f, args)


@jvp(optimize.brentq, 1)
def brentq_a(a_dot, out, f, a, b, args=(), *, full_output=False, **options):
    return root_dot(0.0, full_output)


@jvp(optimize.brentq, 2)
def brentq_b(b_dot, out, f, a, b, args=(), *, full_output=False, **options):
    return root_dot(0.0, full_output)


@jvp(optimize.brentq, 3)
def brentq_args(args_dot, out, f, a, b, args=(), *, full_output=False, **options):
    return root_dot(scalar_root_tangent(args_dot, root_of(out, full_output), f, args), full_output)


@calls_back("func", "fprime", "fprime2", spreads=True)
@vjp(optimize.newton)
def newton(bar, out, func, x0, fprime=None, args=(), *, tol=1.48e-8, maxiter=50, fprime2=None, x1=None, rtol=0.0,
           full_output=False, disp=True):  # fmt: skip
    if full_output and np.ndim(x0):
        return NOTHING, None, NOTHING, scalar_root(bar[0], out[0], func, args)
    return NOTHING, None, NOTHING, scalar_root(root_bar(bar, full_output), root_of(out, full_output), func, args)


@jvp(optimize.newton, 1)
def newton_x0(x0_dot, out, func, x0, fprime=None, args=(), *, full_output=False, **options):
    if full_output and np.ndim(x0):
        return np.zeros_like(out[0]), None, None
    return root_dot(np.zeros_like(root_of(out, full_output)), full_output)


@jvp(optimize.newton, 3)
def newton_args(args_dot, out, func, x0, fprime=None, args=(), *, full_output=False, **options):
    moved = scalar_root_tangent(args_dot, root_of(out, full_output), func, args)
    if full_output and np.ndim(x0):
        return moved, None, None
    return root_dot(moved, full_output)


@calls_back("f", "fprime", "fprime2")
@vjp(optimize.root_scalar)
def root_scalar(result_bar, result, f, args=(), *, method=None, bracket=None, fprime=None, fprime2=None, x0=None,
                x1=None, xtol=None, rtol=None, maxiter=None, options=None):  # fmt: skip
    return NOTHING, scalar_root(result_bar["root"], result["root"], first_of(f) if fprime is True else f, args)


@jvp(optimize.root_scalar, 1)
def root_scalar_args(args_dot, result, f, args=(), *, fprime=None, **options):
    return {"root": scalar_root_tangent(args_dot, result["root"], first_of(f) if fprime is True else f, args)}


@infer(optimize.brentq, optimize.newton)
def root_type(f=None, a=None, *args, x0=None, full_output=False, **options):
    if full_output is not True or typed(a if x0 is None else x0).kind not in ("int", "float", "scalar", "number"):
        return unknown()
    return tuple_of((number(), result_of(optimize.RootResults, root=number())))


infer(optimize.root_scalar)(lambda *args, **options: result_of(optimize.RootResults, root=number()))

# Systems of equations


def jacobian(pull, size):
    """The matrix whose rows a pullback gives."""
    return np.stack([np.ravel(pull(row)[0]) for row in np.eye(size)])


def system(x_bar, x, f, args, success=None):
    given = as_tuple(args)
    value, pull = dynamic_vjp(as_vector(f), np.ravel(x), *given)
    slopes = jacobian(pull, np.size(value))
    check_determined(slopes)
    check_found(np.linalg.solve(slopes, value), np.ravel(x), success)
    u = np.linalg.solve(slopes.T, np.ravel(x_bar))
    return pack(tuple(pull(-u)[1:]), args)


def system_tangent(args_dot, x, f, args, success=None):
    given, vector = as_tuple(args), as_vector(f)
    value, pull = dynamic_vjp(vector, np.ravel(x), *given)
    slopes = jacobian(pull, np.size(value))
    check_determined(slopes)
    check_found(np.linalg.solve(slopes, value), np.ravel(x), success)
    moved = dynamic_jvp(vector, (np.ravel(x), *given), (None, *as_tuple(args_dot)))
    return np.reshape(-np.linalg.solve(slopes, moved), np.shape(x))


@calls_back("func", "fprime")
@vjp(optimize.fsolve)
def fsolve(bar, out, func, x0, args=(), *, fprime=None, full_output=0, col_deriv=0, xtol=1.49e-8, maxfev=0, band=None,
           epsfcn=None, factor=100, diag=None):  # fmt: skip
    if not full_output:
        return NOTHING, None, system(bar, out, func, args)
    for name, part in (bar[1] or {}).items():
        if part is not None and np.any(part != 0):
            raise no_derivative(f"of what fsolve finds the root has a derivative rule, and {name!r} has none")
    return NOTHING, None, system(or_zeros(bar[0], out[0]), out[0], func, args)


def with_report(x_dot, full_output):
    """The tangent of what ``fsolve`` gives: of the numbers in its report nobody knows it."""
    return (x_dot, {}, None, None) if full_output else x_dot


@jvp(optimize.fsolve, 1)
def fsolve_x0(x0_dot, out, func, x0, args=(), *, full_output=0, **options):
    return with_report(np.zeros_like(root_of(out, full_output)), full_output)


@jvp(optimize.fsolve, 2)
def fsolve_args(args_dot, out, func, x0, args=(), *, full_output=0, **options):
    return with_report(system_tangent(args_dot, root_of(out, full_output), func, args), full_output)


@calls_back("fun", "jac")
@vjp(optimize.root, parts=True)
def root(result_bar, result, fun, x0, args=(), *, method="hybr", jac=None, tol=None, callback=None, options=None):
    x_bar = or_zeros(result_bar["x"], result["x"])
    return NOTHING, None, system(x_bar, result["x"], first_of(fun) if jac is True else fun, args, result["success"])


@jvp(optimize.root, 1)
def root_x0(x0_dot, result, fun, x0, args=(), **options):
    return at_zero(np.zeros_like(result["x"]), result)


@jvp(optimize.root, 2)
def root_args(args_dot, result, fun, x0, args=(), *, jac=None, **options):
    f = first_of(fun) if jac is True else fun
    return at_zero(system_tangent(args_dot, result["x"], f, args, result["success"]), result)


def at_zero(x_dot, result):
    """The tangent of a result, by that of the root: what is left of the equations stays zero."""
    return {"x": x_dot, "fun": np.zeros_like(result["fun"])}


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


infer(optimize.fsolve)(lambda *args, full_output=0, **options: unknown() if full_output != 0 else some_floats(1))
infer(optimize.fixed_point)(lambda *args, **options: unknown())
infer(optimize.root)(lambda *args, **options: result_of(optimize.OptimizeResult, "x", "fun"))

# Least squares with unknowns that are not negative: those that are positive solve the normal equations of their
# columns (C. L. Lawson, R. J. Hanson, "Solving least squares problems", 1974, chapter 23)


def of_columns(A, b, x):
    """What is left of the right side, and the matrix of the normal equations, with units for unknowns that are 0."""
    columns = np.asarray(A) * (x > 0)
    return b - np.asarray(A) @ x, columns.T @ columns + np.diag(1.0 * (x <= 0))


def direction_of(left, norm):
    return left / np.maximum(norm, 1e-300)


@vjp(optimize.nnls, parts=True)
def nnls(bars, out, A, b, *, maxiter=None):
    x, norm = out
    left, normal = of_columns(A, b, x)
    u = np.linalg.solve(normal, or_zeros(bars[0], x) * (x > 0))
    of_norm = (0.0 if bars[1] is None else bars[1]) * direction_of(left, norm)
    b_bar = np.asarray(A) @ u + of_norm
    return np.outer(left, u) - np.outer(b_bar, x), b_bar


@jvp(optimize.nnls, 0)
def nnls_A(A_dot, out, A, b, *, maxiter=None):
    x, norm = out
    left, normal = of_columns(A, b, x)
    moved = A_dot.T @ left - np.asarray(A).T @ (A_dot @ x)
    return np.linalg.solve(normal, moved * (x > 0)), -direction_of(left, norm) @ (A_dot @ x)


@jvp(optimize.nnls, 1)
def nnls_b(b_dot, out, A, b, *, maxiter=None):
    x, norm = out
    left, normal = of_columns(A, b, x)
    return np.linalg.solve(normal, (np.asarray(A).T @ b_dot) * (x > 0)), direction_of(left, norm) @ b_dot


infer(optimize.nnls)(lambda *args, **options: tuple_of((some_floats(1), number())))

zero_derivative(optimize.linear_sum_assignment)
no_rule(
    "use scipy.optimize.minimize, whose result has a derivative by args",
    *(optimize.fmin_l_bfgs_b, optimize.fmin_ncg, optimize.fmin_slsqp, optimize.fmin_tnc, optimize.fmin_cobyla),
)
no_rule(
    "a search over the whole domain is not differentiated: minimise again from its result with scipy.optimize.minimize",
    *(optimize.basinhopping, optimize.brute, optimize.differential_evolution, optimize.direct),
    *(optimize.dual_annealing, optimize.shgo),
)
no_rule("programs with constraints have no rule", optimize.linprog, optimize.milp, optimize.lsq_linear)
