"""What is known of a value when compiling: kind, dtype, rank, sizes of 1.

``UNKNOWN`` is always right.  A ``Type`` with more in it is a promise: a program that meets the guards at
entry never breaks it, so passes may rely on it.  ``type_of`` reads the type of a real object, ``join`` is the
least type that covers two, ``dummy`` makes a small object of a type.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np

SCALARS = ("bool", "int", "float", "complex")


@dataclasses.dataclass(frozen=True)
class Dim:
    """A size.

    key: two dims with equal keys are equal at run time.
    one: True for known to be 1, False for known not to be 1, None for not known.
    """

    key: Any
    one: bool | None = None

    def __repr__(self) -> str:
        return "1" if self.one else f"{self.key}" if self.one is False else "?"


ONE = Dim(1, True)
_fresh = itertools.count()


def fresh_dim(one: bool | None = None) -> Dim:
    """A size that is equal to no other one."""
    return Dim(("fresh", next(_fresh)), one)


@dataclasses.dataclass(frozen=True)
class Type:
    """See the module.

    kind: ``bool int float complex`` (Python scalars), ``scalar`` (a NumPy scalar), ``array`` (exactly
    ``np.ndarray``), ``numeric`` (a real or complex number or array: which is not known), ``none str slice range
    ellipsis tuple list dict function module class object``, ``unknown``.
    dtype: of ``scalar`` and ``array``; None where not known.
    dims: of ``array``: None where the rank is not known.
    elems: of ``tuple``: a type each; of ``list``: ``(element,)``; of ``dict``: ``(value,)``.
    length: of ``list``: the length where it is known and can't change.
    cls: of ``object``: the class.  keys: of ``dict`` and ``object``: the known keys or attributes.
    value: of ``function``: what is known of it (a callable, or a closure's ``Function``).
    """

    kind: str
    dtype: np.dtype | None = None
    dims: tuple[Dim, ...] | None = None
    elems: tuple[Type, ...] = ()
    length: int | None = None
    cls: Any = None
    keys: tuple[Any, ...] | None = None
    value: Any = None

    @property
    def rank(self) -> int | None:
        if self.kind in SCALARS or self.kind == "scalar":
            return 0
        return len(self.dims) if self.dims is not None else None

    @property
    def is_number(self) -> bool:
        """A scalar of Python or NumPy: immutable."""
        return self.kind in SCALARS or self.kind == "scalar"

    @property
    def is_numeric(self) -> bool:
        return self.is_number or self.kind in ("array", "numeric")

    @property
    def inexact(self) -> bool | None:
        """Whether it holds floating-point numbers; None where that is not known."""
        if self.kind in SCALARS:
            return self.kind in ("float", "complex")
        if self.kind in ("scalar", "array"):
            return None if self.dtype is None else self.dtype.kind in "fc"
        return None

    def __repr__(self) -> str:
        if self.kind == "array":
            dtype = self.dtype.str[1:] if self.dtype is not None else "?"
            if self.dims is None:
                return f"{dtype}[...]"
            return f"{dtype}[{', '.join(_dim_text(d) for d in self.dims)}]"
        if self.kind == "scalar":
            return f"np.{self.dtype}"
        if self.kind in ("tuple", "list"):
            return f"{self.kind}[{', '.join(map(repr, self.elems))}]"
        if self.kind == "object":
            return getattr(self.cls, "__name__", "object")
        return self.kind


def _dim_text(dim: Dim) -> str:
    if dim.one:
        return "1"
    key = dim.key
    return str(key) if isinstance(key, (str, int)) else "?" if dim.one is None else ":"


UNKNOWN = Type("unknown")
NUMERIC = Type("numeric")
NONE = Type("none")
BOOL, INT, FLOAT, COMPLEX, STR = Type("bool"), Type("int"), Type("float"), Type("complex"), Type("str")
SLICE = Type("slice")


def array(dtype: Any, dims: tuple[Dim, ...] | None) -> Type:
    return Type("array", np.dtype(dtype) if dtype is not None else None, dims)


def scalar(dtype: Any) -> Type:
    return Type("scalar", np.dtype(dtype))


def tuple_of(elems: tuple[Type, ...]) -> Type:
    return Type("tuple", elems=tuple(elems))


def list_of(elem: Type, length: int | None = None) -> Type:
    return Type("list", elems=(elem,), length=length)


def join(a: Type, b: Type) -> Type:
    """The least type that covers both."""
    if a == b:
        return a
    if a.kind == b.kind:
        if a.kind == "array":
            dtype = a.dtype if a.dtype == b.dtype else None
            if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
                return array(dtype, None)
            return array(dtype, tuple(map(join_dims, a.dims, b.dims)))
        if a.kind == "tuple" and len(a.elems) == len(b.elems):
            return tuple_of(tuple(map(join, a.elems, b.elems)))
        if a.kind == "list":
            length = a.length if a.length == b.length else None
            if not a.elems or not b.elems:
                return dataclasses.replace(a if a.elems else b, length=length)
            return list_of(join(a.elems[0], b.elems[0]), length)
        if a.kind == "scalar":
            return Type("numeric")
        if a.kind in ("str", "range", "slice"):
            return Type(a.kind)
    if a.is_numeric and b.is_numeric:
        return NUMERIC
    return UNKNOWN


def join_dims(a: Dim, b: Dim) -> Dim:
    if a == b:
        return a
    return fresh_dim(False if a.one is False and b.one is False else None)
