"""Statements with jumps -> statements without.

In: the statements of a function's body, with ``break``, ``continue``, ``return`` anywhere.
Out: a tree of the few classes below, in which control flow is structured: a jump has become the assignment of a flag,
and what it jumps over stands in the other branch of an ``If``.  Each statement appears once.

    for x in xs:                      For x in xs, stop flag <stop>:
        if x < 0:                         <stop> = False
            return x          ->          If x < 0:  <result> = x; <stop> = True
        total += x                        else:      total += x
    return total                      If <stop>:  nothing
                                      else:       <result> = total

What ``finally`` does stands twice: in a handler for everything, which raises again, and behind.

Flags that nobody reads are assigned all the same: they are constants, and cost nothing.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import gast

from ..ir.core import Const

RESULT = "<result>"


@dataclasses.dataclass(eq=False)
class Simple:
    """A statement of Python that neither branches nor jumps."""

    node: Any


@dataclasses.dataclass(eq=False)
class Set:
    """Assign a flag or the result: an expression, or a constant."""

    name: str
    value: Any
    node: Any


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag as the condition of an ``If``: that it is true, or that it is ``number``."""

    name: str
    number: int | None = None


@dataclasses.dataclass(eq=False)
class If:
    test: Any  # a gast expression or a Flag
    then: list[Statement]
    orelse: list[Statement]
    node: Any


@dataclasses.dataclass(eq=False)
class For:
    """``stop``: the flag that ends the loop when it is true after the body; None where nothing sets it."""

    node: Any
    body: list[Statement]
    stop: str | None


@dataclasses.dataclass(eq=False)
class While:
    test: Any  # a gast expression without assignments, or Const(True)
    node: Any
    body: list[Statement]
    stop: str | None


@dataclasses.dataclass(eq=False)
class With:
    item: Any
    body: list[Statement]
    node: Any


@dataclasses.dataclass(eq=False)
class Handler:
    """``except types:``, where None stands for everything; the variables ``names`` get the exception."""

    types: Any
    names: list[str]
    body: list[Statement]
    node: Any


@dataclasses.dataclass(eq=False)
class Try:
    """A ``try``: what its body has done when it raises, its handlers don't see (`guard` sees to that).

    ``note``: the handlers do nothing, but this variable gets the number of the one that runs; of the user's variables,
    ``seen`` are read then.
    """

    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    node: Any
    note: str | None = None
    seen: frozenset[str] = frozenset()


Statement = Simple | Set | If | For | While | With | Try


def structure(function: Any, apart: Callable[[Any], list[Any] | None] = lambda s: None) -> list[Statement]:
    """The body of a function or lambda without jumps; its result is in the variable ``RESULT``.

    ``apart`` takes a ``try`` apart whose handlers could see half of what its body does: see `guard`.
    """
    if isinstance(function, gast.Lambda):
        return [Set(RESULT, function.body, function.body)]
    out, _ = _Structure(apart).block([*function.body, Return(function, Const(None))], _Region())
    return out


# Between gast and the classes above: what the rewriting itself puts among a body's statements.


@dataclasses.dataclass(eq=False)
class Branch:
    """An ``if`` whose condition may be a flag."""

    test: Any
    body: Sequence[Any]
    orelse: Sequence[Any]
    node: Any


@dataclasses.dataclass(eq=False)
class Return:
    """Return ``value``, or what is in ``RESULT`` already where ``value`` is None."""

    node: Any
    value: Any = None


@dataclasses.dataclass(eq=False)
class Assign:
    """A flag gets the value of an expression, or a constant."""

    name: str
    value: Any
    node: Any


@dataclasses.dataclass(eq=False)
class Guarded:
    """A part of the body of a ``try``; its handlers only note in a variable which they are."""

    body: Sequence[Any]
    handlers: list[Handler]
    node: Any
    note: str
    seen: frozenset[str]


@dataclasses.dataclass(eq=False)
class _Exhausted:
    """The end of a ``while True`` that stands for a ``while`` whose condition assigns."""

    node: Any
    flag: str


class _Region:
    """The flags of the function's body (number 0), or of a loop's.

    stop: ends the loop.  returned: the loop was left by a return.  skip: the rest of the body is jumped over.
    Where two of them are always equal, they are one.
    """

    def __init__(self, number: int = 0, breaks: bool = False, continues: bool = False):
        self.loop = number > 0
        self.stop = f"<stop {number}>"
        self.returned = f"<returned {number}>" if breaks or not self.loop else self.stop
        self.skip = f"<skip {number}>" if continues else self.stop if self.loop else self.returned


