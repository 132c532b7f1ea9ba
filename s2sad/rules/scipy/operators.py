"""Rules of ``scipy.sparse.linalg`` for operators that are made of functions: linear systems without a matrix.

The solution of ``A(theta) x = b`` has the cotangents ``b_bar = u`` and ``theta_bar``, the pullback of
``theta -> A(theta) x`` for ``-u``, where ``A^T u = x_bar`` is solved as the system itself was: the implicit function
theorem.  (M. Giles, "An extended collection of matrix derivative results", 2008, section 2.3.1, has it for matrices.)
"""

import operator

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from ...runtime import accumulate, dynamic_jvp, dynamic_vjp, no_derivative
from ..inference import an_integer, some_floats, tuple_of
from ..table import calls_back, infer, jvp, maker, vjp
from .callbacks import NOTHING
from .matrices import emptied, with_data

SOLVERS = ("cg", "gmres", "bicgstab", "bicg", "cgs", "lgmres", "minres", "qmr", "tfqmr", "gcrotmk")
SYMMETRIC = ("cg", "minres")
OPTIONS = ("rtol", "atol", "maxiter", "restart", "M", "M1", "M2", "callback_type", "show", "check", "m", "k",
           "discard_C", "truncate", "inner_m", "outer_k", "store_outer_Av", "prepend_outer_v")  # fmt: skip
CLOSELY = 1e-10  # the residual of what is solved for a derivative, relative to the right side


def approximated(b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(), *, callback=None):
    """What a solver finds, and its report, of the operator ``v -> matvec(v, *args) - shift * v``.

    Args:
        shift: only ``minres`` takes one; None for the others.
        solver: its name; options: what else it is given.
        rmatvec: of the conjugate transpose, None where it is not given.
    """

    def forth(v):
        return matvec(v, *args)

    def back(v):
        return rmatvec(v, *args)

    made = linalg.LinearOperator(shape, forth, None if rmatvec is None else back, dtype=dtype)
    shifted = {} if shift is None else {"shift": shift}
    return getattr(linalg, solver)(made, b, x0, callback=callback, **shifted, **options)


@calls_back("matvec", "rmatvec")
@vjp(approximated)
def approximated_vjp(result_bar, result, b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(), *,
                     callback=None):  # fmt: skip
    check_found(result, options, shift, x0)
    forth, back = transposed(matvec, rmatvec, solver, result[0])
    given = transposed_options(options, solver)
    u = closely(result_bar[0], shift, shape, forth, back, dtype, solver, given, args)
    bars = tuple(dynamic_vjp(matvec, result[0], *args)[1](-u)[1:]) if args else ()
    shift_bar = None if shift is None else u @ result[0]
    return np.reshape(u, np.shape(b)), None, shift_bar, None, NOTHING, NOTHING, None, None, None, bars


@jvp(approximated, 0)
def approximated_b(b_dot, result, b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(), **told):
    check_found(result, options, shift, x0)
    return closely(np.ravel(b_dot), shift, shape, matvec, rmatvec, dtype, solver, options, args), None


@jvp(approximated, 1)
@jvp(approximated, 8)
def approximated_x0(dot, result, b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(), **told):
    check_found(result, options, shift, x0)
    return np.zeros_like(result[0]), None


@jvp(approximated, 2)
def approximated_shift(shift_dot, result, b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(),
                       **told):  # fmt: skip
    check_found(result, options, shift, x0)
    return shift_dot * closely(result[0], shift, shape, matvec, rmatvec, dtype, solver, options, args), None


@jvp(approximated, 9)
def approximated_args(args_dot, result, b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, args=(), **told):
    check_found(result, options, shift, x0)
    moved = dynamic_jvp(matvec, (result[0], *args), (None, *args_dot))
    return -closely(np.ravel(moved), shift, shape, matvec, rmatvec, dtype, solver, options, args), None


def check_converged(result):
    """Where the iteration ends early, the solution is not that of the equation, and depends on all else."""
    if result[1] != 0:
        raise no_derivative("an iterative solver has a derivative rule where it converges: give it more iterations")


def check_start(shift, x0):
    """With a start, SciPy forgets the shift in the first residual, and what it finds is no solution."""
    if shift is not None and x0 is not None:
        raise no_derivative("minres has a derivative rule with shift= or with x0, not with both")


