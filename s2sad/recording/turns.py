"""Loops that come near something by decisions alone (`autodiff.settling`): what they assign is looked at each turn.

What such a loop leaves, behind it or by ``return``, is followed from then on where it was not, as `runtime.settled`,
whose rule refuses a derivative if something has settled in a loop in which something followed was compared.  Functions
that call themselves are loops whose turns are their calls.
"""

from __future__ import annotations

import inspect
import itertools
import math
import sys
import types
import weakref
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from .. import runtime
from ..rules.table import RULES
from . import memory
from .classes import held, is_object, positional
from .following import Following, content, is_of_a_rule
from .instrument import is_instrumented
from .records import NUMBERS

_ROUNDING = 64 * sys.float_info.epsilon
_LONG = 8  # elements of a container; of a longer one, the last counts


def places_in(x: Any) -> set[int]:
    """The identities of the numbers in something, and of the memory of its arrays."""
    return {id(memory.owner(y) if isinstance(y, np.ndarray) else y) for y in runtime.numbers_in(x)}


def _may_hold(x: Any) -> bool:
    """Whether it is a number, or may hold some, and is no object of a class of the user's."""
    if isinstance(x, tuple):
        made = type(x).__new__
        return made is tuple.__new__ or isinstance(made, types.FunctionType)  # and no record of C's
    return type(x) in (float, complex, np.ndarray, list, dict) or isinstance(x, np.inexact)


def _has_moved(entries: Any) -> bool:
    return any(np.any(largest) for _, largest, *_ in entries)


def captured(f: types.FunctionType) -> Iterable[tuple[str, types.CellType]]:
    return zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)


class Trace(list):
    """What happens while a loop looks at what it computes from what: records, and the operands of decisions."""


class Known:
    """What a trace, as far as it was read, says of what was computed.

    Attributes:
        read: how much of it was; decided: whether others than what the loop carries decided.
        others: by identity, whether something has to do with others; used: of what was computed from nothing else.
    """

    __slots__ = ("decided", "others", "read", "used")

    def __init__(self) -> None:
        self.read, self.decided = 0, False
        self.others: dict[int, bool] = {}
        self.used: set[int] = set()

    def is_alone(self, k: int) -> bool:
        return not self.others.get(k, True)

    def look(self, record: Any, starts: set[int], recorder: Turning) -> None:
        """One more record, or the operands of a decision; ``starts``: what the loop carries."""
        given, made = (record, ()) if isinstance(record, tuple) else record.ways()
        if getattr(record, "function", None) in (runtime.settled, runtime.settled_places):
            given = given[:1]  # and not what decided
        places = places_in([x for x in given if recorder.follows(x)])
        others = any(self.others.get(k, k not in starts) for k in places)
        if isinstance(record, tuple):
            self.decided = self.decided or others
        for k in places_in(made):
            self.others[k] = self.others.get(k, False) or others
            self.used |= set() if others else places


