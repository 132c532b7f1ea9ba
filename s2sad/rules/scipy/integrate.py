"""Rules of ``scipy.integrate`` for samples and for functions; `odes` has those of differential equations.

The integral of a function changes with its bounds by the function's values there, and with its parameters by the
integral of its derivatives (Leibniz): an integral of the same kind.
"""

import numpy as np
import scipy
from scipy import integrate, special

from ...runtime import dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import some_floats, two_numbers, unknown
from ..table import calls_back, definition, infer, jvp, no_rule, present, vjp, zero_derivative
from . import adaptive, boundary, odes  # noqa: F401
from .callbacks import as_tuple, check_unread, flat, pack, remembered, unflat

# Samples


@definition(integrate.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None or np.asarray(y).dtype != np.float32:
        return np.trapezoid(y, x, dx, axis)
    ends = np.moveaxis(
        np.asarray(y), axis, -1
    )  # the integral has the precision of the samples, whatever that of their places
    return np.sum((ends[..., 1:] + ends[..., :-1]) * (np.asarray(steps(x, dx, axis), np.float32) / 2), axis=-1)


@definition(integrate.cumulative_trapezoid)
def cumulative_trapezoid(y, x=None, dx=1.0, axis=-1, initial=None):
    ends = np.moveaxis(np.asarray(y), axis, -1)
    widths = steps(x, dx, axis)
    sums = np.cumsum((ends[..., 1:] + ends[..., :-1]) * (widths / 2), axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros_like(sums[..., :1]) + initial, sums], axis=-1)
    return np.moveaxis(sums, -1, axis)


def steps(x, dx, axis):
    """The distances of samples, along the last axis."""
    if x is None:
        return dx
    return np.diff(x) if np.ndim(x) == 1 else np.moveaxis(np.diff(x, axis=axis), axis, -1)


# Simpson's rule; for an even number of samples the last interval by the parabola through the last three (K. A.
# Cartwright, "Simpson's rule cumulative integration with MS Excel and irregularly-spaced data", 2017).
IN_DOUBLE = np.lib.NumpyVersion(scipy.__version__) < "1.18.0"  # how SciPy computes the last interval of a row


@definition(integrate.simpson)
def simpson(y, x=None, *, dx=1.0, axis=-1):
    f = np.moveaxis(np.asarray(y), axis, -1)
    n = np.shape(f)[-1]
    h = steps(x, dx, axis) + (np.zeros_like(f, shape=n - 1) if x is None else np.zeros(n - 1))  # as SciPy has it
    if n == 2:
        return np.sum((f[..., 1:] + f[..., :-1]) * (h / 2), axis=-1)
    odd = n - 1 + n % 2
    first, second = h[..., 0 : odd - 1 : 2], h[..., 1 : odd - 1 : 2]
    left, middle, right = f[..., 0 : odd - 2 : 2], f[..., 1 : odd - 1 : 2], f[..., 2:odd:2]
    both = first + second
    parts = left * (2 - second / first) + middle * both**2 / (first * second) + right * (2 - first / second)
    total = np.sum(both / 6 * parts, axis=-1)
    if n % 2 == 0:
        a, b = h[..., -2], h[..., -1]
        if x is None and np.ndim(f) == 1 and IN_DOUBLE:
            a = b = np.asarray(dx, float)
        last = (2 * b**2 + 3 * a * b) / (6 * (a + b))
        total = total + f[..., -1] * last + f[..., -2] * (b**2 + 3 * a * b) / (6 * a)
        total = total - f[..., -3] * b**3 / (6 * a * (a + b))
    return total


@definition(integrate.cumulative_simpson)
def cumulative_simpson(y, *, x=None, dx=1.0, axis=-1, initial=None):
    f = np.moveaxis(np.asarray(y), axis, -1)
    n = np.shape(f)[-1] - 1
    h = steps(x, dx, axis)
    if n < 2:
        parts = (f[..., 1:] + f[..., :-1]) * (h / 2)
    else:  # steps that are not given are in double precision, as SciPy has it
        parts = by_parabolas(f, h + (np.zeros(n) if x is None else np.zeros_like(f, shape=n)), n)
    sums = np.cumsum(parts, axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1) + np.asarray(initial)
    return np.moveaxis(sums, -1, axis)


def by_parabolas(f, h, n):
    """The integrals over intervals: each parabola serves for two of them, the last one for what is left."""
    before, after = h[..., :-1], h[..., 1:]
    left, middle, right = f[..., :-2], f[..., 1:-1], f[..., 2:]
    first = parabola(before, after, left, middle, right)
    second = parabola(after, before, right, middle, left)
    number = np.arange(n)
    return np.where(
        (number % 2 == 0) & (number < n - 1),
        np.concatenate([first, second[..., -1:]], axis=-1), np.concatenate([first[..., :1], second], axis=-1),
    )  # fmt: skip


def parabola(width, other, f, middle, beyond):
    """The integral over the first of two intervals of the parabola through three points."""
    both = width + other
    bend = width**2 / (both * other)
    return width / 6 * ((3 - width / both) * f + (3 + bend + width / both) * middle - bend * beyond)