def check_found(result, options, shift, x0):
    check_converged(result)
    check_start(shift, x0)
    for name in options:
        if name not in OPTIONS:
            raise no_derivative(f"an iterative solver of an operator has no derivative rule with {name}=")


def transposed(matvec, rmatvec, solver, x):
    """The functions of the transposed operator and of its conjugate transpose."""
    given = matvec if rmatvec is None and solver in SYMMETRIC else rmatvec

    def conjugate(v, *args):
        return np.conj(given(np.conj(v), *args))

    def pulled(v, *args):
        return dynamic_vjp(matvec, x, *args)[1](v)[0]

    def forth(v, *args):
        return np.conj(matvec(np.conj(v), *args))

    return pulled if given is None else conjugate, forth


def transposed_options(options, solver):
    """Preconditioners are those of the transposed system; without one that is known, it takes longer."""
    if solver in SYMMETRIC:
        return options
    kept = {k: x for k, x in options.items() if k not in ("M", "M1", "M2")}
    if isinstance(options.get("M"), np.ndarray) or sparse.issparse(options.get("M")):
        kept["M"] = options["M"].T
    return kept


def closely(b, shift, shape, matvec, rmatvec, dtype, solver, options, args):
    """The solution for another right side, as exact as can be; as the solution itself, at least.

    ``atol`` and ``maxiter`` were given for another right side.
    """
    rtol = options.get("rtol", 1e-5)
    kept = {k: x for k, x in options.items() if k not in ("atol", "maxiter", "show", "check")}
    kept["rtol"] = min(rtol, CLOSELY)
    x, report = approximated(b, None, shift, shape, matvec, rmatvec, dtype, solver, kept, args)
    shifted = 0.0 if shift is None else shift * x
    if report != 0 and np.linalg.norm(b - matvec(x, *args) + shifted) > rtol * np.linalg.norm(b):
        raise no_derivative(f"{solver} does not converge for the derivative")
    return x


infer(approximated)(lambda *args, **options: tuple_of((some_floats(1), an_integer())))


def solved_by(solver):
    """What a solver does with an operator."""

    def solve(b, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None, x0=None, shift=None, callback=None,
              **options):  # fmt: skip
        told = {} if callback is None else {"callback": callback}
        return approximated(b, x0, shift, shape, matvec, rmatvec, dtype, solver, options, **told)

    return solve


# Least squares: A^T (b - A x) = damp^2 (x - x0)


def fitted(b, x0, shape, matvec, rmatvec, damp, solver, options, args=()):
    """What a solver of least squares finds with the operator ``v -> matvec(v, *args)``."""

    def forth(v):
        return matvec(v, *args)

    def back(v):
        return rmatvec(v, *args)

    made = linalg.LinearOperator(shape, forth, back, dtype=float)
    return getattr(linalg, solver)(made, b, damp, x0=x0, **options)


@calls_back("matvec", "rmatvec")
@vjp(fitted)
def fitted_vjp(result_bar, result, b, x0, shape, matvec, rmatvec, damp, solver, options, args=()):
    check_fitted(result, result_bar, b)
    x, v, left = result[0], normal_solution(result_bar[0], shape, matvec, rmatvec, damp, args), ()
    u = matvec(v, *args)
    if args:
        of_x, of_v = dynamic_vjp(matvec, x, *args)[1](-u)[1:], dynamic_vjp(matvec, v, *args)
        left = tuple(map(accumulate, of_x, of_v[1](np.ravel(b) - matvec(x, *args))[1:]))
    return np.reshape(u, np.shape(b)), damp**2 * v, None, NOTHING, NOTHING, NOTHING, None, None, left


@jvp(fitted, 0)
def fitted_b(b_dot, result, b, x0, shape, matvec, rmatvec, damp, solver, options, args=()):
    check_fitted(result, None, b)
    moved = rmatvec(np.ravel(b_dot), *args)
    return unknown_others(result, normal_solution(moved, shape, matvec, rmatvec, damp, args))


@jvp(fitted, 1)
def fitted_x0(x0_dot, result, b, x0, shape, matvec, rmatvec, damp, solver, options, args=()):
    check_fitted(result, None, b)
    return unknown_others(result, normal_solution(damp**2 * x0_dot, shape, matvec, rmatvec, damp, args))


