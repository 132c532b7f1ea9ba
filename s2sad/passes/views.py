"""Which results certainly are views of an array, or that array itself; and how what is written into a view goes back.

    b = a.reshape(-1); b[0] = 5          a_1 = reshape(setitem(reshape(a, -1), 0, 5), shape(a))

NumPy decides by the strides of an array whether ``reshape`` and ``ravel`` copy.  They don't where the elements of the
array certainly lie in C order: `made_in_order` says of which new arrays that is known, `keeps_order` of which views.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import runtime
from ..ir.core import Const, Op, Operand, Value, constant_key, hashable
from ..rules.table import rule_for
from .build import Builder, is_basic, type_of_operand

Step = tuple[Any, tuple[Operand, ...], tuple[tuple[str, Operand], ...]]

_RANKS: dict[Any, int] = {np.atleast_1d: 1, np.atleast_2d: 2, np.atleast_3d: 3}
_ITSELF = {np.asarray, np.asanyarray, np.array, np.ndarray.astype, np.astype}
_OF_REALS = {np.real, np.ndarray.conj, np.ndarray.conjugate}
_RESHAPES = {np.reshape: 2, np.ndarray.reshape: 2, np.ravel: 1, np.ndarray.ravel: 1}  # with as many arguments
_CREATORS: dict[Any, int] = {np.zeros: 2, np.ones: 2, np.empty: 2, np.full: 3, np.eye: 4, np.identity: 2, np.arange: 4,
                             np.linspace: 3, np.ndarray.copy: 1, np.ndarray.flatten: 1}  # fmt: skip
_LIKE: dict[Any, int] = {np.zeros_like: 2, np.ones_like: 2, np.empty_like: 2, np.full_like: 3, np.copy: 1}


def is_same(op: Op, in_order: bool) -> bool:
    """Whether the result has the memory and the shape of the first argument, ``in_order`` if its elements lie so."""
    t, out = type_of_operand(op.args[0]) if op.args else None, op.outs[0].type
    if t is None or t.kind != "array" or out.kind != "array" or not hashable(op.prim):
        return False
    same_dtype = t.dtype is not None and t.dtype == out.dtype
    if op.prim in _ITSELF:
        if not op.params.keys() <= {"dtype", "copy"} or len(op.args) > 2:
            return False  # of another order or rank, perhaps
        if op.prim in (np.asarray, np.asanyarray):
            return "copy" not in op.params and (same_dtype or (len(op.args) == 1 and not op.params))
        copy = op.params.get("copy")
        kept = isinstance(copy, Const) and (copy.value is False or (copy.value is None and op.prim is np.array))
        return kept and same_dtype
    if op.params:
        return False
    if op.prim in _RANKS:
        return len(op.args) == 1 and t.rank is not None and t.rank >= _RANKS[op.prim]
    if op.prim is np.ascontiguousarray:
        return len(op.args) == 1 and in_order and bool(t.rank)
    return op.prim in _OF_REALS and t.dtype is not None and t.dtype.kind in "biuf"


def is_copy(op: Op) -> bool:
    """Whether the result certainly has memory of its own: ``np.asarray(a, dtype=np.float32)`` of another dtype."""
    t, out = type_of_operand(op.args[0]) if op.args else None, op.outs[0].type
    if t is None or t.kind != "array" or out.kind != "array" or t.dtype is None or not hashable(op.prim):
        return False
    if op.prim is np.imag:
        return t.dtype.kind in "biuf"
    return op.prim in _ITSELF and out.dtype is not None and t.dtype != out.dtype


def is_view(op: Op, in_order: bool) -> bool:
    """Whether the result certainly is a view of the first argument, ``in_order`` if its elements lie so."""
    base, out = type_of_operand(op.args[0]), op.outs[0].type
    if base.kind != "array" or out.kind != "array" or not hashable(op.prim):
        return False
    if op.prim is operator.getitem:
        return is_basic(op.args[1])
    if op.prim in _RESHAPES:
        return op.attrs.get("flat", in_order) and len(op.args) == _RESHAPES[op.prim] and not op.params
    if op.prim in (np.real, np.imag):
        return base.dtype is not None and base.dtype.kind == "c"
    return (
        op.prim in _BACK and (op.prim not in _RANKS or len(op.args) == 1) and (op.prim is not np.diag or base.rank == 2)
    )


def is_item(op: Op, base: Operand, index: Operand) -> bool:
    """Whether an op reads ``base[index]``."""
    return op.prim is operator.getitem and op.args[0] is base and same(op.args[1], index)


def same(a: Operand, b: Operand) -> bool:
    """Whether two indices or names are certainly the same one."""
    if isinstance(a, Const) and isinstance(b, Const):
        return constant_key(a.value) == constant_key(b.value)
    return a is b


def same_step(one: Step, other: Step) -> bool:
    """Whether two views of one array certainly are the same one."""
    if one[0] is not other[0] or len(one[1]) != len(other[1]) or dict(one[2]).keys() != dict(other[2]).keys():
        return False
    named = ((v, dict(other[2])[k]) for k, v in one[2])
    return all(map(same, one[1], other[1])) and all(same(v, w) for v, w in named)


def back(build: Builder, base: Operand, step: Step, new: Operand) -> Operand | None:
    """An array like ``base`` whose view by ``step`` is ``new``; None where that is not known."""
    undo = _BACK.get(step[0])
    return None if undo is None else undo(build, base, step, new)


def _again(build: Builder, base: Operand, step: Step, new: Operand) -> Operand:
    prim, args, params = step
    return build.op(prim, new, *args, **dict(params))


def _reshaped(build: Builder, base: Operand, step: Step, new: Operand) -> Operand:
    return build.op(np.reshape, new, build.op(np.shape, base))


def _stored(build: Builder, base: Operand, step: Step, new: Operand) -> Operand:
    return build.op(runtime.setitem, base, step[1][0], new)


def _squeezed(build: Builder, base: Operand, step: Step, new: Operand) -> Operand:
    return build.op(np.squeeze, new, *step[1], **dict(step[2]))


def _transposed(build: Builder, base: Operand, step: Step, new: Operand) -> Operand | None:
    _, args, params = step
    axes = [*args, *dict(params).values()]
    if not axes:
        return build.op(np.transpose, new)
    order = build.expand(axes[0])
    if not isinstance(order, tuple) or not all(type(k) is int for k in order):
        return None
    places = [k % len(order) for k in order]
    return build.op(np.transpose, new, Const(tuple(map(places.index, range(len(order))))))


def _moved(build: Builder, base: Operand, step: Step, new: Operand) -> Operand | None:
    given = dict(zip(("source", "destination"), step[1], strict=False)) | dict(step[2])
    if given.keys() != {"source", "destination"}:
        return None
    return build.op(np.moveaxis, new, given["destination"], given["source"])


def _turned(build: Builder, base: Operand, step: Step, new: Operand) -> Operand | None:
    given = dict(zip(("k", "axes"), step[1], strict=False)) | dict(step[2])
    given["k"] = build.op(operator.neg, given.get("k", Const(1)))
    return build.op(np.rot90, new, **given)


# What puts a new value of each view back into its base; None: NumPy makes it read-only, or it is too rare.
_BACK: dict[Any, Callable[[Builder, Operand, Step, Operand], Operand | None] | None] = {
    operator.getitem: _stored, np.transpose: _transposed, np.ndarray.transpose: _transposed,
    np.swapaxes: _again, np.ndarray.swapaxes: _again, np.moveaxis: _moved, np.rollaxis: None,
    np.flip: _again, np.fliplr: _again, np.flipud: _again, np.rot90: _turned,
    np.expand_dims: _squeezed, np.squeeze: _reshaped, np.ndarray.squeeze: _reshaped,
    np.atleast_1d: _reshaped, np.atleast_2d: _reshaped, np.atleast_3d: _reshaped,
    np.diagonal: None, np.ndarray.diagonal: None, np.diag: None, np.broadcast_to: None, np.real: None, np.imag: None,
    **dict.fromkeys(_RESHAPES, _reshaped),
}  # fmt: skip


def made_in_order(op: Op, lies_in_order: Callable[[Operand], bool]) -> bool:
    """Whether the elements of a new array certainly lie in C order, without gaps."""
    if op.outs[0].type.kind != "array" or not hashable(op.prim) or not op.params.keys() <= {"dtype", "num", "copy"}:
        return False
    if op.prim in _CREATORS:
        in_line = op.prim is not np.linspace or op.outs[0].type.rank == 1  # between arrays it has their order
        return in_line and len(op.args) <= _CREATORS[op.prim]
    if op.prim in _LIKE:
        in_line = type_of_operand(op.args[0]).rank == 1
        return len(op.args) <= _LIKE[op.prim] and (in_line or lies_in_order(op.args[0]))
    if op.prim is np.array:
        return len(op.args) <= 2 and type_of_operand(op.args[0]).kind in ("list", "tuple")
    of_operators = getattr(op.prim, "__module__", None) == "_operator"
    rule = rule_for(op.prim) if of_operators or isinstance(op.prim, np.ufunc) else None
    if rule is None or rule.kind != "elementwise":
        return False
    arrays = [a for a in op.args if not type_of_operand(a).is_number]
    known = all(type_of_operand(a).kind == "array" for a in arrays)
    return known and all(type_of_operand(a).rank == 1 or lies_in_order(a) for a in arrays)


def keeps_order(build: Builder, step: Step) -> bool:
    """Whether a view of an array whose elements lie in C order has them so, too: ``a[i]``, ``a[i, 1:]``."""
    prim, args, _ = step
    if prim in _RESHAPES:
        return True
    if prim is not operator.getitem:
        return False
    parts = build.elements(args[0]) or [args[0]]
    while parts and type_of_operand(parts[0]).kind == "int":
        parts = parts[1:]
    return not parts or (len(parts) == 1 and _is_stretch(build, parts[0]))


def _is_stretch(build: Builder, x: Operand) -> bool:
    """Whether an index is a slice of elements that follow each other."""
    bounds = build.expand(x)
    return isinstance(bounds, slice) and not isinstance(bounds.step, Value) and bounds.step in (None, 1)
