"""The losses of `examples/` are differentiated right, on small data; importing one needs NumPy and s2sad only."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs.data import normal
from tests.programs.harness import Program, check, check_second

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["logistic_regression", "digits", "recurrent", "burgers"]

pytestmark = pytest.mark.skipif(not hasattr(s2sad, "value_and_grad"), reason="s2sad.value_and_grad does not exist yet")


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def logistic_regression():
    example = load("logistic_regression")
    inputs, targets = normal(6, 3, seed=1), np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    return Program(example.training_loss, [(0.5 * normal(3), inputs, targets)])


def digits():
    example = load("digits")
    parameters = example.initial_parameters([6, 5, 4, 3], np.random.default_rng(2))
    images = normal(7, 6, seed=1)
    # The rectifiers' kinks are far from these arguments: no unit changes sides within a difference.
    return Program(example.cross_entropy, [(parameters, images, np.array([0, 2, 1, 1, 0, 2, 2]))])


def recurrent():
    example = load("recurrent")
    parameters = {
        "from_input": normal(1, 4),
        "recurrent": 0.5 * normal(4, 4, seed=1),
        "bias": normal(4, seed=2),
        "output": normal(4, 1, seed=3),
    }
    return Program(example.sequence_loss, [(parameters, normal(5, 2, 1, seed=4))])


def burgers():
    example = load("burgers")
    start = 0.3 * normal(9)
    return Program(example.misfit, [(np.log([0.003]), start, np.zeros(9), 80), (np.log([0.004]), start, start, 100)])


PROGRAMS = {"logistic_regression": logistic_regression, "digits": digits, "recurrent": recurrent, "burgers": burgers}


@pytest.mark.parametrize("name", NAMES)
def test_gradient(name):
    assert check(PROGRAMS[name]()) == "right"


@pytest.mark.skipif(not hasattr(s2sad, "vjp"), reason="s2sad.vjp does not exist yet")
@pytest.mark.parametrize("name", NAMES)
def test_gradient_of_gradient(name):
    try:
        assert check_second(PROGRAMS[name]()) == "right"
    except s2sad.UnsupportedError as error:
        pytest.xfail(f"refused: {error.msg}")


@pytest.mark.parametrize("name", NAMES)
def test_import_needs_no_other_package(name):
    """With sklearn, matplotlib, tqdm and scipy out of reach, the module still loads."""
    code = f"""
import sys, runpy
for package in ("sklearn", "matplotlib", "tqdm", "scipy"):
    sys.modules[package] = None
module = runpy.run_path({str(ROOT / "examples" / f"{name}.py")!r}, run_name="example")
assert callable(module["main"])
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
