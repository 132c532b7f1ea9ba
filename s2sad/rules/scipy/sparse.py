"""Rules of ``scipy.sparse`` and ``scipy.sparse.linalg``: products with sparse matrices, and linear systems.

A sparse matrix that comes from outside is a constant.  One that is made where it is used, of values that are
differentiated, has a derivative by its stored values: of those places of the dense cotangent that are stored.
"""

import operator

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from ...runtime import index_add, no_derivative, stop_gradient
from ..inference import (
    an_integer,
    like_floats,
    number,
    object_of,
    product_of_object,
    same_object,
    some_floats,
    tuple_of,
)
from ..table import infer, jvp, linear, maker, no_rule, present, vjp, zero_derivative
from .matrices import whole
from .operators import check_converged, check_ended, check_solution_alone, check_start, unknown_others

base, matrix = sparse._base._spbase, sparse.spmatrix

# Products with constant matrices


@vjp(base.__matmul__, base.dot, matrix.__mul__)
def product(y_bar, y, self, other):
    return NotImplemented, self.T @ y_bar


@jvp(base.__matmul__, 1)
def product_other(other_dot, y, self, other):
    return self @ other_dot


@vjp(base.__rmatmul__)
def reflected_product(y_bar, y, self, other):
    return NotImplemented, (self @ y_bar.T).T


@jvp(base.__rmatmul__, 1)
def reflected_product_other(other_dot, y, self, other):
    return (self.T @ other_dot.T).T


for method in (base.__matmul__, base.__rmatmul__):
    infer(method)(product_of_object)
transposed = base.T.fget
zero_derivative(transposed, base.transpose, base.toarray, base.tocsr, base.tocsc, base.tocoo)
for method in (transposed, base.transpose, base.tocsr, base.tocsc, base.tocoo):
    infer(method)(same_object)

# Products with operators that were made elsewhere, as far as they have an adjoint


def of_operator(y_bar, x, self):
    if np.ndim(x) == 0:
        raise no_derivative("an operator that is made of what is differentiated has no derivative rule: use a matrix")
    return self.T @ y_bar


@linear(linalg.LinearOperator.__matmul__, arguments=("other",))
def operator_product(y_bar, y, self, other):
    return NotImplemented, of_operator(y_bar, other, self)


@linear(linalg.LinearOperator.matvec, linalg.LinearOperator.dot, linalg.LinearOperator.__call__, arguments=("x",))
def operator_vector(y_bar, y, self, x):
    return NotImplemented, np.reshape(of_operator(y_bar, x, self), np.shape(x))


@linear(linalg.LinearOperator.rmatvec, arguments=("x",))
def operator_adjoint(y_bar, y, self, x):
    return NotImplemented, np.reshape(np.conj(self @ np.conj(y_bar)), np.shape(x))


@linear(linalg.LinearOperator.matmat, arguments=("X",))
def operator_matrix(y_bar, y, self, X):
    return NotImplemented, of_operator(y_bar, X, self)


made_elsewhere = linalg.LinearOperator
for method in (made_elsewhere.__matmul__, made_elsewhere.matvec, made_elsewhere.rmatvec, made_elsewhere.matmat):
    infer(method)(product_of_object)

# Matrices that are made where they are used: of a dense matrix, or of values and their places


def places(arg, by_columns):
    """The rows and columns of stored values, given as ``(data, (rows, columns))`` or ``(data, indices, indptr)``."""
    if len(arg) == 2:
        return whole(arg[1][0]), whole(arg[1][1])
    counted = np.repeat(np.arange(np.size(arg[2]) - 1), np.diff(arg[2]))
    return (whole(arg[1]), counted) if by_columns else (counted, whole(arg[1]))


def size_of(arg, shape, by_columns):
    """The number of rows."""
    if shape is not None:
        return shape[0]
    if len(arg) == 3 and not by_columns:
        return np.size(arg[2]) - 1
    return np.max(places(arg, by_columns)[0]) + 1


def stored_product(other, arg, shape, by_columns):
    """The product of a matrix of stored values with a vector, or with the columns of a matrix."""
    if not isinstance(arg, tuple):
        return arg @ other
    rows, columns = places(arg, by_columns)
    values = arg[0] if np.ndim(other) == 1 else arg[0][:, None]
    start = np.zeros((size_of(arg, shape, by_columns), *np.shape(other)[1:]))
    return index_add(start, rows, values * other[columns])


def by_rows_product(other, arg1, shape=None):
    return stored_product(other, arg1, shape, False)


def by_columns_product(other, arg1, shape=None):
    return stored_product(other, arg1, shape, True)


