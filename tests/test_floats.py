"""Gradients of Python floats are Python floats, and nothing is converted that is one already."""

from __future__ import annotations

import numpy as np
import pytest

import s2sad

A = np.array([0.5, 1.5])


def loop(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x + 0.5
    return y


def branch_in_loop(x, n):
    y = x
    for k in range(n):
        if k % 2:  # noqa: SIM108
            y = y / 2
        else:
            y = y * x
    return y


def until(x, n):
    while x < n:
        x = x * x
    return x


def with_array(x, n):
    y = x
    for _ in range(n):
        y = y * np.sum(A) + x
    return y


def array_in_branch(x, n):
    y = x
    for k in range(n):
        if k:  # noqa: SIM108
            y = y + x
        else:
            y = y * np.sum(A * x)
    return y


@pytest.mark.parametrize(
    ("f", "converts"),
    [(loop, False), (branch_in_loop, False), (until, False), (with_array, True), (array_in_branch, True)],
)
def test_kind(f, converts):
    gradient = s2sad.grad(f)
    found = gradient(1.5, 3)
    assert type(found) is float
    assert ("float(" in gradient.source) == converts
    assert abs(found - (f(1.5 + 1e-6, 3) - f(1.5 - 1e-6, 3)) / 2e-6) < 1e-6 * abs(found)
