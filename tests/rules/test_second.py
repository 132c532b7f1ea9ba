"""The rule of every row, differentiated again."""

from __future__ import annotations

import numpy as np
import pytest

from . import harness, second

harness.load_rules()
# In single precision a difference says nothing; the same rows in double precision are there.
ROWS = harness.named([r for r in harness.load_rows("ROWS") if r.kwargs.get("dtype") is not np.float32])


@pytest.mark.parametrize("row, name", [pytest.param(row, name, id=name) for row, name in ROWS])
def test_second_derivative(row: harness.Row, name: str) -> None:
    check = second.check_refused if row.second else second.check_second
    check(row)
