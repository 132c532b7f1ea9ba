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

Flags that nobody reads are assigned all the same: they are constants, and cost nothing.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
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
    """A flag as the condition of an ``If``."""

    name: str


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


Statement = Simple | Set | If | For | While | With


def structure(function: Any) -> list[Statement]:
    """The body of a function or lambda without jumps; its result is in the variable ``RESULT``."""
    if isinstance(function, gast.Lambda):
        return [Set(RESULT, function.body, function.body)]
    out, _ = _Structure().block([*function.body, _Return(function, Const(None))], _Region())
    return out


# Between gast and the classes above: what the rewriting itself puts among a body's statements.


@dataclasses.dataclass(eq=False)
class _Branch:
    """An ``if`` whose condition may be a flag."""

    test: Any
    body: Sequence[Any]
    orelse: Sequence[Any]
    node: Any


@dataclasses.dataclass(eq=False)
class _Return:
    """Return ``value``, or what is in ``RESULT`` already where ``value`` is None."""

    node: Any
    value: Any = None


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
    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def block(self, statements: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        """A sequence of statements, and whether its end can be reached; what stands after a jump is dropped."""
        out: list[Statement] = []
        for k, s in enumerate(statements):
            rest = statements[k + 1 :]
            if isinstance(s, (gast.If, _Branch)):
                if exits([s]) & JUMPS:
                    new, falls = self.branch(s, rest, region)
                    return out + new, falls
                then, _ = self.block(s.body, region)
                orelse, _ = self.block(s.orelse, region)
                out.append(If(s.test, then, orelse, s.node if isinstance(s, _Branch) else s))
            elif isinstance(s, (gast.For, gast.While)):
                new, after = self.loop(s)
                out += new
                if after:
                    new, falls = self.block([*after, *rest], region)
                    return out + new, falls
            elif isinstance(s, gast.With):
                out += self.with_items(s, s.items, region)
                ways = exits([s])
                if rest and "fall" in ways and ways & JUMPS:
                    following, falls = self.block(rest, region)
                    skip = Set(region.skip, Const(False), s)
                    return [*out[:-1], skip, out[-1], If(Flag(region.skip), [], following, s)], falls
            elif isinstance(s, (gast.Break, gast.Continue, gast.Return, _Return, _Exhausted)):
                return out + jump(s, region), False
            elif isinstance(s, gast.Raise):
                return [*out, Simple(s)], False
            else:
                out.append(Simple(s))
            if "fall" not in exits([s]):
                return out, False
        return out, True

    def branch(self, s: Any, rest: Sequence[Any], region: _Region) -> tuple[list[Statement], bool]:
        """An ``if`` that may jump, together with what follows it."""
        node = s.node if isinstance(s, _Branch) else s
        body, orelse = list(s.body), list(s.orelse)
        then_falls, else_falls = "fall" in exits(body), "fall" in exits(orelse)
        if then_falls and else_falls and rest:
            then, _ = self.block(body, region)
            other, _ = self.block(orelse, region)
            following, falls = self.block(rest, region)
            test = If(Flag(region.skip), [], following, node)
            return [Set(region.skip, Const(False), node), If(s.test, then, other, node), test], falls
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
            body = [_Branch(s.test, body, [_Exhausted(s, exhausted)], s)]
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
            after = [_Branch(Flag(exhausted), after, [], s)] if after else []
        elif breaks:
            after = [_Branch(Flag(region.stop), [], after, s)] if after else []
        if returns:
            # A loop that is only left by returns needs no test.
            only = forever and not breaks
            after = [_Return(s)] if only else [_Branch(Flag(region.returned), [_Return(s)], after, s)]
        return out, after

    def with_items(self, s: Any, items: Sequence[Any], region: _Region) -> list[Statement]:
        if not items:
            return self.block(s.body, region)[0]
        return [With(items[0], self.with_items(s, items[1:], region), s)]


def jump(s: Any, region: _Region) -> list[Statement]:
    """The assignments that stand for a jump."""
    yes = Const(True)
    node = s.node if isinstance(s, (_Return, _Exhausted)) else s
    out: list[Statement] = []
    if isinstance(s, gast.Return):
        out.append(Set(RESULT, s.value if s.value is not None else Const(None), node))
    elif isinstance(s, _Return) and s.value is not None:
        out.append(Set(RESULT, s.value, node))
    elif isinstance(s, _Exhausted):
        out.append(Set(s.flag, yes, node))
    if isinstance(s, (gast.Return, _Return)):
        out.append(Set(region.returned, yes, node))
    if region.loop and not isinstance(s, gast.Continue):
        out.append(Set(region.stop, yes, node))
    return [*out, Set(region.skip, yes, node)]


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
    if isinstance(s, (gast.Return, _Return)):
        return {"return"}
    if isinstance(s, gast.Raise):
        return set()
    if isinstance(s, (gast.If, _Branch)):
        return exits(s.body) | exits(s.orelse)
    if isinstance(s, (gast.For, gast.While)):
        body = exits(s.body)
        ends = set() if is_forever(s) else exits(s.orelse)
        return ends | ({"fall"} if "break" in body else set()) | (body & {"return"})
    if isinstance(s, gast.With):
        # The manager may swallow an exception: what follows a body that always raises can be reached.
        return exits(s.body) or {"fall"}
    return {"fall"}
