"""Functions that a recorded program hands to SciPy: what they capture, and what they leave behind."""

# ruff: noqa: B007, B023

import functools
import weakref

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed

integrate = pytest.importorskip("scipy.integrate")
optimize = pytest.importorskip("scipy.optimize")
linalg = pytest.importorskip("scipy.sparse.linalg")

P = np.array([0.7, 1.3])
TIMES = np.linspace(0, 1, 5)


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """The programs here are recorded; the functions that they hand over are compiled where that can be."""
    generate = Transformed.generate

    def refuse(self, function, *args):
        if function.__name__ in PROGRAMS or function.__name__ in REFUSED:
            raise s2sad.UnsupportedError("refused here")
        return generate(self, function, *args)

    monkeypatch.setattr(Transformed, "generate", refuse)
    monkeypatch.setattr("s2sad.compiled._TABLES", weakref.WeakKeyDictionary())
    monkeypatch.setenv("S2SAD_CACHE", "0")


def by_odeint(p):
    def rhs(y, t):
        return [-p[0] * y[0], p[1] * y[0] - y[1]]

    return np.sum(integrate.odeint(rhs, [1.0, 0.5], TIMES)[-1])


def by_odeint_with_arguments(p):
    def rhs(y, t, a, b):
        return [-a * y[0], b * y[0] - y[1]]

    return np.sum(integrate.odeint(rhs, [1.0, p[0]], TIMES, args=(p[0], p[1]))[-1])


def by_solve_ivp(p):
    def rhs(t, y):
        return [-p[0] * y[0], p[1] * y[0] - y[1]]

    found = {"result": integrate.solve_ivp(rhs, (0, 1), [p[1], 0.5], rtol=1e-9, atol=1e-9)}
    return np.sum(found["result"].y[:, -1] ** 2)


def by_quad(p):
    return integrate.quad(lambda t: np.exp(-p[0] * t) * p[1], 0, p[1])[0]


def by_quad_in_a_loop(p):
    functions = [lambda t, k=k: np.exp(-p[k] * t) for k in range(2)]
    return sum([integrate.quad(f, 0, 1)[0] * p[0] for f in functions])


def by_a_partial(p):
    def f(k, t):
        return np.exp(-k * t) * p[1]

    return integrate.quad(functools.partial(f, p[0]), 0, p[1])[0]


class Model:
    def __init__(self, p):
        self.p = p
        self.rates = {"a": p[0]}
        self.calls = 0

    def rhs(self, y, t):
        self.calls += 1
        return [-self.rates["a"] * y[0], self.p[1] * y[0] - y[1]]

    def __call__(self, t):
        return np.exp(-self.p[0] * t) * self.rates["a"]


def by_methods(p):
    model = Model(p)
    last = integrate.odeint(model.rhs, [1.0, 0.5], TIMES)[-1]
    return np.sum(last) * (model.calls > 0) + integrate.quad(model, 0, 1)[0]


def by_functions_of_functions(p):
    count = [0]

    def helper(t):
        count[0] += 1
        return p[0] * t

    def f(t, q=2.0):
        return np.exp(-helper(t)) * q

    return integrate.quad(f, 0, 1)[0] * count[0]


def with_arrays_that_change(p):
    a = p.copy()
    a[0] = a[0] * 2
    b = a[1:]

    def f(t):
        return np.exp(-a[0] * t) * b[0]

    y = integrate.quad(f, 0, 1)[0]
    a[0] = 5.0
    return y * a[0] + integrate.quad(f, 0, 1)[0]


def by_roots(p):
    found = {"x": optimize.root(lambda v: [v[0] ** 2 - p[0], v[1] - p[1] * v[0]], [1.0, 1.0]).x}
    return np.sum(found["x"]) * optimize.brentq(lambda t: t**3 - p[0], 0, 3)


def by_minima(p):
    found = {"x": optimize.minimize(lambda v: (v[0] - p[0]) ** 2 + (v[0] * p[1]) ** 4, [0.3], tol=1e-12).x}
    return found["x"][0] * optimize.minimize_scalar(lambda t: (t - p[0]) ** 2 + t**4).x


RATE = 1


def with_loop_variables(p):
    """The way back needs what a function read when it was called, not what stands there later."""
    total = 0.0
    for k in range(3):
        total = total + integrate.quad(lambda t: np.exp(-p[0] * t * k), 0, 1)[0] * p[1]
    return total


def with_attributes_and_lists_that_change(p):
    model, rates, total = Model(p), [1.0], 0.0
    for k in range(3):
        model.rates["a"], rates[0] = k + 1.0, k * 2.0
        total = total + integrate.quad(model, 0, 1)[0] + integrate.quad(lambda t: np.exp(-p[1] * t * rates[0]), 0, 1)[0]
    return total


