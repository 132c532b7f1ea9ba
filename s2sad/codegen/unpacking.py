"""Find where elements are read one after another that can be unpacked at once: ``unpacking(...)`` gives an `Unpacking`.

    check_length(state, 3)
    x = state[0]               ->      x, y, z = state
    y = state[1]
    z = state[2]

Names and copies have been decided; here it is only said differently.
"""

from __future__ import annotations

import dataclasses
import operator

from .. import runtime
from ..ir import prims
from ..ir.core import Const, Op, Operand, Value
from .fold import Folding
from .memory import is_update, operand_type


@dataclasses.dataclass
class Unpacking:
    """``targets``: values by their places, None for what nobody reads.  ``ops``: what needs no statement any more."""

    targets: list[Value | None]
    ops: list[Op]


def unpacking(base: Operand, ops: list[Op], folding: Folding, names: dict[Value, str]) -> Unpacking | None:
    """What the first ops of a list read of a tuple, or of an array or list whose length they check; None if not all.

    What is pushed on lists in between is pushed afterwards.
    """
    t = operand_type(base)
    count = len(t.elems) if t.kind == "tuple" and t.elems and t.cls is None else None
    found: dict[int, Op] = {}
    gone: list[Op] = []
    checked = False
    read: set[str] = set()
    for op in ops:
        if op in folding.inline:
            continue
        if op.prim is prims.check_length and op.args[0] is base and not gone and isinstance(op.args[1], Const):
            count, checked = op.args[1].value, True
        elif op.prim is operator.getitem and op.args[0] is base and not op.attrs.get("field"):
            place, out = op.args[1], op.out
            if not isinstance(place, Const) or type(place.value) is not int or place.value in found:
                break
            if gone and _statement(op) != _statement(gone[0]):
                break
            if out in folding.read:
                if out not in names or names[out] in read or names[out] in (names[o.out] for o in found.values()):
                    break
                found[place.value] = op
        elif op.prim is runtime.list_append and is_update(op) and op.attrs.get("inplace") and t.kind != "list":
            read.update(names[v] for x in op.operands() for v in folding.leaves(x) if v in names)
            read -= {names[o.out] for o in found.values()}
            continue
        else:
            break
        gone.append(op)
    if count is None or count < 2 or len(found) < (1 if checked else count) or not all(0 <= k < count for k in found):
        return None
    return Unpacking([found[k].out if k in found else None for k in range(count)], gone)


def _statement(op: Op) -> tuple[str, int] | None:
    """The user's statement that an op belongs to."""
    return op.span and (op.span.file, op.span.statement)
