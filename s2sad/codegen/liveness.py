"""Which values are read later: ``live_after(function)``."""

from __future__ import annotations

from ..ir.core import Block, Function, Op, Value
from .memory import is_update, may_keep


def live_after(function: Function) -> dict[Op, set[Value]]:
    """For each update, and each call that may keep its arguments: the values that are read later."""
    found: dict[Op, set[Value]] = {}
    _live(function.body, set(), found)
    return found


def _live(block: Block, live: set[Value], found: dict[Op, set[Value]]) -> set[Value]:
    """Walk a block backwards from what is live at its end (besides its results); returns what is live before it."""
    live = live | {r for r in block.results if isinstance(r, Value)}
    for op in reversed(block.ops):
        live -= set(op.outs)
        if is_update(op) or (not op.blocks and may_keep(op)):
            found[op] = set(live)
        if op.prim in ("for", "while"):
            around = live | set().union(*map(free_values, op.blocks))
            if op.prim == "for":  # Python reads what it walks over during the loop
                around |= {a for a in op.args[: op.attrs["iter"].operands()] if isinstance(a, Value)}
            for inner in op.blocks:
                leaving = set(inner.params) if op.prim == "while" and inner is op.blocks[0] else set()
                _live(inner, around | leaving, found)
            live |= around
        elif op.blocks:
            live = set().union(*(_live(inner, live, found) for inner in op.blocks))
        live |= {a for a in op.operands() if isinstance(a, Value)}
    return live - set(block.params)


def free_values(block: Block) -> set[Value]:
    """The values that a block reads and that are computed outside."""
    used: set[Value] = set()
    made = set(block.params)
    for op in block.ops:
        made |= set(op.outs)
        used |= {a for a in op.operands() if isinstance(a, Value)}
        for inner in op.blocks:
            used |= free_values(inner)
    used |= {r for r in block.results if isinstance(r, Value)}
    return used - made