class Turns:
    """Of a loop that runs.

    Attributes:
        before: how many decisions there were that are not its own, of what to do in it.
        moves: how what it assigns has moved, by name; followed: what is followed, in the same way.
        near_read: something was read by `near` that had settled.
        places: what was stored in, by identity and attribute; named: of these, what has a name in the loop.
        asks_at: how many operations there were when something followed had settled; trace: what has happened since the
            next turn began; begun: its length then; known: what it says.
        starts, then: what the loop had assigned then, and how that had moved.
    """

    __slots__ = ("asked", "asks_at", "before", "begun", "followed", "known", "moves", "named", "near_read", "places",
                 "recorder", "starts", "then", "trace")  # fmt: skip

    def __init__(self, recorder: Turning):
        self.recorder = recorder
        self.before = self.asked = recorder.decisions
        self.moves: dict[Any, Any] = {}
        self.followed: dict[Any, Any] = {}
        self.near_read = False
        self.places: dict[tuple[int, str | None], Any] = {}
        self.named: set[tuple[int, str | None]] = set()
        self.asks_at: int | None = None
        self.trace: Trace | None = None
        self.begun = 0
        self.known: Any = None
        self.starts: set[int] = set()
        self.then: dict[Any, Any] = {}

    def asks(self) -> bool:
        """The condition of the loop is about to be asked."""
        self.asked = self.recorder.decisions
        return True

    def goes_on(self, condition: bool) -> bool:
        """The condition of the loop, whose decisions say how often it runs and not what it does."""
        self.before += self.recorder.decisions - self.asked
        return condition

    def turn(self, name: Any, x: Any) -> None:
        """What the loop has assigned to a name, as one more turn begins, or the loop has ended."""
        t, whole = type(x), x
        if (t is list or t is dict) and len(x) > _LONG:  # each time, all of it would be too much
            x = [x[-1] if t is list else next(reversed(x.values()))]
        followed = id(x) in self.recorder.numbers or (t is not float and self.recorder.follows(x))
        moves, other = (self.followed, self.moves) if followed and not self.nears(name) else (self.moves, self.followed)
        other.pop(name, None)
        known = moves.get(name)
        if t is float and known and len(known) == 1 and type(known[0][0]) is float:
            place, largest, _, last = known[0]
            step = abs(x - place)
            if _ROUNDING * max(abs(x), largest) < step < math.inf:  # as `runtime.move` has it
                moves[name] = [(x, step if step > largest else largest, last, step)]
        elif not _may_hold(x):
            moves.pop(name, None)
            for key, cell in captured(x) if t is types.FunctionType else ():
                if _may_hold(inside := content(cell)):
                    self.turn((name, key), inside)
                    cell.cell_contents = self.near((name, key), inside)
            return
        elif not followed or t in NUMBERS or self.recorder.decisions > self.before:
            (moves[name],) = runtime.moved(known and [known], x)
        if (t is list or t is dict or t is np.ndarray) and type(name) is str:
            self.named.add((id(whole), None))
        if moves is self.followed:
            self.look_back(name, whole)

    def nears(self, name: Any) -> bool:
        """Whether a name has been read as what has settled (`near`), so that what follows is followed."""
        known = self.moves.get(name)
        return self.near_read and bool(known) and runtime.last_move([known]) < np.inf

    def look_back(self, name: Any, x: Any) -> None:
        """Find out what is computed from what, once something followed has settled."""
        if self.trace is None and self.asks_at is not None and self.asks_at != self.recorder.operations:
            self.trace = self.recorder.traced()
            self.begun, self.known = len(self.trace), Known()
        elif self.asks_at is None and self.recorder.decisions > self.before and self.has_settled(name):
            self.asks_at = self.recorder.operations  # from the next turn on
        if self.trace is not None and len(self.trace) == self.begun and _has_moved(self.followed.get(name, ())):
            self.starts |= places_in(x)  # the same turn begins
            self.then[name] = self.followed[name]

    def has_settled(self, name: Any) -> bool:
        return runtime.last_move([self.followed.get(name, ())]) < np.inf

    def computes(self, x: Any) -> bool:
        """Whether it computes something from what it carries and nothing else that is followed, if others decide."""
        if not self.trace:
            return False
        for k in range(max(self.known.read, self.begun), len(self.trace)):
            self.known.look(self.trace[k], self.starts, self.recorder)
        self.known.read = len(self.trace)
        alone = any(self.known.is_alone(k) or (k in self.known.used and k in self.starts) for k in places_in(x))
        return alone and self.known.decided and self.goes_on_alone()

    def goes_on_alone(self) -> bool:
        """Whether something that is computed from itself alone has moved since, and does not only stay where it was."""
        for name, then in self.then.items():
            for (now, *_), (before, *_) in zip(self.followed.get(name, ()), then, strict=False):
                if np.any(now != before) and (np.ndim(now) > 0 or self.known.is_alone(id(now))):
                    return True
        return False

    def near(self, name: Any, x: Any) -> Any:
        """What a turn reads for what it leaves."""
        if self.recorder.decisions == self.before or not isinstance(x, (*NUMBERS, tuple)):
            return x
        known = self.moves.get(name)
        if known and (self.near_read or id(x) not in self.recorder.numbers) and runtime.last_move([known]) < np.inf:
            self.near_read = True
            return self.recorder.settled(x, [known], anyway=True)
        return self.left_alone(name, x)

    def left_alone(self, name: Any, x: Any) -> Any:
        """What is computed from itself alone, where that has settled."""
        if self.trace and self.has_settled(name) and self.computes(x):
            return self.recorder.settled(x, [self.followed[name]], anyway=True)
        return x

    def left(self, name: Any, x: Any) -> Any:
        """What the loop leaves, as it ends, or as it is about to."""
        if self.recorder.decisions > self.before:
            moves = list(self.moves.values())
            if runtime.last_move(moves) < np.inf:
                x = self.recorder.settled(x, moves, anyway=self.nears(name))
            x = self.left_alone(name, x)
        return x

    def turn_of(self, name: str, x: Any, attribute: str) -> None:
        """`turn`, of what the loop has assigned to an attribute."""
        own = getattr(x, "__dict__", {})
        if attribute in own:
            self.named.add((id(x), attribute))
            self.turn(name, own[attribute])

    def begins(self) -> None:
        """One more turn begins: look at what has no name in the loop."""
        for key, x in self.places.items():
            if key not in self.named and key[1] is None:
                self.turn(key, x)
            elif key not in self.named and key[1] in held(x):
                self.turn(key, held(x)[key[1]])

    def over(self) -> None:
        """The loop ends, or is left."""
        self.begins()
        stored = {key: x for key, x in self.places.items() if key not in self.named}
        if self.recorder.decisions > self.before:
            for (k, attribute), x in stored.items():
                if not any(_has_moved(m.get((k, attribute), ())) for m in (self.moves, self.followed)):
                    continue
                if attribute is None:
                    self.left((k, attribute), x)
                else:
                    put = type.__setattr__ if isinstance(x, type) else object.__setattr__
                    put(x, attribute, self.left((k, attribute), held(x)[attribute]))
        active = self.recorder.active
        if self in active:
            active.remove(self)
            if active:
                active[-1].places.update(self.places)

    def hands(self, x: Any) -> Any:
        """What a generator hands out."""
        if not isinstance(x, (*NUMBERS, tuple)):
            return x
        self.turn("", x)
        return self.left("", x)

    def left_in(self, name: str, x: Any, attribute: str) -> None:
        """`left`, of an attribute, which is assigned."""
        own = getattr(x, "__dict__", {})
        if _may_hold(own.get(attribute)) and not isinstance(x, type):
            own[attribute] = self.left(name, own[attribute])


