"""Which values of a program may be without one: variables that only some paths assign.

    caught, v = try ...: -> False, t                  ``v`` has none where ``caught`` is true,
                except:  -> True, UNDEFINED
    w = if caught: -> 0.0                             and so ``w`` always has one.
        else: -> v

``absent(function)`` finds them.  ``check_bound(function)`` refuses to read one in a ``try`` whose handlers would catch
the error of that: elsewhere, a program that reads one ends with it; in generated code it may be None, or share its name
with another.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import UnsupportedError
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value

_Facts = frozenset[tuple[Operand, bool]]  # what is true, or false, where control is
_Flag = tuple[Value, bool]


def absent(function: Function) -> tuple[set[Value], set[tuple[Value, Value]]]:
    """The values that may have none; and the results with the values that they come from, where these may have none."""
    walk = _Walk(lambda op, x: None)
    walk.run(function)
    return set(walk.absent), walk.flows


def check_bound(function: Function) -> None:
    """Refuse it in one function, whose own calls may be in a ``try`` of another (``attrs["tried"]``)."""

    def refuse(op: Op, x: Operand) -> None:
        raise UnsupportedError("this variable may have no value here, in a try that would catch that", op.span)

    walk = _Walk(lambda op, x: None)
    walk.run(function)
    walk.read = refuse
    walk.run(function)


class _Walk:
    """``absent``: values that may have none; with a flag, only where that is true (or false).

    ``read(op, x)`` is called for each absent operand in a ``try`` that would catch the error.
    """

    def __init__(self, read: Callable[[Op, Operand], None]) -> None:
        self.absent: dict[Value, _Flag | None] = {}
        self.read = read
        self.flows: set[tuple[Value, Value]] = set()
        self.follows: dict[tuple[Operand, bool], list[tuple[Operand, bool]]] = {}  # what is known with a flag

    def run(self, function: Function) -> None:
        before: Any = None
        while before != self.absent:
            before = dict(self.absent)
            self.block(function.body, frozenset(), bool(function.attrs.get("tried")))

    def missing(self, x: Operand, facts: _Facts) -> bool | _Flag:
        """Whether ``x`` may have no value, or the flag that says so."""
        if isinstance(x, Const):
            return x is UNDEFINED
        flag = self.absent.get(x, (x, True))
        if x not in self.absent or (flag is not None and (flag[0], not flag[1]) in facts):
            return False
        return True if flag is None else flag

    def block(self, block: Block, facts: _Facts, tried: bool) -> _Facts:
        """Walk a block; returns what is known at its end."""
        for op in block.ops:
            if op.prim is operator.eq and isinstance(op.args[1], Const) and op.args[1].value:
                self.follows[op.outs[0], True] = [(op.args[0], True)]
            for x in _read_now(op) if tried else ():
                if self.missing(x, facts):
                    self.read(op, x)
            if op.prim in ("for", "while"):
                *_, last = [self.block(inner, facts, tried) for inner in op.blocks]
                count = len(op.outs) - bool(op.attrs.get("stops"))
                ends = [(op.args, facts)] + [(b.results, last) for b in op.blocks[-1:] if not _raises(b)]
                self.merge(op.outs[len(op.outs) - count :], [(r[len(r) - count :], f) for r, f in ends])
                for inner in op.blocks:
                    params = inner.params[len(inner.params) - count :]
                    for p, out in zip(params, op.outs[len(op.outs) - count :], strict=True):
                        if out in self.absent:
                            self.absent[p] = None
            elif op.blocks:
                ends = []
                for k, inner in enumerate(op.blocks):
                    here = facts | self.known(op.args[0], k == 0) if op.prim == "if" else facts
                    catches = op.prim == "try" and k == 0 and any(map(catches_unbound, op.args))
                    here = self.block(inner, here, tried or catches)
                    if not _raises(inner):
                        ends.append((inner.results, here))
                self.merge(op.outs, ends)
                if op.prim == "if":
                    self.learn(op, facts)
                    for k, inner in enumerate(op.blocks):
                        facts |= self.known(op.args[0], k == 1) if _raises(inner) else frozenset()
        return facts

    def learn(self, op: Op, facts: _Facts) -> None:
        """A result that is true in one branch is false only in the other, where it is what that one gives."""
        for k, inner in enumerate(op.blocks):
            other = op.blocks[1 - k].results
            for out, r, s in zip(op.outs, inner.results, other, strict=True):
                truth = self.truth(r, facts | self.known(op.args[0], k == 0))
                if truth is not None and not _raises(inner):
                    self.follows[out, not truth] = [(op.args[0], k == 1), (s, not truth)]

    def truth(self, x: Operand, facts: _Facts) -> bool | None:
        if isinstance(x, Const):
            return bool(x.value) if type(x.value) in (bool, int) else None
        return next((truth for truth in (True, False) if (x, truth) in facts), None)

    def known(self, condition: Operand, truth: bool) -> _Facts:
        """What is known where a condition is true, or false."""
        found, queue = set(), [(condition, truth)]
        while queue:
            fact = queue.pop()
            if fact not in found:
                found.add(fact)
                queue += self.follows.get(fact, ())
        return frozenset(found)

    def merge(self, outs: Sequence[Value], ends: Sequence[tuple[Sequence[Operand], _Facts]]) -> None:
        """Results of blocks become one value each."""
        for k, out in enumerate(outs):
            states = [self.missing(results[k], facts) for results, facts in ends]
            if any(states):
                sources = [results[k] for (results, _), state in zip(ends, states, strict=True) if state]
                self.flows.update((out, r) for r in sources if isinstance(r, Value))
                flag = self.flag(outs, ends, states)
                self.absent[out] = flag if self.absent.get(out, flag) == flag else None

    def flag(self, outs: Sequence[Value], ends: Any, states: list[bool | _Flag]) -> _Flag | None:
        """A result that is true (or false) wherever another is missing."""
        for j, out in enumerate(outs):
            for truth in (True, False):
                if all(self.says(r[j], facts, truth, state) for (r, facts), state in zip(ends, states, strict=True)):
                    return out, truth
        return None

    def says(self, x: Operand, facts: _Facts, truth: bool, state: bool | _Flag) -> bool:
        if not state:
            return True
        return self.truth(x, facts) is truth or state == (x, truth)


def _read_now(op: Op) -> list[Operand]:
    """The operands that an op reads; those that a loop carries it only hands on."""
    if op.prim in ("for", "while"):
        return op.args[: len(op.args) - len(op.outs) + bool(op.attrs.get("stops"))]
    return list(op.operands())


def _raises(block: Block) -> bool:
    return bool(block.ops) and block.ops[-1].prim == "raise"


def catches_unbound(classes: Operand) -> bool:
    """Whether a handler for these classes catches the error of a variable without a value."""
    found = classes.value if isinstance(classes, Const) else Exception
    parts = found if isinstance(found, tuple) else (found,)
    return any(issubclass(UnboundLocalError, c) for c in parts)
