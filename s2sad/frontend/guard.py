"""A ``try`` whose handlers could see what its body has half done -> one around each of the parts of the body.

In SSA form nothing of a body that raises is there for a handler.  That is what Python does, if only the last thing that
the body does is one that the handlers can see: a variable that they (or what follows them) may read, a store.  Any
other body is taken apart, and its exceptions become jumps, as ``break`` is one:

    try:                                      try: y = f(x)
        y = f(x)                              except E: <caught> = True
        for i in range(n):                    if not <caught>:
            a[i] = g(y, i)            ->          for i in range(n):
    except E:                                         try: a[i] = g(y, i)
        ...                                           except E: <caught> = True
                                                      if <caught>: break
                                              if <caught>: ...

Which stores a handler could see is guessed here, by the form of the statement; `passes.attempts` knows, and refuses.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast

from ..errors import UnsupportedError
from ..ir.core import Const
from .control import RESULT, Assign, Branch, Flag, Guarded, Handler, Return, exits, forgotten, is_forever, names
from .scope import FUNCTIONS, binds_within

_COMPOUND = (gast.If, gast.For, gast.While, gast.With, gast.Try)
_REPEATABLE = ("range", "enumerate", "zip", "reversed", "len")


def prepared(function: Any) -> Any:
    """A function whose every ``try`` has handlers or ``finally``, not both, and whose every ``raise`` says what.

    Where there is a ``try``, that is a copy.
    """
    if isinstance(function, gast.Lambda) or not _has_try(function.body):
        return function
    function = copy.deepcopy(function)
    numbers = itertools.count(1)
    _prepare(function.body, "", numbers)
    return function


def _has_try(statements: list[Any]) -> bool:
    return any(
        isinstance(s, gast.Try) or _has_try(getattr(s, "body", [])) or _has_try(getattr(s, "orelse", []))
        for s in statements
    )


def _prepare(statements: list[Any], error: str, numbers: Any) -> bool:
    """Do so in place; ``error`` is the variable of the handler around.  Whether that is read."""
    read = False
    for s in statements:
        if isinstance(s, gast.Raise) and s.exc is None and error:
            s.exc, read = gast.Name(error, gast.Load(), None, None), True
            gast.copy_location(s.exc, s)
        elif isinstance(s, gast.Try):
            read = _prepare(s.body, error, numbers) or read
            read = _prepare(s.orelse, error, numbers) or read
            for h in s.handlers:
                own = f"<error {next(numbers)}>"
                h.error = own if _prepare(h.body, own, numbers) else None
            read = _prepare(s.finalbody, error, numbers) or read
            if s.finalbody:
                _with_finally(s, f"<error {next(numbers)}>")
        elif not isinstance(s, FUNCTIONS):
            for field in ("body", "orelse"):
                read = _prepare(getattr(s, field, []), error, numbers) or read
    return read


def _with_finally(s: Any, error: str) -> None:
    if s.handlers:
        inner = gast.copy_location(gast.Try(s.body, s.handlers, s.orelse, []), s)
        s.body, s.orelse = [inner], []
    again = gast.Raise(gast.Name(error, gast.Load(), None, None), None)
    for node in (again, again.exc):
        gast.copy_location(node, s.finalbody[-1])
    caught = gast.ExceptHandler(None, None, [*copy.deepcopy(s.finalbody), again])
    caught.error = error
    s.handlers = [gast.copy_location(caught, s.finalbody[0])]


class Apart:
    """Takes apart where that must be.

    Args:
        visible: for each ``try``, the variables whose values its handlers may see.
        span: the place of a node.
    """

    def __init__(self, visible: Mapping[Any, frozenset[str]], span: Callable[[Any], Any]):
        self.visible = visible
        self.span = span
        self.numbers = itertools.count(1)

    def parts(self, s: Any) -> list[Any] | None:
        """What stands for a ``try``; None where it may stay as it is.

        Raises:
            UnsupportedError: that can't be done.
        """
        seen = self.visible.get(s, frozenset())
        if _is_whole(s.body, seen):
            return None
        return self.taken(s)

    def taken(self, s: Any) -> list[Any]:
        return _Parts(self.visible.get(s, frozenset()), s, next(self.numbers), self).all()

    def refuse(self, node: Any, message: str) -> None:
        raise UnsupportedError(message, self.span(node))


class _Parts:
    def __init__(self, seen: frozenset[str], s: Any, number: int, outer: Apart):
        self.seen, self.s, self.outer = seen, s, outer
        self.caught, self.error = f"<caught {number}>", f"<error of {number}>"
        self.many = len(s.handlers) > 1
        self.numbers = itertools.count(1)
        self.number = number

    def all(self) -> list[Any]:
        s, ways = self.s, exits(self.s.body)
        if s.finalbody and ways - {"fall"}:
            self.outer.refuse(s, "a jump out of a try with finally, whose body does several things, is not supported")
        first = [Assign(self.caught, Const(0 if self.many else False), s)]
        if any(map(names, s.handlers)):
            first.append(Assign(self.error, Const(None), s))
        arms: list[Any] = []
        for k, h in reversed(list(enumerate(s.handlers, 1))):
            bound = [Assign(name, gast.copy_location(gast.Name(self.error, gast.Load(), None, None), h), h)
                     for name in names(h)]  # fmt: skip
            body = [*bound, *h.body, *forgotten(h)]
            arms = [Branch(Flag(self.caught, k), body, arms, h)] if k < len(s.handlers) else body
        behind = Branch(Flag(self.caught), arms, s.orelse, s)
        return [*first, *self.guarded(s.body, False), behind, *s.finalbody]

    def handlers(self) -> list[Handler]:
        return [Handler(h.type, [self.error] if names(h) else [], [], h) for h in self.s.handlers]

    def guarded(self, statements: Sequence[Any], loop: bool) -> list[Any]:
        """Statements, in a loop of the body or outside, as parts that are left where one raises."""
        if not statements:
            return []
        count = 0
        while count < len(statements) and _is_quiet(statements[count], self.seen):
            count += 1
        if count < len(statements) and _is_atomic(statements[count], self.seen):
            count += 1
        if count:
            first = [self.part(list(statements[:count]), statements[0])]
            return [*first, *self.after(statements[count:], loop)]
        s, rest = statements[0], statements[1:]
        if isinstance(s, (gast.Break, gast.Continue, Return)) or (isinstance(s, gast.Return) and _is_plain(s.value)):
            return [s]
        if isinstance(s, gast.Return):
            return [self.part([Assign(RESULT, s.value, s)], s), *self.after([Return(s)], loop)]
        if isinstance(s, Assign) and (isinstance(s.value, Const) or _is_plain(s.value)):
            return [s, *self.guarded(rest, loop)]
        if isinstance(s, (Assign, Guarded)):  # of a `try` inside
            return [self.part([s], s.node), *self.after(rest, loop)]
        if isinstance(s, Branch):
            branch = Branch(s.test, self.guarded(s.body, loop), self.guarded(s.orelse, loop), s.node)
            return [branch, *self.after(rest, loop)]
        if isinstance(s, gast.If):
            test, flag = self.tested(s)
            branch = Branch(flag, self.guarded(s.body, loop), self.guarded(s.orelse, loop), s)
            return [*test, *self.leaving([branch, *self.after(rest, loop)], loop)]
        if isinstance(s, gast.For):
            return [*self.walk(s), *self.after(rest, loop)]
        if isinstance(s, gast.While):
            return [self.repeat(s), *self.after(rest, loop)]
        if isinstance(s, gast.Try):
            return self.guarded([*self.outer.taken(s), *rest], loop)
        kind = type(s).__name__.lower()
        what = "a statement that changes several things" if not isinstance(s, _COMPOUND) else f"{kind}"
        self.outer.refuse(s, f"{what} is not supported in this try, whose handler could see half of what it does")
        raise AssertionError

    def part(self, statements: list[Any], node: Any) -> Guarded:
        return Guarded(statements, self.handlers(), node, self.caught, self.seen)

    def after(self, statements: Sequence[Any], loop: bool) -> list[Any]:
        """What follows something that may have raised."""
        return self.leaving(self.guarded(statements, loop), loop) if statements or loop else []

    def leaving(self, following: list[Any], loop: bool) -> list[Any]:
        leave = [gast.copy_location(gast.Break(), self.s)] if loop else []
        return [Branch(Flag(self.caught), leave, following, self.s)]

    def tested(self, s: Any) -> tuple[list[Any], Flag]:
        """The condition of a statement, evaluated before it."""
        test = f"<test {self.number}.{next(self.numbers)}>"
        return [self.part([Assign(test, s.test, s)], s)], Flag(test)

    def walk(self, s: Any) -> list[Any]:
        """A ``for``: what it walks over is tried first, and then evaluated again."""
        unpacks = isinstance(s.target, gast.Tuple) and not isinstance(s.iter, gast.Call)
        if not _is_repeatable(s.iter) or unpacks or not _only_names(s.target):
            self.outer.refuse(s, "this for is not supported inside of this try: loop over a range, or over a variable")
        first = self.part([gast.copy_location(gast.Expr(s.iter), s)], s)
        loop = gast.For(s.target, s.iter, self.guarded(s.body, True), self.guarded(s.orelse, False), None)
        loop.guarded = True
        return [first, Branch(Flag(self.caught), [], [gast.copy_location(loop, s)], self.s)]

    def repeat(self, s: Any) -> Any:
        body = self.guarded(s.body, True)
        if not is_forever(s):
            if s.orelse:
                self.outer.refuse(s, "the else of a while is not supported inside of this try")
            test, flag = self.tested(s)
            turn = Branch(flag, body, [gast.copy_location(gast.Break(), s)], s)
            body = [*test, *self.leaving([turn], True)]
        forever = gast.copy_location(gast.Constant(True, None), s.test)
        loop = gast.copy_location(gast.While(forever, body, []), s)
        loop.guarded = True
        return loop


def _is_whole(body: Sequence[Any], seen: frozenset[str]) -> bool:
    """Whether only the end of a body does what the handlers could see."""
    *before, last = body
    ends = isinstance(last, (gast.Return, gast.Break, gast.Continue)) or _is_quiet(last, seen) or _is_atomic(last, seen)
    return ends and all(_is_quiet(s, seen) for s in before)


def _is_quiet(s: Any, seen: frozenset[str]) -> bool:
    """Whether a statement changes nothing that the handlers could see."""
    if not isinstance(s, gast.AST) or getattr(s, "guarded", False) or seen & binds_within(s).keys():
        return False
    return not any(_is_store(n) for n in gast.walk(s))


def _is_store(node: Any) -> bool:
    if isinstance(node, (gast.Subscript, gast.Attribute)):
        return not isinstance(node.ctx, gast.Load)
    is_call = isinstance(node, gast.Expr) and isinstance(node.value, gast.Call)
    return is_call and isinstance(node.value.func, gast.Attribute)  # which may be `list.append`


def _is_atomic(s: Any, seen: frozenset[str]) -> bool:
    """Whether the last thing that a statement does is the only one that the handlers could see."""
    jump = isinstance(s, (gast.Return, gast.Break, gast.Continue))
    if not isinstance(s, gast.AST) or isinstance(s, _COMPOUND) or jump:
        return False
    if seen & {n.target.id for n in gast.walk(s) if isinstance(n, gast.NamedExpr)}:
        return False
    targets = getattr(s, "targets", [])
    stores = [n for t in targets for n in gast.walk(t) if _is_store(n)]
    return not stores or (len(targets) == 1 and not isinstance(targets[0], (gast.Tuple, gast.List)))


def _is_plain(value: Any) -> bool:
    """Whether an expression can't raise."""
    return value is None or isinstance(value, (gast.Name, gast.Constant))


def _is_repeatable(iterable: Any) -> bool:
    """Whether an expression can be evaluated twice: names, numbers, and sizes and ranges of them."""
    calls = [n for n in gast.walk(iterable) if isinstance(n, gast.Call)]
    known = all(isinstance(c.func, gast.Name) and c.func.id in _REPEATABLE for c in calls)
    plain = (gast.Call, gast.Name, gast.Constant, gast.BinOp, gast.UnaryOp, gast.operator, gast.unaryop, gast.Attribute,
             gast.Subscript, gast.expr_context)  # fmt: skip
    return known and all(isinstance(n, plain) for n in gast.walk(iterable))


def _only_names(target: Any) -> bool:
    return all(isinstance(n, (gast.Name, gast.Tuple, gast.expr_context)) for n in gast.walk(target))
