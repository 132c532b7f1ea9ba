"""Arrays that are made: of a shape, like another one, of numbers in lists, of a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir import prims
from ...ir.core import Value
from ...ir.types import NUMERIC, ONE, UNKNOWN, Dim, Type, array, fresh_dim, scalar
from ..trial import typed
from .registry import infers
from .sizes import as_dim, as_dtype, dims_of_shape


@infers(np.zeros, np.ones, np.empty)
def _zeros(shape: Any, dtype: Any = None, order: Any = "C") -> Type:
    return array(as_dtype(dtype), dims_of_shape(shape))


@infers(np.full)
def _full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Type:
    fill = typed(fill_value)
    if dtype is None and fill.kind not in ("float", "int", "complex") and fill.dtype is None:
        return array(None, dims_of_shape(shape))
    default = fill.dtype or np.dtype({"float": float, "int": int, "complex": complex}.get(fill.kind, float))
    return array(as_dtype(dtype, default), dims_of_shape(shape))


@infers(np.ascontiguousarray)
def _ascontiguousarray(a: Any, dtype: Any = None) -> Type:
    t = _like(a, dtype)
    return array(t.dtype, t.dims or (ONE,)) if t.kind == "array" and t.dims is not None else t


@infers(np.zeros_like, np.ones_like, np.empty_like)
def _like(a: Any, dtype: Any = None, order: Any = None) -> Type:
    t = typed(a)
    if t.kind in ("list", "tuple"):
        return array_of(a, dtype)
    if not t.is_numeric or t.rank is None:
        return UNKNOWN
    default = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    return array(as_dtype(dtype, default), t.dims or ())


@infers(np.copy, np.ndarray.copy)
def _copy(a: Any, order: Any = None) -> Type:
    return _like(a)


@infers(prims.copy)
def _copied(a: Any) -> Type:
    t = typed(a)
    if t.kind == "list":
        return Type("list", elems=t.elems, length=t.length, value=t.value)
    return _like(a)


@infers(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None) -> Type:
    return _like(a, dtype)


@infers(np.array, np.asarray)
def array_of(object: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, ndmin: Any = 0) -> Type:
    if isinstance(ndmin, Value):
        return UNKNOWN
    if ndmin:
        t = array_of(object, dtype)
        return array(t.dtype, (ONE,) * (ndmin - len(t.dims)) + t.dims) if t.kind == "array" and t.dims else UNKNOWN
    t = typed(object)
    if t.kind == "array" or (t.is_number and t.kind != "number"):
        return _like(object, dtype)
    form = stacked(t)
    if form is None:
        return UNKNOWN
    kinds, dims = form
    return array(as_dtype(dtype, common_dtype(kinds)), dims)


def stacked(t: Type) -> tuple[set[Type], tuple[Dim, ...]] | None:
    """The types of the numbers in a nested sequence, and the sizes of the array of them; None if not known."""
    if t.is_number:
        return {t}, ()
    if t.kind == "array" and t.dims is not None:
        return ({scalar(t.dtype)} if t.dtype is not None else {NUMERIC}), t.dims
    if t.kind not in ("list", "tuple") or not t.elems:
        return None
    forms = [stacked(e) for e in t.elems]
    if any(f is None or len(f[1]) != len(forms[0][1]) for f in forms):  # type: ignore[index]
        return None
    kinds = {k for f in forms for k in f[0]}  # type: ignore[index]
    dims = forms[0][1]  # type: ignore[index]
    for f in forms[1:]:
        dims = tuple(d if not e.one else e for d, e in zip(f[1], dims, strict=True))  # type: ignore[index]
    length = len(t.elems) if t.kind == "tuple" else t.length
    return kinds, (fresh_dim() if length is None else as_dim(length), *dims)


def common_dtype(kinds: set[Type]) -> Any:
    """The dtype of an array of numbers; None where it is not known."""
    names = {"bool": np.bool_, "int": np.int64, "float": np.float64, "complex": np.complex128}
    if NUMERIC in kinds:
        return None
    known = [k.dtype or np.dtype(names[k.kind]) for k in kinds if k.kind != "number"]
    if len(known) < len(kinds):  # a real number of open kind adds nothing to float64
        return np.float64 if known and np.result_type(*known) == np.float64 else None
    return np.result_type(*known)


@infers(np.identity)
def _identity(n: Any, dtype: Any = None) -> Type:
    return _eye(n, dtype=dtype)


@infers(np.eye)
def _eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Type:
    return array(as_dtype(dtype), (as_dim(N), as_dim(N if M is None else M)))


@infers(np.arange)
def _arange(*args: Any, dtype: Any = None) -> Type:
    kinds = [typed(a) for a in args]
    if all(t.kind == "int" for t in kinds):
        return array(as_dtype(dtype, np.int64), (as_dim(args[0]) if len(args) == 1 else fresh_dim(),))
    return array(
        as_dtype(dtype, np.float64 if all(t.kind in ("int", "float") for t in kinds) else None), (fresh_dim(),)
    )


@infers(np.linspace)
def _linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, *, dtype: Any = None) -> Type:
    ends = typed(start), typed(stop)
    if not all(t.rank == 0 and t.kind in ("float", "int", "scalar", "number") for t in ends):
        return UNKNOWN
    double = all(
        t.kind in ("float", "int") or (t.dtype is not None and t.dtype in (np.float64, np.int64)) for t in ends
    )
    return array(as_dtype(dtype) if double or dtype is not None else None, (as_dim(num),))
