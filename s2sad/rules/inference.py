"""What is known of results when compiling: the type rules of functions whose result's sizes matter.

An inference function takes the arguments of a call as the function does.  Each is a ``Value`` (its ``type`` is what is
known of it), or what is known when compiling: a plain object; tuples and slices may hold Values.  It returns a Type.
A function without one is tried on small arrays, which tells kind, dtype and rank, and leaves its sizes open.
"""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Value, hashable
from ..ir.types import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NUMBER,
    NUMERIC,
    ONE,
    SLICE,
    STR,
    UNKNOWN,
    Dim,
    Type,
    array,
    as_result,
    dummy,
    element,
    fresh_dim,
    is_fresh,
    join,
    refreshed,
    scalar,
    tuple_of,
)
from .table import Rule, rule_for
from .trial import try_small, typed

INFER: dict[Any, Callable[..., Type]] = {}


def infers(*functions: Any) -> Callable[[Callable[..., Type]], Callable[..., Type]]:
    """Register what is known of the result of functions."""

    def decorate(result: Callable[..., Type]) -> Callable[..., Type]:
        for function in functions:
            INFER[function] = result
        return result

    return decorate


def infer(prim: Any, args: list[Any], params: dict[str, Any]) -> Type:
    """The type of ``prim(*args, **params)``; ``UNKNOWN`` is always right."""
    types = [typed(a) for a in [*args, *params.values()]]
    for t in types:
        if t.kind == "bottom":
            return BOTTOM
    known = INFER.get(prim) if hashable(prim) else None
    rule = rule_for(prim)
    if rule is not None and rule.infer is not None:
        known = rule.infer
    if known is not None:
        try:
            result = known(*args, **params)
            if result is not NotImplemented:
                return result
        except (TypeError, LookupError, ValueError, AttributeError):  # it does not know these options
            pass
    try:
        elementwise = _is_elementwise(prim, rule)
        if elementwise and not params and all(t.kind != "none" for t in types):
            return _elementwise(prim, types)
        if rule is not None and not rule.effect and not _is_by_value(prim):
            tried = try_small(prim, args, params)
            return _of_sizes(tried, types) if elementwise else tried
    except (TypeError, LookupError, ValueError, AttributeError):
        pass
    return UNKNOWN


def _of_sizes(tried: Type, types: list[Type]) -> Type:
    """The type of an elementwise result, with the sizes of its arguments."""
    arrays = [t.dims for t in types if t.kind == "array"]
    if tried.kind != "array" or any(dims is None for dims in arrays):
        return tried
    dims = broadcast(*(dims for dims in arrays if dims is not None))
    return array(tried.dtype, dims) if len(dims) == tried.rank else tried


# The kind or dtype of their results depends on values, or on sizes beyond small ones; SciPy's by name.
_BY_VALUE = {np.real_if_close, np.roots, np.poly,
             "scipy.linalg.lstsq", "scipy.integrate.simpson", "scipy.special.multigammaln"}  # fmt: skip


def _is_by_value(prim: Any) -> bool:
    module = (getattr(prim, "__module__", None) or "").partition("._")[0]
    return prim in _BY_VALUE or f"{module}.{getattr(prim, '__name__', '')}" in _BY_VALUE


# ---------------------------------------------------------------- elementwise


_SCALAR_OPERATORS = {
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
    operator.neg, operator.pos, operator.abs, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
    operator.ne, operator.and_, operator.or_, operator.xor, operator.invert, operator.lshift, operator.rshift,
}  # fmt: skip


def _is_elementwise(prim: Any, rule: Rule | None) -> bool:
    if isinstance(prim, np.ufunc):
        return prim.signature is None  # matmul and its like are not
    return prim in _SCALAR_OPERATORS or (rule is not None and rule.kind == "elementwise")