class Call(Turns):
    """Of a call of a function: one that is made in another call of the same function is a turn of a loop.

    Looked at are its arguments, the attributes of objects that it hands on, and what it captures, and it reads what of
    these has settled as what is found by decisions.

    Attributes:
        around: the call in which it is made.
        function, args, kwargs: what is called.
        decided: how many decisions there were before it.
    """

    __slots__ = ("args", "around", "decided", "function", "kwargs")

    def __init__(self, recorder: Turning, around: Call | None, function: Any, args: tuple, kwargs: dict[str, Any]):
        super().__init__(recorder)
        self.around, self.function, self.decided = around, function, self.before
        self.args, self.kwargs = args, kwargs
        if around is not None:
            self.before, self.moves, self.near_read = around.before, around.moves, around.near_read
            if self.decided > self.before:
                self.moves, self.followed = dict(around.moves), dict(around.followed)
                self.asks_at, self.trace = around.asks_at, around.trace
                self.begun, self.starts, self.then, self.known = around.begun, around.starts, around.then, around.known
                self.look(around)
                self.settle(around)

    def given(self) -> dict[str, Any]:
        """The arguments by name; those that have none together."""
        names = positional(self.function.__code__)
        named = dict(zip(names, self.args, strict=False))
        return {**named, "*": self.args[len(names) :], **self.kwargs}

    def look(self, other: Call) -> None:
        """Look at what a call has, as it begins; ``other``: one that hands on the same."""
        for name, cell in captured(self.function):
            self.turn(f"captured {name}", content(cell))
        others = other.given()
        for key, x in self.given().items():
            if is_object(x) and others.get(key) is x:
                for attribute, value in held(x).items():
                    self.turn(f"{key}.{attribute}", value)
            else:
                self.turn(key, x)

    def moving(self) -> set[str]:
        """What has moved, if something has settled by decisions before the call: its own are by which it ends."""
        if self.decided == self.before or runtime.last_move(list(self.moves.values())) == np.inf:
            return set()
        return {key for key, entries in self.moves.items() if _has_moved(entries)}

    def settle(self, around: Call) -> None:
        """Follow what the call reads, and what it may change and others read."""
        moving = self.moving()
        self.near_read = self.near_read or bool(moving)
        moves, given, others = list(self.moves.values()), self.given(), around.given()
        names = itertools.chain(positional(self.function.__code__), itertools.repeat("*"))
        self.args = tuple(self.near(key, x) for key, x in zip(names, self.args, strict=False))
        self.kwargs = {key: self.near(key, x) for key, x in self.kwargs.items()}
        for key, x in given.items() if moving else ():
            if key in moving and type(x) in (list, dict, np.ndarray):
                self.recorder.settled(x, moves, anyway=self.nears(key))
            if is_object(x) and others.get(key) is x:
                for attribute in [a for a in held(x) if f"{key}.{a}" in moving]:
                    value = self.recorder.settled(held(x)[attribute], moves, anyway=self.nears(f"{key}.{attribute}"))
                    object.__setattr__(x, attribute, value)
        for name, cell in captured(self.function) if moving else ():
            if (key := f"captured {name}") in moving:
                cell.cell_contents = self.recorder.settled(content(cell), moves, anyway=self.nears(key))

    def ends(self, y: Any) -> Any:
        """The call gives ``y``."""
        if self.around is None:
            return y
        if self.computes(y):
            return self.recorder.settled(y, list(self.followed.values()), anyway=True)
        moving = self.moving()
        if not moving:
            return y
        kept = [*self.function.__code__.co_consts, *(x for key, x in self.given().items() if key not in moving)]
        return y if any(y is x for x in kept) else self.recorder.settled(y, list(self.moves.values()))


