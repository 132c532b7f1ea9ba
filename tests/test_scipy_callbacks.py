"""Functions that are handed to SciPy: what of them is differentiated, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import s2sad

REASON = "SciPy is not installed, and so its rules and their rows are left out"
integrate = pytest.importorskip("scipy.integrate", reason=REASON)
optimize = pytest.importorskip("scipy.optimize", reason=REASON)
interpolate = pytest.importorskip("scipy.interpolate", reason=REASON)
stats = pytest.importorskip("scipy.stats", reason=REASON)

FACTOR = 2.0


def test_what_is_captured_is_handed_over():
    def area(p):
        return integrate.quad(lambda x: FACTOR * np.exp(-p * x), 0, 1)[0]

    gradient = s2sad.grad(area)
    assert gradient(1.0) == pytest.approx(2 * (2 / np.e - 1), rel=1e-10)
    assert "args=(p,)" in gradient.source


def test_functions_see_the_closure_around_them():
    rate = 3.0

    def area(p):
        def inner(x):
            return np.exp(-rate * p * x)

        return integrate.quad(inner, 0, 1)[0]

    assert s2sad.grad(area)(1.0) == pytest.approx(-(1 - 4 * np.exp(-3)) / 3, rel=1e-10)


@pytest.mark.parametrize("call, reason", [
    (lambda p: integrate.quad(lambda x, k=2: x * p * k, 0, 1)[0], "plain parameters without defaults"),
    (lambda p: optimize.fsolve(lambda x: x - p, 0.5, full_output=True)[0][0], "full_output|known only"),
    (lambda p: optimize.fmin_tnc(lambda x: (x - p) ** 2, [1.0])[0], "use scipy.optimize.minimize"),
    (lambda p: optimize.minimize(lambda x: (x[0] - p) ** 2, [1.0], constraints=()).x[0], "constraints"),
    (lambda p: optimize.newton(lambda x: x**2 - p, 1.0, fprime=np.exp), "nested functions and others"),
    (lambda p: optimize.minimize(lambda x: (x[0] - p) ** 2, [1.0], callback=lambda x: None).x[0], "a callback keeps"),
    (lambda p: stats.norm(p, 1.0).expect(np.sin), "known only when the program runs"),
    (lambda p: stats.norm(p, 1.0).stats("mvsk")[2], "moments 'm', 'v' and 'mv'"),
    (lambda p: stats.vonmises.cdf(0.5, p), "'kappa'|one of its arguments is not known"),
])  # fmt: skip
def test_refusals(call, reason, monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(s2sad.UnsupportedError, match=reason):
        s2sad.grad(call)(1.5)


@pytest.mark.parametrize("make", [list, tuple, np.array])
@pytest.mark.parametrize("call", [
    lambda args: optimize.newton(lambda x, a, b: a * x**2 - b, 1.0, args=args),
    lambda args: optimize.fixed_point(lambda x, a, b: 0.5 * (x + b / (a * x)), 1.0, args=args),
    lambda args: optimize.least_squares(lambda x, a, b: [a**0.5 * x[0] - b**0.5], [1.0], args=args, ftol=1e-14,
                                        xtol=1e-14, gtol=1e-14).x[0],
    lambda args: integrate.solve_ivp(lambda t, y, a, b: b - a * y, (0, 1), [1.0], args=args, rtol=1e-10).y[0, -1],
])  # fmt: skip
def test_arguments_in_any_sequence(call, make):
    """Where SciPy spreads ``args``; elsewhere a list is one argument."""
    s2sad.check_grads(lambda a, b: call(make([a, b])), (1.2, 2.0))


def test_derivatives_of_an_integral_are_as_accurate_as_itself():
    """The one by a huge parameter is far below ``epsabs``, and is multiplied by a huge number afterwards."""

    def scaled(d):
        return 1e6 * integrate.quad(lambda x, big: np.exp(x) + np.sqrt(1 - x * x) / big, 0, 1, args=(1e6 * d,))[0]

    expected = -np.pi / 4 / 2.0**2
    assert s2sad.grad(scaled)(2.0) == pytest.approx(expected, rel=1e-7)
    assert s2sad.jvp(scaled, (2.0,), (1.0,))[1] == pytest.approx(expected, rel=1e-7)


def test_a_right_side_that_returns_a_number():
    """One state: SciPy takes a number for an array of one."""

    def speed(v, t, drag):
        return 9.81 - drag * v[0] * v[0]

    def final(drag, start):
        return integrate.odeint(speed, [start], [0.0, 0.5], args=(drag,))[-1][0]

    def difference(h):
        return (final(0.3 + h, 1.0) - final(0.3 - h, 1.0)) / (2 * h)

    by_drag, by_start = s2sad.grad(final, (0, 1))(0.3, 1.0)
    assert by_drag == pytest.approx(difference(1e-3), rel=1e-4)
    assert by_start == pytest.approx((final(0.3, 1.001) - final(0.3, 0.999)) / 2e-3, rel=1e-4)


def right_side(t, y, p):
    return -p * y


def half(t, y, p):
    return y[0] - 0.5


def test_refusals_when_it_runs():
    call = lambda p: integrate.solve_ivp(right_side, (0.0, 2.0), [1.0], events=half, args=(p,)).y[0, -1]  # noqa: E731
    with pytest.raises(s2sad.MissingRuleError, match="events") as caught:
        s2sad.grad(call)(0.7)
    assert caught.value.text.strip().startswith("call = lambda p: integrate.solve_ivp")


def test_the_last_time_moves_with_its_bound():
    def last(end):
        return integrate.solve_ivp(right_side, (0.0, end), [1.0], args=(1.0,)).y[0, -1]

    assert s2sad.grad(last)(0.7) == pytest.approx(-np.exp(-0.7), rel=1e-3)


@pytest.mark.parametrize("read, method", [
    (lambda result: result.hess_inv[0, 0], "BFGS"),
    (lambda result: result.hess_inv.todense()[0, 0], "L-BFGS-B"),
    (lambda result: result.hess_inv.yk[0, 0], "L-BFGS-B"),
    (lambda result: result.final_simplex[0][0, 0], "Nelder-Mead"),
    (lambda result: result.grad[0], "trust-constr"),
])  # fmt: skip
def test_other_parts_of_a_result_are_refused(read, method):
    def curvature(p):
        return read(optimize.minimize(lambda x: p * np.sum(np.cosh(x - p)), np.ones(2), method=method))

    with pytest.raises(s2sad.UnsupportedError):
        s2sad.grad(curvature)(2.0)
    with pytest.raises(s2sad.UnsupportedError):
        s2sad.jvp(curvature, (2.0,), (1.0,))


def test_a_result_handed_to_a_helper():
    def place(result):
        return result.x[0]

    def loss(p):
        return place(optimize.minimize(lambda x: (x[0] - p) ** 2 + x[0], [0.0], jac=lambda x: 2 * (x - p) + 1))

    assert s2sad.grad(loss)(2.0) == pytest.approx(1.0)


def test_frozen_distributions():
    def loss(loc, scale, x):
        distribution = stats.norm(loc, scale=scale)
        return np.sum(distribution.logpdf(x)) + distribution.cdf(0.3)

    def plain(loc, scale, x):
        return np.sum(stats.norm.logpdf(x, loc, scale)) + stats.norm.cdf(0.3, loc, scale)

    x = np.array([0.1, 0.2])
    frozen, direct = s2sad.grad(loss, (0, 1, 2)), s2sad.grad(plain, (0, 1, 2))
    for a, b in zip(frozen(0.5, 1.2, x), direct(0.5, 1.2, x), strict=True):
        np.testing.assert_allclose(a, b)
    assert s2sad.jvp(loss, (0.5, 1.2, x), (1.0, None, None))[1] == pytest.approx(direct(0.5, 1.2, x)[0])


@pytest.mark.parametrize("call", [
    lambda p: interpolate.CubicSpline(x=np.arange(4.0), y=np.array([1, p, 3, p**2]))(x=1.3, nu=1),
    lambda p: interpolate.RegularGridInterpolator((np.arange(3.0),), np.array([1, p, 3]))(xi=[[p]])[0],
    lambda p: interpolate.CubicSpline(np.arange(4.0), np.array([1, p, 3, p**2])).integrate(b=p, a=0.3),
    lambda p: stats.gaussian_kde(dataset=np.array([p, 1.0, 2.0]))(points=[1.0])[0],
    lambda p: stats.multivariate_normal(cov=np.eye(2) * p).entropy(),
])  # fmt: skip
def test_objects_with_what_they_are_called_with_by_name(call):
    """An object and its call may have arguments of one name."""
    s2sad.check_grads(lambda p: call(p), (1.3,))


def test_what_an_object_is_made_of_stays():
    def loss(y):
        spline = interpolate.CubicSpline(np.arange(4.0), y)
        y[0] = 7.0
        return spline(0.5) + y[1]

    gradient = s2sad.grad(loss)(np.array([1.0, 2.0, 0.5, 3.0]))
    np.testing.assert_allclose(gradient, [0.3125, 1.9375, -0.3125, 0.0625])


@pytest.mark.parametrize("transform", [s2sad.grad, lambda f: lambda x: s2sad.jvp(f, (x,), (x,))])
def test_other_uses_of_made_objects_are_refused(transform):
    def lowest(p):
        return stats.uniform(p, 1.0).support()[0]

    with pytest.raises(s2sad.UnsupportedError):
        transform(lowest)(1.0)


def test_an_integrand_that_counts_its_calls():
    """For the estimate of the error of several integrals the integrand runs once more: that may not be seen."""
    calls = []

    def integrand(y, x):
        calls.append(1)
        return x * y

    def volume(p):
        return integrate.dblquad(lambda y, x: p * integrand(y, x), 0.0, 1.0, 0.0, 2.0)[0]

    with pytest.raises(s2sad.UnsupportedError, match="changes something outside"):
        s2sad.grad(volume)(3.0)

    def plain(p):
        return integrate.dblquad(lambda y, x: p * x * y, 0.0, 1.0, 0.0, 2.0)

    value, error = s2sad.value_and_grad(plain, has_aux=True)(3.0)[0]
    assert (value, error) == plain(3.0)


def test_the_solution_between_times_is_refused():
    """It is an object that holds what is differentiated, and would be called without anyone following."""

    def between(p):
        return integrate.solve_ivp(right_side, (0.0, 2.0), [1.0], args=(p,), dense_output=True).sol(0.5)[0]

    with pytest.raises(s2sad.UnsupportedError, match="OdeSolution"):
        s2sad.grad(between)(0.7)
    with pytest.raises(s2sad.UnsupportedError):
        s2sad.jvp(between, (0.7,), (1.0,))


def test_a_result_object_as_a_whole_has_tangents():
    def found(a):
        return optimize.root_scalar(lambda x: x**3 - a, bracket=[0.0, 2.0])

    value, tangent = s2sad.jvp(found, (0.7,), (1.0,))
    assert tangent["root"] == pytest.approx(1 / (3 * value.root**2), rel=1e-9)


def test_what_fsolve_reports_has_no_derivative():
    def reported(p, name):
        x, report, _, _ = optimize.fsolve(lambda z: z**3 - p * z - p, 2 * p, full_output=True)
        return x[0] + np.sum(report[name])

    for name in ("r", "fjac", "qtf"):
        with pytest.raises(s2sad.MissingRuleError, match=name):
            s2sad.grad(reported)(np.array([1.3]), name)
        with pytest.raises(s2sad.MissingRuleError, match=name):
            s2sad.jvp(reported, (np.array([1.3]), name), (np.array([1.0]), None))


def test_how_an_integral_was_found_has_no_derivative():
    def told(p):
        value, _, report = integrate.quad(lambda x: np.exp(-p * x), 0, 1, full_output=1)
        return value + np.sum(report["rlist"][:1])

    with pytest.raises(s2sad.MissingRuleError, match="rlist"):
        s2sad.grad(told)(1.3)
    with pytest.raises(s2sad.MissingRuleError):
        s2sad.jvp(told, (1.3,), (1.0,))


def test_a_changed_entry_of_a_result_is_refused_at_its_line(monkeypatch):
    def changed(p):
        found = optimize.root(lambda x: x**3 - p, np.ones(2))
        found["x"] = found["x"] * 2
        return np.sum(found.x)

    np.testing.assert_allclose(s2sad.grad(changed)(8.0), 4 / 3 * 8.0 ** (-2 / 3))  # recorded
    monkeypatch.setenv("S2SAD_RECORD", "0")
    line = changed.__code__.co_firstlineno + 2
    with pytest.raises(s2sad.UnsupportedError, match=rf"changing an entry of a result .OptimizeResult.*line {line}\)"):
        s2sad.grad(changed)(8.0)


def cubic(x, p):
    return x**3 - p


def bowl(x, p):
    return np.sum((x - p) ** 4 + np.exp(x))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("search", [
    lambda p: optimize.minimize(bowl, np.array([5.0]), (p,), options={"maxiter": 2}).x[0],
    lambda p: optimize.minimize(bowl, np.array([5.0]), (p,), options={"maxiter": 2}).fun,
    lambda p: optimize.minimize_scalar(bowl, args=(p,), options={"maxiter": 2}).x,
    lambda p: optimize.fmin(bowl, 5.0, (p,), maxiter=2, disp=0)[0],
    lambda p: optimize.least_squares(cubic, np.array([9.0]), args=(p,), max_nfev=2).x[0],
    lambda p: optimize.newton(cubic, 9.0, args=(p,), maxiter=2, disp=False),
    lambda p: optimize.brentq(cubic, 0, 50, args=(p,), maxiter=3, disp=False),
    lambda p: optimize.root_scalar(cubic, (p,), x0=9.0, x1=8.0, method="secant", maxiter=2).root,
    lambda p: optimize.root(cubic, np.array([9.0]), (p,), options={"maxfev": 4}).x[0],
    lambda p: optimize.fsolve(cubic, np.array([9.0]), (p,), maxfev=4)[0],
])  # fmt: skip
def test_a_search_that_ends_early_is_refused(search):
    def place(p):
        return search(p)

    for derivative in (lambda: s2sad.grad(place)(1.3), lambda: s2sad.jvp(place, (1.3,), (1.0,))):
        with pytest.raises(s2sad.MissingRuleError, match="ends before it comes to a solution"):
            derivative()


WEIGHTS = np.array([0.1, 0.3, 0.7])


@pytest.mark.parametrize("search", [
    lambda p: optimize.minimize(lambda x: (WEIGHTS @ x - p) ** 2, np.zeros(3)).x,
    lambda p: optimize.minimize(lambda x: np.sum((np.outer(WEIGHTS, WEIGHTS) @ x - p * WEIGHTS) ** 2), np.zeros(3)).x,
    lambda p: optimize.least_squares(lambda x: np.outer(WEIGHTS, WEIGHTS) @ x - p * WEIGHTS, np.zeros(3)).x,
    lambda p: optimize.root(lambda x: np.array([x[0] + x[1] - p, (x[0] + x[1] - p) / 3, x[2]]), np.zeros(3)).x,
    lambda p: optimize.fsolve(lambda x: np.array([x[0] + x[1] - p, 0.0 * x[0], x[2]]), np.zeros(3)),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_a_solution_among_many_is_refused(search):
    """Which of them is found is up to the search; the linear equations for its derivative are singular to rounding."""

    def place(p):
        return np.sum(search(p) * WEIGHTS[::-1])

    for derivative in (lambda: s2sad.grad(place)(1.3), lambda: s2sad.jvp(place, (1.3,), (1.0,))):
        with pytest.raises(s2sad.MissingRuleError, match="not the only one near it"):
            derivative()


def test_a_solution_in_units_far_apart_is_the_only_one():
    units = np.array([1e-9, 1.0, 1e9])

    def place(p):
        found = optimize.root(lambda x: (x / units) ** 3 - p - 0.1 * np.sum(x / units), units).x
        return np.sum(found / units)

    step = (place(1.3 + 1e-5) - place(1.3 - 1e-5)) / 2e-5
    np.testing.assert_allclose(s2sad.grad(place)(1.3), step, rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_an_initial_value_problem_without_an_end_is_refused():
    def grown(p):
        return integrate.solve_ivp(lambda t, y: p * y**2, (0.0, 3.0), [1.0]).t[-1]  # it is infinite at 1 / p

    for derivative in (lambda: s2sad.grad(grown)(1.3), lambda: s2sad.jvp(grown, (1.3,), (1.0,))):
        with pytest.raises(s2sad.MissingRuleError, match="reaches the last time"):
            derivative()


def bounded(p, **options):
    nodes = np.linspace(0.0, 1.0, 5)
    return integrate.solve_bvp(
        lambda x, y: np.vstack([y[1], -p * y[0]]), lambda a, b: np.array([a[0] - p, b[0]]), nodes, np.zeros((2, 5)),
        **options,
    )  # fmt: skip


@pytest.mark.parametrize("asked", [
    lambda p: optimize.least_squares(lambda x: x - p, [1.0]).optimality,
    lambda p: optimize.least_squares(lambda x: x - p, [1.0], loss="huber").jac[0, 0],
    lambda p: np.sum(optimize.root(lambda x: x**2 - p, np.ones(2))["r"]),
    lambda p: np.sum(bounded(p).rms_residuals),
    lambda p: np.sum(bounded(p)["rms_residuals"]),
    lambda p: bounded(p * 30.0, max_nodes=6, tol=1e-12).y[0, 2],
    lambda p: bounded(p, S=np.eye(2)).y[0, 2],
])  # fmt: skip
def test_what_else_a_solver_tells_is_refused(asked):
    def of(p):
        return asked(p)

    with pytest.raises(s2sad.UnsupportedError, match=r"test_scipy_callbacks\.py, line"):
        s2sad.grad(of)(1.3)
    with pytest.raises(s2sad.UnsupportedError, match=r"test_scipy_callbacks\.py, line"):
        s2sad.jvp(of, (1.3,), (1.0,))


def test_what_is_left_where_there_is_no_root():
    def left(p):
        return np.sum(optimize.root(lambda x: x**2 + p, np.ones(2)).fun)

    for derivative in (lambda: s2sad.grad(left)(1.3), lambda: s2sad.jvp(left, (1.3,), (1.0,))):
        with pytest.raises(s2sad.MissingRuleError, match="ends before it comes to a solution"):
            derivative()


@pytest.mark.parametrize("call", [
    lambda p: optimize.root(lambda x: x**2 - p, p + 1.0, tol=1e-13).x,
    lambda p: optimize.root(lambda x: x**2 - 2.0, p, tol=1e-13).x,
])  # fmt: skip
def test_starting_points_get_zeros(call):
    p = np.array([1.2, 2.0])
    s2sad.check_grads(lambda p: np.sum(call(p)), (p,))
    assert s2sad.grad(lambda p: np.sum(call(p)))(p).shape == (2,)


class Model:
    def __init__(self, rate):
        self.rate = rate

    def __call__(self):
        return self.rate


# What may stand in ``args``, made of a number, and how a function reads the number from it.
GIVEN = {
    "a whole number beside it": (lambda p: (p, 2), lambda p, n: p * n / 2),
    "what is neither beside it": (lambda p: (p, "half", None, np.int64(2)), lambda p, *other: p * (other[1] is None)),
    "a dict": (lambda p: ({"rate": p, "name": "it", "n": 1},), lambda d: d["rate"] * d["n"]),
    "a dict in a list in a dict": (lambda p: ({"all": [p, {"half": p / 2}]},), lambda d: d["all"][1]["half"] * 2),
    "an object": (lambda p: (Model(p), 1), lambda m, n: m.rate * n),
    "an object in a list": (lambda p: ([Model(p)], p), lambda m, q: (m[0].rate + q) / 2),
    "a function": (lambda p: (lambda: p,), lambda f: f()),
    "an object that is called": (lambda p: (Model(p),), lambda f: f()),
}
SOLVERS = {
    "brentq": lambda read, args: optimize.brentq(lambda x, *a: x**2 - read(*a), 0.0, 10.0, args=args),
    "newton": lambda read, args: optimize.newton(lambda x, *a: x**2 - read(*a), 1.0, args=args),
    "root_scalar": lambda read, args: optimize.root_scalar(
        lambda x, *a: x**2 - read(*a), bracket=(0, 9), args=args).root,
    "fsolve": lambda read, args: optimize.fsolve(lambda x, *a: x**2 - read(*a), np.ones(1), args=args)[0],
    "fixed_point": lambda read, args: optimize.fixed_point(lambda x, *a: np.cos(x * read(*a) / 3), 0.5, args=args),
    "minimize": lambda read, args: optimize.minimize(
        lambda x, *a: (x[0] - read(*a)) ** 2 + x[0] ** 4, [1.0], args=args, tol=1e-10).x[0],
    "minimize_scalar": lambda read, args: optimize.minimize_scalar(
        lambda x, *a: (x - read(*a)) ** 2 + x**4, args=args, tol=1e-12).x,
    "least_squares": lambda read, args: optimize.least_squares(
        lambda x, *a: np.array([x[0] - read(*a), x[0] ** 2 - 1]), [1.0], args=args, xtol=1e-14, gtol=1e-14, ftol=1e-14,
    ).x[0],
    "quad": lambda read, args: integrate.quad(lambda x, *a: np.exp(-x * read(*a)), 0.0, 1.0, args=args)[0],
    "solve_ivp": lambda read, args: integrate.solve_ivp(
        lambda t, y, *a: -read(*a) * y, (0.0, 1.0), [1.0], args=args, rtol=1e-10, atol=1e-10).y[0, -1],
    "odeint": lambda read, args: integrate.odeint(
        lambda y, t, *a: -read(*a) * y, [1.0], np.array([0.0, 1.0]), args=args, rtol=1e-11, atol=1e-11)[-1, 0],
}  # fmt: skip


PAIRS = [
    *(("brentq", given) for given in GIVEN), *((solver, "a dict") for solver in SOLVERS if solver != "brentq"),
    ("quad", "an object"), ("fsolve", "an object"), ("solve_ivp", "a function"), ("newton", "a whole number beside it"),
]  # fmt: skip


@pytest.mark.parametrize(("solver", "given"), PAIRS)
def test_what_is_given_besides(solver, given):
    """Both modes, whatever stands in ``args``; some of it twice."""
    make, read = GIVEN[given]
    solve = SOLVERS[solver]

    def result(p):
        return solve(read, make(p))

    def slope(f):
        return (f(2.0 + 1e-4) - f(2.0 - 1e-4)) / 2e-4

    gradient = s2sad.grad(result)
    assert gradient(2.0) == pytest.approx(slope(result), rel=1e-4)
    assert s2sad.jvp(result, (2.0,), (1.0,))[1] == pytest.approx(gradient(2.0), rel=1e-7)
    if solver in ("brentq", "quad") and "object" not in given and "function" not in given:
        assert s2sad.grad(gradient)(2.0) == pytest.approx(slope(gradient), rel=1e-4)


def test_arrays_beside_an_adaptive_integral():
    def total(p):
        return np.sum(integrate.tanhsinh(lambda x, q: x * q, 0.0, 1.0, args=([p, 2.0 * p],)).integral)

    if hasattr(integrate, "tanhsinh"):
        assert s2sad.grad(total)(2.0) == pytest.approx(1.5, rel=1e-10)
        assert s2sad.jvp(total, (2.0,), (1.0,))[1] == pytest.approx(1.5, rel=1e-10)


def test_functions_in_a_dict_are_refused():
    def bounded(p):
        rest = {"type": "ineq", "fun": lambda x: p - x[0]}
        return optimize.minimize(lambda x: (x[0] - 3) ** 2, [0.0], constraints=[rest], method="SLSQP").x[0]

    with pytest.raises(s2sad.UnsupportedError, match="can't be recorded"):
        s2sad.grad(bounded)(2.0)


def curve(t):
    return np.array([np.cos(t), 0.5 * np.sin(t) + 0.1 * t * t])


def nearest(p, method):
    return optimize.minimize(lambda t, p: np.linalg.norm(curve(t[0]) - p), [0.5], args=(p,), method=method).x[0]


def nearest_between(p, method):
    return optimize.minimize_scalar(lambda t: np.linalg.norm(curve(t) - p), bounds=(0.0, 1.5), method=method).x


@pytest.mark.parametrize(("fun", "method"), [
    (nearest, "Nelder-Mead"), (nearest, "Powell"), (nearest_between, "bounded"),
])  # fmt: skip
def test_a_distance_that_becomes_zero_has_a_kink_there(fun, method):
    """The second derivatives there say nothing of how the place moves; beside it they do."""
    with pytest.raises(s2sad.UnsupportedError, match="not smooth"):
        s2sad.grad(fun)(curve(0.7), method)
    with pytest.raises(s2sad.UnsupportedError, match="not smooth"):
        s2sad.jvp(fun, (curve(0.7), method), (np.ones(2), None))
    p, h = curve(0.7) + np.array([0.1, -0.2]), 1e-3
    moved = [(fun(p + h * e, method) - fun(p - h * e, method)) / (2 * h) for e in np.eye(2)]
    assert np.allclose(s2sad.grad(fun)(p, method), moved, rtol=2e-2)
