"""Values of statistics to the last bit: those that SciPy's own function gives, though it is not called."""

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
