"""What NumPy makes NaN of, with a warning, has a gradient and does not raise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import s2sad


def mean_of_selected(x: Any) -> Any:
    return np.mean(x[x > 10]) + np.sum(x)


def averages(x: Any) -> Any:
    return np.mean(x) + x.mean(axis=0) + np.nanmean(x)


def one_freedom(x: Any) -> Any:
    return np.var(x, ddof=1)


def one_freedom_root(x: Any) -> Any:
    return np.std(x, ddof=1)


@pytest.mark.parametrize("record", ["0", "1"])
@pytest.mark.parametrize(
    "fun, x, expected",
    [
        (mean_of_selected, np.ones(3), np.ones(3)),
        (averages, np.zeros(0), np.zeros(0)),
        (one_freedom, np.ones(1), np.array([np.nan])),
        (one_freedom_root, np.ones(1), np.array([np.nan])),
        (one_freedom, np.zeros(0), np.zeros(0)),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gradient(monkeypatch: Any, record: str, fun: Any, x: Any, expected: Any) -> None:
    monkeypatch.setenv("S2SAD_RECORD", record)
    np.testing.assert_array_equal(s2sad.grad(fun)(x), expected)
