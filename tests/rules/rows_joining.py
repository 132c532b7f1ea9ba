"""Rows of joining and splitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, normal


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


ROWS = [
    row(np.concatenate, [normal(2, 3), normal(1, 3), normal(4, 3)]),
    row(np.concatenate, (normal(2, 3), normal(2, 1)), axis=-1, note="tuple"),
    row(np.concatenate, [normal(2, 3), normal(4), normal(1, 1, 2)], axis=None),
    row(np.concatenate, [normal(3), np.arange(2), normal(0)], note="integers, size 0"),
    row(np.concatenate, [normal(3)], note="one"),
    row(np.concatenate, normal(2, 3, 2), axis=1, note="array"),
    row(np.stack, [normal(2, 3), normal(2, 3)]),
    row(np.stack, (normal(3), normal(3), normal(3)), axis=-1, note="tuple"),
    row(np.stack, [1.5, normal(), 2.5], note="numbers"),
    row(np.hstack, [normal(3), normal(2)], note="vectors"),
    row(np.hstack, [normal(2, 3), normal(2, 1)]),
    row(np.hstack, [1.5, normal(2)], note="a float"),
    row(np.vstack, [normal(3), normal(2, 3)]),
    row(np.vstack, (normal(3), normal(3)), note="vectors"),
    row(np.dstack, [normal(2, 3), normal(2, 3, 2)]),
    row(np.dstack, [normal(3), normal(3)], note="vectors"),
    row(np.column_stack, [normal(3), normal(3, 2)]),
    row(np.column_stack, (normal(3), normal(3)), note="vectors"),
    row(np.block, [[normal(2, 3), normal(2, 1)], [normal(1, 4)]]),
    row(np.block, [normal(3), normal(2)], note="one list"),
    row(np.block, [[normal(3)], [normal(2, 3)]], note="vectors"),
    row(np.block, [[[normal(2, 1), normal(2, 2)]], [[normal(2, 3)]]], note="three lists"),
    row(np.append, normal(2, 3), normal(2)),
    row(np.append, normal(2, 3), normal(2, 2), axis=1),
    row(np.append, normal(3), 1.5, note="a float"),
    row(np.append, normal(2), [1.5, 2.5], note="list"),
    row(np.insert, normal(4), 1, 2.5),
    row(np.insert, normal(4), [1, -1], normal(2), note="list"),
    row(np.insert, normal(4), [3, 0, 3], normal(3), note="not sorted"),
    row(np.insert, normal(4), [1, 2], 1.5, note="one for all"),
    row(np.insert, normal(4), 2, normal(3), note="many at one place"),
    row(np.insert, normal(4), [2], normal(3), note="many at a list of one"),
    row(np.insert, normal(2, 3), 1, normal(2), axis=1),
    row(np.insert, normal(2, 3), 1, normal(3), axis=-2),
    row(np.insert, normal(2, 3), [0, 2], normal(2, 2), axis=1),
    row(np.insert, normal(2, 3), slice(0, 2), normal(2), note="flat slice"),
    row(np.delete, normal(5), 1),
    row(np.delete, normal(5), [0, -1], note="list"),
    row(np.delete, normal(5), slice(1, 4), note="slice"),
    row(np.delete, normal(2, 3), np.array([True, False, True]), axis=1, note="mask"),
    row(np.delete, normal(2, 3), 2, note="flat"),
    row(np.delete, normal(2, 3), -1, axis=-1),
    row(np.split, normal(6), 3),
    row(np.split, normal(6, 2), [1, 4]),
    row(np.split, normal(2, 6), 2, axis=-1),
    row(np.array_split, normal(7, 2), 3),
    row(np.array_split, normal(2, 7), 3, axis=1),
    row(np.hsplit, normal(6), 2, note="vector"),
    row(np.hsplit, normal(2, 6), [1, 4]),
    row(np.vsplit, normal(4, 3), 2),
    row(np.dsplit, normal(2, 3, 4), 2),
]
ROWS += [row(np.unstack, normal(2, 3)), row(np.unstack, normal(2, 3), axis=-1)]

a = np.arange(6.0)
POINTS = [Point(np.append, (np.zeros((2, 2)), np.zeros(2)), ([[0.0, 1.0], [2.0, 3.0]], [4.0, 5.0]), {}, a, note="flat")]
