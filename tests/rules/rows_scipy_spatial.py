"""Rows of ``scipy.spatial``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import distance

from .harness import Row, normal, positive, uniform


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, float32=False, note=note)


METRICS: list[dict[str, Any]] = [
    {}, {"metric": "sqeuclidean"}, {"metric": "cityblock"}, {"metric": "minkowski", "p": 3.0},
]  # fmt: skip
ROWS = [
    *[row(distance.cdist, normal(4, 3), normal(2, 3), note=str(o), **o) for o in METRICS],
    *[row(distance.pdist, normal(4, 3), note=str(o), **o) for o in METRICS],
    row(distance.cdist, np.ones((1, 2)), np.array([[1.0, 3.0]]), metric="minkowski", p=2.0, note="one place shared"),
    row(distance.squareform, normal(6), note="of a vector"),
    row(distance.squareform, normal(6), force="tomatrix", note="forced"),
    row(distance.squareform, normal(4, 4), checks=False, note="of a matrix"),
    *[row(f, normal(4), normal(4)) for f in (distance.euclidean, distance.sqeuclidean, distance.chebyshev)],
    row(distance.cityblock, uniform(2, 3, 4), uniform(0, 1, 4)),
    row(distance.cosine, positive(4), normal(4)),
    row(distance.correlation, normal(4), normal(4)),
    row(distance.minkowski, normal(4), normal(4), 3),
    row(distance.mahalanobis, normal(3), normal(3), np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.0]])),
]
