"""Which values are read later: exactly at the updates (`live_after`), roughly everywhere (`Timeline`)."""

from __future__ import annotations

import math

from ..ir.core import Block, Function, Op, Operand, Value
from .memory import all_ops, is_update


def live_after(function: Function) -> dict[Op, set[Value]]:
    """For each update: the values that are read later."""
    found: dict[Op, set[Value]] = {}
    _live(function.body, set(), found)
    return found


def _live(
    block: Block, live: set[Value], found: dict[Op, set[Value]], handled: frozenset[Value] = frozenset()
) -> set[Value]:
    """Walk a block backwards from what is live at its end (besides its results); returns what is live before it.

    ``handled``: what is live where an op of the block raises.
    """
    live = live | {r for r in block.results if isinstance(r, Value)}
    for op in reversed(block.ops):
        live -= set(op.outs)
        if is_update(op):
            found[op] = set(live)
        if op.prim in ("for", "while"):
            around = live | set().union(*map(free_values, op.blocks))
            if op.prim == "for":  # Python reads what it walks over during the loop
                around |= {a for a in op.args[: op.attrs["iter"].operands()] if isinstance(a, Value)}
            if any(o.attrs.get("raises") for o in all_ops(Block([], [op]))):
                around |= handled
            for inner in op.blocks:
                leaving = set(inner.params) if op.prim == "while" and inner is op.blocks[0] else set()
                _live(inner, around | leaving, found, handled)
            live |= around
        elif op.prim == "try":
            caught = set().union(*(_live(inner, live, found, handled) for inner in op.blocks[1:]))
            live = _live(op.blocks[0], live, found, handled | caught) | caught
        elif op.blocks:
            live = set().union(*(_live(inner, live, found, handled) for inner in op.blocks))
        if op.attrs.get("raises"):
            live |= handled
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


class Timeline:
    """The ops in a row, branch after branch; a value that a loop reads lives to its end.

    Attributes:
        start, end: positions of ops.
        born, dies: of values: where they are computed and last read.
    """

    def __init__(self, function: Function):
        self.start: dict[Op, int] = {}
        self.end: dict[Op, int] = {}
        self.born: dict[Value, int] = {}
        self.dies: dict[Value, float] = {}
        self._now = 0
        self._bear(function.params, 0)
        self._walk(function.body)
        for r in function.results:
            if isinstance(r, Value):
                self.dies[r] = math.inf

    def lives(self, v: Value, since: int, after: int) -> bool:
        """Whether a value is there before the first and is still read after the second position."""
        return self.born[v] < since and self.dies[v] > after

    def fold(self, function: Function) -> None:
        """Let the operands of what is read once live until it is read, where it may be computed only then."""
        for op in reversed(list(all_ops(function.body))):
            if len(op.outs) == 1 and not op.blocks:
                for x in op.operands():
                    if isinstance(x, Value):
                        self.dies[x] = max(self.dies[x], self.dies[op.outs[0]])

    def _bear(self, values: list[Value], position: int) -> None:
        for v in values:
            self.born[v] = self.dies[v] = position

    def _read(self, x: Operand, position: int, read: set[Value]) -> None:
        if isinstance(x, Value):
            self.dies[x] = max(self.dies[x], position)
            read.add(x)

    def _walk(self, block: Block) -> set[Value]:
        """Returns what the block reads."""
        read: set[Value] = set()
        for op in block.ops:
            self._now += 1
            start = self.start[op] = self._now
            for x in op.operands():
                self._read(x, start, read)
            inside: set[Value] = set()
            for inner in op.blocks:
                self._bear(inner.params, start)
                inside |= self._walk(inner)
            self._now += 1
            self.end[op] = self._now
            if op.prim in ("for", "while"):
                first = op.attrs["iter"].operands() if op.prim == "for" else 0
                walked = {x for x in op.args[:first] if isinstance(x, Value)}
                params = {p for inner in op.blocks[:-1] for p in inner.params}
                for v in inside | walked | params:
                    if self.born[v] <= start:
                        self.dies[v] = max(self.dies[v], self._now)
            read |= inside
            self._bear(op.outs, self._now)
        self._now += 1
        for r in block.results:
            self._read(r, self._now, read)
        return read
