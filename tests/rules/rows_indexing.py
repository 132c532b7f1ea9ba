"""Rows of selection, sorting, diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal

SMALLER_THAN_A_WINDOW = tuple(f"size {n} -> {m}" for n in (3, 4) for m in (0, 1))
NONE_TO_TAKE = ("size 0",)  # NumPy takes any index of an array of no elements, and finds nothing


def row(function: Any, *args: Any, note: str = "", without: tuple[str, ...] = (), **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note, without=without)


mask = np.array([[True, False, True], [False, False, True]])
ROWS = [
    row(np.where, mask, normal(2, 3), normal(2, 3)),
    row(np.where, mask[:, :1], normal(3), 1.5, note="broadcast"),
    row(np.where, mask, normal(2, 1), normal(3), note="broadcast condition"),
    row(np.where, mask, 1.5, normal(2, 3), note="float"),
    row(np.select, [mask, ~mask], [normal(2, 3), normal(3)]),
    row(np.select, [mask, mask[:1]], [normal(2, 3), normal(2, 1)], 1.5, note="default"),
    row(np.select, [mask, mask], [normal(2, 3), 2.5], default=np.ones(3)),
    row(np.choose, np.array([2, 0, 1, 0]), [normal(4), normal(4), 1.5]),
    row(np.choose, np.array([[4, -1, 1]]), normal(2, 3), mode="wrap"),
    row(np.choose, np.array([4, -1, 1]), (normal(3), normal(2, 1)), mode="clip"),
    row(np.ndarray.choose, np.array([1, 0, 1]), [normal(3), normal(3)]),
    row(np.take, normal(5), [0, 2, 2]),
    row(np.take, normal(2, 3), np.array([[1, -1], [5, 0]]), note="flat"),
    row(np.take, normal(2, 3), [2, 0, 2], axis=1, without=NONE_TO_TAKE),
    row(np.take, normal(2, 3, 2), np.array([[0, 2]]), axis=-2, without=NONE_TO_TAKE),
    row(np.take, normal(2, 3), 1, axis=0, note="number"),
    row(np.take, normal(4), [5, -6, 1], mode="wrap"),
    row(np.take, normal(2, 4), [5, -6, 1], axis=1, mode="clip", without=NONE_TO_TAKE),
    row(np.take, normal(4), (0, 1), note="tuple"),
    row(np.ndarray.take, normal(2, 3), [0, 1, 1], 0),
    row(np.lib.stride_tricks.sliding_window_view, normal(5), 3, without=("size 5 -> 1", "size 5 -> 0")),
    row(np.lib.stride_tricks.sliding_window_view, normal(3, 5), 2, axis=1, without=("size 5 -> 1", "size 5 -> 0")),
    row(
        np.lib.stride_tricks.sliding_window_view,
        normal(3, 4),
        (2, 3),
        without=SMALLER_THAN_A_WINDOW,
    ),
    row(np.take_along_axis, normal(2, 3), np.array([[0, 2, 2, 1], [1, 1, 0, 0]]), -1),
    row(np.take_along_axis, normal(2, 3), np.array([[0, 1, 1]]), axis=0),
    row(np.take_along_axis, normal(2, 3), np.array([[0, -1]]), axis=1, note="broadcast"),
    row(np.take_along_axis, normal(2, 3), np.array([0, 5, 5]), axis=None),
    row(np.compress, [True, False, True], normal(3, 2), axis=0),
    row(np.compress, [False, True], normal(2, 3), axis=-1, note="short", without=NONE_TO_TAKE),
    row(np.compress, [False, True, True], normal(2, 3), note="flat"),
    row(np.ndarray.compress, normal(2, 3), [False, True, True], axis=1, without=NONE_TO_TAKE),
    row(np.extract, mask, normal(2, 3)),
    # sorting
    row(np.sort, distinct(5)),
    row(np.sort, distinct(3, 4)),
    row(np.sort, distinct(3, 4), axis=0, kind="stable"),
    row(np.sort, distinct(2, 3, 2), axis=-2),
    row(np.sort, distinct(3, 4), axis=None),
    row(np.partition, distinct(9), 4),
    row(np.partition, distinct(7, 3), (1, 4), axis=0),
    row(np.partition, distinct(3, 7), 2, axis=-1),
    row(np.partition, distinct(3, 4), 5, axis=None),
    row(np.sort_complex, distinct(3, 4)),
    # diagonals and triangles
    row(np.diagonal, normal(3, 4)),
    row(np.diagonal, normal(3, 4), 2),
    row(np.diagonal, normal(4, 3), offset=-1),
    row(np.diagonal, normal(3, 2, 4), 1, 2, 0),
    row(np.diagonal, normal(3, 2, 4), axis1=-1, axis2=-2),
    row(np.ndarray.diagonal, normal(3, 4), 1),
    row(np.trace, normal(3, 4)),
    row(np.trace, normal(3, 4), offset=1),
    row(np.trace, normal(4, 3), -1, note="below"),
    row(np.trace, normal(3, 4), axis1=1, axis2=0, offset=1),
    row(np.trace, normal(3, 4), axis1=-1, axis2=-2, offset=-1),
    row(np.trace, normal(2, 3, 4), axis1=1, axis2=2),
    row(np.trace, normal(2, 3, 4), 1, -1, 0, note="stack"),
    row(np.ndarray.trace, normal(3, 3)),
    row(np.diag, normal(3)),
    row(np.diag, normal(3), k=-1),
    row(np.diag, normal(3, 4), note="not square"),
    row(np.diag, normal(4, 3), 1, note="not square"),
    row(np.diagflat, normal(2, 2), 1),
    row(np.tril, normal(3, 4)),
    row(np.tril, normal(2, 3, 3), k=-1),
    row(np.tril, normal(3), note="vector"),
    row(np.triu, normal(4, 3), 1),
]
ROWS += [
    row(np.linalg.trace, normal(2, 3, 4)),
    row(np.linalg.trace, normal(3, 4), offset=-1),
    row(np.linalg.diagonal, normal(2, 3, 4), offset=1),
]

a = np.arange(6.0).reshape(2, 3)
POINTS = [
    Point(np.where, (mask[:, :1], np.zeros((2, 3)), np.zeros(3)), (None, [[0, 1, 2], [0, 0, 0]], [3, 4, 5]), {}, a),
    Point(np.diag, (np.zeros((2, 3)),), ([[1, 0, 0], [0, 1, 0]],)),
    Point(np.diag, (np.zeros((3, 2)), -1), ([[0, 0], [1, 0], [0, 1]],), note="below"),
    Point(np.trace, (np.zeros((2, 2, 3)),), (np.eye(2)[:, :, None] * [1.0, 2.0, 3.0],), {}, np.array([1.0, 2.0, 3.0])),
    Point(
        np.trace,
        (np.zeros((1, 2, 3)),),
        ([[[0, 0, 0], [2, 0, 0]]],),
        {"axis1": 2, "axis2": 1, "offset": 1},
        np.array([2.0]),
    ),
    Point(np.sort, (np.array([[2.0, 1.0, 3.0], [1.0, 3.0, 2.0]]),), ([[1, 0, 2], [3, 5, 4]],), {}, a, note="rows"),
    Point(np.sort, (np.array([1.0, 0.0, 1.0, 0.0]),), ([2.0, 0.0, 3.0, 1.0],), {}, np.arange(4.0), note="ties"),
    Point(np.take, (np.zeros(3), [1, 1, 0]), ([4.0, 3.0, 0.0],), {}, np.array([1.0, 2.0, 4.0]), note="repeated"),
]
