"""Rows of linear algebra.

Cholesky and the eigenvalues of Hermitian matrices read one triangle, and their derivatives are those of the Hermitian
part: differences along any direction agree with that for matrices of size 1 only; `test_hermitian.py` has the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal, positive


def row(function: Any, *args: Any, note: str = "", without: tuple[str, ...] = (), **options: Any) -> Row:
    argnums = (0,) if function in (np.linalg.norm, np.linalg.cond) else None  # the order is a float, but no variable
    return Row(function, args, options, argnums, complex=True, note=note, without=without)


def regular(*shape: int) -> Any:
    """Matrices that are far from singular, with distinct singular values."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        return 0.3 * rng.standard_normal(shape) + np.eye(*shape[-2:]) * np.arange(1, shape[-1] + 1)

    return draw


def separate(*shape: int) -> Any:
    """Matrices of which the third singular value, and further ones, are small, and not 0."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        sizes = np.array([2.5, 2.0, 0.2, 0.1])[: shape[-1]]
        return 0.05 * rng.standard_normal(shape) + np.eye(*shape[-2:]) * sizes

    return draw


def moved_regular(rng: np.random.Generator) -> np.ndarray:
    return np.moveaxis(regular(6, 6)(rng).reshape(2, 3, 6), 2, 1)


def complex_matrices(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((2, 3, 3)) + 0.5j * rng.standard_normal((2, 3, 3))


NUMBERS = (
    "float",
    "numpy scalar",
    "0-d",
    "float32 scalar",
    "float at 0",
    "size 0",
    "size 2 -> 0",
)  # which are no matrices
inf = np.float64("inf")  # an object, as infinity has no literal
VECTOR_ORDS = [None, 2, 1, inf, -inf, 3, 2.5, 0.5, -1, 0]
MATRIX_ORDS = [None, "fro", "nuc", 2, -2, 1, -1, inf, -inf]
ROWS = [
    row(np.linalg.inv, regular(3, 3)),
    row(np.linalg.inv, regular(2, 3, 3), note="stack"),
    row(np.linalg.inv, normal(0, 0), note="size 0"),
    row(np.linalg.solve, regular(3, 3), normal(3)),
    row(np.linalg.solve, regular(3, 3), normal(3, 2)),
    row(np.linalg.solve, regular(2, 3, 3), normal(2, 3, 2), note="stacks"),
    row(np.linalg.solve, regular(3, 3), normal(2, 3, 2), note="one matrix"),
    row(np.linalg.solve, regular(2, 3, 3), normal(3, 2), note="one right side"),
    row(np.linalg.tensorinv, lambda rng: regular(6, 6)(rng).reshape(2, 3, 6)),
    row(np.linalg.tensorinv, lambda rng: regular(6, 6)(rng).reshape(6, 3, 2), ind=1),
    row(np.linalg.tensorsolve, lambda rng: regular(6, 6)(rng).reshape(2, 3, 6), normal(2, 3)),
    row(np.linalg.tensorsolve, lambda rng: regular(6, 6)(rng).reshape(2, 3, 3, 2), normal(2, 3)),
    row(np.linalg.tensorsolve, moved_regular, normal(2, 3), axes=(1,)),
    row(np.linalg.det, regular(3, 3)),
    row(np.linalg.det, regular(2, 3, 3), note="stack"),
    row(np.linalg.det, normal(1, 1), note="one"),
    row(np.linalg.det, np.array([[1.0, 2.0], [2.0, 4.0]]), note="singular"),
    row(np.linalg.det, np.zeros((3, 3)), note="zero"),
    row(np.linalg.det, np.array([[[0.0, 0.0], [0.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]]), note="one is singular"),
    row(np.linalg.det, np.arange(9.0).reshape(3, 3), note="almost singular"),
    row(np.linalg.slogdet, regular(3, 3)),
    row(np.linalg.slogdet, regular(2, 3, 3), note="stack"),
    row(np.linalg.slogdet, -np.eye(3), note="negative"),
    Row(np.linalg.cholesky, (positive(1, 1),)),
    Row(np.linalg.cholesky, (positive(2, 1, 1),), note="stack"),
    Row(np.linalg.eigh, (positive(2, 1, 1),)),
    Row(np.linalg.eigvalsh, (positive(2, 1, 1),)),
    *[row(np.linalg.qr, regular(*s), note=str(s)) for s in ((3, 3), (5, 3), (3, 5))],
    row(np.linalg.qr, regular(3, 3), "complete"),
    row(np.linalg.qr, regular(5, 3), mode="r"),
    row(np.linalg.qr, regular(3, 5), mode="complete", without=("size 5 -> 1", "size 5 -> 0")),
    row(np.linalg.pinv, regular(3, 3)),
    row(np.linalg.pinv, regular(5, 3), note="tall"),
    row(np.linalg.pinv, regular(2, 3, 5), note="wide stack"),
    *[row(np.linalg.pinv, separate(*shape), rcond=0.3, note=f"cut {shape}") for shape in ((3, 3), (2, 3, 4), (4, 3))],
    row(np.linalg.pinv, separate(4, 3), rtol=0.3, note="cut"),
    row(np.linalg.pinv, separate(2, 3, 3), rcond=np.array([0.3, 0]), note="one cut", without=("size 0", "size 2 -> 0")),
    row(np.linalg.lstsq, separate(4, 3), normal(4), rcond=0.3, note="cut"),
    row(np.linalg.lstsq, separate(3, 4), normal(3, 2), rcond=0.3, note="cut"),
    row(np.linalg.lstsq, regular(5, 3), normal(5)),
    row(np.linalg.lstsq, regular(5, 3), normal(5, 2), rcond=None),
    row(np.linalg.lstsq, regular(3, 5), normal(3), rcond=None, note="wide"),
    row(np.linalg.lstsq, regular(3, 5), normal(3, 2), note="wide"),
    *[row(np.linalg.matrix_power, regular(3, 3), n) for n in (0, 1, 2, 5, -1, -3)],
    row(np.linalg.matrix_power, regular(2, 3, 3), 3, note="stack"),
    *[Row(f, (kind((0.3, -1.6, 0.5)),), note=f"{kind.__name__} of numbers")
      for f in (np.linalg.norm, np.linalg.vector_norm) for kind in (list, tuple)],
    Row(np.linalg.norm, ([[0.3, -1.6], [0.5, 0.2]], 2), argnums=(0,), note="list of numbers"),
    row(np.linalg.multi_dot, [normal(2, 3), normal(3, 4), normal(4, 2)]),
    row(np.linalg.multi_dot, [normal(3), normal(3, 4), normal(4, 2), normal(2)], note="vectors"),
    row(np.linalg.multi_dot, (normal(2, 3), normal(3)), note="two", without=NUMBERS),
    # eigenvalues, singular values
    Row(np.linalg.eig, (regular(3, 3),)),
    Row(np.linalg.eig, (complex_matrices,), note="complex", without=("size 0", "size 3 -> 0")),
    Row(np.linalg.eig, (np.array([[1.0, 2.0], [-3.0, 0.5]]),), note="rotation"),
    row(np.linalg.eigvals, regular(2, 3, 3)),
    Row(np.linalg.eigvals, (np.array([[1.0, 2.0], [-3.0, 0.5]]),), note="rotation"),
    Row(np.linalg.svd, (regular(3, 3),)),
    Row(np.linalg.svd, (regular(5, 3),), {"full_matrices": False}),
    Row(np.linalg.svd, (regular(2, 3, 5),), {"full_matrices": False}),
    row(np.linalg.svd, regular(5, 3), compute_uv=False),
    row(np.linalg.svd, regular(2, 3, 5), True, False),
    # norms
    *[row(np.linalg.norm, normal(4), ord) for ord in VECTOR_ORDS],
    *[row(np.linalg.norm, normal(3, 4), ord, 1) for ord in VECTOR_ORDS],
    *[row(np.linalg.norm, normal(3, 4), ord=ord, axis=-2, keepdims=True) for ord in VECTOR_ORDS],
    *[row(np.linalg.norm, regular(3, 4), ord) for ord in MATRIX_ORDS],
    *[row(np.linalg.norm, regular(2, 4, 3), ord, (1, 2)) for ord in MATRIX_ORDS],
    *[row(np.linalg.norm, regular(4, 2, 3), ord=ord, axis=(-1, 0), keepdims=True) for ord in MATRIX_ORDS],
    row(np.linalg.norm, normal(2, 3, 4), note="three axes"),
    row(np.linalg.norm, normal(2, 3), keepdims=True),
    *[row(np.linalg.cond, regular(3, 3), p) for p in (None, 2, -2, "fro", "nuc", 1, -1, inf, -inf)],
    row(np.linalg.cond, regular(5, 3), note="tall"),
    row(np.linalg.cond, regular(2, 3, 3), 1, note="stack"),
]  # fmt: skip
ROWS += [
    Row(np.linalg.cholesky, (positive(1, 1),), {"upper": True}),
    row(np.linalg.svdvals, regular(3, 4)),
    *[row(np.linalg.vector_norm, distinct(3, 4), axis=1, ord=ord) for ord in VECTOR_ORDS if ord is not None],
    row(np.linalg.vector_norm, normal(2, 3, 4), axis=(0, 2), ord=3),
    row(np.linalg.vector_norm, distinct(2, 3, 4), axis=(0, 2), ord=inf, keepdims=True),
    row(np.linalg.vector_norm, normal(2, 3), ord=1),
    row(np.linalg.vector_norm, normal(2, 3), ord=-inf, keepdims=True),
    *[row(np.linalg.matrix_norm, regular(2, 4, 3), ord=ord) for ord in MATRIX_ORDS if ord is not None],
    row(np.linalg.matrix_norm, regular(2, 4, 3), ord="nuc", keepdims=True),
]  # fmt: skip

zero = np.zeros(3)
POINTS = [
    *[Point(np.linalg.norm, (zero,), (zero,), {"ord": ord}, note=f"0 {ord}") for ord in VECTOR_ORDS],
    *[
        Point(np.linalg.norm, (np.zeros((3, 3)),), (np.zeros((3, 3)),), {"ord": ord}, note=f"0 {ord}")
        for ord in MATRIX_ORDS
    ],
    Point(np.linalg.norm, (np.array([1.0, -2.0, 2.0]),), ([0.0, -0.5, 0.5],), {"ord": inf}, note="tie"),
    Point(np.linalg.norm, (np.array([[1.0, 2.0], [2.0, 1.0]]), 1), (np.full((2, 2), 0.5),), note="tie"),
    Point(
        np.linalg.norm,
        (np.array([[3.0, 4.0], [0.0, 0.0]]),),
        ([[0.6, 0.8], [0.0, 0.0]],),
        {"axis": 1, "keepdims": True},
    ),
    Point(np.linalg.det, (np.array([[1.0, 2.0], [2.0, 4.0]]),), ([[4.0, -2.0], [-2.0, 1.0]],), note="singular"),
    Point(np.linalg.det, (np.zeros((3, 3)),), (np.zeros((3, 3)),), note="zero"),
    Point(np.linalg.det, (np.diag([2.0, 3.0, 0.0]),), (np.diag([0.0, 0.0, 6.0]),), note="rank two"),
    Point(np.linalg.eigvalsh, (np.eye(2),), (np.diag([1.0, 2.0]),), {}, np.array([1.0, 2.0]), note="degenerate"),
]
