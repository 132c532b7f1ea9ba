"""Products and factorisations of matrices."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ...ir.types import NUMBER, NUMERIC, UNKNOWN, Dim, Type, array, fresh_dim, same_dtype, scalar, tuple_of
from ..trial import typed
from .elementwise import broadcast, broadcast_axis
from .registry import infers


@infers(np.matmul, operator.matmul, np.dot, np.ndarray.dot)
def _matmul(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.rank is None or t.rank is None or s.rank > 2 or t.rank > 2 or not (s.rank and t.rank):
        return NotImplemented
    dims = (s.dims or ())[:-1] + ((t.dims or ())[1:] if t.rank == 2 else ())
    if s.dtype is None or t.dtype is None:
        return array(None, dims) if dims else NUMBER
    dtype = np.result_type(s.dtype, t.dtype)
    return array(dtype, dims) if dims else scalar(dtype)


@infers(np.outer)
def _outer(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.rank == 1 and t.rank == 1 and s.dims and t.dims and s.dtype and t.dtype:
        return array(np.result_type(s.dtype, t.dtype), (s.dims[0], t.dims[0]))
    return NotImplemented


@infers(np.linalg.solve)
def _solve(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if (
        s.rank == 2
        and t.rank in (1, 2)
        and t.dims
        and same_dtype(s.dtype, t.dtype)
        and s.dtype is not None
        and s.dtype.kind == "f"
    ):
        return t
    return NotImplemented


@infers(np.linalg.inv, np.linalg.cholesky)
def _inv(a: Any) -> Type:
    t = typed(a)
    if t.kind == "array" and t.dtype is not None and t.dtype.kind in "fc":
        return t
    return NotImplemented


@infers(np.einsum)
def _einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Type:
    """Sizes by label: one of 1 is stretched to that of the other operands."""
    types = [typed(x) for x in operands]
    if not isinstance(subscripts, str):
        return UNKNOWN  # lists of labels, whose values decide the rank
    if "." in subscripts or any(t.rank is None or t.dtype is None for t in types):
        return NotImplemented
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow:
        output = "".join(sorted(label for label in set(inputs) - {","} if inputs.count(label) == 1))
    sizes: dict[str, list[Dim]] = {}
    for labels, t in zip(inputs.split(","), types, strict=True):
        for label, dim in zip(labels, t.dims or (), strict=True):
            diagonal = labels.count(label) > 1  # NumPy broadcasts there, too, without asking
            sizes.setdefault(label, []).append(fresh_dim() if diagonal else dim)
    dims = tuple(broadcast_axis(sizes[label]) for label in output)
    dtype = np.result_type(*[t.dtype for t in types if t.dtype is not None])
    return array(dtype, dims) if dims else scalar(dtype)


@infers(np.linalg.eigvals)
def _eigvals(a: Any) -> Type:
    """Real or complex: that depends on values."""
    t = typed(a)
    return array(None, t.dims[:-1]) if t.kind == "array" and t.dims else UNKNOWN


@infers(np.linalg.eig)
def _eig(a: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or not t.dims:
        return UNKNOWN
    return tuple_of((array(None, t.dims[:-1]), array(None, t.dims)), type(np.linalg.eig(np.eye(1))))


_ONLY_THREE = np.lib.NumpyVersion(np.__version__) >= "2.5.0"  # components, in vectors that np.cross takes


@infers(np.cross)
def _cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Type:
    """Vectors of two components have a number for their product; later versions of NumPy take none of these."""
    s, t = typed(a), typed(b)
    if s.kind != "array" or t.kind != "array" or s.dtype is None or t.dtype is None:
        return NotImplemented
    plain = (axisa, axisb, axisc, axis) == (-1, -1, -1, None)
    if plain and s.dims and t.dims and (_ONLY_THREE or 3 in (s.dims[-1].key, t.dims[-1].key)):
        return array(np.result_type(s.dtype, t.dtype), (*broadcast(s.dims[:-1], t.dims[:-1]), Dim(3, False)))
    if max(s.rank or 0, t.rank or 0) < 2:
        return NUMERIC
    return array(np.result_type(s.dtype, t.dtype), None)


@infers(np.polyval)
def _polyval(p: Any, x: Any) -> Type:
    """Rows of coefficients, which may be none, are broadcast against the numbers."""
    return NotImplemented if typed(p).rank == 1 else UNKNOWN


@infers(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Type:
    """Of all elements a number, also where the rank is not known."""
    t = typed(x)
    if axis is not None or keepdims is not False or t.rank is not None or not t.is_numeric:
        return NotImplemented
    return NUMERIC if t.kind != "array" or t.dtype is None else scalar(np.linalg.norm(np.ones(1, t.dtype)).dtype)
