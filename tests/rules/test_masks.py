"""What nobody takes contributes 0, also where its derivative is infinite or NaN.

The branch of ``np.where`` that is not taken, NaN that is left out, and elements that are overwritten.
"""

from __future__ import annotations

import math
import types

import numpy as np
import pytest

import s2sad

from . import harness
from .engines import CompiledEngine, RecordedEngine


def logarithm(x):
    return np.where(x > 0, np.log(x), 0)


def root(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def power(x):
    return np.where(x > 0, x**0.5, 0)


def reciprocal(x):
    return np.where(x > 0, np.reciprocal(x), 0)


def other_branch(x):
    return np.where(x <= 0, 0, np.log(x))


def product(x):
    return np.where(x > 0, np.log(x) * x, 0)


def chain(x):
    inner = np.log(x)
    return np.where(x > 1, np.sqrt(inner), 0)


def greater(x):
    return np.fmax(np.log(x), np.sqrt(x) - 1)


def smaller(x):
    return np.fmin(1.0, np.fmin(np.sqrt(x) + 0 * np.log(x), 3.0) / 2)


def total(x):
    return np.nansum(np.sqrt(x))


def replaced(x):
    return np.nan_to_num(np.sqrt(x), nan=3.0)


def shared(x):
    """The same number twice, be it NaN."""
    return np.fmax(np.sqrt(x), np.sqrt(x))


def spread(x):
    roots = np.sqrt(x) * x
    return np.nanmean(roots) + np.nanvar(roots) + np.nanstd(roots) + np.nanmax(roots) * np.nanmin(roots)


SLOPES = {
    logarithm: 0.5,
    root: 0.5 / np.sqrt(2),
    power: 0.5 / np.sqrt(2),
    reciprocal: -0.25,
    other_branch: 0.5,
    product: 1 + np.log(2),
    chain: 0.25 / np.sqrt(np.log(2)),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", SLOPES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("outside", [-1.0, 0.0])
def test_the_other_branch_gives_zero(function, outside):
    x = np.array([outside, 2.0])
    expected = [0.0, SLOPES[function]]
    np.testing.assert_allclose(s2sad.grad(lambda x: np.sum(function(x)))(x), expected, rtol=1e-14)
    assert s2sad.jvp(function, (x,), (np.ones(2),))[1].tolist() == pytest.approx(expected, rel=1e-14)
    if function is power and outside < 0:  # of a float, which makes complex numbers of both branches
        with pytest.raises(s2sad.MissingRuleError, match="is complex"):
            s2sad.grad(lambda x: function(x))(outside)
    else:
        assert s2sad.grad(lambda x: function(x))(outside) == 0.0
    assert s2sad.grad(lambda x: function(x))(2.0) == pytest.approx(SLOPES[function], rel=1e-14)


def test_what_the_user_multiplies_stays():
    """A mask in the primal is the user's: 0 times infinity is NaN there."""
    with np.errstate(all="ignore"):
        value, slope = s2sad.value_and_grad(lambda x: np.sum(np.where(x > 0, x, 0) * np.log(x)))(np.array([0.0, 2.0]))
    assert np.isnan(value)
    assert np.isnan(slope[0]) or np.isinf(slope[0])


NAN = {greater: 0.5, smaller: 0.25 / np.sqrt(2), total: 0.5 / np.sqrt(2), replaced: 0.5 / np.sqrt(2),
       shared: 0.5 / np.sqrt(2)}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", NAN, ids=lambda f: f.__name__)
def test_nan_that_is_left_out_gives_zero(function):
    """Its slope does not matter, in both modes and in the derivative of the derivative."""
    x = np.array([-1.0, 2.0])
    slope = s2sad.grad(lambda x: np.sum(function(x)))
    np.testing.assert_allclose(slope(x), [0.0, NAN[function]], rtol=1e-14)
    moved = np.broadcast_to(s2sad.jvp(function, (x,), (np.ones(2),))[1], 2) if function is not total else None
    if moved is not None:
        np.testing.assert_allclose(moved, [0.0, NAN[function]], rtol=1e-14)
    assert np.all(np.isfinite(s2sad.grad(lambda x: np.sum(slope(x) * x))(x)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_statistics_without_nan_are_those_of_the_rest():
    """To second order, reverse over reverse."""

    def rest(x):
        roots = np.sqrt(x[1:]) * x[1:]
        return np.mean(roots) + np.var(roots) + np.std(roots) + np.max(roots) * np.min(roots)

    x = np.array([-1.0, 2.0, 3.0])
    for times in (1, 2):
        ours, theirs = spread, rest
        for _ in range(times):
            ours, theirs = summed(s2sad.grad(ours)), summed(s2sad.grad(theirs))
        np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-12)


def summed(gradient):
    return lambda x: np.sum(gradient(x) * np.array([1.0, 1.5, 0.5]))


def taken_at_zero(x):
    return np.sum(np.where(x >= 0, np.sqrt(x), 0.0) ** 2)


def selected_at_zero(x):
    return np.sum(np.select([x >= 0], [np.sqrt(x) ** 2], 0.0))


def written_elsewhere(x):
    y = np.sqrt(x)
    y[1] = 3.0
    return np.sum(y**2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", [taken_at_zero, selected_at_zero, written_elsewhere])
@pytest.mark.parametrize("engine", [CompiledEngine, RecordedEngine], ids=lambda engine: engine.name)
def test_an_infinite_slope_of_what_is_taken_stays(function, engine):
    """Its cotangent is 0 there, the derivative 1: 0 times infinity is NaN, and not 0."""
    row = harness.Row(function, (), {})
    with engine.running(row):
        slope = s2sad.grad(function)(np.array([0.0, 1.0, 4.0]))
    assert np.isnan(slope[0])
    assert slope[2] == 1.0


def root_overwritten(x):
    y = np.sqrt(x)
    y[x <= 0] = 0
    return y**2 + 3 * y


def ratio_overwritten(x):
    y = np.sin(x) / x
    y[0] = 1.0
    return np.exp(y)


def logarithm_overwritten(x):
    y = 2 * (np.log(x) * x) + 1
    z = y * y
    z[np.where(x <= 0)] = 5.0
    return z


def distance_overwritten(x):
    r = np.sqrt(x**2)
    r[r == 0] = 1
    return x / r + r


def used_before(x):
    y = np.sqrt(x)
    z = np.sum(y)
    y[x <= 0] = 0
    return y + 0 * z


OVERWRITTEN = {
    root_overwritten: (0.0, 0.5 / np.sqrt(2) * (2 * np.sqrt(2) + 3)),
    ratio_overwritten: (0.0, np.exp(np.sin(2) / 2) * (np.cos(2) / 2 - np.sin(2) / 4)),
    logarithm_overwritten: (0.0, 4 * (4 * np.log(2) + 1) * (np.log(2) + 1)),
    distance_overwritten: (1.0, 1.0),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", OVERWRITTEN, ids=lambda f: f.__name__)
def test_what_is_overwritten_gives_zero(function):
    """In both modes, and in the derivative of the derivative."""
    x = np.array([0.0, 2.0])
    slope = s2sad.grad(lambda x: np.sum(function(x)))
    np.testing.assert_allclose(slope(x), OVERWRITTEN[function], rtol=1e-14)
    np.testing.assert_allclose(s2sad.jvp(function, (x,), (np.ones(2),))[1], OVERWRITTEN[function], rtol=1e-14)
    twice = s2sad.grad(lambda x: np.sum(slope(x) * x))(x)
    assert np.all(np.isfinite(twice))
    np.testing.assert_allclose(twice, s2sad.jvp(lambda x: slope(x) * x, (x,), (np.ones(2),))[1], rtol=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_read_before_it_is_overwritten_counts():
    x = np.array([0.0, 2.0])
    assert np.isnan(s2sad.grad(lambda x: np.sum(used_before(x)))(x)[0])


def by_a_test(x):
    r = np.sqrt(x)
    return r[x > 0]


def by_a_test_of_itself(x):
    r = np.sqrt(x)
    m = r > 0
    return r[m] ** 2


def by_what_is_finite(x):
    r = 1 / x
    return r[np.isfinite(r)]


def by_places(x):
    r = np.sqrt(x) * 3
    return r[np.flatnonzero(x)]


def by_rows_and_columns(x):
    r = np.sqrt(np.stack([x, 2 * x]))
    return r[np.array([0, 1, 1]), np.array([1, 1, 1])]


def above_the_diagonal(x):
    r = np.sqrt((x[:, None] - x) ** 2)
    return np.triu(r, 1)


def below_the_diagonal(x):
    return np.tril(1 / (x[:, None] - x), -1) * 2


def inverse_distances(x):
    r = np.sqrt((x[:, None] - x) ** 2)
    r[r > 0] = 1.0 / r[r > 0]
    return np.triu(-2 * r, 1)


LEFT_OUT = {
    by_a_test: (0.0, 0.5 / np.sqrt(2)),
    by_a_test_of_itself: (0.0, 1.0),
    by_what_is_finite: (0.0, -0.25),
    by_places: (0.0, 1.5 / np.sqrt(2)),
    by_rows_and_columns: (0.0, 0.5 / np.sqrt(2) + 2 * 0.5),
    above_the_diagonal: (-1.0, 1.0),
    below_the_diagonal: (0.5, -0.5),
    inverse_distances: (-0.5, 0.5),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", LEFT_OUT, ids=lambda f: f.__name__)
def test_what_is_left_out_gives_zero(function):
    """By an index, or by a triangle of a matrix: in both modes, and in forward over reverse mode."""
    x = np.array([0.0, 2.0])
    slope = s2sad.grad(lambda x: np.sum(function(x)))
    np.testing.assert_allclose(slope(x), LEFT_OUT[function], rtol=1e-14)
    shares = [s2sad.jvp(function, (x,), (v,))[1].sum() for v in np.eye(2)]
    np.testing.assert_allclose(shares, LEFT_OUT[function], rtol=1e-14)
    assert np.all(np.isfinite(s2sad.hvp(lambda x: np.sum(function(x)))(x, np.ones(2))))


def chosen(x):
    return x[0] + (1.0 - x[1] if x[1] < 1 else 0.0) ** 0.35


def chosen_by_mask(x):
    return np.sum(x + np.where(x < 1.0, 1.0 - x, 0.0) ** 0.35)


def chosen_by_mask_and_scaled(x):
    return np.sum(np.sqrt(3 * np.where(x < 1.0, (1.0 - x) * x, 0.0)) + x**2)


def chosen_as_a_matrix(x):
    rows = x[:, None]
    return np.sum(np.sqrt(np.where(rows < 1.0, rows * x, 0.0)))


def root_of_a_branch(x):
    b = 1.0
    if x[1] > 1.0:
        a = 0.0
    else:
        b, a = x[0], 2 * x[1]
    return b * x[0] + np.sqrt(a)


def root_of_branches(x):
    if x[1] > 3:
        a = x[0]
    elif x[1] > 1.5:
        a = 0.0
    elif x[0] > 0:
        a = x[1]
    else:
        a = 0.0
    return math.sqrt(a) * 2 + x[0] * x[1]


def root_of_an_array(x):
    a = 2 * x if x[1] < 1 else np.zeros(3)
    return np.sum(np.sqrt(a) * x + x)


def in_a_loop(x):
    total = 0.0
    for e in x:
        b = 1 - e if e < 1 else 0.0
        total += np.sqrt(b) * e + np.log(1 + b)
    return total


def power_that_moves(x):
    b = 1 - x[1] if x[1] < 1 else 0.0
    return b ** x[0] + np.arctan(np.divide(1.0, b))


def single_precision(x):
    x = x.astype(np.float32)
    return np.sum(np.sqrt(np.where(x < 1.0, 1 - x, 0.0)))


CONSTANT = [chosen, chosen_by_mask, chosen_by_mask_and_scaled, chosen_as_a_matrix, root_of_a_branch, root_of_branches,
            root_of_an_array, in_a_loop, power_that_moves, single_precision]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("engine", [CompiledEngine, RecordedEngine], ids=lambda e: e.name)
@pytest.mark.parametrize("function", CONSTANT, ids=lambda f: f.__name__)
def test_a_constant_does_not_move(function, engine):
    """In forward mode, a branch that leaves a constant adds nothing, as in reverse mode, whatever the slope there."""
    fun = types.FunctionType(function.__code__.replace(), function.__globals__)  # compiled, or recorded, by itself
    row = types.SimpleNamespace(derived=False)
    for x in (np.array([0.5, 2.0, 1.25]), np.array([0.5, 0.25, 0.75])):
        v = np.array([0.3, 1.0, -0.5])
        with engine.running(row):
            slope = s2sad.grad(fun)(x)
            moved = s2sad.jvp(fun, (x,), (v,))[1]
        assert np.isfinite(slope).all()
        np.testing.assert_allclose(moved, slope @ v, rtol=1e-6 if function is single_precision else 1e-13)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("engine", [CompiledEngine, RecordedEngine], ids=lambda e: e.name)
def test_what_happens_to_be_zero_is_none(engine):
    """The slopes of these are 1, none, and infinite: nothing says that their tangents are zero."""
    row = types.SimpleNamespace(derived=False)
    with engine.running(row):
        for function in (
            lambda x: (x**3) ** (1 / 3),
            lambda x: np.sqrt(x**2),
            lambda x: np.sqrt(np.where(x < 1, x**2, 0.0)),
            lambda x: np.sqrt(x * x if x < 1 else 0.0),
        ):
            assert np.isnan(s2sad.jvp(function, (0.0,), (1.0,))[1])
        assert s2sad.jvp(lambda x: np.sqrt(np.where(x < 1, x, 0.0)), (0.0,), (1.0,))[1] == np.inf


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("engine", [CompiledEngine, RecordedEngine], ids=lambda e: e.name)
def test_what_is_written_over_a_constant_moves(engine):
    """What was constant in an array moves where something that moves is written there, be it through a view."""

    def written(x):
        a = np.where(x > 0, x, 0.0)
        a.T[0] += x[0] + 2
        return np.sum(np.sqrt(a))

    x = np.array([-1.0, 4.0])
    with engine.running(types.SimpleNamespace(derived=False)):
        assert s2sad.jvp(written, (x,), (np.ones(2),))[1] == pytest.approx(0.5 + 0.25)
