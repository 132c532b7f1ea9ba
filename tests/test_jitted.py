"""Functions that Numba compiles: their text is differentiated."""

from __future__ import annotations

import numpy as np
import pytest

import s2sad


class Dispatcher:
    """What stands in the place of a function under ``@njit``, as far as it matters here."""

    def __init__(self, function):
        self.py_func = function
        self.overloads = {"loops": self}

    def __call__(self, *args):
        raise AssertionError("the compiled function must not run")


Dispatcher.__module__ = "numba.core.registry"


def kinds():
    yield Dispatcher
    try:
        from numba import njit
    except ImportError:
        return
    yield njit


@pytest.fixture(params=kinds(), ids=lambda jit: jit.__name__)
def jit(request):
    return request.param


X = np.array([0.5, 1.2, -0.4])


def test_gradient_of_it(jit):
    @jit
    def total(x):
        t = 0.0
        for e in x:
            t += e**2
        return t

    gradient = s2sad.grad(total)
    assert np.allclose(gradient(X), 2 * X)
    assert "x_bar" in gradient.source


def test_helper_method_argument_and_recursion(jit):
    @jit
    def product(a, b):
        return a * b + np.sin(a)

    @jit
    def relax(u, rate):
        for i in range(1, len(u)):
            u[i] += rate * u[i - 1]

    class Model:
        def __init__(self):
            self.law = product

        def run(self, x):
            return self.law(x[0], x[1]) * x[2]

    model = Model()

    def loss(x, law):
        u = x.copy()
        relax(u, 0.5)
        return product(x[0], x[1]) + law(x[1], x[2]) + u @ u + model.run(x)

    s2sad_value, gradient = s2sad.value_and_grad(loss)(X, product)
    steps = 1e-6 * np.eye(3)
    plain = Model.run.__get__(Plain(product.py_func))

    def primal(x):
        u = x.copy()
        for i in range(1, 3):
            u[i] += 0.5 * u[i - 1]
        law = product.py_func
        return law(x[0], x[1]) + law(x[1], x[2]) + u @ u + plain(x)

    assert s2sad_value == pytest.approx(primal(X))
    assert np.allclose(gradient, [(primal(X + h) - primal(X - h)) / 2e-6 for h in steps], rtol=1e-6)


class Plain:
    def __init__(self, law):
        self.law = law
