"""Elements, views and selections of arrays and containers: ``getitem``."""

from __future__ import annotations

import operator
from typing import Any

from ...ir.core import Value
from ...ir.types import (
    INT,
    NUMERIC,
    ONE,
    STR,
    UNKNOWN,
    WHOLE,
    Dim,
    Type,
    array,
    element,
    fresh_dim,
    refreshed,
    scalar,
    tuple_of,
)
from ..trial import typed
from .elementwise import broadcast
from .registry import infers
from .sizes import as_dim, base_and_more, is_sum, whole_key


@infers(operator.getitem)
def getitem(a: Any, index: Any) -> Type:
    """The element, view or selection ``a[index]``."""
    t = typed(a)
    if t.kind in ("tuple", "list"):
        i = typed(index)
        if i.kind == "slice":
            if t.kind == "tuple" and isinstance(index, slice) and not _holds_values(index):
                return tuple_of(t.elems[index])
            if t.kind == "tuple":
                return UNKNOWN
            plain = t.length is not None and isinstance(index, slice) and not _holds_values(index)
            length = len(range(t.length)[index]) if plain else None  # type: ignore[arg-type,index]
            if plain and len(t.elems) == t.length:
                return Type("list", elems=t.elems[index], length=length)  # type: ignore[index]
            return Type("list", elems=() if not t.elems else (element(t),), length=length)
        if i.kind not in ("int", "bool", "scalar", "number"):
            return UNKNOWN
        known = None if isinstance(index, Value) else operator.index(index)
        one_each = known is not None and (t.kind == "tuple" or len(t.elems) > 1)
        return element(t, known) if one_each else refreshed(element(t))
    if t.kind == "range":
        return t if typed(index).kind == "slice" else INT if typed(index).kind == "int" else UNKNOWN
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
    entries = _entries(index)
    dims = _indexed(t.dims, entries)
    if dims is None:
        return array(t.dtype, None) if _surely_array(t, entries) else NUMERIC
    if not dims and not any(_of_index(e).kind == "ellipsis" for e in entries):  # an index may be an array without axes
        return scalar(t.dtype) if t.dtype is not None else NUMERIC
    return array(t.dtype, dims)


def _entries(index: Any) -> list[Any]:
    """The parts of an index."""
    t = typed(index)
    if isinstance(index, Value) and t.kind == "tuple":
        return [Value(None, e) for e in t.elems]
    return list(index) if isinstance(index, tuple) else [index]


def _of_index(entry: Any) -> Type:
    """The type of a part of an index: an int is as good as one of NumPy's, a list of them as an array."""
    t = typed(entry)
    if t.kind == "list" and element(t) == INT:
        return array(WHOLE.dtype, (fresh_dim(None if t.length is None else t.length == 1),))
    return INT if t == WHOLE else t


def _surely_array(t: Type, entries: list[Any]) -> bool:
    return any(typed(e).kind in ("slice", "array", "list") for e in entries)


def _holds_values(index: slice) -> bool:
    return any(isinstance(e, Value) for e in (index.start, index.stop, index.step))


def _indexed(dims: tuple[Dim, ...], entries: list[Any]) -> tuple[Dim, ...] | None:
    """The sizes of an indexed array; None where the rank can't be known."""
    kinds = [_of_index(e) for e in entries]
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
        return as_dim(len(range(dim.key)[index]))
    lost = _lost(start, stop)
    if step in (None, 1) and lost is not None:
        if not lost:
            return dim
        base, offset = (dim.key[1], dim.key[2]) if isinstance(dim.key, tuple) and dim.key[0] == "less" else (dim.key, 0)
        if is_sum(base):  # positive: see `_dim_of`
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
    key = whole_key(stop) if isinstance(stop, Value) else None
    if key is None or key == dim.key:
        return stop if key is None else None
    (base, own), (whole, more) = base_and_more(dim.key), base_and_more(key)
    is_size = not isinstance(base, tuple) or base[0] not in ("number", "difference", "product", "quotient")
    certain = base == whole and more < own and (more in (-1, -2) if own == 0 else more >= 0 and is_size)
    return more - own if certain else stop


def _key(x: Any) -> Any:
    if not isinstance(x, Value):
        return x
    key = whole_key(x)
    return ("value", x) if key is None else ("whole", key)


@infers(list.pop)
def _pop(items: Any, index: Any = -1) -> Type:
    t = typed(items)
    return refreshed(element(t)) if t.kind == "list" else UNKNOWN
