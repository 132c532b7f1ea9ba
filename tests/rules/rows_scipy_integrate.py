"""Rows of ``scipy.integrate``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from s2sad.rules.scipy import boundary

from .harness import Row, normal, positive, uniform


def row(function: Any, *args: Any, argnums: Any = None, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, argnums, float32=False, note=note)


def program(function: Any, called: Any, *args: Any, **options: Any) -> Row:
    return Row(function, args, {}, None, float32=False, program=called, note=called.__name__, **options)


NODES = np.linspace(0.0, 1.0, 8)


def between_boundaries(q):
    found = integrate.solve_bvp(
        lambda x, y: np.vstack([y[1], -(q[0] ** 2 + 0.5) * np.exp(0.5 * y[0]) * (1 + q[1] * x)]),
        lambda a, b: np.array([a[0] - q[2], b[0]]),
        NODES, q[0] + np.zeros((2, 8)), tol=1e-9, max_nodes=5000, bc_tol=1e-10,
    )  # fmt: skip
    return found.y[:, 0], found.y[:, -1] * found.success


def with_an_eigenvalue(q):
    def slope(x, y, p):
        return [y[1], -((p[0] * (1 + 0.1 * q[0])) ** 2) * y[0]]

    def ends(a, b, p):
        return np.array([a[0], b[0], a[1] - p[0] * (q[1] + 3.0)])

    start = np.stack([np.sin(np.pi * NODES), np.zeros(8)])
    found = integrate.solve_bvp(slope, ends, NODES, start, p=[3.0], tol=1e-8, max_nodes=5000)
    return found.p[0] * found.y[1, -1], found["x"][-1]


def on_an_interval(q):
    def slopes(x, y):
        return np.vstack([y[1], -q[0] * y[0] + x])

    def jacobian(x, y):
        return np.array([[0 * x, 1 + 0 * x], [-q[0] + 0 * x, 0 * x]])

    found = integrate.solve_bvp(
        slopes, lambda a, b: [a[0] - q[1], b[0]], np.array([0.0, 0.2, 0.7, 1.0]) * (1 + q[2]), np.zeros((2, 4)),
        fun_jac=jacobian, bc_jac=lambda a, b: (np.diag([1.0, 0.0]), np.array([[0.0, 0.0], [1.0, 0.0]])), verbose=0,
        tol=1e-9, max_nodes=5000,
    )  # fmt: skip
    return found.sol(np.array([0.3, 0.6]))[0], found.sol(0.5, 1), found.yp[1, 0], found.x[-3:]


def increasing(*shape: int) -> Any:
    return lambda rng: np.cumsum(rng.uniform(0.5, 1.5, shape), axis=-1)


def decay(x, rate, scale):
    return scale * np.exp(-rate * x)


def by_arguments(a, b, rate, scale):
    return integrate.quad(decay, a, b, args=(rate, scale))[0]


def by_closure(rate, scale):
    value, _ = integrate.quad(lambda x: decay(x, rate, scale[0]) + scale[1] * x, 0.0, 2.0)
    return value


def to_infinity(rate):
    return integrate.quad(lambda x: np.exp(-rate * x**2), 0, np.inf, epsabs=1e-13, epsrel=1e-13)[0]


def oscillating(rate):
    return integrate.quad(lambda x: np.exp(-rate * x), 0, 1, weight="cos", wvar=2.0)[0]


def with_options(rate):
    one = integrate.quad(lambda x: np.abs(x - rate) ** 3, 0, 3, points=[1.0], limit=90, epsabs=1e-12, epsrel=1e-12)[0]
    two = integrate.quad(lambda x: np.exp(-rate * x), 0, np.inf, weight="sin", wvar=2.0, limlst=60, maxp1=60)[0]
    return one, two


def with_weights(rate, end):
    singular = integrate.quad(lambda x: np.exp(-rate * x), 0, 1, weight="alg-loga", wvar=(-0.5, 0.3))[0]
    return singular, integrate.quad(lambda x: np.exp(-rate * x), 0.1, 1 + end, weight="cauchy", wvar=0.3)[0]


def with_a_report(rate, end):
    value, _, report = integrate.quad(lambda x: np.exp(-rate * x), 0, end, full_output=True)
    return value * (report["neval"] > 0), integrate.quad(lambda x: x**rate, end, 3.0, (), 1)[0]


def of_complex_values(rate, end):
    value, _, _ = integrate.quad(lambda x: np.exp((1j - 0.3) * rate * x), 0, end, full_output=1, complex_func=True)
    other, _ = integrate.quad(lambda x, z: np.conj(z * x) ** 2, 0, 1, args=(rate * (1 + 2j),), complex_func=True)
    return value.real, value.imag, other.real * other.imag


def nested(p):
    return integrate.quad(lambda y: integrate.quad(lambda x, y, q: np.cos(x * y * q), 0.0, 1.0, args=(y, p))[0], 0, p)[
        0
    ]


def over_a_rectangle(p, b):
    return integrate.dblquad(lambda y, x, q: np.exp(-p * x * y) * q, 0.0, b, 0.0, 2.0, args=(p + b,))[0]


def over_a_triangle(p, q):
    return integrate.dblquad(lambda y, x: np.sin(p * x * y), 0.0, 1.0, lambda x: -q, lambda x: q * x, epsabs=1e-12)[0]


def over_a_corner(p):
    value, _ = integrate.tplquad(lambda z, y, x: x * y + z * p, 0, p, lambda x: 0.0, lambda x: p - x,
                                 lambda x, y: 0.0, lambda x, y: p - x - y)  # fmt: skip
    return value


def with_ranges(p):
    options = [{"epsabs": 1e-12}, {"points": [0.5]}]
    ranges = [lambda y, q: (0.0, q * y), (0, p)]
    value, _, report = integrate.nquad(
        lambda x, y, q: np.cos(q * x) * abs(y - 0.5), ranges, (p,), options, full_output=True
    )
    return value * (report["neval"] > 0)


def vector(p, a, b):
    one = integrate.quad_vec(lambda x: np.exp(-p * x) * np.array([1.0, x]), a, b)[0]
    return one, integrate.quad_vec(lambda x, q: np.exp(-q * x), b, np.inf, args=(p[0],), epsrel=1e-12, norm="max",
                                   limit=500, epsabs=1e-14,
                                   cache_size=1e6, points=[1.0], quadrature="gk15")[0]  # fmt: skip


def prey(t, y, a, b):
    return np.array([a * y[0] - b * y[0] * y[1], -y[1] + y[0] * y[1]])


def populations(a, b, y0):
    times = np.array([0.3, 0.7, 1.0])
    return integrate.solve_ivp(prey, (0.0, 1.0), y0, t_eval=times, args=(a, b), rtol=1e-11, atol=1e-12).y


def stiff(rate, y0):
    result = integrate.solve_ivp(lambda t, y: [-rate * y[0] + t, y[0]], (0.0, 1.0), y0, "Radau", [0.0, 0.5, 1.0],
                                 rtol=1e-10, atol=1e-11)  # fmt: skip
    return result.y * (1.0 if result.success else 0.0)


def by_times(a, span, times, y0):
    whole = integrate.solve_ivp(prey, (span[0], span[1]), y0, args=(a, 0.5), rtol=1e-11, atol=1e-12)
    some = integrate.solve_ivp(prey, (span[0], 9.0), y0, "DOP853", times, args=(a, 0.5), rtol=1e-11, atol=1e-12)
    return whole.y[:, -1], some.y, some.t, whole.t[-1]


def starting_there(span, y0):
    times = np.array([span[0], span[1]])
    return integrate.solve_ivp(lambda t, y: -y * t, (span[0], span[1]), y0, "RK45", times, rtol=1e-11, atol=1e-12).y


def swapped(y, t, a, b):
    return [a * y[0] - b * y[0] * y[1], -y[1] + y[0] * y[1]]


def populations_by_odeint(a, b, y0, t):
    return integrate.odeint(swapped, y0, t, args=(a, b), rtol=1e-12, atol=1e-12)


def time_first(a):
    return integrate.odeint(
        lambda t, y: -a * y * t,
        1.0,
        np.array([0.5, 1.0, 2.0]),
        tfirst=True,
        rtol=1e-12,
        atol=1e-12,
        hmax=0.5,
        mxstep=5000,
    )


def with_a_jacobian(a, y0):
    tolerances, steps = {"rtol": 1e-12, "atol": 1e-12}, {"h0": 1e-3, "hmin": 0.0, "tcrit": [3.0], "mxordn": 10}
    states, report = integrate.odeint(lambda y, t: [y[1], -a * y[0]], y0, np.linspace(0, 1, 3), (),
                                      lambda y, t: [[0.0, 1.0], [-a, 0.0]], col_deriv=0, full_output=1, ml=1, mu=1,
                                      ixpr=0, mxhnil=1, mxords=4, printmessg=0, **tolerances, **steps)  # fmt: skip
    return states * (report["message"] == "Integration successful.")


def uneven(y, x):
    return integrate.cumulative_simpson(y, x=x)


def by_nodes(p, a, b):
    one = integrate.fixed_quad(lambda x: np.exp(-p * x), a, b)[0]
    return one, integrate.fixed_quad(lambda x, q: np.sin(q * x), 0.0, b, (p,), n=7)[0]


slow = {"twice": False}  # minutes, and the second derivative is tested by others
solved = {"tolerance": 1e-7, "exact": 1e-6}  # two differential equations, solved to 1e-10 step by step


def many_at_once(a, b, rate, scale):
    found = integrate.tanhsinh(decay, a=a, b=b, args=(rate, scale), minlevel=3, maxlevel=8, rtol=1e-12, atol=1e-14)
    return found.integral, integrate.tanhsinh(lambda x: np.exp(-(x**2) * scale), -np.inf, a).integral


def of_logarithms(a, b, rate):
    made = integrate.tanhsinh(lambda x, p: np.log(1 + x**2) - p * x, a, b, args=(rate,), log=True, callback=None)
    return made.integral, integrate.nsum(lambda k, p: -p * k, 1, 7, args=(rate,), log=True).sum


def zeta(k, power, scale):
    return scale * k**-power


def sums(power, scale):
    finite = integrate.nsum(zeta, a=1, b=9, step=2, args=(power, scale), maxterms=100)
    return finite.sum, integrate.nsum(zeta, 1, np.inf, args=(power[0] + 2, scale), tolerances={"rtol": 1e-10})["sum"]


NEWER = [] if not hasattr(integrate, "tanhsinh") else [
    program(integrate.tanhsinh, many_at_once, uniform(-0.2, 0.2), uniform(0.8, 1.2), positive(3), positive(),
            tolerance=1e-10),
    *[program(f, of_logarithms, uniform(-0.2, 0.2), uniform(0.8, 1.2), positive(2), tolerance=1e-9)
      for f in (integrate.tanhsinh, integrate.nsum)],
    program(integrate.nsum, sums, positive(2), positive(), tolerance=1e-8, twice=False),
]  # fmt: skip

ROWS = [
    *NEWER,
    program(integrate.solve_bvp, between_boundaries, uniform(0.2, 0.8, 3), exact=1e-6),
    program(integrate.solve_bvp, on_an_interval, uniform(0.2, 0.8, 3), exact=1e-6),
    *[
        program(f, with_an_eigenvalue, uniform(0.2, 0.8, 3), exact=1e-6)
        for f in (integrate.solve_bvp, boundary.boundary_values)
    ],
    row(integrate.trapezoid, normal(5)),
    row(integrate.trapezoid, normal(3, 5), increasing(5)),
    row(integrate.trapezoid, normal(5, 3), dx=0.5, axis=0),
    row(integrate.cumulative_trapezoid, normal(5)),
    row(integrate.cumulative_trapezoid, normal(3, 5), increasing(5), initial=0),
    row(integrate.cumulative_trapezoid, normal(5, 3), lambda rng: increasing(3, 5)(rng).T.copy(), axis=0, note="2-d"),
    *[row(integrate.cumulative_simpson, normal(n), note=str(n)) for n in (2, 3, 4, 7)],
    row(integrate.cumulative_simpson, normal(2, 3), axis=0, initial=0.5),
    row(integrate.cumulative_simpson, normal(3, 6), initial=0.0, dx=0.3),
    row(integrate.cumulative_simpson, normal(5, 2), axis=0),
    program(integrate.cumulative_simpson, uneven, normal(6), increasing(6)),
    program(integrate.fixed_quad, by_nodes, positive(), positive(), positive()),
    *[row(integrate.simpson, normal(n), note=str(n)) for n in (2, 3, 4, 7, 8)],
    *[row(integrate.simpson, normal(2, n), increasing(n), note=str(n)) for n in (5, 6)],
    row(integrate.simpson, normal(6, 2), dx=0.3, axis=0),
    row(integrate.romb, normal(9), dx=0.3),
    row(integrate.romb, normal(5, 2), axis=0),
    program(integrate.quad, by_arguments, uniform(-0.2, 0.2), uniform(0.8, 1.2), positive(), positive()),
    program(integrate.quad, by_closure, positive(), positive(2)),
    program(integrate.quad, to_infinity, positive(), tolerance=1e-9),
    program(integrate.quad, oscillating, positive(), tolerance=1e-9),
    program(integrate.quad, with_options, positive(), tolerance=1e-9),
    program(integrate.quad, with_weights, positive(), positive(), tolerance=1e-9),
    program(integrate.quad, with_a_report, positive(), positive(), tolerance=1e-9),
    program(integrate.quad, of_complex_values, positive(), positive(), tolerance=1e-9),
    program(integrate.quad, nested, positive(), tolerance=1e-9, **slow),
    program(integrate.dblquad, over_a_rectangle, positive(), positive(), tolerance=1e-9, **slow),
    program(integrate.dblquad, over_a_triangle, positive(), positive(), tolerance=1e-9, **slow),
    program(integrate.tplquad, over_a_corner, positive(), tolerance=1e-9, **slow),
    program(integrate.nquad, with_ranges, positive(), tolerance=1e-9, **slow),
    program(integrate.quad_vec, vector, positive(2), uniform(-0.2, 0.2), positive(), tolerance=1e-9),
    program(integrate.solve_ivp, populations, positive(), positive(), positive(2), **solved, **slow),
    program(
        integrate.solve_ivp,
        by_times,
        positive(),
        increasing(2),
        lambda rng: 4 + np.arange(3.0),
        positive(2),
        **solved,
        **slow,
    ),
    program(integrate.solve_ivp, starting_there, increasing(2), positive(1), **solved),
    program(integrate.solve_ivp, stiff, positive(), positive(2), **solved, **slow),
    program(
        integrate.odeint, populations_by_odeint, positive(), positive(), positive(2), increasing(4), **solved, **slow
    ),
    program(integrate.odeint, time_first, positive(), **solved),
    program(integrate.odeint, with_a_jacobian, positive(), positive(2), **solved, **slow),
]
