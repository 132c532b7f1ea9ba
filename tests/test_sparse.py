"""Sparse matrices of what is differentiated: memory that they share, writes into them, and what is refused."""

# ruff: noqa: B007

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import s2sad

sparse = pytest.importorskip("scipy.sparse")
linalg = pytest.importorskip("scipy.sparse.linalg")
integrate = pytest.importorskip("scipy.integrate")

DENSE = np.array([[4.0, 0.0, 1.0, 0.0], [0.5, 3.0, 0.0, 0.0], [0.0, -1.0, 5.0, 0.7], [0.0, 0.2, 0.0, 2.0]])
ROWS, COLUMNS = np.nonzero(DENSE)
A = sparse.csr_array(DENSE)
V = np.array([0.3, -1.2, 0.7, 0.4])


def stored(d: Any, form: str = "csr") -> Any:
    return sparse.coo_array((d, (ROWS, COLUMNS)), shape=(4, 4)).asformat(form)


def square(matrix):
    return np.sum((matrix @ V) ** 2)


def in_place(d):
    made = stored(d)
    same = made
    made *= 2.0
    made /= d[0]
    made += A
    return square(same) + square(made)


def the_same_matrix(d):
    made = stored(d)
    made.tocsr().data *= 2.0
    return square(made)


def the_memory_of_a_transpose(d):
    made = stored(d)
    turned = made.T
    turned.data[1:] = 0.5
    return square(made)


def the_memory_of_values(d):
    values = d * 1.0
    made = sparse.csr_array((values, A.indices, A.indptr))
    values[0] = 5.0
    values[1] *= 3
    return square(made)


def other_values(d):
    made = stored(d)
    made.data = made.data**2
    return square(made) + square(copy.deepcopy(made))


def found(d):
    return np.sum(sparse.find(sparse.csr_array((d, (ROWS, COLUMNS)), shape=(4, 4)))[2] ** 2)


def by_a_number(d):
    return square(d[0] * sparse.eye(4) + sparse.identity(4) * d[1] - sparse.eye(4).multiply(d[2] ** 2))


def complex_values(d):
    made = stored(1j * d + 1.0)
    solution = linalg.spsolve(made.tocsc(), V + 0j)
    return np.sum(np.abs(made.conj().T @ V) ** 2) + np.sum(np.abs(solution) ** 2)


def asked(d):
    made = stored(d)
    if sparse.issparse(made) and made.shape == (4, 4) and made.format == "csr" and made.nnz == len(d):
        made = made.tocsc()
    return square(made) * len(made.nonzero()[0])


def with_a_preconditioner(d):
    made = stored(d, "csc")
    return np.sum(linalg.gmres(made, V, M=sparse.eye(4), rtol=1e-13)[0] ** 2)


def element_by_element(d):
    made, other = sparse.lil_matrix((4, 4)), sparse.dok_array((4, 4))
    for k in range(len(d)):
        made[ROWS[k], COLUMNS[k]] = d[k]
        other[COLUMNS[k], -1] += d[k] ** 2
    return square(made.tocsr()) + square(other) + made[0, 0] * other[3, 3]


def row_by_row(d):
    made = sparse.lil_array((4, 4))
    made[0, :] = d[:4]
    made[1:3, 1] = d[:2] * 2
    made[3, [0, 2]] = d[1:3]
    made[:, 3] = d[0]
    before = made.tocsc()
    made[0, 1] = 5.0
    return square(made) + square(before) + np.sum(made.toarray() ** 3) + square(sparse.hstack([made, before])[:, 2:6])


def an_entry_that_is_zero(d):
    made = sparse.lil_matrix((4, 4))
    made[0, 1] = d[0] - DENSE[0, 0]
    made[1, 1] = d[1]
    return np.sum(made.toarray() * np.arange(1.0, 17.0).reshape(4, 4)) + np.sum((made.T @ V) ** 2)


OUTSIDE = sparse.lil_matrix((4, 4))


def one_that_is_kept_outside(d):
    OUTSIDE[0, 0] = d[0]
    OUTSIDE.__setitem__((1, 0), d[1])
    return square(OUTSIDE)


def diagonal_of_one_outside(d):
    OUTSIDE.setdiag(d[0])
    return square(OUTSIDE)


SOLVER = integrate.ode(lambda t, y, rate: -rate * y)


def solver_outside(d):
    SOLVER.set_initial_value([1.0], 0.0)
    SOLVER.set_f_params(d[0])
    return SOLVER.integrate(1.0)[0]


def diffused(d):
    """Implicit steps of a heat equation whose matrix nobody stores."""

    def stencil(v):
        result = (1.0 + 2.0 * d[0]) * v
        result[1:] -= d[1] * v[:-1]
        result[:-1] -= d[1] * v[1:]
        return result

    u = V * d[2]
    operator = linalg.LinearOperator((4, 4), matvec=stencil)
    for _ in range(3):
        u, report = linalg.cg(operator, u, x0=u, rtol=1e-13)
        assert report == 0
    return np.sum(u**2)


class Carrier:
    def __init__(self, rates):
        self.rates, self.applied = rates, 0

    def apply(self, v):
        self.applied += 1
        return (self.rates[:4] ** 2 + 3.0) * v + self.rates[4:8] * np.roll(v, 1)


def carried_by_an_object(d):
    carrier = Carrier(d)
    found = linalg.gmres(linalg.LinearOperator((4, 4), matvec=carrier.apply), d[:4], rtol=1e-13)[0]
    carrier.rates = carrier.rates * 2.0
    return np.sum(found**2) * (carrier.applied > 0)


