"""Rows of ``scipy.sparse``: programs, as sparse matrices are objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from s2sad.rules.scipy import matrix_algebra as algebra
from s2sad.rules.scipy import operators
from s2sad.rules.scipy import sparse as rules

from .harness import Row, normal, uniform

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


def with_solver_options(b):
    plain = linalg.gmres(A, b, rtol=1e-14, atol=0.0, restart=4, maxiter=60, M=sparse.eye_array(4).tocsr())[0]
    others = (linalg.bicgstab, linalg.bicg, linalg.cgs, linalg.lgmres, linalg.gcrotmk, linalg.qmr)
    found = [solve(A, b, rtol=1e-14, atol=0.0, maxiter=60)[0] for solve in others]
    found += [
        linalg.tfqmr(A, b, rtol=1e-14, maxiter=60, show=False)[0],
        linalg.minres(SYMMETRIC, b, rtol=1e-14, maxiter=60, shift=0.3, show=False, check=False)[0],
        linalg.lgmres(A, b, rtol=1e-14, inner_m=9, outer_k=2, store_outer_Av=False, prepend_outer_v=True)[0],
        linalg.gcrotmk(A, b, rtol=1e-14, m=9, k=3, truncate="smallest", discard_C=True)[0],
        linalg.qmr(A, b, rtol=1e-14, M1=UNIT, M2=UNIT)[0],
    ]
    return plain, found, linalg.spsolve(A.tocsc(), b, permc_spec="NATURAL", use_umfpack=False)


def counted(b):
    """With functions that are told of each iterate."""
    calls = [0]

    def count(x):
        calls[0] += 1

    made = linalg.LinearOperator((4, 4), matvec=lambda v: b[0] ** 2 * v + SYMMETRIC @ v)
    found = linalg.gmres(A, b, rtol=1e-14, callback=count, callback_type="pr_norm")[0]
    others = [solve(SYMMETRIC, b, rtol=1e-14, callback=count)[0] for solve in (linalg.cg, linalg.minres)]
    return found, others, linalg.cg(made, b, rtol=1e-14, callback=count)[0], b * calls[0]


def shifted(dense, b, shift):
    symmetric = np.eye(3) * 4 + dense + dense.T
    made = linalg.LinearOperator((3, 3), matvec=lambda v: symmetric @ v)
    found = linalg.minres(symmetric, b, shift=shift, rtol=1e-14, callback=None)[0]
    return found, linalg.minres(made, b, show=False, check=False, shift=shift, rtol=1e-14)[0]


def of_a_dense_matrix(dense, b):
    return linalg.gmres(np.eye(3) * 4 + dense, b, rtol=1e-14)[0]


# Matrices that hold what is differentiated, as recorded runs follow them

UNIT = linalg.aslinearoperator(np.eye(4))
WEIGHTS = np.random.default_rng(3).standard_normal((4, 4))
V = np.array([0.3, -1.2, 0.7, 0.4])
LONG = np.linspace(-1.0, 1.0, 16)


def stored(data, form="csr"):
    return sparse.coo_array((data, (ROWS_OF, COLUMNS)), shape=(4, 4)).asformat(form)


def assembled(data):
    """With places that are given twice, as finite elements give them."""
    rows, columns = np.array([0, 1, 0, 1, 1, 2, 1, 2]), np.array([0, 0, 1, 1, 1, 1, 2, 2])
    return sparse.coo_matrix((np.concatenate([data[:4], data[3:7]]), (rows, columns)), shape=(3, 3)).tocsr()


def as_arrays(data):
    made = stored(data)
    return made.toarray(), stored(data, "csc").todense(), made.T @ V, made.diagonal(), made.data, made.tocoo().data


def arithmetic(data):
    made = stored(data)
    scaled = 2.0 * made * 3.0 / data[0] - A + stored(data**2, "csc") + (-made)
    return (
        scaled.toarray(),
        (made + WEIGHTS),
        made.multiply(WEIGHTS).toarray(),
        made.multiply(A).toarray(),
        made - WEIGHTS,
    )


def products_of_matrices(data):
    made = stored(data)
    return (made @ A @ made).toarray(), V @ made, made.dot(WEIGHTS), (assembled(data) ** 2).toarray()


def sums(data):
    made = stored(data)
    return made.sum(axis=0), made.sum(axis=1), made.sum(), made.mean(), made.trace()


def functions_of_values(data):
    made = stored(data**2 + 0.5)
    return made.sqrt().data, made.power(3).data, (made**2).data, abs(made).data, made.tanh().toarray()


def elements(data):
    made = stored(data)
    return made[0, 2], (made[1:3] @ V), made[:, [0, 2]].toarray(), made[[0, 2], [0, 3]]


def written_in_place(data):
    made = stored(data)
    made.data *= 2.0
    made.data[0] = data[1]
    return made @ V


def by_diagonals(data):
    second = sparse.diags([data[0], -2 * data[1], 1.0], [-1, 0, 1], shape=(4, 4))
    return sparse.diags([data[:4], data[4:7]], [0, 1]) @ V, second @ V


def in_blocks(data):
    made = stored(data)
    joined = sparse.bmat([[made, None], [A, 2.0 * made]]) @ LONG[:8]
    return joined, sparse.hstack([made, A]) @ LONG[:8], sparse.vstack([A, made]).T @ LONG[:8]


def block_diagonal(data):
    return sparse.block_diag([stored(data), np.outer(data[:2], data[2:4])]) @ LONG[:6]


def kronecker(data):
    return sparse.kron(stored(data), A) @ LONG, sparse.kronsum(stored(data), A) @ LONG


def triangles(data):
    low = sparse.tril(stored(data)).tocsr()
    return low @ V, sparse.triu(stored(data)) @ V, linalg.spsolve_triangular(low, V)


def of_finite_elements(data):
    system = (assembled(data) + 5 * sparse.eye(3)).tocsc()
    return linalg.spsolve(system, data[:3]), assembled(data) * V[:3]


def factorisations(data, b):
    made = stored(data, "csc")
    lu = linalg.splu(made)
    return lu.solve(b), lu.solve(b, "T"), linalg.factorized(made)(2 * b), linalg.inv(made).toarray()


LU = linalg.splu(A.tocsc())


def constant_factorisation(b):
    return LU.solve(b), LU.solve(b, "T"), LU.solve(b, trans="H")


def iterated(data, b):
    made = stored(data)
    return linalg.gmres(made, b, rtol=1e-14)[0], linalg.bicgstab(made, b, rtol=1e-14)[0]


def symmetric_iterated(data, b):
    made = stored(data) + stored(data).T
    return linalg.minres(made, b, rtol=1e-14)[0], linalg.cg(made, b, rtol=1e-14)[0]


def kronecker_of_arrays(data):
    a = np.reshape(data[:4], (2, 2))
    mixed = [sparse.kron(a, A, format="csr"), sparse.kron(A.tocsr(), a), sparse.kronsum(a, A), sparse.kronsum(A, a)]
    both = sparse.kron(a, np.eye(2)), sparse.kronsum(np.eye(2), a), sparse.kron(np.eye(3), a * np.eye(2), format="csc")
    return [x.toarray() for x in (*mixed, *both)], sparse.find(a)[2], sparse.find(a * np.eye(2))[2]


def found(data):
    rows, columns, values = sparse.find(stored(data))
    return values * (rows + 2 * columns), sparse.find(assembled(data))[2]


def norms(data):
    made = stored(data)
    old = sparse.csr_matrix(made)
    return linalg.norm(made), linalg.norm(old, 1), linalg.norm(made, axis=0), linalg.onenormest(made)


def spectrum(data):
    made = stored(data) + stored(data).T
    w, v = linalg.eigsh(made, 2)
    return w, v**2, linalg.eigsh(made, 1, which="SA", return_eigenvectors=False)


def spectrum_of_any(data):
    made = stored(data)
    w = linalg.eigs(made, 2, return_eigenvectors=False)
    return np.sum(np.abs(w) ** 2), np.sum(linalg.eigs(made, 1, which="SM", return_eigenvectors=False).real)


def singular(data):
    u, s, v = linalg.svds(stored(data), 2)
    return s, u * v[:, 0], linalg.svds(stored(data), 1, return_singular_vectors=False)


def exponentials(data, b):
    made = stored(data, "csc")
    several = linalg.expm_multiply(made, b, start=0.1, stop=0.5, num=2)
    return linalg.expm(made).toarray(), linalg.expm_multiply(made, b), several


def constant_exponential(b):
    several = linalg.expm_multiply(A, b, start=0.1, stop=0.5, num=2, endpoint=False)
    return linalg.expm_multiply(A, b, traceA=14.0), several


def near(rng):
    return DENSE[ROWS_OF, COLUMNS] + 0.05 * rng.standard_normal(9)


def recorded(function: Any, called: Any, *args: Any, **options: Any) -> Row:
    return row(function, called, near, *args, compiles=False, **options)


RECORDED = [
    recorded(sparse.csr_array.toarray, as_arrays),
    recorded(sparse.csr_array.multiply, arithmetic),
    recorded(sparse.csr_array.dot, products_of_matrices),
    recorded(sparse.csr_array.sum, sums),
    recorded(sparse.csr_array.power, functions_of_values),
    recorded(sparse.csr_array.__getitem__, elements),
    recorded(sparse.csr_array.copy, written_in_place),
    recorded(sparse.diags, by_diagonals),
    recorded(sparse.bmat, in_blocks),
    recorded(sparse.block_diag, block_diagonal),
    recorded(sparse.kron, kronecker),
    recorded(sparse.kron, kronecker_of_arrays),
    recorded(sparse.tril, triangles),
    recorded(linalg.spsolve, of_finite_elements),
    recorded(linalg.splu, factorisations, normal(4)),
    recorded(linalg.gmres, iterated, normal(4), exact=1e-6),
    recorded(algebra.approximated, iterated, normal(4), exact=1e-6),
    recorded(linalg.minres, symmetric_iterated, normal(4), exact=1e-6),
    recorded(linalg.norm, norms),
    recorded(sparse.find, found),
    recorded(linalg.eigsh, spectrum),
    recorded(linalg.eigs, spectrum_of_any),
    recorded(linalg.svds, singular),
    recorded(linalg.expm, exponentials, normal(4)),
    row(linalg.SuperLU.solve, constant_factorisation, normal(4), compiles=False),
    row(linalg.expm_multiply, constant_exponential, normal(4), compiles=False),
]

OPERATOR = linalg.aslinearoperator(A)
RUNNING = linalg.LinearOperator((4, 4), matvec=np.cumsum, rmatvec=lambda v: np.flip(np.cumsum(np.flip(v))))


def by_operators(x):
    columns = np.stack([x, x**2], axis=1)
    products = OPERATOR @ x, OPERATOR @ columns, OPERATOR.matmat(columns), RUNNING @ x, RUNNING.dot(x), OPERATOR(x)
    return products, OPERATOR.matvec(x), OPERATOR.rmatvec(x), RUNNING.matvec(RUNNING.rmatvec(x))


# Operators that are made of functions

STEPS = np.arange(1.0, 5.0)
AS_CONSTANT = linalg.LinearOperator((4, 4), matvec=lambda v: SYMMETRIC @ v)


def coupled(theta, v):
    """A symmetric operator, written in place."""
    result = (theta[0] ** 2 + 6.0) * v
    result[1:] -= theta[1] * v[:-1]
    result[:-1] -= theta[1] * v[1:]
    return result


def carried(theta, v):
    return (theta[0] ** 2 + 6.0) * v + theta[1] * STEPS * np.roll(v, 1)


def carried_back(theta, v):
    return (theta[0] ** 2 + 6.0) * v + theta[1] * np.roll(STEPS * v, -1)


def by_matvec(theta, b):
    made = linalg.LinearOperator((4, 4), matvec=lambda v: coupled(theta, v))
    x = linalg.cg(made, b, b, rtol=1e-14)[0]
    y = linalg.minres(made, b, rtol=1e-14, shift=0.5, maxiter=80, M=sparse.eye_array(4).tocsr())[0]
    return x, y, made @ x, made.dot(y), made.matvec(b), made(b)


def by_matvec_alone(theta, b):
    """The transposed systems take the pullback of the function."""
    made = linalg.LinearOperator((4, 4), lambda v: carried(theta, v), dtype=float)
    first = linalg.gmres(made, b, rtol=1e-14, atol=0.0, restart=4, maxiter=90)[0]
    return first, linalg.bicgstab(made, first, rtol=1e-13, M=np.diag(1 / (6.0 + STEPS)))[0]


def by_name(theta, b):
    """What makes the iteration shorter is made of what is differentiated, and says nothing of the solution."""
    made = linalg.LinearOperator((4, 4), matvec=lambda v: coupled(theta, v))
    x = linalg.cg(A=made, b=b, rtol=1e-14, M=np.diag(1 / (6.0 + theta[1] ** 2 + STEPS)))[0]
    dense = np.eye(4) * (6 + theta[0] ** 2) + theta[1] * SYMMETRIC.toarray()
    return x, linalg.minres(A=made, b=x, rtol=1e-14)[0], linalg.gmres(A=dense, b=b, x0=x, rtol=1e-14)[0]


def with_preconditioners(theta, b):
    dense = np.eye(4) * (8 + theta[0] ** 2) + theta[1] ** 2 * SYMMETRIC.toarray()
    nearly = np.diag(1 / np.diag(dense))
    return [solve(A=dense, b=b, x0=b, M=nearly, rtol=1e-14)[0] for solve in (linalg.gmres, linalg.cg, linalg.bicgstab)]


def by_both(theta, b):
    made = linalg.LinearOperator((4, 4), lambda v: carried(theta, v), lambda v: carried_back(theta, v))
    others = (linalg.bicg, linalg.cgs, linalg.lgmres, linalg.gcrotmk, linalg.qmr, linalg.tfqmr)
    return [solve(made, b, rtol=1e-13)[0] for solve in others]


def by_algebra(theta, b):
    """Operators that are made of operators, of numbers, and of what was made elsewhere."""
    made = linalg.LinearOperator((4, 4), lambda v: carried(theta, v), lambda v: carried_back(theta, v), dtype=float)
    other = linalg.aslinearoperator(np.diag(b)) @ OPERATOR
    whole = 2 * made - other * theta[0] + UNIT / 2
    parts = made.T @ b, made.H @ b, (-made).matvec(b), (theta[1] * OPERATOR) @ b, (made * other)(b)
    table, dense = np.stack([b, b**2, b**3], axis=1), linalg.aslinearoperator(np.diag(b))
    plain = linalg.LinearOperator((4, 4), lambda v: theta[0] * (DENSE @ v), dtype=float)
    tables = plain @ table, plain.matmat(table), plain.dot(table[:, :1]), dense.matmat(table)
    parts = *parts, *tables, made.rmatvec(b), dense.rmatvec(b)
    return linalg.gmres(whole, b, rtol=1e-14)[0], linalg.lsqr(made.T @ made, b, **TIGHT)[0] * whole.shape[0], parts


def by_algebra_of_values(data, b):
    made = linalg.aslinearoperator(stored(DENSE[ROWS_OF, COLUMNS] + 0.1 * data))
    return linalg.gmres(made + UNIT, b, rtol=1e-14)[0], made.T @ b


def preconditioned(theta, b):
    """By operators that are made of what is differentiated: the solution does not depend on them."""
    dense = np.eye(4) * (8 + theta[0] ** 2) + theta[1] ** 2 * SYMMETRIC.toarray()
    made = linalg.LinearOperator((4, 4), matvec=lambda v: dense @ v)
    nearly = linalg.LinearOperator((4, 4), matvec=lambda v: v / np.diag(dense))
    return [linalg.cg(system, b, M=nearly, rtol=1e-14)[0] for system in (dense, made, SYMMETRIC)]


def fitted_by_functions(theta, b, start):
    weights = STEPS[:3] * theta[1]
    made = linalg.LinearOperator(
        (6, 3),
        matvec=lambda v: np.concatenate([theta[0] * v, weights * np.flip(v)]),
        rmatvec=lambda w: theta[0] * w[:3] + np.flip(weights * w[3:]),
    )
    x = linalg.lsqr(made, b, iter_lim=90, **TIGHT)[0]
    return x, linalg.lsmr(made, b, 0.7, maxiter=90, x0=start, **TIGHT)[0]


def of_matrices(dense, b):
    made = linalg.aslinearoperator(np.eye(4) * 6 + dense)
    x = linalg.gmres(made, b, x0=b, rtol=1e-14)[0]
    return x, linalg.lsqr(made, b, **TIGHT)[0], made @ b, made.dot(x), made.matvec(x)


def of_sparse_matrices(data, b):
    made = linalg.aslinearoperator(stored(DENSE[ROWS_OF, COLUMNS] + 0.1 * data))
    return linalg.gmres(made, b, rtol=1e-14)[0], made.matvec(b), made @ b


def of_constant_operators(b):
    running = linalg.bicgstab(OPERATOR, b, rtol=1e-14)[0]
    return running, linalg.cg(AS_CONSTANT, b, rtol=1e-14)[0], linalg.minres(AS_CONSTANT, b, rtol=1e-14)[0]


TIGHT = {"atol": 1e-14, "btol": 1e-14, "conlim": 0.0}


def fitted(a, b, start):
    damped = linalg.lsqr(a, b, damp=0.7, atol=1e-14, btol=1e-14, iter_lim=50, x0=start, conlim=0, calc_var=True,
                         show=False)[0]  # fmt: skip
    found = linalg.lsmr(a, b, damp=0.7, atol=1e-14, btol=1e-14, maxiter=50, x0=start, conlim=0, show=False)[0]
    constant = linalg.lsqr(A[:, :2], b, **TIGHT)[0], linalg.lsmr(A[:, :2], b, **TIGHT)[0]
    return damped, found, linalg.lsqr(a, b, **TIGHT)[0], constant


def fitted_of_values(data, b):
    made = stored(data)
    damped = linalg.lsmr(made, b, damp=b[0], x0=b**2, maxiter=40, show=False, **TIGHT)[0]
    shifted = linalg.minres(made + made.T, b, shift=b[1], rtol=1e-14)[0]
    return linalg.lsqr(made, b, show=False, **TIGHT)[0], linalg.lsmr(made, b, 0.5, **TIGHT)[0], damped, shifted


ROWS = [
    *RECORDED,
    row(linalg.cg, with_solver_options, normal(4), exact=1e-6),
    *[row(getattr(linalg.LinearOperator, name), by_operators, normal(4))
      for name in ("matvec", "rmatvec", "matmat", "__matmul__")],
    row(linalg.gmres, with_solver_options, normal(4), exact=1e-6),
    *[row(f, by_matvec, normal(2), normal(4), exact=1e-6)
      for f in (linalg.LinearOperator, operators.approximated)],
    *[row(operators.approximated, f, normal(2), normal(4), exact=1e-6) for f in (by_matvec_alone, by_both, by_name)],
    *[row(f, with_preconditioners, normal(2), normal(4), exact=1e-6) for f in (linalg.cg, linalg.gmres)],
    row(operators.fitted, fitted_by_functions, normal(2), normal(6), normal(3), exact=1e-6, compiles=False),
    row(linalg.aslinearoperator, of_matrices, normal(4, 4), normal(4), exact=1e-6),
    row(linalg.aslinearoperator, of_sparse_matrices, normal(9), normal(4), exact=1e-6, compiles=False),
    *[row(f, of_constant_operators, normal(4), exact=1e-6) for f in (linalg.cg, linalg.gmres)],
    *[row(f, fitted, normal(4, 2), normal(4), normal(2), exact=1e-6) for f in (linalg.lsqr, linalg.lsmr)],
    *[row(f, shifted, normal(3, 3), normal(3), uniform(0.1, 0.5), exact=1e-6)
      for f in (linalg.minres, operators.approximated)],
    *[row(f, counted, normal(4), exact=1e-6, compiles=False) for f in (linalg.gmres, linalg.cg)],
    row(linalg.LinearOperator, by_algebra, normal(2), normal(4), exact=1e-6, compiles=False),
    row(linalg.aslinearoperator, by_algebra_of_values, normal(9), normal(4), exact=1e-6, compiles=False),
    row(linalg.cg, preconditioned, normal(2), normal(4), exact=1e-6, compiles=False),
    row(algebra.fitted, fitted_of_values, normal(9), normal(4), exact=1e-6, compiles=False),
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
