"""Values that SciPy's own functions give, though they are not called: of statistics, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import s2sad

stats = pytest.importorskip("scipy.stats", reason="SciPy is not installed")

STATISTICS = {
    "skew": lambda x: stats.skew(x),
    "unbiased skew": lambda x: stats.skew(x, bias=False),
    "kurtosis": lambda x: stats.kurtosis(x),
    "unbiased kurtosis": lambda x: stats.kurtosis(x, bias=False),
    "moment": lambda x: stats.moment(x, 3),
    "tvar": lambda x: stats.tvar(x),
    "describe": lambda x: stats.describe(x).variance + stats.describe(x).skewness + stats.describe(x).kurtosis,
}


@pytest.mark.parametrize("name", STATISTICS)
def test_values_are_those_of_scipy(name: str) -> None:
    function: Any = STATISTICS[name]
    both, rng = s2sad.value_and_grad(function), np.random.default_rng(1)
    for n in range(5, 35):
        x = rng.uniform(0.1, 5) * rng.standard_normal(n) + rng.uniform(-3, 3)
        assert both(x)[0] == function(x)


def test_a_divisor_that_is_longer() -> None:
    """The quotient is empty, a list in SciPy; the remainder is the signal."""
    signal = pytest.importorskip("scipy.signal", reason="SciPy is not installed")
    x, divisor = np.array([0.3, -1.2]), np.array([1.0, 0.5, 0.25])

    def remainder(x: Any, divisor: Any) -> Any:
        return np.sum(signal.deconvolve(x, divisor)[1] * np.array([2.0, 3.0]))

    value, (x_bar, divisor_bar) = s2sad.value_and_grad(remainder, (0, 1))(x, divisor)
    assert value == remainder(x, divisor)
    assert x_bar.tolist() == [2.0, 3.0] and divisor_bar.tolist() == [0.0, 0.0, 0.0]