@jvp(fitted, 8)
def fitted_args(args_dot, result, b, x0, shape, matvec, rmatvec, damp, solver, options, args=()):
    check_fitted(result, None, b)
    left = np.ravel(b) - matvec(result[0], *args)
    moved = dynamic_jvp(matvec, (result[0], *args), (None, *args_dot))
    back = dynamic_jvp(rmatvec, (left, *args), (None, *args_dot)) - rmatvec(moved, *args)
    return unknown_others(result, normal_solution(back, shape, matvec, rmatvec, damp, args))


infer(fitted)(lambda *args, **options: NotImplemented)


def check_solution_alone(bars):
    for bar in bars[1:]:
        if bar is not None and np.any(bar != 0):
            raise no_derivative("of least squares the solution has a derivative rule: compute norms from it")


def unknown_others(result, x_dot):
    """The tangent of the solution; those of the other numbers are not known."""
    return (x_dot, None, None, *[np.full(np.shape(other), np.nan) for other in result[3:]])


def check_ended(result):
    """The second number says why the iteration ended: 3 and 6, the matrix seems singular; 7, it took too long."""
    if result[1] in (3, 6, 7):
        raise no_derivative("least squares have a derivative rule where the solver converges")


def check_fitted(result, bars, b):
    check_ended(result)
    if np.iscomplexobj(result[0]) or np.iscomplexobj(b):
        raise no_derivative("least squares have a derivative rule for real operators only")
    if bars is not None:
        check_solution_alone(bars)


def normal_solution(c, shape, matvec, rmatvec, damp, args):
    """The solution ``v`` of ``(A^T A + damp^2) v = c``, by two systems whose condition is that of ``A``.

    Of the matrix ``B`` with the rows of ``A`` and those of ``damp I``: ``B^T w = c`` has the shortest solution
    ``w = B v``.
    """

    def forth(v, *args):
        return np.concatenate([matvec(v, *args), damp * v])

    def back(w, *args):
        return rmatvec(w[: shape[0]], *args) + damp * w[shape[0] :]

    size = (shape[0] + shape[1], shape[1])
    options = {"atol": 1e-15, "btol": 1e-15, "conlim": 0.0, "iter_lim": 4 * sum(size)}
    w = fitted(c, None, size[::-1], back, forth, 0.0, "lsqr", options, args)[0]
    v = fitted(w, None, size, forth, back, 0.0, "lsqr", options, args)[0]
    if np.linalg.norm(back(forth(v, *args), *args) - c) > 1e-6 * np.linalg.norm(c):
        raise no_derivative("least squares have a derivative rule where the solution is unique")
    return v


def fitted_by(solver):
    """What a solver of least squares does with an operator."""

    def solve(b, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None, x0=None, damp=0.0, **options):
        return fitted(b, x0, shape, matvec, rmatvec, damp, solver, options)

    return solve


# Operators that are made of others, each given as its shape and its functions: of the operator and of its adjoint


