"""Values that only some paths compute: a variable that is assigned in one branch, or in a loop that may not run.

    if n > 0: v = x * x             On the way back, where ``n > 0`` is false, nobody reads ``v``, and nobody may:
    if n > 0: s = s * v             its cotangent there is that of None.

``Absent(function)`` knows them, ``define(ops, values)`` makes them None on the paths that do not compute them;
``Nothing(function)`` knows these, of a derivative that is differentiated again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value
from ..passes.effects import all_ops
from ..passes.unbound import absent

Place = tuple[list[Operand], int]


class Absent:
    """The values of a functional program that may be without a value, and those of them that the adjoint reads so."""

    def __init__(self, function: Function):
        self.values, self.flows = absent(function)
        self.read: set[Value] = set()

    def reads(self, x: Any) -> bool:
        """Whether ``x`` may be without a value; if so, it is None there from now on."""
        if x not in self.values:
            return False
        self.read.add(x)
        return True


class Nothing:
    """The values of a program that are None on some paths, whatever their types say: `define` has made them so."""

    def __init__(self, function: Function):
        self.values = perhaps_none(function.body.ops)

    def reads(self, x: Any) -> bool:
        """Whether ``x`` may be None."""
        return x in self.values


def define(ops: list[Op], values: Iterable[Value]) -> bool:
    """Make values None where they would have none, and with them what they come from; whether any had none."""
    sources, found = _sources(ops), False
    queue, seen = list(values), set(values)
    while queue:
        for operands, k in sources.get(queue.pop(), ()):
            x = operands[k]
            if x is UNDEFINED:
                operands[k], found = Const(None), True
            elif isinstance(x, Value) and x not in seen:
                seen.add(x)
                queue.append(x)
    return found


def perhaps_none(ops: list[Op], known: Iterable[Value] = ()) -> set[Value]:
    """The results of branches and loops, and carried values, that are None, or without a value, on some path.

    ``known``: values that may be None, and are among those that are found.
    """
    places = {v: [operands[k] for operands, k in sources] for v, sources in _sources(ops).items()}
    found = set(known)
    while True:
        more = {v for v, xs in places.items() if any(_is_nothing(x) or x in found for x in xs)} - found
        if not more:
            return found
        found |= more


def _is_nothing(x: Operand) -> bool:
    return x is UNDEFINED or (isinstance(x, Const) and x.value is None)


def _sources(ops: list[Op]) -> dict[Value, list[Place]]:
    """For each result of a branch or loop, and each carried value, where it may come from."""
    found: dict[Value, list[Place]] = {}
    for op in all_ops(Block([], ops)):
        for k in range(1, len(op.outs) + 1 if op.blocks else 0):
            places: list[Place] = [(b.results, -k) for b in _ending(op)]
            if op.prim in ("for", "while") and k <= len(op.outs) - bool(op.attrs.get("stops")):
                places.append((op.args, -k))
                found.update((b.params[-k], places) for b in op.blocks)
            found[op.outs[-k]] = places
    return found


def _ending(op: Op) -> Iterator[Block]:
    """The blocks whose results are those of the op, apart from what raises."""
    for block in op.blocks:
        raises = bool(block.ops) and block.ops[-1].prim == "raise"
        if not raises and (op.prim != "while" or block is op.blocks[-1]):
            yield block
