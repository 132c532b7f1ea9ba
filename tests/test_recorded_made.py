"""Objects that are made of what is followed, in recorded runs: interpolations, densities, frozen distributions."""

import numpy as np
import pytest

import s2sad

pytest.importorskip("scipy")
from scipy import integrate, interpolate, stats

X = np.arange(6.0)


pytestmark = pytest.mark.usefixtures("recorded")


def kept_in_a_dict(y, at):
    splines = {k: interpolate.CubicSpline(X, y * (k + 1)) for k in range(3)}
    return sum(splines[k](at) + splines[k](at, 1) for k in splines)


def changed_behind(y, at):
    spline = interpolate.interp1d(X, y, kind="cubic")
    y[:] = 7.0
    return spline(at) + y[0]


def densities(y, at):
    density = stats.gaussian_kde(y)
    return density(at)[0] + stats.norm(at, y[1] ** 2).logpdf(0.3)


def by_a_helper(spline, at):
    return spline.ev(at, 2 * at) if isinstance(spline, interpolate.RectBivariateSpline) else spline(at)


def helped(y, at):
    rectangle = interpolate.RectBivariateSpline(X, X, np.outer(y, y))
    return by_a_helper(rectangle, at) * by_a_helper(interpolate.PchipInterpolator(X, y), at)


def orders(y, at):
    spline = interpolate.CubicSpline(X, y)
    kept = {"slope": spline.derivative(), "area": spline.antiderivative()}
    return by_a_helper(kept["slope"], at) * by_a_helper(kept["area"], at) + spline.integrate(at, 2.0)


@pytest.mark.parametrize("function", [kept_in_a_dict, changed_behind, densities, helped, orders])
def test_derivatives(function):
    y = np.sin(X) + 0.3 * X
    s2sad.check_grads(function, (y, 1.3), order=2 if function is not helped else 1)


def test_what_stays_outside_is_the_object():
    kept = []

    def value(y):
        kept.append(interpolate.CubicSpline(X, y))
        return float(kept[-1](1.3))

    y = np.sin(X)
    s2sad.grad(value)(y)
    spline = interpolate.CubicSpline(X, y)
    assert isinstance(kept[0], interpolate.CubicSpline)
    assert kept[0](2.3) == spline(2.3)
    assert kept[0].derivative()(2.3) == spline.derivative()(2.3)
    np.testing.assert_array_equal(kept[0].c, spline.c)


@pytest.mark.parametrize("use", [
    lambda y: interpolate.CubicSpline(X, y).c[0, 0],
    lambda y: interpolate.CubicSpline(X, y).derivative().antiderivative()(1.3),
    lambda y: interpolate.CubicSpline(X, y).derivative().roots()[0],
    lambda y: interpolate.CubicSpline(X, y).derivative().integrate(0.0, 1.0),
    lambda y: integrate.quad(interpolate.CubicSpline(X, y), 0.0, 1.0)[0],
    lambda y: interpolate.CubicSpline(X, y),
    lambda y: vars(interpolate.CubicSpline(X, y))["c"][0, 0],
    lambda y: stats.norm(y[0], 1.0).kwds["scale"] * y[0],
    lambda y: interpolate.UnivariateSpline(X, y)(1.3),
    lambda y: interpolate.RegularGridInterpolator((X,), y, method="cubic")([1.3], nu=(1,))[0],
])  # fmt: skip
def test_refusals(use):
    with pytest.raises((s2sad.UnsupportedError, TypeError, KeyError)):
        s2sad.vjp(use, np.sin(X))[1](1.0)
