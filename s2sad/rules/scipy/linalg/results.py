"""What is known of results when compiling: kind and sizes are those of an argument.

The others are tried on small arrays, which leaves sizes open; those whose kind depends on values are not known.
"""

import numpy as np
from scipy import linalg

from ...inference import UNKNOWN, array, typed
from ...table import infer
from . import banded, eigen, equations, functions, solving, structured  # noqa: F401  (whose rules these are)


def is_inexact(t):
    return t.kind == "array" and t.dtype is not None and t.dtype in (np.float64, np.float32, np.complex128)


@infer(
    linalg.inv, linalg.cholesky, linalg.expm, linalg.pinvh, linalg.sinm, linalg.cosm, linalg.tanm, linalg.sinhm,
    linalg.coshm, linalg.tanhm,
)  # fmt: skip
def like_first(a, *args, **options):
    """Square matrices, as the argument."""
    t = typed(a)
    return t if is_inexact(t) and not options.get("return_rank") else NotImplemented


def like_right_side(matrix, b):
    """A vector or the columns of a matrix, as ``b``, of one matrix."""
    s, t = typed(matrix), typed(b)
    same = is_inexact(s) and is_inexact(t) and s.dtype == t.dtype
    return t if same and s.rank in (1, 2) and t.rank in (1, 2) else NotImplemented


@infer(linalg.solve, linalg.solve_triangular, linalg.solveh_banded, linalg.solve_circulant)
def of_matrix(a, b, *args, **options):
    return like_right_side(a, b)


@infer(linalg.solve_banded)
def of_band(l_and_u, ab, b, **options):
    return like_right_side(ab, b)


@infer(linalg.cho_solve, linalg.lu_solve)
def of_factors(factors, b, *args, **options):
    t = typed(factors)
    if t.kind != "tuple" or not t.elems:
        return NotImplemented
    first, right = t.elems[0], typed(b)
    same = is_inexact(first) and is_inexact(right) and first.dtype == right.dtype
    return right if same and first.rank == 2 and right.rank in (1, 2) else NotImplemented


@infer(linalg.solve_sylvester)
def like_third(a, b, q):
    return like_last(a, q) if typed(b).dtype == typed(a).dtype else NotImplemented


@infer(linalg.solve_continuous_lyapunov, linalg.solve_discrete_lyapunov)
def like_last(a, q, *args, **options):
    s, t = typed(a), typed(q)
    return t if is_inexact(s) and is_inexact(t) and s.dtype == t.dtype == np.float64 else NotImplemented


@infer(linalg.sqrtm, linalg.logm, linalg.fractional_matrix_power, linalg.signm)
def of_either_kind(a, *args, **options):
    """Real or complex: that depends on the values."""
    t = typed(a)
    return array(t.dtype if t.dtype == np.complex128 else None, t.dims) if is_inexact(t) else UNKNOWN


@infer(linalg.eig, linalg.eigvals)
def eigenvalues(*args, **options):
    """The vectors are real or complex: that depends on the values."""
    return UNKNOWN
