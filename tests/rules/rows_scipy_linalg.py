"""Rows of ``scipy.linalg``.

What reads one triangle of a matrix, or asks for a Hermitian one, is in `test_scipy_factorisations`, too.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
from scipy import linalg

from .harness import Point, Row, distinct, normal, positive
from .rows_linalg import MATRIX_ORDS, VECTOR_ORDS, complex_matrices, regular, separate


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


def once(made: Row, reason: str) -> Row:
    """A row that has no second derivative."""
    made.second = reason
    return made


def of_real(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, note=note)


def first(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    """Of the first argument."""
    return Row(function, args, options, (0,), complex=True, note=note)


def factors(factor: Any, *shape: int) -> Any:
    """What a factorisation gives for a matrix that is far from singular."""

    def draw(rng: np.random.Generator) -> Any:
        return tuple(factor(regular(*shape)(rng) + 3 * np.eye(shape[-1])))

    return draw


def symmetric_factor(lower: bool) -> Any:
    def draw(rng: np.random.Generator) -> np.ndarray:
        c = 0.3 * rng.standard_normal((3, 3)) + np.diag(rng.uniform(1, 2, 3))
        return np.tril(c) if lower else np.triu(c)

    return draw


def stable(rng: np.random.Generator) -> np.ndarray:
    """Eigenvalues within the unit circle, and in the left half plane."""
    return 0.1 * rng.standard_normal((3, 3)) - 0.5 * np.eye(3)


def dominant(rng: np.random.Generator) -> np.ndarray:
    """The first column of a matrix that is far from singular."""
    return rng.standard_normal(4) + np.array([9, 0, 0, 0])


def diagonals(rng: np.random.Generator) -> np.ndarray:
    """Four diagonals, the third of them the main one."""
    return rng.uniform(0.1, 0.3, (4, 5)) + np.array([0, 0, 2, 0])[:, None]


def upper_half(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.1, 0.3, (3, 5)) + np.array([0, 0, 2])[:, None]


def lower_half(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.1, 0.3, (3, 5)) + np.array([2, 0, 0])[:, None]


STRUCTURES = ("gen", "upper triangular", "lower triangular", "banded")
SOLVING = [
    row(linalg.inv, regular(3, 3)),
    row(linalg.inv, regular(2, 3, 3), note="stack"),
    row(linalg.det, regular(3, 3)),
    row(linalg.det, regular(2, 3, 3), note="stack"),
    row(linalg.det, np.diag([1.0, 2.0, 0.0]), note="singular"),
    *[first(linalg.norm, distinct(4), ord) for ord in VECTOR_ORDS],
    *[first(linalg.norm, regular(3, 4), ord) for ord in MATRIX_ORDS],
    first(linalg.norm, distinct(3, 4), 3, 1, True),
    row(linalg.solve, regular(3, 3), normal(3)),
    row(linalg.solve, regular(3, 3), normal(3, 2)),
    row(linalg.solve, regular(2, 3, 3), normal(2, 3, 2), note="stacks"),
    row(linalg.solve, regular(2, 3, 3), normal(3, 2), note="one right side"),
    row(linalg.solve, regular(2, 3, 3), normal(3), note="one vector"),
    *[row(linalg.solve, positive(*shape), normal(5), note=f"one number {shape}") for shape in ((1, 1), (1,), ())],
    row(linalg.solve, positive(1, 1), normal(5, 2), note="one number, columns"),
    of_real(linalg.solve, positive(1, 1), normal(5), assume_a="pos", transposed=True),
    row(linalg.solve, positive(), positive(), note="numbers"),
    Row(linalg.cholesky, (positive(),), note="number"),
    Row(linalg.cholesky, (positive(1),), note="number"),
    Row(linalg.cho_factor, (positive(),), note="number"),
    row(linalg.lu_factor, positive(), note="number"),
    of_real(linalg.solve, regular(3, 3), normal(3), transposed=True),
    *[row(linalg.solve, regular(3, 3), normal(3, 2), assume_a=kind) for kind in STRUCTURES],
    row(linalg.solve, np.diag([1.0, 2.0, 3.0]), normal(3), assume_a="diagonal", note="diagonal"),
    *[
        row(linalg.solve_triangular, regular(3, 3), normal(3), trans, lower, unit)
        for trans in (0, 1, 2, "N", "T", "C")
        for lower in (False, True)
        for unit in (False, True)
    ],
    row(linalg.solve_triangular, regular(3, 3), normal(3, 2)),
    row(linalg.solve_triangular, regular(2, 3, 3), normal(2, 3, 2), lower=True, note="stacks"),
    Row(linalg.cholesky, (positive(1, 1),)),
    Row(linalg.cholesky, (positive(1, 1),), {"lower": True}),
    Row(linalg.cho_factor, (positive(1, 1),)),
    *[row(linalg.cho_solve, (symmetric_factor(low), low), normal(3), note=str(low)) for low in (False, True)],
    row(linalg.cho_solve, (symmetric_factor(True), True), normal(3, 2), note="columns"),
    *[row(linalg.lu_factor, regular(*s), note=str(s)) for s in ((3, 3), (4, 3), (3, 4))],
    row(linalg.lu_factor, np.array([[0.1, 1.0, 2.0], [3.0, 0.2, 1.0], [1.0, 2.0, 0.3]]), note="pivots"),
    *[
        row(linalg.lu, normal(*s), **how, note=str(s))
        for s in ((3, 3), (4, 3), (3, 4))
        for how in ({}, {"permute_l": True}, {"p_indices": True})
    ],
    *[
        row(linalg.lu_solve, factors(linalg.lu_factor, 3, 3), b, trans, note=str(k))
        for k, b in enumerate((normal(3), normal(3, 2)))
        for trans in (0, 1, 2)
    ],
    row(linalg.pinv, regular(3, 3)),
    row(linalg.pinv, regular(5, 3), note="tall"),
    row(linalg.pinv, regular(3, 5), return_rank=True),
    Row(linalg.pinvh, (positive(1, 1),)),
    *[row(linalg.pinv, separate(4, 3), note=f"cut {number}", **options)
      for number, options in enumerate(({"rtol": 0.3}, {"atol": 0.6}, {"atol": 0.3, "rtol": 0.15}))],
    row(linalg.pinv, separate(2, 3, 4), rtol=0.3, return_rank=True, note="cut"),
    row(linalg.lstsq, separate(4, 3), normal(4), cond=0.3, note="cut"),
    row(linalg.lstsq, separate(3, 4), normal(3, 2), cond=0.3, note="cut"),
    row(linalg.lstsq, regular(5, 3), normal(5)),
    row(linalg.lstsq, regular(5, 3), normal(5, 2), note="columns"),
    row(linalg.lstsq, regular(2, 5, 3), normal(2, 5, 2), note="stacks"),
    row(linalg.lstsq, regular(2, 5, 3), normal(5), note="one vector"),
    row(linalg.lstsq, regular(3, 5), normal(2, 3, 2), note="one matrix"),
    row(linalg.lstsq, separate(2, 4, 3), normal(2, 4, 2), cond=0.3, note="cut stacks"),
    row(linalg.lstsq, regular(3, 5), normal(3), note="wide"),
    row(linalg.lstsq, regular(5, 3), normal(5), lapack_driver="gelsy"),
]  # fmt: skip

BANDED = [
    row(linalg.solve_banded, (1, 2), diagonals, normal(5)),
    row(linalg.solve_banded, (1, 2), diagonals, normal(5, 2), note="columns"),
    row(linalg.solve_banded, (1, 1), lambda rng: diagonals(rng)[1:], normal(5), note="tridiagonal"),
    of_real(linalg.solveh_banded, upper_half, normal(5)),
    of_real(linalg.solveh_banded, lower_half, normal(5, 2), lower=True),
    of_real(linalg.cholesky_banded, upper_half),
    of_real(linalg.cholesky_banded, lower_half, lower=True),
    row(linalg.cho_solve_banded, (upper_half, False), normal(5)),
    row(linalg.cho_solve_banded, (lower_half, True), normal(5, 2), note="columns"),
    of_real(linalg.eigvals_banded, upper_half),
    once(of_real(linalg.eigvals_banded, lower_half, lower=True, select="i", select_range=(1, 2)), "of chosen vectors"),
    of_real(linalg.eig_banded, upper_half),
    of_real(linalg.eig_banded, lower_half, lower=True),
    of_real(linalg.eig_banded, lower_half, lower=True, eigvals_only=True),
]

FACTORISATIONS = [
    row(linalg.qr, regular(3, 3)),
    row(linalg.qr, regular(3, 5), note="wide"),
    row(linalg.qr, regular(5, 3), mode="economic"),
    row(linalg.qr, regular(5, 3), mode="economic", pivoting=True),
    row(linalg.qr, regular(2, 5, 3), mode="economic", note="stack"),
    row(linalg.qr, regular(2, 5, 3), mode="economic", pivoting=True, note="stack"),
    row(linalg.qr, regular(5, 3), mode="r"),
    row(linalg.qr, regular(3, 3), mode="r", pivoting=True),
    row(linalg.rq, regular(3, 3)),
    row(linalg.rq, regular(3, 5), mode="economic"),
    row(linalg.rq, regular(5, 3), note="tall"),
    row(linalg.rq, regular(3, 5), mode="r"),
    row(linalg.rq, regular(3, 3), mode="r"),
    Row(linalg.svd, (regular(3, 3),)),
    Row(linalg.svd, (regular(5, 3),), {"full_matrices": False}),
    row(linalg.svd, regular(5, 3), compute_uv=False),
    row(linalg.svdvals, regular(3, 4)),
    of_real(linalg.orth, regular(5, 3)),
    of_real(linalg.orth, regular(3, 5), note="wide"),
    row(linalg.polar, regular(3, 3)),
    row(linalg.polar, regular(5, 3), note="tall"),
    row(linalg.polar, regular(3, 5), side="left"),
    row(linalg.orthogonal_procrustes, regular(4, 3), regular(4, 3)),
    row(linalg.orthogonal_procrustes, regular(2, 4, 3), regular(4, 3), note="stack"),
    row(linalg.subspace_angles, normal(5, 3), normal(5, 2)),
    row(linalg.subspace_angles, normal(2, 5, 3), normal(5, 2), note="stack"),
    row(linalg.subspace_angles, normal(5, 2), normal(5, 2), note="equal"),
]

EIGEN = [
    Row(linalg.eigh, (positive(1, 1),)),
    Row(linalg.eigh, (positive(1, 1), positive(1, 1))),
    Row(linalg.eigvalsh, (positive(1, 1), positive(1, 1))),
    of_real(linalg.eigh_tridiagonal, distinct(4), positive(3)),
    of_real(linalg.eigh_tridiagonal, distinct(4), positive(3), eigvals_only=True),
    of_real(linalg.eigvalsh_tridiagonal, distinct(4), positive(3)),
    once(of_real(linalg.eigvalsh_tridiagonal, distinct(4), positive(3), select="i", select_range=(0, 1)), "as above"),
    Row(linalg.eig, (regular(3, 3),)),
    Row(linalg.eig, (complex_matrices,), note="stack"),
    Row(linalg.eig, (regular(3, 3),), {"left": True}),
    Row(linalg.eig, (np.array([[1.0, 2.0], [-3.0, 0.5]]),), {"left": True}, note="rotation"),
    Row(linalg.eig, (regular(3, 3),), {"left": True, "right": False}),
    Row(linalg.eig, (regular(3, 3),), {"right": False}),
    row(linalg.eigvals, regular(3, 3)),
    once(row(linalg.eigvals, regular(3, 3), regular(3, 3), note="pencil"), "the vectors of a pencil have none"),
    once(row(linalg.eigvals, regular(2, 3, 3), regular(3, 3), note="pencils"), "the vectors of a pencil have none"),
]

with_negative = np.array([[-1.0, 2.0], [0.5, 3.0]])
FUNCTIONS = [
    row(linalg.expm, normal(3, 3)),
    row(linalg.expm, normal(2, 3, 3), note="stack"),
    row(linalg.expm, normal(), note="number"),
    row(linalg.expm_frechet, normal(3, 3), normal(3, 3)),
    row(linalg.expm_frechet, normal(3, 3), normal(3, 3), compute_expm=False),
    row(linalg.sqrtm, regular(3, 3)),
    Row(linalg.logm, (regular(3, 3),), complex=True, float32=False),  # SciPy warns of single precision
    Row(linalg.sqrtm, (with_negative,), note="negative", float32=False),
    once(Row(linalg.logm, (with_negative,), note="negative", float32=False), "SciPy warns: logm is inaccurate there"),
    *[
        Row(linalg.fractional_matrix_power, (regular(3, 3), t), complex=True, float32=False, note=str(t))
        for t in (0.7, -1.3, 2)
    ],
    *[row(f, normal(3, 3)) for f in (linalg.sinm, linalg.cosm, linalg.sinhm, linalg.coshm)],
    *[row(f, lambda rng: 0.3 * rng.standard_normal((3, 3))) for f in (linalg.tanm, linalg.tanhm)],
    Row(linalg.signm, (np.array([[-1.0, 2.0, 0.1], [0.5, 3.0, 0.2], [0.3, -0.2, 1.0]]),)),
]  # fmt: skip

EQUATIONS = [
    row(linalg.solve_sylvester, regular(3, 3), regular(2, 2), normal(3, 2)),
    row(linalg.solve_continuous_lyapunov, regular(3, 3), normal(3, 3)),
    row(linalg.solve_discrete_lyapunov, stable, normal(3, 3)),
    of_real(linalg.solve_discrete_lyapunov, stable, normal(3, 3), method="bilinear"),
    *[
        Row(f, (stable, normal(3, 2), np.eye(3), np.eye(2)), {}, (0, 1), complex=True, float32=False)
        for f in (linalg.solve_continuous_are, linalg.solve_discrete_are)
    ],
]

STRUCTURED = [
    row(linalg.toeplitz, normal(3)),
    row(linalg.toeplitz, normal(3), normal(4)),
    row(linalg.toeplitz, normal(4), normal(2), note="tall"),
    row(linalg.hankel, normal(3)),
    row(linalg.hankel, normal(3), normal(4)),
    row(linalg.hankel, normal(4), normal(2), note="tall"),
    row(linalg.circulant, normal(4)),
    *[
        row(linalg.convolution_matrix, normal(m), n, mode, note=f"{m}")
        for m, n in ((3, 4), (4, 3), (5, 2))
        for mode in ("full", "same", "valid")
    ],
    row(linalg.matmul_toeplitz, (normal(4), normal(3)), normal(3)),
    row(linalg.matmul_toeplitz, (normal(3), normal(4)), normal(4, 2), note="columns"),
    row(linalg.matmul_toeplitz, normal(4), normal(4), note="one"),
    row(linalg.solve_toeplitz, (dominant, distinct(4)), normal(4)),
    row(linalg.solve_toeplitz, (dominant, distinct(4)), normal(4, 2), note="columns"),
    row(linalg.solve_toeplitz, dominant, normal(4), note="one"),
    row(linalg.solve_circulant, dominant, normal(4)),
    row(linalg.solve_circulant, dominant, normal(4, 2), note="columns"),
    row(linalg.block_diag, normal(2, 3), normal(2, 2), normal(3), note="blocks"),
    row(linalg.block_diag, normal(2, 3), 1.5, note="number"),
    row(linalg.diagsvd, normal(3), 4, 3),
    row(linalg.khatri_rao, normal(2, 3), normal(4, 3)),
    row(linalg.khatri_rao, normal(2, 2, 3), normal(4, 3), note="stack"),
    row(linalg.leslie, normal(4), normal(3)),
    row(linalg.companion, positive(4)),
    of_real(linalg.fiedler, distinct(4)),
]

PRODUCTS = [
    row(linalg.qr_multiply, normal(4, 3), normal(2, 4)),
    row(linalg.qr_multiply, normal(4, 3), normal(3, 2), mode="left"),
    row(linalg.qr_multiply, normal(3, 3), normal(3)),
]


def reduced(a):
    return linalg.hessenberg(a, calc_q=True), linalg.hessenberg(a[:2, :2]), linalg.hessenberg(np.triu(a))


def with_real_values(a):
    vectors = linalg.expm(a)
    made = vectors @ np.diag([1.0, 2.5, -0.7, 4.0]) @ linalg.inv(vectors)
    return linalg.schur(made, output="real"), linalg.schur(made, sort="lhp")[:2]


def in_blocks(a):
    zero = np.zeros((4, 4))
    zero[0, 3] = zero[3, 0] = 5.0
    turned = linalg.ldl(a + a.T - 2 * np.diag(np.diag(a)) + zero, lower=False)
    return linalg.ldl(a + a.T)[:2], linalg.ldl(a @ a.T, hermitian=False)[:2], turned[:2]


def with_estimates(a):
    """Functions that give an estimate of their error, too; SciPy warns that they will not do so for ever."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        root, _ = linalg.sqrtm(a, disp=False, blocksize=32)
        return root, linalg.logm(a, disp=False)[0], linalg.signm(a, disp=False)