def functions_given(shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
    return shape, matvec, rmatvec


def functions_of_matrix(A):
    if sparse.issparse(A):
        return functions_of_values(A.data, emptied(A))

    def forth(v):
        return A @ v

    def back(v):
        return np.conj(A.T @ np.conj(v))

    return A.shape, forth, back


def functions_of_values(data, places):
    """Of a sparse matrix, of which the stored values may be differentiated."""

    def forth(v):
        return with_data(places, data) @ v

    def back(v):
        return np.conj(with_data(places, data).T @ np.conj(v))

    return places.shape, forth, back


def functions_elsewhere(A):
    """Of an operator that was made elsewhere."""
    other = A.H

    def forth(v):
        return A @ v

    def back(v):
        return other @ v

    return A.shape, forth, back


def summed(a, b, dtype, sign=1.0):
    (shape, forth, back), (_, other_forth, other_back) = a, b

    def matvec(v):
        return np.ravel(forth(v)) + sign * np.ravel(other_forth(v))

    def rmatvec(v):
        return np.ravel(back(v)) + sign * np.ravel(other_back(v))

    return linalg.LinearOperator(shape, matvec, None if back is None or other_back is None else rmatvec, dtype=dtype)


def scaled(a, by, dtype):
    shape, forth, back = a

    def matvec(v):
        return by * np.ravel(forth(v))

    def rmatvec(v):
        return np.conj(by) * np.ravel(back(v))

    return linalg.LinearOperator(shape, matvec, None if back is None else rmatvec, dtype=dtype)


def composed(a, b, dtype):
    (shape, forth, back), (other_shape, other_forth, other_back) = a, b

    def matvec(v):
        return np.ravel(forth(np.ravel(other_forth(v))))

    def rmatvec(v):
        return np.ravel(other_back(np.ravel(back(v))))

    sizes = (shape[0], other_shape[1])
    return linalg.LinearOperator(sizes, matvec, None if back is None or other_back is None else rmatvec, dtype=dtype)


def adjoint(a, dtype):
    shape, forth, back = a
    check_adjoint(back)
    return linalg.LinearOperator(shape[::-1], back, forth, dtype=dtype)


def check_adjoint(back):
    if back is None:
        raise no_derivative("an operator without rmatvec has no adjoint")


def transposed_operator(a, dtype):
    shape, forth, back = a
    check_adjoint(back)

    def matvec(v):
        return np.conj(back(np.conj(v)))

    def rmatvec(v):
        return np.conj(forth(np.conj(v)))

    return linalg.LinearOperator(shape[::-1], matvec, rmatvec, dtype=dtype)


def subtracted(a, b, dtype):
    return summed(a, b, dtype, -1.0)


def multiplied(a, b, dtype):
    if isinstance(a, tuple) and isinstance(b, tuple):
        return composed(a, b, dtype)
    return scaled(a, b, dtype) if isinstance(a, tuple) else scaled(b, a, dtype)


def divided(a, b, dtype):
    return scaled(a, 1 / b, dtype)


def negative(a, dtype):
    return scaled(a, -1.0, dtype)


# What makes operators of operators, and of numbers; by names, the attributes that are operators
ALGEBRA = {
    operator.add: summed, operator.sub: subtracted, operator.mul: multiplied, operator.matmul: composed,
    operator.truediv: divided, operator.neg: negative, "T": transposed_operator, "H": adjoint,
}  # fmt: skip

maker(linalg.LinearOperator, "_functions", first=0)(functions_given)
maker(linalg.aslinearoperator, "_functions", first=0)(functions_of_matrix)

# Uses: of what is made of functions, and of what is made of a matrix


def product(other, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
    if np.ndim(other) == 1:
        return np.reshape(matvec(other), shape[0])
    return columns(other, shape[0], None if np.shape(other)[1] == 1 else matmat, matvec)


def columns(other, rows, of_matrices, of_vectors):
    """A product with a matrix, by the function for that, or column by column."""
    if of_matrices is not None:
        return of_matrices(other)
    found = []
    for k in range(np.shape(other)[1]):
        found.append(np.reshape(of_vectors(other[:, k : k + 1]), (rows, 1)))
    return np.concatenate(found, axis=1)


def product_with_matrix(other, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
    return columns(other, shape[0], matmat, matvec)


def adjoint_product(other, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
    check_adjoint(rmatvec)
    size = (shape[1],) if np.ndim(other) == 1 else (shape[1], 1)
    return np.reshape(rmatvec(other), size)


def matrix_product(other, A):
    return A @ other


def adjoint_matrix_product(other, A):
    return np.conj(A.T @ np.conj(other))


def as_the_matrix(use):
    """What a function does with the operator, it does with the matrix."""

    def apply(x, A, **options):
        return use(A, x, **options)

    return apply


for name in SOLVERS:
    maker(linalg.LinearOperator, getattr(linalg, name), call="b x0")(solved_by(name))
    maker(linalg.aslinearoperator, getattr(linalg, name), call="b x0")(as_the_matrix(getattr(linalg, name)))
for name in ("lsqr", "lsmr"):
    maker(linalg.LinearOperator, getattr(linalg, name), call="b damp")(fitted_by(name))
    maker(linalg.aslinearoperator, getattr(linalg, name), call="b damp")(as_the_matrix(getattr(linalg, name)))
for use in (operator.matmul, "dot", "matvec", "__call__"):
    maker(linalg.LinearOperator, use)(product)
    maker(linalg.aslinearoperator, use)(matrix_product)
maker(linalg.LinearOperator, "matmat")(product_with_matrix)
maker(linalg.aslinearoperator, "matmat")(matrix_product)
maker(linalg.LinearOperator, "rmatvec")(adjoint_product)
maker(linalg.aslinearoperator, "rmatvec")(adjoint_matrix_product)
