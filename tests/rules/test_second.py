"""The rule of every row of NumPy, ``math`` and the builtins, differentiated again."""

from __future__ import annotations

import pytest

from . import harness, second

harness.load_rules()
ROWS = harness.named(harness.load_rows("ROWS", scipy=False))


@pytest.mark.parametrize("row, name", [pytest.param(row, name, id=name) for row, name in ROWS])
def test_second_derivative(row: harness.Row, name: str) -> None:
    second.check_second(row)
