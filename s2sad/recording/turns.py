"""Loops that come near something by decisions alone (`autodiff.settling`): what they assign is looked at each turn.

What such a loop leaves, behind it or by ``return``, is followed from then on where it was not, as `runtime.settled`,
whose rule refuses a derivative if something has settled in a loop in which something followed was compared.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from .. import runtime
from ..ir.types import is_named_tuple
from ..rules.table import RULES
from .following import Following

_ROUNDING = 64 * sys.float_info.epsilon
_LONG = 8  # elements of a container; of a longer one, the last counts


def _may_hold(x: Any) -> bool:
    """Whether it is a number, or may hold some, and is no object of a class of the user's."""
    plain = type(x) in (float, complex, np.ndarray, list, tuple, dict)
    return plain or isinstance(x, np.inexact) or is_named_tuple(type(x))


class Turns:
    """Of a loop that runs.

    Attributes:
        before: how many decisions there were that are not its own, of what to do in it.
        moves: how what it assigns has moved, by name.
    """

    __slots__ = ("asked", "before", "moves", "recorder")

    def __init__(self, recorder: Turning):
        self.recorder = recorder
        self.before = self.asked = recorder.decisions
        self.moves: dict[str, Any] = {}

    def asks(self) -> bool:
        """The condition of the loop is about to be asked."""
        self.asked = self.recorder.decisions
        return True

    def goes_on(self, condition: bool) -> bool:
        """The condition of the loop, whose decisions say how often it runs and not what it does."""
        self.before += self.recorder.decisions - self.asked
        return condition

    def turn(self, name: str, x: Any) -> None:
        """What the loop has assigned to a name, as one more turn begins, or the loop has ended."""
        t, known = type(x), self.moves.get(name)
        if (t is list or t is dict) and len(x) > _LONG:  # each time, all of it would be too much
            x = [x[-1] if t is list else next(reversed(x.values()))]
        if id(x) in self.recorder.numbers or t is int or t is bool:
            self.moves.pop(name, None)
        elif t is float and known and len(known) == 1 and type(known[0][0]) is float:
            place, largest, _, last = known[0]
            step = abs(x - place)
            if _ROUNDING * max(abs(x), largest) < step < math.inf:  # as `runtime.move` has it
                self.moves[name] = [(x, step if step > largest else largest, last, step)]
        elif _may_hold(x) and not self.recorder.follows(x):
            (self.moves[name],) = runtime.moved(known and [known], x)
        else:
            self.moves.pop(name, None)

    def left(self, x: Any) -> Any:
        """What the loop leaves, behind it or by ``return``."""
        if self.recorder.decisions > self.before:
            moves = list(self.moves.values())
            if runtime.last_move(moves) < np.inf:
                return self.recorder.settled(x, moves)
        return x

    def turn_of(self, name: str, x: Any, attribute: str) -> None:
        """`turn`, of what the loop has assigned to an attribute."""
        held = getattr(x, "__dict__", {})
        if attribute in held:
            self.turn(name, held[attribute])

    def left_in(self, x: Any, attribute: str) -> None:
        """`left`, of an attribute, which is assigned."""
        held = getattr(x, "__dict__", {})
        if _may_hold(held.get(attribute)) and not isinstance(x, type):
            held[attribute] = self.left(held[attribute])


class Turning(Following):
    """The part of `Recorder` that looks at loops.

    Attributes:
        Unbound: the error of a name that has no value yet.
    """

    Unbound = NameError

    def decides(self, *operands: Any) -> None:
        """Something is asked of these, by which the program may go on in another way."""
        for x in operands:
            if self.follows(x):
                self.decisions += 1
                self.decider = x
                return

    def loop(self) -> Turns:
        """A loop begins."""
        return Turns(self)

    def settled(self, x: Any, moves: Any) -> Any:
        """What has come near something by decisions, followed from now on; in place, if it can be changed."""
        t = type(x)
        if t is tuple or is_named_tuple(t):
            return runtime.rebuild(x, [self.settled(e, moves) for e in x])
        if t is list or t is dict:
            for key, e in list(enumerate(x) if t is list else x.items()):
                x[key] = self.settled(e, moves)
        elif not _may_hold(x) or self.follows(x):
            return x
        elif t is not np.ndarray:
            return self.at_limit(runtime.settled, x, moves)
        elif x.dtype.kind in "fc":
            places = self.at_limit(runtime.settled_places, x, moves)
            if not x.flags.writeable:
                return places
            self.setitem(x, ..., places)
        return x

    def at_limit(self, f: Any, x: Any, moves: Any) -> Any:
        return self.ruled(f, RULES[f], (x, moves, self.decider), {})