def solved(b, data, rows, columns, size):
    """The solution of a system whose matrix has values at places, those of one place being added."""
    return linalg.spsolve(sparse.csc_array((data, (rows, columns)), shape=(size, size)), b)


@vjp(solved)
def solved_vjp(x_bar, x, b, data, rows, columns, size):
    u = solved(x_bar, data, columns, rows, size)
    products = u[rows] * x[columns]
    return u, -np.sum(np.reshape(products, (np.size(data), -1)), axis=1), None, None, None


infer(solved)(lambda b, *args: like_floats(b))


@jvp(solved, 0)
def solved_b(b_dot, x, b, data, rows, columns, size):
    return solved(b_dot, data, rows, columns, size)


@jvp(solved, 1)
def solved_data(data_dot, x, b, data, rows, columns, size):
    moved = sparse.csc_array((data_dot, (rows, columns)), shape=(size, size)) @ x
    return -solved(moved, data, rows, columns, size)


def stored_solution(b, arg, by_columns):
    if not isinstance(arg, tuple):
        return np.linalg.solve(arg, b)
    rows, columns = places(arg, by_columns)
    return solved(b, arg[0], rows, columns, np.shape(b)[0])


def by_rows_solution(b, arg1, shape=None):
    return stored_solution(b, arg1, False)


def by_columns_solution(b, arg1, shape=None):
    return stored_solution(b, arg1, True)


for cls in (sparse.csr_array, sparse.csr_matrix, sparse.coo_array, sparse.coo_matrix):
    for use in (operator.matmul, "dot"):
        maker(cls, use)(by_rows_product)
    maker(cls, linalg.spsolve)(by_rows_solution)
for cls in (sparse.csc_array, sparse.csc_matrix):
    for use in (operator.matmul, "dot"):
        maker(cls, use)(by_columns_product)
    maker(cls, linalg.spsolve)(by_columns_solution)

# Linear systems


@vjp(linalg.spsolve)
def spsolve(x_bar, x, A, b, *, permc_spec=None, use_umfpack=True):
    return NotImplemented, np.reshape(linalg.spsolve(A.T.tocsc(), x_bar, permc_spec, use_umfpack), np.shape(b))


@jvp(linalg.spsolve, 1)
def spsolve_b(b_dot, x, A, b, *, permc_spec=None, use_umfpack=True):
    return linalg.spsolve(A, b_dot, permc_spec, use_umfpack)


infer(linalg.spsolve)(lambda A, b, *args, **options: product_of_object(A, b))


def directly(A, b):
    """The solution of a system, to rounding; of an operator, nearly so."""
    if isinstance(A, np.ndarray):
        return np.linalg.solve(A, b)
    return linalg.spsolve(A.tocsc(), b) if sparse.issparse(A) else without_matrix(A, b, linalg.gmres)


def directly_symmetric(A, b):
    return directly(A, b) if isinstance(A, np.ndarray) or sparse.issparse(A) else without_matrix(A, b, linalg.minres)


def without_matrix(A, b, solver):
    x = solver(A, b, rtol=1e-13)[0]
    if np.linalg.norm(A @ stop_gradient(x) - b) > 1e-8 * np.linalg.norm(b):
        raise no_derivative("the system of an operator for the derivative was not solved: use a matrix")
    return x


def transpose(A):
    if isinstance(A, linalg.LinearOperator):
        try:
            A.rmatvec(np.zeros(A.shape[0]))
        except NotImplementedError:
            raise no_derivative("an operator without rmatvec has a derivative rule with cg and minres only") from None
    return A.T


@vjp(
    linalg.gmres,
    linalg.bicgstab,
    linalg.bicg,
    linalg.cgs,
    linalg.lgmres,
    linalg.qmr,
    linalg.tfqmr,
    linalg.gcrotmk,
)
def iterative(result_bar, result, A, b, x0=None, M=None, *, rtol=1e-5, atol=0.0, maxiter=None, restart=None, M1=None,
              M2=None, callback=None, callback_type=None, show=False, m=20, k=None, discard_C=False, truncate="oldest",
              inner_m=30, outer_k=3, store_outer_Av=True, prepend_outer_v=False):  # fmt: skip
    check_converged(result)
    return system_bars(directly(transpose(A), result_bar[0]), result, A, b)


@vjp(linalg.cg)
def symmetric(result_bar, result, A, b, x0=None, M=None, *, rtol=1e-5, atol=0.0, maxiter=None, callback=None):
    check_converged(result)
    return system_bars(directly_symmetric(turned(A), result_bar[0]), result, A, b)


