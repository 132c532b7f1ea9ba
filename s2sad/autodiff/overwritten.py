"""Save the part of an array that a loop overwrites, once, instead of several arrays that were computed from it.

    for ...:                                    for ...:
        t = 0.1 * u[1:]; t_saved.append(t)          u_saved.append(u[1:].copy())
        u[1:] -= t * u[:-1]; ...                    u[1:] -= 0.1 * u[1:] * u[:-1]
    for ...:                             ->     for ...:
        t = t_saved.pop(); ...                      u[1:] = u_saved.pop()
                                                    t = 0.1 * u[1:]; ...

The backward loop carries the array and puts back what was there, so that at each turn it is what it was in the forward
loop.  This is the to-be-recorded analysis of Tapenade (L. Hascoët, U. Naumann & V. Pascual, "To be recorded" analysis
in reverse-mode automatic differentiation, 2005), for the arrays that a loop writes once.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING

from .. import runtime
from ..ir.core import Block, Op, Operand, Value
from ..passes.build import Builder
from .again import Again, array_steps

if TYPE_CHECKING:
    from .save import Save

STEPS = 3  # of array arithmetic for one value
FEWEST = 2  # values that need not be saved


def restore_overwritten(save: Save, again: Again, op: Op, block: Block, primal: Op, source: Block) -> None:
    """Take from ``again.to_push`` what can be computed from an array that is put back turn by turn.

    Args:
        op, block: the backward loop and its body.
        primal, source: the forward loop and its body.
    """
    if primal.prim not in ("for", "while") or primal not in save.body.ops:
        return  # in an outer loop, the array itself would have to be saved at each of its turns
    before = len(source.params) - len(source.results)
    for k, result in enumerate(source.results):
        old = source.params[before + k] if before + k >= 0 else None
        made = save.defs.get(result) if isinstance(result, Value) else None
        if old is None or made is None or not _overwrites(made, old, source) or again.cost(made.args[1]) > 0:
            continue
        if not all(o.outs[0].type.kind in ("int", "slice", "tuple") for o in _index_ops(save, made.args[1], source)):
            continue
        wanted = [x for x in again.to_push if _steps(save, again, x, old, source) <= STEPS]
        if len(wanted) >= FEWEST and all(x.type.kind == "array" for x in wanted):
            _restore(save, again, wanted, old, made, (op, block, primal, source), primal.outs[k])


def _overwrites(made: Op, old: Value, source: Block) -> bool:
    """Whether a turn of the loop writes one slice of the array, and nothing else."""
    if made.prim is not runtime.setitem or made.args[0] is not old or made not in source.ops:
        return False
    t = made.args[1].type if isinstance(made.args[1], Value) else None
    parts = (t.elems if t.kind == "tuple" else (t,)) if t is not None else ()
    basic = all(p.kind in ("int", "slice", "none", "ellipsis") for p in parts)
    return old.type.kind == "array" and basic and any(p.kind == "slice" for p in parts)


def _steps(save: Save, again: Again, x: Operand, old: Value, source: Block, left: int = STEPS) -> float:
    """The array arithmetic between ``old`` and a value; infinite where there is too much, or something else."""
    if x is old or again.cost(x) == 0:
        return 0
    made = save.defs.get(x) if isinstance(x, Value) else None
    if made is None or not isinstance(x, Value) or save.home.get(x) is not source or x in source.params:
        return math.inf
    total = array_steps(made)
    for a in made.operands():
        total = total + _steps(save, again, a, old, source, left - int(total)) if total <= left else math.inf
    return total


def _index_ops(save: Save, x: Operand, source: Block) -> list[Op]:
    """The ops of the block that compute an index, in order; they are free, so they may stand at its beginning."""
    if not isinstance(x, Value) or save.home.get(x) is not source or x in source.params:
        return []
    made = save.defs[x]
    found = [o for a in made.operands() for o in _index_ops(save, a, source)]
    return [*dict.fromkeys(found), made]


def _restore(save: Save, again: Again, wanted: list[Value], old: Value, made: Op, loops: tuple[Op, Block, Op, Block],
             last: Value) -> None:  # fmt: skip
    op, block, primal, source = loops
    again.to_push = [x for x in again.to_push if x not in wanted]
    index = made.args[1]
    part = Builder(Block(), save.defs).op(operator.getitem, old, index, hint=old.hint)
    read = save.defs[part]
    read.span = made.span
    first = _index_ops(save, index, source)
    source.ops = [*first, read, *(o for o in source.ops if o not in first)]
    save.home[part] = source
    popped = save.push(part, op, block, primal, source)
    part.hint = popped.hint = None  # only their list is named
    restored = Value(old.hint, old.type, old.span)
    save.home[restored] = block
    after = save.carry(old, restored, op, block, last)
    place = again.rebuild(index)
    put = Op(runtime.setitem, [after, place, popped], {}, [restored], span=made.span, attrs={"backward": True})
    save.defs[restored] = put
    again.head.append(put)
    again.env[old] = restored
    for x in wanted:
        again.rebuild(x)
