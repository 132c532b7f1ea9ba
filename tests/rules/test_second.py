"""The rule of every row, differentiated again."""

from __future__ import annotations

import pytest

from . import harness, second

harness.load_rules()
ROWS = harness.named(harness.load_rows("ROWS"))


@pytest.mark.parametrize("row, name", [pytest.param(row, name, id=name) for row, name in ROWS])
def test_second_derivative(row: harness.Row, name: str) -> None:
    check = second.check_refused if row.second else second.check_second
    check(row)
