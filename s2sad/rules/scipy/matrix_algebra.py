"""Linear algebra of sparse matrices that hold what is differentiated, as recorded runs follow them; see `matrices`.

`FUNCTIONS` has what stands for each of the functions of ``scipy.sparse.linalg`` where its matrix is followed.
"""

import numpy as np
import scipy.linalg
from scipy.sparse import linalg

from ...runtime import no_derivative, stop_gradient
from ..table import infer, jvp, present, vjp, zero_derivative
from .matrices import base, dense, entries, itself, labels, matrix_power, moved, single, with_data
from .operators import check_converged, check_ended, check_solution_alone, unknown_others
from .sparse import directly, minus, normal_solution, solved, times_of


def system(A):
    """What `solved` takes of a matrix."""
    rows, columns, data = entries(single(A))
    return data, rows, columns, A.shape[0]


def spsolve(A, b, permc_spec=None, use_umfpack=True):
    if isinstance(b, base):
        raise no_derivative("spsolve of a sparse right side has no derivative rule: use an array")
    b = np.asarray(b)
    if np.ndim(b) == 2 and np.shape(b)[1] == 1:  # as SciPy has it
        b = b[:, 0]
    return solved(b, *system(A))


def spsolve_triangular(A, b, lower=True, overwrite_A=False, overwrite_b=False, unit_diagonal=False):
    if unit_diagonal:
        raise no_derivative("spsolve_triangular has no derivative rule with unit_diagonal=True")
    rows, columns, data = entries(single(A))
    read = rows >= columns if lower else rows <= columns
    return solved(np.asarray(b) * 1.0, data[read], rows[read], columns[read], A.shape[0])


class Factorised:
    """What ``splu`` gives: it solves systems; the factors have no derivative rule."""

    def __init__(self, A):
        self.matrix = A
        self.shape = A.shape

    def solve(self, rhs, trans="N"):
        data, rows, columns, size = system(self.matrix)
        if trans == "N":
            return solved(rhs, data, rows, columns, size)
        return solved(rhs, np.conj(data) if trans == "H" else data, columns, rows, size)


def splu(A, permc_spec=None, diag_pivot_thresh=None, relax=None, panel_size=None, options=None):
    return Factorised(A)


def factorized(A):
    return Factorised(A).solve


def inv(A):
    rows = np.linalg.inv(dense(A))
    return moved(type(A), rows)


def approximated(data, b, shift, A, solver, options, *, callback=None):
    """What an iterative solver finds of a system of stored values, and its report."""
    shifted = {} if shift is None else {"shift": shift}
    return solver(with_data(A, data), b, callback=callback, **shifted, **options)


@vjp(approximated)
def approximated_vjp(result_bar, result, data, b, shift, A, solver, options, *, callback=None):
    check_converged(result)
    rows, columns, _, transposed = coordinates_of(A, data)
    u = directly(minus(transposed, shift, options["x0"]), result_bar[0])
    shift_bar = None if shift is None else u @ result[0]
    return -u[rows] * result[0][columns], np.reshape(u, np.shape(b)), shift_bar, None, None, None


def coordinates_of(A, data):
    """The rows and columns of stored values, the matrix and its transpose."""
    found = with_data(A, labels(0, np.shape(data), itself)).tocoo()
    order = np.argsort(found.data)
    whole = with_data(A, data)
    return found.row[order], found.col[order], whole, whole.T.tocsc()


@jvp(approximated, 0)
def approximated_data(data_dot, result, data, b, shift, A, solver, options, **told):
    check_converged(result)
    _, _, whole, _ = coordinates_of(A, data)
    return -directly(minus(whole, shift, options["x0"]), with_data(A, data_dot) @ result[0]), None


@jvp(approximated, 1)
def approximated_b(b_dot, result, data, b, shift, A, solver, options, **told):
    check_converged(result)
    _, _, whole, _ = coordinates_of(A, data)
    return directly(minus(whole, shift, options["x0"]), b_dot), None


