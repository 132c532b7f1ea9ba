"""Rows of ``scipy.optimize``: programs, as what is differentiated are parameters of functions that are handed over."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize

from s2sad.rules.scipy import minima

from .harness import Row, normal, positive, uniform


def row(function: Any, program: Any, *args: Any, **options: Any) -> Row:
    return Row(function, args, {}, None, float32=False, program=program, note=program.__name__, **options)


def cubic(x, p, q):
    return x**3 - p * x - q


def bracketed(p, q):
    return [solve(cubic, 0.0, 5.0, args=(p, q)) for solve in (optimize.brentq, optimize.bisect)]


def with_closure(p, q):
    return optimize.brentq(lambda x: cubic(x, p, q), 0.0, 5.0)


def lowest_of_one_element(p):
    """The textbook's form: the place is an array of one element, and so is what the function gives."""

    def square(t):
        return (t - p) ** 2 + 0.1 * t**4

    found = optimize.minimize(square, 1.0, tol=1e-9)
    places = [optimize.fmin_bfgs(square, 1.0, gtol=1e-9, disp=0), optimize.fmin(square, 1.0, xtol=1e-10, disp=0)]
    return found.x, found.fun * 1.0, places


def lowest_on_a_line_of_one_element(p):
    def square(t):
        return np.array([(t - p) ** 2 + 0.1 * t**4])

    found = optimize.minimize_scalar(square)
    bounded = optimize.fminbound(square, 0.0, 5.0, xtol=1e-10)
    return np.sum(found.x), np.sum(found.fun), np.sum(optimize.brent(square)), np.sum(bounded)


def one_argument(p):
    return optimize.brenth(lambda x, k: np.exp(x) - k * p, -5.0, 5.0, args=2.0)


def by_newton(p, q):
    return optimize.newton(cubic, 2.0, args=(p, q), tol=1e-14)


def by_newton_elementwise(p):
    return optimize.newton(lambda x: x**3 - p, np.ones(3), fprime=lambda x: 3 * x**2, tol=1e-14)


def with_reports(p, q):
    root, report = optimize.brentq(cubic, 0.0, 5.0, args=(p, q), full_output=True)
    by_bisection = optimize.bisect(cubic, 0.0, 5.0, (p, q), full_output=True)
    alone = optimize.ridder(cubic, 0.0, 5.0, (p, q), full_output=True)[0]
    return root * report.root, report.converged, by_bisection[1]["root"], alone


def by_newton_with_report(p, q):
    root, report = optimize.newton(cubic, 2.0, args=(p, q), tol=1e-14, full_output=True, disp=False)
    return root, report.root, report.iterations * 0


def by_newton_elementwise_with_report(p):
    return optimize.newton(lambda x: x**3 - p, np.ones(3), tol=1e-14, full_output=True)[0]


def any_root_with_slopes(p, q):
    def with_slope(x):
        return cubic(x, p, q), cubic_slope(x, p, q)

    def with_bend(x, p):
        return cubic(x, p, q), cubic_slope(x, p, q), cubic_bend(x, p, q)

    newton = optimize.root_scalar(with_slope, x0=2.0, fprime=True, xtol=1e-14)
    return newton.root, optimize.root_scalar(with_bend, (p,), x0=2.0, fprime=True, fprime2=True, xtol=1e-14).root


def any_root(p, q):
    return optimize.root_scalar(cubic, args=(p, q), bracket=(0.0, 5.0)).root


def circle(x, p):
    return np.array([x[0] ** 2 + p[0] * x[1] - 3, x[0] * x[1] - p[1]])


def solved(p):
    return optimize.fsolve(circle, np.array([1.0, 1.0]), args=(p,), xtol=1e-14)


def solved_with_closure(p):
    result = optimize.root(lambda x: [x[0] ** 2 + p[0] * x[1] - 3, x[0] * x[1] - p[1]], [1.0, 1.0], tol=1e-13)
    return result.x * (1.0 if result.success else 0.0)