@definition(integrate.romb)
def romb(y, dx=1.0, axis=-1):
    f = np.moveaxis(np.asarray(y), axis, -1)
    n = np.shape(f)[-1] - 1
    rows = []
    while n >= 1:
        step = (np.shape(f)[-1] - 1) // n
        rows.append(dx * step * (np.sum(f[..., ::step], axis=-1) - (f[..., 0] + f[..., -1]) / 2))
        n //= 2
    weights = extrapolation(len(rows))
    total = 0.0
    for k in range(len(rows)):
        total = total + weights[k] * rows[len(rows) - 1 - k]
    return total


def extrapolation(count):
    """How much of each trapezoidal sum, coarsest first, is in the last entry of Romberg's table."""
    table = np.eye(count)
    for order in range(1, count):
        table = (4**order * table[1:] - table[:-1]) / (4**order - 1)
    return table[0]


# Functions


def nodes(n):
    """Points and weights of Gauss's quadrature."""
    return np.stack(special.roots_legendre(n))


zero_derivative(nodes)
infer(nodes)(lambda n: some_floats(2))


@definition(integrate.fixed_quad)
def fixed_quad(func, a, b, args=(), n=5):
    points, weights = nodes(n)[0], nodes(n)[1]
    return (b - a) / 2.0 * np.sum(weights * func((b - a) * (points + 1) / 2.0 + a, *args), axis=-1), None


@calls_back("func")
@vjp(integrate.quad)
def quad(result_bar, result, func, a, b, args=(), *, full_output=0, epsabs=1.49e-8, epsrel=1.49e-8, limit=50,
         points=None, weight=None, wvar=None, wopts=None, maxp1=50, limlst=50, complex_func=False):  # fmt: skip
    check_unread(result_bar[2:], "quad tells the integral")
    options = {"epsabs": epsabs, "epsrel": epsrel, "limit": limit, "points": points, "weight": weight, "wvar": wvar,
               "wopts": wopts, "maxp1": maxp1, "limlst": limlst}  # fmt: skip
    bar, given = result_bar[0], as_tuple(args)
    size, seed = np.size(flat(given)), bar if complex_func else 1.0
    if complex_func:
        options["complex_func"] = True

    @remembered
    def slopes(x):
        return flat(dynamic_vjp(func, x, *given)[1](seed)[1:], given)

    found = np.array([integral(lambda x, k=k: slopes(x)[k], a, b, options) for k in range(size)])
    args_bar = pack(unflat(found if complex_func else bar * found, given), args)
    if weight not in WEIGHTS:
        return NotImplemented, NotImplemented, NotImplemented, args_bar
    at_a, at_b = edge(func, a, given, weight, wvar), edge(func, b, given, weight, wvar)
    return NotImplemented, -bar * at_a, bar * at_b, args_bar


def moved(result, dot):
    """The tangent of what ``quad`` gives; of how it was found, where that is told, nobody knows one."""
    return (dot, 0.0, *[{} if isinstance(part, dict) else None for part in result[2:]])


def integral(f, a, b, options):
    """The integral of a derivative, to an error that is small beside that derivative.

    ``epsabs`` is meant for the integral itself; its derivatives may be many orders of magnitude smaller, and be
    multiplied by as many afterwards.  So the absolute error is bounded by the integral of the absolute value, roughly.
    """
    size = rough_size(f, a, b)
    given = {"epsabs": 1.49e-8, "epsrel": 1.49e-8, **options}
    if np.isfinite(size):
        given["epsabs"] = min(given["epsabs"], given["epsrel"] * size)
    return integrate.quad(f, a, b, **given)[0]


def rough_size(f, a, b):
    """What the absolute value of a function integrates to, by one rule for the whole interval."""
    return integrate.quad(lambda x: abs(f(x)), a, b, limit=1, full_output=1)[0]


zero_derivative(rough_size)


@infer(integrate.quad)
def quad_type(*args, **options):
    plain = len(args) <= 4 and options.get("full_output", 0) == 0 and options.get("complex_func", False) is False
    return two_numbers() if plain else unknown()


WEIGHTS = {
    None: lambda x, wvar: 1.0,
    "cos": lambda x, wvar: np.cos(wvar * x),
    "sin": lambda x, wvar: np.sin(wvar * x),
    "cauchy": lambda x, wvar: 1 / (x - wvar),
}


def edge(func, x, args, weight, wvar):
    """The value of an integrand at a bound."""
    if weight not in WEIGHTS:
        raise no_derivative(f"quad has no derivative by the bounds with weight={weight!r}")
    return 0.0 if np.isinf(x) else WEIGHTS[weight](x, wvar) * func(x, *args)


@jvp(integrate.quad, 1)
def quad_a(a_dot, result, func, a, b, args=(), *, weight=None, wvar=None, **options):
    return moved(result, -a_dot * edge(func, a, as_tuple(args), weight, wvar))


@jvp(integrate.quad, 2)
def quad_b(b_dot, result, func, a, b, args=(), *, weight=None, wvar=None, **options):
    return moved(result, b_dot * edge(func, b, as_tuple(args), weight, wvar))