def with_functions_that_change(p):
    def inner(t):
        return np.exp(-p[0] * t * k)

    total = 0.0
    for k, f in enumerate((np.sin, np.cos, np.exp)):
        total = total + integrate.quad(lambda t: f(inner(t) * p[1]), 0, 1)[0]
    return total


def with_globals_that_change(p):
    global RATE
    total = 0.0
    for RATE in range(3):
        total = total + integrate.quad(lambda t: np.exp(-p[0] * t * RATE), 0, 1)[0] * p[1]
    return total


PROGRAMS = {
    f.__name__: f
    for f in (by_odeint, by_odeint_with_arguments, by_solve_ivp, by_quad, by_quad_in_a_loop, by_a_partial, by_methods,
              by_functions_of_functions, with_arrays_that_change, by_roots, by_minima, with_loop_variables,
              with_attributes_and_lists_that_change, with_functions_that_change, with_globals_that_change)
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_of_what_calls_back(name):
    f = PROGRAMS[name]
    value, gradient = s2sad.value_and_grad(f)(P)
    assert value == f(P)
    h = 1e-4
    differences = [(f(P + h * e) - f(P - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(gradient, differences, rtol=2e-5, atol=2e-6)


def stores_in_a_list(p):
    seen = []

    def f(t):
        seen.append(p[0] * t)
        return p[0] * t

    return integrate.quad(f, 0, 1)[0] * seen[-1]


def stores_in_a_variable(p):
    total = 0.0

    def f(t):
        nonlocal total
        total = total + p[0]
        return p[0] * t

    return integrate.quad(f, 0, 1)[0] * total


def stores_in_an_array(p):
    a = p.copy()

    def f(t):
        a[0] = t
        return p[0] * t

    return integrate.quad(f, 0, 1)[0] * a[0]


def keeps_an_iterate(p):
    seen = []
    x = linalg.cg(np.diag(p**2 + 1), p, callback=lambda x: seen.append(x[0]))[0]
    return np.sum(x) * seen[-1]


def appends_iterates(p):
    seen = []
    found = optimize.minimize(lambda x, p: np.sum((x - p) ** 2), [1.0, 2.0], (p,), callback=seen.append)
    return np.sum(found.x) * np.sum(seen[-1])


SEEN = [0.0]


def keep(x):
    SEEN.append(float(x[0]))


def last_seen():
    return SEEN[-1]


def kept_right_side(y, t, p):
    keep(p * y)
    return -p[0] * y


def keeps_what_it_is_asked(p):
    return np.sum(integrate.odeint(kept_right_side, [1.0, 2.0], TIMES, (p,))) * last_seen()


def keeps_what_a_lambda_is_asked(p):
    return integrate.quad(lambda x: kept_right_side(np.ones(2), x, p)[0], 0, 1)[0] * last_seen()


def kept_product(v):
    SEEN.append(float(v[0]))
    return 3.0 * v


OPERATOR = linalg.LinearOperator((2, 2), matvec=kept_product, dtype=float)


def keeps_what_is_multiplied(p):
    return np.sum(linalg.cg(OPERATOR, p)[0]) * last_seen()


COUNTS = [0]


def counted(x, p):
    COUNTS[0] += 1
    return np.exp(-p * x)


def counts(p):
    return integrate.quad(counted, 0, 1, args=(p[0],))[0]


def keeps_an_iterate_of_a_search(p):
    found = optimize.minimize(lambda x, p: np.sum((x - p) ** 2 * (1 + x**2)), [1.0, 2.0], (p,), callback=keep)
    return np.sum(found.x) * last_seen()


REFUSED = {
    f.__name__: f
    for f in (stores_in_a_list, stores_in_a_variable, stores_in_an_array, keeps_an_iterate, appends_iterates)
}


@pytest.mark.parametrize("name", REFUSED)
def test_numbers_that_are_stored_unseen_are_refused(name):
    with pytest.raises(s2sad.UnsupportedError, match="stores numbers outside"):
        s2sad.grad(REFUSED[name])(P)


@pytest.mark.parametrize("function", [keeps_an_iterate_of_a_search, keeps_what_it_is_asked, keeps_what_is_multiplied])
def test_functions_are_watched_where_all_else_could_be_compiled(function):
    with pytest.raises(s2sad.UnsupportedError, match="stores numbers outside"):
        s2sad.grad(function)(P)


def test_a_global_function_counts_as_in_the_primal():
    COUNTS[0] = 0
    counts(P)
    primal, COUNTS[0] = COUNTS[0], 0
    s2sad.check_grads(counts, (P,))
    COUNTS[0] = 0
    s2sad.grad(counts)(P)
    assert COUNTS[0] == primal


def test_functions_are_called_as_often_as_in_the_primal():
    calls = []

    def by_quad(p):
        def f(t):
            calls.append("f")
            return p[0] * t

        return integrate.quad(f, 0, 1)[0]

    by_quad(P)
    count = len(calls)
    s2sad.grad(by_quad)(P)
    assert count > 0 and len(calls) == 2 * count