REDUCED = [
    *[
        Row(f, (regular(3, 3),), program=with_estimates, float32=False, compiles=False)
        for f in (linalg.sqrtm, linalg.logm, linalg.signm)
        if "disp" in inspect.signature(f).parameters
    ],
    Row(linalg.hessenberg, (normal(3, 3),), {"calc_q": True}, float32=False),
    Row(linalg.hessenberg, (normal(2, 3, 3),), float32=False, note="stack"),
    Row(linalg.hessenberg, (normal(4, 4),), program=reduced, float32=False, twice=False),
    Row(linalg.schur, (normal(4, 4),), program=with_real_values, float32=False),
    Row(linalg.ldl, (normal(4, 4),), program=in_blocks, float32=False),
]

ROWS = [*REDUCED, *PRODUCTS, *SOLVING, *BANDED, *FACTORISATIONS, *EIGEN, *FUNCTIONS, *EQUATIONS, *STRUCTURED]

zero = np.zeros(3)
POINTS = [
    Point(linalg.norm, (zero,), (zero,), note="0"),
    Point(linalg.det, (np.diag([2.0, 3.0, 0.0]),), (np.diag([0.0, 0.0, 6.0]),), note="rank two"),
    Point(linalg.fiedler, (zero,), (zero,), note="equal"),
]
