"""What is read from ``np.r_``, ``np.c_``, ``np.mgrid`` and ``np.ogrid``: ``read(walker, owner, index)``.

    np.r_[x, 0.0]        getitem(np.r_, %t)                  ->   concatenate([%x, [0.0]])
    np.c_[x, y]          getitem(np.c_, %t)                  ->   column_stack([%x, %y])
    np.mgrid[0:h, 0:w]   getitem(np.mgrid, %t) : unknown     ->   the same : i8[:, :, :]

Anything else is refused, and recorded by what `recording.grids` says.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir import prims
from ..ir.core import Const, Operand, Value
from ..ir.types import Type, fresh_dim, same_dtype, tuple_of
from .build import type_of_operand

if TYPE_CHECKING:
    from .types import Walker

_WIDE = tuple(map(np.dtype, (np.float64, np.complex128, np.int64)))  # what numbers of Python's don't change


def read(walker: Walker, owner: Const, index: Operand) -> Operand:
    """The operand that ``owner[index]`` stands for."""
    parts = walker.builder.elements(index) if type_of_operand(index).kind == "tuple" else [index]
    made = _MEANINGS[type(owner.value)](walker, owner, index, parts or [])
    if made is None:
        raise walker.refuse(f"{owner.path} of these is not supported: use np.concatenate, np.linspace or np.meshgrid")
    return made


def _row(walker: Walker, owner: Const, index: Operand, parts: list[Operand]) -> Operand | None:
    parts = [_counted(walker, p) or p for p in parts]
    if not parts or not all(map(_is_wide, parts)):
        return None
    return walker.call_const(np.concatenate, [_list(walker, _grouped(walker, parts))], {})


def _counted(walker: Walker, part: Operand) -> Operand | None:
    """What a slice of ``np.r_`` counts, where its bounds are whole numbers; None for anything else."""
    bounds = [b or Const(None) for b in _bounds(walker, part)]
    kinds = [type_of_operand(b).kind for b in bounds]
    if len(bounds) != 3 or kinds[1] != "int" or not {kinds[0], kinds[2]} <= {"int", "none"}:
        return None
    start, stop, step = (Const(d) if k == "none" else b for b, k, d in zip(bounds, kinds, (0, None, 1), strict=True))
    return walker.call_const(np.arange, [start, stop, step], {})


def _grouped(walker: Walker, parts: list[Operand]) -> list[Operand]:
    """Numbers that stand side by side as lists: ``x, 0.0, 1.0`` is ``x, [0.0, 1.0]``."""
    groups: list[Any] = []
    for part in parts:
        if not type_of_operand(part).is_number:
            groups.append(part)
        elif groups and isinstance(groups[-1], list):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [_list(walker, g) if isinstance(g, list) else g for g in groups]


def _column(walker: Walker, owner: Const, index: Operand, parts: list[Operand]) -> Operand | None:
    if not parts or not all(_rank(p) in (1, 2) for p in parts):
        return None
    return walker.call_const(np.column_stack, [_list(walker, parts)], {})


def _grid(walker: Walker, owner: Const, index: Operand, parts: list[Operand]) -> Operand | None:
    bounds = [b for p in parts for b in _bounds(walker, p)]
    if not parts or not all(b is not None and type_of_operand(b).kind in ("int", "none") for b in bounds):
        return None
    sizes = tuple(fresh_dim(None) for _ in parts)
    dtype, several = np.dtype(int), type_of_operand(index).kind == "tuple"
    dense = Type("array", dtype, sizes if not several else (fresh_dim(len(parts) == 1), *sizes))
    made = dense
    if owner.value is np.ogrid and several:
        made = tuple_of(
            tuple(
                Type("array", dtype, tuple(d if i == k else fresh_dim(True) for i, d in enumerate(sizes)))
                for k in range(len(parts))
            )
        )
    return walker.builder.op(operator.getitem, owner, index, type=made)


def _bounds(walker: Walker, part: Operand) -> list[Operand | None]:
    """Start, stop and step of a slice; ``[None]`` for anything else."""
    if isinstance(part, Const) and isinstance(part.value, slice):
        return [Const(b) for b in (part.value.start, part.value.stop, part.value.step)]
    made = walker.builder.defs.get(part) if isinstance(part, Value) else None
    return list(made.args) if made is not None and made.prim is slice else [None]


def _list(walker: Walker, parts: list[Operand]) -> Operand:
    return walker.apply(prims.make_list, parts, {})


def _is_wide(part: Operand) -> bool:
    t = type_of_operand(part)
    wide = any(same_dtype(t.dtype, dtype) for dtype in _WIDE)
    return t.kind in ("int", "float", "complex") or (wide and (t.kind == "scalar" or _rank(part) == 1))


def _rank(part: Operand) -> int | None:
    t = type_of_operand(part)
    return len(t.dims) if t.kind == "array" and t.dims is not None else None


_MEANINGS = {type(np.r_): _row, type(np.c_): _column, type(np.mgrid): _grid, type(np.ogrid): _grid}