class Turning(Following):
    """The part of `Recorder` that looks at loops, and at functions that call themselves.

    Attributes:
        settling: what generated code calls of `runtime`, and the methods for that.
        Unbound: the error of a name that has no value yet.
        calls: the last call of what runs now, by its code; generators: those by which generators were made.
        active: the loops that run.
    """

    Unbound = NameError
    settling: ClassVar[dict[Any, str]] = {
        runtime.settled: "settles", runtime.settled_places: "settles", runtime.check_settled: "checks_settled",
    }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calls: dict[types.CodeType, Call] = {}
        self.generators: weakref.WeakKeyDictionary[types.GeneratorType, Call] = weakref.WeakKeyDictionary()
        self.active: list[Turns] = []

    def traced(self) -> Trace:
        """What happens from now on, for as long as somebody looks at it."""
        trace = self.trace() or Trace()
        self.trace = weakref.ref(trace)
        return trace

    def run(self, function: types.FunctionType, args: tuple, kwargs: dict[str, Any]) -> Any:
        """A call of a rewritten function."""
        code, loops = function.__code__, len(self.active)
        if code.co_filename.startswith("<s2sad"):  # generated: it has been looked at (`autodiff.settling`)
            return function(*args, **kwargs)
        around = self.around(code)
        call = self.calls[code] = Call(self, around, function, args, kwargs)
        try:
            y = function(*call.args, **call.kwargs)
            if isinstance(y, types.GeneratorType) and y.gi_code is code:
                self.generators[y] = call
                return y
            return call.ends(y)
        finally:
            for left in self.active[loops:]:  # by an exception
                left.over()
            if around is None:
                self.calls.pop(code, None)
            else:
                self.calls[code] = around

    def around(self, code: types.CodeType) -> Call | None:
        """The call of a function in which another one is about to be made; generators run after they were called."""
        if not code.co_flags & inspect.CO_GENERATOR:
            return self.calls.get(code)
        frame: Any = sys._getframe(2)
        while frame is not None and frame.f_code is not code:
            frame = frame.f_back
        return next((call for y, call in self.generators.items() if y.gi_frame is frame), None) if frame else None

    def decides(self, *operands: Any) -> None:
        """Something is asked of these, by which the program may go on in another way."""
        for x in operands:
            if self.follows(x):
                self.decisions += 1
                self.decider = x
                if (trace := self.trace()) is not None:
                    trace.append(operands)
                return

    def begins(self) -> Turns:
        """A function that calls itself begins."""
        return self.calls.get(sys._getframe(1).f_code) or Turns(self)

    def loop(self) -> Turns:
        """A loop begins."""
        self.active.append(Turns(self))
        return self.active[-1]

    def listed(self, before: int, items: list[Any]) -> list[Any]:
        """What a comprehension lists; ``before``: how many decisions there were before it."""
        if self.decisions > before and len(items) > 3:
            moves = None
            for k, x in enumerate(items):
                moves = runtime.moved(moves, x)
                if runtime.last_move(moves) < np.inf:
                    items[k] = self.settled(x, moves)
        return items

    def stores(self, x: Any, attribute: str | None = None) -> None:
        """Something is stored in ``x``."""
        if self.active:
            self.active[-1].places[id(x), attribute] = x

    def settled(self, x: Any, moves: Any, anyway: bool = False) -> Any:
        """What has come near something by decisions, followed from now on; in place, if it can be changed.

        Args:
            anyway: also what is followed.
        """
        t = type(x)
        if isinstance(x, tuple) and _may_hold(x):
            made = tuple.__new__(t, [self.settled(e, moves, anyway) for e in x])
            getattr(made, "__dict__", {}).update(getattr(x, "__dict__", {}))
            return made
        if t is list or t is dict:
            for key, e in list(enumerate(x) if t is list else x.items()):
                x[key] = self.settled(e, moves, anyway)
        elif not _may_hold(x) or (self.follows(x) and not anyway):
            return x
        elif t is not np.ndarray:
            return self.at_limit(runtime.settled, x, moves)
        elif x.dtype.kind in "fc":
            places = self.at_limit(runtime.settled_places, x, moves)
            if not x.flags.writeable:
                return places
            self.setitem(x, ..., places)
        return x

    def settles(self, f: Any, x: Any, moves: Any, decider: Any = None) -> Any:
        """A call of `runtime.settled`, by generated code, whose loops say how they move, or by a recorder inside."""
        self.decides(decider)
        return x if self.decider is None and not self.follows(x) else self.at_limit(f, x, moves)

    def checks_settled(self, f: Any, bar: Any, moves: Any) -> None:
        """A call of `runtime.check_settled`, of whose variable generated code says no more: how it moves is not known.

        What a recorder inside has settled is followed here.
        """
        frame: Any = sys._getframe(1)
        while frame is not None and not is_instrumented(frame.f_code):
            frame = frame.f_back
        f(bar if self.decider is None or is_of_a_rule(frame) else np.inf, moves)

    def at_limit(self, f: Any, x: Any, moves: Any) -> Any:
        return self.ruled(f, RULES[f], (x, moves, self.decider), {})
