"""Answers that many functions share, SciPy's above all: what is known of their results whatever the arguments are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir.types import BOOL, INT, NUMBER, STR, UNKNOWN, Type, array, fresh_dim, scalar, tuple_of
from ..trial import typed
from .elementwise import broadcast


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


def list_of_integers() -> Type:
    return Type("list", elems=(INT,))


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


def in_precision_of(numbers: Any, x: Any) -> Type:
    """An array of numbers: of single ones where ``x`` is an array of such."""
    t, own = typed(x), typed(numbers)
    single = t.dtype in (np.float32, np.complex64) if t.dtype is not None else None
    dtype = np.float32 if single else own.dtype if single is False and own.kind == "array" else None
    return array(dtype, own.dims if own.kind == "array" else None)


def same_object(a: Any) -> Type:
    """An object of the class of another, as far as its methods go."""
    t = typed(a)
    return Type("object", cls=t.cls, keys=()) if t.kind == "object" else UNKNOWN


def object_of(cls: type) -> Type:
    """An object of a class, as far as its methods go."""
    return Type("object", cls=cls, keys=())


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


def parts_with_derivative(t: Type) -> tuple[str, ...]:
    """Of a result object (`result_of`): the names of the entries that have a derivative."""
    pairs = zip(t.keys or (), t.elems, strict=True)
    return tuple(k for k, e in pairs if e.kind not in ("bool", "int", "str"))
