"""The benchmark workloads are right, at small sizes and without a clock: hand-written gradients against differences,
and s2sad against both.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import harness
from benchmarks.workloads import NAMES, load

needs_s2sad = pytest.mark.skipif(not hasattr(s2sad, "value_and_grad"), reason="s2sad.value_and_grad is not there yet")


@pytest.mark.parametrize("name", NAMES)
def test_hand_written_gradient(name):
    workload = load(name)
    arguments = workload.arguments(small=True)
    value, gradient = workload.hand(*harness.copied(arguments))
    np.testing.assert_allclose(value, workload.primal(*harness.copied(arguments)), rtol=1e-12)
    assert harness.difference_error(workload, arguments, gradient) < 1e-7


@pytest.mark.parametrize("name", NAMES)
def test_programs_leave_their_arguments_alone(name):
    workload = load(name)
    arguments = workload.arguments(small=True)
    for function in (workload.primal, workload.hand):
        given = harness.copied(arguments)
        function(*given)
        assert harness.same(given, arguments)


@needs_s2sad
@pytest.mark.parametrize("name", NAMES)
def test_s2sad_agrees_with_the_hand_written_gradient(name):
    workload = load(name)
    arguments = workload.arguments(small=True)
    given = harness.copied(arguments)
    result = s2sad.value_and_grad(workload.primal, argnums=workload.argnums)(*given)
    assert harness.disagreement(result, workload.hand(*harness.copied(arguments))) == ""
    gradients = result[1] if isinstance(workload.argnums, tuple) else (result[1],)
    argnums = workload.argnums if isinstance(workload.argnums, tuple) else (workload.argnums,)
    assert all(isinstance(g, type(arguments[k])) for g, k in zip(gradients, argnums, strict=True))
    assert harness.same(given, arguments)


@needs_s2sad
def test_s2sad_on_the_function_of_the_first_call():
    workload = load("thirty_lines")
    arguments = workload.arguments(small=True)
    value, gradient = s2sad.value_and_grad(workload.primal, argnums=workload.argnums)(*arguments)
    np.testing.assert_allclose(value, workload.primal(*arguments), rtol=1e-12)
    assert harness.difference_error(workload, arguments, gradient) < 1e-7


def test_a_wrong_gradient_is_noticed():
    workload = load("attention")
    arguments = workload.arguments(small=True)
    value, (first, second, third) = workload.hand(*arguments)
    wrong = (first, 1.001 * second, third)
    assert harness.difference_error(workload, arguments, wrong) > 1e-5
    assert "gradient 1" in harness.disagreement((value, wrong), (value, (first, second, third)))
    assert "shape" in harness.disagreement((value, first[:1]), (value, first))


def test_a_formula_that_cancels():
    """The Gaussian mixture does not change with points and means that are moved together; digits get lost by it."""
    workload = load("gaussian_mixture")
    logits, means, log_scales, points = workload.arguments()
    moved = logits, means + 1e6, log_scales, points + 1e6
    _, expected = workload.hand(logits, means, log_scales, points)
    size = max(np.max(np.abs(g)) for g in expected)

    def error(gradient):
        return max(np.max(np.abs(g - e)) for g, e in zip(gradient, expected, strict=True)) / size

    assert 1e-4 < error(workload.hand(*moved)[1]) < 1e-1
    assert error(s2sad.value_and_grad(workload.primal, argnums=workload.argnums)(*moved)[1]) < 1e-9
