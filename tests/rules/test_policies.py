"""``nan_policy`` of SciPy's statistics: definitions give what SciPy gives, of slices with and of nothing but NaN."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

stats = pytest.importorskip("scipy.stats")

from s2sad.rules import table  # noqa: E402
from s2sad.rules.binding import bind  # noqa: E402

from . import harness  # noqa: E402

harness.load_rules()

NAN = np.nan
FULL = np.array([[0.7, 1.9, 0.6, 1.2, 1.5, 0.9], [1.1, 0.8, 1.6, 0.55, 1.3, 1.75], [0.65, 1.4, 1.05, 1.8, 0.95, 1.25]])
SOME = np.where(np.arange(18).reshape(3, 6) % 7 == 2, NAN, FULL)
SAMPLES = {
    "full": FULL,
    "some": SOME,
    "a slice": np.where(np.arange(3)[:, None] == 1, NAN, SOME),
    "vector": SOME[0],
    "three": np.stack([SOME, SOME[::-1]], axis=1),
    "none": np.full(4, NAN),
    "one": np.array([1.3]),
}
AXES: dict[int, list[Any]] = {1: [0, None], 2: [1, 0, (0, 1), None], 3: [-1, (0, 2)]}
WEIGHTS = np.where(FULL > 1.7, NAN, FULL)
CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    *[(f, (), {}) for f in (
        stats.gmean, stats.hmean, stats.gstd, stats.sem, stats.variation, stats.iqr, stats.median_abs_deviation,
        stats.tmean, stats.tmin, stats.circmean, stats.circvar, stats.circstd, stats.skew, stats.kurtosis, stats.kstat,
        stats.entropy,
    )],
    *[(f, (), {"limits": (0.7, 1.6)}) for f in (stats.tmean, stats.tvar, stats.tstd, stats.tsem)],
    *[(f, (), {"bias": False}) for f in (stats.skew, stats.kurtosis)],
    (stats.tmin, (0.75,), {}),
    (stats.tmax, (1.55,), {}),
    (stats.pmean, (2.5,), {}),
    (stats.kstatvar, (1,), {}),
    (stats.differential_entropy, (), {"window_length": 1}),
    (stats.trim_mean, (0.2,), {}),
    (stats.moment, (3,), {}),
    (stats.moment, ([2, 3],), {"center": 0.4}),
    (stats.median_abs_deviation, (), {"center": np.mean, "scale": "normal"}),
    (stats.boxcox_llf, (0.7,), {}),
    (stats.yeojohnson_llf, (0.7,), {}),
]  # fmt: skip


def meant(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What the definition gives, or the class of what it raises."""
    rule = table.RULES[function]
    arguments, options = bind(function, rule, args, options)
    assert rule.pullback is not None
    return outcome(rule.pullback, *arguments, **options)


def outcome(function: Any, *args: Any, **options: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*args, **options)
        except ValueError:
            return ValueError


def assert_as_scipy(function: Any, args: tuple[Any, ...], options: dict[str, Any], what: str) -> None:
    ours, theirs = meant(function, args, options), outcome(function, *args, **options)
    assert (ours is ValueError) == (theirs is ValueError), f"{what}: {ours}, not {theirs}"
    if theirs is not ValueError:
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13, err_msg=what)
        assert np.shape(ours) == np.shape(theirs), what


@pytest.mark.parametrize("policy", ["propagate", "omit", "raise"])
@pytest.mark.parametrize("function, others, options", CALLS)
def test_policies(function: Any, others: tuple[Any, ...], options: dict[str, Any], policy: str) -> None:
    for name, samples in SAMPLES.items():
        args = (*others, samples) if "llf" in function.__name__ else (samples, *others)
        for axis in AXES[np.ndim(samples)]:
            for keepdims in (False, True):
                given = {**options, "axis": axis, "keepdims": keepdims, "nan_policy": policy}
                assert_as_scipy(function, args, given, f"{name}, axis={axis}, keepdims={keepdims}")


@pytest.mark.parametrize("policy", ["propagate", "omit", "raise"])
@pytest.mark.parametrize("function", [stats.zscore, stats.gzscore, stats.zmap])
def test_policies_of_scores(function: Any, policy: str) -> None:
    for name, samples in SAMPLES.items():
        args = (samples * 0 + 1.1, samples) if function is stats.zmap else (samples,)
        for axis in AXES[np.ndim(samples)]:
            assert_as_scipy(function, args, {"axis": axis, "nan_policy": policy, "ddof": 1}, f"{name}, axis={axis}")


@pytest.mark.parametrize("policy", ["propagate", "omit", "raise"])
def test_policies_of_samples_that_belong_together(policy: str) -> None:
    for axis in (0, 1, None):
        options = {"axis": axis, "nan_policy": policy}
        assert_as_scipy(stats.entropy, (SOME, WEIGHTS), options, "entropy")
        assert_as_scipy(stats.gmean, (SOME,), {**options, "weights": WEIGHTS}, "gmean")
        assert_as_scipy(stats.pmean, (SOME, 2), {**options, "weights": WEIGHTS}, "pmean")
    assert_as_scipy(stats.hmean, (SOME,), {"axis": 1, "nan_policy": policy, "weights": WEIGHTS[0]}, "broadcast")


def test_constants_have_no_shape() -> None:
    """What is left of the deviations from the mean of equal numbers is rounding alone."""
    for samples in (np.full(3, 0.1), np.full((2, 6), 0.7)):
        for function in (stats.skew, stats.kurtosis, stats.zscore):
            assert_as_scipy(function, (samples,), {}, function.__name__)
    assert meant(stats.circstd, (np.full(3, 0.3),), {}) == 0


def test_means_of_negative_numbers() -> None:
    samples = np.array([[1.0, -2.0, 3.0], [1.0, 2.0, 4.0]])
    for function, others in ((stats.hmean, ()), (stats.pmean, (2,))):
        theirs = outcome(function, samples, *others, axis=1)
        if theirs is not ValueError:  # as it was before SciPy 1.14
            np.testing.assert_allclose(meant(function, (samples, *others), {"axis": 1}), theirs)


def test_there_are_three_policies() -> None:
    with pytest.raises(ValueError, match="nan_policy must be one of"):
        table.RULES[stats.sem].pullback(FULL, nan_policy="ignore")  # type: ignore[misc]
