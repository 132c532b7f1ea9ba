"""Rows of covariances, correlations, and sums and products of polynomials."""

from __future__ import annotations

import numpy as np

from .harness import Row, distinct, normal, positive

NOTHING = ("size 0", "size 2 -> 0", "size 4 -> 0", "size 3 -> 0")  # of which NumPy makes one thing or another
ONE = (*NOTHING, "size 3 -> 1")  # the correlation of one variable is 1
MASKS = [np.array([True, False, False, True, False]), np.array([False, True, False, True, False])]
ROWS = [
    Row(np.cov, (normal(3, 5),), complex=True, without=NOTHING),
    Row(np.cov, (normal(5),), complex=True, note="vector"),
    Row(np.cov, (normal(5), normal(5)), note="two vectors"),
    Row(np.cov, (normal(5, 3), normal(5, 2)), {"rowvar": False}, without=NOTHING),
    Row(np.cov, (normal(3, 5),), {"bias": True}, without=NOTHING),
    Row(np.cov, (normal(3, 5),), {"ddof": 2}, without=NOTHING),
    Row(np.cov, (normal(3, 5),), {"fweights": np.array([1, 2, 1, 3, 1])}, without=NOTHING),
    Row(
        np.cov,
        (normal(3, 5), None, True, False, 1, np.array([1, 2, 1, 3, 1]), positive(5)),
        argnums=(0, 6),
        without=NOTHING,
    ),
    Row(np.corrcoef, (normal(3, 6),), without=ONE),
    Row(np.corrcoef, (normal(6), normal(6)), note="two vectors"),
    Row(np.corrcoef, (normal(6, 3),), {"rowvar": False}, without=ONE),
    Row(np.piecewise, (distinct(5), MASKS[:2], [np.sin, np.exp]), compiles=False),
    Row(np.piecewise, (distinct(5), MASKS[:2], [np.sin, 2.0, np.cosh]), compiles=False, note="otherwise"),
    Row(np.piecewise, (distinct(5), MASKS[0], [np.sin, np.cosh]), compiles=False, note="one condition"),
    Row(np.piecewise, (distinct(5), MASKS[:2], [np.multiply, np.arctan2], 1.7), compiles=False, note="of two"),
    Row(np.polyadd, (normal(4), normal(2))),
    Row(np.polyadd, (normal(2), normal(4)), note="longer second"),
    Row(np.polysub, (normal(2), normal(4))),
    Row(np.polysub, (normal(3), normal(3)), note="same size"),
    Row(np.polymul, (normal(4), normal(2)), without=NOTHING),
    Row(np.polymul, (normal(3), np.array([0.0, 2.0, 1.0])), argnums=(0,), note="zero in front"),
]
