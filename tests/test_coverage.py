"""The list of public names, and the table of what of it has a rule."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from s2sad import coverage

ROOT = Path(__file__).parent.parent


def test_document(expect_file):
    """``docs/rules.md`` is what the rules are now."""
    if importlib.util.find_spec("scipy") is None or not np.__version__.startswith("2.4."):
        pytest.skip("the document counts the names of NumPy 2.4, and of SciPy")
    expect_file(ROOT / "docs" / "rules.md", coverage.document())


@pytest.mark.parametrize("module", ["numpy", "numpy.linalg", "numpy.fft", "numpy.ndarray", "math", "cmath", "operator",
                                    "builtins"])  # fmt: skip
def test_everyday_names_are_covered(module):
    """Every name of priority 1 that can be differentiated, or whose derivative is zero."""
    listed = coverage.by_module()[module]
    assert len(listed) > 15
    assert [n.name for n in listed if n.priority == 1 and not n.covered] == []


def test_names_that_are_not_there():
    name = coverage.Name("numpy", "no_such_function", "differentiable", 1)
    assert name.find() is None and not name.covered
