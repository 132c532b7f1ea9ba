"""SciPy is optional: its rules come when its functions do, and what they are called with stays as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad

ROOT = Path(__file__).parent.parent
REASON = "SciPy is not installed, and so its rules and their rows are left out"
linalg = pytest.importorskip("scipy.linalg", reason=REASON)
special = pytest.importorskip("scipy.special", reason=REASON)
integrate = pytest.importorskip("scipy.integrate", reason=REASON)
ndimage = pytest.importorskip("scipy.ndimage", reason=REASON)
signal = pytest.importorskip("scipy.signal", reason=REASON)
distance = pytest.importorskip("scipy.spatial.distance", reason=REASON)


def run(folder, text):
    """What a program of its own prints, in words."""
    file = folder / "program.py"
    file.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.split()


def test_nothing_is_imported_before_it_is_met(tmp_path):
    text = """
import sys, numpy as np, s2sad
s2sad.grad(lambda x: np.tanh(x))(1.0)
print(any(m.partition(".")[0] == "scipy" or ".rules.scipy" in m for m in sys.modules))
from scipy import special
from s2sad.rules.table import rule_for
print(any(".rules.scipy." in m for m in sys.modules), rule_for(special.expit).name)
print(*sorted(m for m in sys.modules if m.startswith("s2sad.rules.scipy.") and m.count(".") == 3))
"""
    assert run(tmp_path, text) == ["False", "False", "expit", "s2sad.rules.scipy.special"]


def test_a_users_rule_stays(tmp_path):
    text = """
from scipy import special
from s2sad.rules import table
@table.elementwise(special.expit)
def mine(y, x):
    return 7.0
