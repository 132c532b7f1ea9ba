"""The branch of ``np.where`` that is not taken contributes 0, also where its derivative is infinite or NaN."""

from __future__ import annotations

import numpy as np
import pytest

import s2sad


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
