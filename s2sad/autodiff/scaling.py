"""``scaled_by(build, bar, partial)``: a cotangent times a partial derivative, where nobody takes some of the values.

np.where(c, g, 0) * p                 ->  np.where(c, g * p, 0)
(np.where(c, g, 0) + h) * p           ->  np.where(c, g * p, 0) + h * p
clear_item(g, i) * p                  ->  clear_item(g * p, i)
np.triu(g, k) * p                     ->  np.triu(g * p, k)                  (and tril)
index_add(zeros, i, g) * p            ->  index_add(zeros, i, g * p[i])      (and setitem)
index_add(masked, i, g) * p           ->  index_add(masked * p, i, g * p[i]) (and setitem)
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import runtime
from ..ir.core import Const, Operand, Value
from ..ir.types import Type, same_sizes
from ..passes.build import Builder, type_of_operand


class Masked(NamedTuple):
    """``np.where(*arguments)``, one branch of which is 0; in the dtype and kind of ``like``, unless that is None."""

    arguments: list[Operand]
    like: Operand | None


class Cleared(NamedTuple):
    """``clear_item(bar, place)``: the cotangent of an array in which something was overwritten later."""

    bar: Operand
    place: Operand


class Triangle(NamedTuple):
    """``part(bar, *options)``: the cotangent of an array of which `np.triu` or `np.tril` takes a part."""

    part: Callable
    bar: Operand
    options: list[Operand]


class Selected(NamedTuple):
    """``put(base, place, bar)``, by `index_add` or `setitem`: the cotangent of an array, read at some places.

    It is 0 elsewhere, where ``base`` is made of zeros, or else has a mask of its own.
    """

    put: Callable
    base: Operand
    zeros: bool
    place: Operand
    bar: Operand
    type: Type


_Parts = Masked | Cleared | Triangle


def scaled_by(build: Builder, bar: Operand, partial: Operand) -> Operand:
    """``bar * partial``; 0 for a branch of ``np.where`` that was not taken, and for what is overwritten, or not read.

    There the partial derivative may be infinite or NaN, and 0 times that is not 0.  In a sum, each term for itself.
    """
    selected = _selected(build, bar, partial)
    terms = _terms(build, bar) if selected is None else [selected]
    if not any(isinstance(t, _Parts | Selected) for t in terms):
        return build.op(operator.mul, bar, partial)
    products = [_product(build, t, partial) for t in terms]
    return functools.reduce(functools.partial(build.op, operator.add), products)


def _terms(build: Builder, bar: Operand) -> list[Any]:
    """The terms of a sum that the compiler made, if one is masked."""
    made = build.defs.get(bar) if isinstance(bar, Value) else None
    if made is not None and made.prim in (operator.add, runtime.accumulate) and made.attrs.get("backward"):
        terms = [t for x in made.args for t in _terms(build, x)]
        numbers = all(isinstance(t, _Parts) or _is_number(build, t) for t in terms)
        return terms if numbers and any(isinstance(t, _Parts) for t in terms) else [bar]
    if made is not None and made.prim is runtime.clear_item and type_of_operand(bar).kind == "array":
        return [Cleared(*made.args)]
    if made is not None and made.prim in (np.triu, np.tril) and made.attrs.get("backward"):
        return [Triangle(made.prim, made.args[0], made.args[1:])]
    inner = made.args[0] if made is not None and made.prim in (runtime.unbroadcast, runtime.match) else None
    like = None
    if made is not None and isinstance(inner, Value):
        if inner.type.rank != 0 and made.prim is runtime.match:  # element by element
            like = made.args[1]
        if inner.type.rank == 0 or like is not None:
            made = build.defs.get(inner)
    if made is None or made.prim is not np.where or not made.attrs.get("backward") or len(made.args) != 3:
        return [bar]
    return [Masked(made.args, like)] if sum(map(_is_zero, made.args[1:])) == 1 else [bar]


def _selected(build: Builder, bar: Operand, partial: Operand) -> Selected | None:
    """A cotangent that is 0 but at some places; its product has the same form, sizes and dtype."""
    made = build.defs.get(bar) if isinstance(bar, Value) else None
    put = made is not None and made.prim in (runtime.index_add, runtime.setitem) and made.attrs.get("backward")
    if made is None or not put:
        return None
    base, place, inner = made.args
    t, p = type_of_operand(bar), type_of_operand(partial)
    if t.kind != "array" or t.dtype is None or t.dtype.kind not in "fc":
        return None
    empty = build.defs.get(base) if isinstance(base, Value) else None
    zeros = empty is not None and empty.prim in (np.zeros_like, runtime.zeros_like)
    if not zeros and (type_of_operand(place).kind != "array" or not isinstance(_terms(build, base)[0], _Parts)):
        return None
    sizes = p.is_number or (p.kind == "array" and same_sizes(p, t))
    dtype = p.kind in ("int", "float") or (p.dtype is not None and np.can_cast(p.dtype, t.dtype))
    inner_type = type_of_operand(inner)
    whole = _is_whole(type_of_operand(place)) and (inner_type.kind == "array" or inner_type.is_number)
    return Selected(made.prim, base, zeros, place, inner, t) if sizes and dtype and whole else None


def _is_whole(t: Type) -> bool:
    """Whether an index takes parts of an array, and no single element."""
    return all(e.kind in ("array", "slice") for e in (t.elems if t.kind == "tuple" else (t,)))


def _product(build: Builder, term: Any, partial: Operand) -> Operand:
    if isinstance(term, Selected):
        chosen = partial if type_of_operand(partial).is_number else build.op(operator.getitem, partial, term.place)
        base = term.base if term.zeros else scaled_by(build, term.base, partial)
        return build.op(term.put, base, term.place, scaled_by(build, term.bar, chosen), type=term.type)
    if isinstance(term, Cleared):
        return build.op(runtime.clear_item, scaled_by(build, term.bar, partial), term.place)
    if isinstance(term, Triangle):
        return build.op(term.part, scaled_by(build, term.bar, partial), *term.options)
    if not isinstance(term, Masked):
        return build.op(operator.mul, term, partial)
    condition, *branches = term.arguments
    for k, b in enumerate(branches):
        if not _is_zero(b):
            taken = b if term.like is None else build.op(runtime.match, b, term.like)
            branches[k] = build.op(operator.mul, taken, partial)
    return build.op(np.where, condition, *branches)


def _is_number(build: Builder, x: Operand) -> bool:
    """Whether a cotangent certainly is a number or an array, and not None."""
    made = build.defs.get(x) if isinstance(x, Value) else None
    computed = made is not None and made.prim in (operator.mul, operator.truediv, operator.neg)
    return computed or type_of_operand(x).kind in ("float", "complex", "scalar", "array")


def _is_zero(x: Operand) -> bool:
    return isinstance(x, Const) and type(x.value) is int and x.value == 0
