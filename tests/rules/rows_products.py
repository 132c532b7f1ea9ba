"""Rows of products, einsum, differences, gradients, interpolation, polynomials."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal, real, uniform


def row(function: Any, *args: Any, note: str = "", without: tuple[str, ...] = (), **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note, without=without)


def einsum(subscripts: str, *shapes: tuple[int, ...], note: str = "", **options: Any) -> Row:
    return row(np.einsum, subscripts, *[normal(*s) for s in shapes], note=f"{subscripts}{note}", **options)


MATRICES = [
    ((2, 3), (3, 4)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((3,), (3,)),
    ((2, 0), (0, 3)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
]


def by_period(p, period):
    return np.unwrap(p, axis=0, period=period)


KNOTS = np.array([0.0, 0.7, 2.2, 4.0])
# Of no samples NumPy gives nothing, from 2.5 on
NO_SAMPLES = ("size 0", "size 1 -> 0", "size 3 -> 0", "size 4 -> 0", "size 5 -> 0")
# Some of them are at a knot, where the slope jumps
AT_KNOTS = ("integers at 0", "booleans at 0", *NO_SAMPLES)
PAIRS = [((), (2, 3)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,))]
ROWS = [
    *[row(np.matmul, normal(*a), normal(*b), note=f"{a} {b}") for a, b in MATRICES],
    row(operator.matmul, normal(2, 3), normal(3, 4)),
    *[row(np.dot, normal(*a), normal(*b), note=f"{a} {b}") for a, b in [*PAIRS, ((3,), (3, 2)), ((2, 3), (3, 4))]],
    row(np.dot, normal(2, 4, 3), normal(3), note="stack, vector"),
    row(np.dot, normal(3), normal(2, 3, 4), note="vector, stack"),
    row(np.dot, normal(2, 4, 3), normal(5, 3, 2), note="stacks"),
    row(np.dot, normal(2, 3), 1.5, note="float"),
    row(np.ndarray.dot, normal(2, 3), normal(3, 4)),
    *[row(np.inner, normal(*a), normal(*b), note=f"{a} {b}") for a, b in [*PAIRS, ((3,), (2, 3)), ((2, 3), (4, 3))]],
    row(np.inner, normal(2, 4, 3), normal(5, 3), note="stack"),
    row(np.outer, normal(3), normal(4)),
    row(np.outer, normal(2, 3), normal(2, 2), note="matrices"),
    row(np.outer, 1.5, normal(3), note="float"),
    row(np.multiply.outer, normal(2, 3), normal(4)),
    row(np.multiply.outer, 1.5, normal(4), note="float"),
    row(np.kron, normal(2, 3), normal(3, 2)),
    row(np.kron, normal(3), normal(2, 2), note="fewer axes"),
    row(np.kron, normal(2, 2, 2), normal(3), note="more axes"),
    row(np.kron, 1.5, normal(3), note="float"),
    row(np.vdot, normal(2, 3), normal(3, 2)),
    row(np.tensordot, normal(2, 3, 4), normal(3, 4, 5)),
    row(np.tensordot, normal(2, 3), normal(3, 4), axes=1),
    row(np.tensordot, normal(2, 3), normal(2), axes=0),
    row(np.tensordot, normal(2, 3, 4), normal(4, 2, 5), axes=([0, 2], [1, 0])),
    row(np.tensordot, normal(4, 3, 2), normal(5, 4, 2, 3), axes=((0, 1, 2), (-3, 3, 2))),
    row(np.tensordot, normal(2, 3, 4), normal(5, 3), axes=(1, -1)),
    row(np.tensordot, normal(2, 3, 4), normal(3, 5), axes=([-2], [0])),
    row(np.cross, normal(3), normal(3)),
    row(np.cross, normal(3), normal(5, 3), note="broadcast"),
    row(np.cross, normal(2, 1, 3), normal(5, 3), note="broadcast"),
    row(np.cross, normal(3, 5), normal(3, 5), axis=0),
    row(np.cross, normal(3, 4), normal(2, 4, 3), axisa=0, axisc=1),
    row(np.cross, normal(3, 3), normal(2, 3, 3), axisa=0, axisb=1, axisc=0),
    *[
        row(np.convolve, normal(n), normal(m), mode, note=f"{mode} {n} {m}")
        for mode in ("full", "same", "valid")
        for n, m in ((5, 3), (3, 5), (4, 2), (2, 5), (4, 4), (1, 3))
    ],
    *[
        row(np.correlate, normal(n), normal(m), mode, note=f"{mode} {n} {m}")
        for mode in ("full", "same", "valid")
        for n, m in ((5, 3), (3, 5), (4, 2), (2, 5), (4, 4), (1, 3))
    ],
    # einsum
    einsum("ij,jk->ik", (2, 3), (3, 4)),
    einsum("ij,jk", (2, 3), (3, 4)),
    einsum("ba,cb", (2, 3), (4, 2), note=" sorted"),
    einsum("ii->i", (3, 3)),
    einsum("ii", (3, 3)),
    einsum("iji->j", (3, 2, 3)),
    einsum("iii->i", (2, 2, 2)),
    einsum("ij->ji", (2, 3)),
    einsum("ij->", (2, 3)),
    einsum("ij->i", (2, 3)),
    einsum("i,j->", (2,), (3,)),
    einsum("i,j", (2,), (3,)),
    einsum("ii,ij->j", (2, 2), (2, 3)),
    einsum("ij,kl,jk->i", (2, 3), (4, 2), (3, 4)),
    einsum("ij,jk,kl,lm->im", (2, 3), (3, 4), (4, 2), (2, 3), optimize=True),
    einsum("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    einsum("...ij,...jk", (4, 1, 2, 3), (5, 3, 2)),
    einsum("i...->...", (3, 2, 4)),
    einsum("...ii->...i", (2, 3, 3)),
    einsum("b...,b...->...b", (2, 3), (2, 4, 3)),
    einsum("ij,ij->ij", (1, 3), (2, 3), note=" size 1"),
    einsum("i,i->", (1,), (3,), note=" size 1"),
    einsum("i , i -> i", (3,), (3,)),
    einsum("ij,j->i", (2, 0), (0,), note=" size 0"),
    einsum(",i->i", (), (3,)),
    row(np.einsum, normal(2, 3), [0, 1], normal(3, 4), [1, 2], [0, 2], note="lists"),
    row(np.einsum, normal(2, 3), [5, 1], normal(3, 4), [1, 2], note="lists, no result"),
    row(np.einsum, normal(2, 3, 3), [Ellipsis, 0, 0], note="lists, ellipsis"),
    # differences and gradients
    row(np.diff, normal(5)),
    row(np.diff, normal(3, 4), axis=0),
    row(np.diff, normal(3, 5), 2),
    row(np.diff, normal(3), 5, note="too many"),
    row(np.diff, normal(1), note="one"),
    row(np.diff, normal(3), n=0),
    row(np.diff, normal(4), prepend=1.5),
    row(np.diff, normal(3, 4), 1, 0, normal(2, 4), note="prepend array"),
    row(np.diff, normal(3, 4), 2, -1, 1.5, normal(3, 1), note="prepend, append"),
    row(np.diff, normal(3, 4), append=np.ones((3, 2)), axis=-1, n=2),
    row(np.ediff1d, normal(2, 3)),
    row(np.ediff1d, normal(4), normal(2), 1.5, note="ends"),
    row(np.ediff1d, normal(4), to_begin=np.ones((1, 2))),
    row(np.ediff1d, normal(1), normal(2), note="one"),
    row(np.ediff1d, normal(0), note="none"),
    row(np.gradient, normal(5)),
    row(np.gradient, normal(4, 5)),
    row(np.gradient, normal(4, 5), axis=-1),
    row(np.gradient, normal(4, 5), axis=(1, 0)),
    row(np.gradient, normal(4, 5), edge_order=2),
    Row(np.gradient, (normal(5), 0.5), note="spacing"),
    Row(np.gradient, (normal(3), 0.5), {"edge_order": 2}, note="three, spacing"),
    Row(np.gradient, (normal(4, 5), 0.5, 1.5), note="spacings"),
    Row(np.gradient, (normal(4, 5), 0.5), note="one spacing for two axes"),
    Row(np.gradient, (normal(4, 5), 0.5, np.array([0.0, 1.0, 1.5, 3.0, 4.0])), note="coordinates"),
    Row(
        np.gradient,
        (normal(4, 5), np.array([0.0, 1.0, 1.5, 3.0, 4.0])),
        {"axis": 1, "edge_order": 2},
        note="coordinates",
    ),
    Row(np.gradient, (normal(3), np.array([0.0, 1.0, 1.5])), {"edge_order": 2}, note="three coordinates"),
    Row(np.gradient, (normal(2), np.array([0.0, 1.5])), note="two coordinates"),
    Row(np.gradient, (normal(5), 2), note="integer spacing"),
    Row(np.unwrap, (uniform(-9, 9, 3, 6),)),
    Row(np.unwrap, (uniform(-9, 9, 6, 2),), {"axis": 0, "period": 3.0, "discont": 2.0}),
    # interpolation
    Row(np.interp, (uniform(0.1, 3.9, 2, 5), KNOTS, normal(4)), without=AT_KNOTS),
    Row(np.interp, (uniform(-2, 6, 12), KNOTS, normal(4)), without=AT_KNOTS, note="outside"),
    Row(np.interp, (uniform(-2, 6, 12), KNOTS, normal(4), 1.5, 2.5), without=AT_KNOTS, note="left, right"),
    Row(np.interp, (uniform(-2, 6, 12), KNOTS, normal(4)), {"right": 2.5}, without=AT_KNOTS),
    Row(np.interp, (uniform(-2, 9, 12), np.array([3.1, 0.3, 7.2]), normal(3)), {"period": 4.0}, without=NO_SAMPLES),
    Row(
        np.interp,
        (uniform(-9, 9, 12), uniform(-5, 9, 5), normal(5), None, None, 4.3),
        note="by the period",
        without=("booleans at 1", "integers at 1", *NO_SAMPLES),
    ),
    Row(
        np.interp,
        (uniform(-9, 9, 12), uniform(-5, 9, 5), normal(5), 1.0, None, -4.3),
        note="a negative period",
        without=("booleans at 1", "integers at 1", *NO_SAMPLES),
    ),
    Row(np.unwrap, (uniform(-9, 9, 3, 6), 3.1), program=by_period),
    Row(np.interp, (1.5, KNOTS, normal(4)), note="float", without=NO_SAMPLES),
    Row(np.interp, (uniform(-2, 6, 5), np.array([1.0]), normal(1)), note="one sample", without=NO_SAMPLES),
    Row(
        np.interp,
        (real(uniform(-2, 6, 5)), real(lambda rng: np.array([0.0, 1.0, 2.5])), normal(3)),
        complex=True,
        without=AT_KNOTS,
        note="complex",
    ),
    # polynomials
    row(np.polyval, normal(4), normal(2, 3)),
    row(
        np.polyval, normal(1), normal(3), note="constant", without=("float32 at 1",)
    ),  # its derivative has no coefficients
    row(np.polyval, normal(3), 1.5, note="float"),
    row(np.polyder, normal(5)),
    row(np.polyder, normal(5), 3),
    row(np.polyder, normal(2), m=3),
    *[
        Row(np.polydiv, (normal(m), distinct(n)), complex=True, float32=False, note=f"{m} {n}")
        for m, n in ((4, 2), (3, 3), (2, 3))
    ],
    Row(np.polydiv, (np.array([1.0, 2.5, 1.5]), np.array([1.0])), float32=False, note="without a rest"),
    row(np.polyint, normal(3)),
    row(np.polyint, normal(3), 2),
    Row(np.polyfit, (distinct(6), normal(6), 2), float32=False),
    Row(np.polyfit, (distinct(6), normal(6), 2), {"rcond": 1e-9}, float32=False),
    Row(np.polyfit, (distinct(6), normal(6, 3), 3), {"w": np.array([1.0, 2.0, 1.0, 0.5, 3.0, 1.0])}, float32=False),
]
if np.lib.NumpyVersion(np.__version__) < "2.5.0":  # which takes rows of three alone
    ROWS += [
        row(np.cross, normal(2), normal(2), note="of two numbers"),
        row(np.cross, normal(4, 2), normal(2), note="rows of two numbers"),
        row(np.cross, normal(2), normal(4, 3), note="of two and of three numbers"),
        row(np.cross, normal(3, 4), normal(2, 4), axis=0, note="columns of three and of two numbers"),
    ]
for name, pair in (("vecdot", [((5, 3), (3,)), ((3,), (3,)), ((2, 1, 3), (4, 3))]),
                   ("matvec", [((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (5, 3))]),
                   ("vecmat", [((2,), (2, 3)), ((5, 2), (2, 3)), ((2,), (4, 2, 3))])):  # fmt: skip
    ROWS += [row(getattr(np, name), normal(*a), normal(*b), note=f"{a} {b}") for a, b in pair]
ROWS += [
    row(np.matmul, normal(3, 2, 4), normal(3, 5, 4), axes=[(1, -1), (2, 1), (0, 1)]),
    row(np.matmul, normal(3, 2), normal(3), axes=[(1, 0), 0, 0]),
]
for name, axes in (("matvec", [(0, 2), 1, 0]), ("vecmat", [0, (2, 0), (1,)])):
    shapes = ((3, 2, 4), (2, 4)) if name == "matvec" else ((4, 2), (3, 2, 4))
    ROWS += [row(getattr(np, name), *(normal(*s) for s in shapes), axes=axes)]
ROWS += [
    row(np.vecdot, normal(3, 4), normal(2, 3, 4), axis=-2),
    row(np.vecdot, normal(3, 4), normal(2, 3, 1), axis=-2, keepdims=True),
    *[row(np.vecdot, normal(4, 3), normal(3, 4), axes=axes) for axes in ([0, 1], [(0,), (1,), ()])],
    row(np.linalg.vecdot, normal(3, 4), normal(3, 4), axis=0),
    row(np.linalg.matmul, normal(2, 3), normal(3, 2)),
    row(np.linalg.outer, normal(2), normal(3)),
    row(np.linalg.tensordot, normal(2, 3), normal(3, 2), axes=1),
    row(np.linalg.cross, normal(3, 2), normal(3, 2), axis=0),
]

a = np.arange(6.0).reshape(2, 3)
POINTS = [
    Point(np.outer, (np.ones((2, 1)), np.ones(3)), ([[3.0], [12.0]], [3.0, 5.0, 7.0]), {}, a, note="matrix"),
    Point(np.einsum, ("ii->i", np.zeros((2, 2))), (None, [[3.0, 0.0], [0.0, 4.0]]), {}, np.array([3.0, 4.0])),
    Point(np.diff, (np.zeros(3), 1, -1, 1.5), ([-1.0, -2.0, 4.0], None, None, -1.0), {}, np.array([1.0, 2.0, 4.0])),
    Point(np.gradient, (np.zeros(3), 0.5), ([-2.0 - 1.0, 2.0 - 2.0, 1.0 + 2.0],), note="spacing"),
    Point(
        np.interp, (1.0, np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])), (4.0, [0.0, -4.0, 0.0], [0.0, 1.0, 0.0])
    ),
    Point(np.interp, (3.0, np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])), (0.0, [0.0] * 3, [0.0, 0.0, 1.0])),
]