def fixed(p):
    return optimize.fixed_point(lambda x: np.cos(x) * p, np.array([0.5, 0.6]), xtol=1e-14)


def bowl(x, p):
    return np.sum(np.exp(x - p) - x) + p[0] * x[0] * x[1]


def bowl_slope(x, p):
    return np.exp(x - p) - 1 + p[0] * x[::-1]


def lowest(p):
    result = optimize.minimize(bowl, np.array([0.5, 0.5]), args=(p,), jac=bowl_slope, tol=1e-12)
    return result.x, result.fun


def lowest_in_a_box(p):
    bounds = [(0.0, None), (None, -0.5)]
    return optimize.minimize(lambda x: bowl(x, p), np.array([0.5, -0.7]), method="L-BFGS-B", bounds=bounds,
                             jac=lambda x: bowl_slope(x, p), options={"ftol": 1e-16, "gtol": 1e-12}).x  # fmt: skip


def lowest_with_gradient(p):
    def value(x):
        return np.sum(np.cosh(x - p)), np.sinh(x - p)

    return optimize.minimize(value, np.zeros(2), jac=True, tol=1e-12).fun


def lowest_on_a_line(p):
    result = optimize.minimize_scalar(lambda x: np.exp(x - p) - x * p, tol=1e-12)
    return result.x, result.fun


def fitted(y):
    t = np.linspace(0, 1, 5)
    result = optimize.least_squares(lambda x: x[0] * np.exp(-x[1] * t) - y, [1.0, 1.0], xtol=3e-16, ftol=3e-16)
    return result.x, result.cost


def fitted_robustly(y):
    t = np.linspace(0, 1, 5)

    def residual(x):
        return 0.3 * x[0] ** 3 + t * x[1] - y - 2.0 * (t > 0.9)

    def slopes(x):
        return np.stack([0.9 * x[0] ** 2 + 0 * t, t], axis=1)

    results = [
        optimize.least_squares(residual, [1.0, 1.0], jac=slopes, loss=loss, f_scale=scale, **CLOSE)
        for loss, scale in (("soft_l1", 0.5), ("huber", 0.4), ("cauchy", 1.5), ("arctan", 2.0))
    ]
    return [r.x for r in results], [r.cost for r in results]


def told_by_a_fit(y):
    t = np.linspace(0, 1, 5)
    found = optimize.least_squares(lambda x: x[0] * np.exp(-x[1] * t) - y, [1.0, 1.0], **CLOSE)
    variance = 2 * found.cost / (5 - 2) * np.linalg.inv(found.jac.T @ found.jac)
    return found.x / np.sqrt(np.diag(variance)), found.fun, found.grad


def told_by_a_fit_in_a_box(y):
    t = np.linspace(0, 1, 5)
    found = optimize.least_squares(lambda x: [x[0] * e - v for e, v in zip(np.exp(-x[1] * t), y, strict=True)],
                                   [1.0, 2.0],
                                   bounds=([0.0, 1.5], 9.0), loss="soft_l1", **CLOSE)  # fmt: skip
    return found["fun"], found["grad"]


def told_by_a_minimum_in_a_box(p):
    found = optimize.minimize(lambda x: bowl(x, p), np.array([0.5, -0.7]), bounds=[(0.0, None), (None, -0.5)],
                              jac=lambda x: bowl_slope(x, p), tol=1e-12)  # fmt: skip
    return found.jac, found.x


def lowest_near_a_bound(p):
    """These end at some distance from the bound, where the slope leads to it."""
    powell = optimize.minimize(lambda x: bowl(x, p), np.array([0.5, -0.7]), method="Powell", tol=1e-12,
                               bounds=[(None, None), (None, -0.5)]).x[1]  # fmt: skip
    return powell, optimize.fminbound(lambda x: (x + p[0]) ** 2, 0.5, 2.0)


