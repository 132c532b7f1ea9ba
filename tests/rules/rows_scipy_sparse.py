"""Rows of ``scipy.sparse``: programs, as sparse matrices are objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from s2sad.rules.scipy import sparse as rules

from .harness import Row, normal

DENSE = np.array([[4.0, 0.0, 1.0, 0.0], [0.5, 3.0, 0.0, 0.0], [0.0, -1.0, 5.0, 0.7], [0.0, 0.2, 0.0, 2.0]])
A = sparse.csr_array(DENSE)
SYMMETRIC = sparse.csc_array(DENSE + DENSE.T)
ROWS_OF, COLUMNS = np.nonzero(DENSE)
INDPTR = A.indptr


def row(function: Any, called: Any, *args: Any, **options: Any) -> Row:
    return Row(function, args, {}, None, float32=False, program=called, note=called.__name__, **options)


def products(x):
    return A @ x, A.dot(x), A.T @ x


def from_the_right(x):
    return x @ A


def by_places(data, x):
    return sparse.coo_array((data, (ROWS_OF, COLUMNS)), shape=(4, 4)) @ x


def by_row(data, x):
    matrix = sparse.csr_array((data, COLUMNS, INDPTR), shape=(4, 4))
    return matrix @ x, matrix.dot(2 * x)


def by_column(data, x):
    return sparse.csc_matrix((data, (ROWS_OF, COLUMNS)), shape=(4, 4)) @ x


def of_dense(dense, x):
    return sparse.csr_array(dense) @ x


def solution(b):
    return linalg.spsolve(A.tocsc(), b)


def solution_by_values(data, b):
    return linalg.spsolve(sparse.csc_array((data, (ROWS_OF, COLUMNS)), shape=(4, 4)), b)


def solution_by_rows(data, b):
    return linalg.spsolve(sparse.csr_array((1.0 * data, COLUMNS, INDPTR), shape=(4, 4)), b)


def conjugate_gradients(b):
    return linalg.cg(SYMMETRIC, b, rtol=1e-14)[0]


def of_a_dense_matrix(dense, b):
    return linalg.gmres(np.eye(3) * 4 + dense, b, rtol=1e-14)[0]


ROWS = [
    *[row(rules.base.__matmul__, products, normal(*s)) for s in ((4,), (4, 2))],
    row(rules.base.__rmatmul__, from_the_right, normal(4)),
    row(rules.base.__rmatmul__, from_the_right, normal(2, 4)),
    *[row(f, by_places, normal(9), normal(*s)) for f in (sparse.coo_array, sparse.coo_matrix) for s in ((4,), (4, 2))],
    *[row(f, by_row, normal(9), normal(4)) for f in (sparse.csr_array, sparse.csr_matrix)],
    *[row(f, by_column, normal(9), normal(4)) for f in (sparse.csc_array, sparse.csc_matrix)],
    row(sparse.csr_array, of_dense, normal(3, 4), normal(4)),
    row(linalg.spsolve, solution, normal(4)),
    row(linalg.spsolve, solution, normal(4, 2)),
    *[row(rules.solved, f, lambda rng: DENSE[ROWS_OF, COLUMNS] + 0.05 * rng.standard_normal(9), normal(4))
      for f in (solution_by_values, solution_by_rows)],
    row(linalg.cg, conjugate_gradients, normal(4), exact=1e-6),
    row(linalg.cg, of_a_dense_matrix, normal(3, 3), normal(3), exact=1e-6),
]  # fmt: skip
