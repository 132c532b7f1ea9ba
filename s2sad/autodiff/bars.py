"""Cotangents: their zeros, their parts, and the one place where broadcasting and dtypes are undone."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Operand, Value
from ..ir.types import Dim, Type, element, is_named_tuple, module_of, present, same_dtype
from ..passes.build import Builder, type_of_operand
from ..rules.inference import cotangent_type, parts_with_derivative


def zero(build: Builder, x: Operand, inside: bool = False, hint: str | None = None) -> Operand:
    """The cotangent zero of ``x`` (or its tangent, by the name of ``hint``).

    ``inside``: it stands in a container or a variable that holds floats at other times, so an integer has one, too.
    """
    t = type_of_operand(x)
    if t.kind == "optional":  # nobody reads it where there is None
        t = present(t)
        found = _zero_of_numbers(build, t)
        return build.op(runtime.zeros_like, x, hint=hint, type=cotangent_type(t)) if found is None else found
    if inside and t.is_number and t.inexact is False:
        return Const(0.0)
    if t.kind in ("float", "number") or (t.kind == "scalar" and t.dtype is not None and t.dtype.kind == "f"):
        return Const(0.0)
    if t.kind == "bottom" or cotangent_type(t).kind == "none":
        return Const(None)
    hint = hint or (f"{x.hint}_bar" if isinstance(x, Value) and x.hint else None)
    made = build.defs.get(x) if isinstance(x, Value) else None
    late = made is not None and made.prim is runtime.zeros_like  # of what may be None
    if late or (build.absent is not None and build.absent.reads(x)):
        return build.op(runtime.zeros_like, x, hint=hint, type=cotangent_type(t))
    if t.kind == "array" and t.dtype is not None and t.dtype.kind in "fc":
        return build.op(np.zeros_like, x, hint=hint)
    if t.kind == "tuple" and t.cls is None:
        parts = [zero(build, build.op(operator.getitem, x, Const(i)), inside=True) for i in range(len(t.elems))]
        return build.op(prims.make_tuple, *parts)
    if t.kind == "object" and t.value:
        named = {k: zero(build, part(build, x, k, t), inside=True) for k in t.keys or ()}
        return build.object(t, named, hint, cotangent_type(t))
    if t.kind == "list" and len(t.elems) == 1 and t.elems[0].kind in ("float", "number"):
        return build.op(
            operator.mul, build.op(prims.make_list, Const(0.0)), build.op(len, x), hint=hint, type=cotangent_type(t)
        )
    if made is not None and made.prim is prims.make_list and not made.args:
        return build.op(prims.make_list, hint=hint, type=cotangent_type(t))
    return build.op(runtime.zeros_like, x, hint=hint, type=cotangent_type(t))


def _zero_of_numbers(build: Builder, t: Type) -> Operand | None:
    """The cotangent zero of a real number, or a tuple of such; None for others."""
    if t.kind != "tuple":
        return Const(0.0) if _is_real(t) or (t.is_number and t.inexact is False) else None
    parts = [_zero_of_numbers(build, e) for e in t.elems]
    if t.cls is not None or None in parts:
        return None
    return build.op(prims.make_tuple, *[p for p in parts if p is not None])


def part_key(t: Type, index: Operand) -> Any:
    """Which element of a tuple, list, dict or object whose elements are known is read; None if that is not known."""
    if not isinstance(index, Const):
        return None
    size = len(t.elems) if t.kind in ("tuple", "function") else t.length if t.kind == "list" else None
    if size is not None and isinstance(index.value, int) and -size <= index.value < size:
        return index.value % size
    return index.value if t.kind in ("dict", "object") and t.keys is not None and index.value in t.keys else None


def part_type(t: Type, key: Any) -> Type:
    """The type of the element that `part_key` names."""
    if t.kind in ("dict", "object"):
        assert t.keys is not None
        return element(t, t.keys.index(key))
    return element(t, key)


def part(build: Builder, x: Operand, key: Any, t: Type) -> Operand:
    """The element of a container of type ``t``, or of its cotangent."""
    read = getattr if t.kind == "object" else operator.getitem
    return build.op(read, x, Const(key), type=part_type(t, key))


class Parts:
    """The cotangent of a tuple or an object, known by its elements."""

    def __init__(self) -> None:
        self.bars: dict[Any, Operand] = {}

    def add(self, build: Builder, key: Any, bar: Operand) -> None:
        old = self.bars.get(key)
        if old is None:
            self.bars[key] = bar
        else:
            number = type_of_operand(old).is_number and type_of_operand(bar).is_number
            self.bars[key] = build.op(operator.add if number else runtime.accumulate, old, bar)

    def used(self, build: Builder, x: Value) -> Operand:
        """The cotangent of all of ``x`` for a rule, which is told what nobody uses: its cotangent is None."""
        if x.type.kind == "dict" and x.type.cls is not None:
            names = parts_with_derivative(x.type)
            flat = [part for k in names for part in (Const(k), self.bars.get(k, Const(None)))]
            return build.op(prims.make_dict, *flat, hint=f"{x.hint}_bar" if x.hint else None)
        if x.type.kind != "tuple":
            return self.whole(build, x)
        return build.op(prims.make_tuple, *[self.bars.get(i, Const(None)) for i in range(len(x.type.elems))])

    def whole(self, build: Builder, x: Value) -> Operand:
        """The cotangent of all of ``x``."""
        t = present(x.type)
        hint = f"{x.hint}_bar" if x.hint else None
        if t.kind in ("tuple", "function"):
            bars = [
                self.bars.get(i) or zero(build, build.op(operator.getitem, x, Const(i), type=t.elems[i]), inside=True)
                for i in range(len(t.elems))
            ]
            if is_named_tuple(t.cls) and module_of(t.cls).partition(".")[0] not in ("numpy", "scipy"):
                return build.op(prims.make_tuple, *bars, type=cotangent_type(t), hint=hint)
            if t.cls is not None:
                return build.op(runtime.rebuild, x, build.op(prims.make_tuple, *bars), type=cotangent_type(t))
            return build.op(prims.make_tuple, *bars, hint=hint)
        if t.kind == "list":
            bars = [
                self.bars.get(i)
                or zero(build, build.op(operator.getitem, x, Const(i), type=element(t, i)), inside=True)
                for i in range(t.length or 0)
            ]
            return build.op(prims.make_list, *bars, type=cotangent_type(t), hint=hint)
        flat: list[Operand] = []
        for name, e in zip(t.keys or (), t.elems, strict=True):
            read = operator.getitem if t.kind == "dict" else getattr
            flat += [
                Const(name),
                self.bars.get(name) or zero(build, build.op(read, x, Const(name), type=e), inside=True),
            ]
        if t.kind == "object" and t.value:
            named = dict(zip(t.keys or (), flat[1::2], strict=True))
            return build.object(t, named, hint, cotangent_type(t))
        made = build.op(prims.make_dict, *flat, type=Type("dict", elems=t.elems, keys=t.keys), hint=hint)
        return made if t.kind == "dict" else build.op(runtime.rebuild_object, x, made, type=cotangent_type(t))


def restore(build: Builder, bar: Operand, x: Operand) -> Operand:
    """The contribution ``bar`` to the cotangent of ``x``: in the shape, dtype and kind of ``x``."""
    t, b = present(type_of_operand(x)), type_of_operand(bar)
    if t.kind in ("list", "tuple", "dict", "object", "function", "unknown") or b.kind in ("none", "bottom"):
        return _restore_structure(build, bar, x, t, b)
    if t.rank is None or b.rank is None or not b.is_numeric:
        return build.op(runtime.unbroadcast, bar, x)
    dims = b.dims or ()
    if t.kind == "array" and not _has_dims(build, dims, t) and build.absent is not None and build.absent.reads(x):
        return build.op(runtime.unbroadcast, bar, x)  # where there is no array, there is no shape to ask for
    if t.is_number:
        if b.is_number:
            return _restore_number(build, bar, x, t, b)
        if b.dims:
            bar = build.op(np.sum, bar)
            return _restore_number(build, bar, x, t, type_of_operand(bar))
        return build.op(runtime.unbroadcast, bar, x)
    if b.is_number or (b.rank or 0) < (t.rank or 0) or b.dims is None or t.dims is None:
        if t.rank == 0:
            return build.op(runtime.unbroadcast, bar, x)
        return build.op(runtime.unbroadcast, bar, x)
    extra = len(b.dims) - len(t.dims)
    if extra:
        axes = Const(0) if extra == 1 else Const(tuple(range(extra)))
        bar = build.op(np.sum, bar, axis=axes)
        b = type_of_operand(bar)
    dims = b.dims or ()
    summed = []
    for axis, (own, target) in enumerate(zip(dims, t.dims, strict=True)):
        if _is_equal(build, own, target) or (target.one is False and not own.one):
            continue
        if target.one:
            summed.append(axis)
        else:
            shape = build.op(np.shape, x)
            bar = build.op(runtime.sum_to, bar, shape, type=Type("array", b.dtype, t.dims))
            return _restore_dtype(build, bar, x, t, type_of_operand(bar))
    if summed:
        axes = Const(summed[0] if len(summed) == 1 else tuple(summed))
        bar = build.op(np.sum, bar, axis=axes, keepdims=Const(True))
    return _restore_dtype(build, bar, x, t, type_of_operand(bar))


def _has_dims(build: Builder, dims: Sequence[Dim], t: Type) -> bool:
    """Whether a contribution of some sizes certainly has the shape of an array of a type."""
    own = t.dims or ()
    return len(dims) == len(own) and all(_is_equal(build, d, o) for d, o in zip(dims, own, strict=True))


def _is_equal(build: Builder, a: Dim, b: Dim) -> bool:
    return a.key == b.key if build.sizes is None else build.sizes.equal(a, b)


def _restore_number(build: Builder, bar: Operand, x: Operand, t: Type, b: Type) -> Operand:
    real = _is_real(t)
    complex_bar = b.kind == "complex" or (b.dtype is not None and b.dtype.kind == "c")
    if real and complex_bar:
        return build.op(np.real, bar)
    if t.kind == "scalar" and b.kind == "scalar" and not same_dtype(t.dtype, b.dtype):
        return build.op(runtime.match, bar, x)
    return bar


def _restore_dtype(build: Builder, bar: Operand, x: Operand, t: Type, b: Type) -> Operand:
    if t.dtype is None or b.dtype is None:
        return build.op(runtime.match, bar, x)
    if b.dtype == t.dtype:
        return bar
    if b.dtype.kind == "c" and t.dtype.kind == "f":
        bar = build.op(np.real, bar)
        b = type_of_operand(bar)
    if b.dtype != t.dtype:
        dtype = build.op(getattr, x, Const("dtype"), type=Type("dtype", t.dtype))
        bar = build.op(np.ndarray.astype, bar, dtype, type=Type("array", t.dtype, b.dims))
    return bar


def _restore_structure(build: Builder, bar: Operand, x: Operand, t: Type, b: Type) -> Operand:
    """Element by element where the elements are known, at run time otherwise."""
    parts = build.elements(bar) if isinstance(bar, Value) else None
    if parts is not None and t.kind in ("list", "tuple") and isinstance(x, Value):
        restored = [restore(build, p, build.op(operator.getitem, x, Const(i))) for i, p in enumerate(parts)]
        if all(r is p for r, p in zip(restored, parts, strict=True)):
            return bar
        return build.op(prims.make_list if t.kind == "list" else prims.make_tuple, *restored)
    if b.kind in ("none", "bottom") or (t.kind != "unknown" and b == cotangent_type(t)) or _lists_alike(t, b):
        return bar
    return build.op(runtime.unbroadcast, bar, x, type=cotangent_type(t))


def _lists_alike(t: Type, b: Type) -> bool:
    """Whether both are lists of real numbers, of which a cotangent is as good as another."""
    return t.kind == b.kind == "list" and bool(b.elems) and _is_real(element(t)) and _is_real(element(b))


def _is_real(t: Type) -> bool:
    return t.kind in ("float", "number") or (t.kind == "scalar" and t.dtype is not None and t.dtype.kind == "f")


def bar_name(x: Operand) -> str | None:
    return f"{x.hint}_bar" if isinstance(x, Value) and x.hint else None