def lowest_at_the_end_of_a_line(p):
    return optimize.minimize_scalar(lambda x: (x + p) ** 2, bounds=(0.1, 2.0), method="bounded").x


def told_by_a_root(p):
    found = optimize.root(circle, np.array([1.0, 1.0]), (p,))
    return found.x + found.fun


T = np.array([0.1, 0.4, 0.7, 1.1, 1.6, 2.0])
CLOSE: dict[str, Any] = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}


def curve(x, a, b):
    return a * np.exp(-b * x)


def best_curve(x, y):
    return optimize.curve_fit(curve, x, y, p0=[1.0, 1.0], **CLOSE)[0]


def deviations_of_curve(x, y):
    found, covariance = optimize.curve_fit(curve, x, y, p0=[1.0, 1.0], **CLOSE)
    return found / np.sqrt(np.diag(covariance))


def covariance_of_curve(y, sigma, scale):
    def scaled(x, a, b):
        return scale * curve(x, a, b)

    made = [optimize.curve_fit(scaled, T, y, [1.0, 1.0], sigma, absolute, **CLOSE)[1] for absolute in (True, False)]
    return made[0], made[1], optimize.curve_fit(scaled, T, y, [1.0, 1.0], bounds=(-9.0, 9.0), **CLOSE)[1]


def best_weighted_curve(y, sigma, scale):
    def scaled(x, a, b):
        return a * np.exp(-b * x * scale)

    return optimize.curve_fit(scaled, T, y, [1.0, 1.0], sigma, absolute_sigma=True, method="lm", **CLOSE)[0]


def best_line_in_a_box(y):
    return optimize.curve_fit(lambda x, a, b: a + b * x, T, y, bounds=(0.0, [10.0, 0.1]), **CLOSE)[0]


def older_least_squares(y):
    return optimize.leastsq(lambda p: curve(T, p[0], p[1]) - y, [1.0, 1.0], **CLOSE)[0]


def older_minima(p):
    close: dict[str, Any] = {"disp": False}
    return [
        optimize.fmin(bowl, np.array([0.5, 0.5]), (p,), xtol=1e-10, ftol=1e-14, **close),
        optimize.fmin_bfgs(bowl, np.array([0.5, 0.5]), args=(p,), gtol=1e-9, fprime=bowl_slope, **close),
        optimize.brent(lambda x: np.cosh(x - p[0]) + x**2, tol=1e-12, brack=(-1.0, 1.0), maxiter=400),
        optimize.golden(lambda x, p: np.cosh(x - p[0]) + x**2, (p,), tol=1e-12, brack=(-1.0, 1.0), maxiter=400),
        optimize.fminbound(lambda x: np.cosh(x - p[0]) + x**2, -1.0, 2.0, xtol=1e-12, maxfun=400, **close),
    ]


def with_all_options(p, q):
    """What says how a root is looked for changes nothing."""
    close: dict[str, Any] = {"xtol": 1e-13, "rtol": 1e-14, "maxiter": 90, "disp": False}
    solvers = (optimize.brentq, optimize.brenth, optimize.bisect, optimize.ridder)
    return [*[solve(cubic, 0.0, 5.0, args=(p, q), **close) for solve in solvers],
            optimize.toms748(cubic, 0.0, 5.0, args=(p, q), k=2, **close)]  # fmt: skip


def cubic_slope(x, p, q):
    return 3 * x**2 - p


def cubic_bend(x, p, q):
    return 6 * x


def by_newton_with_options(p, q):
    secant = optimize.newton(cubic, 2.0, args=(p, q), x1=2.1, tol=1e-14, rtol=1e-14, maxiter=90, disp=False)
    return secant, optimize.newton(cubic, 2.0, cubic_slope, (p, q), fprime2=cubic_bend, tol=1e-14)


def any_root_with_options(p, q):
    close: dict[str, Any] = {"xtol": 1e-14, "rtol": 1e-14, "maxiter": 80}
    halley = optimize.root_scalar(
        cubic, (p, q), method="halley", x0=2.0, fprime=cubic_slope, fprime2=cubic_bend, **close
    )
    secant = optimize.root_scalar(cubic, (p, q), method="secant", x0=2.0, x1=2.1, options={"disp": False}, **close)
    return halley.root + 2 * secant.root


