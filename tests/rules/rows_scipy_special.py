"""Rows of ``scipy.special``."""

from __future__ import annotations

from scipy import special

from .harness import Row, normal, positive

ROWS = [
    Row(special.expit, (normal(3),), elementwise=True),
    Row(special.xlogy, (normal(3), positive(3)), elementwise=True),
]