@jvp(approximated, 2)
def approximated_shift(shift_dot, result, data, b, shift, A, solver, options, **told):
    check_converged(result)
    _, _, whole, _ = coordinates_of(A, data)
    return shift_dot * directly(minus(whole, shift, options["x0"]), result[0]), None


@jvp(approximated, 5)
def approximated_options(options_dot, result, *args, **told):
    """A preconditioner says how the solution is found, and not what it is."""
    check_converged(result)
    return np.zeros_like(result[0]), None


infer(approximated)(lambda *args, **options: NotImplemented)


def iterative(solver):
    def solve(A, b, x0=None, shift=None, callback=None, **options):
        found = moved(type(A).tocsr, single(A)) if A.format not in ("csr", "csc") else A
        given = {"x0": None if x0 is None else stop_gradient(x0), **options}
        told = {} if callback is None else {"callback": callback}
        return approximated(found.data, np.asarray(b), shift, found, solver, given, **told)

    return solve


def fitted(data, b, x0, damp, A, solver, options):
    """What a solver of least squares finds with a matrix of stored values."""
    return solver(with_data(A, data), b, damp, x0=x0, **options)


@vjp(fitted)
def fitted_vjp(result_bar, result, data, b, x0, damp, A, solver, options):
    rows, columns, whole, _ = coordinates_of(A, data)
    check_ended(result)
    check_solution_alone(result_bar)
    x, v = result[0], normal_solution(whole, result_bar[0], damp)
    u, left = whole @ v, b - whole @ x
    data_bar = left[rows] * v[columns] - u[rows] * x[columns]
    return data_bar, u, None if x0 is None else damp**2 * v, 2 * damp * (v @ beyond(x, x0)), None, None, None


def beyond(x, x0):
    """The way back from a solution of least squares to what ``damp`` holds it to."""
    return -x if x0 is None else x0 - x


@jvp(fitted, 0)
def fitted_data(data_dot, result, data, b, x0, damp, A, solver, options):
    check_ended(result)
    _, _, whole, _ = coordinates_of(A, data)
    change = with_data(A, data_dot)
    moved = change.T @ (b - whole @ result[0]) - whole.T @ (change @ result[0])
    return unknown_others(result, normal_solution(whole, moved, damp))


@jvp(fitted, 1)
def fitted_b(b_dot, result, data, b, x0, damp, A, solver, options):
    check_ended(result)
    _, _, whole, _ = coordinates_of(A, data)
    return unknown_others(result, normal_solution(whole, whole.T @ b_dot, damp))


@jvp(fitted, 2)
def fitted_x0(x0_dot, result, data, b, x0, damp, A, solver, options):
    check_ended(result)
    _, _, whole, _ = coordinates_of(A, data)
    return unknown_others(result, normal_solution(whole, damp**2 * x0_dot, damp))


@jvp(fitted, 3)
def fitted_damp(damp_dot, result, data, b, x0, damp, A, solver, options):
    check_ended(result)
    _, _, whole, _ = coordinates_of(A, data)
    return unknown_others(result, normal_solution(whole, 2 * damp * damp_dot * beyond(result[0], x0), damp))


infer(fitted)(lambda *args, **options: NotImplemented)


def least_squares(solver):
    def solve(A, b, damp=0.0, *, x0=None, **options):
        found = moved(type(A).tocsr, single(A)) if A.format not in ("csr", "csc") else A
        return fitted(found.data, np.ravel(b), x0, damp, found, solver, options)

    return solve


def norm(x, ord=None, axis=None):
    if axis is None and ord in (None, "fro", "f"):
        return np.linalg.norm(entries(single(x))[2])
    return np.linalg.norm(dense(x), ord=ord, axis=axis)


def onenormest(A, t=2, itmax=5, compute_v=False, compute_w=False):
    if compute_v or compute_w:
        raise no_derivative("onenormest has a derivative rule for the norm alone")
    return np.linalg.norm(dense(A), ord=1)


# The spectrum is that of the dense matrix, whose rules have the formulas; signs, order and choice are ARPACK's.