def read_late(d):
    """An operator reads its variables where it is used."""
    scale, k = d[0], 0
    operator = linalg.LinearOperator((4, 4), matvec=lambda v: (scale**2 + k) * v)
    total = 0.0
    for k in range(1, 3):
        scale = scale * 1.5
        total = total + np.sum(linalg.cg(operator, d[:4], rtol=1e-13)[0] ** 2)
    return total


@pytest.mark.parametrize("program", [
    diffused, carried_by_an_object, read_late, in_place, the_same_matrix, the_memory_of_a_transpose,
    the_memory_of_values, other_values, found, by_a_number,
    complex_values, asked, with_a_preconditioner, element_by_element, row_by_row, an_entry_that_is_zero,
    one_that_is_kept_outside,
])  # fmt: skip
def test_agrees_with_differences(program):
    s2sad.check_grads(program, (DENSE[ROWS, COLUMNS],))
    assert "_followed_entries" not in vars(OUTSIDE)


def set_element(d):
    made = stored(d)
    made[0, 0] = 2.0
    return square(made)


def set_diagonal(d):
    made = stored(d)
    made.setdiag(1.0)
    return square(made)


def loop(d):
    return sum(np.sum(row.toarray() ** 2) for row in stored(d))


def raw_values(d):
    made = sparse.lil_matrix((4, 4))
    made[0, 0] = d[0]
    return made.data[0][0] * d[0]


def scaled_in_place(d):
    made = sparse.lil_matrix((4, 4))
    made[0, 0] = d[0]
    made *= 2
    return square(made)


SPD = np.diag([4.0, 5.0, 6.0, 7.0]) + 1.0
ELSEWHERE = linalg.LinearOperator((4, 4), matvec=lambda v: DENSE @ v)
KEPT: list = []
REFUSED = {
    "set_f_params": solver_outside, "setdiag ": diagonal_of_one_outside,
    "__setitem__": set_element, "setdiag": set_diagonal, "loop over a sparse matrix": loop,
    "data of a lil": raw_values, "__imul__": scaled_in_place,
    "sum": lambda d: np.sum(stored(d)), "max": lambda d: stored(d).max(),
    "np.matrix": lambda d: sparse.csr_matrix(stored(d)).todense()[0, 0],
    "eigsh has no": lambda d: linalg.eigsh(linalg.aslinearoperator(stored(d)), 1)[0][0],
    "and nothing else": lambda d: linalg.LinearOperator((4, 4), lambda v: d[0] * v).rmatmat(np.eye(4))[0, 0],
    "LinearOperator: of": lambda d: np.sum((linalg.LinearOperator((4, 4), lambda v: d[0] * v) ** 2) @ V),
    "no adjoint": lambda d: np.sum(linalg.LinearOperator((4, 4), lambda v: d[0] * v).T @ V),
    "with x0, not with both": lambda d: linalg.minres(SPD, V, x0=V, shift=d[0])[0][0],
    "more iterations": lambda d: linalg.cg(SPD + np.diag(d[:4] ** 2), V, maxiter=1)[0][0],
    "give it more iterations": lambda d: linalg.gmres(stored(d), V, maxiter=1, restart=1)[0][0],
    "where it converges": lambda d: linalg.cg(linalg.LinearOperator((4, 4), lambda v: SPD @ v * d[0] ** 2), V,
                                              maxiter=1)[0][0],
    "where the solver converges": lambda d: linalg.lsqr(DENSE, d[:4], iter_lim=1)[0][0],
    "stores numbers": lambda d: linalg.cg(
        linalg.LinearOperator((4, 4), lambda v: d[0] ** 2 * v), V, callback=KEPT.append
    )[0][0],
    "without rmatvec": lambda d: linalg.gmres(ELSEWHERE, d[:4])[0][0],
    "eigenvalues or singular": lambda d: np.sum(linalg.eigsh(d[0] * sparse.eye(4, format="csr"), 2)[1]),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_refused(reason):
    with pytest.raises(s2sad.UnsupportedError, match=reason.strip()):
        s2sad.grad(REFUSED[reason])(DENSE[ROWS, COLUMNS])


class Assembly:
    """What an assembly of finite elements keeps, with the sizes as whole numbers of NumPy's."""

    def __init__(self, data):
        self.data, self.indices, self.shape = data, np.array([ROWS, COLUMNS]), (np.int64(4), np.int64(4))

    def loss(self):
        return square(sparse.coo_matrix((self.data, (self.indices[0], self.indices[1])), shape=self.shape).tocsr())


def test_whole_numbers_of_an_object_are_constants():
    data = DENSE[ROWS, COLUMNS]
    gradient = s2sad.grad(Assembly.loss)(Assembly(data))
    assert np.allclose(gradient.data, s2sad.grad(lambda d: square(stored(d)))(data))
    assert gradient.shape == (None, None)


def product(matrix, v):
    return np.sum(matrix @ v)


@pytest.mark.parametrize("call", [
    lambda: s2sad.grad(product)(A, V),
    lambda: s2sad.grad(product, argnums=(0, 1))(A, V),
    lambda: s2sad.jvp(product, (A, V), (A, V)),
    lambda: s2sad.jvp(lambda both: product(*both), ([A, V],), ([A, V],)),
])  # fmt: skip
def test_a_sparse_argument_is_a_constant(call):
    """Its tangent would be left out, or its gradient missing."""
    with pytest.raises(TypeError, match="pass its data"):
        call()
    assert s2sad.vjp(product, A, V)[1](1.0)[0] is None