def broadcast(*dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The sizes of a broadcast result."""
    rank = max(map(len, dims), default=0)
    return tuple(_broadcast_axis([d[len(d) - rank + i] for d in dims if len(d) - rank + i >= 0]) for i in range(rank))


def _broadcast_axis(sizes: list[Dim]) -> Dim:
    sizes = [d for d in dict.fromkeys(sizes) if not d.one]
    if not sizes:
        return ONE
    certain = [d for d in sizes if d.one is False]
    if certain:
        return certain[0]  # the others are equal to it, or 1
    return sizes[0] if len(sizes) == 1 else fresh_dim()


@functools.lru_cache(maxsize=4096)
def _kind_of_elementwise(prim: Any, kinds: tuple[Any, ...]) -> tuple[str, Any]:
    small = []
    for kind, dtype, zero_rank in kinds:
        small.append(dummy(Type(kind, dtype, () if zero_rank else (ONE,)) if kind == "array" else Type(kind, dtype)))
    if getattr(prim, "__module__", None) == "math":  # whose functions raise outside of their domain
        return "float", None
    with np.errstate(all="ignore"):
        try:
            result = as_result(prim(*small))
        except Exception as error:  # whatever the function dislikes about these numbers: nothing is known
            raise LookupError from error
    return result.kind, result.dtype


def _elementwise(prim: Any, types: list[Type]) -> Type:
    if not all(t.is_numeric for t in types):
        return UNKNOWN
    if any(t.kind == "numeric" or (t.kind == "array" and t.dims is None) for t in types):
        return NUMERIC
    result_is_bool = prim in _COMPARISONS
    if any(t.kind == "number" for t in types):
        if all(t.is_number for t in types):
            real = all(t.kind != "complex" and not (t.dtype is not None and t.dtype.kind == "c") for t in types)
            return NUMERIC if not real else UNKNOWN if result_is_bool else NUMBER
        # a number among arrays: its dtype is open, its rank is not
        dims = broadcast(*(t.dims for t in types if t.dims is not None))
        return array(np.bool_ if result_is_bool else _common_float(types), dims) if dims else NUMERIC
    if prim is operator.pow and all(t.kind in ("int", "bool") for t in types):
        return NUMBER
    kinds = tuple((t.kind, t.dtype, t.rank == 0) for t in types)
    if isinstance(prim, np.ufunc) and prim.nout > 1:
        return _several(prim, kinds, types)
    kind, dtype = _kind_of_elementwise(prim, kinds)
    if kind == "array":
        return array(dtype, broadcast(*(t.dims or () for t in types)))
    return Type(kind, dtype)


def _several(prim: np.ufunc, kinds: tuple[Any, ...], types: list[Type]) -> Type:
    """The results of a function such as ``np.modf``."""
    dims = broadcast(*(t.dims or () for t in types))
    small = [dummy(Type(k, d, ()) if k == "array" else Type(k, d)) for k, d, _ in kinds]
    with np.errstate(all="ignore"):
        dtypes = [np.asarray(r).dtype for r in prim(*small)]
    whole = any(t.kind == "array" and t.dims for t in types)
    return tuple_of(tuple(array(d, dims) if whole else scalar(d) for d in dtypes))


def _common_float(types: list[Type]) -> Any:
    """The dtype of arrays that meet a number of open kind: certain only for the widest one."""
    dtypes = {t.dtype for t in types if t.kind == "array"}
    return np.float64 if dtypes == {np.dtype(np.float64)} else None


def float64_of_broadcast(*args: Any, **params: Any) -> Type:
    """The result of a function that computes in float64, whatever the dtypes of its broadcast arguments are."""
    types = [typed(x) for x in (*args, *params.values())]
    if not all(t.is_number or (t.kind == "array" and t.dims is not None) for t in types):
        return NotImplemented
    dims = broadcast(*(t.dims or () for t in types))
    return array(np.float64, dims) if dims else scalar(np.float64)


def unknown() -> Type:
    return UNKNOWN


def number() -> Type:
    """A float, or a NumPy scalar."""
    return NUMBER


def two_numbers() -> Type:
    return tuple_of((NUMBER, NUMBER))


def matrix_of_floats() -> Type:
    return array(np.float64, (fresh_dim(), fresh_dim()))


def some_floats(rank: int | None = None) -> Type:
    """An array of floats; of any rank, where it is not given."""
    return array(np.float64, None if rank is None else tuple(fresh_dim() for _ in range(rank)))


def integers(rank: int | None) -> Type:
    """An array of integers."""
    return array(np.int64, None if rank is None else tuple(fresh_dim() for _ in range(rank)))


def an_integer() -> Type:
    return INT


def simplices() -> Type:
    """For each of some points: the number of its simplex, a matrix, and the corners."""
    return tuple_of((integers(1), some_floats(3), array(np.int32, integers(2).dims)))


def knots_and_coefficients() -> Type:
    """A spline as FITPACK has it."""
    return tuple_of((some_floats(1), some_floats(1), INT))


def like_floats(x: Any) -> Type:
    """An array of floats with the sizes of another, or of a number."""
    t = typed(x)
    return array(np.float64, t.dims if t.kind == "array" else ()) if t.kind in ("array", "float", "scalar") else UNKNOWN


def same_object(a: Any) -> Type:
    """An object of the class of another, as far as its methods go."""
    t = typed(a)
    return Type("object", cls=t.cls, keys=()) if t.kind == "object" else UNKNOWN


def product_of_object(a: Any, x: Any) -> Type:
    """The product of a matrix, known by its class alone, with a vector or with the columns of a matrix."""
    t = typed(x)
    return array(np.float64, tuple(fresh_dim() for _ in t.dims)) if t.kind == "array" and t.dims else UNKNOWN


def result_of(cls: type, *floats: str, **known: Type) -> Type:
    """A result object of SciPy: a dictionary whose entries are attributes, too.

    Args:
        cls: its class.
        floats: names of entries that are arrays of floats, of any rank.
        known: the types of others that are differentiable.
    """
    entries = {**dict.fromkeys(floats, array(np.float64, None)), **known}
    others = {"success": BOOL, "status": INT, "message": STR, "nfev": INT, "njev": INT, "nhev": INT, "nit": INT,
              "converged": BOOL, "iterations": INT, "function_calls": INT, "flag": STR, "nlu": INT}  # fmt: skip
    entries.update(others)
    return Type("dict", elems=tuple(entries.values()), cls=cls, keys=tuple(entries))


_COMPARISONS = {
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
}  # fmt: skip


@infers(operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow, operator.imod,
        operator.ifloordiv, operator.imatmul)  # fmt: skip
def _augmented(a: Any, b: Any) -> Type:
    return typed(a) if typed(a).kind == "array" else NotImplemented


@infers(operator.add)
def _add(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.kind == t.kind == "tuple":
        return tuple_of(s.elems + t.elems)
    if s.kind == t.kind == "list":
        elem = join(element(s), element(t))
        length = s.length + t.length if s.length is not None and t.length is not None else None
        return Type("list", elems=() if elem == BOTTOM else (elem,), length=length)
    return STR if s.kind == t.kind == "str" else _computed("sum", a, b)


@infers(operator.sub)
def _sub(a: Any, b: Any) -> Type:
    return _computed("sum", a, -b) if type(b) is int else _computed("difference", a, b)


@infers(operator.floordiv)
def _floordiv(a: Any, b: Any) -> Type:
    return _computed("quotient", a, b)


@infers(operator.mul)
def _mul(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if t.kind in ("list", "tuple"):
        a, b, s, t = b, a, t, s
    if s.kind == "tuple" and t.kind == "int":
        return UNKNOWN if isinstance(b, Value) else tuple_of(s.elems * b)
    if s.kind == "list" and t.kind == "int":
        return Type("list", elems=() if element(s) == BOTTOM else (element(s),))
    return _computed("product", a, b)


@infers(operator.not_, operator.is_, operator.is_not, operator.contains, isinstance, bool, all, any, callable, hasattr)
def _boolean(*args: Any) -> Type:
    return BOOL


@infers(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)
def _compare(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    if s.kind in ("str", "none") or t.kind in ("str", "none"):
        return BOOL
    python = ("bool", "int", "float", "complex")
    return BOOL if s.kind in python and t.kind in python else NotImplemented


# ---------------------------------------------------------------- sizes


def _size(dim: Dim) -> Type:
    return Type("int", value=dim)


def _computed(name: str, a: Any, b: Any) -> Any:
    """The type of a whole number that is computed from sizes and arguments: as equal as what it is computed from.

    Its key is ``("sum", key, 2)`` for ``n + 2``, ``("product", key, key)`` and so on; nothing is said of other numbers.
    """
    keys = [_whole(a), _whole(b)]
    if None in keys:
        return NotImplemented
    if name in ("sum", "product") and type(keys[0]) is int:
        keys.reverse()
    if name == "sum" and type(keys[1]) is int:
        base, more = _parts(keys[0])
        return _size(Dim(("sum", base, more + keys[1]))) if more + keys[1] else _size(Dim(base))
    return _size(Dim((name, *keys)))


def _whole(x: Any) -> Any:
    """The key of a whole number that stays what it is for the whole call; None for another."""
    if not isinstance(x, Value):
        return x if type(x) is int else None
    size = x.type.value if x.type.kind == "int" else None
    return size.key if isinstance(size, Dim) and not is_fresh(size.key) else None


def _parts(key: Any) -> tuple[Any, int]:
    """``n`` and 2 of ``n + 2``."""
    return (key[1], key[2]) if _is_sum(key) else (key, 0)


def _is_sum(key: Any) -> bool:
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "sum" and type(key[2]) is int


@infers(np.shape)
def _shape(a: Any) -> Type:
    t = typed(a)
    if t.rank is None:
        return UNKNOWN if t.kind in ("list", "tuple", "unknown") else Type("shape_tuple")
    return tuple_of(tuple(_size(d) for d in t.dims or ()))


@infers(len)
def _len(a: Any) -> Type:
    t = typed(a)
    if t.kind == "array" and t.dims:
        return _size(t.dims[0])
    return INT


@infers(np.ndim, np.size, int, round, operator.index)
def _int(a: Any, *rest: Any) -> Type:
    return NUMBER if rest else INT


@infers(float)
def _float(a: Any = 0.0) -> Type:
    return FLOAT


@infers(str, repr, format, prims.format_string)
def _str(*args: Any) -> Type:
    return STR


@infers(range)
def _range(*args: Any) -> Type:
    return Type("range")


@infers(slice)
def _slice(*args: Any) -> Type:
    return SLICE


@infers(prims.make_tuple)
def _make_tuple(*elems: Any) -> Type:
    return tuple_of(tuple(map(typed, elems)))


@infers(prims.make_list)
def _make_list(*elems: Any) -> Type:
    if not elems:  # to be filled
        return NotImplemented
    return Type("list", elems=(element(tuple_of(tuple(map(typed, elems)))),))


@infers(tuple)
def _tuple(a: Any = ()) -> Type:
    t = typed(a)
    if t.kind == "tuple":
        return tuple_of(t.elems)
    if t.kind == "list" and t.length is not None and t.elems:
        return tuple_of(tuple(element(t, i if len(t.elems) > 1 else None) for i in range(t.length)))
    return UNKNOWN


def dims_of_shape(shape: Any) -> tuple[Dim, ...] | None:
    """The sizes that a ``shape`` argument asks for."""
    if isinstance(shape, Value):
        t = shape.type
        if t.kind == "tuple":
            return tuple(_dim_of(e) for e in t.elems)
        return (_dim_of(t),) if t.kind == "int" else None
    if isinstance(shape, (tuple, list)):
        return tuple(_dim(n) for n in shape)
    return (_dim(shape),)


def _dim(n: Any) -> Dim:
    if isinstance(n, Value):
        return _dim_of(n.type)
    n = operator.index(n)
    return ONE if n == 1 else Dim(n, False) if n >= 0 else fresh_dim()


def _dim_of(t: Type) -> Dim:
    dim = t.value if t.kind == "int" and isinstance(t.value, Dim) else fresh_dim()
    if _is_sum(dim.key) and dim.key[2] < 0:  # as the size of a slice, which can't be negative either
        return Dim(("less", dim.key[1], -dim.key[2]))
    return dim


def _dtype(dtype: Any, default: Any = np.float64) -> Any:
    if dtype is None:
        return default
    if isinstance(dtype, Value):
        if dtype.type.kind == "dtype":
            return dtype.type.dtype
        raise LookupError
    return np.dtype(dtype)


@infers(np.zeros, np.ones, np.empty)
def _zeros(shape: Any, dtype: Any = None, order: Any = "C") -> Type:
    return array(_dtype(dtype), dims_of_shape(shape))


@infers(np.full)
def _full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Type:
    fill = typed(fill_value)
    if dtype is None and fill.kind not in ("float", "int", "complex") and fill.dtype is None:
        return array(None, dims_of_shape(shape))
    default = fill.dtype or np.dtype({"float": float, "int": int, "complex": complex}.get(fill.kind, float))
    return array(_dtype(dtype, default), dims_of_shape(shape))


@infers(np.ascontiguousarray)
def _ascontiguousarray(a: Any, dtype: Any = None) -> Type:
    t = _like(a, dtype)
    return array(t.dtype, t.dims or (ONE,)) if t.kind == "array" and t.dims is not None else t


@infers(np.zeros_like, np.ones_like, np.empty_like, np.copy, np.ndarray.copy)
def _like(a: Any, dtype: Any = None, order: Any = None) -> Type:
    t = typed(a)
    if t.kind in ("list", "tuple"):
        return _array(a, dtype)
    if not t.is_numeric or t.rank is None:
        return UNKNOWN
    default = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    return array(_dtype(dtype, default), t.dims or ())


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
def _array(object: Any, dtype: Any = None, copy: Any = None, order: Any = None, ndmin: Any = 0) -> Type:
    if isinstance(ndmin, Value):
        return UNKNOWN
    if ndmin:
        t = _array(object, dtype)
        return array(t.dtype, (ONE,) * (ndmin - len(t.dims)) + t.dims) if t.kind == "array" and t.dims else UNKNOWN
    t = typed(object)
    if t.kind == "array" or (t.is_number and t.kind != "number"):
        return _like(object, dtype)
    form = _stacked(t)
    if form is None:
        return UNKNOWN
    kinds, dims = form
    return array(_dtype(dtype, _common_dtype(kinds)), dims)


def _stacked(t: Type) -> tuple[set[Type], tuple[Dim, ...]] | None:
    """The types of the numbers in a nested sequence, and the sizes of the array of them; None if not known."""
    if t.is_number:
        return {t}, ()
    if t.kind == "array" and t.dims is not None:
        return ({scalar(t.dtype)} if t.dtype is not None else {NUMERIC}), t.dims
    if t.kind not in ("list", "tuple") or not t.elems:
        return None
    forms = [_stacked(e) for e in t.elems]
    if any(f is None or len(f[1]) != len(forms[0][1]) for f in forms):  # type: ignore[index]
        return None
    kinds = {k for f in forms for k in f[0]}  # type: ignore[index]
    dims = forms[0][1]  # type: ignore[index]
    for f in forms[1:]:
        dims = tuple(d if not e.one else e for d, e in zip(f[1], dims, strict=True))  # type: ignore[index]
    length = len(t.elems) if t.kind == "tuple" else t.length
    return kinds, (fresh_dim() if length is None else _dim(length), *dims)


def _common_dtype(kinds: set[Type]) -> Any:
    """The dtype of an array of numbers; None where it is not known."""
    names = {"bool": np.bool_, "int": np.int64, "float": np.float64, "complex": np.complex128}
    if NUMERIC in kinds:
        return None
    known = [k.dtype or np.dtype(names[k.kind]) for k in kinds if k.kind != "number"]
    if len(known) < len(kinds):  # a real number of open kind adds nothing to float64
        return np.float64 if known and np.result_type(*known) == np.float64 else None
    return np.result_type(*known)


@infers(np.eye, np.identity)
def _eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Type:
    return array(_dtype(dtype), (_dim(N), _dim(N if M is None else M)))


@infers(np.arange)
def _arange(*args: Any, dtype: Any = None) -> Type:
    kinds = [typed(a) for a in args]
    if all(t.kind == "int" for t in kinds):
        return array(_dtype(dtype, np.int64), (_dim(args[0]) if len(args) == 1 else fresh_dim(),))
    return array(_dtype(dtype, np.float64 if all(t.kind in ("int", "float") for t in kinds) else None), (fresh_dim(),))


@infers(np.linspace)
def _linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None) -> Type:
    s, t = typed(start), typed(stop)
    if s.rank == 0 and t.rank == 0 and {s.kind, t.kind} <= {"float", "int"}:
        return array(_dtype(dtype), (_dim(num),))
    return UNKNOWN


# ---------------------------------------------------------------- reductions


def _reduced(t: Type, axis: Any, keepdims: Any) -> tuple[Dim, ...] | None:
    if t.rank is None or isinstance(keepdims, Value):
        return None
    dims = t.dims or ()
    if isinstance(axis, Value):
        if axis.type.kind != "int" or not dims:
            return None
        if len(dims) > 1:  # which axis is known when the program runs
            return tuple(fresh_dim() for _ in range(len(dims) - (not keepdims)))
        axis = 0
    axes = range(len(dims)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reduced = {operator.index(i) % max(len(dims), 1) for i in axes}
    if keepdims:
        return tuple(ONE if i in reduced else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in reduced)


def _reduction(reduce: Any, floating: bool) -> Callable[..., Type]:
    def result(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
               initial: Any = None, where: Any = True) -> Type:  # fmt: skip
        t = typed(a)
        if t.kind == "list":
            t = _array(a)
        if t is NotImplemented or not t.is_numeric:
            return UNKNOWN
        dims = _reduced(t, axis, keepdims)
        if t.kind == "number" or dims is None or (t.kind == "array" and t.dtype is None):
            return array(None, dims) if dims else NUMBER if t.is_number else NUMERIC
        kind = _kind_of_reduction(reduce, t.kind, t.dtype)
        if dtype is not None:
            kind = _dtype(dtype)
        return array(kind, dims) if dims else scalar(kind)

    return result


@functools.lru_cache(maxsize=256)
def _kind_of_reduction(reduce: Any, kind: str, dtype: Any) -> Any:
    small = dummy(Type(kind, dtype, (ONE,)) if kind == "array" else Type(kind, dtype))
    with np.errstate(all="ignore"):
        return np.asarray(reduce(np.asarray(small))).dtype


for _function, _method in [
    (np.sum, np.ndarray.sum), (np.mean, np.ndarray.mean), (np.prod, np.ndarray.prod), (np.max, np.ndarray.max),
    (np.min, np.ndarray.min), (np.nansum, None), (np.nanmean, None), (np.any, np.ndarray.any),
    (np.all, np.ndarray.all), (np.ptp, None),
]:  # fmt: skip
    infers(_function, *([_method] if _method else []))(_reduction(_function, False))


@infers(np.argmax, np.argmin, np.ndarray.argmax, np.ndarray.argmin)
def _argmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Type:
    dims = _reduced(typed(a), axis, keepdims)
    return UNKNOWN if dims is None else array(np.intp, dims) if dims else scalar(np.intp)


@infers(np.std, np.var, np.ndarray.std, np.ndarray.var)
def _std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False) -> Type:
    return _reduction(np.std, True)(a, axis, dtype, out, ddof, keepdims)


@infers(np.cumsum, np.ndarray.cumsum, np.cumprod, np.ndarray.cumprod)
def _cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Type:
    t = typed(a)
    if t.kind == "array" and t.dims is not None and t.dtype is not None and t.dtype.kind in "fc":
        return array(_dtype(dtype, t.dtype), t.dims if axis is not None or len(t.dims) == 1 else (fresh_dim(),))
    return NotImplemented


# ---------------------------------------------------------------- products


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
        and s.dtype == t.dtype
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


# ---------------------------------------------------------------- shapes


@infers(np.pad)
def _pad(array_: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Type:
    t = typed(array_)
    if t.kind == "array" and t.dims is not None and t.dtype is not None:
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims))
    return NotImplemented


@infers(np.transpose, np.ndarray.transpose)
def _transpose(a: Any, axes: Any = None) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None or isinstance(axes, Value):
        return array(t.dtype, None) if t.kind == "array" else NotImplemented
    order = range(len(t.dims))[::-1] if axes is None else axes
    if any(isinstance(i, Value) for i in order):
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims))
    return array(t.dtype, tuple(t.dims[i] for i in order))


@infers(np.swapaxes, np.ndarray.swapaxes)
def _swapaxes(a: Any, axis1: Any, axis2: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None or isinstance(axis1, Value) or isinstance(axis2, Value):
        return NotImplemented
    dims = list(t.dims)
    dims[axis1], dims[axis2] = dims[axis2], dims[axis1]
    return array(t.dtype, tuple(dims))


@infers(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Type:
    t = typed(a)
    if t.rank is None or not t.is_numeric or t.kind == "number":
        return NotImplemented
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    if isinstance(axis, Value):
        if axis.type.kind != "int":
            return NotImplemented
        return array(dtype, tuple(fresh_dim() for _ in range(t.rank + 1)) if t.rank else (ONE,))
    axes = axis if isinstance(axis, tuple) else (axis,)
    rank = t.rank + len(axes)
    places = {operator.index(i) % rank for i in axes}
    rest = iter(t.dims or ())
    return array(dtype, tuple(ONE if i in places else next(rest) for i in range(rank)))


@infers(np.squeeze, np.ndarray.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Type:
    t = typed(a)
    if isinstance(axis, Value) and axis.type.kind == "int" and t.kind == "array" and t.dims:
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims[1:]))
    if t.kind != "array" or t.dims is None or isinstance(axis, Value):
        return UNKNOWN if t.kind != "array" else array(t.dtype, None)
    if axis is None:
        if any(d.one is None for d in t.dims):
            return array(t.dtype, None)
        return array(t.dtype, tuple(d for d in t.dims if not d.one))
    axes = {i % len(t.dims) for i in (axis if isinstance(axis, tuple) else (axis,))}
    return array(t.dtype, tuple(d for i, d in enumerate(t.dims) if i not in axes))


@infers(np.broadcast_to)
def _broadcast_to(array_: Any, shape: Any) -> Type:
    t = typed(array_)
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    return array(dtype, dims_of_shape(shape))


@infers(np.reshape, np.ndarray.reshape)
def _reshape(a: Any, shape: Any, order: Any = "C") -> Type:
    t = typed(a)
    dtype = t.dtype or {"float": np.float64, "int": np.int64, "complex": np.complex128}.get(t.kind)
    dims = dims_of_shape(shape)
    if dims is not None and isinstance(shape, (int, Value)) and not isinstance(shape, Value) and shape == -1:
        dims = (fresh_dim(False if t.dims and len(t.dims) == 1 and t.dims[0].one is False else None),)
    return array(dtype, dims)


@infers(np.ravel, np.ndarray.ravel, np.ndarray.flatten)
def _ravel(a: Any, order: Any = "C") -> Type:
    t = typed(a)
    if t.kind == "array":
        return array(t.dtype, t.dims if t.dims is not None and len(t.dims) == 1 else (fresh_dim(),))
    return NotImplemented


@infers(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Type:
    if x is None and y is None:
        return UNKNOWN
    types = [typed(condition), typed(x), typed(y)]
    if any(t.rank is None for t in types):
        return NUMERIC
    if any(t.kind == "number" for t in types):
        return array(None, broadcast(*(t.dims or () for t in types)))
    dtype = np.where(np.ones((), bool), *(dummy(Type(t.kind, t.dtype, ())) for t in types[1:])).dtype
    return array(dtype, broadcast(*(t.dims or () for t in types)))


def _as_array(x: Any) -> Type:
    """The type of ``np.asarray(x)``."""
    t = _array(x) if typed(x).kind == "list" else typed(x)
    return UNKNOWN if t is NotImplemented else t


def _as_array_type(t: Type) -> Type:
    return _as_array(Value(None, t))


@infers(np.concatenate)
def _concatenate(arrays: Any, axis: Any = 0) -> Type:
    elems = (
        [_as_array(a) for a in arrays] if isinstance(arrays, tuple) else list(map(_as_array_type, typed(arrays).elems))
    )
    if axis is None or isinstance(axis, Value) or not elems or any(t.kind != "array" or t.dims is None for t in elems):
        return NotImplemented
    dtypes = {t.dtype for t in elems}
    first = elems[0].dims or ()
    if len(dtypes) != 1 or any(len(t.dims or ()) != len(first) for t in elems):
        return NotImplemented
    others = [t.dims or () for t in elems]
    certain = fresh_dim(False if len(elems) > 1 and any(d[axis].one is False for d in others) else None)
    axis = axis % len(first)
    return array(dtypes.pop(), tuple(certain if i == axis else d for i, d in enumerate(first)))


@infers(np.real, np.imag)
def _real(val: Any) -> Type:
    t = typed(val)
    if t.kind == "array" and t.dtype is not None and t.dims is not None:
        return array(np.real(np.zeros((), t.dtype)).dtype, t.dims)
    return NotImplemented


# ---------------------------------------------------------------- indexing


@infers(operator.getitem)
def getitem(a: Any, index: Any) -> Type:
    """The element, view or selection ``a[index]``."""
    t = typed(a)
    if t.kind in ("tuple", "list"):
        i = typed(index)
        if i.kind == "slice":
            if t.kind == "tuple" and isinstance(index, slice) and not _holds_values(index):
                return tuple_of(t.elems[index])
            return UNKNOWN if t.kind == "tuple" else Type("list", elems=() if not t.elems else (element(t),))
        if i.kind not in ("int", "bool", "scalar", "number"):
            return UNKNOWN
        known = None if isinstance(index, Value) else operator.index(index)
        one_each = known is not None and (t.kind == "tuple" or len(t.elems) > 1)
        return element(t, known) if one_each else refreshed(element(t))
    if t.kind == "shape_tuple":
        return INT if typed(index).kind == "int" else UNKNOWN
    if t.kind == "dict":
        if t.keys is not None and not isinstance(index, Value) and index in t.keys and len(t.elems) == len(t.keys):
            return t.elems[t.keys.index(index)]
        return refreshed(element(t))
    if t.kind == "str":
        return STR
    if t.kind == "scalar" and isinstance(index, tuple) and index and all(e is None or e is Ellipsis for e in index):
        return array(t.dtype, (ONE,) * sum(e is None for e in index))  # a NumPy number as an array
    if t.kind != "array" or t.dims is None:
        return NUMERIC if t.kind == "array" else UNKNOWN
    entries = list(index) if isinstance(index, tuple) else [index]
    dims = _indexed(t.dims, entries)
    if dims is None:
        return array(t.dtype, None) if _surely_array(t, entries) else NUMERIC
    basic = all(typed(e).kind in ("int", "slice", "none", "ellipsis", "scalar") for e in entries)
    if not dims and basic and not any(typed(e).kind == "ellipsis" for e in entries):
        return scalar(t.dtype) if t.dtype is not None else NUMERIC
    return array(t.dtype, dims)


def _surely_array(t: Type, entries: list[Any]) -> bool:
    return any(typed(e).kind in ("slice", "array", "list") for e in entries)


def _holds_values(index: slice) -> bool:
    return any(isinstance(e, Value) for e in (index.start, index.stop, index.step))


def _indexed(dims: tuple[Dim, ...], entries: list[Any]) -> tuple[Dim, ...] | None:
    """The sizes of an indexed array; None where the rank can't be known."""
    kinds = [typed(e) for e in entries]
    if any(t.kind not in ("int", "scalar", "slice", "none", "ellipsis", "array", "list") for t in kinds):
        return None
    arrays = [t for t in kinds if t.kind in ("array", "list")]
    if any(t.kind == "list" or t.dims is None or t.dtype is None or t.kind == "scalar" for t in arrays):
        return None
    if any(t.kind == "scalar" and (t.dtype is None or t.dtype.kind not in "iu") for t in kinds):
        return None
    used = sum(
        1 if t.kind in ("int", "slice", "scalar") else 0 if t.kind != "array" else
        (len(t.dims or ()) if t.dtype is not None and t.dtype.kind == "b" else 1)
        for t in kinds
    )  # fmt: skip
    if used > len(dims):
        return None
    if not any(t.kind == "ellipsis" for t in kinds):
        entries, kinds = [*entries, Ellipsis], [*kinds, Type("ellipsis")]
    out: list[Dim] = []
    axis, place, apart, last = 0, None, False, -2
    for position, (entry, t) in enumerate(zip(entries, kinds, strict=True)):
        if t.kind in ("int", "scalar"):
            if arrays:
                apart = apart or (place is not None and last != position - 1)
                place, last = len(out) if place is None else place, position
            axis += 1
        elif t.kind == "slice":
            out.append(_sliced(dims[axis], entry))
            axis += 1
        elif t.kind == "none":
            out.append(ONE)
        elif t.kind == "ellipsis":
            count = len(dims) - used
            out.extend(dims[axis : axis + count])
            axis += count
        else:
            apart = apart or (place is not None and last != position - 1)
            place, last = len(out) if place is None else place, position
            axis += len(t.dims or ()) if t.dtype is not None and t.dtype.kind == "b" else 1
    if arrays:
        chosen = broadcast(*[_selected(e, t) for e, t in zip(entries, kinds, strict=True) if t in arrays])
        where = 0 if apart else (place or 0)
        out[where:where] = chosen
    return tuple(out)


def _selected(index: Any, t: Type) -> tuple[Dim, ...]:
    """The sizes that an array among indices gives: a mask selects as many as it has true entries."""
    if t.dtype is not None and t.dtype.kind == "b":
        return (Dim(("value", index)) if isinstance(index, Value) else fresh_dim(),)
    return t.dims or ()


def _sliced(dim: Dim, index: Any) -> Dim:
    """The size of a slice.  Slices with the same offsets from both ends of equal sizes are equal."""
    if isinstance(index, Value):
        return fresh_dim()
    start, stop, step = index.start, _from_end(dim, index.stop), index.step
    if any(isinstance(e, Value) for e in (start, stop, step)):
        return Dim(("slice", dim.key, *map(_key, (start, stop, step))))
    if start is None and stop is None and step in (None, 1, -1):
        return dim
    if isinstance(dim.key, int):
        return _dim(len(range(dim.key)[index]))
    lost = _lost(start, stop)
    if step in (None, 1) and lost is not None:
        if not lost:
            return dim
        base, offset = (dim.key[1], dim.key[2]) if isinstance(dim.key, tuple) and dim.key[0] == "less" else (dim.key, 0)
        if _is_sum(base):  # positive: see `_dim_of`
            base, offset = base[1], offset - base[2]
        offset += lost
        return Dim(("less", base, offset)) if offset > 0 else Dim(("sum", base, -offset)) if offset else Dim(base)
    first, last = (
        start in (None, 0) and stop is not None and stop >= 2,
        stop is None and start is not None and start < -1,
    )
    several = dim.one is False and step in (None, 1) and (first or last)
    return Dim(("slice", dim.key, start, stop, step), False if several else None)


def _lost(start: Any, stop: Any) -> int | None:
    """How many elements a slice with both offsets counted from their own ends leaves out."""
    if (start is None or start >= 0) and (stop is None or stop < 0):
        return (start or 0) - (stop or 0)
    return None


def _from_end(dim: Dim, stop: Any) -> Any:
    """``stop`` of a slice, counted from the end where it is ``n - 1`` of an axis of size ``n``, or ``n`` of ``n + 1``.

    Where ``stop`` may be negative, it means another place: ``n - 3`` of a small ``n``, or any number that is no size.
    """
    key = _whole(stop) if isinstance(stop, Value) else None
    if key is None or key == dim.key:
        return stop if key is None else None
    (base, own), (whole, more) = _parts(dim.key), _parts(key)
    is_size = not isinstance(base, tuple) or base[0] not in ("number", "difference", "product", "quotient")
    certain = base == whole and more < own and (more in (-1, -2) if own == 0 else more >= 0 and is_size)
    return more - own if certain else stop


def _key(x: Any) -> Any:
    if not isinstance(x, Value):
        return x
    key = _whole(x)
    return ("value", x) if key is None else ("whole", key)


@infers(list.pop)
def _pop(items: Any, index: Any = -1) -> Type:
    t = typed(items)
    return refreshed(element(t)) if t.kind == "list" else UNKNOWN


# ---------------------------------------------------------------- s2sad's own


@infers(runtime.setitem, runtime.index_add, runtime.clear_item, runtime.list_append)
def _updated(a: Any, *rest: Any) -> Type:
    return typed(a)


@infers(runtime.accumulate)
def _accumulate(a: Any, b: Any) -> Type:
    s, t = typed(a), typed(b)
    return s if s.kind == "array" else t if t.kind == "array" else join(s, t)


@infers(runtime.unbroadcast, runtime.match, runtime.as_tangent)
def _unbroadcast(g: Any, x: Any) -> Type:
    return cotangent_type(typed(x))


@infers(runtime.sum_to)
def _sum_to(g: Any, shape: Any) -> Type:
    dims = dims_of_shape(shape)
    if typed(g).dtype is None or dims is None:
        return UNKNOWN
    return array(typed(g).dtype, dims) if dims else scalar(typed(g).dtype)


@infers(runtime.rebuild)
def _rebuild(x: Any, elements: Any) -> Type:
    t = typed(x)
    if t.kind != "tuple" or typed(elements).kind != "tuple":
        return typed(elements) if t.kind == typed(elements).kind == "list" else UNKNOWN
    return tuple_of(typed(elements).elems, t.cls)


@infers(runtime.zeros_like)
def _zero(x: Any) -> Type:
    return cotangent_type(typed(x))


@functools.lru_cache(maxsize=4096)
def cotangent_type(t: Type) -> Type:
    """The type of the cotangent of a value: of a real number, some real number."""
    if t.kind == "scalar" and t.dtype is not None and t.dtype.kind == "f":
        return NUMBER if t.dtype.itemsize <= 8 else UNKNOWN  # a wider one would widen what it multiplies
    if t.kind in ("array", "scalar"):
        return t if t.inexact is not False else Type("none")
    if t.kind == "tuple":
        return tuple_of(tuple(map(cotangent_type, t.elems)), t.cls)
    if t.kind == "list":
        return Type("list", elems=tuple(map(cotangent_type, t.elems)), length=t.length)
    if t.kind == "dict":
        return Type("dict", elems=tuple(map(cotangent_type, t.elems)), keys=t.keys)
    if t.kind in ("float", "number"):
        return NUMBER
    if t.kind in ("complex", "numeric"):
        return t
    if t.kind in ("bool", "int", "str", "none", "slice", "range", "ellipsis", "module"):
        return Type("none")
    return UNKNOWN


@infers(builtins.abs)
def _abs(x: Any) -> Type:
    t = typed(x)
    return t if t.kind in ("int", "float", "number") else NotImplemented


@infers(builtins.max, builtins.min)
def _max(*args: Any, key: Any = None) -> Type:
    if len(args) < 2:
        t = typed(args[0])
        return element(t) if t.kind in ("list", "tuple") else NotImplemented
    result = BOTTOM
    for t in map(typed, args):
        result = join(result, t if not (t.kind == "int" and t.value) else INT)
    return result


@infers(builtins.sum)
def _builtin_sum(iterable: Any, start: Any = 0) -> Type:
    t = typed(iterable)
    if t.kind == "array" and t.dims is not None and t.dtype is not None:
        return array(t.dtype, t.dims[1:]) if len(t.dims) > 1 else scalar(t.dtype) if t.dtype.kind in "fc" else UNKNOWN
    elem = element(t) if t.kind in ("list", "tuple") else UNKNOWN
    return elem if elem.is_number and elem.kind != "bool" else NUMERIC if elem.is_numeric else UNKNOWN


@infers(np.random.normal, np.random.uniform, np.random.Generator.normal, np.random.Generator.uniform)
def _draw(*args: Any, size: Any = None) -> Type:
    rest = [a for a in args if not (isinstance(a, Value) and a.type.kind == "object")]
    if len(rest) > 2:
        size = rest[2]
    if any(typed(a).rank != 0 for a in rest[:2]):
        return UNKNOWN
    return FLOAT if size is None else array(np.float64, dims_of_shape(size))


@infers(np.random.random, np.random.standard_normal, np.random.Generator.random, np.random.Generator.standard_normal)
def _standard_draw(*args: Any, size: Any = None) -> Type:
    rest = [a for a in args if not (isinstance(a, Value) and a.type.kind == "object")]
    if rest:
        size = rest[0]
    return FLOAT if size is None else array(np.float64, dims_of_shape(size))


@infers(np.random.rand, np.random.randn)
def _draw_sizes(*sizes: Any) -> Type:
    return array(np.float64, tuple(map(_dim, sizes))) if sizes else FLOAT


@infers(np.random.default_rng)
def _default_rng(*args: Any) -> Type:
    return Type("object", cls=np.random.Generator, keys=())


@infers(np.random.RandomState)
def _random_state(*args: Any) -> Type:
    return Type("object", cls=np.random.RandomState, keys=())


@infers(np.stack)
def _stack(arrays: Any, axis: Any = 0) -> Type:
    elems = (
        [_as_array(a) for a in arrays] if isinstance(arrays, tuple) else list(map(_as_array_type, typed(arrays).elems))
    )
    if isinstance(axis, Value) or not elems or any(t.rank is None or not t.is_numeric for t in elems):
        return NotImplemented
    forms = [_stacked(t) for t in elems]
    if any(f is None for f in forms):
        return UNKNOWN
    dims = broadcast(*(f[1] for f in forms if f is not None))
    length = len(arrays) if isinstance(arrays, tuple) else typed(arrays).length
    first = fresh_dim() if length is None else _dim(length)
    place = axis % (len(dims) + 1)
    kinds = {k for f in forms if f is not None for k in f[0]}
    return array(_common_dtype(kinds), (*dims[:place], first, *dims[place:]))


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
    dims = tuple(_broadcast_axis(sizes[label]) for label in output)
    dtype = np.result_type(*[t.dtype for t in types if t.dtype is not None])
    return array(dtype, dims) if dims else scalar(dtype)


@infers(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Type:
    t = typed(a)
    if t.kind != "array" or t.dims is None:
        return NotImplemented
    return array(t.dtype, tuple(fresh_dim() for _ in t.dims))


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


@infers(np.cross)
def _cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Type:
    """Vectors of two components have a number for their product."""
    s, t = typed(a), typed(b)
    if s.kind != "array" or t.kind != "array" or s.dtype is None or t.dtype is None:
        return NotImplemented
    if max(s.rank or 0, t.rank or 0) < 2:
        return NUMERIC
    return array(np.result_type(s.dtype, t.dtype), None)


@infers(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)
def _split(ary: Any, *rest: Any, **options: Any) -> Type:
    t = typed(ary)
    if t.kind != "array":
        return NotImplemented
    dims = None if t.dims is None else tuple(fresh_dim() for _ in t.dims)
    return Type("list", elems=(array(t.dtype, dims),))


@infers(np.diag)
def _diag(v: Any, k: Any = 0) -> Type:
    t = typed(v)
    if t.kind != "array" or t.dims is None or len(t.dims) not in (1, 2):
        return NotImplemented
    if isinstance(k, Value) or k != 0:
        return array(t.dtype, (fresh_dim(), fresh_dim()) if len(t.dims) == 1 else (fresh_dim(),))
    if len(t.dims) == 1:
        return array(t.dtype, t.dims * 2)
    return array(t.dtype, (t.dims[0] if t.dims[0] == t.dims[1] else fresh_dim(),))