def eigsh(A, k=6, M=None, return_eigenvectors=True, **options):
    if M is not None:
        raise no_derivative("eigsh has no derivative rule with M")
    found = linalg.eigsh(with_data(A, stop_gradient(A.data)), k, **options)
    values, vectors = np.linalg.eigh(dense(A))
    places, signs = matched(found[0], found[1], values, vectors, return_eigenvectors)
    return (values[places], vectors[:, places] * signs) if return_eigenvectors else values[places]


def eigs(A, k=6, M=None, return_eigenvectors=True, **options):
    if M is not None or return_eigenvectors:
        raise no_derivative("eigs has a derivative rule for return_eigenvectors=False without M, as phases are any")
    found = linalg.eigs(with_data(A, stop_gradient(A.data)), k, return_eigenvectors=False, **options)
    values = np.linalg.eigvals(dense(A))
    return values[nearest(found, values)] + 0j


def nearest(found, values):
    """Which of all values some are; each is one of its own."""
    places = np.argmin(np.abs(found[:, None] - values), axis=1)
    if len(set(places)) < len(places):
        raise no_derivative("eigenvalues that are equal have no derivative here")
    return places


def svds(A, k=6, return_singular_vectors=True, **options):
    if return_singular_vectors not in (True, False):
        raise no_derivative("svds has a derivative rule with return_singular_vectors=True or False only")
    left, values, _ = linalg.svds(with_data(A, stop_gradient(A.data)), k, **options)
    u, s, v = np.linalg.svd(dense(A), full_matrices=False)
    places, signs = matched(values, left, s, u, return_singular_vectors)
    return (u[:, places] * signs, s[places], v[places] * signs[:, None]) if return_singular_vectors else s[places]


def matched(values, vectors, all_values, all_vectors, exactly):
    """Which of all values some are, and the signs of their vectors, which ``exactly`` must be the same."""
    overlap = np.einsum("ik,ij->kj", vectors, all_vectors)
    close = np.abs(values[:, None] - all_values) <= 1e-6 * np.max(np.abs(all_values))
    places = np.argmax(np.abs(overlap) * close, axis=1)
    kept = overlap[np.arange(len(places)), places]
    if exactly and np.any(np.abs(kept) < 1 - 1e-6):
        raise no_derivative("vectors of eigenvalues or singular values that are equal have no derivative")
    if len(set(places)) < len(places):
        places = np.argsort(np.abs(values[:, None] - all_values), axis=1)[:, 0]
        if len(set(places)) < len(places):
            raise no_derivative("eigenvalues or singular values that are equal have no derivative here")
    return places, np.sign(kept)


zero_derivative(matched, nearest)


def exponential(A):
    return moved(type(A), scipy.linalg.expm(dense(A)))


def expm_multiply(A, B, start=None, stop=None, num=None, endpoint=None, traceA=None):
    rows, times = dense(A), times_of(start, stop, num, endpoint)
    if times is None:
        return scipy.linalg.expm(rows) @ np.asarray(B)
    return np.stack([scipy.linalg.expm(t * rows) @ np.asarray(B) for t in times])


FUNCTIONS = {
    linalg.spsolve: spsolve, linalg.splu: splu, linalg.factorized: factorized, linalg.norm: norm,
    linalg.spsolve_triangular: spsolve_triangular, linalg.onenormest: onenormest, linalg.inv: inv,
    linalg.eigs: eigs, linalg.eigsh: eigsh, linalg.svds: svds, linalg.expm: exponential,
    linalg.expm_multiply: expm_multiply,
    **dict.fromkeys(present(linalg, "matrix_power"), matrix_power),
    **{f: least_squares(f) for f in (linalg.lsqr, linalg.lsmr)},
    **{f: iterative(f) for f in (linalg.cg, linalg.gmres, linalg.bicgstab, linalg.bicg, linalg.cgs, linalg.lgmres,
                                 linalg.minres, linalg.qmr, linalg.tfqmr, linalg.gcrotmk)},
}  # fmt: skip