@vjp(linalg.minres)
def minres(result_bar, result, A, b, x0=None, M=None, shift=None, *, rtol=1e-5, maxiter=None, callback=None, show=False,
           check=False):  # fmt: skip
    check_converged(result)
    u = directly_symmetric(turned(minus(A, shift, x0)), result_bar[0])
    return *system_bars(u, result, A, b), u @ result[0]


def turned(A):
    """The transpose; of an operator that solvers take to be symmetric, the operator itself."""
    return A.T if isinstance(A, np.ndarray) or sparse.issparse(A) else A


def minus(A, shift, x0):
    """The matrix of the system that ``minres`` solves with ``shift=``."""
    check_start(shift, x0)
    if shift is None:
        return A
    if isinstance(A, np.ndarray):
        return A - shift * np.eye(len(A))
    if not sparse.issparse(A):
        raise no_derivative("minres of an operator that was made elsewhere has no derivative rule with shift=")
    return A - shift * sparse.identity(A.shape[0])


def system_bars(u, result, A, b):
    A_bar = -np.outer(u, result[0]) if isinstance(A, np.ndarray) else NotImplemented
    return A_bar, np.reshape(u, np.shape(b)), None, None


def iterative_A(A_dot, result, A, b, *start, **options):
    check_converged(result)
    return -directly(A, A_dot @ result[0]), None


@jvp(linalg.gmres, 1)
def iterative_b(b_dot, result, A, b, *start, **options):
    check_converged(result)
    return directly(A, b_dot), None


@jvp(linalg.cg, 1)
def symmetric_b(b_dot, result, A, b, *start, **options):
    check_converged(result)
    return directly_symmetric(A, b_dot), None


def without_influence(dot, result, *args, **options):
    """A start and a preconditioner say how the solution is found, and not what it is."""
    check_converged(result)
    return np.zeros_like(result[0]), None


@jvp(linalg.minres, 0)
def minres_A(A_dot, result, A, b, x0=None, M=None, shift=None, **options):
    check_converged(result)
    return -directly_symmetric(minus(A, shift, x0), A_dot @ result[0]), None


@jvp(linalg.minres, 1)
def minres_b(b_dot, result, A, b, x0=None, M=None, shift=None, **options):
    check_converged(result)
    return directly_symmetric(minus(A, shift, x0), b_dot), None


@jvp(linalg.minres, 4)
def minres_shift(shift_dot, result, A, b, x0=None, M=None, shift=None, **options):
    check_converged(result)
    return shift_dot * directly_symmetric(minus(A, shift, x0), result[0]), None


for solver in (linalg.gmres, linalg.cg):
    jvp(solver, 0)(iterative_A)
for solver in (linalg.gmres, linalg.cg, linalg.minres):
    jvp(solver, 2)(without_influence)
    jvp(solver, 3)(without_influence)


# Least squares: A^T (b - A x) = damp^2 (x - x0), as far as the iteration finds it


def normal_solution(A, v, damp):
    """The solution of the normal equations for a right side."""
    rows, columns = A.shape
    if rows < columns and damp == 0:
        raise no_derivative("least squares have a derivative rule for as many rows as columns, at least, or with damp")
    if isinstance(A, np.ndarray):
        return np.linalg.solve(A.T @ A + damp**2 * np.eye(columns), v)
    if not sparse.issparse(A) or np.iscomplexobj(A):
        raise no_derivative("least squares have a derivative rule for real matrices only, dense or sparse")
    return linalg.spsolve((A.T @ A + damp**2 * sparse.eye(columns)).tocsc(), v)


@vjp(linalg.lsqr)
def lsqr(result_bar, result, A, b, x0=None, *, damp=0.0, atol=1e-6, btol=1e-6, conlim=1e8, iter_lim=None,
         show=False, calc_var=False):  # fmt: skip
    return least_squares_bars(result_bar, result, A, b, x0, damp)


@vjp(linalg.lsmr)
def lsmr(result_bar, result, A, b, x0=None, *, damp=0.0, atol=1e-6, btol=1e-6, conlim=1e8, maxiter=None,
         show=False):  # fmt: skip
    return least_squares_bars(result_bar, result, A, b, x0, damp)


def least_squares_bars(result_bar, result, A, b, x0, damp):
    check_ended(result)
    check_solution_alone(result_bar)
    v = normal_solution(A, result_bar[0], damp)
    u, left = A @ v, np.ravel(b) - A @ result[0]
    A_bar = np.outer(left, v) - np.outer(u, result[0]) if isinstance(A, np.ndarray) else NotImplemented
    return A_bar, np.reshape(u, np.shape(b)), None if x0 is None else damp**2 * v