print(table.rule_for(special.xlogy).name, table.rule_for(special.expit).pullback.__name__)
"""
    assert run(tmp_path, text) == ["xlogy", "mine"]


def test_arguments_are_not_overwritten():
    def by_name(a):
        b = np.exp(a)
        c = linalg.inv(b, overwrite_a=True)
        return np.sum(b * c**2)

    def by_position(a):
        b = np.exp(a)
        return np.sum(b * linalg.inv(b, True, False) ** 2)

    def plain(a):
        b = np.exp(a)
        return np.sum(b * linalg.inv(b) ** 2)

    a = np.asfortranarray([[1.0, 0.5], [-0.5, 2.0]])
    for fun in (by_name, by_position):
        before = a.copy()
        value, gradient = s2sad.value_and_grad(fun)(a)
        np.testing.assert_array_equal(a, before)
        np.testing.assert_allclose(value, plain(a))
        np.testing.assert_allclose(gradient, s2sad.grad(plain)(a))


def test_functions_without_a_rule_are_refused_with_the_reason(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(
        s2sad.MissingRuleError, match="obl_cv has no derivative rule: SciPy has no function for its derivative"
    ):
        s2sad.grad(lambda x: special.obl_cv(1, 2, x))(1.0)


def test_derivatives_that_nobody_knows_are_refused():
    def order(v, x):
        return special.jv(v, x)

    with pytest.raises(s2sad.MissingRuleError, match=r"derivative of jv|jv has no derivative"):
        s2sad.grad(order)(1.5, 2.0)
    with pytest.raises(s2sad.MissingRuleError, match=r"derivative of jv|jv has no derivative"):
        s2sad.jvp(order, (1.5, 2.0), (1.0, 0.0))
    with pytest.raises(s2sad.MissingRuleError, match="derivative"):
        s2sad.vjp(lambda x: special.digamma(x), 1.0 + 2.0j)[1](1.0 + 0.0j)
    assert s2sad.grad(order, 1)(1.5, 2.0) == (special.jv(0.5, 2.0) - special.jv(2.5, 2.0)) / 2


ONE_OF_SEVERAL = {
    "sici": lambda x: special.sici(x)[0] + special.shichi(x)[1],
    "fresnel": lambda x: special.fresnel(x)[1],
    "integrals": lambda x: special.itj0y0(x)[0] * special.iti0k0(x)[1] + special.it2j0y0(x)[1],
    "divmod": lambda x: divmod(7.3 * x, 2.0)[1] + np.divmod(x, 2.0)[0] * x,
    "frexp": lambda x: np.frexp(x)[0] * np.modf(3.3 * x)[0],
    "linspace": lambda x: np.sum(np.linspace(x, 2 * x, 5, retstep=True)[0]),
    "slogdet": lambda x: np.linalg.slogdet(np.array([[x, 0.3], [0.5, x]]))[1],
    "lu": lambda x: np.sum(linalg.lu(np.array([[2 * x, 1.0], [0.5, x]]))[2]),
}


@pytest.mark.parametrize("recorded", [False, True], ids=["compiled", "recorded"])
@pytest.mark.parametrize("name", ONE_OF_SEVERAL)
def test_one_of_several_results(name, recorded, monkeypatch):
    """Of the others nobody wants a derivative: their rules get zeros, or None where they can take it."""
    function = ONE_OF_SEVERAL[name]
    monkeypatch.setenv("S2SAD_RECORD", "1" if recorded else "0")

    def asked(x):
        if recorded:

            class Recorded:
                pass

        return function(x)

    expected = (function(1.3 + 1e-6) - function(1.3 - 1e-6)) / 2e-6
    np.testing.assert_allclose(s2sad.grad(asked if recorded else function)(1.3), expected, rtol=1e-6)


SAMPLES = np.array([1.0, 2.5, 0.3, 4.0, 1.7, 2.2, 3.3, 0.1, 2.8, 1.9])
PLACES = np.linspace(0.0, 1.0, 10)
OF_SINGLE = {
    "resample_poly": lambda x: signal.resample_poly(x, 2, 3),
    "resample_poly with taps": lambda x: signal.resample_poly(x, 3, 2, window=np.array([0.2, 0.5, 1.0, 0.5, 0.2])),
    "cumulative_simpson": lambda x: integrate.cumulative_simpson(x, dx=0.1),
    "cumulative_simpson of two": lambda x: integrate.cumulative_simpson(x[:2], dx=0.1),
    "trapezoid": lambda x: integrate.trapezoid(x, dx=0.1),
    "trapezoid with places": lambda x: integrate.trapezoid(x, PLACES),
    "trapezoid of rows": lambda x: integrate.trapezoid(np.stack([x, x**2]), PLACES, axis=1),
    "simpson": lambda x: integrate.simpson(x, dx=0.1),
    "simpson of rows": lambda x: integrate.simpson(np.stack([x, x**2]), dx=0.1),
    "find_peaks": lambda x: signal.find_peaks(x, width=0.1)[1]["widths"],
    "peak_prominences": lambda x: signal.peak_prominences(x, np.array([1, 3, 6]))[0],
    "peak_widths": lambda x: signal.peak_widths(x, np.array([1, 3, 6]))[0],
    "qr_multiply": lambda x: linalg.qr_multiply(np.reshape(x[:4], (2, 2)), np.ones(2))[0],
}


@pytest.mark.parametrize("name", OF_SINGLE)
def test_single_precision_as_in_scipy(name):
    function, x = OF_SINGLE[name], SAMPLES.astype(np.float32)
    expected = function(x)
    value, pullback = s2sad.vjp(function, x)
    assert np.asarray(value).dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    (gradient,) = pullback(np.ones_like(value))
    (in_double,) = s2sad.vjp(function, SAMPLES)[1](np.ones(np.shape(value)))
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, in_double, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("call", [
    lambda rows: linalg.expm(rows),
    lambda rows: linalg.solve(rows, [1.0, 2.0]),
    lambda rows: linalg.lu_solve(linalg.lu_factor(rows), [1.0, 2.0]),
    lambda rows: linalg.solve_toeplitz((rows[0], rows[1]), (1.0, 2.0)),
    lambda rows: distance.cdist(rows, [[0.5, 0.1]], "minkowski", p=3.0),
    lambda rows: distance.pdist(rows),
    lambda rows: special.sici(rows[1])[0] + special.agm(rows[1], 2.0),
])  # fmt: skip
def test_rows_in_a_sequence(call, kind):
    """What SciPy makes an array of, rules do, too; factors and a column with a row stay apart."""

    def total(a):
        return np.sum(call(kind([a[0], kind([a[1, 0], a[1, 1]])])))

    s2sad.check_grads(total, (np.array([[2.0, 0.3], [0.7, 1.5]]),))


def detrended(x):
    a = x * 2
    signal.detrend(a, overwrite_data=True)
    return np.sum(a**2)


def smoothed(x):
    a = np.zeros(4)
    ndimage.gaussian_filter(x, 1.0, output=a)
    return np.sum(a**2)


def smoothed_by_position(x):
    a = np.zeros(4)
    ndimage.gaussian_filter1d(x, 1.0, -1, 0, a)
    return np.sum(a**2)


def test_results_that_are_left_in_an_argument_are_refused():
    x = np.array([0.7, -0.3, 1.2, 0.4])
    for derivative in (lambda: s2sad.grad(detrended)(x), lambda: s2sad.jvp(detrended, (x,), (x,))):
        with pytest.raises(s2sad.UnsupportedError, match="write"):
            derivative()


@pytest.mark.parametrize("function", [smoothed, smoothed_by_position])
def test_results_that_are_left_in_an_output(function):
    s2sad.check_grads(function, (np.array([0.7, -0.3, 1.2, 0.4]),), order=2)


def distances(x):
    a = np.zeros(4)
    ndimage.distance_transform_edt(x > 0, distances=a)
    return np.sum(a * x)


def test_distances_that_are_left_in_an_argument():
    x = np.array([0.7, 0.3, -1.2, 0.4])
    np.testing.assert_array_equal(s2sad.grad(distances)(x), [2.0, 1.0, 0.0, 1.0])
