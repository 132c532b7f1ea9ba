"""What is known of results when compiling: kind and sizes are those of an argument.

The others are tried on small arrays, which leaves sizes open; those whose kind depends on values are not known.
"""

import numpy as np
from scipy import linalg

from ...inference import UNKNOWN, array, fresh_dim, same_dtype, tuple_of, typed
from ...table import infer
from . import banded, eigen, equations, factorisations, functions, solving, structured  # noqa: F401  (whose they are)


def is_inexact(t):
    return t.kind == "array" and t.dtype is not None and t.dtype in (np.float64, np.float32, np.complex128)


@infer(
    linalg.inv, linalg.cholesky, linalg.expm, linalg.pinvh, linalg.sinm, linalg.cosm, linalg.tanm, linalg.sinhm,
    linalg.coshm, linalg.tanhm,
)  # fmt: skip
def like_first(a, *args, **options):
    """Square matrices, as the argument."""
    t = typed(a)
    one = t.rank is not None and t.rank < 2  # a number, of which a matrix is made
    return t if is_inexact(t) and not one and not options.get("return_rank") else NotImplemented


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
    return like_last(a, q) if same_dtype(typed(b).dtype, typed(a).dtype) else NotImplemented


@infer(linalg.solve_continuous_lyapunov, linalg.solve_discrete_lyapunov)
def like_last(a, q, *args, **options):
    s, t = typed(a), typed(q)
    return t if is_inexact(s) and is_inexact(t) and s.dtype == t.dtype == np.float64 else NotImplemented


def sizes(t):
    """Those of a type that has them."""
    assert t.dims is not None
    return t.dims


def real_dtype(dtype):
    return np.float32 if dtype == np.float32 else np.float64


@infer(linalg.eigh)
def eigh(a, b=None, *, eigvals_only=False, subset_by_index=None, subset_by_value=None, **options):
    t = typed(a)
    whole = subset_by_index is None and subset_by_value is None and (b is None or same_dtype(typed(b).dtype, t.dtype))
    if not is_inexact(t) or t.rank != 2 or not whole or not isinstance(eigvals_only, bool):
        return NotImplemented
    values = array(real_dtype(t.dtype), sizes(t)[:1])
    return values if eigvals_only else tuple_of((values, t))


@infer(linalg.eigvalsh)
def eigvalsh(a, b=None, **options):
    return eigh(a, b, eigvals_only=True, **options)


@infer(linalg.lu_factor)
def lu_factor(a, **options):
    t = typed(a)
    return tuple_of((t, array(np.int32, (fresh_dim(),)))) if is_inexact(t) and t.rank == 2 else NotImplemented


@infer(linalg.qr)
def qr(a, *, mode="full", pivoting=False, **options):
    t = typed(a)
    if not is_inexact(t) or t.rank != 2 or mode not in ("full", "economic") or pivoting is not False:
        return NotImplemented
    rows, columns = sizes(t)
    k = fresh_dim()
    if mode == "economic":
        return tuple_of((array(t.dtype, (rows, k)), array(t.dtype, (k, columns))))
    return tuple_of((array(t.dtype, (rows, rows)), t))


@infer(linalg.svd)
def svd(a, full_matrices=True, compute_uv=True, **options):
    t = typed(a)
    if not is_inexact(t) or t.rank != 2 or not isinstance(full_matrices, bool) or not isinstance(compute_uv, bool):
        return NotImplemented
    rows, columns = sizes(t)
    k = fresh_dim()
    values = array(real_dtype(t.dtype), (k,))
    if not compute_uv:
        return values
    left, right = ((rows, rows), (columns, columns)) if full_matrices else ((rows, k), (k, columns))
    return tuple_of((array(t.dtype, left), values, array(t.dtype, right)))


@infer(linalg.sqrtm, linalg.logm, linalg.fractional_matrix_power, linalg.signm)
def of_either_kind(a, *args, disp=True, **options):
    """Real or complex: that depends on the values."""
    t, shown = typed(a), args[0] if args and typed(args[0]).kind == "bool" else disp
    if not is_inexact(t) or not isinstance(shown, bool):
        return UNKNOWN
    return array(t.dtype if t.dtype == np.complex128 else None, t.dims) if shown else UNKNOWN


@infer(linalg.eig, linalg.eigvals)
def eigenvalues(*args, **options):
    """The vectors are real or complex: that depends on the values."""
    return UNKNOWN