def circle_slope(x, p):
    return np.array([[2 * x[0], p[0]], [x[1], x[0]]])


def solved_with_options(p):
    start = np.array([1.0, 1.0])
    one = optimize.fsolve(circle, start, (p,), fprime=circle_slope, col_deriv=False, xtol=1e-13, maxfev=200,
                          factor=50.0, diag=[1.0, 2.0])  # fmt: skip
    two = optimize.fsolve(circle, start, (p,), xtol=1e-13, band=(1, 1), epsfcn=1e-15)
    return one + 2 * two


def solved_with_report(p):
    x, _, status, _ = optimize.fsolve(circle, p + 0.5, (p,), full_output=True, xtol=1e-13)
    return x * status, optimize.fsolve(lambda z: z**3 - p, p, xtol=1e-13)


def solved_and_counted(p):
    x, report, _, _ = optimize.fsolve(lambda z: z**3 - p, p, full_output=1, xtol=1e-13)
    return x * (report["nfev"] > 0)


def root_with_options(p):
    return optimize.root(circle, np.array([1.0, 1.0]), (p,), method="lm", jac=circle_slope, tol=1e-14, callback=None,
                         options={"maxiter": 300}).x  # fmt: skip


def fixed_with_options(p):
    return optimize.fixed_point(
        lambda x: np.cos(x) * p, np.array([0.5, 0.6]), xtol=1e-14, maxiter=900, method="iteration"
    )


def bowl_bend(x, p):
    return np.diag(np.exp(x - p)) + p[0] * np.array([[0.0, 1.0], [1.0, 0.0]])


def bowl_bend_product(x, v, p):
    return bowl_bend(x, p) @ v


def lowest_with_options(p):
    start = np.array([0.5, 0.5])
    one = optimize.minimize(bowl, start, (p,), "trust-exact", bowl_slope, hess=bowl_bend, options={"gtol": 1e-12}).x
    two = optimize.minimize(bowl, start, (p,), "Newton-CG", bowl_slope, hessp=bowl_bend_product, tol=1e-13,
                            callback=None).x  # fmt: skip
    return one + 2 * two


def lowest_on_a_line_with_options(p):
    return optimize.minimize_scalar(lambda x: np.exp(x - p) - x * p, bounds=(-3.0, 3.0), method="bounded",
                                    options={"xatol": 1e-12}).x  # fmt: skip


