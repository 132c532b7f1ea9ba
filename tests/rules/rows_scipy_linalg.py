"""Rows of ``scipy.linalg``."""

from __future__ import annotations

from typing import Any

from scipy import linalg

from .harness import Row
from .rows_linalg import regular


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


ROWS = [row(linalg.inv, regular(3, 3))]
