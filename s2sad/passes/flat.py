"""``a.flat[i]``: the elements of an array in C order, however they lie in memory.

    a.flat[::n + 1] = 0.0      ->      a view: ravel(a)[::n + 1] = 0.0
    b = a.flat[1:3]            ->      b = np.copy(ravel(a)[1:3])

``a.flat`` is an iterator of its own kind: only where it is indexed it is like an array.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from ..ir import prims
from ..ir.core import Const, Op, Operand, Value
from ..rules.inference import infer
from .build import type_of_operand

if TYPE_CHECKING:
    from .types import Walker


def is_flat(args: list[Operand]) -> bool:
    """Whether an attribute that is indexed is ``a.flat`` of an array."""
    name = args[1].value if isinstance(args[1], Const) else None
    return name == "flat" and type_of_operand(args[0]).kind == "array"


def flat(walker: Walker, array: Operand) -> Value:
    """``array.flat``: an op that is a view wherever the elements lie."""
    out = Value(None, infer(np.ravel, [array], {}))
    walker.builder.append(Op(np.ravel, [array], {}, [out], attrs={"flat": True}))
    return out


def made_flat(walker: Walker, x: Operand) -> bool:
    """Whether `flat` made it."""
    made = _made(walker, x)
    return made is not None and bool(made.attrs.get("flat"))


def element_of_flat(walker: Walker, elements: Operand, index: Operand) -> Operand:
    """``a.flat[index]``: never a view."""
    chosen = walker.builder.op(operator.getitem, elements, index)
    t = type_of_operand(chosen)
    if t.kind != "array" and not t.is_number:
        raise walker.refuse("whether flat[...] is a number or an array is not known when compiling")
    return chosen if t.is_number else walker.builder.op(np.copy, chosen)


def check_stored(walker: Walker, elements: Operand, index: Operand, value: Operand) -> None:
    """Refuse ``a.flat[index] = v`` of several values, which NumPy repeats if they are too few; ``+=`` has as many."""
    updated = _made(walker, value)
    copied = _made(walker, updated.args[0]) if updated is not None and updated.prim in prims.AUGMENTED else None
    read = _made(walker, copied.args[0]) if copied is not None and copied.prim is np.copy else None
    as_many = read is not None and read.prim is operator.getitem and read.args[0] is elements
    if not type_of_operand(value).is_number and not as_many:
        raise walker.refuse("assigning several values to elements of flat is not supported: index the array itself")


def _made(walker: Walker, x: Operand) -> Op | None:
    return walker.builder.defs.get(x) if isinstance(x, Value) else None