numeric: dict[str, Any] = {"exact": 1e-5, "tolerance": 1e-10}  # what minimisers find has half of the digits
ROWS = [
    row(optimize.brentq, with_all_options, positive(), positive()),
    row(optimize.newton, by_newton_with_options, positive(), positive()),
    row(optimize.root_scalar, any_root_with_options, positive(), positive()),
    row(optimize.fsolve, solved_with_options, uniform(0.9, 1.1, 2)),
    row(optimize.fsolve, solved_with_report, uniform(0.9, 1.1, 2), compiles=False),
    row(optimize.fsolve, solved_and_counted, uniform(0.9, 1.1, 2), compiles=False),
    row(optimize.root, root_with_options, uniform(0.9, 1.1, 2)),
    row(optimize.fixed_point, fixed_with_options, uniform(0.4, 0.6, 2), exact=1e-6),
    row(optimize.minimize, lowest_with_options, uniform(0.1, 0.3, 2), **numeric),
    row(optimize.minimize_scalar, lowest_on_a_line_with_options, positive(), exact=1e-3, tolerance=1e-10),
    row(optimize.brentq, bracketed, positive(), positive()),
    row(optimize.brentq, with_closure, positive(), positive()),
    row(optimize.brentq, one_argument, positive()),
    row(optimize.newton, by_newton, positive(), positive()),
    row(optimize.newton, by_newton_elementwise, positive(3)),
    row(optimize.root_scalar, any_root, positive(), positive()),
    row(optimize.root_scalar, any_root_with_slopes, positive(), positive()),
    row(optimize.brentq, with_reports, positive(), positive()),
    row(optimize.newton, by_newton_with_report, positive(), positive()),
    row(optimize.newton, by_newton_elementwise_with_report, positive(3), compiles=False),
    row(optimize.fsolve, solved, uniform(0.9, 1.1, 2)),
    row(optimize.root, solved_with_closure, uniform(0.9, 1.1, 2)),
    row(optimize.fixed_point, fixed, uniform(0.4, 0.6, 2), exact=1e-6),
    row(optimize.minimize, lowest, uniform(0.1, 0.3, 2), **numeric),
    row(optimize.minimize, lowest_of_one_element, positive(), **numeric),
    row(optimize.minimize_scalar, lowest_on_a_line_of_one_element, positive(), **numeric),
    row(optimize.minimize, lowest_in_a_box, uniform(0.1, 0.3, 2), **numeric),
    row(optimize.minimize, lowest_with_gradient, normal(2), **numeric),
    row(optimize.minimize_scalar, lowest_on_a_line, positive(), **numeric),
    row(optimize.least_squares, fitted_robustly, uniform(0.9, 1.1, 5), **numeric),
    row(optimize.least_squares, fitted, uniform(0.9, 1.1, 5), **numeric),
    row(optimize.least_squares, told_by_a_fit, uniform(0.9, 1.1, 5), exact=2e-3, tolerance=1e-9),
    row(optimize.least_squares, told_by_a_fit_in_a_box, uniform(0.9, 1.1, 5), **numeric),
    row(optimize.minimize, told_by_a_minimum_in_a_box, uniform(0.1, 0.3, 2), **numeric),
    row(optimize.minimize, lowest_near_a_bound, uniform(0.1, 0.3, 2), exact=1e-3),
    row(optimize.minimize_scalar, lowest_at_the_end_of_a_line, positive()),
    row(optimize.root, told_by_a_root, uniform(0.9, 1.1, 2), exact=1e-6),
    *[
        row(f, best_curve, positive(6), positive(6), exact=2e-3, tolerance=1e-9)
        for f in (optimize.curve_fit, minima.best_curve)
    ],
    row(optimize.curve_fit, deviations_of_curve, positive(6), positive(6), exact=5e-3, tolerance=1e-9),
    row(optimize.curve_fit, covariance_of_curve, positive(6), positive(6), 1.1, exact=5e-3, tolerance=1e-9),
    row(optimize.curve_fit, best_weighted_curve, positive(6), positive(6), 1.1, exact=2e-3, tolerance=1e-9),
    row(optimize.curve_fit, best_line_in_a_box, np.array([1.0, 1.2, 1.1, 1.5, 1.9, 2.1]), exact=2e-3, tolerance=1e-9),
    *[
        Row(optimize.nnls, (normal(6, 4), target), options, (0, 1), float32=False)
        for target, options in ((normal(6), {}), (positive(6), {"maxiter": 90}))
    ],
    row(optimize.leastsq, older_least_squares, positive(6), exact=2e-3, tolerance=1e-9),
    *[
        row(f, older_minima, uniform(0.1, 0.3, 2), exact=1e-3, tolerance=1e-8)
        for f in (optimize.fmin, optimize.fmin_bfgs, optimize.brent, optimize.fminbound)
    ],
    *[
        Row(f, (normal(*shape),), {}, (0,))
        for f in (optimize.rosen, optimize.rosen_der)
        for shape in ((2,), (5,), (4, 3))
    ],
    *[Row(optimize.rosen_hess, (normal(n),), {}, (0,)) for n in (2, 5)],
    *[Row(optimize.rosen_hess_prod, (normal(n), normal(n)), {}, (0, 1)) for n in (2, 5)],
]