def least_squares_A(A_dot, result, A, b, x0=None, *, damp=0.0, **options):
    check_ended(result)
    x = result[0]
    moved = A_dot.T @ (np.ravel(b) - A @ x) - A.T @ (A_dot @ x)
    return unknown_others(result, normal_solution(A, moved, damp))


def least_squares_b(b_dot, result, A, b, x0=None, *, damp=0.0, **options):
    check_ended(result)
    return unknown_others(result, normal_solution(A, A.T @ np.ravel(b_dot), damp))


def least_squares_x0(x0_dot, result, A, b, x0=None, *, damp=0.0, **options):
    check_ended(result)
    return unknown_others(result, normal_solution(A, damp**2 * x0_dot, damp))


for solver in (linalg.lsqr, linalg.lsmr):
    jvp(solver, 0)(least_squares_A)
    jvp(solver, 1)(least_squares_b)
    jvp(solver, 2)(least_squares_x0)


@infer(linalg.lsqr)
def lsqr_type(*args, **options):
    return tuple_of((some_floats(1), an_integer(), an_integer(), *[number()] * 6, some_floats(1)))


@infer(linalg.lsmr)
def lsmr_type(*args, **options):
    return tuple_of((some_floats(1), an_integer(), an_integer(), *[number()] * 5))


# What ``splu`` made of a constant matrix.
@vjp(linalg.SuperLU.solve)
def solve(x_bar, x, self, rhs, *, trans="N"):
    if trans == "H":
        return NotImplemented, np.conj(self.solve(np.conj(x_bar)))
    return NotImplemented, self.solve(x_bar, "T" if trans == "N" else "N")


@jvp(linalg.SuperLU.solve, 1)
def solve_rhs(rhs_dot, x, self, rhs, *, trans="N"):
    return self.solve(rhs_dot, trans)


infer(linalg.SuperLU.solve)(lambda self, rhs, **options: like_floats(rhs))


def times_of(start, stop, num, endpoint):
    """The times whose exponentials ``expm_multiply`` takes; None for the one of the matrix itself."""
    if start is None and stop is None and num is None and endpoint is None:
        return None
    return np.linspace(start, stop, 50 if num is None else num, endpoint=True if endpoint is None else endpoint)


@vjp(linalg.expm_multiply)
def expm_multiply(y_bar, y, A, B, *, start=None, stop=None, num=None, endpoint=None, traceA=None):
    times = times_of(start, stop, num, endpoint)
    if times is None:
        return NotImplemented, linalg.expm_multiply(A.T, y_bar)
    total = np.zeros_like(y_bar[0])
    for k in range(len(times)):
        total = total + linalg.expm_multiply(times[k] * A.T, y_bar[k])
    return NotImplemented, total


@jvp(linalg.expm_multiply, 1)
def expm_multiply_B(B_dot, y, A, B, *, start=None, stop=None, num=None, endpoint=None, traceA=None):
    return linalg.expm_multiply(A, B_dot, start, stop, num, endpoint)


infer(linalg.expm_multiply)(lambda A, B: like_floats(B))  # with times, one more axis


zero_derivative(
    sparse.issparse, sparse.isspmatrix, sparse.eye, sparse.eye_array, sparse.identity, sparse.random,
    sparse.random_array,
)  # fmt: skip


@infer(sparse.eye, sparse.identity)
def known_matrix(*args, format=None, **options):
    """A matrix of the class of its format, of which SciPy chooses diagonals where none is given."""
    if len(args) > 4 or not isinstance(format, (str, type(None))):
        return NotImplemented
    return object_of(getattr(sparse, f"{format or 'dia'}_matrix"))


no_rule(
    "its entries are Python objects: assign to them where runs are recorded, or use coo_array of values and places",
    *(sparse.dok_array, sparse.dok_matrix, sparse.lil_array, sparse.lil_matrix),
)
no_rule("an incomplete factorisation has no derivative rule: use splu", linalg.spilu)
no_rule(
    "the spectrum of a sparse matrix is differentiated by eigsh, eigs and svds; else use scipy.linalg with A.toarray()",
    *(linalg.lobpcg, *present(linalg, "funm_multiply_krylov")),
)
no_rule("of a dense matrix use scipy.linalg.eigvals or eigvalsh", linalg.eigs, linalg.eigsh)
no_rule(
    "it hides what it computes: use a matrix, dense or sparse",
    *present(linalg, "LaplacianNd"),
)
no_rule("splu makes it", linalg.SuperLU)
