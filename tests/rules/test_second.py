"""The rule of every row of NumPy, ``math`` and the builtins, differentiated again."""

from __future__ import annotations

import pytest

import s2sad

from . import harness, second

harness.load_rules()
ROWS = harness.named(harness.load_rows("ROWS", scipy=False))
REFUSED = set().union(*second.REFUSED.values())


@pytest.mark.parametrize("row, name", [pytest.param(row, name, id=name) for row, name in ROWS])
def test_second_derivative(row: harness.Row, name: str) -> None:
    if name not in REFUSED:
        second.check_second(row)
        return
    with pytest.raises((s2sad.MissingRuleError, s2sad.UnsupportedError)):
        second.check_second(row)


def test_refused_rows_are_there() -> None:
    assert {name for _, name in ROWS} >= REFUSED
