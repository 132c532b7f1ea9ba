"""The rule of every row, differentiated again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from . import harness, second
from .share import one_in

MOST = {"numpy": 1, "scipy": 1}  # rows of one function, of which some have dozens that differ in an option


def few(rows: list[harness.Row]) -> list[harness.Row]:
    """The rows; of each function of a library the first ones and a share, and those without a second derivative."""
    count: Counter[str] = Counter()
    found = []
    for row in (row for row in rows if row.twice):
        name = harness.function_name(row.function)
        count[name] += 1
        if row.second or count[name] <= MOST.get(name.partition(".")[0], count[name]) or one_in(8, row.id):
            found.append(row)
    return found


harness.load_rules()
# In single precision a difference says nothing; the same rows in double precision are there.
ROWS = harness.named([r for r in few(harness.load_rows("ROWS")) if r.kwargs.get("dtype") is not np.float32])


@pytest.mark.parametrize("row, name", [pytest.param(row, name, id=name) for row, name in ROWS])
def test_second_derivative(row: harness.Row, name: str) -> None:
    check = second.check_refused if row.second else second.check_second
    check(row)