@jvp(integrate.quad, 3)
def quad_args(args_dot, result, func, a, b, args=(), *, full_output=0, **options):
    given, dots = as_tuple(args), as_tuple(args_dot)
    slope = remembered(lambda x: dynamic_jvp(func, (x, *given), (None, *dots)))
    return moved(result, integral(slope, a, b, options))


# Functions of several variables: integrals of integrals.  A bound may be a function of the variables around it.


@definition(integrate.nquad)
def nquad(func, ranges, args=None, opts=None, full_output=False):
    given = as_tuple(args)
    options = [{} if opts is None else opts if isinstance(opts, dict) else opts[k] for k in range(len(ranges))]
    value = nested(func, tuple(ranges), options, len(ranges) - 1)(*given)
    return value, *told(integrate.nquad, func, ranges, given, opts, full_output)


@definition(integrate.dblquad)
def dblquad(func, a, b, gfun, hfun, args=(), epsabs=1.49e-8, epsrel=1.49e-8):
    (found,) = told(integrate.dblquad, func, a, b, gfun, hfun, args, epsabs, epsrel)
    options = [{"epsabs": epsabs, "epsrel": epsrel}] * 2
    return nested(func, (between(gfun, hfun, 1), (a, b)), options, 1)(*as_tuple(args)), found


@definition(integrate.tplquad)
def tplquad(func, a, b, gfun, hfun, qfun, rfun, args=(), epsabs=1.49e-8, epsrel=1.49e-8):
    (found,) = told(integrate.tplquad, func, a, b, gfun, hfun, qfun, rfun, args, epsabs, epsrel)
    options = [{"epsabs": epsabs, "epsrel": epsrel}] * 3
    ranges = (between(qfun, rfun, 2), between(gfun, hfun, 1), (a, b))
    return nested(func, ranges, options, 2)(*as_tuple(args)), found


def nested(func, ranges, options, k):
    """The integral over the first ``k + 1`` variables, as a function of the others and of the parameters."""
    inner = func if k == 0 else nested(func, ranges, options, k - 1)

    def value(*outer):
        low, high = ranges[k](*outer) if callable(ranges[k]) else ranges[k]
        return integrate.quad(inner, low, high, args=outer, **options[k])[0]

    return value


def between(low, high, count):
    """Bounds that are numbers, or functions of the ``count`` variables around, the nearest one last."""

    def bounds(*outer):
        found = outer[:count][::-1]
        return (low(*found) if callable(low) else low), (high(*found) if callable(high) else high)

    return bounds


def told(function, *args):
    """What a function tells besides the integral, of its error above all; the integrand runs once more."""
    return function(*args)[1:]


zero_derivative(told)


@calls_back("f")
@vjp(integrate.quad_vec)
def quad_vec(result_bar, result, f, a, b, args=(), *, epsabs=1e-200, epsrel=1e-8, norm="2", cache_size=100e6,
             limit=10000, workers=1, points=None, quadrature=None):  # fmt: skip
    options = {"epsrel": epsrel, "limit": limit, "points": points, "quadrature": quadrature}
    bar, given = result_bar[0], as_tuple(args)

    def slopes(x):
        return flat(dynamic_vjp(f, x, *given)[1](bar)[1:], given)

    total = integrate.quad_vec(slopes, a, b, **options)[0] if np.size(flat(given)) else np.zeros(0)
    ends = [0.0 if np.isinf(x) else np.sum(bar * f(x, *given)) for x in (a, b)]
    return NotImplemented, -ends[0], ends[1], pack(unflat(total, given), args)


@infer(integrate.quad_vec)
def quad_vec_type(*args, **options):
    return NotImplemented if len(args) > 10 or "full_output" in options else unknown()


@jvp(integrate.quad_vec, 1)
def quad_vec_a(a_dot, result, f, a, b, args=(), **options):
    return -a_dot * f(a, *as_tuple(args)), 0.0


@jvp(integrate.quad_vec, 2)
def quad_vec_b(b_dot, result, f, a, b, args=(), **options):
    return b_dot * f(b, *as_tuple(args)), 0.0


@jvp(integrate.quad_vec, 3)
def quad_vec_args(args_dot, result, f, a, b, args=(), *, epsrel=1e-8, limit=10000, points=None, quadrature=None,
                  **options):  # fmt: skip
    given, dots = as_tuple(args), as_tuple(args_dot)
    chosen = {"epsrel": epsrel, "limit": limit, "points": points, "quadrature": quadrature}
    return integrate.quad_vec(lambda x: dynamic_jvp(f, (x, *given), (None, *dots)), a, b, **chosen)[0], 0.0


zero_derivative(*present(integrate, "lebedev_rule"))
no_rule("write the weights of your places with NumPy: np.linalg.solve has a rule", integrate.newton_cotes)
no_rule("its points are drawn at random: use scipy.integrate.nquad", integrate.qmc_quad)
no_rule("use scipy.integrate.nquad, or quad_vec within quad_vec", *present(integrate, "cubature"))
no_rule(
    "it goes on step by step from where it is: use scipy.integrate.solve_ivp, which has a rule",
    *(integrate.ode, integrate.complex_ode),
)