class _Structure:
    def __init__(self, apart: Callable[[Any], list[Any] | None]) -> None:
        self.numbers = itertools.count(1)
        self.apart = apart

    def block(self, statements: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        """A sequence of statements, and whether its end can be reached; what stands after a jump is dropped."""
        out: list[Statement] = []
        for k, s in enumerate(statements):
            rest = statements[k + 1 :]
            if isinstance(s, (gast.If, Branch)):
                if exits([s]) & JUMPS:
                    new, falls = self.branch(s, rest, region)
                    return out + new, falls
                then, _ = self.block(s.body, region)
                orelse, _ = self.block(s.orelse, region)
                out.append(If(s.test, then, orelse, s.node if isinstance(s, Branch) else s))
            elif isinstance(s, (gast.For, gast.While)):
                new, after = self.loop(s)
                out += new
                if after:
                    new, falls = self.block([*after, *rest], region)
                    return out + new, falls
            elif isinstance(s, gast.Try):
                parts = self.apart(s)
                new, falls = self.try_(s, rest, region) if parts is None else self.block([*parts, *rest], region)
                return out + new, falls
            elif isinstance(s, (gast.With, Guarded)):
                made = self.guarded(s, region) if isinstance(s, Guarded) else self.with_items(s, s.items, region)
                ways = exits([s])
                if rest and "fall" in ways and ways & JUMPS:
                    following, falls = self.block(rest, region)
                    node = s.node if isinstance(s, Guarded) else s
                    return [*out, *self.unless_skipped(node, made, following, region)], falls
                out += made
            elif isinstance(s, (gast.Break, gast.Continue, gast.Return, Return, _Exhausted)):
                return out + jump(s, region), False
            elif isinstance(s, gast.Raise):
                return [*out, Simple(s)], False
            elif isinstance(s, Assign):
                out.append(Set(s.name, s.value, s.node))
            else:
                out.append(Simple(s))
            if "fall" not in exits([s]):
                return out, False
        return out, True

    def branch(self, s: Any, rest: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        """An ``if`` that may jump, together with what follows it."""
        node = s.node if isinstance(s, Branch) else s
        body, orelse = list(s.body), list(s.orelse)
        then_falls, else_falls = "fall" in exits(body), "fall" in exits(orelse)
        if then_falls and else_falls and rest:
            then, _ = self.block(body, region)
            other, _ = self.block(orelse, region)
            following, falls = self.block(rest, region)
            return self.unless_skipped(node, [If(s.test, then, other, node)], following, region), falls
        if then_falls:
            body += rest
        elif else_falls:
            orelse += rest
        then, one = self.block(body, region)
        other, two = self.block(orelse, region)
        return [If(s.test, then, other, node)], one or two

    def loop(self, s: Any) -> tuple[list[Statement], list[Any]]:
        """A loop, and the statements (before rewriting) that come of its ``else`` and of returns inside it."""
        number = next(self.numbers)
        body = list(s.body)
        forever = is_forever(s)
        exhausted = None
        if isinstance(s, gast.While) and not forever and any(isinstance(n, gast.NamedExpr) for n in gast.walk(s.test)):
            exhausted = f"<exhausted {number}>"
            body = [Branch(s.test, body, [_Exhausted(s, exhausted)], s)]
        ways = exits(body)
        breaks, returns = "break" in ways, "return" in ways
        region = _Region(number, breaks, "continue" in ways)
        inner, _ = self.block(body, region)
        inner = [Set(region.stop, Const(False), s), *inner]
        stop = region.stop if breaks or returns else None
        out: list[Statement] = [Set(name, Const(False), s) for name in (region.returned, exhausted) if name]
        if isinstance(s, gast.For):
            out.append(For(s, inner, stop))
        else:
            out.append(While(Const(True) if forever or exhausted else s.test, s, inner, stop))
        after = [] if forever else list(s.orelse)
        if exhausted:
            after = [Branch(Flag(exhausted), after, [], s)] if after else []
        elif breaks:
            after = [Branch(Flag(region.stop), [], after, s)] if after else []
        if returns:
            # A loop that is only left by returns needs no test.
            only = forever and not breaks
            after = [Return(s)] if only else [Branch(Flag(region.returned), [Return(s)], after, s)]
        return out, after

    def unless_skipped(
        self, node: Any, first: list[Statement], following: list[Statement], region: _Region
    ) -> list[Statement]:
        """Statements that may jump over those that follow them."""
        return [Set(region.skip, Const(False), node), *first, If(Flag(region.skip), [], following, node)]

    def guarded(self, s: Guarded, region: _Region) -> list[Statement]:
        return [Try(self.block(s.body, region)[0], s.handlers, [], s.node, s.note, s.seen)]

    def try_(self, s: Any, rest: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        """A ``try`` with handlers, or with ``finally``, together with what follows it."""
        if s.finalbody:
            return self.finally_(s, rest, region)
        body, orelse, arms = list(s.body), list(s.orelse), [[*h.body, *forgotten(h)] for h in s.handlers]
        through = exits(body)
        sides = [through - {"fall"} | exits(orelse) if "fall" in through else through, *map(exits, arms)]
        ways = set().union(*sides)
        falling = [k for k, side in enumerate(sides) if "fall" in side]
        inside: Sequence[Any] = ()
        if rest and ways & JUMPS and len(falling) == 1 and (falling[0] > 0 or not through & JUMPS):
            inside = rest  # only one way goes on
            ([orelse, *arms])[falling[0]] += rest
        first, _ = self.block(body, region)
        handlers = [
            Handler(h.type, names(h), self.block(arm, region)[0], h) for h, arm in zip(s.handlers, arms, strict=True)
        ]
        after, _ = self.block(orelse, region)
        if through & JUMPS and after:  # which jump over it
            skip: list[Statement] = [Set(region.skip, Const(False), s)]
            after = [If(Flag(region.skip), [], after, s)]
        else:
            skip = []
        whole: list[Statement] = [*skip, Try(first, handlers, after, s)]
        if inside:
            return whole, "fall" in exits(rest)
        if not falling:
            return whole, False
        following, falls = self.block(rest, region)
        if rest and ways & JUMPS:
            return self.unless_skipped(s, whole, following, region), falls
        return [*whole, *following], falls

    def finally_(self, s: Any, rest: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        ways, last = exits(s.body), exits(s.finalbody)
        (caught,) = s.handlers
        handler = Handler(None, names(caught), self.block(caught.body, region)[0], caught)
        first: list[Statement] = [Try(self.block(s.body, region)[0], [handler], [], s)]
        first += self.block(s.finalbody, region)[0]
        if "fall" not in ways or "fall" not in last:
            return first, False
        following, falls = self.block(rest, region)
        if rest and ways & JUMPS:
            return self.unless_skipped(s, first, following, region), falls
        return [*first, *following], falls

    def with_items(self, s: Any, items: Sequence[Any], region: _Region) -> list[Statement]:
        if not items:
            return self.block(s.body, region)[0]
        return [With(items[0], self.with_items(s, items[1:], region), s)]


def jump(s: Any, region: _Region) -> list[Statement]:
    """The assignments that stand for a jump."""
    yes = Const(True)
    node = s.node if isinstance(s, (Return, _Exhausted)) else s
    out: list[Statement] = []
    if isinstance(s, gast.Return):
        out.append(Set(RESULT, s.value if s.value is not None else Const(None), node))
    elif isinstance(s, Return) and s.value is not None:
        out.append(Set(RESULT, s.value, node))
    elif isinstance(s, _Exhausted):
        out.append(Set(s.flag, yes, node))
    if isinstance(s, (gast.Return, Return)):
        out.append(Set(region.returned, yes, node))
    if region.loop and not isinstance(s, gast.Continue):
        out.append(Set(region.stop, yes, node))
    return [*out, Set(region.skip, yes, node)]


def names(handler: Any) -> list[str]:
    """The variables that get the exception: the user's, and one for ``raise`` alone (see `guard.prepared`)."""
    user = [handler.name.id] if handler.name is not None else []
    return [*user, *([handler.error] if getattr(handler, "error", None) else [])]


def forgotten(handler: Any) -> list[Any]:
    """What Python does where the body of ``except E as name`` ends: ``del name``."""
    if handler.name is None or "fall" not in exits(handler.body):
        return []
    target = gast.copy_location(gast.Name(handler.name.id, gast.Del(), None, None), handler)
    return [gast.copy_location(gast.Delete([target]), handler)]


JUMPS = {"break", "continue", "return"}


def is_forever(s: Any) -> bool:
    return isinstance(s, gast.While) and isinstance(s.test, gast.Constant) and bool(s.test.value)


def exits(statements: Sequence[Any]) -> set[str]:
    """How a sequence of statements can end: ``fall`` (at its end), ``break``, ``continue``, ``return``."""
    ways: set[str] = set()
    for s in statements:
        own = _exits(s)
        ways |= own - {"fall"}
        if "fall" not in own:
            return ways
    return ways | {"fall"}


def _exits(s: Any) -> set[str]:
    if isinstance(s, (gast.Break, _Exhausted)):
        return {"break"}
    if isinstance(s, gast.Continue):
        return {"continue"}
    if isinstance(s, (gast.Return, Return)):
        return {"return"}
    if isinstance(s, gast.Raise):
        return set()
    if isinstance(s, (gast.If, Branch)):
        return exits(s.body) | exits(s.orelse)
    if isinstance(s, (gast.For, gast.While)):
        body = exits(s.body)
        ends = set() if is_forever(s) else exits(s.orelse)
        return ends | ({"fall"} if "break" in body else set()) | (body & {"return"})
    if isinstance(s, Guarded):
        return exits(s.body) | {"fall"}
    if isinstance(s, gast.Try):
        body = exits(s.body)
        if s.finalbody:
            last = exits(s.finalbody)
            return body if "fall" in last else last
        ways = body - {"fall"} | exits(s.orelse) if "fall" in body else body
        return ways.union(*(exits(h.body) for h in s.handlers))
    if isinstance(s, gast.With):
        # The manager may swallow an exception: what follows a body that always raises can be reached.
        return exits(s.body) or {"fall"}
    return {"fall"}
